"""An engine that hangs on one file's variants: what other files wait for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.server.in_process import Desk
from wgsl_ls.engines.scripted import obey
from wgsl_ls.server.settings import Settings
from wgsl_ls.wire.jobs import CompileJob, CompileResult, TimedOut

CONFIG = "engines = ['dawn']\n[[shader]]\nfiles = ['*.wgsl']\naxes = { V = [1, 2, 3, 4] }\n"
DIFFERENT = "#if V == 2\nfn f() {}\n#elif V == 3\nstruct S { a: u32 }\n#elif V == 4\nalias T = array<u32, 4>;\n#endif\n"
"""So that no variant is judged by another one."""


class _Hanging:
    """One lane per job; jobs of the hanging text end as timed out after all others that wait."""

    def __init__(self) -> None:
        self.order: list[str] = []

    async def submit(self, job: CompileJob, *, priority: float = 0.0) -> CompileResult:
        hangs = "HANG" in job.text
        if hangs:
            await asyncio.sleep(0.05)
        self.order.append(("hang" if hangs else "fine") + job.text.split("= ")[1][0])
        return TimedOut(0.05) if hangs else obey(job)

    def forget_failures(self) -> None:
        pass

    def statistics(self, engine: str) -> None:
        return None


async def test_other_files_come_before_the_rest_of_one_that_hangs(tmp_path: Path) -> None:
    files = {"a.wgsl": "const a = V; // HANG\n" + DIFFERENT, "b.wgsl": "const b = V;\n" + DIFFERENT}
    files["wgsl-ls.toml"] = CONFIG
    desk = Desk(tmp_path, files, settings=Settings(engines=("dawn",)))
    engines: Any = _Hanging()
    desk.server.checker.pool = engines
    desk.server.checker._n_lanes = lambda engine: 0.25  # type: ignore[method-assign, assignment, return-value]  # a job at a time
    desk.open("b.wgsl")
    desk.open("a.wgsl")  # opened last, so looked at first
    await desk.server.checker._check()
    # The active variants of both at once, then all of the file that is well, then the rest of the one that hangs.
    assert sorted(engines.order[:2]) == ["fine1", "hang1"]
    assert engines.order[2:5] == ["fine2", "fine3", "fine4"]
    assert [one[:4] for one in engines.order[5:]] == ["hang"] * 3
