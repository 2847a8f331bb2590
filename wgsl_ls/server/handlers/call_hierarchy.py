"""textDocument/prepareCallHierarchy, callHierarchy/incomingCalls, callHierarchy/outgoingCalls."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.call_hierarchy import FunctionItem, function_at, incoming, outgoing
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import location_range
from wgsl_ls.server.uris import path_of, uri_of
from wgsl_ls.text.span import Location


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)(prepare)
    server.feature(types.CALL_HIERARCHY_INCOMING_CALLS)(incoming_calls)
    server.feature(types.CALL_HIERARCHY_OUTGOING_CALLS)(outgoing_calls)


def prepare(server: WgslServer, params: types.CallHierarchyPrepareParams) -> list[types.CallHierarchyItem]:
    session = server.session
    cursor = session.cursor(params.text_document.uri, params.position)
    item = function_at(cursor, session.index)
    return [converted(server, item)] if item is not None else []


async def incoming_calls(
    server: WgslServer, params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall]:
    session = server.session
    item = item_of(server, params.item)
    roots = session.snapshot.roots_of(item.location.path)
    found = incoming(session.snapshot, session.index, item, roots)
    return [types.CallHierarchyIncomingCall(converted(server, one.item), ranges(server, one.sites)) for one in found]


async def outgoing_calls(
    server: WgslServer, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall]:
    session = server.session
    item = item_of(server, params.item)
    roots = session.snapshot.roots_of(item.location.path)
    found = outgoing(session.snapshot, session.index, item, roots)
    return [types.CallHierarchyOutgoingCall(converted(server, one.item), ranges(server, one.sites)) for one in found]


def ranges(server: WgslServer, sites: tuple[Location, ...]) -> list[types.Range]:
    session = server.session
    return [location_range(session.snapshot.read, site, session.encoding) for site in sites]


def converted(server: WgslServer, item: FunctionItem) -> types.CallHierarchyItem:
    session = server.session
    place = location_range(session.snapshot.read, item.location, session.encoding)
    uri = uri_of(item.location.path)
    return types.CallHierarchyItem(
        item.name, types.SymbolKind.Function, uri, place, place, detail=item.root.rsplit("/", 1)[-1], data=item.root
    )


def item_of(server: WgslServer, item: types.CallHierarchyItem) -> FunctionItem:
    session = server.session
    source = session.source(item.uri)
    start = source.lines.offset(item.selection_range.start.line, item.selection_range.start.character, session.encoding)
    cursor = session.cursor(item.uri, item.selection_range.start)
    found = function_at(cursor, session.index)
    if found is None:
        raise LookupError(f"{item.name} is no longer there (offset {start} of {path_of(item.uri)})")
    return found
