"""textDocument/prepareRename, rename."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.meaning import meaning_steps
from wgsl_ls.analysis.features.navigation import sharing_roots
from wgsl_ls.analysis.features.rename import Refusal, prepare_rename, rename
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_location, to_range


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)(prepare)
    server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))(rename_name)


def prepare(server: WgslServer, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder:
    session = server.session
    cursor = session.cursor(params.text_document.uri, params.position)
    try:
        span = prepare_rename(cursor, session.index)
    except Refusal as refusal:
        raise LookupError(str(refusal)) from refusal
    text = cursor.source.text[span.start : span.end]
    return types.PrepareRenamePlaceholder(to_range(cursor.source.lines, span, session.encoding), text)


async def rename_name(server: WgslServer, params: types.RenameParams) -> types.WorkspaceEdit:
    session = server.session
    cursor = session.cursor(params.text_document.uri, params.position)
    roots = sharing_roots(session.snapshot, cursor.path, cursor.word_text)
    await session.finish(meaning_steps(cursor, session.index, roots, []))
    try:
        edits = rename(cursor, session.index, roots, params.new_name)
    except Refusal as refusal:
        raise LookupError(str(refusal)) from refusal
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in edits:
        place = to_location(cursor.snapshot.read, edit.location, session.encoding)
        changes.setdefault(place.uri, []).append(types.TextEdit(place.range, edit.text))
    return types.WorkspaceEdit(changes)
