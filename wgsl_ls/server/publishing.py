"""Publisher: which diagnostics each open document shows, pushed when they changed and answered when pulled.

It keeps the last report per root, and what smoke runs found. A document's diagnostics are those of all roots that
read it, folded together, plus the configuration's, plus (for clients that want it so) its inactive code as dimmed
hints. Nothing is sent twice, and nothing for a text that is no longer current.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from lsprotocol import types

from wgsl_ls.analysis.merge import MergedDiagnostic, across_roots
from wgsl_ls.analysis.relocate import moved, replacement_of
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.project.file_kind import kind_of
from wgsl_ls.project.host_findings import TextDiagnostics
from wgsl_ls.project.rule_settings import with_rule_settings
from wgsl_ls.server import messages
from wgsl_ls.server.held_findings import HeldFindings
from wgsl_ls.server.host_failures import host_failures
from wgsl_ls.server.messages import InactiveRegions
from wgsl_ls.server.session import ServerSession
from wgsl_ls.server.to_lsp import inactive_diagnostic, plain_diagnostic, to_diagnostic, to_range
from wgsl_ls.server.uris import is_host_code, path_of, uri_of
from wgsl_ls.server.variant_list import VariantNews
from wgsl_ls.text.diagnostic import Diagnostic
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span, joined
from wgsl_ls.text.steps import Steps, finished


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a client was sent of a document: at which version, which diagnostics, which inactive code."""

    version: int | None = None
    items: Sequence[types.Diagnostic] = ()
    regions: tuple[int, Sequence[Span]] | None = None


class Publisher:
    """`dim`: send inactive code as diagnostics with the `unnecessary` tag."""

    def __init__(self, session: ServerSession) -> None:
        self.session = session
        self.dim = True
        self.held = HeldFindings()
        self.news = VariantNews(session)
        self._sent: dict[str, _Sent] = {}
        self._of_gate: dict[str, tuple[RootReport, tuple[Diagnostic, ...]]] = {}
        self.listeners: list[Callable[[], None]] = []
        """Called after every publication."""

    @property
    def reports(self) -> Mapping[str, RootReport]:
        """The last report of each root that is looked at."""
        return self.session.reporter.reports

    # What a document shows

    def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """Everything known now about a document."""
        session = self.session
        path = path_of(uri)
        if path is None:
            return []
        source = session.snapshot.read(path)
        if not isinstance(source, SourceFile):
            return []
        read = session.snapshot.read
        found = [to_diagnostic(read, item, session.encoding, session.rule_pages) for item in self.of_path(path)]
        of_file = with_rule_settings(session.files.problems(path), session.workspace.rules_for(path))
        of_host = with_rule_settings(self._host_findings(source), session.workspace.rules_for(path))
        found.extend(
            plain_diagnostic(source.lines, item, session.encoding, session.rule_pages, read)
            for item in (*of_file, *of_host)
        )
        if not kind_of(path).is_wgsl:
            for item in session.workspace.config_diagnostics():
                if item.path == path:
                    found.append(plain_diagnostic(source.lines, item, session.encoding, session.rule_pages, read))
        elif self.dim and uri in session.open_documents:  # what nobody looks at is not dimmed
            found.extend(inactive_diagnostic(source.lines, span, session.encoding) for span in self.inactive(path))
        return found

    def _host_findings(self, source: SourceFile) -> Iterator[Diagnostic]:
        """What is wrong between host and shaders, moved to where it stands after edits since it was found."""
        readings = self.session.readings.held.values()
        failing = [
            TextDiagnostics(self._failures(), {path: text for one in readings for path, text in one.texts.items()})
        ]
        for found in chain(failing, *self.session.host_findings.values()):
            here = [item for item in found.diagnostics if item.path == source.path]
            if not here:
                continue
            edit = replacement_of(source.path, found.texts.get(source.path, source.text), source.text)
            for item in here:
                now = moved(item.location, edit)
                if now is not None:
                    yield replace(item, span=now.span)

    def paths(self) -> set[str]:
        """Of every file about which something is known."""
        found = {item.location.path for item in self.everything()}
        for of_folder in chain.from_iterable(self.session.host_findings.values()):
            found.update(item.path for item in of_folder.diagnostics)
        found.update(item.path for item in self._failures())
        return found

    def _failures(self) -> tuple[Diagnostic, ...]:
        """What the host's gate lets through and fails, of all reports."""
        for root, report in self.reports.items():
            known = self._of_gate.get(root)
            if known is None or known[0] is not report:
                found = tuple(host_failures(self.session.snapshot, report.diagnostics))
                self._of_gate[root] = (report, found)
        self._of_gate = {root: self._of_gate[root] for root in self.reports}
        return tuple(one for root in self.reports for one in self._of_gate[root][1])

    def everything(self) -> Iterator[MergedDiagnostic]:
        """What is known about all roots: their reports, and what smoke runs found."""
        for report in self.reports.values():
            yield from report.diagnostics
        yield from self.held.diagnostics(self.session.snapshot)

    def of_root(self, root: str) -> list[MergedDiagnostic]:
        report = self.reports.get(root)
        return [*(report.diagnostics if report else ()), *self.held.diagnostics(self.session.snapshot, root)]

    def of_path(self, path: str) -> list[MergedDiagnostic]:
        """Diagnostics of all roots in one file; the same one from several roots is shown once."""
        shown = across_roots(item for item in self.everything() if item.location.path == path)
        shown.sort(key=lambda item: (item.location.span, item.severity, item.code))
        return shown

    def inactive(self, path: str) -> list[Span]:
        """Inactive code of a file in the context it is looked at."""
        snapshot = self.session.snapshot
        context = snapshot.context(path)
        view = snapshot.root(context.root) if context is not None else None
        if context is None or view is None:
            return []
        entries = view.replay(context.variant_index).inactive
        return joined(entry.location.span for entry in entries if entry.instance == context.instance)

    def result_id(self, items: list[types.Diagnostic]) -> str:
        return hashlib.blake2b(repr(items).encode(), digest_size=8).hexdigest()

    # Sending

    def publish(self, uris: Iterable[str] | None = None) -> None:
        """Push what changed, for these documents or for all open ones (and files with findings)."""
        finished(self.publish_steps(uris))

    def publish_steps(self, uris: Iterable[str] | None = None) -> Steps[None]:
        """`publish` with a pause behind each document."""
        session = self.session
        wanted = list(session.open_documents if uris is None else uris)
        if uris is None:
            wanted.extend(uri for path in self.paths() if (uri := uri_of(path)) not in session.open_documents)
            wanted.extend(uri for uri in list(self._sent) if uri not in wanted)
        changed = False
        try:
            for uri in dict.fromkeys(wanted):
                changed = self._push(uri) or changed
                yield
        finally:  # an edit may end this, but who pulls is told of what counts as sent
            if changed and session.pull and session.refresh_diagnostics:
                session.client.workspace_diagnostic_refresh(None)
        for uri in list(session.open_documents):
            self._send_regions(uri)
            yield
        for listen in self.listeners:
            listen()

    def _push(self, uri: str) -> bool:
        """Push what a document shows, if that is new; whether it is."""
        session = self.session
        version = session.open_documents.get(uri)
        items = self.diagnostics(uri)
        before = self._sent.get(uri)
        if before is not None and before.items == items and (before.version == version or not items):
            return False
        if before is None and not items and (uri not in session.open_documents or is_host_code(uri)):
            return False
        self._sent[uri] = _Sent(version, items, before.regions if before is not None else None)
        if not session.pull:
            session.client.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items, version))
        return True

    def forget(self, uri: str) -> None:
        """The document was closed; what it showed is taken back unless the file still has findings."""
        before = self._sent.pop(uri, None)
        if before is not None and before.items and not self.session.pull:
            self.session.client.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def _send_regions(self, uri: str) -> None:
        path = path_of(uri)
        version = self.session.open_documents.get(uri)
        if version is None or path is None or not kind_of(path).is_wgsl:
            return
        source = self.session.snapshot.read(path)
        if not isinstance(source, SourceFile):
            return
        spans = self.inactive(path)
        before = self._sent.get(uri, _Sent())
        if before.regions == (version, spans):
            return
        self._sent[uri] = replace(before, regions=(version, spans))
        document = types.OptionalVersionedTextDocumentIdentifier(uri, version)
        params = InactiveRegions(document, self.regions(source, spans))
        self.session.client.tell(messages.INACTIVE_REGIONS, params)

    def regions(self, source: SourceFile, spans: list[Span]) -> tuple[types.Range, ...]:
        return tuple(to_range(source.lines, span, self.session.encoding) for span in spans)
