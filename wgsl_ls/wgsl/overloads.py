"""Which overload of a builtin a call means, and what it returns.

Works over the signature mini-language of the table of builtins: argument types are matched with the patterns,
what a type variable must be is collected, and each variable takes the alternative of its domain that costs least
by the specification's conversion ranks. The cheapest overload wins:
https://www.w3.org/TR/WGSL/#overload-resolution-section. Answers are remembered per call shape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from wgsl_ls.wgsl.builtins import CONSTRUCTORS, ENUMERANTS, FUNCTIONS, TYPES
from wgsl_ls.wgsl.signatures import DOMAIN_WORDS, Overload, TypePattern, parse_overload, parse_type, with_sizes
from wgsl_ls.wgsl.types import Type, common, conversion_rank, make, result_struct

Term = Type | int | str


@dataclass(frozen=True, slots=True)
class Resolved:
    """`result` is None for a function without a value. `parameters`: the types the arguments are converted to.
    `index`: the place of the overload in the builtin's list."""

    result: Type | None
    parameters: tuple[Type | None, ...]
    index: int


def overloads_of(name: str) -> tuple[Overload, ...]:
    """The parsed overloads of a builtin function or constructor; empty for other names."""
    found = FUNCTIONS.get(name) or CONSTRUCTORS.get(name)
    return tuple(map(parse_overload, found.overloads)) if found else ()


@lru_cache(maxsize=8192)
def resolve(name: str, template: tuple[Term, ...] | None, arguments: tuple[Type, ...]) -> Resolved | None:
    """The overload of the function or constructor `name` for a call with these explicit template arguments (None
    if it has none) and argument types; None when none fits."""
    best: Resolved | None = None
    best_cost = 0
    for index, overload in enumerate(overloads_of(name)):
        if len(overload.template) != len(template or ()):
            continue
        match = _Match(overload)
        cost = match.cost(template or (), arguments)
        if cost is not None and (best is None or cost < best_cost):
            result = match.substitute(overload.result) if overload.result else None
            parameters = tuple(map(match.substitute_type, match.patterns))
            best, best_cost = Resolved(result if isinstance(result, Type) else None, parameters, index), cost
    return best


_VECTOR = re.compile(r"vec([A-Z])\Z")
_MATRIX = re.compile(r"mat([A-Z])x([A-Z])\Z")
_RESULT = re.compile(r"__(frexp|modf|atomic_compare_exchange)_result(?:_vec(\d))?\Z")


class _Match:
    """One attempt to fit a call to one overload."""

    def __init__(self, overload: Overload) -> None:
        self.overload = overload
        self.domains = dict(overload.domains)
        self.seen: dict[str, list[Term]] = {}
        self.chosen: dict[str, Term] = {}
        self.sizes: dict[str, int] = {}
        self.patterns: list[TypePattern] = []
        self.total = 0

    def cost(self, template: tuple[Term, ...], arguments: tuple[Type, ...]) -> int | None:
        parameters = self.overload.parameters
        variadic = bool(parameters) and parameters[-1].is_variadic
        if len(arguments) != len(parameters) and not (variadic and len(arguments) >= len(parameters)):
            return None
        self.patterns = [parameter.type for parameter in parameters]
        if variadic:
            self.patterns += [parameters[-1].type] * (len(arguments) - len(parameters))
        for name, term in zip(self.overload.template, template, strict=True):
            if not self.fit(TypePattern(name), term):
                return None
            if name in self.domains and not self.choose(name, exact=True):
                return None
        for pattern, argument in zip(self.patterns, arguments, strict=True):
            if not self.fit(pattern, argument):
                return None
        for name in self.domains:
            if name not in self.chosen and not self.choose(name, exact=False):
                return None
        return self.total

    def fit(self, pattern: TypePattern, term: Term) -> bool:
        name = pattern.name
        if name in self.domains:
            if name in self.chosen:
                return self.convert(term, self.chosen[name])
            self.seen.setdefault(name, []).append(term)
            return True
        if not isinstance(term, Type):
            return name == str(term)
        if not pattern.arguments:
            if term.name == name and not term.arguments:
                return True
            rank = conversion_rank(term, make(name))
            self.total += rank or 0
            return rank is not None
        if len(pattern.arguments) != len(term.arguments):
            return False
        if name != term.name and not self.fit_size(name, term):
            return False
        return all(map(self.fit, pattern.arguments, term.arguments))

    def fit_size(self, name: str, term: Type) -> bool:
        found = _VECTOR.match(name)
        if found and term.is_vector:
            return self.sizes.setdefault(found[1], term.width) == term.width
        found = _MATRIX.match(name)
        if found and term.is_matrix:
            columns, rows = term.columns_and_rows
            return self.sizes.setdefault(found[1], columns) == columns and self.sizes.setdefault(found[2], rows) == rows
        return False

    def convert(self, term: Term, target: Term) -> bool:
        if term == target:
            return True
        if isinstance(term, Type) and isinstance(target, Type):
            rank = conversion_rank(term, target)
            self.total += rank or 0
            return rank is not None
        # The count of an array may be the text of an expression without a value; it fits any number.
        return isinstance(term, str) and isinstance(target, int)

    def choose(self, name: str, *, exact: bool) -> bool:
        """Gives variable `name` its value from what was seen of it."""
        seen = self.seen.get(name)
        alternatives = self.domains[name]
        if not seen:
            return self.choose_unseen(name, alternatives)
        best: Term | None = None
        best_cost = 0
        for alternative in alternatives:
            candidate, cost = self.candidate(alternative, seen)
            if candidate is None or (exact and cost):
                continue
            if best is None or cost < best_cost:
                best, best_cost = candidate, cost
        if best is None:
            return False
        self.total += best_cost
        self.chosen[name] = best
        return True

    def choose_unseen(self, name: str, alternatives: tuple[TypePattern, ...]) -> bool:
        """A variable that no argument mentions: it is what another variable says, or free."""
        for alternative in alternatives:
            if alternative.name in self.chosen:
                self.chosen[name] = self.chosen[alternative.name]
                return True
        return all(alternative.name in DOMAIN_WORDS for alternative in alternatives)

    def candidate(self, alternative: TypePattern, seen: list[Term]) -> tuple[Term | None, int]:
        """(what the variable would be, the cost of the conversions) for one alternative of its domain."""
        name = alternative.name
        if name in DOMAIN_WORDS and not alternative.arguments:
            return self.by_word(name, seen), 0
        target: Term
        if name in self.chosen:
            target = self.chosen[name]
        elif alternative.arguments:
            saved = dict(self.sizes), {key: list(value) for key, value in self.seen.items()}, self.total
            if all(self.fit(alternative, term) for term in seen):
                return seen[0], 0
            self.sizes, self.seen, self.total = saved
            return None, 0
        elif name in ENUMERANTS:
            target = name
        else:
            target = make(name)
        cost = 0
        for term in seen:
            if term == target:
                continue
            rank = conversion_rank(term, target) if isinstance(term, Type) and isinstance(target, Type) else None
            if rank is None:
                return None, 0
            cost += rank
        return target, cost

    def by_word(self, word: str, seen: list[Term]) -> Term | None:
        first = seen[0]
        if word == "count":
            return first if all(isinstance(term, (int, str)) for term in seen) else None
        if word == "access" or word.startswith("texel"):
            if not isinstance(first, str) or first not in ENUMERANTS:
                return None
            component = word[6:]
            return first if not component or ENUMERANTS[first].component == component else None
        if not isinstance(first, Type) or (word == "constructible" and first.name == "atomic"):
            return None
        result: Type | None = first
        for term in seen[1:]:
            if not isinstance(term, Type) or result is None:
                return None
            result = common(result, term)
        return result

    def substitute_type(self, pattern: TypePattern) -> Type | None:
        found = self.substitute(pattern)
        return found if isinstance(found, Type) else None

    def substitute(self, pattern: TypePattern) -> Term:
        name = pattern.name
        if name in self.chosen:
            return self.chosen[name]
        if name.isdigit():
            return int(name)
        if name in ENUMERANTS and not pattern.arguments:
            return name
        sized = with_sizes(TypePattern(name), self.sizes) if self.sizes else TypePattern(name)
        arguments = tuple(map(self.substitute, pattern.arguments))
        special = _RESULT.match(sized.name)
        if special and isinstance(arguments[0], Type):
            return result_struct(special[1], arguments[0], int(special[2] or 1))
        return make(sized.name, *arguments)


def predeclared_alias(name: str) -> Type | None:
    """What `vec3f` and the like stand for; None for other names."""
    builtin = TYPES.get(name)
    if builtin is None or builtin.alias_of is None:
        return None
    return _from_pattern(parse_type(builtin.alias_of))


def _from_pattern(pattern: TypePattern) -> Type:
    return make(pattern.name, *map(_from_pattern, pattern.arguments))
