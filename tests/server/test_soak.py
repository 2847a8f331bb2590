"""A short day of tests/bench/soak.py over our own shaders."""

from __future__ import annotations

import argparse
import gc
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.bench.soak import soak
from tests.server.in_process import Desk


@pytest.mark.slow
async def test_after_hundreds_of_edits_the_server_shows_what_a_fresh_one_does(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[1] / "shaders", tmp_path / "shaders")
    # Latency and memory need a longer day; what differs would show in a short one too.
    arguments = argparse.Namespace(
        edits=250,
        seconds=3600.0,
        every=3600.0,
        seed=3,
        growth=10**6,
        slower=1e9,
        host=False,
        checks=0.2,
        compare=120,
        engines=None,
        open=4,
    )
    assert await soak(tmp_path / "shaders", arguments) == 0


async def test_what_an_edit_replaced_is_freed_at_once(tmp_path: Path) -> None:
    """Without a look for garbage, which a server has time for only when nobody types."""
    text = "#ifdef A\nconst a = 1;\n#endif\n@compute @workgroup_size(1) fn main() { }\n"
    config = "[[shader]]\nfiles = ['*.wgsl']\naxes = { A = ['', 'A'] }\n"
    desk = Desk(tmp_path, {"a.wgsl": text, "wgsl-ls.toml": config})
    desk.open()
    await desk.check()
    gc.collect()
    before = _alive()
    gc.disable()
    try:
        for number in range(40):
            desk.change(f"{text}const c{number} = {number};\n")
            if number % 10 == 0:
                await desk.check()
        after = _alive()
    finally:
        gc.enable()
    assert before["RootView"] > 0 and before["Across"] > 0
    assert {name: after[name] - before[name] for name in KEPT if after[name] - before[name] > 4} == {}


KEPT = (
    "RootView",
    "Across",
    "Structures",
    "Snapshot",
    "FrozenFiles",
    "ProjectWorkspace",
    "Expander",
    "Resolver",
    "Expansion",
    "Replay",
)


def _alive() -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if type(one).__name__ in KEPT)
