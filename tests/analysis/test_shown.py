"""What is shown of a root between two answers: nothing under a variant's name that was not found in that variant."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project, absolute, refusing
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.text.steps import finished
from wgsl_ls.wire.jobs import Crashed
from wgsl_ls.wire.verdicts import State

TEXT = """\
#ifdef A
fn wrong() {}
#endif
fn main() {}
"""
CONFIG = """\
[[shader]]
files = ["a.wgsl"]
[[shader.variant]]
name = "{0}"
defines = [{1}]
[[shader.variant]]
name = "{2}"
defines = [{3}]
"""
FIRST = CONFIG.format("one", '"A"', "two", "")


def messages(report: RootReport) -> list[tuple[str, tuple[str, ...], str]]:
    """(message, variants, summary) of what is said of variants; lints speak of files."""
    said = [item for item in report.diagnostics if not item.code.startswith("lint/")]
    return [(item.message, item.variants, item.summary) for item in said]


def states(report: RootReport) -> dict[str, str]:
    return {entry.name: entry.state for entry in report.verdicts}


def checked() -> Project:
    project = Project.of({"a.wgsl": TEXT, "wgsl-ls.toml": FIRST}, compile=refusing("wrong"))
    assert [variants for _, variants, _ in messages(project.check())] == [("one",)]
    return project


@pytest.mark.parametrize(
    "after",
    [
        CONFIG.format("one", '"B"', "two", ""),
        CONFIG.format("three", '"B"', "four", '"C"'),
        CONFIG.format("two", "", "three", '"B"'),
    ],
    ids=["other defines", "nothing left", "other order"],
)
def test_another_configuration_takes_the_findings_of_its_variants_along(after: str) -> None:
    project = checked()
    project.edit("wgsl-ls.toml", after)
    for report in (project.fast(), project.report()):
        names = {entry.name for entry in report.verdicts}
        assert names == set(project.view().index_by_name)
        for message, variants, _ in messages(report):
            raise AssertionError(f"{message} is shown for {variants}, where nobody found it")


def test_a_new_variant_with_a_known_text_is_judged_at_once() -> None:
    project = checked()
    project.edit("wgsl-ls.toml", CONFIG.format("three", '"A", "B"', "two", ""))
    assert [variants for _, variants, _ in messages(project.report())] == [("three",)]
    assert states(project.report()) == {"three": State.FAIL, "two": State.PASS}


def test_variants_in_another_order_keep_their_findings_and_verdicts() -> None:
    project = checked()
    project.edit("wgsl-ls.toml", CONFIG.format("two", "", "one", '"A"'))
    assert [variants for _, variants, _ in messages(project.report())] == [("one",)]
    assert states(project.report()) == {"two": State.PASS, "one": State.FAIL}


def test_an_edit_elsewhere_moves_what_is_shown_and_changes_no_word() -> None:
    project = checked()
    before = project.report()
    project.edit("a.wgsl", "// a comment\n" + TEXT)
    project.report()
    project.edit("a.wgsl", "// a comment in front\n" + TEXT)
    for between in (project.fast(), project.report()):
        assert [item.message for item in between.diagnostics] == [item.message for item in before.diagnostics]
        assert [item.summary for item in between.diagnostics] == [item.summary for item in before.diagnostics]
        place = between.diagnostics[0].location.span
        assert project.text()[place.start : place.end] == "wrong"
    assert states(project.report()) == {"one": State.FAIL, "two": State.PENDING}
    assert len(project.jobs) == 4
    after = project.check()
    assert [item.summary for item in after.diagnostics] == [item.summary for item in before.diagnostics]
    assert len(project.jobs) == 8


def test_a_text_that_is_the_same_at_another_place_has_its_findings_there() -> None:
    project = checked()
    project.edit("a.wgsl", "#ifdef A  \n" + TEXT.partition("\n")[2])
    (item,) = [one for one in project.report().diagnostics if one.message == "wrong is refused"]
    assert project.shown(item.location) == "a.wgsl:2:4 'wrong'" and len(project.jobs) == 4


def test_counts_do_not_change_while_somebody_types() -> None:
    project = checked()
    project.edit("a.wgsl", TEXT + "// typing\n")
    assert states(project.fast()) == {"one": State.FAIL, "two": State.PASS}


@pytest.mark.parametrize(
    ("after", "shown"),
    [("fn wronger() {}", "wrong"), ("fn () {}", None), ("fnrong() {}", None), ("fn  wrong() {}", "wrong")],
)
def test_a_finding_stays_with_its_place(after: str, shown: str | None) -> None:
    project = Project.of("fn wrong() {}", compile=refusing("wrong"))
    assert project.check().diagnostics
    project.edit("a.wgsl", after)
    places = [item.location.span for item in project.report().diagnostics]
    assert [after[place.start : place.end] for place in places] == ([] if shown is None else [shown])


def test_the_fast_phase_tells_our_own_syntax_errors_and_engines_replace_them() -> None:
    project = Project.of("fn main( {}\n", variants={"one": [], "two": ["A"]})
    fast = project.fast()
    assert [(item.code, item.variants) for item in fast.diagnostics] == [("wgsl/syntax", ())]
    assert [item.code for item in project.check().diagnostics] == []  # the scripted engine accepts everything


def test_an_engine_that_died_is_asked_again() -> None:
    project = Project.of("fn wrong() {}", compile=lambda job: Crashed("SIGSEGV"))
    assert "crashed" in messages(project.check())[0][0]
    project.store.forget_failures()
    project.compile = refusing("wrong")
    assert [message for message, _, _ in messages(project.check())] == ["wrong is refused"]


def test_what_is_not_looked_at_any_more_leaves_nothing_behind() -> None:
    project = checked()
    project.reporter.forget(absolute("a.wgsl"))
    assert project.reporter.reports == {}
    project.store._results.clear()
    assert project.report().diagnostics == ()


def test_device_profiles_wait_for_nobody_and_are_carried() -> None:
    config = """
[profile.small]
workgroup-storage = 16
[[shader]]
files = ["a.wgsl"]
profiles = ["small"]
[[shader.variant]]
name = "only"
"""
    text = """
var<workgroup> big: array<u32, 64>;
@compute @workgroup_size(1)
fn main() { big[0] = 1; }
"""
    project = Project.of({"a.wgsl": text, "wgsl-ls.toml": config})
    assert project.report().diagnostics == ()
    before = project.check()
    assert [item.code for item in before.diagnostics] == ["profile/workgroup-storage"]
    assert states(before) == {"only": State.FAIL}
    project.edit("a.wgsl", "// moved\n" + text)
    between = project.report()
    assert [item.code for item in between.diagnostics] == ["profile/workgroup-storage"]
    assert between.diagnostics[0].location.span.start == before.diagnostics[0].location.span.start + 9


def test_what_variants_have_in_common_is_one_object_and_combined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of variants are moved along and merged with every keystroke."""
    from wgsl_ls.analysis import merge

    combined: list[int] = []
    combine = merge.combine
    monkeypatch.setattr(merge, "combine", lambda findings, line_of: combined.append(1) or combine(findings, line_of))
    text = "#if N > 4\nfn f() { wrong(); wrong(); }\n#endif\nfn g() {}\n"
    variants = {f"v{index}": [f"N={index}"] for index in range(10)}
    project = Project.of(text, variants, compile=refusing("wrong"))
    project.check()
    shown = project.reporter._shown[absolute("a.wgsl")]
    assert len({id(one.findings) for one in shown.variants.values()}) == 2
    combined.clear()
    project.report()
    assert not combined, "nothing is new"
    project.edit("a.wgsl", "\n" + text)
    shown = finished(project.reporter._carried(absolute("a.wgsl")))
    assert len({id(one.findings) for one in shown.variants.values()}) == 2
    assert {finding.location.span.start for one in shown.variants.values() for finding in one.findings} == {20, 29}
    project.fast()
    assert 0 < len(combined) <= 3


def test_what_is_shown_is_carried_along_edits_once_and_none_is_kept() -> None:
    text = "fn f() { wrong(); }\n"
    project = Project.of({"a.wgsl": text, "b.wgsl": text}, {"v": []}, compile=refusing("wrong"))
    for root in ("a.wgsl", "b.wgsl"):
        project.check(root)
    project.edit("a.wgsl", "\n" + text)
    project.edit("a.wgsl", "\n\n" + text)
    reporter = project.reporter
    assert len(reporter._edits) == 2
    for root, start in (("a.wgsl", 11), ("b.wgsl", 9)):
        for _ in range(2):
            shown = finished(reporter._carried(absolute(root)))
            places = {one.location.span.start for judged in shown.variants.values() for one in judged.findings}
            assert places == {start}
    assert reporter._edits == []
