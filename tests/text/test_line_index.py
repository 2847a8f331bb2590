"""Lines and columns in all encodings; lines end at LF, CRLF and CR alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.text.line_index import Encoding, LineIndex

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
WIDTH = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "utf-32": len,
}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\nb", ["a", "b"]),
        ("a\r\nb\r\n", ["a", "b", ""]),
        ("a\rb\r", ["a", "b", ""]),
        ("a\n\rb", ["a", "", "b"]),
        ("\r\r\n\n", ["", "", "", ""]),
        ("a\u2028b\u2029c\x85d\x0be\x0cf\x1cg", ["a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    index = LineIndex(text)
    assert [text[index.line_start(line) : index.line_end(line)] for line in range(index.n_lines)] == lines


def test_engines_count_line_feeds_alone() -> None:
    text = "a\rb\r\nc"
    index = LineIndex(text, only_lf=True)
    assert index.n_lines == 2
    assert index.position(2) == (0, 2) and index.position(5) == (1, 0)
    assert index.line_end(0) == 3  # the CR before the LF belongs to the line end


@pytest.mark.parametrize(
    ("encoding", "column"),
    [("utf-8", 1 + 2 + 3 + 4 + 3), ("utf-16", 1 + 1 + 1 + 2 + 1), ("utf-32", 5)],
)
def test_columns_of_characters_of_every_width(encoding: Encoding, column: int) -> None:
    text = "first\naé\u20ac\U0001f600\u2028end"
    index = LineIndex(text)
    end = text.index("end")
    assert index.position(end, encoding) == (1, column)
    assert index.offset(1, column, encoding) == end


def test_a_column_inside_a_character_means_the_next_one() -> None:
    text = "\U0001f600x"
    index = LineIndex(text)
    assert [index.offset(0, column, "utf-16") for column in range(5)] == [0, 1, 1, 2, 2]
    assert [index.offset(0, column, "utf-8") for column in range(7)] == [0, 1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_out_of_range_is_the_nearest_place(encoding: Encoding) -> None:
    text = "é1\r\né2"
    index = LineIndex(text)
    assert index.offset(-5, 3, encoding) == 0
    assert index.offset(0, -1, encoding) == 0
    assert index.offset(0, 99, encoding) == 2  # before the CRLF
    assert index.offset(1, 99, encoding) == len(text)
    assert index.offset(99, 0, encoding) == len(text)
    assert index.position(-7, encoding) == (0, 0)
    assert index.position(10**9, encoding) == index.position(len(text), encoding)
    assert index.line_of(-1) == 0 and index.line_of(10**9) == 1
    assert index.line_end(-7) == 2
    assert index.line_start(-1) == 0 and index.line_start(99) == len(text) and index.line_end(99) == len(text)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_lone_surrogates_have_a_width(encoding: Encoding) -> None:
    text = "\udc80x"
    index = LineIndex(text)
    line, column = index.position(1, encoding)
    assert (line, index.offset(line, column, encoding)) == (0, 1)


@given(st.text(alphabet="a\r\n\u2028é\u20ac\U0001f600\t", max_size=30), st.sampled_from(ENCODINGS))
def test_positions_and_offsets_are_inverse(text: str, encoding: Encoding) -> None:
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        line, column = index.position(offset, encoding)
        assert index.line_start(line) <= offset and index.line_of(offset) == line
        assert column == WIDTH[encoding](text[index.line_start(line) : offset])
        if offset <= index.line_end(line):
            assert index.offset(line, column, encoding) == offset


@given(st.text(alphabet="ab\r\né", max_size=20), st.integers(-3, 30), st.integers(-3, 40), st.sampled_from(ENCODINGS))
def test_any_position_is_answered(text: str, line: int, column: int, encoding: Encoding) -> None:
    assert 0 <= LineIndex(text).offset(line, column, encoding) <= len(text)
