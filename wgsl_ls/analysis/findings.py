"""Findings: what one variant's preprocessing and one engine's result say, at written places.

A finding belongs to one variant; merge.py folds equal ones together. Engine messages come in expanded offsets and
are mapped through the variant's current source map; the macros and includes on the way become related places.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from operator import itemgetter
from sys import getsizeof
from typing import TYPE_CHECKING

from wgsl_ls.analysis.front_end import UNREAD
from wgsl_ls.preprocess.expansion import Expansion, Piece
from wgsl_ls.preprocess.outcomes import Outcome
from wgsl_ls.project.rule_settings import RuleSettings, RuleSeverities
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wire.engine_specs import engine_title
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileResult,
    Crashed,
    DeviceLost,
    EngineMessage,
    Rejected,
    TimedOut,
)

if TYPE_CHECKING:
    from wgsl_ls.wgsl.problems import Problem
    from wgsl_ls.wgsl.spelling import Slips

FRONT_END = "front-end"
"""The name of our own parser and type checks as a judge."""
UNREAD_RULE = f"wgsl/{UNREAD}"
"""What is no mistake, so that whoever accepts the text does not refute it."""
PROFILE = "profile/"
"""What stands before the name of a device profile as a judge."""
SEE_ALSO = "see also"
"""Of a place that an engine only points at."""
_MOST_MACROS = 10
"""That led to one place, of which a finding tells."""
_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFORMATION}


@dataclass(frozen=True, slots=True)
class Finding:
    """`engines`: who says it, empty for the preprocessor and our own checks, of which `judge` tells which (empty: the
    preprocessor). `places`: all places of an engine's message, the primary first; two engines mean the same mistake
    when theirs touch. `subject`: the word that the fix of its rule needs (the unresolved name, the extension
    that is not enabled, the name that was meant). `meant`: a name one slip away from the unresolved one."""

    location: Location
    severity: Severity
    code: str
    message: str
    engines: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    places: tuple[Location, ...] = ()
    unnecessary: bool = False
    subject: str = ""
    judge: str = ""
    own: Finding | None = None
    meant: str = ""

    @property
    def judges(self) -> tuple[str, ...]:
        """Who could have said it of another variant."""
        return (*self.engines, self.judge) if self.judge else self.engines


def preprocess_findings(expansion: Expansion) -> list[Finding]:
    return [
        Finding(
            diagnostic.location, diagnostic.severity, diagnostic.code, diagnostic.message, related=diagnostic.related
        )
        for diagnostic in expansion.diagnostics
    ]


def engine_findings(expansion: Expansion, engine: str, result: CompileResult) -> list[Finding]:
    """Findings of one engine in one variant; none for what is no fault of the text (unsupported, unavailable)."""
    root = Location(expansion.root.path, _first_line(expansion.root.text))
    title = engine_title(engine)
    if isinstance(result, Accepted | Rejected):
        pieces = tuple(expansion.pieces()) if result.messages and expansion.layout is None else ()
        found = [
            _of_piece(expansion, pieces, engine, message, root)
            for message in result.messages
            if message.kind != "limit"
        ]
        for bridged in result.bridged:
            origin = expansion.source_map.written(bridged.start, bridged.end)
            if origin is not None:
                place = origin.location
                code = f"portability/{bridged.kind}"
                found.append(Finding(place, Severity.INFORMATION, code, bridged.text, (engine,), places=(place,)))
        distinct = {id(one): one for one in found}  # most are shared, and to compare them takes longer
        return list(dict.fromkeys(distinct.values()))
    if isinstance(result, Crashed):
        detail = f": {result.last_words}" if result.last_words else ""
        origin = expansion.source_map.written(result.start, result.end)
        name = f" in '{expansion.text[result.start : result.end]}'" if origin is not None else ""
        message = f"{title} crashed on this text ({result.signal}){name}{detail}"
        location = origin.location if origin is not None else root
        return [Finding(location, Severity.ERROR, "engine/crashed", message, (engine,))]
    if isinstance(result, TimedOut):
        message = f"{title} did not answer within {result.seconds:g} s and was stopped: it says nothing of this text"
        return [Finding(root, Severity.INFORMATION, "engine/timed-out", message, (engine,))]
    if isinstance(result, DeviceLost):
        message = f"{title} lost its device twice while it compiled this text, and says nothing of it: {result.detail}"
        return [Finding(root, Severity.INFORMATION, "engine/device-lost", message, (engine,))]
    return []


def with_severities(findings: Sequence[Finding], settings: RuleSettings) -> Sequence[Finding]:
    """With the severities that somebody gave to rules, less what is switched off; the same list when nobody did."""
    severities = RuleSeverities(settings)
    if not any(finding.code in severities for finding in findings):
        return findings
    return [
        replace(finding, severity=severity)
        for finding in findings
        if (severity := severities.of(finding.code, finding.severity, _targets(finding))) is not None
    ]


def _targets(finding: Finding) -> list[str]:
    """Who says it, by the names of targets: engines, device profiles; "" for our own checks."""
    return ["" if judge == FRONT_END else judge.removeprefix(PROFILE) for judge in finding.judges]


def problem_findings(expansion: Expansion, problems: Iterable[Problem]) -> list[Finding]:
    """What our own front end is sure of."""
    found = []
    macros = cache(lambda: _slips(tuple(one for one in expansion.replay.table_at_end() if one.isidentifier())))
    for problem in problems:
        origin = expansion.source_map.written(problem.start, max(problem.end, problem.start + 1))
        if origin is not None:
            related = _stack(expansion, problem.start)
            if problem.kind == "syntax":
                related.extend(_left_open(expansion, problem.start, origin.location.path))
                related.extend(_hidden(expansion, problem.start))
            for start, end, what in problem.related:
                place = expansion.source_map.written(start, end)
                related.extend([Related(place.location, what)] if place is not None else [])
            subject = expansion.text[problem.start : problem.end] if problem.kind == "name" else ""
            meant = problem.meant
            if subject:
                if not meant and (meant := macros().of(subject) or ""):
                    related.append(Related(origin.location, f"did you mean '{meant}'?"))
                related.extend(_becomes_a_macro(expansion, subject))
            code = f"wgsl/{_CODES.get(problem.kind, 'type')}"
            found.append(
                Finding(
                    origin.location,
                    Severity.WARNING if problem.kind == UNREAD else Severity.ERROR,
                    code,
                    problem.message,
                    related=tuple(dict.fromkeys(related)),
                    subject=subject,
                    judge=FRONT_END,
                    meant=meant,
                )
            )
    return found


_CODES = {
    "syntax": "syntax",
    UNREAD: "unread",
    "name": "name",
    "redeclaration": "validation",
    "cycle": "validation",
    "order": "validation",
    "flow": "validation",
    "assignment": "validation",
    "constant": "validation",
    "attribute": "validation",
    "binding": "validation",
}


def _first_line(text: str) -> Span:
    end = text.find("\n")
    return Span(0, len(text) if end == -1 else end)


_OF_PIECES: Memo[object, tuple[Outcome, Finding]] = Memo(8_000_000, lambda kept: getsizeof(kept[0].text) + 500)
"""What compilers say of code that variants share: warnings are the same in thousands of texts. With the outcome by
whose identity one is found, which lives as long."""


def _of_piece(
    expansion: Expansion, pieces: Sequence[Piece], engine: str, message: EngineMessage, root: Location
) -> Finding:
    """`_from_message`, made once for code that was copied from one place, whatever the variant."""
    key = _key_of(expansion, pieces, engine, message)
    if key is None:
        return _from_message(expansion, engine, message, root)
    outcome, identity = key
    kept = _OF_PIECES.get(identity)
    if kept is None:
        kept = _OF_PIECES.put(identity, (outcome, _from_message(expansion, engine, message, root)))
    return kept[1]


def _key_of(
    expansion: Expansion, pieces: Sequence[Piece], engine: str, message: EngineMessage
) -> tuple[Outcome, object] | None:
    """All that the finding of a message rests on; None where it rests on more than the code that it speaks of."""
    if not pieces or not message.spans or message.kind == "parse":
        return None
    if message.kind == "name" and expansion.may_define(message.subject):
        return None
    first = message.spans[0]
    start, where, offset, outcome = pieces[bisect_right(pieces, first.start, key=itemgetter(0)) - 1]
    length = len(outcome.text)
    spans = []
    for span in message.spans:
        begin, end = span.start - start, span.end - start
        if not 0 <= begin < end <= length:
            return None
        if any(_is_out_of_macro(outcome, at) for at in (begin, end - 1)):
            return None  # where and what macros are is not the same for all; between these places it is
        spans.append((begin, end, span.label))
    words = message.severity, message.kind, message.text, message.notes, message.subject
    file = expansion.root.path, tuple((expansion.paths.get(name), name, at) for name, at in where), offset
    return outcome, (id(outcome), file, tuple(spans), engine, words)


def _is_out_of_macro(outcome: Outcome, at: int) -> bool:
    uses = outcome.uses  # one behind the other
    index = bisect_right(uses, at, key=itemgetter(3))
    return index < len(uses) and uses[index][2] <= at


def _from_message(expansion: Expansion, engine: str, message: EngineMessage, root: Location) -> Finding:
    related: list[Related] = []
    places: list[Location] = []
    location = root
    for index, span in enumerate(message.spans):
        origin = expansion.source_map.written(span.start, span.end)
        if origin is None:
            continue
        places.append(origin.location)
        if index == 0:
            location = origin.location
            related.extend(_stack(expansion, span.start) or _stack(expansion, max(span.start, span.end - 1)))
        elif span.label or origin.location != location:
            related.append(Related(origin.location, span.label or SEE_ALSO))
    if message.kind == "parse" and message.spans and places:
        related.extend(_left_open(expansion, message.spans[0].start, places[0].path))
        related.extend(_hidden(expansion, message.spans[0].start))
    if message.kind == "name":
        related.extend(_becomes_a_macro(expansion, message.subject))
    related.extend(Related(location, f"note: {note}") for note in message.notes)
    # A deprecated name works; an editor strikes it through, and a report would only repeat it per use.
    severity = Severity.HINT if message.kind == "deprecated" else _SEVERITIES[message.severity]
    return Finding(
        location,
        severity,
        f"wgsl/{message.kind}",
        message.text,
        (engine,),
        tuple(dict.fromkeys(related)),
        tuple(places),
        subject=message.subject,
    )


def _becomes_a_macro(expansion: Expansion, name: str) -> list[Related]:
    """Where a name without a meaning becomes a macro: at its use it was none yet, else nobody had seen the name."""
    later = expansion.replay.table_at_end().get(name)
    if later is None or later.location is None:
        return []
    return [Related(later.location, f"{later.name} becomes a macro only here, behind this use")]


@lru_cache(maxsize=32)
def _slips(macros: tuple[str, ...]) -> Slips:
    """To find the one that a name without a meaning is a slip away from: a tenth of a megabyte for some hundred macros,
    and each of thousands of variants may lack a name."""
    from wgsl_ls.wgsl.spelling import Slips

    return Slips(macros)


def _left_open(expansion: Expansion, offset: int, path: str) -> list[Related]:
    """What stands before `offset`, when that is the end of another file than `path`: there something was left open."""
    text, end = expansion.text, offset
    while end and text[end - 1].isspace():
        end -= 1
    origin = expansion.origin(end - 1) if end else None
    if origin is None or origin.location.path == path:
        return []
    name = origin.location.path.rpartition("/")[2]
    return [Related(origin.location, f"{name} ends here; what is missing may be missing there")]


def _hidden(expansion: Expansion, offset: int) -> list[Related]:
    """The macros whose values bring a line comment into the line at `offset` or the one before: what stands behind them
    there is not read."""
    text = expansion.text
    line_start = text.rfind("\n", 0, offset) + 1
    before = text.rfind("\n", 0, max(line_start - 1, 0)) + 1
    end = text.find("\n", offset)
    found: list[Related] = []
    # Behind the first of a line all is comment.
    firsts = (text.find("//", before, line_start), text.find("//", line_start, end if end != -1 else len(text)))
    for start in firsts:
        for step in expansion.macro_steps(start):
            if "//" in step.definition.value and step.definition.location is not None:
                what = f"the value of {step.definition.name} has a comment, which hides the rest of this line"
                found.append(Related(step.definition.location, what))
    return found


def _stack(expansion: Expansion, offset: int) -> list[Related]:
    """Related places for the macros and includes through which an expanded character came."""
    related: list[Related] = []
    steps = expansion.macro_steps(offset, _MOST_MACROS + 1)
    for index, step in enumerate(steps[:_MOST_MACROS], 1):
        definition = step.definition
        shown = definition.value if len(definition.value) <= 60 else definition.value[:57] + "..."
        more = ", and so on" if index == _MOST_MACROS < len(steps) else ""
        if definition.location is not None:
            related.append(Related(definition.location, f"{definition.name} is defined here as '{shown}'{more}"))
        elif step.use is not None:
            related.append(Related(step.use, f"{definition.name} is given by the variant as '{shown}'{more}"))
    origin = expansion.origin(offset)
    if origin is not None:
        name = origin.location.path.rpartition("/")[2]
        related.extend(Related(site, f"{name} is included here") for site in origin.includes)
    return related
