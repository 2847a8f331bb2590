"""Long work in small steps: a generator that yields between them, so that a caller who shares its thread can give way,
and returns what it comes to.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
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


def gathered(items: Iterable[T], at_once: int = 256) -> Steps[list[T]]:
    """A list of what costs little each but is much, with a step after each `at_once`."""
    found: list[T] = []
    for item in items:
        found.append(item)
        if not len(found) % at_once:
            yield
    return found
