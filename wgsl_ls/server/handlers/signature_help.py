"""textDocument/signatureHelp."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.signature_help import Signature, signature_help
from wgsl_ls.server.app import WgslServer
from wgsl_ls.text.harmless import plain
from wgsl_ls.text.line_index import LineIndex


def register(server: WgslServer) -> None:
    options = types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[","])
    server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, options)(on_signature_help)


def on_signature_help(server: WgslServer, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    found = signature_help(server.session.cursor(params.text_document.uri, params.position))
    if found is None:
        return None
    return types.SignatureHelp([_signature(server, one) for one in found.signatures], found.active, found.parameter)


def _signature(server: WgslServer, found: Signature) -> types.SignatureInformation:
    index = LineIndex(found.label)
    parameters = [
        types.ParameterInformation((column(server, index, span.start), column(server, index, span.end)))
        for span in found.parameters
    ]
    words = types.MarkupContent(types.MarkupKind.Markdown, found.documentation) if found.documentation else None
    return types.SignatureInformation(plain(found.label), words, parameters)


def column(server: WgslServer, index: LineIndex, offset: int) -> int:
    return index.position(offset, server.session.encoding)[1]
