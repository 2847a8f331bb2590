"""A small LSP client over a child's pipes: everything a server sends is kept until a test takes it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True, "tagSupport": {"valueSet": [1, 2]}},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor"]}}},
        "hover": {"contentFormat": ["markdown"]},
    },
    "workspace": {"configuration": False, "workspaceFolders": True},
    "window": {"workDoneProgress": True},
}


LEFT_OUT: Any = object()


class Client:
    """`client = await Client.start(folder)`; requests raise ServerError for error responses."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.notifications: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.n_bytes = Counter[str]()
        """Of the notifications that came, by method."""
        self.refusals: list[dict[str, Any]] = []
        """Errors that answer no request of ours: a message that could not be read."""
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._next_id = 0
        self._news = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        self.capabilities: dict[str, Any] = {}

    @classmethod
    async def start(
        cls,
        *folders: Path,
        arguments: tuple[str, ...] = (),
        options: dict[str, Any] | None = None,
        capabilities: dict[str, Any] | None = None,
        environment: dict[str, str] | None = None,
        process_id: int | None = None,
    ) -> Client:
        """A server that has been told `initialized`. `process_id`: of the client, which the server watches."""
        client = await cls.launch(arguments=arguments, environment=environment)
        await client.initialize(*folders, options=options, capabilities=capabilities, process_id=process_id)
        return client

    @classmethod
    async def launch(
        cls,
        *,
        arguments: tuple[str, ...] = (),
        environment: dict[str, str] | None = None,
        program: tuple[str, ...] = ("-m", "wgsl_ls.cli.main", "serve"),
    ) -> Client:
        """Only the process; nothing has been sent. `program`: what Python runs."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *program,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 26,
            env=environment,
        )
        return cls(process)

    async def initialize(
        self,
        *folders: Path,
        options: dict[str, Any] | None = None,
        capabilities: dict[str, Any] | None = None,
        process_id: int | None = None,
    ) -> None:
        answer = await self.request(
            "initialize",
            {
                "processId": process_id,
                "rootUri": folders[0].as_uri() if folders else None,
                "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name} for folder in folders] or None,
                "capabilities": capabilities or CAPABILITIES,
                "initializationOptions": options or {},
            },
        )
        self.capabilities = answer["capabilities"]
        self.notify("initialized", {})

    async def stop(self) -> int:
        """shutdown, exit; returns the exit code."""
        await self.request("shutdown", None)
        self.notify("exit", None)
        code = await asyncio.wait_for(self.process.wait(), 20)
        self._reader.cancel()
        return code

    async def kill(self) -> None:
        """End the process without a word, for tests that have seen enough."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        self._reader.cancel()

    def notify(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    async def request(self, method: str, params: Any, timeout: float = 60) -> Any:
        """`params` LEFT_OUT: none at all."""
        return await asyncio.wait_for(self.ask(method, params)[1], timeout)

    def ask(self, method: str, params: Any) -> tuple[int, asyncio.Future[Any]]:
        """Send a request without waiting: its id, and what will hold the answer."""
        self._next_id += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[self._next_id] = future
        given = {} if params is LEFT_OUT else {"params": params}
        self._send({"jsonrpc": "2.0", "id": self._next_id, "method": method, **given})
        return self._next_id, future

    def open(self, path: Path, text: str | None = None, version: int = 1) -> None:
        self.notify(
            "textDocument/didOpen",
            {
                "textDocument": {
                    "uri": path.as_uri(),
                    "languageId": "wgsl",
                    "version": version,
                    "text": path.read_text(encoding="utf-8") if text is None else text,
                }
            },
        )

    def change(self, path: Path, text: str, version: int) -> None:
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": path.as_uri(), "version": version}, "contentChanges": [{"text": text}]},
        )

    async def wait_for(
        self, method: str, accept: Callable[[Any], bool] = lambda params: True, timeout: float = 60
    ) -> Any:
        """Params of the first notification kept (or still to come) that `accept` takes; it is removed."""
        end = time.monotonic() + timeout
        while True:
            for index, message in enumerate(self.notifications):
                if message["method"] == method and accept(message["params"]):
                    del self.notifications[index]
                    return message["params"]
            self._news.clear()
            left = end - time.monotonic()
            if left <= 0:
                seen = [message["method"] for message in self.notifications]
                raise TimeoutError(f"no {method} came that fits; there were {seen[-20:]}")
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                continue

    def drop(self, *methods: str) -> None:
        """Forget notifications of these methods (or of all)."""
        self.notifications = [entry for entry in self.notifications if methods and entry["method"] not in methods]

    def diagnostics(self, path: Path) -> list[dict[str, Any]]:
        """The latest pushed diagnostics of a file."""
        found: list[dict[str, Any]] = []
        for message in self.notifications:
            if message["method"] == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri():
                found = message["params"]["diagnostics"]
        return found

    def close(self, path: Path) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    async def statistics(self) -> Any:
        return await self.request("workspace/executeCommand", {"command": "wgsl.statistics", "arguments": []})

    async def checked(self, timeout: float = 60) -> Any:
        """Wait until nothing is left to check; the statistics then."""
        end = time.monotonic() + timeout
        while not (found := await self.statistics())["idle"]:
            if time.monotonic() > end:
                raise TimeoutError(f"still checking: {found}")
            await asyncio.sleep(0.02)
        return found

    def send_body(self, body: bytes) -> None:
        """Send these bytes as one message, well-formed or not."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def _send(self, message: dict[str, Any]) -> None:
        self.send_body(json.dumps(message).encode())

    async def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := await stream.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not line:
                break
            message = json.loads(await stream.readexactly(length))
            if "method" in message and "id" in message:
                self.requests.append(message)
                result: Any = [None] if message["method"] == "workspace/configuration" else None
                self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})
            elif "method" in message:
                self.n_bytes[message["method"]] += length
                self.notifications.append(message)
            else:
                future = self._pending.pop(message["id"], None)
                if message["id"] is None:
                    self.refusals.append(message["error"])
                if future is not None and not future.done():
                    if "error" in message:
                        future.set_exception(ServerError(message["error"]))
                    else:
                        future.set_result(message["result"])
            self._news.set()
        for future in self._pending.values():
            if not future.done():
                future.set_exception(ConnectionError("the server went away"))


class ServerError(Exception):
    """An error response."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error.get("message", ""))
        self.error = error
