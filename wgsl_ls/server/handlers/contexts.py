"""wgsl/contexts, wgsl/setContext: through which root and #include a file is looked at."""

from __future__ import annotations

from wgsl_ls.analysis.root_view import Context
from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.messages import ActivateArgument, ContextList, DocumentParams, SetContextParams
from wgsl_ls.server.session import ServerSession
from wgsl_ls.server.to_lsp import to_location
from wgsl_ls.server.uris import path_of, uri_of
from wgsl_ls.text.harmless import one_line


def register(server: WgslServer) -> None:
    server.serve(messages.CONTEXTS, contexts)
    server.serve(messages.SET_CONTEXT, set_context)
    server.serve(messages.ACTIVATE, activate)


def contexts(server: WgslServer, params: DocumentParams) -> ContextList:
    return _listing(server.session, params.text_document.uri)


def set_context(server: WgslServer, params: SetContextParams) -> ContextList:
    _look_through(server, params.text_document.uri, params.root, params.variant, params.instance)
    return _listing(server.session, params.text_document.uri)


def activate(server: WgslServer, argument: ActivateArgument) -> None:
    _look_through(server, argument.uri, argument.root, argument.variant, argument.instance)


def _look_through(server: WgslServer, uri: str, root_uri: str, variant: str | None, instance: int) -> None:
    session = server.session
    source = session.source(uri)
    root = path_of(root_uri)
    view = session.snapshot.root(root) if root is not None else None
    if root is None or view is None:
        raise LookupError(f"{root_uri} is no shader that can be read")
    if variant is not None and variant not in view.index_by_name:
        raise LookupError(f"there is no variant '{variant}' of {root}")
    session.host.set_context(source.path, root, variant, instance)
    session.changed(listing=False)
    server.checker.changed()


def _listing(session: ServerSession, uri: str) -> ContextList:
    source = session.source(uri)
    snapshot = session.snapshot
    found = snapshot.contexts(source.path)
    chosen = snapshot.context(source.path)
    if chosen is not None and chosen not in found:
        found = (*found, chosen)
    active = found.index(chosen) if chosen is not None else -1
    return ContextList(tuple(_entry(session, context) for context in found), active)


def _entry(session: ServerSession, context: Context) -> messages.Context:
    view = session.snapshot.root(context.root)
    assert view is not None
    replay = view.replay(context.variant_index)
    sites = replay.source_map.include_sites(context.instance)
    name = context.root.rsplit("/", 1)[-1]
    variant = view.variants[context.variant_index].name
    chain = tuple(to_location(session.snapshot.read, site, session.encoding) for site in reversed(sites))
    where = "".join(f" > line {place.range.start.line + 1}" for place in chain)
    label = one_line(f"{name}{where} [{variant}]")
    return messages.Context(uri_of(context.root), variant, context.instance, label, chain)
