"""Completion: what may stand at the cursor, by the written text before it and, for names, by what is in scope in
the expansion. The word at the cursor is half-written, so nothing here relies on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wgsl_ls.analysis.across import across
from wgsl_ls.analysis.features.completion_code import code_items
from wgsl_ls.analysis.features.completion_directives import directive_items
from wgsl_ls.analysis.features.completion_items import Completions, Suggestion, fits, without_doubles
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.declarations import symbol_page
from wgsl_ls.analysis.features.elsewhere import sight
from wgsl_ls.analysis.features.hover_directive import DIRECTIVE_DOCS
from wgsl_ls.analysis.features.hover_macro import macro_page
from wgsl_ls.analysis.features.predeclared import attribute_page, builtin_value_page, extension_page, name_page
from wgsl_ls.analysis.features.rich_text import Page
from wgsl_ls.text.span import Span
from wgsl_ls.text.words import word_at
from wgsl_ls.wgsl.lexer import comment_spans

_DIRECTIVE = re.compile(r"[ \t\v\f\r]*#")
_WORD_AFTER = re.compile(r"\w*")
_PATH_AFTER = re.compile(r"[^\s\"]*")
_SPECIAL = {
    "(": re.compile(r"@\s*\w+\s*\(\Z|\bdiagnostic\s*\(\Z|\bdefined\s*\(\Z"),
    "<": re.compile(
        r"\b(?:var|ptr|array|atomic|bitcast|binding_array|vec\w*|mat\w*|texture_\w+|subgroup_matrix_\w+)<\Z"
    ),
    '"': re.compile(r"^\s*#\s*include\s*\"\Z"),
    "#": re.compile(r"^\s*#\Z"),
}


def complete(cursor: Cursor, trigger: str = "") -> Completions | None:
    """None where nothing may be completed: in comments, and in numbers. `trigger`: the character whose typing asked,
    "" when the user did; some begin something special only in some places."""
    text, offset = cursor.source.text, cursor.offset
    line_start = text.rfind("\n", 0, offset) + 1
    line = text[line_start:offset]
    if _is_in_comment(cursor):
        return None
    logical = _logical_line(text, line_start) + line
    special = _SPECIAL.get(trigger)
    if special is not None and special.search(logical) is None:
        return None
    if _DIRECTIVE.match(logical):
        return _directive(cursor, logical)
    prefix = text[word_at(text, offset, Span(line_start, offset)).start : offset]
    if prefix[:1].isdigit():
        return None
    begin = offset - len(prefix)
    end = _end(cursor, prefix, _WORD_AFTER)
    items = _inserted(text, end, code_items(cursor, text[:begin], begin))
    return Completions(_chosen(items, prefix), Span(begin, end), prefix)


def _directive(cursor: Cursor, logical: str) -> Completions | None:
    found = directive_items(cursor, logical)
    if found is None:
        return None
    prefix, items = found
    begin = cursor.offset - len(prefix)
    end = _end(cursor, prefix, _PATH_AFTER if "include" in logical else _WORD_AFTER)
    return Completions(_chosen(items, prefix), Span(begin, end), prefix)


def _end(cursor: Cursor, prefix: str, rest: re.Pattern[str]) -> int:
    """How far the word (or path) reaches that is being completed; what stands behind the cursor is another one when
    nothing of it stands before."""
    behind = rest.match(cursor.source.text, cursor.offset) if prefix else None
    return behind.end() if behind is not None else cursor.offset


def _chosen(items: Iterator[Suggestion], prefix: str) -> tuple[Suggestion, ...]:
    return without_doubles(item for item in items if fits(prefix, item.label))


def _inserted(text: str, end: int, items: Iterator[Suggestion]) -> Iterator[Suggestion]:
    """Functions get no second pair of parentheses."""
    if text[end : end + 1] != "(":
        yield from items
        return
    for item in items:
        if item.kind in ("function", "attribute") and item.insert:
            yield Suggestion(item.label, item.kind, item.detail, item.source, item.label, False, item.order)
        else:
            yield item


def _is_in_comment(cursor: Cursor) -> bool:
    """Behind the last character of a line comment one is still in it."""
    text, offset = cursor.source.text, cursor.offset
    line_start = text.rfind("\n", 0, offset) + 1
    if "/*" not in text and "//" not in text[line_start:offset]:
        return False
    for span in comment_spans(text):
        if span.start < offset < span.end:
            return offset - span.start >= 2
        if offset == span.end and text.startswith("//", span.start):
            return True
    return False


def _logical_line(text: str, line_start: int) -> str:
    """The lines before that a backslash joins to this one."""
    parts: list[str] = []
    while line_start:
        begin = text.rfind("\n", 0, line_start - 1) + 1
        above = text[begin : line_start - 1].rstrip()
        if not above.endswith("\\"):
            break
        parts.append(above[:-1])
        line_start = begin
    return " ".join(reversed(parts))


def asks_all_variants(cursor: Cursor) -> bool:
    """Whether completing here takes a look at all variants, which after an edit takes a moment."""
    text = cursor.source.text
    line_start = text.rfind("\n", 0, cursor.offset) + 1
    on_directive = _DIRECTIVE.match(_logical_line(text, line_start) + text[line_start : cursor.offset])
    return on_directive is not None or not cursor.is_active


# Documentation of an item, when it is looked at


def documentation_page(cursor: Cursor, source: str, label: str) -> Page:
    """What `completionItem/resolve` adds. `source`: see Suggestion."""
    if source == "builtin":
        return name_page(label)
    if source == "attribute":
        return attribute_page(label)
    if source == "builtin value":
        return builtin_value_page(label)
    if source in ("enable", "requires"):
        return extension_page(label, source)
    if source == "macro":
        return macro_page(cursor, label, across(cursor.view))
    page = Page()
    if source == "directive":
        page.add(DIRECTIVE_DOCS.get(label, ""))
    elif source == "symbol":
        seen = sight(cursor)
        symbol = next((one for one in (*seen.scope, *cursor.analysis.global_symbols) if one.name == label), None)
        if symbol is not None and seen.cursor is not None:
            return symbol_page(seen.cursor, symbol)
    return page
