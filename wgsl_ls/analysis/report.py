"""RootReport: the verdicts and merged diagnostics of one root, from what is shown of it.

`report` is a pure function; the command line and the language server both publish exactly this. The Reporter holds
what it works on: the judges, and one Shown per root.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from wgsl_ls.analysis.across import across, across_steps
from wgsl_ls.analysis.deciding import Deciders
from wgsl_ls.analysis.findings import Finding, with_severities
from wgsl_ls.analysis.front_end import FrontEnd, Reading
from wgsl_ls.analysis.guesses import UNDECLARED, is_guessed
from wgsl_ls.analysis.judgement import Ruling, Why
from wgsl_ls.analysis.judges import EngineJudge, FactsReader, FrontEndJudge, Judge, ProfileJudge, content_key
from wgsl_ls.analysis.knowledge import Knowledge
from wgsl_ls.analysis.limit_facts import LimitFacts
from wgsl_ls.analysis.lints import lint_steps
from wgsl_ls.analysis.merge import Combined, MergedDiagnostic, merge
from wgsl_ls.analysis.plan import PlannedJob, first_jobs, local_jobs, planned_jobs, unread_texts
from wgsl_ls.analysis.relocate import Replacement, replacement_of
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.rule import all_rules, is_certain
from wgsl_ls.analysis.shown import Judged, Shared, Shown, about, carry_steps, identities, learned, renewed, renewed_in
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.analysis.structures import structures
from wgsl_ls.analysis.variant_verdict import VariantVerdict, pending_verdict
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.rule_settings import RuleSettings
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.bits import bits_of
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.listing import counted
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location
from wgsl_ls.text.steps import Steps, finished, gathered
from wgsl_ls.wire.engine_specs import engine_names
from wgsl_ls.wire.verdicts import State, Verdict, no_counts


@dataclass(frozen=True, slots=True)
class RootReport:
    """`verdicts`: of every variant, in the root's order. `n_structures`: how many there are when variants that differ
    only in numbers count once."""

    root: str
    diagnostics: tuple[MergedDiagnostic, ...]
    verdicts: tuple[VariantVerdict, ...]
    n_structures: int = 0

    def size(self, noun: str = "variant") -> str:
        """ "3,200 variants · 352 structures": as validate, lenses and status bars say it."""
        n_variants = counted(len(self.verdicts), noun)
        is_worth_saying = 0 < self.n_structures < len(self.verdicts)
        return f"{n_variants} · {counted(self.n_structures, 'structure')}" if is_worth_saying else n_variants

    @property
    def n_by_structure(self) -> int:
        return sum(1 for entry in self.verdicts if entry.is_by_structure)

    @property
    def counts(self) -> dict[str, int]:
        counts = {**no_counts(), "total": len(self.verdicts)}
        # Thousands of variants have a few tuples of verdicts: what each comes to is asked once.
        kinds = [(id(entry.verdicts), bool(entry.n_errors)) for entry in self.verdicts]
        of_kind = dict(zip(kinds, self.verdicts, strict=True))
        for kind, n_entries in Counter(kinds).items():
            counts[of_kind[kind].state] += n_entries
        return counts


def report(
    snapshot: Snapshot,
    view: RootView,
    shown: Shown,
    engines: tuple[str, ...],
    combined: Combined | None = None,
    is_last: bool = True,
) -> Steps[RootReport]:
    """Everything shown of `view`. Pure, but for what it keeps in `combined` for the next report of this snapshot.
    `is_last`: see `merge`."""
    judged = yield from gathered(shown.variants.get(identity) for identity in identities(view.variants))
    lines: dict[str, LineIndex] = {}

    def line_of(location: Location) -> int:
        index = lines.get(location.path)
        if index is None:
            source = snapshot.read(location.path)
            index = lines[location.path] = source.lines if isinstance(source, SourceFile) else LineIndex("")
        return index.line_of(location.span.start)

    @cache
    def accepted(engine: str) -> int:
        judgements = ((index, one.by(engine)) for index, one in enumerate(judged) if one is not None)
        accepting = (index for index, one in judgements if one is not None and one.ruling == Ruling.ACCEPTED)
        return bits_of(accepting, len(judged))

    rules = view.settings.rules
    findings = yield from _told(judged, rules)
    with_settings = any(not isinstance(one, tuple) for one in findings)
    yield
    knowledge = Knowledge(judged)
    if any(findings):
        yield from knowledge.steps()
    guessed = _is_guesswork(view, findings)
    if guessed and any(findings):
        yield from across_steps(view)  # what is told of guesses is asked of all of them
    as_text = not guessed and is_guessed(view.variants[0])
    complete = view.settings.complete or as_text
    merged = yield from merge(
        view.path,
        view.variants,
        findings,
        line_of,
        accepted,
        engines,
        knowledge,
        complete,
        _Guesswork(view, judged) if guessed else _as_text if as_text else _as_found,
        Deciders(snapshot, view),
        view.settings.dialect,
        combined if not with_settings else None,
        is_last,
    )
    of_files = with_severities([*shown.lints, *shown.deep_lints], rules)
    lints = yield from merge(view.path, view.variants[:1], [of_files], line_of, accepted)
    diagnostics = [
        _for_all(item) if len(item.variants) == 1 and about(item) in shown.unshared else item for item in merged
    ]
    diagnostics = _explained(diagnostics, [_for_all(item) for item in lints])
    verdicts = yield from gathered(
        one.verdict if one is not None else pending_verdict(variant, engines)
        for one, variant in zip(judged, view.variants, strict=True)
    )
    if guessed:
        verdicts = [_of_guessed(entry, merged) for entry in verdicts]
    return RootReport(view.path, tuple(diagnostics), tuple(verdicts))


def _told(judged: Sequence[Judged | None], rules: RuleSettings) -> Steps[list[Sequence[Finding]]]:
    """The findings of each variant with the severities that somebody gave to rules; what is one object stays one."""
    known: dict[int, Sequence[Finding]] = {}

    def told(findings: Sequence[Finding]) -> Sequence[Finding]:
        if id(findings) not in known:
            known[id(findings)] = with_severities(findings, rules)
        return known[id(findings)]

    return (yield from gathered(told(one.findings if one is not None else ()) for one in judged))


def _explained(said: Sequence[MergedDiagnostic], lints: Sequence[MergedDiagnostic]) -> list[MergedDiagnostic]:
    """Both, but what is said at a place and a lint that is the reason of it are one: the graver, else the reason, with
    the other's words; what is graver has the reason among its places already."""
    reasons = {(lint.location, all_rules()[lint.code].explains): number for number, lint in enumerate(lints)}
    found, kept = [], list[MergedDiagnostic | None](lints)
    for item in said:
        number = reasons.get((item.location, item.code))
        lint = kept[number] if number is not None else None
        if number is None or lint is None:
            found.append(item)
        elif lint.severity <= item.severity:
            known = {one.location for one in lint.related}
            more = (one for one in item.related if one.location not in known)
            kept[number] = replace(lint, related=(*lint.related, Related(item.location, item.message), *more))
        else:
            found.append(item)
            kept[number] = None
    return [*found, *(lint for lint in kept if lint is not None)]


def _is_guesswork(view: RootView, findings: Sequence[Sequence[Finding]]) -> bool:
    """Nobody declared the variants, and there are several or one lacks something. A file that asks nothing from
    outside has one variant, and that is what its host compiles."""
    if not is_guessed(view.variants[0]):
        return False
    if len(view.variants) > 1 or view.settings.search != "ended":
        return True
    return any(one.code == UNDECLARED for of_variant in findings for one in of_variant)


def _is_first_search(view: RootView) -> bool:
    """Nobody has looked yet which variants there may be: that without any macro may be none of them."""
    return view.settings.search == "pending" and [one.origin for one in view.variants] == ["default"]


def _as_found(finding: Finding, holds: int, unknown: int) -> Severity | None:
    return finding.severity


def _as_text(finding: Finding, holds: int, unknown: int) -> Severity | None:
    """In the one variant of a file that asks nothing from outside: what is wrong is wrong, but an engine that died or
    was too slow has not judged it."""
    return Severity.WARNING if finding.code.startswith("engine/") else finding.severity


@dataclass(frozen=True, slots=True)
class _Guesswork:
    """How a finding in variants that nobody declared is told: not at all when it is known not to hold in some of them
    in which its line is active (it comes from macros that do not fit; syntax does not), or nobody has looked there yet,
    or when only engines know it, and not all of them; as a warning when its line is not active in all of them, for no
    host may ever take it; what is wrong whatever is defined is an error."""

    view: RootView
    judged: Sequence[Judged | None]

    def __call__(self, finding: Finding, holds: int, unknown: int) -> Severity | None:
        if finding.severity != Severity.ERROR or is_certain(finding.code):
            return finding.severity
        found = across(self.view)
        active = found.active(finding.location.path, finding.location.span.start)
        is_syntax = (finding.own or finding).code in ("wgsl/syntax", "wgsl/parse")
        refuted = active & ~holds & ~unknown if finding.judges else 0
        if finding.judges and active & ~holds and not is_syntax:
            # Refuted there, or nobody came to what may refute it, because of another mistake. (What is half-written in
            # a branch is noticed at what stands behind it.)
            return None
        if finding.judges and (_is_first_search(self.view) or active & unknown & self._waiting(finding.judges)):
            return None
        if finding.location.path != self.view.path and active != found.everything and not is_syntax:
            return None  # an include is made for other roots too, with macros that are not given here
        return Severity.ERROR if active == found.everything and not refuted else Severity.WARNING

    def _waiting(self, judges: Collection[str]) -> int:
        """Variants of which none of these judges has said anything."""
        found = 0
        for index, one in enumerate(self.judged):
            judgements = one.judgements if one is not None else ()
            asked = [each for each in judgements if each.judge in judges]
            if all(each.why == Why.PENDING and not each.saw_before for each in asked):
                found |= 1 << index
        return found


def _of_guessed(entry: VariantVerdict, merged: Sequence[MergedDiagnostic]) -> VariantVerdict:
    """A variant that nobody declared fails by what is told as an error of it; what else an engine refuses in it may be
    wrong with the variant."""
    n_errors = sum(1 for one in merged if one.severity == Severity.ERROR and entry.name in one.variants)
    if n_errors or entry.n_errors == 0:
        return replace(entry, n_errors=n_errors)
    verdicts = tuple(
        (engine, Verdict.UNSUPPORTED if word == Verdict.REJECTED else word) for engine, word in entry.verdicts
    )
    why = "what is wrong with it may come from macros that nobody declared"
    return replace(entry, n_errors=0, verdicts=verdicts, obstacles=(*entry.obstacles, why), undeclared=True)


class Reporter:
    """Owned by one thread. `engines`: those that are asked. `exhaustive`: every text is judged itself."""

    def __init__(
        self,
        store: ResultStore,
        front_end: FrontEnd,
        engines: Iterable[str] | None = None,
        exhaustive: bool = False,
    ) -> None:
        self.store = store
        self._front_end = front_end
        self.exhaustive = exhaustive
        self.engines = engine_names() if engines is None else tuple(engines)
        self._own = FrontEndJudge(store, front_end, exhaustive)
        self._facts = FactsReader(store, front_end, exhaustive)
        self._judges: Memo[tuple[object, ...], tuple[Judge, ...]] = Memo(256)
        self._shown: dict[str, Shown] = {}
        self._edits: list[Replacement] = []
        """Along which not everything that is shown was carried yet."""
        self._n_carried: dict[str, int] = {}
        """Of each root along how many of them."""
        self._shared: dict[str, tuple[RootView, tuple[Judge, ...], Shared]] = {}
        self._combined: tuple[Snapshot | None, dict[str, Combined]] = None, {}
        self.reports: dict[str, RootReport] = {}
        """The last report of each root that is looked at."""

    def judges(self, settings: RootSettings) -> tuple[Judge, ...]:
        """Everybody who judges the variants of a root; the same tuple while nothing about that changes."""

        def make() -> tuple[Judge, ...]:
            engines = [EngineJudge(name, self.store, self._front_end, self.exhaustive) for name in self.engines]
            profiles = [ProfileJudge(profile, self._facts) for profile in settings.profiles]
            return (*engines, self._own, *profiles)

        return self._judges.get_or((self.engines, settings.profiles), make)

    # What is to be done

    def jobs(
        self,
        view: RootView,
        order: Collection[int] | None = None,
        seen: set[tuple[str, str]] | None = None,
        hurry: bool = False,
        engine: str | None = None,
    ) -> Iterator[PlannedJob | None]:
        """See planned_jobs. `engine`: only for this one. What others refuse comes last: of it the most is known."""
        last = self.reports.get(view.path)
        failing = {one.name: one for one in last.verdicts if one.state == State.FAIL} if last is not None else {}
        again: list[int] = []
        if failing:
            found = [failing.get(variant.name) for variant in view.variants]
            again = [index for index, one in enumerate(found) if one is not None and one.is_refused_by(engine)]
            again += [index for index, one in enumerate(found) if one is None]
        return planned_jobs(view, self._asked(view, engine), order, seen, again, hurry)

    def first_jobs(
        self, view: RootView, engine: str, seen: set[tuple[str, str]] | None = None
    ) -> Iterator[PlannedJob | None]:
        """See there in plan.py."""
        return first_jobs(view, self._asked(view, engine), seen)

    def _asked(self, view: RootView, engine: str | None) -> list[Judge]:
        return [one for one in self.judges(view.settings) if engine in (None, one.name)]

    def structure_steps(self, view: RootView) -> Iterator[None]:
        """Find the structures of a root, in small steps; until then every variant is judged by itself."""
        if not self.exhaustive:
            yield from structures(view, self._front_end).steps()

    def local_steps(self, view: RootView, only: Collection[int] | None = None) -> Iterator[None]:
        """What judges of this process still have to read of each variant (of `only` these), in small steps: work for
        the time in which the engines compile in theirs."""
        return local_jobs(view, self.judges(view.settings), self._front_end, self.exhaustive, only)

    def unread_texts(
        self, view: RootView, only: Collection[int] | None = None
    ) -> Iterator[tuple[Expansion, Variant] | None]:
        """The texts that `local_steps` would read, for others to read them (text_reading.py); None after each step of
        the work of finding them."""
        seen: set[str] = set()
        for unread in unread_texts(view, self.judges(view.settings), self._front_end, self.exhaustive, only):
            if unread is not None:
                index, asked = unread
                for judge in asked:
                    expansion, variant = judge.given(view, index), view.variants[index]
                    key = content_key(expansion, variant)
                    if key not in seen:
                        seen.add(key)
                        yield expansion, variant
            yield None

    def learn(self, expansion: Expansion, variant: Variant, reading: Any, facts: Any) -> None:
        """What `read_texts` answered."""
        self._own.learn(expansion, Reading.from_json(reading))
        self._facts.learn(expansion, variant, LimitFacts.from_json(facts))

    # What is shown

    def edited(self, path: str, old: str, new: str) -> None:
        """A file's text changed: what waits for a new result keeps showing the old one at the right place."""
        self._edits.append(replacement_of(path, old, new))

    def _carried(self, root: str) -> Steps[Shown]:
        """What is shown of a root, where it stands after all edits."""
        shown, edits = self._shown.get(root, Shown()), self._edits[:]
        for edit in edits[self._n_carried.get(root, 0) :]:
            shown = yield from carry_steps(shown, edit)
        self._shown[root], self._n_carried[root] = shown, len(edits)
        if all(n_carried == len(self._edits) for n_carried in self._n_carried.values()):
            self._edits.clear()
            self._n_carried = dict.fromkeys(self._n_carried, 0)
        return shown

    def forget(self, root: str) -> None:
        self._shown.pop(root, None)
        self._shared.pop(root, None)
        self._n_carried.pop(root, None)
        self.reports.pop(root, None)

    def fast_report_steps(
        self, snapshot: Snapshot, view: RootView, index: int, settle: bool = False
    ) -> Steps[RootReport]:
        """The report with only one variant brought up to date, by what is known and by our own front end. `settle`: its
        engines were asked, so its verdict is new too."""
        judges = self.judges(view.settings)
        variant = view.variants[index]
        if not view.expansion(index).failed and self._own.evidence(self._own.given(view, index), variant) is None:
            yield from self._own.judge(view, index)
        linted = yield from self._linted(snapshot, view, quick=True)
        shown = yield from renewed_in(view, linted, judges, self._front_end, [index], Shared(), settle)
        return (yield from self._report(snapshot, view, shown, is_last=False))

    def report(self, snapshot: Snapshot, view: RootView) -> RootReport:
        """See report_steps."""
        return finished(self.report_steps(snapshot, view))

    def report_steps(self, snapshot: Snapshot, view: RootView, is_last: bool = True) -> Steps[RootReport]:
        """Everything known now about `view`. `is_last`: see `merge`."""
        yield from self.structure_steps(view)
        linted = yield from self._linted(snapshot, view, quick=False)
        judges = self.judges(view.settings)
        shared = yield from self._in_common(view, linted)
        shown = yield from renewed(view, linted, judges, self._front_end, shared)
        return (yield from self._report(snapshot, view, shown, is_last))

    def renew_steps(self, view: RootView, indices: Iterable[int]) -> Iterator[None]:
        """What is shown of some variants brought up to date with what their engines answered, for the next report,
        which then has less to do."""
        shown = yield from self._carried(view.path)
        judges = self.judges(view.settings)
        shared = yield from self._in_common(view, shown)
        now = yield from renewed_in(view, shown, judges, self._front_end, indices, shared, settle=True)
        self._shown[view.path] = now

    def _in_common(self, view: RootView, shown: Shown) -> Steps[Shared]:
        """What variants have in common, as long as the view is the same."""
        judges = self.judges(view.settings)
        known = self._shared.get(view.path)
        if known is None or known[0] is not view or known[1] is not judges:
            known = self._shared[view.path] = view, judges, (yield from learned(shown, judges))
        return known[2]

    def _report(self, snapshot: Snapshot, view: RootView, shown: Shown, is_last: bool) -> Steps[RootReport]:
        self._shown[view.path] = shown
        if self._combined[0] is not snapshot:
            self._combined = snapshot, {}
        combined = self._combined[1].setdefault(view.path, {})
        made = yield from report(snapshot, view, shown, self.engines, combined, is_last)
        made = self.reports[view.path] = replace(made, n_structures=self.n_structures(view))
        return made

    def n_structures(self, view: RootView) -> int:
        """0 while they are not known."""
        found = structures(view, self._front_end) if not self.exhaustive else None
        return found.n_structures if found is not None and found.is_ready else 0

    def _linted(self, snapshot: Snapshot, view: RootView, quick: bool) -> Steps[Shown]:
        """What is shown of a root, with its lints; they are kept while the directives of all its files are the same
        objects and so are its settings. `quick`: those that ask what all variants do stay as they were last."""
        shown = yield from self._carried(view.path)
        key = _lint_key(snapshot, view)
        if _same(shown.lint_key, key) and (shown.deep or quick):
            return shown
        lints = yield from lint_steps(snapshot, view, asks_variants=False)
        deep = shown.deep_lints if quick else (yield from lint_steps(snapshot, view, asks_variants=True))
        return replace(shown, lints=tuple(lints), deep_lints=tuple(deep), lint_key=key, deep=not quick)


def _lint_key(snapshot: Snapshot, view: RootView) -> tuple[object, ...]:
    """The same objects as long as the directives of all files of the root are, and its settings."""
    return (view.settings, *(snapshot.tree(path) for path in sorted(snapshot.included_files(view.path))))


def _same(left: tuple[object, ...], right: tuple[object, ...]) -> bool:
    return len(left) == len(right) and all(one is two for one, two in zip(left, right, strict=True))


def _for_all(item: MergedDiagnostic) -> MergedDiagnostic:
    """It speaks of the file, not of variants."""
    return replace(item, engines=(), variants=(), n_variants=0, n_judged=0, condition="", fits=None, accepted_by=())
