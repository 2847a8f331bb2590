"""The process that reads host programs: `python -m wgsl_ls.host_process`. A composition file.

Frames in, frames out, one job at a time, as the engines' workers do it; what the reader keeps between readings lives
as long as the process. Hostile C++ costs this process: its memory is limited here, its time by the parent
(workers/host_reader.py). To look for garbage among all that is kept takes longer than to read what somebody typed, so
that is done when nothing was asked for a while.
"""

from __future__ import annotations

import gc
import os
import sys
from threading import Timer

from wgsl_ls.wire.child import frame_streams, limit_memory, take_pipes, tie_to_parent, write_all

MOST_BYTES = 4 << 30
_QUIET = 2.0
"""Seconds without a job after which garbage is looked for."""
_MOST_ANSWERS = 40  # between two looks, however fast the jobs come


def main() -> int:
    frames_in, frames_out = take_pipes()
    # Imports below the line that moved fd 1: nothing may print before it.
    from wgsl_ls.project.host_request import Memories, answer
    from wgsl_ls.wire.frames import decode_message, encode_frame, read_frame
    from wgsl_ls.wire.host_jobs import HostJob

    limit_memory(int(os.environ.get("WGSL_LS_HOST_BYTES", MOST_BYTES)))
    memories = Memories()
    n_answers = 0
    gc.disable()
    tie_to_parent(frames_in)
    stream_in, stream_out = frame_streams(frames_in, frames_out)
    while True:
        quiet = Timer(_QUIET, gc.collect)
        quiet.daemon = True
        quiet.start()
        payload = read_frame(stream_in)
        quiet.cancel()
        if payload is None:
            break
        job = decode_message(payload)
        assert isinstance(job, HostJob)
        write_all(stream_out, encode_frame(answer(job, memories)))
        n_answers += 1
        if n_answers % _MOST_ANSWERS == 0:
            gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main())
