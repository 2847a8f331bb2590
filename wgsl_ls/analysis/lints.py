"""Lints: what the preprocessor accepts in silence and a kernel author would want to know.

They speak of files, not of variants, and are made only from facts that hold in every variant of the root. Each can be
wrong about intent, so few are errors. What one looks for stands in its own file of analysis/rules/; here is what
they all see of a root.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from wgsl_ls.analysis.across import Across, across
from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.snapshot import RootView, Snapshot
from wgsl_ls.preprocess.directives import Directive, DirectiveTree
from wgsl_ls.text.span import Location, Span

_WORD = re.compile(r"\w+")


def lint_findings(snapshot: Snapshot, view: RootView) -> list[Finding]:
    """Of every lint, for the root and every file it includes."""
    subject = LintSubject(snapshot, view)
    return [
        Finding(
            one.location,
            rule.severity,
            rule.id,
            one.message,
            related=one.related,
            unnecessary=one.unnecessary,
            subject=one.subject,
        )
        for rule in all_rules().values()
        if rule.check is not None
        for one in rule.check(subject)
    ]


@dataclass(frozen=True, slots=True)
class PlacedDirective:
    """A directive with its offset in the file `path`. Spans given to `at` are relative to its start."""

    path: str
    offset: int
    directive: Directive

    def at(self, span: Span) -> Location:
        return Location(self.path, span.shifted(self.offset))

    @property
    def name(self) -> Location:
        return self.at(self.directive.name_span)

    @property
    def head(self) -> Location:
        return self.at(self.directive.head_span)

    def logical(self, start: int, end: int) -> Location:
        """Characters [start, end) of the joined line, end > start."""
        return self.at(Span(self.directive.at(start), self.directive.at(end - 1) + 1))


class LintSubject:
    """One root as lints see it. `trees`: directives of each file it may read, by path; `declared`: somebody said which
    variants exist; `given`: macros that some variant gives; `defined`: those and all that some #define sets."""

    def __init__(self, snapshot: Snapshot, view: RootView) -> None:
        self.snapshot = snapshot
        self.view = view
        files = sorted(snapshot.included_files(view.path))
        self.trees: dict[str, DirectiveTree] = {
            path: tree for path in files if (tree := snapshot.tree(path)) is not None
        }
        self.declared = view.settings.declared
        self.given = {name for variant in view.variants for name, _ in variant.defines}
        self.defined = self.given.union(*(tree.defined_names for tree in self.trees.values()))

    def directives(self, *kinds: str) -> Iterator[PlacedDirective]:
        """Those of these kinds in every file, in order of reading within each."""
        for path, tree in self.trees.items():
            for offset, directive in tree.directives():
                if directive.kind in kinds:
                    yield PlacedDirective(path, offset, directive)

    def is_own(self, path: str) -> bool:
        """No other root reads the file, so what no variant of this one does, nobody does."""
        return all(root == self.view.path for root in self.snapshot.roots_of(path))

    @cached_property
    def mentioned(self) -> set[str]:
        """Words of all code, macro values and conditions: what is not among them is used nowhere."""
        found: set[str] = set()
        for tree in self.trees.values():
            found |= tree.words
            for body in tree.bodies:
                found.update(_WORD.findall(body))
        for placed in self.directives("if", "elif", "ifdef", "ifndef"):
            condition = placed.directive.condition
            found.update(condition.names if condition is not None else (placed.directive.name,))
        for variant in self.view.variants:
            for _, value in variant.defines:
                found.update(_WORD.findall(value))
        return found

    @cached_property
    def across(self) -> Across:
        """What all variants do."""
        return across(self.view)
