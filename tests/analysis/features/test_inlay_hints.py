"""Inlay hints, shown inside the text as `«label»`."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.features.inlay_hints import HintKind, inlay_hints
from wgsl_ls.text.span import Span

KINDS = {"f16": ["K=f16", "N=8"], "f32": ["K=f32", "N=16"], "quant": ["K=f32", "QUANT", "N=8"]}


def with_hints(project: Project, kind: HintKind, name: str = "a.wgsl") -> str:
    text = project.text(name)
    hints = inlay_hints(project.cursor_in(name, 0), Span(0, len(text)), frozenset([kind]))
    for hint in reversed(hints):
        text = f"{text[: hint.offset]}«{hint.label}»{text[hint.offset :]}"
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fn f() { let a = 1u; }", "fn f() { let a«: u32» = 1u; }"),
        ("fn f() { var a = vec2(1.0); }", "fn f() { var a«: vec2<f32>» = vec2(1.0); }"),
        ("fn f() { let a = vec2<f32>(1.0); }", "fn f() { let a = vec2<f32>(1.0); }"),
        ("fn f() { let a: u32 = 1; }", "fn f() { let a: u32 = 1; }"),
        ("const a = 4 * N;", "const a = 4 * N;"),
        ("const a = 4u * N;", "const a«: u32» = 4u * N;"),
        ("#define NAME a\nfn f() { let NAME = 1; }", "#define NAME a\nfn f() { let NAME = 1; }"),
        ("#ifdef QUANT\nfn f() { let a = 1; }\n#endif", "#ifdef QUANT\nfn f() { let a = 1; }\n#endif"),
    ],
)
def test_types(text: str, expected: str) -> None:
    assert with_hints(Project.of(text, variants=KINDS), "types") == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("g(1.0, 2.0)", "g(«scale:»1.0, «offset:»2.0)"),
        ("g(scale, p.offset)", "g(scale, p.offset)"),
        ("g(my_scale, q_offset + 1)", "g(my_scale, q_offset + 1)"),
        ("g(K(1.0), N)", "g(K(1.0), N)"),
        ("g(sca, of)", "g(sca, «offset:»of)"),
        ("S(1.0, 2)", "S(«first:»1.0, «second:»2)"),
        ("max(1.0, 2.0)", "max(1.0, 2.0)"),
        ("h(1.0, 2.0)", "h(1.0, «by:»2.0)"),
        ("h(1.0, by)", "h(1.0, by)"),
        ("missing(1.0, 2.0)", "missing(1.0, 2.0)"),
    ],
)
def test_parameters(call: str, expected: str) -> None:
    head = "struct S { first: f32, second: u32 }\nfn g(scale: f32, offset: f32) -> f32 { return 1.0; }\n"
    head += "fn h(x: f32, by: f32) -> f32 { return 1.0; }\n"
    found = with_hints(Project.of(f"{head}fn f() {{ let x = {call}; }}", variants=KINDS), "parameters")
    assert found.splitlines()[-1] == f"fn f() {{ let x = {expected}; }}"


def test_struct_offsets() -> None:
    found = with_hints(Project.of("struct S {\n  a: f32,\n  b: vec3<f32>,\n}\n"), "struct_offsets")
    assert found == "struct S {\n  a: f32«offset 0»,\n  b: vec3<f32>«offset 16»,\n}\n"


def test_a_member_out_of_a_macro_has_no_place_for_a_hint() -> None:
    text = "#define MORE b: f32, c: f32\nstruct S { a: f32, MORE, d: f32 }\n"
    found = with_hints(Project.of(text), "struct_offsets")
    assert found == text.replace("a: f32,", "a: f32«offset 0»,").replace("d: f32 }", "d: f32«offset 12» }")


def test_macro_values_of_macros_from_elsewhere() -> None:
    text = "#define OWN 4\nconst a = N * N + OWN; // N\nconst b: K = N;\n"
    found = with_hints(Project.of(text, variants=KINDS), "macro_values")
    assert found == "#define OWN 4\nconst a = N«= 8» * N + OWN; // N\nconst b: K«= f16» = N;\n"
    for n_lines, again in ((15, ""), (16, "«= 8»")):
        text = "const a = N;" + "\n" * n_lines + "const b = N;"
        found = with_hints(Project.of(text, variants=KINDS), "macro_values")
        assert found == text.replace("a = N", "a = N«= 8»").replace("b = N", f"b = N{again}")
    for value in ("1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10", "LONG"):
        text = '#include "c.tmpl"\nconst a = LONG;\n'
        files = {"a.wgsl": text, "c.tmpl": f"#define LONG {value}\n"}
        assert with_hints(Project.of(files), "macro_values") == text, "what is long, and what never ends"
    text = "// N\nconst a = 1; // N\n/* K */\n"
    assert with_hints(Project.of(text, variants=KINDS), "macro_values") == text


def test_conditions() -> None:
    text = "#if N == 8\nconst a = 1;\n#elif defined(QUANT)\n#else\n#endif\n"
    found = with_hints(Project.of(text, variants=KINDS), "conditions")
    assert found.splitlines()[::2] == [
        "#if N == 8«true in 2/3»",
        "#elif defined(QUANT)«true in 0/3»",
        "#endif",
    ]
    assert "#else«taken in 1/3»" in found
    assert with_hints(Project.of("#ifdef A\n#endif\n"), "conditions") == "#ifdef A«not taken»\n#endif\n"


def test_a_tooltip_says_what_a_label_leaves_out() -> None:
    text = "#if N == 8\n#ifdef QUANT\n#endif\n#endif\n"
    text += "fn f() { let a = array(array(array(array(vec4(1u))))); let b = 1u; }\n"
    found = inlay_hints(Project.of(text, variants=KINDS).cursor_in("a.wgsl", 0), Span(0, len(text)))
    assert [(hint.label, hint.tooltip) for hint in found] == [
        ("true in 2/3", ""),
        ("true in 1/3", "the code round it is inactive in 1 of 3 variants"),
        (": array<array<array<array<vec4<u32>, 1>...", "array<array<array<array<vec4<u32>, 1>, 1>, 1>, 1>"),
        (": u32", ""),
    ]


@pytest.mark.parametrize(("n_letters", "cut"), [(33, False), (34, True)])
def test_a_type_of_forty_characters_is_shown_whole(n_letters: int, cut: bool) -> None:
    name = "S" * n_letters
    text = f"struct {name} {{ a: f32 }}\nfn f(p: array<{name}>) {{ let q = p; }}\n"
    kind = f"array<{name}>"
    shown = kind[:37] + "..." if cut else kind
    assert f"let q«: {shown}» = p" in with_hints(Project.of(text), "types")


def test_long_groups_are_labelled_at_their_end() -> None:
    body = "const a = 1;\n" * 8
    text = f"#if N == 8\n#ifdef K\n#endif\n{body}#endif\n"
    found = with_hints(Project.of(text, variants=KINDS), "endif_labels")
    assert found == f"#if N == 8\n#ifdef K\n#endif\n{body}#endif«// #if N == 8»\n"
    commented = text.replace("#endif\n", "#endif // N\n")
    assert with_hints(Project.of(commented, variants=KINDS), "endif_labels") == commented


def test_an_include_file_is_seen_through_its_reading() -> None:
    files = {"a.wgsl": '#define T u32\n#include "b.tmpl"\n', "b.tmpl": "const x = T(4);\n"}
    assert with_hints(Project.of(files), "types", "b.tmpl") == "const x = T(4);\n"
    files["b.tmpl"] = "const x = T(4) + 1;\n"
    assert with_hints(Project.of(files), "types", "b.tmpl") == "const x«: u32» = T(4) + 1;\n"


def test_only_what_is_asked_for() -> None:
    project = Project.of("const a = 1u;\nconst b = 2u;\n")
    hints = inlay_hints(project.cursor_in("a.wgsl", 0), Span(14, 27))
    assert [hint.label for hint in hints] == [": u32"]
    assert inlay_hints(project.cursor_in("a.wgsl", 0), Span(0, 27), frozenset()) == []
