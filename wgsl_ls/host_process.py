"""The process that reads host programs: `python -m wgsl_ls.host_process`. A composition file.

Frames in, frames out, one job at a time, as the engines' workers do it; what the reader keeps between readings lives
as long as the process. Hostile C++ costs this process: its memory is limited here, its time by the parent
(workers/host_reader.py).
"""

from __future__ import annotations

import os
import sys

from wgsl_ls.wire.child import limit_memory, take_pipes, tie_to_parent, write_all

MOST_BYTES = 4 << 30


def main() -> int:
    frames_in, frames_out = take_pipes()
    # Imports below the line that moved fd 1: nothing may print before it.
    from wgsl_ls.project.host_request import Memories, answer
    from wgsl_ls.wire.frames import decode_message, encode_frame, read_frame
    from wgsl_ls.wire.host_jobs import HostJob

    limit_memory(int(os.environ.get("WGSL_LS_HOST_BYTES", MOST_BYTES)))
    memories = Memories()
    tie_to_parent(frames_in)
    with os.fdopen(frames_in, "rb", buffering=0) as stream_in, os.fdopen(frames_out, "wb", buffering=0) as stream_out:
        while (payload := read_frame(stream_in)) is not None:
            job = decode_message(payload)
            assert isinstance(job, HostJob)
            write_all(stream_out, encode_frame(answer(job, memories)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
