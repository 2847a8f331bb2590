"""A smoke report as text: for people, JSON, JUnit XML, GitHub annotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import starmap
from statistics import median
from typing import get_args
from xml.etree import ElementTree

from wgsl_ls.smoke.judge import RunVerdict
from wgsl_ls.smoke.report import SmokeReport, SmokeRun, report_json, report_text, watched_said
from wgsl_ls.smoke.sanitize import WatchName
from wgsl_ls.text.harmless import markdown_text, one_line, plain, without_commands
from wgsl_ls.text.listing import counted

_WORDS: dict[RunVerdict, str] = {
    "pass": "pass ",
    "fail": "FAIL ",
    "error": "ERROR",
    "unjudged": "open ",
    "skipped": "skip ",
}


def render(report: SmokeReport, name: str) -> str:
    """The whole report as text, ending with a newline."""
    text = _RENDERERS[name](report)
    if name in _EXACT:
        return text
    # The workspace's words within a line are harmless where they get into it; here what would begin one.
    return plain(text) if name == "github" else without_commands(plain(text))


def line_of(run: SmokeRun) -> str:
    """One run on one line."""
    judgement = run.judgement
    parts = [_WORDS[judgement.verdict], *map(one_line, (run.file, _name_and_case(run))), run.engine]
    if run.matrices != "auto":
        parts.append(run.matrices)
    if judgement.figures:
        parts.append(f"nmse {max(figures.nmse for _, figures in judgement.figures):.2g}")
    if judgement.gpu_seconds:
        parts.append(f"{sum(seconds for _, seconds in judgement.gpu_seconds) * 1e3:.3g} ms")
    if judgement.lowered:
        parts.append(f"({', '.join(judgement.lowered)})")
    return "  ".join(parts)


def lines_of(run: SmokeRun) -> list[str]:
    """One run with the checks that failed and what its sanitizers remark."""
    lines = [line_of(run)]
    lines += [_check_line(check.name, check.buffer, check.message) for check in run.judgement.failed]
    lines += [f"       {said}" for said in starmap(watched_said, run.judgement.sanitizers) if said]
    return lines


def _name_and_case(run: SmokeRun) -> str:
    return run.variant + (f" / {run.case}" if run.case else "")


def _human(report: SmokeReport) -> str:
    lines = []
    for device in report.devices:
        lines.append(f"{device.engine}: {device.adapter} ({device.backend}; {device.version})")
    guesses: Counter[str] = Counter()
    for run in report.runs:
        if run.op and run.judgement.verdict == "pass":
            continue  # the table counts them
        lines += lines_of(run)
        guesses.update(run.guessed)
    lines += _operations(report)
    lines += _watched(report)
    if guesses:
        shown = "; ".join(words for words, _ in guesses.most_common(8))
        more = f"; and {len(guesses) - 8} more" if len(guesses) > 8 else ""
        lines.append(f"guessed, for no configuration says it: {shown}{more}")
    failed = [item for item in report.agreements if not item.passed]
    for item in failed:
        lines.append(f"FAIL   {item.group}: {item.left} and {item.right}: {item.message}")
    if report.agreements:
        lines.append(f"{len(report.agreements) - len(failed)} of {len(report.agreements)} pairs of runs agree")
    for change in report.changes:
        lines.append(f"{'WORSE' if change.worse else 'note '}  {change.label}: {change.message}")
    lines.append(_summary(report))
    return "\n".join(lines) + "\n"


def _watched(report: SmokeReport) -> list[str]:
    """What each sanitizer came to over several runs, and what it cost."""
    found: dict[str, list[float]] = {}
    wrong: Counter[str] = Counter()
    for run in report.runs:
        for name, cost, _ in run.judgement.sanitizers:
            found.setdefault(name, []).append(cost)
            wrong[name] += any(check.name == name for check in run.judgement.failed)
    lines = []
    for name, costs in found.items():
        told = [cost for cost in costs if cost]
        if len(costs) > 1 and name in get_args(WatchName):
            took = f", {median(told):.2g} times as long as plain (median; at most {max(told):.2g})" if told else ""
            lines.append(f"{name}: {len(told)} of {len(costs)} runs watched{took}; {wrong[name]} with a mistake")
    return lines


def _operations(report: SmokeReport) -> list[str]:
    """A table: what became of each operation of a host, and of its variants."""
    groups: dict[str, list[SmokeRun]] = {}
    for run in report.runs:
        if run.op:
            groups.setdefault(run.op, []).append(run)
    if not groups:
        return []
    rows = [("operation", "cases", "variants", *(word.strip().lower() for word in _WORDS.values()), "largest error")]
    for op, runs in sorted(groups.items()):
        counts = Counter(run.judgement.verdict for run in runs)
        errors = [
            figures.nmse for run in runs for _, figures in run.judgement.figures if run.judgement.verdict == "pass"
        ]
        worst = f"{max(errors):.2g}" if errors else ""
        n_variants = len({run.variant for run in runs})
        cells = (str(counts[verdict] or "") for verdict in _WORDS)
        rows.append((one_line(op), str(len(runs)), str(n_variants), *cells, worst))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _check_line(name: str, buffer: str, message: str) -> str:
    first, *rest = message.splitlines() or [""]
    where = f" {buffer}" if buffer else ""
    return "\n".join([f"       {name}{where}: {first}", *(f"         {line}" for line in rest[:30])])


def _summary(report: SmokeReport) -> str:
    counts = Counter(run.judgement.verdict for run in report.runs)
    words: dict[RunVerdict, str] = {
        "pass": "passed",
        "fail": "failed",
        "error": "did not run",
        "unjudged": "not judged",
        "skipped": "skipped",
    }
    told = ", ".join(f"{counts[verdict]} {word}" for verdict, word in words.items() if counts[verdict])
    n_variants = len({(run.file, run.variant) for run in report.runs})
    return f"{counted(len(report.runs), 'run')} of {counted(n_variants, 'variant')}: {told or 'nothing ran'}"


def _json(report: SmokeReport) -> str:
    return report_text(report_json(report))


def _junit(report: SmokeReport) -> str:
    suites = ElementTree.Element("testsuites", name="wgsl-ls smoke")
    by_file: dict[str, list[SmokeRun]] = {}
    for run in report.runs:
        by_file.setdefault(run.file, []).append(run)
    for file, runs in by_file.items():
        counts = Counter(run.judgement.verdict for run in runs)
        suite = ElementTree.SubElement(
            suites,
            "testsuite",
            name=file,
            tests=str(len(runs)),
            failures=str(counts["fail"]),
            errors=str(counts["error"]),
            skipped=str(counts["skipped"] + counts["unjudged"]),
        )
        for run in runs:
            seconds = run.judgement.wall_seconds + run.judgement.compile_seconds
            case = ElementTree.SubElement(
                suite, "testcase", classname=f"{file}.{run.engine}", name=_name(run), time=f"{seconds:.4f}"
            )
            tag = {"fail": "failure", "error": "error", "unjudged": "skipped", "skipped": "skipped"}.get(
                run.judgement.verdict
            )
            if tag is not None:
                first = run.judgement.failed[0] if run.judgement.failed else None
                element = ElementTree.SubElement(case, tag, message=first.message if first else "")
                element.text = "\n".join(f"{c.name} {c.buffer}: {c.message}" for c in run.judgement.failed)
    for item in report.agreements:
        if not item.passed:
            suite = ElementTree.SubElement(suites, "testsuite", name=item.group, tests="1", failures="1")
            case = ElementTree.SubElement(suite, "testcase", classname=item.group, name=f"{item.left} = {item.right}")
            ElementTree.SubElement(case, "failure", message=item.message)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + plain(ElementTree.tostring(suites, encoding="unicode")) + "\n"


def _name(run: SmokeRun) -> str:
    words = [run.variant, run.case, "" if run.matrices == "auto" else run.matrices]
    return " / ".join(word for word in words if word)


def _github(report: SmokeReport) -> str:
    lines = []
    for run in report.runs:
        level = {"fail": "error", "error": "error", "unjudged": "warning", "skipped": "notice"}.get(
            run.judgement.verdict
        )
        if level is not None:
            said = "\n".join(f"{c.name} {c.buffer}: {c.message}" for c in run.judgement.failed)
            title = _escape(f"smoke: {run.label}", True)
            lines.append(f"::{level} file={_escape(run.file, True)},title={title}::{_escape(said, False)}")
    for item in report.agreements:
        if not item.passed:
            said = f"{item.left} and {item.right}: {item.message}"
            lines.append(f"::error title={_escape(f'smoke: {item.group}', True)}::{_escape(said, False)}")
    for change in report.changes:
        if change.worse:
            lines.append(f"::error title={_escape(f'smoke: {change.label}', True)}::{_escape(change.message, False)}")
    return "\n".join([*lines, _summary(report)]) + "\n"


def _escape(text: str, is_property: bool) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(":", "%3A").replace(",", "%2C") if is_property else escaped


def campaign_table(report: SmokeReport) -> str:
    """The figures of a campaign as Markdown: per shader and way to run it, and times beside each other."""
    lines = ["# Smoke campaign", ""]
    for device in report.devices:
        lines.append(f"- {device.engine}: {device.adapter}, {device.backend}, {device.driver}; {device.version}")
    lines += ["", "| shader | run by | runs | passed | failed | did not run | not judged | skipped | largest NMSE |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    groups: dict[tuple[str, str], list[SmokeRun]] = {}
    for run in report.runs:
        groups.setdefault((run.file, _how(run)), []).append(run)
    for (file, how), runs in sorted(groups.items()):
        counts = Counter(run.judgement.verdict for run in runs)
        errors = [figures.nmse for run in runs for _, figures in run.judgement.figures]
        cells = [str(counts[verdict]) for verdict in _WORDS]
        worst = f"{max(errors):.2g}" if errors else ""
        lines.append(f"| {markdown_text(file)} | {how} | {len(runs)} | {' | '.join(cells)} | {worst} |")
    timed: dict[tuple[str, str, str], dict[str, SmokeRun]] = {}
    for run in report.runs:
        if run.judgement.gpu_seconds:
            timed.setdefault((run.file, run.variant, run.case), {})[_how(run)] = run
    ways = sorted({how for row in timed.values() for how in row})
    if ways:
        lines += ["", "GPU time of one run in ms (median), NMSE in parentheses:", ""]
        lines.append(f"| shader | variant | case | {' | '.join(ways)} |")
        lines.append(f"| --- | --- | --- | {' | '.join('---:' for _ in ways)} |")
        for (file, variant, case), row in sorted(timed.items()):
            cells = [_timed_cell(row.get(how)) for how in ways]
            lines.append(f"| {' | '.join(map(markdown_text, (file, variant, case)))} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _how(run: SmokeRun) -> str:
    """The engine, and how matrices were done where there are any."""
    if any("emulated" in words for words in run.judgement.lowered):
        return f"{run.engine}, matrices emulated"
    if run.judgement.verdict in ("skipped", "error", "unjudged") and run.matrices != "auto":
        return f"{run.engine}, matrices {run.matrices}"
    return run.engine


def _timed_cell(run: SmokeRun | None) -> str:
    if run is None:
        return ""
    milliseconds = sum(seconds for _, seconds in run.judgement.gpu_seconds) * 1e3
    errors = [figures.nmse for _, figures in run.judgement.figures]
    return f"{milliseconds:.3g}" + (f" ({max(errors):.1g})" if errors else "")


_RENDERERS: dict[str, Callable[[SmokeReport], str]] = {
    "human": _human,
    "json": _json,
    "junit": _junit,
    "github": _github,
}
_EXACT = frozenset({"json", "junit"})
"""Formats that programs read; they escape what they must."""
FORMATS = tuple(_RENDERERS)
