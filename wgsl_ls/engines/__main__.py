"""The worker: `python -m wgsl_ls.engines ENGINE [--adapter NAME]`.

Talks frames with its parent on the pipes that were its standard input and output. The very first thing it
does is to move file descriptor 1 away, because drivers and native libraries print there. Then it imports
its engine, says hello (EngineInfo, or Unavailable) and answers one job at a time. It ends when its input
ends, also while a job hangs, and on Linux the kernel ends it with its parent. A bug in here ends the
process with a traceback on standard error; the parent turns that into Crashed.
"""

from __future__ import annotations

import sys

from wgsl_ls.wire.child import take_pipes


def main(arguments: list[str]) -> int:
    frames_in, frames_out = take_pipes()
    # Imports below the line that moved fd 1: nothing may print before it.
    from wgsl_ls.engines import worker

    return worker.run(arguments, frames_in, frames_out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
