"""textDocument/didOpen."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.uris import parse_expanded_uri, path_of


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(did_open)


def did_open(server: WgslServer, params: types.DidOpenTextDocumentParams) -> None:
    session = server.session
    document = params.text_document
    if parse_expanded_uri(document.uri) is not None:
        server.expanded.open(document.uri, document.text)
        return
    path = path_of(document.uri)
    if path is None:
        return
    session.open_documents[document.uri] = document.version
    session.files.open_text(path, document.text, document.version)
    session.changed()
    if not server.views.opened(path):
        server.spawn(server.views.settle(path))
    server.checker.changed()
