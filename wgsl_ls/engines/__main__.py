"""The worker: `python -m wgsl_ls.engines ENGINE [--adapter NAME]`.

Talks frames with its parent on the pipes that were its standard input and output. The very first thing it
does is to move file descriptor 1 away, because drivers and native libraries print there. Then it imports
its engine, says hello (EngineInfo, or Unavailable) and answers one job at a time. It ends when its input
ends, also while a job hangs, and on Linux the kernel ends it with its parent. A bug in here ends the
process with a traceback on standard error; the parent turns that into Crashed.
"""

from __future__ import annotations

import os
import sys


def _take_pipes() -> tuple[int, int]:
    """(input, output) for frames; afterwards 0 is empty and 1 goes where 2 goes."""
    frames_in, frames_out = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return frames_in, frames_out


def main(arguments: list[str]) -> int:
    frames_in, frames_out = _take_pipes()
    # Imports below the line that moved fd 1: nothing may print before it.
    from wgsl_ls.engines import worker

    return worker.run(arguments, frames_in, frames_out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
