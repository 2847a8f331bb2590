"""HostWatch: keeps what is read of the host's code as fresh as what the user types there.

After a change, when typing pauses: is anything else than before to be read? Then it is read in a process of its own,
while the roots keep the variants they have; what comes back goes into HeldReadings, and the roots get their variants.
A reading that fails is a gap of that name, at the beginning of the code. Code that is half written (less of it is C++
than before) is not read while it is not saved, and when it is, nothing is lost by it: the roots keep the variants of
before, and that is said. Also here: what is wrong between host and shaders, and which C++ files concern us, told to the
client.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types

from wgsl_ls.analysis.relocate import replacement_of
from wgsl_ls.host.codec import from_plain
from wgsl_ls.host.model import HostGap, HostReading, ShaderText
from wgsl_ls.project.held_readings import Held
from wgsl_ls.project.host_code import is_near, with_findings
from wgsl_ls.project.host_findings import TextDiagnostics, host_diagnostics, unfinished
from wgsl_ls.project.host_request import HostRequest
from wgsl_ls.server import messages
from wgsl_ls.server.messages import HostFiles
from wgsl_ls.server.progress import Progress
from wgsl_ls.server.session import ServerSession, collected, in_slices, logger
from wgsl_ls.server.uris import is_host_code, path_of, uri_of
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import Steps
from wgsl_ls.wire.host_jobs import HostAnswer
from wgsl_ls.workers.host_reader import HostReader

_PAUSE = 0.12
"""Seconds without a change after which it is read."""
_MOST_TRIES = 3
T = TypeVar("T")


class HostWatch:
    """`on_news(variants)`: called when something new is known; `variants`: not only findings."""

    def __init__(self, session: ServerSession, on_news: Callable[[bool], None]) -> None:
        self.session = session
        self.reader = HostReader()
        self.on_news = on_news
        self.is_reading = False
        self.unfinished: dict[str, TextDiagnostics] = {}
        """By folder of shaders whose host's code is half written, so that what was read before holds: where it is."""
        self._idle = asyncio.Event()
        self._failed: set[str] = set()
        self._saved: dict[str, str] = {}
        """By path, the text that was saved last."""
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._aside: set[asyncio.Task[Any]] = set()
        """Work that nobody who types waits for."""
        self._known_to_process: set[str] = set()
        """Folders of shaders whose host the process has read."""
        self._shaders: dict[str, object] = {}
        self._looked_for: set[str] = set()
        self._told: frozenset[str] = frozenset()
        self._passed_over: set[str] = set()
        session.listeners.append(self.wake)

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="host code")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            for work in self._aside:
                work.cancel()
            await asyncio.gather(self._task, *self._aside, return_exceptions=True)
            self._task = None
        await self.reader.close()

    @property
    def is_idle(self) -> bool:
        """Nothing that was asked about is left to read."""
        return self._task is None or self._idle.is_set()

    def unfinished_at(self, root: str) -> str:
        """`file:line` where the host's code of a root is half written, or ""."""
        found = self.unfinished.get(str(Path(root).parent))
        if found is None:
            return ""
        (place,) = found.diagnostics
        line = found.texts[place.path].count("\n", 0, place.span.start) + 1
        return f"{Path(place.path).name}:{line}"

    async def settled(self) -> None:
        """Wait until nothing is left to read."""
        if self._task is not None:
            await self._idle.wait()

    def _do_aside(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    def forget_failures(self) -> None:
        """Read again what could not be read."""
        for folder in self._failed:
            self.session.readings.hold(folder, None)
        self._failed.clear()
        self.wake()

    def saved(self, uri: str) -> None:
        """Whoever saves has finished what he wrote."""
        path = path_of(uri)
        source = self.session.files.read(path) if path is not None and is_host_code(uri) else None
        if isinstance(source, SourceFile):
            self._saved[source.path] = source.text
            self.wake()

    def wake(self) -> None:
        """Something changed."""
        self._idle.clear()
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            while self._wake.is_set():
                self._wake.clear()
                await asyncio.sleep(_PAUSE)
            try:
                await self._look()
            except Exception:  # noqa: BLE001 - a handler's edge: one failed reading must not end all later ones
                logger.exception("reading host code failed; please report this")
                self.on_news(False)
            if not self._wake.is_set():
                self._idle.set()

    async def _look(self) -> None:
        self._want_for_open_code()
        wanted = self.session.readings.wanted
        for folder, root in list(wanted.items()):
            if not self.session.files.exists(root):
                del wanted[folder]  # Another root of the folder will ask.
                continue
            await self._refresh(folder, root)

    def _want_for_open_code(self) -> None:
        """C++ that is open may be the host's of shaders of which none is open."""
        session = self.session
        opened = [path_of(uri) or "" for uri in session.open_documents if is_host_code(uri)]
        folders = {str(Path(path).parent) for path in opened} - self._looked_for
        if not folders:
            return
        self._looked_for |= folders
        for root in session.workspace.roots():
            if any(is_near(folder, root) for folder in folders):
                session.workspace.host_reading(root)

    async def _refresh(self, folder: str, root: str) -> None:
        session = self.session
        request = await self._asked(lambda: session.workspace.host_request_steps(root))
        before = session.readings.held.get(folder)
        is_new = False
        was_unfinished = self.unfinished.get(folder)
        if request is None:
            is_new = session.readings.hold(folder, None)
            self.unfinished.pop(folder, None)
        elif before is None or before.key != request.key:
            known = before.reading if before is not None else None
            place = await self._half_written(before, request) if before is not None else None
            if place is None:
                found = await self._read(folder, request)
                reading = _failed(request, known, found) if isinstance(found, str) else found
                (self._failed.add if isinstance(found, str) else self._failed.discard)(folder)
                held = Held(request.key, reading, request.texts)
                if before is not None and _has_less(reading, before.reading):
                    place = self._broken_anew(before, request, reading.broken)
                    if place is not None:
                        held = replace(before, key=request.key)
                is_new = session.readings.hold(folder, held) and held.reading is not known
            self.unfinished.pop(folder, None)
            if place is not None:
                self.unfinished[folder] = unfinished(place, request.texts)
        elif was_unfinished is not None and before.texts == request.texts:
            del self.unfinished[folder]  # what was typed is taken back
        self._tell_passed_over(folder)
        if request is not None:
            self._introduce(folder, request)
        shaders: tuple[ShaderText, ...] = ()
        if request is not None:
            shaders = await self._asked(lambda: session.workspace.host_shader_steps(root))
        if is_new or self._shaders.get(folder) != shaders or self.unfinished.get(folder) != was_unfinished:
            self._shaders[folder] = shaders
            if is_new:  # what is typed is looked for among the variants before anybody asks what is wrong with it
                if (now := session.readings.held.get(folder)) is not None:
                    for opened in session.workspace.roots():
                        if str(Path(opened).parent) == folder and opened in session.reporter.reports:
                            async for _ in in_slices(session.workspace.settings_steps(opened, now.reading)):
                                pass
                session.changed(listing=False)
                self._tell_files()
                self.on_news(True)
            await self._find(folder, shaders)
            self.on_news(False)

    async def _asked(self, work: Callable[[], Steps[T]]) -> T:
        """What it comes to, of one state of all files: an edit in between begins it anew (a few times: then it is of
        both, and what the edit woke asks again)."""
        found: list[T] = []
        for _ in range(_MOST_TRIES):
            snapshot = self.session.snapshot
            found.clear()
            async for _step in in_slices(collected(work(), found)):
                pass
            if snapshot.is_current():
                break
        return found[0]

    def _introduce(self, folder: str, request: HostRequest) -> None:
        """Have the process read host code that somebody opened, though an earlier one kept what it says: the first edit
        is only an edit then."""
        held = self.session.readings.held.get(folder)
        opened = {path_of(uri) for uri in self.session.open_documents}
        if folder in self._known_to_process or held is None or held.key != request.key:
            return
        if not opened.isdisjoint(request.texts):
            self._known_to_process.add(folder)
            self._do_aside(self.reader.read(request.job()))

    async def _half_written(self, before: Held, request: HostRequest) -> Location | None:
        """Where an open document that is not saved is less C++ than what was read last."""
        from wgsl_ls.host.syntax import SourceTree  # with the grammar of C++, which the start would wait for

        typed = [
            (path, text)
            for path in filter(None, map(path_of, self.session.open_documents))
            if (text := request.texts.get(path)) is not None
            and text not in (before.texts.get(path), self._saved.get(path))
        ]
        broken = await asyncio.to_thread(lambda: [place for one in typed for place in SourceTree(*one).broken])
        return self._broken_anew(before, request, broken)

    def _broken_anew(self, before: Held, request: HostRequest, broken: Sequence[Location]) -> Location | None:
        """The one of these places in open documents that is next to what was typed, where there are more of them than
        in what was read before."""
        for path in filter(None, map(path_of, self.session.open_documents)):
            places = [one for one in broken if one.path == path]
            if len(places) > sum(one.path == path for one in before.reading.broken):
                edit = replacement_of(path, before.texts.get(path, ""), request.texts[path])
                return min(places, key=lambda one: abs(one.span.start - edit.start))
        return None

    async def _read(self, folder: str, request: HostRequest) -> HostReading | str:
        """The reading, or why there is none."""
        self.is_reading = True
        self.on_news(False)
        progress = Progress(self.session.client, "Reading the host's code", after=0.5, clock=True)
        try:
            known = await asyncio.to_thread(self.session.readings.kept, request)
            if known is not None:
                return known
            answer = await self.reader.read(request.job())
            (self._known_to_process.add if isinstance(answer, HostAnswer) else self._known_to_process.discard)(folder)
            if isinstance(answer, HostAnswer):
                plain = await asyncio.to_thread(json.loads, answer.reading)
                reading = await asyncio.to_thread(from_plain, plain)
                if reading is not None:
                    self._do_aside(asyncio.to_thread(self.session.readings.keep, request, plain))
                    return reading
                return "the process that read it answered something else"
            return answer
        finally:
            self.is_reading = False
            progress.end()

    async def _find(self, folder: str, shaders: Sequence[Any]) -> None:
        """What is wrong between a host and the shaders of a folder."""
        session = self.session
        held = session.readings.held.get(folder)
        if held is None:
            session.host_findings.pop(folder, None)
            return
        reading = await asyncio.to_thread(with_findings, held.reading, shaders)
        texts = dict(held.texts)
        for finding in reading.findings:
            source = session.files.read(finding.location.path)
            if isinstance(source, SourceFile):
                texts.setdefault(finding.location.path, source.text)
        session.host_findings[folder] = (TextDiagnostics(host_diagnostics(reading), texts),)
        if folder in self.unfinished:
            session.host_findings[folder] += (self.unfinished[folder],)

    def _tell_passed_over(self, folder: str) -> None:
        """Said once."""
        client = self.session.client
        for one in self.session.readings.passed_over(folder) if client is not None else ():
            if one.message not in self._passed_over:
                self._passed_over.add(one.message)
                client.tell_user(one.message, types.MessageType.Info)

    def _tell_files(self) -> None:
        """Which C++ files the client is to keep us informed of."""
        session = self.session
        files = session.readings.files_read
        if files == self._told:
            return
        first, self._told = not self._told, files
        session.client.tell(messages.HOST_FILES, HostFiles(tuple(map(uri_of, sorted(files)))))
        session.client.spawn(self._register(sorted(files), not first))

    async def _register(self, files: list[str], again: bool) -> None:
        """Have the client send these documents: they are no language of ours, so it would not of itself. One that sends
        only its own languages can still say what changes on the disk."""
        client = self.session.client
        selector = [types.TextDocumentFilterPattern(pattern=_pattern(path), scheme="file") for path in files]
        plain = types.TextDocumentRegistrationOptions(selector)
        changes = types.TextDocumentChangeRegistrationOptions(types.TextDocumentSyncKind.Full, selector)
        saves = types.TextDocumentSaveRegistrationOptions(selector)
        options: list[tuple[str, Any]] = []
        text_document = client.client_capabilities.text_document
        synchronization = text_document.synchronization if text_document is not None else None
        if synchronization is not None and synchronization.dynamic_registration:
            options += [
                (types.TEXT_DOCUMENT_DID_OPEN, plain),
                (types.TEXT_DOCUMENT_DID_CHANGE, changes),
                (types.TEXT_DOCUMENT_DID_SAVE, saves),
                (types.TEXT_DOCUMENT_DID_CLOSE, plain),
            ]
        workspace = client.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is not None and watching.dynamic_registration:
            watched = [types.FileSystemWatcher(_pattern(path)) for path in files]
            watchers = types.DidChangeWatchedFilesRegistrationOptions(watched)
            options.append((types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watchers))
        if not options:
            return
        if again:
            gone = [types.Unregistration(f"host {method}", method) for method, _ in options]
            await client.client_unregister_capability_async(types.UnregistrationParams(gone))
        made = [types.Registration(f"host {method}", method, option) for method, option in options]
        await client.client_register_capability_async(types.RegistrationParams(made))


def _has_less(now: HostReading, before: HostReading) -> bool:
    """Less was read than before, or less understood."""
    return len(now.variants) < len(before.variants) or len(now.gaps) > len(before.gaps)


def _failed(request: HostRequest, before: HostReading | None, why: str) -> HostReading:
    """What was known stays, with a gap where the code begins."""
    path = next(iter(request.texts))
    gap = HostGap(Location(path, Span(0, len(request.texts[path].partition("\n")[0]))), why)
    known = before or HostReading(tuple(request.texts))
    kept = [one for one in known.gaps if one.location != gap.location]
    return replace(known, gaps=(gap, *kept))


def _pattern(path: str) -> str:
    """A glob that is this path alone."""
    return "".join(f"[{one}]" if one in "*?[{" else one for one in path)
