"""Who comes in over a port: the one client with the token, and nobody else. Real processes and sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from wgsl_ls.cli.main import main
from wgsl_ls.server.app import make_server
from wgsl_ls.server.sockets import (
    MOST_AT_THE_DOOR,
    MOST_FIRST,
    MOST_MESSAGE,
    MOST_UNREAD,
    Door,
    Refused,
    _Guard,
    _Reader,
    _Socket,
    _visit,
    _Writer,
    is_loopback,
    serve_websocket,
)

TOKEN = "Ünlikely token"
ENTER = {"processId": None, "capabilities": {}, "initializationOptions": {"token": TOKEN, "engines": []}}


def message(method: str, params: Any = None, number: int | None = 1) -> bytes:
    content = {"jsonrpc": "2.0", "method": method, "params": params, **({} if number is None else {"id": number})}
    return json.dumps(content).encode()


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@contextlib.asynccontextmanager
async def listening(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "wgsl_ls.cli.main", "serve", *arguments,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "WGSL_LS_TOKEN": TOKEN},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        async with asyncio.timeout(60):
            line = await process.stderr.readline()
        assert line.startswith(b"wgsl-ls: listening on 127.0.0.1:"), line
        yield process, int(line.rpartition(b":")[2])
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def answer(reader: asyncio.StreamReader) -> bytes:
    """What comes until the connection ends or an answer is complete; nothing when it was refused."""
    async with asyncio.timeout(30):
        with contextlib.suppress(ConnectionError):
            header = await reader.readuntil(b"\r\n\r\n")
            length = int(header.split(b"Content-Length: ")[1].split(b"\r\n")[0])
            return await reader.readexactly(length)
    return b""


async def tried(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        return await answer(reader)
    except asyncio.IncompleteReadError as end:
        return end.partial
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


WRONG = message("initialize", {**ENTER, "initializationOptions": {"token": "guess"}})
REFUSED = {
    "http post": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n"
    + framed(message("initialize", ENTER)),
    "http with our header first": b"Content-Length: 3\r\nOrigin: https://x\r\n\r\n{}",
    "no token": framed(message("initialize", {"processId": None, "capabilities": {}})),
    "wrong token": framed(WRONG),
    "token that is no text": framed(message("initialize", {"initializationOptions": {"token": [TOKEN]}})),
    "another method with the token": framed(message("wgsl/variants", ENTER)),
    "no JSON": framed(b"\xff{"),
    "nested JSON": framed(b"[" * 100_000),
    "too large for a stranger": b"Content-Length: %d\r\n\r\n" % (MOST_FIRST + 1),
    "a length of 12 digits": b"Content-Length: 999999999999\r\n\r\n",
    "a header without end": b"Content-Length: 1" + b"0" * 200_000,
}


async def test_strangers_are_sent_away_and_the_client_comes_in_alone() -> None:
    async with listening("--tcp", "0") as (process, port):
        for name, data in REFUSED.items():
            assert await tried(port, data) == b"", name
        silent = await asyncio.open_connection("127.0.0.1", port)
        silent[1].write(b"Content-Length: 5")  # half a header, and nothing more
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        data = framed(message("initialize", ENTER))
        for index in range(0, len(data), 40):  # in pieces
            writer.write(data[index : index + 40])
            await writer.drain()
        assert json.loads(await answer(reader))["result"]["serverInfo"]["name"] == "wgsl-ls"
        # A second client with the very token reads nothing and changes nothing.
        assert await tried(port, data) == b""
        writer.write(framed(message("wgsl/noSuchMethod", {}, 2)))
        assert json.loads(await answer(reader))["id"] == 2
        for stream in (writer, silent[1]):
            stream.close()
            with contextlib.suppress(ConnectionError):
                await stream.wait_closed()
        async with asyncio.timeout(30):  # the server goes with its client
            await process.wait()


async def test_a_connection_that_breaks_at_any_place_costs_nothing_but_itself() -> None:
    """Reset by its peer, at each stage before the client is in; then the client breaks, and the server ends."""
    entering = framed(message("initialize", ENTER))
    async with listening("--tcp", "0") as (process, port):
        for stage in (b"", b"Content-", b"Content-Length: 9", entering[:30], entering[:-1]):
            _, broken = await asyncio.open_connection("127.0.0.1", port)
            broken.write(stage)
            await broken.drain()
            reset(broken)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(entering)
        assert json.loads(await answer(reader))["result"]["serverInfo"]["name"] == "wgsl-ls"
        writer.write(framed(message("wgsl/noSuchMethod", {}, 2))[:20])
        reset(writer)
        async with asyncio.timeout(30):
            assert await process.wait() == 0
        assert process.stderr is not None and b"Traceback" not in await process.stderr.read()


def reset(writer: asyncio.StreamWriter) -> None:
    """Without a word to the other side, as when a machine vanishes."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize("kind", ["--tcp", "--websocket"])
def test_a_port_that_cannot_be_had_is_said(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = str(taken.getsockname()[1])
        assert main(["serve", kind, where]) == 2
    assert f"wgsl-ls: cannot listen on {where}: " in capsys.readouterr().err


async def test_a_websocket_needs_host_origin_and_token() -> None:
    async with listening("--websocket", "0", "--origin", "https://editor.example") as (process, port):
        url = f"ws://127.0.0.1:{port}"
        for more in (
            {"origin": Origin("https://evil.example")},
            {"origin": Origin("null")},
            {"uri": f"ws://evil.example:{port}", "host": "127.0.0.1", "port": port},
        ):
            options: dict[str, Any] = {"uri": url, **more}
            with pytest.raises(InvalidStatus):
                await connect(options.pop("uri"), **options)
        assert process.stderr is not None
        async with asyncio.timeout(30):
            said = [(await process.stderr.readline()).decode().partition("a connection is refused: ")[2] for _ in "ons"]
        assert said == [
            "invalid Origin header: https://evil.example\n",
            "invalid Origin header: null\n",
            f"it asks for the host evil.example:{port}\n",
        ]
        for first in (WRONG, b"{", message("wgsl/variants", ENTER)):
            stranger = await connect(url)
            await stranger.send(first)
            with pytest.raises(ConnectionClosed):
                await stranger.recv()
        await (await connect(f"ws://localhost:{port}", host="127.0.0.1", port=port)).close()  # comes as far as the door
        client: ClientConnection = await connect(url, origin=Origin("https://editor.example"))
        await client.send(message("initialize", ENTER).decode())
        async with asyncio.timeout(30):
            assert json.loads(await client.recv())["result"]["serverInfo"]["name"] == "wgsl-ls"
        second = await connect(url)
        with pytest.raises(ConnectionClosed):
            await second.send(message("initialize", ENTER))
            await second.recv()
        await client.close()
        async with asyncio.timeout(30):
            await process.wait()


FIRST = message("initialize", ENTER)
TALKS: dict[str, tuple[bytes, bool, str]] = {
    # what is sent, whether it comes in, what is logged
    "the client": (framed(FIRST), True, ""),
    "a first message that is long": (framed(FIRST.ljust(MOST_FIRST)), True, ""),
    "a longer one": (
        framed(FIRST.ljust(MOST_FIRST + 1)),
        False,
        "is refused: a message of 1,048,577 bytes is too large",
    ),
    "a long one of the client": (framed(FIRST) + framed(b" " * (MOST_FIRST + 1)), True, ""),
    "one without end of the client": (
        framed(FIRST) + b"Content-Length: %d\r\n\r\n" % (MOST_MESSAGE + 1),
        True,
        "is refused: a message of 67,108,865 bytes is too large",
    ),
    "a page": (b"POST / HTTP/1.1\r\n", False, "is refused: this is no header of the base protocol"),
    "a wrong token": (framed(WRONG), False, "is refused: its first message is no initialize with the token"),
    "half a message": (framed(FIRST)[:-1], False, "ended: IncompleteReadError"),
    "nothing": (b"", False, "is refused: it said nothing"),
}


@pytest.mark.parametrize(("data", "comes_in", "logged"), TALKS.values(), ids=TALKS)
async def test_who_comes_in(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, data: bytes, comes_in: bool, logged: str
) -> None:
    door, stream, entered = Door(TOKEN), asyncio.StreamReader(), list[bool]()
    if data:
        stream.feed_data(data)
        stream.feed_eof()
    else:
        monkeypatch.setattr("wgsl_ls.server.sockets.FIRST_SECONDS", 0.0)

    async def talk(guard: _Guard) -> None:
        reader, length = _Reader(stream, guard, lambda: entered.append(True)), 0
        while line := await reader.readline():
            length = int(line.partition(b":")[2] or length)
            if line == b"\r\n":
                assert len(await reader.readexactly(length)) == length

    await _visit(door, talk)
    assert caplog.messages == [f"a connection {logged}"] * bool(logged)
    assert (door.taken, bool(entered), door.closed.is_set()) == (comes_in,) * 3


async def test_a_websocket_is_asked_for_by_the_name_that_was_given_or_its_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    serving = asyncio.create_task(asyncio.to_thread(serve_websocket, make_server(), "127.1", 0, TOKEN))
    said = ""
    async with asyncio.timeout(30):
        while not said.endswith("\n"):
            await asyncio.sleep(0.01)
            said += capsys.readouterr().err
        port = int(said.rpartition(":")[2])
        try:
            await (await connect(f"ws://127.0.0.1:{port}")).close()
            with pytest.raises(InvalidStatus):
                await connect(f"ws://localhost:{port}", host="127.0.0.1", port=port)
        finally:
            client = await connect(f"ws://127.1:{port}")
            await client.send(FIRST)
            await client.recv()
            await client.close()
            await serving


@pytest.mark.parametrize("where", ["0.0.0.0:0", "[::]:0", "192.0.2.1:7", "example.org:7"])
def test_addresses_that_others_reach_must_be_meant(where: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--tcp", where]) == 2
    assert "--remote" in capsys.readouterr().err


def test_which_hosts_are_this_machine() -> None:
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.1.2.3", "::1")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "a.b", "localhost.a.b", "")))


def test_a_door_opens_once() -> None:
    door = Door(TOKEN)
    door.enter(message("initialize", ENTER))
    with pytest.raises(Refused):
        door.enter(message("initialize", ENTER))


async def test_a_client_that_does_not_read_is_left(caplog: pytest.LogCaptureFixture) -> None:
    class Transport:
        aborted = False
        size = 0

        def get_write_buffer_size(self) -> int:
            return self.size

        def abort(self) -> None:
            self.aborted = True

    class Stream:
        transport = Transport()

        def write(self, data: bytes) -> None:
            self.transport.size += len(data)

    stream: Any = Stream()
    writer = _Writer(stream)
    for _ in range(300):
        writer.write(b"x" * (1 << 20))
        if stream.transport.aborted:
            break
    assert stream.transport.aborted and MOST_UNREAD < stream.transport.size <= MOST_UNREAD + (1 << 20)

    class Connection:
        transport = Transport()

        async def send(self, data: bytes, text: bool) -> None:
            self.transport.size += len(data)
            await asyncio.Event().wait()

    connection: Any = Connection()
    socket, sending = _Socket(connection, b""), []
    while not connection.transport.aborted and len(sending) < 300:
        sending.append(asyncio.create_task(socket.send(b"x" * (1 << 20))))
        await asyncio.sleep(0)
    assert connection.transport.aborted and MOST_UNREAD < connection.transport.size <= MOST_UNREAD + (1 << 20)
    for one in sending:
        one.cancel()
    assert caplog.messages == ["the client does not read; the connection ends"] * 2


def test_the_server_itself_opens_no_port(tmp_path: Path) -> None:
    """Only sockets.py listens: pygls' own ways are without a door."""
    package = Path(make_server.__code__.co_filename).parents[1]
    callers = [
        path.name
        for path in package.rglob("*.py")
        if ".start_tcp(" in path.read_text() or ".start_ws(" in path.read_text()
    ]
    assert callers == []


async def test_few_wait_at_the_door_at_once(caplog: pytest.LogCaptureFixture) -> None:
    door, leave, n_talks = Door(TOKEN), asyncio.Event(), 0

    async def talk(guard: object) -> None:
        nonlocal n_talks
        n_talks += 1
        await leave.wait()

    waiting = [asyncio.create_task(_visit(door, talk)) for _ in range(MOST_AT_THE_DOOR + 1)]
    await asyncio.sleep(0)
    assert n_talks == MOST_AT_THE_DOOR
    assert caplog.messages == ["a connection is refused: there is no room"]
    leave.set()
    await asyncio.gather(*waiting)
    await _visit(door, talk)
    assert n_talks == MOST_AT_THE_DOOR + 1, "who left makes room"
    assert not door.closed.is_set(), "nobody came in"
