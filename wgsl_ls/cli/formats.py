"""Machine formats of a RunReport: JSON, SARIF 2.1.0, JUnit XML, GitHub annotations, gcc lines."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import wgsl_ls
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.cli.run_report import RunReport
from wgsl_ls.cli.shown_path import relative_path, shown_path, shown_place
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.harmless import json_text, one_line, uri_reference, without_commands
from wgsl_ls.text.span import Location
from wgsl_ls.wire.verdicts import State

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "note",
    Severity.HINT: "note",
}
_GITHUB_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "notice"}
_GCC_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "note"}


def as_json(report: RunReport) -> str:
    """The documented contract, see report.schema.json."""
    return json_text(report.as_json()) + "\n"


def as_sarif(report: RunReport) -> str:
    """SARIF 2.1.0: one run, one rule per code, the macro and include stack as related locations."""
    rules = sorted({item.code for item in report.findings})
    results = []
    for item in report.findings:
        result: dict[str, Any] = {
            "ruleId": item.code,
            "ruleIndex": rules.index(item.code),
            "level": _SARIF_LEVELS[item.severity],
            "message": {"text": _sarif_text(_sentence(item))},
            "locations": [{"physicalLocation": _physical(report, item.location)}],
            "partialFingerprints": {"wgslLs/v1": _fingerprint(report, item)},
            "properties": {
                "engines": list(item.engines),
                **({"newSince": item.new_since} if item.new_since else {}),
                "variants": list(item.variants),
                "condition": item.condition,
                "roots": [relative_path(one.root) for one in (item, *item.elsewhere) if one.variants],
            },
        }
        related = [
            {
                "id": number,
                "physicalLocation": _physical(report, one.location),
                "message": {"text": _sarif_text(one.message)},
            }
            for number, one in enumerate(item.related)
        ]
        if related:
            result["relatedLocations"] = related
        results.append(result)
    driver = {
        "name": "wgsl-ls",
        "semanticVersion": wgsl_ls.__version__,
        "rules": [_sarif_rule(code) for code in rules],
    }
    notifications = [
        {"level": "warning", "message": {"text": f"{engine} could not be used: {why}"}}
        for engine, (why, _) in report.unavailable.items()
    ]
    notifications += [
        {
            "level": "note" if one.excused else "warning",
            "message": {"text": _sarif_text(f"{shown_path(one.root)}: {one.words}")},
        }
        for one in report.not_judged()
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "results": results,
    }
    return json_text({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def as_junit(report: RunReport) -> str:
    """One suite per root, one case per variant and engine; findings of files without variants are cases too."""
    suites = ElementTree.Element("testsuites", name="wgsl-ls", time=f"{report.seconds:.3f}")
    n_cases = n_failures = n_skipped = 0
    for root in report.roots:
        suite = ElementTree.SubElement(suites, "testsuite", name=shown_path(root.root))
        cases = failures = skipped = 0
        for entry in root.verdicts:
            of_variant = [
                item
                for item in report.findings
                if item.severity == Severity.ERROR and item.holds_in(root.root, entry.name)
            ]
            case = ElementTree.SubElement(suite, "testcase", name=entry.name, classname=shown_path(root.root), time="0")
            cases += 1
            words = ", ".join(f"{engine}: {word}" for engine, word in entry.verdicts)
            if of_variant:
                failures += 1
                failure = ElementTree.SubElement(
                    case, "failure", message=of_variant[0].message, type=of_variant[0].code
                )
                failure.text = "\n".join(_gcc_line(report, item) for item in of_variant)
            elif entry.state in (State.NOT_JUDGED, State.PENDING):
                skipped += 1
                why = entry.why_not_judged or "not in this run"
                ElementTree.SubElement(case, "skipped", message=f"not judged: {why}")
            ElementTree.SubElement(case, "system-out").text = words
        suite.set("tests", str(cases))
        suite.set("failures", str(failures))
        suite.set("skipped", str(skipped))
        n_cases, n_failures, n_skipped = n_cases + cases, n_failures + failures, n_skipped + skipped
    loose = [item for item in report.findings if not item.variants and item.severity == Severity.ERROR]
    if loose:
        count = str(len(loose))
        suite = ElementTree.SubElement(suites, "testsuite", name="configuration", tests=count, failures=count)
        for item in loose:
            case = ElementTree.SubElement(suite, "testcase", name=item.code, classname=shown_path(item.location.path))
            failure = ElementTree.SubElement(case, "failure", message=item.message, type=item.code)
            failure.text = _gcc_line(report, item)
        n_cases, n_failures = n_cases + len(loose), n_failures + len(loose)
    suites.set("tests", str(n_cases))
    suites.set("failures", str(n_failures))
    suites.set("skipped", str(n_skipped))
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def as_github(report: RunReport) -> str:
    """Workflow commands that GitHub shows as annotations in a pull request."""
    lines = []
    for item in report.findings:
        level = _GITHUB_LEVELS.get(item.severity, "notice")
        index = report.lines(item.location.path)
        start = index.position(item.location.span.start)
        end = index.position(max(item.location.span.start, item.location.span.end - 1))
        place = f"file={_property(one_line(relative_path(item.location.path)))},line={start[0] + 1},col={start[1] + 1}"
        place += f",endLine={end[0] + 1}"
        if end[0] == start[0]:
            place += f",endColumn={end[1] + 1}"
        title = f"title={_property(item.code)}"
        details = [_sentence(item), *(f"{_where(report, one.location)}: {one.message}" for one in item.related[:6])]
        lines.append(f"::{level} {place},{title}::{_data(chr(10).join(details))}")
    counts = report.counts
    not_judged = counts[State.NOT_JUDGED] + counts[State.PENDING]
    left = f", {not_judged} not judged" if not_judged else ""
    lines.append(f"{counts['total']} variants, {counts['pass']} pass, {counts['fail']} fail{left}")
    for one in report.not_judged():
        level = "notice" if one.excused else "warning"
        file = _property(one_line(relative_path(one.root)))
        lines.append(f"::{level} file={file},title=not judged::{_data(one.words)}")
    for engine, (why, remedy) in report.unavailable.items():
        lines.append(f"::warning title=engine missing::{_data(f'{engine}: {why} {remedy}'.strip())}")
    return "\n".join(lines) + "\n"


def as_gcc(report: RunReport) -> str:
    """`file:line:column: error: message [rule]`, one line per finding, notes behind it."""
    lines = []
    for item in report.findings:
        lines.append(_gcc_line(report, item))
        lines.extend(f"{_where(report, one.location)}: note: {one.message}" for one in item.related[:6])
    lines.extend(f"{shown_path(one.root)}:1:1: note: {one.words}" for one in report.not_judged())
    return without_commands("".join(f"{line}\n" for line in lines))


def _gcc_line(report: RunReport, item: MergedDiagnostic) -> str:
    level = _GCC_LEVELS.get(item.severity, "note")
    return f"{_where(report, item.location)}: {level}: {_sentence(item)} [{item.code}]"


def _where(report: RunReport, location: Location) -> str:
    return shown_place(location, report.lines(location.path))


def _sentence(item: MergedDiagnostic) -> str:
    message = " ".join(item.message.split())
    return f"{message} ({item.summary})" if item.summary else message


def _physical(report: RunReport, location: Location) -> dict[str, Any]:
    lines = report.lines(location.path)
    start, end = lines.position(location.span.start), lines.position(location.span.end)
    shown = relative_path(location.path)
    uri = Path(shown).as_uri() if Path(shown).is_absolute() else uri_reference(Path(shown).as_posix())
    return {
        "artifactLocation": {"uri": uri},
        "region": {
            "startLine": start[0] + 1,
            "startColumn": start[1] + 1,
            "endLine": end[0] + 1,
            "endColumn": end[1] + 1,
        },
    }


def _fingerprint(report: RunReport, item: MergedDiagnostic) -> str:
    """Stable while lines move: file, rule, message and the text of the line."""
    lines = report.lines(item.location.path)
    line = lines.line_of(item.location.span.start)
    text = report.texts.get(item.location.path, "")[lines.line_start(line) : lines.line_end(line)].strip()
    parts = "\0".join((relative_path(item.location.path), item.code, item.message, text))
    return hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _sarif_rule(code: str) -> dict[str, Any]:
    """What a report says about a rule, from its record."""
    rule = all_rules()[code]
    page = f"{rule.meaning}\n\n*What to do:* {rule.remedy}"
    return {
        "id": code,
        "name": _rule_name(code),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
    }


def _rule_name(code: str) -> str:
    return "".join(word.capitalize() for word in code.replace("/", "-").split("-"))


def _sarif_text(text: str) -> str:
    """Without links, which SARIF reads in messages (3.11.6): `[text](target)`."""
    return text.replace("](", "] (")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
