"""Bare names: macros of the host that stand where no name can stand, for their values are pieces of text (more
parameters, attributes, whole statements). Their stand-in is the first of a few texts with which the parser reads on.

What such a piece of text declares or ends nobody knows, so what our front end and the engines say around it is left
out (`Bare.explains`). A name that nothing of this mends is no bare one, and the error at it stays. Nothing is compiled
here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.stand_ins import rests_on
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.text.span import Location, Span

if TYPE_CHECKING:
    from wgsl_ls.wgsl.lexer import Tokens
    from wgsl_ls.wgsl.problems import Problem
    from wgsl_ls.wgsl.symbols import Analysis

_VALUES = ("", "+", "stand_in: u32", "; false;")
"""Nothing, an operator, a member or parameter, the head of a loop."""
_MOST_TRIALS = 12
"""Texts that are read to find out what may be a bare name, for one variant."""


@dataclass(frozen=True)
class Bare:
    """`expansion`: of a variant, with the stand-ins `defines`, which stand at `places` of it."""

    expansion: Expansion
    front_end: FrontEnd
    defines: tuple[tuple[str, str], ...] = ()

    @cached_property
    def uses(self) -> tuple[tuple[str, Location], ...]:
        """(name, where it is written)."""
        names = {name for name, _ in self.defines}
        found = [(use.name, use.location) for use in self.expansion.replay.uses if use.name in names]
        return tuple(dict.fromkeys(found))

    @cached_property
    def _values(self) -> dict[int, str]:
        source_map, values = self.expansion.source_map, dict(self.defines)
        found = [
            (span.start, values[name])
            for name, place in self.uses
            for span in source_map.expanded(place.path, place.span)
        ]
        return dict(sorted(found))

    @property
    def places(self) -> tuple[int, ...]:
        return tuple(self._values)

    @property
    def anchors(self) -> tuple[int, ...]:
        """`places`, those of nothing behind the token before them: the blanks between belong to no statement."""
        text = self.expansion.text
        return tuple(place if value else len(text[:place].rstrip()) for place, value in self._values.items())

    def value_of(self, place: int) -> str:
        """The stand-in at one of `places`."""
        return self._values[place]

    def explains(self, problem: Problem) -> bool:
        """Whether what our front end says may come from a piece of text that is not there."""
        if not self.places or problem.kind == "syntax":
            return False
        if problem.kind in ("name", "flow", "return", "attribute"):
            return not problem.meant and self.is_beside(problem.start)
        return self._rests(Span(problem.start, problem.end))

    def is_beside(self, at: int) -> bool:
        """A piece may declare what is used at a place of the expansion, or end what is begun there."""
        placed = self._analysis.module.placed_at(at)
        inside = placed is not None and any(placed.start <= place <= placed.end for place in self.places)
        return inside or (bool(self.places) and self._is_between)

    @cached_property
    def _rests(self) -> Callable[[Span], bool]:
        return rests_on(self._analysis, (), self.anchors)

    @property
    def _analysis(self) -> Analysis:
        return self.front_end.analysis(self.expansion)

    @cached_property
    def _is_between(self) -> bool:
        """A piece stands outside of all declarations, so it may be declarations."""
        placed = [self._analysis.module.placed_at(place) for place in self.places]
        return any(one is None or one.end <= place for one, place in zip(placed, self.places, strict=True))


def bare(view: RootView, index: int, front_end: FrontEnd, may_be: Callable[[str], bool]) -> Bare:
    """The bare names of a variant. `may_be`: whether a name that nothing declares may be a macro of the host."""
    from wgsl_ls.wgsl.lexer import tokenize

    found = Bare(view.expansion(index), front_end)
    refused: set[tuple[str, int]] = set()
    for _ in range(_MOST_TRIALS):
        errors = front_end.analysis(found.expansion).module.errors
        if not errors:
            break
        tokens = tokenize(found.expansion.text)
        trials = (
            (error.start, name, at)
            for error in errors
            for name, at in _names_at(tokens, error.start)
            if (name, at) not in refused and name not in dict(found.defines) and may_be(name)
        )
        trial = next(trials, None)
        if trial is None:
            break
        refused.add(trial[1:])
        found = _with(view, index, found, *trial[:2]) or found
    return found


def _names_at(tokens: Tokens, at: int) -> Iterator[tuple[str, int]]:
    """The names at a place and directly before it, with their places."""
    from wgsl_ls.wgsl.lexer import IDENTIFIER

    number = bisect_left(tokens.starts, at)
    for one in (number, number - 1):
        if 0 <= one < len(tokens) and tokens.kinds[one] == IDENTIFIER:
            yield tokens.texts[one], tokens.starts[one]


def _with(view: RootView, index: int, before: Bare, error: int, name: str) -> Bare | None:
    """With `name` as one more bare name, if the syntax error at `error` is gone then, and none stands in its place."""
    from wgsl_ls.wgsl.lexer import tokenize

    there = _written(before.expansion, error)
    n_errors = len(before.front_end.analysis(before.expansion).module.errors)
    for value in _VALUES:
        defines = (*before.defines, (name, value))
        trial = Bare(
            view.expansion_with(index, [f"{macro}={given}" for macro, given in defines]), before.front_end, defines
        )
        starts = tokenize(trial.expansion.text).starts
        errors = [one.start for one in before.front_end.analysis(trial.expansion).module.errors]
        is_gone = there not in {_written(trial.expansion, at) for at in errors} if there else len(errors) < n_errors
        around = [(place, starts[bisect_left(starts, place + len(trial.value_of(place)))]) for place in trial.places]
        if is_gone and not any(start <= at <= behind for at in errors for start, behind in around):
            return trial
    return None


def _written(expansion: Expansion, at: int) -> Location | None:
    origin = expansion.source_map.written(at, at + 1)
    return origin.location if origin is not None else None
