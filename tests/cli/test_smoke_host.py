"""`wgsl-ls smoke` beside a host program, without configuration: every mistake has its check and its place."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from wgsl_ls.cli.composition import chosen_roots, open_session
from wgsl_ls.cli.main import main
from wgsl_ls.cli.smoke_host import Met, _ops_of, chosen_cases, host_folders
from wgsl_ls.host.concrete import HostPlanner
from wgsl_ls.host_smoke import HostSmoke, device_facts_of, host_smoke
from wgsl_ls.smoke.operation import OperationCase
from wgsl_ls.smoke.operations import all_cases
from wgsl_ls.smoke_session import Target, pool_for, run_plans
from wgsl_ls.wire.jobs import EngineInfo

pytestmark = pytest.mark.gpu

HOST = Path(__file__).parents[1] / "smoke" / "host"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(HOST, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path / "cache"))
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_table_of_operations(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["smoke", "--report", "report.json"]) == 0
    out = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines()}
    assert rows["ADD"][:3] == ["3", "1", "3"]
    assert rows["SCALE"][:3] == ["5", "1", "4"]  # one is too large to run
    report = json.loads((project / "report.json").read_text())
    runs = report["runs"]
    assert [device["engine"] for device in report["devices"]] == sorted({run["engine"] for run in runs})
    assert {(run["op"], run["file"], run["variant"]) for run in runs} >= {("ADD", "kernels/binary.wgsl", "binary")}


@pytest.mark.slow
def test_one_shader_takes_only_what_leads_to_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def listed(*words: str) -> set[str]:
        assert main(["smoke", "--list", *words]) == 0
        return {line.split("\t")[1] for line in capsys.readouterr().out.splitlines()}

    everything = listed()
    assert listed("kernels/scale.wgsl") == listed("--variant", "scale") == {"SCALE"} < everything
    assert main(["smoke", "--list", "kernels/scale.wgsl", "--variant", "nothing"]) == 2
    capsys.readouterr()
    assert main(["smoke", "--quick", "--report", "report.json", "kernels/scale.wgsl"]) == 0
    runs = json.loads((project / "report.json").read_text())["runs"]
    assert {(run["op"], run["file"]) for run in runs} == {("SCALE", "kernels/scale.wgsl")}


def test_variants_of_other_devices_are_told_by_a_list_and_by_a_run(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    size = "std::to_string(ctx->limits.maxComputeWorkgroupStorageSize > 40000 ? 16 : 32)"
    change(project / CODE, '{ "WG_SIZE=32" };', f'{{ "WG_SIZE=" + {size} }};')
    monkeypatch.setattr(
        "wgsl_ls.cli.smoke_host.device_facts_of", lambda info: device_facts_of(info) | {"workgroup_storage": 32768}
    )

    def told(*words: str) -> tuple[int, str, str]:
        code = main(["smoke", "kernels/scale.wgsl", "--quick", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    code, out, remarks = told("--list", "--variant", "WG_SIZE=16")
    assert (code, out) == (2, "")
    assert re.fullmatch(
        r"wgsl-ls: nothing to run: on .+ no case that was chosen leads to the variant that 'WG_SIZE=16' means, but to"
        r" scale; the host asks for it on nvidia\n",
        remarks,
    )
    assert told("--variant", "WG_SIZE=16") == (2, "", remarks)
    code, out, remarks = told("--list", "--variant", "scale")
    assert (code, len(out.splitlines()) > 1) == (0, True)
    assert "leads to 1 of the 2 variants that 'scale' means; the host asks for it on nvidia" in remarks
    code, _, again = told("--variant", "scale")
    assert (code, remarks) == (0, again)
    # As `wgsl-ls variants` calls it: two of them have the same label.
    name = next(
        one.name
        for one in open_session(["kernels/scale.wgsl"]).workspace.settings(str(project / "kernels/scale.wgsl")).variants
        if one.name.endswith("32")
    )
    assert told("--list", "--variant", name) == (0, out, "")
    # On a device like nvidia's the list has what runs there.
    monkeypatch.setattr(
        "wgsl_ls.cli.smoke_host.device_facts_of", lambda info: device_facts_of(info) | {"workgroup_storage": 49152}
    )
    code, listed, _ = told("--list", "--variant", "WG_SIZE=16")
    assert code == 0 and len(listed.splitlines()) > 1


@pytest.mark.parametrize(("n_taken", "said"), [(0, "any"), (1, "any"), (2, "")])
def test_as_many_others_are_what_was_named(n_taken: int, said: str) -> None:
    """A variant that was named may have a number more on this device: nobody is told that it was not met then."""
    named = {frozenset((f"N={n}",)): frozenset(("nvidia", "apple")) for n in range(2)}
    met = Met(Mock(named=named, roots=["/k/a.wgsl"]), "a", devices={"here": None})
    met.taken = {frozenset((f"M={n}",)) for n in range(n_taken)}
    found = met.missing.partition(" of the 2 variants that 'a' means")
    assert found[0] == (f"on here no case leads to {said}" if said else "")
    assert found[2].endswith("; the host asks for them on apple, nvidia") == bool(said)


def test_where_all_of_a_host_was_read_only_operations_that_lead_to_a_shader_are_planned() -> None:
    session = Mock()
    asked = [Mock(shader="scale", op="GGML_OP_SCALE"), Mock(shader="binary", op="GGML_OP_ADD")]
    reading = session.workspace.host_reading.return_value
    reading.of_shader = lambda stem: [one for one in asked if one.shader == stem]
    reading.gaps = ()
    assert _ops_of(session, ["/k/scale.wgsl"]) == {"SCALE"}
    reading.gaps = (Mock(),)
    assert _ops_of(session, ["/k/scale.wgsl"]) is None
    arguments = argparse.Namespace(op="", case="", quick=True, draw=0)
    host: Any = Mock(ops=frozenset(("SCALE",)))
    quick = chosen_cases(host, arguments)
    assert {case.op for case in quick} == {"SCALE"} and all(case.quick for case in quick)
    arguments.quick, host.ops = False, None
    every = chosen_cases(host, arguments)
    assert set(quick) < set(every) and not all(case.quick for case in every)


def test_only_one_operation(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["smoke", "--op", "m*", "--quick"]) == 0
    out = capsys.readouterr().out
    assert "MUL" in out
    assert "ADD" not in out
    assert main(["smoke", "--op", "MUL", "--list"]) == 0
    assert "F32 with 10x5x4x3" in capsys.readouterr().out


def test_more_cases_are_drawn_always_the_same(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def listed(*more: str) -> list[str]:
        assert main(["smoke", "--op", "SCALE", "--list", *more]) == 0
        return capsys.readouterr().out.splitlines()

    plain, drawn = listed(), listed("--draw", "3")
    assert drawn[: len(plain)] == plain and len(drawn) == len(plain) + 3
    assert all(", drawn " in line for line in drawn[-3:])
    assert listed("--draw", "3") == drawn


SHADER, CODE = "kernels/binary.wgsl", "host.cpp"
# A mistake of a shader or the host, and how a reader learns of it.
MISTAKES = [
    (SHADER, "column % params.width_b]", "column / params.width_b]", "reference dst: normalised mean squared error"),
    (SHADER, "if (id.x >= params.n)", "if (id.x >= params.n - 1u)", "dst: 1 of 600 elements were never written"),
    (SHADER, "out[params.start_out + id.x]", "out[params.start_out + id.x + 1u]", "unwritten dst"),
    (SHADER, "    out[params.start_out", "    a[0] = 1.0; out[params.start_out", "src0: an input was changed"),
    (CODE, "{ CEIL_DIV(n, size), 1 }", "{ n / size, 1 }", "dst: 24 of 600 elements were never written"),
    (CODE, "{ CEIL_DIV(n, size), 1 }", "{ 70000, 1 }", "toy_binary: binary: a dispatch of (70000, 1, 1) workgroups"),
    (CODE, "toy_start(ctx, dst),", "n,", "unwritten dst"),
    (CODE, "toy_entry(ctx, 1, b), toy_entry(ctx, 2, dst)", "toy_entry(ctx, 1, b), toy_entry(ctx, 2, a)", "overlap"),
    (CODE, "toy_entry(ctx, 1, b), toy_entry(ctx, 2, dst)", "toy_entry(ctx, 1, b)", "@binding(3) params is not bound"),
    (CODE, "entry.offset                = offset;", "entry.offset = offset + 512;", "are bound of 2560 that"),
    (CODE, "const uint32_t n = (uint32_t)", "const uint32_t n = tune() * (uint32_t)", "tune()"),
    (CODE, "#define SLOT_BYTES     64", "#define SLOT_BYTES     16", "host.cpp:95: the host ends here: GGML_ASSERT"),
    (CODE, '"OP=*"', '"OP=+"', "reference dst: normalised mean squared error"),
]  # fmt: skip  # a table


@pytest.mark.parametrize(("file", "old", "new", "words"), MISTAKES, ids=[row[3][:30] for row in MISTAKES])
def test_a_mistake_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str, words: str
) -> None:
    change(project / file, old, new)
    assert main(["smoke", "--op", "[AM]*", "--quick"]) == 1
    out = capsys.readouterr().out
    assert words in out


def test_what_the_host_does_not_take_is_not_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(
        project / CODE, "case GGML_OP_SCALE:\n            return", "case GGML_OP_SCALE:\n            return false &&"
    )
    assert main(["smoke", "--op", "SCALE"]) == 2
    told = capsys.readouterr().err
    assert "wgsl-ls: nothing to run: SCALE F32, SCALE F32 with bias, SCALE F32 1031x3 and 4 more: the host does" in told
    assert told.endswith(": the host does not take it on a device with invocations 256, workgroup_storage 16384\n")


def test_a_smoke_table_wins(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "wgsl-ls.toml").write_text(
        '[[shader]]\nfiles = ["kernels/scale.wgsl"]\ndefines = ["WG_SIZE=32"]\n'
        '[shader.smoke]\nskip = "by hand"\nvalues = { n = 1 }\n'
    )
    assert main(["smoke", "--list"]) == 0
    listed = {line.split("\t")[1] for line in capsys.readouterr().out.splitlines()}
    assert listed >= {"ADD", "MUL"} and "SCALE" not in listed


def test_without_a_host_there_are_no_operations(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / CODE).unlink()
    assert main(["smoke", "--op", "ADD"]) == 2
    assert "no host program was found" in capsys.readouterr().err


def test_a_host_is_read_once_for_a_device(project: Path) -> None:
    session = open_session([str(project)])
    (host,) = host_folders(session, chosen_roots(session, [str(project)]))

    def planner(info: EngineInfo) -> HostPlanner:
        made = host_smoke(host.asked, host.roots, host.expand, device_facts_of(info), host.directory)
        assert made is not None
        return made.planner

    info = EngineInfo("wgpu", "1", 1)
    other = EngineInfo("wgpu", "1", 1, limits=(("max_compute_invocations_per_workgroup", 1024),))
    assert planner(info) is planner(info)
    assert planner(info) is not planner(other)


def folder_smoke(project: Path) -> HostSmoke:
    session = open_session([str(project)])
    (host,) = host_folders(session, chosen_roots(session, [str(project)]))
    facts = device_facts_of(EngineInfo("wgpu", "1", 1))
    smoke = host_smoke(host.asked, host.roots, host.expand, facts, host.directory)
    assert smoke is not None
    return smoke


def product() -> OperationCase:
    return next(case for case in all_cases() if case.op == "MUL" and case.is_run and not case.device)


def test_a_host_that_does_the_same_on_a_lesser_device(project: Path) -> None:
    """It is not run again, but what that device does not take is said."""
    smoke, target = folder_smoke(project), Target("wgpu")
    fits = smoke.run(replace(product(), device=(("invocations", 64),)), target)
    assert fits == "the host dispatches the same as on the device at hand, where another case shows it"
    found = smoke.run(replace(product(), device=(("invocations", 32),)), target)
    assert not isinstance(found, str) and found.plan is None
    (check,) = found.checks
    assert check.message.endswith("64 invocations in a workgroup, the device allows 32")


@pytest.mark.parametrize(
    ("lanes", "verdict", "words"),
    [
        ("lanes", "pass", ""),
        ("32u", "fail", "reference dst"),
        ("subgroupAdd(u32(lane == 0u)) * lanes", "pass", ""),
        ("select(lanes, subgroupAdd(1u), id.x % 64u >= 32u)", "skipped", "not called by the whole workgroup"),
        ("all of them, as a run shows", "pass", ""),
    ],
)
async def test_a_kernel_on_subgroups_of_another_size(project: Path, lanes: str, verdict: str, words: str) -> None:
    """A product that is right where `lanes` is what the emulated subgroups have."""
    builtins = "@builtin(subgroup_size) lanes: u32, @builtin(subgroup_invocation_id) lane: u32, @builtin("
    change(project / SHADER, "main(@builtin(", f"main({builtins}")
    change(project / SHADER, "@group(0)", "enable subgroups;\n@group(0)")
    text = (project / SHADER).read_text()
    (project / SHADER).write_text("enable subgroups;\n" + text.replace("enable subgroups;\n", ""))
    only_a_run_shows = "as a run shows" in lanes
    if only_a_run_shows:
        asked = "bitcast<u32>(out[params.start_out + params.n - 1u]) != 7u"
        made = f"var made = 0u; if ({asked}) {{ made = select(0u, lanes, subgroupAdd(1u) == 64u); }}"
        change(project / SHADER, "    if (id.x", f"    {made}\n    if (id.x")
    elif "id.x %" in lanes:
        change(
            project / SHADER,
            "    if (id.x",
            "    var made = lanes; if (id.x % 64u >= 32u) { made = subgroupAdd(1u); }\n    if (id.x",
        )
        lanes = "made"
    else:
        change(project / SHADER, "    if (id.x", f"    let made = {lanes};\n    if (id.x")
    change(project / SHADER, "= a[", "= select(0.0, 1.0, made == 128u) * a[")
    device = (("subgroups", True), ("subgroup_min", 128), ("subgroup_max", 128))
    target = Target("wgpu")
    run = folder_smoke(project).run(replace(product(), device=device), target)
    assert not isinstance(run, str) and run.lanes == 128, run
    async with pool_for(target) as pool:
        if only_a_run_shows and not (await pool.info("wgpu")).is_software:  # type: ignore[union-attr]  # it is there
            verdict, words = "skipped", "not called by the whole workgroup"
        (item,) = [one async for one in run_plans(pool, target, [run])]
    judged = item.report.judgement
    assert judged.verdict == verdict, judged.failed
    assert words in " ".join(f"{one.name} {one.buffer}: {one.message}" for one in judged.failed)
    assert verdict == "skipped" or "subgroups of 128 emulated" in judged.lowered


async def test_by_how_much_the_inputs_of_an_operation_may_grow(project: Path) -> None:
    """Of normal numbers, the largest of which is near 4, times 1024: 16 times as many are f16, 32 times none."""
    change(project / SHADER, "= first OP", "= f32(f16(1024.0 * first)) / 1024.0 OP")
    change(project / SHADER, "struct Params", "enable f16;\nstruct Params")
    target = Target("wgpu")
    run = folder_smoke(project).run(replace(product(), tolerance=1e-4), target)
    assert not isinstance(run, str)
    async with pool_for(target) as pool:
        (item,) = [one async for one in run_plans(pool, target, [run], sanitizers=("range",))]
    ((name, _, remarks),) = item.report.judgement.sanitizers
    assert (item.report.judgement.verdict, name) == ("pass", "range")
    assert re.search(r"kernels/binary.wgsl:\d+:\d+: too large with inputs 32 times as large", " ".join(remarks)), (
        remarks
    )


def test_what_has_no_subgroups_is_the_plain_case(project: Path) -> None:
    device = (("subgroups", True), ("subgroup_min", 128), ("subgroup_max", 128))
    told = folder_smoke(project).run(replace(product(), device=device), Target("wgpu"))
    assert told == (
        "what the host dispatches has no subgroups: the host dispatches the same as on the device at hand,"
        " where another case shows it"
    )


def test_a_library_that_makes_an_operation_otherwise(project: Path) -> None:
    (project / "ggml.c").write_text("struct ggml_tensor * ggml_mul(int a, int b) { return 0; }")
    smoke = folder_smoke(project)
    made = smoke.run(replace(product(), maker=("ggml_mul", 2)), Target("wgpu"))
    other = smoke.run(replace(product(), maker=("ggml_mul", 3)), Target("wgpu"))
    assert not isinstance(made, str) and made.plan is not None
    assert not isinstance(other, str) and other.skipped and "ggml_mul of 3 parameters is not there" in other.problem


def test_a_lens_is_told_why_nothing_is_known_of_its_shader(project: Path) -> None:
    change(
        project / CODE, "std::vector<toy_dispatch> & work) {", "std::vector<toy_dispatch> & work) {\n    mystery(ctx);"
    )
    (run,) = folder_smoke(project).runs_of("binary", (), ("ADD",), Target("wgpu"))
    assert "not planned: host.cpp:" in run.problem
