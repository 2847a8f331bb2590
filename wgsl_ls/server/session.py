"""ServerSession: everything one connection to a client works with. The composition file of the server.

The message loop's thread owns it. Answers come from the analysis; long work is done in small steps between
messages, and compiling in worker processes, so the loop is never away for more than a few milliseconds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from wgsl_ls.analysis.features.cursor import Cursor, cursor_at
from wgsl_ls.analysis.features.navigation import sharing_roots
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.host import AnalysisHost
from wgsl_ls.analysis.index import NameIndex
from wgsl_ls.analysis.report import Reporter
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.analysis.root_view import Context, RootView
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.directives import DirectiveTree
from wgsl_ls.project.file_kind import FileKind, kind_of
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.held_readings import HeldReadings
from wgsl_ls.project.host_findings import TextDiagnostics
from wgsl_ls.project.reach import refusal
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.server.settings import Settings
from wgsl_ls.server.uris import document_kind, parse_expanded_uri, path_of, uri_of
from wgsl_ls.text.line_index import Encoding, LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.steps import Steps, in_turns

T = TypeVar("T")
logger = logging.getLogger("wgsl_ls")

SLICE = 0.005
"""Seconds of work between two looks at the messages that wait."""


class Overtaken(Exception):
    """An edit came before the answer, which is no longer wanted."""


@dataclass
class ServerSession:
    """`encoding`: negotiated with the client; `first_settings`: those that it began with; `open_documents`: uri ->
    version of every document it has open; `pull`: it asks for diagnostics itself; `rule_pages`: it shows documents
    whose text the server gives; `client`: there from `initialize` on, before which nobody is told anything."""

    files: FileSystem = field(default_factory=FileSystem)
    settings: Settings = field(default_factory=Settings)
    first_settings: Settings = field(default_factory=Settings)
    encoding: Encoding = "utf-16"
    open_documents: dict[str, int] = field(default_factory=dict)
    pull: bool = False
    refresh_diagnostics: bool = False
    rule_pages: bool = False
    client: Any = None

    def __post_init__(self) -> None:
        self.readings = HeldReadings(self.files)
        self.host_findings: dict[str, tuple[TextDiagnostics, ...]] = {}
        """By folder of shaders: what is wrong between them and their host."""
        self.listeners: list[Callable[[], None]] = []
        """Called after every change."""
        self.workspace = ProjectWorkspace(self.files, known_rules=all_rules(), host_code=self.readings)
        self.host = AnalysisHost(self.workspace)
        self.store = ResultStore()
        self.front_end = FrontEnd(self.store)
        self.reporter = Reporter(self.store, self.front_end)
        self.index = NameIndex(self.front_end)

    @property
    def snapshot(self) -> Snapshot:
        return self.host.snapshot()

    def set_folders(self, folders: list[str]) -> None:
        self.workspace.folders = tuple(folders)
        self.changed()

    def changed(self, listing: bool = True) -> None:
        """Files, folders or configuration changed. `listing`: files may have appeared or vanished."""
        self.workspace.refresh(listing)
        self.host.changed()
        for listen in self.listeners:
            listen()

    def source(self, uri: str) -> SourceFile:
        """The text of a shader. Raises LookupError with a sentence for the user."""
        kind = document_kind(uri)
        if not kind.is_wgsl:
            raise LookupError(f"{path_of(uri)} is a {kind} file, no shader")
        return self.document(uri)

    def tree(self, uri: str) -> tuple[SourceFile, DirectiveTree]:
        """The text of a shader with its directives. Raises like `source`."""
        source = self.source(uri)
        return source, self.snapshot.tree(source.path)

    def document(self, uri: str) -> SourceFile:
        """The text of a document, whatever it is. Raises LookupError with a sentence for the user."""
        path = path_of(uri)
        if path is None:
            raise LookupError(f"{uri} is no file")
        self._refuse_stranger(path)
        found = self.snapshot.read(path)
        if not isinstance(found, SourceFile):
            raise LookupError(found)
        return found

    def _refuse_stranger(self, path: str) -> None:
        """Of files that are not open only shaders are told to whoever asks, and those that the workspace or what is
        open may have read. A file without a suffix of ours is one when the configuration names it. Raises
        LookupError."""
        if self.files.is_open(path):
            return
        if kind_of(path) is FileKind.OTHER and path not in self.snapshot.roots():
            address = uri_of(path)
            raise LookupError(f"{path if address.startswith('file:') else address} is no shader, and not open")
        opened = (str(Path(one).parent) for one in map(path_of, self.open_documents) if one is not None)
        reach = self.files.reach
        if reach is not None and not any(reach.allows(path, one) for one in (*self.workspace.folders, *opened)):
            raise LookupError(refusal(path))

    def cursor(self, uri: str, position: Any) -> Cursor:
        """The cursor at an LSP position; of an expanded document, at the written place, seen in the variant shown
        (macro text: at the macro's name). Raises LookupError with a sentence for the user."""
        if parse_expanded_uri(uri) is not None:
            return self._written_cursor(uri, position)
        source = self.source(uri)
        offset = source.lines.offset(position.line, position.character, self.encoding)
        found = cursor_at(self.snapshot, self.front_end, source.path, offset)
        if found is None:
            raise LookupError(f"{source.path} belongs to no shader that can be read")
        return found

    def expanded(self, uri: str) -> tuple[RootView, int]:
        """What an expanded document shows: a root, and the index of a variant. Raises LookupError."""
        parsed = parse_expanded_uri(uri)
        if parsed is None:
            raise LookupError(f"{uri} is no address of an expanded document")
        root, name = parsed
        self._refuse_stranger(root)
        view = self.snapshot.root(root)
        if view is None:
            raise LookupError(f"{root} cannot be read")
        return view, self.variant_index(view, name or None)

    def variant_index(self, view: RootView, name: str | None) -> int:
        """Of the variant called `name`; None: of the active one. Raises LookupError."""
        if name is None:
            return self.host.active_variant(view)
        if name not in view.index_by_name:
            raise LookupError(f"there is no variant '{name}' of {view.path}")
        return view.index_by_name[name]

    def _written_cursor(self, uri: str, position: Any) -> Cursor:
        view, index = self.expanded(uri)
        expansion = view.expansion(index)
        offset = LineIndex(expansion.text).offset(position.line, position.character, self.encoding)
        origin = expansion.origin(offset)
        source = self.snapshot.source(origin.location.path) if origin is not None else None
        if origin is None or source is None:
            raise LookupError("nothing was written for this place of the expansion")
        context = Context(view.path, index, origin.instance)
        return Cursor(self.snapshot, self.front_end, source, origin.location.span.start, context, view)

    async def finish(self, steps: Iterator[None]) -> None:
        """Do long work in steps, giving way to other messages. Raises Overtaken when an edit makes the answer
        unwanted."""
        snapshot = self.snapshot
        async for _ in in_slices(steps):
            if not snapshot.is_current():
                raise Overtaken

    async def value(self, steps: Steps[T]) -> T:
        """What work in steps comes to. Raises as `finish` does."""
        found: list[T] = []
        await self.finish(collected(steps, found))
        return found[0]

    async def searched(self, roots: Iterable[str]) -> bool:
        """Look for the variants of those of these roots that nobody declared, as far as they are not known yet; whether
        there is a new revision. Raises as `finish` does."""
        snapshot = self.snapshot

        def found() -> Iterator[None]:
            for root in roots:
                yield from self.workspace.settings_steps(root)
                snapshot.root(root)
                yield

        await self.finish(found())
        if await self.value(self.workspace.inference_steps()):
            self.changed(listing=False)
            return True
        return False

    async def searched_cursor(self, uri: str, position: Any) -> tuple[Cursor, list[str]]:
        """A place in a document with the roots that must agree on the name there, whose variants are looked for first.
        Raises as `cursor` and `finish` do."""
        cursor = self.cursor(uri, position)
        roots = sharing_roots(self.snapshot, cursor.path, cursor.word_text)
        if await self.searched(roots):
            cursor = self.cursor(uri, position)
        return cursor, roots

    def view(self, uri: str) -> RootView:
        """The root through which a document is looked at. Raises LookupError."""
        source = self.source(uri)
        context = self.snapshot.context(source.path)
        view = self.snapshot.root(context.root) if context is not None else None
        if view is None:
            raise LookupError(f"{source.path} belongs to no shader that can be read")
        return view


def collected(steps: Steps[T], found: list[T]) -> Iterator[None]:
    """The steps; what they come to is put into `found`."""
    found.append((yield from steps))


def done_within(seconds: float, steps: Iterator[None]) -> bool:
    """Begin long work; whether it came to its end so soon."""
    slice_end = time.perf_counter() + seconds
    return all(time.perf_counter() <= slice_end for _ in steps)


def in_slices(steps: Iterator[None]) -> AsyncIterator[None]:
    """Do long work in steps; yields after other messages had their turn."""
    return in_turns(steps, SLICE)
