"""VariantVerdict: what is known of one variant, in the words of reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from wgsl_ls.analysis.findings import Finding, with_severities
from wgsl_ls.analysis.guesses import UNDECLARED
from wgsl_ls.analysis.judgement import Judgement, Ruling, Why
from wgsl_ls.project.rule_settings import RuleSettings
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.wire.jobs import Accepted, DeviceLost, Rejected, TimedOut, Unavailable, Unsupported
from wgsl_ls.wire.verdicts import BY_STRUCTURE, State, Verdict, state_of

_WORDS = {
    Why.PENDING: Verdict.PENDING,
    Why.MISSING: Verdict.UNAVAILABLE,
    Why.UNSUPPORTED: Verdict.UNSUPPORTED,
    Why.CRASHED: Verdict.CRASHED,
    Why.TIMED_OUT: Verdict.TIMED_OUT,
    Why.DEVICE_LOST: Verdict.DEVICE_LOST,
    Why.PREPROCESS: Verdict.PREPROCESS_FAILED,
}
_REFUSALS = (Verdict.REJECTED, Verdict.CRASHED)


@dataclass(frozen=True, slots=True)
class VariantVerdict:
    """`verdicts`: of each engine that was asked; `n_errors`: errors in this variant; `lowered`: what was rewritten
    for an engine; `obstacles`: why an engine could not judge it; `undeclared`: nobody can judge it, because it lacks
    what the host program defines; `waived`: an engine refuses it, only by rules that the user took the error from."""

    name: str
    verdicts: tuple[tuple[str, Verdict], ...]
    n_errors: int
    lowered: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    undeclared: bool = False
    waived: bool = False

    @property
    def is_by_structure(self) -> bool:
        """No engine judged this text itself, and one judged another of its structure."""
        words = {word for _, word in self.verdicts}
        return bool(words & set(BY_STRUCTURE.values())) and not words & set(BY_STRUCTURE)

    def is_refused_by(self, engine: str | None) -> bool:
        """`engine`: None for any."""
        refusals = (*_REFUSALS, Verdict.REJECTED_BY_STRUCTURE)
        return any(engine in (None, name) and word in refusals for name, word in self.verdicts)

    @property
    def excused(self) -> bool:
        """That nobody judges it is known to the user, or nothing that the user could change here."""
        return self.undeclared or self.waived

    @property
    def state(self) -> State:
        return _state(self.verdicts, bool(self.n_errors))

    @property
    def why_not_judged(self) -> str:
        """ "wgpu lacks f16; dawn is not available", or "" when somebody judged it or still will."""
        return "; ".join(self.obstacles) if self.state == State.NOT_JUDGED else ""


@lru_cache(maxsize=1024)
def _state(verdicts: tuple[tuple[str, Verdict], ...], has_errors: bool) -> State:
    """Thousands of variants have a few of these, and are counted with every keystroke."""
    return state_of((word for _, word in verdicts), int(has_errors))


def _has_errors(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == Severity.ERROR for finding in findings)


def pending_verdict(variant: Variant, engines: Sequence[str]) -> VariantVerdict:
    """Of a variant that nobody has looked at yet."""
    words = tuple((engine, Verdict.PENDING) for engine in engines if engine in variant.judges)
    return VariantVerdict(variant.name, words, 0, obstacles=_nobody(variant))


def verdict_of(
    variant: Variant,
    judgements: Sequence[Judgement],
    findings: Sequence[Finding],
    engines: Sequence[str],
    rules: RuleSettings,
    by_structure: Collection[str] = (),
) -> VariantVerdict:
    """`engines`: which of the judges are engines; `rules`: the user's severities; `by_structure`: engines that judged
    another text in place of this one."""
    visible = with_severities(findings, rules)
    waived = False
    undeclared = any(finding.code == UNDECLARED for finding in findings)
    words: list[tuple[str, Verdict]] = []
    lowered: list[str] = []
    obstacles: list[str] = []
    for judgement in judgements:
        engine, result = judgement.judge, judgement.evidence
        if engine not in engines:
            continue
        word = _word(judgement, undeclared)
        if word in _REFUSALS and visible is not findings and not _refuses(engine, visible):
            word, waived = Verdict.UNSUPPORTED, True
            obstacles.append(f"{engine} refuses it only by rules that are no errors here")
        if word == Verdict.PREPROCESS_FAILED and visible is not findings and not _has_errors(visible):
            word = Verdict.UNSUPPORTED  # and nobody saw it: no choice of rules makes that an excuse
            obstacles.append("it is not preprocessed to its end, by rules that are no errors here")
        words.append((engine, BY_STRUCTURE.get(word, word) if engine in by_structure else word))
        if isinstance(result, Accepted | Rejected):
            lowered.extend(f"{engine}: {what}" for what in result.lowered)
        elif isinstance(result, Unsupported):
            lowered.append(f"{engine} cannot judge {result.extension}")
            obstacles.append(lowered[-1])
        elif isinstance(result, TimedOut):
            obstacles.append(f"{engine} did not answer within {result.seconds:g} s")
        elif isinstance(result, DeviceLost):
            obstacles.append(f"{engine} lost its device twice while it compiled this")
        elif isinstance(result, Unavailable):
            obstacles.append(f"{engine} is not available")
    if not words:
        obstacles.extend(_nobody(variant))
    elif undeclared:
        obstacles.append("it lacks what the host program defines")
    return VariantVerdict(
        variant.name,
        tuple(words),
        sum(1 for finding in visible if finding.severity == Severity.ERROR),
        tuple(dict.fromkeys(lowered)),
        tuple(dict.fromkeys(obstacles)),
        undeclared,
        waived,
    )


def _refuses(engine: str, findings: Sequence[Finding]) -> bool:
    return any(engine in finding.engines and finding.severity == Severity.ERROR for finding in findings)


def _nobody(variant: Variant) -> tuple[str, ...]:
    return (f"its engines ({', '.join(variant.judges) or 'none'}) were not asked",)


def _word(judgement: Judgement, undeclared: bool) -> Verdict:
    if judgement.ruling != Ruling.UNKNOWN and undeclared:
        return Verdict.UNSUPPORTED  # it lacks what the host program gives: stand-ins were judged
    if judgement.ruling == Ruling.ACCEPTED:
        return Verdict.ACCEPTED
    if judgement.ruling == Ruling.REJECTED:
        return Verdict.REJECTED
    return _WORDS[judgement.why or Why.PENDING]
