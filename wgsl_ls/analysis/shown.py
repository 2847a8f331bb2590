"""Shown: what is shown of one root, as one value: per variant what its judges said and the findings that follow.

A new value is made from the old one, either by `carry` (an edit: everything moves along with the text) or by
`renewed` (a variant's text or evidence changed). Variants are found again by identity, their name and what they
define, so that nothing is ever shown of a variant for which it was not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wgsl_ls.analysis.findings import FRONT_END, UNREAD_RULE, Finding, preprocess_findings
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.guesses import is_guessed, stood_in_steps, without_guesswork
from wgsl_ls.analysis.judgement import Judgement, Ruling, Why, unknown
from wgsl_ls.analysis.judges import Judge
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.relocate import Replacement, relocated, touches
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.structures import structures
from wgsl_ls.analysis.variant_verdict import VariantVerdict, verdict_of
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.memo import AboutLists
from wgsl_ls.text.steps import Steps, gathered

About = tuple[str, str, str]
"""(path, code, message) of a finding, wherever it stands."""
Told = tuple[Judgement, Sequence[Finding]]
"""What evidence means in a text."""


class VariantId:
    """Name, defines and overrides of a variant. Thousands are looked up at every keystroke, so the hash is kept."""

    __slots__ = ("_hash", "_key")

    def __init__(self, variant: Variant) -> None:
        self._key = variant.name, variant.defines, variant.overrides
        self._hash = hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VariantId) and self._key == other._key


_IDENTITIES: AboutLists[Variant, tuple[VariantId, ...]] = AboutLists()


def identities(variants: tuple[Variant, ...]) -> tuple[VariantId, ...]:
    return _IDENTITIES.get_or(variants, lambda: tuple(map(VariantId, variants)))


@dataclass(frozen=True, slots=True)
class Judged:
    """One variant. `expansion`, `settings`, `judges`, `evidence`: what the rest was made from, compared by
    identity. `given`: the text that each judge got; `told`: of each what its evidence means in this text. `carried`:
    those of the findings that were made before the last edit. `placed`: it was known which variant represents it; until
    then a text whose digest nobody asked for was judged by nobody. `settled`: the verdict is that of this evidence;
    else it is the one before, so that counts do not flicker while somebody types."""

    expansion: Expansion
    settings: RootSettings
    judges: tuple[Judge, ...]
    given: tuple[Expansion, ...]
    evidence: tuple[object | None, ...]
    told: tuple[Told | None, ...]
    judgements: tuple[Judgement, ...]
    findings: tuple[Finding, ...]
    carried: frozenset[About]
    verdict: VariantVerdict
    placed: bool
    settled: bool

    def by(self, judge: str) -> Judgement | None:
        return next((one for one in self.judgements if one.judge == judge), None)

    def with_findings(self, findings: tuple[Finding, ...]) -> Judged:
        """`replace` for thousands of variants, at every keystroke."""
        return Judged(
            self.expansion,
            self.settings,
            self.judges,
            self.given,
            self.evidence,
            self.told,
            self.judgements,
            findings,
            self.carried,
            self.verdict,
            self.placed,
            self.settled,
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """Of one root. `unshared`: what was found in the one variant that was looked at since the last edit; nobody knows
    yet whether others have it too. `lints`: what holds for the files, whatever the variant; `deep_lints`: those of
    them that ask what all variants do; `lint_key`: what they were made from, `deep`: the latter too."""

    variants: Mapping[VariantId, Judged] = field(default_factory=dict)
    unshared: frozenset[About] = frozenset()
    lints: tuple[Finding, ...] = ()
    deep_lints: tuple[Finding, ...] = ()
    lint_key: tuple[object, ...] = ()
    deep: bool = False


def about(finding: Finding | MergedDiagnostic) -> About:
    return finding.location.path, finding.code, finding.message


def carry_steps(shown: Shown, edit: Replacement) -> Steps[Shown]:
    """After an edit: findings stand where what they speak of stands now; those whose place was edited are gone. What
    variants share is moved once, and shared."""
    known: dict[int, tuple[Finding, ...]] = {}

    def carried(judged: Judged) -> Judged:
        findings = known.get(id(judged.findings))
        if findings is None:
            touched = any(touches(finding, edit.path) for finding in judged.findings)
            findings = known[id(judged.findings)] = _moved(judged.findings, edit) if touched else judged.findings
        return judged if findings is judged.findings else judged.with_findings(findings)

    moved = dict((yield from gathered((identity, carried(one)) for identity, one in shown.variants.items())))
    lints, deep_lints = _moved(shown.lints, edit), _moved(shown.deep_lints, edit)
    return replace(shown, variants=moved, lints=lints, deep_lints=deep_lints)


def _moved(findings: Sequence[Finding], edit: Replacement) -> tuple[Finding, ...]:
    return tuple(moved for one in findings if (moved := relocated(one, edit)) is not None)


@dataclass(frozen=True, slots=True)
class Shared:
    """What variants have in common, so that it is made once. `told`: by the identities of judge, text and evidence,
    which it keeps alive, what that means; `findings`: of equal ones the first, and likewise of `tuples`, by the
    identities of what is in them."""

    told: dict[tuple[int, int, int], tuple[tuple[object, ...], Told]] = field(default_factory=dict)
    findings: dict[Finding, Finding] = field(default_factory=dict)
    tuples: dict[tuple[int, ...], tuple[Finding, ...]] = field(default_factory=dict)

    def learn(self, judged: Judged) -> None:
        """Of a variant that was looked at before."""
        for judge, text, evidence, told in zip(judged.judges, judged.given, judged.evidence, judged.told, strict=False):
            if told is not None:
                self.keep((judge, text, evidence), told)
        if tuple(map(id, judged.findings)) not in self.tuples:
            self.one_of(judged.findings)

    def keep(self, made_from: tuple[object, object, object], told: Told) -> None:
        judge, text, evidence = made_from
        self.told[id(judge), id(text), id(evidence)] = made_from, told

    def one_of(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        same = tuple(self.findings.setdefault(one, one) for one in findings)
        return self.tuples.setdefault(tuple(map(id, same)), same)


def judged(
    view: RootView,
    index: int,
    judges: tuple[Judge, ...],
    front_end: FrontEnd,
    before: Judged | None,
    settle: bool,
    shared: Shared,
) -> Judged:
    """What is known now of one variant; `before` itself when nothing changed. `settle`: its verdict too. `shared`: may
    be used for other variants while nothing changes."""
    variant, expansion = view.variants[index], view.expansion(index)
    placed = structures(view, front_end).is_told(index)
    if (
        before is not None
        and before.expansion is expansion
        and before.settings is view.settings
        and before.judges is judges
        and before.placed == placed
        and (before.settled or not settle)
        and not _is_news(before, variant)
    ):
        return before
    evidence: tuple[object | None, ...] = ()
    given: tuple[Expansion, ...] = ()
    if not expansion.failed and not (placed or expansion.has_digest or is_guessed(variant)):
        given, evidence = (expansion,) * len(judges), (None,) * len(judges)
    elif not expansion.failed:
        given = tuple(judge.given(view, index) for judge in judges)
        evidence = tuple(
            judge.evidence(text, variant) if judge.asked(variant) and (placed or text.has_digest) else None
            for judge, text in zip(judges, given, strict=True)
        )
    same_text = before is not None and before.expansion is expansion and before.judges is judges
    told: list[Told | None] = []
    judgements: list[Judgement] = []
    by_judge: list[tuple[Judge, Sequence[Finding]]] = []
    carried: set[About] = set()
    for number, judge in enumerate(judges):
        known = evidence[number] if evidence else None
        if known is not None:
            if same_text and before is not None and before.evidence[number] is known:
                entry = before.told[number]
            else:
                kept = shared.told.get((id(judge), id(given[number]), id(known)))
                entry = kept[1] if kept is not None else None
                if entry is None:
                    found = judge.findings(given[number], known)
                    entry = judge.judgement(given[number], known, found), found
                    shared.keep((judge, given[number], known), entry)
            told.append(entry)
            if entry is not None:
                judgements.append(entry[0])
                by_judge.append((judge, entry[1]))
            continue
        told.append(None)
        if not judge.asked(variant):
            continue
        if expansion.failed:
            judgements.append(unknown(judge.name, Why.PREPROCESS))
            continue
        last = before.by(judge.name) if before is not None else None
        saw_before = last is not None and (last.saw_everything or last.saw_before)
        judgements.append(Judgement(judge.name, Ruling.UNKNOWN, Why.PENDING, saw_before=saw_before))
        if before is not None:
            found = [finding for finding in before.findings if judge.name in finding.judges]
            carried.update(map(about, found))
            by_judge.append((judge, found))
    findings, blind = findings_of(view, index, judgements, by_judge, front_end)
    if blind:
        judgements = [replace(one, stopped=True) if one.ruling == Ruling.REJECTED else one for one in judgements]
    if settle or before is None:
        engines = [judge.name for judge in judges if not judge.local]
        by_structure = [
            judge.name
            for judge, text in zip(judges, given, strict=bool(given))
            if not judge.local and text is not expansion and not is_guessed(variant) and text.text != expansion.text
        ]
        verdict = verdict_of(variant, judgements, findings, engines, view.settings.rules, by_structure)
    else:
        verdict = before.verdict
    return Judged(
        expansion,
        view.settings,
        judges,
        given,
        evidence,
        tuple(told),
        tuple(judgements),
        shared.one_of(findings),
        frozenset(carried),
        verdict,
        placed,
        settle,
    )


def _is_news(before: Judged, variant: Variant) -> bool:
    """Some judge knows something else now. What a judge of this process knows of a text never changes."""
    return any(
        judge.evidence(text, variant) is not known
        for judge, text, known in zip(before.judges, before.given, before.evidence, strict=bool(before.evidence))
        if (known is None or not judge.local) and judge.asked(variant) and (before.placed or text.has_digest)
    )


def findings_of(
    view: RootView,
    index: int,
    judgements: Sequence[Judgement],
    by_judge: Sequence[tuple[Judge, Sequence[Finding]]],
    front_end: FrontEnd,
) -> tuple[tuple[Finding, ...], bool]:
    """The findings of one variant, and whether its judges are silent about what else they found. Our own front end
    gives way to engines that accept the text, unless another one rejects it; in a variant that nobody declared, what a
    missing macro explains is one finding."""
    variant, expansion = view.variants[index], view.expansion(index)
    engines = {judge.name for judge, _ in by_judge if not judge.local}
    rulings = {one.ruling for one in judgements if one.judge in engines}
    refuted = Ruling.ACCEPTED in rulings and Ruling.REJECTED not in rulings
    found = preprocess_findings(expansion) if expansion.has_problems else []
    for judge, findings in by_judge:
        is_refuted = refuted and judge.name == FRONT_END
        found.extend([one for one in findings if one.code == UNREAD_RULE] if is_refuted else findings)
    if is_guessed(variant) and not expansion.failed:
        return without_guesswork(view, index, front_end, found)
    return tuple(found), False


def learned(shown: Shown, judges: tuple[Judge, ...]) -> Steps[Shared]:
    """What the variants that are shown have in common."""
    shared = Shared()
    for number, known in enumerate(shown.variants.values()):
        if known.judges is judges:
            shared.learn(known)
        if number % 256 == 255:
            yield
    return shared


def renewed(
    view: RootView, shown: Shown, judges: tuple[Judge, ...], front_end: FrontEnd, shared: Shared
) -> Steps[Shown]:
    """All variants brought up to date. Variants that the root no longer has are gone with what was found in them."""
    variants: dict[VariantId, Judged] = {}
    for index, identity in enumerate(identities(view.variants)):
        before = shown.variants.get(identity)
        yield from stood_in_steps(view, index, front_end)
        yield
        now = variants[identity] = judged(view, index, judges, front_end, before, True, shared)
        if now is not before or index % 64 == 63:
            yield
    return replace(shown, variants=variants, unshared=frozenset())


def renewed_in(
    view: RootView,
    shown: Shown,
    judges: tuple[Judge, ...],
    front_end: FrontEnd,
    indices: Iterable[int],
    shared: Shared,
    settle: bool = False,
) -> Steps[Shown]:
    """Some variants brought up to date; what is new in them is marked as known of these only. `settle`: see
    `judged`."""
    variants = dict(shown.variants)
    unshared = shown.unshared
    for index in indices:
        identity = identities(view.variants)[index]
        before = variants.get(identity)
        yield from stood_in_steps(view, index, front_end)
        now = judged(view, index, judges, front_end, before, settle, shared)
        if now is not before:
            known = {about(finding) for finding in before.findings} if before is not None else set()
            variants[identity] = now
            unshared |= {about(finding) for finding in now.findings} - known
        yield
    return replace(shown, variants=variants, unshared=unshared)
