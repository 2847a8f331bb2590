"""textDocument/inlayHint. The client is told to ask again when the variant or the settings change."""

from __future__ import annotations

from dataclasses import fields

from lsprotocol import types

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.features.inlay_hints import ALL_KINDS, Hint, inlay_hints
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_position
from wgsl_ls.text.harmless import one_line, plain
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.span import Span

_KINDS = {"types": types.InlayHintKind.Type, "parameters": types.InlayHintKind.Parameter}


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_INLAY_HINT)(on_inlay_hint)


async def on_inlay_hint(server: WgslServer, params: types.InlayHintParams) -> list[types.InlayHint]:
    session = server.session
    uri = params.text_document.uri
    await session.finish(across_steps(session.view(uri)))
    cursor = session.cursor(uri, params.range.start)
    lines = cursor.source.lines
    end = params.range.end
    span = Span(cursor.offset, lines.offset(end.line, end.character, session.encoding))
    switched_on = {
        field.name for field in fields(session.settings.hints) if getattr(session.settings.hints, field.name)
    }
    kinds = frozenset(kind for kind in ALL_KINDS if kind in switched_on)
    return [_hint(server, lines, hint) for hint in inlay_hints(cursor, span, kinds)]


def _hint(server: WgslServer, lines: LineIndex, hint: Hint) -> types.InlayHint:
    return types.InlayHint(
        to_position(lines, hint.offset, server.session.encoding),
        one_line(hint.label),
        kind=_KINDS.get(hint.kind),
        tooltip=plain(hint.tooltip) or None,
        padding_left=not hint.before and hint.kind != "types",
        padding_right=hint.before,
    )
