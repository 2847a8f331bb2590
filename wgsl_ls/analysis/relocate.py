"""Relocate: what was found in a text, moved to where it stands after an edit.

Between a keystroke and the engines' new answers the old findings stay visible; they must not stand beside what
they speak of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.text.diagnostic import Related
from wgsl_ls.text.span import Location, Span


@dataclass(frozen=True, slots=True)
class Replacement:
    """The characters from `start` to `old_end` of the file at `path` became others; what stands behind them moved by
    `shift`."""

    path: str
    start: int
    old_end: int
    shift: int


def replacement_of(path: str, old: str, new: str) -> Replacement:
    """The smallest replacement that turns the text `old` into `new`."""
    start = _common_start(old, new)
    most = min(len(old), len(new)) - start
    tail = 0
    step = 1 << 12
    while (
        tail < most
        and old[len(old) - min(most, tail + step) : len(old) - tail]
        == (new[len(new) - min(most, tail + step) : len(new) - tail])
    ):
        tail = min(most, tail + step)
    while tail < most and old[len(old) - tail - 1] == new[len(new) - tail - 1]:
        tail += 1
    return Replacement(path, start, len(old) - tail, len(new) - len(old))


def _common_start(left: str, right: str) -> int:
    """Length of the longest common prefix, found by halving (comparing slices is fast)."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def touches(finding: Finding, path: str) -> bool:
    return finding.location.path == path or any(one.location.path == path for one in finding.related)


def relocated(finding: Finding, edit: Replacement) -> Finding | None:
    """The finding after the edit; None when the edit changed its very place."""
    location = moved(finding.location, edit)
    if location is None:
        return None
    related = []
    for one in finding.related:
        at = moved(one.location, edit)
        if at is not None:
            related.append(Related(at, one.message))
    places = tuple(at for one in finding.places if (at := moved(one, edit)) is not None)
    return replace(finding, location=location, related=tuple(related), places=places)


def moved(location: Location, edit: Replacement) -> Location | None:
    span, start, old_end, shift = location.span, edit.start, edit.old_end, edit.shift
    if location.path != edit.path or span.end <= start:
        return location
    if span.start >= old_end:
        return Location(edit.path, Span(span.start + shift, span.end + shift))
    if span.start <= start and old_end <= span.end and span.end + shift > span.start:
        return Location(edit.path, Span(span.start, span.end + shift))  # edited inside: the finding grows or shrinks
    return None
