"""Check: run the jobs of a plan on workers and put the answers into the store.

`run_jobs` is the loop that the command line and the language server share; what a worker is stays behind the
Compiler protocol. Planning and compiling overlap: jobs are taken from the plan while earlier ones run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

from wgsl_ls.analysis.look_behind import Budget, looked_behind
from wgsl_ls.analysis.narrow import narrowed
from wgsl_ls.analysis.plan import PlannedJob
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.wire.jobs import CompileJob, CompileResult, Crashed, Rejected

_PAUSE_EVERY = 8
"""Variants planned between two pauses for the event loop (about 2 ms)."""
_LOOKS = 200
"""Compilations to look behind errors, in one run."""


class Compiler(Protocol):
    """Runs jobs somewhere else. Answers always; a dead engine is an answer too."""

    async def submit(self, job: CompileJob, *, priority: float = 0.0) -> CompileResult: ...


async def run_jobs(
    compiler: Compiler,
    store: ResultStore,
    jobs: Iterator[PlannedJob | None],
    on_result: Callable[[PlannedJob, CompileResult], None] | None = None,
    in_flight: int = 16,
    wanted: Callable[[], bool] = lambda: True,
) -> int:
    """Run `jobs` until they end or `wanted()` is False; returns how many ran. `in_flight`: how many may wait at the
    workers at once, so that a newer plan soon gets its turn."""
    running: set[asyncio.Task[None]] = set()
    n_run = n_planned = 0
    budget = Budget(_LOOKS)

    async def run(planned: PlannedJob) -> None:
        def submit(job: CompileJob) -> Awaitable[CompileResult]:
            return compiler.submit(job, priority=planned.rank)

        result = await submit(planned.job)
        if isinstance(result, Crashed):
            result = await narrowed(submit, planned.job, result)
        store.put(planned.job, planned.digest, result)
        if isinstance(result, Rejected):  # told first, then looked behind
            more = await looked_behind(submit, planned.job, result, budget)
            if more is not result:
                result = more
                store.put(planned.job, planned.digest, result)
        if on_result is not None:
            on_result(planned, result)

    try:
        for planned in jobs:
            if not wanted():
                break
            if planned is None:
                n_planned += 1
                if n_planned % _PAUSE_EVERY == 0:
                    await asyncio.sleep(0)
                continue
            running.add(asyncio.create_task(run(planned)))
            n_run += 1
            while len(running) >= in_flight:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                if not wanted():
                    break
        if wanted():
            while running:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
    finally:
        for task in running:
            task.cancel()
    return n_run
