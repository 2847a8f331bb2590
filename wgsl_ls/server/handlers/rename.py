"""textDocument/prepareRename, rename. What the host's code gives is renamed there too once the user has agreed."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from wgsl_ls.analysis.features.rename import Refusal, RenameEdit, prepare_rename, rename_steps
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_location, to_range

_HOST = "host"


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)(prepare)
    server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))(rename_name)


async def prepare(server: WgslServer, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder:
    session = server.session
    cursor = session.cursor(params.text_document.uri, params.position)
    try:
        span = await session.value(prepare_rename(cursor, session.index))
    except Refusal as refusal:
        raise LookupError(str(refusal)) from refusal
    text = cursor.source.text[span.start : span.end]
    return types.PrepareRenamePlaceholder(to_range(cursor.source.lines, span, session.encoding), text)


async def rename_name(server: WgslServer, params: types.RenameParams) -> types.WorkspaceEdit:
    session = server.session
    cursor, roots = await session.searched_cursor(params.text_document.uri, params.position)
    try:
        edits = await session.value(rename_steps(cursor, session.index, roots, params.new_name))
    except Refusal as refusal:
        raise LookupError(str(refusal)) from refusal
    given = list(dict.fromkeys(edit.given for edit in edits if edit.given))
    if given and not _asks_the_user(server):
        more = f" and at {len(given) - 1} more places" if len(given) > 1 else ""
        raise LookupError(
            f"{given[0]}{more}: rename it there too, by hand; a rename here alone would part the shader from its host"
        )
    changes: dict[str, list[Any]] = {}
    for edit in edits:
        place = to_location(cursor.snapshot.read, edit.location, session.encoding)
        changes.setdefault(place.uri, []).append(_text_edit(place, edit))
    if not given:
        return types.WorkspaceEdit(changes)
    documents = [
        types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(uri, session.open_documents.get(uri)), of_file
        )
        for uri, of_file in changes.items()
    ]
    label = "The host's code gives this macro"
    annotation = types.ChangeAnnotation(label, needs_confirmation=True, description="; ".join(given[:3]))
    return types.WorkspaceEdit(document_changes=documents, change_annotations={_HOST: annotation})


def _text_edit(place: types.Location, edit: RenameEdit) -> types.TextEdit | types.AnnotatedTextEdit:
    if edit.given:
        return types.AnnotatedTextEdit(_HOST, place.range, edit.text)
    return types.TextEdit(place.range, edit.text)


def _asks_the_user(server: WgslServer) -> bool:
    """Whether the client shows edits that need to be confirmed."""
    workspace = server.client_capabilities.workspace
    edit = workspace.workspace_edit if workspace is not None else None
    return edit is not None and bool(edit.document_changes) and edit.change_annotation_support is not None
