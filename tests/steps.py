"""Steps: how many calls a function makes, which is the same on every machine. For what hostile inputs may cost."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


class TooManySteps(AssertionError):
    pass


def steps_of(function: Callable[[], object], most: int = 5_000_000) -> int:
    """Calls of Python and C functions. Raises TooManySteps beyond `most`, where an input would run for ever."""
    n_calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal n_calls
        if event in ("call", "c_call"):
            n_calls += 1
            if n_calls > most:
                raise TooManySteps(f"more than {most:,} calls")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(before)
    return n_calls


def growth(function: Callable[[int], object], n: int, most: int = 5_000_000) -> tuple[int, int, int]:
    """Steps for n, 2n and 4n."""
    first, second, third = (steps_of(lambda size=size: function(size), most) for size in (n, 2 * n, 4 * n))  # type: ignore[misc]
    return first, second, third


def is_linear(steps: tuple[int, int, int]) -> bool:
    """Four times the input costs at most about four times the steps."""
    return steps[2] <= 5 * steps[0] + 2000
