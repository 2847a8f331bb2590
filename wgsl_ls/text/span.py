"""Span: a half-open range of code point offsets in one text, and Location: a Span in a named file.

Every room speaks in these. Lines and columns exist only where a protocol asks for them (see line_index).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Code points `start` (inclusive) to `end` (exclusive) of one text; `start == end` is a place."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def shifted(self, offset: int) -> Span:
        return Span(self.start + offset, self.end + offset)

    def contains(self, offset: int) -> bool:
        return self.start <= offset < self.end

    def touches(self, offset: int) -> bool:
        """True also for the place just behind the last character, where a cursor may stand."""
        return self.start <= offset <= self.end

    def intersects(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def crosses(self, other: Span) -> bool:
        """Whether they have characters in common, and each has some that the other has not."""
        return self.intersects(other) and not self.covers(other) and not other.covers(self)

    def covers(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


def joined(spans: Iterable[Span]) -> list[Span]:
    """The spans sorted, those that touch or overlap joined."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A Span in the file called `path` (the name under which the file was loaded)."""

    path: str
    span: Span
