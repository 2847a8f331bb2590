"""textDocument/didChange (whole texts)."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.uris import path_of
from wgsl_ls.text.source_file import SourceFile


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(did_change)


def did_change(server: WgslServer, params: types.DidChangeTextDocumentParams) -> None:
    session = server.session
    uri = params.text_document.uri
    path = path_of(uri)
    if path is None or not params.content_changes:
        return
    if uri not in session.open_documents:
        return
    before = session.files.read(path)
    text = params.content_changes[-1].text
    session.open_documents[uri] = params.text_document.version
    session.files.open_text(path, text, params.text_document.version)
    if isinstance(before, SourceFile):
        if before.text == text:
            server.publisher.publish([uri])
            return
        session.reporter.edited(path, before.text, text)
    session.changed(listing=False)
    server.checker.changed(path)
