"""Macros of C++ that are no expressions, expanded before the text is parsed: those with statements, `#` or `##`, a part
of an expression, or a list of other macros (`#define KINDS(X) X(A) X(B)`).

The parser of the syntax tree does not expand macros. One that stands for an expression is a function to the
interpreter, and keeps its name in conditions; any other would be an unknown call, or no syntax at all. Not here:
macros of which the library says what they mean; which branch of a conditional is compiled (split_blocks.py).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from wgsl_ls.host.split_blocks import Compiled

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
_FRAGMENT: Final = re.compile(
    r"^(?:[,|/%^=<>?:+]|&&)|[-,+*/%&|^=<>?:(]$|\w\s*\([^()]*\)\s*[A-Za-z_]\w*\s*\(|__VA_(?:ARGS|OPT)__"
)
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


@dataclass(frozen=True, slots=True)
class Macros:
    """The macros of some files. `wanted`: those that have to be expanded; `pasting`: those of them that spell or join
    what they are given, or hand it to one that does."""

    all: Mapping[str, StatementMacro]
    wanted: frozenset[str]
    pasting: frozenset[str]


def read_macros(texts: Iterable[Compiled], opaque: frozenset[str]) -> Macros:
    """Without those named in `opaque`, and those that have several meanings in branches nobody can choose between."""
    bodies: dict[str, list[StatementMacro]] = {}
    unsure: set[str] = set()
    for compiled in texts:
        for match in _DEFINE.finditer(compiled.text):
            name = match["name"]
            if name is None or name in opaque or not compiled.holds(match.start()):
                continue
            macro = _macro(match)
            if name in bodies and macro not in bodies[name] and compiled.is_unsure(match.start()):
                unsure.add(name)
            bodies.setdefault(name, []).append(macro)
    usable = {name: found for name, found in bodies.items() if name not in unsure}
    wanted = _closed({name for name, found in usable.items() if any(map(_is_statement, found))}, usable)
    pasting = _closed({name for name in wanted if any("#" in _plain(one) for one in usable[name])}, usable)
    return Macros({name: found[-1] for name, found in usable.items()}, frozenset(wanted), frozenset(pasting))


def expanded(compiled: Compiled, known: Macros) -> ExpandedMacros | None:
    """None when no macro is used in the text. A macro that the text defines itself counts from there on; one that it
    takes back again is gone from what is parsed, where it may stand in the middle of a list."""
    text = compiled.text
    if not any(name in text for name in known.wanted):
        return None
    macros = dict(known.all)
    stretches = _stretches(text)
    undone = {match["gone"] for _, _, match in stretches if match is not None and match["gone"]} & known.wanted
    parts: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    length = at = grown = 0
    for start, end, match in stretches:
        if match is not None:
            name = match["gone"] or match["name"]
            if name in known.all and compiled.holds(start):
                macros.pop(name, None)
                if match["name"] is not None:
                    macros[name] = _macro(match)
            if name in undone:
                parts += (text[at:start], re.sub(r"[^\n]", " ", text[start:end]))
                length += end - at
                at = end
            continue
        for call_start, call_end, name, given in _calls(text, start, end, macros, known.wanted):
            made = _expansion(macros[name], given, macros, known, frozenset((name,)), 1)
            if made is None or grown + len(made) > _MOST_GROWTH:
                continue
            grown += len(made)
            parts += (text[at:call_start], made)
            length += call_start - at
            pieces.append((length, length + len(made), call_start, call_end))
            length += len(made)
            at = call_end
    if not parts:
        return None
    parts.append(text[at:])
    return ExpandedMacros("".join(parts), tuple(pieces))


def _closed(found: Collection[str], bodies: Mapping[str, list[StatementMacro]]) -> set[str]:
    """Some macros, and all that use one of them."""
    closed = set(found)
    grown = True
    while grown:
        more = {
            name
            for name, all_ in bodies.items()
            if name not in closed and any(not closed.isdisjoint(_WORD.findall(one.body)) for one in all_)
        }
        closed |= more
        grown = bool(more)
    return closed


def _macro(match: re.Match[str]) -> StatementMacro:
    given = match["given"]
    names = None if given is None else tuple(one.strip() for one in given[1:-1].split(",") if one.strip())
    return StatementMacro(names, re.sub(r"//[^\n]*", "", match["body"].replace("\\\n", "  ")).strip())


def _is_statement(macro: StatementMacro) -> bool:
    """Is it more than an expression? (One that calls its parameter is made for other macros.)"""
    plain = _plain(macro)
    calls = (re.search(rf"\b{re.escape(name)}\s*\(", plain) for name in macro.parameters or () if "..." not in name)
    return bool(_STATEMENT.search(plain) or _FRAGMENT.search(plain)) or any(calls)


def _plain(macro: StatementMacro) -> str:
    """Its body without comments, and what texts say."""
    return re.sub(_SKIPPED, lambda found: "" if found[0].startswith("/") else '""', macro.body, flags=re.DOTALL).strip()


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
    text: str, start: int, end: int, macros: Mapping[str, StatementMacro], wanted: Collection[str]
) -> Iterable[tuple[int, int, str, tuple[str, ...]]]:
    """Where the `wanted` of some macros are used, or any that is given one: start, end, name and arguments."""
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
            given, end_of_call = listed
        else:
            end_of_call = at
        name = match["name"]
        if name not in wanted and not any(_asks_for(one, macros, wanted) for one in given):
            continue
        at = end_of_call
        yield match.start(), at, name, given


def _asks_for(text: str, macros: Mapping[str, StatementMacro], wanted: Collection[str]) -> bool:
    return any(word in wanted and word in macros for word in _WORD.findall(text))


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
    known: Macros,
    inside: frozenset[str],
    depth: int,
) -> str | None:
    """What a use of a macro gives; None where it cannot be said. `inside`: the macros that this is a part of."""
    names = macro.parameters or ()
    is_variadic = bool(names) and names[-1].endswith("...")
    if depth > _DEEPEST or (
        macro.parameters is not None and not is_variadic and len(given) != len(names) and given != ("",)
    ):
        return None
    values = dict(zip(names, given, strict=False))
    body = re.sub(r"\s*##\s*", "\0", macro.body)
    if is_variadic:
        rest = given[len(names) - 1 :]
        values[names[-1].removesuffix("...").strip() or "__VA_ARGS__"] = ", ".join(rest)
        body = _variadic(body, any(rest))
    pastes = not known.pasting.isdisjoint(_WORD.findall(body))
    asked = macros.keys() if pastes else known.wanted | {one for one in given if one in macros}

    def whole(text: str, hidden: frozenset[str]) -> str:
        return _rescanned(text, macros, asked, known, hidden, depth)

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
        elif between.endswith("\0") or body[match.end() : match.end() + 1] == "\0":
            parts.extend((between, values[name]))
        else:
            parts.extend((between, whole(values[name], inside - known.wanted)))
        at = match.end()
    parts.append(body[at:])
    text = " ".join("".join(parts).replace("\0", "").split("\n"))
    result = whole(text, inside) if len(text) <= _MOST_GROWTH else text
    return result if len(result) <= _MOST_GROWTH else None


def _rescanned(
    text: str,
    macros: Mapping[str, StatementMacro],
    asked: Collection[str],
    known: Macros,
    inside: frozenset[str],
    depth: int,
) -> str:
    """A text with the `asked` of the macros expanded."""
    parts: list[str] = []
    at = 0
    usable = {name: one for name, one in macros.items() if name not in inside}
    for start, end, name, arguments in _calls(text, 0, len(text), usable, asked):
        made = _expansion(usable[name], arguments, macros, known, inside | {name}, depth + 1)
        if made is None:
            continue
        parts.extend((text[at:start], made))
        at = end
    return "".join((*parts, text[at:]))


def _variadic(body: str, is_given: bool) -> str:
    """The body of a variadic macro that is given something for its dots, or nothing: `__VA_OPT__`, and a comma in front
    of `##`, which a compiler drops."""
    if not is_given:
        body = re.sub(r",\s*\0(?=__VA_ARGS__)", "", body)
    while (start := body.find("__VA_OPT__")) >= 0:
        opening = _OPENING.match(body, start + len("__VA_OPT__"))
        listed = _arguments(body, opening.end(), len(body)) if opening is not None else None
        if opening is None or listed is None:
            break
        body = body[:start] + (body[opening.end() : listed[1] - 1] if is_given else "") + body[listed[1] :]
    return body
