"""Edits of a text with a map back: the tool under every lowering."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ToOriginal = Callable[[int], int | None]


@dataclass(frozen=True, slots=True)
class Lowered:
    """`text` to compile; `to_original` maps its offsets back, None where the user wrote nothing; `said`: the
    rewrites in words, for the report."""

    text: str
    to_original: ToOriginal
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace [start, end) of a text; an offset in the replacement maps back to `start`."""

    start: int
    end: int
    replacement: str


def same_offset(offset: int) -> int | None:
    return offset


def apply_edits(lowered: Lowered, edits: Sequence[Edit], said: str) -> Lowered:
    """`edits` in order, not overlapping, in offsets of `lowered.text`. Text added at the very end is
    nobody's: its offsets map to None."""
    text = lowered.text
    parts: list[str] = []
    starts: list[int] = []  # of each piece in the new text
    sources: list[tuple[int, bool]] = []  # (its offset in the old text, copied as it is)
    new_length = old_offset = 0
    for edit in edits:
        for part, copied in ((text[old_offset : edit.start], True), (edit.replacement, False)):
            if part:
                starts.append(new_length)
                sources.append((old_offset if copied else edit.start, copied))
                parts.append(part)
                new_length += len(part)
        old_offset = edit.end
    starts.append(new_length)
    sources.append((old_offset, True))
    parts.append(text[old_offset:])
    end_of_user_text = new_length + len(text) - old_offset
    added = bool(edits) and edits[-1].start == len(text)
    if added:
        end_of_user_text = new_length - len(edits[-1].replacement)

    def back(offset: int) -> int | None:
        if added and offset > end_of_user_text:
            return None
        index = bisect_right(starts, offset) - 1
        source, copied = sources[index]
        return lowered.to_original(source + offset - starts[index] if copied else source)

    return Lowered("".join(parts), back, tuple(dict.fromkeys((*lowered.said, said))))


def matching_parenthesis(bare: str, opening: int) -> int | None:
    """Offset of the `)` for the `(` at `opening` in a text without comments."""
    depth = 0
    for offset in range(opening, len(bare)):
        if bare[offset] == "(":
            depth += 1
        elif bare[offset] == ")":
            depth -= 1
            if depth == 0:
                return offset
    return None
