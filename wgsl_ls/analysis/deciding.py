"""Deciding: the macros that decide whether and how a line exists. A condition that speaks of them explains a finding
there; one that speaks of others may go with it by chance.

These are the names in the conditionals round the line, and round the includes that lead to its file; the macros on the
line itself; and what the values of all these are made of, with the conditions under which they are defined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.directives import Conditional, Directive, DirectiveTree, Item
from wgsl_ls.text.span import Location

_WORD = re.compile(r"[^\W\d]\w*")
_MOST_STEPS = 4
"""From a macro to those in its value."""


class Deciders:
    """Of one root; asked for the few findings that need a condition."""

    def __init__(self, snapshot: Snapshot, view: RootView) -> None:
        self._snapshot = snapshot
        self._view = view
        self._trees: dict[str, DirectiveTree] = {}

    def __call__(self, finding: Finding) -> frozenset[str]:
        names: set[str] = set()
        paths = self._snapshot.included_files(self._view.path)
        for place in (finding.location, *(one.location for one in finding.related if one.location.path in paths)):
            names |= _asked_round(self._tree(place.path).items, place.span.start)  # the conditionals round it
            names |= self._on_the_line(place)
        defined = self._definitions
        for _ in range(_MOST_STEPS):
            more = {one for name in names for one in defined.get(name, ())} - names
            if not more:
                break
            names |= more
        return frozenset(names)

    def _tree(self, path: str) -> DirectiveTree:
        if path not in self._trees:
            self._trees[path] = self._view.tree(self._snapshot.text(path).text)
        return self._trees[path]

    def _on_the_line(self, place: Location) -> set[str]:
        source, span = self._snapshot.text(place.path), place.span
        lines = source.lines
        start, end = lines.line_start(lines.line_of(span.start)), lines.line_end(lines.line_of(span.end))
        return set(_WORD.findall(source.text[start:end]))

    @cached_property
    def _definitions(self) -> dict[str, set[str]]:
        """Macro -> the names in its values and in the conditions under which it is defined, in all files."""
        found: dict[str, set[str]] = {}
        for path in sorted(self._snapshot.included_files(self._view.path)):
            for macro, names in _definitions_in(self._tree(path)).items():
                found[macro] = found.get(macro, set()) | names
        return found


@lru_cache(maxsize=32)
def _definitions_in(tree: DirectiveTree) -> dict[str, set[str]]:
    """As `_definitions`, of one file."""
    found: dict[str, set[str]] = {}
    for offset, directive in tree.directives():
        if directive.kind == "define":
            names = found.setdefault(directive.name, set())
            names.update(_WORD.findall(directive.value))
            names |= _asked_round(tree.items, offset)
    return found


def _asked_round(items: Iterable[Item], at: int, base: int = 0) -> set[str]:
    for offset, node in items:
        if isinstance(node, Conditional) and base + offset <= at < base + offset + node.length:
            names: set[str] = set()
            for branch in node.branches:
                if base + offset + branch.offset > at:
                    break
                names |= _asked(branch.directive)
                names |= _asked_round(branch.items, at, base + offset)
            return names
    return set()


def _asked(directive: Directive) -> set[str]:
    if directive.condition is not None:
        return set(directive.condition.names)
    return {directive.name}
