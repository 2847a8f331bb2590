"""Variants that nobody declared: what a missing name excuses, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.guesses import _missing_steps, undeclared_words, without_guesswork
from wgsl_ls.analysis.merge import across_roots
from wgsl_ls.text.steps import finished
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.spelling import is_slip
from wgsl_ls.wgsl.symbols import analyze
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected
from wgsl_ls.wire.verdicts import State, Verdict

HEAD = "@group(0) @binding(0) var<storage, read_write> r: array<u32>;\n"


def stops_at_the_first_error_of_syntax(job: CompileJob) -> CompileResult:
    for error in parse(job.text).errors:
        return Rejected((EngineMessage("error", "expected", (MessageSpan(error.start, error.end),), kind="parse"),))
    return stops_at_the_first_name(job)


def stops_at_the_first_name(job: CompileJob) -> CompileResult:
    for one in analyze(parse(job.text)).unresolved:
        place = MessageSpan(one.start, one.end)
        return Rejected((EngineMessage("error", "unresolved value", (place,), kind="name", subject=one.name),))
    return Accepted()


def said(
    files: dict[str, str] | str, engine: Callable[[CompileJob], CompileResult] = stops_at_the_first_name
) -> list[tuple[str, str]]:
    """(rule, words at the place) of everything that is reported of a root without configuration."""
    project = Project.of(files, compile=engine)
    found = []
    for item in project.check().diagnostics:
        text = project.snapshot.source(item.location.path)
        assert text is not None
        found.append((item.code, text.text[item.location.span.start : item.location.span.end]))
    return sorted(set(found))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A macro of the host excuses itself and nothing else.
        (
            "@compute @workgroup_size(WG_SIZE) fn main() { r[0] = r[1] * 1.5; mystery(); r[2] = 3u }",
            [
                ("variants/undeclared", "WG_SIZE"),
                ("wgsl/name", "mystery"),
                ("wgsl/syntax", "}"),
                ("wgsl/type", "r[1] * 1.5"),
            ],
        ),
        ("fn main() { switch r[0] { case OP_ADD: { } default: { } } }", [("variants/undeclared", "OP_ADD")]),
        ("/* a /* b */ SOME_WORD */ fn main() { let x = BLOCK; }", [("variants/undeclared", "BLOCK")]),
        # What was meant as a macro with parameters is no macro of the host.
        (
            "#define FETCH(P) r[P]\nfn main() { r[0] = FETCH(1); }\n",
            [("lint/function-like-macro", "FETCH(P)"), ("wgsl/name", "FETCH")],
        ),
        ("fn main() { let x: T = T(1); let y = x.K; }", [("variants/undeclared", "T")]),
        # What a directive speaks of is a macro, however it is written.
        ("#ifdef tile\n#endif\nfn main() { r[0] = tile; }", [("variants/undeclared", "tile")]),
        ("#if N == 4 && tile > 2\n#endif\nfn main() { r[0] = tile; }", [("variants/undeclared", "tile")]),
        # What the files define themselves, further on, no host is asked for.
        ("fn main() { r[0] = BLOCK; }\n#define BLOCK 4\n",
         [("wgsl/name", "BLOCK")]),
        # Sure whatever the macros are.
        ("fn main() { if (r[0] + BLOCK) { } r[0] = min(1u, BLOCK, 2u); const x = r[1]; }",
         [("variants/undeclared", "BLOCK"), ("wgsl/type", "(r[0] + BLOCK)"), ("wgsl/type", "min(1u, BLOCK, 2u)"),
          ("wgsl/validation", "r")]),
        # A local of a function of the same name in another branch is not this one's.
        ("#ifdef A\nfn f() -> u32 { let total = 1u; return total; }\n#else\nfn f() -> u32 { return total; }\n#endif\n"
         "fn main() { r[0] = f() + BLOCK; }", [("variants/undeclared", "BLOCK"), ("wgsl/name", "total")]),
        ("fn f() -> u32 {\n#ifdef A\nlet total = 1u;\n#else\nlet total = 2u;\n#endif\nreturn total; }\n"
         "fn main() { r[0] = f() + BLOCK; }", [("variants/undeclared", "BLOCK")]),
        # Behind an error of syntax too: that it is no function does not depend on what was lost.
        ("fn main() { let fn = 3u; let ok = r[0]; r[1] = ok() + missing; }",
         [("wgsl/name", "missing"), ("wgsl/syntax", "fn"), ("wgsl/type", "ok")]),
        # What the files define and undefine, and what an error of syntax hides, no host is asked for.
        ("#define GONE 1\n#undef GONE\nfn main() { r[0] = GONE + WG; }",
         [("variants/undeclared", "WG"), ("wgsl/name", "GONE")]),
        ("const Z = 1\nconst Q = 3u;\nfn main() { r[0] = Q + WG; }",
         [("variants/undeclared", "WG"), ("wgsl/syntax", "1")]),
        # A keyword that is misspelt costs what it declares and no more.
        ("fn main() { lte x = 1u; r[0] = x + 1u; r[1] = missing; }",
         [("wgsl/name", "lte"), ("wgsl/name", "missing"), ("wgsl/syntax", "lte")]),
        ("fn f() -> u32 {\n#ifdef A\nlet total = 1u;\n#endif\nreturn total; }\nfn main() { r[0] = f() + BLOCK; }",
         [("variants/undeclared", "BLOCK")]),
        # Not declared with these macros, but by another branch.
        ("#ifdef A\nvar<private> src: u32;\n#endif\nfn main() { r[0] = src; r[1] = BLOCK; }",
         [("variants/undeclared", "BLOCK")]),
    ],
)  # fmt: skip
def test_what_a_missing_name_explains(text: str, expected: list[tuple[str, str]]) -> None:
    assert said(HEAD + text) == expected


BARE = ("variants/undeclared", "MORE")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Parameters and arguments, members, attributes, statements, declarations; the rest is read to its end.
        ("fn f(a: u32 MORE) -> u32 { return a; }\nfn main() { r[0] = f(1u) + f(2u, 3u); let z: i32 = 3u; }",
         [BARE, ("wgsl/type", "3u")]),
        ("fn f(a: u32) -> u32 { return a; }\nfn main() { r[0] = f(1u MORE); let z: i32 = 3u; }",
         [BARE, ("wgsl/type", "3u")]),
        ("struct P { a: u32 MORE }\nfn main() { let p = P(1u, 2u); let z: i32 = 3u; }", [BARE, ("wgsl/type", "3u")]),
        ("MORE\nfn main() { r[0] = missing; let z: i32 = 3u; }", [BARE, ("wgsl/type", "3u")]),
        ("@compute MORE\nfn main() { let z: i32 = 3u; }", [BARE, ("wgsl/type", "3u")]),
        ("fn main() { MORE for (var i = 0u; i < 4u; i++) { r[i] = 1u; } let z: i32 = 3u; }",
         [BARE, ("wgsl/type", "3u")]),
        ("fn main() { MORE }\nfn g() { r[0] = missing; }", [BARE, ("wgsl/name", "missing")]),
        # It may declare what is used behind it, but does not explain a slip.
        ("fn main() { let total = 1u; MORE r[0] = total2 + totla; }", [BARE, ("wgsl/name", "totla")]),
        ("fn f(a: u32 MORE) -> u32 { return a + extra; }", [BARE]),
        ("struct P { MORE }\nfn main() { BODY; for (HEAD) { } let z: i32 = 3u; }", [BARE, ("wgsl/type", "3u")]),
        # The keyword of a declaration whose name looks like a macro, too.
        ("MORE P { a: u32 }\nfn main() { let p = P(1u); let z: i32 = 3u; }", [BARE, ("wgsl/type", "3u")]),
        # One behind the other: what mends the first lets the next be seen.
        ("MORE\nfn f(EXTRA) -> OUT { BODY }\n"
         "fn main() { LOOP (var i = 0u; i < 4u; i++) { r[i] = f(1u) OP 2u; } let z: i32 = 3u; }",
         [BARE, ("wgsl/type", "3u")]),
        # More of them than are tried: no error is sure then.
        ("".join(f"fn f{n}(EXTRA_{chr(65 + n // 26)}{chr(65 + n % 26)}) {{ }}\n" for n in range(70)) + "fn f(MORE) { }",
         [("variants/undeclared", "EXTRA_AA")]),
        # Several arguments in one; not of the call around, and never fewer than one.
        ("fn g(a: u32, b: u32) -> u32 { return a; }\nfn main() { r[0] = g(MORE) + g(MORE + 1u) + min(MORE); }", [BARE]),
        ("fn g(a: u32, b: u32) -> u32 { return a; }\nfn main() { r[0] = g(g(MORE)); r[1] = g(MORE, 2u, 3u); }",
         [BARE, ("wgsl/type", "g(MORE, 2u, 3u)"), ("wgsl/type", "g(g(MORE))")]),
        # What stands in one statement with it may become something else.
        ("fn main() { let z: i32 = 3u MORE; }", [BARE]),
        # It may return, and leave a loop.
        ("fn f() -> u32 { MORE }\nfn g() { loop { MORE } }", [BARE]),
        # The keyword before a condition in parentheses, alone or with a clause.
        ("fn main() { MORE (r[0] < 4u) { r[1] = 1u; } let z: i32 = 3u; }", [BARE, ("wgsl/type", "3u")]),
        ("fn main() { if r[0] > 1u { } MORE (r[0] < f(1u)) { } let z: i32 = 3u; }\nfn f(a: u32) -> u32 { return a; }",
         [BARE, ("wgsl/type", "3u")]),
        ("fn main() { MORE (var i = 0u; i < 4u; i++) { r[i] = 1u; } let z: i32 = 3u; }", [BARE, ("wgsl/type", "3u")]),
        ("fn main() { MORE (r[0]) { LABELS } let z: i32 = 3u; }", [BARE, ("wgsl/type", "3u")]),
        ("fn main() { switch r[0] { MORE (1) { } default: { } } let z: i32 = 3u; }", [BARE, ("wgsl/type", "3u")]),
        # What is called is no keyword where a semicolon is missing behind it; no text mends what C has in a struct.
        ("fn f(a: u32) -> u32 { return a; }\nfn main() { f(r[0]) { } }", [("wgsl/parse", "{")]),
        ("struct P { MORE; }\nfn main() { r[0] = 1u; }", [("wgsl/parse", ";")]),
        # An operator.
        ("fn main() { r[0] = r[1] MORE r[2]; let z: i32 = 3u; }", [BARE, ("wgsl/type", "3u")]),
        # Two of them.
        ("fn f(a: u32 MORE) -> u32 { OTHER return a; }", [BARE]),
        # No text of these would mend it, so the error is the user's.
        ("fn main() { r[0] = 3u\n MORE = 4u; }", [("wgsl/parse", "u")]),
        ("fn main() { r[0] = (3u; MORE }", [BARE, ("wgsl/parse", ";")]),
        # What the files define is no macro of the host; nor is a slip.
        ("fn f(a: u32 MORE) {}\n#define MORE\n",
         [("lint/used-before-definition", "MORE"), ("wgsl/parse", "MORE")]),
        ("#define MORES\nfn f(a: u32 MORE) {}\n", [("wgsl/parse", "MORE")]),
        ("const MORES = 1u;\nfn f(a: u32 MORE) {}\n", [("wgsl/parse", "MORE")]),
        ("fn f(a: u32 more) {}", [("wgsl/parse", "more")]),
        ("fn f(a: u32 _) {}", [("wgsl/parse", "_")]),
        # What was read of a declaration that breaks off later is known.
        ("fn main() { let t = r[0]; t = 2u; r[1] = MORE; if (t = 3u) { } }",
         [BARE, ("wgsl/parse", "="), ("wgsl/validation", "t")]),
        # Parameters of a head that could not be read are declared.
        ("fn 3(index: u32) -> u32 { return r[index] + missing; }\nfn main() { r[0] = WG; }",
         [("variants/undeclared", "WG"), ("wgsl/name", "missing"), ("wgsl/parse", "3")]),
        # A member.
        ("fn main() { let v = vec4u(); r[0] = v.MORE + v.q; }", [BARE, ("wgsl/type", "q")]),
        ("struct P { a: u32 }\nfn main() { let p = P(1u); r[0] = p.MORE; let z: i32 = 3u; }",
         [BARE, ("wgsl/type", "3u")]),
        # Whatever stands for its components.
        ("fn main() { let v = vec2<MORE>(1, 2); r[0] = u32(v.x + v.q); }", [BARE, ("wgsl/type", "q")]),
        ("fn main() { var v: MORE; r[0] = u32(v.x + v.q); }", [BARE]),
    ],
)  # fmt: skip
def test_a_macro_of_the_host_may_be_any_piece_of_text(text: str, expected: list[tuple[str, str]]) -> None:
    assert said(HEAD + text, stops_at_the_first_error_of_syntax) == expected


def test_in_a_function_that_is_too_long_to_try_pieces_no_error_is_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "fn main() { MORE }\nfn g() { let z: i32 = 3u; }"
    monkeypatch.setattr("wgsl_ls.analysis.bare_names._MOST_AT_ONCE", 10 * len(text))
    assert said(text, stops_at_the_first_error_of_syntax) == [BARE, ("wgsl/type", "3u")]
    monkeypatch.setattr("wgsl_ls.analysis.bare_names._MOST_AT_ONCE", len(text))
    assert ("wgsl/parse", "}") not in said(text, stops_at_the_first_error_of_syntax)
    assert ("wgsl/type", "3u") not in said(text, stops_at_the_first_error_of_syntax)


@pytest.mark.parametrize(
    "text",
    [
        "const TILE_ROWS = 8u; fn main() { r[0] = TILE_ROW; }",
        "fn main() { let x = not_declared; }",
        "#define TILE 4\nfn main() { r[0] = TILEE + TILE; }",
        "fn f() { let scale = 1u; } fn main() { r[0] = scale; }",
    ],
)
def test_a_mistake_is_no_macro_of_the_host(text: str) -> None:
    assert [code for code, _ in said(HEAD + text)] == ["wgsl/name"]


@pytest.mark.parametrize(
    ("name", "declared", "expected"),
    [
        ("TILE_ROW", "TILE_ROWS", True),
        ("tile_rosw", "tile_rows", True),
        ("tile_rowz", "tile_rows", True),
        ("Params", "params", True),
        ("SRC0_TYPE", "SRC1_TYPE", False),
        ("row", "row1", False),
        ("src", "sec", False),
        ("HEAD_DIM_QK", "HEAD_DIM_V", False),
        ("TILE", "TILE", False),
    ],
)
def test_a_slip_is_one_letter_and_never_a_digit(name: str, declared: str, expected: bool) -> None:
    assert is_slip(name, declared) == is_slip(declared, name) == expected


def found_by(text: str, word: str, kind: str = "validation", **files: str) -> list[tuple[str, str, str]]:
    """(rule, severity, words at the place) when an engine rejects `word` where it gets it, and stops there."""

    def compile(job: CompileJob) -> CompileResult:
        at = job.text.find(word)
        place = MessageSpan(at, at + len(word))
        return Rejected((EngineMessage("error", "refused", (place,), kind=kind),)) if at >= 0 else Accepted()

    project = Project.of({"a.wgsl": text, **files}, compile=compile)
    shown = []
    for item in project.check().diagnostics:
        source = project.snapshot.source(item.location.path)
        assert source is not None
        words = source.text[item.location.span.start : item.location.span.end]
        shown.append((item.code, item.severity.name, words))
    return [one for one in shown if not one[0].startswith("lint/")]


def test_without_directives_there_is_one_variant_and_it_is_judged_like_a_declared_one() -> None:
    assert found_by("fn main() { let x = bad(); }\nfn bad() -> u32 { return 1u; }\n", "bad()", "type") == [
        ("wgsl/type", "ERROR", "bad()")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The engine gets stand-ins, so that it comes to what is wrong.
        (
            "fn main() { let n = TILE; }\nfn f() { let x = bad; }\nconst bad = 1;\n",
            [("wgsl/validation", "ERROR", "bad")],
        ),
        # Of a struct with a stand-in in it the size says nothing, the other members do.
        ("struct S { a: T, b: u32 }\nstruct R { s: S }\nvar<private> bad: R;\n", []),
        (
            "struct S { a: array<u32, TILE>, b: u32 }\nvar<private> s: S;\n"
            "fn f() { let x = s.b + bad; }\nconst bad = 1;\n",
            [("wgsl/validation", "ERROR", "bad")],
        ),
        # What rests on a stand-in, at once or through a name, says nothing.
        ("const bad = TILE;\n", []),
        ("const n = TILE;\nfn f() { let x = n + bad; }\nconst bad = 1;\n", []),
        ("fn f(n: T) { let x = n + bad; }\nconst bad = 1;\n", []),
    ],
)
def test_an_engine_judges_the_rest_with_stand_ins(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = found_by(text, "bad" if "x =" not in text else "bad;" if "= bad;" in text else "+ bad")
    told = [(code, severity, words.strip("+; ")) for code, severity, words in found if code != "variants/undeclared"]
    assert told == expected
    assert [code for code, _, _ in found if code == "variants/undeclared"]


def test_what_an_engine_says_of_no_place_may_rest_on_a_stand_in() -> None:
    def compile(job: CompileJob) -> CompileResult:
        return Rejected((EngineMessage("error", "refused", (), kind="validation"),))

    found = Project.of("const a = 1;\nfn main() { let n = TILE; }\n", compile=compile).check().diagnostics
    assert {one.code for one in found} == {"variants/undeclared"}


def test_an_engine_s_word_for_two_branches_that_do_not_fit_is_not_told() -> None:
    """It points at the whole declaration, which rests on no name that is missing."""
    text = "#ifdef A\nalias E = u32;\n#endif\n#ifdef B\nalias E = i32;\n#endif\nfn main() { let e = E(1); }\n"

    def redeclared(job: CompileJob) -> CompileResult:
        at = job.text.find("alias E = i32") if "alias E = u32" in job.text else -1
        place = MessageSpan(at, at + len("alias E = i32"))
        return Rejected((EngineMessage("error", "twice", (place,), kind="validation"),)) if at >= 0 else Accepted()

    variants = {"none": [], "both": ["A", "B"]}
    found = Project.of(text, variants, compile=redeclared, origin="inferred").check().diagnostics
    assert {one.code for one in found} == {"variants/undeclared"}


def test_what_stand_ins_let_pass_was_not_judged() -> None:
    project = Project.of("fn main() { let n = TILE; }\n", compile=lambda job: Accepted())
    (entry,) = project.check().verdicts
    assert (entry.state, entry.undeclared, entry.n_errors) == ("unjudged", True, 0)


def test_syntax_errors_are_always_told_as_errors() -> None:
    found = found_by("fn main() { let n = TILE; }\nfn f() { r[0] = 3u }\n", "nothing at all")
    assert ("wgsl/syntax", "ERROR", "}") in found


def test_of_macros_that_are_our_own_idea_a_name_may_be_missing_in_an_include_but_not_in_the_root() -> None:
    files = {
        "a.wgsl": HEAD + '#include "c.tmpl"\n#ifdef A\n#endif\nfn main() { r[0] = own; }\n',
        "c.tmpl": "fn f() { r[0] = theirs; }\n",
    }
    guessed = {"none": [], "A": ["A"]}
    project = Project.of(files, guessed, compile=stops_at_the_first_name, origin="inferred")
    found = [(one.code, project.shown(one.location).rpartition(" ")[2]) for one in project.check().diagnostics]
    assert found == [("wgsl/name", "'own'"), ("variants/undeclared", "'theirs'")]


def test_what_is_half_written_in_a_branch_is_told_where_it_is_noticed() -> None:
    """Behind the branch, where other variants have nothing to complain of."""
    text = HEAD + "fn main() {\n#ifdef A\nlet x = r[\n#endif\nr[0] = 1u;\nr[1] = BLOCK;\n}\n"
    project = Project.of(text, {"none": [], "A": ["A"]}, compile=lambda job: Accepted(), origin="inferred")
    found = [(one.code, one.severity.name, one.variants) for one in project.check().diagnostics]
    assert ("wgsl/syntax", "WARNING", ("A",)) in found


def test_a_directive_behind_declarations_of_other_branches_is_not_told() -> None:
    """Which declarations stand before it is the combination's, unlike what is half-written."""
    text = "#ifdef A\nconst k = 1;\n#endif\nenable f16;\nfn f() { _ = BLOCK; }\n"
    project = Project.of(text, {"none": [], "A": ["A"]}, compile=lambda job: Accepted(), origin="inferred")
    assert {one.code for one in project.check().diagnostics} == {"variants/undeclared"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # What a branch declares may be something else in another combination; a sum is a number whatever it is of.
        ({"a.wgsl": "#ifndef B\nconst k = 1u;\n#endif\n"}, ["(k + NQ)"]),
        ({"a.wgsl": '#ifndef B\n#include "k.tmpl"\n#endif\n', "k.tmpl": "const k = 1u;\n"}, ["(k + NQ)"]),
        # What no directive decides about is the same in all of them.
        ({"a.wgsl": "const k = 1u;\n"}, ["k", "(k + NQ)"]),
        ({"a.wgsl": '#include "k.tmpl"\n', "k.tmpl": "const k = 1u;\n"}, ["k", "(k + NQ)"]),
    ],
)
def test_what_is_known_of_names_where_branches_do_not_fit(files: dict[str, str], expected: list[str]) -> None:
    text = files["a.wgsl"] + "fn f() {\n#ifdef A\nif k { }\nif (k + NQ) { }\nelsewhere();\n#else\n#endif\n}\n"
    text += "#ifdef B\nfn elsewhere() { }\n#endif\n"
    variants = {"none": [], "A": ["A"]}
    project = Project.of({**files, "a.wgsl": text}, variants, compile=lambda job: Accepted(), origin="inferred")
    found = [one.location for one in project.check().diagnostics if one.code == "wgsl/type"]
    assert [project.shown(one).partition("'")[2].rstrip("'") for one in found] == expected


def test_what_holds_in_some_variants_is_not_told_behind_an_error_of_syntax_that_hides_the_others() -> None:
    text = "fn f() {\n#ifdef A\nlet x = 1u;\n#else\nlet x = 1i;\n#endif\nlet y: i32 = x; let z = {1};\n}\nconst n=N;\n"
    project = Project.of(text, {"none": [], "A": ["A"]}, compile=lambda job: Accepted(), origin="inferred")
    assert {one.code for one in project.check().diagnostics} == {"wgsl/syntax", "variants/undeclared"}


def test_a_value_that_nothing_takes_is_told_where_the_host_gives_macros() -> None:
    text = "@compute @workgroup_size(WG) fn main() { return 1u; }\nfn f() { return GIVEN; }\n"
    assert said(HEAD + text) == [
        ("variants/undeclared", "WG"), ("wgsl/type", "return 1u"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"), [("let x = BLOCK;", "let x = 2u;"), ("let x = other();", "x = 2u;")], ids=["twice", "assigned"]
)
def test_what_one_piece_of_code_does_to_its_own_name_is_a_mistake_whoever_has_it(first: str, second: str) -> None:
    """In two pieces it may be that these branches were never meant to be active together."""
    head = HEAD + "#ifdef C\nfn other() -> u32 { return 1u; }\n#endif\n"
    same = head + f"#ifdef A\nfn f() {{ {first}\n{second} }}\n#endif\n"
    two = head + f"fn f() {{\n#ifdef A\n{first}\n#endif\n#ifdef B\n{second}\n#endif\n}}\n"
    for text, expected in ((same, {"variants/undeclared", "wgsl/validation"}), (two, {"variants/undeclared"})):
        variants = {"none": [], "both": ["A", "B"]}
        found = Project.of(text, variants, compile=stops_at_the_first_name, origin="inferred").check().diagnostics
        assert {one.code for one in found} == expected


def test_one_information_names_all_that_a_file_lacks() -> None:
    text = "const n: f32 = 1u;\nfn f() {\n#ifdef A\nr[0] = ONE;\n#else\nr[0] = TWO;\n#endif\nr[1] = THREE; }\n"
    project = Project.of(HEAD + text, {"none": [], "A": ["A"]}, origin="inferred")
    shown = [(one.code, one.message.partition(":")[0]) for one in across_roots(project.check().diagnostics)]
    assert shown == [
        ("wgsl/type", shown[0][1]),
        ("variants/undeclared", "nothing here defines ONE, THREE, TWO"),
    ]


@pytest.mark.parametrize(("n_names", "shown"), [(6, "A, B, C, D, E, F"), (7, "A, B, C, D, E, F, ...")])
def test_many_names_are_not_all_told(n_names: int, shown: str) -> None:
    assert undeclared_words("ABCDEFG"[:n_names], are_hosts=True).startswith(f"nothing here defines {shown}:")


def test_the_first_word_of_a_file_may_be_a_macro() -> None:
    assert said("MORE\nfn main() { let z: i32 = 3u; }") == [BARE, ("wgsl/type", "3u")]
    assert said("MORE fn main() { let z: i32 = 3u; }") == [BARE, ("wgsl/type", "3u")]


def test_roots_are_told_in_one_order_whichever_was_looked_at_first() -> None:
    header = HEAD + "fn f() {\n#ifdef A\nr[0] = ONE;\n#else\nr[0] = TWO;\n#endif\nr[1] = THREE; }\n"
    files = {"a.wgsl": '#define A\n#include "h.tmpl"\n', "b.wgsl": '#include "h.tmpl"\n', "h.tmpl": header}
    project = Project.of(files, {"none": []}, origin="inferred")
    found = [list(project.check(name).diagnostics) for name in ("a.wgsl", "b.wgsl")]
    (first,), (again,) = across_roots(chain(*found)), across_roots(chain(*reversed(found)))
    assert first == again
    assert first.message.startswith("nothing here defines ONE, THREE, TWO:")
    more = {f"{name}.wgsl": '#include "h.tmpl"\n' for name in "cd"}
    project = Project.of({**files, **more}, {"none": []}, origin="inferred")
    found = [list(project.check(name).diagnostics) for name in ("a.wgsl", "b.wgsl", *more)]
    (first,) = across_roots(chain(*found))
    assert {first.root, *(one.root for one in first.elsewhere)} == {f"/p/{name}.wgsl" for name in "abcd"}


def test_engines_get_stand_ins_only_where_the_branches_fit_each_other() -> None:
    project = Project.of("#ifdef A\nfn f() {}\n#endif\nfn g() { f(); let x = BLOCK; }\n",
                         {"none": [], "A": ["A"]}, origin="inferred")  # fmt: skip
    project.check()
    given = {job.text.partition("let x = ")[2].partition(";")[0] for job in project.jobs if "fn f" in job.text}
    raw = {job.text.partition("let x = ")[2].partition(";")[0] for job in project.jobs if "fn f" not in job.text}
    assert (given, raw) == ({"8"}, {"BLOCK"})


def test_what_only_engines_say_is_not_told_while_one_of_the_guessed_variants_may_refute_it() -> None:
    text = "#ifdef A\nfn f() { r[0] = missing; }\n#endif\nfn g() { r[0] = r[1]; }\n"

    def stops(job: CompileJob) -> CompileResult:
        word = "missing" if "missing" in job.text else "r[1]"
        at = job.text.index(word)
        kind = "name" if word == "missing" else "type"
        return Rejected((EngineMessage("error", f"no {word}", (MessageSpan(at, at + len(word)),), kind=kind),))

    variants = {"none": [], "A": ["A"]}
    guessed = Project.of(HEAD + text, variants, compile=stops, origin="inferred").check().diagnostics
    assert "no r[1]" not in [one.message for one in guessed]
    entry = Project.of(HEAD + text, variants, compile=stops, origin="inferred").check().verdicts[0]
    assert (entry.state, set(dict(entry.verdicts).values())) == (State.NOT_JUDGED, {Verdict.UNSUPPORTED})
    assert entry.why_not_judged.endswith("what is wrong with it may come from macros that nobody declared")
    declared = Project.of(HEAD + text, variants, compile=stops).check().diagnostics
    assert "no r[1]" in [one.message for one in declared]


def test_a_name_that_is_declared_twice_in_one_branch_is_told_whatever_it_is_of() -> None:
    text = (
        "#ifdef A\nfn one() -> u32 { return 1u; }\n#else\nfn two() -> u32 { return 2u; }\n#endif\n"
        "fn f() {\nlet x = one();\nlet x = two();\n}\nconst n = N;\n"
    )
    project = Project.of(text, {"none": [], "A": ["A"]}, compile=lambda job: Accepted(), origin="inferred")
    found = [project.shown(one.location) for one in project.check().diagnostics if one.code != "variants/undeclared"]
    assert found == ["a.wgsl:8:5 'x'"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fn main() { LOOP { var i = 0u; break; } }", []),
        ("fn main() { CASE { } if true { break; } }", []),
        ("fn main() { { break; } let n = TILE; }", [("wgsl/validation", "ERROR", "break")]),
    ],
)
def test_what_our_own_front_end_excuses_is_excused_of_an_engine(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    found = found_by(text, "break")
    assert [one for one in found if one[0] != "variants/undeclared"] == expected


def test_many_names_take_steps_in_proportion() -> None:
    def steps(n_names: int) -> int:
        project = Project.of("".join(f"const c{n} = name{n};\n" for n in range(n_names)))
        view = project.view()
        return sum(1 for _ in _missing_steps(view, view.expansion(0), project.front_end, inferred=False))

    assert 8 * 80 <= steps(80) <= 2.2 * steps(40)  # eight of each declaration, for each name as well


def test_what_is_left_of_many_problems_is_found_in_a_step_for_each() -> None:
    project = Project.of("".join(f"const c{n}: u32 = {n}i + TILE;\nconst d{n}: u32 = 1f;\n" for n in range(40)))
    view = project.view()
    finished(_missing_steps(view, view.expansion(0), project.front_end, inferred=False))
    assert sum(1 for _ in without_guesswork(view, 0, project.front_end, ())) >= 40
