"""The shortest macro condition that is true for exactly the given variants: the "only when ..." of a diagnostic.

Exact over what the variants can tell apart: literals are "macro is defined", "macro has this value" and their
negations; a set of variants is one integer, bit i for variant i. First one literal, then conjunctions of two and
three, a longer one, then a shortest-first cover by conjunctions. Each of these is looked for among the macros that
callers prefer (those that decide about what is told), then among all. Numbers compare as the dialect's `#if` compares
them; other values, which it cannot compare, are told by "is". No answer (None) is better than a long one: callers then
name the variants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from wgsl_ls.preprocess.conditions import evaluate, parse_condition
from wgsl_ls.preprocess.dialect import Dialect
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.memo import AboutLists
from wgsl_ls.text.steps import Steps, finished

_MAXIMUM_TERMS = 4
_LONGEST_CONJUNCTION = 5
"""Literals."""
_MAXIMUM_LITERALS = 120
_AT_ONCE = 256
"""Variants or conjunctions between two steps."""


@dataclass(frozen=True, slots=True)
class _Literal:
    text: str
    bits: int
    cost: int
    macro: str


def minimiser_steps(defines: Sequence[tuple[tuple[str, str], ...]], dialect: Dialect) -> Steps[Minimiser]:
    """The conditions of a list of variants."""
    everything = (1 << len(defines)) - 1
    return Minimiser(everything, (yield from _literals(defines, everything, dialect)))


@dataclass(frozen=True, slots=True)
class ListFacts:
    """Of a list of variants. `by_device`: of each device profile those that are for it (bit i for variant i)."""

    conditions: Minimiser
    axes: frozenset[str]
    of_host: bool
    by_device: Mapping[str, int]


_KNOWN: AboutLists[Variant, ListFacts] = AboutLists()
"""Asked about with every keystroke."""


def list_facts(variants: Sequence[Variant], dialect: Dialect) -> Steps[ListFacts]:
    """Found once for each list."""
    known = _KNOWN.get(variants, dialect)
    if known is None:
        conditions = yield from minimiser_steps([variant.defines for variant in variants], dialect)
        axes = frozenset(name for variant in variants for name, _ in variant.axes)
        of_host = all(variant.origin == "host" for variant in variants)
        by_device: dict[str, int] = {}
        for index, variant in enumerate(variants):
            for profile in variant.profiles:
                by_device[profile] = by_device.get(profile, 0) | 1 << index
        known = ListFacts(conditions, axes, of_host, by_device)
        if len(variants) > 1:
            _KNOWN.put(variants, known, dialect)
    return known


class Minimiser:
    """The conditions of one list of variants, by its literals."""

    def __init__(self, everything: int, literals: list[_Literal]) -> None:
        self._everything = everything
        self._all = literals
        self._chosen: dict[tuple[frozenset[str] | None, str], list[_Literal]] = {}
        self._known: dict[object, str | None] = {}

    def condition(
        self,
        wanted: int,
        thorough: bool = True,
        free: int = 0,
        prefer: Sequence[frozenset[str]] = (),
        without: str = "",
    ) -> str | None:
        """See condition_steps."""
        return finished(self.condition_steps(wanted, thorough, free, prefer, without))

    def condition_steps(
        self,
        wanted: int,
        thorough: bool = True,
        free: int = 0,
        prefer: Sequence[frozenset[str]] = (),
        without: str = "",
    ) -> Steps[str | None]:
        """Like shortest_condition, for sets of variants given as integers (`free`: the unknown ones). `thorough`
        False: only what is found within a millisecond or so (one or two literals). `prefer`: macros to speak of if
        they can say it, the best first; `without`: one that is not to be spoken of (its own value would explain
        nothing)."""
        key = (wanted, free, thorough, tuple(prefer), without)
        if key not in self._known:
            if len(self._known) > 4096:
                self._known.clear()
            self._known[key] = yield from self._shortest(wanted, free, thorough, prefer, without)
        return self._known[key]

    def _shortest(
        self, wanted: int, free: int, thorough: bool, prefer: Sequence[frozenset[str]], without: str
    ) -> Steps[str | None]:
        if wanted | free == self._everything:
            return ""
        if not wanted:
            return None
        tiers: list[frozenset[str] | None] = []
        for names in prefer:
            tiers.append(names | (tiers[-1] or frozenset()) if tiers else names)
        choices = [self._literals(tier, without) for tier in (*tiers, None)]
        useful = [[one for one in literals if one.bits & wanted][:_MAXIMUM_LITERALS] for literals in choices]
        for literals in useful:
            short = yield from _short(literals, wanted, free, thorough)
            if short is not None:
                return short
        for literals in useful if thorough else ():
            cover = yield from _cover(literals, wanted, free)
            if cover is not None:
                return cover
        return None

    def _literals(self, names: frozenset[str] | None, without: str) -> list[_Literal]:
        """Those that speak of `names` (None: of all), one for each set of variants."""
        key = (names, without)
        if key not in self._chosen:
            if len(self._chosen) > 256:
                self._chosen.clear()
            distinct: dict[int, _Literal] = {}
            for literal in self._all:
                if literal.macro != without and (names is None or literal.macro in names):
                    distinct.setdefault(literal.bits, literal)
            self._chosen[key] = list(distinct.values())
        return self._chosen[key]


def _literals(
    variants: Sequence[tuple[tuple[str, str], ...]], everything: int, dialect: Dialect
) -> Steps[list[_Literal]]:
    """All literals that hold in some variants but not in all, the plainest first."""
    defined: dict[str, int] = {}
    valued: dict[str, dict[str, int]] = {}
    for index, defines in enumerate(variants):
        for name, value in sorted(defines):
            defined[name] = defined.get(name, 0) | 1 << index
            values = valued.setdefault(name, {})
            values[value] = values.get(value, 0) | 1 << index
        if not index % _AT_ONCE:
            yield
    found: list[_Literal] = []
    for name, bits in defined.items():
        values = valued[name]
        text = f"defined({name})" if any(values) else name
        found.append(_Literal(text, bits, 10, name))
        found.append(_Literal(f"!{text}", everything & ~bits, 12, name))
        if len(values) > 1:
            found.extend(_comparisons(name, values, everything & ~bits, dialect))
        yield
    found.sort(key=lambda literal: (literal.cost, len(literal.text), literal.text))
    return [literal for literal in found if literal.bits not in (0, everything)]


def _comparisons(name: str, values: dict[str, int], without: int, dialect: Dialect) -> Iterator[_Literal]:
    """`values`: each with the variants that give it; `without`: those that do not define the macro."""
    numbers = {_plain_number(value) for value in values}
    exact = sorted(number for number in numbers if number is not None)
    for text, bits in values.items():
        if text and _plain_number(text) is None:
            yield _Literal(f"{name} is {text}", bits, 14, name)
            yield _Literal(f"{name} is not {text}", sum(values.values()) & ~bits, 16, name)
    for position, number in enumerate(exact):
        operators = [("==", 14), ("!=", 16)]
        operators.extend([(">=", 15)] if position else [])
        operators.extend([("<=", 15)] if position < len(exact) - 1 else [])
        for operator, cost in operators:
            text = f"{name} {operator} {number}"
            condition = parse_condition(text)
            holds = 0
            given: list[tuple[str | None, int]] = [*values.items(), (None, without)]
            for value, bits in given:
                if bits:
                    said = evaluate(condition, {} if value is None else {name: value}, dialect)
                    if said.error is not None:
                        break  # the dialect cannot ask this of all variants
                    holds |= bits if said.value else 0
            else:
                yield _Literal(text, holds, cost, name)


def _plain_number(value: str) -> int | None:
    digits = value[:-1] if value[-1:] in ("u", "i") else value
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else None


def _short(literals: list[_Literal], wanted: int, free: int, thorough: bool = True) -> Steps[str | None]:
    """One literal, a conjunction of two or three, "a || b"."""
    for literal in literals:
        if literal.bits & ~free == wanted:
            return literal.text
    implied = [literal for literal in literals if wanted & ~literal.bits == 0]
    for size in (2, 3) if thorough else (2,):
        best = yield from _conjunction(implied, wanted, free, size)
        if best is not None:
            return best
    pair = yield from _pair_of_literals(literals, wanted, free)
    return pair if pair is not None or not thorough else _longer_conjunction(implied, wanted, free)


def _longer_conjunction(literals: list[_Literal], wanted: int, free: int) -> str | None:
    """Of more than three: always the literal that leaves the fewest others; what the rest says already goes."""
    chosen: list[_Literal] = []
    left = others = ~(wanted | free)
    while literals and left and len(chosen) < _LONGEST_CONJUNCTION:
        best = min(literals, key=lambda one: ((left & one.bits).bit_count(), one.cost))
        chosen.append(best)
        left &= best.bits
    if left or not chosen:
        return None
    for one in tuple(chosen):
        rest = others
        for other in chosen:
            rest &= other.bits if other is not one else -1
        if not rest:
            chosen.remove(one)
    return " && ".join(one.text for one in chosen)


def _conjunction(literals: list[_Literal], wanted: int, free: int, size: int) -> Steps[str | None]:
    best: tuple[int, str] | None = None
    candidates = literals if size == 2 else literals[:60]
    for number, group in enumerate(combinations(candidates, size)):
        if not number % _AT_ONCE:
            yield
        bits = group[0].bits
        for literal in group[1:]:
            bits &= literal.bits
        if bits & ~free == wanted:
            cost = sum(literal.cost for literal in group)
            if best is None or cost < best[0]:
                best = (cost, " && ".join(literal.text for literal in group))
    return best[1] if best else None


def _pair_of_literals(literals: list[_Literal], wanted: int, free: int) -> Steps[str | None]:
    inside = [literal for literal in literals if literal.bits & ~(wanted | free) == 0]
    for number, (left, right) in enumerate(combinations(inside, 2)):
        if not number % _AT_ONCE:
            yield
        if (left.bits | right.bits) & ~free == wanted:
            return f"{left.text} || {right.text}"
    return None


def _cover(literals: list[_Literal], wanted: int, free: int) -> Steps[str | None]:
    """A short "a && b || c": greedy over the conjunctions (up to three literals) that lie inside `wanted`."""
    terms: dict[int, tuple[int, str]] = {}

    def add(bits: int, cost: int, text: str) -> None:
        if bits & wanted and bits & ~(wanted | free) == 0 and (bits not in terms or cost < terms[bits][0]):
            terms[bits] = (cost, text)

    for literal in literals:
        add(literal.bits, literal.cost, literal.text)
    for number, (left, right) in enumerate(combinations(literals, 2)):
        if not number % _AT_ONCE:
            yield
        add(left.bits & right.bits, left.cost + right.cost, f"{left.text} && {right.text}")
    for number, (first, second, third) in enumerate(combinations(literals[:32], 3)):
        if not number % _AT_ONCE:
            yield
        bits = first.bits & second.bits & third.bits
        cost = first.cost + second.cost + third.cost
        add(bits, cost, f"{first.text} && {second.text} && {third.text}")
    left_over = wanted
    chosen: list[str] = []
    while left_over and len(chosen) < _MAXIMUM_TERMS:
        if not terms:
            return None
        yield
        bits = max(terms, key=lambda item: ((item & left_over).bit_count(), -terms[item][0]))
        if not bits & left_over:
            return None
        chosen.append(terms[bits][1])
        left_over &= ~bits
    if left_over:
        return None
    return " || ".join(f"({text})" if "&&" in text else text for text in chosen)
