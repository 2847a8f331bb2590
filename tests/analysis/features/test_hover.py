"""Hover, on small projects with several variants."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.features.hover import asks_all_variants, hover
from wgsl_ls.analysis.features.rich_text import Link, plain

KINDS = {"f16": ["K=f16", "WIDE"], "f32": ["K=f32"], "quant": ["K=f32", "QUANT", "N=8"]}


def shown(project: Project, mark: int = 0) -> str:
    found = hover(project.cursor(mark))
    return plain(found.text) if found is not None else ""


def links(project: Project) -> list[str]:
    found = hover(project.cursor())
    assert found is not None
    return [part.label for part in found.text if isinstance(part, Link)]


# Macros


def test_a_macro_use_shows_value_origin_variants_and_symbol() -> None:
    text = "#define N 4\n#define M (N * 2)\nconst a: i32 = M$0;\n"
    project = Project.of(text, variants=KINDS)
    words = shown(project)
    assert "#define M (N * 2)\n// one step: (N * 2)\n// expands to: (4 * 2)" in words
    assert "Defined at a.wgsl:2" in words
    assert "`(4 * 2)`: `AbstractInt` = `8`" in words
    assert "| `(8 * 2)` | 1 of 3 | `QUANT` |" in words  # its own value is the same text everywhere


def test_a_macro_over_macros_has_the_table_of_what_it_comes_to() -> None:
    text = "#define WIDTH (BASE * 2)\n#define COUNT (WIDTH + SPARE)\n#define BASE 4\n#define SHOUT COUNT\n"
    variants = {"one": ["SPARE=1"], "two": ["SPARE=2"], "also": ["SPARE=2", "BASE=4"]}
    words = shown(Project.of(f"{text}const a = SHOUT$0;\n", variants=variants))
    assert "| `((4 * 2) + 2)` | 2 of 3 |" in words
    assert "| **`((4 * 2) + 1)`** | 1 of 3 |" in words
    assert "variants |" not in shown(Project.of(f"{text}const a = WIDTH$0;\n", variants=variants))
    assert "defined by itself" not in shown(Project.of("#define N M\n#define M N K\nconst a = N$0;\n", variants=KINDS))


def test_values_that_differ_stand_in_a_table_with_their_conditions() -> None:
    words = shown(Project.of("#ifdef WIDE\n#define W 8\n#endif\nconst a = K$0;\n", variants=KINDS))
    assert "Given by the variant `f16`" in words
    assert "| `f32` | 2 of 3 | `!WIDE` |" in words
    assert "| **`f16`** | 1 of 3 | `WIDE` |" in words


def test_a_define_that_the_variant_overrules_is_a_shadow() -> None:
    project = Project.of("#define N 4\n#undef N\n#define N 5\nconst a = N$0;\n", variants={"q": ["N=8"]})
    words = shown(project)
    assert "#define N 8" in words
    assert "hides `5` at a.wgsl:3 (ignored: the variant's value wins)" in words
    assert "hides `4` at a.wgsl:1" in words


def test_on_the_name_of_a_define_its_own_value_counts() -> None:
    words = shown(Project.of("#define N 4\n// How many.\n#define N$0 5\n"))
    assert words.startswith("```wgsl\n#define N 5\n```")
    assert "hides `4`" in words
    assert "How many." in words


def test_a_macro_from_an_include_says_through_which_line() -> None:
    project = Project.of({"a.wgsl": '#include "b.tmpl"\nconst a = N$0;\n', "b.tmpl": "#define N 1\n"})
    assert links(project) == ["b.tmpl:1", "a.wgsl:1"]


def test_a_macro_in_a_condition_and_not_defined() -> None:
    words = shown(Project.of("#if defined(QU$0ANT) && N > 4\n#endif\n", variants=KINDS))
    assert "`QUANT` is not defined here in `f16`" in words
    assert "| defined" not in words.split("---\n\n")[0]
    assert "Taken in **1 of 3** variants, when `QUANT`" in words


def test_a_macro_that_never_ends_is_said_so() -> None:
    words = shown(Project.of("#define A A\n#ifdef A$0\n#endif\n"))
    assert "never ends" in words and "#define A A" in words


def test_an_expansion_that_is_one_name_shows_the_symbol() -> None:
    words = shown(Project.of("fn make_it() -> f32 { return 1.0; }\n#define MAKE make_it\nconst a = MAKE$0();\n"))
    assert "fn make_it() -> f32" in words


def test_a_name_in_the_value_of_a_macro_is_that_of_its_first_use() -> None:
    words = shown(Project.of("#define TWICE 2.0 * val$0ue\nfn f(value: f32) -> f32 { return TWICE; }\n"))
    assert "value: f32  // parameter of f" in words
    assert "As used at a.wgsl:2" in words


def test_a_macro_in_the_value_of_a_macro_is_that_of_its_first_use() -> None:
    text = "#define BODY let a = 1; \\\n let b = SCA$0LE\n#define SCALE 4\nfn f() { BODY; }\n"
    words = shown(Project.of(text))
    assert "#define SCALE 4" in words
    assert "As used at a.wgsl:4" in words


# Directives

BRANCHES = "#if$0 defined(QUANT)\nconst a = 1;\n#elif$1 defined(WIDE)\nconst a = 2;\n#else$2\nconst a = 3;\n#endif$3\n"


def test_branches_count_their_variants() -> None:
    project = Project.of(BRANCHES, variants=KINDS)
    assert "Taken in **1 of 3** variants, when `QUANT`" in shown(project)
    assert "In `f16`: not taken" in shown(project)
    assert "| `QUANT` | not defined |" in shown(project)
    assert "Taken in **1 of 3** variants, when `WIDE` (false in 1, an earlier branch was taken in 1)" in shown(
        project, 1
    )
    assert "Behind `#if defined(QUANT)` at a.wgsl:1" in shown(project, 2)


def test_endif_lists_the_branches() -> None:
    words = shown(Project.of(BRANCHES, variants=KINDS), 3)
    assert words.startswith("Ends `#if defined(QUANT)` at a.wgsl:1")
    assert "`#else` at a.wgsl:5: 1 of 3" in words


def test_a_condition_that_fails_says_why() -> None:
    assert "cannot be evaluated" in shown(Project.of("#if$0 4 +* (\n#endif\n"))


@pytest.mark.parametrize("includes", ["native", "textual"])
def test_an_include_tells_its_file_and_variants(includes: str) -> None:
    config = f'includes = "{includes}"\n[[shader]]\nfiles = ["a.wgsl"]\naxes = {{ Q = ["", "QUANT"] }}\n'
    text = '#ifdef QUANT\n#include "b$0.tmpl"\n#endif\n'
    project = Project.of({"wgsl-ls.toml": config, "a.wgsl": text, "b.tmpl": "const b = 1;\n"})
    words = shown(project)
    assert "Reads /p/b.tmpl" in words
    assert "Active in 1 of 2 variants, when `QUANT`" in words


def test_an_include_that_cannot_be_found() -> None:
    assert 'cannot find "no.tmpl"' in shown(Project.of('#include "no$0.tmpl"\n'))


# WGSL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("const size$0 = 4 * 16u;\n", "const size: u32 = 64"),
        ("fn f(a: vec3f) { let b$0 = a.xy; }\n", "let b: vec2<f32>"),
        ("fn f(a: vec3f) -> f32 { return a.z$0; }\n", "vec3<f32>.z: f32"),
        ("fn f(a$0: vec3f) {}\n", "a: vec3<f32>  // parameter of f"),
        ("@group(0) @binding(1 + 1) var<storage> x$0: array<vec4f>;\n", "@group(0) @binding(2) var<storage, read> x"),
        ("@group(0) @binding(1) var<storage> x$0: array<vec4f>;\n", "at least 16 bytes"),
        ("var<workgroup> w$0: array<f32, 64>;\n", "Workgroup memory: size 256, align 4, stride 4 bytes"),
        ("alias V$0 = vec4<f16>;\n", "alias V = vec4<f16>;"),
        ("struct S { a: f32, b$0: vec3f }\n", "Offset 16, size 12, align 16 bytes in S"),
        ("struct S$0 { a: f32, b: vec3f }\n", "b: vec3<f32>,  // offset 16, size 12, align 16"),
        ("@compute @workgroup_size(8, 8) fn f$0() {}\n", "workgroup size 8 x 8 x 1 = 64"),
        ("override n$0: u32 = 3;\n", "Set by the pipeline as `n`; 3 in this variant"),
        ("const a = 1;\nconst b = max$0(a, 2);\n", "Here: `2 (AbstractInt)`"),
        ("const a = nothing$0;\n", "`nothing` is not declared"),
        (f"const a$0 = array({'1u, ' * 22});\n", " = array<u32, 22>("),
        (f"const a$0 = array({'1u, ' * 23});\n", "const a: array<u32, 23> = ...\n"),
        (f"fn f$0({'a' * 120}: f32) {{}}\n", f"fn f({'a' * 120}: f32)\n"),
        ("fn f(v: vec3f) -> f32 { return v.z$0; }\n", "Component z of a vector"),
        ("fn f(v: vec3f) -> vec2f { return v.zy$0; }\n", "Components z, y of a vector"),
        ("fn f(v: vec2f) -> f32 { return dot$0(v, v); }\n", "fn dot(e1: vecN<T>, e2: vecN<T>) -> T"),
        ("const a = 0x10$0u;\n", "`0x10u = 16`: `u32`"),
        (
            f"fn f$0(a{'a' * 50}: f32, b{'b' * 50}: f32) {{}}\n",
            f"fn f(\n    a{'a' * 50}: f32,\n    b{'b' * 50}: f32,\n)",
        ),
        ("enable f16$0;\n", "shader-f16"),
        ("@compute$0 @workgroup_size(1) fn f() {}\n", "@compute"),
        ("fn f(@builtin(local_invocation_id$0) id: vec3u) {}\n", "@builtin(local_invocation_id): vec3<u32>"),
        ("var<storage$0, read_write> a: f32;\n", "address space"),
        ("fn f() { for$0 (;;) {} }\n", "A loop with initialiser"),
        ("@fragment fn f(@location(0) @interpolate(flat$0) a: u32) {}\n", "`flat` (interpolation type)"),
        ("diagnostic(off$0, derivative_uniformity);\n", "`off` (severity)"),
        ("// What it is.\n// More.\n@must_use\nfn f$0() -> f32 { return 1.0; }\n", "What it is.  \nMore."),
        ("struct S {\n  a$0: f32, // metres\n}\n", "metres"),
        ("/* Long\n * words */\nconst a$0 = 1;\n", "Long  \nwords"),
        (
            "struct P { a: f32, b: array<f32, 4> }\n@group(0) @binding(0) var<uniform> p: P;\nconst q: P$0 = P();\n",
            "In `uniform`, the stride 4 of `b` must be a multiple of 16",
        ),
    ],
)
def test_wgsl(text: str, expected: str) -> None:
    assert expected in shown(Project.of(text))


def test_a_struct_says_in_which_memory_it_is() -> None:
    text = "struct In$0 { a: f32 }\nstruct P$1 { i: array<In, 4> }\nstruct Other$2 { b: f32 }\nvar<private> p: P;\n"
    project = Project.of(text)
    assert ["Used in `private`" in shown(project, mark) for mark in (0, 1, 2)] == [True, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "// max$0(1, 2)\n",
        "/* max$0(1, 2) */\n",
        "const a =$0 1;\n",
        "/* N$0 */\n",
        "$0\n",
        "const a = vec2f().zz$0;\n",
    ],
)
def test_nothing_to_say(text: str) -> None:
    assert hover(Project.of(text).cursor()) is None


@pytest.mark.parametrize(
    ("text", "begins"),
    [("#ifdef WIDE // K$0\n#endif\n", "```wgsl\n#ifdef WIDE"), ("#undef K // K$0\n", "`#undef`: ")],
)
def test_a_word_of_a_comment_is_no_macro(text: str, begins: str) -> None:
    assert shown(Project.of(text, variants=KINDS)).startswith(begins)


@pytest.mark.parametrize(
    "text",
    [
        "const a$0 = 1;\nconst b = 2; // of b\n",
        "const b = 2; /* of b */ const a$0 = 1;\n",
        "const a$0 = b + // of b\n  1;\n",
    ],
)
def test_a_comment_elsewhere_is_not_about_it(text: str) -> None:
    assert "of b" not in shown(Project.of(text))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("#ifdef$0 A\n#endif\n", True),
        ("#ifdef NEVER\nconst a = max$0(1, 2);\n#endif\n", True),
        ("const a = K$0(1);\n", True),
        ("#ifdef WIDE\nconst n = 1;\n#else\nconst n = 2;\n#endif\nconst a = n$0;\n", True),
        ("const n = 1;\nconst a = n$0;\n", False),
    ],
)
def test_all_variants_are_asked_where_they_differ(text: str, asks: bool) -> None:
    assert asks_all_variants(Project.of(text, variants=KINDS).cursor()) is asks


def test_a_local_is_not_what_branches_declare() -> None:
    text = "#ifdef QUANT\nconst n = 1;\n#else\nconst n = 2;\n#endif\nstruct S { n: u32 }\n"
    text += "fn f(s: S) { let n = 3; let m = n$0 + n; let k = s.n$1; }\n"
    project = Project.of(text, variants=KINDS)
    assert not any("several places" in shown(project, mark) for mark in (0, 1))


# Inactive code


def test_inactive_code_is_explained_by_a_variant_that_uses_it() -> None:
    text = "#ifdef QUANT\nfn f(x: f32) -> f32 { let y$0 = vec2f(x); return y.x; }\n#endif\n"
    words = shown(Project.of(text, variants=KINDS))
    assert "let y: vec2<f32>" in words
    assert "Inactive in `f16`; shown as in `quant` (active in 1 of 3 variants, when `QUANT`)" in words


def test_code_that_only_another_root_uses() -> None:
    files = {
        "a.wgsl": '#include "c.tmpl"\n',
        "b.wgsl": '#define DEEP\nconst k = 1u;\n#include "c.tmpl"\n',
        "c.tmpl": "#ifdef DEEP\nconst m = k$0;\n#endif\n",
    }
    words = shown(Project.of(files, {"v": []}))
    assert "const k: u32 = 1" in words and "of b.wgsl" in words


def test_a_macro_in_inactive_code() -> None:
    words = shown(Project.of("#ifdef QUANT\nconst a = N$0;\n#endif\n", variants=KINDS))
    assert "| **`8`** | 1 of 3 | `QUANT` |" in words
    assert "Inactive in `f16`" in words


def test_code_that_no_variant_uses() -> None:
    words = shown(Project.of("#ifdef NEVER\nconst a = max$0(1, 2);\n#endif\n", variants=KINDS))
    assert "fn max" in words
    assert "No variant uses this code" in words


def test_a_name_that_branches_declare_differently() -> None:
    text = "#ifdef QUANT\nfn read() -> f32 { return 1.0; }\n#else\nfn read() -> f16 { return 1.0h; }\n#endif\n"
    words = shown(Project.of(text + "#ifdef NEVER\nfn read() {}\n#endif\nconst a = read$0();\n", variants=KINDS))
    assert "fn read() -> f16" in words
    assert "Declared in several places:" in words
    assert "a.wgsl:4" in words
    assert "2 of 3 variants, `!QUANT`" in words
    assert "a.wgsl:2" in words
    assert "a.wgsl:7" not in words
    text = "#ifdef NEVER\nfn read() {}\n#endif\nfn read() -> f32 { return 1.0; }\nconst a = read$0();\n"
    assert "several places" not in shown(Project.of(text, variants=KINDS))


def test_half_written_code_still_answers() -> None:
    assert "fn g()" in shown(Project.of("fn f( { let b = \n}\nfn g$0() {}\n"))
