from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.wgsl.lexer import (
    BAD,
    END,
    FLOAT,
    INTEGER,
    RESERVED,
    TEMPLATE_CLOSE,
    TEMPLATE_OPEN,
    comment_spans,
    tokenize,
)


def words(text: str) -> list[str]:
    """The tokens with template brackets shown as guillemets."""
    tokens = tokenize(text)
    shown = {"<template": "«", "template>": "»"}
    return [shown.get(kind, word) for kind, word in zip(tokens.kinds, tokens.texts, strict=True)][:-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("array<vec4<f32>,2>", "array « vec4 « f32 » , 2 »"),
        ("array<vec4<f32>>=x", "array « vec4 « f32 » » = x"),
        ("a<b>==c", "a « b » == c"),
        ("a<b>>=c", "a « b » >= c"),
        ("var<storage, read_write> x", "var « storage , read_write » x"),
        ("a < b && c > (d)", "a < b && c > ( d )"),
        ("if (a < b) { c > d; }", "if ( a < b ) { c > d ; }"),
        ("x[a < b] > c", "x [ a < b ] > c"),
        ("f(a<b, c>(d))", "f ( a « b , c » ( d ) )"),
        ("a << b >> c", "a << b >> c"),
        ("i < n; i > 0", "i < n ; i > 0"),
        ("1 < 2 > 3", "1 < 2 > 3"),
        ("select(2, 3, a < b)", "select ( 2 , 3 , a < b )"),
        ("array<i32, select(2,3,(a>b))>()", "array « i32 , select ( 2 , 3 , ( a > b ) ) » ( )"),
        ("A<B<C<D>>>", "A « B « C « D » » »"),
        ("a /* < /* > */ */ + b // <", "a + b"),
    ],
)
def test_template_lists(text: str, expected: str) -> None:
    assert words(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0", INTEGER), ("123u", INTEGER), ("0XfFi", INTEGER), ("1e5", FLOAT), (".5", FLOAT), ("1.", FLOAT),
        ("1f", FLOAT), ("0x1.8p3", FLOAT), ("0x.8p-2h", FLOAT), ("0x1p4f", FLOAT), ("012", BAD), ("#", BAD),
        ("class", RESERVED), ("__x", RESERVED), ("größe", "identifier"), ("fn", "fn"), ("_", "_"), ("_a", "identifier"),
    ],
)  # fmt: skip
def test_one_token(text: str, kind: str) -> None:
    assert tokenize(text).kinds == [kind, END]


def test_offsets_survive_comments_and_strange_breaks() -> None:
    text = "a/*\n/**/*/b\u2028c // d\u2028e"
    tokens = tokenize(text, comments=True)
    assert [text[start] for start in tokens.starts[:-1]] == ["a", "b", "c", "e"]
    assert [text[span.start : span.end] for span in tokens.comments] == ["/*\n/**/*/", "// d"]


def test_unterminated_comment_is_one_bad_token() -> None:
    tokens = tokenize("a /* b")
    assert list(zip(tokens.kinds, tokens.texts, tokens.starts, strict=True))[1] == (BAD, "/*", 2)
    assert len(comment_spans("a /* b // c")) == 1


@given(st.text(alphabet="ab<>=&|()[];/*\n 1.x", max_size=60))
def test_tokens_are_in_order_and_inside(text: str) -> None:
    tokens = tokenize(text)
    edge = 0
    for word, start in zip(tokens.texts, tokens.starts, strict=True):
        assert start >= edge and text.startswith(word, start)
        edge = start + len(word)
    assert tokens.kinds[-1] == END and tokens.starts[-1] == len(text)


def test_signs_that_end_two_template_lists_are_split_all_at_once() -> None:
    """What moved all tokens behind for each of them would not come to its end here."""
    n = 150_000
    tokens = tokenize("a<b<c>>" * n)
    assert tokens.kinds.count(TEMPLATE_CLOSE) == tokens.kinds.count(TEMPLATE_OPEN) == 2 * n
    assert tokens.starts[-2:] == [7 * n - 1, 7 * n]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("a<b<c>>=d", ["a", "<", "b", "<", "c", ">", ">", "=", "d"]),
        ("a<b<c>>==d", ["a", "<", "b", "<", "c", ">", ">", "==", "d"]),
        ("a<b>== d", ["a", "<", "b", ">", "==", "d"]),
        ("a<b>= =d", ["a", "<", "b", ">", "=", "=", "d"]),
        ("a<b>>c", ["a", "<", "b", ">", ">", "c"]),
        ("a>>=b<c>>d", ["a", ">>=", "b", "<", "c", ">", ">", "d"]),
    ],
)
def test_signs_that_begin_with_the_end_of_a_list(text: str, texts: list[str]) -> None:
    assert tokenize(text).texts[:-1] == texts
