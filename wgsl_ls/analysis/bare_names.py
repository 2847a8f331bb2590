"""Bare names: macros of the host that stand where no name can stand, for their values are pieces of text (more
parameters, attributes, whole statements). Their stand-in is the first of a few texts with which the parser reads on;
which are tried is told by what stands before the name.

What such a piece of text declares or ends nobody knows, so what our front end and the engines say around it is left
out (`Bare.explains`). A name that nothing of this mends is no bare one, and the error at it stays. Nothing is compiled
here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.stand_ins import rests_on
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import Steps
from wgsl_ls.wgsl.builtins import ENABLE_EXTENSIONS, LANGUAGE_FEATURES
from wgsl_ls.wgsl.lexer import FLOAT, IDENTIFIER, INTEGER, TEMPLATE_CLOSE, Tokens, tokenize, trivia_end
from wgsl_ls.wgsl.parser import ParseCache, parse
from wgsl_ls.wgsl.syntax import NameDirective

if TYPE_CHECKING:
    from wgsl_ls.wgsl.module import Placed
    from wgsl_ls.wgsl.problems import Problem
    from wgsl_ls.wgsl.symbols import Analysis

_RULE = "derivative_uniformity"
_ATTRIBUTES = {
    "(": ("location", "workgroup_size"), "var": ("group(0) @binding(901)",), "override": ("id(901)",),
    "@": ("compute", "group(0)"), IDENTIFIER: ("size(64)",),
}  # fmt: skip
"""By what stands behind the name of one."""
_ATTRIBUTE = (f"diagnostic(off, {_RULE})",)
_PIECES = {
    "directive": ("f16;",),
    "declared": ("stand_in: u32", "stand_in = 1", "stand_in: u32;", "stand_in: u32 = 1;", "stand_in() { }",
                 "stand_in()", "stand_in { stand_in: u32 }", "stand_in = u32", ""),
    "list": ("", "stand_in: u32", "; false;", ";", "off", "global_invocation_id"),
    "label": ("", "{ }", "case 901u", "case 901u: { } default: { }", "default: { }"),
    "start": ("", "stand_in: u32", "fn", "struct", "const", "var", "var<private> stand_in: u32", "const_assert", "if",
              "for", "switch", "case", "case 901u", "case 901u: { } default: { }", "default: { }", "var stand_in",
              "break"),
    "head": ("{ }", "if", "(; false;)", ""),
    "operand": ("", "+", ": u32", "= 1", "+=", "()", "(1)", "[0]", "=", ";", "->", "++", "; false;", "{ }",
                "{ stand_in: u32 }", "{ default: { } }", "var<uniform> stand_in: u32", "var<uniform> stand_in: u32;"),
    "": ("", "+", "stand_in: u32"),
}  # fmt: skip
"""By what stands before a name: what may stand in its place."""
_DECLARING = ("fn", "struct", "var", "let", "const", "alias", "override")
_SPACES = ("workgroup", "private", "storage", "uniform", "function", "read", "read_write", "write")
_WORD = re.compile(r"\w+")
_KNOWN_NAMES = {"enable": (ENABLE_EXTENSIONS, "f16"), "requires": (LANGUAGE_FEATURES, "pointer_composite_access")}
"""What a directive may name, and a name that every engine takes."""
_MOST_TRIALS = 64
"""Texts that are read to find out what may be a bare name, for one variant."""
_MOST_CHARACTERS = 16_000_000
"""Of those texts and their parts, together."""
_MOST_AT_ONCE = 4_000_000
"""Of those for one name: of a function of half a million characters they would take ten seconds."""
_LONGEST_CALL = 1000
"""Tokens from a name to the end of the parentheses behind it."""


@dataclass(frozen=True)
class Bare:
    """`expansion`: of a variant, with the stand-ins `defines`, which stand at `places` of it. `is_whole`: no error of
    syntax is left that one more of them might mend."""

    expansion: Expansion
    front_end: FrontEnd
    defines: tuple[tuple[str, str], ...] = ()
    is_whole: bool = True

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
            return not self.is_whole
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


def bare_steps(view: RootView, index: int, front_end: FrontEnd, may_be: Callable[[str], bool]) -> Steps[Bare]:
    """The bare names of a variant, with a pause behind each trial. `may_be`: whether a name that nothing declares may
    be a macro of the host."""
    found = _in_directives(view, index, front_end, may_be)
    refused: set[tuple[str, int]] = set()
    n_trials = n_read = 0
    while True:
        yield
        module = front_end.analysis(found.expansion).module
        errors = module.errors
        if not errors:
            break
        if n_trials >= _MOST_TRIALS or n_read > _MOST_CHARACTERS:
            found = replace(found, is_whole=False)
            break
        tokens = tokenize(found.expansion.text)
        known = dict(found.defines)
        trials = (
            (error.start, number)
            for error in errors
            for number in _names_at(tokens, error.start)
            if (name := tokens.texts[number]) not in known
            and (name, tokens.starts[number]) not in refused
            and may_be(name)
        )
        trial = next(trials, None)
        if trial is None:
            break
        refused.add((tokens.texts[trial[1]], tokens.starts[trial[1]]))
        placed = module.placed_at(tokens.starts[trial[1]])
        n_trials += 1
        more = len(found.expansion.text) + len(_pieces(tokens, trial[1])) * (len(placed.chunk.text) if placed else 0)
        n_read += more
        if more > _MOST_AT_ONCE:
            found = replace(found, is_whole=False)
            break
        given = _with(view, index, found, trial[0], tokens, trial[1], may_be)
        if given is not None:  # what nothing mended before may be mended now
            found, refused = given, set()
    return found


def _in_directives(view: RootView, index: int, front_end: FrontEnd, may_be: Callable[[str], bool]) -> Bare:
    """With a known name for each that a directive has from the host."""
    found = Bare(view.expansion(index), front_end)
    defines: dict[str, str] = {}
    for _, directive in front_end.analysis(found.expansion).module.directives:
        if isinstance(directive, NameDirective):
            known, value = _KNOWN_NAMES[directive.keyword]
            defines.update((name, value) for name, _ in directive.names if name not in known and may_be(name))
        elif may_be(directive.rule):
            defines[directive.rule] = _RULE
    return _given(view, index, found, tuple(defines.items())) if defines else found


def _given(view: RootView, index: int, before: Bare, defines: tuple[tuple[str, str], ...]) -> Bare:
    given = view.expansion_with(index, [f"{macro}={value}" for macro, value in defines])
    return Bare(given, before.front_end, defines)


def _names_at(tokens: Tokens, at: int) -> Iterator[int]:
    """The names at a place and next to it, by number: an error stands at a token, or at the end of the one before; or
    behind what looked like a call of the name."""
    number = bisect_left(tokens.starts, at)
    for one in (number, number - 1, number + 1, number - 2, *_called_before(tokens, number)):
        if 0 <= one < len(tokens) and tokens.kinds[one] == IDENTIFIER:
            yield one


def _called_before(tokens: Tokens, number: int) -> Iterator[int]:
    """What stands before the parentheses that end before a token."""
    depth, last = 0, min(number, len(tokens)) - 1
    for one in range(last, max(0, last - _LONGEST_CALL), -1):
        kind = tokens.kinds[one]
        if not depth and kind != ")":
            return
        depth += (kind == ")") - (kind == "(")
        if not depth:
            yield one - 1
            return


def _pieces(tokens: Tokens, number: int) -> tuple[str, ...]:
    """What may stand in the place of a name."""
    kind, before = tokens.kinds[number], tokens.kinds[number - 1] if number else ";"
    if before == "@":
        return _ATTRIBUTES.get(tokens.kinds[number + 1], _ATTRIBUTE)
    if before in ("enable", "requires"):
        return _PIECES["directive"]
    if before in _DECLARING or (before == TEMPLATE_CLOSE and tokens.texts[number - 2] in _SPACES):
        return _PIECES["declared"]
    if before in ("(", ","):
        return _PIECES["list"]
    if before == ":":
        return _PIECES["label"]
    if before in (";", "{", "}"):
        return _PIECES["start"]
    if before in ("for", "else", "loop", "continuing"):
        return _PIECES["head"]
    if before in (kind, INTEGER, FLOAT, ")", "]", TEMPLATE_CLOSE, "_"):
        return _PIECES["operand"]
    return _PIECES[""]


def _with(
    view: RootView,
    index: int,
    before: Bare,
    error: int,
    tokens: Tokens,
    number: int,
    may_be: Callable[[str], bool],
) -> Bare | None:
    """With the name `number` as one more bare name, if the syntax error at `error` is gone then, and none stands in its
    place, other than at a further name that may be one."""
    name = tokens.texts[number]
    known = {one for one, _ in before.defines} | {name}

    def wrong(text: str, errors: Sequence[int]) -> list[int]:
        return [
            at for at in errors if (word := _WORD.match(text, at)) is None or word[0] in known or not may_be(word[0])
        ]

    placed = before.front_end.analysis(before.expansion).module.placed_at(tokens.starts[number])
    there = _written(before.expansion, error)
    n_errors = len(before.front_end.analysis(before.expansion).module.errors)
    for value in _in_order(_pieces(tokens, number), placed, tokens.starts[number], name, wrong):
        trial = _given(view, index, before, (*before.defines, (name, value)))
        starts = tokenize(trial.expansion.text).starts
        errors = [one.start for one in before.front_end.analysis(trial.expansion).module.errors]
        is_gone = there not in {_written(trial.expansion, at) for at in errors} if there else len(errors) < n_errors
        around = [(place, starts[bisect_left(starts, place + len(trial.value_of(place)))]) for place in trial.places]
        left = wrong(trial.expansion.text, errors)
        if is_gone and not any(start <= at <= behind for at in left for start, behind in around):
            return trial
    return None


def _in_order(
    values: Sequence[str], placed: Placed | None, at: int, name: str, wrong: Callable[[str, Sequence[int]], list[int]]
) -> list[str]:
    """`values`, those first that leave the fewest errors in the declaration around a name, and of these the fewest at
    further names that may be bare ones; without those that leave as many, one of them at the name or next to it. A
    cheap look at a part of the text, before all of it is made and read."""
    if placed is None:
        return list(values)
    text, here = placed.chunk.text, at - placed.start
    n_left: dict[str, tuple[int, int]] = {}
    for value in values:
        with_value = text[:here] + value + text[here + len(name) :]
        errors = [one.start for one in parse(with_value, ParseCache()).errors]
        left = wrong(with_value, errors)
        if not left or len(left) < len(placed.chunk.problems) or min(left) > trivia_end(with_value, here + len(value)):
            n_left[value] = len(left), len(errors)
        if not errors:
            break
    return sorted(n_left, key=n_left.__getitem__)


def _written(expansion: Expansion, at: int) -> Location | None:
    origin = expansion.source_map.written(at, at + 1)
    return origin.location if origin is not None else None
