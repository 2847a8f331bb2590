"""What the command line does before and after its work: parts that are missing, ports, engines, parts of a run."""

from __future__ import annotations

import argparse
import gzip
import io
import logging
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TextIO
from unittest.mock import MagicMock, Mock

import pytest

from tests.cli.conftest import Engines, Say, write
from wgsl_ls.analysis.rules_page import rules_page
from wgsl_ls.cli import doctor, serve, smoke, smoke_host
from wgsl_ls.cli import main as door
from wgsl_ls.cli.composition import UserError, open_session
from wgsl_ls.cli.output import Output, read_report
from wgsl_ls.cli.progress import progress_bar
from wgsl_ls.cli.render import _short
from wgsl_ls.cli.smoke import _shard
from wgsl_ls.project.cache import default_cache_path
from wgsl_ls.project.config_page import schema_text
from wgsl_ls.server import sockets
from wgsl_ls.smoke.config import CaseConfig
from wgsl_ls.smoke.judge import Check, SmokeJudgement
from wgsl_ls.smoke_session import Candidate, Finished, PlannedRun, Target, run_report
from wgsl_ls.wire.frames import PROTOCOL
from wgsl_ls.wire.jobs import EngineInfo, Unavailable

CONFIG = '[[shader]]\nfiles = ["a.wgsl"]\naxes = { N = [1, 2] }\n'


@pytest.mark.parametrize(
    ("missing", "package"),
    [("numpy", "numpy>="), ("numpy.linalg", "matplotlib>="), ("distributed.client", "distributed>="), ("mcp", "mcp<")],
)
def test_a_part_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str, package: str
) -> None:
    def fail(words: list[str]) -> int:
        raise ModuleNotFoundError("no", name=missing)

    monkeypatch.setattr(door, "_main", fail)
    assert door.main(["smoke"]) == 2
    said = capsys.readouterr().err
    assert f"this needs {missing}: " in said and package in said


def test_the_words_of_the_command_line_are_those_behind_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["wgsl-ls", "rule", "none/such"])
    assert door.main() == 2 and "none/such" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["something", None])
def test_a_module_that_is_ours_to_bring_is_a_bug(monkeypatch: pytest.MonkeyPatch, missing: str | None) -> None:
    def fail(words: list[str]) -> int:
        raise ModuleNotFoundError("no", name=missing)

    monkeypatch.setattr(door, "_main", fail)
    with pytest.raises(ModuleNotFoundError):
        door.main(["smoke"])


@pytest.mark.parametrize(
    ("available", "code"), [((True, True), 0), ((True, False), 1), ((False, True), 1), ((False, False), 2)]
)
def test_doctor_fails_by_what_is_missing(
    say: Say, monkeypatch: pytest.MonkeyPatch, available: tuple[bool, ...], code: int
) -> None:
    async def examine() -> dict[str, Any]:
        names = ("wgpu", "dawn")
        return {"engines": {name: {"available": one} for name, one in zip(names, available, strict=True)}}

    monkeypatch.setattr(doctor, "examine", examine)
    assert say("doctor", "--json")[0] == code
    monkeypatch.setattr(doctor, "as_text", lambda found: f"{len(found['engines'])} engines\n")
    assert say("doctor")[:2] == (code, f"2 engines\ncache     {default_cache_path()}\n")


def test_a_report_to_compare_with_may_be_packed(tmp_path: Path) -> None:
    for name, content in (("r.json", b'{"a": 1}'), ("r.json.gz", gzip.compress(b'{"a": 1}'))):
        (tmp_path / name).write_bytes(content)
        assert read_report(str(tmp_path / name)) == {"a": 1}


def test_pages_that_are_written_are_those_of_the_package(say: Say) -> None:
    assert say("rules") == (0, rules_page(), "")
    assert say("schema") == (0, schema_text(), "")


LISTENING: dict[str, tuple[dict[str, Any], str, list[tuple[str, str, int]]]] = {
    "a port": ({"tcp": "7000"}, "", [("tcp", "127.0.0.1", 7000)]),
    "a host and a port": ({"tcp": "localhost:7000"}, "", [("tcp", "localhost", 7000)]),
    "an address with colons": ({"websocket": "[::1]:0"}, "", [("websocket", "::1", 0)]),
    "the last port": ({"tcp": "65535"}, "", [("tcp", "127.0.0.1", 65535)]),
    "no port": ({"tcp": "65536"}, "'65536' is no port; write PORT or HOST:PORT", []),
    "a word": ({"tcp": "host:"}, "'host:' is no port; write PORT or HOST:PORT", []),
    "digits of another alphabet": ({"tcp": "٧"}, "'٧' is no port; write PORT or HOST:PORT", []),
    "others": ({"tcp": "0.0.0.0:1"}, "other machines could reach 0.0.0.0, and nothing is encrypted; add", []),
    "others, and it is meant": ({"tcp": "0.0.0.0:1", "remote": True}, "", [("tcp", "0.0.0.0", 1)]),
}  # fmt: skip


@pytest.mark.parametrize(("given", "problem", "served"), LISTENING.values(), ids=LISTENING)
def test_where_it_listens(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], problem: str, served: list[tuple[str, str, int]]
) -> None:
    found: list[tuple[str, str, int]] = []

    def serving(kind: str) -> Any:
        def take(server: Any, host: str, port: int, token: str, origins: Any = ()) -> None:
            assert token == "t" and tuple(origins) == (("o",) if kind == "websocket" else ())
            found.append((kind, host, port))

        return take

    monkeypatch.setenv(sockets.TOKEN_VARIABLE, "t")
    monkeypatch.setattr(sockets, "serve_tcp", serving("tcp"))
    monkeypatch.setattr(sockets, "serve_websocket", serving("websocket"))
    arguments = argparse.Namespace(**{"tcp": "", "websocket": "", "remote": False, "origin": ["o"], **given})
    assert serve._listen(object(), arguments).startswith(problem)  # type: ignore[arg-type]
    assert found == served


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ImportError("websockets"), "--websocket needs another part of wgsl-ls: "),
        (OSError(98, "Address in use"), "cannot listen on 7000: Address in use"),
    ],
)
def test_why_it_does_not_listen(monkeypatch: pytest.MonkeyPatch, error: Exception, words: str) -> None:
    def fail(*arguments: Any) -> None:
        raise error

    monkeypatch.setenv(sockets.TOKEN_VARIABLE, "t")
    monkeypatch.setattr(sockets, "serve_websocket", fail)
    arguments = argparse.Namespace(tcp="", websocket="7000", remote=False, origin=[])
    assert serve._listen(object(), arguments).startswith(words)  # type: ignore[arg-type]


def test_a_token_is_made_and_said_if_there_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[str] = []
    monkeypatch.delenv(sockets.TOKEN_VARIABLE, raising=False)
    monkeypatch.setattr(sockets, "serve_tcp", lambda server, host, port, token: made.append(token))
    arguments = argparse.Namespace(tcp="1", websocket="", remote=False, origin=[])
    assert serve._listen(object(), arguments) == ""  # type: ignore[arg-type]
    assert len(made[0]) > 30 and f'"token": "{made[0]}"' in capsys.readouterr().err


@pytest.mark.parametrize("words", [("serve",), ("serve", "--stdio"), ("mcp", ".")])
def test_what_speaks_over_its_pipes_ends_with_success(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    server = Mock()
    if words[0] == "mcp":
        pytest.importorskip("mcp")
    for module in ("gc", "signal", "logging"):
        monkeypatch.setattr(serve, module, MagicMock())
    monkeypatch.setattr("wgsl_ls.server.app.make_server", lambda: server)
    monkeypatch.setattr("wgsl_ls.cli.mcp.make_server", lambda folder: server)
    assert door.main(list(words)) == 0
    assert [one[0] for one in server.method_calls] == ["run" if words[0] == "mcp" else "start_io"]


@pytest.mark.parametrize(
    ("words", "cores", "counts"),
    [
        ((), 12, {"wgpu": 6, "dawn": 6}),
        ((), 1, {"wgpu": 1, "dawn": 1}),
        ((), None, {"wgpu": 1, "dawn": 1}),
        (("--engine", "dawn"), 12, {"dawn": 12}),
        (("--jobs", "3"), 12, {"wgpu": 3, "dawn": 3}),
    ],
)
def test_how_many_workers(
    say: Say,
    engines: Engines,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    cores: int | None,
    counts: object,
) -> None:
    write({"a.wgsl": "const a = 1;\n"})
    if cores is None:  # nobody knows
        monkeypatch.delattr("os.sched_getaffinity", raising=False)
        monkeypatch.setattr("os.cpu_count", lambda: None)
    else:  # fewer than the machine has
        monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(cores)), raising=False)
        monkeypatch.setattr("os.cpu_count", lambda: cores + 30)
    assert say("validate", *words, "a.wgsl")[0] == 0
    assert engines.counts == counts


def test_what_fails_by_our_own_mistake_is_said_once_and_logged(say: Say, caplog: pytest.LogCaptureFixture) -> None:
    write({"a.wgsl": "const a = 1;\n", "b.wgsl": "const b = 1;\n"})
    session = open_session(["a.wgsl", "b.wgsl"])
    with caplog.at_level(logging.DEBUG, "wgsl_ls"):
        for root in ("a.wgsl", "a.wgsl", "b.wgsl"):
            with session.boundary(root):
                raise ValueError("x" * 400)
        with session.boundary("b.wgsl"):
            raise KeyError
    assert [one.path for one in session.failures] == ["a.wgsl", "b.wgsl"]
    assert session.failures[0].message.endswith(f"(ValueError: {'x' * 288})")
    assert [one.exc_info is not None for one in caplog.records] == [True, True]
    with pytest.raises(UserError), session.boundary("a.wgsl"):
        raise UserError("the user's")


@pytest.mark.parametrize(("glob", "names", "complete"), [("N=1", ["N=1"], False), ("N*", ["N=1", "N=2"], True)])
def test_variants_that_are_chosen(say: Say, glob: str, names: list[str], complete: bool) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": "const a = N;\n"})
    session = open_session(["a.wgsl"], variant_glob=glob)
    (root,) = session.workspace.roots()
    found = session.workspace.settings(root)
    assert ([one.name for one in found.variants], found.complete) == (names, complete)
    assert session.workspace.settings(root) is found
    session.files.open_text(str(Path(root).parent / "wgsl-ls.toml"), CONFIG.replace("1, 2", "1, 3"), 1)
    session.workspace.refresh()
    assert len(session.workspace.settings(root).variants) == len(names)
    assert session.workspace.settings(root) is not found, "of other settings there are others"


def test_of_a_part_of_the_variants_the_others_are_not_looked_at(say: Say) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": "const a = N;\n"})
    session = open_session(["a.wgsl"])
    (root,) = session.workspace.roots()
    session.keep({root: ["N=2"]})
    view = session.snapshot.root(root)
    assert view is not None and [one.name for one in view.variants] == ["N=2"]


def test_who_reads_a_pipe_sees_its_end(say: Say) -> None:
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    with Output("pipe") as output:
        output.write("a report\n")
    assert (os.read(reader, 99), os.read(reader, 99)) == (b"a report\n", b"")
    os.close(reader)


@pytest.mark.parametrize("name", [".", "..", "/", "none/.."])
def test_a_folder_is_no_place_for_a_report(say: Say, name: str) -> None:
    with pytest.raises(UserError, match="cannot write"):
        Output(name)


class SmokeEngine:
    """Stands for the engines of `smoke`: whatever they get passes. `asked`: (variant, engine, matrices, measured,
    times) of what was planned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, missing: Unavailable | None = None) -> None:
        self.asked: list[tuple[str, str, str, bool, int]] = []
        self.missing = missing
        monkeypatch.setattr(smoke, "pool_for", lambda *words: self)
        monkeypatch.setattr(smoke_host, "pool_for", lambda *words: self)
        monkeypatch.setattr(smoke, "plan_runs", self.plan_runs)
        monkeypatch.setattr(smoke, "run_plans", self.run_plans)

    async def __aenter__(self) -> SmokeEngine:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass

    async def info(self, engine: str) -> EngineInfo | Unavailable:
        return self.missing or EngineInfo(engine, "1", PROTOCOL, "A GPU", "Vulkan")

    def plan_runs(
        self, candidate: Candidate, target: Target, *, measured: bool, n_timed: int, **more: object
    ) -> list[PlannedRun]:
        self.asked.append((candidate.variant.name, target.engine, target.matrices, measured, n_timed))
        return [PlannedRun(candidate, CaseConfig(""), None)]

    async def run_plans(
        self, pool: object, target: Target, planned: list[PlannedRun], *more: object, **most: object
    ) -> AsyncIterator[Finished]:
        for one in planned:
            yield Finished(
                one, target, run_report(one, target, "A GPU", SmokeJudgement("pass", (Check("nan", "out", True),)))
            )


SMOKE_FILES = {
    "wgsl-ls.toml": '[[shader]]\nfiles = ["a.wgsl"]\naxes = { M = ["", "M"] }\n',
    "a.wgsl": "#ifdef M\n// subgroup_matrix\n#endif\n@compute @workgroup_size(1) fn main() {}\n",
}
SMOKES: dict[str, tuple[str, set[tuple[str, str, str, bool, int]]]] = {
    "as it is": ("", {(name, "wgpu", "auto", False, 5) for name in ("default", "M")}),
    "times": ("--timed 3", {(name, "wgpu", "auto", False, 3) for name in ("default", "M")}),
    "without matrices of the device": (
        "--matrices emulated", {(name, "wgpu", "emulated", False, 5) for name in ("default", "M")},
    ),
    "both ways where there are matrices": (
        "--matrices both",
        {("default", "wgpu", "native", False, 5), ("M", "wgpu", "native", False, 5),
         ("M", "wgpu", "emulated", False, 5)},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("words", "asked"), SMOKES.values(), ids=SMOKES)
def test_what_a_smoke_run_asks_for(
    say: Say, monkeypatch: pytest.MonkeyPatch, words: str, asked: set[tuple[str, str, str, bool, int]]
) -> None:
    write(SMOKE_FILES)
    engine = SmokeEngine(monkeypatch)
    code, out, err = say("smoke", "--engine", "wgpu", *words.split(), ".")
    assert code == 0, err
    assert set(engine.asked) == asked and len(engine.asked) == len(asked)
    assert out.count("wgpu: A GPU") == 1, "a device is named once"


def test_a_campaign_runs_small_cases_and_measures_large_ones(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    write(SMOKE_FILES)
    engine = SmokeEngine(monkeypatch)
    code, out, err = say("smoke", "--campaign", "found", ".")
    assert code == 0, err
    ways = {(name, how) for _, name, how, _, _ in engine.asked}
    assert ways == {("wgpu", "auto"), ("dawn", "auto"), ("dawn", "emulated")}
    for name, how in ways:
        asked = [(variant, *rest) for variant, one, other, *rest in engine.asked if (one, other) == (name, how)]
        variants = ["M"] if how == "emulated" else ["default", "M"]
        small, large = [(one, False, 0) for one in variants], [(one, True, 5) for one in variants]
        assert sorted(asked) == sorted(small + large), (name, how)
    assert out.count("A GPU") >= len({name for name, _ in ways})


def test_without_an_engine_a_host_runs_nothing_and_says_why(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(Path(__file__).parents[1] / "smoke" / "host", ".", dirs_exist_ok=True)
    SmokeEngine(monkeypatch, Unavailable("no adapter", "install a driver"))
    code, out, err = say("smoke", "--op", "SCALE")
    assert (code, out) == (2, "")
    assert "wgpu: no adapter" in err and "nothing to run" in err


def test_what_only_some_devices_do_is_not_varied() -> None:
    arguments = argparse.Namespace(op="*", case="", quick=False, draw=0)
    host: Any = Mock(ops=None)
    plain = smoke_host.chosen_cases(host, arguments)
    arguments.draw = 20
    drawn = smoke_host.chosen_cases(host, arguments)[len(plain) :]
    assert len(drawn) >= 20 and all(one.is_run and not one.device and one.then is None for one in drawn)


def test_parts_of_a_smoke_run_are_all_of_it() -> None:
    everything: Any = list(range(10))
    assert _shard(everything, None) == everything
    parts = [_shard(everything, f"{part}/3") for part in (1, 2, 3)]
    assert parts == [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]]
    for wrong in ("0/3", "4/3", "1", "a/b", "1/2/3"):
        with pytest.raises(UserError, match="--shard"):
            _shard(everything, wrong)


def test_what_would_be_run_is_listed_with_its_cases(say: Say) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": "@compute @workgroup_size(1) fn main() {}\n"})
    code, out, _ = say("smoke", "--list", ".")
    assert code == 0 and out.splitlines() == ["a.wgsl\tN=1\t-", "a.wgsl\tN=2\t-"]
    write({"wgsl-ls.toml": CONFIG + "[smoke]\ncases = [{ name = 'small' }, { name = 'large' }]\n"})
    assert [line.split("\t")[2] for line in say("smoke", "--list", ".")[1].splitlines()] == ["small, large"] * 2


def test_a_long_name_keeps_its_two_ends() -> None:
    name = "abcdefgh" * 9
    assert _short(name) == name and len(name) == 72
    half = 36
    assert _short(name + "!") == f"{name[:half]}…{(name + '!')[-half:]}"


def test_a_pipe_has_no_width(say: Say, engines: Engines) -> None:
    text = "const a = 1; // " + "words " * 60 + "\n"
    write({"a.wgsl": "//! reject 2:1 wrong\n" + text})
    assert text.strip() in say("validate", "a.wgsl")[1]


def test_no_memory_is_no_success(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(words: list[str]) -> int:
        raise MemoryError

    monkeypatch.setattr(door, "_main", fail)
    assert door.main(["variants"]) == 2 and "not enough memory" in capsys.readouterr().err


def test_a_pager_that_was_closed_is_no_failure(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(arguments: argparse.Namespace) -> int:
        raise BrokenPipeError

    write({"a.wgsl": "const a = 1;\n"})
    monkeypatch.setattr("wgsl_ls.cli.variants.run", fail)
    monkeypatch.setattr("sys.stderr", MagicMock())
    assert door.main(["variants"]) == 0


def test_a_dash_is_standard_input_whatever_a_file_is_called(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"a.wgsl": "const a = 1;\n", "-": "const b = 2;\n"})
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"const a = 1;\n")))
    code, out, err = say("identify", "-")
    assert code == 0 and "a.wgsl" in out, err


def test_pages_that_may_connect_are_as_many_as_are_named() -> None:
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    assert parser.parse_args([]).origin == []
    assert parser.parse_args(["--origin", "http://a", "--origin", "http://b"]).origin == ["http://a", "http://b"]


@pytest.mark.parametrize(
    ("words", "level"), [("", "WARNING"), ("--log x", "INFO"), ("--log x --log-level debug", "DEBUG")]
)
def test_how_much_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, level: str) -> None:
    class Begun(Exception):
        pass

    def begin(level: int, handlers: list[logging.StreamHandler[TextIO]]) -> None:
        for handler in handlers:
            if words:
                handler.stream.close()
        raise Begun(logging.getLevelName(level))

    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("logging.basicConfig", begin)
    with pytest.raises(Begun, match=level):
        serve.run(parser.parse_args(words.split()))


def test_a_bar_counts_variants_and_writes_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setenv("COLUMNS", "60")
    with progress_bar(3) as step:
        for seconds, variant in ((0.05, "a"), (0.1, "b"), (0.15, "b"), (9.0, "c")):
            now[0] = 100.0 + seconds
            step(Mock(root="/w/k\x1b.wgsl", variant=variant))
    assert capsys.readouterr().err.split("\r\x1b[K") == [
        "", "compiling 2 of 3 variants, 0 s  k␛.wgsl", "compiling 3 of 3 variants, 9 s  k␛.wgsl", "",
    ]  # fmt: skip


def test_a_bar_leaves_no_word_behind(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(2):
        pass
    assert capsys.readouterr().err.endswith("\r\x1b[K")
