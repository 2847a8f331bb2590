"""Folding and selection ranges, from written text with directives."""

from __future__ import annotations

from itertools import pairwise

import pytest
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


FOLDS = {
    "everything": (
        TEXT,
        [
            Fold(0, 1, "comment"),
            Fold(2, 3, "region"),  # the two #defines
            Fold(4, 7, "region"),  # the #if branch, up to the line before #elif
            Fold(5, 6),  # the body of f
            Fold(8, 9, "region"),
            Fold(10, 11, "region"),
            Fold(11, 12),  # the brace that the last branch opens is closed behind the conditional
            Fold(14, 17, "region"),
            Fold(15, 16, "comment"),
        ],
    ),
    "a conditional without an end": ("#if A\nx\ny\n", [Fold(0, 3, "region")]),
    "includes": ("#include <a>\n#include <b>\n\n#include <c>\n", [Fold(0, 1, "imports")]),
    "a closing brace stays in sight": ("fn f() {\n  if (a) {\n    b();\n  } else {\n    c();\n  }\n}\n", [
        Fold(0, 5), Fold(1, 2), Fold(3, 4),
    ]),
    "a brace that only one branch opens": (
        "fn f() {\n#if A\n  if (a) {\n#else\n  {\n#endif\n  b();\n  }\n}\n",
        [Fold(0, 7), Fold(1, 2, "region"), Fold(3, 4, "region"), Fold(4, 6)],
    ),
    "a brace that each branch closes": (
        "fn f() {\n#if A\n  a();\n}\n#else\n}\n#endif\n", [Fold(0, 2), Fold(1, 3, "region"), Fold(4, 5, "region")],
    ),
    "one line": ("fn f() { }\n// a\n#define A\n", []),
    "comments behind code": ("a; // one\nb; // two\n", []),
    "three lines": (
        "// one\n// two\n// three\n#define A \\\n 1\n#define B\n#define C\n",
        [Fold(0, 2, "comment"), Fold(3, 6, "region")],
    ),
    "comments apart": ("// one\n\n// two\n// three\n", [Fold(2, 3, "comment")]),
    "two braces of one line, the wider first": ("fn f() { if (a) {\n  b();\n}\nc();\n}\n", [Fold(0, 3), Fold(0, 1)]),
    "a brace in a comment": ("// {\nfn f() { // }\n  a();\n}\n", [Fold(1, 2)]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FOLDS.values(), ids=FOLDS)
def test_folds(text: str, expected: list[Fold]) -> None:
    assert folds(text) == expected


CODE = "#if N > 2\nfn f() {\n  let x = g(1, 22);\n}\n#else\n#endif\n"
SELECTED = {
    "22": ["22", "1, 22", "(1, 22)", "g(1, 22)", "let x = g(1, 22)", "let x = g(1, 22);", "  let x = g(1, 22);",
           "\n  let x = g(1, 22);\n",
           "{\n  let x = g(1, 22);\n}", "fn f() {\n  let x = g(1, 22);\n}", "fn f() {\n  let x = g(1, 22);\n}\n",
           "#if N > 2\nfn f() {\n  let x = g(1, 22);\n}\n", CODE],
    "2\nfn": ["2", "N > 2", "#if N > 2", "#if N > 2\nfn f() {\n  let x = g(1, 22);\n}\n", CODE],
    "else": ["else", "#else", "#else\n", CODE],
}  # fmt: skip


def test_the_end_of_a_region_that_nothing_begins_folds_nothing() -> None:
    text = "// #endregion\nconst a = 1;\n// #endregion\n"
    assert folding_ranges(parse_directives(text, GGML), LineIndex(text)) == []


@pytest.mark.parametrize(("place", "expected"), SELECTED.items(), ids=["code", "a condition", "a directive"])
def test_selection_grows_from_word_to_file(place: str, expected: list[str]) -> None:
    spans = selection_spans(parse_directives(CODE, GGML), LineIndex(CODE), CODE.index(place))
    assert [CODE[span.start : span.end] for span in spans] == expected


EXPRESSIONS: dict[str, tuple[str, str, list[str]]] = {
    "a member": (
        "fn f() { let x = params.nwg * 2u; }",
        "nwg",
        ["nwg", "params.nwg", "params.nwg * 2u", "let x = params.nwg * 2u"],
    ),
    "of a member of an element": (
        "fn f() { g(a.b[i].c + 1); }",
        "b[",
        ["b", "a.b", "a.b[i]", "a.b[i].c", "a.b[i].c + 1", "(a.b[i].c + 1)"],
    ),
    "an operand": ("fn f() { x = a + b * c; }", "b *", ["b", "b * c", "a + b * c", "x = a + b * c"]),
    "a block that branches open": (
        "fn f() {\n#if A\n  if (a) {\n#else\n  if (b) {\n#endif\n    put(c);\n  }\n}\n",
        "c)",
        [
            "c",
            "(c)",
            "put(c)",
            "put(c);",
            "if (a) {\n#else\n  if (b) {\n#endif\n    put(c);\n  }",
            "{\n#if A\n  if (a) {\n#else\n  if (b) {\n#endif\n    put(c);\n  }\n}",
        ],
    ),
    "in the branch that opens it": (
        "fn f() {\n#if A\n  if (a) {\n#else\n  if (b) {\n#endif\n    put(c);\n  }\n}\n",
        "b)",
        ["b", "(b)", "if (b) {\n#endif\n    put(c);\n  }"],
    ),
    "a block with a conditional inside": (
        "fn f() {\n  loop {\n#if A\n    a();\n#endif\n    b(x);\n  }\n}\n",
        "x",
        [
            "x",
            "(x)",
            "b(x)",
            "b(x);",
            "{\n#if A\n    a();\n#endif\n    b(x);\n  }",
            "loop {\n#if A\n    a();\n#endif\n    b(x);\n  }",
        ],
    ),
}


@pytest.mark.parametrize(("text", "place", "expected"), EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_expressions_and_blocks_are_selected(text: str, place: str, expected: list[str]) -> None:
    spans = selection_spans(parse_directives(text, GGML), LineIndex(text), text.index(place))
    found = [text[span.start : span.end] for span in spans]
    assert [one for one in found if one in expected] == expected, found


GROWN: dict[str, tuple[str, list[str]]] = {
    "a word at its beginning": ("|abc_1 d\n", ["abc_1", "abc_1 d"]),
    "a word at its end": ("abc_1| d\n", ["abc_1", "abc_1 d"]),
    "behind the last word": ("fn g() { }  |\n", ["fn g() { }  "]),
    "at an opening bracket that nothing touches": ("x = |(a);\n", ["(a)", "x = (a);"]),
    "a block with what it belongs to": (
        "fn f() { a(); for (var i = 0; i < 3; i++) { b|; } }\n",
        ["b", " b; ", "{ b; }", "for (var i = 0; i < 3; i++) { b; }",
         " a(); for (var i = 0; i < 3; i++) { b; } ", "{ a(); for (var i = 0; i < 3; i++) { b; } }",
         "fn f() { a(); for (var i = 0; i < 3; i++) { b; } }"],
    ),
    "a block right behind a statement": (
        "fn f() { a();if b {|c} }\n",
        ["c", "{c}", "if b {c}", " a();if b {c} ", "{ a();if b {c} }", "fn f() { a();if b {c} }"],
    ),
    "a block without the comment above it": (
        "fn f() {\n  // why {\n  if a {|b}\n}\n",
        ["b", "{b}", "if a {b}", "  if a {b}", "\n  // why {\n  if a {b}\n", "{\n  // why {\n  if a {b}\n}",
         "fn f() {\n  // why {\n  if a {b}\n}"],
    ),
    "a block in half-written code": ("a; for (b; c) {|d}\n", ["d", "{d}", "for (b; c) {d}", "a; for (b; c) {d}"]),
    "the same, below a comment": ("a;\n// why\nif b\n{|d}\n", ["d", "{d}", "if b\n{d}"]),
    "brackets that do not match": (
        "fn f() { x = (1 + [2|)); }\n",
        ["2", "1 + [2", "(1 + [2", "(1 + [2)", "{ x = (1 + [2)); }", "fn f() { x = (1 + [2)); }"],
    ),
    "a closing bracket that nobody opened": ("}a(b|)\n", ["b", "(b)", "}a(b)"]),
    "a type": (
        "struct S { a: f32, b: array<|u32, 4> }\n",
        ["u32", "array<u32, 4>", "b: array<u32, 4>", " a: f32, b: array<u32, 4> ", "{ a: f32, b: array<u32, 4> }",
         "struct S { a: f32, b: array<u32, 4> }"],
    ),
    "the value of a macro": ("#define A (b + |c)\n", ["c", "(b + c)", "#define A (b + c)"]),
    "a condition, not the branches before and after": (
        "#if A\na\n#elif |B\nb\n#else\nx\n#endif\ny\n",
        ["B", "#elif B", "#elif B\nb\n", "#if A\na\n#elif B\nb\n#else\nx\n#endif\n"],
    ),
    "the last branch": (
        "#if A\n  a\n#else\n |b\n#endif\nc\n",
        ["b", " b", " b\n", "#else\n b\n", "#if A\n  a\n#else\n b\n#endif\n"],
    ),
    "behind #endif": ("#ifdef A\n#endif|\nc\n", ["endif", "#endif", "#ifdef A\n#endif\n"]),
}  # fmt: skip


@pytest.mark.parametrize(("marked", "expected"), GROWN.values(), ids=GROWN)
def test_every_step_of_a_growing_selection(marked: str, expected: list[str]) -> None:
    text = marked.replace("|", "")
    spans = selection_spans(parse_directives(text, GGML), LineIndex(text), marked.index("|"))
    assert [text[span.start : span.end] for span in spans] == [*expected, text]


@given(st.text(alphabet="#ifel nd{}()/*\n a1", max_size=120), st.integers(0, 130))
def test_never_raise_and_nest(text: str, offset: int) -> None:
    tree, lines = parse_directives(text, GGML), LineIndex(text)
    for fold in folding_ranges(tree, lines):
        assert 0 <= fold.start_line < fold.end_line < lines.n_lines
    spans = selection_spans(tree, lines, min(offset, len(text)))
    assert all(outer.covers(inner) for inner, outer in pairwise(spans))
