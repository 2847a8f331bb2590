"""wgsl/roots: every root of the workspace that the server knows."""

from __future__ import annotations

from typing import Any

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.uris import uri_of


def register(server: WgslServer) -> None:
    @server.feature("wgsl/roots")
    def roots(_params: Any = None) -> dict[str, list[str]]:
        return {"roots": [uri_of(root) for root in server.session.snapshot.roots()]}
