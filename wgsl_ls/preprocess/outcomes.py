"""Outcome: what a node gave under the values it read; and Trace, which writes those reads and writes down.

What a node expands to depends only on the macros it reads. Its memo is therefore a decision tree: "ask for these
names; with these values ask for those; with those the outcome is this one". This file is the bookkeeping;
resolution.py runs the nodes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from wgsl_ls.preprocess.directives import Problem

_BRANCH_LIMIT: Final = 4096
"""Outcomes kept below one question before they are gathered anew."""

Child = tuple[int, Any, Any]
"""(offset in the parent, node, its Outcome or None for a directive without one)."""

Reads = tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...]
"""Batches of names with the values seen; a batch is what was asked for after the batches before it."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """`taken`: index of the branch of a conditional, -1 when none. `uses`: macro uses of a chunk, (start, end, start
    in `text`, end in `text`, name). `writes`: macros set (or removed: None). `includes`: names of all files read
    inside; `n_includes`: how often any was. `failed`: the reference fails; `troubled`: there is a problem here or
    inside, fatal or not; `volatile`: it depends on more than the macros, so it must not be remembered."""

    text: str
    children: tuple[Child, ...] = ()
    taken: int = -1
    uses: tuple[tuple[int, int, int, int, str], ...] = ()
    reads: Reads = ()
    writes: tuple[tuple[str, str | None], ...] = ()
    includes: frozenset[str] = frozenset()
    n_includes: int = 0
    problems: tuple[Problem, ...] = ()
    failed: bool = False
    volatile: bool = False
    troubled: bool = False


class Ask:
    """An inner node of a decision tree."""

    __slots__ = ("branches", "names")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.branches: dict[tuple[Any, ...], Any] = {}


@dataclass(slots=True)
class Trace:
    """What one node has read and written so far while it runs for the first time. `length`: of its text so far."""

    reads: list[tuple[tuple[str, ...], tuple[Any, ...]]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    writes: dict[str, str | None] = field(default_factory=dict)
    includes: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    n_includes: int = 0
    length: int = 0
    failed: bool = False
    volatile: bool = False
    troubled: bool = False

    def ask(self, names: Iterable[str], table: dict[str, Any]) -> None:
        """Record that `names` were looked up in `table`; what the node itself has set is no question."""
        new = tuple(dict.fromkeys(name for name in names if name not in self.known and name not in self.writes))
        if new:
            self.reads.append((new, tuple(map(table.get, new))))
            self.known.update(new)

    def take(self, outcome: Outcome, table: dict[str, Any]) -> None:
        """Make a child's reads and writes ours. The table is still as it was before the child wrote."""
        for names, _ in outcome.reads:
            self.ask(names, table)
        self.writes.update(outcome.writes)
        self.includes |= outcome.includes
        self.volatile = self.volatile or outcome.volatile

    def report(self, problem: Problem) -> None:
        self.problems.append(problem)
        self.failed = self.failed or problem.fatal

    def finish(self, children: tuple[Child, ...], taken: int = -1) -> Outcome:
        return Outcome(
            "".join([outcome.text for _, _, outcome in children if outcome is not None and outcome.text]),
            children=children,
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
