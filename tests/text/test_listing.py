"""Long lists in a sentence."""

from __future__ import annotations

import pytest

from wgsl_ls.text.listing import first_of


@pytest.mark.parametrize(
    ("words", "room", "expected"),
    [
        (["a", "b"], None, "a, b"),
        (["a", "b", "c", "d", "e"], None, "a, b, c and 2 more"),
        (["aaaa", "bbbb", "cccc", "dddd"], 12, "aaaa, bbbb, cccc and 1 more"),
        (["aaaa", "bbbb", "cccc", "dddd"], 11, "aaaa, bbbb and 2 more"),
        (["aaaa", "bbbb", "cccc"], 1, "aaaa and 2 more"),
    ],
)
def test_the_first_of_many(words: list[str], room: int | None, expected: str) -> None:
    assert first_of(words, 3, room) == expected
