"""Lane: one worker process, one job at a time.

A Lane knows pipes, deadlines and deaths, and nothing about queues or results: its three outcomes are an
answer, WorkerDied (with the signal and the end of standard error) and DeadlineExceeded (it is dead then,
too). The child is a session of its own, so that Ctrl-C in a terminal reaches the parent alone and a kill
reaches whatever the child has started.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from wgsl_ls.wire.frames import FrameError, FrameReader, decode_message

_STDERR_TAIL = 4000
_CHUNK = 1 << 16
# How long a process whose output ended gets to end, too.
_GRACE_SECONDS = 2.0
# How long one that was killed may take to be gone, and its last words to arrive; a busy machine needs more than the
# grace.
_REAP_SECONDS = 10.0


class WorkerDied(Exception):
    """`cause`: "SIGSEGV", "exit 3", or what was wrong with its answer."""

    def __init__(self, cause: str, stderr_tail: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.stderr_tail = stderr_tail


class DeadlineExceeded(Exception):
    """No answer in time; the worker has been killed."""


class Lane:
    """A running worker. Make one with `start_lane`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        self._process = process
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self._reader = FrameReader()
        self._payloads: list[bytes] = []
        self._stderr_tail = bytearray()
        self._stderr_task = asyncio.create_task(self._keep_stderr())

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None and not self._stdout.at_eof()

    async def ask(self, frame: bytes, deadline: float) -> object:
        """Write one frame and wait for its answer, at most `deadline` seconds."""
        self.begin(frame)
        return await self.answer(deadline)

    def begin(self, frame: bytes) -> None:
        """`hand` to a worker that has nothing to do: what it says from now on belongs to this."""
        self._stderr_tail.clear()
        self.hand(frame)

    def hand(self, frame: bytes) -> None:
        """Write one frame, whose answer comes after those of the frames before it. What does not fit into the pipe
        follows when the worker reads; that it is dead is told with the answer."""
        self._stdin.write(frame)

    async def answer(self, deadline: float) -> object:
        """The next message of the worker: its hello first, then the answers."""
        try:
            async with asyncio.timeout(deadline):
                return await self._answer()
        except TimeoutError:
            await self.kill()
            raise DeadlineExceeded from None

    async def kill(self) -> None:
        """End the process at once, and reap it."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if sys.platform == "win32":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)
        await self._reap()

    async def close(self) -> None:
        """End the process by ending its input."""
        self._stdin.close()
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:  # whoever is cancelled here leaves none behind, either
            await self.kill()

    async def _answer(self) -> object:
        while not self._payloads:
            data = await self._stdout.read(_CHUNK)
            if not data:
                raise await self._death()
            self._payloads.extend(self._reader.feed(data))
        try:
            return decode_message(self._payloads.pop(0))
        except FrameError as error:
            await self.kill()
            raise WorkerDied(f"it answered nonsense: {error}", self._tail()) from error

    async def _death(self) -> WorkerDied:
        """What ended the process, whose output has just ended."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_SECONDS):
                await self._process.wait()
        killed = self._process.returncode is None
        await self.kill()
        code = self._process.returncode
        # One that had ended by then, and was only told of late, has a code of its own.
        if code is None or (killed and (sys.platform == "win32" or code == -signal.SIGKILL)):
            return WorkerDied("it closed its output", self._tail())
        return WorkerDied(_cause(code), self._tail())

    async def _reap(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REAP_SECONDS):
                await self._process.wait()
                await asyncio.shield(self._stderr_task)
        self._stderr_task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._stderr_task
        self._stdin.close()

    async def _keep_stderr(self) -> None:
        while data := await self._stderr.read(_CHUNK):
            self._stderr_tail += data
            del self._stderr_tail[:-_STDERR_TAIL]

    def _tail(self) -> str:
        return self._stderr_tail.decode("utf-8", "replace")


def _cause(code: int) -> str:
    if code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _search_path() -> dict[str, str]:
    """PYTHONPATH as it is meant: seen from here, and without the empty entries that stand for the current folder when
    a variable was appended to nothing."""
    given = os.environ.get("PYTHONPATH", "")
    folders = [str(Path(folder).absolute()) for folder in given.split(os.pathsep) if folder]
    return {"PYTHONPATH": os.pathsep.join(folders)} if given else {}


async def start_lane(command: Sequence[str], environment: Mapping[str, str]) -> Lane:
    """Start a worker process. Raises WorkerDied when the system cannot start it."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Not where we were started: that folder is a repository, and native libraries look for others there.
            cwd=Path(sys.executable).parent,
            env={**os.environ, **_search_path(), **environment, "WGSL_LS_PARENT": str(os.getpid())},
            start_new_session=True,
        )
    except OSError as error:
        raise WorkerDied(f"it cannot be started: {error}", "") from error
    return Lane(process)
