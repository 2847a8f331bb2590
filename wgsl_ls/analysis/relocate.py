"""Relocate: what was found in a text, moved to where it stands after an edit.

Between a keystroke and the engines' new answers the old findings stay visible; they must not stand beside what
they speak of.
"""

from __future__ import annotations

from dataclasses import replace

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.text.diagnostic import Related
from wgsl_ls.text.span import Location, Span


def changed_range(old: str, new: str) -> tuple[int, int, int]:
    """(start, end in `old`, shift of everything behind) of the smallest replacement that turns old into new."""
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
    return start, len(old) - tail, len(new) - len(old)


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


def relocated(finding: Finding, path: str, start: int, old_end: int, shift: int) -> Finding | None:
    """The finding after the edit; None when the edit changed its very place."""
    location = moved(finding.location, path, start, old_end, shift)
    if location is None:
        return None
    related = []
    for one in finding.related:
        at = moved(one.location, path, start, old_end, shift)
        if at is not None:
            related.append(Related(at, one.message))
    places = tuple(at for one in finding.places if (at := moved(one, path, start, old_end, shift)) is not None)
    return replace(finding, location=location, related=tuple(related), places=places)


def moved(location: Location, path: str, start: int, old_end: int, shift: int) -> Location | None:
    span = location.span
    if location.path != path or span.end <= start:
        return location
    if span.start >= old_end:
        return Location(path, Span(span.start + shift, span.end + shift))
    if span.start <= start and old_end <= span.end and span.end + shift > span.start:
        return Location(path, Span(span.start, span.end + shift))  # edited inside: the finding grows or shrinks
    return None
