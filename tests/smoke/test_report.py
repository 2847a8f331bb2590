"""Reports: the JSON contract, the page, comparisons with a stored report, the formats of the command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from wgsl_ls.cli.smoke import exit_code
from wgsl_ls.cli.smoke_render import campaign_table, line_of, lines_of, render
from wgsl_ls.smoke.figures import figures
from wgsl_ls.smoke.html_report import html_report
from wgsl_ls.smoke.judge import Agreement, Check, RunVerdict, SmokeJudgement
from wgsl_ls.smoke.report import Change, Device, SmokeReport, SmokeRun, compare_with_baseline, report_json, report_text

EXPECTED = np.arange(1.0, 13.0).reshape(3, 4)


def run(variant: str = "a", error: float = 1e-6, seconds: float = 1e-3, **changes: Any) -> SmokeRun:
    found = figures(EXPECTED + error, EXPECTED)
    passed = found.nmse < 5e-4
    check = Check("reference", "out", passed, "" if passed else "too far,\n100% wrong: here")
    judgement = SmokeJudgement(
        "pass" if passed else "fail",
        (check,),
        (("out", found),),
        (("out", EXPECTED),),
        gpu_seconds=(("main", seconds),),
        wall_seconds=2e-3,
    )
    return SmokeRun("shaders/a.wgsl", variant, "small", "wgpu", "gpu", judgement, 5e-4, **changes)


def broken() -> SmokeRun:
    found = figures(np.full((3, 4), np.nan), EXPECTED)
    judgement = SmokeJudgement("fail", (Check("nan", "out", False, "12 of 12 elements are NaN"),), (("out", found),))
    return SmokeRun("shaders/a.wgsl", "b", "", "dawn", "gpu", judgement, 5e-4, guessed=("n = 1",))


def skipped() -> SmokeRun:
    judgement = SmokeJudgement("skipped", (Check("run", "", False, "unsupported: no such thing"),))
    return SmokeRun("shaders/a.wgsl", "c", "", "dawn", "gpu", judgement, 5e-4, matrices="native")


def unjudged() -> SmokeRun:
    judgement = SmokeJudgement("unjudged", (Check("run", "", False, "no answer within 60 s"),))
    return SmokeRun("shaders/a.wgsl", "d", "", "wgpu", "gpu", judgement, 5e-4)


def report(*runs: SmokeRun, **changes: Any) -> SmokeReport:
    return SmokeReport("wgsl-ls 0", (Device("wgpu", "1", "A GPU", "Vulkan", "d"),), runs, **changes)


def test_when_a_report_passes() -> None:
    assert report(run()).passed and report(run(), skipped()).passed
    assert not report(skipped()).passed and not report().passed
    assert not report(run(), broken()).passed
    assert not report(run(), agreements=(Agreement("g", "x", "y", 1.0, 1.0, 0.1, "they differ"),)).passed
    assert not report(run(), changes=(Change("x", "worse", True),)).passed
    assert report(run(), changes=(Change("x", "slower", False),)).passed


DIFFER = Agreement("g", "x", "y", 1.0, 1.0, 0.1, "they differ")
EXIT_CODES: dict[str, tuple[SmokeReport, int]] = {
    "all pass": (report(run()), 0),
    "some lack what they need": (report(run(), skipped()), 0),
    "all do": (report(skipped()), 2),
    "one is not judged": (report(run(), unjudged()), 2),
    "one is not judged, one is wrong": (report(run(), unjudged(), broken()), 1),
    "one is not judged, two differ": (report(run(), unjudged(), agreements=(DIFFER,)), 1),
    "one is not judged, one was better": (report(run(), unjudged(), changes=(Change("x", "worse", True),)), 1),
    "one is wrong": (report(run(), broken()), 1),
    "two differ": (report(run(), agreements=(DIFFER,)), 1),
}


@pytest.mark.parametrize(("made", "code"), EXIT_CODES.values(), ids=EXIT_CODES)
def test_what_nobody_judged_is_neither_right_nor_wrong(made: SmokeReport, code: int) -> None:
    assert exit_code(made) == code
    assert made.passed == (code == 0)


def test_what_was_not_judged_has_words_of_its_own() -> None:
    made = report(run(), unjudged())
    assert render(made, "human").endswith("2 runs of 2 variants: 1 passed, 1 not judged\n")
    assert line_of(unjudged()).startswith("open   shaders/a.wgsl")
    assert "::warning file=shaders/a.wgsl" in render(made, "github")
    (suite,) = ElementTree.fromstring(render(made, "junit"))
    assert (suite.get("skipped"), suite.get("errors"), suite.get("failures")) == ("1", "0", "0")
    assert "<span class=unjudged>1 unjudged</span>" in html_report(report_json(made))
    heads, _, row = [line.split("|") for line in campaign_table(made).splitlines() if line.startswith("|")][:3]
    assert dict(zip(map(str.strip, heads), map(str.strip, row), strict=True))["not judged"] == "1"


def test_json_is_plain_and_complete() -> None:
    data = report_json(report(run(), broken(), skipped()))
    again = json.loads(json.dumps(data, allow_nan=False))
    assert again == data == json.loads(report_text(data))
    assert report_text(data).count('\n  {"file"') == 3
    assert [item["verdict"] for item in data["runs"]] == ["pass", "fail", "skipped"]
    assert data["runs"][0]["passed_checks"] == {"reference": 1} and not data["runs"][0]["failed_checks"]
    assert data["runs"][1]["failed_checks"][0]["name"] == "nan"
    figures_of = data["runs"][1]["figures"]["out"]
    assert figures_of["nmse"] == "inf" and figures_of["error_map"][0].split() == ["-1"] * 4
    assert data["runs"][0]["gpu_seconds"] == {"main": 1e-3}


def test_maps_are_kept_for_the_worst_runs_only() -> None:
    runs = [run(f"v{index}", 1e-6 * (index + 1)) for index in range(50)]
    data = report_json(report(*runs, broken()))
    kept = [item["variant"] for item in data["runs"] if item["figures"]["out"]["error_map"]]
    assert len(kept) == 40 and kept[0] == "v11" and kept[-1] == "b"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_page_stands_alone() -> None:
    data = json.loads(json.dumps(report_json(report(run("<a>" + "x" * 200), broken(), skipped()))))
    page = html_report(data)
    assert "&lt;a&gt;" in page and "<a>" not in page
    assert len(re.findall(r'src="data:image/png;base64,', page)) == 3
    assert not re.search(r'(?:src|href)="(?!data:)', page) and "<script" not in page
    assert "12 of 12 elements are NaN" in page


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "runs, above, columns",
    [
        (("a", "b"), ["Engine", "File"], ["Verdict", "NMSE", "GPU time", "Case", "Variant"]),
        (("a", "a"), ["Engine", "File", "Variant"], ["Verdict", "NMSE", "GPU time", "Case"]),
    ],
)
def test_what_all_runs_share_stands_above_them(runs: tuple[str, ...], above: list[str], columns: list[str]) -> None:
    data = report_json(report(*map(run, runs)))
    page = html_report(data).partition("<h2>Runs</h2>")[2].partition("</table></div>")[0]
    shared, _, table = page.partition("</table>")
    assert re.findall(r"<th>([^<]+)", shared) == above
    assert re.findall(r"<th>([^<]+)", table) == columns and table.count("<tr>") == 3


HOSTILE_DRAWING = """
import json, os, sys
from pathlib import Path
from wgsl_ls.smoke.html_report import html_report
here = os.getcwd()
page = html_report(json.loads(Path("report.json").read_text()))
assert os.getcwd() == here
import matplotlib
assert not matplotlib.rcParams["text.usetex"], "the workspace's file was read"
print(page.count("data:image/png"))
"""


def test_drawing_reads_no_settings_and_starts_no_latex(tmp_path: Path) -> None:
    """Neither those of the folder, nor what MATPLOTLIBRC names, nor those of the user, each asked if the others are
    not."""
    data = report_json(report(run("$\\input{/etc/hostname}$ \x1b[31m $x_"), broken()))
    (tmp_path / "report.json").write_text(json.dumps(data), encoding="utf-8")
    evil = "text.usetex: True\ntext.latex.preamble: \\\\input{/etc/hostname}\nbackend: module://evil\n"
    for settings in (tmp_path, tmp_path / "named", tmp_path / "configured"):
        settings.mkdir(exist_ok=True)
        (settings / "matplotlibrc").write_text(evil, encoding="utf-8")
    (tmp_path / "bin").mkdir()
    for name in ("latex", "dvipng", "kpsewhich"):
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/RAN'\nexit 1\n", encoding="utf-8")
        program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    environment |= {"MATPLOTLIBRC": str(tmp_path / "named"), "MPLCONFIGDIR": str(tmp_path / "configured")}
    command = [sys.executable, "-P", "-W", "error", "-W", "ignore::DeprecationWarning", "-c", HOSTILE_DRAWING]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr
    assert not (tmp_path / "RAN").exists()


def test_a_baseline_tells_what_became_worse() -> None:
    stored = report_json(report(run("a"), run("b"), run("c", seconds=1e-3)))
    now = [run("a", 1e-4), run("b"), run("c", seconds=9e-3), run("new")]
    changes = compare_with_baseline(now, stored)
    assert [(change.label, change.worse) for change in changes] == [
        ("a / small on wgpu", True),
        ("c / small on wgpu", False),
    ]
    (failing,) = [change for change in compare_with_baseline([run("b", 10.0)], stored) if "was pass" in change.message]
    assert failing.worse
    assert compare_with_baseline([run("b")], {"some": "thing"})[0].worse
    assert compare_with_baseline([], stored) == ()


def test_lines_for_people() -> None:
    watched = SmokeJudgement(
        "pass", (), sanitizers=(("race", 3.21, ()), ("range", 0.0, ("no edge",)), ("alias", 0.0, ()))
    )
    of_it = SmokeRun("shaders/a.wgsl", "d", "", "wgpu", "gpu", watched, 5e-4)
    text = render(report(run(), broken(), skipped(), of_it), "human")
    lines = text.splitlines()
    at = lines.index("pass   shaders/a.wgsl  d  wgpu")
    assert lines[at + 1 : at + 3] == [
        "       race: watched, 3.2 times as long as the plain run",
        "       range: no edge",
    ]
    assert "alias" not in text.partition("guessed")[0]
    cell = "<td>race: watched, 3.2 times as long as the plain run<br>range: no edge"
    assert cell in html_report(report_json(report(run(), of_it)))
    assert "pass   shaders/a.wgsl  a / small  wgpu  nmse" in text
    assert "       nan out: 12 of 12 elements are NaN" in text
    assert "guessed, for no configuration says it: n = 1\n" in text
    assert text.endswith("4 runs of 4 variants: 2 passed, 1 failed, 1 skipped\n")
    assert "pairs of runs agree" not in text and "runs watched" not in text and "operation" not in text
    agree = (Agreement("g", "x", "y", 0.0, 0.0, 0.1, ""), Agreement("g", "x", "z", 1.0, 1.0, 0.1, "they differ"))
    assert "FAIL   g: x and z: they differ\n1 of 2 pairs of runs agree\n" in render(
        report(run(), agreements=agree), "human"
    )
    raced = SmokeJudgement("fail", (Check("race", "out", False),), sanitizers=(("race", 4.0, ()),))
    both = report(of_it, SmokeRun("shaders/a.wgsl", "e", "", "wgpu", "gpu", raced, 5e-4))
    words = "race: 2 of 2 runs watched, 3.6 times as long as plain (median; at most 4); 1 with a mistake\n"
    assert words in render(both, "human")
    assert "       race out: \n" in render(both, "human"), "a check that failed without words"
    assert "native" in line_of(skipped())
    assert lines_of(broken())[1:] == ["       nan out: 12 of 12 elements are NaN"]


def test_junit_and_github() -> None:
    bad = run("a,b", 10.0)
    suites = ElementTree.fromstring(render(report(run(), bad, skipped()), "junit").split("\n", 1)[1])
    (suite,) = suites
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert [child.tag for case in suite for child in case] == ["failure", "skipped"]
    two = SmokeJudgement("error", (Check("nan", "out", False, "one"), Check("race", "in", False, "other")))
    told = render(report(SmokeRun("a.wgsl", "d", "", "wgpu", "gpu", two, 5e-4)), "junit")
    assert '<error message="one">nan out: one\nrace in: other</error>' in told
    github = render(report(bad), "github").splitlines()
    assert github[0].startswith("::error file=shaders/a.wgsl,title=smoke%3A a%2Cb / small on wgpu::reference out")
    assert "%0A100%25 wrong: here" in github[0] and len(github) == 2
    changed = (Change("x", "was pass", True), Change("y", "slower", False))
    told = [line for line in render(report(run(), changes=changed), "github").splitlines() if line.startswith("::")]
    assert told == ["::error title=smoke%3A x::was pass"]


def test_the_table_of_a_campaign() -> None:
    table = campaign_table(report(run(), broken(), skipped()))
    assert "| shaders/a.wgsl | wgpu | 1 | 1 | 0 | 0 | 0 |" in table
    assert re.search(r"\| shaders/a.wgsl \| a \| small \| 1 \(\de-\d+\) \|", table)
    assert "wgpu: A GPU, Vulkan" in table


def of_host(op: str, variant: str, verdict: RunVerdict, error: float = 0.0, **changes: Any) -> SmokeRun:
    """A run of an operation: with figures where it was judged, a check that failed where it is no pass."""
    checks = () if verdict == "pass" else (Check("reference", "out", False, "two\nlines"),)
    judgement = SmokeJudgement(
        verdict,
        checks,
        (("out", figures(EXPECTED + error, EXPECTED)),) if verdict in ("pass", "fail") else (),
        gpu_seconds=(("one", 1e-3), ("two", 5e-4)),
        lowered=("matrices emulated",) if op == "ADD" else (),
        wall_seconds=1.0,
        compile_seconds=0.25,
        sanitizers=(("race", 2.0, ()),) if op == "MUL" else (),
    )
    return SmokeRun("a.wgsl", variant, "", "wgpu", "gpu", judgement, 5e-4, op=op, **changes)


CAMPAIGN = report(
    of_host("ADD", "a", "pass", 1e-3),
    of_host("ADD", "a", "pass", 2e-3),
    of_host("ADD", "b", "fail", 9.0, guessed=tuple(f"g{n} = 1" for n in range(10))),
    of_host("MUL", "c", "error"),
    of_host("MUL", "d", "unjudged", matrices="native"),
    of_host("MUL", "d", "skipped"),
    of_host("", "e", "pass", 1e-3, guessed=("g1 = 1",)),
    agreements=(Agreement("g", "x", "y", 0.0, 0.0, 0.1, ""), DIFFER),
    changes=(Change("x", "was pass", True), Change("y", "slower", False)),
)
SAID = {
    "human": """\
wgpu: A GPU (Vulkan; 1)
FAIL   a.wgsl  b  wgpu  nmse 1.5  1.5 ms  (matrices emulated)
       reference out: two
         lines
ERROR  a.wgsl  c  wgpu  1.5 ms
       reference out: two
         lines
       race: watched, 2 times as long as the plain run
open   a.wgsl  d  wgpu  native  1.5 ms
       reference out: two
         lines
       race: watched, 2 times as long as the plain run
skip   a.wgsl  d  wgpu  1.5 ms
       reference out: two
         lines
       race: watched, 2 times as long as the plain run
pass   a.wgsl  e  wgpu  nmse 1.8e-08  1.5 ms
operation  cases  variants  pass  fail  error  open  skip  largest error
ADD        3      2         2     1                        7.4e-08
MUL        3      2                     1      1     1
race: 3 of 3 runs watched, 2 times as long as plain (median; at most 2); 0 with a mistake
guessed, for no configuration says it: g1 = 1; g0 = 1; g2 = 1; g3 = 1; g4 = 1; g5 = 1; g6 = 1; g7 = 1; and 2 more
FAIL   g: x and y: they differ
1 of 2 pairs of runs agree
WORSE  x: was pass
note   y: slower
7 runs of 5 variants: 3 passed, 1 failed, 1 did not run, 1 not judged, 1 skipped
""",
    "junit": """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="wgsl-ls smoke">
  <testsuite name="a.wgsl" tests="7" failures="1" errors="1" skipped="2">
    <testcase classname="a.wgsl.wgpu" name="a" time="1.2500" />
    <testcase classname="a.wgsl.wgpu" name="a" time="1.2500" />
    <testcase classname="a.wgsl.wgpu" name="b" time="1.2500">
      <failure message="two&#10;lines">reference out: two
lines</failure>
    </testcase>
    <testcase classname="a.wgsl.wgpu" name="c" time="1.2500">
      <error message="two&#10;lines">reference out: two
lines</error>
    </testcase>
    <testcase classname="a.wgsl.wgpu" name="d / native" time="1.2500">
      <skipped message="two&#10;lines">reference out: two
lines</skipped>
    </testcase>
    <testcase classname="a.wgsl.wgpu" name="d" time="1.2500">
      <skipped message="two&#10;lines">reference out: two
lines</skipped>
    </testcase>
    <testcase classname="a.wgsl.wgpu" name="e" time="1.2500" />
  </testsuite>
  <testsuite name="g" tests="1" failures="1">
    <testcase classname="g" name="x = y">
      <failure message="they differ" />
    </testcase>
  </testsuite>
</testsuites>
""",
    "github": """\
::error file=a.wgsl,title=smoke%3A b on wgpu::reference out: two%0Alines
::error file=a.wgsl,title=smoke%3A c on wgpu::reference out: two%0Alines
::warning file=a.wgsl,title=smoke%3A d on wgpu::reference out: two%0Alines
::notice file=a.wgsl,title=smoke%3A d on wgpu::reference out: two%0Alines
::error title=smoke%3A g::x and y: they differ
::error title=smoke%3A x::was pass
7 runs of 5 variants: 3 passed, 1 failed, 1 did not run, 1 not judged, 1 skipped
""",
}


@pytest.mark.parametrize(("name", "said"), SAID.items())
def test_all_that_is_said_of_a_campaign(name: str, said: str) -> None:
    assert render(CAMPAIGN, name) == said


def test_tables_of_a_campaign() -> None:
    rows = [line for line in campaign_table(CAMPAIGN).splitlines() if line.startswith("| a.wgsl")]
    assert rows == [
        "| a.wgsl | wgpu | 3 | 1 | 0 | 1 | 0 | 1 | 1.8e-08 |",
        "| a.wgsl | wgpu, matrices emulated | 3 | 2 | 1 | 0 | 0 | 0 | 1.5 |",
        "| a.wgsl | wgpu, matrices native | 1 | 0 | 0 | 0 | 1 | 0 |  |",
        "| a.wgsl | a |  |  | 1.5 (7e-08) |  |",
        "| a.wgsl | b |  |  | 1.5 (1) |  |",
        "| a.wgsl | c |  | 1.5 |  |  |",
        "| a.wgsl | d |  | 1.5 |  | 1.5 |",
        "| a.wgsl | e |  | 1.5 (2e-08) |  |  |",
    ]
