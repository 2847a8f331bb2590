"""shutdown: end the workers."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer


def register(server: WgslServer) -> None:
    server.feature(types.SHUTDOWN)(shutdown)


async def shutdown(server: WgslServer, params: None) -> None:
    server.was_shut_down = True
    await server.stop_work()
