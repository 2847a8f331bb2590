"""Variants that differ only in numbers: which of them another one represents."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.judges import FrontEndJudge
from wgsl_ls.analysis.structures import Structures, _from_json, structures
from wgsl_ls.wgsl.number_model import NumberModel
from wgsl_ls.wgsl.sizes import Sizes
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected

MAIN = "@compute @workgroup_size(1)\nfn main(@builtin(local_invocation_index) i: u32) {\n"
BUFFER = "@group(0) @binding(0) var<storage, read_write> data: array<u32>;\n"
MATRIX = "enable chromium_experimental_subgroup_matrix;\nenable f16;\nvar<workgroup> tile: array<f16, N * M>;\n" + MAIN
LOAD = "subgroupMatrixLoad<subgroup_matrix_left<f16, 8, 8>>(&tile, i, false, M)"


def classes_of(text: str, numbers: str) -> str:
    """Which of the values of N (and M: "8/16") have one verdict by structure: "1 2 | 3" is that 1 and 2 do."""
    project = project_of(text, numbers.split())
    found = of(project)
    groups: dict[int, list[str]] = {}
    for index, name in enumerate(numbers.split()):
        groups.setdefault(found.representative(index), []).append(name)
    return " | ".join(" ".join(group) for group in groups.values())


def project_of(text: str, names: list[str]) -> Project:
    variants = {}
    for name in names:
        n, _, m = name.partition("/")
        variants[name] = [f"N={n}", *([f"M={m}"] if m else [])]
    return Project.of(text, variants=variants)


def of(project: Project) -> Structures:
    found = structures(project.view(), project.front_end)
    list(found.steps())
    return found


@pytest.mark.parametrize(
    ("what", "text", "numbers", "classes"),
    [
        ("a comparison with what runs", BUFFER + MAIN + "if (i < N) { data[i] = N; }\n}", "1 2 900", "1 2 900"),
        ("a divisor", BUFFER + MAIN + "data[i] = i / N;\n}", "0 1 2", "0 | 1 2"),
        ("in a branch", BUFFER + MAIN + "#ifdef N\n#if 1\ndata[i] = i / N;\n#endif\n#endif\n}", "0 1 2", "0 | 1 2"),
        ("a divisor in an assignment", BUFFER + MAIN + "data[i] %= N;\n}", "0 1 2", "0 | 1 2"),
        ("a divisor by a constant", BUFFER + "const D = N - 1;\n" + MAIN + "data[i] = i / D;\n}", "1 2 3", "1 | 2 3"),
        ("a divisor by way of a local", BUFFER + MAIN + "const D = N - 1; data[i] = i / D;\n}", "1 2 3", "1 | 2 3"),
        ("a shift", BUFFER + MAIN + "data[i] = i << N;\n}", "1u 31u 32u", "1u 31u | 32u"),
        ("a constant shift that loses bits", BUFFER + MAIN + "data[i] = 1u << N;\n}", "1 2 40", "1 2 | 40"),
        ("below zero in an unsigned place", BUFFER + MAIN + "data[i] = N - 4;\n}", "3 4 5", "3 | 4 5"),
        ("an unsigned number wraps", BUFFER + MAIN + "data[i] = N - 4u;\n}", "3u 4u 5u", "3u | 4u 5u"),
        ("too large for a literal", BUFFER + MAIN + "data[i] = N;\n}", "1 9999999999", "1 | 9999999999"),
        ("a condition that is constant", BUFFER + MAIN + "if (N > 4) { data[i] = 1; }\n}", "3 4 5 6", "3 4 | 5 6"),
        ("an assertion", "const_assert N > 4;\n" + MAIN + "}", "4 5 6", "4 | 5 6"),
        ("a long assertion", "const_assert N % 2 == 0 && 8 / N > 1;\n" + MAIN + "}", "0 2 3", "0 | 2 | 3"),
        ("an array's count", "var<workgroup> a: array<u32, N>;\n" + MAIN + "a[i] = 1;\n}", "0 1 2 9", "0 | 1 2 9"),
        ("an index and a count", "var<workgroup> a: array<u32, N>;\n" + MAIN + "a[3] = 1;\n}", "3 4 5", "3 | 4 5"),
        ("an index into a vector", BUFFER + MAIN + "let v = vec4(i); data[i] = v[N];\n}", "3 4 2", "3 2 | 4"),
        ("too much workgroup storage", "var<workgroup> a: array<u32, N>;\n" + MAIN + "a[i] = 1;\n}",
         "4096 64 4097", "4096 64 4097"),
        ("local memory", BUFFER + MAIN + "var a: array<u32, N>; data[i] = a[i];\n}", "4 1024 9999", "4 1024 | 9999"),
        ("a workgroup size", "@compute @workgroup_size(N)\nfn main() {}", "0 1 64 256 257 512", "0 | 1 64 256 257 512"),
        ("a workgroup size of which a part is unknown",
         "override o = 8;\n@compute @workgroup_size(o, N)\nfn main() {}", "1 2", "1 | 2"),
        ("the cases of a switch", MAIN + "switch (i) { case 3, N: {} default: {} }\n}", "3 4 5", "3 | 4 | 5"),
        ("a binding", "@group(0) @binding(N) var<storage> b: array<u32>;\n" + MAIN + "_ = b[i];\n}", "0 1", "0 | 1"),
        ("a function of which we know little", BUFFER + MAIN + "data[i] = extractBits(i, 8, N);\n}", "8 9", "8 | 9"),
        ("a function that takes all", BUFFER + MAIN + "data[i] = min(i, N);\n}", "8 9", "8 9"),
        ("arrays as a whole", "alias A = array<u32, 4>;\n" + MAIN + "var a: array<u32, N>; let b: A = a;\n}", "3 4 5 6",
         "3 | 4 | 5 6"),
        ("an override", "override o = N;\n" + MAIN + "_ = o;\n}", "1 2", "1 | 2"),
        ("a struct", "struct S { a: array<u32, N> }\n@group(0) @binding(0) var<storage> s: S;\n" + MAIN + "}",
         "1 2", "1 | 2"),
        ("a matrix beyond its array", MATRIX + f"let m = {LOAD};\n}}", "8/8 7/8 16/8", "8/8 16/8 | 7/8"),
        ("a matrix with too short a stride", MATRIX + f"let m = {LOAD};\n}}", "64/8 128/4 65/8", "64/8 65/8 | 128/4"),
        ("a matrix' own numbers", MATRIX + f"let m = {LOAD.replace('left<f16, 8, 8>', 'left<f16, 8, M>')};\n}}",
         "64/8 65/8 64/16", "64/8 65/8 | 64/16"),
        ("a comment", "// N of them\n" + MAIN + "}", "1 0 9999999999", "1 0 9999999999"),
        ("a number in a block comment", "/* N of them */\n" + MAIN + "}", "1 2", "1 | 2"),
        ("a floating point number is none of ours", BUFFER + MAIN + "data[i] = u32(N);\n}", "1.5 2.5", "1.5 | 2.5"),
        ("an exponent is none of ours", BUFFER + MAIN + "data[i] = u32(1e-N);\n}", "5 6", "5 | 6"),
    ],
)  # fmt: skip
def test_which_numbers_make_a_difference(what: str, text: str, numbers: str, classes: str) -> None:
    assert classes_of(text, numbers) == classes


def test_white_space_and_comments_make_none() -> None:
    text = "#ifdef WIDE\n\n  // a word\nconst a = N;\n#else\nconst a=N;\n#endif\n"
    project = Project.of(text, variants={"one": ["N=1"], "wide": ["N=2", "WIDE"]})
    assert of(project).n_structures == 2  # `a=N` and `a = N` are two pieces of white space, but equal tokens


def test_a_variant_that_fails_before_takes_part_in_nothing() -> None:
    text = '#ifdef BAD\n#include "none"\n#endif\nconst a = N;\n'
    variants = {"bad": ["BAD", "N=1"], "one": ["N=1"], "two": ["N=2"], "half": ["N=1.5"]}
    found = of(Project.of(text, variants))
    assert [found.representative(index) for index in (1, 2, 3)] == [1, 1, 3] and found.n_structures == 2


Engine = Callable[[CompileJob], CompileResult]


def refuse(pattern: str, words: str, stage: str = "module", kind: str = "validation") -> Engine:
    """An engine that says `words` at the first place that `pattern` matches."""

    def compile(job: CompileJob) -> CompileResult:
        match = re.search(pattern, job.text)
        if match is None:
            return Accepted()
        message = EngineMessage("error", words, (MessageSpan(*match.span()),), stage=stage, kind=kind)
        return Rejected((message,))

    return compile


def asked_of(compile: Engine, text: str, variants: dict[str, list[str]], exhaustive: bool = False) -> tuple[str, str]:
    """(what Tint says of each variant, the values of N that it was given), each engine being played by `compile`."""
    project = Project.of({"a.wgsl": text}, variants=variants, compile=compile, exhaustive=exhaustive)
    said = " ".join(dict(one.verdicts)["dawn"] for one in project.check().verdicts)
    given = [re.findall(r"size (\d+)", job.text)[0] for job in project.jobs if job.engine == "dawn"]
    project.jobs.clear()
    project.check()
    assert not project.jobs, "nothing is asked twice"
    return said, " ".join(given)


SIZED = "// size N\n" + BUFFER + MAIN + "data[i] = i + N;\n}"
THREE = {name: [f"N={name}"] for name in ("1", "2", "3")}


def test_one_variant_of_a_structure_is_compiled() -> None:
    assert asked_of(refuse("nothing", ""), SIZED, THREE) == (
        "accepted accepted-by-structure accepted-by-structure",
        "1",
    )
    assert asked_of(refuse("nothing", ""), SIZED, THREE, exhaustive=True) == ("accepted accepted accepted", "1 2 3")


def test_an_engine_whose_checks_are_not_known_gets_every_text() -> None:
    project = Project.of(SIZED, variants=THREE)
    project.check()
    assert sum(job.engine == "wgpu" for job in project.jobs) == 3


def test_what_an_engine_refuses_without_a_number_it_refuses_in_the_others() -> None:
    assert asked_of(refuse("data\\[", "cannot assign"), SIZED, THREE) == (
        "rejected rejected-by-structure rejected-by-structure",
        "1",
    )


def test_what_names_a_number_is_said_of_that_text_only() -> None:
    assert asked_of(refuse("data\\[", "1 is too small"), SIZED, THREE) == ("rejected rejected rejected", "1 2 3")


def test_what_was_written_elsewhere_is_judged_itself_once_something_is_wrong() -> None:
    text = BUFFER + MAIN + "// size N\n#if N == 1\ndata[i] = i + N;\n#else\ndata[i] = i + N;\n#endif\n}"
    assert asked_of(refuse("nothing", ""), text, THREE)[1] == "1"
    said, given = asked_of(refuse("data\\[", "cannot assign"), text, THREE)
    assert (said, given) == ("rejected rejected rejected", "1 2 3")


WIDE = "// size N\nvar<workgroup> a: array<u32, N>;\n" + MAIN + "a[i] = N;\n}"
WIDTHS = {name: [f"N={name}"] for name in ("5000", "64", "6000")}


def test_a_text_within_limits_stands_for_those_beyond_them() -> None:
    assert asked_of(refuse("nothing", ""), WIDE, WIDTHS) == (
        "accepted-by-structure accepted accepted-by-structure",
        "64",
    )


def test_a_pipeline_that_is_refused_says_nothing_of_those_beyond_limits() -> None:
    said, given = asked_of(refuse("array", "cannot do that", "pipeline:main", "pipeline"), WIDE, WIDTHS)
    assert (said, sorted(given.split())) == ("rejected rejected rejected", ["5000", "6000", "64"])


def test_where_nobody_keeps_the_limits_one_stands_for_those_that_leave_the_same() -> None:
    limit = refuse("array", "too much memory", "pipeline:main", "limit")
    beyond = {name: [f"N={name}"] for name in ("5000", "6000", "7000")}
    assert asked_of(limit, WIDE, beyond) == ("accepted accepted-by-structure accepted-by-structure", "5000")
    sized = WIDE.replace("@workgroup_size(1)", "@workgroup_size(M)")
    other = {name: [f"N={name}", f"M={m}"] for name, m in (("5000", 1), ("6000", 1), ("5001", 300), ("6001", 300))}
    said, given = asked_of(limit, sized, other)
    assert (said.split().count("accepted"), given) == (2, "5000 5001")


def test_findings_of_a_structure_stand_in_all_its_variants() -> None:
    text = "fn f() { missing(); }\n//       ^^^^^^^ [1, 2, 3] wgsl/name\nconst a = N;\n"
    Project.of(text, variants=THREE, compile=refuse("missing", "unresolved value", kind="name")).check_carets()


def test_profiles_see_the_numbers_of_each_variant() -> None:
    variant = '[[shader.variant]]\nname = "{0}"\ndefines = ["N={0}"]\n'
    config = '[[shader]]\nfiles = ["a.wgsl"]\nprofiles = ["p"]\n' + variant.format(16) + variant.format(4097)
    config += "[profile.p]\nworkgroup-storage = 16384\n"
    text = "var<workgroup> a: array<u32, N>;\n//             ^ [4097] profile/workgroup-storage main uses 16400\n"
    project = Project.of({"a.wgsl": text + MAIN + "a[i] = N;\n}", "wgsl-ls.toml": config})
    project.check_carets()
    assert [job.engine for job in project.jobs].count("dawn") == 1


def test_after_one_of_each_structure_come_those_that_failed() -> None:
    text = "fn f() { data[N] = 1; }\n// size N\n" + BUFFER
    variants = {f"{n}": [f"N={n}"] for n in (1, 2, 3, 4)}
    bad = refuse(r"data\[3\]", "3 is bad")
    project = Project.of({"a.wgsl": text}, variants=variants, compile=bad, exhaustive=False)
    project.check()
    project.jobs.clear()
    project.edit("a.wgsl", text.replace("= 1;", "= 2;"))
    project.compile = refuse(r"data", "1 is bad")
    project.check()
    assert [re.findall(r"size (\d+)", job.text)[0] for job in project.jobs if job.engine == "dawn"] == list("1324")


def test_one_of_each_structure_is_planned_before_anything_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "#if S == 1\nconst s = 1;\n#elif S == 2\nconst s = 1.0;\n#endif\n" + WIDE
    variants = {f"{s}/{n}": [f"S={s}", f"N={n}"] for s in range(3) for n in (64, 65)}
    project = Project.of(text, variants=variants)
    monkeypatch.setattr(NumberModel, "__init__", None)
    assert planned(project, first=True) == ["0/64", "1/64", "2/64"]
    monkeypatch.undo()
    assert planned(project) == ["0/64", "1/64", "2/64"], "who represents the others"


TWO = "#if S\nconst s = 1;\n#else\nconst s = 1.0;\n#endif\n" + SIZED
OF_TWO = {f"{s}/{n}": [f"S={s}", f"N={n}"] for s in (1, 0) for n in (64, 65)}


def planned(project: Project, first: bool = False) -> list[str]:
    reporter, view = project.reporter, project.view()
    jobs = reporter.first_jobs(view, "dawn") if first else reporter.jobs(view, engine="dawn")
    return [one.variant for one in jobs if one]


def test_variants_in_which_the_last_edit_is_active_come_first() -> None:
    project = Project.of(TWO, variants=OF_TWO)
    assert planned(project) == ["1/64", "0/64"]
    project.edit("a.wgsl", TWO.replace("1.0", "2.0"))
    project.snapshot.root(project.view().path)  # which nobody asks about its variants
    project.edit("a.wgsl", TWO.replace("1.0", "3.0"))
    assert planned(project) == ["0/64", "1/64"]
    project.edit("a.wgsl", TWO.replace("1.0", "3.0").replace("= 1;", "= 4;"))
    assert planned(project) == ["1/64", "0/64"]


def test_after_an_edit_one_of_each_structure_of_before_is_planned_before_the_others_are_expanded() -> None:
    variants = {f"{s}/{n}": [f"S={s}", f"N={n}"] for s in (1, 0) for n in range(64, 80)}
    project = Project.of(TWO, variants=variants)
    project.check()
    # Now there are four: in each of the two one variant is another one than those it was like.
    text = TWO.replace("#endif", "#endif\nconst u = 1;\n#if N == 70\nconst t = 1;\n#endif", 1)
    project.edit("a.wgsl", text)
    assert planned(project, first=True) == ["1/64", "0/64", "1/70", "0/70"]
    project.edit("a.wgsl", text.replace("1.0", "2.0"))
    view = project.view()
    first = next(one for one in project.reporter.first_jobs(view, "dawn") if one is not None)
    assert first.variant == "0/64", "in which the edit is active"
    assert sum(one is not None for one in view._expansions) == 4, "those that were first before"


def test_a_report_waits_for_nobody_who_finds_out_who_represents_whom(monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project.of(TWO, variants=OF_TWO)
    project.reporter.engines = ("dawn",)
    project.check()
    project.edit("a.wgsl", TWO.replace("1.0", "2.0"))
    monkeypatch.setattr("wgsl_ls.wgsl.number_model.NumberModel", None)
    states = {one.name: one.state for one in project.report().verdicts}
    assert states == {"1/64": "pass", "1/65": "pass", "0/64": "pending", "0/65": "pending"}, "others are as they were"
    view = project.view()
    assert not view.expansion(view.index_by_name["0/65"]).has_digest, "nor was its text asked for"
    monkeypatch.undo()
    assert [one.state for one in project.check().verdicts] == ["pass"] * 4


def test_what_was_answered_is_read_before_the_report_which_then_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TWO + "fn g() { wrong(); }\n"
    project, plain = (Project.of(text, variants=OF_TWO, compile=refuse("wrong", "wrong")) for _ in range(2))
    for one in (project, plain):
        one.reporter.engines = ("dawn",)
        one.check()
        one.edit("a.wgsl", text.replace("wrong();", "wrong(); wrong();"))
        jobs = [job for job in one.reporter.first_jobs(one.view(), "dawn") if job is not None]
        for job in jobs:
            one.store.put(job.job, job.digest, one.compile(job.job))
        if one is project:
            list(one.reporter.renew_steps(one.view(), [job.index for job in jobs]))
            monkeypatch.setattr("wgsl_ls.analysis.judges.engine_findings", None)
            report = one.report()
            monkeypatch.undo()
    assert report == plain.report()
    assert project.check() == plain.check()


def test_several_callers_do_the_work_in_turns_and_one_may_stop() -> None:
    project = project_of(WIDE, [str(n) for n in range(60, 90)])
    known = structures(project.view(), project.front_end)
    for steps in (known.steps, lambda: known.role_steps(0)):
        first, second = steps(), steps()
        n_steps = sum(1 for one in (first, second, second, first) if next(one, True) is None)
        assert n_steps >= 2
        first.close()
        list(second)
    assert known.is_told(0) and known.representative(29) == 0


def test_texts_of_one_structure_are_read_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what is found out about one is kept for a few texts only."""
    text = "#if S\nconst s = 1;\n#endif\n#ifdef BAD\n#if 1 +\n#endif\n#endif\n" + WIDE
    variants = {f"{n}": [f"S={n % 2}", f"N={64 + n}"] for n in range(6)} | {"bad": ["BAD"]}
    project = Project.of(text, variants=variants)
    found = of(project)
    assert found.by_structure() == [0, 2, 4, 1, 3, 5, 6]
    asked: list[int] = []
    given = FrontEndJudge.given
    monkeypatch.setattr(
        FrontEndJudge, "given", lambda self, view, index: (asked.append(index), given(self, view, index))[1]
    )
    project.check()
    assert list(dict.fromkeys(asked))[:6] == [0, 2, 4, 1, 3, 5]


def test_a_variant_that_nobody_declared_represents_nobody() -> None:
    project = Project.of(SIZED, variants=THREE, origin="inferred")
    project.check()
    assert sum(job.engine == "dawn" for job in project.jobs) == 3


def test_the_report_counts_structures() -> None:
    text = SIZED + "\n#ifdef MORE\nconst b = 1;\n#endif\n"
    project = Project.of(text, variants={**THREE, "more": ["N=4", "MORE"]})
    report = project.check()
    assert (report.n_structures, report.counts["pass"]) == (2, 4)
    assert [one.is_by_structure for one in report.verdicts] == [False] * 4  # the other engine judged each


class Kept(dict[str, Any]):
    """Notes that outlive a process, as JSON."""

    def get_note(self, key: str) -> Any | None:
        return json.loads(self[key]) if key in self else None

    def put_note(self, key: str, note: Any) -> None:
        self[key] = json.dumps(note)


def test_who_represents_whom_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = Kept()
    numbers = ["64", "5000", "0", "65"]

    def found() -> list[tuple[int, bool, Sizes]]:
        known = structures(project_of(WIDE, numbers).view(), FrontEnd(notes))
        list(known.steps())
        return [(known.representative(n), known.is_within_limits(n), known.sizes(n)) for n in range(len(numbers))]

    first = found()
    assert [(one, within) for one, within, _ in first] == [(0, True), (0, False), (2, True), (0, True)]
    assert first[1][2].variables == {"a": 20000}
    monkeypatch.setattr("wgsl_ls.wgsl.number_model.NumberModel", None)
    assert found() == first
    for key in notes:
        notes[key] = '[[7, true, {}, {}], "what?"]'  # damaged: it is no reason to fail
    monkeypatch.undo()
    assert found() == first


@pytest.mark.parametrize(
    ("plain", "n_members", "is_whole"),
    [
        ([[0, True, {"main": [8, 1, 1]}, {}], [0, False, {}, {"t": 4}]], 2, True),
        ([[0, True, {}, {}]], 2, False),
        ([[1, True, {}, {}]], 1, False),
        ([[-1, True, {}, {}]], 1, False),
        ([[0, True, {}]], 1, False),
        ([["x", True, {}, {}]], 1, False),
        (None, 0, False),
    ],
)
def test_what_is_read_back_is_roles_of_all_members_or_nothing(plain: object, n_members: int, is_whole: bool) -> None:
    assert (_from_json(plain, n_members) is not None) is is_whole
