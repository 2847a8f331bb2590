"""A short day of tests/bench/soak.py over our own shaders."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import pytest

from tests.bench.soak import soak


@pytest.mark.slow
async def test_after_hundreds_of_edits_the_server_shows_what_a_fresh_one_does(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[1] / "shaders", tmp_path / "shaders")
    # Latency and memory need a longer day; what differs would show in a short one too.
    arguments = argparse.Namespace(edits=250, seconds=3600.0, every=3600.0, seed=3, growth=10**6, slower=1e9)
    assert await soak(tmp_path / "shaders", arguments) == 0
