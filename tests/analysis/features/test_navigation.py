"""Definition, type definition, references and highlights, as places: `$0` is the cursor, and «» stand round what the
answer names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.analysis.fixture import CONFIG, Project, absolute
from wgsl_ls.analysis.features.navigation import definitions, highlight_steps, references, type_definitions
from wgsl_ls.analysis.index import NameIndex
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import finished

ONE: Mapping[str, Sequence[str]] = {"v": ["N=4"]}


def index_of(project: Project) -> NameIndex:
    return NameIndex(project.front_end)


def test_an_include_leads_to_the_beginning_of_its_file() -> None:
    project = Project.of({"a.wgsl": '#include "c$0.tmpl"\n', "c.tmpl": "const c = 1;\n"}, ONE)
    assert definitions(project.cursor(), index_of(project)) == [Location(absolute("c.tmpl"), Span(0, 0))]
    project = Project.of({"a.wgsl": '#include "none$0.tmpl"\n'}, ONE)
    assert definitions(project.cursor(), index_of(project)) == []


def test_a_macro_of_a_variant_leads_to_its_declaration() -> None:
    config = '[[shader]]\nfiles = ["a.wgsl"]\n[[shader.variant]]\nname = "v"\ndefines = ["N=4"]\n'
    project = Project.of({"a.wgsl": "const m = N$0;\n", CONFIG: config})
    (found,) = definitions(project.cursor(), index_of(project))
    assert found.path == absolute(CONFIG) and project.shown(found).startswith("wgsl-ls.toml:3:")


MACROS = {
    "that of the branch first, where the active variant leaves it out": (
        "#define M 0\n#ifdef A\n#undef M\n#define M 1\nconst a = M$0;\n#endif\n", [4, 1],
    ),
    "in a directive as well": ("#ifdef A\n#define M 1\n#if M$0\n#endif\n#else\n#define M 2\n#endif\n", [2, 6]),
    "that of the active variant first": (
        "#ifdef A\n#define M 1\n#else\n#define M 2\n#endif\nconst a = M$0;\n", [4, 2],
    ),
    "where no variant has the code": ("#define M 1\n#ifdef NEVER\nconst a = M$0;\n#endif\n", [1]),
    "every one of the file, the nearest first": (
        "#define M 1\nconst a = M$0;\n#ifdef A\n#define M 2\n#endif\n", [1, 4],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "lines"), MACROS.values(), ids=MACROS)
def test_definitions_of_a_macro(text: str, lines: list[int]) -> None:
    project = Project.of(text, {"plain": [], "a": ["A"]})
    found = definitions(project.cursor(), index_of(project))
    assert [project.shown(one) for one in found] == [f"a.wgsl:{line}:9 'M'" for line in lines]


UNUSED = """const c = 1;
#ifdef NEVER
var<private> «sums»: array<u32, 4>;
fn f(n: u32) -> u32 { let c = «sums»[n]; return «su$0ms»[0] + c; }
#endif
fn g() -> u32 { return c; }
"""


def test_what_no_variant_uses_is_answered_as_the_file_has_it() -> None:
    project = Project.of(UNUSED, ONE)
    cursor, index, words = project.cursor(), index_of(project), sorted(project.words)
    assert definitions(cursor, index) == words[:1]
    assert references(cursor, index, [absolute("a.wgsl")]) == words
    shown = finished(highlight_steps(cursor, index, [absolute("a.wgsl")]))
    assert [(one.span, one.kind) for one in shown] == [
        (word.span, "read" if number else "write") for number, word in enumerate(words)
    ]
    local, of_module = (definitions(project.cursor_at("c; }", nth=one), index) for one in (0, 1))
    assert local != of_module
    assert definitions(project.cursor_at("u32, 4"), index) == []


def test_a_name_that_other_roots_declare_too_is_first_that_of_its_own() -> None:
    header = {"c.tmpl": "fn f() -> u32 { return n$0; }\n"}
    files = dict.fromkeys(("a.wgsl", "b.wgsl"), 'const n = 1;\n#include "c.tmpl"\n')
    project = Project.of({**files, **header}, ONE)
    found = definitions(project.cursor(), index_of(project))
    assert [one.path for one in found] == [absolute("a.wgsl"), absolute("b.wgsl")]


@pytest.mark.parametrize(
    "text",
    [
        "struct «S» { a: f32 }\nalias T = S;\nfn f(s$0: T) {}\n",
        "struct «S» { a: f32 }\nfn f(s$0: S) {}\n",
        "struct «S» { a: f32 }\nfn f(s: S) -> f32 { return s$0.a; }\n",
        "struct «S» { a: f32 }\nvar<private> s: array<S, 4>;\nfn f() { _ = s$0[1].a; }\n",
        "struct «S» { a: f32 }\nvar<private> s: array<S, 4>;\nfn f() { _ = s[1]$0.a; }\n",
        "fn f(s$0: u32) {}\n",
        "#ifdef NEVER\nstruct S { a: f32 }\nfn f(s$0: S) {}\n#endif\n",
    ],
)
def test_type_definition(text: str) -> None:
    project = Project.of(text, ONE)
    assert set(type_definitions(project.cursor())) == project.words


REFERENCES = {
    "a macro, without its #define": (
        {"a.wgsl": "#define M 1\n#if «M» && defined(«M»)\nconst a = «M$0»; // «M», MM, M2, 2M\n#endif\n#undef «M»\n"},
        False,
    ),
    "a macro and the name of a file": (
        {"a.wgsl": '#include "M.tmpl"\n#define «M$0» 1\nconst a = «M»;\n', "M.tmpl": "const b = «M»;\n"},
        True,
    ),
    "a macro in the configuration, but not in its comments": (
        {
            "a.wgsl": "const a = «N$0»;\n",
            CONFIG: '# N is the size\n[[shader]]\nfiles = ["a.wgsl"]\ndefines = ["«N»=1", "X=#«N»"] # N\n',
        },
        True,
    ),
    "a name, without its declarations": (
        {"a.wgsl": "#ifdef A\nconst n = 1;\n#else\nconst n = 2;\n#endif\nconst m = «n» + «n$0»;\n"},
        False,
    ),
}


@pytest.mark.parametrize(("files", "with_declaration"), REFERENCES.values(), ids=REFERENCES)
def test_references(files: Mapping[str, str], with_declaration: bool) -> None:
    project = Project.of(files, {"plain": [], "a": ["A"]})
    found = references(project.cursor(), index_of(project), [absolute("a.wgsl")], with_declaration)
    assert set(found) == project.words


HIGHLIGHTS = {
    "a conditional": (
        "#if N$0 > 1\n#ifdef X\n#endif\n#endif\n",
        "r N",
    ),
    "its directives": ("#$0if N > 1\n#ifdef X\n#endif\n#elif N\n#else\n#endif\n", "t #if, t #elif, t #else, t #endif"),
    "a macro": ("#define M 1\nconst a = M$0;\n#undef M\n", "w M, r M, r M"),
    "a name": ("const a$0 = 1;\nconst b = a;\n", "w a, r a"),
    "a name in other branches": (
        "#ifdef X\nconst a = 1;\n#else\nconst a = 2;\n#endif\nconst b = a$0;\n", "w a, w a, r a",
    ),
    "nothing": ("const a = 1; $0 // a\n", ""),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HIGHLIGHTS.values(), ids=HIGHLIGHTS)
def test_highlights(text: str, expected: str) -> None:
    project = Project.of(text, {"v": ["N=4"], "x": ["N=4", "X"]})
    found = finished(highlight_steps(project.cursor(), index_of(project), [absolute("a.wgsl")]))
    plain = project.text()
    assert ", ".join(f"{one.kind[0]} {plain[one.span.start : one.span.end]}" for one in found) == expected
