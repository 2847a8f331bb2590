"""textDocument/didSave: check at once."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer


def register(server: WgslServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        server.checker.hurry()
