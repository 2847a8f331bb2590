"""Long work in small steps: a generator that yields between them, so that a caller who shares its thread can give way,
and returns what it comes to.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
Steps = Generator[None, None, T]


def finished(steps: Steps[T]) -> T:
    """What the work comes to, done at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: T = end.value
            return value


async def in_turns(steps: Iterator[None], seconds: float) -> AsyncIterator[None]:
    """Do long work in steps; yields after others who share the thread had their turn, which they have after `seconds`
    at most and a step."""
    from asyncio import sleep  # most who work in steps have no loop

    slice_end = time.perf_counter() + seconds
    for _ in steps:
        if time.perf_counter() > slice_end:
            await sleep(0)
            yield
            slice_end = time.perf_counter() + seconds


def gathered(items: Iterable[T], at_once: int = 256) -> Steps[list[T]]:
    """A list of what costs little each but is much, with a step after each `at_once`."""
    found: list[T] = []
    for item in items:
        found.append(item)
        if not len(found) % at_once:
            yield
    return found
