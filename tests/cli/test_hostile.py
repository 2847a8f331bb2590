"""Workspaces that mean harm or are only odd: what cannot be read is never green, one file costs the others nothing,
outputs replace no source, and the workspace's words command nothing that reads our output."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import socket
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.cli.conftest import Engines, Say
from wgsl_ls.cli.output import Output, log_file

GOOD = "@compute @workgroup_size(1) fn main() { }\n"
WRONG = "#include nothing\n"
"""Fails before any compiler is asked."""
CONFIG = '[[shader]]\nfiles = ["*.wgsl"]\n'
NUMBER = "9" * 5000

Build = Callable[[Path], None]


# ---- what cannot be read is never green ----


def too_large(folder: Path) -> None:
    with (folder / "odd.wgsl").open("wb") as file:
        file.truncate(9 << 20)


def a_pipe(folder: Path) -> None:
    os.mkfifo(folder / "odd.wgsl")


def a_socket(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("odd.wgsl")


def a_loop_of_links(folder: Path) -> None:
    (folder / "odd.wgsl").symlink_to("odd.wgsl")


def a_link_to_nothing(folder: Path) -> None:
    (folder / "odd.wgsl").symlink_to("nowhere.wgsl")


def a_device(folder: Path) -> None:
    (folder / "odd.wgsl").symlink_to("/dev/zero")


def memory(folder: Path) -> None:
    (folder / "odd.wgsl").symlink_to("/proc/self/mem")


def latin_1(folder: Path) -> None:
    (folder / "odd.wgsl").write_bytes(b"// caf\xe9\n" + GOOD.encode())


def utf_16(folder: Path) -> None:
    (folder / "odd.wgsl").write_bytes(GOOD.encode("utf-16"))


def a_null_in_a_comment(folder: Path) -> None:
    (folder / "odd.wgsl").write_bytes(b"// \0\n" + GOOD.encode())


def utf_16_configuration(folder: Path) -> None:
    (folder / "wgsl-ls.toml").write_bytes(CONFIG.encode("utf-16"))


def no_configuration(folder: Path) -> None:
    (folder / "wgsl-ls.toml").unlink()
    os.mkfifo(folder / "wgsl-ls.toml")


def large_configuration(folder: Path) -> None:
    with (folder / "wgsl-ls.toml").open("ab") as file:
        file.truncate(9 << 20)


MANY = "{a,b}" * 200
UNREAD: list[Build] = [
    too_large, a_pipe, a_socket, a_loop_of_links, a_link_to_nothing, a_device, memory, latin_1, utf_16,
    a_null_in_a_comment, no_configuration, large_configuration, utf_16_configuration,
]  # fmt: skip


@pytest.mark.gpu
@pytest.mark.parametrize("build", UNREAD)
def test_what_cannot_be_read_is_a_finding_and_not_clean(say: Say, build: Build) -> None:
    folder = Path.cwd()
    (folder / "wgsl-ls.toml").write_text(CONFIG)
    (folder / "good.wgsl").write_text(GOOD)
    build(folder)
    code, out, _ = say("validate", "--engine=dawn", "--format=gcc")
    assert code == 2, out
    assert re.search(r"^(?:odd\.wgsl|wgsl-ls\.toml):1:\d+: error: .*\[file/(?:unreadable|encoding)\]$", out, re.M), out
    # What is found beside it is worse.
    (folder / "wrong.wgsl").write_text(WRONG)
    code, out, _ = say("validate", "--engine=dawn", "--format=gcc")
    assert code == 1 and "wrong.wgsl:1:" in out


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("[host]\nfiles = ['src/*.cpp', '**/*.cxx']\n", 'no file matches "src/*.cpp", so the host\'s code is not read'),
        (f"[host]\nfiles = ['src/**']\n{CONFIG}", 'no file matches "src/**"'),
        (f"[host]\nfiles = ['{MANY}.cpp']\n", "this pattern is too complex: of more than 500 characters"),
        (f"import = ['{MANY}.jsonl']\n", "this pattern is too complex: of more than 500 characters"),
        ("[host]\nfiles = ['none.cpp']\n", "there is no file"),
        (f"[host]\nfiles = ['wide.cpp']\n{CONFIG}", "is UTF-16"),
        ("[host]\nfiles = ['pipe.cpp']\n", "is no regular file"),
        ("[host]\nfiles = ['*.cpp']\n", "is no regular file"),
        ("[rules]\n'config/import' = 'off'\n[host]\nfiles = ['none.cpp']\n", "there is no file"),
        ("import = ['lists/*.jsonl']\n", 'no file matches "lists/*.jsonl", so there is no list of variants'),
        (f"import = ['none.jsonl']\n{CONFIG}", "there is no file"),
    ],
)
def test_what_was_asked_for_and_is_not_there_is_not_clean(say: Say, engines: Engines, asked: str, says: str) -> None:
    Path("good.wgsl").write_text(GOOD)
    Path("wgsl-ls.toml").write_text(asked)
    Path("wide.cpp").write_bytes("int a;\n".encode("utf-16"))
    os.mkfifo("pipe.cpp")
    code, out, err = say("validate", "--format=gcc")
    assert (code, says in out) == (2, True), out + err
    assert re.search(r"^wgsl-ls\.toml:\d+:\d+: error: .*\[config/import\]$", out, re.M), out


@pytest.mark.parametrize("name", ["pipe.wgsl", "pipe", "/dev/null", "circle.wgsl"])
def test_what_is_named_and_no_file_is_not_clean(say: Say, name: str) -> None:
    os.mkfifo("pipe.wgsl")
    os.mkfifo("pipe")
    Path("circle.wgsl").symlink_to("circle.wgsl")
    code, out, err = say("validate", "--format=gcc", name)
    assert code == 2 and name in out + err


def test_one_of_several_patterns_may_match_nothing(say: Say, engines: Engines) -> None:
    Path("good.wgsl").write_text(GOOD)
    Path("h.cpp").write_text("int a;\n")
    Path("wgsl-ls.toml").write_text("[host]\nfiles = ['*.cpp', '*.cxx']\n")
    assert say("validate", "--format=gcc")[0] == 0


def test_no_permission_is_not_absence(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated, for root may read everything."""
    folder = Path.cwd()
    (folder / "inner").mkdir()
    (folder / "odd.wgsl").write_text(WRONG)
    plain_open, plain_scan = os.open, os.scandir

    def no_open(path: str, *arguments: int, **named: int) -> int:
        if str(path).endswith("odd.wgsl"):
            raise PermissionError(13, "Permission denied", str(path))
        return plain_open(path, *arguments, **named)

    def no_scan(path: str) -> object:
        if str(path).endswith("inner"):
            raise PermissionError(13, "Permission denied", str(path))
        return plain_scan(path)

    monkeypatch.setattr(os, "open", no_open)
    monkeypatch.setattr(os, "scandir", no_scan)
    code, out, _ = say("validate", "--format=gcc")
    assert code == 2
    assert "odd.wgsl:1:1: error:" in out and "Permission denied" in out
    assert "inner:1:1: error: the folder" in out


def test_names_that_differ_in_case_are_two_files(say: Say) -> None:
    Path("wrong.wgsl").write_text(WRONG)
    if Path("WRONG.wgsl").exists():
        pytest.skip("this disk takes them for one")
    Path("WRONG.wgsl").write_text('#include "h.tmpl"\n' + GOOD)
    Path("H.tmpl").write_text("")
    code, out, _ = say("validate", "--format=gcc")
    assert code == 1
    assert "wrong.wgsl:1:" in out and 'WRONG.wgsl:1:11: error: cannot find "h.tmpl"' in out


def test_lock_files_of_editors_are_no_shaders(say: Say) -> None:
    Path(".#a.wgsl").symlink_to("me@host.4711")
    Path("wrong.wgsl").write_text(WRONG)
    assert "unreadable" not in say("validate", "--format=gcc")[1]


def test_an_unknown_profile_is_refused(say: Say) -> None:
    Path("a.wgsl").write_text(GOOD)
    code, _, err = say("validate", "--profile=webgpu-defualt")
    assert code == 2 and "no device profile 'webgpu-defualt'" in err and "there are: " in err


@pytest.mark.gpu
@pytest.mark.parametrize("engine", ["wgpu", "dawn"])
def test_what_follows_a_null_is_compiled(say: Say, engine: str) -> None:
    """An engine that takes the end of a C string for the end of the text would be content."""
    Path("a.wgsl").write_text(f"{GOOD}VALUE\nfn (((\n")
    Path("wgsl-ls.toml").write_text('defines = { VALUE = "\\u0000" }\n')
    code, out, _ = say("validate", f"--engine={engine}", "--format=gcc")
    assert code == 1 and "a.wgsl:2:1: error: " in out, out


# ---- one odd file costs the others nothing ----

ODD: dict[str, dict[str, str]] = {
    "include name": {"odd.wgsl": f'#include "{"n" * 300}"\n{GOOD}'},
    "nested conditions": {"odd.wgsl": "#if 1\n" * 3000 + "#endif\n" * 3000 + GOOD},
    "nested expression": {"odd.wgsl": "#if " + "(" * 5000 + "1" + ")" * 5000 + "\n#endif\n" + GOOD},
    "number in a condition": {"odd.wgsl": f"#define X {NUMBER}\n#if X > {NUMBER}\n#endif\n{GOOD}"},
    "number in TOML": {"wgsl-ls.toml": f"max-variants = {NUMBER}\n{CONFIG}"},
    "number in a list": {"wgsl-ls.toml": 'import = ["v.jsonl"]\n', "v.jsonl": f'{{"shader": {NUMBER}}}\n'},
    "number as override": {"wgsl-ls.toml": f"overrides = {{ x = {'9' * 400} }}\n{CONFIG}"},
    "nested TOML": {"wgsl-ls.toml": f"a = {'[' * 5000}{']' * 5000}\n{CONFIG}"},
    "null in a pattern": {"wgsl-ls.toml": f'[host]\nfiles = ["a\\u0000/*.cpp", "\\u0000"]\n{CONFIG}'},
    "null in an import": {
        "wgsl-ls.toml": f'import = ["\\u0000/*.jsonl", "\\u0000.jsonl"]\ninclude-dirs = ["\\u0000"]\n{CONFIG}'
    },
    "name in a list": {
        "wgsl-ls.toml": 'import = ["v.jsonl"]\n',
        "v.jsonl": '{"shader": "' + "n" * 5000 + '"}\n{"shader": "\\u0000"}\n',
    },
    "long key": {"wgsl-ls.toml": ".".join("a" * 3000) + f" = 1\n{CONFIG}"},
}


@pytest.mark.gpu
@pytest.mark.parametrize("kind", ODD)
def test_one_odd_file_does_not_take_the_others_down(say: Say, kind: str) -> None:
    for name, text in ODD[kind].items():
        Path(name).write_text(text)
    Path("wrong.wgsl").write_text(WRONG)
    code, out, err = say("validate", "--engine=dawn", "--format=gcc")
    assert code == 1, err
    assert "wrong.wgsl:1:" in out


def test_our_own_failure_with_one_root_is_told_and_costs_the_others_nothing(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wgsl_ls.analysis.report import Reporter

    plain_report = Reporter.report

    def report(self: Reporter, snapshot: object, view: object) -> object:
        if "odd" in str(getattr(view, "path", "")):
            raise KeyError("a bug")
        return plain_report(self, snapshot, view)  # type: ignore[arg-type]

    monkeypatch.setattr(Reporter, "report", report)
    Path("odd.wgsl").write_text(WRONG)
    code, out, _ = say("validate", "--format=gcc")
    assert code == 2
    assert "odd.wgsl:1:1: error: wgsl-ls failed with this shader, please report it (KeyError: 'a bug')" in out
    Path("wrong.wgsl").write_text(WRONG)
    code, out, _ = say("validate", "--format=gcc")
    assert code == 1 and "wrong.wgsl:1:" in out


# ---- outputs ----


@pytest.mark.parametrize(
    "words",
    [
        ("validate", "--output={}"),
        ("coverage", "--output={}"),
        ("smoke", "--report={}"),
        ("smoke", "--html={}"),
        ("smoke", "--campaign={}"),
        ("serve", "--log={}"),
    ],
)
def test_a_place_that_cannot_be_written_is_known_before_the_work(say: Say, words: tuple[str, ...]) -> None:
    Path("taken").write_text("")
    for place in ("missing/folder/r.json", "taken/r.json"):
        target = "taken" if "campaign" in words[1] else place
        code, _, err = say(*(word.format(target) for word in words))
        assert code == 2 and ("cannot write" in err or "cannot make" in err)
        assert "no shaders" not in err, "nothing was looked at yet"


@pytest.mark.parametrize(
    "command", ["validate --output={}", "coverage --output={}", "smoke --report={}", "serve --log={}"]
)
@pytest.mark.parametrize("name", ["a.wgsl", "wgsl-ls.toml", "variants.jsonl", "host.cpp", "part.tmpl"])
def test_a_report_never_replaces_a_source(say: Say, command: str, name: str) -> None:
    Path("b.wgsl").write_text(WRONG)
    Path(name).write_text("// mine\n")
    code, _, err = say(*command.format(name).split())
    assert code == 2 and "of ours replaces" in err
    assert Path(name).read_text() == "// mine\n"


@pytest.mark.parametrize("write", ["report", "log"])
@pytest.mark.parametrize("target", ["../mine.txt", "../new.txt"])
def test_nothing_is_written_through_a_link_to_a_file(write: str, target: str, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "mine.txt").write_text("mine\n")
    link = tmp_path / "work" / "server.log"
    link.symlink_to(target)
    _write(write, str(link))
    assert link.read_text() == "words\n" and not link.is_symlink()
    assert (tmp_path / "mine.txt").read_text() == "mine\n" and not (tmp_path / "new.txt").exists()


@pytest.mark.parametrize("write", ["report", "log"])
def test_the_systems_links_are_written_through_and_never_replaced(write: str, tmp_path: Path) -> None:
    """`/dev/stdout` is a link to what a shell opened, which may be a file."""
    with (tmp_path / "redirected").open("wb") as file:
        _write(write, f"/proc/self/fd/{file.fileno()}")
    assert (tmp_path / "redirected").read_text() == "words\n"


def _write(what: str, path: str) -> None:
    if what == "log":
        with log_file(path) as file:
            file.write("words\n")
    else:
        with Output(path) as output:
            output.write("words\n")


def test_a_log_grows(tmp_path: Path) -> None:
    for _ in range(2):
        _write("log", str(tmp_path / "server.log"))
    assert (tmp_path / "server.log").read_text() == "words\nwords\n"


def test_a_report_replaces_a_report_and_a_failed_run_leaves_none(say: Say) -> None:
    Path("b.wgsl").write_text(WRONG)
    Path("r.json").write_text("x" * 100_000)
    assert say("validate", "--format=json", "--output=r.json")[0] == 1
    assert json.loads(Path("r.json").read_text())["version"] == 1
    assert say("validate", "--format=json", "--output=new.json", "missing.wgsl")[0] == 2
    assert not Path("new.json").exists()
    assert say("validate", "--output=/dev/null")[0] == 1


def test_asking_whether_a_place_can_be_written_leaves_nothing_open(tmp_path: Path) -> None:
    def lowest() -> int:
        free = os.dup(0)
        os.close(free)
        return free

    before = lowest()
    with Output(str(tmp_path / "report.json")):
        assert lowest() == before and list(tmp_path.iterdir()) == []


def test_a_link_is_replaced_and_never_followed(say: Say) -> None:
    """It may lie in the repository that is checked, and lead to a file of the user."""
    mine = Path("../mine.txt")
    mine.write_text("mine\n")
    Path("b.wgsl").write_text(WRONG)
    for target in ("../mine.txt", "../new.txt"):
        Path("r.json").unlink(missing_ok=True)
        Path("r.json").symlink_to(target)
        assert say("validate", "--format=json", "--output=r.json")[0] == 1
        assert not Path("r.json").is_symlink() and json.loads(Path("r.json").read_text())["version"] == 1
    assert mine.read_text() == "mine\n" and not Path("../new.txt").exists()


@pytest.mark.parametrize("moment", ["write", "replace"])
def test_a_report_is_whole_or_what_was_there(say: Say, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    Path("b.wgsl").write_text(WRONG)
    Path("r.json").write_text("the last one")
    plain_write = os.write

    def full(file: int, data: bytes) -> int:
        if len(data) > 40:
            return plain_write(file, bytes(data[:40]))
        raise OSError(28, "No space left on device")

    def fails(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        if moment == "write":
            patched.setattr(os, "write", full)
        else:
            patched.setattr(Path, "replace", fails)
        code, _, err = say("validate", "--format=json", "--output=r.json")
    assert code == 2 and "cannot write r.json: No space left on device" in err
    assert Path("r.json").read_text() == "the last one"
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["b.wgsl", "r.json"]


def test_permissions_of_a_report_stay(say: Say) -> None:
    Path("b.wgsl").write_text(WRONG)
    Path("r.json").write_text("")
    Path("r.json").chmod(0o640)
    assert say("validate", "--format=json", "--output=r.json")[0] == 1
    assert Path("r.json").stat().st_mode & 0o777 == 0o640


def test_names_of_files_are_no_options(say: Say) -> None:
    Path("good.wgsl").write_text(WRONG)
    for name in ("--output=good.wgsl", "-h", "--help", "--no-cache"):
        Path(name).write_text(GOOD)
        code, out, err = say("validate", *sorted(path.name for path in Path.cwd().iterdir()))
        assert code == 2 and "reads like an option" in err and "usage" not in out
        assert Path("good.wgsl").read_text() == WRONG
        Path(name).unlink()
    Path("--output=good.wgsl").write_text(WRONG)
    code, out, _ = say("validate", "--format=gcc", "--", "--output=good.wgsl")
    assert code == 1 and "--output=good.wgsl:1:" in out


# ---- the workspace's words ----

HOSTILE = (
    "\x1b[31m\x07\x9b2J\r::error::cr\n::error::lf\n##[error]v1 \u202e\u2028]]>\ufffe\x00<img src=x> [l](command:x)"
)


@pytest.fixture
def hostile(say: Say) -> Path:
    """A shader whose file's name, variants' names, texts and messages all want to be commands."""
    folder = Path("::error file=x\x1b[31m %41").absolute()
    folder.mkdir()
    os.mkdir(b"bytes\xff")  # noqa: PTH102 - a name that is no text
    (Path(os.fsdecode(b"bytes\xff")) / "b.wgsl").write_text(WRONG)
    names = json.dumps(HOSTILE).replace("\\ufffe", "\\uFFFE")
    variants = "".join(f"[[shader.variant]]\nname = {name}\n" for name in (names, '"two"'))
    (folder / "wgsl-ls.toml").write_text(f'[[shader]]\nfiles = ["*.wgsl"]\n{variants}', encoding="utf-8")
    text = HOSTILE.replace("\n", "").replace("\r", "").replace("\0", "")
    (folder / "a.wgsl").write_text(f'#bogus{text}\n#include "{text.replace(" ", "")}"\n#error {text}\n')
    return folder


def harmless(text: str) -> bool:
    """No terminal and no workflow runner finds a command, and the text can be written anywhere."""
    text.encode("utf-8")
    controls = re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]", text)
    return not controls and not re.search(r"^\s*::|##\[", text, re.M)


@pytest.mark.parametrize(
    "command",
    [
        "validate",
        "validate --format=gcc",
        "variants",
        "coverage",
        "smoke --list",
        "explain {}/a.wgsl:1",
        "impact --base=x",
    ],
)
def test_words_on_a_terminal(say: Say, hostile: Path, command: str) -> None:
    _, out, err = say(*(word.format(hostile) for word in command.split()))
    assert harmless(out) and harmless(err)
    assert out or err


def test_words_in_annotations(say: Say, hostile: Path) -> None:
    _, out, _ = say("validate", "--format=github")
    commands = [line for line in out.splitlines() if line.lstrip().startswith("::")]
    assert commands and all(re.match(r"::(error|warning|notice) file=[^:,]*,", line) for line in commands)
    assert harmless("\n".join(line.lstrip(":") for line in out.splitlines()).replace("##[", ""))
    assert len(out.splitlines()) == out.count("\n")


def test_words_in_junit(say: Say, hostile: Path) -> None:
    _, out, _ = say("validate", "--format=junit")
    tree = ElementTree.fromstring(out)
    assert any("␛[31m" in case.get("name", "") for case in tree.iter("testcase"))


def test_words_in_json_are_exact_and_escaped(say: Say, hostile: Path) -> None:
    _, out, _ = say("validate", "--format=json")
    assert harmless(re.sub(r"^\s*::|##\[", "", out, flags=re.M))
    data = json.loads(out)
    assert HOSTILE in {entry["name"] for entry in data["variants"]}
    assert f"{hostile.name}/a.wgsl" in {finding["path"] for finding in data["findings"]}


def test_words_in_sarif(say: Say, hostile: Path) -> None:
    _, out, _ = say("validate", "--format=sarif")
    results = json.loads(out)["runs"][0]["results"]
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results}
    assert all(re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri) for uri in uris)
    assert f"{hostile.name}/a.wgsl" in set(map(unquote, uris)) and "bytes%FF/b.wgsl" in uris
    assert not any("](" in result["message"]["text"] for result in results)


def test_words_in_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    from wgsl_ls.cli.serve import _Formatter

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter("%(message)s"))
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "about %s", (HOSTILE,), None)
        record.exc_info = __import__("sys").exc_info()
        handler.handle(record)
    assert harmless(stream.getvalue()) and "about ␛[31m" in stream.getvalue()


@pytest.mark.parametrize("command", [("coverage", "."), ("explain", "good.wgsl:1")])
@pytest.mark.parametrize("build", [too_large, a_pipe, a_link_to_nothing])
def test_other_commands_say_what_they_could_not_read(say: Say, build: Build, command: tuple[str, str]) -> None:
    folder = Path.cwd()
    (folder / "good.wgsl").write_text(GOOD)
    asked = [command[0], command[1]]
    assert say(*asked)[0] == 0
    build(folder)
    code, out, err = say(*asked)
    if command[0] == "coverage":
        assert code == 2 and "odd.wgsl" in err, (out, err)
    else:  # the place that was asked about could be read
        assert code == 0
