"""RootReport: the verdicts and merged diagnostics of one root from what the store knows now.

The command line and the language server both publish exactly this. Per variant findings are kept from report to
report while the variant's expansion and results stay the same objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from wgsl_ls.analysis.findings import Finding, engine_findings, preprocess_findings
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.guesses import without_guesswork
from wgsl_ls.analysis.limits import limit_findings
from wgsl_ls.analysis.lints import lint_findings
from wgsl_ls.analysis.merge import MergedDiagnostic, merge
from wgsl_ls.analysis.plan import ENGINES, result_of
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.analysis.snapshot import RootView, Snapshot
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location
from wgsl_ls.wire.jobs import Accepted, CompileResult, Rejected, Unavailable, Unsupported, verdict


@dataclass(frozen=True, slots=True)
class VariantVerdict:
    """`verdicts`: engine -> "accepted", "rejected", ..., "pending" or "preprocess-failed"; `lowered`: what was
    rewritten for an engine; `n_errors`: errors in this variant; `profile_failed`: exceeds a device profile."""

    name: str
    index: int
    verdicts: tuple[tuple[str, str], ...]
    n_errors: int
    lowered: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """"pass", "fail", "pending" or "unjudged" (no engine could say)."""
        words = [word for _, word in self.verdicts]
        if self.n_errors or any(word in ("rejected", "preprocess-failed", "crashed", "timed-out") for word in words):
            return "fail"
        if "pending" in words:
            return "pending"
        return "pass" if "accepted" in words or not words else "unjudged"


@dataclass(frozen=True, slots=True)
class RootReport:
    root: str
    diagnostics: tuple[MergedDiagnostic, ...]
    verdicts: tuple[VariantVerdict, ...]

    def count(self, state: str) -> int:
        return sum(1 for entry in self.verdicts if entry.state == state)

    @property
    def counts(self) -> dict[str, int]:
        counts = {"total": len(self.verdicts), "pass": 0, "fail": 0, "pending": 0, "unjudged": 0}
        for entry in self.verdicts:
            counts[entry.state] += 1
        return counts


class Reporter:
    """Makes reports; holds the per-variant findings of the last report of each root."""

    def __init__(self, store: ResultStore, front_end: FrontEnd, engines: Iterable[str] = ENGINES) -> None:
        self.store = store
        self.front_end = front_end
        self.engines = tuple(engines)
        self._kept: dict[str, dict[int, tuple[tuple[Any, ...], list[Finding]]]] = {}

    def forget(self, root: str) -> None:
        self._kept.pop(root, None)

    def report(self, snapshot: Snapshot, view: RootView) -> RootReport:
        """Everything known now about `view`."""
        for _ in self.steps(snapshot, view):
            pass
        return self._assemble(snapshot, view)

    def steps(self, snapshot: Snapshot, view: RootView) -> Iterator[None]:
        """Do the work of `report` in small steps, for callers that share their thread."""
        kept = self._kept.setdefault(view.path, {})
        for index in range(len(view.variants)):
            results = tuple(result_of(view, self.store, engine, index) for engine in self.engines)
            expansion = view.expansion(index)
            key = (expansion, results, view.settings)
            before = kept.get(index)
            if before is not None and before[0][0] is expansion and before[0][1] == results and before[0][2] is view.settings:
                continue
            kept[index] = (key, self._findings(view, index, results))
            yield
        for stale in [index for index in kept if index >= len(view.variants)]:
            del kept[stale]

    def _findings(self, view: RootView, index: int, results: tuple[CompileResult | None, ...]) -> list[Finding]:
        expansion = view.expansion(index)
        variant = view.variants[index]
        found = preprocess_findings(expansion) if expansion.has_problems else []
        for engine, result in zip(self.engines, results, strict=True):
            if isinstance(result, Accepted) and not result.messages:
                continue
            if result is not None:
                found.extend(engine_findings(expansion, engine, result))
        if not expansion.failed and variant.profiles:
            profiles = [profile for profile in view.settings.profiles if profile.name in variant.profiles]
            reflection = self.front_end.reflection(expansion, variant.overrides)
            if profiles and reflection is not None:
                found.extend(limit_findings(expansion, reflection, profiles))
        if variant.origin in ("inferred", "default"):
            found = without_guesswork(view, expansion, variant, found)
        return found

    def _assemble(self, snapshot: Snapshot, view: RootView) -> RootReport:
        kept = self._kept[view.path]
        findings = [kept[index][1] for index in range(len(view.variants))]
        lines: dict[str, LineIndex] = {}

        def line_of(location: Location) -> int:
            index = lines.get(location.path)
            if index is None:
                source = snapshot.read(location.path)
                index = lines[location.path] = source.lines if isinstance(source, SourceFile) else LineIndex("")
            return index.line_of(location.span.start)

        def accepted(engine: str, index: int) -> bool:
            return isinstance(result_of(view, self.store, engine, index), Accepted)

        merged = merge(view.path, view.variants, findings, line_of, accepted)
        lints = lint_findings(snapshot, view)
        own = merge(view.path, view.variants[:1], [lints], line_of, accepted) if lints else ()
        verdicts = tuple(self._verdict(view, index, findings[index]) for index in range(len(view.variants)))
        return RootReport(view.path, merged + tuple(_for_all(item) for item in own), verdicts)

    def _verdict(self, view: RootView, index: int, findings: list[Finding]) -> VariantVerdict:
        expansion = view.expansion(index)
        words: list[tuple[str, str]] = []
        lowered: list[str] = []
        for engine in self.engines:
            if engine not in view.variants[index].engines:
                continue
            if expansion.failed:
                words.append((engine, "preprocess-failed"))
                continue
            result = result_of(view, self.store, engine, index)
            word = "pending" if result is None else verdict(result)
            if isinstance(result, Rejected) and all(message.kind == "limit" for message in result.messages):
                word = "accepted"  # only this machine's device is too small; profiles judge that
            words.append((engine, word))
            if isinstance(result, Accepted | Rejected):
                lowered.extend(f"{engine}: {what}" for what in result.lowered)
            elif isinstance(result, Unsupported):
                lowered.append(f"{engine} cannot judge {result.extension}")
            elif isinstance(result, Unavailable):
                lowered.append(f"{engine} is not available")
        errors = sum(1 for finding in findings if finding.severity == Severity.ERROR)
        return VariantVerdict(view.variants[index].name, index, tuple(words), errors, tuple(dict.fromkeys(lowered)))


def _for_all(item: MergedDiagnostic) -> MergedDiagnostic:
    """A lint speaks of the file, not of variants."""
    return MergedDiagnostic(
        item.location, item.severity, item.code, item.message, (), item.related, item.root, (), 0, "",
        unnecessary=item.unnecessary,
    )  # fmt: skip
