"""Judges: whoever can say of a variant's expanded text whether it is right. Each engine is one, each device profile,
and our own front end.

A judge finds its evidence by content, in one store; evidence that is not there yet is made by `judge` for those that
answer here (`local`), and by workers for the engines (`compile_job`). What evidence means as a ruling and as findings
is a pure function of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wgsl_ls import __version__
from wgsl_ls.analysis.findings import FRONT_END, PROFILE, Finding, engine_findings, problem_findings
from wgsl_ls.analysis.front_end import UNREAD, FrontEnd, Reading, Text
from wgsl_ls.analysis.guesses import is_guessed, readable, readable_steps, stood_in
from wgsl_ls.analysis.judgement import Judgement, Ruling, Why, unknown
from wgsl_ls.analysis.limit_facts import LimitFacts, limit_facts, with_sizes
from wgsl_ls.analysis.limits import limit_findings
from wgsl_ls.analysis.results import MOST_TEXTS, ResultStore
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.structures import structures
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.steps import Steps
from wgsl_ls.wire.engine_specs import engine_spec, judges_structures
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    CompileResult,
    Crashed,
    DeviceLost,
    Rejected,
    TimedOut,
    Unavailable,
    Unsupported,
)

_FACTS_VERSION = "limit facts 3"
"""Part of their key in the disk cache: to be changed when what is read from a text changes."""
_READING_VERSION = f"front end 4 {__version__}"


def content_key(expansion: Expansion, variant: Variant) -> str:
    """What a judge may look at: the expanded text, and the variant's overrides."""
    return f"{expansion.digest}{variant.overrides}" if variant.overrides else expansion.digest


def rejected_but(judge: str, expansion: Expansion, unread: Iterable[tuple[int, int]], evidence: object) -> Judgement:
    """Rejected by a judge that looked at everything but the places `unread` of the expanded text."""
    origins = [expansion.source_map.written(start, end) for start, end in unread]
    unseen = tuple(origin.location for origin in origins if origin is not None)
    return Judgement(judge, Ruling.REJECTED, None, len(unseen) < len(origins), evidence, unseen=unseen)


class Judge(Protocol):
    """`name`: an engine's, "profile/NAME", or FRONT_END. `local`: `judge` makes the evidence here, in milliseconds.
    What it found before the text changed is shown until it has judged the new text."""

    @property
    def name(self) -> str: ...

    @property
    def local(self) -> bool: ...

    def asked(self, variant: Variant) -> bool:
        """Shall the variant pass this judge?"""

    def given(self, view: RootView, index: int) -> Expansion:
        """What it is given of a variant: the expansion, with stand-ins where it could judge nothing without."""

    def evidence(self, expansion: Expansion, variant: Variant) -> object | None:
        """What is known by content; the same object until that changes. None: it has not judged this yet."""

    def judge(self, view: RootView, index: int) -> Steps[None]:
        """Make the evidence (local judges), in small steps."""

    def judgement(self, expansion: Expansion, evidence: Any, findings: Sequence[Finding]) -> Judgement:
        """`findings`: those of this evidence."""

    def findings(self, expansion: Expansion, evidence: Any) -> list[Finding]:
        """In written places."""


def represented(
    view: RootView, index: int, front_end: FrontEnd, speaks: Callable[[Expansion, Variant], Iterable[str] | None]
) -> Expansion:
    """The expansion of the variant that represents another one (structures.py), or its own. `speaks`: what is said of
    the representative, None while nothing is known: findings hold for others only if they stand at the same written
    place and name no number. Until it is known who represents a variant, it does so itself."""
    known = structures(view, front_end)
    if not known.is_told(index):
        return view.expansion(index)
    first = known.representative(index)
    if first == index:
        return view.expansion(index)
    expansion = view.expansion(first)
    said = list(speaks(expansion, view.variants[index]) or ())
    # Whom nobody within the limits represents is represented by one that leaves the same ones.
    if ABOUT_LIMITS in said and known.is_within_limits(index) != known.is_within_limits(first):
        return view.expansion(index)
    said = [words for words in said if words != ABOUT_LIMITS]
    if said and not (known.is_same_place(index, first) and not any(map(_NUMBER.search, said))):
        return view.expansion(index)
    return expansion


_NUMBER = re.compile(r"(?<!\w)\d")
ABOUT_LIMITS = ""
"""Among what is said: it may depend on limits of the engine."""


@dataclass(frozen=True, slots=True)
class EngineJudge:
    """A WGSL compiler in a worker process. Its evidence are CompileResults. `exhaustive`: it is given every text."""

    name: str
    store: ResultStore
    front_end: FrontEnd
    exhaustive: bool = False
    local: bool = False

    def asked(self, variant: Variant) -> bool:
        return self.name in variant.judges

    def itself(self, view: RootView, index: int) -> Expansion:
        """What it is given when no other variant speaks for this one."""
        return stood_in(view, index, self.front_end)

    def given(self, view: RootView, index: int) -> Expansion:
        if self.exhaustive or not judges_structures(self.name) or is_guessed(view.variants[index]):
            return self.itself(view, index)
        own = view.expansion(index)
        if own.has_digest and self.store.remembers(self.name, content_key(own, view.variants[index])):
            return own  # it was judged itself, while somebody looked at it
        return represented(view, index, self.front_end, self._said)

    def _said(self, expansion: Expansion, variant: Variant) -> Iterable[str] | None:
        result = self.evidence(expansion, variant)
        if isinstance(result, Accepted | Rejected):
            said = [
                part
                for message in result.messages
                if message.kind != "limit"
                for part in (message.text, *message.notes, *(span.label for span in message.spans if span.label))
            ]
            # Pipelines are made last, and limits end that.
            return [*said, ABOUT_LIMITS] if any(message.stage != "module" for message in result.messages) else said
        return (
            None if result is None or isinstance(result, DeviceLost | Unavailable) else ["0"]
        )  # it concerns this very text

    def evidence(self, expansion: Expansion, variant: Variant) -> CompileResult | None:
        return self.store.get(self.name, content_key(expansion, variant))

    def compile_job(self, expansion: Expansion, variant: Variant) -> CompileJob:
        return CompileJob(self.name, expansion.text, variant.overrides)

    def judge(self, view: RootView, index: int) -> Steps[None]:
        raise TypeError("engines run in worker processes")

    def judgement(self, expansion: Expansion, evidence: CompileResult, findings: Sequence[Finding]) -> Judgement:
        if isinstance(evidence, Accepted):
            return Judgement(self.name, Ruling.ACCEPTED, evidence=evidence)
        if isinstance(evidence, Rejected):
            if evidence.messages and all(message.kind == "limit" for message in evidence.messages):
                # Only this machine's device is too small; profiles judge that.
                return Judgement(self.name, Ruling.ACCEPTED, evidence=evidence)
            if evidence.unread is not None:
                return rejected_but(self.name, expansion, evidence.unread, evidence)
            spec = engine_spec(self.name)
            stopped = spec is None or not spec.lists_errors
            return Judgement(self.name, Ruling.REJECTED, None, stopped, evidence)
        return unknown(self.name, _UNKNOWN[type(evidence)], evidence)

    def findings(self, expansion: Expansion, evidence: CompileResult) -> list[Finding]:
        if isinstance(evidence, Accepted) and not evidence.messages and not evidence.bridged:
            return []
        return engine_findings(expansion, self.name, evidence)


_UNKNOWN: dict[type, Why] = {
    Unsupported: Why.UNSUPPORTED,
    Unavailable: Why.MISSING,
    Crashed: Why.CRASHED,
    TimedOut: Why.TIMED_OUT,
    DeviceLost: Why.DEVICE_LOST,
}


@dataclass(frozen=True, slots=True)
class ProfileJudge:
    """A device profile. Its evidence are the LimitFacts of a text, which all profiles share."""

    profile: DeviceProfile
    facts: FactsReader
    local: bool = True

    @property
    def name(self) -> str:
        return f"{PROFILE}{self.profile.name}"

    def asked(self, variant: Variant) -> bool:
        return self.profile.name in variant.profiles

    def given(self, view: RootView, index: int) -> Expansion:
        return self.facts.given(view, index)

    def evidence(self, expansion: Expansion, variant: Variant) -> LimitFacts | None:
        return self.facts.known(expansion, variant)

    def judge(self, view: RootView, index: int) -> Steps[None]:
        yield from ()  # read from the tree that our front end keeps
        self.facts.read(view, index)

    def judgement(self, expansion: Expansion, evidence: LimitFacts, findings: Sequence[Finding]) -> Judgement:
        rejected = any(finding.severity == Severity.ERROR for finding in findings)
        return Judgement(self.name, Ruling.REJECTED if rejected else Ruling.ACCEPTED)

    def findings(self, expansion: Expansion, evidence: LimitFacts) -> list[Finding]:
        return limit_findings(expansion, evidence, [self.profile])


class FactsReader:
    """The LimitFacts of texts: in memory, in the slow store, or read from the syntax tree."""

    def __init__(self, store: ResultStore, front_end: FrontEnd, exhaustive: bool = False) -> None:
        self._store = store
        self._front_end = front_end
        self._exhaustive = exhaustive
        self._facts: Memo[tuple[str, object], LimitFacts] = Memo(MOST_TEXTS)
        self._resized: Memo[tuple[str, tuple[tuple[str, str], ...]], LimitFacts] = Memo(MOST_TEXTS)
        """Of variants that another one represents: by that one's text and what they define."""
        self._missing: Memo[tuple[str, object], bool] = Memo(MOST_TEXTS)
        """Those that the slow store was asked for in vain."""

    def known(self, expansion: Expansion, variant: Variant) -> LimitFacts | None:
        key = (expansion.digest, variant.overrides)
        resized = self._resized.get((expansion.digest, variant.defines))
        if resized is not None:
            return resized
        found = self._facts.get(key)
        if found is None and not self._missing.get(key):
            plain = self._store.get_note(_note_key(*key))
            try:
                return self._facts.put(key, LimitFacts.from_json(plain))
            except (TypeError, ValueError, IndexError):
                self._missing.put(key, True)
        return found

    def given(self, view: RootView, index: int) -> Expansion:
        """The text that is read for a variant: that of another one which represents it and stands at the same places,
        for then only sizes differ."""
        own, variant = view.expansion(index), view.variants[index]
        if self._exhaustive or is_guessed(variant) or own.failed:
            return own
        known = structures(view, self._front_end)
        first = known.representative(index) if known.is_told(index) else index
        if first == index or not known.is_same_place(index, first):
            return own
        expansion = view.expansion(first)
        of_first = self.known(expansion, view.variants[first])
        key = (expansion.digest, variant.defines)
        if of_first is not None and self._resized.get(key) is None:
            self._resized.put(key, with_sizes(of_first, known.sizes(index)))
        return expansion

    def read(self, view: RootView, index: int) -> None:
        expansion, variant = self.given(view, index), view.variants[index]
        if self.known(expansion, variant) is not None:
            return
        self.learn(expansion, variant, facts_of(self._front_end, expansion, variant.overrides))
        self.given(view, index)

    def learn(self, expansion: Expansion, variant: Variant, facts: LimitFacts) -> None:
        """What was read of a text."""
        key = (expansion.digest, variant.overrides)
        self._store.put_note(_note_key(*key), facts.as_json())
        self._facts.put(key, facts)


def facts_of(front_end: FrontEnd, text: Text, overrides: tuple[tuple[str, float], ...]) -> LimitFacts:
    return limit_facts(front_end.reflection(text, overrides), front_end.feature_uses(text))


def _note_key(digest: str, overrides: object) -> str:
    return f"{_FACTS_VERSION}\0{digest}\0{overrides}"


class FrontEndJudge:
    """Our own parser and type checks: everything they are sure of at once, in every variant, before and beside the
    engines. Its evidence are the Readings of texts, in memory and in the slow store."""

    name = FRONT_END
    local = True

    def __init__(self, store: ResultStore, front_end: FrontEnd, exhaustive: bool = False) -> None:
        self._store = store
        self._front_end = front_end
        self._exhaustive = exhaustive
        self._readings: Memo[str, Reading] = Memo(MOST_TEXTS)
        self._missing: Memo[str, bool] = Memo(MOST_TEXTS)
        """Those that the slow store was asked for in vain."""

    def asked(self, variant: Variant) -> bool:
        return True

    def given(self, view: RootView, index: int) -> Expansion:
        variant, expansion = view.variants[index], view.expansion(index)
        if is_guessed(variant) and not expansion.failed:
            return readable(view, index, self._front_end) if self._breaks_off(view, index) else expansion
        if self._exhaustive or expansion.failed:
            return expansion
        return represented(view, index, self._front_end, self._said)

    def _breaks_off(self, view: RootView, index: int) -> bool:
        """A variant that nobody declared has an error of syntax, which may be a macro of the host."""
        variant, expansion = view.variants[index], view.expansion(index)
        reading = self.evidence(expansion, variant) if is_guessed(variant) and not expansion.failed else None
        return reading is not None and any(problem.kind == "syntax" for problem in reading.problems)

    def _said(self, expansion: Expansion, variant: Variant) -> Iterable[str] | None:
        reading = self.evidence(expansion, variant)
        return [problem.message for problem in reading.problems] if reading is not None else None

    def evidence(self, expansion: Expansion, variant: Variant) -> Reading | None:
        digest = expansion.digest
        found = self._readings.get(digest)
        if found is None and not self._missing.get(digest):
            try:
                plain = self._store.get_note(f"{_READING_VERSION}\0{digest}")
                return self._readings.put(digest, Reading.from_json(plain))
            except (TypeError, ValueError, IndexError):
                self._missing.put(digest, True)
        return found

    def given_steps(self, view: RootView, index: int) -> Steps[Expansion]:
        if self._breaks_off(view, index):
            yield from readable_steps(view, index, self._front_end)
        return self.given(view, index)

    def judge(self, view: RootView, index: int) -> Steps[None]:
        expansion = yield from self.given_steps(view, index)
        self.learn(expansion, (yield from self._front_end.reading_steps(expansion)))
        again = yield from self.given_steps(view, index)
        if again is not expansion and self.evidence(again, view.variants[index]) is None:
            yield from self.judge(view, index)

    def learn(self, expansion: Expansion, reading: Reading) -> None:
        """What was read of a text."""
        digest = expansion.digest
        self._store.put_note(f"{_READING_VERSION}\0{digest}", reading.as_json())
        self._readings.put(digest, reading)

    def judgement(self, expansion: Expansion, evidence: Reading, findings: Sequence[Finding]) -> Judgement:
        if any(problem.kind == UNREAD for problem in evidence.problems):
            return unknown(self.name, Why.UNREAD, evidence)
        if evidence.problems:
            return rejected_but(self.name, expansion, evidence.unread, evidence)
        return Judgement(self.name, Ruling.ACCEPTED, evidence=evidence)

    def findings(self, expansion: Expansion, evidence: Reading) -> list[Finding]:
        return problem_findings(expansion, evidence.problems) if evidence.problems else []
