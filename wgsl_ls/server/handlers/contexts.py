"""wgsl/contexts, wgsl/setContext: through which root and #include a file is looked at."""

from __future__ import annotations

from typing import Any

from wgsl_ls.analysis.snapshot import Context
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_location
from wgsl_ls.server.uris import path_of, uri_of


def register(server: WgslServer) -> None:
    session = server.session

    @server.feature("wgsl/contexts")
    def contexts(params: Any) -> dict[str, Any]:
        return listing(params.textDocument.uri)

    @server.feature("wgsl/setContext")
    def set_context(params: Any) -> dict[str, Any]:
        source = session.source(params.textDocument.uri)
        root = path_of(params.root)
        if root is None or session.snapshot.root(root) is None:
            raise LookupError(f"{params.root} is no shader that can be read")
        session.host.set_context(source.path, root, getattr(params, "variant", None), params.instance)
        session.changed(listing=False)
        server.checker.changed(hurry=True)
        server.changed_view(root)
        return listing(params.textDocument.uri)

    def listing(uri: str) -> dict[str, Any]:
        source = session.source(uri)
        snapshot = session.snapshot
        found = snapshot.contexts(source.path)
        chosen = snapshot.context(source.path)
        if chosen is not None and chosen not in found:
            found = (*found, chosen)
        return {
            "contexts": [entry(context) for context in found],
            "active": found.index(chosen) if chosen is not None else -1,
        }

    def entry(context: Context) -> dict[str, Any]:
        view = session.snapshot.root(context.root)
        assert view is not None
        replay = view.replay(context.variant_index)
        sites = replay.source_map.include_sites(context.instance)
        name = context.root.rsplit("/", 1)[-1]
        variant = view.variants[context.variant_index].name
        chain = [to_location(session.snapshot.read, site, session.encoding) for site in reversed(sites)]
        where = "".join(f" > line {place.range.start.line + 1}" for place in chain)
        return {
            "root": uri_of(context.root),
            "variant": variant,
            "instance": context.instance,
            "label": f"{name}{where} [{variant}]",
            "chain": chain,
        }
