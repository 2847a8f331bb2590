"""textDocument/hover."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.hover import asks_all_variants, hover
from wgsl_ls.analysis.features.rich_text import Hover, Page, place
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.markdown import markup
from wgsl_ls.server.to_lsp import to_range
from wgsl_ls.server.uris import parse_expanded_uri
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_HOVER)(on_hover)


async def on_hover(server: WgslServer, params: types.HoverParams) -> types.Hover | None:
    session = server.session
    uri, position = params.text_document.uri, params.position
    cursor = session.cursor(uri, position)
    if asks_all_variants(cursor):
        await session.finish(across_steps(cursor.view))
    found = hover(cursor)
    if parse_expanded_uri(uri) is not None and cursor.word is not None:
        found = _with_way_back(cursor, cursor.word, found)
    if found is None:
        return None
    shown = markup_of(server, cursor.source, found)
    if parse_expanded_uri(uri) is not None:
        # The place of the written word is none of this document.
        return types.Hover(shown.contents)
    return shown


def _with_way_back(cursor: Cursor, word: Span, found: Hover | None) -> Hover:
    """In an expanded document: and where this is written."""
    page = Page()
    page.add("Written at ", place(cursor.snapshot.read, Location(cursor.path, word)))
    return Hover(word, (*found.text, "\n\n", *page.text) if found is not None else page.text)


def markup_of(server: WgslServer, source: SourceFile, found: Hover) -> types.Hover:
    """As the client likes it."""
    session = server.session
    text_document = server.client_capabilities.text_document
    formats = text_document.hover.content_format if text_document is not None and text_document.hover else None
    return types.Hover(
        markup(session.snapshot.read, found.text, list(formats) if formats else None),
        to_range(source.lines, found.span, session.encoding),
    )
