"""What tests that run shaders share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from wgsl_ls.smoke_session import Target, pool_for
from wgsl_ls.wire.jobs import Unavailable
from wgsl_ls.workers.pool import Pool


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with pool_for(Target("wgpu")) as pool:
        info = await pool.info("wgpu")
        if isinstance(info, Unavailable):
            pytest.skip(f"wgpu cannot run here: {info.why}")
        yield pool
