"""The report for people: what is cut, what is left out, what a long run says at its end."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.steps import growth, is_linear
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.variant_verdict import VariantVerdict
from wgsl_ls.cli.render import FORMATS, human, render
from wgsl_ls.cli.run_report import RunReport
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wire.verdicts import Verdict


def report(text: str, span: Span, n_variants: int = 1, roots: tuple[RootReport, ...] = ()) -> RunReport:
    names = tuple(f"v{number}" for number in range(n_variants))
    item = MergedDiagnostic(
        Location("/a.wgsl", span), Severity.ERROR, "wgsl/type", "message", ("wgpu", "dawn"), (), "/a.wgsl",
        names, n_variants, "", n_judged=n_variants,
    )  # fmt: skip
    return RunReport(roots, (item,), {"/a.wgsl": text}, {}, 0, 0.0, 0.0)


def excerpt(text: str, span: Span, width: int) -> tuple[str, str]:
    """The shown part of the line, and what is above the carets."""
    _, line, carets, *_ = human(report(text, span), width=width).splitlines()
    assert not width or (len(line) <= width and len(carets) <= width)
    start, end = carets.index("^"), carets.rindex("^") + 1
    return line[9:], line[start:end]


LONG = "a" * 100 + "MARKED" + "b" * 100


@pytest.mark.parametrize("width", [0, 60, 80, 200, 300])
@pytest.mark.parametrize("before", [0, 3, 100, 200])
def test_the_marked_place_is_always_in_the_excerpt(width: int, before: int) -> None:
    text = "a" * before + "MARKED" + "b" * (200 - before)
    shown, marked = excerpt(text, Span(before, before + 6), width)
    assert marked == "MARKED"
    assert (shown == text) == (not width or width >= 215)
    if shown != text:
        assert "…" in (shown[0], shown[-1])
        assert len(shown) == width - 9, "the whole width is used, at the end of a line too"


def test_a_place_that_is_longer_than_the_line_of_the_terminal() -> None:
    shown, marked = excerpt("x" * 500, Span(0, 500), 80)
    assert shown.endswith("…") and marked == shown


@pytest.mark.parametrize("name", FORMATS)
def test_many_findings_in_a_long_file_cost_what_they_are(name: str) -> None:
    def of(n: int) -> RunReport:
        one = report("x\n" * n, Span(0, 1))
        places = (replace(one.findings[0], location=Location("/a.wgsl", Span(2 * i, 2 * i + 1))) for i in range(n))
        return replace(one, findings=tuple(places))

    assert is_linear(growth(lambda n: render(of(n), name), 40))


@pytest.mark.parametrize("name", FORMATS)
def test_a_line_as_long_as_a_file_is_not_said_again_with_every_finding(name: str) -> None:
    one = report("x" * 100_000, Span(50_000, 50_006))
    assert len(render(replace(one, findings=one.findings * 20), name)) < 100_000


def test_who_says_it_has_no_line_of_its_own() -> None:
    one = human(report("text", Span(0, 4)))
    assert "[wgsl/type] (wgpu, dawn)\n" in one and "  = (" not in one
    assert "  = in all 3 variants (wgpu, dawn)" in human(report("text", Span(0, 4), 3))


@pytest.mark.parametrize(("place", "most"), [(Span(0, 4), 3), (Span(1, 2), 6)])
def test_of_much_that_is_related_the_first_is_told(place: Span, most: int) -> None:
    for n_more in (0, 2):
        related = tuple(Related(Location("/a.wgsl", place), f"note {number}") for number in range(most + n_more))
        one = report("text", Span(0, 4))
        text = human(replace(one, findings=(replace(one.findings[0], related=related),)))
        assert re.findall(r"note (\d)", text) == [str(number) for number in range(most)]
        assert ("  = and 2 more\n" in text) == bool(n_more)


def test_sentences_are_folded_to_the_terminal_and_painted_whole() -> None:
    long = " ".join(["of", "words"] * 20)
    related = (Related(Location("/a.wgsl", Span(0, 1)), long), Related(Location("/a.wgsl", Span(2, 3)), long))
    verdicts = (
        VariantVerdict("v0", (("dawn", Verdict.REJECTED),), 1),
        VariantVerdict("v1", (("dawn", Verdict.ACCEPTED),), 0),
    )
    one = report("text", Span(0, 1), 3, (RootReport("/a.wgsl", (), verdicts),))
    one = replace(one, findings=(replace(one.findings[0], message=long, related=related),))
    plain = human(one, width=60)
    assert max(map(len, plain.splitlines())) <= 60 < max(map(len, human(one).splitlines()))
    assert plain.split() == human(one).split(), "no word is lost"
    painted = human(one, colour=True, width=60)
    for width in (0, 10, 15, 20, 60):
        said = human(one, colour=True, width=width)
        assert re.sub(r"\x1b\[[0-9;]*m", "", said) == human(one, width=width)
    head = painted.split("\x1b[2m[wgsl/type]")[0]
    assert (
        head.startswith("\x1b[1m/a.wgsl:1:1:\x1b[0m \x1b[1;31merror:\x1b[0m \x1b[1mof words") and head.count("\n") == 3
    )
    assert "\x1b[32m1 pass\x1b[0m · \x1b[31m1 fail\x1b[0m · 1 error" in painted


@pytest.mark.parametrize(("n_roots", "n_names"), [(12, 4), (14, 5)])
def test_of_many_that_nobody_judged_the_first_are_named(n_roots: int, n_names: int) -> None:
    verdicts = tuple(VariantVerdict(f"v{number}", (), 0, obstacles=("nobody came",)) for number in range(n_names))
    roots = tuple(RootReport(f"/s{number}.wgsl", (), verdicts) for number in range(n_roots))
    lines = human(replace(report("text", Span(0, 4)), roots=roots)).splitlines()
    told = [line for line in lines if line.startswith("/s") and "not judged" in line and ":" in line]
    more = " and 1 more" if n_names > 4 else ""
    words = f"{n_names} of {n_names} variants not judged: v0, v1, v2, v3{more} (nobody came)"
    assert told == [f"/s{number}.wgsl: {words}" for number in range(12)]
    assert [line for line in lines if "more places" in line] == (
        [f"and {2 * n_names} variants not judged in 2 more places"] if n_roots > 12 else []
    )


def test_the_summary_of_many_variants_is_short() -> None:
    def root(number: int) -> RootReport:
        names = [f"{'K_F16+' * 30}{index}" for index in range(100)]
        verdicts = tuple(VariantVerdict(name, (("dawn", Verdict.REJECTED),), 1) for name in names)
        return RootReport(f"/s{number}.wgsl", (), verdicts)

    fewer = human(report("text", Span(0, 4), roots=tuple(map(root, range(12)))))
    assert "/s11.wgsl · 100 variants · 100 fail\n" in fewer and "\nand " not in fewer
    text = human(report("text", Span(0, 4), roots=tuple(map(root, range(16)))))
    lines = text.splitlines()
    assert "1,600 variants of 16 shaders · 0 pass · 1,600 fail" in lines[-1]
    assert lines[-2] == "and 400 failing variants of 4 more shaders"
    assert len(lines) < 20 and max(map(len, lines)) < 100
    assert "/s0.wgsl · 100 variants · 100 fail" in lines
