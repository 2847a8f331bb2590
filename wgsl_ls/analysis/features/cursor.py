"""Cursor: a place in a written file, seen through the context the user has chosen for that file.

Every feature starts here: which root and variant the file is looked at in, which directive, word or code is under
the cursor, and where that is in the expanded text (nowhere, when the code is inactive there).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.root_view import Context, RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.directives import Directive, DirectiveTree
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.preprocess.macros import MacroTable
from wgsl_ls.preprocess.replay import Replay
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.words import word_at

if TYPE_CHECKING:
    from wgsl_ls.wgsl.symbols import Analysis


@dataclass(frozen=True)
class Cursor:
    """`offset`: code points in the written file. `context`: how the file is looked at."""

    snapshot: Snapshot
    front_end: FrontEnd
    source: SourceFile
    offset: int
    context: Context
    view: RootView

    @property
    def path(self) -> str:
        return self.source.path

    @cached_property
    def expansion(self) -> Expansion:
        return self.view.expansion(self.context.variant_index)

    @cached_property
    def replay(self) -> Replay:
        return self.view.replay(self.context.variant_index)

    @cached_property
    def analysis(self) -> Analysis:
        """Symbols and types of the expansion, in expanded offsets."""
        return self.front_end.analysis(self.expansion)

    @cached_property
    def tree(self) -> DirectiveTree:
        return self.snapshot.tree(self.path)

    @cached_property
    def macros(self) -> MacroTable:
        """The macros in force at the cursor."""
        return self.replay.table_at(self.context.instance, self.offset)

    @cached_property
    def word(self) -> Span | None:
        """The word under or just before the cursor, in the written text."""
        return word_at(self.source.text, self.offset) or None

    @property
    def word_text(self) -> str:
        return self.source.text[self.word.start : self.word.end] if self.word is not None else ""

    @cached_property
    def directive(self) -> tuple[int, Directive] | None:
        """(offset, directive) when the cursor is on a directive line."""
        for offset, directive in self.tree.directives():
            if offset <= self.offset < offset + directive.length:
                return offset, directive
            if offset > self.offset:
                break
        return None

    @cached_property
    def expanded(self) -> int | None:
        """Where the cursor is in the expanded text; None in inactive code and on directives."""
        for at in (self.offset, self.offset - 1):
            spans = self.replay.source_map.expanded(self.path, Span(at, at + 1), self.context.instance)
            if spans:
                return spans[0].start + self.offset - at
        return None

    @property
    def is_blank(self) -> bool:
        """Whether the cursor's line has nothing but blanks."""
        return not self.source.text[slice(*self._line)].strip()

    @property
    def _line(self) -> tuple[int, int]:
        lines = self.source.lines
        line = lines.line_of(self.offset)
        return lines.line_start(line), lines.line_end(line)

    @property
    def is_active(self) -> bool:
        return self.expanded is not None

    def written(self, span: Span) -> Location | None:
        """Where a span of the expanded text was written."""
        origin = self.replay.source_map.written(span.start, span.end)
        return origin.location if origin is not None else None


def cursor_at(snapshot: Snapshot, front_end: FrontEnd, path: str, offset: int) -> Cursor | None:
    """The cursor at `offset` of the file; None when the file cannot be read."""
    source = snapshot.source(path)
    context = snapshot.context(path)
    if source is None or context is None:
        return None
    view = snapshot.root(context.root)
    if view is None or not view.variants:
        return None
    return Cursor(snapshot, front_end, source, max(0, min(offset, len(source.text))), context, view)
