"""Formatting of a whole file, tried out: what would change the tokens of a variant is not done."""

from __future__ import annotations

from collections.abc import Callable

from wgsl_ls.analysis.features.formatting import LineEdit, edited, format_steps, same_tokens
from wgsl_ls.analysis.index import covering_steps
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.steps import Steps

_MOST_ROOTS = 8


class FormatRefused(Exception):
    """Formatting would change what some variant is; the message says which."""


def checked_steps(
    snapshot: Snapshot,
    source: SourceFile,
    indent: int,
    first_of: Callable[[RootView], int],
    wanted: Callable[[LineEdit], bool] = lambda edit: True,
) -> Steps[list[LineEdit]]:
    """The lines that formatting changes. `first_of`: index of the variant of a root that is tried first. Raises
    FormatRefused."""
    tree = snapshot.tree(source.path)
    changes = yield from format_steps(tree, source.lines, indent)
    edits = [edit for edit in changes if wanted(edit)]
    if not edits:
        return []
    changed = SourceFile(source.path, edited(source.text, edits))
    for view in snapshot.views(snapshot.roots_of(source.path)[:_MOST_ROOTS]):
        yield from _check(view, first_of(view), changed)
    return edits


def _check(view: RootView, first: int, changed: SourceFile) -> Steps[None]:
    expansion_of = view.expansions_of(changed)
    for index in (yield from covering_steps(view, first)):
        yield
        before = view.expansion(index)
        yield
        after = expansion_of(index)
        yield
        if before.failed != after.failed or not same_tokens(before.text, after.text):
            name = view.variants[index].name
            raise FormatRefused(f"formatting would change variant {name} of {view.path}; nothing was done")
