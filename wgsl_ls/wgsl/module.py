"""Module: a parsed text as a list of placed declarations. A change in one declaration leaves the trees of the
others as they are; only the places move."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from wgsl_ls.wgsl.expression_parser import SyntaxProblem
from wgsl_ls.wgsl.syntax import Declaration, ModuleDirective, NameDirective


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """One declaration or directive, parsed; shared by all texts in which it stands. Offsets are relative to its
    first character. `node` is None for stray text. `memo`: what analysis found out about it,
    see globals.py."""

    text: str
    node: Declaration | ModuleDirective | None
    problems: tuple[SyntaxProblem, ...]
    memo: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Placed:
    """A chunk at code point `start` of a text."""

    start: int
    chunk: Chunk

    @property
    def end(self) -> int:
        return self.start + len(self.chunk.text)

    @property
    def node(self) -> Declaration | ModuleDirective | None:
        return self.chunk.node


class Module:
    """What a text was parsed into; immutable. `extra`: problems that belong to no single declaration."""

    def __init__(self, text: str, placed: tuple[Placed, ...], extra: tuple[SyntaxProblem, ...] = ()) -> None:
        self.text = text
        self.placed = placed
        self._extra = extra

    @cached_property
    def errors(self) -> list[SyntaxProblem]:
        """In text order, absolute offsets."""
        found = list(self._extra)
        for placed in self.placed:
            for problem in placed.chunk.problems:
                start, end = problem.start + placed.start, problem.end + placed.start
                found.append(replace(problem, start=start, end=end))
        return sorted(found, key=lambda problem: problem.start)

    @cached_property
    def _starts(self) -> list[int]:
        return [placed.start for placed in self.placed]

    def placed_at(self, offset: int) -> Placed | None:
        """The declaration that contains `offset` or ends there."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0:
            return None
        placed = self.placed[index]
        if offset == placed.start and index and self.placed[index - 1].end == offset and placed.node is None:
            return self.placed[index - 1]
        return placed if offset <= placed.end else None

    @property
    def declarations(self) -> Iterator[tuple[int, Declaration]]:
        """(start, tree) of each declaration; add the start to the tree's offsets."""
        for placed in self.placed:
            node = placed.chunk.node
            if node is not None and isinstance(node, Declaration):
                yield placed.start, node

    @property
    def directives(self) -> Iterator[tuple[int, ModuleDirective]]:
        for placed in self.placed:
            node = placed.chunk.node
            if node is not None and isinstance(node, ModuleDirective):
                yield placed.start, node

    @cached_property
    def enabled(self) -> frozenset[str]:
        """The extensions named by `enable` directives."""
        return frozenset(
            name
            for _, node in self.directives
            if isinstance(node, NameDirective) and node.keyword == "enable"
            for name, _ in node.names
        )
