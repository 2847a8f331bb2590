"""Meaning: everything that belongs to one WGSL name, over branches, variants and roots.

A use means one declaration in one variant and perhaps another one elsewhere; both are then declarations of the same
thing, and so are their other uses. The set is closed under that: what is renamed or listed together is all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wgsl_ls.analysis.across import across, across_steps
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.symbols import blanked
from wgsl_ls.analysis.index import NameIndex, Use
from wgsl_ls.analysis.name_classes import may_declare
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import Steps, finished
from wgsl_ls.wgsl.builtins import PREDECLARED


@dataclass(slots=True)
class Meaning:
    """`targets`: the declarations (where their names are spelled); `uses`: every use of them, declarations too."""

    targets: set[Location]
    uses: list[Use]


def uses_at(cursor: Cursor, index: NameIndex) -> list[Use]:
    """See uses_at_steps."""
    return finished(uses_at_steps(cursor, index))


def uses_at_steps(cursor: Cursor, index: NameIndex) -> Steps[list[Use]]:
    """What the WGSL names under the cursor mean: in the active variant first, then in the other variants of the root,
    and where none of them uses the place, in those of other roots that read the file. On a macro in code: the names
    that come out of it; in the value of a #define: the name there."""
    found: dict[tuple[Location | None, Location | None], Use] = {}
    if cursor.word is not None and cursor.expanded is not None:
        for use in _out_of_macro(cursor, index):
            found.setdefault((use.location, use.target), use)
    for root in [cursor.view.path, *cursor.snapshot.roots_of(cursor.path)] if cursor.word is not None else ():
        for use in (yield from _uses_in_root(cursor, index, root)):
            if use.touches(cursor.path, cursor.offset):
                found.setdefault((use.location, use.target), use)
        if found:
            break
    return list(found.values())


def uses_in_other_roots(cursor: Cursor, index: NameIndex) -> Steps[list[Use]]:
    """What the name under the cursor means for the other roots that read its file."""
    found: list[Use] = []
    for root in cursor.snapshot.roots_of(cursor.path):
        if root not in (cursor.view.path, cursor.path):
            uses = yield from _uses_in_root(cursor, index, root)
            found.extend(use for use in uses if use.touches(cursor.path, cursor.offset))
    return found


def _uses_in_root(cursor: Cursor, index: NameIndex, root: str) -> Steps[Sequence[Use]]:
    """Every use of the word under the cursor in one root, those of the active variant first."""
    view = cursor.snapshot.root(root)
    if view is None or not view.variants:
        return ()
    first = cursor.context.variant_index if root == cursor.context.root else 0
    return (yield from index.in_root(cursor.snapshot, view, cursor.word_text, first))


def unused_code_steps(cursor: Cursor) -> Steps[list[Use]]:
    """The uses, in its file, of the name under the cursor where no variant of any root uses the code: as the file has
    it with all branches at once."""
    for view in cursor.snapshot.views(cursor.snapshot.roots_of(cursor.path)):
        yield from across_steps(view)
        if across(view).active(cursor.path, cursor.offset):
            return []
    analysis = yield from cursor.front_end.analyse_steps(blanked(cursor.tree))
    symbol = analysis.symbol_at(cursor.offset)
    if symbol is None or symbol.is_predeclared:
        return []
    found: list[Use] = []
    target = Location(cursor.path, Span(symbol.start, symbol.end))
    for one in analysis.occurrences:
        if one.symbol == symbol:
            place = Location(cursor.path, Span(one.start, one.end))
            found.append(Use(place, place, one.name, target, symbol.kind, one.is_declaration))
    return found


def _out_of_macro(cursor: Cursor, index: NameIndex) -> list[Use]:
    """The names that come out of the macro under the cursor, in the active variant."""
    assert cursor.expanded is not None
    segment = cursor.replay.source_map.segment_at(cursor.expanded)
    if segment is None or not segment.macro:
        return []
    return index.uses_in(cursor.view, cursor.context.variant_index, Span(segment.start, segment.end))


def meaning_steps(cursor: Cursor, index: NameIndex, roots: Iterable[str]) -> Steps[Meaning]:
    """The meaning of the word under the cursor, in all `roots`. A predeclared name belongs to nothing there unless
    somebody declares it, and may be used in every function of every root."""
    name, uses = cursor.word_text, dict[Use, None]()
    for root in dict.fromkeys([cursor.view.path, *roots]) if name else ():
        yield
        view = cursor.snapshot.root(root)
        if name in PREDECLARED and view is not None and not may_declare(cursor.snapshot, view, name):
            continue
        uses.update(dict.fromkeys((yield from _uses_in_root(cursor, index, root))))
    return closed(uses, cursor.path, cursor.offset)


def closed(uses: Iterable[Use], path: str, offset: int) -> Meaning:
    """Of `uses` of one name, those that belong to what stands at a place."""
    by_target: dict[Location, list[Use]] = {}
    by_place: dict[Location, list[Use]] = {}
    waiting: list[Location] = []
    for use in uses:
        if use.target is None:
            continue
        by_target.setdefault(use.target, []).append(use)
        if use.location is not None:
            by_place.setdefault(use.location, []).append(use)
        if use.touches(path, offset):
            waiting.append(use.target)
    targets: set[Location] = set()
    found: dict[Use, None] = {}
    while waiting:
        target = waiting.pop()
        if target in targets:
            continue
        targets.add(target)
        for use in by_target[target]:
            found[use] = None
            if use.location is not None:
                waiting.extend(one.target for one in by_place[use.location] if one.target is not None)
    return Meaning(targets, list(found))
