"""RootReport: the verdicts and merged diagnostics of one root from what the store knows now.

The command line and the language server both publish exactly this. Per variant findings are kept from report to
report while the variant's expansion and results stay the same objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.findings import (
    Finding,
    engine_findings,
    preprocess_findings,
    syntax_findings,
    with_severities,
)
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.guesses import UNDECLARED, without_guesswork
from wgsl_ls.analysis.limits import LimitFacts, limit_facts, limit_findings
from wgsl_ls.analysis.lints import lint_findings
from wgsl_ls.analysis.merge import MergedDiagnostic, merge
from wgsl_ls.analysis.plan import result_of
from wgsl_ls.analysis.relocate import changed_range, relocated, touches
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.analysis.snapshot import RootView, Snapshot
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location
from wgsl_ls.wire.engine_specs import engine_names
from wgsl_ls.wire.jobs import Accepted, CompileResult, Rejected, Unavailable, Unsupported
from wgsl_ls.wire.verdicts import State, Verdict, no_counts, state_of, verdict

_FACTS_VERSION = "limit facts 1"
"""Part of their key in the disk cache: to be changed when what is read from a text changes."""
_FACTS_KEPT = 4000
_REFUSALS = (Verdict.REJECTED, Verdict.CRASHED, Verdict.TIMED_OUT)
Overrides = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class VariantVerdict:
    """`verdicts`: of each engine that was asked; `n_errors`: errors in this variant; `lowered`: what was rewritten
    for an engine; `obstacles`: why an engine could not judge it; `undeclared`: nobody can judge it, because it lacks
    what the host program defines; `waived`: an engine refuses it, only by rules that the user took the error from."""

    name: str
    index: int
    verdicts: tuple[tuple[str, Verdict], ...]
    n_errors: int
    lowered: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    undeclared: bool = False
    waived: bool = False

    @property
    def excused(self) -> bool:
        """That nobody judges it is known to the user, or nothing that the user could change here."""
        return self.undeclared or self.waived

    @property
    def state(self) -> State:
        return state_of((word for _, word in self.verdicts), self.n_errors)

    @property
    def why_not_judged(self) -> str:
        """ "wgpu lacks f16; dawn is not available", or "" when somebody judged it or still will."""
        return "; ".join(self.obstacles) if self.state == State.NOT_JUDGED else ""


@dataclass(frozen=True, slots=True)
class RootReport:
    root: str
    diagnostics: tuple[MergedDiagnostic, ...]
    verdicts: tuple[VariantVerdict, ...]

    @property
    def counts(self) -> dict[str, int]:
        counts = {**no_counts(), "total": len(self.verdicts)}
        for entry in self.verdicts:
            counts[entry.state] += 1
        return counts


class Reporter:
    """Makes reports; holds the per-variant findings of the last report of each root."""

    def __init__(self, store: ResultStore, front_end: FrontEnd, engines: Iterable[str] | None = None) -> None:
        self.store = store
        self.front_end = front_end
        self.engines = engine_names() if engines is None else tuple(engines)
        self.defer_limits = False
        """Report without device profiles first; `limit_steps` does them later."""
        self._without_facts: dict[str, set[int]] = {}
        self._lints: dict[str, tuple[tuple[Any, ...], list[Finding], bool]] = {}
        """Per root: for what, findings of the lints that look at the text, whether the others are current too."""
        self._deep_lints: dict[str, list[Finding]] = {}
        self._facts: dict[str, LimitFacts] = {}
        self._unshared: dict[str, set[tuple[str, str, str]]] = {}
        """Per root what a fast report found in its one variant: nobody has looked yet whether others have it too."""
        self._last_verdicts: dict[str, tuple[VariantVerdict, ...]] = {}
        self.syntax_variant: dict[str, int] = {}
        """Per root the variant whose syntax errors our own parser reports until an engine has answered."""
        self._kept: dict[str, dict[int, tuple[tuple[Any, ...], list[Finding]]]] = {}

    def forget(self, root: str) -> None:
        self._kept.pop(root, None)
        self._unshared.pop(root, None)

    def report(self, snapshot: Snapshot, view: RootView) -> RootReport:
        """Everything known now about `view`."""
        for _ in self.steps(snapshot, view):
            pass
        self._unshared.pop(view.path, None)
        return self._assemble(snapshot, view)

    def fast_report(self, snapshot: Snapshot, view: RootView, index: int) -> RootReport:
        """The report with only one variant brought up to date; the others as they were last. Of what is new in it
        the report does not say in how many variants it is."""
        kept = self._kept.setdefault(view.path, {})
        before = {_about(finding) for finding in kept[index][1]} if index in kept else set()
        self._update(view, index)
        unshared = self._unshared.setdefault(view.path, set())
        unshared.update(about for finding in kept[index][1] if (about := _about(finding)) not in before)
        report = self._assemble(snapshot, view, quick=True)
        name = view.variants[index].name
        shown = tuple(
            _for_all(item) if item.variants == (name,) and _about(item) in unshared else item
            for item in report.diagnostics
        )
        return RootReport(report.root, shown, report.verdicts)

    def steps(self, snapshot: Snapshot, view: RootView) -> Iterator[None]:
        """Do the work of `report` in small steps, for callers that share their thread."""
        kept = self._kept.setdefault(view.path, {})
        for index in range(len(view.variants)):
            if self._update(view, index):
                yield
        for stale in [index for index in kept if index >= len(view.variants)]:
            del kept[stale]
        if not self._lints_are_current(snapshot, view):
            yield from across_steps(view)  # lints ask what all variants do

    def _update(self, view: RootView, index: int) -> bool:
        """Bring the findings of one variant up to date; False when they were."""
        kept = self._kept.setdefault(view.path, {})
        results = tuple(result_of(view, self.store, engine, index) for engine in self.engines)
        expansion = view.expansion(index)
        before = kept.get(index)
        if before is not None:
            of_expansion, of_results, of_settings, of_engines = before[0]
            same_engines = of_engines == self.engines and of_settings is view.settings
            if (
                of_expansion is expansion
                and same_engines
                and all(old is new for old, new in zip(of_results, results, strict=True))
            ):
                return False
        findings = self._findings(view, index, results, before[1] if before is not None else [])
        kept[index] = ((expansion, results, view.settings, self.engines), findings)
        return True

    def note_edit(self, path: str, old: str, new: str) -> None:
        """A file's text changed: move the kept findings along, and drop those the edit touches, so that what waits
        for a new result keeps showing the old one at the right place."""
        start, old_end, shift = changed_range(old, new)
        for root, kept in self._kept.items():
            for index, (key, findings) in kept.items():
                if any(touches(finding, path) for finding in findings):
                    moved = [
                        item for one in findings if (item := relocated(one, path, start, old_end, shift)) is not None
                    ]
                    self._kept[root][index] = (key, moved)
        for root, lints in self._deep_lints.items():
            kept_lints = [relocated(one, path, start, old_end, shift) for one in lints]
            self._deep_lints[root] = [one for one in kept_lints if one is not None]

    def _findings(
        self, view: RootView, index: int, results: tuple[CompileResult | None, ...], before: list[Finding]
    ) -> list[Finding]:
        expansion = view.expansion(index)
        variant = view.variants[index]
        found = preprocess_findings(expansion) if expansion.has_problems else []
        answered = False
        for engine, result in zip(self.engines, results, strict=True):
            if result is None and engine in variant.engines and not expansion.failed:
                found.extend(finding for finding in before if engine in finding.engines)
                continue
            answered = answered or isinstance(result, Accepted | Rejected)
            if result is not None and not (isinstance(result, Accepted) and not result.messages):
                found.extend(engine_findings(expansion, engine, result))
        if not answered and not expansion.failed and self.syntax_variant.get(view.path) == index:
            found.extend(syntax_findings(expansion, self.front_end))
        if not expansion.failed and variant.profiles:
            profiles = [profile for profile in view.settings.profiles if profile.name in variant.profiles]
            if profiles:
                facts = self._known_facts(expansion, variant.overrides)
                if facts is None and self.defer_limits:
                    self._without_facts.setdefault(view.path, set()).add(index)
                    found.extend(finding for finding in before if finding.code.startswith("profile/"))
                else:
                    facts = facts if facts is not None else self._make_facts(expansion, variant.overrides)
                    found.extend(limit_findings(expansion, facts, profiles))
        if variant.origin in ("inferred", "default"):
            found = without_guesswork(view, expansion, variant, self.front_end, found)
        return found

    def fact_steps(self, view: RootView) -> Iterator[None]:
        """Read from each variant what the device profiles need, one a step: work for the time in which the engines
        compile in their own processes."""
        for index, variant in enumerate(view.variants):
            expansion = view.expansion(index)
            if variant.profiles and not expansion.failed:
                if self._known_facts(expansion, variant.overrides) is None:
                    self._make_facts(expansion, variant.overrides)
                yield

    def limit_steps(self, view: RootView) -> Iterator[None]:
        """Judge by device profiles what `defer_limits` put off, one variant a step."""
        waiting = self._without_facts.pop(view.path, set())
        while waiting:
            index = min(waiting)
            waiting.discard(index)
            expansion, variant = view.expansion(index), view.variants[index]
            if not expansion.failed and self._known_facts(expansion, variant.overrides) is None:
                self._make_facts(expansion, variant.overrides)
                yield
            self._kept.get(view.path, {}).pop(index, None)

    def _known_facts(self, expansion: Expansion, overrides: Overrides) -> LimitFacts | None:
        """By content; from the slow store when it has them."""
        key = f"{_FACTS_VERSION}\0{expansion.digest}\0{overrides}"
        known = self._facts.get(key)
        if known is None:
            plain = self.store.get_note(key)
            try:
                known = LimitFacts.from_json(plain) if plain is not None else None
            except (TypeError, ValueError, IndexError):
                return None
            if known is not None:
                self._facts[key] = known
        return known

    def _make_facts(self, expansion: Expansion, overrides: Overrides) -> LimitFacts:
        key = f"{_FACTS_VERSION}\0{expansion.digest}\0{overrides}"
        made = limit_facts(self.front_end.reflection(expansion, overrides))
        self.store.put_note(key, made.as_json())
        if len(self._facts) > _FACTS_KEPT:
            self._facts.clear()
        self._facts[key] = made
        return made

    def _assemble(self, snapshot: Snapshot, view: RootView, quick: bool = False) -> RootReport:
        """`quick`: keep the verdicts of variants that are not up to date out of it."""
        kept = self._kept[view.path]
        findings = [kept[index][1] if index in kept else [] for index in range(len(view.variants))]
        lines: dict[str, LineIndex] = {}

        def line_of(location: Location) -> int:
            index = lines.get(location.path)
            if index is None:
                source = snapshot.read(location.path)
                index = lines[location.path] = source.lines if isinstance(source, SourceFile) else LineIndex("")
            return index.line_of(location.span.start)

        def accepted(engine: str, index: int) -> bool:
            if index not in kept:
                return False
            _, results, _, engines = kept[index][0]
            return engine in engines and isinstance(results[engines.index(engine)], Accepted)

        rules = view.settings.rules
        shown = [with_severities(of_variant, rules) for of_variant in findings]
        merged = merge(view.path, view.variants, shown, line_of, accepted, self.engines)
        of_files = with_severities(self._lint_findings(snapshot, view, quick), rules)
        lints = merge(view.path, view.variants[:1], [of_files], line_of, accepted)
        if quick:
            verdicts = self._last_verdicts.get(view.path, ())
        else:
            verdicts = tuple(
                self._verdict(view, index, findings[index], shown[index]) for index in range(len(view.variants))
            )
            self._last_verdicts[view.path] = verdicts
        return RootReport(view.path, merged + tuple(_for_all(item) for item in lints), verdicts)

    def _lints_are_current(self, snapshot: Snapshot, view: RootView) -> bool:
        known = self._lints.get(view.path)
        return known is not None and known[2] and _same(known[0], self._lint_key(snapshot, view))

    def _lint_key(self, snapshot: Snapshot, view: RootView) -> tuple[Any, ...]:
        """The same objects as long as the directives of all files of the root are, and its variants."""
        return (view.settings, *(snapshot.tree(path) for path in sorted(snapshot.included_files(view.path))))

    def _lint_findings(self, snapshot: Snapshot, view: RootView, quick: bool) -> list[Finding]:
        """`quick`: those that ask what all variants do as they were last, moved along with edits."""
        key = self._lint_key(snapshot, view)
        known = self._lints.get(view.path)
        if known is not None and _same(known[0], key) and (known[2] or quick):
            return known[1] + self._deep_lints.get(view.path, [])
        found = lint_findings(snapshot, view, asks_variants=False)
        if not quick:
            self._deep_lints[view.path] = lint_findings(snapshot, view, asks_variants=True)
        self._lints[view.path] = (key, found, not quick)
        return found + self._deep_lints.get(view.path, [])

    def _verdict(self, view: RootView, index: int, findings: list[Finding], shown: list[Finding]) -> VariantVerdict:
        """`shown`: `findings` as the user's severities leave them."""
        expansion = view.expansion(index)
        words: list[tuple[str, Verdict]] = []
        lowered: list[str] = []
        obstacles: list[str] = []
        waived = False
        undeclared = any(finding.code == UNDECLARED for finding in findings)
        wanted = view.variants[index].engines
        for engine in self.engines:
            if engine not in wanted:
                continue
            if expansion.failed:
                words.append((engine, Verdict.PREPROCESS_FAILED))
                continue
            result = result_of(view, self.store, engine, index)
            word = Verdict.PENDING if result is None else verdict(result)
            if word == Verdict.REJECTED and undeclared:
                word = Verdict.UNSUPPORTED  # it lacks what the host program gives; nobody can judge it like this
            if isinstance(result, Rejected) and all(message.kind == "limit" for message in result.messages):
                word = Verdict.ACCEPTED  # only this machine's device is too small; profiles judge that
            if word in _REFUSALS and shown is not findings and not _refuses(engine, shown):
                word, waived = Verdict.UNSUPPORTED, True
                obstacles.append(f"{engine} refuses it only by rules that are no errors here")
            words.append((engine, word))
            if isinstance(result, Accepted | Rejected):
                lowered.extend(f"{engine}: {what}" for what in result.lowered)
            elif isinstance(result, Unsupported):
                lowered.append(f"{engine} cannot judge {result.extension}")
                obstacles.append(lowered[-1])
            elif isinstance(result, Unavailable):
                obstacles.append(f"{engine} is not available")
        if not words:
            obstacles.append(f"its engines ({', '.join(wanted) or 'none'}) were not asked")
        elif undeclared:
            obstacles.append("it lacks what the host program defines")
        errors = sum(1 for finding in shown if finding.severity == Severity.ERROR)
        return VariantVerdict(
            view.variants[index].name,
            index,
            tuple(words),
            errors,
            tuple(dict.fromkeys(lowered)),
            tuple(dict.fromkeys(obstacles)),
            undeclared,
            waived,
        )


def _same(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    return len(left) == len(right) and all(one is two for one, two in zip(left, right, strict=True))


def _refuses(engine: str, findings: list[Finding]) -> bool:
    return any(engine in finding.engines and finding.severity == Severity.ERROR for finding in findings)


def _about(item: Finding | MergedDiagnostic) -> tuple[str, str, str]:
    return item.location.path, item.code, item.message


def _for_all(item: MergedDiagnostic) -> MergedDiagnostic:
    """A lint speaks of the file, not of variants."""
    return MergedDiagnostic(
        item.location, item.severity, item.code, item.message, (), item.related, item.root, (), 0, "",
        unnecessary=item.unnecessary, subject=item.subject,
    )  # fmt: skip
