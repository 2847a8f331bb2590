"""Skeletons of whole expansions, put together from those of their nodes: variants share nearly all outcomes, and what
such a one holds is read once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wgsl_ls.preprocess.directives import Directive
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.preprocess.outcomes import Child, Outcome
from wgsl_ls.text.source_file import text_digest
from wgsl_ls.wgsl.skeleton import Skeleton, skeleton


@dataclass(frozen=True, slots=True)
class TextSkeleton:
    """`pieces`: a number for the skeleton of each piece, those without tokens left out: equal for texts that differ
    only in integers. `numbers`: these, of each piece that has some. `places`: equal when all pieces were written at the
    same places of the same files."""

    pieces: tuple[int, ...]
    numbers: tuple[tuple[int, ...], ...]
    places: int


class Skeletons:
    """Of expansions that live as long as this does: outcomes are known by their identity."""

    def __init__(self) -> None:
        self._pieces: dict[str, Skeleton] = {}
        self._known: dict[int, TextSkeleton] = {}
        self._numbered: dict[str, int] = {}
        self._digests: list[str] = []

    def of(self, expansion: Expansion) -> TextSkeleton:
        children = expansion.raw.children
        for _, _, outcome in children:
            if outcome is not None and outcome.text and id(outcome) not in self._known:
                self._read(outcome)
        return self._joined(children)

    def digest(self, found: TextSkeleton) -> str:
        """The same for equal `pieces`, in every process."""
        return text_digest("".join([self._digests[number] for number in found.pieces]))

    def piece(self, text: str) -> Skeleton:
        """Of one of the pieces that an expansion is joined of."""
        found = self._pieces.get(text)
        if found is None:
            found = self._pieces[text] = skeleton(text)
        return found

    def _read(self, outcome: Outcome) -> None:
        todo = [outcome]
        while todo:
            inner = [
                child
                for child in todo[-1].outcomes
                if child is not None and child.text and id(child) not in self._known
            ]
            if inner:
                todo.extend(inner)
                continue
            one = todo.pop()
            self._known[id(one)] = self._joined(one.children) if one.outcomes else self._of_piece(one.text)

    def _of_piece(self, text: str) -> TextSkeleton:
        found = self.piece(text)
        if not found.text:
            return TextSkeleton((), (), 0)
        number = self._numbered.setdefault(found.text, len(self._digests))
        if number == len(self._digests):
            self._digests.append(text_digest(found.text))
        return TextSkeleton((number,), (found.numbers,) if found.numbers else (), 0)

    def _joined(self, children: Iterable[Child]) -> TextSkeleton:
        pieces: list[int] = []
        numbers: list[tuple[int, ...]] = []
        places: list[tuple[int, str, int]] = []
        known = self._known
        for offset, node, outcome in children:
            if outcome is None or not outcome.text:
                continue
            one = known[id(outcome)]
            pieces += one.pieces
            numbers += one.numbers
            places.append((offset, node.name if type(node) is Directive else "", one.places))
        return TextSkeleton(tuple(pieces), tuple(numbers), hash(tuple(places)))
