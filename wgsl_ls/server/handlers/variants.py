"""wgsl/variants, wgsl/setActiveVariant."""

from __future__ import annotations

from typing import Any

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.variant_list import variant_list


def register(server: WgslServer) -> None:
    session = server.session

    @server.feature("wgsl/variants")
    def variants(params: Any) -> dict[str, Any]:
        view = session.view(params.textDocument.uri)
        return variant_list(session, view, server.publisher.reports.get(view.path))

    @server.feature("wgsl/setActiveVariant")
    def set_active_variant(params: Any) -> dict[str, Any]:
        view = session.view(params.textDocument.uri)
        if params.variant not in view.index_by_name:
            raise LookupError(f"there is no variant '{params.variant}' of {view.path}")
        session.host.set_active_variant(view.path, params.variant)
        session.changed(listing=False)
        server.checker.changed(hurry=True)
        server.changed_view(view.path)
        return variant_list(session, session.view(params.textDocument.uri), server.publisher.reports.get(view.path))
