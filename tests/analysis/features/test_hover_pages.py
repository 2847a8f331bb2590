"""Whole pages of hover, as a user reads them: nothing of them may go, change places or be said where it is not so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.features.hover import hover
from wgsl_ls.analysis.features.predeclared import (
    attribute_page,
    builtin_value_page,
    enumerant_page,
    extension_page,
    function_page,
    keyword_page,
    name_page,
    type_page,
)
from wgsl_ls.analysis.features.rich_text import Page, plain, shortened

SPECIFICATION = "https://www.w3.org/TR/WGSL/#"
KINDS = {"f16": ["K=f16", "WIDE"], "f32": ["K=f32"], "quant": ["K=f32", "QUANT", "N=8"]}


def paragraphs(page: str) -> list[str]:
    return [part.strip().replace("```wgsl\n", "").replace("\n```", "") for part in page.strip().split("\n\n")]


def page_of(project: Project) -> list[str]:
    found = hover(project.cursor())
    assert found is not None
    return paragraphs(plain(found.text))


# What WGSL predeclares

PREDECLARED: dict[str, tuple[Callable[..., Page], tuple[object, ...], list[str]]] = {
    "a function without overloads, with a language feature": (function_page, ("dot4U8Packed",), [
        "fn dot4U8Packed(e1: u32, e2: u32) -> u32",
        "Dot product of four unsigned 8-bit integers packed in each argument, summed in 32 bits (DP4a).",
        "Needs the language feature `packed_4x8_integer_dot_product`.",
        f"[WGSL specification]({SPECIFICATION}dot4U8Packed-builtin)",
    ]),
    "the overload that a call means": (function_page, ("dpdx", 1), [
        "fn dpdx(e: vecN<f32>) -> vecN<f32>\n// and 1 more overload",
        "Change of the argument from pixel to pixel along x; coarse or fine, as the driver likes.",
        "In fragment shaders only; must be called in uniform control flow (rule `derivative_uniformity`).",
        f"[WGSL specification]({SPECIFICATION}dpdx-builtin)",
    ]),
    "an alias of a type with an extension": (type_page, ("vec3h",), [
        "alias vec3h = vec3<f16>",
        "Vector of 3 scalars. In memory 12 bytes (6 for f16), aligned to 16 (8).",
        "size 6, align 8 bytes",
        "Needs `enable f16;`.",
        f"[WGSL specification]({SPECIFICATION}vector-types)",
    ]),
    "a type without a place in memory": (type_page, ("sampler",), [
        "sampler", "How to filter and address a texture.", f"[WGSL specification]({SPECIFICATION}sampler-type)",
    ]),
    "a type with parameters": (type_page, ("vec3",), [
        "vec3<T>",
        "Vector of 3 scalars. In memory 12 bytes (6 for f16), aligned to 16 (8).",
        f"[WGSL specification]({SPECIFICATION}vector-types)",
    ]),
    "an attribute": (attribute_page, ("blend_src",), [
        "@blend_src(index)",
        "0 or 1: which of two blend sources this fragment output is.",
        "Stands on: member.",
        "Needs `enable dual_source_blending;`.",
        f"[WGSL specification]({SPECIFICATION}blend-src-attr)",
    ]),
    "a builtin value": (builtin_value_page, ("subgroup_size",), [
        "@builtin(subgroup_size): u32",
        "Number of invocations of a full subgroup: a power of two, 4 to 128.",
        "Compute input, fragment input.",
        "Needs `enable subgroups;`.",
        f"[WGSL specification]({SPECIFICATION}subgroup-size-builtin-value)",
    ]),
    "a builtin value with an extension and a language feature": (builtin_value_page, ("subgroup_id",), [
        "@builtin(subgroup_id): u32",
        "Position of the subgroup in its workgroup.",
        "Compute input.",
        "Needs `enable subgroups;`.",
        "Needs the language feature `subgroup_id`.",
        f"[WGSL specification]({SPECIFICATION}subgroup-id-builtin-value)",
    ]),
    "an enumerant": (enumerant_page, ("read_write",), [
        "`read_write` (access mode)",
        "Reading and writing.",
        f"[WGSL specification]({SPECIFICATION}memory-access-mode)",
    ]),
    "an enumerant with an extension": (enumerant_page, ("row_major",), [
        "`row_major` (majorness)",
        "Rows of a subgroup matrix lie together in memory.",
        "Needs `enable chromium_experimental_subgroup_matrix;`.",
        "[WGSL specification](https://github.com/gpuweb/gpuweb/blob/main/proposals/subgroup-matrix.md)",
    ]),
    "an extension": (extension_page, ("f16",), [
        "enable f16;",
        "The type f16, its vectors and matrices, and literals with the suffix h.",
        "Needs the device feature `shader-f16`.",
        f"[documentation]({SPECIFICATION}enable-extensions-sec)",
    ]),
    "an extension with another": (extension_page, ("subgroup_size_control",), [
        "enable subgroup_size_control;",
        "The attribute @subgroup_size; turns on subgroups too.",
        "Needs the device feature `subgroup-size-control`.",
        "Turns on `subgroups` too.",
        f"[documentation]({SPECIFICATION}enable-extensions-sec)",
    ]),
    "an extension of Dawn": (extension_page, ("chromium_disable_uniformity_analysis",), [
        "enable chromium_disable_uniformity_analysis;",
        "Turns uniformity errors off in Dawn. Unsafe.",
        "Not part of WGSL: known to Dawn only.",
        "[documentation](https://dawn.googlesource.com/dawn/+/refs/heads/main/src/tint/lang/wgsl/wgsl.def)",
    ]),
    "a language feature": (extension_page, ("subgroup_id", "requires"), [
        "requires subgroup_id;",
        "@builtin(subgroup_id) and @builtin(num_subgroups).",
        f"[documentation]({SPECIFICATION}language-extensions-sec)",
    ]),
    "a keyword": (keyword_page, ("loop",), [
        "`loop`: A loop without condition: ends with break or return.",
        f"[WGSL specification]({SPECIFICATION}loop-statement)",
    ]),
}  # fmt: skip


@pytest.mark.parametrize(("page", "asked", "expected"), PREDECLARED.values(), ids=PREDECLARED)
def test_predeclared(page: Callable[..., Page], asked: tuple[object, ...], expected: list[str]) -> None:
    assert paragraphs(plain(page(*asked).text)) == expected
    assert page("no_such_name").text == (), "a name that is none has no page"


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("max", "fn max(e1: T, e2: T) -> T  // T: f32 or f16"),
        ("u32", "u32"),
        ("storage", "`storage` (address space)"),
        ("loop", "`loop`: "),
        ("nothing", ""),
    ],
)
def test_any_predeclared_name(name: str, begins: str) -> None:
    page = paragraphs(plain(name_page(name).text))
    assert page[0].startswith(begins) and bool(page[0]) == bool(begins)


def test_a_constructor_is_a_function() -> None:
    assert paragraphs(plain(function_page("vec2").text))[0].startswith("fn vec2")


def test_many_overloads_are_counted() -> None:
    code = paragraphs(plain(function_page("textureSample").text))[0].splitlines()
    assert len(code) == 7 and code[-1] == "// and 9 more overloads"


# Macros, directives, symbols

TWICE = {"a.wgsl": '#include "b$0.tmpl"\n#include "b.tmpl"\n', "b.tmpl": "const b = 1;\n"}
CHAIN = {"a.wgsl": '#include "b.tmpl"\nconst a = N$0;\n', "b.tmpl": '#include "c.tmpl"\n', "c.tmpl": "#define N 1\n"}

PAGES: dict[str, tuple[dict[str, str] | str, dict[str, list[str]], str]] = {
    "a macro out of a chain of includes": (CHAIN, {}, """
        #define N 1
        -
        Defined at c.tmpl:1, included at b.tmpl:1, from a.wgsl:1
        -
        ---
        -
        `1`: `AbstractInt`
    """),
    "a macro that some variants overrule": ("#define N 4\n#undef N\n#define N 5\nconst a = N$0;\n", KINDS, """
        #define N 5
        -
        Defined at a.wgsl:3
        -
        - hides `4` at a.wgsl:1
        -
        | value | variants | when |
        | --- | --- | --- |
        | **`5`** | 2 of 3 | `!QUANT` |
        | `8` | 1 of 3 | `QUANT` |
        -
        ---
        -
        `5`: `AbstractInt`
    """),
    "a macro whose expansion is an expression": (
        "#define M max(a, b)\nconst a = 1;\nconst b = 2;\nconst c = M$0;\n", {}, """
        #define M max(a, b)
        -
        Defined at a.wgsl:1
        -
        ---
        -
        `max(a, b)`: `AbstractInt` = `2`
    """),
    "a #define that is not reached": (
        "#ifdef WIDE\n#define N$0 4\n#endif\n", {"f32": ["K=f32"], "wide": ["WIDE"]}, """
        `N` is not defined here in `f32`: 0 in conditions
        -
        | value | variants | when |
        | --- | --- | --- |
        | `4` | 1 of 2 | `WIDE` |
        | **not defined** | 1 of 2 | `defined(K)` |
        -
        This #define is inactive in `f32`
    """),
    "a #define that is reached": ("#ifdef WIDE\n#define N$0 4\n#endif\n", {"wide": ["WIDE"], "f32": ["K=f32"]}, """
        #define N 4
        -
        Defined at a.wgsl:2
        -
        | value | variants | when |
        | --- | --- | --- |
        | **`4`** | 1 of 2 | `WIDE` |
        | not defined | 1 of 2 | `defined(K)` |
    """),
    "a macro in a condition, whose name begins with _": (
        "#define _M 4 * _N\n#define _N 2\n#if _M$0 > 4\n#endif\n", {}, """
        #define _M 4 * _N
        // one step: 4 * _N
        // expands to: 4 * 2
        -
        Defined at a.wgsl:1
        -
        ---
        -
        #if _M > 4
        -
        Taken
        -
        | macro | here | from |
        | --- | --- | --- |
        | `_M` | `4 * _N` | a.wgsl:1 |
        | `_N` | `2` | a.wgsl:2 |
    """),
    "a branch that all take": ("#if$0 defined(K)\n#endif\n", KINDS, """
        #if defined(K)
        -
        Taken in **3 of 3** variants
        -
        In `f16`: taken
        -
        | macro | here | from |
        | --- | --- | --- |
        | `K` | `f16` | the variant |
    """),
    "a branch of two variants": ("#ifdef$0 A\n#endif\n", {"one": ["A"], "two": []}, """
        #ifdef A
        -
        Taken in **1 of 2** variants, when `A`
        -
        In `one`: taken
        -
        | macro | here | from |
        | --- | --- | --- |
        | `A` | defined, empty | the variant |
    """),
    "a macro of the one variant that is not defined": ("#if N$0\n#endif\n", {"one": ["A"]}, """
        `N` is not defined here: 0 in conditions
        -
        ---
        -
        #if N
        -
        Not taken
        -
        | macro | here | from |
        | --- | --- | --- |
        | `N` | not defined |  |
    """),
    "values as often as each other": ("const a = N$0;\n", {"x": ["N=b"], "y": [], "z": ["N=a"]}, """
        #define N b
        -
        Given by the variant `x`; no #define or #undef can change it
        -
        | value | variants | when |
        | --- | --- | --- |
        | `a` | 1 of 3 | `z` |
        | **`b`** | 1 of 3 | `x` |
        | not defined | 1 of 3 | `y` |
        -
        ---
        -
        `b` is not declared
    """),
    "a macro of nothing in an expression": ("#define E\nconst a = 1 E$0+ 2;\n", {}, """
        #define E
        -
        Defined at a.wgsl:1
    """),
    "a macro of nothing": ("#define E\nconst a = E$0 1;\n", {}, """
        #define E
        -
        Defined at a.wgsl:1
    """),
    "the end of what no variant reaches": ("#if 0\n#ifdef A\n#else\n#endif$0\n#endif\n", KINDS, """
        Ends `#ifdef A` at a.wgsl:2
        -
        - `#ifdef A` at a.wgsl:2: 0 of 3
        - `#else` at a.wgsl:3: 0 of 3
    """),
    "a type that its arguments tell": ("const a = vec3$0(1f, 2f, 3f);\n", {}, f"""
        vec3<f32>
        -
        Vector of 3 scalars. In memory 12 bytes (6 for f16), aligned to 16 (8).
        -
        size 12, align 16 bytes
        -
        [WGSL specification]({SPECIFICATION}vector-types)
        -
        Here: `vec3<f32>(1.0, 2.0, 3.0)`
    """),
    "a branch in inactive code": ("#ifdef QUANT\n#if$0 N > 4\n#else\n#endif\n#endif\n", KINDS, """
        #if N > 4
        -
        Taken in **1 of 3** variants, when `QUANT` (inactive in 2)
        -
        In `f16`: inactive: the code round it is
        -
        | macro | here | from |
        | --- | --- | --- |
        | `N` | not defined |  |
    """),
    "a branch that is not asked": ("#ifdef WIDE\n#elif$0 N > 4\n#else\n#endif\n", KINDS, """
        #elif N > 4
        -
        Taken in **1 of 3** variants, when `QUANT` (false in 1, an earlier branch was taken in 1)
        -
        In `f16`: not asked: an earlier branch was taken
        -
        | macro | here | from |
        | --- | --- | --- |
        | `N` | not defined |  |
        -
        Behind `#ifdef WIDE` at a.wgsl:1
    """),
    "an #else of one variant": ("#ifdef WIDE\n#elif N > 4\n#else$0\n#endif\n", {"one": ["WIDE"]}, """
        #else
        -
        Not taken
        -
        Behind `#ifdef WIDE` at a.wgsl:1
    """),
    "a conditional without an end": ("#ifdef$0 A\nconst a = 1;\n", {"one": ["A"], "two": []}, """
        #ifdef A
        -
        Taken in **1 of 2** variants, when `A`
        -
        In `one`: taken
        -
        | macro | here | from |
        | --- | --- | --- |
        | `A` | defined, empty | the variant |
    """),
    "inactive code of one variant": ("#ifdef WIDE\n#if 1$0\n#endif\n#endif\n", {}, """
        #if 1
        -
        In code that is inactive
    """),
    "the end of the second conditional": ("#if 1\n#endif\n#ifdef A\n#else\n#endif$0\n", KINDS, """
        Ends `#ifdef A` at a.wgsl:3
        -
        - `#ifdef A` at a.wgsl:3: 0 of 3
        - `#else` at a.wgsl:4: 3 of 3
    """),
    "a directive behind a conditional without an end": ("#define$0 A 4\n#ifdef A\n", KINDS, """
        `#define`: Gives an object-like macro a value. Without effect when the variant gives the macro.
    """),
    "an include that is read twice": (TWICE, KINDS, """
        #include "b.tmpl"
        -
        Reads /p/b.tmpl
        -
        Active in 3 of 3 variants
        -
        This variant reads the file 2 times
        -
        - a.wgsl:1
        - a.wgsl:2
    """),
    "an include of one variant": ({**TWICE, "a.wgsl": '#include "b$0.tmpl"\n'}, {}, """
        #include "b.tmpl"
        -
        Reads /p/b.tmpl
    """),
    "inactive code that uses a builtin": (
        "#ifdef WIDE\nfn f() { loop$0 { break; } }\n#endif\n", {"one": [], "wide": ["WIDE"]}, f"""
        `loop`: A loop without condition: ends with break or return.
        -
        [WGSL specification]({SPECIFICATION}loop-statement)
        -
        Inactive in `one`; shown as in `wide` (active in 1 of 2 variants, when `WIDE`)
    """),
    "a buffer": (
        "struct S { a: f32, b: vec3f, c: array<u32, 3>, d: array<f32> }\n"
        "@group(0) @binding(1) var<storage, read_write> s$0: S;\n", {}, """
        @group(0) @binding(1) var<storage, read_write> s: S
        -
        Binding: group 0, binding 1; a bound buffer has at least 48 bytes
    """),
    "a module variable": ("var<private> a$0: u32 = 4;\n", {}, """
        var<private> a: u32
        -
        Size 4, align 4 bytes
    """),
    "a variable of a function": ("fn f() { var a$0: vec3f; }\n", {}, """
        var a: vec3<f32>
        -
        Size 12, align 16 bytes
    """),
    "a scalar of a function": ("fn f() { var a$0: f32; }\n", {}, "var a: f32"),
    "a value of a function": ("fn f() { let a$0 = vec3f(); }\n", {}, "let a: vec3<f32>"),
    "an override": ("@id(7) override n$0: u32;\n", {}, """
        @id(7) override n: u32
        -
        Set by the pipeline as `7`; it must be given
    """),
    "an entry point": (
        "var<workgroup> tile: array<f32, 8>;\n@group(0) @binding(0) var<storage, read_write> to: array<f32>;\n"
        "@compute @workgroup_size(8, 2) fn main$0() { tile[0] = 1; to[0] = 1; }\n", {}, """
        @compute @workgroup_size(8, 2) fn main()
        -
        Compute entry point; workgroup size 8 x 2 x 1 = 16; workgroup storage 32 bytes in 1 variables; 1 bindings
    """),
    "a call of a builtin function": (
        "const b = 1;\nfn f(v: vec2f) { _ = dpdx$0(v); }\n", {}, f"""
        fn dpdx(e: vecN<f32>) -> vecN<f32>
        // and 1 more overload
        -
        Change of the argument from pixel to pixel along x; coarse or fine, as the driver likes.
        -
        In fragment shaders only; must be called in uniform control flow (rule `derivative_uniformity`).
        -
        [WGSL specification]({SPECIFICATION}dpdx-builtin)
        -
        Here: `vec2<f32>`
    """),
    "workgroup memory": (
        "override n: u32;\nvar<workgroup> a$0: array<f32, n>;\n", {}, "var<workgroup> a: array<f32, n>",
    ),
    "workgroup memory that is known": ("var<workgroup> a$0: array<f32, 4>;\n", {}, """
        var<workgroup> a: array<f32, 4>
        -
        Workgroup memory: size 16, align 4, stride 4 bytes
    """),
    "an entry point with memory that the host decides": (
        "override n: u32;\nvar<workgroup> a: array<f32, n>;\n@compute @workgroup_size(n) fn f$0() { a[0] = 1; }\n", {},
        """
        @compute @workgroup_size(n) fn f()
        -
        Compute entry point; workgroup size ? x 1 x 1; workgroup storage of unknown size in 1 variables
    """),
    "an alias of what has no place in memory": ("alias T$0 = texture_2d<f32>;\n", {}, "alias T = texture_2d<f32>;"),
    "a constant of two branches": (
        "#ifdef WIDE\nconst n = 1;\n#else\nconst n = 2;\n#endif\nconst m = n$0;\n", KINDS, """
        const n: AbstractInt = 1
        -
        Declared in several places:
        -
        - a.wgsl:2 `const`: 1 of 3 variants, `WIDE`
        - a.wgsl:4 `const`: 2 of 3 variants, `!WIDE`
    """),
    "a function of two branches": (
        "#ifdef WIDE\nfn f() {}\n#else\nfn f(a: u32) {}\n#endif\nfn g() { f$0(1); }\n", KINDS, """
        fn f()
        -
        Declared in several places:
        -
        - a.wgsl:2 `()`: 1 of 3 variants, `WIDE`
        - a.wgsl:4 `(a)`: 2 of 3 variants, `!WIDE`
    """),
    "a macro of the variant that hides a #define with a comment": (
        "// How many.\n#define N 4\nconst a = N$0;\n", {"x": ["N=8"]}, """
        #define N 8
        -
        Given by the variant; no #define or #undef can change it
        -
        - hides `4` at a.wgsl:2 (ignored: the variant's value wins)
        -
        How many.
        -
        ---
        -
        `8`: `AbstractInt`
    """),
    "a cell with a bar": ("const a = N$0;\n", {"x": ["N=1|2"], "y": []}, """
        #define N 1|2
        -
        Given by the variant `x`; no #define or #undef can change it
        -
        | value | variants | when |
        | --- | --- | --- |
        | **`1\\|2`** | 1 of 2 | `x` |
        | not defined | 1 of 2 | `y` |
        -
        ---
        -
        `1|2`: `AbstractInt` = `3`
    """),
    "a call that is a constant": ("const a = vec3f$0(1, 2, 3);\n", {}, f"""
        alias vec3f = vec3<f32>
        -
        Vector of 3 scalars. In memory 12 bytes (6 for f16), aligned to 16 (8).
        -
        size 12, align 16 bytes
        -
        [WGSL specification]({SPECIFICATION}vector-types)
        -
        Here: `vec3<f32>(1.0, 2.0, 3.0)`
    """),
}  # fmt: skip


@pytest.mark.parametrize(("files", "variants", "page"), PAGES.values(), ids=PAGES)
def test_page(files: dict[str, str] | str, variants: dict[str, list[str]], page: str) -> None:
    wanted = "\n".join(line.strip() for line in page.strip().splitlines())
    assert page_of(Project.of(files, variants=variants)) == wanted.split("\n-\n")


def test_what_is_long_is_cut() -> None:
    assert shortened("x" * 80) == "x" * 80 and shortened("x" * 81) == "x" * 77 + "..."
    members = ", ".join(f"a{number:02}: u32" for number in range(70))
    (struct, *_) = page_of(Project.of(f"struct S$0 {{ {members} }}\n"))
    assert struct.splitlines()[1] == "    a00: u32,  // offset 0, size 4, align 4"
    assert struct.splitlines()[-3:] == ["    a59: u32,  // offset 236, size 4, align 4", "    // ... 10 more", "}"]

    for length, shown in ((400, "x" * 400), (401, "x" * 397 + "...")):
        (macro, *_) = page_of(Project.of(f"#define N {'x' * length}\nconst a = N$0;\n"))
        assert macro == f"#define N {shown}"

    variants = {f"v{number}": [f"N={number:02}"] for number in range(15)}
    page = page_of(Project.of("const a = N$0;\n", variants=variants))
    assert page[2].count("\n") == 13 and page[2].endswith("| `11` | 1 of 15 | `v11` |")
    assert page[3] == "and 3 more values"

    asked = " + ".join(f"M{number}" for number in range(12))
    assert len(page_of(Project.of(f"#if$0 {asked}\n#endif\n"))) == 3, "as many as fit"
    asked = " + ".join(f"M{number}" for number in range(15))
    page = page_of(Project.of(f"#if$0 {asked}\n#endif\n"))
    assert page[2].endswith("| `M11` | not defined |  |") and page[3] == "and 3 more macros"

    hidden = "".join(f"#define N {number}\n#undef N\n" for number in range(8))
    page = page_of(Project.of(f"{hidden}#define N 9\nconst a = N$0;\n"))
    assert page[2].splitlines()[0] == "- hides `7` at a.wgsl:15" and page[2].splitlines()[-1] == "- and 3 more"
