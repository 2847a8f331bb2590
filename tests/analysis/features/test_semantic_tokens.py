"""Semantic tokens, shown as `word:type.modifier`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.fixture import Project
from wgsl_ls.analysis.features.semantic_tokens import (
    MODIFIERS_LEGEND,
    TYPES_LEGEND,
    difference,
    semantic_tokens,
)

KINDS = {"f16": ["K=f16", "N=8"], "quant": ["K=f32", "QUANT", "N=8"]}


def tokens(project: Project, name: str = "a.wgsl") -> list[str]:
    text = project.text(name)
    found = semantic_tokens(project.cursor_in(name, 0))
    for before, after in zip(found, found[1:], strict=False):  # noqa: RUF007
        assert before.start + before.length <= after.start
    for token in found:
        assert token.type in TYPES_LEGEND
        assert token.modifiers <= set(MODIFIERS_LEGEND)
        assert "\n" not in text[token.start : token.start + token.length]
    return [
        ".".join((f"{text[one.start : one.start + one.length]}:{one.type}", *sorted(one.modifiers))) for one in found
    ]


def test_names_of_code() -> None:
    text = "struct S { a: f32 }\nfn f(p: S) -> f32 { let b = max(p.a, 1.0); var c = b; return c; }\n"
    assert tokens(Project.of(text)) == [
        "struct:keyword", "S:struct.declaration", "a:property.declaration", "f32:type.defaultLibrary",
        "fn:keyword", "f:function.declaration", "p:parameter.declaration.readonly", "S:struct",
        "f32:type.defaultLibrary", "let:keyword", "b:variable.declaration.readonly", "max:function.defaultLibrary",
        "p:parameter.readonly", "a:property", "1.0:number", "var:keyword", "c:variable.declaration",
        "b:variable.readonly", "return:keyword", "c:variable",
    ]  # fmt: skip


def test_directives_and_macros() -> None:
    text = '#define M N * 2u // m\n#if defined(QUANT) || N >= 4\n#include "b.tmpl"\n#endif\nconst a = M + K(1);\n'
    found = tokens(Project.of({"a.wgsl": text, "b.tmpl": "\n"}, variants=KINDS))
    assert found == [
        "#define:keyword.directive", "M:macro.definition", "N:variable", "2u:number",
        "#if:keyword.directive", "defined:operator", "QUANT:macro", "||:operator", "N:macro", ">=:operator",
        "4:number", "#include:keyword.directive", "b.tmpl:string", "#endif:keyword.directive",
        "const:keyword", "a:variable.declaration.readonly", "M:macro", "K:macro", "1:number",
    ]  # fmt: skip


def test_a_name_that_nothing_declares_is_what_its_neighbours_say() -> None:
    found = tokens(Project.of("#define M max(later, max) + f(1)\nconst a = later(1) + other;\n"))
    assert found[2:8] == [
        "max:function.defaultLibrary", "later:variable", "max:variable", "f:function", "1:number", "const:keyword",
    ]  # fmt: skip
    assert found[9:] == ["later:function", "1:number", "other:variable"]


def test_a_word_of_wgsl_in_a_value_is_of_its_library() -> None:
    found = tokens(Project.of("#define A @size(4) @sized(4) a.size u32 read position f16 max(size) max\n"))
    assert found[2:] == [
        "size:decorator.defaultLibrary", "4:number", "sized:decorator", "4:number", "a:variable", "size:property",
        "u32:type.defaultLibrary", "read:enumMember.defaultLibrary", "position:enumMember.defaultLibrary",
        "f16:type.defaultLibrary", "max:function.defaultLibrary", "size:variable", "max:variable",
    ]  # fmt: skip


def test_what_a_macro_becomes_gives_no_colour_to_what_stands_behind_its_name() -> None:
    found = tokens(Project.of("#define P n+g()\nconst a = P.yy;\nconst n = 1;\nfn g() {}\n"))
    assert found[found.index("P:macro", 3) :][:2] == ["P:macro", "yy:property"]


def test_inactive_code_has_names_and_the_modifier() -> None:
    text = "#ifdef QUANT\nfn f(p: f32) -> f32 { return p; }\n#endif\n"
    assert tokens(Project.of(text, variants=KINDS)) == [
        "#ifdef:keyword.directive", "QUANT:macro", "fn:keyword.inactive", "f:function.declaration.inactive",
        "p:parameter.declaration.inactive.readonly", "f32:type.defaultLibrary.inactive",
        "f32:type.defaultLibrary.inactive", "return:keyword.inactive", "p:parameter.inactive.readonly",
        "#endif:keyword.directive",
    ]  # fmt: skip


def test_attributes_and_enumerants() -> None:
    text = "enable f16;\n@group(0) @binding(1) var<storage, read> b: array<u32>;\n"
    assert tokens(Project.of(text)) == [
        "enable:keyword", "f16:type.defaultLibrary", "group:decorator.defaultLibrary", "0:number",
        "binding:decorator.defaultLibrary", "1:number", "var:keyword", "storage:enumMember.defaultLibrary",
        "read:enumMember.defaultLibrary", "b:variable.declaration.readonly", "array:type.defaultLibrary",
        "u32:type.defaultLibrary",
    ]  # fmt: skip


def test_an_include_file_has_the_names_of_its_reading() -> None:
    files = {"a.wgsl": '#define MAKE made\n#include "b.tmpl"\n', "b.tmpl": "fn MAKE() {}\nfn g() { MAKE(); made(); }\n"}
    assert tokens(Project.of(files), "b.tmpl") == [
        "fn:keyword", "MAKE:macro", "fn:keyword", "g:function.declaration", "MAKE:macro", "made:function",
    ]  # fmt: skip


def test_what_an_include_declares_is_what_it_is() -> None:
    files = {
        "a.wgsl": '#include "b.tmpl"\nconst a = Row(n, v);\nfn f() { v = n; }\n',
        "b.tmpl": "alias Row = vec2f;\nconst n = 1;\nvar<private> v: f32;\n",
    }
    assert tokens(Project.of(files))[4:] == [
        "Row:type", "n:variable.readonly", "v:variable", "fn:keyword", "f:function.declaration", "v:variable",
        "n:variable.readonly",
    ]  # fmt: skip


def test_what_a_macro_declares_is_known_at_the_beginning_of_a_branch() -> None:
    """Only the expansion knows it; names of an included file come before."""
    for n_before in range(4):
        header = "".join(f"const c{number} = 1;\n" for number in range(n_before))
        text = '#define NAME made\n#include "b.tmpl"\nconst NAME = 1;\nconst a =\n#ifndef NEVER\nmade;\n#endif\n'
        found = tokens(Project.of({"a.wgsl": text, "b.tmpl": header}))
        assert found[-2:] == ["made:variable.readonly", "#endif:keyword.directive"]


def test_a_directive_without_a_name_has_no_word_for_it() -> None:
    assert tokens(Project.of("#define\n#ifdef\n#undef \n#include\n#endif\n")) == [
        f"#{word}:keyword.directive" for word in ("define", "ifdef", "undef", "include", "endif")
    ]


def test_continued_directives_stay_on_their_lines() -> None:
    found = tokens(Project.of("#if N > 1 && \\\n    K\n#endif\n#define A 1 + \\\n  2\n", variants=KINDS))
    assert found[:6] == ["#if:keyword.directive", "N:macro", ">:operator", "1:number", "&&:operator", "K:macro"]
    assert found[-2:] == ["1:number", "2:number"]


@given(st.lists(st.integers(0, 3), max_size=12), st.lists(st.integers(0, 3), max_size=12))
def test_the_difference_makes_one_of_the_other(before: list[int], after: list[int]) -> None:
    made = list(before)
    for edit in difference(before, after):
        made[edit.start : edit.start + edit.n_deleted] = edit.data
    assert made == after
