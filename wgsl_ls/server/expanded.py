"""ExpandedDocuments: the expansions that a client has open, kept fresh: their text and their diagnostics.

After every publication the texts are compared with what the client was told last; a new one is announced by
`workspace/textDocumentContent/refresh` and, for clients without it, `wgsl/expansionChanged`. Diagnostics are those of
the written files that hold in the variant, mapped forward.
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.server import messages
from wgsl_ls.server.messages import ExpansionChanged
from wgsl_ls.server.publishing import Publisher
from wgsl_ls.server.session import ServerSession
from wgsl_ls.server.to_lsp import to_diagnostic, to_range
from wgsl_ls.server.uris import expanded_uri, parse_expanded_uri, uri_of
from wgsl_ls.text.line_index import LineIndex

_MOST_PLACES = 4
"""One written place can stand in an expansion as often as its macro is used; so many are marked."""


class ExpandedDocuments:
    def __init__(self, session: ServerSession, publisher: Publisher) -> None:
        self.session = session
        self.publisher = publisher
        self._texts: dict[str, str | None] = {}
        self._sent: dict[str, list[types.Diagnostic]] = {}
        publisher.listeners.append(self.refresh)

    def open(self, uri: str, text: str) -> None:
        self._texts[uri] = text
        self.refresh()

    def close(self, uri: str) -> None:
        """What it showed goes with it."""
        self._texts.pop(uri, None)
        if self._sent.pop(uri, None):
            self._client.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """What holds in the variant that the document shows, at its places there; none for an unknown document."""
        found = self._find(uri)
        if found is None:
            return []
        view, index = found
        name = view.variants[index].name
        expansion = view.expansion(index)
        lines = LineIndex(expansion.text)
        shown = []
        for item in self.publisher.of_root(view.path):
            if name not in item.variants or item.code == "inactive":
                continue
            plain = to_diagnostic(self.session.snapshot.read, item, self.session.encoding, self.session.rule_pages)
            spans = expansion.source_map.expanded(item.location.path, item.location.span)
            for span in spans[:_MOST_PLACES]:
                shown.append(
                    types.Diagnostic(
                        to_range(lines, span, self.session.encoding),
                        plain.message,
                        severity=plain.severity,
                        code=plain.code,
                        code_description=plain.code_description,
                        source=plain.source,
                        related_information=plain.related_information,
                        tags=plain.tags,
                    )
                )
        return shown

    def refresh(self) -> None:
        """Announce the texts that are new, and push diagnostics to a client that does not pull."""
        for uri in list(self._texts):
            found = self._find(uri)
            if found is None:
                continue
            view, index = found
            text = view.expansion(index).text
            if text != self._texts[uri]:
                self._texts[uri] = text
                self._announce(uri, view, index)
            if not self.session.pull:
                items = self.diagnostics(uri)
                if items != self._sent.get(uri, []):
                    self._sent[uri] = items
                    self._client.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items))

    def _announce(self, uri: str, view: RootView, index: int) -> None:
        variant = view.variants[index].name
        params = ExpansionChanged(expanded_uri(view.path, variant), uri_of(view.path), variant)
        self._client.tell(messages.EXPANSION_CHANGED, params)
        workspace = self._client.client_capabilities.workspace
        if workspace is not None and workspace.text_document_content is not None:
            self._client.workspace_text_document_content_refresh(types.TextDocumentContentRefreshParams(uri))

    def _find(self, uri: str) -> tuple[RootView, int] | None:
        parsed = parse_expanded_uri(uri)
        view = self.session.snapshot.root(parsed[0]) if parsed is not None else None
        if parsed is None or view is None:
            return None
        index = view.index_by_name.get(parsed[1])
        return None if index is None else (view, index)

    @property
    def _client(self) -> Any:
        return self.session.client
