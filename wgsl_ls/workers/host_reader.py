"""HostReader: one process that reads host programs, started when there is something to read and kept alive.

A reading that takes too long, or kills the process, is answered by a sentence that says so; the next one gets a new
process.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence

from wgsl_ls.wire.frames import encode_frame
from wgsl_ls.wire.host_jobs import HostAnswer, HostJob
from wgsl_ls.workers.lane import DeadlineExceeded, Lane, WorkerDied, start_lane

DEADLINE = 300.0
"""Seconds for one reading. A large host takes a small part of that on a quiet machine."""

COMMAND = (sys.executable, "-P", "-m", "wgsl_ls.host_process")


class HostReader:
    """`command`, `environment`: of the process."""

    def __init__(
        self,
        deadline: float = DEADLINE,
        command: Sequence[str] = COMMAND,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._deadline = deadline
        self._command = tuple(command)
        self._environment = dict(environment or {})
        self._lane: Lane | None = None
        self._turn = asyncio.Lock()
        self.n_starts = 0

    async def read(self, job: HostJob) -> HostAnswer | str:
        """The reading, or why there is none. One at a time, in the order they came."""
        async with self._turn:
            try:
                return await self._ask(job)
            except asyncio.CancelledError:
                await self._end()
                raise

    async def _ask(self, job: HostJob) -> HostAnswer | str:
        try:
            if self._lane is not None and not self._lane.alive:
                await self._end()
            if self._lane is None:
                self.n_starts += 1
                self._lane = await start_lane(self._command, self._environment)
            answer = await self._lane.ask(encode_frame(job), self._deadline)
        except DeadlineExceeded:
            self._lane = None
            return f"reading it took longer than {self._deadline:g} seconds"
        except WorkerDied as death:
            self._lane = None
            last_words = death.stderr_tail.strip().rpartition("\n")[2]
            return f"the process that read it ended ({death.cause})" + (f": {last_words}" if last_words else "")
        if not isinstance(answer, HostAnswer):
            await self._end()
            return f"the process that read it answered a {type(answer).__name__}"
        return answer

    async def close(self) -> None:
        await self._end()

    async def _end(self) -> None:
        lane, self._lane = self._lane, None
        if lane is not None:
            await lane.kill()
