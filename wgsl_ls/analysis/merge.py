"""Merge: findings per variant -> MergedDiagnostic, one per mistake, with its variants, engines and condition.

Two steps. Within a variant, what several engines say about the same place becomes one finding (the words of the
clearest, the others' as notes). Across variants, equal findings become one diagnostic, and the shortest macro
condition that is true for exactly its variants is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.minimise import minimiser
from wgsl_ls.analysis.rule import is_certain
from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.listing import first_of
from wgsl_ls.text.span import Location
from wgsl_ls.wire.engine_specs import by_preference, engine_title, in_order

_NAMES_SHOWN = 3
_PLACES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class MergedDiagnostic:
    """`variants`: names of those in which it holds, in the root's order; `n_judged`: of how many it is known whether it
    holds; `n_variants`: how many the root has. `condition`: the shortest macro condition that is true for exactly
    those variants, "" when it is all of them, None when there is no short one or not everything was judged; `sampled`:
    the variants are not all that the host can make. `fits`:
    then the shortest condition that goes with what was judged, if there is a short one. `engines`: who says it;
    `accepted_by`: engines that judged the same variants and accepted all of them."""

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

    @property
    def n_holds(self) -> int:
        return len(self.variants)

    @property
    def summary(self) -> str:
        """ "in 12 of 96 variants (wgpu, dawn): only when K_Q4_0 && !K_DIRECT", "seen in 4 of 16 judged of 24 variants
        (dawn), for example A, B; it fits HAS_SINK", or "" when there is only one variant."""
        if not self.variants:
            return ""
        who = f" ({', '.join(self.engines)})" if self.engines else ""
        also = f"; {' and '.join(self.accepted_by)} accepts it" if self.accepted_by else ""
        if self.n_variants == 1:
            return f"{who.strip()}{also}"
        names = first_of(self.variants, _NAMES_SHOWN)
        if self.n_judged < self.n_variants:
            fits = f"; it fits {self.fits}" if self.fits else ""
            share = f"seen in {self.n_holds} of {self.n_judged} judged of {self.n_variants} variants{who}"
            return f"{share}, for example {names}{fits}{also}"
        if self.n_holds == self.n_variants:
            return f"in all {self.n_variants} variants{who}{also}"
        if self.condition:
            return f"in {self.n_holds} of {self.n_variants} variants{who}: only when {self.condition}{also}"
        if self.condition is None and self.sampled:
            return f"seen in {self.n_holds} of {self.n_judged} judged variants{who}, for example {names}{also}"
        return f"in {self.n_holds} of {self.n_variants} variants{who}: {names}{also}"


LineOf = Callable[[Location], int]


def combine_engines(findings: Sequence[Finding], line_of: LineOf) -> list[Finding]:
    """Within one variant: one finding for what several engines say about the same place, in the words of the
    clearest; what the others say becomes notes."""
    if not findings:
        return []
    rank = {name: number for number, name in enumerate(by_preference())}
    alone = [finding for finding in findings if len(finding.engines) != 1 or finding.engines[0] not in rank]
    told = [finding for finding in findings if len(finding.engines) == 1 and finding.engines[0] in rank]
    told.sort(key=lambda finding: rank[finding.engines[0]])
    combined: list[Finding] = []
    partners: list[list[Finding]] = []
    for finding in told:
        others = [index for index, other in enumerate(combined) if other.engines != finding.engines]
        partner = _partner(finding, [combined[index] for index in others], line_of)
        if partner is None:
            combined.append(finding)
            partners.append([])
        else:
            partners[others[partner]].append(finding)
    return alone + [_joined(finding, same) for finding, same in zip(combined, partners, strict=True)]


def _joined(finding: Finding, partners: Sequence[Finding]) -> Finding:
    if not partners:
        return finding
    notes = [Related(other.location, f"{engine_title(other.engines[0])}: {other.message}") for other in partners]
    extra = [related for other in partners for related in other.related]
    subject = next((one.subject for one in (finding, *partners) if one.subject), "")
    engines = in_order([*finding.engines, *(engine for other in partners for engine in other.engines)])
    related = tuple(dict.fromkeys([*finding.related, *notes, *extra]))
    return replace(finding, engines=engines, related=related, subject=subject)


def _host_notes(variant: Variant, condition: str) -> tuple[Related, ...]:
    """Where the host's code gives the macros of a condition to `variant`, and what it asks for that variant with."""
    if variant.asked_by is None:
        return ()
    notes: list[Related] = []
    for name in dict.fromkeys(IDENTIFIER.findall(condition)):
        given = variant.given(name)
        if given is not None:
            example = f"; for example with {variant.asked_with}" if variant.asked_with and not notes else ""
            notes.append(Related(given.location, f"{name} is {variant.given_words(given)}{example}"))
    return tuple(notes[:_PLACES_SHOWN])


def _partner(finding: Finding, others: list[Finding], line_of: LineOf) -> int | None:
    """The finding of the other engine that speaks of the same mistake: same severity and the same line; else one
    whose primary place lies inside one of this one's places; else the only one there is in the same file."""
    same = [index for index, other in enumerate(others) if other.severity == finding.severity]
    line = line_of(finding.location)
    for index in same:
        other = others[index]
        if other.location.path == finding.location.path and line_of(other.location) == line:
            return index
    for index in same:
        there = others[index].location
        for place in finding.places[1:]:
            if place.path == there.path and (line_of(place) == line_of(there) or place.span.covers(there.span)):
                return index
    return None


def merge(
    root: str,
    variants: Sequence[Variant],
    findings: Sequence[Sequence[Finding]],
    line_of: LineOf,
    accepted: Callable[[str, int], bool],
    engines: Sequence[str] = (),
    known: Callable[[Finding], int] = lambda finding: -1,
    complete: bool = True,
) -> tuple[MergedDiagnostic, ...]:
    """`findings[i]` are those of `variants[i]`; `accepted(engine, i)`: that engine, one of `engines`, accepted that
    variant; `known(finding)`: the variants (bit i for variant i) in which it would have been
    found. `complete`: the variants are all there are, not a
    sample. Errors in variants that nobody declared (inferred, default) are warnings."""
    groups: dict[tuple[Location, str, str, Severity], dict[int, Finding]] = {}
    for index, of_variant in enumerate(findings):
        guessed = variants[index].origin in ("inferred", "default")
        for finding in combine_engines(of_variant, line_of):
            severity = finding.severity
            if guessed and severity == Severity.ERROR and not is_certain(finding.code):
                severity = Severity.WARNING
            key = (finding.location, finding.code, finding.message, severity)
            groups.setdefault(key, {})[index] = finding
    conditions = minimiser([variant.defines for variant in variants]) if groups else None
    everything = (1 << len(variants)) - 1
    merged = []
    for (location, code, message, severity), members in groups.items():
        said_by = in_order(engine for finding in members.values() for engine in finding.engines)
        first = next(iter(members.values()))
        indices = sorted(members)
        anybody = replace(first, engines=said_by) if said_by != first.engines else first
        holds = sum(1 << index for index in indices)
        unknown = everything & ~holds & ~known(anybody)
        fits = conditions.condition(holds, free=unknown) if conditions and (complete or holds == everything) else None
        others = tuple(
            engine
            for engine in engines
            if len(said_by) == 1
            and severity == Severity.ERROR
            and engine not in said_by
            and all(accepted(engine, index) for index in indices)
        )
        merged.append(
            MergedDiagnostic(
                location,
                severity,
                code,
                message,
                said_by,
                (*first.related, *_host_notes(variants[indices[0]], fits or "")),
                root,
                tuple(variants[index].name for index in indices),
                len(variants),
                None if unknown else fits,
                others,
                first.unnecessary,
                first.subject,
                len(variants) - unknown.bit_count(),
                not complete,
                fits if unknown else None,
            )
        )
    merged.sort(key=lambda item: (item.location.path, item.location.span, item.severity, item.code, item.message))
    return tuple(merged)
