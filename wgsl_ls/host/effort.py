"""Effort: how much work a run of a function, and a whole reading, may still be; and how large a value may get.

Counted are statements, calls, questions to what is known, copied elements and emitted macros, so that the same text
always comes to the same end; only what an earlier reading found already costs nothing, so a later one may come further.
Time is only the last resort, against texts that make single steps expensive.
"""

from __future__ import annotations

import time
from typing import Final

LONGEST_TEXT: Final = 20_000
MOST_OPERATIONS: Final = 250
MOST_ITEMS: Final = 20_000
MOST_COPIED: Final = 10 * MOST_ITEMS
"""Elements of a value and of all that is in it."""
LONGEST_NAME: Final = 400
_STEPS_PER_LOOK: Final = 1_024  # to look at the clock costs as much as some hundred steps


class OutOfBudget(Exception):
    """More work than a run or a reading may be; its text says what of."""


class BadValue(Exception):
    """A value that is none: larger than any host's (`is_size`), or made of what an operation is not for."""

    def __init__(self, what: str, is_size: bool = True) -> None:
        super().__init__(what)
        self.is_size = is_size


class Effort:
    """`steps`: how many may be made; `whole`: of all runs together; `seconds`: of computing. None: no such limit.
    `for_good`: how much was spent on what is kept, so that it is not spent again for the same."""

    __slots__ = ("_end", "_look_at", "_looked_at", "_seconds", "_steps", "_whole", "for_good", "left")

    def __init__(self, steps: int, whole: Effort | None = None, seconds: float | None = None) -> None:
        self.left = steps
        self.for_good = 0
        self._steps = steps
        self._whole = whole
        self._seconds = seconds
        self._end = None if seconds is None else time.thread_time() + seconds
        self._looked_at = steps
        self._look_at = steps

    @property
    def is_spent(self) -> bool:
        return self.left < 0

    def spend(self, n_steps: int = 1) -> None:
        """Raises OutOfBudget."""
        self.left -= n_steps
        if self.left < self._look_at:
            self._look()

    def restore(self, left: int) -> None:
        """What was spent since then does not count."""
        self.left = left

    def end(self) -> None:
        """A run is over: what it spent since it last looked counts too."""
        if self._whole is not None:
            self._whole.left -= self._looked_at - self.left
        self._looked_at = self.left

    def _look(self) -> None:
        if self._whole is not None:
            self._whole.spend(self._looked_at - self.left)
        self._looked_at = self.left
        self._look_at = max(self.left - _STEPS_PER_LOOK, 0)
        if self.left < 0:
            raise OutOfBudget(f"more than {self._steps:,} steps")
        if self._end is not None and time.thread_time() > self._end:
            self.left = -1
            raise OutOfBudget(f"more than {self._seconds:g} seconds of work")
