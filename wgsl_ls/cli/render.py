"""Render: a RunReport in each output format. One function per format, chosen by name."""

from __future__ import annotations

from collections.abc import Callable

from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.cli.formats import as_gcc, as_github, as_json, as_junit, as_sarif
from wgsl_ls.cli.run_report import SEVERITY_NAMES, RunReport
from wgsl_ls.cli.shown_path import shown_path
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.harmless import plain, without_commands
from wgsl_ls.text.span import Location
from wgsl_ls.wire.verdicts import State

_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.INFORMATION: "\x1b[1;36m"}
_BOLD, _DIM, _GREEN, _RED, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[0m"
_RELATED_SHOWN = 6


def render(report: RunReport, name: str, colour: bool = False) -> str:
    """The whole report as text, ending with a newline."""
    if name in _EXACT:
        return _EXACT[name](report)
    report = report.harmless()
    if name == "human":
        return without_commands(human(report, colour))
    return _RENDERERS[name](report)


def human(report: RunReport, colour: bool = False) -> str:
    """For people: carets under the written place, the variants and the condition, what led there, a summary."""
    parts = [_human_finding(report, item, colour) for item in report.findings]
    parts.append(_summary(report, colour))
    return "\n".join(parts)


def place(report: RunReport, location: Location) -> str:
    """file:line:column from 1, the column in code points."""
    line, column = report.lines(location.path).position(location.span.start)
    return f"{shown_path(location.path)}:{line + 1}:{column + 1}"


def _human_finding(report: RunReport, item: MergedDiagnostic, colour: bool) -> str:
    paint = _COLOURS.get(item.severity, "") if colour else ""
    bold, dim, off = (_BOLD, _DIM, _OFF) if colour else ("", "", "")
    head = f"{bold}{place(report, item.location)}:{off} {paint}{SEVERITY_NAMES[item.severity]}:{off} "
    lines = [f"{head}{bold}{item.message}{off} {dim}[{item.code}]{off}", *_excerpt(report, item.location, paint, off)]
    if item.summary:
        lines.append(f"  = {item.summary}")
    for related in item.related[:_RELATED_SHOWN]:
        lines.append(f"  {dim}{_related(report, item, related)}{off}")
    if len(item.related) > _RELATED_SHOWN:
        lines.append(f"  {dim}= and {len(item.related) - _RELATED_SHOWN} more places{off}")
    return "\n".join(lines) + "\n"


def _related(report: RunReport, item: MergedDiagnostic, related: Related) -> str:
    if related.location == item.location:
        return f"= {related.message}"
    return f"= {place(report, related.location)}: {related.message}"


def _excerpt(report: RunReport, location: Location, paint: str, off: str) -> list[str]:
    text = report.texts.get(location.path, "")
    lines = report.lines(location.path)
    line, column = lines.position(location.span.start)
    shown = text[lines.line_start(line) : lines.line_end(line)]
    if not shown.strip():
        return []
    end_line, end_column = lines.position(location.span.end)
    width = max(1, (end_column if end_line == line else len(shown)) - column)
    pad = "".join("\t" if character == "\t" else " " for character in shown[:column])
    number = str(line + 1)
    return [f"{number:>6} | {plain(shown)}", f"{'':>6} | {pad}{paint}{'^' * width}{off}"]


def _summary(report: RunReport, colour: bool) -> str:
    green, red, off = (_GREEN, _RED, _OFF) if colour else ("", "", "")
    counts = report.counts
    lines = []
    for root in report.roots:
        failing = [entry for entry in root.verdicts if entry.state == State.FAIL]
        if failing:
            names = ", ".join(entry.name for entry in failing[:4])
            more = f" and {len(failing) - 4} more" if len(failing) > 4 else ""
            lines.append(
                f"{shown_path(root.root)}: {len(failing)} of {len(root.verdicts)} variants fail: {names}{more}"
            )
    lines.extend(f"{shown_path(one.root)}: {one.words}" for one in report.not_judged())
    verbs = [f"{counts['total']} variants of {len(report.roots)} shaders", f"{green}{counts['pass']} pass{off}"]
    if counts["fail"]:
        verbs.append(f"{red}{counts['fail']} fail{off}")
    if counts[State.NOT_JUDGED] + counts[State.PENDING]:
        verbs.append(f"{counts[State.NOT_JUDGED] + counts[State.PENDING]} not judged")
    if report.n_errors or report.n_warnings:
        verbs.append(f"{report.n_errors} errors, {report.n_warnings} warnings")
    if report.n_known:
        verbs.append(f"{report.n_known} findings in the baseline")
    lines.append(" · ".join(verbs) + f" ({report.n_run} compiled, {report.seconds:.1f} s)")
    lowered: dict[str, int] = {}
    for root in report.roots:
        for entry in root.verdicts:
            for what in entry.lowered:
                lowered[what] = lowered.get(what, 0) + 1
    for what, n_variants in lowered.items():
        lines.append(f"note: {what} (in {n_variants} variants)")
    for engine, (why, remedy) in report.unavailable.items():
        lines.append(f"{engine} could not be used: {why}" + (f"\n  to change that: {remedy}" if remedy else ""))
    return "\n".join(lines) + "\n"


_EXACT: dict[str, Callable[[RunReport], str]] = {"json": as_json, "sarif": as_sarif}
"""Formats that programs read; they escape what they must."""
_RENDERERS: dict[str, Callable[[RunReport], str]] = {
    "junit": as_junit,
    "github": as_github,
    "gcc": as_gcc,
}
FORMATS = ("human", *_EXACT, *_RENDERERS)
