"""The progress line of long runs, on standard error and only on a terminal."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wgsl_ls.analysis.plan import PlannedJob
from wgsl_ls.text.harmless import one_line
from wgsl_ls.text.listing import counted

_EVERY = 0.1
"""Seconds between two writings."""


@contextmanager
def clock(what: str) -> Iterator[None]:
    """While something lasts of which nobody knows how long: what it is, and for how many seconds already."""
    if not sys.stderr.isatty():
        yield
        return
    started, is_over = time.monotonic(), threading.Event()

    def run() -> None:
        while not is_over.wait(_EVERY):
            _write(f"{what}, {time.monotonic() - started:.0f} s")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        _write("")


def _write(line: str) -> None:
    sys.stderr.write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}")
    sys.stderr.flush()


@contextmanager
def progress_bar(n_variants: int) -> Iterator[Callable[[PlannedJob], None]]:
    """Yields a function to call per finished job; variants are counted once, whatever the number of engines."""
    seen: set[tuple[str, str]] = set()
    started = written = time.monotonic()

    def step(planned: PlannedJob) -> None:
        nonlocal written
        seen.add((planned.root, planned.variant))
        now = time.monotonic()
        if now - written < _EVERY:
            return
        written = now
        name = one_line(planned.root.rsplit("/", 1)[-1])
        _write(f"compiling {len(seen):,} of {counted(n_variants, 'variant')}, {now - started:.0f} s  {name}")

    try:
        yield step
    finally:
        _write("")
