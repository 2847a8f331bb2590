"""What every child process of ours does with its pipes: take them before anything prints, die with its parent, write
frames. Standard library only: it is imported before standard output is safe."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading
from io import FileIO
from typing import BinaryIO, Final

_PR_SET_PDEATHSIG = 1
MOST_BYTES: Final = 4 << 30
"""What a worker may use on top of what its engine has at the start. A compiler may ask for gigabytes for a kilobyte of
text."""

TIME_IS_UP: Final = "SIGPROF"


def take_pipes() -> tuple[int, int]:
    """(input, output) for frames; afterwards 0 is empty and 1 goes where 2 goes."""
    frames_in, frames_out = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return frames_in, frames_out


def frame_streams(frames_in: int, frames_out: int) -> tuple[FileIO, FileIO]:
    """Both unbuffered. The descriptors stay open to the end of the process: the parent takes the end of the output for
    that, and a traceback is printed later than anything here would close it."""
    return FileIO(frames_in, "rb", closefd=False), FileIO(frames_out, "wb", closefd=False)


def tie_to_parent(frames_in: int) -> None:
    """No orphans: die with the parent, even in the middle of a job that never ends."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        parent = os.environ.get("WGSL_LS_PARENT")
        if parent is not None and os.getppid() != int(parent):
            os._exit(0)  # The parent died before the line above.
    if hasattr(select, "poll"):
        threading.Thread(target=_exit_at_hangup, args=(frames_in,), daemon=True).start()


def worker_memory() -> int:
    """`MOST_BYTES`, or what the environment says instead."""
    return int(os.environ.get("WGSL_LS_WORKER_BYTES", MOST_BYTES))


def limit_memory(most: int, pid: int = 0) -> None:
    """At most `most` bytes more than the process has by now (this one, or a child), where the system can: whatever asks
    for more ends it and not the machine. Data, not addresses: drivers reserve those by the hundred gigabytes."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limit = _data_bytes(pid) + most
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
    if not pid:
        resource.setrlimit(resource.RLIMIT_DATA, limits)
    elif sys.platform == "linux":
        resource.prlimit(pid, resource.RLIMIT_DATA, limits)


def _data_bytes(pid: int) -> int:
    try:
        with open(f"/proc/{pid or 'self'}/status", "rb") as status:  # noqa: PTH123 - pathlib costs a start that counts
            line = next(line for line in status if line.startswith(b"VmData:"))
    except (OSError, StopIteration):
        return 0
    return int(line.split()[1]) * 1024


def limit_time(seconds: float) -> None:
    """End this process, by `TIME_IS_UP`, when it has computed that long from now on, where the system can; 0: no more.
    A native library does not have to give the interpreter a turn for that, and a busy machine takes nothing from it."""
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)


def write_all(stream: BinaryIO, frame: bytes) -> None:
    """The whole frame, to an unbuffered stream."""
    rest = memoryview(frame)
    while rest:
        rest = rest[stream.write(rest) :]


def _exit_at_hangup(frames_in: int) -> None:
    poll = select.poll()
    poll.register(frames_in, 0)  # Hang-up is reported always, data never.
    poll.poll()
    os._exit(0)
