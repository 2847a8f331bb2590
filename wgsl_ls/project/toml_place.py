"""Where in a TOML text somebody writes: in which table, below which keys, in a key or a value, over which word.

It reads tokens forwards and never fails, because the text is unfinished exactly where somebody asks; toml_document.py
reads what is finished. This module knows no key of ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from wgsl_ls.text.span import Span

What = Literal["key", "value", "header", "nothing"]
Step = str | None
"""The name of a key, or None for an element of a list."""


@dataclass(frozen=True, slots=True)
class TomlPlace:
    """`header`: names of the table in force (of the header itself, when in one: those before the word). `steps`: from
    there to the value or, for a key, to its table. `span`: the word, without its quotes; `quoted`: it has some.
    `siblings`: keys of the same table before this place."""

    header: tuple[str, ...]
    steps: tuple[Step, ...]
    what: What
    span: Span
    quoted: bool
    siblings: frozenset[str] = frozenset()
    is_list_header: bool = False


_TOKEN = re.compile(
    r"(?P<comment>#[^\n]*)|(?P<newline>\n)|(?P<space>[ \t\r]+)"
    r'|(?P<string>"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*(?:"{3,5}|\Z)|\'\'\'(?:[^\']|\'{1,2}(?!\'))*(?:\'{3,5}|\Z)'
    r'|"(?:[^"\\\n]|\\.)*"?|\'[^\'\n]*\'?)'
    r"|(?P<word>[A-Za-z0-9_-]+)|(?P<mark>[\s\S])"
)
_HEADER = re.compile(r"\[\[?[ \t]*[A-Za-z_][A-Za-z0-9_-]*(?:[ \t]*\.[^\]\n]*)?\]{0,2}[ \t\r]*(?:#[^\n]*)?(?=\n|\Z)")
_HEADER_BEGUN = re.compile(r"\[\[?[ \t]*(?=\n|\Z)")
_STATEMENT = re.compile(r"[A-Za-z0-9_.-]+[ \t]*=")
_PART = re.compile(r"""[ \t]*("[^"\n]*"?|'[^'\n]*'?|[^.\]\n"'#]*)""")


@dataclass(slots=True)
class _Frame:
    """`kind`: what encloses. `steps`: to its values. `parts`: the key being read in it."""

    kind: Literal["root", "list", "table"]
    steps: tuple[Step, ...]
    parts: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @property
    def inside(self) -> tuple[Step, ...]:
        return self.steps if self.kind == "list" else (*self.steps, *self.parts)


def toml_place(text: str, offset: int) -> TomlPlace:
    """The place of `offset` (code points) in `text`. Never raises."""
    header: tuple[str, ...] = ()
    frames = [_Frame("root", ())]
    what: What = "key"
    position, line_start = 0, True

    def here(span: Span, quoted: bool = False) -> TomlPlace:
        frame = frames[-1]
        steps = frame.inside if what == "value" else (*frame.steps, *frame.parts)
        return TomlPlace(header, steps, what, span, quoted, frozenset(frame.seen))

    while position < len(text):
        if line_start and (match := _HEADER.match(text, position)) and not _in_list_of_lists(frames, match[0]):
            if offset <= match.end():
                return _header_place(text, position, offset)
            header = _names(match[0])
            frames, what, position, line_start = [_Frame("root", ())], "key", match.end(), False
            continue
        if line_start and len(frames) > 1 and _STATEMENT.match(text, position):
            frames, what = [_Frame("root", (), seen=frames[0].seen)], "key"  # what was open there is unfinished
        begun = _HEADER_BEGUN.match(text, position) if line_start and len(frames) == 1 else None
        if begun is not None and offset <= begun.end():
            return _header_place(text, position, offset)
        match = _TOKEN.match(text, position)
        assert match is not None, "a token is anything"
        token, end = match[0], match.end()
        if offset < position or (offset == position and match.lastgroup not in ("word", "string")):
            return here(Span(offset, offset))
        if match.lastgroup == "comment" and position < offset <= end:
            return TomlPlace(header, (), "nothing", Span(offset, offset), False)
        if match.lastgroup == "word" and offset <= end:
            return here(Span(position, end))
        content = _content(token, position) if match.lastgroup == "string" else None
        if content is not None and position < offset <= content.end:
            return here(content, True)
        line_start = match.lastgroup == "newline" or (line_start and match.lastgroup == "space")
        what = _after(frames, what, match.lastgroup or "", token)
        position = end
    return here(Span(offset, offset))


def _after(frames: list[_Frame], what: What, kind: str, token: str) -> What:
    """What comes behind a token."""
    frame = frames[-1]
    if kind == "newline":
        while len(frames) > 1 and frames[-1].kind == "table":
            frames.pop()
            what = "nothing"
        if len(frames) == 1:
            frames[0].parts.clear()
            return "key"
        return what
    if kind in ("space", "comment") or token == ".":
        return what
    if kind in ("word", "string"):
        if what == "key":
            frame.parts.append(_unquoted(token))
            return "key"
        return "nothing"
    if token == "=" and what == "key":
        frame.seen.update(frame.parts[:1])
        return "value"
    if token == "[":
        frames.append(_Frame("list", (*frame.inside, None)))
        return "value"
    if token == "{":
        frames.append(_Frame("table", frame.inside))
        return "key"
    if token in "]}" and len(frames) > 1:
        frames.pop()
        return "nothing"
    if token == ",":
        frame.parts.clear()
        return "value" if frame.kind == "list" else "key"
    return what


def _in_list_of_lists(frames: list[_Frame], line: str) -> bool:
    """`[true]` on a line of its own is an element where a list is open."""
    return len(frames) > 1 and line.strip("[] \t\r") in ("true", "false")


def _names(line: str) -> tuple[str, ...]:
    inner = line.strip().lstrip("[").partition("]")[0]
    return tuple(_unquoted(part.strip()) for part in _PART.findall(inner) if part.strip())


def _header_place(text: str, start: int, offset: int) -> TomlPlace:
    """Within `[a.b` or `[[a.b]]` that begins at `start`."""
    is_list = text.startswith("[[", start)
    position = start + (2 if is_list else 1)
    before: list[str] = []
    while True:
        match = _PART.match(text, position)
        assert match is not None
        if offset <= match.end() or not text.startswith(".", match.end()):
            span = Span(match.start(1), max(match.start(1), match.end()))
            inside = span.start <= offset <= span.end
            return TomlPlace(
                tuple(before), (), "header", span if inside else Span(offset, offset), False, is_list_header=is_list
            )
        before.append(_unquoted(match[1].strip()))
        position = match.end() + 1


def _content(token: str, start: int) -> Span | None:
    """The place between the quotes of a string; None for one of several lines."""
    if token[:3] in ('"""', "'''"):
        return None
    closed = len(token) > 1 and token[-1] == token[0]
    return Span(start + 1, start + len(token) - (1 if closed else 0))


def _unquoted(token: str) -> str:
    return token.strip("\"'")
