"""Compile jobs (of a sweep, of continuous integration) on the machines of a Dask cluster.

`distributed` is imported only when a cluster is asked for; on its workers this package must be installed, and each of
their processes opens one Pool and keeps it.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, TypeVar

from wgsl_ls.wire.frames import decode_message, encode_message
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineInfo, Rejected, Unavailable
from wgsl_ls.workers.pool import DEADLINE, CommandOf, Pool, engine_command

T = TypeVar("T")
A = TypeVar("A")

_CLOSE_SECONDS = 10.0
_GATHER_SECONDS = 0.02


class _Chunk:
    """Jobs that travel together: a task's own cost (about 1 ms) is spread."""

    def __init__(self, compiler: DaskCompiler) -> None:
        self.jobs: list[CompileJob] = []
        self.is_full = asyncio.Event()
        self.results = asyncio.create_task(compiler._compiled(self))


class DaskCompiler:
    """`async with DaskCompiler(address) as compiler`, then as a Pool. `address`: of the scheduler. A task whose worker
    dies is run again elsewhere, by the scheduler. Raises DaskMissing; OSError when nobody answers there; and whatever
    a task raised."""

    def __init__(
        self, address: str, *, jobs_per_task: int = 16, command: CommandOf = engine_command, deadline: float = DEADLINE
    ) -> None:
        try:
            import distributed
        except ImportError as error:
            raise DaskMissing(str(error)) from error
        self._distributed: Any = distributed
        self._client: Any = None
        self._address = address
        self._jobs_per_task = jobs_per_task
        self._command = command
        self._deadline = deadline
        self._chunk: _Chunk | None = None
        self.in_flight = 2 * jobs_per_task
        """So many jobs keep every worker busy."""
        self.engine_seconds = 0.0
        """As the engines measured them."""

    async def __aenter__(self) -> DaskCompiler:
        self._client = await self._distributed.Client(self._address, asynchronous=True)
        n_threads = sum((await self._client.nthreads()).values())
        self.in_flight = 3 * self._jobs_per_task * max(1, n_threads)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def info(self, engine: str) -> EngineInfo | Unavailable:
        """Who the engine is on one machine of the cluster; all machines should have the same."""
        answer = await self._client.submit(_engine_info, engine, self._command, self._deadline, pure=False)
        decoded: Any = decode_message(answer)
        info: EngineInfo | Unavailable = decoded
        return info

    async def submit(self, job: CompileJob, *, priority: float = 0.0) -> CompileResult:
        """`priority`: of no weight here; jobs run as they come."""
        chunk = self._chunk
        if chunk is None:
            chunk = self._chunk = _Chunk(self)
        place = len(chunk.jobs)
        chunk.jobs.append(job)
        if len(chunk.jobs) == self._jobs_per_task:
            self._chunk = None
            chunk.is_full.set()
        results = await asyncio.shield(chunk.results)
        return results[place]

    async def run(self, function: Callable[[Sequence[T]], list[A]], items: Sequence[T]) -> list[A]:
        """What a function of a module of this package gives for `items`, on one of the machines."""
        found: list[A] = await self._client.submit(function, items, pure=False)
        return found

    async def _compiled(self, chunk: _Chunk) -> list[CompileResult]:
        with suppress(TimeoutError):
            async with asyncio.timeout(_GATHER_SECONDS):
                await chunk.is_full.wait()
        if self._chunk is chunk:
            self._chunk = None
        frames = [encode_message(job) for job in chunk.jobs]
        answers = await self._client.submit(_run_chunk, frames, self._command, self._deadline, pure=False)
        results: list[Any] = [decode_message(answer) for answer in answers]
        self.engine_seconds += sum(one.seconds for one in results if isinstance(one, Accepted | Rejected))
        return results


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


def _engine_info(engine: str, command: CommandOf, deadline: float) -> bytes:
    return encode_message(_cluster_pool(command, deadline).info(engine))


def _cluster_pool(command: CommandOf, deadline: float) -> _ClusterPool:
    with _cluster_lock:
        pool = _cluster_pools.get((command, deadline))
        if pool is None:
            pool = _cluster_pools[command, deadline] = _ClusterPool(command, deadline)
        return pool
