"""The lines of code that a compiler's message quotes."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.identify import Quote, identify, quotes

TEXTS: dict[str, tuple[str, list[Quote]]] = {
    "naga": (
        "error: wrong\n  ┌─ wgsl:12:5\n   │\n12 │ let a = b;\n   │     ^ here\n13 │ \n", [Quote(12, "let a = b;", 5)],
    ),
    "naga, lines without a place": (
        "11 │ let b = 1;\n  ┌─ wgsl:12:5\n12 │ let a = b;\n", [Quote(11, "let b = 1;", 0), Quote(12, "let a = b;", 5)],
    ),
    "Tint": (":12:5 error: no such name\nlet a = b;\n    ^\n", [Quote(12, "let a = b;", 5)]),
    "Tint, one line": ("x.wgsl:12:5 error: no such name", []),
    "Tint, without the code": (":12:5 error: one\n\n:13:5 error: two\nlet b = c;\n", [Quote(13, "let b = c;", 5)]),
    "the same twice": (":1:2 error: a\nx;\n:1:2 error: b\nx;\n", [Quote(1, "x;", 2)]),
    "no message": ("let a = 1;\n", []),
}  # fmt: skip


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_whole_text_is_known_however_it_ends(end: str) -> None:
    """`end`: what the shader has behind its last line; who pastes it may have more or less."""
    view = Project.of(f"const a = N;{end}", variants={"one": ["N=1"], "two": ["N=2"]}).view()
    for pasted in {"", end, "\n"}:
        asked = f"const a = 2;{pasted}"
        known = pasted == end or {pasted, end} == {"", "\n"}
        assert [(one.variant, one.by) for one in identify([view], asked)] == ([("two", "text")] if known else [])


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_quotes(text: str, expected: list[Quote]) -> None:
    assert quotes(text) == expected
