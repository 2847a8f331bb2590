"""A TOML text as a tree of Located values.

`tomllib` is the judge of what is TOML and of every scalar's value. It keeps no positions, so a second, light
pass over the text finds where keys and values stand; it only has to understand texts that `tomllib` accepted.
(tomlkit keeps the text but no positions either, and takes ten times as long.) A statement with a syntax error
is reported, blanked and left out, so that one typing slip does not lose the file. This module knows no key of
ours.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any, Final

from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Span

MAX_SYNTAX_ERRORS = 20
LONGEST_DOCUMENT: Final = 1_000_000
"""Characters; a thousand shaders with their rules take a tenth."""
DEEPEST_KEY: Final = 50
"""Names in one dotted key: Python's reader keeps all beginnings of each key."""
_MOST_REREAD: Final = 20_000_000
"""Characters read again to find where the statement with a mistake begins."""

_ERROR_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_LONG_NUMBER = re.compile(r"[0-9][0-9_]{4200,}")
_STATEMENT = re.compile(r"""[ \t]*(?:\[|[A-Za-z0-9_"'-][^=\n]*=)""")
_NEXT_STATEMENT = re.compile(
    r"[ \t]*(?:\[\[?[A-Za-z0-9_. -]+\]\]?[ \t\r]*(?:#.*)?$|[A-Za-z0-9_.-]+[ \t]*=)", re.MULTILINE
)


def read_toml(path: str, text: str) -> tuple[Located, tuple[Diagnostic, ...]]:
    """The table that `text` is, and its syntax errors (rule `config/syntax`) with their places. Never
    raises."""
    source = " " + text[1:] if text.startswith("\ufeff") else text
    diagnostics: list[Diagnostic] = []
    if len(text) > LONGEST_DOCUMENT:
        message = f"this file has {len(text):,} characters; more than {LONGEST_DOCUMENT:,} are not read"
        return _located({}, _Scanner("").document(), ""), (_syntax_error(path, Span(0, 0), message),)
    deep = next((found for found in _DEEP_KEY.finditer(source) if found["deep"] is not None), None)
    if deep is not None:
        message = f"this key has more than {DEEPEST_KEY} names; nothing in this file is read"
        return _located({}, _Scanner("").document(), ""), (_syntax_error(path, Span(*deep.span()), message),)
    while True:
        try:
            data = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            diagnostic, source = _recover(path, source, str(error))
            diagnostics.append(diagnostic)
        except ValueError:  # of a number: Python reads no more digits than this
            number = _LONG_NUMBER.search(source)
            place = Span(number.start(), number.end()) if number is not None else Span(0, 0)
            diagnostics.append(_syntax_error(path, place, "a number of this length cannot be read"))
            source = _LONG_NUMBER.sub(lambda found: "1" + " " * (len(found[0]) - 1), source) if number else ""
        except RecursionError:
            message = "the values are nested too deeply to be read"
            diagnostics.append(_syntax_error(path, Span(0, 0), message))
            source = ""
        else:
            break
        if len(diagnostics) >= MAX_SYNTAX_ERRORS:
            data, source = {}, ""
            break
    places = _Scanner(source).document()
    return _located(data, places, source), tuple(diagnostics)


def is_bare_key(name: str) -> bool:
    """May it be a key without quotes?"""
    return _BARE_KEY.fullmatch(name) is not None


def _syntax_error(path: str, span: Span, message: str) -> Diagnostic:
    return Diagnostic(path, span, Severity.ERROR, "config/syntax", message)


def _recover(path: str, source: str, message: str) -> tuple[Diagnostic, str]:
    """The diagnostic for `message` of tomllib, and `source` without the statement it is in."""
    lines = LineIndex(source, only_lf=True)
    place = _ERROR_PLACE.search(message)
    offset = len(source)
    if place is not None:
        message = message[: place.start()]
        if place.group(1) is not None:
            line = int(place.group(1)) - 1
            # tomllib reads CRLF as one character; the column counts from the same line start either way.
            offset = min(lines.line_start(line) + int(place.group(2)) - 1, len(source))
    error_line = lines.line_of(offset)
    first = error_line
    n_reread = 0
    # The statement's first line is the nearest one above where everything before it is well-formed.
    for line in range(error_line, max(-1, error_line - 200), -1):
        start = lines.line_start(line)
        if n_reread > _MOST_REREAD:
            break
        if _STATEMENT.match(source, start):
            n_reread += start
            if _is_toml(source[:start]):
                first = line
                break
    # An array that is never closed is noticed in the statement behind it, which is not to blame.
    behind = first + 1
    while behind <= error_line and not _NEXT_STATEMENT.match(source, lines.line_start(behind)):
        behind += 1
    start = lines.line_start(first)
    end = lines.line_start(behind) if behind < lines.n_lines else len(source)
    blanked = re.sub(r"[^\r\n]", " ", source[start:end])
    if blanked == source[start:end]:  # nothing left to take away here: drop the rest
        end = len(source)
        start = min(start, offset)
        blanked = ""
    shown = Span(offset, min(offset + 1, len(source)))
    if offset < len(source) and source[offset] in "\r\n":
        shown = Span(offset, offset)
    return _syntax_error(path, shown, message), source[:start] + blanked + source[end:]


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


@dataclass(slots=True)
class _Place:
    """Where one value stands; `items` mirrors the shape of tables (dict) and arrays (list)."""

    key: Span
    span: Span
    items: dict[str, _Place] | list[_Place] | None = None


_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
_DEEP_KEY = re.compile(
    r"#[^\n]*+"
    rf"""|(?P<deep>(?:(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{DEEPEST_KEY}}})"""
    r"|[A-Za-z0-9_-]++"
    r'|"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*+"'
    r"|'[^'\n]*+'"
)
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d[^,\]}\s#]*|[^,\]}\s#]+")


@dataclass(slots=True)
class _Scanner:
    """Finds places in a text that is known to be TOML."""

    text: str
    offset: int = 0
    root: _Place = field(default_factory=lambda: _Place(Span(0, 0), Span(0, 0), {}))

    def document(self) -> _Place:
        table = self.root
        text = self.text
        while True:
            self._skip(_SPACE)
            if self.offset >= len(text):
                return self.root
            if text[self.offset] == "[":
                table = self._header()
            else:
                self._key_value(table)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.offset)
        if match is not None:
            self.offset = match.end()

    def _header(self) -> _Place:
        start = self.offset
        is_array = self.text.startswith("[[", start)
        self.offset += 2 if is_array else 1
        keys = self._keys()
        self._skip(_BLANK)
        self.offset += 2 if is_array else 1
        span = Span(start, self.offset)
        table = self.root
        for name, key_span in keys[:-1]:
            table = _child_table(table, name, key_span)
        name, key_span = keys[-1]
        items = table.items
        assert isinstance(items, dict)
        if is_array:
            array = items.setdefault(name, _Place(key_span, span, []))
            assert isinstance(array.items, list)
            element = _Place(key_span, span, {})
            array.items.append(element)
            return element
        found = _child_table(table, name, key_span)
        found.key, found.span = key_span, span
        return found

    def _keys(self) -> list[tuple[str, Span]]:
        keys: list[tuple[str, Span]] = []
        while True:
            self._skip(_BLANK)
            start = self.offset
            match = _BARE_KEY.match(self.text, start) or _STRING.match(self.text, start)
            assert match is not None, "tomllib accepted a key that is not one"
            self.offset = match.end()
            name = match.group()
            if name[0] in "\"'":
                name = tomllib.loads(f"k = {name}")["k"]
            keys.append((name, Span(start, self.offset)))
            self._skip(_BLANK)
            if not self.text.startswith(".", self.offset):
                return keys
            self.offset += 1

    def _key_value(self, table: _Place) -> None:
        keys = self._keys()
        for name, key_span in keys[:-1]:
            table = _child_table(table, name, key_span)
        self.offset += 1  # the "="
        self._skip(_BLANK)
        name, key_span = keys[-1]
        place = self._value()
        place.key = key_span
        assert isinstance(table.items, dict)
        table.items[name] = place

    def _value(self) -> _Place:
        start = self.offset
        opening = self.text[start]
        items: dict[str, _Place] | list[_Place] | None = None
        if opening == "[":
            self.offset += 1
            items = []
            while self._another("]"):
                items.append(self._value())
        elif opening == "{":
            self.offset += 1
            place = _Place(Span(start, start), Span(start, start), {})
            while self._another("}"):
                self._key_value(place)
            items = place.items
        else:
            match = _STRING.match(self.text, start) if opening in "\"'" else _SCALAR.match(self.text, start)
            assert match is not None, "tomllib accepted a value that is not one"
            self.offset = match.end()
        span = Span(start, self.offset)
        return _Place(span, span, items)

    def _another(self, closing: str) -> bool:
        """Moves to the next element of an array or inline table; False behind its end."""
        self._skip(_SPACE)
        if self.text[self.offset] == ",":
            self.offset += 1
            self._skip(_SPACE)
        if self.text[self.offset] == closing:
            self.offset += 1
            return False
        return True


def _child_table(table: _Place, name: str, key_span: Span) -> _Place:
    """The table `name` in `table`, made when absent; of an array of tables, its last element."""
    assert isinstance(table.items, dict)
    child = table.items.get(name)
    if child is None:
        child = table.items[name] = _Place(key_span, key_span, {})
    return child.items[-1] if isinstance(child.items, list) else child


def _located(value: Any, place: _Place, text: str) -> Located:
    if isinstance(value, dict) and isinstance(place.items, dict):
        # Written order, not tomllib's: they agree except for tables that are continued later.
        table = {key: _located(value[key], item, text) for key, item in place.items.items() if key in value}
        return Located(table, place.span, place.key)
    if isinstance(value, list) and isinstance(place.items, list):
        elements = tuple(_located(item, child, text) for item, child in zip(value, place.items, strict=True))
        return Located(elements, place.span, place.key)
    if isinstance(value, str):
        start, offsets = _string_places(text, place.span, value)
        return Located(value, place.span, place.key, start, offsets)
    return Located(value, place.span, place.key)


_CHARACTER = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}|(\\[ \t]*\r?\n\s*)|\\.|\r\n|[\s\S]")
_LINE_BREAK = re.compile(r"\r?\n")


def _string_places(text: str, span: Span, value: str) -> tuple[int, tuple[int, ...] | None]:
    """Where the characters of a string literal stand: the first one's offset, and all offsets when escapes or
    line ends make the written form differ from the value."""
    quote = text[span.start]
    width = 3 if text.startswith(quote * 3, span.start) and span.end - span.start >= 6 else 1
    start, end = span.start + width, span.end - width
    if width == 3 and (line_break := _LINE_BREAK.match(text, start, end)):
        start = line_break.end()
    if end - start == len(value):
        return start, None
    offsets: list[int] = []
    offset = start
    while offset < end:
        if quote == "'":
            match = _LINE_BREAK.match(text, offset, end)
            next_offset = match.end() if match else offset + 1
            offsets.append(offset)
        else:
            match = _CHARACTER.match(text, offset, end)
            assert match is not None
            next_offset = match.end()
            if match.group(1) is None:
                offsets.append(offset)
        offset = next_offset
    offsets.append(end)
    return start, tuple(offsets)
