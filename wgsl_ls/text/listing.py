"""Long lists, and counts, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def first_of(words: Sequence[str], most: int, room: int | None = None) -> str:
    """ "a, b, c and 4 more": the first `most` words, and how many there are besides. `room`: characters that they may
    take; the first one is always there."""
    while room is not None and most > 1 and sum(map(len, words[:most])) > room:
        most -= 1
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more:,} more" if more > 0 else "")


def counted(n: int, noun: str) -> str:
    """ "1 variant", "1,600 variants"."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
