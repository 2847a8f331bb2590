"""Picking: fewer variants of a root by what they become, for `pick = "structures"`, `"branches"` and `"most-enabled"`.

Whatever a variant comes from (axes, a list, the host's code): what is left is what is judged, and nobody says of it
that it is all there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.model import Pick, ProjectConfig
from wgsl_ls.project.skeletons import Skeletons
from wgsl_ls.project.variants import Variant, entries_for

T = TypeVar("T", bound=Hashable)
_MANY = 64
"""Sets, of which fewer are not looked for."""
_MOST_TRIES = 500


def pick_of(config: ProjectConfig, root: str) -> Pick:
    """What is said about the variants of a root, the last `[[shader]]` first."""
    own = [entry.pick for _, entry in entries_for(config, root) if entry.pick is not None]
    return own[-1] if own else config.pick


def picked(pick: Pick, variants: Sequence[Variant], expand: Callable[[Variant], Expansion]) -> tuple[Variant, ...]:
    """One variant of each structure, the first; the fewest that together take every branch which some variant
    takes; or the one that takes the most. Variants that fail to preprocess are kept in every case."""
    expansions = [expand(variant) for variant in variants]
    failed = [index for index, expansion in enumerate(expansions) if expansion.failed]
    others = [index for index, expansion in enumerate(expansions) if not expansion.failed]
    if pick == "structures":
        skeletons = Skeletons()
        found: dict[Hashable, int] = {}
        for index in others:
            found.setdefault((skeletons.of(expansions[index]).pieces, variants[index].overrides), index)
        chosen = list(found.values())
    else:
        branches = [expansions[index].taken_branches() for index in others]
        if pick == "branches":
            chosen = [others[number] for number in fewest(branches)] or others[:1]
        else:
            chosen = [others[max(range(len(others)), key=lambda number: len(branches[number]))]] if others else []
    return tuple(variants[index] for index in sorted((*failed, *chosen)))


def fewest(sets: Sequence[frozenset[T]]) -> list[int]:
    """Indices of the fewest sets that together hold what all hold. With very many different ones few, for the fewest
    take too long to be found: each time the one with the most that is left, in the end less what the others make
    superfluous."""
    taken = taken_greedily(sets)
    counts = Counter(item for index in taken for item in sets[index])
    for index in list(taken):
        if all(counts[item] > 1 for item in sets[index]):
            taken.remove(index)
            counts.subtract(sets[index])
    if len(taken) > _MANY:
        return taken
    different = list(dict.fromkeys(sets))
    holders: dict[T, int] = {}
    for number, one in enumerate(different):
        for item in one:
            holders[item] = holders.get(item, 0) | 1 << number
    fewer = _Fewest(len(taken)).of(list(set(holders.values())), [])
    return sorted(sets.index(different[number]) for number in fewer) if fewer is not None else taken


class _Fewest:
    """Looks for a way to hit each of some sets of numbers (as bits) with fewer than `most` numbers, in at most
    `_MOST_TRIES` tries."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._n_tries = 0

    def of(self, wanted: list[int], taken: list[int]) -> list[int] | None:
        """`wanted`: what `taken` does not hit yet."""
        if not wanted:
            self._most = len(taken)
            return taken
        self._n_tries += 1
        apart, seen = 0, 0
        for one in sorted(wanted, key=int.bit_count):
            if not one & seen:
                apart, seen = apart + 1, seen | one
        if len(taken) + apart >= self._most or self._n_tries > _MOST_TRIES:
            return None
        best = None
        rarest = min(wanted, key=int.bit_count)
        numbers = [number for number in range(rarest.bit_length()) if rarest >> number & 1]
        hits = {number: sum(one >> number & 1 for one in wanted) for number in numbers}
        for number in sorted(numbers, key=lambda number: -hits[number]):
            left = [one for one in wanted if not one >> number & 1]
            best = self.of(left, [*taken, number]) or best
        return best


def taken_greedily(sets: Sequence[frozenset[T]]) -> list[int]:
    """Indices of sets that together hold what all hold: each time the first one with the most that is left."""
    left = frozenset[T]().union(*sets)
    taken: list[int] = []
    while left:
        best = max(range(len(sets)), key=lambda index: len(sets[index] & left))
        taken.append(best)
        left -= sets[best]
    return taken
