"""textDocument/didSave: check at once."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(did_save)


def did_save(server: WgslServer, params: types.DidSaveTextDocumentParams) -> None:
    server.host_watch.saved(params.text_document.uri)
    server.checker.hurry()
