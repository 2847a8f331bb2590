"""wgsl/roots: every root of the workspace that the server knows."""

from __future__ import annotations

from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.messages import RootList
from wgsl_ls.server.uris import uri_of


def register(server: WgslServer) -> None:
    server.serve(messages.ROOTS, roots)


def roots(server: WgslServer, params: None) -> RootList:
    return RootList(tuple(map(uri_of, server.session.snapshot.roots())))
