"""exit: end the process, with 0 after `shutdown` and 1 without."""

from __future__ import annotations

import asyncio
import logging
import os

from lsprotocol import types

from wgsl_ls.server.app import WgslServer

_PATIENCE = 5.0


def register(server: WgslServer) -> None:
    server.feature(types.EXIT)(leave)


async def leave(server: WgslServer, params: None) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await server.stop_work()
    finally:
        logging.shutdown()
        # Not sys.exit: a thread of ours still waits for the client's next words.
        os._exit(0 if server.was_shut_down else 1)
