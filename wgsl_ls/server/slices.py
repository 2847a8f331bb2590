"""Waiting for long work without holding up the message loop."""

from __future__ import annotations

import asyncio
import time

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.server.session import ServerSession

_SLICE_SECONDS = 0.008


async def when_ready(session: ServerSession, uri: str) -> bool:
    """Lay the variants of a document's root over each other, other messages getting their turn meanwhile. False when
    a newer revision came while waiting, for which the question was not meant. Raises LookupError."""
    snapshot = session.snapshot
    begun = time.perf_counter()
    for _ in across_steps(session.view(uri)):
        if time.perf_counter() - begun > _SLICE_SECONDS:
            await asyncio.sleep(0)
            if not snapshot.is_current():
                return False
            begun = time.perf_counter()
    return True
