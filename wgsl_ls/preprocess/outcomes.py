"""Outcome: what a node gave under the values it read; and Trace, which writes those reads and writes down.

What a node expands to depends only on the macros it reads. Its memo is therefore a decision tree: "ask for these
names; with these values ask for those; with those the outcome is this one". This file is the bookkeeping;
resolution.py runs the nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from wgsl_ls.preprocess.directives import Problem

_BRANCH_LIMIT: Final = 4096
"""Outcomes kept below one question before they are gathered anew."""

Child = tuple[int, Any, Any]
"""(offset in the parent, node, its Outcome or None for a directive without one)."""

Outcomes = tuple[Any, ...]
"""Of the items of a node, one for one. Thousands of variants have one each, so they say nothing that the items say."""


def children_of(items: Sequence[tuple[int, Any]], outcomes: Outcomes) -> list[Child]:
    """Items with what became of them; none where nothing is told of a text that grew too long."""
    return [(offset, node, outcome) for (offset, node), outcome in zip(items, outcomes, strict=bool(outcomes))]


Reads = tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...]
"""Batches of names with the values seen; a batch is what was asked for after the batches before it."""


Use = tuple[int, int, int, int, str]
"""A macro use in a chunk: (start, end, start in the outcome's text, end in it, name)."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """`items`, `outcomes`: what ran inside, and what became of it. `taken`: index of the branch of a conditional, -1
    when none. `places`, `values`: of a chunk, where words stand that are macros somewhere, and the expansion of those
    that are macros here. `writes`: macros set (or removed: None). `includes`: names of all files read inside;
    `n_includes`: how often any was. `failed`: the reference fails; `troubled`: there is a problem here or inside, fatal
    or not; `volatile`: it depends on more than the macros, so it must not be remembered."""

    text: str
    items: Sequence[tuple[int, Any]] = ()
    outcomes: Outcomes = ()
    taken: int = -1
    places: tuple[tuple[int, int, str], ...] = ()
    values: dict[str, str] | None = None
    reads: Reads = ()
    writes: tuple[tuple[str, str | None], ...] = ()
    includes: frozenset[str] = frozenset()
    n_includes: int = 0
    problems: tuple[Problem, ...] = ()
    failed: bool = False
    volatile: bool = False
    troubled: bool = False
    _uses: tuple[Use, ...] | None = None

    @property
    def children(self) -> list[Child]:
        return children_of(self.items, self.outcomes)

    @property
    def uses(self) -> tuple[Use, ...]:
        """Every macro use of a chunk, in order; worked out once."""
        known = self._uses
        if known is None:
            known = _uses(self.places, self.values or {})
            object.__setattr__(self, "_uses", known)
        return known


def _uses(places: tuple[tuple[int, int, str], ...], values: dict[str, str]) -> tuple[Use, ...]:
    found: list[Use] = []
    grown = 0  # how much longer than the code the text is by now
    for start, end, name in places:
        value = values.get(name)
        if value is not None:
            found.append((start, end, start + grown, start + grown + len(value), name))
            grown += len(value) - (end - start)
    return tuple(found)


class Ask:
    """An inner node of a decision tree."""

    __slots__ = ("branches", "names")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.branches: dict[tuple[Any, ...], Any] = {}


@dataclass(slots=True)
class Trace:
    """What one node has read and written so far while it runs for the first time. `known`: names that were read or
    written. `n_includes`: how many files it has read."""

    reads: list[tuple[tuple[str, ...], tuple[Any, ...]]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    writes: dict[str, str | None] = field(default_factory=dict)
    includes: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    n_includes: int = 0
    failed: bool = False
    volatile: bool = False
    troubled: bool = False

    def ask(self, names: Collection[str], table: dict[str, Any]) -> None:
        """Record that `names` were looked up in `table`; what the node itself has set is no question."""
        known = self.known
        if known.issuperset(names):
            return
        new = tuple(dict.fromkeys([name for name in names if name not in known]))
        self.reads.append((new, tuple(map(table.get, new))))
        known.update(new)

    def write(self, name: str, value: str | None) -> None:
        self.writes[name] = value
        self.known.add(name)

    def take(self, outcome: Outcome, table: dict[str, Any]) -> None:
        """Make a child's reads and writes ours. The table is still as it was before the child wrote."""
        known = self.known
        for names, _ in outcome.reads:
            if not known.issuperset(names):
                self.ask(names, table)
        for name, value in outcome.writes:
            self.write(name, value)
        if outcome.includes:
            self.includes |= outcome.includes
        if outcome.volatile:
            self.volatile = True

    def report(self, problem: Problem) -> None:
        self.problems.append(problem)
        self.failed = self.failed or problem.fatal

    def finish(self, items: Sequence[tuple[int, Any]], outcomes: Outcomes, taken: int = -1) -> Outcome:
        return Outcome(
            "".join([outcome.text for outcome in outcomes if outcome is not None and outcome.text]),
            items,
            outcomes,
            taken=taken,
            reads=tuple(self.reads),
            writes=tuple(self.writes.items()),
            includes=frozenset(self.includes),
            n_includes=self.n_includes,
            problems=tuple(self.problems),
            failed=self.failed,
            volatile=self.volatile,
            troubled=self.troubled or bool(self.problems),
        )


def remembered(memo: Any, table: dict[str, Any]) -> Outcome | None:
    """The outcome that a memo holds for the values in `table`."""
    while type(memo) is Ask:
        memo = memo.branches.get(tuple(map(table.get, memo.names)))
    outcome: Outcome | None = memo
    return outcome


def remember(memo: Any, outcome: Outcome) -> Any:
    """The memo with one more outcome. `memo`: None, or what earlier calls returned."""
    if not outcome.reads:
        return outcome
    names = outcome.reads[0][0]
    top: Ask = memo if type(memo) is Ask and memo.names == names else Ask(names)
    at = top
    for index, (_, values) in enumerate(outcome.reads):
        if len(at.branches) >= _BRANCH_LIMIT:
            at.branches.clear()
        if index + 1 == len(outcome.reads):
            at.branches[values] = outcome
            break
        names = outcome.reads[index + 1][0]
        below = at.branches.get(values)
        if type(below) is not Ask or below.names != names:
            below = at.branches[values] = Ask(names)
        at = below
    return top
