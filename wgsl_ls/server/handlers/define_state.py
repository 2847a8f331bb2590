"""wgsl/defineState: the macro table at a position."""

from __future__ import annotations

from typing import Any

from wgsl_ls.analysis.features.define_state import define_state
from wgsl_ls.analysis.snapshot import Context
from wgsl_ls.preprocess.macros import MacroDefinition
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_location
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.span import Location


def register(server: WgslServer) -> None:
    session = server.session

    @server.feature("wgsl/defineState")
    def state(params: Any) -> dict[str, Any]:
        cursor = session.cursor(params.textDocument.uri, params.position)
        context = cursor.context
        name = getattr(params, "variant", None)
        if name is not None:
            if name not in cursor.view.index_by_name:
                raise LookupError(f"there is no variant '{name}' of {cursor.view.path}")
            context = Context(context.root, cursor.view.index_by_name[name], context.instance)
        return {
            "root": uri_of(context.root),
            "variant": cursor.view.variants[context.variant_index].name,
            "line": params.position.line,
            "macros": [
                {
                    "name": macro.definition.name,
                    "value": macro.definition.value,
                    "expanded": macro.expanded,
                    "origin": macro.definition.origin,
                    "locked": macro.definition.locked,
                    "location": place(macro.definition.location),
                    "through": [place(site) for site in macro.definition.through],
                    "shadows": [shadow(one) for one in macro.shadows],
                }
                for macro in define_state(cursor.view, context, cursor.offset)
            ],
        }

    def place(location: Location | None) -> Any:
        return to_location(session.snapshot.read, location, session.encoding) if location is not None else None

    def shadow(definition: MacroDefinition) -> dict[str, Any]:
        return {
            "value": definition.value,
            "location": place(definition.location),
            "ignored": definition.ignored,
        }
