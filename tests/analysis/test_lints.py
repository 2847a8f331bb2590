# ruff: noqa: E501 - a text with its carets is read in one piece
"""Lints: each text with the findings that its carets name, and nothing else; and the fixes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.host import AnalysisHost
from wgsl_ls.analysis.lints import lint_steps
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import finished
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected, Unsupported

TWO = {"one": ["A", "N=1"], "two": ["N=2"]}

CASES: dict[str, tuple[str, Mapping[str, Sequence[str]]]] = {
    # What stands behind a directive
    "else if": (
        "#ifdef A\n#else ifdef N\n//    ^^^^^^^ lint/ignored-text #else asks for nothing: 'ifdef N' is ignored\n"
        "const x = 1;\n#endif\n",
        TWO,
    ),
    "else with words": ("#ifdef A\n#else A\n//    ^ lint/ignored-text ignores 'A' behind #else\n#endif\n", TWO),
    "endif with a name": ("#ifdef A\n#endif A\n//     ^ lint/ignored-text ignores 'A' behind #endif\n", TWO),
    "comments are fine": ("#ifdef A // one\n#else // two\n#endif /* A */\n#undef B // b\n", TWO),
    "ifdef and": (
        "#ifdef A && N\n//       ^^^^ lint/ignored-text #ifdef asks only for A: '&& N' is ignored\n#endif\n",
        TWO,
    ),
    "ifndef or, no space": (
        "#ifndef A  ||N  \n//         ^^^ lint/ignored-text #ifndef asks only for A: '||N' is ignored\n#endif\n",
        TWO,
    ),
    "endif and a condition": (
        "#ifdef A\n#endif if N\n//     ^^^^ lint/ignored-text the preprocessor ignores 'if N' behind #endif\n",
        TWO,
    ),
    "else and": ("#ifdef A\n#else && N\n//    ^^^^ lint/ignored-text ignores '&& N' behind #else\n#endif\n", TWO),
    "undef and": ("#undef B || C\n//       ^^^^ lint/ignored-text ignores '|| C' behind #undef\n", TWO),
    "undef two": ("#undef B C\n//       ^ lint/ignored-text ignores 'C' behind #undef\n", TWO),
    "if has its own rule": (
        "#if A N\n//    ^ lint/condition-rest the preprocessor stops reading the condition here: 'N' has no effect\n#endif\n",
        {"one": ["A=1", "N=1"], "two": ["A=0", "N=1"]},
    ),
    "nothing behind an operator": (
        "#if A &&\n//    ^^ lint/missing-operand nothing stands behind '&&': the preprocessor takes 0\n#endif\n",
        {"one": ["A=1"]},
    ),
    "an empty condition": (
        "  #if\n//^^^ lint/missing-operand #if without a condition is never true\n#endif\n",
        {"one": ["A=1"]},
    ),
    "a comment in a condition": (
        "#if A // why\n//    ^^^^^^ lint/comment-in-condition read as divisions by nothing\n#endif\n"
        "#if A == 1 /* N */\n//         ^^^^^^^ lint/comment-in-condition\n#endif\n",
        {"one": ["A=1"], "two": ["A=0"]},
    ),
    # Names
    "ifdef defined": (
        "  #ifdef defined(A)\n//       ^^^^^^^^^^ lint/macro-name 'defined(A)' can name no macro, so #ifdef is never true\n"
        "#endif\n",
        TWO,
    ),
    "ifndef with an operator": (
        "#ifndef !A\n//      ^^ lint/macro-name '!A' can name no macro, so #ifndef is always true\n#endif\n",
        {"one": ["A"]},
    ),
    "define a number": (
        "#define 9X 1\n//      ^^ lint/macro-name 9X begins with a digit\nconst a = 9X;\n",
        TWO,
    ),
    "define an expression": (
        "#define A-B 1\n//      ^^^ lint/macro-name 'A-B' can name no macro, so #define is without",
        {},
    ),
    "no name": ("  #ifdef\n//^^^^^^ lint/macro-name #ifdef without a name is never true\n#endif\n", {"one": []}),
    "a name of its own making": (
        "#define defined(A) 1\n//      ^^^^^^^^^^ lint/function-like-macro\n#ifdef defined(A)\n#endif\n",
        {},
    ),
    # Comments
    "a directive in a comment": (
        "/*\n  #define T 8\n//^^^^^^^^^^^ lint/directive-in-comment this #define acts although it stands inside\n*/\nconst t = T;\n",
        TWO,
    ),
    "no comment": (
        '// /*\n#define T 8\n// */\nconst t = T;\n#include "/*"\n//        ^^ preprocess/include-not-found\n#define R 1\nconst r = R;',
        {},
    ),
    "a nested comment": (
        "/* /* */\n  #define T 8\n//^^^^^^^^^^^ lint/directive-in-comment\n*/\n#define R 1\nconst t = T + R;\n",
        TWO,
    ),
    "behind a line comment in a block": ("/*\n// #define T 8\n*/\n", TWO),
    # Misspelt names
    "a slip": (
        "  #ifdef KV_OVERLAY\n//       ^^^^^^^^^^ lint/misspelt-macro did you mean KV_OVERLAP?\n#endif\n",
        {"one": ["KV_OVERLAP"], "two": []},
    ),
    "letters swapped in defined()": (
        "#if defined(HAS_SNIK) || defined(N)\n//          ^^^^^^^^ lint/misspelt-macro did you mean HAS_SINK?\n#endif\n",
        {"one": ["HAS_SINK", "N"], "two": []},
    ),
    "a letter of a short word": (
        "#ifdef TILE_ROW\n//     ^^^^^^^^ lint/misspelt-macro did you mean TILE_ROWS?\n#endif\n",
        {"one": ["TILE_ROWS"], "two": []},
    ),
    "a slip in a part of four letters, in one of three": (
        "#ifdef A_TILE\n//     ^^^^^^ lint/misspelt-macro did you mean A_TILT?\n#endif\n"
        "  #ifdef B_ROW\n//^^^^^^^^^^^^ lint/never-true\n#endif\n",
        {"one": ["A_TILT", "B_ROT"], "two": []},
    ),
    "a letter more in a part of three": (
        "#ifdef A_ROWS\n//     ^^^^^^ lint/misspelt-macro did you mean A_ROW?\n#endif\n",
        {"one": ["A_ROW"], "two": []},
    ),
    "slips in two parts": (
        "  #ifdef TILER_ROWSE\n//^^^^^^^^^^^^^^^^^^ lint/never-true\n#endif\n",
        {"one": ["TILE_ROWS"], "two": []},
    ),
    "an underline too many": (
        "#ifdef TILE__ROWS\n//     ^^^^^^^^^^ lint/misspelt-macro did you mean TILE_ROWS?\n#endif\n",
        {"one": ["TILE_ROWS"], "two": []},
    ),
    "two letters wrong, and letters in another order": (
        "  #ifdef KV_LAPOVER\n//^^^^^^^^^^^^^^^^^ lint/never-true\n#endif\n"
        "  #ifdef KV_OVXRLYP\n//^^^^^^^^^^^^^^^^^ lint/never-true\n#endif\n",
        {"one": ["KV_OVERLAP"], "two": []},
    ),
    "an empty condition is told once": (
        "  #if N > 3\n//^^^^^^^^^ lint/never-true\n  #elif\n//^^^^^ lint/missing-operand\n#endif\n",
        TWO,
    ),
    "names of one family": (
        "#ifdef USE_V\n#endif\n#ifdef K_Q5_0\n#endif\n#ifdef V_DIRECT\n#endif\n",
        {"one": ["USE_K", "K_Q4_0", "K_DIRECT"]},
    ),
    "asked for twice": ("#ifdef KV_OVERLAY\n#endif\n#ifdef KV_OVERLAY\n#endif\n", {"one": ["KV_OVERLAP"]}),
    "nobody declared variants": (
        "#ifdef KV_OVERLAY\n//     ^^^^^^^^^^ lint/misspelt-macro did you mean KV_OVERLAP?\n#endif\n"
        "#define KV_OVERLAP 1\nconst a = KV_OVERLAP;\n",
        {},
    ),
    "nobody declared variants, and nothing defines either": (
        "#ifdef KV_OVERLAY\n#endif\n#if defined(KV_OVERLAP)\nconst a = 1;\n#endif\n",
        {},
    ),
    "the value of an unknown one": (
        "#if NN == 1\n//  ^^ lint/unknown-macro NN is defined by no variant and no #define: it counts as 0 here\n#endif\n",
        {"one": ["N=1"], "two": ["N=2"]},
    ),
    # What all variants do
    "never and always": (
        "  #if N > 2\n//^^^^^^^^^ lint/never-true '#if N > 2' is true in none of the 2 variants\n"
        "  const dead = 1;\n//^^^^^^^^^^^^^^^ lint/dead-code active in none of the 2 variants\n"
        "  #elif N > 0\n//^^^^^^^^^^^ lint/always-true '#elif N > 0' is true in all 2 variants\n"
        "const live = 1;\n#else\n  const gone = 1;\n//^^^^^^^^^^^^^^^ lint/dead-code\n#endif\n",
        TWO,
    ),
    "always": (
        "  #if N > 0\n//^^^^^^^^^ lint/always-true '#if N > 0' is true in all 2 variants\n#define M 1\nconst a = M;\n#endif\n",
        TWO,
    ),
    "a default": ("#ifndef TILE\n#define TILE 8\n#endif\nconst t = TILE;\n", TWO),
    "one variant says nothing": ("#if N > 2\nconst dead = 1;\n#endif\n", {"one": ["N=1"]}),
    # Other names
    "a builtin": (
        "#define min 3\n//      ^^^ lint/shadowed-builtin replaces WGSL's predeclared name min\nconst a = min;\n",
        TWO,
    ),
    "a keyword": ("#define let 3\n//      ^^^ lint/shadowed-builtin WGSL's keyword let\nconst a = let;\n", TWO),
    "a function": (
        "fn scale() {}\n#define scale 3\n//      ^^^^^ lint/shadowed-function from here on this macro replaces the name of the function scale\nfn f() { scale(); }\n",
        TWO,
    ),
    "a function behind the end of its macro": (
        "#define scale 3\nconst a = scale;\n#undef scale\nfn scale() {}\n#define scale 4\n"
        "//      ^^^^^ lint/shadowed-function from here on this macro replaces the name of the function scale\n"
        "const b = scale;\n",
        TWO,
    ),
    "a function of the variants that do not have its macro": (
        "#ifdef A\n#define scale 3\n#endif\n#ifndef A\nfn scale() {}\n#endif\nconst a = scale;\n",
        TWO,
    ),
    "a function in one variant, its macro in the other": (
        "#ifdef A\nfn scale() {}\n#else\n#define scale 3\n#endif\nconst a = scale;\n",
        TWO,
    ),
    "a function that a macro names": ("#define READ read_k\nfn READ() {}\nfn f() { READ(); }\n#undef READ\n", TWO),
    "functions that a macro names in turn": (
        "#define READ read_k\nfn READ() {}\n#undef READ\n#define READ read_v\nfn READ() {}\nfn f() { READ(); }\n",
        TWO,
    ),
    "in a variant that does not get through": (
        "#define T 1\n  #elseif\n//^^^^^^^ preprocess/unknown-directive\n#define T 2\nconst a = T;\n",
        TWO,
    ),
    "a function in a comment": ("// fn scale\n#define scale 3\nconst a = scale;\n", TWO),
    # Two definitions
    "another value": (
        "#define T 8\nconst a = T;\n#define T 16\n//      ^ lint/redefined-macro T has the value '8' already\nconst b = T;\n",
        TWO,
    ),
    "the same value": ("#define T 8\n#define T  8\nconst b = T;\n", TWO),
    "the same value, given by every variant": (
        "#define T 8\n#define T SIZE\nconst b = T;\n",
        {"one": ["SIZE=8"], "two": ["SIZE=INNER", "INNER=8"]},
    ),
    "the same value, given by some variant": (
        "#define T 8\n#define T SIZE\n//      ^ lint/redefined-macro T has the value '8' already\nconst b = T;\n",
        {"one": ["SIZE=8"], "two": ["SIZE=9"]},
    ),
    "undefined between": ("#define T 8\nconst a = T;\n#undef T\n#define T 16\nconst b = T;\n", TWO),
    "in other branches": ("#ifdef A\n#define T 8\n#else\n#define T 16\n#endif\nconst b = T;\n", TWO),
    "given by the variant": ("#define N 8\n#define N 16\nconst b = N;\n", TWO),
    # Too early
    "before its definition": (
        "const a = T;\n//        ^ lint/used-before-definition T becomes a macro only in a.wgsl:3, behind this use\n#define T 8\n",
        TWO,
    ),
    "declared by WGSL": ("const T = 1;\nconst a = T;\n#undef T\n#define T 8\nconst b = T;\n", TWO),
    "before an #undef and its definition": (
        "const a = T;\n//        ^ lint/used-before-definition T becomes a macro only in a.wgsl:4, behind this use\n"
        "#undef T\n#define T 8\n",
        TWO,
    ),
    "a parameter that is a macro later": (
        "fn f(T: i32) -> i32 { return T; }\n#undef T\n#define T 8\nconst b = T;\n",
        TWO,
    ),
    "in a comment": ("// T\nconst a = 1; /* T */\n#define T 8\nconst b = T;\n", TWO),
    "in another branch": ("#ifdef A\n#define T 8\nconst a = T;\n#else\nconst T = 1;\n#endif\n", TWO),
    # Suffixes
    "glued": (
        "#define TILE 8\nconst a = TILEu;\n//        ^^^^^ lint/glued-suffix TILEu is one word to the preprocessor: TILE in it\n"
        "const b = TILE;\n",
        TWO,
    ),
    "glued to what variants give": ("const a = Nu + N;\n//        ^^ lint/glued-suffix N in it is not replaced\n", TWO),
    "glued and declared": ("const Nu = 1u;\nconst a = Nu + N;\n", TWO),
    "no number": ("#define TYPE f32\nconst a = TYPEu;\nconst b : TYPE = 1.0;\n", TWO),
    # The older ones
    "function-like": (
        "#define F(x) x\n//      ^^^^ lint/function-like-macro this dialect has no function-like macros\nconst a = F(1);\n",
        TWO,
    ),
    "a comment in a value": (
        "#define T 8 // wide\n//          ^^^^^^^ lint/comment-in-value\nconst a = T;\n",
        TWO,
    ),
    "asked for": ("#define ON\n#ifdef ON\nconst a = 1;\n#endif\n#define OFF\n#if !defined(OFF)\n#endif\n", {"one": []}),
    "used in the value of another one": ("#define INNER 8\n#define OUTER (INNER + 1)\nconst a = OUTER;\n", TWO),
    "unused": ("#define UNUSED 8\n//      ^^^^^^ lint/unused-macro UNUSED is defined but used nowhere\n", TWO),
}


def found(project: Project) -> list[tuple[str, str, str]]:
    return sorted(
        (project.shown(item.location), item.code, item.message)
        for item in project.check().diagnostics
        if item.code.startswith("lint/")
    )


@pytest.mark.parametrize(("text", "variants"), CASES.values(), ids=list(CASES))
def test_lint(text: str, variants: Mapping[str, Sequence[str]]) -> None:
    Project.of(text, variants).check_carets()


def test_every_lint_has_a_case() -> None:
    named = {word for text, _ in CASES.values() for word in text.split() if word.startswith("lint/")}
    undeclared = {"lint/unfinished-search", "lint/unknown-override"}  # here variants are declared, without overrides
    assert named | undeclared == {rule.id for rule in all_rules().values() if rule.check is not None}


def test_a_search_for_variants_that_was_given_up_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conditions = "".join(f"#if A == {i} && A == {i + 1} && B && C\n#endif\n" for i in range(3))
    (tmp_path / "a.wgsl").write_text(conditions)
    (tmp_path / "b.wgsl").write_text("#ifdef A\n#endif\n")
    for most, told in ((1_000, {"a.wgsl"}), (10**9, set())):
        monkeypatch.setattr("wgsl_ls.project.inference.MAX_STEPS", most)
        snapshot = AnalysisHost(ProjectWorkspace(FileSystem(), [str(tmp_path)])).snapshot()
        found = set()
        for name in ("a.wgsl", "b.wgsl"):
            view = snapshot.root(str(tmp_path / name))
            assert view is not None
            for one in finished(lint_steps(snapshot, view, False)):
                if one.code == "lint/unfinished-search":
                    assert one.location == Location(view.path, Span(0, 0))
                    found.add(name)
        assert found == told


SHARED = {
    "a.wgsl": '#include "types.tmpl"\n#include "bindings.tmpl"\nconst c = VALS;\n',
    "types.tmpl": "const first = VALS;\n",
    "bindings.tmpl": "#ifdef SHARED\n#define VALS KEYS\n#else\nconst VALS = 1;\n#endif\n",
}


def test_a_name_that_another_include_makes_a_macro() -> None:
    files = {**SHARED, "bindings.tmpl": "#ifdef SHARED\n#define VALS KEYS\n#endif\n"}
    project = Project.of(files, {"one": ["SHARED"], "two": []})
    ((place, code, message),) = found(project)
    assert (place, code) == ("types.tmpl:1:15 'VALS'", "lint/used-before-definition")
    assert "only in bindings.tmpl:2" in message


def test_a_compiler_that_misses_the_name_is_given_the_reason() -> None:
    """Declared by WGSL in another branch, so the lint keeps still; in this variant it is a macro, too late."""

    def compile(job: CompileJob) -> CompileResult:
        start = job.text.find("VALS")
        if start < 0:
            return Accepted()
        span = MessageSpan(start, start + 4)
        return Rejected((EngineMessage("error", "no VALS", (span,), kind="name", subject="VALS"),))

    report = Project.of(SHARED, {"one": ["SHARED"]}, compile=compile).check()
    (item,) = [one for one in report.diagnostics if one.subject == "VALS"]
    reasons = [(one.location.path, one.message) for one in item.related]
    assert ("/p/bindings.tmpl", "VALS becomes a macro only here, behind this use") in reasons


def test_includes_that_others_read_are_judged_by_all_their_roots() -> None:
    header = "#ifdef KV_OVERLAY\nconst x = 1;\n#endif\n"
    config = "".join(f'[[shader]]\nfiles = ["{name}.wgsl"]\naxes = {{ A = {axis} }}\n' for name, axis in (
        ("a", '["", "KV_OVERLAP"]'), ("b", '["", "KV_OVERLAY"]')))  # fmt: skip
    files = {"a.wgsl": '#include "h.tmpl"\n', "h.tmpl": header, "b.wgsl": '#include "h.tmpl"\n', "wgsl-ls.toml": config}
    assert found(Project.of(files)) == []
    files["b.wgsl"] = "const b = 1;\n"
    codes = [code for _, code, _ in found(Project.of(files))]
    assert sorted(codes) == ["lint/dead-code", "lint/misspelt-macro"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("overrides = { TILES = 8 }\n", ["TILES; did you mean TILE?"]),
        ("overrides = { TILE = 8, 7 = 1, BIG = 2, MADE = 3, DEEP = 4, 9 = 5 }\n", []),
        ("overrides = { 8 = 1, NOPE = 2 }\n", ["8", "NOPE"]),
        ("[[shader.variant]]\nname = 'x'\noverrides = { 'BIGG' = 1 }\n", ["BIGG; did you mean BIG?"]),
        ("[[shader.rules]]\nwhen = 'A'\noverrides = { TILEX = 1 }\n", ["TILEX; did you mean TILE?"]),
    ],
)
def test_values_of_override_constants_that_there_are_not_are_told_where_they_are_given(
    config: str, expected: list[str]
) -> None:
    text = (
        "override TILE: u32 = 4u;\n#ifdef A\n@id(7) override ROWS: u32;\n#else\noverride BIG = 1;\n#endif\n"
        "#define NAME MADE\noverride NAME = 2;\n#define DECLARED @id(9) override DEEP = 3;\nDECLARED\n"
    )
    files = {"a.wgsl": text, "wgsl-ls.toml": "[[shader]]\nfiles = ['a.wgsl']\naxes = { A = ['', 'A'] }\n" + config}
    said = [one for one in found(Project.of(files)) if one[1] == "lint/unknown-override"]
    assert [words.partition("constant ")[2].replace(": its value is ignored", "") for _, _, words in said] == expected
    assert all(place.startswith("wgsl-ls.toml:") for place, _, _ in said)
    assert [place.partition(" ")[2].strip("'") for place, _, _ in said] == [one.partition(";")[0] for one in expected]


def test_a_value_that_is_meant_for_several_shaders_is_for_those_that_have_the_constant() -> None:
    config = "overrides = { TILE = 8, GONE = 1 }\n" + "".join(f"[[shader]]\nfiles = ['{one}.wgsl']\n" for one in "ab")
    config += "[[shader]]\nfiles = ['c.wgsl']\noverrides = { GONE = 2 }\n"
    files = {"a.wgsl": "const a = 1;\n", "b.wgsl": "override TILE = 1;\n", "c.wgsl": "override GONE = 1;\n"}
    files["wgsl-ls.toml"] = config
    told = [one for one in found(Project.of(files)) if one[1] == "lint/unknown-override"]
    assert [words.partition("constant ")[2][:4] for _, _, words in told] == ["GONE"]


def test_a_function_that_a_macro_replaces_is_a_related_place() -> None:
    project = Project.of("const a = 1;\nfn scale() {}\n#define scale 3\nfn f() { scale(); }\n", TWO)
    (item,) = [one for one in project.check().diagnostics if one.code == "lint/shadowed-function"]
    assert [project.shown(one.location) for one in item.related] == ["a.wgsl:2:4 'scale'"]


def test_what_all_variants_do_moves_with_edits_and_is_judged_anew() -> None:
    project = Project.of("#if N > 2\nconst dead = 1;\n#endif\n", TWO)
    assert [code for _, code, _ in found(project)] == ["lint/never-true", "lint/dead-code"]
    project.edit("a.wgsl", "const a = 1;\n#if N > 2\nconst dead = 1;\n#endif\n")
    assert [place.partition(" ")[0] for place, _, _ in found(project)] == ["a.wgsl:2:1", "a.wgsl:3:1"]
    project.edit("a.wgsl", "const a = 1;\n#if N > 1\nconst dead = 1;\n#endif\n")
    assert found(project) == []


def test_between_edit_and_answer_they_stand_where_the_text_went() -> None:
    project = Project.of("#if N > 2\nconst dead = 1;\n#endif\n", TWO)
    project.check()
    project.edit("a.wgsl", f"const a = 1;\n{project.text()}")
    shown = [project.shown(item.location) for item in project.fast().diagnostics if item.code == "lint/never-true"]
    assert shown == ["a.wgsl:2:1 '#if N > 2'"]
    other = Project.of("#if N > 2\nconst dead = 1;\n#endif\n", TWO)
    assert other.fast().diagnostics == (), "what asks all variants comes later"
    assert [code for _, code, _ in found(other)] == ["lint/never-true", "lint/dead-code"]


def test_nothing_is_concluded_from_variants_that_were_only_inferred() -> None:
    text = "#define T 8\n#define T 16\nconst b = T;\n"
    assert [code for _, code, _ in found(Project.of(text, TWO))] == ["lint/redefined-macro"]
    assert found(Project.of(text, TWO, origin="inferred")) == []


def test_an_include_without_a_name_is_told() -> None:
    report = Project.of("#include\n", {"one": []}).check()
    assert [item.message for item in report.diagnostics if item.code == "lint/macro-name"] == [
        "#include without a name includes nothing"
    ]


def test_a_glued_suffix_is_an_error_whatever_is_defined() -> None:
    report = Project.of("#define TILE 8\nconst a = TILEu;\n").check()
    assert [(item.code, item.severity.name) for item in report.diagnostics] == [("lint/glued-suffix", "ERROR")]


def test_the_reason_of_what_compilers_say_has_its_places_and_theirs() -> None:
    config = (
        '[rules]\n"lint/used-before-definition" = "error"\n[[shader]]\nfiles = ["a.wgsl"]\n'
        '[[shader.variant]]\nname = "one"\n'
    )
    project = Project.of(
        {"a.wgsl": "const a = VALS;\n#define VALS 1\n", "wgsl-ls.toml": config}, compile=lambda job: Unsupported("it")
    )
    (item,) = project.check().diagnostics
    assert (item.code, item.severity.name) == ("lint/used-before-definition", "ERROR")
    assert [one.message for one in item.related] == ["VALS is defined here", "'VALS' is declared nowhere"]


def test_an_old_template_is_said_once_per_file() -> None:
    text = "#define(VARIANTS)\n[]\n#end(VARIANTS)\n#decl(A)\n#enddecl(A)\n#define(SHADER)\n#endfi\n#end(SHADER)\n"
    codes = [item.code for item in Project.of(text, TWO).check().diagnostics]
    assert codes == ["preprocess/old-template", "preprocess/unknown-directive"]


@pytest.mark.parametrize(
    ("text", "title", "fixed"),
    [
        ("#ifdef A\n#else ifdef N\n#endif\n", "Change to #elif defined(N)", "#ifdef A\n#elif defined(N)\n#endif\n"),
        ("#ifdef A\n#else if N > 1\n#endif\n", "Change to #elif N > 1", "#ifdef A\n#elif N > 1\n#endif\n"),
        ("  #ifdef A && !N\n#endif\n", "Change to #if defined(A) && !defined(N)", "  #if defined(A) && !defined(N)\n#endif\n"),
        ("#ifdef A\n#endif A\n", "Make it a comment", "#ifdef A\n#endif // A\n"),
        ("#ifdef A && defined(N)\n#endif\n", "Change to #if defined(A) && defined(N)", "#if defined(A) && defined(N)\n#endif\n"),
        ("#ifdef !A-B\n#endif\n", "", ""),
        ("#ifdef A // why\n#else /* N */\n#endif // A\n", "", ""),
        ("#undef B C\n", "Remove what the preprocessor does not read", "#undef B \n"),
        ("#ifdef defined(A)\n#endif\n", "Change to #if defined(A)", "#if defined(A)\n#endif\n"),
        ("#ifndef defined(A)\n#endif\n", "Change to #if !(defined(A))", "#if !(defined(A))\n#endif\n"),
        ("#ifdef !A\n#endif\n", "Change to #ifndef A", "#ifndef A\n#endif\n"),
        ("/*\n#undef T\n*/\n", "Put // in front of it", "/*\n// #undef T\n*/\n"),
        ("const a = Nu;\n", "Change to u32(N)", "const a = u32(N);\n"),
        ("  #if A // why\n#endif\n", "Move the comment to its own line", "  // why\n  #if A\n#endif\n"),
        ("#ifdef KV_OVERLAY\n#endif\n#define KV_OVERLAP\n", "Change to KV_OVERLAP", "#ifdef KV_OVERLAP\n#endif\n#define KV_OVERLAP\n"),
    ],
)  # fmt: skip
def test_fix(text: str, title: str, fixed: str) -> None:
    project = Project.of(text, TWO)
    assert project.fixed(title) == {"a.wgsl": fixed} if title else project.titles() == []


def test_one_more_word_is_no_condition() -> None:
    titles = Project.of("#ifdef A N\n#endif\n", TWO).titles()
    assert titles == ["Remove what the preprocessor does not read"]
