"""Fix: edits of written text that remove a finding, and what a rule needs to make one.

A rule's file makes its fixes when an editor asks for them, from the finding's place and its `subject`; nothing reads
a message again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.directives import Directive
from wgsl_ls.text.diagnostic import Related
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text at `location` (an empty span inserts)."""

    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """`preferred`: it is surely what was meant."""

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False


@dataclass(frozen=True)
class FixRequest:
    """A finding of `view` at `location` of `source`; `subject`: the word that its rule says it carries; `variants`:
    names of those it holds in, none for what speaks of the file; `condition` as in MergedDiagnostic."""

    snapshot: Snapshot
    front_end: FrontEnd
    view: RootView
    source: SourceFile
    location: Location
    subject: str
    variants: tuple[str, ...]
    condition: str | None
    related: tuple[Related, ...]

    @property
    def written(self) -> str:
        span = self.location.span
        return self.source.text[span.start : span.end]

    @cached_property
    def placed_directive(self) -> tuple[int, Directive] | None:
        """(offset, directive) in which the finding begins."""
        return self.directive_at(self.location.span.start)

    def directive_at(self, offset: int) -> tuple[int, Directive] | None:
        tree = self.snapshot.tree(self.source.path)
        for start, directive in tree.directives():
            if start <= offset < start + directive.length:
                return start, directive
        return None

    def place(self, start: int, end: int) -> Location:
        return Location(self.source.path, Span(start, end))

    def replace(self, title: str, text: str, preferred: bool = False) -> Fix:
        """The finding's own place gets another text."""
        return Fix(title, (Edit(self.location, text),), preferred)

    def remove_directive(self, title: str) -> list[Fix]:
        """The whole line (with its continuations) goes."""
        found = self.placed_directive
        if found is None:
            return []
        start, directive = found
        return [Fix(title, (Edit(self.place(start, start + directive.length), ""),))]

    def change_to_subject(self) -> list[Fix]:
        """The word that the rule would rather have."""
        return [self.replace(f"Change to {self.subject}", self.subject, preferred=True)] if self.subject else []

    def comment_to_its_own_line(self) -> list[Fix]:
        """From behind a directive to the line above it, with the same indentation."""
        if self.placed_directive is None:
            return []
        start, span = self.placed_directive[0], self.location.span
        before = self.source.text[start : span.start]
        indent = before[: len(before) - len(before.lstrip())]
        line = Edit(self.place(start, start), f"{indent}{self.written}\n")
        cut = Edit(self.place(start + len(before.rstrip()), span.end), "")
        return [Fix("Move the comment to its own line", (line, cut), preferred=True)]
