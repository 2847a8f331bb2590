"""problems: what is wrong with a module as far as this front end is sure of it, all at once.

Every problem reported is an error to a WGSL compiler too; where a type is unknown nothing is said about it. Not
everything is looked for: uniformity, limits, layout and the values of constants are left to the compilers, and syntax
errors are in `Module.errors`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from wgsl_ls.wgsl.builtins import PREDECLARED
from wgsl_ls.wgsl.facts import Check, Facts
from wgsl_ls.wgsl.globals import Globals
from wgsl_ls.wgsl.matrix_reflection import Declared
from wgsl_ls.wgsl.module import Placed
from wgsl_ls.wgsl.reflection import number_in, reached
from wgsl_ls.wgsl.spelling import MOST_COMPARED, slip_of
from wgsl_ls.wgsl.symbols import Analysis, near_predeclared
from wgsl_ls.wgsl.syntax import (
    ConstAssert,
    Declaration,
    FunctionDeclaration,
    StructDeclaration,
    VariableDeclaration,
)
from wgsl_ls.wgsl.type_checks import checks
from wgsl_ls.wgsl.words import STAGES


@dataclass(frozen=True, slots=True)
class Problem:
    """Code points `start` to `end` of the text. `kind`: "name", "redeclaration", "arity" (of a builtin function),
    "few" (arguments, fewer than a call needs), "call", "type", "condition" (a number whatever its operands are),
    "flow", "member", "selection" (of a vector, whatever its components are), "assignment", "constant", "attribute",
    "binding", "return" or "cycle"; of a reading also "syntax" and "order" (SyntaxProblem).
    `message`: a sentence without a final stop. `candidates`: what may have been meant, best
    first; `meant`: the one that is only a slip away, of members the nearest. `related`: another place
    (start, end, what it is)."""

    kind: str
    start: int
    end: int
    message: str
    candidates: tuple[str, ...] = ()
    related: tuple[tuple[int, int, str], ...] = ()
    meant: str = ""


def problems(analysis: Analysis) -> list[Problem]:
    """In text order. `analysis` must be of a whole text, not of an outline."""
    found = [*_unresolved(analysis), *_redeclared(analysis), *_cyclic(analysis), *_at_one_binding(analysis)]
    for placed in analysis.module.placed:
        node = placed.node
        if isinstance(node, Declaration):
            facts = analysis.globals.facts(placed)
            is_cut_off = _cut_off(placed)
            for check in _checks(placed, node, facts):
                if is_cut_off(check):
                    continue
                if check.member is None or not _declares(analysis, *check.member):
                    found.append(_placed(check, placed.start))
    return sorted(dict.fromkeys(found), key=lambda problem: (problem.start, problem.end))


def check_steps(known: Globals) -> Iterator[None]:
    """Look at each declaration alone; what is found is kept with its text."""
    unresolved: dict[str, None] = {}
    for placed in known.module.placed:
        if isinstance(placed.node, Declaration):
            facts = known.facts(placed)
            yield
            _checks(placed, placed.node, facts)
            yield
            unresolved.update((node.name, None) for node in facts.unresolved)
    for name in islice(unresolved, MOST_COMPARED // len(PREDECLARED)):
        near_predeclared(name)
        yield


def _checks(placed: Placed, node: Declaration, facts: Facts) -> tuple[Check, ...]:
    """Kept with the facts: they depend on nothing else."""
    if facts.checks is None:
        try:
            facts.checks = tuple(checks(node, facts, is_whole=not placed.chunk.problems))
        except RecursionError:
            facts.checks = ()
    return facts.checks


def _cut_off(placed: Placed) -> Callable[[Check], bool]:
    """Whether what a check speaks of ends at a syntax error (`if (a = b)`): it was never read to its end."""
    text = placed.chunk.text
    starts = sorted(one.start for one in placed.chunk.problems)
    ends = {one.end for one in placed.chunk.problems}

    def is_cut_off(check: Check) -> bool:
        index = bisect_left(starts, check.end)  # of those behind, the first is at hand, or none
        return check.end in ends or (index < len(starts) and not text[check.end : starts[index]].strip())

    return is_cut_off


def _placed(check: Check, start: int) -> Problem:
    meant = check.candidates[0] if check.kind == "member" and check.candidates else ""
    problem = Problem(check.kind, start + check.start, start + check.end, check.message, check.candidates, meant=meant)
    if check.earlier is not None:
        first, last = check.earlier
        problem = replace(problem, related=((start + first, start + last, "declared here first"),))
    return problem


def _declares(analysis: Analysis, struct: str, member: str) -> bool:
    """The struct has such a member after all, of a type that could not be understood."""
    placed = analysis.globals.declared.get(struct)
    node = placed.node if placed is not None else None
    return isinstance(node, StructDeclaration) and member in _member_names(node)


@lru_cache(maxsize=256)
def _member_names(node: StructDeclaration) -> frozenset[str]:
    return frozenset(member.name for member in node.members)


def _unresolved(analysis: Analysis) -> Iterator[Problem]:
    told = {one.start for one in analysis.module.errors}
    for one in analysis.unresolved:
        if one.name in analysis.globals.declared or one.start in told:
            continue  # it depends on itself, see _cyclic; or is no name of anything
        # A name one slip away is worth a question; farther ones are for a list of fixes.
        meant = slip_of(one.name, one.candidates) or ""
        question = f"; did you mean '{meant}'?" if meant else ""
        message = f"'{one.name}' is declared nowhere{question}"
        yield Problem("name", one.start, one.end, message, one.candidates, meant=meant)


def _cyclic(analysis: Analysis) -> Iterator[Problem]:
    """Declarations at module scope that need themselves, told once per circle at its first declaration."""
    needs: dict[str, dict[str, None]] = {}
    for _, node, facts in analysis.entries:
        if not isinstance(node, ConstAssert) and node.name:
            unknown = (one.name for one in facts.unresolved if one.name in analysis.globals.declared)
            needs.setdefault(node.name, facts.globals | dict.fromkeys(unknown))
    order = {name: index for index, name in enumerate(needs)}
    found: list[tuple[int, list[str]]] = []
    for circle in _circles(needs):
        places = [order[name] for name in circle]
        first = places.index(min(places))
        found.append((places[first], [*circle[first:], *circle[: first + 1]]))
    for _, circle in sorted(found):
        symbol = analysis.global_symbol(circle[0])
        placed = analysis.globals.declared[circle[0]]
        declaration = placed.node
        if isinstance(declaration, Declaration) and not isinstance(declaration, ConstAssert):
            start = symbol.start if symbol is not None else placed.start + declaration.name_start
            way = " needs ".join(f"'{name}'" for name in circle)
            yield Problem("cycle", start, start + len(circle[0]), f"this depends on itself: {way}")


def _at_one_binding(analysis: Analysis) -> Iterator[Problem]:
    """Variables at the binding of an earlier one, if an entry point uses both: then the host cannot bind them."""
    at: dict[tuple[int, int], list[str]] = {}
    declared: Declared = {}
    for start, node, facts in analysis.entries:
        if not isinstance(node, ConstAssert):
            declared.setdefault(node.name, (start, node, facts))
    for name, (_, node, facts) in declared.items():
        if isinstance(node, VariableDeclaration) and node.keyword == "var":
            group, binding = (number_in(node.attributes, one, facts) for one in ("group", "binding"))
            if group is not None and binding is not None:
                at.setdefault((group, binding), []).append(name)
    shared = {place: names for place, names in at.items() if len(names) > 1}
    told: set[str] = set()
    for user, (_, node, _) in declared.items() if shared else ():
        if not isinstance(node, FunctionDeclaration) or not any(one.name in STAGES for one in node.attributes):
            continue
        used = reached(user, declared)
        for (group, binding), names in shared.items():
            first, *others = (name for name in names if name in used) if used.intersection(names) else ("",)
            for name in others:
                if name not in told:
                    told.add(name)
                    yield _at(declared, name, first, f"@group({group}) @binding({binding})", user)


def _at(declared: Declared, name: str, first: str, where: str, user: str) -> Problem:
    places = [
        (start + node.name_start, start + node.name_end)
        for start, node, _ in (declared[name], declared[first])
        if not isinstance(node, ConstAssert)
    ]
    message = f"'{name}' is at {where} like '{first}', and '{user}' uses both"
    return Problem("binding", *places[0], message, related=((*places[1], f"'{first}' is bound there"),))


def _circles(needs: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Names that need each other in a ring, no name in two of them, at least one ring of each set of names that all
    need each other. Depth first: every need is looked at once."""
    seen: set[str] = set()
    told: set[str] = set()
    for first in needs:
        if first in seen:
            continue
        way = {first: iter(needs[first])}  # from `first` to where we are; in order
        seen.add(first)
        while way:
            name, rest = next(reversed(way.items()))
            needed = next(rest, None)
            if needed is None:
                del way[name]
            elif needed in way:
                names = list(way) if told.isdisjoint((name, needed)) else [needed]
                circle = names[names.index(needed) :]
                if told.isdisjoint(circle):
                    told.update(circle)
                    yield circle
            elif needed in needs and needed not in seen:
                seen.add(needed)
                way[needed] = iter(needs[needed])


def _redeclared(analysis: Analysis) -> Iterator[Problem]:
    for occurrence in analysis.redeclared:
        related: tuple[tuple[int, int, str], ...] = ()
        if occurrence.symbol is not None:
            related = ((occurrence.symbol.start, occurrence.symbol.end, "declared here first"),)
        message = f"'{occurrence.name}' is declared a second time"
        yield Problem("redeclaration", occurrence.start, occurrence.end, message, (), related)
