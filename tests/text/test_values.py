"""Spans, source files and diagnostics: small values with few rules."""

from __future__ import annotations

import pytest

from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.source_file import SourceFile, text_digest
from wgsl_ls.text.span import Location, Span


def test_spans_are_half_open() -> None:
    span = Span(2, 5)
    assert len(span) == 3 and span.shifted(-2) == Span(0, 3)
    assert [offset for offset in range(8) if span.contains(offset)] == [2, 3, 4]
    assert [offset for offset in range(8) if span.touches(offset)] == [2, 3, 4, 5]
    assert span.intersects(Span(4, 9)) and not span.intersects(Span(5, 9)) and not span.intersects(Span(0, 2))
    assert span.covers(Span(3, 5)) and span.covers(Span(2, 2)) and not span.covers(Span(1, 3))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Span(1, 9), Span(2, 3)),
        (Span(1, 2), Span(1, 3)),
        (Location("a", Span(9, 9)), Location("b", Span(0, 0))),
    ],
)
def test_places_are_ordered(left: Span | Location, right: Span | Location) -> None:
    assert sorted([right, left]) == [left, right]  # type: ignore[type-var]


def test_digests_are_of_the_text_alone() -> None:
    one, other = SourceFile("a", "x\n", 1), SourceFile("b", "x\n")
    assert one.digest == other.digest == text_digest("x\n") != text_digest("x\r\n")
    assert len(one.digest) == 32 and SourceFile("c", "\ud800").digest


def test_lines_of_a_file() -> None:
    file = SourceFile("a", "x\r\ny")
    assert file.lines.position(3) == (1, 0) and file.lines is file.lines
    assert repr(file) == "SourceFile('a', 4 characters, version=None)"


def test_a_diagnostic_has_a_location() -> None:
    diagnostic = Diagnostic("a", Span(1, 2), Severity.WARNING, "preprocess/x", "why")
    assert diagnostic.location == Location("a", Span(1, 2)) and diagnostic.severity == 2
