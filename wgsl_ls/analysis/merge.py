"""Merge: findings per variant -> MergedDiagnostic, one per mistake, with its variants, engines and condition.

Within a variant, what several judges say about one mistake becomes one finding (combine.py). Across variants, findings
that are equal but for numbers and types (wording.py) become one diagnostic, and the shortest macro condition that is
true for exactly its variants is looked for. Across roots, equal diagnostics become one with the list of its roots
(`across_roots`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from wgsl_ls.analysis.combine import LineOf, combine
from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.guesses import UNDECLARED, undeclared_words
from wgsl_ls.analysis.minimise import list_facts
from wgsl_ls.analysis.wording import without_numbers_and_types
from wgsl_ls.preprocess.dialect import GGML, IDENTIFIER, Dialect
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.bits import bits_of
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.listing import first_of
from wgsl_ls.text.span import Location
from wgsl_ls.text.steps import Steps
from wgsl_ls.wire.engine_specs import base_of, by_preference, in_order, versions_of

_NAMES_SHOWN = 3
_ROOM = 80
"""Characters of names in a sentence, if there is more than one: host programs give long ones."""
_PLACES_SHOWN = 3
_WORDINGS_SHOWN = 2
Mistake = tuple[Location, str, str]
"""(place, rule, words) that are the same wherever the same mistake is found: those of our own front end when it sees
it, for engines word a mistake in their own ways and are not heard everywhere; numbers and types left out."""


Combined = dict[int, tuple[Sequence[Finding], Sequence[Finding]]]
"""By the identity of the findings of a variant: these, and what combine.py makes of them."""


@dataclass(frozen=True, slots=True)
class MergedDiagnostic:
    """`variants`: names of those in which it holds, in the root's order; `n_judged`: of how many it is known whether it
    holds; `n_variants`: how many the root has, of a device profile's finding: has for it (`device`). `condition`: the
    shortest macro condition that is true for exactly those variants, "" when it is all of them, None when there is no
    short one or not everything was judged; `sampled`: the variants are not all that the host can make. `fits`: then the
    shortest condition that goes with what was judged, if there is a short one (none for variants that were picked from
    more: what they have in common by chance would be told). `engines`: who says it; `accepted_by`: engines that judged
    the same variants and accepted all of them, `accepted_once`: some of them at least. `mistake`: what it is the same
    as in other roots; `elsewhere`: there, one diagnostic for each further root."""

    location: Location
    severity: Severity
    code: str
    message: str
    engines: tuple[str, ...]
    related: tuple[Related, ...]
    root: str
    variants: tuple[str, ...]
    n_variants: int
    condition: str | None
    accepted_by: tuple[str, ...] = ()
    unnecessary: bool = False
    subject: str = ""
    n_judged: int = 0
    sampled: bool = False
    fits: str | None = None
    mistake: Mistake | None = None
    elsewhere: tuple[MergedDiagnostic, ...] = ()
    device: str = ""
    accepted_once: tuple[str, ...] = ()

    def holds_in(self, root: str, variant: str) -> bool:
        return any(one.root == root and variant in one.variants for one in (self, *self.elsewhere))

    @property
    def new_since(self) -> str:
        """The version of an engine that accepts some of these variants, and says this of none, before the last one that
        does; "" where there is none, or another engine says it, too."""
        if not self.accepted_once or len({base_of(name) for name in self.engines}) != 1:
            return ""
        versions = versions_of(base_of(self.engines[0]))
        last = max(number for number, name in enumerate(versions) if name in self.engines)
        accepting = set(self.accepted_once).difference(self.engines)
        return next((name for name in reversed(versions[:last]) if name in accepting), "")

    @property
    def n_holds(self) -> int:
        return len(self.variants)

    @property
    def summary(self) -> str:
        """ "in 12 of 96 variants (wgpu, dawn): only when K_Q4_0 && !K_DIRECT", "seen in 4 of 24 variants (dawn),
        unknown in 8, for example A, B; it fits HAS_SINK", "in all 4 variants of a.wgsl" at a place in an include, "in 3
        roots (dawn): a.wgsl, b.wgsl, c.wgsl", or "" when there is nothing to say of variants."""
        if self.elsewhere:
            return self._summary_of_roots
        if not self.variants:
            return ""
        who = f" ({', '.join(self.engines)})" if self.engines else ""
        also = f"; new since {self.new_since}" if self.new_since else ""
        accepting = [name for name in self.accepted_by if name != self.new_since]
        also += f"; {' and '.join(accepting)} accepts it" if accepting else ""
        if self.n_variants == 1:
            return f"{', '.join(self.engines)}{also}".removeprefix("; ")
        names = first_of(self.variants, 1 if self.fits else _NAMES_SHOWN, _ROOM)
        which = f"variants for {self.device}" if self.device else "variants"
        if self.location.path != self.root:  # other roots may read the file too
            which += f" of {self.root.rpartition('/')[2]}"
        fits = f"; it fits {self.fits}" if self.fits else ""
        if self.n_judged < self.n_variants:
            share = f"seen in {self.n_holds:,} of {self.n_variants:,} {which}{who}"
            return f"{share}, unknown in {self.n_variants - self.n_judged:,}, for example {names}{fits}{also}"
        if self.n_holds == self.n_variants:
            return f"in all {self.n_variants:,} {which}{who}{also}"
        if self.condition:
            return f"in {self.n_holds:,} of {self.n_variants:,} {which}{who}: only when {self.condition}{also}"
        if self.condition is None and self.sampled:
            return (
                f"seen in {self.n_holds:,} of {self.n_variants:,} listed {which}{who}, for example {names}{fits}{also}"
            )
        return f"in {self.n_holds:,} of {self.n_variants:,} {which}{who}: {names}{also}"

    @property
    def _summary_of_roots(self) -> str:
        everywhere = (self, *self.elsewhere)
        engines = in_order(engine for one in everywhere for engine in one.engines)
        who = f" ({', '.join(engines)})" if engines else ""
        news = {one.new_since for one in everywhere}
        who += f", new since {self.new_since}" if self.new_since and len(news) == 1 else ""
        shares = [_share(one) for one in everywhere[:_NAMES_SHOWN]]
        more = f" and {len(everywhere) - _NAMES_SHOWN} more" if len(everywhere) > _NAMES_SHOWN else ""
        return f"in {len(everywhere)} roots{who}: {', '.join(shares)}{more}"


def _share(one: MergedDiagnostic) -> str:
    name = one.root.rpartition("/")[2]
    if one.n_variants <= 1 or not one.variants:
        return name
    if one.n_holds == one.n_variants:
        return f"{name} (all {one.n_variants:,} variants)"
    only = f", only when {one.condition}" if one.condition else f"; it fits {one.fits}" if one.fits else ""
    unknown = f", unknown in {one.n_variants - one.n_judged:,}" if one.n_judged < one.n_variants else ""
    return f"{name} ({one.n_holds:,} of {one.n_variants:,}{unknown}{only})"


def _host_notes(variant: Variant, condition: str) -> tuple[Related, ...]:
    """Where the host's code gives the macros of a condition to `variant`, what it asks for that variant with, and where
    it says that it takes that operation."""
    asked = variant.asked_by
    if asked is None:
        return ()
    notes: list[Related] = []
    for name in dict.fromkeys(IDENTIFIER.findall(condition)):
        given = variant.given(name)
        if given is not None:
            example = f"; for example with {variant.asked_with}" if variant.asked_with and not notes else ""
            notes.append(Related(given.location, f"{name} is {variant.given_words(given)}{example}"))
    notes = notes[:_PLACES_SHOWN]
    if notes and asked.gate is not None:
        notes.append(Related(asked.gate.location, f"{asked.gate.function} lets {asked.op} through"))
    return tuple(notes)


def across_roots(items: Iterable[MergedDiagnostic]) -> list[MergedDiagnostic]:
    """One diagnostic for each mistake: that of the first root, with those of the others. Roots count by their names:
    which of them was looked at first changes nothing."""
    groups: dict[object, list[MergedDiagnostic]] = {}
    for item in sorted(items, key=lambda item: item.root):
        mistake = item.mistake or (item.location, item.code, item.message)
        groups.setdefault((mistake, item.severity), []).append(item)
    found = []
    for group in groups.values():
        of_roots = list({item.root: item for item in reversed(group)}.values())[::-1]
        first = next((item for item in of_roots if item.engines), of_roots[0])  # in an engine's words if there are any
        others = tuple(item for item in of_roots if item is not first)
        found.append(replace(first, elsewhere=others) if others else first)
    return _one_information(found)


def _one_information(items: list[MergedDiagnostic]) -> list[MergedDiagnostic]:
    """`items`, but one for all that a file lacks of its host: variants and roots lack this and that."""
    first: dict[str, int] = {}
    found: list[MergedDiagnostic] = []
    for item in items:
        number = first.get(item.location.path) if item.code == UNDECLARED else None
        if item.code != UNDECLARED or number is None:
            if item.code == UNDECLARED:
                first[item.location.path] = len(found)
            found.append(item)
            continue
        known = found[number]
        names = list(dict.fromkeys([*known.subject.split(), *item.subject.split()]))
        message = undeclared_words(names, are_hosts=True) if names else known.message
        seen = {known.root, *(one.root for one in known.elsewhere)}
        more = tuple(one for one in (replace(item, elsewhere=()), *item.elsewhere) if one.root not in seen)
        place = min(known.location, item.location)
        found[number] = replace(
            known, location=place, message=message, subject=" ".join(names), elsewhere=(*known.elsewhere, *more)
        )
    return found


def merge(
    root: str,
    variants: Sequence[Variant],
    findings: Sequence[Sequence[Finding]],
    line_of: LineOf,
    accepted: Callable[[str], int],
    engines: Sequence[str] = (),
    known: Callable[[Finding], int] = lambda finding: -1,
    complete: bool = True,
    severity_of: Callable[[Finding, int, int], Severity | None] = lambda finding, holds, unknown: finding.severity,
    deciding: Callable[[Finding], frozenset[str]] = lambda finding: frozenset(),
    dialect: Dialect = GGML,
    combined: Combined | None = None,
    is_last: bool = True,
) -> Steps[tuple[MergedDiagnostic, ...]]:
    """`findings[i]` are those of `variants[i]`: variants that have the same ones are quickest told when these are one
    object. Sets of variants are integers, bit i for variant i. `accepted(engine)`: those that this engine, one of
    `engines`, accepted; `known(finding)`: those in which it would have been found. `complete`: the variants are all
    there are, not a sample. `severity_of(finding, holds, unknown)`: how it is told, given the variants in which it
    holds and those of which nobody knows; None: not at all. `deciding(finding)`: the macros that decide about its
    line. `combined`: what was combined before in the same texts. `is_last`: nobody is judging any more; else conditions
    that rest on what is still unknown are not looked for at length, for they would be others a moment later."""
    groups = yield from _grouped((yield from _combined(findings, line_of, {} if combined is None else combined)))
    if not groups:
        return ()
    facts = yield from list_facts(variants, dialect)
    everything = (1 << len(variants)) - 1
    rank = {name: number for number, name in enumerate(by_preference())}
    merged = []
    named: dict[int, tuple[str, ...]] = {}
    for (mistake, _), members in groups.items():
        yield
        said_by = in_order(engine for _, finding in members for engine in finding.engines)
        first = min(
            (finding for _, finding in members),
            key=lambda one: min((rank.get(name, 0) for name in one.engines), default=len(rank)),
        )
        anybody = replace(first, engines=said_by)
        device = first.judge if first.judge in facts.by_device else ""
        asked = facts.by_device.get(device, everything)
        holds = reduce(or_, (bits for bits, _ in members))
        unknown = asked & ~holds & ~known(anybody)
        told = severity_of(first, holds, unknown)
        if told is None:
            continue
        fits = None
        if complete or facts.of_host or holds == asked:
            free = unknown | everything & ~asked
            prefer = (deciding(first), facts.axes) if holds | free != everything else ()
            thorough = is_last or not unknown
            fits = yield from facts.conditions.condition_steps(holds, thorough, free, prefer)
        yield
        is_exact = not unknown and (complete or holds == asked)
        others = tuple(
            engine
            for engine in engines
            if len({base_of(one) for one in said_by}) == 1
            and told == Severity.ERROR
            and engine not in said_by
            and holds & accepted(engine)
        )
        if holds not in named:
            named[holds] = tuple(variants[index].name for index in _indices(holds))
        names = named[holds]
        merged.append(
            MergedDiagnostic(
                first.location,
                told,
                first.code,
                first.message,
                said_by,
                (
                    *_host_notes(variants[(holds & -holds).bit_length() - 1], fits or ""),
                    *_other_wordings(first, members),
                    *first.related,
                ),
                root,
                names,
                asked.bit_count(),
                fits if is_exact else None,
                tuple(engine for engine in others if not holds & ~accepted(engine)),
                first.unnecessary,
                first.subject,
                (asked & ~unknown).bit_count(),
                not complete,
                None if is_exact else fits,
                mistake,
                device=device,
                accepted_once=others,
            )
        )
    merged.sort(key=lambda item: (item.location.path, item.location.span, item.severity, item.code, item.message))
    return tuple(merged)


Members = list[tuple[int, Finding]]
"""What is said of one mistake, each with the variants of which it is said."""


def _combined(
    findings: Sequence[Sequence[Finding]], line_of: LineOf, known: Combined
) -> Steps[list[tuple[int, Sequence[Finding]]]]:
    """One finding per mistake in a variant, told once for all variants that have the same ones."""
    classes: dict[int, list[int]] = {}
    for index, of_variant in enumerate(findings):
        if of_variant:
            classes.setdefault(id(of_variant), []).append(index)
    combined = []
    for identity, indices in classes.items():
        bits = bits_of(indices, len(findings))
        if identity not in known:
            known[identity] = findings[indices[0]], combine(findings[indices[0]], line_of)
        combined.append((bits, known[identity][1]))
        yield
    return combined


def _grouped(combined: Sequence[tuple[int, Sequence[Finding]]]) -> Steps[dict[tuple[Mistake, Severity], Members]]:
    """The findings of each mistake. What an engine says where our own front end is silent is the same mistake as where
    it is not."""
    owns: dict[Mistake, Mistake] = {}
    for _, found in combined:
        owns.update((_said(finding), _said(finding.own)) for finding in found if finding.own)
        yield
    told: list[list[Mistake]] = []
    distinct = set[Mistake]()  # with numbers and types left out
    for _, found in combined:
        mistakes = [owns.get(said, said) for said in map(_said, found)]
        told.append(mistakes)
        alike: dict[Mistake, Mistake] = {}
        for mistake in mistakes:
            if alike.setdefault(_alike(mistake), mistake) != mistake:
                distinct.add(_alike(mistake))  # one variant has both, so they are two
        yield
    groups: dict[tuple[Mistake, Severity], Members] = {}
    for (bits, findings), mistakes in zip(combined, told, strict=True):
        for finding, said in zip(findings, mistakes, strict=True):
            mistake = said if _alike(said) in distinct else _alike(said)
            members = groups.setdefault((mistake, (finding.own or finding).severity), [])
            if members and members[-1][0] == bits:
                members.pop()  # of several in one variant the last one is told
            members.append((bits, finding))
        yield
    return groups


def _indices(bits: int) -> Iterator[int]:
    return (index for index, digit in enumerate(reversed(f"{bits:b}")) if digit == "1")


def _other_wordings(first: Finding, members: Members) -> tuple[Related, ...]:
    """What is said in the variants in which numbers or types are others than in the words that are shown."""
    by_words = Counter[str]()
    for bits, one in members:
        if one.engines == first.engines:
            by_words[one.message] += bits.bit_count()
    del by_words[first.message]
    notes = [f"in {n} of them: {message}" for message, n in by_words.items()]
    more = len(notes) - _WORDINGS_SHOWN
    if more > 0:
        notes = [*notes[:_WORDINGS_SHOWN], f"and {more} more with other numbers or types"]
    return tuple(Related(first.location, note) for note in notes)


def _said(finding: Finding) -> Mistake:
    return finding.location, finding.code, finding.message


def _alike(mistake: Mistake) -> Mistake:
    location, code, message = mistake
    return location, code, without_numbers_and_types(message)
