"""Another look at code that is inactive in the active variant: through a variant in which it is active."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wgsl_ls.analysis.across import across, indices
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.symbols import blanked
from wgsl_ls.analysis.root_view import Context, RootView
from wgsl_ls.text.span import Span

if TYPE_CHECKING:
    from wgsl_ls.wgsl.symbols import Analysis, Symbol

_TRIED = 4
"""Variants tried: one in which a line is active may still have no text for a word on it (an empty macro)."""
_OTHER_ROOTS = 6
"""Of a header that many shaders read, so many others are tried, each in one variant only."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`cursor`: the same place seen in another variant, in which it is active; `at`: where it is in that expansion."""

    cursor: Cursor
    at: int

    @property
    def variant_name(self) -> str:
        return self.cursor.view.variants[self.cursor.context.variant_index].name


def elsewhere(cursor: Cursor) -> Elsewhere | None:
    """The place in the first variant of this root in which it is active, else in the first variant of another."""
    found = _in_root(cursor, cursor.view, indices(across(cursor.view).active(cursor.path, cursor.offset))[:_TRIED])
    if found is not None:
        return found
    others = [root for root in cursor.snapshot.roots_of(cursor.path) if root != cursor.view.path]
    tried = (_in_root(cursor, view, [0]) for view in cursor.snapshot.views(others[:_OTHER_ROOTS]))
    return next((found for found in tried if found is not None), None)


def _in_root(cursor: Cursor, view: RootView, tried: list[int]) -> Elsewhere | None:
    for index in tried:
        for instance in view.replay(index).instances:
            if instance.path == cursor.path:
                other = replace(cursor, context=Context(view.path, index, instance.index), view=view)
                if other.expanded is not None:
                    return Elsewhere(other, other.expanded)
    return None


@dataclass(frozen=True, slots=True)
class Sight:
    """Symbols and types for a place. `at`: the place in the analysed text; `cursor`: what it was seen through, None
    when no variant uses the code and all branches of the file were read at once."""

    analysis: Analysis
    at: int
    cursor: Cursor | None

    def expanded(self, path: str, offset: int) -> int | None:
        """Where another character of the file is in the analysed text."""
        if self.cursor is None:
            return offset
        instance = self.cursor.context.instance
        spans = self.cursor.replay.source_map.expanded(path, Span(offset, offset + 1), instance)
        return spans[0].start if spans else None

    @property
    def scope(self) -> list[Symbol]:
        """At the token before what is being written: behind `let a =` no `a` is declared yet."""
        text, at = self.analysis.module.text, self.at
        while at and (text[at - 1] == "_" or text[at - 1].isalnum()):
            at -= 1
        before = text[:at].rstrip()
        return self.analysis.scope_at(len(before) - (before[-1:] not in ("", ";", "{", "}")))


def sight(cursor: Cursor) -> Sight:
    """The best way to look at the cursor's place: the active variant, one that uses the code, or the bare file."""
    if cursor.expanded is not None:
        return Sight(cursor.analysis, cursor.expanded, cursor)
    other = elsewhere(cursor)
    if other is not None:
        return Sight(other.cursor.analysis, other.at, other.cursor)
    return Sight(cursor.front_end.analyse_text(blanked(cursor.tree)), cursor.offset, None)
