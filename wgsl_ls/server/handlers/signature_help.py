"""textDocument/signatureHelp."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.signature_help import Signature, signature_help
from wgsl_ls.server.app import WgslServer
from wgsl_ls.text.line_index import LineIndex


def register(server: WgslServer) -> None:
    session = server.session
    options = types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[","])

    @server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, options)
    def on_signature_help(params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        found = signature_help(session.cursor(params.text_document.uri, params.position))
        if found is None:
            return None
        return types.SignatureHelp([_signature(one) for one in found.signatures], found.active, found.parameter)

    def _signature(found: Signature) -> types.SignatureInformation:
        index = LineIndex(found.label)
        parameters = [
            types.ParameterInformation((column(index, span.start), column(index, span.end)))
            for span in found.parameters
        ]
        words = types.MarkupContent(types.MarkupKind.Markdown, found.documentation) if found.documentation else None
        return types.SignatureInformation(found.label, words, parameters)

    def column(index: LineIndex, offset: int) -> int:
        return index.position(offset, session.encoding)[1]
