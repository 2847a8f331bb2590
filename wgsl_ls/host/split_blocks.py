"""Conditionals of C++ that split a block: `#ifndef X`, `if (a) {`, ..., `} else {`, `#endif`, ..., `#ifndef X`, `}`,
`#endif`. The parser reads all branches, and the braces of such do not match: the function around them would be no
syntax. Here they are settled in the text, before it is parsed: lines that are not compiled, and the directives, become
blanks, and every other character keeps its place. Conditionals whose branches are whole are left to declarations.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Final

_DIRECTIVE: Final = re.compile(
    r"^[ \t]*#[ \t]*(?P<word>if|ifdef|ifndef|elif|else|endif)\b(?P<rest>(?:[^\n\\]|\\\n|\\.)*)", re.MULTILINE
)
_DEFINED: Final = re.compile(r"^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_ASKED: Final = re.compile(r"(?P<no>!?)\s*defined\s*(?:\(\s*(\w+)\s*\)|(\w+))")
_BRACE: Final = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[{}]", re.DOTALL)


_DEEPEST: Final = 50
"""Conditionals in each other that are looked at: each looks at all that is in it."""


def defined_names(texts: Iterable[str]) -> frozenset[str]:
    """Macros that some files define."""
    return frozenset(name for text in texts for name in _DEFINED.findall(text))


def whole_blocks(text: str, defined: Collection[str]) -> str:
    """`text` without conditionals that split a block; one whose condition asks more than whether a macro is defined
    stays as it is. `defined`: names of macros."""
    cuts: list[tuple[int, int]] = []
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
                    cuts += _cuts(text, directives, defined)
    parts = list(text)
    for start, end in cuts:
        parts[start:end] = ["\n" if one == "\n" else " " for one in parts[start:end]]
    return "".join(parts) if cuts else text


def _cuts(text: str, directives: list[re.Match[str]], defined: Collection[str]) -> list[tuple[int, int]]:
    """What of one conditional is no code; nothing where it splits no block, or its conditions are not understood."""
    branches = [(one.end(), next_.start()) for one, next_ in pairwise(directives)]
    if not any(_splits(text[start:end]) for start, end in branches):
        return []
    taken = False
    cuts = [one.span() for one in directives]
    for directive, branch in zip(directives, branches, strict=False):
        holds = True if directive["word"] == "else" else _holds(directive, defined)
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


def _holds(directive: re.Match[str], defined: Collection[str]) -> bool | None:
    rest = directive["rest"].split("//")[0].strip()
    if directive["word"] in ("ifdef", "ifndef"):
        return (rest in defined) == (directive["word"] == "ifdef")
    asked = _ASKED.fullmatch(rest)
    return None if asked is None else ((asked[2] or asked[3]) in defined) != bool(asked["no"])
