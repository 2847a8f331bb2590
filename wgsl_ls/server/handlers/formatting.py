"""textDocument/formatting, textDocument/rangeFormatting. What would change a variant's tokens is not done."""

from __future__ import annotations

from collections.abc import Callable

from lsprotocol import types

from wgsl_ls.analysis.features.format_check import FormatRefused, checked_steps
from wgsl_ls.analysis.features.formatting import LineEdit
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_range
from wgsl_ls.text.source_file import SourceFile


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_FORMATTING)(formatting)
    server.feature(types.TEXT_DOCUMENT_RANGE_FORMATTING)(range_formatting)


async def formatting(server: WgslServer, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
    source = server.session.source(params.text_document.uri)
    return await _edits(server, source, params.options.tab_size)


async def range_formatting(server: WgslServer, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
    session = server.session
    source = session.source(params.text_document.uri)
    first = source.lines.line_start(params.range.start.line)
    last = source.lines.offset(params.range.end.line, params.range.end.character, session.encoding)
    return await _edits(
        server, source, params.options.tab_size, lambda edit: edit.span.end >= first and edit.span.start <= last
    )


async def _edits(
    server: WgslServer, source: SourceFile, tab_size: int, wanted: Callable[[LineEdit], bool] = lambda edit: True
) -> list[types.TextEdit]:
    session = server.session
    indent = tab_size or session.settings.indent
    try:
        steps = checked_steps(session.snapshot, source, indent, session.host.active_variant, wanted)
        edits = await session.value(steps)
    except FormatRefused as refusal:
        raise LookupError(str(refusal)) from refusal
    return [types.TextEdit(to_range(source.lines, edit.span, session.encoding), edit.text) for edit in edits]
