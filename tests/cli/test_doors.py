"""What the command line does before and after its work: parts that are missing, ports, engines, parts of a run."""

from __future__ import annotations

import argparse
import logging
from typing import Any

import pytest

from tests.cli.conftest import Engines, Say, write
from wgsl_ls.cli import doctor, serve
from wgsl_ls.cli import main as door
from wgsl_ls.cli.composition import UserError, open_session
from wgsl_ls.cli.render import _LONGEST_NAME, _short
from wgsl_ls.cli.smoke import _shard
from wgsl_ls.server import sockets

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
    assert code == 0 and [line.split("\t")[1:] for line in out.splitlines()] == [["N=1", "-"], ["N=2", "-"]]
    write({"wgsl-ls.toml": CONFIG + "[smoke]\ncases = [{ name = 'small' }, { name = 'large' }]\n"})
    assert [line.split("\t")[2] for line in say("smoke", "--list", ".")[1].splitlines()] == ["small, large"] * 2


def test_a_long_name_keeps_its_two_ends() -> None:
    name = "abcdefgh" * 9
    assert _short(name) == name and len(name) == _LONGEST_NAME
    half = _LONGEST_NAME // 2
    assert _short(name + "!") == f"{name[:half]}…{(name + '!')[-half:]}"


def test_a_pipe_has_no_width(say: Say, engines: Engines) -> None:
    text = "const a = 1; // " + "words " * 60 + "\n"
    write({"a.wgsl": "//! reject 2:1 wrong\n" + text})
    assert text.strip() in say("validate", "a.wgsl")[1]
