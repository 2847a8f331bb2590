"""textDocument/selectionRange."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.selection import selection_spans
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_range


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_SELECTION_RANGE)(selection_range)


def selection_range(server: WgslServer, params: types.SelectionRangeParams) -> list[types.SelectionRange]:
    session = server.session
    source, tree = session.tree(params.text_document.uri)
    answers = []
    for position in params.positions:
        offset = source.lines.offset(position.line, position.character, session.encoding)
        selected: types.SelectionRange | None = None
        for span in reversed(selection_spans(tree, source.lines, offset)):
            selected = types.SelectionRange(to_range(source.lines, span, session.encoding), selected)
        here = types.Range(position, position)
        answers.append(selected if selected is not None else types.SelectionRange(here))
    return answers
