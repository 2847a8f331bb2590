"""Pool: queues of jobs, and Lanes of worker processes that answer them.

Per engine one queue and a fixed number of Lanes, started when there is work and kept alive. The death of a
worker is a result and nothing more: it costs the job that ran, as Crashed or TimedOut; the Lane starts a new
process, later each time. A lost device is no word about the job: it is asked once more, of a new process, and what
is lost then, too, is DeviceLost. A worker has several short texts at once, so that it does not stand still until its
answers are read. A text that crashed its worker is not run again (quarantine). After three deaths without a success a
harmless text decides: if that dies too, or the worker does not even start, the engine is Unavailable from then on, and
every job for it gets that answer at once.

Nothing here knows what a job means: any message class registered in wire/frames.py with an `engine` will do.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

import wgsl_ls
from wgsl_ls.wire.child import TIME_IS_UP
from wgsl_ls.wire.engine_specs import engine_spec
from wgsl_ls.wire.frames import encode_frame
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    CompileResult,
    Crashed,
    DeviceLost,
    EngineInfo,
    Rejected,
    TimedOut,
    Unavailable,
    tells_of_lost_device,
)
from wgsl_ls.workers.lane import DeadlineExceeded, Lane, WorkerDied, start_lane

if TYPE_CHECKING:
    from wgsl_ls.wire.dispatch_jobs import DispatchFailed

MOST_DEATHS = 3
DEADLINE = 10.0
"""Seconds that a compiler may compute for one text. The dearest of a large project take one or two."""
_BUSY = 6
"""So many times longer than it computes a job may take by the clock: others want the cores too."""
PATIENCE_SECONDS = 2.0
"""After that long with one job, a Lane that others wait for is joined by another one until it is done."""
_AHEAD_SECONDS = 0.01
"""Work that a Lane has before its answers are read: whoever reads them is away for several short jobs."""
_FADING = 0.7
_BACK_OFF_SECONDS = (0.0, 0.1, 0.3, 1.0, 5.0)
_MOST_QUARANTINED = 10_000
_HARMLESS_TEXT = "@compute @workgroup_size(1)\nfn main() {\n}\n"


def n_cores() -> int:
    """That this process may use: in a container or under taskset fewer than the machine has."""
    may_use = getattr(os, "sched_getaffinity", None)
    return len(may_use(0)) if may_use is not None else os.cpu_count() or 2


class Job(Protocol):
    """What a pool can run: a registered message class with the name of the engine it is for."""

    @property
    def engine(self) -> str: ...


_ELSEWHERE = """
import runpy, sys
from importlib.util import module_from_spec, spec_from_file_location
folder = sys.argv.pop(1)
spec = spec_from_file_location("wgsl_ls", folder + "/__init__.py", submodule_search_locations=[folder])
module = sys.modules["wgsl_ls"] = module_from_spec(spec)
spec.loader.exec_module(module)
runpy.run_module("wgsl_ls.engines", run_name="__main__", alter_sys=True)
"""
CommandOf = Callable[[str], Sequence[str]]


def engine_command(engine: str) -> tuple[str, ...]:
    """The command line of a worker. `-P`: the folder we are started in is a user's; import nothing from it. A build
    runs under an interpreter of its own, which need not know this package: it is told where this one lies, and nothing
    else of what is installed here, or our version of the engine would be in its way."""
    spec = engine_spec(engine)
    if spec is not None and spec.python:
        return (spec.python, "-P", "-c", _ELSEWHERE, str(Path(wgsl_ls.__file__).parent), spec.base)
    command = (sys.executable, "-P", "-m", "wgsl_ls.engines")
    if spec is not None and spec.node:
        return (*command, spec.base, "--node", spec.node, "--package", spec.node_package)
    return (*command, engine)


@dataclass(slots=True)
class PoolStatistics:
    """Of one engine, since the pool was opened. `engine_seconds`: the engines' own time, told by the results."""

    n_jobs: int = 0
    n_quarantined: int = 0
    n_starts: int = 0
    n_deaths: int = 0
    engine_seconds: float = 0.0


@dataclass(slots=True)
class _Item:
    job: Job
    future: asyncio.Future[Any]
    deadline: float
    priority: float


@dataclass(slots=True)
class _EngineState:
    """Everything the Lanes of one engine share."""

    engine: str
    statistics: PoolStatistics = field(default_factory=PoolStatistics)
    queue: list[tuple[float, int, _Item]] = field(default_factory=list)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    info: EngineInfo | None = None
    unavailable: Unavailable | None = None
    n_deaths: int = 0
    """Since the last success."""
    seconds: float = 0.0
    """That a job may take: the longest of the last ones; 0 while nothing is known."""
    helper: asyncio.Task[None] | None = None
    """The Lane that works while another one is held up."""
    quarantine: dict[str, Crashed] = field(default_factory=dict)


class Pool:
    """`async with Pool({"wgpu": 1, "dawn": 2}) as pool: result = await pool.submit(job)`.

    `lanes`: worker processes per engine. `deadline`: seconds that a worker may compute for one text; by the clock a job
    may take `_BUSY` times as long, unless `submit` says otherwise.
    `start_deadline`: seconds until the hello. `patience`: seconds after which a job that others wait behind gets a
    Lane beside its own, one per engine. `command`: the command line of an engine's worker.
    """

    def __init__(
        self,
        lanes: Mapping[str, int],
        *,
        deadline: float = DEADLINE,
        start_deadline: float = 60.0,
        patience: float = PATIENCE_SECONDS,
        command: CommandOf = engine_command,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._n_lanes = dict(lanes)
        self._deadline = deadline
        self._start_deadline = start_deadline
        self._patience = patience
        self._command = command
        self._environment = {"WGSL_LS_WORKER_SECONDS": str(deadline), **(environment or {})}
        self._states: dict[str, _EngineState] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count()
        self._closed = False

    async def __aenter__(self) -> Pool:
        for engine, n_lanes in self._n_lanes.items():
            state = self._states[engine] = _EngineState(engine)
            for lane_index in range(n_lanes):
                name = f"lane {engine} {lane_index}"
                self._tasks.add(asyncio.create_task(self._live(state), name=name))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End all workers; jobs that still wait, or come later, are cancelled."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        for state in self._states.values():
            for _, _, item in state.queue:
                item.future.cancel()
            state.queue.clear()
        outcomes = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    # ---- jobs ----

    async def submit(self, job: CompileJob, *, priority: float = 0.0, deadline: float | None = None) -> CompileResult:
        """The result of one job. Lower `priority` runs first, equal ones in the order they came."""
        result: CompileResult = await self.enqueue(job, priority=priority, deadline=deadline)
        return result

    def enqueue(self, job: Job, *, priority: float = 0.0, deadline: float | None = None) -> asyncio.Future[Any]:
        """As `submit`, without waiting, for every kind of job. Cancelling the future takes a waiting job out
        of the queue; one that runs is finished, and its answer dropped."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._closed:
            future.cancel()
            return future
        state = self._states.get(job.engine)
        if state is None:
            future.set_result(Unavailable(f"this pool has no worker for the engine {job.engine!r}"))
            return future
        item = _Item(job, future, self._deadline * _BUSY if deadline is None else deadline, priority)
        if (answer := _known_answer(state, job)) is not None:
            future.set_result(answer)
            return future
        self._wait(state, item)
        return future

    def _wait(self, state: _EngineState, *items: _Item) -> None:
        for item in items:
            heapq.heappush(state.queue, (item.priority, next(self._numbers), item))
            state.wake.set()

    def cancel(self, predicate: Callable[[Any], bool]) -> int:
        """Cancel the waiting jobs for which `predicate(job)` holds; returns how many. Whoever waits for one
        gets asyncio.CancelledError."""
        n_cancelled = 0
        for state in self._states.values():
            kept = []
            for entry in state.queue:
                item = entry[2]
                if predicate(item.job):
                    n_cancelled += not item.future.done()
                    item.future.cancel()
                else:
                    kept.append(entry)
            heapq.heapify(kept)
            state.queue[:] = kept
        return n_cancelled

    # ---- questions ----

    async def info(self, engine: str) -> EngineInfo | Unavailable:
        """Who the engine is; starts a worker if none has said hello yet."""
        state = self._states.get(engine)
        if state is None:
            return Unavailable(f"this pool has no worker for the engine {engine!r}")
        if state.info is None and state.unavailable is None:
            await self.enqueue(_harmless_job(engine), priority=float("-inf"))
        if state.unavailable is not None:
            return state.unavailable
        return state.info or Unavailable(f"{engine} has not started")

    def unavailable(self, engine: str) -> Unavailable | None:
        """Why the engine cannot be used, as far as that is known by now."""
        state = self._states.get(engine)
        return None if state is None else state.unavailable

    def statistics(self, engine: str) -> PoolStatistics:
        return self._states[engine].statistics

    def forget_failures(self) -> None:
        """Run texts again that have crashed a worker."""
        for state in self._states.values():
            state.quarantine.clear()

    # ---- the life of a Lane ----

    async def _live(self, state: _EngineState, *, helps: bool = False) -> None:
        """Answer jobs; `helps`: only those that wait now."""
        lane: Lane | None = None
        ahead: deque[_Item] = deque()
        try:
            while ahead or state.queue or not helps:
                was_ahead = bool(ahead)
                item = ahead.popleft() if ahead else await _next_item(state)
                try:
                    lane, answer = await self._answer(state, lane, item, ahead, was_ahead)
                    if _is_lost(answer):
                        lane, answer = await self._answer(state, lane, item, ahead)
                    if not item.future.done():
                        item.future.set_result(answer)
                finally:
                    item.future.cancel()  # Does nothing to an answered one; the pool closes else.
        finally:
            if helps:
                state.helper = None
            for item in ahead:
                item.future.cancel()
            if lane is not None:
                await lane.close()

    async def _be_impatient(self, state: _EngineState, ahead: Sequence[_Item]) -> None:
        """Beside a job that takes long: one that hangs must not hold up the texts behind it, those that its worker
        has already (`ahead`) neither."""
        await asyncio.sleep(self._patience)
        self._wait(state, *ahead)
        while True:
            if state.queue and state.helper is None and state.unavailable is None:
                state.helper = asyncio.create_task(self._live(state, helps=True), name=f"helping lane {state.engine}")
                self._tasks.add(state.helper)
                state.helper.add_done_callback(self._tasks.discard)
            await asyncio.sleep(self._patience)

    async def _answer(
        self, state: _EngineState, lane: Lane | None, item: _Item, ahead: deque[_Item], was_ahead: bool = False
    ) -> tuple[Lane | None, object]:
        """The answer to one job, and the Lane that is left. `ahead`: what this was given for later, which waits again
        when it dies; `was_ahead`: it was given this one before."""
        if lane is not None and not lane.alive:
            # It died between two jobs: this one did not do it.
            await lane.kill()
            state.statistics.n_deaths += 1
            lane, was_ahead = None, False
            self._wait(state, *_emptied(ahead))
        while state.unavailable is None and lane is None:
            lane = await self._start(state)
        # Another Lane may have found the answer in the meantime.
        known = _known_answer(state, item.job) if not was_ahead else None
        if known is not None or lane is None:
            return lane, known
        statistics = state.statistics
        statistics.n_jobs += 1
        if not was_ahead:
            lane.begin(encode_frame(item.job))
        asked = lane
        impatience = asyncio.create_task(self._be_impatient(state, ahead), name=f"patience of {state.engine}")
        try:
            _hand_ahead(state, lane, ahead)
            answer = await lane.answer(item.deadline)
            if isinstance(item.job, CompileJob) and not isinstance(answer, CompileResult):
                await lane.kill()
                raise WorkerDied(f"it answered a {type(answer).__name__}", "")
            if _is_lost(answer):
                await lane.kill()  # nothing runs on that device any more
                lane = None
        except asyncio.CancelledError:
            await asked.kill()  # it may have been started here, and then nobody else knows it
            raise
        except DeadlineExceeded:
            state.n_deaths += 1
            answer, lane, state.seconds = TimedOut(item.deadline), None, item.deadline
        except WorkerDied as death:
            state.n_deaths += 1
            lane = None
            if was_ahead:
                # It may have died before it came to what it was given ahead: only the next worker tells.
                answer = DeviceLost(death.cause)
            elif death.cause == TIME_IS_UP:
                answer, state.seconds = TimedOut(self._deadline), self._deadline
            else:
                answer = _crashed(state, item.job, death)
        else:
            state.n_deaths = 0
            if isinstance(answer, Accepted | Rejected):
                statistics.engine_seconds += answer.seconds
                state.seconds = max(answer.seconds, _FADING * state.seconds)
        finally:
            impatience.cancel()
        if lane is None:
            self._wait(state, *_emptied(ahead))
            statistics.n_deaths += 1
            if state.n_deaths >= MOST_DEATHS:
                lane = await self._test_engine(state)
        return lane, answer

    async def _start(self, state: _EngineState) -> Lane | None:
        """One attempt, after the pause that earlier deaths ask for; None when it failed. The third failure in
        a row, or a worker that says so itself, makes the engine unavailable."""
        await asyncio.sleep(_BACK_OFF_SECONDS[min(state.n_deaths, len(_BACK_OFF_SECONDS) - 1)])
        if state.unavailable is not None:
            return None
        state.statistics.n_starts += 1
        lane: Lane | None = None
        try:
            lane = await start_lane(self._command(state.engine), self._environment)
            hello = await lane.answer(self._start_deadline)
        except asyncio.CancelledError:
            if lane is not None:
                await lane.kill()
            raise
        except WorkerDied as death:
            _count_failed_start(state, f"its worker died at the start ({death.cause})", death.stderr_tail)
            return None
        except DeadlineExceeded:
            _count_failed_start(state, f"its worker said nothing for {self._start_deadline:g} seconds", "")
            return None
        if isinstance(hello, EngineInfo):
            state.info = hello
            return lane
        await lane.close()
        if isinstance(hello, Unavailable):
            state.unavailable = hello
        else:
            _count_failed_start(state, f"its worker began with a {type(hello).__name__}", "")
        return None

    async def _test_engine(self, state: _EngineState) -> Lane | None:
        """After too many deaths: is it the texts or the engine? A Lane that has compiled a harmless text, or
        None with the engine unavailable."""
        while state.unavailable is None:
            lane = await self._start(state)
            if lane is None:
                continue
            try:
                await lane.ask(encode_frame(_harmless_job(state.engine)), self._start_deadline)
            except asyncio.CancelledError:
                await lane.kill()
                raise
            except (WorkerDied, DeadlineExceeded) as death:
                cause = death.cause if isinstance(death, WorkerDied) else "it hangs"
                state.unavailable = Unavailable(
                    f"{state.engine} died {state.n_deaths} times in a row, and dies with an empty shader, too ({cause})"
                )
                return None
            state.n_deaths = 0
            return lane
        return None


async def _next_item(state: _EngineState) -> _Item:
    while True:
        while state.queue:
            item = heapq.heappop(state.queue)[2]
            if not item.future.done():
                return item
        state.wake.clear()
        await state.wake.wait()


def _hand_ahead(state: _EngineState, lane: Lane, ahead: deque[_Item]) -> None:
    """Short texts are given to a busy worker, which begins the next one without waiting until its answer was read."""
    while state.queue and state.seconds and state.seconds * (len(ahead) + 1) < _AHEAD_SECONDS:
        item = state.queue[0][2]
        if not isinstance(item.job, CompileJob) or item.job.digest in state.quarantine:
            return
        heapq.heappop(state.queue)
        if not item.future.done():
            lane.hand(encode_frame(item.job))
            ahead.append(item)


def _emptied(ahead: deque[_Item]) -> list[_Item]:
    items = list(ahead)
    ahead.clear()
    return items


def _known_answer(state: _EngineState, job: Job) -> Unavailable | Crashed | None:
    """The answer that needs no worker."""
    if state.unavailable is not None:
        return state.unavailable
    digest = getattr(job, "digest", None)
    crashed = state.quarantine.get(digest) if digest is not None else None
    if crashed is not None:
        state.statistics.n_quarantined += 1
    return crashed


def _is_lost(answer: object) -> bool:
    if isinstance(answer, CompileResult):
        return isinstance(answer, DeviceLost)
    from wgsl_ls.wire.dispatch_jobs import DispatchFailed  # where texts are compiled only, nobody needs it

    return isinstance(answer, DispatchFailed) and answer.kind == "device-lost"


def _crashed(state: _EngineState, job: Job, death: WorkerDied) -> Crashed | DeviceLost | DispatchFailed:
    """What a death means for the job. Drivers and runtimes may end a process whose device is gone."""
    if tells_of_lost_device(death.stderr_tail):
        said = Crashed(death.cause, death.stderr_tail).last_words
        if isinstance(job, CompileJob):
            return DeviceLost(said)
        from wgsl_ls.wire.dispatch_jobs import DispatchFailed

        return DispatchFailed("device-lost", said)
    crashed = Crashed(death.cause, death.stderr_tail)
    digest = getattr(job, "digest", None)
    if digest is not None:
        if len(state.quarantine) >= _MOST_QUARANTINED:
            del state.quarantine[next(iter(state.quarantine))]
        state.quarantine[digest] = crashed
    return crashed


def _count_failed_start(state: _EngineState, what: str, stderr_tail: str) -> None:
    state.n_deaths += 1
    state.statistics.n_deaths += 1
    if state.n_deaths >= MOST_DEATHS:
        last_words = stderr_tail.strip().rpartition("\n")[2]
        state.unavailable = Unavailable(
            f"{state.engine} cannot be used: {what}" + (f": {last_words}" if last_words else "")
        )


def _harmless_job(engine: str) -> CompileJob:
    return CompileJob(engine, _HARMLESS_TEXT)
