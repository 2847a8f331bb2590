"""Folding and selection ranges, from written text with directives."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.analysis.features.folding import Fold, folding_ranges
from wgsl_ls.analysis.features.selection import selection_spans
from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.preprocess.directives import parse_directives
from wgsl_ls.text.line_index import LineIndex

TEXT = """\
// one
// two
#define A 1
#define B 2
#if A
fn f() {
  let x = (1 + 2);
}
#elif B
fn g() {
#else
fn h() {
#endif
}
// #region R
/* long
   comment */
// #endregion
"""


def folds(text: str) -> list[Fold]:
    return folding_ranges(parse_directives(text, GGML), LineIndex(text))


def test_folds() -> None:
    found = folds(TEXT)
    assert Fold(0, 1, "comment") in found
    assert Fold(2, 3, "region") in found  # the two #defines
    assert Fold(4, 7, "region") in found  # the #if branch, up to the line before #elif
    assert Fold(8, 9, "region") in found
    assert Fold(10, 11, "region") in found
    assert Fold(5, 6) in found  # the body of f
    assert Fold(14, 17, "region") in found
    assert Fold(15, 16, "comment") in found


def test_unclosed_conditional_folds_to_the_end() -> None:
    assert folds("#if A\nx\ny\n") == [Fold(0, 3, "region")]


def test_selection_grows_from_word_to_file() -> None:
    offset = TEXT.index("2);")
    spans = selection_spans(parse_directives(TEXT, GGML), LineIndex(TEXT), offset)
    texts = [TEXT[span.start : span.end] for span in spans]
    assert texts[0] == "2"
    assert texts[1] == "1 + 2"
    assert texts[2] == "(1 + 2)"
    assert "let x = (1 + 2);" in texts
    assert any(text.startswith("fn f()") and text.endswith("}") for text in texts)
    assert any(text.startswith("#if A") and text.endswith("#endif\n") for text in texts)
    assert texts[-1] == TEXT


@given(st.text(alphabet="#ifel nd{}()/*\n a1", max_size=120), st.integers(0, 130))
def test_never_raise_and_nest(text: str, offset: int) -> None:
    tree, lines = parse_directives(text, GGML), LineIndex(text)
    for fold in folding_ranges(tree, lines):
        assert 0 <= fold.start_line < fold.end_line < lines.n_lines
    spans = selection_spans(tree, lines, min(offset, len(text)))
    assert all(outer.covers(inner) for inner, outer in pairwise(spans))
