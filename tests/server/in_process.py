"""A server in this process, without pipes and engines: handlers are called as functions, and what it would send is
kept.

    desk = Desk(tmp_path, {"a.wgsl": "const a = 1;\\n"})
    desk.open("a.wgsl")
    await desk.check()                       # every open root, by the scripted engine
    handler(desk.server, Params(desk.document("a.wgsl"), desk.at("a.wgsl", "a =")))
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types

from wgsl_ls.engines.scripted import obey
from wgsl_ls.server.app import WgslServer, make_server
from wgsl_ls.server.handlers.did_change import did_change
from wgsl_ls.server.handlers.did_open import did_open
from wgsl_ls.server.settings import Settings
from wgsl_ls.text.span import Span
from wgsl_ls.wire.jobs import CompileJob, CompileResult


class Sent:
    """What a client would have got. `shown`: the diagnostics of each document that were pushed last; `n_pushes`: how
    often; `told`: our own notifications, (method, params); `n_refreshes`: how often it was asked to pull again;
    `refreshes`: how often to ask again for hints, tokens and lenses."""

    def __init__(self, capabilities: types.ClientCapabilities) -> None:
        self.client_capabilities = capabilities
        self.shown: dict[str, list[types.Diagnostic]] = {}
        self.n_pushes = self.n_refreshes = 0
        self.told: list[tuple[str, Any]] = []
        self.refreshes = Counter[str](hints=0, tokens=0, lenses=0)

    def text_document_publish_diagnostics(self, params: types.PublishDiagnosticsParams) -> None:
        self.shown[params.uri] = list(params.diagnostics)
        self.n_pushes += 1

    def workspace_diagnostic_refresh(self, params: None) -> None:
        self.n_refreshes += 1

    def workspace_inlay_hint_refresh(self, params: None) -> None:
        self.refreshes["hints"] += 1

    def workspace_semantic_tokens_refresh(self, params: None) -> None:
        self.refreshes["tokens"] += 1

    def workspace_code_lens_refresh(self, params: None) -> None:
        self.refreshes["lenses"] += 1

    def tell(self, spec: Any, params: Any) -> None:
        self.told.append((spec.method, params))

    def tell_user(self, text: str, kind: types.MessageType = types.MessageType.Warning) -> None:
        self.told.append(("window/showMessage", text))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """What the client is asked for in the meantime: nobody would answer."""
        work.close()


class _Engines:
    """Stands for the pool of worker processes."""

    def __init__(self, compile: Callable[[CompileJob], CompileResult]) -> None:
        self.compile = compile
        self.jobs: list[CompileJob] = []

    async def submit(self, job: CompileJob, *, priority: float = 0.0) -> CompileResult:
        self.jobs.append(job)
        return self.compile(job)

    def forget_failures(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def statistics(self, engine: str) -> None:
        return None


class Desk:
    """`files` are written to `folder`, which the server has open."""

    def __init__(
        self,
        folder: Path,
        files: Mapping[str, str],
        *,
        settings: Settings | None = None,
        capabilities: types.ClientCapabilities | None = None,
        compile: Callable[[CompileJob], CompileResult] = obey,
    ) -> None:
        self.folder = folder
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        self.server: WgslServer = make_server()
        self.session = self.server.session
        self.session.settings = settings or Settings()
        self.server.protocol.client_capabilities = capabilities or types.ClientCapabilities()
        self.sent = Sent(self.server.client_capabilities)
        self.session.client = self.sent
        self.engines = _Engines(compile)
        self.server.checker.pool = self.engines  # type: ignore[assignment]
        self.server.checker._opening = False
        self.server.views.lens_pause = self.server.views.longest_lens_pause = 0.0
        self.session.set_folders([str(folder)])

    # Documents

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def document(self, name: str = "a.wgsl") -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    def name(self, uri: str) -> str:
        return uri.removeprefix(self.folder.as_uri() + "/")

    def text(self, name: str = "a.wgsl") -> str:
        return self.session.source(self.uri(name)).text

    def at(self, written: str, name: str = "a.wgsl", nth: int = 0) -> types.Position:
        """Where `written` begins, the n-th time."""
        offset = -1
        for _ in range(nth + 1):
            offset = self.text(name).index(written, offset + 1)
        line, column = self.session.source(self.uri(name)).lines.position(offset, "utf-16")
        return types.Position(line, column)

    def words(self, place: types.Location) -> str:
        """`file:line 'text'` of a location that the server gave."""
        lines = self.session.source(place.uri).lines
        start = lines.offset(place.range.start.line, place.range.start.character, "utf-16")
        end = lines.offset(place.range.end.line, place.range.end.character, "utf-16")
        text = self.session.source(place.uri).text[start:end]
        return f"{self.name(place.uri)}:{place.range.start.line + 1} '{text}'"

    def range(self, name: str = "a.wgsl") -> types.Range:
        """The whole file."""
        lines = self.session.source(self.uri(name)).lines
        line, column = lines.position(len(self.text(name)), "utf-16")
        return types.Range(types.Position(0, 0), types.Position(line, column))

    def applied(self, name: str, edits: list[types.TextEdit]) -> str:
        """The text of a file with edits made."""
        text, lines = self.text(name), self.session.source(self.uri(name)).lines
        spans = [
            Span(*(lines.offset(at.line, at.character, "utf-16") for at in (edit.range.start, edit.range.end)))
            for edit in edits
        ]
        for span, edit in sorted(zip(spans, edits, strict=True), key=lambda one: one[0], reverse=True):
            text = text[: span.start] + edit.new_text + text[span.end :]
        return text

    # A client's part

    def open(self, name: str = "a.wgsl", text: str | None = None) -> None:
        given = (self.folder / name).read_text(encoding="utf-8") if text is None else text
        did_open(self.server, types.DidOpenTextDocumentParams(types.TextDocumentItem(self.uri(name), "wgsl", 1, given)))

    def change(self, text: str, name: str = "a.wgsl") -> None:
        uri = self.uri(name)
        document = types.VersionedTextDocumentIdentifier(self.session.open_documents[uri] + 1, uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        did_change(self.server, types.DidChangeTextDocumentParams(document, [whole]))

    async def check(self) -> None:
        """What the checking loop does after a pause, when what was begun beside it has ended."""
        await asyncio.gather(*self.server.background)
        await self.server.checker._check()

    def shown(self, name: str = "a.wgsl") -> list[str]:
        """`line code: message` of what was pushed last for a file, without dimmed code."""
        return [
            f"{item.range.start.line + 1} {item.code}: {item.message.partition(chr(10))[0]}"
            for item in self.sent.shown.get(self.uri(name), [])
            if item.code != "inactive"
        ]

    def told(self, method: str) -> list[Any]:
        return [params for known, params in self.sent.told if known == method]
