"""Spelling: which declared name was meant by one that means nothing.

Two measures: `Nearness` for what to offer, and the strict `is_slip`, when a name is so close to a declared one that it
must be a mistake and cannot be a name of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

_SHORTEST = 4
LONGEST: Final = 100
"""Characters of a name that is compared: two long ones take the square of their length."""
MOST_COMPARED: Final = 30_000
"""Names that are compared for one text, a second's work; behind that nothing is offered."""


class Nearness:
    """Which names are close to another, while there is something left of a bound of comparisons."""

    def __init__(self, most: int = MOST_COMPARED) -> None:
        self.left = most

    def near(self, name: str, names: Collection[str], n_most: int, cutoff: float) -> list[str]:
        """At most `n_most` of `names`, the closest first; `cutoff`: 1 is equal (difflib's ratio)."""
        self.left -= len(names)
        return near_names(name, names, n_most, cutoff) if self.left >= 0 else []


def near_names(name: str, names: Collection[str], n_most: int, cutoff: float) -> list[str]:
    """As Nearness does it, for one name."""
    length = len(name)
    if length > LONGEST:
        return []
    # The ratio is twice the letters in common by all of both: most names are too long, too short or too different.
    letters = set(name)
    candidates = [
        one
        for one in names
        if (other := len(one)) <= LONGEST
        and 2 * (length if length < other else other) >= (least := cutoff * (length + other) - 1e-9)
        and 2 * (other - len(set(one) - letters)) >= least
    ]
    return get_close_matches(name, candidates, n_most, cutoff)


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


class Slips:
    """The declared names that others are misspellings of, found without comparing with each."""

    def __init__(self, declared: Iterable[str]) -> None:
        self._by_rest: dict[str, list[str]] = {}
        self._order = {name: index for index, name in enumerate(dict.fromkeys(declared))}
        for name in self._order:
            for rest in _rests(name):
                self._by_rest.setdefault(rest, []).append(name)

    def of(self, name: str) -> str | None:
        """As `slip_of`."""
        near = {other for rest in _rests(name) for other in self._by_rest.get(rest, ())}
        return min((other for other in near if is_slip(name, other)), key=self._order.__getitem__, default=None)


def _rests(name: str) -> set[str]:
    """Names that are a slip apart have one of these in common: what is left without one letter."""
    if len(name) > LONGEST:
        return {name.lower()}
    return {name.lower(), name, *(name[:index] + name[index + 1 :] for index in range(len(name)))}
