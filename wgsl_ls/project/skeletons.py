"""Skeletons of whole expansions, put together from those of their nodes: variants share nearly all outcomes, and what
such a one holds is read once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Final

from wgsl_ls.preprocess.directives import Directive
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.preprocess.outcomes import Child, Outcome
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.source_file import text_digest
from wgsl_ls.wgsl.skeleton import Skeleton, skeleton


@dataclass(frozen=True, slots=True)
class TextSkeleton:
    """`pieces`: a number for the skeleton of each piece, those without tokens left out: equal for texts that differ
    only in integers. `nested`: the integers, by outcome. `places`: equal when all pieces were written at the same
    places of the same files, of expansions of one tree."""

    pieces: tuple[int, ...]
    nested: tuple[tuple[tuple[int, ...], ...], ...]
    places: int

    @property
    def numbers(self) -> tuple[tuple[int, ...], ...]:
        """The integers of each piece that has some."""
        return tuple(chain.from_iterable(self.nested))


@dataclass(frozen=True, slots=True)
class _Known:
    """Of one outcome. `shape`: a number for `pieces`."""

    shape: int
    numbers: tuple[tuple[int, ...], ...]
    places: int


class Skeletons:
    """Of expansions that live as long as this does: outcomes are known by their identity."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {id(None): _NOTHING}
        self._shapes: dict[tuple[int, ...], int] = {(): 0}
        self._pieces: list[tuple[int, ...]] = [()]
        self._joined: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._numbered: dict[str, int] = {}
        self._digests: list[str] = []

    def of(self, expansion: Expansion) -> TextSkeleton:
        """Most of it is looked up: there are thousands of variants."""
        outcomes = expansion.raw.outcomes
        known = self._known
        try:
            found = [known[id(outcome)] for outcome in outcomes]
        except KeyError:
            for outcome in outcomes:
                if outcome is not None and id(outcome) not in known:
                    self._read(outcome)
            found = [known[id(outcome)] for outcome in outcomes]
        shapes = tuple([one.shape for one in found])
        pieces = self._joined.get(shapes)
        if pieces is None:
            pieces = self._joined[shapes] = tuple(chain.from_iterable([self._pieces[shape] for shape in shapes]))
        return TextSkeleton(
            pieces, tuple([one.numbers for one in found if one.numbers]), hash(tuple([one.places for one in found]))
        )

    def digest(self, found: TextSkeleton) -> str:
        """The same for equal `pieces`, in every process."""
        return text_digest("".join([self._digests[number] for number in found.pieces]))

    def piece(self, text: str) -> Skeleton:
        """Of one of the pieces that an expansion is joined of."""
        return _PIECES.get_or(text, lambda: skeleton(text))

    def _read(self, outcome: Outcome) -> None:
        todo = [outcome]
        while todo:
            has_text = bool(todo[-1].text)
            inner = [one for one in todo[-1].outcomes if has_text and one is not None and id(one) not in self._known]
            if inner:
                todo.extend(inner)
                continue
            one = todo.pop()
            is_piece = not (one.outcomes and one.text)
            self._known[id(one)] = self._of_piece(one.text) if is_piece else self._of_children(one.children)

    def _of_piece(self, text: str) -> _Known:
        if not text:
            return _NOTHING
        found = self.piece(text)
        if not found.text:
            return _Known(0, (), 0)
        number = self._numbered.setdefault(found.text, len(self._digests))
        if number == len(self._digests):
            self._digests.append(text_digest(found.text))
        return _Known(self._shape((number,)), (found.numbers,) if found.numbers else (), 0)

    def _of_children(self, children: Iterable[Child]) -> _Known:
        pieces: list[int] = []
        numbers: list[tuple[int, ...]] = []
        places: list[tuple[int, str, int]] = []
        for offset, node, outcome in children:
            if outcome is None or not outcome.text:
                continue
            one = self._known[id(outcome)]
            pieces += self._pieces[one.shape]
            numbers += one.numbers
            places.append((offset, node.name if type(node) is Directive else "", one.places))
        return _Known(self._shape(tuple(pieces)), tuple(numbers), hash(tuple(places)))

    def _shape(self, pieces: tuple[int, ...]) -> int:
        number = self._shapes.setdefault(pieces, len(self._pieces))
        if number == len(self._pieces):
            self._pieces.append(pieces)
        return number


_NOTHING: Final = _Known(0, (), -1)
_PIECES: Final[Memo[str, Skeleton]] = Memo(4096)
