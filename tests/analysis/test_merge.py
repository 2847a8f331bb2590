"""One diagnostic per mistake, with words that claim no more than what was judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.analysis.fixture import Project, refusing
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.wire import engine_specs
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, Crashed, TimedOut, Unavailable, Unsupported

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
    assert (item.condition, item.fits) == ("B", None)
    assert item.summary == "in 2 of 4 variants (wgpu, dawn): only when B"


def test_an_engine_that_stopped_at_an_earlier_error_says_nothing_of_the_rest() -> None:
    project = Project.of(TWO_MISTAKES, FOUR, compile=STOPS)
    project.reporter.engines = ("wgpu",)
    item = found(project, "second")
    assert (item.variants, counts(item)) == (("B",), (1, 2, 4))
    assert (item.condition, item.fits) == (None, "B")
    assert item.summary == "seen in 1 of 2 judged of 4 variants (wgpu), for example B; it fits B"
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
    "silence", [Unsupported("it"), Crashed("SIGSEGV"), TimedOut(1.0)], ids=lambda silence: type(silence).__name__
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
    assert item.condition is item.fits is None
    assert item.summary.startswith(f"seen in {item.n_holds} of 3 judged variants (wgpu, dawn), for example ")


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
