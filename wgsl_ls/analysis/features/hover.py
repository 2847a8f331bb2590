"""Hover: what is under the cursor. Directives and macros first, then WGSL; for inactive code the answer of a
variant in which it is active, named."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from operator import attrgetter

from wgsl_ls.analysis.across import Across, across
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.declarations import documentation_at, symbol_page
from wgsl_ls.analysis.features.elsewhere import Elsewhere, elsewhere
from wgsl_ls.analysis.features.hover_directive import directive_page
from wgsl_ls.analysis.features.hover_macro import macro_page, set_in_words
from wgsl_ls.analysis.features.hover_symbol import lexical_page, node_page
from wgsl_ls.analysis.features.other_declarations import add_other_declarations, declared_places
from wgsl_ls.analysis.features.predeclared import attribute_page, builtin_value_page, extension_page, name_page
from wgsl_ls.analysis.features.rich_text import Hover, Page, place
from wgsl_ls.preprocess.directives import Directive
from wgsl_ls.text.harmless import inline_code, markdown_text
from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.lexer import comment_spans


def hover(cursor: Cursor) -> Hover | None:
    """What to show at the cursor; None when there is nothing to say."""
    if cursor.directive is not None:
        return _on_directive(cursor, *cursor.directive, across(cursor.view))
    if in_comment(cursor):
        return None
    word = cursor.word
    if word is None:
        return None
    name = cursor.word_text
    if name in cursor.macros and cursor.is_active:
        return _on_macro_use(cursor, word, name, across(cursor.view))
    if not cursor.is_active:
        other = elsewhere(cursor)
        if other is not None and name in other.cursor.macros:
            page = _macro_with_documentation(other.cursor, name, across(other.cursor.view))
            page.add(_seen_elsewhere(cursor, other))
            return Hover(word, page.text)
    return _on_code(cursor, word)


def asks_all_variants(cursor: Cursor) -> bool:
    """Whether the answer takes a look at all variants, which after an edit takes a moment."""
    name = cursor.word_text
    if cursor.directive is not None or not cursor.is_active or name in cursor.macros:
        return True
    return name in cursor.analysis.globals.declared and len(declared_places(cursor, name)) > 1


def _is_local(cursor: Cursor, offset: int) -> bool:
    symbol = cursor.analysis.symbol_at(offset)
    return symbol is None or symbol.is_local or symbol.kind == "member"


def in_comment(cursor: Cursor) -> bool:
    """Whether the cursor is inside a comment of the written text."""
    text = cursor.source.text
    line_start = text.rfind("\n", 0, cursor.offset) + 1
    if "/*" not in text and "//" not in text[line_start : cursor.offset]:
        return False
    return any(span.start < cursor.offset < span.end for span in comment_spans(text))


def _variant(cursor: Cursor) -> str:
    return cursor.view.variants[cursor.context.variant_index].name


def _is_macro_anywhere(found: Across, cursor: Cursor, name: str) -> bool:
    return any(one.value is not None for one in found.values(cursor.path, cursor.offset, name))


# Directives


def _on_directive(cursor: Cursor, offset: int, directive: Directive, found: Across) -> Hover | None:
    word = cursor.word
    at = cursor.offset - offset
    head = directive.head_span.shifted(offset)
    if directive.keyword_span.touches(at) or word is None:
        page = directive_page(cursor, offset, directive, found)
        return Hover(head, page.text) if page else None
    if directive.kind == "include":
        return Hover(directive.name_span.shifted(offset), directive_page(cursor, offset, directive, found).text)
    name = cursor.word_text
    if (
        "//" in cursor.source.text[head.start : cursor.offset]
        or not (name[0].isalpha() or name[0] == "_")
        or name == "defined"
    ):
        page = directive_page(cursor, offset, directive, found)
        return Hover(head, page.text) if page else None
    if directive.kind == "define" and directive.name_span.touches(at):
        page = _macro_with_documentation(cursor, name, found)
        if not _is_reached(cursor, found):
            page.add(f"This #define is inactive in {inline_code(_variant(cursor))}")
        return Hover(word, page.text)
    is_macro = name in cursor.macros or directive.kind != "define" or _is_macro_anywhere(found, cursor, name)
    if is_macro:
        page = _macro_with_documentation(cursor, name, found)
        if directive.kind in ("if", "ifdef", "ifndef", "elif"):
            page.rule()
            page.extend(directive_page(cursor, offset, directive, found))
        return Hover(word, page.text)
    page = _in_a_use(cursor, directive.name, name, found)
    if not page:
        symbol = cursor.analysis.global_symbol(name)
        page = symbol_page(cursor, symbol) if symbol is not None else name_page(name)
    return Hover(word, page.text) if page else None


def _in_a_use(cursor: Cursor, macro: str, name: str, found: Across) -> Page:
    """What `name` in the value of `macro` means where the macro is first used."""
    occurrences = cursor.analysis.occurrences
    for use in cursor.replay.uses:
        if use.name != macro:
            continue
        source = cursor.snapshot.text(use.location.path)
        context = replace(cursor.context, instance=use.instance)
        there = replace(cursor, source=source, offset=use.location.span.start, context=context)
        if name in there.macros:
            page = _macro_with_documentation(there, name, found)
            page.add("As used at ", place(cursor.snapshot.read, use.location))
            return page
        spans = cursor.replay.source_map.expanded(use.location.path, use.location.span, use.instance)
        for span in spans:
            first = bisect_left(occurrences, span.start, key=attrgetter("start"))
            for occurrence in occurrences[first:]:
                if occurrence.end > span.end:
                    break
                if occurrence.name == name:
                    page = node_page(cursor, occurrence.start, None)
                    page.add("As used at ", place(cursor.snapshot.read, use.location))
                    return page
    return Page()


def _is_reached(cursor: Cursor, found: Across) -> bool:
    return bool(found.active(cursor.path, cursor.offset) >> cursor.context.variant_index & 1)


def _macro_with_documentation(cursor: Cursor, name: str, found: Across) -> Page:
    page = macro_page(cursor, name, found)
    known = cursor.macros.get(name), *cursor.macros.shadowed(name)
    page.add(documentation_at(cursor, next((one.location for one in known if one is not None and one.location), None)))
    return page


# Code


def _on_macro_use(cursor: Cursor, word: Span, name: str, found: Across) -> Hover:
    page = _macro_with_documentation(cursor, name, found)
    spans = cursor.replay.source_map.expanded(cursor.path, word, cursor.context.instance)
    if spans and len(spans[0]):
        inner = node_page(cursor, spans[0].start, spans[0])
        if inner:
            page.rule()
            page.extend(inner)
    return Hover(word, page.text)


def _on_code(cursor: Cursor, word: Span) -> Hover | None:
    text = cursor.source.text[word.start : word.end]
    placed = by_place(cursor, word)
    if placed:
        return Hover(word, placed.text)
    if cursor.expanded is not None:
        offset = cursor.expanded
        page = node_page(cursor, offset, None)
        if page:
            if text in cursor.analysis.globals.declared and not _is_local(cursor, offset):
                add_other_declarations(page, cursor, text)
            return Hover(word, page.text)
        return _named(cursor, word, name_page(text), "")
    other = elsewhere(cursor)
    if other is None:
        return _named(cursor, word, lexical_page(cursor, text), "No variant uses this code")
    assert other.cursor.expanded is not None
    page = node_page(other.cursor, other.cursor.expanded, None) or name_page(text)
    return _named(cursor, word, page, _seen_elsewhere(cursor, other))


def _seen_elsewhere(cursor: Cursor, other: Elsewhere) -> str:
    note = f"Inactive in {inline_code(_variant(cursor))}; shown as in {inline_code(other.variant_name)}"
    if other.cursor.view is not cursor.view:
        return f"{note} of {markdown_text(other.cursor.view.path.rsplit('/', 1)[-1])}"
    found = across(cursor.view)
    active = found.active(cursor.path, cursor.offset)
    share = f"active in {active.bit_count():,} of {len(cursor.view.variants):,} variants"
    return f"{note} ({share}, when {set_in_words(found, active)})"


def _named(cursor: Cursor, word: Span, page: Page, note: str) -> Hover | None:
    if not page:
        return None
    page.add(note)
    return Hover(word, page.text)


_IN_BUILTIN = re.compile(r"@builtin\s*\(\s*$")
_IN_LIST = re.compile(r"^\s*(enable|requires)\s+[\w\s,]*$")
_IN_DIAGNOSTIC = re.compile(r"diagnostic\s*\(\s*(?:\w+\s*,\s*[\w.]*)?$")
_IN_INTERPOLATE = re.compile(r"@interpolate\s*\(\s*(?:\w+\s*,\s*)?$")


def by_place(cursor: Cursor, word: Span) -> Page:
    """Names that mean something by their place alone: attributes, @builtin values, extensions."""
    text = cursor.source.text
    line_start = text.rfind("\n", 0, word.start) + 1
    before = text[line_start : word.start]
    name = text[word.start : word.end]
    if before.rstrip().endswith("@"):
        return attribute_page(name)
    if _IN_BUILTIN.search(before):
        return builtin_value_page(name)
    listed = _IN_LIST.match(before)
    if listed is not None:
        return extension_page(name, listed[1])
    if _IN_DIAGNOSTIC.search(before) or _IN_INTERPOLATE.search(before):
        return name_page(name)
    return Page()
