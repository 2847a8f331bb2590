"""`wgsl-ls mcp`, asked by the SDK's own client in this process; the real program once, over its pipes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.failing import Failing
from wgsl_ls.cli.mcp import _cut, _short_runs, make_server
from wgsl_ls.wire.engine_specs import smoke_engines

mcp = pytest.importorskip("mcp")

CONFIG = '[[shader]]\nfiles = ["a.wgsl"]\nengines = []\naxes = { K = ["K_F16", "K_Q8_0"], N = [1, 2] }\n'
SHADER = "#ifdef K_Q8_0\nconst q = N;\n#endif\n" + "".join(f"const c{number} = 1;\n" for number in range(400))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shaders = tmp_path / "shaders"
    shaders.mkdir()
    (shaders / "wgsl-ls.toml").write_text(CONFIG, encoding="utf-8")
    (shaders / "a.wgsl").write_text(SHADER, encoding="utf-8")
    (tmp_path / "outside.wgsl").write_text("const secret = 1;\n", encoding="utf-8")
    return shaders


async def ask(folder: Path, tool: str, **arguments: Any) -> tuple[bool, str, Any]:
    """Whether it is an error, the text, and the structured content."""
    async with mcp.Client(make_server(folder)) as client:
        found = await client.call_tool(tool, arguments)
    return bool(found.is_error), "".join(part.text for part in found.content), found.structured_content


async def test_the_tools_say_what_they_are_for(folder: Path) -> None:
    async with mcp.Client(make_server(folder)) as client:
        tools = {one.name: one for one in (await client.list_tools()).tools}
    assert set(tools) == {"validate", "explain", "define_state", "expand", "host", "impact", "identify", "smoke"}
    assert all(one.description for one in tools.values())


async def test_a_line_and_its_macros(folder: Path) -> None:
    failed, text, _ = await ask(folder, "explain", file="a.wgsl", line=2)
    assert not failed and "active in 2 of 4 variants" in text and "when K_Q8_0" in text
    failed, text, _ = await ask(folder, "define_state", file="a.wgsl", line=2, variant="K_Q8_0+N=2")
    assert not failed and "N = 2" in text and "N = 1" not in text


async def test_an_expansion_comes_in_parts(folder: Path) -> None:
    failed, text, _ = await ask(folder, "expand", file="a.wgsl", variant="n=2 q8")
    lines = text.splitlines()
    assert not failed and lines[0] == "const q = 2;" and len(lines) == 301
    assert lines[-1] == "[101 more lines of 401; the next is 301]"
    _, rest, _ = await ask(folder, "expand", file="a.wgsl", variant="n=2 q8", first_line=301)
    assert len(rest.splitlines()) == 101 and rest.endswith("const c399 = 1;")
    _, last_but_one, _ = await ask(folder, "expand", file="a.wgsl", variant="n=2 q8", first_line=101)
    assert last_but_one.endswith("\n[1 more lines of 401; the next is 401]")
    _, placed, _ = await ask(folder, "expand", file="a.wgsl", variant="n=2 q8", written_places=True)
    assert placed.startswith("a.wgsl:2")
    failed, first, _ = await ask(folder, "expand", file="a.wgsl")
    assert not failed and first.startswith("const c0 = 1;"), "the first one"


async def test_findings_are_few_and_counted(folder: Path) -> None:
    (folder / "a.wgsl").write_text("#define lower\n" + "#endif\n" * 50, encoding="utf-8")
    failed, _, report = await ask(folder, "validate")
    assert not failed
    assert len(report["findings"]) == 20 < report["n_findings"]
    assert report["findings"][0]["severity"] == "error" and report["findings"][0]["line"] == 2
    assert report["variants"]["total"] == 4 and report["variants"]["fail"] == 4
    assert [one.partition(": ")[2] for one in report["failing"]] == [
        f"{k}+N={n}" for k in ("K_F16", "K_Q8_0") for n in "12"
    ]
    assert all("related" not in one for one in report["findings"])


async def test_a_finding_says_where_it_holds_and_what_led_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "a.wgsl").write_text('#include "h.tmpl"\n', encoding="utf-8")
    (folder / "h.tmpl").write_text("#ifdef K_Q8_0\nconst a = nothing;\n#endif\n", encoding="utf-8")
    _, _, report = await ask(folder, "validate")
    found = next(one for one in report["findings"] if one["path"] == "h.tmpl")
    assert (found["line"], found["condition"], found["n_variants"], found["of_variants"]) == (2, "K_Q8_0", 2, 4)
    assert found["variants"] == ["K_Q8_0+N=1", "K_Q8_0+N=2"]
    assert "a.wgsl:1:11: h.tmpl is included here" in found["related"]


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("expand", {"file": "../outside.wgsl"}, "is not below"),
        ("expand", {"file": "none.wgsl"}, "there is no none.wgsl"),
        ("expand", {"file": "circle.wgsl"}, "is no file"),
        ("expand", {"file": "a\0b"}, "is no file"),
        ("explain", {"file": "n" * 5000, "line": 1}, "is no file"),
        ("validate", {"path": "a.wgsl", "variant": "--help"}, "'--help'"),
        ("define_state", {"file": "a.wgsl", "line": 1, "variant": "--help"}, "'--help'"),
        ("expand", {"file": "a.wgsl", "variant": "x" * 100_000}, "xxx"),
        ("smoke", {"file": "a.wgsl", "variant": "--help"}, "'--help'"),
        ("expand", {"file": "a.wgsl", "variant": "nothing"}, "there is no variant 'nothing'"),
        ("explain", {"file": "a.wgsl", "line": 9999}, "has only"),
        ("host", {}, "no host program found"),
        ("impact", {}, "git"),
        ("impact", {"base": "--output=/tmp/x"}, "git"),
        ("identify", {"text": "nothing of these shaders"}, "no variant of these shaders"),
        ("identify", {"text": "const secret = 1;", "path": ".."}, "is not below"),
        ("smoke", {"file": "a.wgsl", "variant": "nothing"}, "no variant matches"),
        ("smoke", {"file": "../outside.wgsl", "variant": "*"}, "is not below"),
    ],
)
async def test_what_cannot_be_done_is_an_error_with_the_reason(
    folder: Path, tool: str, arguments: dict[str, Any], words: str
) -> None:
    (folder / "circle.wgsl").symlink_to("circle.wgsl")
    failed, text, _ = await ask(folder, tool, **arguments)
    assert failed and len(text) < 10_000 and words in text and "secret" not in text and "wgsl-ls: " not in text


async def test_what_a_change_touches(folder: Path) -> None:
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"],
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)
    assert (await ask(folder, "impact"))[2] == {"n_variants": 0, "n_shaders": 0, "shaders": {}}
    (folder / "a.wgsl").write_text(SHADER.replace("const q = N", "const q = N + 1"), encoding="utf-8")
    failed, _, found = await ask(folder, "impact")
    assert not failed and found["n_variants"] == 2
    ((root, touched),) = found["shaders"].items()
    assert root.endswith("a.wgsl")
    assert touched == {"n_variants": 2, "variants": ["K_Q8_0+N=1", "K_Q8_0+N=2"]}


async def test_a_dumped_text_is_known_again(folder: Path) -> None:
    text = "\n".join((await ask(folder, "expand", file="a.wgsl", variant="n=2 q8"))[1].splitlines()[:-1])
    rest = (await ask(folder, "expand", file="a.wgsl", variant="n=2 q8", first_line=301))[1]
    failed, _, found = await ask(folder, "identify", text=f"{text}\n{rest}\n")
    assert not failed and found["n_matches"] == 1
    (match,) = found["matches"]
    assert (match["variants"], match["by"]) == (["K_Q8_0+N=2"], "text")


async def test_what_many_variants_quote_is_said_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "a.wgsl").write_text("const same = 1;\n", encoding="utf-8")
    _, _, found = await ask(folder, "identify", text=":1:7 error: wrong\nconst same = 1;\n")
    (match,) = found["matches"]
    assert found["n_matches"] == match["n_variants"] == 4 > len(match["variants"])
    assert match["places"] == ["a.wgsl:1:7"]


async def test_too_many_runs_are_refused_before_one_is_made(folder: Path) -> None:
    numbers = ", ".join(map(str, range(21)))
    (folder / "wgsl-ls.toml").write_text(f'[[shader]]\nfiles = ["a.wgsl"]\naxes = {{ N = [{numbers}] }}\n', "utf-8")
    failed, text, _ = await ask(folder, "smoke", file="a.wgsl", variant="*")
    assert failed and "'*' takes 21 runs" in text


def test_of_a_run_only_the_size_of_errors_is_told() -> None:
    kept = dict.fromkeys(
        ("variant", "case", "engine", "adapter", "verdict", "failed_checks", "guessed", "lowered"), "x"
    )
    sizes = {"nmse": 0.5, "max_absolute": 2.0, "max_absolute_at": 3}
    runs = [{**kept, "figures": {"out": {**sizes, "map": [1]}}, "plan": "p"}, {**kept, "figures": {}, "plan": "p"}]
    assert _short_runs({"passed": False, "runs": runs * 20}) == {
        "passed": False,
        "runs": [
            {**kept, "errors": {"out": sizes}},
            {**kept, "errors": {}, "not_judged": "no reference: the numbers are not judged"},
        ]
        * (10),
    }


async def test_which_runs_are_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def told(words: list[str], given: str) -> str:
        asked.append(words)
        return "a run\n" * 20 if "--list" in words else json.dumps({"runs": [], "passed": False})

    monkeypatch.setattr("wgsl_ls.cli.mcp._told", told)
    await ask(folder, "smoke", file="a.wgsl", variant="K*", case="small*", engine="dawn")
    await ask(folder, "smoke", file="a.wgsl", variant="*")
    file, chosen = str(folder / "a.wgsl"), ["--variant=K*", "--case=small*"]
    run = ["smoke", "--format", "json"]
    assert asked == [
        ["smoke", "--list", *chosen, "--", file],
        [*run, "--engine=dawn", *chosen, "--", file],
        ["smoke", "--list", "--variant=*", "--quick", "--", file],
        [*run, f"--engine={smoke_engines()[0]}", "--variant=*", "--quick", "--", file],
    ]


@pytest.mark.slow
@pytest.mark.gpu
async def test_a_run_says_what_it_could_not_judge(folder: Path) -> None:
    (folder / "wgsl-ls.toml").write_text('[[shader]]\nfiles = ["a.wgsl"]\n', "utf-8")
    buffer = "@group(0) @binding(0) var<storage, read_write> out: array<f32>;\n"
    (folder / "a.wgsl").write_text(f"{buffer}@compute @workgroup_size(1) fn main() {{ out[0] = 1.0; }}\n", "utf-8")
    failed, text, found = await ask(folder, "smoke", file="a.wgsl", variant="*")
    assert not failed, text
    (run,) = found["runs"]
    assert run["verdict"] == "pass" and run["guessed"] and "not judged" in run["not_judged"]


async def test_a_link_that_leads_out_is_outside(folder: Path) -> None:
    (folder / "link.wgsl").symlink_to(folder.parent / "outside.wgsl")
    failed, text, _ = await ask(folder, "expand", file="link.wgsl")
    assert failed and "is not below" in text


async def test_the_program_speaks_over_its_pipes(folder: Path) -> None:
    program = mcp.StdioServerParameters(command=sys.executable, args=["-m", "wgsl_ls.cli.main", "mcp", str(folder)])
    async with mcp.Client(program) as client:
        found = await client.call_tool("explain", {"file": "a.wgsl", "line": 2})
    # Files are called as they may be called in the next question, wherever the program was started.
    assert "\na.wgsl: active in 2 of 4 variants" in found.content[0].text


@pytest.mark.parametrize("every", [pytest.param(6, id="some"), pytest.param(1, id="each", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("explain", {"file": "a.wgsl", "line": 2}), ("expand", {"file": "a.wgsl"}), ("validate", {}), ("host", {})],
)
async def test_each_call_that_fails_is_told(folder: Path, every: int, tool: str, arguments: dict[str, Any]) -> None:
    """The agent gets the answer that it would have got, or what is missing; the next question is answered as ever."""
    counting = Failing(folder.parent, 0)
    await ask(folder, tool, **arguments)
    with counting.installed():
        clean = await ask(folder, tool, **arguments)
    assert counting.n_calls > 5
    for n in range(1, counting.n_calls + 1, every):
        failing = Failing(folder.parent, n)
        with failing.installed():
            failed, text, _ = await ask(folder, tool, **arguments)
        told = failed and text
        told = told or text == clean[1] or "file/unreadable" in text or "cannot be" in text or "Input/output" in text
        assert told, (n, failing.failed, text)
        assert "Traceback" not in text
    assert await ask(folder, tool, **arguments) == clean


def test_long_lines_and_texts_are_cut() -> None:
    assert _cut("x" * 400) == "x" * 400 and _cut("x" * 401) == "x" * 400 + "…"
    lines = [str(number) for number in range(1, 302)]
    assert _cut("\n".join(lines[:300])).splitlines() == lines[:300]
    assert _cut("\n".join(lines)).splitlines() == [*lines[:300], "[1 more lines of 301; the next is 301]"]
    assert _cut("\n".join(lines), 301) == "301" and _cut("\n".join(lines), 0).startswith("1\n")
