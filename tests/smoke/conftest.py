"""What tests that run shaders share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wgsl_ls.smoke_session import Target, pool_for
from wgsl_ls.wire.jobs import Unavailable
from wgsl_ls.workers.pool import Pool

SHADERS = Path(__file__).parent.parent / "shaders"


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with pool_for(Target("wgpu")) as pool:
        info = await pool.info("wgpu")
        if isinstance(info, Unavailable):
            pytest.skip(f"wgpu cannot run here: {info.why}")
        yield pool


def small_family(folder: Path, root: str, more: str = "") -> Path:
    """A copy of the family in which the plain variant with matrices, which are emulated here, is small. `more`: further
    macros for it."""
    for file in (*SHADERS.glob("*.wgsl"), *SHADERS.glob("*.tmpl")):
        (folder / file.name).write_text(file.read_text())
    plain = 'name = "plain"\nprofiles = ["nvidia"]\n'
    small = f'defines = ["HEAD_DIM_QK=16", "HEAD_DIM_V=16", "KV_TILE=16", {more}]\n'
    config = (SHADERS / "wgsl-ls.toml").read_text()
    assert plain in config
    config = config.replace(plain, plain + small)
    for old, new in (
        ("n_splits = 3", "n_splits = 1"),
        ("n_heads = 4\n", "n_heads = 1\n"),
        ("n_kv_heads = 2", "n_kv_heads = 1"),
    ):
        assert old in config
        config = config.replace(old, new)
    (folder / "wgsl-ls.toml").write_text(config)
    return folder / root
