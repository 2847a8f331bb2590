"""Fewer looks for garbage: what a run reads first (settings, thousands of variants) is kept to its end, and what it
makes on the way is mostly kept or freed at once; at Python's own pace a fifth of the time would go into looking."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (50_000, 10, 10)


@contextmanager
def never_collected() -> Iterator[None]:
    """Within, nothing is looked at; what is there at the end is never looked at again until `seldom_collected` ends."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Within, garbage is looked for seldom; then as before."""
    before = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
