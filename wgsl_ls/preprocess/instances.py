"""Instance: one reading of one file on the way from a root; and paste(), which makes one text out of many.

A file included twice has two instances. `includes = "native"`: the preprocessor opens included files itself, each
instance is a text of its own. `includes = "textual"`: the build pastes included files before preprocessing, as
ggml's embed_wgsl.py does, also inside inactive branches, so that one #if may span files; then all instances are
pieces of one pasted text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from wgsl_ls.preprocess.directives import Problem
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span

_PASTED_INCLUDE: Final = re.compile(r'^\s*#include\s+"([^"]+)"\s*$', re.MULTILINE)
"""The pattern of embed_wgsl.py: it also takes the blank lines round the directive."""
_RETURN = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Instance:
    """`parent`: index of the including instance, None for the root; `site`: where, in the parent's file, its name
    stands in the #include; `name`: as spelled there."""

    index: int
    path: str
    name: str
    parent: int | None = None
    site: Span | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `start` to `end` of the pasted text are those from `source_start` of the instance's file."""

    start: int
    end: int
    instance: int
    source_start: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the characters of one parsed text come from: `pieces` are sorted and tile the text."""

    pieces: tuple[Piece, ...]
    starts: tuple[int, ...]

    def place(self, offset: int) -> tuple[int, int]:
        """(instance, offset in its file) of one character; for the end of the text, just behind the last one."""
        piece = self.pieces[max(0, bisect_right(self.starts, offset) - 1)]
        return piece.instance, piece.source_start + min(offset, piece.end) - piece.start

    def spans(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """(offset in the text, instance, offset in the file) where each run of [start, end) begins."""
        at = max(0, bisect_right(self.starts, start) - 1)
        runs: list[tuple[int, int, int]] = []
        while at < len(self.pieces) and (self.pieces[at].start < end or not runs):
            piece = self.pieces[at]
            begin = max(start, piece.start)
            runs.append((begin, piece.instance, piece.source_start + begin - piece.start))
            at += 1
        return runs

    def inverse(self, instance: int, offset: int) -> int | None:
        """Offset in the text of `offset` in the instance's file; for a character that was not pasted (an #include
        line) the place where the text goes on; None when the instance is not here."""
        best: int | None = None
        for piece in self.pieces:
            if piece.instance != instance:
                continue
            length = piece.end - piece.start
            if piece.source_start <= offset < piece.source_start + length:
                return piece.start + offset - piece.source_start
            if piece.source_start > offset:
                return piece.start
            best = piece.end
        return best


def single_layout(instance: int, length: int) -> Layout:
    return Layout((Piece(0, length, instance, 0),), (0,))


@dataclass(frozen=True, slots=True)
class Pasted:
    """A root with all its includes pasted. `problems` carry the location, since no variant is needed to see them."""

    text: str
    layout: Layout
    instances: tuple[Instance, ...]
    problems: tuple[tuple[Location, Problem], ...]


def paste(root: SourceFile, load: Callable[[str], SourceFile | str], root_name: str = "") -> Pasted:
    """Paste every #include that embed_wgsl.py would paste, recursively. `load` as for the Resolver."""
    pieces: list[Piece] = []
    parts: list[str] = []
    instances: list[Instance] = []
    problems: list[tuple[Location, Problem]] = []
    length = 0

    def copy(text: str, runs: tuple[tuple[int, int], ...], start: int, end: int, instance: int) -> None:
        """Append text[start:end]; `runs`: (offset in text, offset in the file) where each CR-free run begins."""
        nonlocal length
        at = max(0, bisect_right(runs, (start, 1 << 60)) - 1)
        begin = start
        while begin < end:
            stop = min(end, runs[at + 1][0]) if at + 1 < len(runs) else end
            if stop > begin:
                source = runs[at][1] + begin - runs[at][0]
                pieces.append(Piece(length, length + stop - begin, instance, source))
                length += stop - begin
            begin, at = stop, at + 1
        parts.append(text[start:end])

    def visit(file: SourceFile, instance: int, stack: tuple[str, ...]) -> None:
        text, runs = _without_returns(file.text)
        done = 0
        for match in _PASTED_INCLUDE.finditer(text):
            copy(text, runs, done, match.start(), instance)
            done = match.end()
            name = match[1]
            at = max(0, bisect_right(runs, (match.start(1), 1 << 60)) - 1)
            start = runs[at][1] + match.start(1) - runs[at][0]
            site = Span(start, start + len(name))
            message = code = ""
            loaded = load(name)
            if isinstance(loaded, str):
                code, message = "include-not-found", loaded
            elif name in stack:
                code, message = "include-cycle", f"{name} includes itself ({' -> '.join((*stack, name))})"
            elif len(stack) > 60 or length > 50_000_000:
                code, message = "include-depth", f"{name}: too many nested or too long includes"
            if message or isinstance(loaded, str):
                problem = Problem(site, f"preprocess/{code}", message)
                problems.append((Location(file.path, site), problem))
                continue
            inner = Instance(len(instances), loaded.path, name, instance, site)
            instances.append(inner)
            visit(loaded, inner.index, (*stack, name))
        copy(text, runs, done, len(text), instance)

    instances.append(Instance(0, root.path, root_name))
    visit(root, 0, (root_name,))
    if not pieces:
        pieces.append(Piece(0, 0, 0, 0))
    layout = Layout(tuple(pieces), tuple(piece.start for piece in pieces))
    return Pasted("".join(parts), layout, tuple(instances), tuple(problems))


@lru_cache(maxsize=256)
def _without_returns(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text as Python's text mode reads it (CRLF and CR become LF), and where its runs come from."""
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
