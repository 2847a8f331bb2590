"""Rewriting: edits of a text, usually at the places of tree nodes, applied at once, with a map back.

Whoever needs another text than the user's (an engine that lacks a construct, a check that is built into the
shader) makes edits in offsets of the user's text and applies all of them together. Every character of the result
is either copied, and has its place, or inserted, and then belongs to the edit that brought it. No line moves:
line ends inside what is replaced stay behind the replacement.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from wgsl_ls.text.span import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces [start, end) of a text; with start == end it inserts."""

    start: int
    end: int
    replacement: str


def blanked(text: str, start: int, end: int) -> Edit:
    """Spaces for [start, end), line ends kept: nothing behind it moves."""
    return Edit(start, end, "".join(c if c in "\r\n" else " " for c in text[start:end]))


class Rewritten:
    """`text`: the result. Offsets up to its length, its end included, have a place in the original."""

    def __init__(self, original: str, text: str, starts: list[int], pieces: list[tuple[int, Edit | None]]) -> None:
        self.original = original
        self.text = text
        self._starts = starts
        """Of every piece in `text`, ascending; beside it in `_pieces` its place in the original and the edit that
        inserted it, None for a copy."""
        self._pieces = pieces

    @property
    def is_same(self) -> bool:
        return self.text == self.original

    def inserted_by(self, offset: int) -> Edit | None:
        """The edit that brought the character at `offset`; None for the user's own."""
        return self._piece(offset)[2]

    def to_original(self, offset: int) -> int:
        """The place of a character; of an inserted one that of its edit."""
        start, source, edit = self._piece(offset)
        return source if edit is not None else min(source + offset - start, len(self.original))

    def span_in_original(self, start: int, end: int) -> Span | None:
        """The place of [start, end), with the whole of what was replaced at its borders. None for text that was
        appended behind the user's: it has no place."""
        first, last = self.inserted_by(start), self.inserted_by(max(start, end - 1))
        if first is not None and first.start == len(self.original):
            return None
        if last is not None:
            original_end = last.end
        else:
            original_end = self.to_original(end - 1) + 1 if end > start else self.to_original(start)
        original_start = self.to_original(start)
        return Span(original_start, max(original_start, original_end))

    def _piece(self, offset: int) -> tuple[int, int, Edit | None]:
        index = max(0, bisect_right(self._starts, offset) - 1)
        source, edit = self._pieces[index]
        return self._starts[index], source, edit


def rewrite(text: str, edits: Iterable[Edit]) -> Rewritten:
    """`text` with all `edits`, in any order. At one place insertions come first, in the order given; of edits that
    overlap the one that begins first counts, of those that begin together the widest."""
    parts: list[str] = []
    starts: list[int] = []
    pieces: list[tuple[int, Edit | None]] = []
    position = length = 0

    def add(part: str, source: int, edit: Edit | None) -> None:
        nonlocal length
        if part:
            starts.append(length)
            pieces.append((source, edit))
            parts.append(part)
            length += len(part)

    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end > edit.start, -edit.end)):
        if edit.start < position:
            continue
        add(text[position : edit.start], position, None)
        lost = text.count("\n", edit.start, edit.end) - edit.replacement.count("\n")
        add(edit.replacement + "\n" * lost, edit.start, edit)
        position = edit.end
    starts.append(length)
    pieces.append((position, None))
    parts.append(text[position:])
    return Rewritten(text, "".join(parts), starts, pieces)
