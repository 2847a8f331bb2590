"""Picking: fewer variants of a root by what they become, for `pick = "structures"`, `"branches"` and `"most-enabled"`.

Whatever a variant comes from (axes, a list, the host's code): what is left is what is judged, and nobody says of it
that it is all there is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.model import Pick, ProjectConfig
from wgsl_ls.project.skeletons import Skeletons
from wgsl_ls.project.variants import Variant, entries_for

T = TypeVar("T", bound=Hashable)


def pick_of(config: ProjectConfig, root: str) -> Pick:
    """What is said about the variants of a root, the last `[[shader]]` first."""
    own = [entry.pick for _, entry in entries_for(config, root) if entry.pick is not None]
    return own[-1] if own else config.pick


def picked(pick: Pick, variants: Sequence[Variant], expand: Callable[[Variant], Expansion]) -> tuple[Variant, ...]:
    """One variant of each structure, the first; few that together take every branch which some variant
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
    """Indices of few sets that together hold what all hold, in the order in which they were taken: each time the one
    with the most that is left, in the end less what the others make superfluous."""
    taken = taken_greedily(sets)
    for index in list(taken):
        if sets[index] <= frozenset[T]().union(*(sets[other] for other in taken if other != index)):
            taken.remove(index)
    return taken


def taken_greedily(sets: Sequence[frozenset[T]]) -> list[int]:
    """Indices of sets that together hold what all hold: each time the first one with the most that is left."""
    left = frozenset[T]().union(*sets)
    taken: list[int] = []
    while left:
        best = max(range(len(sets)), key=lambda index: len(sets[index] & left))
        taken.append(best)
        left -= sets[best]
    return taken
