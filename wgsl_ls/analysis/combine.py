"""Combine: within one variant, one finding for what several judges say about one mistake.

Engines first: what they say about the same place becomes one finding in the words of the clearest, the others' as
notes. Then our own front end: its finding is that of an engine when both stand on the same line and are of one kind.
The engine's words are shown then, and ours are kept beside them (`Finding.own`): ours are the same in every variant,
also in those in which the engines stop at an earlier error. Each finding of ours is folded into one at most. An
engine's message without a place is nobody's partner: where it is shown (the root's first line) says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

from wgsl_ls.analysis.findings import FRONT_END, SEE_ALSO, Finding
from wgsl_ls.text.diagnostic import Related
from wgsl_ls.text.span import Location
from wgsl_ls.wire.engine_specs import by_preference, engine_title, in_order

_MOST_OF_ONE = 400
"""Characters of an expression; a declaration around a mistake is no place of it."""
LineOf = Callable[[Location], int]
_KINDS = {"wgsl/parse": "syntax", "wgsl/syntax": "syntax", "wgsl/name": "name", "wgsl/lint": "", "wgsl/deprecated": ""}
"""What a rule speaks of, as far as that tells two mistakes on one line from each other; "": of no mistake."""


def combine(findings: Sequence[Finding], line_of: LineOf) -> list[Finding]:
    """`findings`: of one variant."""
    if not findings:
        return []
    rank = {name: number for number, name in enumerate(by_preference())}
    alone: list[Finding] = []
    lacking: dict[Finding, tuple[str, ...]] = {}
    told: list[Finding] = []
    own: list[Finding] = []
    for finding in findings:
        if finding.code.startswith("portability/"):  # the text is right, an engine lacks something
            anybody = replace(finding, engines=())
            lacking[anybody] = (*lacking.get(anybody, ()), *finding.engines)
            continue
        by_engine = len(finding.engines) == 1 and finding.engines[0] in rank
        (told if by_engine else own if finding.judge == FRONT_END else alone).append(finding)
    told.sort(key=lambda finding: rank[finding.engines[0]])
    bridged = [replace(finding, engines=in_order(engines)) for finding, engines in lacking.items()]
    return [*alone, *bridged, *_with_own(_engines_combined(told, line_of), own, line_of)]


def _engines_combined(told: Sequence[Finding], line_of: LineOf) -> list[Finding]:
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
    return [_joined(finding, same) for finding, same in zip(combined, partners, strict=True)]


def _joined(finding: Finding, partners: Sequence[Finding]) -> Finding:
    if not partners:
        return finding
    notes = [Related(other.location, f"{engine_title(other.engines[0])}: {other.message}") for other in partners]
    here = Related(finding.location, SEE_ALSO)  # what the others only point at is where this one stands
    extra = [related for other in partners for related in other.related if related != here]
    subject = next((one.subject for one in (finding, *partners) if one.subject), "")
    engines = in_order([*finding.engines, *(engine for other in partners for engine in other.engines)])
    related = tuple(dict.fromkeys([*finding.related, *notes, *extra]))
    places = tuple(dict.fromkeys([*finding.places, *(place for other in partners for place in other.places)]))
    severity = min(one.severity for one in (finding, *partners))
    return replace(finding, severity=severity, engines=engines, related=related, subject=subject, places=places)


def _partner(finding: Finding, others: list[Finding], line_of: LineOf) -> int | None:
    """The finding of the other engine that speaks of the same mistake: same severity (or rule: a user may take it more
    seriously from one of them) and the same line; else one whose primary place lies inside one of this one's places;
    else one of the same rule whose expression is around this one's, or inside it."""
    if not finding.places:
        return None
    same = [
        index
        for index, other in enumerate(others)
        if other.places and (other.severity == finding.severity or other.code == finding.code)
    ]  # fmt: skip
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
    for index in same:  # of an expression of several lines one engine names the whole, another the part that is wrong
        there = others[index].location
        if others[index].code == finding.code and there.path == finding.location.path and _is_within(finding, there):
            return index
    return None


def _is_within(finding: Finding, whole: Location) -> bool:
    part = finding.location.span
    covers = whole.span.covers(part) or part.covers(whole.span)
    return covers and max(whole.span.end - whole.span.start, part.end - part.start) <= _MOST_OF_ONE


def _with_own(told: list[Finding], own: Sequence[Finding], line_of: LineOf) -> list[Finding]:
    first_syntax = next((one for one in own if one.code == "wgsl/syntax"), None)
    likely: list[tuple[tuple[int, int], int, int]] = []
    for (number, finding), (index, mine) in product(enumerate(told), enumerate(own)):
        likeness = _likeness(finding, mine, first_syntax, line_of)
        if likeness is not None:
            likely.append((likeness, number, index))
    partner: dict[int, int] = {}
    for _, number, index in sorted(likely):
        if number not in partner and index not in partner.values():
            partner[number] = index
    combined = []
    for number, finding in enumerate(told):
        if number in partner:
            mine = own[partner[number]]
            if mine is first_syntax and _is_before(mine, finding):
                # Nobody notices a syntax error before its cause: the first to notice is the nearest to it.
                note = Related(finding.location, f"{engine_title(finding.engines[0])}: {finding.message}")
                told_by_us = replace(mine, engines=finding.engines, related=(*mine.related, note), own=mine)
                combined.append(replace(told_by_us, severity=min(mine.severity, finding.severity)))
                continue
            hint = (Related(mine.location, f"did you mean '{mine.meant}'?"),) if mine.meant else ()
            finding = replace(
                finding,
                severity=min(finding.severity, mine.severity),
                own=mine,
                judge=FRONT_END,
                subject=finding.subject or mine.subject,
                related=(*hint, *finding.related),
            )
        combined.append(finding)
    rest = [replace(mine, own=mine) for index, mine in enumerate(own) if index not in partner.values()]
    return [*combined, *rest]


def _is_before(one: Finding, other: Finding) -> bool:
    return one.location.path == other.location.path and one.location.span.end <= other.location.span.start


def _likeness(finding: Finding, own: Finding, first_syntax: Finding | None, line_of: LineOf) -> tuple[int, int] | None:
    """How sure it is that an engine and we speak of the same mistake, the least the surest; None when not."""
    kind = _KINDS.get(finding.code, "other")
    mine = _KINDS.get(own.code, "other")
    if kind != mine:
        # What one parser finds missing at a place another one's type checks may.
        begins = {(place.path, place.span.start) for place in finding.places}
        is_there = {kind, mine} == {"syntax", "other"} and (own.location.path, own.location.span.start) in begins
        return (3, 0) if is_there else None
    # An engine reads no further than to the first one, wherever it notices it: better than nothing.
    as_first = (4, 0) if kind == "syntax" and own is first_syntax else None
    path, span = own.location.path, own.location.span
    here = [place.span for place in finding.places if place.path == path]
    if line_of(own.location) not in {line_of(Location(path, one)) for one in here}:
        return as_first
    if kind == "name" and finding.subject:
        return (0, 0) if finding.subject == own.subject else None
    distance = min(abs(one.start - span.start) + abs(one.end - span.end) for one in here)
    return (1 if any(one.intersects(span) for one in here) else 2), distance
