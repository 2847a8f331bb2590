"""A server that is treated badly: unreadable and untimely messages, a client that vanishes, a worker that is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.client import LEFT_OUT, Client, ServerError

pytestmark = pytest.mark.gpu
OPTIONS: dict[str, Any] = {"cache": False, "engines": ["dawn"], "workers": 1}
SHADER = "@compute @workgroup_size(1)\nfn main() {\n}\n"


@pytest.fixture
async def started(tmp_path: Path) -> AsyncIterator[tuple[Client, Path]]:
    path = tmp_path / "a.wgsl"
    path.write_text(SHADER)
    client = await Client.start(tmp_path, options=OPTIONS)
    yield client, path
    await client.kill()


async def answers(client: Client, path: Path) -> bool:
    found = await client.request("textDocument/documentSymbol", {"textDocument": {"uri": path.as_uri()}}, 20)
    return [one["name"] for one in found] == ["main"]


NO_MISTAKE_OF_OURS = (
    b"{not json",
    b'{"jsonrpc": "2.0", "method": "x", "params": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"jsonrpc": "2.0", "id": 5002, "method": "no/suchRequest"}',
)
UNREADABLE = (
    *NO_MISTAKE_OF_OURS,
    b"",
    b"[]",
    b"null",
    b"17",
    b"\xff\xfe",
    b'{"jsonrpc": "2.0"}',
    b'{"jsonrpc": "2.0", "id": 5000}',
    b'{"jsonrpc": "2.0", "id": 5001, "result": 1}',
    b'{"jsonrpc": "2.0", "id": {"a": 1}, "method": "wgsl/roots"}',
    b'{"jsonrpc": "2.0", "id": [[]], "method": "shutdown"}',
    b'{"jsonrpc": "2.0", "method": 3}',
    b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {}}',
    b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": 1}}',
    b'{"jsonrpc": "2.0", "method": "no/suchNotification", "params": {}}',
    b'{"jsonrpc": "2.0", "method": "wgsl/setActiveVariant", "params": {}}',
)


async def test_unreadable_messages_are_survived(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    for body in UNREADABLE:
        client.send_body(body)
        assert await answers(client, path), body


async def test_what_others_send_wrong_is_a_line_of_the_log(tmp_path: Path) -> None:
    client = await Client.launch(arguments=("--log", str(tmp_path / "log")))
    await client.initialize(tmp_path, options=OPTIONS)
    for body in NO_MISTAKE_OF_OURS:
        client.send_body(body)
    assert await client.stop() == 0
    lines = (tmp_path / "log").read_text().splitlines()
    assert len(lines) == len(NO_MISTAKE_OF_OURS) and all(" WARNING wgsl_ls: " in line for line in lines), lines


SENSELESS: tuple[tuple[str, Any], ...] = (
    ("no/suchRequest", {}),
    ("textDocument/hover", {}),
    ("textDocument/hover", {"textDocument": {"uri": "file:///a.wgsl"}, "position": {"line": -1, "character": "x"}}),
    ("wgsl/defineState", {"textDocument": {"uri": "file:///a.wgsl"}}),
    ("wgsl/defineState", None),
    ("wgsl/setContext", {"textDocument": {"uri": "nonsense"}, "root": 3}),
    ("wgsl/diffVariants", {}),
    ("workspace/executeCommand", {"command": "no.suchCommand"}),
    ("textDocument/rename", {"textDocument": {"uri": "file:///gone/away.wgsl"}, "position": {}}),
)


async def test_requests_that_make_no_sense_get_an_error(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    for method, params in SENSELESS:
        with pytest.raises(ServerError):
            pytest.fail(f"{method} {params}: {await client.request(method, params, 20)}")
        assert await answers(client, path), (method, params)


async def test_params_that_a_method_does_not_need_may_be_anything(started: tuple[Client, Path]) -> None:
    client, path = started
    for params in (LEFT_OUT, None, {}, []):
        assert path.as_uri() in (await client.request("wgsl/roots", params, 20))["roots"]
    with pytest.raises(ServerError) as refused:
        await client.request("no/suchRequest", LEFT_OUT, 20)
    assert refused.value.error["code"] == -32601


INVALID_PARAMS: tuple[tuple[str, Any, str], ...] = (
    ("wgsl/variants", {}, "params.textDocument is missing"),
    ("wgsl/variants", None, "expected an object with textDocument"),
    ("wgsl/expansion", [], "expected an object with textDocument"),
    ("wgsl/mapPosition", {"textDocument": {"uri": "file:///a"}, "direction": "up"}, "params.position is missing"),
    ("wgsl/setContext", {"textDocument": {"uri": "file:///a"}, "root": 3}, "params.root: expected a string"),
    ("textDocument/hover", None, ""),
    ("textDocument/hover", {}, ""),
    ("textDocument/rename", {"textDocument": {"uri": "file:///gone/away.wgsl"}, "position": {}}, ""),
    ("workspace/executeCommand", {"command": "wgsl.smokeRun"}, "arguments[0]: expected an object with uri"),
    ("workspace/executeCommand", {"command": "wgsl.addVariant", "arguments": [{"uri": 3}]}, "arguments[0].uri"),
    ("workspace/executeCommand", {"command": "wgsl.checkAll", "arguments": ["x"]}, "arguments[0]"),
    ("workspace/executeCommand", None, ""),
)


async def test_missing_and_wrong_params_are_invalid_params(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    for method, params, words in INVALID_PARAMS:
        with pytest.raises(ServerError) as refused:
            pytest.fail(f"{method} {params}: {await client.request(method, params, 20)}")
        assert refused.value.error["code"] == -32602, (method, params, refused.value.error)
        assert words in refused.value.error["message"], (method, params)


async def test_positions_beyond_the_text_are_survived(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    for line, character in ((0, 10_000), (10_000, 0), (2**31 - 1, 2**31 - 1)):
        for method in ("hover", "definition", "completion", "documentHighlight", "signatureHelp", "prepareRename"):
            params = {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}}
            try:
                await client.request(f"textDocument/{method}", params, 20)
            except ServerError as refused:
                assert refused.error["code"] == -32803, refused.error
    assert await answers(client, path)


async def test_messages_out_of_order_are_survived(started: tuple[Client, Path]) -> None:
    client, path = started
    client.change(path, "#endif", 7)
    client.close(path)
    client.close(path)
    assert await answers(client, path), "a change of a document that is not open says nothing about the file"
    client.open(path)
    client.open(path, "fn main() {}\n", 2)
    assert await answers(client, path)
    client.notify("textDocument/didSave", {"textDocument": {"uri": (path.parent / "b.wgsl").as_uri()}})
    client.notify("initialized", {})
    client.notify(
        "textDocument/didChange", {"textDocument": {"uri": path.as_uri(), "version": 3}, "contentChanges": []}
    )
    assert await answers(client, path)
    statistics = await client.checked()
    assert statistics["engines"]["dawn"]["starts"] == 1
    client.close(path)
    client.close(path)
    await client.checked()
    assert await client.stop() == 0


async def test_before_initialize_requests_are_refused_and_notifications_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.wgsl"
    path.write_text(SHADER)
    client = await Client.launch()
    client.open(path)
    client.change(path, "#endif", 2)
    with pytest.raises(ServerError) as refused:
        await client.request(
            "textDocument/hover", {"textDocument": {"uri": path.as_uri()}, "position": {"line": 0, "character": 0}}, 20
        )
    assert refused.value.error["code"] == -32002
    with pytest.raises(ServerError) as refused:
        await client.request("wgsl/variants", {"textDocument": {"uri": path.as_uri()}}, 20)
    assert refused.value.error["code"] == -32002
    await client.initialize(tmp_path, options=OPTIONS)
    assert await answers(client, path)
    assert await client.stop() == 0


async def test_after_shutdown_requests_are_refused(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    await client.request("shutdown", None)
    with pytest.raises(ServerError) as refused:
        await client.request("wgsl/variants", {"textDocument": {"uri": path.as_uri()}}, 20)
    assert refused.value.error["code"] == -32600
    client.notify("exit", None)
    assert await asyncio.wait_for(client.process.wait(), 20) == 0


async def test_shutdown_does_not_wait_for_what_is_asked(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    check = {"command": "wgsl.checkAll", "arguments": []}
    asked = [asyncio.ensure_future(client.request("workspace/executeCommand", check, 20)) for _ in range(3)]
    await asyncio.sleep(0)
    await client.request("shutdown", None, 20)
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        assert isinstance(answer, ServerError) and answer.error["code"] == -32800
    client.notify("exit", None)
    assert await asyncio.wait_for(client.process.wait(), 20) == 0


async def test_exit_without_shutdown_is_an_error_code(started: tuple[Client, Path]) -> None:
    client, _ = started
    client.notify("exit", None)
    assert await asyncio.wait_for(client.process.wait(), 20) == 1


async def test_a_client_that_closes_its_pipes_takes_the_workers_with_it(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    await client.checked()
    processes = family(client.process.pid)
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert await gone(processes)


async def test_a_client_that_is_killed_takes_the_server_with_it(tmp_path: Path) -> None:
    """The pipes stay open here, as they do when something else holds their ends: the process id decides."""
    path = tmp_path / "a.wgsl"
    path.write_text(SHADER)
    editor = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(60)")
    client = await Client.start(tmp_path, options=OPTIONS, process_id=editor.pid)
    client.open(path)
    await client.checked()
    processes = family(client.process.pid)
    editor.kill()
    await editor.wait()
    assert await gone(processes)
    await client.kill()


async def test_a_killed_server_takes_its_workers_with_it(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    await client.checked()
    processes = family(client.process.pid)
    client.process.kill()
    assert await gone(processes)


async def test_a_killed_worker_is_replaced(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    await client.checked()
    [worker] = family(client.process.pid) - {client.process.pid}
    os.kill(worker, signal.SIGKILL)
    client.change(path, SHADER + "const wrong: u32 = 1.5;\n", 2)
    statistics = await client.checked()
    assert statistics["engines"]["dawn"]["starts"] == 2
    assert statistics["engines"]["dawn"]["deaths"] == 1
    errors = [item for item in client.diagnostics(path) if item["code"] == "wgsl/type"]
    assert [item["range"]["start"]["line"] for item in errors] == [3]
    client.change(path, SHADER, 3)
    await client.checked()
    assert client.diagnostics(path) == []


async def test_engines_restarted_while_they_check(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path, SHADER + "#if defined(A) && defined(B) || defined(C)\nconst a = 1;\n#endif\n")
    restarting = [
        client.ask("workspace/executeCommand", {"command": "wgsl.restartEngines", "arguments": []})[1] for _ in range(2)
    ]
    await asyncio.gather(*restarting)
    await client.checked()
    found = await client.request("wgsl/variants", {"textDocument": {"uri": path.as_uri()}})
    assert found["counts"]["pass"] == found["counts"]["total"] >= 2
    assert len(family(client.process.pid)) == 2, "no worker of an earlier start is left"


def family(pid: int) -> set[int]:
    """A process and everything it started that still lives."""
    found = {pid}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and parent(int(entry.name)) == pid:
            found |= family(int(entry.name))
    return found


def parent(pid: int) -> int | None:
    """None for a process that is gone, or dead and not yet collected."""
    try:
        state, number = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(number)


async def gone(processes: set[int], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while any(parent(pid) is not None for pid in processes):
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.1)
    return True
