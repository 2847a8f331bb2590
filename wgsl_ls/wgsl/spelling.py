"""Spelling: which declared name was meant by one that means nothing.

Two measures: `near` for what to offer, and the strict `is_slip`, when a name is so close to a declared one that it
must be a mistake and cannot be a name of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

_SHORTEST = 4


def is_slip(name: str, declared: str) -> bool:
    """One letter was added, left out, changed or swapped with its neighbour, or only capitals differ. Names that
    differ in a digit (`row0`, `row1`) are two names, and short ones differ by chance."""
    if name == declared or min(len(name), len(declared)) < _SHORTEST:
        return False
    if name.lower() == declared.lower():
        return True
    short, long = sorted((name, declared), key=len)
    if len(long) - len(short) > 1:
        return False
    same = 0
    while same < len(short) and short[same] == long[same]:
        same += 1
    if len(short) < len(long):
        return short[same:] == long[same + 1 :] and not long[same].isdigit()
    first, second = short[same:], long[same:]
    if first[0].isdigit() or second[0].isdigit():
        return False
    return first[1:] == second[1:] or (first[1::-1] == second[:2] and first[2:] == second[2:])


def slip_of(name: str, declared: Iterable[str]) -> str | None:
    """The first of `declared` of which `name` is a misspelling."""
    return next((other for other in declared if is_slip(name, other)), None)
