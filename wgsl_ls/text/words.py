"""The word at a place of a text: letters, digits and `_`, of any alphabet."""

from __future__ import annotations

from wgsl_ls.text.span import Span


def word_at(text: str, offset: int, within: Span | None = None) -> Span:
    """The word round `offset`, or that ends there; empty where there is none. `within`: no further than this."""
    low, high = (within.start, within.end) if within is not None else (0, len(text))
    start = end = offset
    while start > low and _in_word(text[start - 1]):
        start -= 1
    while end < high and _in_word(text[end]):
        end += 1
    return Span(start, end)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
