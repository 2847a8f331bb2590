"""workspace/diagnostic: every file about which something is known."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.uris import uri_of


def register(server: WgslServer) -> None:
    server.feature(types.WORKSPACE_DIAGNOSTIC)(workspace_diagnostic)


def workspace_diagnostic(
    server: WgslServer, params: types.WorkspaceDiagnosticParams
) -> types.WorkspaceDiagnosticReport:
    publisher = server.publisher
    before = {entry.uri: entry.value for entry in params.previous_result_ids}
    opened = server.session.open_documents
    uris = dict.fromkeys([*opened, *map(uri_of, sorted(publisher.paths())), *before])
    reports: list[types.WorkspaceDocumentDiagnosticReport] = []
    for uri in uris:
        items = publisher.diagnostics(uri)
        version = opened.get(uri)
        result_id = publisher.result_id(items)
        if before.get(uri) == result_id:
            reports.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, result_id, version=version))
        else:
            full = types.WorkspaceFullDocumentDiagnosticReport(uri, items, version=version, result_id=result_id)
            reports.append(full)
    return types.WorkspaceDiagnosticReport(reports)
