"""An engine for tests: a function from job to result, or a text that says what shall happen.

`scripted:FILE` runs the function `compile(job)` of that Python file. Plain `scripted` obeys lines of the text:

    //! reject LINE:COLUMN words    an error there (from 1, code points)
    //! warn LINE:COLUMN words      a warning there
    //! unsupported NAME            the engine lacks NAME
    //! lose [FILE]                 its device is lost (with FILE: once, which makes it)
    //! sleep SECONDS               takes that long
    //! hang                        never answers
    //! spin                        never answers, and computes meanwhile
    //! exit CODE, kill NUMBER      dies with that code, by that signal
    //! print words                 writes to standard output, as a careless driver would
    //! error words                 writes to standard error

The environment variable WGSL_LS_SCRIPTED_START holds such lines for the time before the hello, and `//! unavailable
words`.
"""

from __future__ import annotations

import dataclasses
import os
import re
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path

from wgsl_ls.engines.api import EngineUnavailable
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.wire.frames import PROTOCOL
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    CompileResult,
    DeviceLost,
    EngineInfo,
    EngineMessage,
    MessageSpan,
    Rejected,
    Unsupported,
)

_ORDER = re.compile(r"^[ \t]*//! *(\w+) ?(.*)$", re.MULTILINE)
_PLACE = re.compile(r"(\d+):(\d+) ?(.*)")

CompileFunction = Callable[[CompileJob], CompileResult]


def scripted_engine(path: str) -> ScriptedEngine:
    """The engine that runs `compile` of the Python file at `path`, or obeys texts when it is empty."""
    return ScriptedEngine(runpy.run_path(path)["compile"] if path else obey)


class ScriptedEngine:
    name = "scripted"

    def __init__(self, function: CompileFunction) -> None:
        self._function = function

    def open(self, adapter: str = "") -> EngineInfo:
        for order, words in _ORDER.findall(os.environ.get("WGSL_LS_SCRIPTED_START", "")):
            if order == "unavailable":
                raise EngineUnavailable(words, "install it")
            _obey_process_order(order, words)
        return EngineInfo(self.name, os.environ.get("WGSL_LS_SCRIPTED_VERSION", "1"), PROTOCOL, adapter)

    def compile(self, job: CompileJob) -> CompileResult:
        started = time.perf_counter()
        result = self._function(job)
        if isinstance(result, Accepted | Rejected):
            return dataclasses.replace(result, seconds=time.perf_counter() - started)
        return result


def obey(job: CompileJob) -> CompileResult:
    """The result that the orders in the job's text ask for; Accepted when there are none."""
    index = LineIndex(job.text, only_lf=True)
    messages: list[EngineMessage] = []
    for order, words in _ORDER.findall(job.text):
        if order in ("reject", "warn"):
            place = _PLACE.match(words)
            spans: tuple[MessageSpan, ...] = ()
            if place is not None:
                start = index.offset(int(place[1]) - 1, int(place[2]) - 1)
                spans = (MessageSpan(start, min(start + 1, len(job.text))),)
                words = place[3]
            messages.append(EngineMessage("error" if order == "reject" else "warning", words, spans))
        elif order == "unsupported":
            return Unsupported(words)
        elif order == "lose":
            if not words or not Path(words).exists():
                if words:
                    Path(words).touch()
                return DeviceLost("gone")
        else:
            _obey_process_order(order, words)
    if any(message.severity == "error" for message in messages):
        return Rejected(tuple(messages), unread=())  # it stops at none of them
    return Accepted(tuple(messages))


def _obey_process_order(order: str, words: str) -> None:
    if order == "sleep":
        time.sleep(float(words))
    elif order == "hang":
        while True:
            time.sleep(60)
    elif order == "spin":
        while True:
            pass
    elif order == "exit":
        os._exit(int(words))
    elif order == "kill":
        os.kill(os.getpid(), int(words))
    elif order == "print":
        # Past Python's own buffer and encoding: this is what a native library does.
        os.write(1, words.encode("utf-8") + b"\n")
    elif order == "error":
        print(words, file=sys.stderr, flush=True)
