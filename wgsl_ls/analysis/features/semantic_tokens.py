"""Semantic tokens: what each name of a written file is. Names of active code have the meaning that the expansion
gives them; inactive code, marked so, has that of the file read with all branches at once. Directives, conditions
and macros are what no grammar of WGSL knows."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.symbols import blanked
from wgsl_ls.preprocess.directives import Directive
from wgsl_ls.text.span import Span
from wgsl_ls.text.steps import Steps, finished, gathered
from wgsl_ls.wgsl.builtins import (
    ATTRIBUTES,
    BUILTIN_VALUES,
    ENABLE_EXTENSIONS,
    ENUMERANTS,
    FUNCTIONS,
    LANGUAGE_FEATURES,
    TYPES,
)
from wgsl_ls.wgsl.lexer import FLOAT, IDENTIFIER, INTEGER, tokenize
from wgsl_ls.wgsl.symbols import Analysis, Occurrence, Symbol
from wgsl_ls.wgsl.words import KEYWORDS

TYPES_LEGEND = (
    "macro", "keyword", "operator", "number", "string", "function", "parameter", "variable", "property", "struct",
    "type", "enumMember", "decorator",
)  # fmt: skip
MODIFIERS_LEGEND = ("declaration", "readonly", "defaultLibrary", "definition", "directive", "inactive")

_DIRECTIVE_PART = re.compile(r"(?P<number>\d+)|(?P<name>[A-Za-z_]\w*)|(?P<operator>[-+*/%<>=!&|]+)|(?P<comment>//)")


@dataclass(frozen=True, slots=True)
class Token:
    """`length` characters at `start` of the written file, on one line. `type`, `modifiers`: of the legends."""

    start: int
    length: int
    type: str
    modifiers: frozenset[str]


_NONE: frozenset[str] = frozenset()
_LIBRARY = frozenset(("defaultLibrary",))


def semantic_tokens(cursor: Cursor) -> list[Token]:
    """All tokens of the cursor's file, in order; none lies over another."""
    return finished(semantic_token_steps(cursor))


def semantic_token_steps(cursor: Cursor) -> Steps[list[Token]]:
    """With a pause behind each declaration."""
    instance = cursor.context.instance
    inactive = sorted(entry.location.span for entry in cursor.replay.inactive if entry.instance == instance)
    dimmed = _Dimmed(inactive)
    found = _directive_tokens(cursor)
    yield
    found.extend((yield from _code_token_steps(cursor)))
    found.sort(key=lambda token: token.start)
    yield
    return (yield from gathered(_dim(token) if dimmed.contains(token.start) else token for token in found))


def _dim(token: Token) -> Token:
    return Token(token.start, token.length, token.type, token.modifiers | {"inactive"})


class _Dimmed:
    def __init__(self, spans: list[Span]) -> None:
        self._spans = spans
        self._starts = [span.start for span in spans]

    def contains(self, offset: int) -> bool:
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and self._spans[index].contains(offset)


# Code


def _code_token_steps(cursor: Cursor) -> Steps[list[Token]]:
    instance = cursor.context.instance
    macros = {use.location.span.start for use in cursor.replay.uses if use.instance == instance}
    yield from cursor.front_end.analysis_steps(cursor.expansion)
    active = _written_names(cursor)
    yield
    bare = yield from cursor.front_end.analyse_steps(blanked(cursor.tree))
    yield
    lexical: dict[int, Occurrence] | None = None

    def occurrence_at(start: int) -> Occurrence | None:
        nonlocal lexical
        found = active.get(start)
        if found is None:
            if lexical is None:
                lexical = _bare_names(bare)
            found = lexical.get(start)
        return found

    return (yield from _token_steps(bare, occurrence_at, macros))


def plain_tokens(analysis: Analysis) -> list[Token]:
    """Of WGSL without a preprocessor."""
    return finished(_token_steps(analysis, _bare_names(analysis).get))


def _token_steps(
    analysis: Analysis, occurrence_at: Callable[[int], Occurrence | None], macros: Collection[int] = ()
) -> Steps[list[Token]]:
    found: list[Token] = []
    for placed in analysis.module.placed:
        found.extend(_tokens_of(placed.chunk.text, placed.start, occurrence_at, macros))
        yield
    return found


def _tokens_of(
    text: str, at: int, occurrence_at: Callable[[int], Occurrence | None], macros: Collection[int]
) -> Iterator[Token]:
    """`at`: where the text begins; `macros`: where a macro is used."""
    tokens = tokenize(text)
    for number, kind in enumerate(tokens.kinds):
        start, word = at + tokens.starts[number], tokens.texts[number]
        if kind in (INTEGER, FLOAT):
            yield Token(start, len(word), "number", _NONE)
        elif kind in KEYWORDS:
            yield Token(start, len(word), "keyword", _NONE)
        elif kind == IDENTIFIER:
            before = tokens.kinds[number - 1]
            if start in macros:
                yield Token(start, len(word), "macro", _NONE)
                continue
            occurrence = occurrence_at(start)
            if occurrence is not None and occurrence.symbol is not None:
                yield _of_symbol(start, len(word), occurrence.symbol, occurrence.is_declaration)
            else:
                after = tokens.kinds[number + 1]  # there is an end
                yield _of_word(start, word, before, after)


def _written_names(cursor: Cursor) -> dict[int, Occurrence]:
    """The names of the expansion that stand in this file as they are, by their place in it."""
    source_map = cursor.replay.source_map
    instance = cursor.context.instance
    found: dict[int, Occurrence] = {}
    occurrences = cursor.analysis.occurrences
    position = 0
    for stretch in source_map.stretches:
        if stretch.instance != instance or stretch.chunk_start == stretch.chunk_end:
            continue
        while position < len(occurrences) and occurrences[position].start < stretch.start:
            position += 1
        for segment in stretch.segments():
            if segment.macro:
                continue
            while position < len(occurrences) and occurrences[position].start < segment.end:
                occurrence = occurrences[position]
                position += 1
                if segment.start <= occurrence.start and occurrence.end <= segment.end:
                    found[segment.source_start + occurrence.start - segment.start] = occurrence
    return found


def _bare_names(analysis: Analysis) -> dict[int, Occurrence]:
    return {occurrence.start: occurrence for occurrence in analysis.occurrences}


_KINDS = {
    "function": "function",
    "struct": "struct",
    "alias": "type",
    "var": "variable",
    "const": "variable",
    "override": "variable",
    "let": "variable",
    "parameter": "parameter",
    "member": "property",
    "builtin function": "function",
    "builtin type": "type",
    "enumerant": "enumMember",
}
_READ_ONLY = frozenset(("const", "override", "let", "parameter"))


def _of_symbol(start: int, length: int, symbol: Symbol, is_declaration: bool) -> Token:
    modifiers = set()
    if is_declaration:
        modifiers.add("declaration")
    if symbol.kind in _READ_ONLY or (symbol.kind == "var" and symbol.access == "read"):
        modifiers.add("readonly")
    if symbol.is_predeclared:
        modifiers.add("defaultLibrary")
    return Token(start, length, _KINDS.get(symbol.kind, "variable"), frozenset(modifiers))


def _of_word(start: int, word: str, before: str, after: str) -> Token:
    """By the word and its neighbours alone."""
    length = len(word)
    if before == "@":
        return Token(start, length, "decorator", _LIBRARY if word in ATTRIBUTES else _NONE)
    if before == ".":
        return Token(start, length, "property", _NONE)
    if word in TYPES:
        return Token(start, length, "type", _LIBRARY)
    if word in FUNCTIONS and after == "(":
        return Token(start, length, "function", _LIBRARY)
    if any(word in table for table in (ENUMERANTS, BUILTIN_VALUES, ENABLE_EXTENSIONS, LANGUAGE_FEATURES)):
        return Token(start, length, "enumMember", _LIBRARY)
    return Token(start, length, "function" if after == "(" else "variable", _NONE)


# Directives


def _directive_tokens(cursor: Cursor) -> list[Token]:
    found: list[Token] = []
    for offset, directive in cursor.tree.directives():
        found.extend(_of_directive(offset, directive))
    return found


def _of_directive(offset: int, directive: Directive) -> list[Token]:
    keyword = directive.keyword_span.shifted(offset)
    found = []
    if (
        directive.kind != "unknown"
        and "\n" not in directive.text[directive.keyword_span.start : directive.keyword_span.end]
    ):
        found.append(Token(keyword.start, len(keyword), "keyword", frozenset(("directive",))))
    name = directive.name_span.shifted(offset)
    if directive.kind == "include":
        if len(name):
            found.append(Token(name.start, len(name), "string", _NONE))
        return found
    if directive.kind in ("define", "undef", "ifdef", "ifndef"):
        modifiers = frozenset(("definition",)) if directive.kind == "define" else _NONE
        found.append(Token(name.start, len(name), "macro", modifiers))
    if directive.condition is not None:
        found.extend(_condition_tokens(offset, directive))
    elif directive.kind == "define":
        found.extend(_value_tokens(offset, directive))
    return [token for token in found if token.length > 0]


def _condition_tokens(offset: int, directive: Directive) -> list[Token]:
    assert directive.condition is not None
    found = []
    for match in _DIRECTIVE_PART.finditer(directive.condition.text):
        if match.lastgroup == "comment":
            break
        start = offset + directive.at(directive.condition_start + match.start())
        kind = {"number": "number", "operator": "operator"}.get(match.lastgroup or "", "macro")
        if match.group() == "defined":
            kind = "operator"
        found.append(Token(start, len(match.group()), kind, _NONE))
    return found


def _value_tokens(offset: int, directive: Directive) -> list[Token]:
    """A macro's value is code that is not used yet: words that WGSL knows, numbers, other names."""
    tokens = tokenize(directive.value)
    found = []
    for number, kind in enumerate(tokens.kinds):
        word = tokens.texts[number]
        start = offset + directive.at(directive.value_start + tokens.starts[number])
        if kind in (INTEGER, FLOAT):
            found.append(Token(start, len(word), "number", _NONE))
        elif kind in KEYWORDS:
            found.append(Token(start, len(word), "keyword", _NONE))
        elif kind == IDENTIFIER:
            before = tokens.kinds[number - 1]
            after = tokens.kinds[number + 1]  # there is an end
            found.append(_of_word(start, word, before, after))
    return found


# Encoding


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `n_deleted` numbers at `start` by `data`."""

    start: int
    n_deleted: int
    data: tuple[int, ...]


def difference(before: list[int], after: list[int]) -> list[Edit]:
    """The one edit (or none) that makes `after` of `before`."""
    if before == after:
        return []
    shortest = min(len(before), len(after))
    head = 0
    while head < shortest and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shortest - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return [Edit(head, len(before) - head - tail, tuple(after[head : len(after) - tail]))]
