"""textDocument/definition, declaration, typeDefinition."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.navigation import definition_steps, type_definitions
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_location
from wgsl_ls.server.uris import parse_expanded_uri
from wgsl_ls.text.span import Location, Span


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_DEFINITION)(definition)
    server.feature(types.TEXT_DOCUMENT_DECLARATION)(declaration)
    server.feature(types.TEXT_DOCUMENT_TYPE_DEFINITION)(type_definition)


async def defined(server: WgslServer, params: types.DefinitionParams | types.DeclarationParams) -> list[types.Location]:
    session = server.session
    cursor = session.cursor(params.text_document.uri, params.position)
    found = await session.value(definition_steps(cursor, session.index))
    if not found and parse_expanded_uri(params.text_document.uri) is not None:
        found = [Location(cursor.path, Span(cursor.offset, cursor.offset + 1))]  # the way back to the source
    server.views.leads_to(cursor.context, found)
    return [to_location(session.snapshot.read, one, session.encoding) for one in found]


async def definition(server: WgslServer, params: types.DefinitionParams) -> list[types.Location]:
    return await defined(server, params)


async def declaration(server: WgslServer, params: types.DeclarationParams) -> list[types.Location]:
    return await defined(server, params)


def type_definition(server: WgslServer, params: types.TypeDefinitionParams) -> list[types.Location]:
    session = server.session
    cursor = session.cursor(params.text_document.uri, params.position)
    found = type_definitions(cursor)
    server.views.leads_to(cursor.context, found)
    return [to_location(session.snapshot.read, one, session.encoding) for one in found]
