"""Numbers that options take; another one is refused before the work begins."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from math import inf

_MOST_DIGITS = 9


def at_least(least: int) -> Callable[[str], int]:
    """A whole number, `least` or more."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) >= least):
            raise argparse.ArgumentTypeError(f"'{text}' is no whole number from {least} on")
        return int(text)

    return number


def seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds")
    return number
