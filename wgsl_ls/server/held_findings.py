"""HeldFindings: what a smoke run said about a text, shown until that text changes.

A finding belongs to one variant and holds for one digest of its expansion. Its place is kept in the expansion and
mapped to the written files when it is shown, so that edits elsewhere move it along.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location, Span

_ALSO: Final = "the other place"


@dataclass(frozen=True, slots=True)
class HeldFinding:
    """`digest`: of the expansion it was found in; `start`, `end`: offsets there (code points); `also`: of its other
    places."""

    variant: str
    digest: str
    start: int
    end: int
    code: str
    message: str
    engine: str
    also: tuple[tuple[int, int], ...] = ()


class HeldFindings:
    """Findings per root. One thread."""

    def __init__(self) -> None:
        self._findings: dict[str, list[HeldFinding]] = {}

    def replace(self, root: str, variant: str, findings: Sequence[HeldFinding]) -> None:
        """What the last run of this variant found, instead of what the run before it did."""
        kept = [one for one in self._findings.get(root, ()) if one.variant != variant]
        self._findings[root] = [*kept, *findings]
        if not self._findings[root]:
            del self._findings[root]

    def diagnostics(self, snapshot: Snapshot, only: str | None = None) -> Iterator[MergedDiagnostic]:
        """Those (of one root) that still hold, at their present places; what no longer holds is forgotten."""
        for root in [only] if only is not None else list(self._findings):
            view = snapshot.root(root) if root in self._findings else None
            if view is None:
                continue
            holding = [one for one in self._findings[root] if _holds(view, one)]
            if holding:
                self._findings[root] = holding
            else:
                del self._findings[root]
            by_rule = {setting.rule: setting.severity for setting in view.settings.rules}
            for one in holding:
                severity = by_rule.get(one.code, Severity.ERROR)
                if severity is not None:
                    yield _shown(view, one, severity)


def _holds(view: RootView, finding: HeldFinding) -> bool:
    index = view.index_by_name.get(finding.variant)
    return index is not None and view.expansion(index).digest == finding.digest


def _shown(view: RootView, finding: HeldFinding, severity: Severity) -> MergedDiagnostic:
    written = view.expansion(view.index_by_name[finding.variant]).source_map.written
    origin = written(finding.start, finding.end)
    others = [other.location for place in finding.also if (other := written(*place)) is not None]
    return MergedDiagnostic(
        origin.location if origin is not None else Location(view.path, Span(0, 0)),
        severity,
        finding.code,
        finding.message,
        (finding.engine,),
        tuple(Related(one, _ALSO) for one in others),
        view.path,
        (finding.variant,),
        len(view.variants),
        None,
    )
