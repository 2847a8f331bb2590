"""A client that sends too much, takes too little, or stops in the middle: each request has one answer, the server
lives, and what it says at the end is about the last text. Real processes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.server.client import Client, ServerError
from tests.server.test_robustness import family, gone

SHADER = "#ifdef A\nconst a = 1;\n#endif\n@compute @workgroup_size(1)\nfn main() {\n}\n"
OPTIONS: dict[str, Any] = {"cache": False, "engines": []}
N = 600


async def started(folder: Path) -> tuple[Client, Path]:
    path = folder / "a.wgsl"
    path.write_text(SHADER)
    client = await Client.start(folder, options=OPTIONS)
    client.open(path)
    return client, path


async def test_requests_that_are_cancelled_at_once(tmp_path: Path) -> None:
    client, path = await started(tmp_path)
    place = {"textDocument": {"uri": path.as_uri()}, "position": {"line": 4, "character": 4}}
    asked = []
    for number in range(N):
        method = ("textDocument/hover", "textDocument/completion", "wgsl/variants", "textDocument/rename")[number % 4]
        one, answer = client.ask(method, {**place, "newName": "other"})
        client.notify("$/cancelRequest", {"id": one})
        client.notify("$/cancelRequest", {"id": one})
        client.notify("$/cancelRequest", {"id": 10**6 + number})
        asked.append(answer)
    found = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 60)
    codes = Counter(one.error["code"] if isinstance(one, ServerError) else type(one).__name__ for one in found)
    assert set(codes) <= {-32800, -32801, -32803, "dict", "NoneType"}, codes
    assert len(await client.request("textDocument/documentSymbol", {"textDocument": place["textDocument"]}, 20)) == 2
    assert await client.stop() == 0


@pytest.mark.slow
async def test_a_flood_of_changes_ends_at_the_last_text(tmp_path: Path) -> None:
    client, path = await started(tmp_path)
    for version in range(2, N):
        client.change(path, f"{SHADER}const c{version} = {version};\n#bogus{version}\n", version)
        if version % 50 == 0:
            client.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
    await client.checked()
    assert [one["message"] for one in client.diagnostics(path) if "bogus" in one["message"]] == [
        one["message"] for one in client.diagnostics(path) if f"bogus{N - 1}" in one["message"]
    ]
    found = await client.request("textDocument/documentSymbol", {"textDocument": {"uri": path.as_uri()}}, 20)
    assert {one["name"] for one in found} >= {"main", f"c{N - 1}"}
    assert await client.stop() == 0


def framed(method: str, params: Any, number: int | None = None) -> bytes:
    content = {"jsonrpc": "2.0", "method": method, "params": params, **({} if number is None else {"id": number})}
    body = json.dumps(content).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def bare(folder: Path) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """A server that was told `initialize` and has a document, of which nothing has been read."""
    (folder / "a.wgsl").write_text(SHADER)
    command = [sys.executable, "-m", "wgsl_ls.cli.main", "serve"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    document = {"uri": (folder / "a.wgsl").as_uri()}
    opened = {**document, "languageId": "wgsl", "version": 1, "text": SHADER}
    server.stdin.write(framed("initialize", {"capabilities": {}, "processId": None, "rootUri": folder.as_uri(),
                                             "initializationOptions": OPTIONS}, 0))  # fmt: skip
    server.stdin.write(framed("initialized", {}) + framed("textDocument/didOpen", {"textDocument": opened}))
    server.stdin.flush()
    return server, document


def test_a_client_that_reads_late_gets_every_answer(tmp_path: Path) -> None:
    """More than a pipe holds waits; the client writes all the same, and reads then."""
    server, document = bare(tmp_path)
    assert server.stdin is not None and server.stdout is not None
    place = {"textDocument": document, "position": {"line": 4, "character": 4}}
    text = b"".join(framed("textDocument/completion", place, number) for number in range(1, 40))
    os.set_blocking(server.stdin.fileno(), True)
    server.stdin.write(text + framed("shutdown", None, 40))
    server.stdin.flush()
    answers = set()
    while 40 not in answers:
        length = 0
        while (line := server.stdout.readline()).strip():
            length = int(line.split(b":")[1]) if line.startswith(b"Content-Length") else length
        assert line, f"the server went away after {len(answers)} answers"
        message = json.loads(server.stdout.read(length))
        if "method" not in message:
            answers.add(message["id"])
    assert answers == set(range(41))
    server.stdin.write(framed("exit", None))
    server.stdin.close()
    assert server.wait(20) == 0
    server.stdout.close()


@pytest.mark.parametrize("half", [b"Content-Length: 100\r\n\r\n{", b"Content-Le", b"Content-Length: 5\r\n"])
async def test_half_a_message_and_then_nothing(tmp_path: Path, half: bytes) -> None:
    server, _ = bare(tmp_path)
    assert server.stdin is not None and server.stdout is not None
    server.stdout.readline()
    processes = family(server.pid)
    server.stdin.write(half)
    server.stdin.close()
    assert await asyncio.to_thread(server.wait, 20) is not None
    assert await gone(processes)
    server.stdout.close()


@pytest.mark.parametrize("signals", [(signal.SIGHUP,), (signal.SIGINT, signal.SIGINT), (signal.SIGTERM,)])
async def test_a_signal_ends_the_server_and_its_workers(tmp_path: Path, signals: tuple[signal.Signals, ...]) -> None:
    (tmp_path / "a.wgsl").write_text(SHADER)
    client = await Client.start(tmp_path, options={"cache": False, "engines": ["wgpu"], "workers": 2})
    client.open(tmp_path / "a.wgsl")
    await client.statistics()
    processes = family(client.process.pid)
    for one in signals:
        client.process.send_signal(one)
    assert await gone(processes)
    await client.kill()
