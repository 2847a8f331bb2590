"""The progress line of long runs, on standard error and only on a terminal."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wgsl_ls.analysis.plan import PlannedJob
from wgsl_ls.text.harmless import one_line

_EVERY = 0.1
"""Seconds between two writings."""


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
        text = f"compiling {len(seen):,} of {n_variants:,} variants, {now - started:.0f} s  {name}"
        sys.stderr.write(f"\r\x1b[K{text[: shutil.get_terminal_size().columns - 1]}")
        sys.stderr.flush()

    try:
        yield step
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
