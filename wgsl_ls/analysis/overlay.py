"""The trees of several outcomes of one text laid over each other: each node once, with the variants that reach it.

A set of variants is one integer, bit i for variant i. What the sets are used for stands in across.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from wgsl_ls.preprocess.directives import CodeChunk, Conditional, Directive, Item, Node
from wgsl_ls.preprocess.instances import Layout
from wgsl_ls.preprocess.outcomes import Outcome, Outcomes
from wgsl_ls.text.steps import Steps

Rows = list[tuple[Sequence[Item], Outcomes, int]]
"""(items, what became of them, the variants in which it did)."""


@dataclass(slots=True)
class OverlayItem:
    """A node at `at` of its frame's text, reached by the variants in `mask`. `inner`: per branch taken (0 for an
    include) its variants and what is in it."""

    at: int
    node: Node
    mask: int
    inner: dict[int, tuple[int, list[OverlayItem]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """The text that items are placed in: a file of its own (`path`), or a root with its includes pasted."""

    path: str
    layout: Layout | None
    instance_paths: tuple[str, ...] = ()

    def place(self, offset: int) -> tuple[str, int]:
        if self.layout is None:
            return self.path, offset
        instance, at = self.layout.place(offset)
        return self.instance_paths[instance], at

    def runs(self, start: int, end: int) -> Iterator[tuple[str, int, int]]:
        """(path, start, end) of what [start, end) was written as."""
        if self.layout is None:
            yield self.path, start, end
            return
        for piece in self.layout.runs(start, end):
            yield self.instance_paths[piece.instance], piece.source_start, piece.source_start + piece.end - piece.start


def merged(rows: Rows, base: int) -> Steps[list[OverlayItem]]:
    """Lay the children of several outcomes of one node (the same items in each) over each other. Not recursive:
    conditionals may be nested by the thousand."""
    found: list[OverlayItem] = []
    waiting = [(rows, base, found)]
    while waiting:
        yield from _merge(*waiting.pop(), waiting)
    return found


def _merge(
    rows: Rows, base: int, found: list[OverlayItem], waiting: list[tuple[Rows, int, list[OverlayItem]]]
) -> Steps[None]:
    """One level of `merged`, put into `found`; what is inside comes to `waiting`."""
    rows = [row for row in rows if row[1]]  # of a text that grew too long nothing is told
    if not rows:
        return
    everything = 0
    for _, _, mask in rows:
        everything |= mask
    for number, (offset, node) in enumerate(rows[0][0]):
        item = OverlayItem(base + offset, node, everything)
        found.append(item)
        if isinstance(node, CodeChunk) or (isinstance(node, Directive) and node.kind != "include"):
            continue
        groups: dict[int, tuple[Outcome, int]] = {}
        for _, outcomes, mask in rows:
            outcome = outcomes[number]
            if outcome is not None:
                known = groups.get(id(outcome))
                groups[id(outcome)] = (outcome, mask if known is None else known[1] | mask)
        by_branch: dict[int, Rows] = {}
        for outcome, mask in groups.values():
            branch = outcome.taken if isinstance(node, Conditional) else 0
            if branch >= 0:
                by_branch.setdefault(branch, []).append((outcome.items, outcome.outcomes, mask))
        inner_base = item.at if isinstance(node, Conditional) else 0
        for branch, inner_rows in by_branch.items():
            mask = 0
            for _, _, own in inner_rows:
                mask |= own
            item.inner[branch] = (mask, [])
            waiting.append((inner_rows, inner_base, item.inner[branch][1]))
        yield
