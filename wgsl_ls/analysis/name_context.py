"""NameContext: the code of a file on which the meaning of a word rests though it does not mention it.

`x.word` means what the type of `x` says, so what declares `x` counts, and what declares the names in there. Read from
all branches of a file at once, one after another; too much is named rather than too little. Not here: scopes and types,
which the front end knows for one variant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.lexer import blank_comments

_DECLARES = re.compile(
    r"\b(?:(?:let|const|override|alias|var)\b(?:\s*<[^<>;{}]*>)?\s*(?P<value>[^\W\d]\w*)[^;{}]*"
    r"|(?:fn|struct)\s+(?P<block>[^\W\d]\w*)[^;{}]*"
    r"|(?P<typed>[^\W\d]\w*)\s*:(?P<type>[^;{}=]*))"
)
"""A declaration up to its end, or as far as its type goes."""
_TYPED = re.compile(r"\b([^\W\d]\w*)\s*:")
_BRACES = re.compile(r"[{}]")


class NameContext:
    """Of one file. `text`: all its code, directives blanked."""

    def __init__(self, text: str) -> None:
        self._text = text = blank_comments(text)
        self.opens_or_closes = opens_or_closes(text)
        self._declared: dict[str, list[Span]] = {}
        for match in _DECLARES.finditer(text):
            span = Span(match.start(), match.end())
            for name in {match["value"] or match["block"] or match["typed"], *_TYPED.findall(match[0])}:
                self._declared.setdefault(name, []).append(span)

    def bases(self, words: Iterable[str]) -> set[str]:
        """The names before a dot behind which one of `words` stands."""
        found: set[str] = set()
        for word in words:
            for match in re.finditer(rf"\.\s*{re.escape(word)}\b", self._text):
                found.update(IDENTIFIER.findall(self._text[self._chain_start(match.start()) : match.start()]))
        return found

    def declarations(self, names: Iterable[str]) -> Iterator[Span]:
        for name in names:
            yield from self._declared.get(name, ())

    def words(self, span: Span) -> list[str]:
        return IDENTIFIER.findall(self._text[span.start : span.end])

    def _chain_start(self, end: int) -> int:
        """Where the expression begins that is selected from at `end`: names, dots, and what is in brackets."""
        text, at, depth = self._text, end, 0
        while at > 0:
            before = text[at - 1]
            if before in ")]":
                depth += 1
            elif before in "([" and depth:
                depth -= 1
            elif before in "([;{}" or not (depth or before in "._" or before.isalnum() or before.isspace()):
                break
            at -= 1
        return at


@lru_cache(maxsize=64)
def name_context(text: str) -> NameContext:
    return NameContext(text)


def opens_or_closes(text: str) -> bool:
    """Whether blocks begin or end in a text which do not end or begin there."""
    depth = 0
    for brace in _BRACES.findall(text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return True
    return depth != 0
