"""A batch of compile jobs (a sweep, continuous integration) on the machines of a Dask cluster.

`distributed` is imported only when the executor is made; on its workers this package must be installed, and each of
their processes opens one Pool and keeps it.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Sequence
from typing import Any

from wgsl_ls.wire.frames import decode_message, encode_message
from wgsl_ls.wire.jobs import CompileJob, CompileResult, EngineInfo, Unavailable
from wgsl_ls.workers.pool import CommandOf, Pool, engine_command

OnResult = Callable[[int, CompileResult], None]

_CLOSE_SECONDS = 10.0


class DaskExecutor:
    """`address`: of the scheduler. Jobs travel in chunks, so that a task's own cost (about 1 ms) is spread."""

    def __init__(
        self, address: str, *, jobs_per_task: int = 16, command: CommandOf = engine_command, deadline: float = 60.0
    ) -> None:
        try:
            import distributed
        except ImportError as error:
            raise DaskMissing(str(error)) from error
        self._distributed: Any = distributed
        self._address = address
        self._jobs_per_task = jobs_per_task
        self._command = command
        self._deadline = deadline

    async def run(self, jobs: Sequence[CompileJob], on_result: OnResult | None = None) -> list[CompileResult]:
        """Results in the order of the jobs. `on_result(index, result)`: called as they come, in any order."""
        results: list[CompileResult] = [Unavailable("the cluster gave no answer")] * len(jobs)
        client = await self._distributed.Client(self._address, asynchronous=True)
        try:
            starts = {}
            for start in range(0, len(jobs), self._jobs_per_task):
                frames = [encode_message(job) for job in jobs[start : start + self._jobs_per_task]]
                future = client.submit(_run_chunk, frames, self._command, self._deadline, pure=False)
                starts[future] = start
            async for future in self._distributed.as_completed(starts):
                answers = await future.result()
                for index, answer in enumerate(answers, starts[future]):
                    result: Any = decode_message(answer)
                    results[index] = result
                    if on_result is not None:
                        on_result(index, result)
        finally:
            await client.close()
        return results

    async def engines(self, engines: Sequence[str]) -> dict[str, EngineInfo | Unavailable]:
        """Who the engines are on one machine of the cluster; all machines should have the same."""
        client = await self._distributed.Client(self._address, asynchronous=True)
        try:
            answers = await client.submit(_engine_infos, tuple(engines), self._command, self._deadline, pure=False)
        finally:
            await client.close()
        infos: list[Any] = [decode_message(answer) for answer in answers]
        return dict(zip(engines, infos, strict=True))


class DaskMissing(Exception):
    """The package `distributed` is not installed."""


# ---- on a worker of the cluster ----


class _ClusterPool:
    """A Pool in a thread of its own, for as long as the process of the Dask worker lives."""

    def __init__(self, command: CommandOf, deadline: float) -> None:
        self._loop = asyncio.new_event_loop()
        self._pools: dict[str, Pool] = {}
        self._command = command
        self._deadline = deadline
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        atexit.register(self.close)

    def close(self) -> None:
        """End the engines; called when the process of the Dask worker ends."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_CLOSE_SECONDS)

    async def _close(self) -> None:
        for pool in self._pools.values():
            await pool.close()

    def run(self, jobs: Sequence[CompileJob]) -> list[CompileResult]:
        return asyncio.run_coroutine_threadsafe(self._run(jobs), self._loop).result()

    def info(self, engine: str) -> EngineInfo | Unavailable:
        return asyncio.run_coroutine_threadsafe(self._info(engine), self._loop).result()

    async def _run(self, jobs: Sequence[CompileJob]) -> list[CompileResult]:
        for engine in {job.engine for job in jobs}:
            await self._pool(engine)
        return list(await asyncio.gather(*(self._pools[job.engine].submit(job) for job in jobs)))

    async def _info(self, engine: str) -> EngineInfo | Unavailable:
        return await (await self._pool(engine)).info(engine)

    async def _pool(self, engine: str) -> Pool:
        if engine not in self._pools:
            pool = Pool({engine: 1}, deadline=self._deadline, command=self._command)
            self._pools[engine] = await pool.__aenter__()
        return self._pools[engine]


_cluster_pools: dict[tuple[CommandOf, float], _ClusterPool] = {}
_cluster_lock = threading.Lock()


def _run_chunk(frames: Sequence[bytes], command: CommandOf, deadline: float) -> list[bytes]:
    jobs: list[Any] = [decode_message(frame) for frame in frames]
    return [encode_message(result) for result in _cluster_pool(command, deadline).run(jobs)]


def _engine_infos(engines: Sequence[str], command: CommandOf, deadline: float) -> list[bytes]:
    pool = _cluster_pool(command, deadline)
    return [encode_message(pool.info(engine)) for engine in engines]


def _cluster_pool(command: CommandOf, deadline: float) -> _ClusterPool:
    with _cluster_lock:
        pool = _cluster_pools.get((command, deadline))
        if pool is None:
            pool = _cluster_pools[command, deadline] = _ClusterPool(command, deadline)
        return pool
