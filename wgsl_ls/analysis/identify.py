"""Which shader, variant and written line a text from outside speaks of: a compiler's error, a browser's log, WGSL that
the host dumped.

First by the whole text: it is the expansion of some variant. Else by the lines of code that the text quotes with their
numbers, all of which must stand there in an expansion. Several answers are several answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.text.source_file import text_digest
from wgsl_ls.text.span import Location

_GUTTER: Final = re.compile(r"^\s*(\d+)\s*[│|] ?(.*)$")
_ARROW: Final = re.compile(r"[┌╭]─\s*\S*?:(\d+):(\d+)")
_PLACE: Final = re.compile(r":(\d+):(\d+):? (?:error|warning|note)\b")


@dataclass(frozen=True, slots=True)
class Quote:
    """A line of the expansion, from 1, with its text, and the column (from 1; 0: not told) that is spoken of."""

    line: int
    text: str
    column: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """`by`: the whole text, or quoted lines. `places`: where the quoted lines are written."""

    root: str
    variant: str
    by: Literal["text", "lines"]
    places: tuple[Location, ...]


def identify(views: Iterable[RootView], text: str) -> Iterator[Match]:
    """Every variant that the text can be about. Where it names some of them, only these."""
    found = list(_matches(views, text))
    named = [one for one in found if re.search(rf"(?<![\w+=~]){re.escape(one.variant)}(?![\w+=~])", text)]
    yield from named or found


def quotes(text: str) -> list[Quote]:
    """naga's `12 │ code` under `┌─ wgsl:12:5`, Tint's `:12:5 error: words` with the code in the line below."""
    found: list[Quote] = []
    columns: dict[int, int] = {}
    lines = text.splitlines()
    for index, line in enumerate(lines):
        arrow, gutter, place = _ARROW.search(line), _GUTTER.match(line), _PLACE.search(line)
        if arrow is not None:
            columns[int(arrow[1])] = int(arrow[2])
        elif gutter is not None and gutter[2].strip():
            number = int(gutter[1])
            found.append(Quote(number, gutter[2], columns.get(number, 0)))
        elif place is not None and index + 1 < len(lines) and lines[index + 1].strip():
            found.append(Quote(int(place[1]), lines[index + 1], int(place[2])))
    return list(dict.fromkeys(found))


def _matches(views: Iterable[RootView], text: str) -> Iterator[Match]:
    digests = {text_digest(text), text_digest(text.rstrip("\n")), text_digest(text.rstrip("\n") + "\n")}
    quoted = quotes(text)
    by_lines: list[Match] = []
    is_whole = False
    for view in views:
        for index, expansion in view.expansions():
            name = view.variants[index].name
            if expansion.digest in digests:
                is_whole = True
                yield Match(view.path, name, "text", ())
            elif quoted:
                places = _places(expansion, quoted)
                if places is not None:
                    by_lines.append(Match(view.path, name, "lines", places))
    if not is_whole:
        yield from by_lines


def _places(expansion: Expansion, quoted: list[Quote]) -> tuple[Location, ...] | None:
    """Where the quotes are written; None when one of them is no line of this expansion."""
    lines = expansion.text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    found: dict[Location, None] = {}
    for quote in quoted:
        if quote.line > len(lines) or lines[quote.line - 1].strip() != quote.text.strip():
            return None
        line = lines[quote.line - 1]
        at = starts[quote.line - 1] + max(quote.column - 1, len(line) - len(line.lstrip()))
        origin = expansion.source_map.written(at, at + 1)
        if origin is not None:
            found[origin.location] = None
    return tuple(found)
