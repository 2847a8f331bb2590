"""Edits with a map back: what is copied has its place, what is inserted belongs to its edit, no line moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.rewriting import Edit, blanked, rewrite


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.text(max_size=4))))
def test_every_character_is_copied_from_its_place_or_belongs_to_an_edit(
    text: str, wanted: list[tuple[int, int, str]]
) -> None:
    edits: list[Edit] = []
    offset = 0
    for start, length, replacement in sorted(wanted):
        if offset <= start and start + length <= len(text):
            edits.append(Edit(start, start + length, replacement))
            offset = start + length + 1
    result = rewrite(text, reversed(edits))
    mapped = [result.to_original(offset) for offset in range(len(result.text) + 1)]
    assert mapped == sorted(mapped)
    inserted: dict[Edit, str] = {}
    for offset, original in enumerate(mapped[:-1]):
        edit = result.inserted_by(offset)
        if edit is None:
            assert result.text[offset] == text[original]
        else:
            assert original == edit.start
            inserted[edit] = inserted.get(edit, "") + result.text[offset]
    for edit, words in inserted.items():
        assert words.startswith(edit.replacement) and not words[len(edit.replacement) :].strip("\n")
    copied = sum(result.inserted_by(offset) is None for offset in range(len(result.text)))
    assert copied == len(text) - sum(edit.end - edit.start for edit in edits)


def test_the_span_of_something_replaced_is_all_that_was_replaced() -> None:
    text = "a = old(b);"
    result = rewrite(text, [Edit(4, 7, "new_name"), Edit(11, 11, "\nmore")])
    start = result.text.index("new_name")
    assert result.span_in_original(start + 2, start + 9) == Span(4, 8)
    assert result.span_in_original(0, start + 3) == Span(0, 7)
    assert result.span_in_original(result.text.index("b"), result.text.index("b") + 1) == Span(8, 9)
    assert result.span_in_original(result.text.index("more"), len(result.text)) is None
    assert result.span_in_original(3, 3) == Span(3, 3)


def test_lines_stay_where_they_are() -> None:
    result = rewrite("one\ntwo\nthree", [Edit(2, 9, "X")])
    assert result.text == "onX\n\nhree"
    assert rewrite("a\r\n b", [blanked("a\r\n b", 0, 5)]).text == " \r\n  "


def test_of_overlapping_edits_the_wider_one_that_begins_first_counts() -> None:
    edits = [Edit(1, 2, "small"), Edit(1, 4, "wide"), Edit(2, 5, "late"), Edit(1, 1, "+"), Edit(4, 5, "end")]
    assert rewrite("abcdef", edits).text == "a+wideendf"
