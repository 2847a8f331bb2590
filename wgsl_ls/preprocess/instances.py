"""Instance: one reading of one file on the way from a root; Layout: which of them the characters of one text are.

A file included twice has two instances. `includes = "native"`: the preprocessor opens included files itself, and
each instance is a text of its own. `includes = "textual"`: the build pastes included files before preprocessing (see
pasting.py), so that one #if may span files; then all instances are pieces of one pasted text.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from wgsl_ls.text.span import Span


@dataclass(frozen=True, slots=True)
class Instance:
    """`parent`: index of the including instance, None for the root; `site`: where, in the parent's file, its name
    stands in the #include; `name`: as spelled there."""

    index: int
    path: str
    name: str
    parent: int | None = None
    site: Span | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `start` to `end` of the text are those from `source_start` of the instance's file."""

    start: int
    end: int
    instance: int
    source_start: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Characters `source_start` to `source_end` of the instance's file, with an #include at `hash`, that gave way to
    characters `start` to `end` of the text."""

    start: int
    end: int
    instance: int
    source_start: int
    source_end: int
    hash: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the characters of one text come from: `pieces` are sorted and tile it, `gaps` are in order of their
    `start`. `entries`: where each instance begins in the text."""

    pieces: tuple[Piece, ...]
    gaps: tuple[Gap, ...] = ()
    entries: tuple[int, ...] = ()
    starts: list[int] = field(init=False)
    only: int | None = field(init=False)
    """The instance that all characters are of, at the same offsets; None when it is not that simple."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", [piece.start for piece in self.pieces])
        simple = len(self.pieces) == 1 and self.pieces[0].source_start == 0 and not self.gaps
        object.__setattr__(self, "only", self.pieces[0].instance if simple else None)

    def place(self, offset: int) -> tuple[int, int]:
        """(instance, offset in its file) of one character; for the end of the text, just behind the last one."""
        if self.only is not None:
            return self.only, offset
        piece = self.pieces[max(0, bisect_right(self.starts, offset) - 1)]
        return piece.instance, piece.source_start + min(offset, piece.end) - piece.start

    def runs(self, start: int, end: int) -> list[Piece]:
        """[start, end) of the text cut at the borders of pieces."""
        if end <= start:
            return []
        if self.only is not None:
            return [Piece(start, end, self.only, start)]
        found: list[Piece] = []
        for index in range(max(0, bisect_right(self.starts, start) - 1), len(self.pieces)):
            piece = self.pieces[index]
            if piece.start >= end:
                break
            begin = max(start, piece.start)
            stop = min(end, piece.end)
            if stop > begin:
                found.append(Piece(begin, stop, piece.instance, piece.source_start + begin - piece.start))
        return found

    def written(self, start: int, end: int) -> list[tuple[int, Span]]:
        """(instance, span in its file) of all that became [start, end) of the text, #include lines that were
        replaced in it among them; neighbours are joined."""
        pieces = [
            (piece.start, piece.instance, piece.source_start, piece.end - piece.start)
            for piece in self.runs(start, end)
        ]
        pieces += [
            (gap.start, gap.instance, gap.source_start, gap.source_end - gap.source_start)
            for gap in self.gaps
            if start <= gap.start and gap.end <= end
        ]
        by_instance: dict[int, list[Span]] = {}
        for _, instance, source, length in sorted(pieces, key=lambda piece: piece[0]):
            by_instance.setdefault(instance, []).append(Span(source, source + length))
        found: list[tuple[int, Span]] = []
        for instance, spans in by_instance.items():
            joined: list[Span] = []
            for span in sorted(spans):
                # A distance of one is the CR of a line end, which is not pasted
                if joined and span.start - joined[-1].end <= 1:
                    joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
                else:
                    joined.append(span)
            found.extend((instance, span) for span in joined)
        return found

    def inverse(self, instance: int, offset: int) -> int:
        """Where in the text `offset` of the instance's file is. In an #include line that was replaced: up to the `#`
        before what replaced it, from there on behind."""
        if self.only is not None:
            return offset
        best: int | None = None
        for gap in self.gaps:
            if gap.instance == instance and gap.source_start <= offset < gap.source_end:
                return gap.start if offset <= gap.hash else gap.end
            if gap.instance == instance and gap.source_end <= offset:
                best = gap.end
        for piece in self.pieces:
            if piece.instance != instance:
                continue
            length = piece.end - piece.start
            if piece.source_start <= offset < piece.source_start + length:
                return piece.start + offset - piece.source_start
            if piece.source_start > offset:
                return max(piece.start, best or 0)
            best = max(piece.end, best or 0)
        if best is None:
            return self.entries[instance] if 0 <= instance < len(self.entries) else 0
        return best


def single_layout(instance: int, length: int) -> Layout:
    return Layout((Piece(0, length, instance, 0),))
