"""wgsl/defineState: the macro table at a position."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.define_state import define_state as macros_at
from wgsl_ls.analysis.root_view import Context
from wgsl_ls.host.model import HostDefine
from wgsl_ls.preprocess.macros import MacroDefinition
from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.messages import DefineState, MacroState, PositionParams, Shadow
from wgsl_ls.server.to_lsp import to_location
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.span import Location


def register(server: WgslServer) -> None:
    server.serve(messages.DEFINE_STATE, define_state)


def define_state(server: WgslServer, params: PositionParams) -> DefineState:
    session = server.session
    cursor = session.cursor(params.text_document.uri, params.position)
    context = cursor.context
    if params.variant is not None:
        if params.variant not in cursor.view.index_by_name:
            raise LookupError(f"there is no variant '{params.variant}' of {cursor.view.path}")
        context = Context(context.root, cursor.view.index_by_name[params.variant], context.instance)

    def place(location: Location | None) -> types.Location | None:
        return to_location(session.snapshot.read, location, session.encoding) if location is not None else None

    chosen = cursor.view.variants[context.variant_index]

    def given(macro: MacroDefinition) -> HostDefine | None:
        return chosen.given(macro.name) if macro.location is None else None

    macros = tuple(
        MacroState(
            macro.definition.name,
            macro.definition.value,
            macro.definition.origin,
            macro.definition.locked,
            tuple(to_location(session.snapshot.read, site, session.encoding) for site in macro.definition.through),
            tuple(Shadow(one.value, one.ignored, place(one.location)) for one in macro.shadows),
            macro.expanded,
            place(told.location if told is not None else macro.definition.location),
            chosen.given_words(told) if told is not None else None,
        )
        for macro in macros_at(cursor.view, context, cursor.offset)
        for told in (given(macro.definition),)
    )
    return DefineState(uri_of(context.root), chosen.name, params.position.line, macros)
