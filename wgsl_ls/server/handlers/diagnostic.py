"""textDocument/diagnostic: what is known now; the client is told to ask again when more is."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.uris import parse_expanded_uri


def register(server: WgslServer) -> None:
    options = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier="wgsl-ls")
    server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)(diagnostic)


def diagnostic(server: WgslServer, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    uri = params.text_document.uri
    expanded = parse_expanded_uri(uri) is not None
    items = server.expanded.diagnostics(uri) if expanded else server.publisher.diagnostics(uri)
    result_id = server.publisher.result_id(items)
    if params.previous_result_id == result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=result_id)
