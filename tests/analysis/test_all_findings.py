# ruff: noqa: E501 - a text is read in one piece
"""Everything that is reported of many small mistakes, as one text: words, severities, related places, conditions, fixes,
verdicts. After a change that is meant, `python -m tests.analysis.test_all_findings` writes it anew; read the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.analysis import test_guesses
from tests.analysis.features import test_fixes
from tests.analysis.fixture import Project, refusing
from tests.analysis.test_guesses import HEAD, stops_at_the_first_error_of_syntax
from tests.analysis.test_lints import CASES
from wgsl_ls.analysis.features.fixes import fixes_for
from wgsl_ls.engines.scripted import obey
from wgsl_ls.project.variants import VariantOrigin
from wgsl_ls.text.span import Location
from wgsl_ls.wire.jobs import CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected, Unsupported

SAID = Path(__file__).with_name("all_findings.txt")
Files = Mapping[str, str] | str
TWO = {"one": ["A", "N=1"], "two": ["N=2"]}
FOUR = {f"{a}{n}": [*([a] if a else []), f"N={n}"] for a in ("", "A") for n in (8, 16)}
TEXTS: dict[str, tuple[Files, Mapping[str, Sequence[str]]]] = {
    "types in branches": (
        "#ifdef A\n#define T f32\n#else\n#define T u32\n#endif\nfn f(x: T) -> i32 { return x; }\n"
        "const c: T = 1.5;\nconst d = vec2<T>(1) + vec3<T>(2);\n",
        TWO,
    ),
    "sizes": ("const a: array<u32, N> = array<u32, 8>();\nfn f() { let x = a[N]; let y = a[99]; }\n", FOUR),
    "names and members": (
        "struct Params { rows: u32, cols: u32 }\nvar<private> p: Params;\n"
        "fn f() -> u32 { let turns = 1u; return p.rwos + trns + turn() + p.cols; }\nfn turns() {}\nfn f() {}\n",
        TWO,
    ),
    "through macros": (
        "#define INNER x + missing\n#define OUTER (INNER * N)\nfn f(x: u32) -> u32 { return OUTER + 1.5; }\n", TWO,
    ),
    "through includes": (
        {
            "a.wgsl": '#include "b.tmpl"\n#include "none.tmpl"\nconst a = b + c;\n#include "b.tmpl"\n',
            "b.tmpl": '#include "c.tmpl"\nconst b: u32 = 1.5\n',
            "c.tmpl": '#include "b.tmpl"\n#ifdef A\nfn c() {\n#endif\n',
        },
        TWO,
    ),
    "half-written": (
        "fn f( {\n  let a = max(1, ;\n  if (a {\n}\nstruct S { a: , b }\n@compute fn g() { for (;;) { let x = } }\nconst\n", TWO,
    ),
    "control flow": (
        "fn f(x: u32) -> u32 { if x == 1u { return 1u; } }\nfn g() { break; continue; discard; }\n"
        "fn h() { switch 1 { case 1: {} case 1: {} } loop { } }\nfn i() { return 1; }\nfn j() { let a = 1; a = 2; }\n",
        TWO,
    ),
    "directives": (
        "#if\n#endif\n#else\n#elif N\n#endif\n#ifdef A B\n#include\n#include b\n#define\n#undef\n#error why\n#pragma x\n"
        "#if N > \n#elseif 2\n#if (N\n#endif\n",
        TWO,
    ),
    "macros of macros": ("#define A1 A2\n#define A2 A1\nconst a = A1;\n#if A1 > 0\n#endif\n#define N 3\nconst n = N;\n", TWO),
    "attributes and extensions": (
        "@group(0) var<storage> a: array<f32>;\n@compute fn main() { a[0] = f16(1); }\nenable f16;\n"
        "@workgroup_size(0) @compute fn zero() {}\n@builtin(position) @foo fn k() {}\n",
        TWO,
    ),
    "uniform layout": (
        "struct P { a: f32, b: array<f32, N> }\n@group(0) @binding(0) var<uniform> p: P;\n"
        "@compute @workgroup_size(1) fn main() { _ = p.b[0]; }\n",
        FOUR,
    ),
    "what the host defines": (
        "@compute @workgroup_size(WG) fn main() { let x: TYPE = TYPE(1); let y = ROWS * 2u + x; undefined_fn(y); }\n", {},
    ),
    "includes called otherwise": (
        {"a.wgsl": '#include "decl.tmpl"\n#include "x/decls.tmpl"\n', "sub/decl.tmpl": "const a = 1;\n", "decls.tmpl": "const b = 1;\n"}, TWO,
    ),
    "macros of other roots": (
        {
            "a.wgsl": "#ifdef KV_OVERLAY\n#endif\n#ifdef ELSEWHERE\n#endif\n#ifdef NOBODY_HAS\n#endif\n",
            "b.wgsl": '#include "d.tmpl"\n',
            "d.tmpl": "#define KV_OVERLAP\n#define ELSEWHERE 1\nconst o = KV_OVERLAP;\n",
        },
        TWO,
    ),
    "functions and macros": ("fn scale() {}\nfn other() {}\n#define scale 3\nfn f() { scale(); other(); }\n", TWO),
    "an include read twice": (
        {"a.wgsl": '#define c c1\n#include "b.tmpl"\n#undef c\n#define c c2\n#include "b.tmpl"\n', "b.tmpl": "const c: u32 = 1.5;\n"}, TWO,
    ),
    "several on a line": ("fn f() { let a: u32 = 1.5; let b: u32 = 2.5; let a: i32 = 1u; _ = nope + a + nopes; }\n", TWO),
    "locals of others": (
        "fn f() { let total = 1u; _ = total; }\nfn g() { _ = total; }\n#ifdef A\nfn h() { let rest = 1u; _ = rest; }\n#else\n"
        "fn h() { _ = rest + WG; }\n#endif\nfn i() { var TILE_X = 1u; { _ = TILE_X; } } fn j() { _ = TILE_X; }\n",
        TWO,
    ),
    "an include for others": (
        {
            "a.wgsl": '#include "h.tmpl"\nfn g() { h(); }\n',
            "h.tmpl": "#ifdef A\nfn h() { return bad; }\n#else\nfn h() { worse(); }\n#endif\nfn both() { wrong(); }\n",
        },
        TWO,
    ),
    "hidden by comments": (
        "#define X 1 // why\n#define Y // nothing\nconst a = X + 1;\nconst b = missing; const c = Y 2;\n/* X */ const d = X", TWO,
    ),
    "many numbers": (
        "const a: array<u32, N> = array<u32, 9>();\nfn f() { let x = vec3(1, 2, 3)[N]; let y = N << 31; }\n",
        {f"n{number}": [f"N={number}"] for number in range(1, 7)},
    ),
    "a long name of one place": ("fn f() -> u32 { return aaaaaaaa.bbbbbbbb.cccc; }\nfn g() { f().x = 1; f() = 2; *f() = 3; &f(); }\n", TWO),
    "engines": (
        "#ifdef A\n//! reject 2:1 no A\n#endif\n//! warn 5:7 a warning\nconst a = 1;\n#if N > 8\n//! unsupported f16\n#endif\n", FOUR,
    ),
}  # fmt: skip


PAIRS: dict[str, tuple[tuple[tuple[str, str, str, str], ...], tuple[tuple[str, str, str, str], ...]]] = {
    # Of wgpu and of Dawn: severity, kind, words, what stands at the places ("|" between them).
    "the same place": ((("error", "type", "naga says", "x + y"),), (("error", "type", "Tint says", "x + y"),)),
    "one line": ((("error", "type", "naga says", "let a"),), (("error", "name", "Tint says", "x + y"),)),
    "a part of it": ((("error", "type", "naga says", "let a = x + y;\n  let b = x\n    * 2u"),), (("error", "type", "Tint says", "2u"),)),
    "a second place": ((("error", "validation", "naga says", "let a|x\n    * 2u"),), (("error", "validation", "Tint says", "x\n"),)),
    "two lines": ((("error", "type", "naga says", "let a"),), (("error", "type", "Tint says", "let b"),)),
    "other severities": ((("warning", "type", "naga says", "let a"),), (("error", "type", "Tint says", "let a"),)),
    "nothing in common": ((("warning", "lint", "naga warns", "let a"),), (("error", "type", "Tint says", "x + y"),)),
    "nowhere": ((("error", "validation", "naga says", ""),), (("error", "validation", "Tint says", "let b"),)),
    "syntax": ((("error", "parse", "naga says", "return"),), (("error", "parse", "Tint says", "return"),)),
    "several": (
        (("error", "type", "naga says", "x + y"), ("error", "type", "naga says more", "2u"), ("info", "lint", "naga notes", "fn f")),
        (("error", "type", "Tint says", "2u"), ("warning", "lint", "Tint warns", "fn f"), ("info", "lint", "Tint notes", "fn f")),
    ),
}  # fmt: skip
SPOKEN = "fn f(x: u32, y: f32) -> u32 {\n  let a = x + y;\n  let b = x\n    * 2u;\n  return a + b;\n}\n"


def speaking(name: str) -> Callable[[CompileJob], CompileResult]:
    def compile(job: CompileJob) -> CompileResult:
        messages = []
        for severity, kind, words, places in PAIRS[name][job.engine == "dawn"]:
            spans = [
                MessageSpan(job.text.index(one), job.text.index(one) + len(one)) for one in places.split("|") if one
            ]
            messages.append(EngineMessage(severity, words, tuple(spans), kind=kind))  # type: ignore[arg-type]
        return Rejected(tuple(messages))

    return compile


def silent(job: CompileJob) -> CompileResult:
    """What our own front end says stands."""
    return Unsupported("nothing")


def said() -> Iterator[str]:
    texts: list[tuple[str, Files, Mapping[str, Sequence[str]]]] = [
        *((name, *case) for name, case in TEXTS.items()),
        *((f"lint: {name}", *case) for name, case in CASES.items()),
    ]
    for name, files, variants in texts:
        engine = obey if name == "engines" else silent
        origins: tuple[VariantOrigin, ...] = ("declared", "inferred", "host")[: 1 if name.startswith("lint") else 3]
        for origin in origins:
            project = Project.of(files, variants, compile=engine, origin=origin)
            yield f"== {name}, {origin}"
            yield from reported(project)
    for name in ("types in branches", "through macros"):
        files, variants = TEXTS[name]
        yield f"== {name}, refused by engines"
        yield from reported(Project.of(files, variants, compile=refusing("f32", "missing", "return")))
        yield from reported(Project.of(files, variants, compile=refusing("f32", "missing", "return", stops=True)))
    for name in PAIRS:
        for text in (SPOKEN, SPOKEN.replace("f32", "u32")):
            yield f"== {name}, {'y: f32' in text}"
            yield from reported(Project.of(text, {"one": [], "two": ["A"]}, compile=speaking(name)))
    for test in (
        test_guesses.test_what_a_missing_name_explains,
        test_guesses.test_a_macro_of_the_host_may_be_any_piece_of_text,
        test_guesses.test_an_engine_judges_the_rest_with_stand_ins,
    ):
        for text, *_ in test.pytestmark[0].args[1]:  # type: ignore[attr-defined]
            yield f"== {text!r}, undeclared"
            yield from reported(Project.of(HEAD + text, compile=stops_at_the_first_error_of_syntax))
    for name, text, *_ in test_fixes.FIXES:
        yield f"== {name}, with a fix"
        yield from reported(Project.of(text, test_fixes.ONE))
    yield "== while somebody types"
    yield from typed()


TYPED: tuple[tuple[str, str, str], ...] = (
    ("a.wgsl", "", "// a line above\n"),
    ("a.wgsl", "wrong", "wronger"),
    ("a.wgsl", "let y = wronger;", "let y = wronger; let z = wrong;"),
    ("a.wgsl", " let z = wrong;", ""),
    ("b.tmpl", "const b", "\n\nconst b"),
    ("b.tmpl", "wrong", "right"),
    ("a.wgsl", "#if N > 1\n", "#if N > 2\n"),
    ("a.wgsl", "#if N > 2\n", "#if N > \n"),
    ("a.wgsl", "#if N > \n", "#if N > 1\n"),
    ("a.wgsl", "let y = wronger;\n", ""),
    ("a.wgsl", "// a line above\n", ""),
    ("b.tmpl", "right", "wrong"),
)
"""File, what stands there, what is typed in its place; "" is the beginning."""


def typed() -> Iterator[str]:
    """What is shown after each edit before and after the engines answered, and what was compiled for it."""
    files = {
        "a.wgsl": '#include "b.tmpl"\nfn f() {\nlet y = wrong;\n#if N > 1\nlet n: u32 = 1.5;\n#endif\n}\n',
        "b.tmpl": "const b = 1; // wrong\nconst c = b + missing;\n",
    }
    project = Project.of(
        files, {"one": ["N=1"], "two": ["N=2"], "three": ["N=3"]}, compile=refusing("wrong", "missing")
    )
    yield from _after(project)
    for name, old, new in TYPED:
        text = project.text(name)
        assert old in text
        project.edit(name, text.replace(old, new, 1) if old else new + text)
        yield f"== {name}: {old!r} becomes {new!r}"
        yield from _after(project)


def _after(project: Project) -> Iterator[str]:
    for what, report in (("at once", project.report()), ("fast", project.fast()), ("then", project.check())):
        yield f"{what}: {[f'{one.name} {one.state} {one.n_errors}' for one in report.verdicts]} {report.n_structures}"
        for item in report.diagnostics:
            yield f"  {_at(project, item.location)} {item.code}: {item.message} ({item.summary}) {item.engines}"
    yield f"compiled: {sorted(f'{job.engine} {len(job.text)}' for job in project.jobs)}"
    project.jobs.clear()


def reported(project: Project) -> Iterator[str]:
    view, report = project.view(), project.check()
    for item in report.diagnostics:
        place = _at(project, item.location)
        yield f"{place} {item.severity.name} {item.code}: {item.message} ({item.summary})"
        yield f"  {item.variants} {item.engines} {item.condition} {item.unnecessary} {item.subject!r}"
        yield from (f"  {_at(project, one.location)} {one.message}" for one in item.related)
        for fix in fixes_for(project.snapshot, project.front_end, view, item):
            edits = [(_at(project, one.location), one.text) for one in fix.edits]
            yield f"  fix {fix.title}: {edits} {fix.preferred}"
    for verdict in report.verdicts:
        words = [str(word) for _, word in verdict.verdicts]
        yield f"{verdict.name} {verdict.state} {verdict.n_errors} {words} {verdict.why_not_judged}"


def _at(project: Project, location: Location) -> str:
    return project.shown(location).replace("\n", "\\n")


def test_all_that_is_reported() -> None:
    assert list(said()) == SAID.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    SAID.write_text("\n".join(said()) + "\n", encoding="utf-8")
