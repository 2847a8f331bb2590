"""What an editor is told of a smoke run: its summary in one line, findings at their places, texts as they are open.
Runs are made up; real ones are in test_smoke_run.py."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.server.in_process import Desk
from wgsl_ls.server import smoke_runs
from wgsl_ls.server.handlers import smoke_run as command
from wgsl_ls.server.handlers.variants import set_active_variant
from wgsl_ls.server.held_findings import HeldFinding
from wgsl_ls.server.messages import SMOKE_FINISHED, SetActiveVariantParams, SmokeResult, SmokeRunArgument
from wgsl_ls.server.smoke_runs import entry_point_span, summary_of
from wgsl_ls.smoke.config import CaseConfig
from wgsl_ls.smoke.figures import figures
from wgsl_ls.smoke.judge import Check, CheckPlace, SmokeJudgement
from wgsl_ls.smoke.report import Device, SmokeReport, SmokeRun
from wgsl_ls.smoke.uniforms import PlanError
from wgsl_ls.smoke_session import Candidate, Finished, PlannedRun, Target, candidates, run_report
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.wire.frames import PROTOCOL
from wgsl_ls.wire.jobs import EngineInfo

SHADER = "#ifdef WIDE\nconst n = 2;\n#endif\n@vertex fn v() {}\n@compute @workgroup_size(1) fn main() {}\n"
FIGURES = (("out", figures(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))),)
NO_NAN = Check("nan", "out", True)
NAN = Check("nan", "out", False, "2 of 3 elements are NaN")
WRONG = Check("reference", "out", False, "too far from the reference")


def run_of(
    judgement: SmokeJudgement, case: str = "", adapter: str = "A GPU", guessed: tuple[str, ...] = ()
) -> SmokeRun:
    return SmokeRun("a.wgsl", "v", case, "wgpu", adapter, judgement, 5e-4, guessed=guessed)


SUMMARIES: dict[str, tuple[list[SmokeRun], str]] = {
    "it passes": (
        [run_of(SmokeJudgement("pass", (NO_NAN,), FIGURES, gpu_seconds=(("main", 3e-4),)))],
        "wgpu · A GPU · NMSE 0.048 · 0.3 ms · no NaN",
    ),
    "nothing judges the numbers": (
        [run_of(SmokeJudgement("pass", (NO_NAN,)))], "wgpu · A GPU · no reference: numbers not judged · no NaN",
    ),
    "guesses of several cases are counted once": (
        [run_of(SmokeJudgement("pass", (), FIGURES), guessed=("n = 1",)),
         run_of(SmokeJudgement("pass", (), FIGURES), guessed=("n = 1", "m = 2"))],
        "wgpu · A GPU · 2 values guessed · NMSE 0.048",
    ),
    "times of all runs and stages": (
        [run_of(SmokeJudgement("pass", (), FIGURES, gpu_seconds=(("one", 1e-3), ("two", 2e-3)))),
         run_of(SmokeJudgement("pass", (), FIGURES, gpu_seconds=(("one", 1e-3),)))],
        "wgpu · A GPU · NMSE 0.048 · 4 ms",
    ),
    "what failed stands first, each check once": (
        [run_of(SmokeJudgement("fail", (NAN, WRONG), FIGURES)), run_of(SmokeJudgement("fail", (WRONG,), FIGURES))],
        "failed: nan, reference · wgpu · A GPU · NMSE 0.048 · NaN",
    ),
    "it did not run": (
        [run_of(SmokeJudgement("skipped", (Check("run", "", False, "the device lacks f16\nmore"),)))],
        "not run · wgpu · A GPU · the device lacks f16",
    ),
    "no answer came": (
        [run_of(SmokeJudgement("unjudged", (Check("run", "", False, "no answer within 60 s"),)))],
        "not judged · wgpu · A GPU · no answer within 60 s",
    ),
    "one answer did not come": (
        [run_of(SmokeJudgement("pass", (NO_NAN,), FIGURES)),
         run_of(SmokeJudgement("unjudged", (Check("run", "", False, "no answer within 60 s"),)))],
        "not judged · wgpu · A GPU · NMSE 0.048 · no NaN · no answer within 60 s",
    ),
    "it failed to run": (
        [run_of(SmokeJudgement("error", (Check("run", "", False, "the device was lost\nmore"),)))],
        "failed: run · wgpu · A GPU · the device was lost",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("runs", "summary"), SUMMARIES.values(), ids=SUMMARIES)
def test_summary(runs: list[SmokeRun], summary: str) -> None:
    report = SmokeReport("t", (Device("wgpu", "1", "A GPU", "Vulkan", "d"),), tuple(runs))
    assert summary_of(report, "wgpu") == summary


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, {"a.wgsl": SHADER, "wgsl-ls.toml": '[[shader]]\nfiles = ["a.wgsl"]\nname = "v"\n'})


def candidate_of(desk: Desk) -> Candidate:
    view = desk.session.view(desk.uri("a.wgsl"))
    return candidates(view, desk.session.workspace, [0])[0]


def finished(candidate: Candidate, run: SmokeRun, *, other_text: bool = False) -> Finished:
    expansions = {} if other_text else {"main": candidate.expansion}
    planned = PlannedRun(candidate, CaseConfig(run.case), None, expansions=expansions)
    return Finished(planned, Target("wgpu"), run)


def told(desk: Desk, *items: Finished) -> list[tuple[str, tuple[int, int], list[str]]]:
    found = smoke_runs._findings(items[0].run.candidate, items, (5, 9))
    assert {(one.variant, one.engine) for one in found} == {(items[0].run.candidate.variant.name, "wgpu")}
    return [(one.code, (one.start, one.end), one.message.splitlines()) for one in found]


def test_findings_stand_at_their_places_with_every_case(desk: Desk) -> None:
    candidate = candidate_of(desk)
    placed = Check("race", "out", False, "two write it", (CheckPlace("main", 20, 26),))
    one = finished(candidate, run_of(SmokeJudgement("fail", (NAN, placed, NO_NAN)), "small"))
    two = finished(candidate, run_of(SmokeJudgement("fail", (NAN, Check("run", "", False, "lost"))), "large"))
    fine = finished(candidate, run_of(SmokeJudgement("pass", (NAN,)), "fine"))
    assert told(desk, one, two, fine) == [
        ("smoke/nan", (5, 9), [
            "smoke run on A GPU: small: out: 2 of 3 elements are NaN", "large: out: 2 of 3 elements are NaN",
        ]),
        ("smoke/race", (20, 26), ["smoke run on A GPU: small: out: two write it"]),
        ("smoke/run", (5, 9), ["smoke run on A GPU: large: lost"]),
    ]  # fmt: skip
    both = replace(placed, places=(*placed.places, CheckPlace("main", 5, 9), CheckPlace("other", 1, 2)))
    pair = finished(candidate, run_of(SmokeJudgement("fail", (both, placed))))
    (marked,) = smoke_runs._findings(candidate, [pair], (0, 0))
    assert ((marked.start, marked.end), marked.also) == ((20, 26), ((5, 9),)), "one in another text is none of it"
    elsewhere = finished(candidate, run_of(SmokeJudgement("fail", (placed,))), other_text=True)
    assert told(desk, elsewhere) == [("smoke/race", (5, 9), ["smoke run on A GPU: out: two write it"])]


def test_many_lines_are_cut_and_a_device_without_a_name_is_the_engine(desk: Desk) -> None:
    candidate = candidate_of(desk)
    many = [finished(candidate, run_of(SmokeJudgement("fail", (NAN,)), f"c{number}", "")) for number in range(15)]
    ((_, _, lines),) = told(desk, *many)
    assert lines[0].startswith("smoke run on wgpu: c0: ")
    assert len(lines) == 13 and lines[-1] == "and 3 more"
    for n_lines in (11, 12, 13):
        ((_, _, lines),) = told(desk, *many[:n_lines])
        assert (len(lines), lines[-1] == "and 1 more") == (n_lines, n_lines == 13), "what is cut is more than nothing"


def test_the_place_of_a_run_is_the_name_of_the_first_compute_entry_point(desk: Desk) -> None:
    expansion = candidate_of(desk).expansion
    start, end = entry_point_span(desk.session, expansion)
    assert expansion.text[start:end] == "main"
    desk.open("a.wgsl", "const a = 1;\n")
    assert entry_point_span(desk.session, candidate_of(desk).expansion) == (0, 0)


async def test_other_stages_are_expanded_as_the_editor_has_them(desk: Desk) -> None:
    (desk.folder / "h.tmpl").write_text("const h = N;\n")
    expand = smoke_runs._reader(desk.session, candidate_of(desk))
    desk.open("a.wgsl", '#include "h.tmpl"\nconst unsaved = N;\n')
    found = await asyncio.to_thread(expand, desk.path("a.wgsl"), ("N=3",))
    assert "const h = 3;" in found.text and "const unsaved = 3;" in found.text and not found.failed
    with pytest.raises(PlanError, match=r"none\.wgsl"):
        await asyncio.to_thread(expand, desk.path("none.wgsl"), ())


async def test_what_a_run_found_is_shown_while_its_text_stands_and_by_the_rules(desk: Desk) -> None:
    def found(name: str, code: str, digest: str = "") -> HeldFinding:
        view = desk.session.view(desk.uri("a.wgsl"))
        start = view.expansion(0).text.index("main")
        return HeldFinding(name, digest or view.expansion(0).digest, start, start + 4, code, "words", "wgpu")

    def shown() -> list[str]:
        return [one.code for one in desk.server.publisher.of_path(desk.path("a.wgsl"))]

    held, root = desk.server.publisher.held, desk.path("a.wgsl")
    desk.open("a.wgsl")
    name = desk.session.view(desk.uri("a.wgsl")).variants[0].name
    held.replace(root, name, [found(name, "smoke/nan"), found(name, "smoke/race")])
    assert shown() == ["smoke/nan", "smoke/race"]
    held.replace(root, name, [found(name, "smoke/nan"), found(name, "smoke/run", "other")])
    assert shown() == ["smoke/nan"], "of the last run, and of this text"
    config = (desk.folder / "wgsl-ls.toml").read_text()
    desk.open("wgsl-ls.toml", f'rules = {{ "smoke/nan" = "off" }}\n{config}')
    assert shown() == []
    desk.open("wgsl-ls.toml", f'rules = {{ "smoke/nan" = "warning" }}\n{config}')
    (item,) = desk.server.publisher.of_path(root)
    assert (item.code, item.severity) == ("smoke/nan", Severity.WARNING)
    desk.change(desk.text() + "const more = 1;\n")
    assert shown() == []


class Engine:
    """Stands for an engine that runs: whatever it is given passes. `planned`: what it was given; `said`, `ended`: what
    the client shows meanwhile; `told`: notifications."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
        self.planned: list[PlannedRun] = []
        self.targets: list[Target] = []
        self.said: list[tuple[str, int]] = []
        self.ended: list[str] = []
        self.told: list[tuple[object, object]] = []
        monkeypatch.setattr(smoke_runs, "pool_for", lambda target, deadline: self)
        monkeypatch.setattr(smoke_runs, "run_plans", self.run_plans)
        monkeypatch.setattr(smoke_runs, "_page", lambda report: None)
        monkeypatch.setattr(command, "Progress", lambda server, title, cancel: self)
        monkeypatch.setattr(desk.server, "tell", lambda spec, params: self.told.append((spec, params)))

    async def __aenter__(self) -> Engine:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass

    async def info(self, engine: str) -> EngineInfo:
        limits = (("max_compute_invocations_per_workgroup", 256), ("max_compute_workgroup_size_x", 256))
        return EngineInfo(engine, "1", PROTOCOL, "A GPU", "Vulkan", limits=limits)

    async def run_plans(
        self, pool: object, target: Target, planned: list[PlannedRun], **more: object
    ) -> AsyncIterator[Finished]:
        self.planned += planned
        self.targets.append(target)
        for one in planned:
            yield Finished(one, target, run_report(one, target, "A GPU", SmokeJudgement("pass", (NO_NAN,), FIGURES)))

    def report(self, message: str, percentage: int) -> None:
        self.said.append((message, percentage))

    def end(self, message: str) -> None:
        self.ended.append(message)


async def smoke(desk: Desk, name: str, variant: str | None = None, **more: Any) -> SmokeResult:
    return await command.smoke_run(desk.server, SmokeRunArgument(desk.uri(name), variant, **more), asyncio.Lock())


async def test_a_run_from_the_request_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = '[[shader]]\nfiles = ["a.wgsl"]\naxes = { N = [1, 2] }\n'
    cases = "[shader.smoke]\ncases = [{ name = 'small' }, { name = 'large' }]\n"
    desk = Desk(tmp_path, {"a.wgsl": SHADER, "wgsl-ls.toml": config + cases})
    engine = Engine(monkeypatch, desk)
    found = await smoke(desk, "a.wgsl")
    assert engine.said == [
        ("0/1 starting the engine", 0),
        ("0/2 planned", 0),
        ("1/2 N=1 / small on wgpu", 50),
        ("2/2 N=1 / large on wgpu", 100),
    ]
    assert engine.ended == [found.summary] == ["wgpu · A GPU · 1 value guessed · NMSE 0.048 · no NaN"]
    assert engine.told == [(SMOKE_FINISHED, found)]
    assert (found.ok, found.cases) == (True, ("small", "large"))
    set_active_variant(desk.server, SetActiveVariantParams(desk.document(), "N=2"))
    await smoke(desk, "a.wgsl", case="l*")
    assert engine.said[-1] == ("1/1 N=2 / large on wgpu", 100)
    await smoke(desk, "a.wgsl", "N=1", case="l*", matrices="emulated")
    assert [one.matrices for one in engine.targets] == ["auto", "auto", "emulated"]
    assert [one.candidate.variant.name for one in engine.planned[2:]] == ["N=2", "N=1"], "the active one, or the named"
    for variant, case, words in (("none", "", "no variant 'none'"), ("N=1", "none", "no case of the configuration")):
        with pytest.raises(LookupError, match=words):
            await smoke(desk, "a.wgsl", variant, case=case)


async def test_without_a_configuration_it_is_what_the_host_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(Path(__file__).parents[1] / "smoke" / "host", tmp_path, dirs_exist_ok=True)
    config = '[[shader]]\nfiles = ["kernels/binary.wgsl"]\ndefines = ["WG_SIZE=64"]\naxes = { OP = ["OP=*", "OP=-"] }\n'
    desk = Desk(tmp_path, {"wgsl-ls.toml": config})
    engine = Engine(monkeypatch, desk)
    first = await smoke(desk, "kernels/binary.wgsl", "OP=*")
    assert {(one.op, one.problem) for one in engine.planned} == {("MUL", "")}, "what leads to exactly these macros"
    others = "no case of the host leads to this variant here; of others of its shader"
    assert others not in first.summary
    engine.planned.clear()
    assert others in (await smoke(desk, "kernels/binary.wgsl", "OP=-")).summary
    assert {one.op for one in engine.planned} == {"ADD", "MUL"}, "or else to this shader"
