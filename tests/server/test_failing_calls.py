"""Every call to the operating system that a session makes about its files fails once, in turn: handlers answer or
refuse with a reason, and once the disk is well again and something changed there, all is as in a session without a
failure."""

from __future__ import annotations

import asyncio
import inspect
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.cli.test_failing_calls import FILES
from tests.failing import Failing
from tests.server.client import Client, ServerError
from tests.server.in_process import Desk
from tests.server.test_hostile_texts import requests
from wgsl_ls.server.handlers.did_change_watched_files import did_change_watched_files
from wgsl_ls.server.handlers.variants import variants
from wgsl_ls.server.messages import DocumentParams

N_PARTS = 6


def write_files(folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


WRONG = "//! reject 1:1 missing_too\n"


class Session:
    """One session, which does the same every time."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder, FILES)

    async def run(self) -> None:
        for name in ("a.wgsl", "c.wgsl", "wgsl-ls.toml"):
            self.desk.open(name, FILES[name])
        await self.desk.check()
        for method, params in requests(self.desk):
            await self.ask(method, params)
        self.desk.change(FILES["a.wgsl"] + WRONG)
        self.saw("inner/h.tmpl", "list.jsonl")
        await self.desk.check()

    def saw(self, *names: str) -> None:
        """A watcher saw that these files changed."""
        events = [types.FileEvent(self.desk.uri(name), types.FileChangeType.Changed) for name in names]
        did_change_watched_files(self.desk.server, types.DidChangeWatchedFilesParams(events))

    async def ask(self, method: str, params: Any) -> None:
        try:
            answer = self.desk.server.protocol.fm.features[method](params)
            if inspect.isawaitable(answer):
                await answer
        except Exception as refused:  # noqa: BLE001 - whatever is no refusal fails the test
            assert type(refused).__name__ in ("RequestFailed", "ContentModified"), (method, repr(refused))
            assert str(refused), method

    async def told(self) -> tuple[Any, ...]:
        """What the user sees now, in the diagnostics and in the list of variants."""
        params: Any = DocumentParams(self.desk.document("a.wgsl"))
        shown = {name: self.desk.shown(name) for name in ("a.wgsl", "c.wgsl", "inner/h.tmpl", "wgsl-ls.toml")}
        return shown, replace(await variants(self.desk.server, params), edition=0)


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, N_PARTS))])
async def test_a_session_outlives_each_call_that_fails(tmp_path: Path, part: int) -> None:
    folder = tmp_path / "w"

    async def session(failing: Failing) -> tuple[Any, ...]:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        one = Session(folder)
        with failing.installed():
            await one.run()
        one.desk.session.files.invalidate()
        one.saw(*FILES)
        await one.desk.check()
        return await one.told()

    counting = Failing(tmp_path, 0)
    clean = await session(counting)
    assert "missing_too" in str(clean) and counting.n_calls > 40
    for n in range(1 + part, counting.n_calls + 1, N_PARTS):
        failing = Failing(tmp_path, n)
        assert await session(failing) == clean, (n, failing.failed)


PROGRAM = """
import os, sys
from pathlib import Path
from tests.failing import Failing
from wgsl_ls.cli.main import main
counted = os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT)

class Counting(Failing):
    def count(self, name, about=""):
        os.pwrite(counted, str(self.n_calls + 1).encode(), 0)
        super().count(name, about)

with Counting(Path(sys.argv[1]), int(sys.argv[2])).installed():
    sys.exit(main(["serve", *sys.argv[4:]]))
"""
EACH = [pytest.param(60, id="some"), pytest.param(1, id="each", marks=pytest.mark.slow)]


@pytest.mark.parametrize("every", EACH)
async def test_a_server_outlives_each_call_that_fails(tmp_path: Path, every: int) -> None:
    """The process that an editor starts: each request is answered or refused with a reason, and it ends as asked."""
    folder, counted = tmp_path / "w", tmp_path.parent / f"{tmp_path.name}.count"
    write_files(folder)

    async def day(n: int) -> tuple[int, Any]:
        program = ("-c", PROGRAM, str(tmp_path), str(n), str(counted), "--log", str(tmp_path / "w" / "server.log"))
        client = await Client.launch(program=program)
        try:
            await client.initialize(folder, options={"engines": [], "cache": False})
        except (ServerError, ConnectionError, asyncio.CancelledError, AssertionError):
            return await asyncio.wait_for(client.process.wait(), 20), None  # the log could not be opened
        client.open(folder / "a.wgsl")
        document = {"textDocument": {"uri": (folder / "a.wgsl").as_uri()}}
        answers = []
        for method in ("textDocument/documentSymbol", "wgsl/variants", "textDocument/diagnostic"):
            try:
                answers.append(await client.request(method, document))
            except ServerError as refused:
                assert str(refused)
                answers.append(None)
        return await client.stop(), answers

    code, clean = await day(0)
    n_calls = int(counted.read_text())
    assert code == 0 and None not in clean and n_calls > 20
    for n in range(1, n_calls + 1, every):
        code, answers = await day(n)
        assert code == (0 if answers is not None else 2), n
        assert "Traceback" not in (folder / "server.log").read_text(), n
