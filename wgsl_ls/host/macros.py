"""Macros of C++ that are no expressions, expanded before the text is parsed: those with statements, `#` or `##`.

The parser of the syntax tree does not expand macros. One that stands for an expression is a function to the
interpreter; one that stands for statements, cases or a list of other macros would be an unknown call, or no syntax at
all. Not here: conditional compilation (declarations.py), and macros of which the library says what they mean.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_DEEPEST: Final = 16
_MOST_GROWTH: Final = 300_000  # characters that the macros of one file may come to
_DEFINE: Final = re.compile(
    r"^[ \t]*#[ \t]*(?:define[ \t]+(?P<name>[A-Za-z_]\w*)(?P<given>\([^)\n]*\))?(?P<body>(?:[^\n\\]|\\\n|\\.)*)"
    r"|undef[ \t]+(?P<gone>[A-Za-z_]\w*)[^\n]*|(?:[^\n\\]|\\\n|\\.)*)",
    re.MULTILINE,
)
_SKIPPED: Final = r'//[^\n]*|/\*.*?\*/|R"\((?:.*?)\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
_TOKEN: Final = re.compile(rf"(?P<other>{_SKIPPED})|(?P<name>[A-Za-z_]\w*)|(?P<number>\d[\w.]*)", re.DOTALL)
_STATEMENT: Final = re.compile(r"[;{}]|#|\b(?:case|if|for|while|do|return|break|continue|switch)\b")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_OPENING: Final = re.compile(r"\s*\(")
_IN_ARGUMENTS: Final = re.compile(rf"{_SKIPPED}|[()\[\]{{}},]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StatementMacro:
    """`parameters`: None of one without parentheses."""

    parameters: tuple[str, ...] | None
    body: str


@dataclass(frozen=True, slots=True)
class ExpandedMacros:
    """`text`: with the macros expanded; `pieces`: (start, end, start as written, end as written) of what was."""

    text: str
    pieces: tuple[tuple[int, int, int, int], ...]

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the text was written; all of a macro's call for what is a part of what it gave."""
        return self._at(start, False), self._at(end, True)

    def _at(self, offset: int, is_end: bool) -> int:
        index = bisect_right(self.pieces, (offset - 1 if is_end else offset, len(self.text) + 1, 0, 0)) - 1
        if index < 0:
            return offset
        _, end, written_start, written_end = self.pieces[index]
        if offset < end or (is_end and offset == end):
            return written_end if is_end else written_start
        return offset - end + written_end


def statement_macros(texts: Iterable[str], opaque: frozenset[str]) -> Mapping[str, StatementMacro]:
    """The macros of some files that have to be expanded; without those named in `opaque`."""
    bodies: dict[str, list[StatementMacro]] = {}
    for text in texts:
        for match in _DEFINE.finditer(text):
            name = match["name"]
            if name is not None and name not in opaque and match["body"].strip():
                bodies.setdefault(name, []).append(_macro(match))
    wanted = {name for name, found in bodies.items() if any(map(_is_statement, found))}
    grown = True
    while grown:
        more = {
            name
            for name, found in bodies.items()
            if name not in wanted and any(not wanted.isdisjoint(_WORD.findall(one.body)) for one in found)
        }
        wanted |= more
        grown = bool(more)
    return {name: bodies[name][-1] for name in wanted}


def expanded(text: str, known: Mapping[str, StatementMacro]) -> ExpandedMacros | None:
    """None when no macro is used in the text. A macro that the text defines itself counts from there on."""
    if not any(name in text for name in known):
        return None
    macros = dict(known)
    parts: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    length = at = grown = 0
    for start, end, match in _stretches(text):
        if match is not None:
            if match["gone"] in macros:
                del macros[match["gone"]]
            elif match["name"] in known and match["body"].strip():
                macros[match["name"]] = _macro(match)
            continue
        for call_start, call_end, name, given in _calls(text, start, end, macros):
            made = _expansion(macros[name], given, macros, frozenset((name,)), 1)
            if made is None or grown + len(made) > _MOST_GROWTH:
                continue
            grown += len(made)
            parts.append(text[at:call_start])
            length += call_start - at
            parts.append(made)
            pieces.append((length, length + len(made), call_start, call_end))
            length += len(made)
            at = call_end
    if not pieces:
        return None
    parts.append(text[at:])
    return ExpandedMacros("".join(parts), tuple(pieces))


def _macro(match: re.Match[str]) -> StatementMacro:
    given = match["given"]
    names = None if given is None else tuple(one.strip() for one in given[1:-1].split(",") if one.strip())
    return StatementMacro(names, re.sub(r"//[^\n]*", "", match["body"].replace("\\\n", "  ")).strip())


def _is_statement(macro: StatementMacro) -> bool:
    """Is it more than an expression? (One that calls its parameter is made for other macros.)"""
    plain = re.sub(_SKIPPED, "", macro.body, flags=re.DOTALL)
    calls = (re.search(rf"\b{re.escape(name)}\s*\(", plain) for name in macro.parameters or () if name != "...")
    return _STATEMENT.search(plain) is not None or any(calls)


def _stretches(text: str) -> list[tuple[int, int, re.Match[str] | None]]:
    """The code between directives, and the directives."""
    found: list[tuple[int, int, re.Match[str] | None]] = []
    at = 0
    for match in _DEFINE.finditer(text):
        found.append((at, match.start(), None))
        found.append((match.start(), match.end(), match))
        at = match.end()
    found.append((at, len(text), None))
    return found


def _calls(
    text: str, start: int, end: int, macros: Mapping[str, StatementMacro]
) -> Iterable[tuple[int, int, str, tuple[str, ...]]]:
    """Where macros are used: start, end, name and arguments."""
    at = start
    while (match := _TOKEN.search(text, at, end)) is not None:
        at = match.end()
        macro = macros.get(match["name"]) if match["name"] else None
        if macro is None:
            continue
        given: tuple[str, ...] = ()
        if macro.parameters is not None:
            behind = _OPENING.match(text, at, end)
            listed = _arguments(text, behind.end(), end) if behind is not None else None
            if listed is None:
                continue
            given, at = listed
        yield match.start(), at, match["name"], given


def _arguments(text: str, start: int, end: int) -> tuple[tuple[str, ...], int] | None:
    """The arguments behind an opening parenthesis, and where the closing one ends."""
    depth, begun = 0, start
    found: list[str] = []
    for match in _IN_ARGUMENTS.finditer(text, start, end):
        token = match.group()
        if token in "([{":
            depth += 1
        elif token == ")" and depth == 0:
            found.append(text[begun : match.start()].strip())
            return tuple(found), match.end()
        elif token in ")]}":
            depth -= 1
        elif token == "," and depth == 0:
            found.append(text[begun : match.start()].strip())
            begun = match.end()
    return None


def _expansion(
    macro: StatementMacro,
    given: tuple[str, ...],
    macros: Mapping[str, StatementMacro],
    inside: frozenset[str],
    depth: int,
) -> str | None:
    """What a use of a macro gives; None where it cannot be said."""
    names = macro.parameters or ()
    is_variadic = bool(names) and names[-1] == "..."
    if macro.parameters is not None and not is_variadic and len(given) != len(names) and given != ("",):
        return None
    values = dict(zip(names, given, strict=False))
    if is_variadic:
        values["__VA_ARGS__"] = ", ".join(given[len(names) - 1 :])
    body = re.sub(r"\s*##\s*", "\0", macro.body)
    parts: list[str] = []
    at = 0
    for match in _TOKEN.finditer(body):
        name = match["name"]
        if name not in values:
            continue
        between = body[at : match.start()]
        if between.rstrip().endswith("#"):
            text = values[name].replace("\\", "\\\\").replace('"', '\\"')
            parts.extend((between.rstrip()[:-1], f'"{" ".join(text.split())}"'))
        else:
            parts.extend((between, values[name]))
        at = match.end()
    parts.append(body[at:])
    text = " ".join("".join(parts).replace("\0", "").split("\n"))
    if depth > _DEEPEST or len(text) > _MOST_GROWTH:
        return None
    whole: list[str] = []
    at = 0
    usable = {name: one for name, one in macros.items() if name not in inside}
    for start, end, name, arguments in _calls(text, 0, len(text), usable):
        made = _expansion(usable[name], arguments, macros, inside | {name}, depth + 1)
        if made is None:
            continue
        whole.extend((text[at:start], made))
        at = end
    whole.append(text[at:])
    result = "".join(whole)
    return result if len(result) <= _MOST_GROWTH else None
