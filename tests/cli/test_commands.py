"""The commands that need no engine: what they print in each form, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Say, git, write
from wgsl_ls.cli.main import SUBCOMMANDS
from wgsl_ls.cli.speech import Terminal
from wgsl_ls.workers.examine import as_text

CONFIG = """\
[[shader]]
files = ["a.wgsl"]
defines = ["WG=64"]
axes = { MASK = ["", "MASK"], SCALE = ["", "SCALE"] }
"""
TEXT = """\
#include "h.tmpl"
@compute @workgroup_size(WG)
fn main() {
#if MASK && SCALE
    let x = FACTOR * 2.0; // 𝄞
#endif
}
#ifdef NEVER

const a = "<b>";
#endif
"""
HEADER = "#ifdef MASK\n#define FACTOR 3.0\n#endif\n"
FILES = {"wgsl-ls.toml": CONFIG, "a.wgsl": TEXT, "h.tmpl": HEADER}


@pytest.fixture
def ask(say: Say) -> Say:
    write(FILES)
    return say


CASES: dict[str, tuple[str, int, str]] = {
    "variants": ("variants a.wgsl", 0, "a.wgsl: 4 variants\n  default\n    -DWG=64\n  SCALE\n    -DWG=64 -DSCALE\n"),
    "how many": ("variants a.wgsl --count", 0, "a.wgsl: 4 variants\n"),
    "some": ("variants --variant MASK*", 0, "a.wgsl: 2 variants\n  MASK\n    -DWG=64 -DMASK\n  MASK+SCALE\n"),
    "none": ("variants --variant none", 2, "no variant matches 'none'"),
    "none for programs": ("variants --variant none --format json", 2, "no variant matches 'none'"),
    "a whole name in small letters": ("expand a.wgsl --variant mask --map", 0, "a.wgsl:2"),
    "words in another order": ("expand a.wgsl --variant SCALE+MASK", 0, "let x = 3.0 * 2.0;"),
    "no such file": ("variants none.wgsl", 2, "no such file"),
    "expand": ("expand a.wgsl", 0, "@compute @workgroup_size(64)\nfn main() {\n}\n"),
    "a variant": ("expand a.wgsl --variant MASK+SCALE", 0, "    let x = 3.0 * 2.0; // 𝄞\n"),
    "by a pattern": ("expand a.wgsl --variant *+*", 0, "let x = 3.0 * 2.0;"),
    "by one that fits several": (
        "expand a.wgsl --variant M*", 2, "'M*' matches 2 variants; add a word to name one of them: MASK, MASK+SCALE",
    ),
    "no such variant": ("expand a.wgsl --variant none", 2, "there is no variant 'none'"),
    "with another macro": ("expand a.wgsl -D MASK -D SCALE -D FACTOR=7", 0, "let x = 7 * 2.0;"),
    "with places": ("expand a.wgsl --map --variant MASK+SCALE", 0, "a.wgsl:5 |     let x = 3.0 * 2.0; // 𝄞"),
    "diff": ("diff a.wgsl MASK MASK+SCALE", 1, "--- MASK\n+++ MASK+SCALE\n"),
    "no difference": ("diff a.wgsl default SCALE", 0, "no difference between default and SCALE"),
    "with a macro flipped": ("diff a.wgsl MASK --flip SCALE", 1, "+++ MASK with SCALE flipped\n"),
    "less round it": ("diff a.wgsl MASK MASK+SCALE --context 0", 1, "+    let x = 3.0 * 2.0; // 𝄞\n"),
    "with nothing": ("diff a.wgsl MASK", 2, "name a second variant"),
    "explain": (
        "explain a.wgsl:5",
        0,
        "    let x = FACTOR * 2.0; // 𝄞\na.wgsl: active in 1 of 4 variants\n  when MASK && SCALE\n"
        "  inactive: '#if MASK && SCALE' (a.wgsl:4) was not taken\n      in default, SCALE, MASK\n"
        "  active: no condition is in its way\n      in MASK+SCALE\n",
    ),
    "a column too": ("explain a.wgsl:5:3", 0, "active in 1 of 4 variants"),
    "of an include": ("explain h.tmpl:2", 0, "a.wgsl: active in 2 of 4 variants\n  when MASK\n  active"),
    "macros": ("explain a.wgsl:5 --macros", 0, "    FACTOR = 3.0   h.tmpl:2   (in 2 variants)\n"),
    "in one": ("explain a.wgsl:5 --macros --variant M*", 0, "SCALE = (empty)   given by the variant   (in 1 variant)"),
    "the same everywhere": ("explain a.wgsl:5 --macros", 0, "    WG = 64   given by the variant\n"),
    "some variants": ("explain a.wgsl:5 --variant MASK*", 0, "active in 1 of 2 variants"),
    "behind the end": ("explain a.wgsl:99", 2, "a.wgsl has only 12 lines"),
    "no line": ("explain a.wgsl", 2, "is no place; write FILE:LINE"),
    "line 0": ("explain a.wgsl:0", 2, "is no place; write FILE:LINE"),
    "coverage": (
        "coverage",
        0,
        "  80.0 %      4 of     5 lines  a.wgsl\n            never active: 10-10\n 100.0 %      0 of     0 lines",
    ),
    "lcov": ("coverage --format lcov", 0, "DA:2,4\nDA:3,4\nDA:5,1\nDA:7,4\nDA:10,0\nLF:5\nLH:4\nend_of_record\n"),
    "html": (
        "coverage --format html",
        0,
        "<span class=c>1</span><span style=\"background:rgba(80,170,90,0.15)\">    let x = FACTOR * 2.0; // 𝄞</span>\n",
    ),
    "unused in html": (
        "coverage --format html", 0, "<span class=c>0</span><span class=z>const a = &quot;&lt;b&gt;&quot;;</span>",
    ),
    "what has no code in html": ("coverage --format html", 0, "<span class=c></span>#if MASK &amp;&amp; SCALE\n"),
    "the end of html": ("coverage --format html", 0, "</pre>\n"),
    "coverage of some": ("coverage --format lcov --variant MASK*", 0, "DA:2,2\nDA:3,2\nDA:5,1\nDA:7,2\n"),
    "the cache": ("cache show", 0, "0 results, 0.0 MB in "),
    "a cache to forget": ("cache clear", 0, "0 results forgotten ("),
    "identify nothing": ("identify none.txt", 2, "none.txt cannot be read: "),
    "identify a text of nobody": ("identify h.tmpl", 1, "no variant of these shaders"),
    "coverage of nothing": ("coverage none", 2, "no such file"),
    "a rule": ("rule lint/unused-macro", 0, "**A macro that nothing uses** (hint)"),
    "no rule": ("rule lint/unused-makro", 2, "lint/unused-makro"),
}  # fmt: skip


@pytest.mark.parametrize(("command", "code", "words"), CASES.values(), ids=CASES)
def test_command(ask: Say, command: str, code: int, words: str) -> None:
    found, out, err = ask(*command.split())
    assert found == code, out + err
    assert words in out + err
    assert bool(err) == (code == 2 or words.startswith(("no variant", "no difference")))
    assert words or not out


def test_a_directive_in_a_pasted_include_is_named_with_its_file(say: Say) -> None:
    write({
        "wgsl-ls.toml": 'includes = "textual"\n[[shader]]\nfiles = ["a.wgsl"]\naxes = { W = ["", "WIDE"] }\n',
        "a.wgsl": '#include "open.tmpl"\nconst INNER = 1;\n#endif\n', "open.tmpl": "#ifdef WIDE\n",
    })  # fmt: skip
    assert "inactive: '#ifdef WIDE' (open.tmpl:1) was not taken" in say("explain", "a.wgsl:2")[1]


def test_machine_forms(ask: Say) -> None:
    lines = [json.loads(line) for line in ask("variants", "--json")[1].splitlines()]
    assert [line["name"] for line in lines] == ["default", "SCALE", "MASK", "MASK+SCALE"]
    assert lines[3] == {"shader": "a.wgsl", "name": "MASK+SCALE", "defines": ["WG=64", "MASK", "SCALE"]}

    found = json.loads(ask("expand", "a.wgsl", "--variant", "MASK+SCALE", "--json")[1])
    assert found["failed"] is False
    start, end, _, written, written_end, macro = next(one for one in found["segments"] if one[5] == "FACTOR")
    assert (found["text"][start:end], TEXT[written:written_end], macro) == ("3.0", "FACTOR", "FACTOR")

    (found,) = json.loads(ask("explain", "a.wgsl:5", "--json")[1])
    assert (found["root"], found["presence"]) == ("a.wgsl", "MASK && SCALE")
    by_name = {one["name"]: one for one in found["variants"]}
    assert [name for name, one in by_name.items() if one["active"]] == ["MASK+SCALE"]
    assert by_name["SCALE"]["macros"] == {
        "SCALE": {"value": "", "origin": "given by the variant"},
        "WG": {"value": "64", "origin": "given by the variant"},
    }
    assert by_name["MASK"]["macros"]["FACTOR"] == {"value": "3.0", "origin": "h.tmpl:2"}

    found = json.loads(ask("coverage", "--format", "json")[1])
    assert found["version"] == 1
    assert found["version"] == 1
    assert found["files"]["a.wgsl"] == [None, 4, 4, None, 1, None, 4, None, None, 0, None, None]


def test_coverage_counts_the_variants_of_all_roots(ask: Say) -> None:
    write({"wgsl-ls.toml": CONFIG.replace('"a.wgsl"', '"a.wgsl", "b.wgsl"'), "b.wgsl": '#include "h.tmpl"\n'})
    write({"h.tmpl": "const h = 1;\n#ifdef MASK\nconst m = 1;\n#endif\n"})
    assert json.loads(ask("coverage", "--format", "json")[1])["files"]["h.tmpl"] == [8, None, 4, None, None]


def test_coverage_leaves_out_a_root_of_which_no_variant_is_meant(ask: Say) -> None:
    write(
        {
            "wgsl-ls.toml": CONFIG + '[[shader]]\nfiles = ["b.wgsl"]\nvariant = [{ name = "only" }]\n',
            "b.wgsl": "const b = 1;\n",
        }
    )
    assert set(json.loads(ask("coverage", "--format", "json", "--variant", "only")[1])["files"]) == {"b.wgsl"}
    assert ask("explain", "h.tmpl:2", "--variant", "only") == (2, "", "wgsl-ls: no variant matches 'only'\n")


def test_unused_lines_are_told_as_ranges(ask: Say) -> None:
    write({"a.wgsl": "#if 0\nconst a = 1;\n\nconst b = 1;\n#endif\nconst c = 1;\n#if 0\nconst d = 1;\n#endif\n"})
    assert "never active: 2-4\n            never active: 8-8\n" in ask("coverage", "a.wgsl")[1]


def test_what_the_preprocessor_stops_at_is_said_and_fails(ask: Say) -> None:
    write({"a.wgsl": "#endif\n"})
    code, _, err = ask("expand", "a.wgsl")
    assert code == 1 and err == "a.wgsl:1:1: error: #endif without #if [preprocess/endif-without-if]\n"


def test_impact_is_told_by_what_compilers_get(ask: Say) -> None:
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")

    def impact(code: int, **files: str) -> list[str]:
        write({name.replace("_", "."): text for name, text in files.items()})
        found, out, err = ask("impact", "--base", "HEAD", "--json")
        assert found == code, err
        (root,) = json.loads(out)
        assert out == json.dumps([root], indent=1) + "\n"
        assert root["root"] == "a.wgsl"
        return list(root["variants"])

    assert impact(0) == impact(0, a_wgsl=TEXT.replace("NEVER", "NEVER_EVER")) == []
    assert impact(1, a_wgsl=TEXT.replace("2.0", "4.0")) == ["MASK+SCALE"]
    touched = "a.wgsl: 1 of 4 variants touched\n  MASK+SCALE\n1 of 4 variants of 1 shader touched\n"
    assert ask("impact", "--base", "HEAD")[1] == ask("impact")[1] == touched, "without a name, since the last commit"
    assert impact(1, a_wgsl=TEXT, h_tmpl=HEADER.replace("3.0", "1.0")) == ["MASK+SCALE"]
    write({"h.tmpl": HEADER, "wgsl-ls.toml": CONFIG + "overrides = { size = 4 }\n"})
    assert len(impact(1)) == 4
    write({"wgsl-ls.toml": CONFIG.replace('"SCALE"', '"SCALE", "OTHER"')})
    assert impact(1) == ["MASK+OTHER", "OTHER"]
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": TEXT + "#error\n#elif\n"})
    assert len(impact(1)) == 4
    assert ask("impact", "--base", "nothing")[0] == 2


def test_on_a_terminal_few_of_many_variants_are_named(ask: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    axis = ", ".join(f'"N={number}"' for number in range(20))
    write({"wgsl-ls.toml": f'[[shader]]\nfiles = ["a.wgsl"]\naxes = {{ N = [{axis}] }}\n'})
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    write({"a.wgsl": f"{TEXT}#if N > 9\nconst more = 1;\n#endif\n"})
    assert len(ask("impact")[1].splitlines()) == 12, "a pipe gets all"
    monkeypatch.setattr("wgsl_ls.cli.impact.terminal", lambda: Terminal(80))
    head, *names, more, total = ask("impact")[1].splitlines()
    assert (head, len(names)) == ("a.wgsl: 10 of 20 variants touched", 8)
    assert (more, total) == ("  and 2 more; a pipe or --json gets all", "10 of 20 variants of 1 shader touched")
    write({"a.wgsl": f"{TEXT}const more = 1;\n"})
    assert ask("impact")[1].splitlines() == ["a.wgsl: all 20 variants touched", "20 of 20 variants of 1 shader touched"]


def test_a_shell_is_told_how_to_complete(say: Say) -> None:
    pytest.importorskip("argcomplete")
    code, out, _ = say("completion", "bash")
    assert code == 0 and "wgsl-ls" in out


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_every_command_has_help(say: Say, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        say(command, "--help")
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert f"usage: wgsl-ls {command}" in out and " ".join(SUBCOMMANDS[command].split()[:3]).lower() in out.lower()


def test_an_unknown_command_is_no_success(say: Say) -> None:
    code, out, err = say("frobnicate")
    assert (code, out) == (2, "") and "there is no subcommand 'frobnicate'" in err


def test_doctor_says_only_what_a_driver_says() -> None:
    properties = {"vendor": "", "driver": "Mesa", "subgroup-sizes": "4 128"}
    engine = {"available": True, "version": "1", "adapter": "a", "backend": "b", "features": [], "limits": {}}
    found = {"wgsl-ls": "1", "python": "3", "platform": "p", "engines": {"wgpu": {**engine, "properties": properties}}}
    said = as_text(found)
    assert "    driver          Mesa\n" in said and "    subgroup sizes  4 to 128\n" in said and "vendor" not in said


def test_without_a_configuration_a_shader_is_one_of_its_own(say: Say) -> None:
    write({"c.wgsl": '#include "d.wgsl"\n', "d.wgsl": "const part = 1;\n"})
    assert say("variants", "d.wgsl", "--count")[1] == "d.wgsl: 1 variant\n"
    assert say("variants", ".", "--count")[1] == "c.wgsl: 1 variant\n"


@pytest.mark.parametrize(
    ("path", "roots"),
    [
        ("a.wgsl", ["a.wgsl"]),
        ("b.wgsl", ["b.wgsl"]),  # named nowhere, and included nowhere
        ("part.wgsl", ["a.wgsl"]),  # a shader by its suffix, and a part of another
        ("h.tmpl", ["a.wgsl"]),
        ("wgsl-ls.toml", ["a.wgsl", "b.wgsl"]),
        ("free/d.wgsl", ["free/c.wgsl"]),
        ("free", ["free/c.wgsl"]),
    ],
)
def test_which_shaders_a_path_means(say: Say, path: str, roots: list[str]) -> None:
    part = "const part = 1;\n"
    write({**FILES, "a.wgsl": f'#include "part.wgsl"\n{TEXT}', "part.wgsl": part, "b.wgsl": part})
    write({"free/wgsl-ls.toml": "", "free/c.wgsl": '#include "d.wgsl"\n', "free/d.wgsl": part})
    code, out, err = say("variants", path, "--count")
    assert (code, [line.partition(":")[0] for line in out.splitlines()]) == (0, roots), err


def test_a_cache_that_cannot_be_used_says_why(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path / "file" / "cache"))
    for action in ("show", "clear"):
        code, _, err = say("cache", action)
        assert code == 2 and err.startswith("wgsl-ls: results are not kept: ")


def test_of_two_variants_the_one_that_is_named_is_taken(say: Say) -> None:
    write(
        {
            **FILES,
            "wgsl-ls.toml": '[[shader]]\nfiles = ["a.wgsl"]\ndefines = ["WG=64"]\naxes = { MASK = ["", "MASK"] }\n',
        }
    )
    for name, first in (("mask", True), ("MASK", True), ("default", False)):
        code, out, _ = say("expand", "a.wgsl", "--variant", name, "-D", "SCALE")
        assert (code, "3.0" in out) == (0, first)
