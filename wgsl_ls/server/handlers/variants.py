"""wgsl/variants, wgsl/setActiveVariant."""

from __future__ import annotations

from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.messages import DocumentParams, SetActiveVariantParams, VariantList
from wgsl_ls.text.steps import Steps, finished


def register(server: WgslServer) -> None:
    server.serve(messages.VARIANTS, variants)
    server.serve(messages.SET_ACTIVE_VARIANT, set_active_variant)


async def variants(server: WgslServer, params: DocumentParams) -> VariantList:
    return await server.session.value(listed_steps(server, params.text_document.uri))


def set_active_variant(server: WgslServer, params: SetActiveVariantParams) -> VariantList:
    session = server.session
    view = session.view(params.text_document.uri)
    if params.variant not in view.index_by_name:
        raise LookupError(f"there is no variant '{params.variant}' of {view.path}")
    session.host.set_active_variant(view.path, params.variant)
    session.changed(listing=False)
    server.checker.changed()
    return finished(listed_steps(server, params.text_document.uri))


def listed_steps(server: WgslServer, uri: str) -> Steps[VariantList]:
    view = server.session.view(uri)
    return server.publisher.news.whole_steps(view, server.publisher.reports.get(view.path))
