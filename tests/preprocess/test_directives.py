"""Directive trees: spans, recovery, problems; all without variants."""

from __future__ import annotations

import pytest

from wgsl_ls.preprocess.dialect import GGML, PRE_WGSL, Dialect
from wgsl_ls.preprocess.directives import (
    CodeChunk,
    Conditional,
    Directive,
    DirectiveTree,
    NodeStore,
    parse_directives,
)
from wgsl_ls.text.span import Span


def tree_of(text: str, dialect: Dialect = GGML) -> DirectiveTree:
    return parse_directives(text, dialect)


def only(text: str, dialect: Dialect = GGML) -> tuple[int, Directive]:
    found = tree_of(text, dialect).directives()
    assert len(found) == 1
    return found[0]


def cut(text: str, offset: int, span: Span) -> str:
    return text[offset + span.start : offset + span.end]


def codes(text: str, dialect: Dialect = GGML) -> list[tuple[str, str, bool]]:
    """(rule, the text it points at, fatal) of every problem."""
    return [
        (problem.code.removeprefix("preprocess/"), text[problem.span.start : problem.span.end], problem.fatal)
        for problem in tree_of(text, dialect).problems
    ]


@pytest.mark.parametrize(
    ("text", "kind", "name", "value"),
    [
        ("#define A", "define", "A", ""),
        ("#define A 1", "define", "A", "1"),
        (" \t# \t define\vA\f1 2 \r", "define", "A", "1 2"),
        ("#define F(x) x", "define", "F(x)", "x"),
        ("#define", "define", "", ""),
        ("#undef A // why", "undef", "A", ""),
        ("#ifdef A", "ifdef", "A", ""),
        ("#ifndef  A", "ifndef", "A", ""),
        ('#include "a.tmpl"', "include", "a.tmpl", ""),
        ("#include a.tmpl", "include", "a.tmpl", ""),
        ("#include <a.tmpl>", "include", "<a.tmpl>", ""),
        ('#include "a b"', "include", '"a', ""),
        ('#include "', "include", '"', ""),
        ('#include ""', "include", "", ""),
        ("#include", "include", "", ""),
        ("#if A == 1", "if", "", ""),
        ("#elif A", "elif", "", ""),
        ("#else A", "else", "", ""),
        ("#endif // A", "endif", "", ""),
        ("#pragma once", "unknown", "", ""),
        ("#", "unknown", "", ""),
        ("##", "unknown", "", ""),
        ('#include"a"', "unknown", "", ""),
        ("#if(A)", "unknown", "", ""),
        ("#DEFINE A", "unknown", "", ""),
    ],
)
def test_forms(text: str, kind: str, name: str, value: str) -> None:
    for line in (text, text + "\n", "code\n" + text + "\ncode"):
        offset, directive = only(line)
        assert (directive.kind, directive.name, directive.value) == (kind, name, value)
        assert offset == (5 if line.startswith("code") else 0)
        assert cut(line, offset, directive.name_span) == name
        assert cut(line, offset, directive.value_span) == value
        assert cut(line, offset, directive.head_span) == text.strip(" \t\v\f\r")
        assert line[offset + directive.head_start] == "#"


@pytest.mark.parametrize("text", ["x # define A", "// #if", "", "\n\n", "\x00#define A", "é#", "\xa0#if 1"])
def test_a_directive_stands_first_in_its_line(text: str) -> None:
    assert tree_of(text).directives() == []


def test_expressions_have_their_place() -> None:
    text = "x\n  #if   A + (B \r\n#endif"
    offset, directive = tree_of(text).directives()[0]
    assert directive.condition is not None and directive.condition.text == "A + (B"
    assert cut(text, offset, directive.condition_span) == "A + (B"
    assert directive.condition.error_at is not None
    assert text[offset + directive.at(directive.condition_start + directive.condition.error_at)] == "("


# Continuation


def test_continued_lines_are_one_directive() -> None:
    text = "#define A 1 + \\\n  B + \\  \r\n\tC\nA\n"
    offset, directive = only(text)
    assert directive.value == "1 + \n  B + \n\tC"
    assert directive.text == text[: text.index("A\n")]
    assert text[directive.at(directive.logical.index("B"))] == "B"
    assert text[directive.at(directive.logical.index("C"))] == "C"
    assert cut(text, offset, directive.value_span) == text[text.index("1") : text.index("C") + 1]


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("#define A 1 \\", "define", ""),
        ("#define A 1 \\\n", "define", ""),
        ("#define A 1 \\\n\nx\n", "define", "x\n"),
        ("#\\\ndefine A 1\nx\n", "define", "x\n"),
        ("#def\\\nine A 1\nx\n", "unknown", "x\n"),
        ("#define A 1 \\\\\nx\ny\n", "define", "y\n"),
        ("#define A 1 \\\\\n\nx\ny\n", "define", "y\n"),
        ("#define A 1 \\\n#define B\nx\n", "define", "x\n"),
        ("#if 1 \\\n && 1\n#endif\n", "if", None),
    ],
)
def test_where_a_continued_directive_ends(text: str, kind: str, rest: str | None) -> None:
    tree = tree_of(text)
    offset, directive = tree.directives()[0]
    assert directive.kind == kind
    if rest is not None:
        assert text[offset + directive.length :] == rest


def test_an_empty_line_behind_two_backslashes_goes_on() -> None:
    text = "#define A a\\\\\n\nb\nc\n"
    _, directive = only(text)
    assert directive.value == "a\nb"
    assert text[directive.at(directive.logical.index("b"))] == "b"


def test_the_older_dialect_does_not_continue() -> None:
    text = "#define A 1 \\\nx\n"
    _, directive = only(text, PRE_WGSL)
    assert directive.value == "1 \\" and directive.length == len("#define A 1 \\\n")


# The tree


def test_conditionals_and_their_branches() -> None:
    text = "a\n#if A\nb\n#elif B\n#ifdef C\nc\n#endif\n#else\n#endif\nd\n"
    tree = tree_of(text)
    kinds = [(type(node).__name__, depth) for _, node, depth in tree.walk()]
    assert kinds == [
        ("CodeChunk", 0),
        ("Conditional", 0),
        ("Directive", 1),
        ("CodeChunk", 1),
        ("Directive", 1),
        ("Conditional", 1),
        ("Directive", 2),
        ("CodeChunk", 2),
        ("Directive", 2),
        ("Directive", 1),
        ("Directive", 1),
        ("CodeChunk", 0),
    ]
    for offset, node, _ in tree.walk():
        if isinstance(node, CodeChunk | Directive):
            assert text[offset : offset + node.length] == node.text
        else:
            assert text[offset:].startswith("#if") and text[: offset + node.length].endswith("#endif\n")
    assert tree.problems == ()


def test_what_the_tree_mentions() -> None:
    tree = tree_of("a b1\n#if 0\n#define A x\n#undef B\n#endif\nc 1u\n")
    assert tree.defined_names == {"A"} and tree.bodies == {"x"}
    assert tree.words == {"a", "b1", "c", "1u"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#endif\nx\n", [("endif-without-if", "#endif", True)]),
        ("#else\n", [("else-without-if", "#else", True)]),
        ("#elif 1\n", [("elif-without-if", "#elif", True)]),
        ("#if 1\nx\n", [("unclosed-conditional", "#if", True)]),
        ("#ifdef A\n# ifndef B\n#endif\n", [("unclosed-conditional", "#ifdef", True)]),
        ("#if 1\n#ifdef A\n", [("unclosed-conditional", "#ifdef", True), ("unclosed-conditional", "#if", True)]),
        ("#if 1\n#else\n#else\n#endif\n", [("branch-after-else", "#else", False)]),
        ("#if 1\n#else\n#elif 1\n#endif\n", [("branch-after-else", "#elif", False)]),
        ("#if 0\n#pragma x\n#endif\n", [("unknown-directive", "#pragma", True)]),
        (" # \nx\n", [("unknown-directive", "#", True)]),
        # A misspelt directive is one mistake, at both ends of its conditional.
        ("#if 1\n#edif\nx\n", [("unknown-directive", "#edif", True)]),
        ("#if 1\n#if 2\n#edif\n", [("unknown-directive", "#edif", True), ("unclosed-conditional", "#if", True)]),
        ("#ifdeff A\n#else\n#endif\n", [("unknown-directive", "#ifdeff", True)]),
        ("#ifdef A\n#elifdef B\n#endif\n", [("unknown-directive", "#elifdef", True)]),
        ("#if(1)\n#endif\n", [("unknown-directive", "#if(1)", True)]),
        ("#ifdef(A)\n#endif\n", [("unknown-directive", "#ifdef(A)", True)]),
        ("#ifdeff A\n#endif\n#endif\n", [("unknown-directive", "#ifdeff", True), ("endif-without-if", "#endif", True)]),
        ("#if(1)\n", [("unknown-directive", "#if(1)", True)]),
        ("#endif\n#else\n#if 1\n#endif\n", [("endif-without-if", "#endif", True), ("else-without-if", "#else", True)]),
    ],
)
def test_problems(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("#edif", "did you mean #endif?"),
        ("#elsif A", "did you mean #elif?"),
        ("#elifdef A", "did you mean #elif?"),
        ("#elseif A", "did you mean #elif?"),
        ("#ifdef(A)", "put a space between #ifdef and '('"),
        ("#if(A)", "put a space between #if and '('"),
        ("#pragma once", "unknown directive #pragma"),
    ],
)
def test_what_an_unknown_directive_was_meant_to_be(line: str, words: str) -> None:
    (problem,) = parse_directives(f"{line}\n", GGML).problems
    assert problem.message.endswith(words)


def test_undef_is_unknown_in_the_older_dialect() -> None:
    assert codes("#undef A\n", PRE_WGSL) == [("unknown-directive", "#undef", True)]
    assert codes("#undef A\n", GGML) == []


def test_reading_goes_on_behind_a_problem() -> None:
    text = "#endif\na\n#if 1\nb\n#endif\n#else\nc\n"
    tree = tree_of(text)
    assert [type(node).__name__ for _, node in tree.items] == [
        "Directive", "CodeChunk", "Conditional", "Directive", "CodeChunk",
    ]  # fmt: skip


# Sharing


def test_equal_text_is_the_same_node() -> None:
    store = NodeStore()
    before = parse_directives("a\n#if A\nb\n#endif\nc\n", GGML, store)
    after = parse_directives("new\n#define X\na\n#if A\nb\n#endif\nc changed\n", GGML, store)
    assert before.items[1][1] is after.items[3][1]
    assert isinstance(before.items[1][1], Conditional)
    assert parse_directives(before.text, GGML, store) is before
    assert parse_directives(before.text, PRE_WGSL, store) is not before


def test_an_edit_renews_only_the_nodes_on_the_way_to_it() -> None:
    store = NodeStore()
    text = "#if A\n#if B\nx\n#endif\n#if C\ny\n#endif\n#endif\n"
    before = parse_directives(text, GGML, store).items[0][1]
    after = parse_directives(text.replace("y", "z"), GGML, store).items[0][1]
    assert isinstance(before, Conditional) and isinstance(after, Conditional) and before is not after
    assert before.branches[0].items[0][1] is after.branches[0].items[0][1]
    assert before.branches[0].items[1][1] is not after.branches[0].items[1][1]


def test_a_store_that_is_too_heavy_begins_anew() -> None:
    store = NodeStore(limit=5_000)
    trees = [parse_directives(f"x{index}\n#if A\ny\n#endif\n", GGML, store) for index in range(100)]
    assert store.weight <= store.limit
    assert parse_directives(trees[0].text, GGML, store) is not trees[0]


def test_a_text_that_weighs_more_than_the_store_holds_is_cut_once() -> None:
    store = NodeStore(limit=5_000)
    text = "#if A\ny\n#endif\n" * 100 + "x" * 5_000
    tree = parse_directives(text, GGML, store)
    assert parse_directives(text, GGML, store) is tree
    parse_directives(text + "z", GGML, store)
    assert parse_directives(text, GGML, store) is not tree, "the next such takes its place"
