"""The shortest macro condition that is true for exactly the given variants: the "only when ..." of a diagnostic.

Exact over what the variants can tell apart: literals are "macro is defined", "macro has this value" and their
negations; a set of variants is one integer, bit i for variant i. First one literal, then conjunctions of two and
three, then a shortest-first cover by conjunctions. No answer (None) is better than a long one: callers then name
the variants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

_MAXIMUM_TERMS = 4
_MAXIMUM_LITERALS = 120


@dataclass(frozen=True, slots=True)
class _Literal:
    text: str
    bits: int
    cost: int
    macro: str


def shortest_condition(
    variants: Sequence[Mapping[str, str]], members: Iterable[int], unknown: Iterable[int] = ()
) -> str | None:
    """`variants`: the defines of each; `members`: indices where something holds; `unknown`: where nobody knows, so the
    condition may be true or not. "" when it may hold in all of them; None when no condition of reasonable length says
    it."""
    found = minimiser([tuple(defines.items()) for defines in variants])
    return found.condition(sum(1 << index for index in members), free=sum(1 << index for index in unknown))


def minimiser(defines: Sequence[tuple[tuple[str, str], ...]]) -> Minimiser:
    """The conditions of a list of variants; the same object for the same list."""
    return _minimiser(tuple(tuple(sorted(one)) for one in defines))


class Minimiser:
    """The conditions of one list of variants, its literals made once. `defines`: of each variant."""

    def __init__(self, defines: Sequence[Mapping[str, str]]) -> None:
        variants = tuple(tuple(sorted(one.items())) for one in defines)
        self._everything = (1 << len(variants)) - 1
        self._literals = _literals(variants, self._everything)
        self._known: dict[tuple[int, int, bool], str | None] = {}

    def condition(self, wanted: int, thorough: bool = True, free: int = 0) -> str | None:
        """Like shortest_condition, for sets of variants given as integers (`free`: the unknown ones). `thorough`
        False: only what is found within a millisecond or so (one or two literals)."""
        key = (wanted, free, thorough)
        if key not in self._known:
            if len(self._known) > 4096:
                self._known.clear()
            self._known[key] = self._shortest(wanted, free, thorough)
        return self._known[key]

    def _shortest(self, wanted: int, free: int, thorough: bool) -> str | None:
        if wanted | free == self._everything:
            return ""
        if not wanted:
            return None
        for literal in self._literals:
            if literal.bits & ~free == wanted:
                return literal.text
        useful = [literal for literal in self._literals if literal.bits & wanted][:_MAXIMUM_LITERALS]
        implied = [literal for literal in useful if wanted & ~literal.bits == 0]
        for size in (2, 3) if thorough else (2,):
            best = _conjunction(implied, wanted, free, size)
            if best is not None:
                return best
        either = _pair_of_literals(useful, wanted, free)
        if either is not None or not thorough:
            return either
        return _cover(useful, wanted, free)


@lru_cache(maxsize=32)
def _minimiser(variants: tuple[tuple[tuple[str, str], ...], ...]) -> Minimiser:
    return Minimiser([dict(defines) for defines in variants])


def _literals(variants: tuple[tuple[tuple[str, str], ...], ...], everything: int) -> list[_Literal]:
    """All literals that hold in some variants but not in all, the plainest first, one for each set of variants."""
    defined: dict[str, int] = {}
    valued: dict[tuple[str, str], int] = {}
    for index, defines in enumerate(variants):
        for name, value in defines:
            defined[name] = defined.get(name, 0) | 1 << index
            valued[name, value] = valued.get((name, value), 0) | 1 << index
    found: list[_Literal] = []
    with_value = {name for name, value in valued if value}
    for name, bits in defined.items():
        text = f"defined({name})" if name in with_value else name
        found.append(_Literal(text, bits, 10, name))
        found.append(_Literal(f"!{text}", everything & ~bits, 12, name))
    values_of: dict[str, int] = {}
    for name, _ in valued:
        values_of[name] = values_of.get(name, 0) + 1
    numbers: dict[str, list[tuple[int, int]]] = {}
    for (name, value), bits in valued.items():
        if values_of[name] > 1 and value:
            found.append(_Literal(f"{name} == {value}", bits, 14, name))
            found.append(_Literal(f"{name} != {value}", defined[name] & ~bits, 16, name))
            digits = value[:-1] if value[-1:] in "ui" else value
            if digits.isdigit():
                numbers.setdefault(name, []).append((int(digits), bits))
    for name, entries in numbers.items():
        entries.sort()
        for at in range(1, len(entries)):
            above = sum(bits for _, bits in entries[at:])
            below = sum(bits for _, bits in entries[:at])
            found.append(_Literal(f"{name} >= {entries[at][0]}", above, 15, name))
            found.append(_Literal(f"{name} <= {entries[at - 1][0]}", below, 15, name))
    found.sort(key=lambda literal: (literal.cost, len(literal.text), literal.text))
    distinct: dict[int, _Literal] = {}
    for literal in found:
        if literal.bits not in (0, everything):
            distinct.setdefault(literal.bits, literal)
    return list(distinct.values())


def _conjunction(literals: list[_Literal], wanted: int, free: int, size: int) -> str | None:
    best: tuple[int, str] | None = None
    candidates = literals if size == 2 else literals[:60]
    for group in combinations(candidates, size):
        bits = group[0].bits
        for literal in group[1:]:
            bits &= literal.bits
        if bits & ~free == wanted:
            cost = sum(literal.cost for literal in group)
            if best is None or cost < best[0]:
                best = (cost, " && ".join(literal.text for literal in group))
    return best[1] if best else None


def _pair_of_literals(literals: list[_Literal], wanted: int, free: int) -> str | None:
    inside = [literal for literal in literals if literal.bits & ~(wanted | free) == 0]
    for left, right in combinations(inside, 2):
        if (left.bits | right.bits) & ~free == wanted:
            return f"{left.text} || {right.text}"
    return None


def _cover(literals: list[_Literal], wanted: int, free: int) -> str | None:
    """A short "a && b || c": greedy over the conjunctions (up to three literals) that lie inside `wanted`."""
    terms: dict[int, tuple[int, str]] = {}

    def add(bits: int, cost: int, text: str) -> None:
        if bits & wanted and bits & ~(wanted | free) == 0 and (bits not in terms or cost < terms[bits][0]):
            terms[bits] = (cost, text)

    for literal in literals:
        add(literal.bits, literal.cost, literal.text)
    for left, right in combinations(literals, 2):
        add(left.bits & right.bits, left.cost + right.cost, f"{left.text} && {right.text}")
    for first, second, third in combinations(literals[:32], 3):
        bits = first.bits & second.bits & third.bits
        cost = first.cost + second.cost + third.cost
        add(bits, cost, f"{first.text} && {second.text} && {third.text}")
    left_over = wanted
    chosen: list[str] = []
    while left_over and len(chosen) < _MAXIMUM_TERMS:
        if not terms:
            return None
        bits = max(terms, key=lambda item: ((item & left_over).bit_count(), -terms[item][0]))
        if not bits & left_over:
            return None
        chosen.append(terms[bits][1])
        left_over &= ~bits
    if left_over:
        return None
    return " || ".join(f"({text})" if "&&" in text and len(chosen) > 1 else text for text in chosen)
