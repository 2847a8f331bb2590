"""Space: the combinations of axes that the constraints allow; counted without enumerating them, enumerated
lazily, or sampled so that every possible pair of alternatives occurs.

A row is a tuple with one alternative's index per axis. A constraint depends on few axes (its support: those
that have a say in the macros it reads, through rules too), so its verdicts are kept per combination of these,
and the count is a sum over small tables (variable elimination), not over rows.

Counting spends of one Effort, choosing of another. When one is over, a count is an upper bound, a search finds
nothing more, and what was not looked at counts as possible: rows that are given keep every constraint, but some may
be missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, product
from math import prod
from typing import Final

from allpairspy import AllPairs

from wgsl_ls.preprocess.dialect import Dialect
from wgsl_ls.project.effort import Effort, effort_of_shader
from wgsl_ls.project.model import Alternative, Axis, VariantRule
from wgsl_ls.project.rules import (
    Constraint,
    Rulebook,
    allows,
    completed,
    constraints_of,
    mentioned_names,
    relevant_rules,
    rulebook,
)

Row = tuple[int, ...]

MAX_TABLE: Final = 20_000  # verdicts of one constraint that are worked out for a count
MAX_JOINED: Final = 400_000  # cells of one step of the elimination
MAX_STEPS: Final = 200_000  # of one search for a row
MAX_PAIRS: Final = 8_000  # beyond them AllPairs, whose steps nobody counts, is not asked

Table = tuple[tuple[int, ...], Mapping[Row, int]]
"""A function of some axes: their indexes (ascending), and its values that are not 0."""


@dataclass(frozen=True, slots=True)
class Count:
    """`value` rows; when not `exact`, at most that many."""

    value: int
    exact: bool

    def __str__(self) -> str:
        return f"{self.value:,}" if self.exact else f"up to {self.value:,}"


@dataclass(slots=True)
class _Check:
    """One constraint with the axes and rules it depends on, the steps of one verdict without them, and the verdicts
    found so far."""

    constraint: Constraint
    support: tuple[int, ...]
    book: Rulebook
    cost: int
    verdicts: dict[Row, bool] = field(default_factory=dict)


class Space:
    """The rows over `axes`, with `base` macros and `rules` in force."""

    def __init__(
        self,
        base: Mapping[str, str],
        axes: Sequence[Axis],
        rules: Sequence[VariantRule],
        dialect: Dialect,
    ) -> None:
        self.counting, self.choosing = effort_of_shader(), effort_of_shader(4)
        self.base = dict(base)
        self.axes = tuple(axes)
        self.rules = tuple(rules)
        self.dialect = dialect
        self.sizes = tuple(len(axis.alternatives) for axis in axes)
        self._checks = tuple(self._check(constraint) for constraint in constraints_of(rules))
        self._checks_of_axis: list[list[_Check]] = [[] for _ in axes]
        for check in self._checks:
            for index in check.support:
                self._checks_of_axis[index].append(check)

    def alternatives(self, row: Row) -> tuple[Alternative, ...]:
        return tuple(axis.alternatives[index] for axis, index in zip(self.axes, row, strict=True))

    def macros(self, row: Row) -> dict[str, str]:
        """The macros of a row before the rules."""
        macros = dict(self.base)
        for alternative in self.alternatives(row):
            for name in alternative.undefine:
                macros.pop(name, None)
            macros.update(alternative.define)
        return macros

    def count(self, fixed: Mapping[int, int] | None = None, ignoring: frozenset[int] = frozenset()) -> Count:
        """How many rows there are; with `fixed`, those with these alternatives; `ignoring` some constraints
        (by index in `constraints`)."""
        fixed = fixed or {}
        ranges = [(fixed[axis],) if axis in fixed else tuple(range(size)) for axis, size in enumerate(self.sizes)]
        tables: list[Table] = []
        exact = True
        for index, check in enumerate(self._checks):
            if index in ignoring:
                continue
            n_cells = prod(len(ranges[axis]) for axis in check.support)
            if n_cells > MAX_TABLE or self.counting.is_over:
                exact = False
                continue
            self.counting.spend(n_cells * (1 + len(check.support) // 4))
            cells = product(*(ranges[axis] for axis in check.support))
            tables.append((check.support, {cell: 1 for cell in cells if self._verdict(check, cell, self.counting)}))
        value = _sum_of_products(ranges, tables, self.counting)
        if value is None:
            return Count(prod(map(len, ranges)), False)
        return Count(value, exact or value == 0)

    def rows(self) -> Iterator[Row]:
        """All rows, in the order of the axes' alternatives (the last axis changes fastest)."""
        return self._search([-1] * len(self.sizes), list(range(len(self.sizes))), self.possible, [-1])

    def pairwise(self) -> list[Row]:
        """A small list of rows in which every pair of alternatives that is possible at all occurs."""
        if len(self.sizes) < 2 or not all(self.possible):
            return list(self.rows())
        rows: list[Row] = []
        steps = 0
        alternatives = [len(possible) for possible in self.possible]
        self.choosing.spend(4 * (sum(alternatives) ** 2 - sum(n**2 for n in alternatives)))  # eight of each pair
        are_too_many = self.choosing.is_over
        if are_too_many:
            return rows

        class OutOfSteps(Exception):
            pass

        def is_allowed(prefix: list[int]) -> bool:
            nonlocal steps
            steps += 1
            # Between two questions AllPairs looks at all combinations of what is chosen.
            self.choosing.spend(20 + len(prefix) ** 2)
            if steps > MAX_STEPS or self.choosing.is_over:
                raise OutOfSteps
            padded = [*prefix, *([-1] * (len(self.sizes) - len(prefix)))]
            return not prefix or self._keeps(padded, len(prefix) - 1)

        missing = {
            ((first, i), (second, j))
            for first, second in combinations(range(len(self.sizes)), 2)
            for i, j in product(self.possible[first], self.possible[second])
        }
        try:
            if len(missing) > MAX_PAIRS:
                raise OutOfSteps
            for found in AllPairs([list(possible) for possible in self.possible], filter_func=is_allowed):
                rows.append(tuple(found))
        except OutOfSteps:
            pass  # the rest is found below, pair by pair
        # With constraints AllPairs stops at the first row that brings nothing new; find the pairs it left.
        for row in rows:
            missing.difference_update(_pairs(row))
        wanted = Counter(half for pair in missing for half in pair)
        for pair in sorted(missing):
            if pair not in missing:
                continue
            self.choosing.spend(4 * sum(self.sizes) + len(self.sizes) ** 2)
            if self.choosing.is_over:
                break
            completion = self._row_with(dict(pair), wanted)
            if completion is not None:
                rows.append(completion)
                covered = missing.intersection(_pairs(completion))
                missing -= covered
                wanted.subtract(half for pair in covered for half in pair)
        return rows

    def sample(self, n_rows: int) -> list[Row]:
        """`n_rows` rows: those of `pairwise` first, then rows that use the alternatives evenly. The same rows
        for the same axes, always."""
        count = self.count()
        if count.exact and count.value <= n_rows:
            return list(self.rows())
        rows = self.pairwise()[:n_rows]
        taken = set(rows)
        used = [[0] * size for size in self.sizes]
        for row in rows:
            for axis, index in enumerate(row):
                used[axis][index] += 1
        from random import Random

        chance = Random(20_240_601)
        while len(rows) < n_rows and not self.choosing.is_over:
            self.choosing.spend(sum(self.sizes))
            order = [
                tuple(sorted(possible, key=lambda index: (used[axis][index], chance.random())))
                for axis, possible in enumerate(self.possible)
            ]
            search = self._search([-1] * len(self.sizes), list(range(len(self.sizes))), order, [MAX_STEPS])
            new = next((row for row in search if row not in taken), None)
            if new is None:
                break
            rows.append(new)
            taken.add(new)
            for axis, index in enumerate(new):
                used[axis][index] += 1
        return rows

    @cached_property
    def possible(self) -> tuple[tuple[int, ...], ...]:
        """Per axis the alternatives that some row has; without constraints on the axis, all."""
        if any(not check.support and not self._verdict(check, (), self.choosing) for check in self._checks):
            return ((),) * len(self.sizes)
        return tuple(
            tuple(
                index
                for index in range(size)
                if not self._checks_of_axis[axis] or self.counting.is_over or self.count({axis: index}).value > 0
            )
            for axis, size in enumerate(self.sizes)
        )

    def impossible_alternatives(self) -> Iterator[tuple[Axis, Alternative]]:
        """Alternatives that no row has."""
        for axis, possible in zip(self.axes, self.possible, strict=True):
            for index, alternative in enumerate(axis.alternatives):
                if index not in possible:
                    yield axis, alternative

    def contradiction(self) -> tuple[Constraint, ...]:
        """When no row is left: constraints that exclude everything together, none of them superfluous."""
        core = set(range(len(self._checks)))
        for index in range(len(self._checks)):
            others = core - {index}
            if self.count(ignoring=frozenset(range(len(self._checks))) - others).value == 0:
                core = others
        return tuple(self._checks[index].constraint for index in sorted(core))

    def _check(self, constraint: Constraint) -> _Check:
        defines = [
            *self.base.items(),
            *(define for axis in self.axes for alternative in axis.alternatives for define in alternative.define),
            *(define for rule in self.rules for define in rule.define),
        ]
        names = list(constraint.expression.condition.names)
        if constraint.rule.when is not None:
            names.extend(constraint.rule.when.condition.names)
        rules, wanted = relevant_rules(names, self.rules, mentioned_names(defines, self.dialect))
        support = tuple(
            index
            for index, axis in enumerate(self.axes)
            if any(
                wanted.intersection(alternative.undefine) or any(name in wanted for name, _ in alternative.define)
                for alternative in axis.alternatives
            )
        )
        cost = 10 + len(self.base) // 4 + len(constraint.expression.condition.steps)
        return _Check(constraint, support, rulebook(rules), cost)

    def _verdict(self, check: _Check, cell: Row, effort: Effort) -> bool:
        verdict = check.verdicts.get(cell)
        if verdict is None:
            effort.spend(check.cost)
            macros = dict(self.base)
            for axis, index in zip(check.support, cell, strict=True):
                alternative = self.axes[axis].alternatives[index]
                for name in alternative.undefine:
                    macros.pop(name, None)
                macros.update(alternative.define)
            complete, _ = completed(macros, check.book, self.dialect, effort)
            verdict = check.verdicts[cell] = allows(check.constraint, complete, self.dialect)
        return verdict

    def _keeps(self, row: Sequence[int], axis: int) -> bool:
        """Does the partial row (-1: not chosen yet) keep every constraint on `axis` that can be judged?"""
        for check in self._checks_of_axis[axis]:
            self.choosing.spend(1 + len(check.support) // 8)
            cell = tuple(row[index] for index in check.support)
            if -1 not in cell and not self._verdict(check, cell, self.choosing):
                return False
        return True

    def _search(
        self, row: list[int], free: list[int], order: Sequence[Sequence[int]], steps: list[int]
    ) -> Iterator[Row]:
        """The allowed completions of `row`, choosing for the axes `free` in turn. `steps`: how many choices
        may still be made, negative for any number."""
        if any(not check.support and not self._verdict(check, (), self.choosing) for check in self._checks):
            return
        if not free:
            yield tuple(row)
            return
        positions = [0]
        while positions:
            axis = free[len(positions) - 1]
            if positions[-1] >= len(order[axis]) or steps[0] == 0 or self.choosing.is_over:
                row[axis] = -1
                positions.pop()
                continue
            row[axis] = order[axis][positions[-1]]
            positions[-1] += 1
            steps[0] -= 1
            self.choosing.spend(1)
            if not self._keeps(row, axis):
                continue
            if len(positions) == len(free):
                yield tuple(row)
            else:
                positions.append(0)

    def _row_with(self, fixed: dict[int, int], wanted: Mapping[tuple[int, int], int]) -> Row | None:
        """A row with the alternatives `fixed`. `wanted`: in how many pairs that are still missing an alternative is;
        those in many are preferred."""
        row = [-1] * len(self.sizes)
        for axis, index in fixed.items():
            row[axis] = index
        if not all(self._keeps(row, axis) for axis in fixed):
            return None
        free = [axis for axis in range(len(self.sizes)) if axis not in fixed]
        order = [
            tuple(sorted(possible, key=lambda index: (-wanted[axis, index], index)))
            for axis, possible in enumerate(self.possible)
        ]
        return next(self._search(row, free, order, [MAX_STEPS]), None)


def _pairs(row: Row) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    return combinations(enumerate(row), 2)


def _sum_of_products(ranges: Sequence[Sequence[int]], tables: list[Table], effort: Effort) -> int | None:
    """The number of rows for which no table says 0: one axis after the other is summed out. None when the
    tables would grow too large, or the effort is over."""
    total = 1
    remaining = set(range(len(ranges)))
    while remaining:
        scopes = {axis: set().union(*(scope for scope, _ in tables if axis in scope)) or {axis} for axis in remaining}
        axis = min(remaining, key=lambda one: (prod(len(ranges[other]) for other in scopes[one]), one))
        scope = tuple(sorted(scopes[axis] - {axis}))
        n_cells = prod(len(ranges[other]) for other in scopes[axis])
        joined = [table for table in tables if axis in table[0]]
        effort.spend(len(remaining) * (1 + len(tables)) + n_cells * (2 + 2 * len(joined)))
        if n_cells > MAX_JOINED or effort.is_over:
            return None
        tables = [table for table in tables if axis not in table[0]]
        remaining.discard(axis)
        if not joined:
            total *= len(ranges[axis])
            continue
        summed: dict[Row, int] = {}
        for cell in product(*(ranges[other] for other in scope)):
            place = dict(zip(scope, cell, strict=True))
            value = 0
            for index in ranges[axis]:
                place[axis] = index
                term = 1
                for other_scope, cells in joined:
                    term *= cells.get(tuple(place[other] for other in other_scope), 0)
                    if not term:
                        break
                value += term
            if value:
                summed[cell] = value
        tables.append((scope, summed))
    for _, cells in tables:
        total *= cells.get((), 0)
    return total
