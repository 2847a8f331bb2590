"""SourceMap: from expanded text to written text and back, exactly, for one root in one variant.

A Segment is a run of expanded text with one origin: copied code (same length on both sides) or the expansion of
one macro use (the whole run belongs to the written name). Segments are sorted and tile the expanded text. "Maps to
nothing" is an answer: a directive, inactive code and a macro with an empty value have no expanded text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter, itemgetter

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


@dataclass(slots=True)
class Stretch:
    """Expanded [start, end): one chunk of code, or the part of it that stands in one file. Its characters
    [chunk_start, chunk_end) were written at `source` of the instance's file. `uses`: macro uses of the whole chunk as
    in Outcome, whose text would begin at `base`. `order`: how many #defines had been run before. The newline behind a
    last line is a stretch with an empty source. A Stretch is cheap; Segments are made of it when someone asks."""

    start: int
    end: int
    instance: int
    source: int
    chunk_start: int
    chunk_end: int
    base: int
    uses: tuple[tuple[int, int, int, int, str], ...]
    order: int

    def written(self, chunk_offset: int) -> int:
        return self.source + chunk_offset - self.chunk_start

    def segments(self, low: int = 0, high: int = 1 << 60) -> Iterator[Segment]:
        """The segments that touch characters [low, high) of the chunk, in order."""
        start, end, instance = self.start, self.end, self.instance
        if self.chunk_start == self.chunk_end:
            yield Segment(start, end, instance, self.source, self.source)
            return
        uses = self.uses
        index = bisect_right(uses, max(low, self.chunk_start), key=itemgetter(1))  # the first that ends behind `low`
        done, at = self.chunk_start, start
        if index and uses[index - 1][1] > done:
            done, at = uses[index - 1][1], self.base + uses[index - 1][3]
        limit = min(high, self.chunk_end)
        while index < len(uses) and uses[index][0] < limit:
            use_start, use_end, out_start, out_end, name = uses[index]
            if use_start > done:
                yield Segment(at, self.base + out_start, instance, self.written(done), self.written(use_start))
            yield Segment(
                self.base + out_start,
                self.base + out_end,
                instance,
                self.written(use_start),
                self.written(use_end),
                name,
            )
            done, at = use_end, self.base + out_end
            index += 1
        if done < limit:
            stop = min(self.chunk_end, uses[index][0]) if index < len(uses) else self.chunk_end
            yield Segment(at, at + stop - done, instance, self.written(done), self.written(stop))

    def segment_at(self, offset: int) -> Segment:
        """The segment of the expanded character at `offset`, which is in the stretch or its end."""
        index = bisect_right(self.uses, offset - self.base, key=itemgetter(2)) - 1
        if index >= 0 and self.uses[index][0] >= self.chunk_start:
            start, end, out_start, out_end, name = self.uses[index]
            if offset < self.base + out_end or end == self.chunk_end:
                return Segment(
                    self.base + out_start,
                    self.base + out_end,
                    self.instance,
                    self.written(start),
                    self.written(end),
                    name,
                )
            return next(self.segments(end))
        return next(self.segments(self.chunk_start))


class SourceMap:
    """Both directions. Offsets outside the text answer None or an empty list; nothing raises. `stretches` tile the
    expanded text, in order."""

    def __init__(self, stretches: list[Stretch], instances: tuple[Instance, ...], length: int) -> None:
        self.stretches = stretches
        self.instances = instances
        self.length = length

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """All of them; not needed for mapping."""
        return tuple(segment for stretch in self.stretches for segment in stretch.segments())

    @cached_property
    def _starts(self) -> list[int]:
        return [stretch.start for stretch in self.stretches]

    @cached_property
    def _by_path(self) -> dict[str, dict[int, list[Stretch]]]:
        """Per file and instance: its stretches, which are in order of the file too."""
        by_path: dict[str, dict[int, list[Stretch]]] = {}
        for stretch in self.stretches:
            path = self.instances[stretch.instance].path
            by_path.setdefault(path, {}).setdefault(stretch.instance, []).append(stretch)
        return by_path

    def segment_at(self, offset: int) -> Segment | None:
        """The segment of one expanded character; the end of the text belongs to the last one."""
        if not self.stretches or not 0 <= offset <= self.length:
            return None
        return self.stretches[bisect_right(self._starts, offset) - 1].segment_at(offset)

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
        place = span.start >= span.end
        last = span.start if place else span.end - 1
        found: list[Span] = []
        for index, stretches in self._by_path.get(path, {}).items():
            if instance is not None and instance != index:
                continue
            first = max(0, bisect_right(stretches, span.start, key=attrgetter("source")) - 1)
            for stretch in stretches[first:]:
                if stretch.source > last:
                    break
                if place and stretch.chunk_start == stretch.chunk_end and stretch.source == span.start:
                    found.append(Span(stretch.start, stretch.start))  # the end of a last line without its newline
                low = span.start - stretch.source + stretch.chunk_start
                for segment in stretch.segments(low, last + 1 - stretch.source + stretch.chunk_start):
                    if segment.source_start <= last and span.start < segment.source_end:
                        found.append(_part(segment, span, place))
        found.sort()
        merged: list[Span] = []
        for piece in found:
            if merged and merged[-1].end == piece.start:
                merged[-1] = Span(merged[-1].start, piece.end)
            else:
                merged.append(piece)
        return merged


def _part(segment: Segment, span: Span, place: bool) -> Span:
    """What a segment contributes to `span`; a macro use counts as a whole."""
    if segment.macro:
        return Span(segment.start, segment.start if place else segment.end)
    begin = max(span.start, segment.source_start) - segment.source_start + segment.start
    return Span(begin, begin if place else min(span.end, segment.source_end) - segment.source_start + segment.start)
