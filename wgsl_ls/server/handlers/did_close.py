"""textDocument/didClose: the file on the disk counts again."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.uris import parse_expanded_uri, path_of


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(did_close)


def did_close(server: WgslServer, params: types.DidCloseTextDocumentParams) -> None:
    session = server.session
    uri = params.text_document.uri
    if parse_expanded_uri(uri) is not None:
        server.expanded.close(uri)
        return
    path = path_of(uri)
    if path is None:
        return
    session.open_documents.pop(uri, None)
    session.files.close_text(path)
    server.views.closed(path)
    session.changed()
    server.checker.forget_all_but(server.checker.wanted_roots(session.snapshot))
    server.publisher.forget(uri)
    server.checker.changed()
