"""textDocument/definition, declaration, typeDefinition."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.navigation import definitions, type_definitions
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_location


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_DEFINITION)(definition)
    server.feature(types.TEXT_DOCUMENT_DECLARATION)(declaration)
    server.feature(types.TEXT_DOCUMENT_TYPE_DEFINITION)(type_definition)


def defined(server: WgslServer, params: types.DefinitionParams | types.DeclarationParams) -> list[types.Location]:
    session = server.session
    cursor = session.cursor(params.text_document.uri, params.position)
    found = definitions(cursor, session.index)
    return [to_location(session.snapshot.read, one, session.encoding) for one in found]


def definition(server: WgslServer, params: types.DefinitionParams) -> list[types.Location]:
    return defined(server, params)


def declaration(server: WgslServer, params: types.DeclarationParams) -> list[types.Location]:
    return defined(server, params)


def type_definition(server: WgslServer, params: types.TypeDefinitionParams) -> list[types.Location]:
    session = server.session
    cursor = session.cursor(params.text_document.uri, params.position)
    found = type_definitions(cursor)
    return [to_location(session.snapshot.read, one, session.encoding) for one in found]
