"""One diagnostic per mistake, with words that claim no more than what was judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from tests.analysis.fixture import Project, refusing
from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.merge import MergedDiagnostic, across_roots, merge
from wgsl_ls.project.variants import Variant, VariantOrigin
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import finished
from wgsl_ls.wire import engine_specs
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    CompileResult,
    Crashed,
    DeviceLost,
    TimedOut,
    Unavailable,
    Unsupported,
)

FOUR = {"none": [], "A": ["A"], "B": ["B"], "A+B": ["A", "B"]}
TWO_MISTAKES = """\
#ifdef A
fn first() {}
#endif
#ifdef B
fn second() {}
#endif
fn main() {}
"""
LISTS, STOPS = refusing("first", "second"), refusing("first", "second", stops=True)


def found(project: Project, message: str, **how: object) -> MergedDiagnostic:
    (item,) = [one for one in project.check(**how).diagnostics if one.message == f"{message} is refused"]  # type: ignore[arg-type]
    return item


def counts(item: MergedDiagnostic) -> tuple[int, int, int]:
    return item.n_holds, item.n_judged, item.n_variants


ONE_MISTAKE = TWO_MISTAKES.replace("first", "fine")


def test_exact_when_everything_was_judged() -> None:
    item = found(Project.of(ONE_MISTAKE, FOUR, compile=LISTS), "second")
    assert counts(item) == (2, 4, 4)
    assert (item.condition, item.fits, item.sampled) == ("B", None, False)
    assert item.summary == "in 2 of 4 variants (wgpu, dawn): only when B"


def test_a_long_condition_for_what_is_unknown_waits_until_everybody_has_judged() -> None:
    macros = "ABCD"
    variants = {"".join(some) or "none": list(some) for n in range(5) for some in combinations(macros, n)}
    text = "#if (defined(A) && defined(B)) || (defined(C) && defined(D))\nfn second() {}\n#endif\n"
    text += "".join(f"#ifdef {one}\nconst {one.lower()} = 1;\n#endif\n" for one in macros)  # all texts differ
    project = Project.of(text, variants, compile=LISTS)
    project.check(only=[name for name in variants if name != "ABCD"])
    fits = []
    for is_last in (False, True):
        report = finished(project.reporter.report_steps(project.snapshot, project.view(), is_last))
        fits.extend(one.fits for one in report.diagnostics if one.message == "second is refused")
    assert fits == [None, "(A && B) || (C && D)"]
    project.check()
    report = finished(project.reporter.report_steps(project.snapshot, project.view(), is_last=False))
    assert [one.condition for one in report.diagnostics] == ["(A && B) || (C && D)"], "nothing is unknown"


def test_an_engine_that_stopped_at_an_earlier_error_says_nothing_of_the_rest() -> None:
    project = Project.of(TWO_MISTAKES, FOUR, compile=STOPS)
    project.reporter.engines = ("wgpu",)
    item = found(project, "second")
    assert (item.variants, counts(item)) == (("B",), (1, 2, 4))
    assert (item.condition, item.fits) == (None, "B")
    assert item.summary == "seen in 1 of 4 variants (wgpu), unknown in 2, for example B; it fits B"
    first = found(project, "first")
    assert (counts(first), first.condition) == ((2, 3, 4), None)


@pytest.mark.parametrize(("lists", "judged"), [(True, 4), (False, 3)])
def test_only_an_engine_that_goes_on_says_that_the_rest_is_right(
    monkeypatch: pytest.MonkeyPatch, lists: bool, judged: int
) -> None:
    specs = tuple(replace(spec, lists_errors=lists) for spec in engine_specs.ENGINES)
    monkeypatch.setattr(engine_specs, "ENGINES", specs)
    project = Project.of(TWO_MISTAKES, FOUR, compile=LISTS)
    assert counts(found(project, "second")) == (2, judged, 4)


@pytest.mark.parametrize(
    "silence",
    [Unsupported("it"), Crashed("SIGSEGV"), TimedOut(1.0), DeviceLost()],
    ids=lambda silence: type(silence).__name__,
)
def test_a_judge_that_could_not_judge_says_nothing(silence: CompileResult) -> None:
    project = Project.of(
        TWO_MISTAKES, FOUR, compile=lambda job: silence if "first" in job.text else refusing("second")(job)
    )
    project.reporter.engines = ("dawn",)
    assert counts(found(project, "second")) == (1, 2, 4)


def test_an_engine_that_is_missing_leaves_the_word_to_the_other() -> None:
    project = Project.of(
        ONE_MISTAKE, FOUR, compile=lambda job: LISTS(job) if job.engine == "dawn" else Unavailable("it is not here")
    )
    item = found(project, "second")
    assert (counts(item), item.engines, item.condition) == ((2, 4, 4), ("dawn",), "B")


def test_what_is_pending_is_not_known() -> None:
    project = Project.of(ONE_MISTAKE, FOUR, compile=LISTS)
    item = found(project, "second", only=["B", "none"])
    assert (counts(item), item.condition) == ((1, 2, 4), None)
    assert counts(found(project, "second")) == (2, 4, 4)


def test_a_variant_whose_preprocessing_failed_is_not_judged() -> None:
    text = '#ifdef A\n#include "nowhere"\n#endif\n#ifdef B\nfn second() {}\n#endif\n'
    project = Project.of(text, FOUR, compile=LISTS)
    assert counts(found(project, "second")) == (1, 2, 4)
    missing = [item for item in project.check().diagnostics if item.code.startswith("preprocess/")]
    assert [(counts(item), item.condition) for item in missing] == [((2, 4, 4), "A")]


def test_a_sample_is_called_one() -> None:
    config = '[[shader]]\nfiles = ["a.wgsl"]\npick = 3\naxes = { A = ["", "A"], B = ["", "B"] }\n'
    item = found(Project.of({"a.wgsl": ONE_MISTAKE, "wgsl-ls.toml": config}, compile=LISTS), "second")
    assert item.n_variants == item.n_judged == 3
    assert item.condition is item.fits is None and item.sampled
    assert item.summary.startswith(f"seen in {item.n_holds} of 3 listed variants (wgpu, dawn), for example ")


def test_one_mistake_of_several_roots_is_one_whatever_the_words() -> None:
    project = Project.of(ONE_MISTAKE, FOUR, compile=LISTS)
    item = replace(found(project, "second"), root="/p/a.wgsl", engines=(), mistake=None)
    place = item.location
    same, other = (place, "c", "m"), (place, "c", "n")
    rows = [
        # (mistake, words) in each of two roots, and how many are told
        ((None, "m"), (None, "m"), 1),
        ((None, "m"), (None, "n"), 2),
        ((same, "m"), (same, "n"), 1),
        ((same, "m"), (other, "m"), 2),
    ]
    for (one, said), (two, says), told in rows:
        both = [
            replace(item, mistake=one, message=said),
            replace(item, mistake=two, message=says, root="/p/b.wgsl", engines=("dawn",)),
        ]
        shown = across_roots(both)
        assert len(shown) == told
        if told == 1:  # in the words of an engine
            assert (shown[0].message, shown[0].root, shown[0].elsewhere) == (says, "/p/b.wgsl", (both[0],))
    assert len(across_roots([item, replace(item, severity=Severity.HINT)])) == 2


def test_what_one_engine_alone_says_tells_who_accepts_it() -> None:
    project = Project.of(ONE_MISTAKE, FOUR, compile=lambda job: LISTS(job) if job.engine == "wgpu" else Accepted())
    item = found(project, "second")
    assert (item.engines, item.accepted_by) == (("wgpu",), ("dawn",))
    assert item.summary.endswith("; dawn accepts it")


def by_engine(**words: str) -> Callable[[CompileJob], CompileResult]:
    """Each engine refuses its own word; one that is not named accepts everything."""

    def compile(job: CompileJob) -> CompileResult:
        return refusing(words[job.engine])(job) if job.engine in words else Accepted()

    return compile


def test_two_engines_mean_one_mistake_when_it_is_one_line_of_one_file() -> None:
    files = {"a.wgsl": '#include "c.tmpl"\nconst one = 1; const two = 2;\n', "c.tmpl": "\nconst three = 3;\n"}
    (item,) = Project.of(files, {"v": []}, compile=by_engine(wgpu="one", dawn="two")).check().diagnostics
    assert (item.message, item.engines) == ("two is refused", ("wgpu", "dawn"))
    assert [one.message for one in item.related] == ["naga (wgpu): one is refused"], "the other's words are kept"
    apart = Project.of(files, {"v": []}, compile=by_engine(wgpu="one", dawn="three")).check().diagnostics
    assert [(one.message, one.engines) for one in apart] == [
        ("one is refused", ("wgpu",)),
        ("three is refused", ("dawn",)),
    ]


def test_an_engine_that_accepts_only_some_of_the_variants_is_not_named() -> None:
    def compile(job: CompileJob) -> CompileResult:
        if job.engine == "wgpu":
            return refusing("bad")(job)
        return Unsupported("it") if "more" in job.text else Accepted()

    text = "const bad = 1;\n#ifdef A\nconst more = 1;\n#endif\n"
    item = found(Project.of(text, {"plain": [], "a": ["A"]}, compile=compile), "bad")
    assert (item.variants, item.engines, item.accepted_by) == (("plain", "a"), ("wgpu",), ())
    item = found(Project.of(text, {"plain": [], "b": ["B"]}, compile=compile), "bad")
    assert item.accepted_by == ("dawn",)


def test_what_each_engine_says_of_some_variants_is_judged_by_both() -> None:
    def compile(job: CompileJob) -> CompileResult:
        mine = "fine" if job.engine == "wgpu" else "other"
        return refusing("bad")(job) if mine in job.text else Unsupported("it")

    text = "#ifdef B\nconst bad = 1;\n#endif\n#ifdef A\nconst fine = 1;\n#else\nconst other = 1;\n#endif\n"
    item = found(Project.of(text, FOUR, compile=compile), "bad")
    assert (item.engines, counts(item), item.condition) == (("wgpu", "dawn"), (2, 4, 4), "B")


def merged(variants: Sequence[Variant], *findings: Sequence[Finding], complete: bool = True) -> list[MergedDiagnostic]:
    def known(finding: Finding) -> int:
        return sum(1 << i for i, one in enumerate(variants) if finding.judge in ("", *one.profiles))

    steps = merge("a.wgsl", variants, findings, lambda place: 0, lambda *_: False, known=known, complete=complete)
    return list(finished(steps))


def variant(*defines: str, profiles: tuple[str, ...] = (), origin: VariantOrigin = "declared") -> Variant:
    return Variant("+".join(defines), "a.wgsl", tuple((one, "") for one in defines), profiles=profiles, origin=origin)


def says(message: str, at: int = 0, judge: str = "") -> Finding:
    return Finding(Location("a.wgsl", Span(at, at + 1)), Severity.ERROR, "wgsl/type", message, judge=judge)


NONE, A, B, BOTH = (variant(*names) for names in ((), "A", "B", "AB"))


def test_one_place_said_with_other_types_is_one_mistake() -> None:
    (item,) = merged(
        [NONE, A, B, BOTH], [], [says("f32 has no x")], [says("vec2<f16> has no x")], [says("i32 has no x")]
    )
    assert (item.message, item.variants, item.condition) == ("f32 has no x", ("A", "B", "A+B"), "A || B")
    assert [one.message for one in item.related] == [
        "in 1 of them: vec2<f16> has no x",
        "in 1 of them: i32 has no x",
    ]


def test_what_one_variant_says_twice_are_two_mistakes() -> None:
    twice = [says("argument 1 is wrong"), says("argument 2 is wrong")]
    assert [(one.message, one.variants) for one in merged([A, B], twice, twice[1:])] == [
        ("argument 1 is wrong", ("A",)),
        ("argument 2 is wrong", ("A", "B")),
    ]
    assert len(merged([A, B], [says("x 1", at=0)], [says("x 2", at=5)])) == 2


def test_a_host_that_chose_numbers_has_a_condition_that_fits() -> None:
    read = [replace(one, origin="host") for one in (NONE, A, B, BOTH)]
    (item,) = merged(read, [], [says("x")], [], [says("x")], complete=False)
    assert (item.condition, item.fits) == (None, "A")
    assert item.summary == "seen in 2 of 4 listed variants, for example A and 1 more; it fits A"
    (item,) = merged([NONE, A, B, BOTH], [], [says("x")], [], [says("x")], complete=False)
    assert item.condition is item.fits is None  # picked from more: that may be chance


def test_a_mistake_without_a_condition_names_its_variants() -> None:
    (item,) = merged([A, replace(A, name="twin"), B], [says("x")], [], [])
    assert (item.condition, item.fits, item.summary) == (None, None, "in 1 of 3 variants: A")
    (item,) = merged([NONE, A], [says("x")], [says("x")], complete=False)
    assert (item.condition, item.fits, item.summary) == ("", None, "in all 2 variants")


def test_a_device_is_told_of_its_own_variants() -> None:
    small, large = ("small",), ("large",)
    all_of_them = [variant(profiles=large), *(variant(*names, profiles=small) for names in ("A", "B", "AB"))]
    (item,) = merged(all_of_them, [], [says("x", judge="small")], [], [says("x", judge="small")])
    assert (counts(item), item.condition) == ((2, 3, 3), "A")
    assert item.summary == "in 2 of 3 variants for small: only when A"


ROOTS: dict[str, tuple[dict[str, Any], str]] = {
    "all of them": ({}, "b.wgsl (all 3 variants)"),
    "one has no number": ({"n_variants": 1, "variants": ("v0",)}, "b.wgsl"),
    "none is named": ({"variants": ()}, "b.wgsl"),
    "a condition": ({"variants": ("v0",), "condition": "A"}, "b.wgsl (1 of 3, only when A)"),
    "what fits": (
        {"variants": ("v0", "v1"), "n_judged": 2, "condition": None, "fits": "B"},
        "b.wgsl (2 of 3, unknown in 1; it fits B)",
    ),
    "no words": ({"variants": ("v0", "v1"), "condition": None}, "b.wgsl (2 of 3)"),
}


@pytest.mark.parametrize(("change", "said"), ROOTS.values(), ids=ROOTS)
def test_what_is_said_of_several_roots(change: dict[str, Any], said: str) -> None:
    one = MergedDiagnostic(
        Location("/h.tmpl", Span(0, 1)), Severity.ERROR, "wgsl/type", "m", ("wgpu",), (), "/a.wgsl", ("v0",), 1, "",
        n_judged=1,
    )  # fmt: skip
    other = replace(one, root="/b.wgsl", **{"variants": ("v0", "v1", "v2"), "n_variants": 3, "n_judged": 3, **change})
    assert replace(one, elsewhere=(other,)).summary == f"in 2 roots (wgpu): a.wgsl, {said}"
    many = replace(one, engines=(), elsewhere=(other,) * 3)
    assert many.summary == f"in 4 roots (wgpu): a.wgsl, {said}, {said} and 1 more"
