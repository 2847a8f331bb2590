"""paste(): one text out of a root and its includes, as ggml's build makes it (embed_wgsl.py) before anything is
preprocessed. Also includes in inactive branches are pasted, and conditionals may span files.

Which lines are pasted is that script's regular expression, blank lines round them included; other forms of
#include stay and reach the preprocessor. The script reads files in text mode, so CRLF and CR become LF.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from wgsl_ls.preprocess.chunks import LONGEST_TEXT
from wgsl_ls.preprocess.directives import Problem
from wgsl_ls.preprocess.instances import Gap, Instance, Layout, Piece
from wgsl_ls.preprocess.resolution import DEEPEST_INCLUDE, MOST_INCLUDES, Run, drive
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span

_INCLUDE: Final = re.compile(r'#include\s+"([^"]+)"\s*$', re.MULTILINE)
"""The script's pattern is `^\\s*` and this. That beginning takes quadratic time on blank lines, so it is looked for
backwards from here."""
_RETURN = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Pasted:
    """A root with all its includes pasted. `problems` carry the instance and location: no variant is needed to see
    them."""

    text: str
    layout: Layout
    instances: tuple[Instance, ...]
    problems: tuple[tuple[int, Location, Problem], ...]


def paste(root: SourceFile, load: Callable[[str], SourceFile | str], root_name: str = "") -> Pasted:
    """Paste every #include that embed_wgsl.py would paste, recursively. `load` as for the Resolver. An include that
    cannot be pasted leaves nothing behind but a problem."""
    pasting = _Pasting(load)
    pasting.instances.append(Instance(0, root.path, root_name))
    drive(pasting.visit(root, 0, (root_name,) if root_name else ()))
    pieces = pasting.pieces or [Piece(0, 0, 0, 0)]
    layout = Layout(tuple(pieces), tuple(sorted(pasting.gaps, key=lambda gap: gap.start)), tuple(pasting.entries))
    return Pasted("".join(pasting.parts), layout, tuple(pasting.instances), tuple(pasting.problems))


class _Pasting:
    """What has been pasted so far; `length` characters."""

    def __init__(self, load: Callable[[str], SourceFile | str]) -> None:
        self.load = load
        self.parts: list[str] = []
        self.length = 0
        self.pieces: list[Piece] = []
        self.gaps: list[Gap] = []
        self.entries: list[int] = []
        self.instances: list[Instance] = []
        self.problems: list[tuple[int, Location, Problem]] = []

    def visit(self, file: SourceFile, instance: int, stack: tuple[str, ...]) -> Run:
        """Append one file."""
        self.entries.append(self.length)
        text, runs = _without_returns(file.text)
        done = 0
        for start, hash_at, match in _includes(text):
            self._copy(text, runs, done, start, instance)
            done = match.end()
            begin = self.length
            name = match[1]
            name_start = _source(runs, match.start(1))
            site = Span(name_start, name_start + len(name))
            loaded = self.load(name)
            refusal = self._refusal(name, loaded, stack)
            if refusal is not None:
                self.problems.append((instance, Location(file.path, site), Problem(site, *refusal)))
            elif isinstance(loaded, SourceFile):
                inner = Instance(len(self.instances), loaded.path, name, instance, site)
                self.instances.append(inner)
                yield self.visit(loaded, inner.index, (*stack, name))
            source_end = _source(runs, done - 1) + 1  # behind the last character: a CR may come before the next
            self.gaps.append(
                Gap(begin, self.length, instance, _source(runs, start), source_end, _source(runs, hash_at))
            )
        self._copy(text, runs, done, len(text), instance)

    def _refusal(self, name: str, loaded: SourceFile | str, stack: tuple[str, ...]) -> tuple[str, str] | None:
        """Why an include cannot be pasted: rule and message."""
        if isinstance(loaded, str):
            return "preprocess/include-not-found", loaded
        if name in stack:
            chain = " -> ".join([*stack[stack.index(name) :], name])
            return "preprocess/include-cycle", f"{name} includes itself ({chain})"
        if len(stack) > DEEPEST_INCLUDE:
            return "preprocess/include-depth", f"{name}: includes are nested more than {DEEPEST_INCLUDE} deep"
        if len(self.instances) > MOST_INCLUDES:
            return "preprocess/too-many-includes", f"{name}: there are more than {MOST_INCLUDES:,} includes"
        if self.length + len(loaded.text) > LONGEST_TEXT:
            return "preprocess/text-too-long", f"{name}: with it the text has more than {LONGEST_TEXT:,} characters"
        return None

    def _copy(self, text: str, runs: tuple[tuple[int, int], ...], start: int, end: int, instance: int) -> None:
        """Append text[start:end], one piece for each run that is contiguous in the file."""
        at = max(0, bisect_right(runs, (start, 1 << 60)) - 1)
        begin = start
        while begin < end:
            stop = min(end, runs[at + 1][0]) if at + 1 < len(runs) else end
            if stop > begin:
                source = runs[at][1] + begin - runs[at][0]
                self.pieces.append(Piece(self.length, self.length + stop - begin, instance, source))
                self.length += stop - begin
            begin, at = stop, at + 1
        self.parts.append(text[start:end])


def _includes(text: str) -> Iterator[tuple[int, int, re.Match[str]]]:
    """(where the replaced text begins, where its `#` is, match from there on) of each pasted include."""
    done = position = 0
    while match := _INCLUDE.search(text, position):
        hash_at = match.start()
        position = hash_at + 1
        blank = hash_at
        while blank > done and text[blank - 1].isspace():
            blank -= 1
        if blank > done or (done > 0 and text[done - 1] != "\n"):
            newline = text.find("\n", blank, hash_at)
            if newline == -1:
                continue
            blank = newline + 1
        yield blank, hash_at, match
        done = position = match.end()


def _source(runs: tuple[tuple[int, int], ...], offset: int) -> int:
    """Offset in the file of a character of the text without CRs."""
    at = max(0, bisect_right(runs, (offset, 1 << 60)) - 1)
    return runs[at][1] + offset - runs[at][0]


@lru_cache(maxsize=64)
def _without_returns(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text as Python's text mode reads it (CRLF and CR become LF), and per run that is contiguous in the file:
    (offset in that text, offset in the file)."""
    if "\r" not in text:
        return text, ((0, 0),)
    runs = [(0, 0)]
    parts: list[str] = []
    done = length = 0
    for match in _RETURN.finditer(text):
        parts.append(text[done : match.start()] + "\n")
        length += match.start() - done
        if match.end() - match.start() == 2:
            runs.append((length, match.end() - 1))  # the LF of the CRLF stands one further on
        length += 1
        done = match.end()
    parts.append(text[done:])
    return "".join(parts), tuple(runs)
