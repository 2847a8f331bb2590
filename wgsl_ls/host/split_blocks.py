"""Conditionals of C++ that split a block: `#ifndef X`, `if (a) {`, ..., `} else {`, `#endif`, ..., `#ifndef X`, `}`,
`#endif`. The parser reads all branches, and the braces of such do not match: the function around them would be no
syntax. Here they are settled in the text, before it is parsed: lines that are not compiled, and the directives, become
blanks, and every other character keeps its place. Conditionals whose branches are whole are left to declarations.py;
of their macros only those count that are compiled (`Compiled`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Final

from wgsl_ls.host.integers import COMPARISONS, integer
from wgsl_ls.text.span import Span, joined

_DIRECTIVE: Final = re.compile(
    r"^[ \t]*#[ \t]*(?P<word>if|ifdef|ifndef|elif|else|endif)\b(?P<rest>(?:[^\n\\]|\\\n|\\.)*)", re.MULTILINE
)
_DEFINED: Final = re.compile(r"^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)[ \t]*([^\n]*)", re.MULTILINE)
_ASKED: Final = re.compile(r"(?P<no>!?)\s*defined\s*(?:\(\s*(\w+)\s*\)|(\w+))")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_COMPARED: Final = re.compile(r"(?P<no>!?)\s*(?P<what>\w+)\s*(?:(?P<sign>[=!]=|[<>]=?)\s*(?P<number>\d+))?")
_BRACE: Final = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[{}]", re.DOTALL)


_DEEPEST: Final = 50
"""Conditionals in each other that are looked at: each looks at all that is in it."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A text, and which stretches of it are not compiled (`dead`), or in branches that nobody can choose between
    (`unsure`)."""

    text: str
    dead: Sequence[Span] = ()
    unsure: Sequence[Span] = ()

    def holds(self, offset: int) -> bool:
        return not _is_within(self.dead, offset)

    def is_unsure(self, offset: int) -> bool:
        return _is_within(self.unsure, offset)


def _is_within(spans: Sequence[Span], offset: int) -> bool:
    """`spans`: joined."""
    index = bisect_right(spans, offset, key=attrgetter("start")) - 1
    return index >= 0 and offset < spans[index].end


def defined_macros(texts: Iterable[str]) -> Mapping[str, str]:
    """Macros that some files define, with what they stand for."""
    return {name: body.split("//")[0].strip() for text in texts for name, body in _DEFINED.findall(text)}


def compiled(text: str, defined: Mapping[str, str]) -> Compiled:
    """`text` without conditionals that split a block (one whose condition is not understood stays as it is), and which
    of its other branches are not compiled."""
    cuts: list[tuple[int, int]] = []
    dead: list[tuple[int, int]] = []
    unsure: list[tuple[int, int]] = []
    for directives in _conditionals(text):
        branches = [(one.end(), next_.start()) for one, next_ in pairwise(directives)]
        cut = _cuts(text, directives, branches, defined)
        cuts += cut
        held = [_taken(text, one, branch, defined) for one, branch in zip(directives, branches, strict=False)]
        if None in held:
            unsure += branches
        elif not cut:
            first = held.index(True) if True in held else -1
            dead += (branch for index, branch in enumerate(branches) if index != first)
    parts = list(text)
    for start, end in cuts:
        parts[start:end] = ["\n" if one == "\n" else " " for one in parts[start:end]]
    stretches = (joined(Span(*one) for one in every) for every in (dead, unsure))
    return Compiled("".join(parts) if cuts else text, *stretches)


def _conditionals(text: str) -> Iterable[list[re.Match[str]]]:
    """The directives of each conditional, of those within another before it."""
    open_: list[list[re.Match[str]]] = []
    for match in _DIRECTIVE.finditer(text):
        word = match["word"]
        if word.startswith("if"):
            open_.append([match])
        elif open_:
            open_[-1].append(match)
            if word == "endif":
                directives = open_.pop()
                if len(open_) < _DEEPEST:
                    yield directives


def _taken(text: str, directive: re.Match[str], branch: tuple[int, int], defined: Mapping[str, str]) -> bool | None:
    """As `_holds`; what a branch defines itself (a guard, a default) was not defined before."""
    names = set(_WORD.findall(directive["rest"])) - {"defined"}
    is_negative = directive["word"] == "ifndef" or "!" in directive["rest"]
    if is_negative and any(match[1] in names for match in _DEFINED.finditer(text, *branch)):
        return True
    return _holds(directive, defined)


def _cuts(
    text: str, directives: list[re.Match[str]], branches: list[tuple[int, int]], defined: Mapping[str, str]
) -> list[tuple[int, int]]:
    """What of one conditional is no code; nothing where it splits no block, or its conditions are not understood."""
    if not any(_splits(text[start:end]) for start, end in branches):
        return []
    taken = False
    cuts = [one.span() for one in directives]
    for directive, branch in zip(directives, branches, strict=False):
        holds = _holds(directive, defined)
        if holds is None:
            return []
        if taken or not holds:
            cuts.append(branch)
        taken = taken or holds
    return cuts


def _splits(branch: str) -> bool:
    """Do its braces not match?"""
    depth = 0
    for found in _BRACE.finditer(branch):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth < 0:
            return True
    return depth > 0


def _holds(directive: re.Match[str], defined: Mapping[str, str]) -> bool | None:
    """Whether a branch is compiled if none before it is; None: not understood."""
    rest = directive["rest"].split("//")[0].strip()
    if directive["word"] == "else":
        return True
    if directive["word"] in ("ifdef", "ifndef"):
        return (rest in defined) == (directive["word"] == "ifdef")
    asked = _ASKED.fullmatch(rest)
    if asked is not None:
        return ((asked[2] or asked[3]) in defined) != bool(asked["no"])
    compared = _COMPARED.fullmatch(rest)
    value = integer(defined.get(compared["what"], compared["what"])) if compared is not None else None
    if compared is None or (value is None and compared["what"] in defined):
        return None
    if compared["number"] is not None:
        return None if compared["no"] else bool(COMPARISONS[compared["sign"]](value or 0, int(compared["number"])))
    return bool(value) != bool(compared["no"])
