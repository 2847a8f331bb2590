"""SourceMap: from expanded text to written text and back, exactly, for one root in one variant.

A Segment is a run of expanded text with one origin: copied code (same length on both sides) or the expansion of
one macro use (the whole run belongs to the written name). Segments are sorted and tile the expanded text. "Maps to
nothing" is an answer: a directive, inactive code and a macro with an empty value have no expanded text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

from wgsl_ls.preprocess.instances import Instance
from wgsl_ls.text.span import Location, Span


@dataclass(frozen=True, slots=True)
class Segment:
    """Expanded [start, end) comes from [source_start, source_end) of an instance's file; `macro` is the name that
    is written there, "" for copied code. The newline that the preprocessor adds to a last line without one has an
    empty source."""

    start: int
    end: int
    instance: int
    source_start: int
    source_end: int
    macro: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one expanded character was written. `location`: the written text (for macro text the macro's name);
    `macro`: that name or ""; `segment_offset`: how far into the macro's expansion; `includes`: the #include sites
    that led to the file, innermost first."""

    location: Location
    instance: int
    macro: str = ""
    segment_offset: int = 0
    includes: tuple[Location, ...] = ()


class SourceMap:
    """Both directions. Offsets outside the text answer None or an empty list; nothing raises."""

    def __init__(self, segments: tuple[Segment, ...], instances: tuple[Instance, ...], length: int) -> None:
        self.segments = segments
        self.instances = instances
        self.length = length

    @cached_property
    def _starts(self) -> list[int]:
        return [segment.start for segment in self.segments]

    @cached_property
    def _by_path(self) -> dict[str, tuple[list[int], list[Segment], int]]:
        """Per file: its segments by written place, their starts, and the longest written length."""
        grouped: dict[str, list[Segment]] = {}
        for segment in self.segments:
            grouped.setdefault(self.instances[segment.instance].path, []).append(segment)
        by_path = {}
        for path, segments in grouped.items():
            segments.sort(key=lambda segment: (segment.source_start, segment.start))
            longest = max(segment.source_end - segment.source_start for segment in segments)
            by_path[path] = ([segment.source_start for segment in segments], segments, longest)
        return by_path

    def segment_at(self, offset: int) -> Segment | None:
        """The segment of one expanded character; the end of the text belongs to the last one."""
        if not self.segments or not 0 <= offset <= self.length:
            return None
        index = bisect_right(self._starts, offset) - 1
        segment = self.segments[max(0, index)]
        while segment.start == segment.end and index + 1 < len(self.segments):
            index += 1
            segment = self.segments[index]
        return segment

    def include_sites(self, instance: int) -> tuple[Location, ...]:
        """The #include sites that lead to an instance, innermost first."""
        sites = []
        at = self.instances[instance]
        while at.parent is not None and at.site is not None:
            parent = self.instances[at.parent]
            sites.append(Location(parent.path, at.site))
            at = parent
        return tuple(sites)

    def origin(self, offset: int) -> Origin | None:
        """Where the expanded character at `offset` was written; None outside the text."""
        segment = self.segment_at(offset)
        if segment is None:
            return None
        path = self.instances[segment.instance].path
        includes = self.include_sites(segment.instance)
        if segment.macro:
            span = Span(segment.source_start, segment.source_end)
            return Origin(Location(path, span), segment.instance, segment.macro, offset - segment.start, includes)
        at = min(segment.source_start + offset - segment.start, segment.source_end)
        return Origin(Location(path, Span(at, min(at + 1, segment.source_end))), segment.instance, includes=includes)

    def written(self, start: int, end: int) -> Origin | None:
        """The written range of expanded [start, end): from the first character's to the last one's when both stand
        in the same instance in this order, else the first one's alone."""
        first = self.origin(start)
        if first is None:
            return None
        if end <= start:
            if first.macro:
                return first
            begin = first.location.span.start
            return Origin(Location(first.location.path, Span(begin, begin)), first.instance, includes=first.includes)
        last = self.origin(end - 1)
        begin = first.location.span.start
        if last is None or last.instance != first.instance or last.location.span.end < begin:
            return first
        span = Span(begin, max(first.location.span.end, last.location.span.end))
        return Origin(
            Location(first.location.path, span), first.instance, first.macro, first.segment_offset, first.includes
        )

    def expanded(self, path: str, span: Span, instance: int | None = None) -> list[Span]:
        """The expanded ranges that were written in `span` of the file, in order of the expanded text: none for
        inactive code, several when the file is read several times. A place (an empty span) gives places."""
        entry = self._by_path.get(path)
        if entry is None:
            return []
        starts, segments, longest = entry
        low = bisect_left(starts, span.start - longest)
        high = bisect_right(starts, span.end)
        found: list[Span] = []
        for segment in segments[low:high]:
            if instance is not None and segment.instance != instance:
                continue
            if span.start == span.end:
                inside = segment.source_start <= span.start < segment.source_end
            else:
                inside = segment.source_start < span.end and span.start < segment.source_end
            if not inside:
                continue
            if segment.macro:
                found.append(Span(segment.start, segment.start if span.start == span.end else segment.end))
            else:
                begin = max(span.start, segment.source_start) - segment.source_start + segment.start
                end = min(span.end, segment.source_end) - segment.source_start + segment.start
                found.append(Span(begin, end))
        found.sort()
        merged: list[Span] = []
        for piece in found:
            if merged and merged[-1].end == piece.start and len(piece) and len(merged[-1]):
                merged[-1] = Span(merged[-1].start, piece.end)
            elif not merged or merged[-1] != piece:
                merged.append(piece)
        return merged
