"""Check: run the jobs of a plan on workers and put the answers into the store.

`run_jobs` is the loop that the command line and the language server share; what a worker is stays behind the
Compiler protocol. Planning and compiling overlap: jobs are taken from the plan while earlier ones run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from functools import partial
from typing import Any, Protocol

from wgsl_ls.analysis.look_behind import Budget, looked_behind
from wgsl_ls.analysis.narrow import narrowed
from wgsl_ls.analysis.plan import PlannedJob
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.wire.jobs import CompileJob, CompileResult, Crashed, Rejected

_PAUSE_EVERY = 0.004
"""Seconds of planning between two pauses for the event loop."""
_LOOKS = 200
"""Compilations to look behind errors, in one run."""


OnResult = Callable[[PlannedJob, CompileResult], None]
RejectedJob = tuple[PlannedJob, Rejected]


class Compiler(Protocol):
    """Runs jobs somewhere else. Answers always; a dead engine is an answer too."""

    async def submit(self, job: CompileJob, *, priority: float = 0.0) -> CompileResult: ...


async def run_jobs(
    compiler: Compiler,
    store: ResultStore,
    jobs: Iterator[PlannedJob | None],
    on_result: OnResult | None = None,
    in_flight: int = 16,
    wanted: Callable[[], bool] = lambda: True,
    later: list[RejectedJob] | None = None,
) -> int:
    """Run `jobs` until they end or `wanted()` is False; returns how many ran. `in_flight`: how many may wait at the
    workers at once, so that a newer plan soon gets its turn. Behind errors is looked when all have run, or by whoever
    gives `later`, which takes them, in `look_behind`."""
    rejected: list[RejectedJob] = [] if later is None else later

    async def run(planned: PlannedJob) -> None:
        def submit(job: CompileJob) -> Awaitable[CompileResult]:
            return compiler.submit(job, priority=planned.rank)

        result = await submit(planned.job)
        if isinstance(result, Crashed):
            result = await narrowed(submit, planned.job, result)
        store.put(planned.job, planned.digest, result)
        if isinstance(result, Rejected):
            rejected.append((planned, result))
        if on_result is not None:
            on_result(planned, result)

    work = (partial(run, planned) if planned is not None else None for planned in jobs)
    n_run = await _in_flight(work, in_flight, wanted)
    if later is None:
        await look_behind(compiler, store, rejected, on_result, in_flight, wanted)
    return n_run


async def look_behind(
    compiler: Compiler,
    store: ResultStore,
    rejected: Iterable[RejectedJob],
    on_result: OnResult | None = None,
    in_flight: int = 16,
    wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Look for more errors in what was rejected, as `run_jobs` runs jobs."""
    budget = Budget(_LOOKS)

    async def look(planned: PlannedJob, result: Rejected) -> None:
        def submit(job: CompileJob) -> Awaitable[CompileResult]:
            return compiler.submit(job, priority=planned.rank)

        more = await looked_behind(submit, planned.job, result, budget)
        if more is not result:
            store.put(planned.job, planned.digest, more)
            if on_result is not None:
                on_result(planned, more)

    await _in_flight((partial(look, *one) for one in rejected), in_flight, wanted)


async def _in_flight(
    work: Iterator[Callable[[], Coroutine[Any, Any, None]] | None], in_flight: int, wanted: Callable[[], bool]
) -> int:
    """Do `work`, so much at once, until it ends or `wanted()` is False; how much was begun. None is a moment in which
    there is none."""
    running: set[asyncio.Task[None]] = set()
    n_run = 0
    paused = time.perf_counter()
    try:
        for begin in work:
            if not wanted():
                break
            if begin is None:
                if time.perf_counter() - paused > _PAUSE_EVERY:
                    await asyncio.sleep(0)
                    paused = time.perf_counter()
                continue
            running.add(asyncio.create_task(begin()))
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
