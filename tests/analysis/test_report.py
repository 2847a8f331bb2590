"""What is reported of variants: their states, and what happens when the list of engines changes."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import ENGINES, Project, refusing
from wgsl_ls.analysis.features.rename import rename_steps
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.index import NameIndex
from wgsl_ls.engines.scripted import obey
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.steps import finished
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected, Unsupported
from wgsl_ls.wire.verdicts import State, Verdict

CONFIG = """
engines = ["dawn"]
[[shader]]
files = ["a.wgsl"]
[[shader.variant]]
name = "only"
"""
GOOD = "fn main() {}\n"


def test_a_variant_whose_engines_are_not_asked_is_not_judged() -> None:
    project = Project.of({"a.wgsl": GOOD, "wgsl-ls.toml": CONFIG})
    project.reporter.engines = ("wgpu",)
    (entry,) = project.check().verdicts
    assert (entry.state, entry.why_not_judged) == (State.NOT_JUDGED, "its engines (dawn) were not asked")
    assert project.check().counts == {"total": 1, "pass": 0, "fail": 0, "pending": 0, "unjudged": 1}


def test_what_no_engine_can_judge_is_not_judged_and_says_why() -> None:
    def lacks(job: CompileJob) -> CompileResult:
        return Unsupported(f"what {job.engine} lacks")

    (entry,) = Project.of(GOOD, compile=lacks).check().verdicts
    assert entry.state == State.NOT_JUDGED
    assert entry.why_not_judged == "wgpu cannot judge what wgpu lacks; dawn cannot judge what dawn lacks"


def test_one_engine_that_accepts_is_enough() -> None:
    def half(job: CompileJob) -> CompileResult:
        return Unsupported("it") if job.engine == "wgpu" else obey(job)

    (entry,) = Project.of(GOOD, compile=half).check().verdicts
    assert (entry.state, entry.why_not_judged) == (State.PASS, "")


@pytest.mark.parametrize("between", [("wgpu",), ("dawn",), (), ("dawn", "wgpu")])
def test_the_list_of_engines_may_change_at_any_time(between: tuple[str, ...]) -> None:
    text = "#ifdef A\n//! reject 1:1 wrong\n#endif\nfn main() {}\n"
    project = Project.of(text, variants={"a": ["A"], "b": []})
    before = project.check()
    project.reporter.engines = between
    report = project.check()
    for entry in report.verdicts:
        assert tuple(engine for engine, _ in entry.verdicts) == between
    assert [item.engines for item in report.diagnostics] == ([tuple(sorted(between, reverse=True))] if between else [])
    project.reporter.engines = ENGINES
    assert project.check() == before
    assert [dict(entry.verdicts) for entry in before.verdicts] == [
        {"wgpu": Verdict.REJECTED, "dawn": Verdict.REJECTED},
        {"wgpu": Verdict.ACCEPTED, "dawn": Verdict.ACCEPTED},
    ]


def test_structures_are_counted_when_they_are_known() -> None:
    variants = {"one": ["N=1"], "two": ["N=2"], "other": ["N=3", "A"]}
    project = Project.of("const n = N;\n#ifdef A\nconst a = 1;\n#endif\n", variants)
    assert (project.fast().n_structures, project.check().n_structures) == (0, 2)
    assert Project.of("const n = N;\n", variants, exhaustive=True).check().n_structures == 0


HIDES = "the value of N has a comment, which hides the rest of this line"


@pytest.mark.parametrize(
    ("text", "related"),
    [
        ("#define N 4 // four\nconst z = N\nconst c = 3;\n", ["N is defined here as '4 // four'", HIDES]),
        (
            "#define N 4 // four\nconst y = 1;\nconst z = N + 1;\nconst c = 3;\n",
            ["N is defined here as '4 // four'", HIDES],
        ),
        ("#define N 4 // four\nconst z = N\n;\nconst c 3;\n", []),
        ("const z = 4 // four\n;\nconst c 3;\n", []),
        ("#define N 4\nconst z = N // four\nconst c = 3;\n", ["N is defined here as '4'"]),
        ("#define N 4 // four\nconst z = N + 1", ["N is defined here as '4 // four'", HIDES]),
        (
            "#define N 4 // four\n#define M N\nconst z = M\nconst c = 3;\n",
            ["M is defined here as 'N'", "N is defined here as '4 // four'", HIDES],
        ),
    ],
)
def test_a_comment_in_a_value_is_told_where_it_hides_the_end_of_a_line(text: str, related: list[str]) -> None:
    report = Project.of(text, {"v": []}, compile=lambda job: Unsupported("nothing")).check()
    (item,) = [one for one in report.diagnostics if one.code == "wgsl/syntax"]
    assert [one.message for one in item.related] == related


@pytest.mark.parametrize("first", ["one", "two"])
def test_of_variants_that_nobody_declared_nothing_is_told_before_all_were_looked_at(first: str) -> None:
    text = "#ifdef A\nconst a = 1;\n#endif\nfn wrong() {}\n"
    project = Project.of(text, {"one": ["A"], "two": []}, compile=refusing("wrong"), origin="inferred")
    assert project.check(only=[first]).diagnostics == ()
    (item,) = project.check().diagnostics
    assert (item.variants, item.severity) == (("one", "two"), Severity.ERROR)


def test_what_is_wrong_whatever_is_defined_is_an_error_where_nobody_declared_variants() -> None:
    text = "#ifdef A\n#elseif\n#endif\nconst c = 1;\n"
    report = Project.of(text, {"none": [], "a": ["A"]}, compile=lambda job: Accepted(), origin="inferred").check()
    assert [(one.code, one.severity) for one in report.diagnostics] == [
        ("preprocess/unknown-directive", Severity.ERROR)
    ]


def test_many_variants_take_steps_in_proportion() -> None:
    """A few each: nobody waits for the end of it."""
    n = 320
    project = Project.of("#if N > 20\nconst a = N;\n#endif\nconst b = 1;\n", {f"v{i}": [f"N={i}"] for i in range(n)})
    project.check()

    def n_steps() -> list[int]:
        snapshot, view, reporter = project.snapshot, project.view(), project.reporter
        work = (
            reporter.fast_report_steps(snapshot, view, 0),
            reporter.local_steps(view),
            reporter.report_steps(snapshot, view),
        )
        return [sum(1 for _ in steps) for steps in work]

    fast, own, report = n_steps()
    assert fast < 20 and own <= 2 * n + 20 and n // 64 <= report <= 2 * n + 20
    project.edit("a.wgsl", project.text() + "const c = 2;\n")
    fast, own, report = n_steps()
    assert n // 64 < fast < n // 8 and n < own < 3 * n and n < report < 3 * n
    cursor = project.cursor_at("b = 1")
    renaming = rename_steps(cursor, NameIndex(project.front_end), [cursor.path], "renamed")
    assert n // 4 <= sum(1 for _ in renaming) <= 2 * n


def test_limits_of_the_machine_at_hand_are_no_findings() -> None:
    def small(job: CompileJob) -> CompileResult:
        return Rejected((EngineMessage("error", "too much storage", (MessageSpan(0, 2),), kind="limit"),))

    report = Project.of(GOOD, {"v": []}, compile=small).check()
    assert (report.diagnostics, [entry.state for entry in report.verdicts]) == ((), [State.PASS])


def test_what_lacks_the_host_s_macros_is_not_judged_and_excused() -> None:
    (entry,) = Project.of("const a = ROWS;\n", compile=refusing("ROWS"), origin="default").check().verdicts
    assert (entry.state, entry.excused) == (State.NOT_JUDGED, True)
    assert entry.why_not_judged == "it lacks what the host program defines"
    (entry,) = Project.of("const a = ROWS;\n", {"v": []}, compile=refusing("ROWS")).check().verdicts
    assert (entry.state, entry.excused) == (State.FAIL, False)


def test_texts_that_are_equal_are_compiled_once_and_what_fails_before_never() -> None:
    text = '#ifdef BAD\n#elif\n#elif X X\n#endif\n#ifdef WORSE\n#include "none"\nconst b = 1;\n#endif\nconst a = 1;\n'
    project = Project.of(text, {"one": [], "same": ["B"], "fails": ["WORSE"]})
    project.check()
    assert [(job.engine, job.text.strip()) for job in project.jobs] == [
        ("wgpu", "const a = 1;"),
        ("dawn", "const a = 1;"),
    ]


def test_verdicts_stay_while_somebody_types() -> None:
    project = Project.of("#ifdef A\n//! reject 1:1 wrong\n#endif\nconst n = 1;\n", {"plain": [], "a": ["A"]})
    before = project.check().verdicts
    project.edit("a.wgsl", f"const first = 1;\n{project.text()}")
    assert project.fast().verdicts == before


def test_what_fails_in_preprocessing_waits_for_no_engine() -> None:
    project = Project.of('#ifdef A\n#include "nowhere"\n#endif\nconst a = 1;\n', {"one": [], "two": ["A"]})
    report = project.report()
    assert [(entry.name, entry.state) for entry in report.verdicts] == [("one", State.PENDING), ("two", State.FAIL)]
    assert set(dict(report.verdicts[1].verdicts).values()) == {Verdict.PREPROCESS_FAILED}
    assert report.counts == {"total": 2, "pass": 0, "fail": 1, "pending": 1, "unjudged": 0}


def test_our_own_front_end_reads_a_text_declaration_by_declaration() -> None:
    """So that no step of the server's thread is as long as a text."""
    text = "".join(f"fn f{n}() {{ let x: u32 = {n}.5; lost{n}(x); }}\n" for n in range(20))
    project = Project.of(text, {"v": []})
    expansion = project.snapshot.root(project.snapshot.roots()[0]).expansion(0)
    steps = FrontEnd().reading_steps(expansion)
    assert sum(1 for _ in steps) >= 40  # parsed, looked at
    found = finished(FrontEnd().reading_steps(expansion))
    assert found == FrontEnd().reading(expansion) and len(found.problems) == 40


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("#define TILE 8 // rows\nvar<private> t: array<u32, TILE>;\n", "the value of TILE has a comment", "1:9"),
        ("#define ONE 1 // one\nconst a = ONE;\nconst b = 2;\n", "the value of ONE has a comment", "1:9"),
        ("#define TILE_ROWS 8\nconst a = TILE_ROW;\n", "did you mean 'TILE_ROWS'?", "2:11"),
    ],
)
def test_the_reason_of_a_mistake_in_a_macro_stands_beside_it(text: str, words: str, place: str) -> None:
    project = Project.of(text, {"one": []}, compile=lambda job: Rejected((EngineMessage("error", "refused"),)))
    related = [one for item in project.check().diagnostics for one in item.related if one.message.startswith(words)]
    assert [project.shown(one.location).split()[0] for one in related] == [f"a.wgsl:{place}"]


def test_at_a_place_in_an_include_the_root_is_named() -> None:
    files = {
        "a.wgsl": '#define WIDE\n#include "h.tmpl"\n',
        "b.wgsl": '#include "h.tmpl"\n',
        "h.tmpl": "#ifndef WIDE\nconst a = missing;\n#endif\n",
    }
    project = Project.of(files, {"one": [], "two": ["N"]}, compile=refusing("missing"))
    (item,) = [one for one in project.check("b.wgsl").diagnostics if one.code == "wgsl/validation"]
    assert item.summary == "in all 2 variants of b.wgsl (wgpu, dawn)"
