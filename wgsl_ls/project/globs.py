"""Globs over file names, matched in time linear in pattern and name, whatever somebody writes.

Not by regular expressions: theirs try one choice after the other, and hold the interpreter while they do. Here all
choices are followed at once (Thompson's construction); sets of states that were met are kept with what follows them,
so that a pattern which is asked often costs a look-up per character.

`*` and `?` stay within a directory, `**` crosses directories, `[abc]` and `{a,b}` choose. What is not well formed
(`[z-a]`, a brace without its partner) names only itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

LONGEST_PATTERN: Final = 500
"""Longer ones name only themselves."""
_MOST_REMEMBERED: Final = 4096

_Test = Callable[[str], bool]


_SPECIAL = re.compile(r"^!|[*?\[{}\ud800-\udfff]")


def exactly(name: str) -> str:
    """The pattern of this name. Bytes that are no UTF-8 no TOML can say: any character may stand there."""
    return _SPECIAL.sub(lambda found: "?" if found[0] > "~" else "{!}" if found[0] == "!" else f"[{found[0]}]", name)


class _Malformed(Exception):
    pass


@dataclass(slots=True)
class _Met:
    """A set of states that was met; `after`: the one that follows each character."""

    states: frozenset[int]
    after: dict[str, _Met] = field(default_factory=dict)


class Glob:
    """One pattern, compiled. `steps`: how many sets of states had to be worked out so far."""

    def __init__(self, pattern: str) -> None:
        self.steps = 0
        self._tests: list[_Test | None] = []
        """What the character at a state must be; None for a state that only leads on."""
        self._next: list[list[int]] = []
        self._met: dict[frozenset[int], _Met] = {}
        try:
            if len(pattern) > LONGEST_PATTERN:
                raise _Malformed
            start = self._state()
            self._end = self._pattern(pattern, start)
        except _Malformed:
            self._tests, self._next = [], []
            start = self._end = self._state()
            for character in pattern:
                self._end = self._one(self._end, _is(character))
        self._start = self._closure({start})

    def matches(self, name: str) -> bool:
        if len(self._met) > _MOST_REMEMBERED:
            self._met = {}
            self._start = _Met(self._start.states)
        met = self._start
        for character in name:
            after = met.after.get(character)
            if after is None:
                after = met.after[character] = self._after(met.states, character)
            met = after
            if not met.states:
                return False
        return self._end in met.states

    def _after(self, states: frozenset[int], character: str) -> _Met:
        self.steps += 1
        reached: set[int] = set()
        for state in states:
            test = self._tests[state]
            if test is not None and test(character):
                reached.update(self._next[state])
        return self._closure(reached)

    def _closure(self, states: set[int]) -> _Met:
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if self._tests[state] is None:
                new = [one for one in self._next[state] if one not in states]
                states.update(new)
                waiting.extend(new)
        found = frozenset(states)
        return self._met.setdefault(found, _Met(found))

    # Construction: each takes the state at which it begins and gives the one at which it ends.

    def _state(self) -> int:
        self._tests.append(None)
        self._next.append([])
        return len(self._tests) - 1

    def _one(self, start: int, test: _Test) -> int:
        """One character."""
        inner, end = self._state(), self._state()
        self._next[start].append(inner)
        self._tests[inner] = test
        self._next[inner].append(end)
        return end

    def _any_number(self, start: int, test: _Test) -> int:
        loop = self._state()
        self._next[start].append(loop)
        self._next[self._one(loop, test)].append(loop)
        return loop

    def _directories(self, start: int) -> int:
        """`**/`: any number of names with a slash behind them."""
        loop = self._state()
        self._next[start].append(loop)
        name = self._any_number(self._one(loop, _is_no_slash), _is_no_slash)
        self._next[self._one(name, _is("/"))].append(loop)
        return loop

    def _pattern(self, pattern: str, start: int) -> int:
        at = start
        braces: list[tuple[int, int]] = []
        """Of each brace that is open: where its alternatives begin, and where they end."""
        last_brace = pattern.rfind("}")
        index = 0
        while index < len(pattern):
            character = pattern[index]
            closing = pattern.find("]", index + 2) if character == "[" else -1
            if pattern.startswith("**/", index):
                at, index = self._directories(at), index + 2
            elif pattern.startswith("**", index):
                at, index = self._any_number(at, _is_anything), index + 1
            elif character == "*":
                at = self._any_number(at, _is_no_slash)
            elif character == "?":
                at = self._one(at, _is_no_slash)
            elif closing > 0:
                at, index = self._one(at, _class(pattern[index + 1 : closing])), closing
            elif character == "{" and index < last_brace:
                braces.append((at, self._state()))
                at = self._state()
                self._next[braces[-1][0]].append(at)
            elif character in "}," and braces:
                self._next[at].append(braces[-1][1])
                if character == "}":
                    at = braces.pop()[1]
                else:
                    at = self._state()
                    self._next[braces[-1][0]].append(at)
            else:
                at = self._one(at, _is(character))
            index += 1
        if braces:
            raise _Malformed
        return at


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Glob:
    return Glob(pattern)


def _is(wanted: str) -> _Test:
    return lambda character: character == wanted


def _is_anything(character: str) -> bool:
    return True


def _is_no_slash(character: str) -> bool:
    return character != "/"


def _class(inside: str) -> _Test:
    """The inside of `[abc]`, `[a-z]`, `[!abc]` or `[^abc]`."""
    negated = inside[0] in "!^"
    members = inside[1:] if negated else inside
    singles: set[str] = set()
    ranges: list[tuple[str, str]] = []
    index = 0
    while index < len(members):
        if members[index + 1 : index + 2] == "-" and index + 2 < len(members):
            low, high = members[index], members[index + 2]
            if low > high:
                raise _Malformed
            ranges.append((low, high))
            index += 3
        else:
            singles.add(members[index])
            index += 1

    def test(character: str) -> bool:
        return (character in singles or any(low <= character <= high for low, high in ranges)) != negated

    return test
