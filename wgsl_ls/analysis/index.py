"""Index: every WGSL name of a root at its written place, with the written place of what it means.

One variant shows about a third of a root's names, so the index is made over a covering set: the active variant and
as few others as are needed to reach every branch that any variant reaches. It is built in steps, one variant each,
and lives as long as the RootView; syntax trees behind it are kept by content.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.snapshot import RootView
from wgsl_ls.text.span import Location, Span


@dataclass(frozen=True, slots=True)
class Use:
    """One name where it is written. `target`: where what it means is declared (None: predeclared or unresolved);
    `macro`: the place is a macro's name, and the WGSL name comes out of its value."""

    location: Location
    name: str
    target: Location | None
    kind: str
    is_declaration: bool
    macro: bool
    variant_index: int


class RootIndex:
    """Uses of one root, each written place and meaning once."""

    def __init__(self) -> None:
        self.uses: dict[tuple[Location, Location | None], Use] = {}
        self.n_variants = 0
        self._by_path: dict[str, tuple[list[int], list[Use]]] | None = None

    def add(self, use: Use) -> None:
        self.uses.setdefault((use.location, use.target), use)
        self._by_path = None

    def of_target(self, target: Location) -> list[Use]:
        """Every use (and the declaration) of what is declared at `target`."""
        return [use for use in self.uses.values() if use.target == target]

    def at(self, path: str, offset: int) -> list[Use]:
        """The uses whose written place touches `offset`, one for each thing the name means somewhere."""
        if self._by_path is None:
            grouped: dict[str, list[Use]] = {}
            for use in self.uses.values():
                grouped.setdefault(use.location.path, []).append(use)
            self._by_path = {}
            for name, uses in grouped.items():
                uses.sort(key=lambda use: use.location.span.start)
                self._by_path[name] = ([use.location.span.start for use in uses], uses)
        starts, uses = self._by_path.get(path, ([], []))
        index = bisect_right(starts, offset)
        found: list[Use] = []
        while index > 0:
            index -= 1
            if uses[index].location.span.touches(offset):
                found.append(uses[index])
            elif starts[index] < offset - 200:
                break
        return found


def covering_variants(view: RootView, first: int) -> list[int]:
    """`first` and as few other variants as reach, together, every branch that any variant reaches. Greedy."""
    taken = [expansion.taken_branches() if not expansion.failed else frozenset() for _, expansion in view.expansions()]
    left = set().union(*taken) - taken[first] if taken else set()
    chosen = [first]
    while left:
        best = max(range(len(taken)), key=lambda index: len(taken[index] & left))
        chosen.append(best)
        left -= taken[best]
    return chosen


def index_steps(index: RootIndex, view: RootView, front_end: FrontEnd, variants: list[int]) -> Iterator[None]:
    """Add the names of these variants to `index`, one variant a step."""
    for variant_index in variants:
        _add_variant(index, view, front_end, variant_index)
        index.n_variants += 1
        yield


def _add_variant(index: RootIndex, view: RootView, front_end: FrontEnd, variant_index: int) -> None:
    expansion = view.expansion(variant_index)
    analysis = front_end.analysis(expansion)
    source_map = view.replay(variant_index).source_map
    targets: dict[tuple[int, int], Location | None] = {}
    for occurrence in analysis.occurrences:
        origin = source_map.written(occurrence.start, occurrence.end)
        if origin is None:
            continue
        symbol = occurrence.symbol
        target: Location | None = None
        kind = ""
        if symbol is not None:
            kind = symbol.kind
            if not symbol.is_predeclared:
                key = (symbol.start, symbol.end)
                if key not in targets:
                    declared = source_map.written(symbol.start, symbol.end)
                    targets[key] = declared.location if declared is not None else None
                target = targets[key]
        index.add(
            Use(
                origin.location,
                occurrence.name,
                target,
                kind,
                occurrence.is_declaration,
                bool(origin.macro),
                variant_index,
            )
        )


def macro_words(text: str, name: str, start: int = 0) -> Iterator[Span]:
    """Where `name` stands as a whole word of [A-Za-z0-9_] in a text."""
    position = text.find(name, start)
    while position != -1:
        end = position + len(name)
        if not _is_word(text[position - 1 : position]) and not _is_word(text[end : end + 1]):
            yield Span(position, end)
        position = text.find(name, end)


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
