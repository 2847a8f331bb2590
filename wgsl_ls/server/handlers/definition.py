"""textDocument/definition, declaration, typeDefinition."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.navigation import definitions, type_definitions
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_location


def register(server: WgslServer) -> None:
    session = server.session

    def defined(params: types.DefinitionParams | types.DeclarationParams) -> list[types.Location]:
        cursor = session.cursor(params.text_document.uri, params.position)
        found = definitions(cursor, session.index)
        return [to_location(session.snapshot.read, one, session.encoding) for one in found]

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> list[types.Location]:
        return defined(params)

    @server.feature(types.TEXT_DOCUMENT_DECLARATION)
    def declaration(params: types.DeclarationParams) -> list[types.Location]:
        return defined(params)

    @server.feature(types.TEXT_DOCUMENT_TYPE_DEFINITION)
    def type_definition(params: types.TypeDefinitionParams) -> list[types.Location]:
        cursor = session.cursor(params.text_document.uri, params.position)
        found = type_definitions(cursor)
        return [to_location(session.snapshot.read, one, session.encoding) for one in found]
