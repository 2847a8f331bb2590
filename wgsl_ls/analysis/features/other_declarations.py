"""Module-scope names that branches declare differently: each place, with the variants that use it."""

from __future__ import annotations

from functools import lru_cache

from wgsl_ls.analysis.across import across
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.hover_macro import set_in_words
from wgsl_ls.analysis.features.rich_text import Page, Text, place, shortened
from wgsl_ls.analysis.features.symbols import file_symbols
from wgsl_ls.preprocess.directives import DirectiveTree
from wgsl_ls.text.harmless import inline_code
from wgsl_ls.text.span import Location, Span

_MOST_PLACES = 8


@lru_cache(maxsize=16)
def _declared(tree: DirectiveTree) -> dict[str, tuple[tuple[Span, str], ...]]:
    """Name -> (place, declaration in short) of what a file declares in any branch; equal text is the same tree."""
    found: dict[str, tuple[tuple[Span, str], ...]] = {}
    for symbol in file_symbols(tree):
        if symbol.kind not in ("macro", "include"):
            found[symbol.name] = (*found.get(symbol.name, ()), (symbol.name_span, symbol.detail))
    return found


def declared_places(cursor: Cursor, name: str) -> list[tuple[Location, str]]:
    """Every place in the root's files that declares `name` at module scope, whatever the variant."""
    found: list[tuple[Location, str]] = []
    for path in sorted(cursor.snapshot.included_files(cursor.view.path)):
        for span, detail in _declared(cursor.snapshot.tree(path)).get(name, ()):
            found.append((Location(path, span), detail))
    return found


def add_other_declarations(page: Page, cursor: Cursor, name: str) -> None:
    """A list of all declarations of `name`, when there are several that variants use."""
    places = declared_places(cursor, name)
    if len(places) < 2:
        return
    found = across(cursor.view)
    total = len(cursor.view.variants)
    rows: list[Text] = []
    for location, detail in places:
        mask = found.active(location.path, location.span.start)
        if mask:
            count = f": {mask.bit_count():,} of {total:,} variants, {set_in_words(found, mask)}"
            shown = f" {inline_code(shortened(detail, 50))}" if detail else ""
            rows.append((place(cursor.snapshot.read, location), shown, count))
    if len(rows) > 1:
        page.add("Declared in several places:")
        page.items(rows[:_MOST_PLACES])
        if len(rows) > _MOST_PLACES:
            page.add(f"and {len(rows) - _MOST_PLACES} more")
