"""Memory: what one reading leaves for the next one of the same host, so that only what changed is read again.

A run of a function rests on the functions it called, on which of their statements have a say, on everything that is
declared outside of functions, and on facts of devices. Where all that is as it was, the run is not made again: what
it found is moved to where its places are now. Comments and white space are no part of "as it was".
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from wgsl_ls.host.cases import Cache, Case
from wgsl_ls.host.knowledge import Situation
from wgsl_ls.host.machine import Ending
from wgsl_ls.host.model import HostDefine, HostGap, HostVariant
from wgsl_ls.host.parts import Parts
from wgsl_ls.host.program import Function, Program
from wgsl_ls.host.syntax import SourceTree
from wgsl_ls.host.terms import Terms
from wgsl_ls.host.values import GivenAt
from wgsl_ls.text.source_file import text_digest
from wgsl_ls.text.span import Location, Span

Given = tuple[tuple[Any, GivenAt, object], ...]
FunctionId = tuple[str, str, str, int]
"""File, class, name, and which of those that share these."""

_MOST_PARTS: Final = 200_000
_MOST_TERMS: Final = 600_000
_MOST_ANSWERS: Final = 400_000
_MOST_CHARACTERS: Final = 12_000_000
_MOST_WIDER: Final = 48  # values that a sample is made wider by
_OF_A_FACT: Final = 500
"""What a fact weighs beside its text, as so many characters."""
_KEPT_FOR: Final = 3  # readings that a run is kept without being used: an edit that is taken back costs nothing

_TOKEN: Final = re.compile(
    r"""(?P<gap>(?:\s+|//[^\n]*|/\*.*?\*/)+)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[^\s"'/]+|.""", re.DOTALL
)
_DIRECTIVE: Final = re.compile(r"^[ \t]*#", re.MULTILINE)
_WORD: Final = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Kept:
    """That `shader` with these macros is kept in the map `member` under `key`, which is looked for at `location`."""

    member: str
    location: Location
    key: object
    shader: str
    defines: tuple[HostDefine, ...]

    def is_as(self, other: Kept) -> bool:
        same = self.defines is other.defines or {one.text for one in self.defines} == {
            one.text for one in other.defines
        }
        return same and self.shader == other.shader


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a function gave. `ends`: what is assumed where a gate said yes; `asked`: facts of the device;
    `made`: its variants, for no device in particular; `askers`: (shader, function that asked for it); `loose`: (shader,
    why more may be listed than there is); `unknown`: where what is not known was called; `kept`: under which
    keys some of it is kept; `endings`: where it ends though a gate lets it through; `rests_on`: (function, digest
    of what of it matters); `places`: of the files at that time; `state`: what it began with,
    and what followed from that."""

    ends: tuple[Case, ...]
    asked: Mapping[str, object]
    made: tuple[HostVariant, ...]
    askers: tuple[tuple[str, FunctionId], ...]
    gaps: tuple[tuple[FunctionId | None, HostGap], ...]
    loose: tuple[tuple[str, str], ...]
    unknown: Mapping[str, Location]
    kept: tuple[Kept, ...]
    endings: tuple[Ending, ...]
    rests_on: tuple[tuple[FunctionId, str], ...]
    places: Places
    state: Situation


@dataclass(slots=True)
class Memory:
    """Of readings with the same settings, devices and shaders. `wider`: see Terms."""

    declared: str = ""
    terms: Terms = field(default_factory=Terms)
    answers: Cache = field(default_factory=dict)
    parts: Parts = field(default_factory=Parts)
    calls: Any = None  # recall.Calls
    trees: dict[str, SourceTree] = field(default_factory=dict)
    wider: dict[str, dict[object, None]] = field(default_factory=dict)
    facts: dict[object, Any] = field(default_factory=dict)  # of one function's text, see `of_text`
    _runs: dict[object, list[tuple[int, Run]]] = field(default_factory=dict)
    _reading: int = 0
    _n_characters: int = 0
    """Of the texts of `facts`, of which each edit of a function adds one of every kind."""

    def begin(self, declared: str) -> None:
        """A reading begins; `declared`: digest of what every run rests on."""
        is_large = len(self.parts) > _MOST_PARTS or len(self.terms) > _MOST_TERMS or len(self.answers) > _MOST_ANSWERS
        if declared != self.declared or is_large:
            self.declared = declared
            self.terms, self.answers, self.parts, self._runs = Terms(), {}, Parts(), {}
            self.terms.wider = {name: tuple(values) for name, values in self.wider.items()}
            self.calls = None
        self._reading += 1

    def widen(self) -> bool:
        """Make samples wider by what the last reading found that they lack. False: they are as they were."""
        n_before = sum(map(len, self.wider.values()))
        for name, values in self.terms.found.items():
            known = self.wider.setdefault(name, {})
            known.update(dict.fromkeys(list(values)[: max(0, _MOST_WIDER - len(known))]))
        return sum(map(len, self.wider.values())) > n_before

    def forget_wider(self) -> None:
        """Of a long day of editing, what samples were made wider by for texts that are gone."""
        if sum(map(len, self.wider.values())) > _MOST_WIDER:
            self.wider.clear()

    def end(self) -> None:
        for key, runs in list(self._runs.items()):
            kept = [one for one in runs if self._reading - one[0] < _KEPT_FOR]
            if kept:
                self._runs[key] = kept
            else:
                del self._runs[key]
        if self._n_characters > _MOST_CHARACTERS:
            self.facts.clear()
            self._n_characters = 0

    def runs(self, key: object) -> Iterator[Run]:
        for _, run in self._runs.get(key, ()):
            yield run

    def keep(self, key: object, run: Run, instead: Run | None = None) -> None:
        """`run` was made or used now; `instead` of the same one with other places."""
        others = [one for one in self._runs.get(key, ()) if one[1] is not run and one[1] is not instead]
        self._runs[key] = [(self._reading, run), *others]

    def of_text(self, kind: str, text: str, find: Callable[[], Any]) -> Any:
        """A fact that a text alone decides, found once."""
        key = (kind, text)
        known = self.facts.get(key)
        if known is None:
            known = self.facts[key] = find()
            self._n_characters += len(text) + _OF_A_FACT
        return known


class Places:
    """Where the functions of some files are, and what stands outside of them."""

    def __init__(self, program: Program) -> None:
        self._files: dict[str, _File] = {path: _File(path, tree.written) for path, tree in program.trees.items()}
        self.functions: dict[FunctionId, Function] = {}
        self._ids: dict[Function, FunctionId] = {}
        counts: dict[tuple[str, str, str], int] = {}
        for function in program.all_functions():
            if function.is_macro:
                continue
            path = function.node.tree.path
            start = (path, function.owner or "", function.name)
            number = counts[start] = counts.get(start, -1) + 1
            identity = (*start, number)
            self.functions[identity] = function
            self._ids[function] = identity
            span = function.node.location.span
            self._files[path].add(identity, span.start, span.end)
        for file in self._files.values():
            file.arrange()

    def identity(self, function: Function | None) -> FunctionId | None:
        """None for a function within another one."""
        return self._ids.get(function) if function is not None else None

    def outside(self, of_text: Callable[[str, str, Callable[[], Any]], Any]) -> str:
        """Digest of all that is declared outside of functions."""
        parts = (
            of_text("squeezed", text, partial(squeezed, text))
            for _, file in sorted(self._files.items())
            for text in (file.path, file.outside())
        )
        return text_digest("\0".join(parts))

    def moved(self, location: Location, before: Places) -> Location:
        """Where that place is now, which stands in something that did not change."""
        old, new = before._files.get(location.path), self._files.get(location.path)
        if old is None or new is None or old.text == new.text:
            return location
        start, end = location.span.start, location.span.end
        found = old.stretch(start)
        if found is None:
            old_kept, new_kept = old.kept_outside(), new.kept_outside()
        else:
            other = new.spans[found]
            old_start, old_end = old.spans[found]
            if old.text[old_start:old_end] == new.text[other[0] : other[1]]:
                shift = other[0] - old_start
                return Location(location.path, Span(start + shift, end + shift))
            old_kept, new_kept = kept_in(old.text, old_start, old_end), kept_in(new.text, *other)
        first = bisect_left(old_kept, start)
        last = max(bisect_left(old_kept, end) - 1, first)
        return Location(location.path, Span(new_kept[first], new_kept[last] + 1))

    def is_as(self, before: Places, paths: Sequence[str]) -> bool:
        """Are all places in these files where they were?"""
        return all(self._files[path].text == before._files[path].text for path in paths if path in before._files)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self._files)


class _File:
    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.spans: dict[FunctionId, tuple[int, int]] = {}
        self._starts: list[tuple[int, int, FunctionId]] = []
        self._outside: list[int] | None = None

    def add(self, identity: FunctionId, start: int, end: int) -> None:
        self.spans[identity] = (start, end)

    def arrange(self) -> None:
        self._starts = sorted((start, end, identity) for identity, (start, end) in self.spans.items())

    def stretch(self, offset: int) -> FunctionId | None:
        index = bisect_right(self._starts, (offset, len(self.text) + 1, ("", "", "", 0))) - 1
        if index < 0:
            return None
        _, end, identity = self._starts[index]
        return identity if offset < end else None

    def _gaps(self) -> Iterator[tuple[int, int]]:
        at = 0
        for start, end, _ in self._starts:
            if start > at:
                yield at, start
            at = max(at, end)
        yield at, len(self.text)

    def outside(self) -> str:
        return "\0".join(self.text[start:end] for start, end in self._gaps())

    def kept_outside(self) -> list[int]:
        if self._outside is None:
            self._outside = [one for start, end in self._gaps() for one in kept_in(self.text, start, end)]
        return self._outside


def squeezed(text: str) -> str:
    """The text without comments, every stretch of white space as one character (a line's end counts where there are
    directives)."""
    line_end = "\n" if _DIRECTIVE.search(text) else " "
    parts = []
    for match in _TOKEN.finditer(text):
        gap = match["gap"]
        parts.append(match.group() if gap is None else line_end if "\n" in gap else " ")
    return "".join(parts)


def kept_in(text: str, start: int, end: int) -> list[int]:
    """Offsets of the characters that are no comment and no white space."""
    kept: list[int] = []
    for match in _TOKEN.finditer(text, start, end):
        if match["gap"] is None:
            kept.extend(range(match.start(), match.end()))
    return kept


def words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))


class Moving:
    """Moves what was found when places were `before` to where they are now."""

    def __init__(self, places: Places, before: Places, parts: Parts) -> None:
        self._places = places
        self._before = before
        self._parts = parts
        self._is_same = places.is_as(before, places.paths)
        self._locations: dict[Location, Location] = {}
        self._defines: dict[int, HostDefine] = {}
        self._lists: dict[int, tuple[HostDefine, ...]] = {}
        self._given: dict[int, tuple[Given, Given]] = {}

    def run(self, run: Run) -> Run:
        if self._is_same:
            return replace(run, places=self._places)
        return replace(
            run,
            made=tuple(map(self._variant, run.made)),
            gaps=tuple((function, HostGap(self.location(gap.location), gap.what)) for function, gap in run.gaps),
            unknown={name: self.location(location) for name, location in run.unknown.items()},
            kept=tuple(
                replace(one, location=self.location(one.location), defines=self._listed(one.defines))
                for one in run.kept
            ),
            endings=tuple(replace(one, location=self.location(one.location)) for one in run.endings),
            places=self._places,
        )

    def location(self, location: Location) -> Location:
        found = self._locations.get(location)
        if found is None:
            found = self._locations[location] = self._places.moved(location, self._before)
        return found

    def origin(self, origin: GivenAt | None) -> GivenAt | None:
        return None if origin is None else (self.location(origin[0]), origin[1])

    def given(self, defines: Given) -> Given:
        """Macros as a call of the preprocessor was given them."""
        known = self._given.get(id(defines))
        if known is None:
            moved = tuple([(text, (self.location(at), when), guard) for text, (at, when), guard in defines])
            known = self._given[id(defines)] = (moved, defines)
        return known[0]

    def _define(self, define: HostDefine) -> HostDefine:
        found = self._defines.get(id(define))
        if found is None:
            moved = self._parts.define(define.text, self.location(define.location), define.when)
            found = self._defines[id(define)] = moved
        return found

    def _listed(self, defines: tuple[HostDefine, ...]) -> tuple[HostDefine, ...]:
        listed = self._lists.get(id(defines))
        if listed is None:
            listed = self._lists[id(defines)] = self._parts.defines(tuple(map(self._define, defines)))
        return listed

    def _variant(self, variant: HostVariant) -> HostVariant:
        listed = self._listed(variant.defines)
        return HostVariant(variant.shader, variant.label, listed, variant.inputs, "", variant.function, variant.op)
