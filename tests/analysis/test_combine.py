"""One finding for one mistake: over engines and our own front end, over variants, over roots."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.merge import MergedDiagnostic, across_roots
from wgsl_ls.wire.jobs import Accepted, Bridged, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected

HEAD = "@group(0) @binding(0) var<storage, read_write> r: array<u32>;\n"


def says(word: str, kind: str = "type", line: bool = True, subject: str = "") -> object:
    """An engine that rejects `word` and nothing else, with a place or without."""

    def compile(job: CompileJob) -> CompileResult:
        at = job.text.find(word)
        if at < 0:
            return Accepted()
        spans = (MessageSpan(at, at + len(word)),) if line else ()
        return Rejected((EngineMessage("error", f"{job.engine} says no", spans, kind=kind, subject=subject),))

    return compile


def told(project: Project, name: str = "a.wgsl") -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """(rule, message, engines, variants)."""
    found = project.check(name).diagnostics
    return [(one.code, one.message, one.engines, one.variants) for one in found if not one.code.startswith("lint/")]


SEVEN = (
    HEAD
    + """\
fn one() { r[0] = missing_a; }
fn two() { r[0] = missing_b; r[1] = missing_c; }
#ifdef A
fn three() -> u32 { return 1.5; }
#endif
fn four() { one(1u); }
fn five() { let x = vec2<u32>(1u, 2u); r[0] = x.z; }
fn six() { let y = 1u; let y = 2u; }
"""
)


@pytest.mark.parametrize("stops_at", ["missing_a", "missing_b", "missing_c"])
def test_an_error_hides_no_other_in_any_variant(stops_at: str) -> None:
    """Seven mistakes in six functions, whatever the engines stop at."""
    project = Project.of(SEVEN, {"none": [], "A": ["A"]}, compile=says(stops_at, "name", subject=stops_at))  # type: ignore[arg-type]
    found = project.check().diagnostics
    lines = [project.text()[: one.location.span.start].count("\n") for one in found]
    assert sorted(lines) == [1, 2, 2, 4, 6, 7, 8]
    assert {one.condition for one, line in zip(found, lines, strict=True) if line == 4} == {"A"}
    assert {one.condition for one, line in zip(found, lines, strict=True) if line != 4} == {""}
    assert all(one.n_judged == one.n_variants == 2 for one in found)


def test_a_half_typed_line_loses_none_of_the_others() -> None:
    text = SEVEN.replace("fn four() {", "fn four() { let half = max(\n")
    found = Project.of(text, {"none": [], "A": ["A"]}, compile=says("half", "parse")).check().diagnostics  # type: ignore[arg-type]
    assert len([one for one in found if one.code in ("wgsl/parse", "wgsl/syntax")]) == 1
    assert {one.subject for one in found} >= {"missing_a", "missing_b", "missing_c"}
    assert len([one for one in found if one.code in ("wgsl/type", "wgsl/validation")]) >= 3


@pytest.mark.parametrize(
    ("text", "engine", "expected"),
    [
        # The engine's words where it speaks of the mistake; ours for the others.
        ("fn f() { r[0] = missing; }", says("missing", "name"), ["wgpu dawn: dawn says no"]),
        ("fn f() { r[0] = missing; }", says("missing", "name", subject="other"),
         ["'missing' is declared nowhere", "wgpu dawn: dawn says no"]),
        # Of another kind, on another line, or without a place: another mistake.
        ("fn f() { r[0] = missing; }", says("missing", "validation"),
         ["'missing' is declared nowhere", "wgpu dawn: dawn says no"]),
        ("fn f() { r[0] = missing;\n r[1] = 1u; }", says("1u", "name"),
         ["'missing' is declared nowhere", "wgpu dawn: dawn says no"]),
        ("fn f() { r[0] = missing; }", says("missing", "name", line=False),
         ["'missing' is declared nowhere", "wgpu: wgpu says no", "dawn: dawn says no"]),
        # What our parser misses, another one's type checks may miss there; else the first of ours is what it stops at.
        ("fn f() { r[0] = ]; }", says("]; }", "validation"), ["wgpu dawn: dawn says no"]),
        ("fn f() { r[0] = ]; }\nfn g() { r[1] = ); }", says("); }", "parse"),
         ["expected an expression, found ']'", "wgpu dawn: dawn says no"]),
        # Who accepts everything refutes us.
        ("fn f() { r[0] = missing; }", says("nowhere"), []),
    ],
)  # fmt: skip
def test_what_an_engine_says_and_what_we_say_is_one_finding_or_two(
    text: str, engine: object, expected: list[str]
) -> None:
    found = told(Project.of(HEAD + text, {"one": []}, compile=engine))  # type: ignore[arg-type]
    assert sorted(f"{' '.join(who)}: {words}" if who else words for _, words, who, _ in found) == sorted(expected)


def test_a_name_is_told_once_in_each_function_and_has_its_word() -> None:
    text = HEAD + "fn f() { r[0] = missing; r[1] = missing; }\nfn g() { r[0] = missing; }\n"
    found = Project.of(text, {"v": []}, compile=says("missing", "name")).check().diagnostics  # type: ignore[arg-type]
    assert [(one.engines, one.subject) for one in found] == [(("wgpu", "dawn"), "missing"), ((), "missing")]


def test_an_engine_that_points_at_the_line_of_another_s_place_means_the_same() -> None:
    def compile(job: CompileJob) -> CompileResult:
        spans = [MessageSpan(at := job.text.index(word), at + 1) for word in ("one", "far")]
        mine = spans[:1] if job.engine == "dawn" else [spans[1], spans[0]]
        return Rejected((EngineMessage("error", f"{job.engine} says no", tuple(mine), kind="type"),))

    project = Project.of("const one = 1;\nconst far = 3;\n", {"v": []}, compile=compile)
    (item,) = project.check().diagnostics
    assert (item.message, item.engines) == ("dawn says no", ("wgpu", "dawn"))
    # What it points at is where the finding stands: no line of its own says so.
    (note,) = item.related
    assert (project.shown(note.location), note.message) == ("a.wgsl:2:7 'f'", "naga (wgpu): wgpu says no")


def test_places_of_a_message_and_what_a_macro_is() -> None:
    text = "const a: KIND = 1;\nconst b = 2;\n"

    def compile(job: CompileJob) -> CompileResult:
        at, other = job.text.index("flub"), job.text.index("b = 2")
        spans = (MessageSpan(at, at + 4), MessageSpan(at, at + 4), MessageSpan(other, other + 1))
        return Rejected((EngineMessage("error", "no", (*spans, replace(spans[0], label="of this kind")), kind="type"),))

    project = Project.of(text, {"v": ["KIND=flub"]}, compile=compile)
    (item,) = [one for one in project.check().diagnostics if one.message == "no"]
    assert [(project.shown(one.location), one.message) for one in item.related][:3] == [
        ("a.wgsl:1:10 'KIND'", "KIND is given by the variant as 'flub'"),
        ("a.wgsl:2:7 'b'", "see also"),
        ("a.wgsl:1:10 'KIND'", "of this kind"),
    ]


def test_a_syntax_error_that_we_notice_first_is_told_at_our_place() -> None:
    text = "fn f() { let x = missing; }\nfn h() { let y = (1u; lost(); }\nfn g() {}\n"
    places = {"fn g": "a.wgsl:2:21 ';'", "lost": "a.wgsl:2:21 ';'", "let y": "a.wgsl:2:10 'let y'"}
    for word, place in places.items():
        project = Project.of(text, {"v": []}, compile=says(word, "parse"))  # type: ignore[arg-type]
        (item,) = [one for one in project.check().diagnostics if one.code in ("wgsl/parse", "wgsl/syntax")]
        assert (project.shown(item.location), item.engines) == (place, ("wgpu", "dawn"))


def test_a_mistake_is_one_where_engines_stop_before_it_and_where_they_do_not() -> None:
    text = HEAD + "#ifdef A\nfn first() { r[0] = early; }\n#endif\nfn second() { r[0] = late; }\n"

    def stops(job: CompileJob) -> CompileResult:
        word = "early" if "early" in job.text else "late"
        at = job.text.index(word)
        return Rejected((EngineMessage("error", f"no {word}", (MessageSpan(at, at + len(word)),), kind="name"),))

    found = told(Project.of(text, {"none": [], "A": ["A"]}, compile=stops))
    assert found == [
        ("wgsl/name", "no early", ("wgpu", "dawn"), ("A",)),
        ("wgsl/name", "no late", ("wgpu", "dawn"), ("none", "A")),
    ]


def shared_by(n_roots: int) -> list[MergedDiagnostic]:
    names = "abcd"[:n_roots]
    files = {f"{name}.wgsl": '#include "h.tmpl"\n' for name in names}
    project = Project.of({**files, "h.tmpl": "fn f() { _ = two; }\n"}, {"one": []}, compile=says("two", "name"))  # type: ignore[arg-type]
    return across_roots(one for name in names for one in project.check(f"{name}.wgsl").diagnostics)


def test_a_mistake_in_an_include_is_one_with_its_roots() -> None:
    (item,) = shared_by(3)
    assert [one.root for one in (item, *item.elsewhere)] == ["/p/a.wgsl", "/p/b.wgsl", "/p/c.wgsl"]
    assert item.summary == "in 3 roots (wgpu, dawn): a.wgsl, b.wgsl, c.wgsl"
    assert item.holds_in("/p/c.wgsl", "one")
    assert not item.holds_in("/p/d.wgsl", "one")
    (alone,) = shared_by(1)
    assert (alone.elsewhere, alone.summary) == ((), "wgpu, dawn")


def test_what_was_bridged_is_told_at_its_place_and_is_no_error() -> None:
    text = "fn f() { let a = 1u; }\n"

    def bridging(job: CompileJob) -> CompileResult:
        at = job.text.index("1u")
        return Accepted(bridged=(Bridged("f16-bitcast", at, at + 2, "in another spelling"),))

    files = {"a.wgsl": text, "wgsl-ls.toml": '[[shader]]\nfiles = ["a.wgsl"]\n'}
    project = Project.of(files, compile=lambda job: bridging(job) if job.engine == "wgpu" else Accepted())
    report = project.check()
    (item,) = report.diagnostics
    assert (item.code, item.severity.name, item.engines) == ("portability/f16-bitcast", "INFORMATION", ("wgpu",))
    assert project.shown(item.location) == "a.wgsl:1:18 '1u'"
    assert report.counts["pass"] == 1
    project.edit("wgsl-ls.toml", files["wgsl-ls.toml"] + '[rules]\n"portability/f16-bitcast" = "error"\n')
    assert project.check().counts["fail"] == 1
    (item,) = Project.of(files, compile=bridging).check().diagnostics
    assert item.engines == ("wgpu", "dawn")


def test_a_finding_of_ours_at_the_place_is_before_the_first_syntax_error() -> None:
    """Who stands behind an included declaration in some variants only is not in doubt in the others."""
    text = "#ifdef A\nconst early = 1;\n#endif\nenable f16;\nstruct S {\n  a: u32\n  b: u32,\n}\n"

    def compiled(job: CompileJob) -> CompileResult:
        messages = []
        for word, kind in (("enable", "validation"), ("b: u32", "parse")):
            at = job.text.index(word)
            if word != "enable" or "early" in job.text:
                messages.append(EngineMessage("error", f"no {word}", (MessageSpan(at, at + 1),), kind=kind))
        return Rejected(tuple(messages[:2]))

    found = Project.of(text, {"none": [], "A": ["A"]}, compile=compiled).check().diagnostics
    enable = next(one for one in found if one.message == "no enable")
    assert (enable.condition, enable.n_judged) == ("A", 2)


def test_what_is_left_open_at_the_end_of_an_include_names_its_end() -> None:
    files = {
        "a.wgsl": '#include "first.tmpl"\n#include "second.tmpl"\nfn f() { _ = ALPHA + BETA; }\n',
        "first.tmpl": "const ALPHA = 1.0\n",
        "second.tmpl": "const BETA = 2.0;\n",
    }
    project = Project.of(files, {"one": []}, compile=says("const BETA", "parse"))  # type: ignore[arg-type]
    (item,) = project.check().diagnostics
    assert item.code == "wgsl/parse"
    ends = "first.tmpl ends here; what is missing may be missing there"
    assert [project.shown(one.location) for one in item.related if one.message == ends] == ["first.tmpl:1:17 '0'"]
    alone = Project.of("const ALPHA = 1.0\nconst BETA = 2.0;\n", {"one": []}, compile=says("const BETA", "parse"))  # type: ignore[arg-type]
    (item,) = alone.check().diagnostics
    assert not any("ends here" in one.message for one in item.related)


@pytest.mark.parametrize(
    ("whole", "part", "n_found"),
    [
        ("select(\n1.5,\n2u,\ntrue)", "1.5", 1),
        ("1.5", "select(\n1.5,\n2u,\ntrue)", 1),
        # Beside it, or somewhere in a whole function.
        ("select(\n1.5,\n2u,\ntrue)", "3u", 2),
        ("fn f() {" + " " * 400 + "\nlet x = select(\n1.5,\n2u,\ntrue);\nlet y = 3u; }", "1.5", 2),
    ],
)
def test_one_engine_may_name_an_expression_and_another_its_part(whole: str, part: str, n_found: int) -> None:
    text = "fn f() {" + " " * 400 + "\nlet x = select(\n1.5,\n2u,\ntrue);\nlet y = 3u; }\n"

    def compile(job: CompileJob) -> CompileResult:
        word = whole if job.engine == "dawn" else part
        at = job.text.index(word)
        return Rejected((EngineMessage("error", "no", (MessageSpan(at, at + len(word)),), kind="type"),))

    found = [one for one in Project.of(text, {"v": []}, compile=compile).check().diagnostics if one.engines]
    assert len(found) == n_found
    assert {engine for one in found for engine in one.engines} == {"dawn", "wgpu"}
