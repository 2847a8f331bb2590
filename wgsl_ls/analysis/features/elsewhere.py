"""Another look at code that is inactive in the active variant: through a variant in which it is active."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wgsl_ls.analysis.across import across, indices
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.snapshot import Context, RootView

_TRIED = 4
"""Variants tried: one in which a line is active may still have no text for a word on it (an empty macro)."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`cursor`: the same place seen in another variant, in which it is active. `active`: the set of variants of that
    root in which it is."""

    cursor: Cursor
    active: int

    @property
    def variant_name(self) -> str:
        return self.cursor.view.variants[self.cursor.context.variant_index].name


def elsewhere(cursor: Cursor) -> Elsewhere | None:
    """The place in the first variant (of this root, then of others that read the file) in which it is active."""
    roots = [cursor.view.path, *(root for root in cursor.snapshot.roots_of(cursor.path) if root != cursor.view.path)]
    for root in roots[:8]:
        view = cursor.snapshot.root(root)
        found = _in_root(cursor, view) if view is not None and view.variants else None
        if found is not None:
            return found
    return None


def _in_root(cursor: Cursor, view: RootView) -> Elsewhere | None:
    active = across(view).active(cursor.path, cursor.offset)
    for index in indices(active)[:_TRIED]:
        for instance in view.replay(index).instances:
            if instance.path == cursor.path:
                other = replace(cursor, context=Context(view.path, index, instance.index), view=view)
                if other.expanded is not None:
                    return Elsewhere(other, active)
    return None
