"""Completion at `$0`, on small projects."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.features.completion import asks_all_variants, complete, documentation_page
from wgsl_ls.analysis.features.completion_items import Completions, Suggestion
from wgsl_ls.analysis.features.rich_text import plain

KINDS = {"f16": ["K=f16", "N=8"], "f32": ["K=f32", "N=16"], "quant": ["K=f32", "QUANT", "N=8"]}


def completions(text: str | Project) -> Completions:
    project = text if isinstance(text, Project) else Project.of(text, variants=KINDS)
    found = complete(project.cursor())
    assert found is not None
    return found


def items(text: str | Project) -> dict[str, Suggestion]:
    return {item.label: item for item in completions(text).items if item.kind != "snippet"}


OFFERED: list[tuple[str, set[str], set[str]]] = [
    ("#$0\n", {"if", "ifdef", "endif", "include", "define", "undef"}, {"max"}),
    ("  # if$0\n", {"if", "ifdef", "elif"}, {"include"}),
    ("#ifdef $0\n", {"QUANT", "K", "N"}, {"max", "defined"}),
    ("#undef Q$0\n", {"QUANT"}, {"K"}),
    ("#if $0\n#endif\n", {"QUANT", "K", "N", "defined"}, {"max"}),
    ("#if defined($0)\n#endif\n", {"QUANT", "K"}, {"defined"}),
    ("#if N == $0\n#endif\n", {"8", "16", "QUANT"}, {"defined"}),
    ("#if defined(QUANT) && \\\n  N >= $0\n#endif\n", {"8", "16"}, set()),
    ("#define A ma$0\n", {"max", "mat2x2"}, {"defined"}),
    ("@$0\nfn f() {}\n", {"compute", "workgroup_size", "builtin"}, {"max"}),
    ("fn f(@builtin(loc$0) a: vec3u) {}\n", {"local_invocation_id"}, {"max"}),
    ("@compute @workgroup_size($0) fn f() {}\nconst SIZE = 4;\n", {"SIZE", "N"}, {"max"}),
    ("enable $0;\n", {"f16", "subgroups"}, {"max"}),
    ("enable f16, $0;\n", {"subgroups"}, {"f16"}),
    ("requires $0;\n", {"subgroup_id"}, {"f16"}),
    ("diagnostic($0\n", {"off", "error"}, {"max"}),
    ("diagnostic(off, $0\n", {"derivative_uniformity"}, {"off"}),
    ("@diagnostic($0) fn f() {}\n", {"off", "error"}, {"max"}),
    ("@diagnostic(off, $0) fn f() {}\n", {"derivative_uniformity"}, {"off", "max"}),
    ("var<$0\n", {"workgroup", "storage", "uniform"}, {"max"}),
    ("var<storage, $0\n", {"read", "read_write"}, {"storage"}),
    ("fn f(p: ptr<function, $0>) {}\nstruct S { a: f32 }\n", {"f32", "S"}, {"max"}),
    ("@group(0) @binding(0) var t: texture_storage_2d<r$0\n", {"rgba8unorm"}, {"read"}),
    ("struct S { a: f32 }\nfn f(a: $0) {}\n", {"S", "f32", "vec3", "K"}, {"max", "let"}),
    ("struct S { a: f32 }\nfn f() -> $0 {}\n", {"S", "f32"}, {"max"}),
    ("var<private> a: array<$0>;\n", {"f32", "vec4"}, {"max"}),
    ("fn f(a: vec3f) { let b = a.$0; }\n", {"x", "xy", "xyz", "r"}, {"w", "max"}),
    ("struct S { one: f32, two: u32 }\nfn f(s: S) { let b = s.$0\n let c = 1; }\n", {"one", "two"}, {"x"}),
    ("struct S { one: f32 }\nvar<private> s: array<S, 4>;\nfn f() { s[1].$0 }\n", {"one"}, {"max"}),
    ("struct S { one: f32 }\nfn f(p: ptr<function, S>) { (*p).$0; }\n", {"one"}, set()),
    ("struct S { one: f32 }\nfn f(s: S) { let a = max(s.$0, 1.0); }\n", {"one"}, set()),
    (
        "fn f(outer: f32) { { let hidden = 1; } let near = 2; $0 }\n",
        {"outer", "near", "f", "max", "let"},
        {"hidden"},
    ),
    ("fn f(a: u32) { { let hidden = 1; } $0 }\n", {"a"}, {"hidden"}),
    ("fn f() { let near = 1; let own = $0; }\n", {"near"}, {"own"}),
    ("fn f() { let own_too = 1; let own = ow$0; }\n", {"own_too"}, {"own"}),
    ("fn f() { let near = 1; let own = near + $0\n b = 1; }\n", {"near"}, {"own"}),
    ("fn f() { let own = 1; $0 }\n", {"own"}, set()),
    ("fn f() { for (var i = 0; i$0", {"i"}, set()),
    ("const later = 1;\nfn g() {}\nfn f() { la$0 }\n", {"later"}, {"g"}),
    ("fn f() { let x = N$0; }\n", {"N"}, {"QUANT"}),
    ("$0\n", {"fn", "struct", "enable", "override"}, {"for", "let"}),
    ("fn f() { let a = 1; \n  re$0\n", {"return"}, {"struct"}),
    ("fn f() {}$0\n", {"struct"}, {"let"}),
    ("const a = 1;\nfn f($0) {}\n", set(), {"let", "return"}),
    ("const a = 1;\n$0\nfn f() {}\n", {"struct"}, {"let"}),
    ("#ifdef NEVER\nfn f(a: $0) {}\n#endif\n", {"f32"}, {"max"}),
    ("fn f(@builtin(position, $0 a: vec4f) {}\n", {"less"}, {"position"}),
    ("struct S { @location(0) @interpolate($0 }\n", {"flat", "linear"}, {"max", "centroid"}),
    ("struct S { @location(0) @interpolate(flat, $0 }\n", {"either", "centroid"}, {"max", "flat"}),
    ("fn f(a: f32) { let x = a < $0; }\n", {"a", "max"}, set()),
    ("fn f(p: ptr<$0>) {}\n", {"function", "storage"}, {"read", "f32"}),
    ("fn f(p: ptr<storage, f32, $0>) {}\n", {"read_write"}, {"storage", "f32"}),
    ("var<private> a: array<f32, $0>;\nconst SIZE = 4;\n", {"SIZE", "max"}, set()),
    ("@group(0) @binding(0) var t: texture_storage_2d<r32float, $0\n", {"read", "write"}, {"rgba8unorm"}),
    ("alias A = f32;\nstruct S { a: A }\nfn f() -> $0 {}\n", {"A", "S"}, {"max"}),
    ("struct S { a: f32 }\nfn f() { $0 }\n", {"S"}, set()),
    ("struct S { one: f32 }\nfn f(p: ptr<function, S>) { p.$0; }\n", {"one"}, set()),
    ("fn f(v: ptr<function, vec2f>) { let a = v.$0; }\n", {"x", "xy"}, {"z"}),
    ("#ifdef NEVER\nstruct S { one: f32 }\nfn f(p: S) { let q = p.$0; }\n#endif\n", {"one"}, set()),
]


@pytest.mark.parametrize(("text", "expected", "unexpected"), OFFERED)
def test_what_is_offered(text: str, expected: set[str], unexpected: set[str]) -> None:
    found = set(items(text))
    assert expected <= found
    assert not unexpected & found


@pytest.mark.parametrize(
    "text",
    [
        "// ma$0\n",
        "/* ma$0 */\n",
        "fn f() { let a = 12$0; }\n",
        "fn f() { let a = 1u$0; }\n",
        "/*$0 ma */\n",
        "/* ma *$0/\n",
        "// ma$0",
    ],
)
def test_nothing_in_comments_and_numbers(text: str) -> None:
    assert complete(Project.of(text).cursor()) is None


@pytest.mark.parametrize("text", ["fn $0", "fn f() { let a = 1.$0; }\n", "fn f() { var $0 }\n"])
def test_no_items_for_new_names_and_behind_numbers(text: str) -> None:
    assert completions(text).items == ()


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("const a = 1;\n#if $0\n#endif\n", True),
        ("const a = 1;\n#if N && \\\n  $0\n#endif\n", True),
        ("#ifdef NEVER\nconst a = $0;\n#endif\n", True),
        ("#define A\nconst a = $0;\n", False),
        ("$0\nconst a = 1; // \\\n", False),
    ],
)
def test_all_variants_are_asked_in_directives_and_inactive_code(text: str, asks: bool) -> None:
    assert asks_all_variants(Project.of(text, variants=KINDS).cursor()) is asks


def test_a_comment_begins_behind_its_two_signs() -> None:
    assert "const" in items("const a = 1;\n/$0* b */\n") and "const" in items("/* b */$0\n")


def test_the_first_line_has_none_before_it() -> None:
    """Not even where the last one ends with a backslash."""
    assert "const" in items("co$0\nconst a = 1; // \\\n")


def test_attributes_bring_parentheses_where_they_take_something() -> None:
    found = items("@$0\nfn f() {}\n")
    assert {name: found[name].text for name in ("compute", "align", "workgroup_size", "must_use")} == {
        "compute": "compute", "align": "align($0)", "workgroup_size": "workgroup_size($0)", "must_use": "must_use",
    }  # fmt: skip


def test_a_function_of_ones_own_tells_its_types() -> None:
    found = items("fn none() {}\nfn some(a: u32, b: nothing) -> f32 { return 1.0; }\nfn f() { $0 }\n")
    assert [found[name].detail for name in ("none", "some")] == ["fn()", "fn(a: u32, b: ?) -> f32"]


def test_includes_with_and_without_quotes() -> None:
    files = {"a.wgsl": '#include "$0\n', "b.tmpl": "", "lib/c.tmpl": ""}
    found = items(Project.of(files))
    assert found["b.tmpl"].text == 'b.tmpl"'
    found = items(Project.of({**files, "a.wgsl": '#include "b$0"\n'}))
    assert found["b.tmpl"].text == "b.tmpl"
    found = items(Project.of({**files, "a.wgsl": "#include $0\n"}))
    assert found["b.tmpl"].text == '"b.tmpl"'


def test_the_whole_word_is_replaced() -> None:
    project = Project.of("fn f(value: f32) { let a = va$0lue; }\n")
    found = completions(project)
    assert project.text()[found.span.start : found.span.end] == "value"
    assert found.prefix == "va"
    for text in ("fn f(value: f32) { let a = $0value; }\n", "#ifdef $0value\n#endif\n"):
        found = completions(text)
        assert (len(found.span), found.prefix) == (0, ""), "nothing of the word behind the cursor is typed"


def test_the_whole_path_of_an_include_is_replaced() -> None:
    project = Project.of({"a.wgsl": '#include "b$0.tmpl"\n', "b.tmpl": "", "bc.tmpl": ""})
    found = completions(project)
    assert project.text()[found.span.start : found.span.end] == "b.tmpl"


def test_functions_bring_their_parentheses_unless_they_are_there() -> None:
    assert items("fn f() { let a = ma$0; }\n")["max"].text == "max($0)"
    assert items("fn f() { let a = ma$0(1, 2); }\n")["max"].text == "max"
    details = {name: one.detail for name, one in items("fn f() { let a = $0; }\n").items()}
    assert details["dpdx"].endswith(" (+1)") and "(+" not in details["arrayLength"]
    assert items("fn none() {}\nfn f() { no$0 }\n")["none"].text == "none()"


def test_members_come_in_the_order_of_the_struct_and_locals_first() -> None:
    found = items("fn f(a: f32) { let b = $0; }\nconst c = 1;\n")
    assert found["a"].order < found["c"].order < found["f"].order < found["N"].order < found["max"].order


def test_details_of_the_components_of_a_vector() -> None:
    found = items("fn f(a: vec3h) { let b = a.$0; }\n")
    assert {name: found[name].detail for name in ("x", "b", "xy", "gb", "rgb")} == {
        "x": "f16", "b": "f16", "xy": "vec2<f16>", "gb": "vec2<f16>", "rgb": "vec3<f16>",
    }  # fmt: skip
    assert ordered("fn f(a: vec3h) { let b = a.$0; }\n") == [
        "x",
        "y",
        "z",
        "xy",
        "yz",
        "xyz",
        "r",
        "g",
        "b",
        "rg",
        "gb",
        "rgb",
    ]


def test_what_only_dawn_knows_comes_behind_and_says_so() -> None:
    found = items("enable $0;\n")
    assert found["f16"].order < found["chromium_experimental_subgroup_matrix"].order
    assert (found["f16"].detail, found["chromium_experimental_subgroup_matrix"].detail) == ("", "Dawn only")


def test_snippets_fit_the_place() -> None:
    inside = {item.label for item in completions("fn f() { $0 }\n").items if item.kind == "snippet"}
    outside = {item.label for item in completions("$0\n").items if item.kind == "snippet"}
    assert "for" in inside
    assert "compute" in outside
    assert not inside & outside


def test_inactive_code_is_completed_in_a_variant_that_uses_it() -> None:
    found = items("#ifdef QUANT\nconst secret = 1;\nfn f(only: f32) { on$0 }\n#endif\n")
    assert found["only"].detail == "f32"


def test_a_pre_wgsl_dialect_has_no_undef() -> None:
    from wgsl_ls.preprocess.dialect import PRE_WGSL

    assert "undef" not in items(Project.of("#$0\n", dialect=PRE_WGSL))


@pytest.mark.parametrize(
    ("source", "label", "expected"),
    [
        ("builtin", "max", "fn max"),
        ("builtin", "for", "loop"),
        ("macro", "N", "#define N 8"),
        ("symbol", "near", "let near: i32"),
        ("symbol", "f", "Says f."),
        ("attribute", "compute", "@compute"),
        ("builtin value", "workgroup_id", "vec3<u32>"),
        ("enable", "f16", "shader-f16"),
        ("directive", "undef", "Takes a macro away"),
        ("symbol", "gone", ""),
    ],
)
def test_documentation(source: str, label: str, expected: str) -> None:
    project = Project.of("// Says f.\nfn f() { let near = 1; ne$0 }\n", variants=KINDS)
    words = plain(documentation_page(project.cursor(), source, label).text)
    assert expected in words
    assert bool(expected) == bool(words)


@pytest.mark.parametrize(
    ("text", "trigger", "answers"),
    [
        ("fn f() { let a = max($0 }\n", "(", False),
        ("fn f(@builtin($0 a: vec3u) {}\n", "(", True),
        ("#if defined($0\n#endif\n", "(", True),
        ("fn f() { let a = 1 <$0 }\n", "<", False),
        ("fn f() { let a = vec3<$0 }\n", "<", True),
        ('#include "$0\n', '"', True),
        ("#$0\n", "#", True),
        ("fn f(a: vec2f) { a.$0 }\n", ".", True),
    ],
)
def test_trigger_characters_count_only_where_they_begin_something(text: str, trigger: str, answers: bool) -> None:
    found = complete(Project.of(text, variants=KINDS).cursor(), trigger)
    assert (found is not None) == answers


def ordered(text: str | Project, at_most: int = 9) -> list[str]:
    """Labels as an editor lists them, up to this order."""
    found = [item for item in completions(text).items if item.order <= at_most]
    return [item.label for item in sorted(found, key=lambda item: item.sort_text)]


def test_the_values_that_a_macro_has_come_first() -> None:
    assert ordered("#if N == $0\n#endif\n") == ["8", "16", "K", "N", "QUANT"]
    text = "#ifdef QUANT\n#define M 3\n#else\n#define M 20\n#endif\n#if M == $0\n#endif\n"
    found = items(Project.of(text, variants={**KINDS, "given": ["M=3"], "other": ["M=3"]}))
    assert found["3"].detail == "M in 3 of 5 variants" and found["3"].sort_text < found["20"].sort_text


def test_headers_come_before_shaders_and_never_the_file_itself() -> None:
    files = {"a.wgsl": '#include "$0\n', "b.wgsl": "", "z.tmpl": "", "sub/y.tmpl": ""}
    assert ordered(Project.of(files)) == ["sub/y.tmpl", "z.tmpl", "b.wgsl"]
    files = {"a.wgsl": '#include "sub/y.tmpl"\n', "z.tmpl": "", "sub/y.tmpl": '#include "$0\n'}
    assert ordered(Project.of(files)) == ["z.tmpl"]


def test_directives_with_something_to_fill_in_are_snippets() -> None:
    found = items("#$0\n")
    assert [found[name].is_snippet for name in ("if", "include", "else", "endif")] == [True, True, False, False]


def test_what_is_being_written_is_no_name_yet() -> None:
    assert "HALF" not in ordered("#ifdef HALF$0\n#endif\n")
    assert "HALF" in ordered("#ifdef HA$0\n#endif\n#ifdef HALF\n#endif\n")


ORDERED = {
    "components by place": ("fn f(v: vec4f) { _ = v.$0; }\n", 0, ["x", "y", "z", "w"]),
    "members as they are declared": (
        "struct S { z: u32, m: u32, a: u32 }\nvar<private> s: S;\nfn f() { _ = s.$0; }\n",
        0,
        ["z", "m", "a"],
    ),
    "near names before far ones": (
        "const a_far = 1;\nconst z_far = 2;\nfn f(n_given: u32) { let m_outer = 1; { let z_in = 2; _ = $0; } }\n",
        1,
        ["z_in", "m_outer", "n_given", "a_far", "z_far"],
    ),
    "as declared": (
        "const z = 1;\nconst a = 2;\nfn f() { _ = $0; }\n",
        1,
        ["z", "a"],
    ),
}


@pytest.mark.parametrize(("text", "at_most", "labels"), ORDERED.values(), ids=ORDERED)
def test_order(text: str, at_most: int, labels: list[str]) -> None:
    assert ordered(text, at_most) == labels


@pytest.mark.parametrize(
    ("text", "first", "later"),
    [
        ("@compute @workgroup_size(1)\nfn main(@builtin($0\n", "local_invocation_id", "position"),
        ("@vertex\nfn main(@builtin($0\n", "vertex_index", "local_invocation_id"),
        ("@vertex\nfn main(@builtin($0\n", "vertex_index", "position"),
        ("@vertex\nfn main() -> @builtin($0\n", "position", "vertex_index"),
        ("@fragment fn g() {}\nstruct S { @builtin($0 a: vec4f }\n", "position", "workgroup_id"),
        ("@compute @workgroup_size(1) fn g() {}\n@vertex\nfn main(@builtin($0\n", "vertex_index", "workgroup_id"),
    ],
)
def test_builtin_values_of_the_stage_come_first(text: str, first: str, later: str) -> None:
    found = items(text)
    assert found[first].sort_text[0] < found[later].sort_text[0]


def test_macros_in_inactive_code_are_those_of_a_variant_in_which_it_is_active() -> None:
    text = "#ifdef QUANT\n#define INNER 3\nconst a = $0;\n#endif\n"
    found = items(text)
    assert found["INNER"].detail == "= 3" and found["N"].detail == "= 8"
