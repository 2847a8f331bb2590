"""Inferred variants: few sets of macros with which every branch of a shader is reached, where that is
possible.

A coverage-guided search. Start without macros; for a branch that is not reached but stands where the reader
comes by, try values of the macros in its condition (defined, not defined, the numbers they are compared with
and their neighbours), and let the caller's resolution say what was really reached. Such variants show code
that nobody declared a variant for; they need not make sense to the shader's author. The search is
deterministic and bounded by the number of resolutions and of steps, not by time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Final

from wgsl_ls.preprocess.conditions import Condition, Evaluation, evaluate, parse_condition
from wgsl_ls.preprocess.dialect import Dialect
from wgsl_ls.project.model import Define
from wgsl_ls.text.steps import Steps

BranchId = str
Defines = tuple[Define, ...]
Reached = Callable[[Defines], frozenset[BranchId]]
"""Resolves the shader with these macros and says which branches were taken."""

MAX_RESOLUTIONS: Final = 400
MAX_TRIES: Final = 3_000  # assignments evaluated for one choice of macros
_MOST_DECIDING: Final = 10
MAX_STEPS: Final = 400_000
"""Of one search: operators and operands evaluated, and branches looked at per resolution. The shaders of a large host
take a hundredth of them."""
MAX_BASES: Final = 6
MAX_NUMBERS: Final = 64  # of one condition that are tried as values
MAX_CHANGED: Final = 4  # macros changed at a time
_TRIES_A_STEP: Final = 50

_NUMBER = re.compile(r"(?<![A-Za-z0-9_])[0-9]+")
_ENDS_OF_OPERATORS: Final = "=<>-+*/%"
_BEHIND = re.compile(r"\s*(?:[=!<>]=|[<>]|[-+*/%])")


@dataclass(frozen=True, slots=True)
class BranchGoal:
    """One branch of a conditional. `condition`: its `#if` expression; for #ifdef NAME "defined(NAME)", for
    #ifndef "!defined(NAME)", for #else "1". `earlier`: the branches before it in the same conditional, in
    order; `parent`: the branch around that conditional."""

    id: BranchId
    condition: str
    earlier: tuple[BranchId, ...] = ()
    parent: BranchId | None = None


@dataclass(frozen=True, slots=True)
class Inferred:
    """`define_sets`: without the empty one; with it they reach all branches but `unreached`. `gave_up`: the search
    ended at its bounds, so more may be reached."""

    define_sets: tuple[Defines, ...]
    unreached: tuple[BranchId, ...]
    n_resolutions: int
    gave_up: bool = False


def infer_variants(
    branches: Sequence[BranchGoal],
    reached: Reached,
    dialect: Dialect,
    local: Mapping[str, Sequence[str]] | None = None,
    max_resolutions: int = MAX_RESOLUTIONS,
    fixed: frozenset[str] = frozenset(),
) -> Steps[Inferred]:
    """A small covering set. `branches` in file order (those of an include once per file); `local`: the bodies
    of each macro that the shader itself #defines: its value is steered through the names in there. `fixed`: those that
    are not given besides."""
    search = _Search(branches, reached, dialect, local or {}, max_resolutions, fixed)
    yield from search.run()
    chosen = yield from search.merged(_cover(search.known))
    wanted = {branch.id for branch in branches}
    unreached = wanted.difference(*search.known.values())
    return Inferred(
        tuple(defines for defines in chosen if defines),
        tuple(branch.id for branch in branches if branch.id in unreached),
        search.n_resolutions,
        search.gave_up,
    )


class _Search:
    def __init__(
        self,
        branches: Sequence[BranchGoal],
        reached: Reached,
        dialect: Dialect,
        local: Mapping[str, Sequence[str]],
        max_resolutions: int,
        fixed: frozenset[str],
    ) -> None:
        self.fixed = fixed
        self.branches = branches
        self.conditions = {branch.id: parse_condition(branch.condition) for branch in branches}
        self.reached = reached
        self.dialect = dialect
        self.local = local
        self.max_resolutions = max_resolutions
        self.n_resolutions = 0
        self.n_steps = 0
        self.known: dict[Defines, frozenset[BranchId]] = {}
        self.covered: set[BranchId] = set()
        self.values = _values(self.conditions.values(), local)

    @property
    def gave_up(self) -> bool:
        return self.n_steps >= MAX_STEPS or self.n_resolutions >= self.max_resolutions

    def run(self) -> Steps[None]:
        self._resolve(())
        yield
        tried: set[tuple[BranchId, Defines]] = set()
        progress = True
        while progress:
            progress = False
            for branch in self.branches:
                if self.gave_up:
                    return
                self.n_steps += 1
                if branch.id in self.covered or (branch.parent is not None and branch.parent not in self.covered):
                    continue
                for base in self._bases(branch):
                    if (branch.id, base) in tried:
                        continue
                    tried.add((branch.id, base))
                    if (yield from self._reach(branch, base)):
                        progress = True
                        break

    def merged(self, cover: Sequence[Defines]) -> Steps[list[Defines]]:
        """A cover with fewer sets: two that do not contradict each other become one where nothing is lost.
        Macros of one family (K_F16, K_Q8_0) are seldom meant together, so sets that differ in one stay
        apart."""
        merged: list[Defines] = []
        limit = self.n_resolutions + self.max_resolutions
        most_steps = self.n_steps + MAX_STEPS
        for defines in cover:
            wanted = self.known[defines]
            for index, other in enumerate(merged):
                both = dict(other) | dict(defines)
                if any(both[name] != value for name, value in other):
                    continue
                if self.n_resolutions >= limit or self.n_steps >= most_steps:
                    continue
                families = {_family(name) for name in dict(defines).keys() - dict(other).keys()}
                if families & {_family(name) for name in dict(other).keys() - dict(defines).keys()}:
                    continue
                union = tuple(sorted(both.items()))
                yield
                reached = self.known.get(union) or self._resolve(union)
                if reached >= self.known[other] | wanted:
                    merged[index] = union
                    break
            else:
                merged.append(defines)
        return _cover({defines: self.known[defines] for defines in [(), *merged]})

    def _bases(self, branch: BranchGoal) -> list[Defines]:
        """The macro sets from which the branch is within sight, those with few macros first."""
        found = [defines for defines, ids in self.known.items() if branch.parent is None or branch.parent in ids]
        return sorted(found, key=len)[:MAX_BASES]

    def _reach(self, branch: BranchGoal, base: Defines) -> Steps[bool]:
        n_resolved = 0
        for defines in self._candidates(branch, base):
            yield
            if defines is None or defines in self.known:
                continue
            if n_resolved >= 24 or self.gave_up:
                return False
            n_resolved += 1
            if branch.id in self._resolve(defines):
                return True
        return False

    def _resolve(self, defines: Defines) -> frozenset[BranchId]:
        self.n_resolutions += 1
        self.n_steps += 4 * len(self.branches)
        found = self.known[defines] = self.reached(defines)
        self.covered |= found
        return found

    def _candidates(self, branch: BranchGoal, base: Defines) -> Iterator[Defines | None]:
        """Macro sets near `base` under which the branch's condition holds and those before it do not, as far
        as that can be told without the shader; None from time to time while there is none."""
        names = self._names([branch.id, *branch.earlier])
        conditions = [self.conditions[branch.id], *(self.conditions[one] for one in branch.earlier)]
        is_free = not any(name in self.local for condition in conditions for name in condition.names)
        before = dict(base)
        for changed in range(1, min(MAX_CHANGED, len(names)) + 1):
            for chosen in combinations(names, changed):
                options = [[value for value in self._options(name) if value != before.get(name)] for name in chosen]
                for number, values in enumerate(islice(product(*options), MAX_TRIES)):
                    self.n_steps += changed
                    if number % _TRIES_A_STEP == 0:
                        yield None
                    if self.gave_up:
                        return
                    macros = dict(before)
                    for name, value in zip(chosen, values, strict=True):
                        if value is None:
                            macros.pop(name, None)
                        else:
                            macros[name] = value
                    if not is_free or self._chosen(conditions, macros):
                        yield tuple(sorted(macros.items()))

    def _chosen(self, conditions: Sequence[Condition], macros: Mapping[str, str]) -> bool:
        first = self._evaluated(conditions[0], macros)
        if first.error is not None or not first.value:
            return False
        return not any(self._evaluated(one, macros).value for one in conditions[1:])

    def _evaluated(self, condition: Condition, macros: Mapping[str, str]) -> Evaluation:
        found = evaluate(condition, macros, self.dialect)
        self.n_steps += len(condition.steps) + len(found.reads)
        return found

    def _names(self, ids: Iterable[BranchId]) -> list[str]:
        """The macros that decide these branches; for one that the shader defines, those in its bodies
        first."""
        names: dict[str, None] = {}
        locally: dict[str, None] = {}
        queue = [name for one in ids for name in self.conditions[one].names]
        for name in queue:
            self.n_steps += 1
            if self.gave_up or len(names) >= _MOST_DECIDING:
                break
            if name in names or name in locally:
                continue
            if name in self.local:
                locally[name] = None
                for body in self.local[name]:
                    queue.extend(parse_condition(body).names)
            else:
                names[name] = None
        return [*names, *(name for name in locally if name not in self.fixed)][:_MOST_DECIDING]

    def _options(self, name: str) -> list[str | None]:
        return [*self.values.get(name, [""]), None]


def _values(conditions: Iterable[Condition], local: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """For each macro the values worth trying, the likeliest first: merely defined, where its truth is asked; the
    numbers in its conditions, where it is compared; their neighbours and doubles."""
    numbers: dict[str, dict[int, None]] = {}
    compared: set[str] = set()
    bodies = [parse_condition(body) for values in local.values() for body in values]
    for condition in [*conditions, *bodies]:
        found = [int(text) for text in _NUMBER.findall(condition.text) if len(text) < 9][:MAX_NUMBERS]
        for name, start, end in condition.name_spans:
            known = numbers.setdefault(name, {})
            if name in condition.valued:
                known.update(dict.fromkeys(found))
            if _follows_operator(condition.text, start) or _BEHIND.match(condition.text, end):
                compared.add(name)
    values: dict[str, list[str]] = {}
    for name, exact in numbers.items():
        near = [n + step for n in exact for step in (1, -1) if n + step >= 0]
        more = [str(n) for n in (*exact, *near, *(2 * n for n in exact), 0)]
        values[name] = list(dict.fromkeys([*more, ""] if name in compared else ["", *(more if exact else [])]))
    return values


def _follows_operator(text: str, start: int) -> bool:
    while start > 0 and text[start - 1].isspace():
        start -= 1
    return start > 0 and text[start - 1] in _ENDS_OF_OPERATORS


def _family(name: str) -> str:
    return name.partition("_")[0]


def _cover(known: Mapping[Defines, frozenset[BranchId]]) -> list[Defines]:
    """Greedy set cover, beginning with the empty set; ties go to fewer macros, then to the earlier found."""
    order = {defines: index for index, defines in enumerate(known)}
    left = set().union(*known.values()) - known.get((), frozenset())
    chosen: list[Defines] = []
    while left:
        best = min(known, key=lambda defines: (-len(known[defines] & left), len(defines), order[defines]))
        chosen.append(best)
        left -= known[best]
    return sorted(chosen, key=lambda defines: order[defines])
