"""Which variants can differ in what a name means: each class of them stands behind the others' words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.analysis.fixture import CONFIG, Project
from wgsl_ls.analysis.across import indices
from wgsl_ls.analysis.index import NameIndex
from wgsl_ls.analysis.name_classes import representatives, users, variant_classes
from wgsl_ls.text.steps import finished

TWO = {"a": ["A"], "b": ["B"]}
FOUR = {"none": [], "a": ["A"], "b": ["B"], "ab": ["A", "B"]}
Files = Mapping[str, str] | str

CLASSES: dict[str, tuple[Files, Mapping[str, Sequence[str]], str]] = {
    "mentioned outside of branches": ("const n = 1;\n#ifdef A\nconst m = 2;\n#endif\n", TWO, "a b"),
    "mentioned in one branch": (
        "#ifdef A\nconst n = 1;\n#endif\n#ifdef B\nconst m = 2;\n#endif\n", FOUR, "none b | a ab",
    ),
    "mentioned in two branches": (
        "#ifdef A\nconst n = 1;\n#endif\n#ifdef B\nconst m = n;\n#endif\n", FOUR, "none | a | b | ab",
    ),
    "mentioned behind #else": ("const m = 1;\n#ifdef A\n#else\nconst n = 1;\n#endif\n", FOUR, "none b | a ab"),
    "a branch round the one that mentions it": (
        "#ifdef A\n#ifdef B\nconst n = 1;\n#endif\n#endif\n", FOUR, "none a b | ab",
    ),
    "a #define and an #undef of it": (
        "#ifdef A\n#define n 1\n#endif\n#ifdef B\n#undef n\n#endif\n", FOUR, "none | a | b | ab",
    ),
    "it comes out of a macro that a branch defines": (
        "#ifdef A\n#define M n\n#endif\n#ifdef B\nconst m = 2;\n#endif\nconst c = M;\n", FOUR, "none b | a ab",
    ),
    "it comes out of a macro of a macro": (
        "#define INNER n\n#ifdef A\n#define M (INNER)\n#endif\nconst c = M;\n", FOUR, "none b | a ab",
    ),
    "another word comes out of a macro": ("#ifdef A\n#define M other\n#endif\nconst c = M;\n", FOUR, "none a b ab"),
    "it comes out of a value that a variant gives": (
        "const c = M;\n", {"one": ["M=n"], "two": ["M=2"], "three": ["M=n", "B"], "four": []}, "one three | two | four",
    ),
    "an include in a branch has it": (
        {"a.wgsl": '#ifdef A\n#include "c.tmpl"\n#endif\n', "c.tmpl": "const n = 1;\n"}, FOUR, "none b | a ab",
    ),
    "an include of an include in a branch has it": (
        {
            "a.wgsl": '#ifdef A\n#include "b.tmpl"\n#endif\n',
            "b.tmpl": '#include "c.tmpl"\n',
            "c.tmpl": "const n = 1;\n",
        },
        FOUR,
        "none b | a ab",
    ),
    "an include in a branch defines it": (
        {"a.wgsl": '#ifdef A\n#include "c.tmpl"\n#endif\n', "c.tmpl": "#define n 1\n"}, FOUR, "none b | a ab",
    ),
    "an include in a branch does not have it": (
        {"a.wgsl": '#ifdef A\n#include "c.tmpl"\n#endif\n', "c.tmpl": "const m = 1;\n"}, FOUR, "none a b ab",
    ),
    "a branch of an include has it": (
        {"a.wgsl": '#include "c.tmpl"\n', "c.tmpl": "#ifdef B\nconst n = 1;\n#endif\n"}, FOUR, "none a | b ab",
    ),
    "an include that is read several times, each time in other variants, is told by the texts": (
        {
            "a.wgsl": '#ifdef A\n#define X\n#endif\n#include "c.tmpl"\n'
            '#ifdef A\n#undef X\n#else\n#define X\n#endif\n#include "c.tmpl"\n',
            "c.tmpl": "#ifdef X\nconst n = 1;\n#else\nconst o = 1;\n#endif\n",
        },
        FOUR,
        "none b | a ab",
    ),
    "a member: what declares the value before the dot": (
        "#ifdef A\nvar<private> v: S;\n#else\nvar<private> v: T;\n#endif\n#ifdef B\nconst m = 1;\n#endif\n"
        "fn f() { _ = v.n; }\n",
        FOUR,
        "none b | a ab",
    ),
    "a member of what a function of another branch returns": (
        "#ifdef A\nfn of(i: u32) -> S { return s[i]; }\n#else\nfn of(i: u32) -> T { return t[i]; }\n#endif\n"
        "fn f() { let one = of(1u); _ = one.n; }\n",
        TWO,
        "a | b",
    ),
    "a member: an alias that decides about the type": (
        "#ifdef B\nalias T = S;\n#else\nalias T = U;\n#endif\nfn f(p: ptr<function, T>) { _ = (*p).n; }\n",
        FOUR,
        "none a | b ab",
    ),
    "a member: the value of a macro before the dot": (
        "#ifdef A\n#define P s\n#else\n#define P t\n#endif\nfn f() { _ = P.n; }\n", TWO, "a | b",
    ),
    "a member: a macro before the dot that variants give": (
        "fn f() { _ = P.n; }\n", {"s": ["P=s"], "t": ["P=t"], "too": ["P=s", "B"]}, "s too | t",
    ),
    "a member: a declaration that goes on in branches": (
        "fn f() {\nlet p =\n#ifdef A\ns[0]\n#else\nt[0]\n#endif\n;\n_ = p.n; }\n", TWO, "a | b",
    ),
    "a member: an include in a branch declares the value": (
        {"a.wgsl": '#ifdef A\n#include "c.tmpl"\n#endif\nfn f() { _ = v.n; }\n', "c.tmpl": "var<private> v: S;\n"},
        FOUR,
        "none b | a ab",
    ),
    "a member: the value of a macro of a macro before the dot": (
        "#ifdef A\n#define Q s\n#else\n#define Q t\n#endif\n#define P Q\nfn f() { _ = P.n; }\n", TWO, "a | b",
    ),
    "a member of an element of what brackets hold": (
        "#ifdef A\nvar<private> v: S;\n#else\nvar<private> v: T;\n#endif\n"
        "#ifdef B\nvar<private> w: u32;\n#endif\nfn f() { let w = 1; _ = w + g(v[(1)]).n; }\n",
        FOUR,
        "none b | a ab",
    ),
    "a member: what stands in front of its brackets does not count": (
        "#ifdef B\nvar<private> w: u32;\n#endif\nfn f() { h(w, v.n); }\n", FOUR, "none a b ab",
    ),
    "a member at the very beginning": (
        "v.n();\n#ifdef A\nvar<private> v: S;\n#else\nvar<private> v: T;\n#endif\n", TWO, "a | b",
    ),
    "indented branches": (
        "  #ifdef A\n  const n = 1;\n  #else\n  const m = 1;\n  #endif\n\t#ifdef B\n\tconst m = 2;\n\t#endif\n",
        FOUR,
        "none b | a ab",
    ),
    "a member: uses of the value before the dot do not count": (
        "var<private> v: S;\nfn f() { _ = v.n;\n#ifdef A\n_ = v.other;\n#endif\n}\n", TWO, "a b",
    ),
    "a block that begins in a branch": (
        "fn f() { let n = 1;\n#ifdef A\n{\n#endif\nlet m = 2;\n#ifdef A\n}\n#endif\n}\n", FOUR, "none b | a ab",
    ),
    "a block that begins and ends in a branch": (
        "fn f() { let n = 1;\n#ifdef A\n{ }\n#endif\n}\n", FOUR, "none a b ab",
    ),
    "a block that ends where the next one begins": (
        "fn f() { let n = 1;\n#ifdef A\n} fn g() {\n#endif\n}\n", FOUR, "none b | a ab",
    ),
    "a block round other branches": (
        "fn f() { let n = 1;\n#ifdef A\n{\n#ifdef B\n_ = 2;\n#endif\n}\n#endif\n}\n", FOUR, "none a b ab",
    ),
    "a block that begins in an include of a branch": (
        {"a.wgsl": '#ifdef A\n#include "c.tmpl"\n#endif\nconst n = 1;\n', "c.tmpl": "fn f() {\n"}, FOUR,
        "none b | a ab",
    ),
    "a block that begins in the value of a macro": (
        "#ifdef A\n#define OPEN {\n#else\n#define OPEN\n#endif\nfn f() { let n = 1;\nOPEN\n}\n", TWO, "a | b",
    ),
    "an include that does not exist": ('#ifdef A\n#include "none.tmpl"\n#endif\n', FOUR, "none a b ab"),
}  # fmt: skip


@pytest.mark.parametrize("includes", ["native", "textual"])
@pytest.mark.parametrize(("files", "variants", "classes"), CLASSES.values(), ids=CLASSES)
def test_classes(files: Files, variants: Mapping[str, Sequence[str]], classes: str, includes: str) -> None:
    config = f'includes = "{includes}"\n[[shader]]\nfiles = ["a.wgsl"]\n' + "".join(
        f'[[shader.variant]]\nname = "{name}"\ndefines = {list(defines)}\n'.replace("'", '"')
        for name, defines in variants.items()
    )
    texts = {"a.wgsl": files} if isinstance(files, str) else files
    project = Project.of({**texts, CONFIG: config})
    view = project.view()
    found = [" ".join(view.variants[index].name for index in indices(mask)) for mask in
             variant_classes(project.snapshot, view, ["n"])]  # fmt: skip
    assert sorted(found) == sorted(classes.split(" | "))
    # The preferred variant stands for its own class, and first.
    last = len(view.variants) - 1
    chosen = representatives(project.snapshot, view, ["n"], last)
    assert chosen[0] == last and len(chosen) == len(found)


USES = {
    "uses in other branches than the declarations": (
        "#ifdef A\nconst n = 1;\n#else\nconst n = 2;\n#endif\n"
        + "".join(f"#ifdef {one}\nconst {one.lower()} = n;\n#endif\n" for one in "BCDE"),
        2,
    ),
    "uses of which no two stand together": (
        "const n = 1;\n#if defined(B)\nconst b = n;\n#elif defined(C)\nconst c = n;\n#else\nconst d = n;\n#endif\n", 2,
    ),
    "a struct": (
        "#ifdef A\nstruct n { x: u32 }\n#else\nstruct n { y: u32 }\n#endif\n"
        "#ifdef B\nvar<private> b: n;\n#endif\n#ifdef C\nvar<private> c: n;\n#endif\n", 2,
    ),
    "a local that blocks of branches hide": (
        "const n = 0;\nfn f() {\n#ifdef A\nlet n = 1;\n#endif\n#ifdef B\n{\nlet n = 2;\n#endif\n"
        "#ifdef C\n_ = n;\n#endif\n#ifdef B\n}\n#endif\n#ifdef D\n_ = n;\n#endif\n}\n", 4,
    ),
    "a parameter": (
        "const n = 0;\nfn f(\n#ifdef A\nn: u32\n#endif\n) {\n"
        "#ifdef B\n_ = n;\n#endif\n#ifdef C\n_ = n;\n#endif\n}\n", 2,
    ),
    "out of macros": (
        "const n = 0;\n#ifdef A\n#define M n\n#else\n#define M 1\n#endif\n#ifdef B\nconst b = M;\n#endif\n"
        "#ifdef C\nconst c = M;\n#endif\n", 2,
    ),
    "an include whose only one declares": (
        '#ifdef A\n#include "c.tmpl"\n#else\nconst n = 1;\n#endif\n#ifdef B\nconst b = n;\n#endif\n', 2,
    ),
    "a member": (
        "struct S { n: u32 }\nstruct T { n: i32 }\n#ifdef A\nvar<private> v: S;\n#else\nvar<private> v: T;\n#endif\n"
        "fn f() {\n#ifdef B\n_ = v.n;\n#endif\n#ifdef C\n_ = v.n;\n#endif\n}\n", 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("preferred", [0, 21])
@pytest.mark.parametrize(("text", "n_asked"), USES.values(), ids=USES)
def test_few_variants_have_every_use(text: str, n_asked: int, preferred: int) -> None:
    """As asking each of 32 variants; `n_asked`: how many are asked at most, beside the preferred one."""
    axes = "".join(f"{one} = [false, true]\n" for one in "ABCDE")
    config = f'[[shader]]\nfiles = ["a.wgsl"]\n[shader.axes]\n{axes}'
    project = Project.of({"a.wgsl": text, "c.tmpl": "const n = 3;\n", CONFIG: config})
    view = project.view()
    index = NameIndex(project.front_end)
    assert len(view.variants) == 32
    every = {use for number in range(32) for use in index.uses(view, number, "n")}
    found = finished(index.in_root(project.snapshot, view, "n", preferred))
    assert set(found) == every
    assert len({*users(project.snapshot, view, ["n"], preferred)} - {preferred}) == n_asked
