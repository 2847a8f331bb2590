"""textDocument/formatting, textDocument/rangeFormatting. What would change a variant's tokens is not done."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.formatting import LineEdit, format_edits, same_tokens
from wgsl_ls.analysis.index import covering_variants
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_range
from wgsl_ls.text.source_file import SourceFile


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_FORMATTING)(formatting)
    server.feature(types.TEXT_DOCUMENT_RANGE_FORMATTING)(range_formatting)


def formatting(server: WgslServer, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
    source = server.session.source(params.text_document.uri)
    return checked(server, source, edits_of(server, source, params.options.tab_size))


def range_formatting(server: WgslServer, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
    session = server.session
    source = session.source(params.text_document.uri)
    first = source.lines.line_start(params.range.start.line)
    last = source.lines.offset(params.range.end.line, params.range.end.character, session.encoding)
    edits = edits_of(server, source, params.options.tab_size)
    return checked(server, source, [edit for edit in edits if edit.span.end >= first and edit.span.start <= last])


def edits_of(server: WgslServer, source: SourceFile, tab_size: int) -> list[LineEdit]:
    session = server.session
    tree = session.snapshot.tree(source.path)
    indent = tab_size or session.settings.indent
    return format_edits(tree, source.lines, indent) if tree is not None else []


def checked(server: WgslServer, source: SourceFile, edits: list[LineEdit]) -> list[types.TextEdit]:
    session = server.session
    if not edits:
        return []
    text = source.text
    for edit in reversed(edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    changed = SourceFile(source.path, text)
    for root in session.snapshot.roots_of(source.path)[:8]:
        view = session.snapshot.root(root)
        if view is not None and view.variants:
            check(server, view, changed)
    return [types.TextEdit(to_range(source.lines, edit.span, session.encoding), edit.text) for edit in edits]


def check(server: WgslServer, view: RootView, changed: SourceFile) -> None:
    for index in covering_variants(view, server.session.host.active_variant(view)):
        before = view.expansion(index)
        after = view.expansion_of(index, changed)
        if before.failed != after.failed or not same_tokens(before.text, after.text):
            raise LookupError(
                f"formatting would change variant {view.variants[index].name} of {view.path}; nothing was done"
            )
