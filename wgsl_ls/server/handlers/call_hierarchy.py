"""textDocument/prepareCallHierarchy, callHierarchy/incomingCalls, callHierarchy/outgoingCalls."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.call_hierarchy import FunctionItem, function_at, incoming, outgoing
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import location_range
from wgsl_ls.server.uris import path_of, uri_of
from wgsl_ls.text.span import Location


def register(server: WgslServer) -> None:
    session = server.session

    @server.feature(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    def prepare(params: types.CallHierarchyPrepareParams) -> list[types.CallHierarchyItem]:
        cursor = session.cursor(params.text_document.uri, params.position)
        item = function_at(cursor, session.index)
        return [converted(item)] if item is not None else []

    @server.feature(types.CALL_HIERARCHY_INCOMING_CALLS)
    async def incoming_calls(params: types.CallHierarchyIncomingCallsParams) -> list[types.CallHierarchyIncomingCall]:
        item = item_of(params.item)
        roots = session.snapshot.roots_of(item.location.path)
        found = incoming(session.snapshot, session.index, item, roots)
        return [types.CallHierarchyIncomingCall(converted(one.item), ranges(one.sites)) for one in found]

    @server.feature(types.CALL_HIERARCHY_OUTGOING_CALLS)
    async def outgoing_calls(params: types.CallHierarchyOutgoingCallsParams) -> list[types.CallHierarchyOutgoingCall]:
        item = item_of(params.item)
        roots = session.snapshot.roots_of(item.location.path)
        found = outgoing(session.snapshot, session.index, item, roots)
        return [types.CallHierarchyOutgoingCall(converted(one.item), ranges(one.sites)) for one in found]

    def ranges(sites: tuple[Location, ...]) -> list[types.Range]:
        return [location_range(session.snapshot.read, site, session.encoding) for site in sites]

    def converted(item: FunctionItem) -> types.CallHierarchyItem:
        place = location_range(session.snapshot.read, item.location, session.encoding)
        uri = uri_of(item.location.path)
        return types.CallHierarchyItem(
            item.name, types.SymbolKind.Function, uri, place, place, detail=item.root.rsplit("/", 1)[-1], data=item.root
        )

    def item_of(item: types.CallHierarchyItem) -> FunctionItem:
        source = session.source(item.uri)
        start = source.lines.offset(
            item.selection_range.start.line, item.selection_range.start.character, session.encoding
        )
        cursor = session.cursor(item.uri, item.selection_range.start)
        found = function_at(cursor, session.index)
        if found is None:
            raise LookupError(f"{item.name} is no longer there (offset {start} of {path_of(item.uri)})")
        return found
