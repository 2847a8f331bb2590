"""--help and how a variant is named on the command line."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from wgsl_ls.cli.main import SUBCOMMANDS, main
from wgsl_ls.cli.progress import clock
from wgsl_ls.cli.shown_path import relative_path, shown_path, shown_place
from wgsl_ls.cli.speech import folded, remark, terminal
from wgsl_ls.project.variant_words import chosen_by, variants_with
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span

SECOND = Path(__file__).parents[1] / "host/second"
NAMES = {
    "default": {},
    "K_F16": {"K_F16": ""},
    "K_F16+MASK": {"K_F16": "", "MASK": ""},
    "K_F16+MASK+HEAD_DIM=64": {"K_F16": "", "MASK": "", "HEAD_DIM": "64"},
    "K_Q8_0+HEAD_DIM=64": {"K_Q8_0": "", "HEAD_DIM": "64"},
    "quick": {"K_Q4_0": "", "HEAD_DIM": "128"},
}
VARIANTS = [Variant(name, "/a.wgsl", tuple(defines.items())) for name, defines in NAMES.items()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mask k_f16", ["K_F16+MASK"]),  # the whole name, in another order
        ("HEAD_DIM=64 mask", ["K_F16+MASK+HEAD_DIM=64"]),
        ("k_q8_0", ["K_Q8_0+HEAD_DIM=64"]),
        ("head_dim=128", ["quick"]),  # a macro that the name does not say
        ("q4", ["quick"]),  # a part of one
        ("mask", ["K_F16+MASK", "K_F16+MASK+HEAD_DIM=64"]),
        ("HEAD_DIM", ["K_F16+MASK+HEAD_DIM=64", "K_Q8_0+HEAD_DIM=64", "quick"]),
        ("mask q8", []),
        ("", []),
    ],
)
def test_words_in_any_order(words: str, expected: list[str]) -> None:
    assert [VARIANTS[index].name for index in variants_with(VARIANTS, words)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("K_F16", ["K_F16"]),  # a name is meant where there is one, though others have the word
        ("K_F16*", ["K_F16", "K_F16+MASK", "K_F16+MASK+HEAD_DIM=64"]),
        ("mask", ["K_F16+MASK", "K_F16+MASK+HEAD_DIM=64"]),
        ("mask*", []),  # a glob is no word
    ],
)
def test_a_name_a_glob_or_words(text: str, expected: list[str]) -> None:
    assert [VARIANTS[index].name for index in chosen_by(VARIANTS, text)] == expected


@pytest.mark.parametrize("command", ["validate", "explain", "coverage", "variants", "aliases", "smoke"])
def test_no_variant_that_matches_is_no_success(command: str, shader: str, capsys: pytest.CaptureFixture[str]) -> None:
    place = f"{shader}:1" if command == "explain" else shader
    assert main([command, place, "--variant", "nothing"]) == 2
    assert capsys.readouterr() == ("", "wgsl-ls: no variant matches 'nothing'\n")


@pytest.fixture
def shader(tmp_path: Path) -> str:
    axes = 'axes = { K = ["K_F16", "K_Q8_0"], MASK = ["", "MASK"] }\n'
    (tmp_path / "wgsl-ls.toml").write_text(f'[[shader]]\nfiles = ["a.wgsl"]\n{axes}', encoding="utf-8")
    path = tmp_path / "a.wgsl"
    path.write_text("#ifdef MASK\nconst mask = 1;\n#endif\n#ifdef K_Q8_0\nconst q = 1;\n#endif\n", encoding="utf-8")
    return str(path)


def test_expand_takes_words(shader: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["expand", shader, "mask", "q8"]) == 0
    assert capsys.readouterr().out.split() == ["const", "mask", "=", "1;", "const", "q", "=", "1;"]
    assert main(["expand", shader, "--variant", "MASK+K_F16"]) == 0
    assert "mask" in capsys.readouterr().out
    assert main(["expand", shader, "mask"]) == 2
    assert "matches 2 variants; add a word to name one of them: K_F16+MASK, K_Q8_0+MASK" in capsys.readouterr().err
    assert main(["expand", shader, "nothing"]) == 2
    assert "it has 4: K_F16, K_F16+MASK" in capsys.readouterr().err
    assert main(["expand", shader, "mask", "--variant", "K_F16"]) == 2


LONG = [f"LONG_NAME_{letter}" for letter in "ABCD"]


def test_long_names_are_told_apart_by_their_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    axes = ", ".join(f'{name} = ["", "{name}"]' for name in LONG)
    (tmp_path / "wgsl-ls.toml").write_text(f'[[shader]]\nfiles = ["a.wgsl"]\naxes = {{ {axes} }}\n', encoding="utf-8")
    path = tmp_path / "a.wgsl"
    path.write_text("const a = 1;\n", encoding="utf-8")
    assert main(["expand", str(path), "name_a"]) == 2
    said = capsys.readouterr().err
    assert "matches 8 variants; add a word to name one of them:\n" in said and "more" not in said
    labels = said.splitlines()[1:]
    assert len(labels) == 8 and all(label.startswith("  LONG_NAME_A") for label in labels)
    for label in labels:
        assert main(["expand", str(path), label]) == 0, "what is listed names one"
    capsys.readouterr()
    assert main(["expand", str(tmp_path / "b.wgsl")]) == 2
    assert "b.wgsl: no such file or directory; did you mean a.wgsl?" in capsys.readouterr().err


def test_help_shows_the_examples_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["expand", "--help"])
    out = capsys.readouterr().out
    assert out.index("examples:\n  wgsl-ls expand flash_attn.wgsl") > out.index("--map")


@pytest.mark.parametrize("command", SUBCOMMANDS)
@pytest.mark.parametrize("columns", [1, 80, 160])
def test_help_fits_the_terminal(
    command: str, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    with pytest.raises(SystemExit):
        main([command, "--help"])
    out = capsys.readouterr().out
    assert columns == 1 or max(map(len, out.splitlines())) <= columns
    assert "examples:\n  wgsl-ls " in out


def test_the_package_runs_as_a_module() -> None:
    words = [sys.executable, "-m", "wgsl_ls", "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout == f"wgsl-ls {version('wgsl-ls')}\n"


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (["--version"], ["asyncio", "difflib", "numpy", "wgsl_ls.analysis"]),
        (["variants", "a.wgsl"], ["lsprotocol", "numpy", "pygls", "tree_sitter", "wgsl_ls.smoke_session"]),
        (["aliases", "a.wgsl"], ["lsprotocol", "numpy", "pygls", "tree_sitter", "wgsl_ls.smoke_session"]),
    ],
)
def test_nothing_is_loaded_that_a_command_does_without(words: list[str], unwanted: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.wgsl").write_text("const a = 1;\n", encoding="utf-8")
    at_the_end = f"lambda: print(sorted(set({unwanted}) & set(sys.modules)), file=sys.stderr)"
    run = f"import atexit, sys; atexit.register({at_the_end}); from wgsl_ls.cli.main import main; main({words})"
    done = subprocess.run([sys.executable, "-P", "-c", run], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.endswith("[]\n"), done.stderr


def test_without_arguments_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    said = capsys.readouterr()
    assert not said.out and all(f"    {name}" in said.err for name in SUBCOMMANDS)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["valdate"], "no subcommand 'valdate'; did you mean validate?"),
        (["valdate", "format"], "no subcommand 'valdate'"),  # a later word is none
        (["rule", "lint/unused-makro"], "there is no rule lint/unused-makro; did you mean lint/unused-macro?"),
        (["frobnicate"], "wgsl-ls --help lists them"),
        (["a.wgsl"], "to check it: wgsl-ls validate a.wgsl"),
        (["validate", "--formt", "json"], "no option '--formt'; did you mean --format?"),
        (["--verson"], "no option '--verson'; did you mean --version?"),
        (["validate", "--zzz"], "no option '--zzz'\n"),
        (["doctor", "more"], "nothing more was expected, but 'more' follows"),
        (
            ["validate", "--format", "json", "--format=gcc"],
            "argument --format: it has one value and was given twice; 'gcc' is the second",
        ),
        (["smoke", "--sanitize", "race", "--sanitize", "range"], "argument --sanitize: it has one value"),
        (["serve", "--tcp", "1", "--tcp", "2"], "argument --tcp: it has one value"),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(
    words: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.wgsl").touch()
    try:
        code: object = main(words)
    except SystemExit as exit:
        code = exit.code
    assert code == 2
    assert expected in capsys.readouterr().err


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_want_them(
    environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**environment, "COLUMNS": "40"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout", Screen())
    assert (terminal().has_colour, terminal().width) == (expected, 40)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert (terminal().has_colour, terminal().width) == (False, 0)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("one two three four", 0, "one two three four"),
        ("one two three four", 18, "one two three four"),
        ("one two three four five six seven eight nine", 42, "one two three four five six seven eight\n    nine"),
        (
            "  = one two three four five six seven eight nine",
            42,
            "  = one two three four five six seven\n      eight nine",
        ),
        (f"a\n  {'x' * 60} y", 50, f"a\n  {'x' * 60}\n      y"),
        ("K_F16  MASK  well-known-name N=4444 O=5555 P=6", 40, "K_F16  MASK  well-known-name N=4444\n    O=5555 P=6"),
        (f"{' ' * 60}one two", 20, f"{' ' * 60}one two"),
    ],
)
def test_lines_are_folded_between_words(text: str, width: int, expected: str) -> None:
    assert folded(text, width) == expected


def test_what_is_remarked_is_folded_for_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    for screen, expected in (
        (Screen(), "wgsl-ls: one two three four five six\n    seven eight\n"),
        (io.StringIO(), "wgsl-ls: one two three four five six seven eight\n"),
    ):
        monkeypatch.setattr("sys.stderr", screen)
        remark("one two three four five six seven eight")
        assert screen.getvalue() == expected


def test_the_help_of_all_ends_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out.partition("examples:\n")[2]
    assert [line.split()[:2] for line in shown.splitlines() if "wgsl-ls" in line] == [
        ["wgsl-ls", "doctor"], ["wgsl-ls", "validate"], ["wgsl-ls", "validate"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "folder", "shown"),
    [
        ("/srv/shaders/a.wgsl", "/srv", "shaders/a.wgsl"),
        ("/srv/host.cpp", "/srv/shaders", "../host.cpp"),
        ("/srv/a/host.cpp", "/srv/a/b/c/shaders", "/srv/a/host.cpp"),  # "../../../host.cpp" is no shorter
        ("/a.h", "/srv/shaders", "/a.h"),
        ("no path", "/srv", "no path"),
    ],
)
def test_paths_and_places_are_short(path: str, folder: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "cwd", lambda: Path(folder))
    assert shown_path(path) == shown
    location = Location(path, Span(3, 4))
    assert shown_place(location, SourceFile(path, "𝄞\nab")) == f"{shown}:2:2"
    assert shown_place(location, LineIndex("abcd")) == f"{shown}:1:4"
    assert shown_place(location, "it cannot be read") == shown
    below = relative_path(path)
    assert below == (path if shown.startswith("..") else shown), "what other programs read goes never upwards"


def test_a_long_list_on_a_terminal_says_how_its_variants_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ", ".join(f'"SIZE={number}"' for number in range(7))
    axes = f'K = ["K_F16", "K_Q8_0"], MASK = ["", "MASK"], SIZE = [{sizes}]'
    table = f'[[shader]]\nfiles = ["a.wgsl"]\ndefines = ["WG=64"]\naxes = {{ {axes} }}\n'
    (tmp_path / "wgsl-ls.toml").write_text(table, encoding="utf-8")
    (tmp_path / "a.wgsl").write_text("const a = 1;\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["variants"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 2 * 28, "a pipe gets all"
    monkeypatch.setenv("COLUMNS", "54")
    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    assert main(["variants"]) == 0
    head, common, kind, mask, first, second, *names, more, _ = screen.getvalue().splitlines()
    assert (head, common) == ("a.wgsl: 28 variants", "  in all: -DWG=64")
    assert (kind, mask) == ("  K: K_F16 (14), K_Q8_0 (14)", "  MASK: in 14")
    assert (first, second) == ("  SIZE: 0 (4), 1 (4), 2 (4), 3 (4), 4 (4), 5 (4), 6", "      (4)")
    assert names == [f"    K_F16+SIZE={number}" for number in range(7)] + ["    K_F16+MASK+SIZE=0"]
    assert more.startswith("    and 20 more")
    assert main(["variants", "--variant", "mask SIZE=6"]) == 0
    assert "    -DWG=64 -DK_F16 -DMASK -DSIZE=6" in screen.getvalue().splitlines(), "few are listed one by one"
    (tmp_path / "wgsl-ls.toml").write_text(table.replace('defines = ["WG=64"]\n', ""), encoding="utf-8")
    assert main(["variants"]) == 0
    assert screen.getvalue().count("in all") == 1, "nothing is said of what nothing is in all"


def test_a_line_explained_fits_the_terminal(shader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "46")
    monkeypatch.chdir(Path(shader).parent)
    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    assert main(["explain", "a.wgsl:2"]) == 0
    assert max(map(len, screen.getvalue().splitlines())) <= 46
    assert "  inactive: '#ifdef MASK' (a.wgsl:1) was not\n      taken\n" in screen.getvalue()


def test_what_lasts_says_so_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    with clock("reading"):
        until = time.monotonic() + 30
        while "reading, 0 s" not in screen.getvalue() and time.monotonic() < until:
            time.sleep(0.01)
    assert "reading, 0 s" in screen.getvalue() and screen.getvalue().endswith("\r\x1b[K")
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with clock("reading"):
        pass
    assert not sys.stderr.getvalue()  # type: ignore[attr-defined]


def test_the_reading_of_a_host_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.stderr", Screen())
    shutil.copytree(SECOND, tmp_path / "engine")
    assert main(["variants", str(tmp_path / "engine/kernels/tone.wgsl")]) == 0
    assert "\r\x1b[K" in sys.stderr.getvalue()  # type: ignore[attr-defined]


COMPLETE = """
eval "$(wgsl-ls completion bash)"
function=$(complete -p wgsl-ls | sed 's/.*-F \\([^ ]*\\).*/\\1/')
COMP_LINE="$1" COMP_POINT=${#1} COMP_TYPE=9 COMP_WORDS=($1) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"$function" wgsl-ls "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
echo "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("wgsl-ls val", "validate"),
        ("wgsl-ls validate --fo", "--format"),
        ("wgsl-ls validate --format g", "github gcc"),
        ("wgsl-ls validate --engine d", "dawn"),
        ("wgsl-ls rule lint/unused-m", "lint/unused-macro"),
        ("wgsl-ls validate --profile fire", "firefox-141"),
        ("wgsl-ls variants --profile nvi", "nvidia"),
        ("wgsl-ls host --profile apple", "apple-m"),
    ],
)
def test_bash_completes(line: str, expected: str) -> None:
    program = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{program}:{os.environ['PATH']}"}
    command = ["bash", "--norc", "-c", COMPLETE, "bash", line]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == expected.split(), ran.stderr


def test_fish_completes() -> None:
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("no fish here")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    words = "wgsl-ls completion fish | source; complete -C 'wgsl-ls validate --profile nvi'"
    ran = subprocess.run(
        [fish, "--no-config", "-c", words], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["nvidia"], ran.stderr
