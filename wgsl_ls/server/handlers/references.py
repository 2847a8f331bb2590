"""textDocument/references, documentHighlight."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.navigation import highlight_steps, reference_steps
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_location, to_range

_KINDS = {
    "text": types.DocumentHighlightKind.Text,
    "read": types.DocumentHighlightKind.Read,
    "write": types.DocumentHighlightKind.Write,
}


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_REFERENCES)(find_references)
    server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)(document_highlight)


async def find_references(server: WgslServer, params: types.ReferenceParams) -> list[types.Location]:
    session = server.session
    cursor, roots = await session.searched_cursor(params.text_document.uri, params.position)
    with_declaration = params.context.include_declaration
    found = await session.value(reference_steps(cursor, session.index, roots, with_declaration))
    server.views.leads_to(cursor.context, found)
    return [to_location(cursor.snapshot.read, one, session.encoding) for one in found]


async def document_highlight(
    server: WgslServer, params: types.DocumentHighlightParams
) -> list[types.DocumentHighlight]:
    session = server.session
    cursor, roots = await session.searched_cursor(params.text_document.uri, params.position)
    found = await session.value(highlight_steps(cursor, session.index, roots))
    return [
        types.DocumentHighlight(to_range(cursor.source.lines, item.span, session.encoding), _KINDS[item.kind])
        for item in found
    ]
