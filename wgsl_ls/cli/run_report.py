"""RunReport: what one `validate` run found, as plain data that every output format renders.

Its JSON form is the documented contract (report.schema.json): version 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from wgsl_ls.analysis.cover import Cover
from wgsl_ls.analysis.merge import MergedDiagnostic, across_roots
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.cli.check import Checked
from wgsl_ls.cli.composition import Session
from wgsl_ls.cli.in_place import alias_findings
from wgsl_ls.cli.shown_path import relative_path
from wgsl_ls.project.files import NOT_CHECKED
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.harmless import one_line, plain
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location
from wgsl_ls.wire.verdicts import State, Verdict, no_counts

_NAMES_SHOWN = 4
SEVERITY_NAMES = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "information",
    Severity.HINT: "hint",
}


@dataclass(frozen=True, slots=True)
class NotJudged:
    """The variants `names`, of `n_variants` of a root, that no engine could judge. `excused`: as VariantVerdict
    says it."""

    root: str
    why: str
    names: tuple[str, ...]
    n_variants: int
    excused: bool

    @property
    def words(self) -> str:
        names = ", ".join(self.names[:_NAMES_SHOWN])
        more = f" and {len(self.names) - _NAMES_SHOWN} more" if len(self.names) > _NAMES_SHOWN else ""
        return f"{len(self.names)} of {self.n_variants} variants not judged: {names}{more} ({self.why})"


@dataclass(frozen=True, slots=True)
class RunReport:
    """`texts`: the text of every file a finding points into; `findings`: hints left out, in order of place;
    `unavailable`: engine -> (why, the command that would change it); `cover`: how the variants of the run were chosen
    by what has changed."""

    roots: tuple[RootReport, ...]
    findings: tuple[MergedDiagnostic, ...]
    texts: dict[str, str]
    unavailable: dict[str, tuple[str, str]]
    n_run: int
    engine_seconds: float
    seconds: float
    n_known: int = 0
    cover: Cover | None = None

    @classmethod
    def make(
        cls,
        session: Session,
        reports: list[RootReport],
        engines: tuple[str, ...],
        checked: Checked,
        seconds: float,
        cover: Cover | None = None,
    ) -> RunReport:
        told = [item for report in reports for item in report.diagnostics if item.severity != Severity.HINT]
        findings = across_roots(told)
        with session.boundary(session.workspace.folders[0]):
            own = [report.root for report in reports]
            of_host = (*session.workspace.host_diagnostics(own), *alias_findings(session, own))
            findings.extend(_of_configuration(one) for one in of_host if one.severity != Severity.HINT)
        with session.boundary(session.workspace.folders[0]):
            findings.extend(map(_of_configuration, session.workspace.config_diagnostics()))
        texts = _texts_of(session, findings, cover.unreached if cover is not None else ())
        # Last: what could not be read is known when all was read.
        with session.boundary(session.workspace.folders[0]):
            unread = list(map(_of_configuration, session.workspace.read_problems()))
            texts |= _texts_of(session, unread)
            findings.extend(unread)
        findings.extend(map(_of_configuration, session.failures))
        unavailable = {
            name: (entry.why, entry.remedy) for name, entry in checked.unavailable.items() if name in engines
        }
        return cls(
            tuple(reports),
            tuple(findings),
            texts,
            unavailable,
            checked.n_run,
            checked.engine_seconds,
            seconds,
            cover=cover,
        )

    @property
    def n_not_checked(self) -> int:
        """Findings that say that something could not be checked, errors or not."""
        return sum(1 for item in self.findings if item.code in NOT_CHECKED)

    @property
    def n_wrong(self) -> int:
        """Errors, without those that say that something could not be checked."""
        return sum(1 for item in self.findings if item.severity == Severity.ERROR and item.code not in NOT_CHECKED)

    @property
    def n_errors(self) -> int:
        return sum(1 for item in self.findings if item.severity == Severity.ERROR)

    @property
    def n_warnings(self) -> int:
        return sum(1 for item in self.findings if item.severity == Severity.WARNING)

    @property
    def counts(self) -> dict[str, int]:
        counts = no_counts()
        for report in self.roots:
            for key, value in report.counts.items():
                counts[key] += value
        return counts

    @property
    def n_by_structure(self) -> int:
        """Variants that no engine was given, for it was given another one that differs in harmless numbers only."""
        return sum(report.n_by_structure for report in self.roots)

    def not_judged(self) -> tuple[NotJudged, ...]:
        """What nobody could judge, by root and reason."""
        found: dict[tuple[str, str], NotJudged] = {}
        for report in self.roots:
            for entry in report.verdicts:
                if entry.state == State.NOT_JUDGED:
                    key = (report.root, entry.why_not_judged)
                    before = found[key].names if key in found else ()
                    found[key] = NotJudged(*key, (*before, entry.name), len(report.verdicts), entry.excused)
        return tuple(found.values())

    def harmless(self) -> RunReport:
        """The same for formats that are read as text: the workspace's words can do nothing in them. `texts` stay as
        they are, for the sake of places."""
        findings = tuple(
            replace(
                item,
                message=plain(item.message),
                variants=tuple(map(one_line, item.variants)),
                condition=one_line(item.condition) if item.condition is not None else None,
                related=tuple(replace(one, message=plain(one.message)) for one in item.related),
                elsewhere=tuple(
                    replace(
                        one,
                        variants=tuple(map(one_line, one.variants)),
                        condition=one_line(one.condition) if one.condition is not None else None,
                    )
                    for one in item.elsewhere
                ),
            )
            for item in self.findings
        )
        roots = tuple(
            replace(root, verdicts=tuple(replace(entry, name=one_line(entry.name)) for entry in root.verdicts))
            for root in self.roots
        )
        return replace(self, findings=findings, roots=roots)

    def lines(self, path: str) -> LineIndex:
        return _line_index(self.texts.get(path, ""))

    def without_baseline(self, baseline: dict[str, Any]) -> RunReport:
        """Less the findings that `baseline` (an earlier JSON report) has: same file, rule, message and line text
        matter, line numbers do not."""
        known = {
            tuple(_word(finding.get(key)) for key in ("path", "rule", "message", "condition"))
            for finding in baseline["findings"]
        }
        left = tuple(
            item
            for item in self.findings
            if (relative_path(item.location.path), item.code, item.message, item.condition) not in known
        )
        return replace(self, findings=left, n_known=len(self.findings) - len(left))

    def as_json(self) -> dict[str, Any]:
        """The documented form, see report.schema.json."""
        return {
            "version": 1,
            "findings": [self._finding(item) for item in self.findings],
            "variants": [
                {
                    "root": relative_path(report.root),
                    "name": entry.name,
                    "verdicts": {
                        engine: Verdict.REJECTED if word == Verdict.PREPROCESS_FAILED else word
                        for engine, word in entry.verdicts
                        if word != Verdict.PENDING
                    },
                    "state": entry.state,
                    "lowered": list(entry.lowered),
                    "notJudged": entry.why_not_judged,
                }
                for report in self.roots
                for entry in report.verdicts
            ],
            "summary": {
                "variants": self.counts,
                "errors": self.n_errors,
                "warnings": self.n_warnings,
                "unavailable": {
                    engine: {"why": why, "remedy": remedy} for engine, (why, remedy) in self.unavailable.items()
                },
                "jobs": self.n_run,
                "byStructure": self.n_by_structure,
                "engineSeconds": round(self.engine_seconds, 4),
                "seconds": round(self.seconds, 4),
                "inBaseline": self.n_known,
                **({"cover": self._cover(self.cover)} if self.cover is not None else {}),
            },
        }

    def _cover(self, cover: Cover) -> dict[str, Any]:
        return {
            "lines": cover.n_lines,
            "values": cover.n_values,
            "variants": cover.n_chosen,
            "unreached": [{"path": relative_path(one.path), "range": self.range(one)} for one in cover.unreached],
        }

    def _finding(self, item: MergedDiagnostic) -> dict[str, Any]:
        return {
            "path": relative_path(item.location.path),
            "range": self.range(item.location),
            "severity": SEVERITY_NAMES[item.severity],
            "rule": item.code,
            "message": item.message,
            "engines": list(item.engines),
            "newSince": item.new_since or None,
            "variants": list(item.variants),
            "condition": item.condition,
            "counts": {"holds": item.n_holds, "judged": item.n_judged, "variants": item.n_variants},
            "fits": item.fits,
            "roots": [_share(one) for one in (item, *item.elsewhere) if one.variants],
            "related": [
                {"path": relative_path(one.location.path), "range": self.range(one.location), "message": one.message}
                for one in item.related
            ],
        }

    def range(self, location: Location) -> dict[str, dict[str, int]]:
        """LSP form: lines and UTF-16 characters from 0."""
        lines = self.lines(location.path)
        start = lines.position(location.span.start, "utf-16")
        end = lines.position(location.span.end, "utf-16")
        return {
            "start": {"line": start[0], "character": start[1]},
            "end": {"line": end[0], "character": end[1]},
        }


@lru_cache(maxsize=64)
def _line_index(text: str) -> LineIndex:
    """Kept, for every finding asks for it."""
    return LineIndex(text)


def _share(item: MergedDiagnostic) -> dict[str, Any]:
    """A finding in one of the roots in which it holds."""
    return {
        "path": relative_path(item.root),
        "variants": list(item.variants),
        "condition": item.condition,
        "counts": {"holds": item.n_holds, "judged": item.n_judged, "variants": item.n_variants},
    }


def _texts_of(session: Session, findings: Iterable[MergedDiagnostic], more: Iterable[Location] = ()) -> dict[str, str]:
    """The texts of the files in which findings lie, for their lines and columns; "" where one cannot be read."""
    places = [place for one in findings for place in (one.location, *(each.location for each in one.related))]
    sources = {place.path: session.snapshot.read(place.path) for place in (*places, *more)}
    return {path: source.text if isinstance(source, SourceFile) else "" for path, source in sources.items()}


def _of_configuration(item: Diagnostic) -> MergedDiagnostic:
    """A diagnostic of a configuration file or a host's code, which holds whatever the variant."""
    return MergedDiagnostic(
        item.location, item.severity, item.code, item.message, (), item.related, item.path, (), 0, ""
    )


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None
