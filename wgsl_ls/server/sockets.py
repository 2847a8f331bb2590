"""One client over a socket: TCP with the base protocol's headers, or a WebSocket with one message per frame.

A port is open to every program and every user of the machine, and to each page that a browser shows there. So: it
listens on loopback unless told; the first message must be `initialize` with the token; there is one client, and
nobody after it; what is no header of the base protocol (an HTTP request) ends the connection; a WebSocket needs a
Host that was meant and an Origin that was allowed; messages have a greatest size, and a client that does not read is
left. Whoever does not come in costs one line in the log.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from pygls.io_ import run_async, run_websocket

from wgsl_ls.server.app import WgslServer

logger = logging.getLogger("wgsl_ls")
_handshakes = logging.getLogger("wgsl_ls.websocket")

TOKEN_VARIABLE: Final = "WGSL_LS_TOKEN"
MOST_FIRST: Final = 1 << 20
MOST_MESSAGE: Final = 64 << 20
"""Bytes of one message."""
MOST_UNREAD: Final = 256 << 20
"""Bytes that wait for a client which does not read."""
FIRST_SECONDS: Final = 10.0
MOST_AT_THE_DOOR: Final = 16
_HEADER = re.compile(rb"(?:Content-Length: ?(\d{1,12})|Content-Type: [^\r\n]{1,200})?\r\n")


class Refused(Exception):
    """This connection ends."""


@dataclass(slots=True)
class Door:
    """Who has come in. `token`: what the client must pass."""

    token: str
    taken: bool = False
    n_waiting: int = 0
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def enter(self, body: bytes) -> None:
        """Raises Refused unless `body`, a connection's first message, is `initialize` with the token, and the first."""
        try:
            message = json.loads(body)
            params = message["params"] if message["method"] == "initialize" else {}
            given = params["initializationOptions"]["token"]
        except (ValueError, TypeError, LookupError, RecursionError):
            given = None
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), self.token.encode()):
            raise Refused("its first message is no initialize with the token")
        if self.taken:
            raise Refused("there is a client already")
        self.taken = True


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class _Guard:
    """One connection at the door; `is_in` once it is the client."""

    door: Door
    deadline: float
    is_in: bool = False

    def enter(self, body: bytes) -> None:
        self.door.enter(body)
        self.is_in = True

    async def in_time(self, reading: Coroutine[Any, Any, bytes]) -> bytes:
        async with asyncio.timeout_at(None if self.is_in else self.deadline):
            return await reading


def serve_tcp(server: WgslServer, host: str, port: int, token: str) -> None:
    """Listen, serve one client, and return when it is gone."""

    async def main() -> None:
        door = Door(token)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            async def talk(guard: _Guard) -> None:
                guarded = _Reader(reader, guard, lambda: server.protocol.set_writer(_Writer(writer)))
                await run_async(threading.Event(), guarded, server.protocol, logger, server.report_server_error)

            await _visit(door, talk)
            writer.transport.abort()

        listener = await asyncio.start_server(connected, host, port)
        await _until_gone(server, door, listener.sockets[0].getsockname())
        listener.close()

    asyncio.run(main())


def serve_websocket(server: WgslServer, host: str, port: int, token: str, origins: Sequence[str] = ()) -> None:
    """As `serve_tcp`. `origins`: of pages that may connect. Raises ImportError without the package websockets."""
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.http11 import Request, Response
    from websockets.typing import Origin

    _handshakes.addFilter(_in_one_line)

    async def main() -> None:
        door = Door(token)
        hosts: set[str] = set()

        def process_request(connection: ServerConnection, request: Request) -> Response | None:
            # A name that an attacker's DNS points here would make this server a part of his page.
            named = request.headers.get_all("Host")
            if len(named) == 1 and named[0] in hosts:
                return None
            logger.warning("a connection is refused: it asks for the host %.200s", ", ".join(named))
            return connection.respond(HTTPStatus.FORBIDDEN, "host\n")

        async def connected(connection: ServerConnection) -> None:
            async def talk(guard: _Guard) -> None:
                first = bytes(await guard.in_time(connection.recv(decode=False)))
                guard.enter(first)
                socket: Any = _Socket(connection, first)
                await run_websocket(socket, threading.Event(), server.protocol, logger, server.report_server_error)

            await _visit(door, talk)

        async with serve(
            connected,
            host,
            port,
            origins=[None, *map(Origin, origins)],
            process_request=process_request,
            max_size=MOST_MESSAGE,
            open_timeout=FIRST_SECONDS,
            server_header=None,
            logger=_handshakes,
        ) as listener:
            address = next(iter(listener.sockets)).getsockname()
            names = {host, address[0], *(("localhost", "127.0.0.1", "[::1]") if is_loopback(host) else ())}
            hosts.update(f"{name}:{address[1]}" for name in names)
            await _until_gone(server, door, address)

    asyncio.run(main())


async def _until_gone(server: WgslServer, door: Door, address: Sequence[Any]) -> None:
    print(f"wgsl-ls: listening on {address[0]}:{address[1]}", file=sys.stderr, flush=True)
    await door.closed.wait()
    await server.stop_work()


async def _visit(door: Door, talk: Callable[[_Guard], Coroutine[Any, Any, None]]) -> None:
    """Talk with one connection to its end."""
    if door.taken or door.n_waiting >= MOST_AT_THE_DOOR:
        logger.warning("a connection is refused: there is %s", "a client already" if door.taken else "no room")
        return
    guard = _Guard(door, asyncio.get_running_loop().time() + FIRST_SECONDS)
    door.n_waiting += 1
    try:
        await talk(guard)
    except (Refused, TimeoutError) as why:
        logger.warning("a connection is refused: %s", str(why) or "it said nothing")
    except (OSError, EOFError, asyncio.LimitOverrunError, ValueError, _closed_websocket()) as why:
        logger.warning("a connection ended: %s", type(why).__name__)
    finally:
        door.n_waiting -= 1
        if guard.is_in:
            door.closed.set()


def _in_one_line(record: logging.LogRecord) -> bool:
    """A filter: what websockets says of whoever it refused, as we say it, without the stack."""
    if record.exc_info and record.exc_info[1] is not None:
        record.msg, record.args = "a connection is refused: %.200s", (str(record.exc_info[1]),)
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = None
    return True


def _closed_websocket() -> type[Exception]:
    """What websockets raises for a connection that is gone; it may not be installed."""
    try:
        from websockets.exceptions import ConnectionClosed
    except ImportError:
        return Refused
    return ConnectionClosed


class _Reader:
    """What pygls reads from: headers of the base protocol and nothing else, the first message in time and allowed in.
    `entered` is called then, and not before: until then nothing may be written."""

    def __init__(self, reader: asyncio.StreamReader, guard: _Guard, entered: Callable[[], None]) -> None:
        self._reader = reader
        self._guard = guard
        self._entered = entered

    async def readline(self) -> bytes:
        line = await self._guard.in_time(self._reader.readline())
        if line and not _HEADER.fullmatch(line):
            raise Refused("this is no header of the base protocol")
        return line

    async def readexactly(self, n: int) -> bytes:
        if n > (MOST_MESSAGE if self._guard.is_in else MOST_FIRST):
            raise Refused(f"a message of {n:,} bytes is too large")
        body = await self._guard.in_time(self._reader.readexactly(n))
        if not self._guard.is_in:
            self._guard.enter(body)
            self._entered()
        return body


class _Writer:
    """Writes without waiting, as pygls does, and leaves a client that does not read."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def write(self, data: bytes) -> None:
        if self._writer.transport.get_write_buffer_size() > MOST_UNREAD:
            logger.warning("the client does not read; the connection ends")
            self._writer.transport.abort()
        else:
            self._writer.write(data)

    def close(self) -> None:
        self._writer.close()


class _Socket:
    """A WebSocket whose first message was read already. Sends as `_Writer` writes."""

    def __init__(self, connection: Any, first: bytes) -> None:
        self._connection = connection
        self._first: bytes | None = first
        self._n_unsent = 0

    async def recv(self, decode: bool | None = None) -> Any:
        first, self._first = self._first, None
        return first if first is not None else await self._connection.recv(decode=decode)

    async def send(self, data: bytes) -> None:
        if self._n_unsent > MOST_UNREAD:
            logger.warning("the client does not read; the connection ends")
            self._connection.transport.abort()
            return
        self._n_unsent += len(data)
        try:
            await self._connection.send(data, text=True)
        except _closed_websocket():
            pass
        finally:
            self._n_unsent -= len(data)

    async def close(self) -> None:
        await self._connection.close()
