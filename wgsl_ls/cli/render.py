"""Render: a RunReport in each output format. One function per format, chosen by name."""

from __future__ import annotations

from collections.abc import Callable

from wgsl_ls.analysis.cover import Cover
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.cli.formats import as_gcc, as_github, as_json, as_junit, as_sarif
from wgsl_ls.cli.run_report import SEVERITY_NAMES, RunReport
from wgsl_ls.cli.shown_path import shown_path, shown_place
from wgsl_ls.cli.speech import folded
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.harmless import plain, without_commands
from wgsl_ls.text.listing import counted
from wgsl_ls.text.span import Location
from wgsl_ls.wire.verdicts import State

_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.INFORMATION: "\x1b[1;36m"}
_BOLD, _DIM, _GREEN, _RED, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[0m"
_RELATED_SHOWN = 6
_NOTES_SHOWN = 3
"""Of what is said besides at the place itself: a compiler lists every overload there is."""
_ROOTS_SHOWN = 12
_NAMES_SHOWN = 4
_LINES_SHOWN = 12
_LONGEST_NAME = 72
_LEAST_ROOM = 30
_MOST_ROOM = 2000
"""Of an excerpt that no terminal cuts: a line can be as long as a file, and hundreds of findings stand in it."""


def render(report: RunReport, name: str, *, colour: bool = False, width: int = 0) -> str:
    """The whole report as text, ending with a newline. `colour` and `width`: of the terminal that shows it."""
    if name in _EXACT:
        return _EXACT[name](report)
    report = report.harmless()
    if name == "human":
        return without_commands(human(report, colour, width))
    return _RENDERERS[name](report)


def human(report: RunReport, colour: bool = False, width: int = 0) -> str:
    """For people: carets under the written place, the variants and the condition, what led there, a summary. `width`:
    columns of the terminal, to which excerpts are cut and in which sentences are folded; 0: whole lines, but the
    longest."""
    parts = [_human_finding(report, item, colour, width) for item in report.findings]
    parts.append(_summary(report, colour, width))
    return "\n".join(parts)


def place(report: RunReport, location: Location) -> str:
    return shown_place(location, report.lines(location.path))


def _human_finding(report: RunReport, item: MergedDiagnostic, colour: bool, width: int) -> str:
    paint = _COLOURS.get(item.severity, "") if colour else ""
    bold, dim, off = (_BOLD, _DIM, _OFF) if colour else ("", "", "")
    summary = item.summary
    # With one variant it only says who: that needs no line of its own.
    who = f" ({summary})" if summary and item.n_variants == 1 and not item.elsewhere else ""
    where, level = f"{place(report, item.location)}:", f"{SEVERITY_NAMES[item.severity]}:"
    # Folded before it is painted: paint takes no room.
    head = folded(f"{where} {level} {item.message} [{item.code}]{who}", width)
    if head.startswith(f"{where} {level} "):
        message, _, rest = head[len(where) + len(level) + 2 :].rpartition(f"[{item.code}]")
        head = f"{bold}{where}{off} {paint}{level}{off} {bold}{message}{off}{dim}[{item.code}]{rest}{off}"
    lines = [head, *_excerpt(report, item.location, paint, off, width)]
    if summary and not who:
        lines.append(folded(f"  = {summary}", width))
    room = {True: _NOTES_SHOWN, False: _RELATED_SHOWN}
    left_out = 0
    for related in item.related:
        is_here = related.location == item.location
        room[is_here] -= 1
        if room[is_here] < 0:
            left_out += 1
            continue
        where = "" if is_here else f"{place(report, related.location)}: "
        lines.append(f"{dim}{folded(f'  = {where}{related.message}', width)}{off}")
    if left_out:
        lines.append(f"  {dim}= and {left_out} more{off}")
    return "\n".join(lines) + "\n"


def _excerpt(report: RunReport, location: Location, paint: str, off: str, width: int) -> list[str]:
    text = report.texts.get(location.path, "")
    lines = report.lines(location.path)
    line, column = lines.position(location.span.start)
    shown = text[lines.line_start(line) : lines.line_end(line)]
    if not shown.strip():
        return []
    end_line, end_column = lines.position(location.span.end)
    marked = max(1, (end_column if end_line == line else len(shown)) - column)
    shown, column, marked = _cut(shown, column, marked, width - len(f"{'':>6} | ") if width else _MOST_ROOM)
    pad = "".join("\t" if character == "\t" else " " for character in shown[:column])
    number = str(line + 1)
    return [f"{number:>6} | {plain(shown)}", f"{'':>6} | {pad}{paint}{'^' * marked}{off}"]


def _cut(line: str, column: int, marked: int, room: int) -> tuple[str, int, int]:
    """A part of a line that fits into `room` columns, with the marked place in it; dots where something is left out."""
    room = max(room, _LEAST_ROOM)
    first = max(0, min(column - room // 3, len(line) - room))
    part = line[first : first + room]
    if first:
        part = f"…{part[1:]}"
    if first + room < len(line):
        part = f"{part[:-1]}…"
    return part, column - first, min(marked, room - (column - first))


def _summary(report: RunReport, colour: bool, width: int) -> str:
    counts = report.counts
    lines = []
    failing = [(root, [one for one in root.verdicts if one.state == State.FAIL]) for root in report.roots]
    told = [(root, entries) for root, entries in failing if entries]
    for root, entries in told[:_ROOTS_SHOWN]:
        # More names than anybody reads say less than the findings above do.
        names = "" if len(entries) > _NAMES_SHOWN else f": {', '.join(_short(entry.name) for entry in entries)}"
        lines.append(f"{shown_path(root.root)} · {root.size()} · {len(entries):,} fail{names}")
    if len(told) > _ROOTS_SHOWN:
        n_left = sum(len(entries) for _, entries in told[_ROOTS_SHOWN:])
        lines.append(f"and {n_left:,} failing variants of {len(told) - _ROOTS_SHOWN} more shaders")
    unjudged = report.not_judged()
    lines.extend(f"{shown_path(one.root)}: {one.words}" for one in unjudged[:_ROOTS_SHOWN])
    if len(unjudged) > _ROOTS_SHOWN:
        n_left = sum(len(one.names) for one in unjudged[_ROOTS_SHOWN:])
        lines.append(f"and {n_left:,} variants not judged in {len(unjudged) - _ROOTS_SHOWN} more places")
    passing, failed = f"{counts['pass']:,} pass", f"{counts['fail']:,} fail"
    verbs = [
        f"{counted(counts['total'], 'variant')} of {counted(len(report.roots), 'shader')}",
        passing,
    ]
    by_structure = f", {report.n_by_structure:,} judged by structure" if report.n_by_structure else ""
    if counts["fail"]:
        verbs.append(failed)
    if counts[State.NOT_JUDGED] + counts[State.PENDING]:
        verbs.append(f"{counts[State.NOT_JUDGED] + counts[State.PENDING]:,} not judged")
    if report.n_errors or report.n_warnings:
        verbs.append(f"{counted(report.n_errors, 'error')}, {counted(report.n_warnings, 'warning')}")
    if report.n_known:
        verbs.append(f"{counted(report.n_known, 'finding')} in the baseline")
    verdict = " · ".join(verbs) + f" ({report.n_run:,} compiled{by_structure}, {report.seconds:.1f} s)"
    lines.append(verdict)
    if report.cover is not None:
        lines += _cover(report, report.cover)
    lowered: dict[str, int] = {}
    for root in report.roots:
        for entry in root.verdicts:
            for what in entry.lowered:
                lowered[what] = lowered.get(what, 0) + 1
    for what, n_variants in lowered.items():
        lines.append(f"note: {what} (in {counted(n_variants, 'variant')})")
    for engine, (why, remedy) in report.unavailable.items():
        lines.append(f"{engine} could not be used: {why}" + (f"\n  to change that: {remedy}" if remedy else ""))
    shown = folded("\n".join(lines), width)
    if colour:
        line = folded(verdict, width)
        painted = line.replace(passing, f"{_GREEN}{passing}{_OFF}").replace(failed, f"{_RED}{failed}{_OFF}")
        shown = shown.replace(line, painted)
    return f"{shown}\n"


def _cover(report: RunReport, cover: Cover) -> list[str]:
    n_reached = cover.n_lines - len(cover.unreached)
    values = f" and {counted(cover.n_values, 'new choice')} of macros" if cover.n_values else ""
    judged = counted(cover.n_chosen, "variant")
    lines = [
        f"{n_reached:,} of {counted(cover.n_lines, 'changed line')}{values}: covered by judging {judged}, no others"
    ]
    lines += [f"{place(report, one)}: no variant reaches this changed line" for one in cover.unreached[:_LINES_SHOWN]]
    if len(cover.unreached) > _LINES_SHOWN:
        lines.append(f"and {len(cover.unreached) - _LINES_SHOWN:,} more changed lines that no variant reaches")
    return lines


def _short(name: str) -> str:
    """A variant's name with its beginning and its end, which tell variants apart."""
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[-half:]}"


_EXACT: dict[str, Callable[[RunReport], str]] = {"json": as_json, "sarif": as_sarif}
"""Formats that programs read; they escape what they must."""
_RENDERERS: dict[str, Callable[[RunReport], str]] = {
    "junit": as_junit,
    "github": as_github,
    "gcc": as_gcc,
}
FORMATS = ("human", *_EXACT, *_RENDERERS)
