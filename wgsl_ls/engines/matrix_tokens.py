"""The tokens of a text for matrix_source: brackets matched, ends of types and statements, constant integers.

As much of WGSL's grammar as the rewriting of matrix types needs, and no more; comments are no tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<skip>\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<number>0[xX][0-9a-fA-F]+[iu]?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[iufh]?)"
    r"|(?P<mark>->|.)",
    re.DOTALL,
)
CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class Unreadable(Exception):
    def __init__(self, offset: int, why: str) -> None:
        super().__init__(why)
        self.offset = offset
        self.why = why


class TokenStream:
    """`close`: token index of a bracket -> that of its partner, both ways. `constants`: module constants with an
    integer value, filled by whoever reads declarations. `templated`: names behind which `<` opens a template."""

    def __init__(self, text: str, templated: tuple[str, ...]) -> None:
        self.text = text
        self.templated = templated
        self.tokens = [
            Token(match.group(), match.start()) for match in _TOKEN.finditer(text) if match.lastgroup != "skip"
        ]
        self.close = _matching(self.tokens)
        self.constants: dict[str, int] = {}

    def at(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def arguments(self, opening: int) -> list[tuple[int, int]]:
        """Token ranges [first, comma or parenthesis) of the arguments of a call."""
        close = self.close[opening]
        arguments = []
        first = position = opening + 1
        angle = 0
        while position < close:
            word = self.at(position)
            if word in ("(", "["):
                position = self.close.get(position, position)
            elif word == "<" and self.at(position - 1) in self.templated:
                angle += 1
            elif word == ">" and angle:
                angle -= 1
            elif word == "," and not angle:
                arguments.append((first, position))
                first = position + 1
            position += 1
        if first < close:
            arguments.append((first, close))
        return arguments

    def type_end(self, index: int) -> int:
        """The token behind the type at `index`, its template list included."""
        if self.at(index + 1) != "<":
            return index + 1
        depth, position = 0, index + 1
        while position < len(self.tokens):
            word = self.at(position)
            if word == "(":
                position = self.close.get(position, position)
            elif word == "<":
                depth += 1
            elif word == ">":
                depth -= 1
                if depth == 0:
                    return position + 1
            elif word in (";", "{", "}"):
                break
            position += 1
        return position

    def statement_end(self, position: int) -> int:
        while position < len(self.tokens) and self.at(position) != ";":
            if self.at(position) in CLOSING:
                position = self.close.get(position, position)
            elif self.at(position) in (")", "}"):
                break
            position += 1
        return position

    def integer(self, first: int, end: int) -> int:
        """A constant integer expression of + - * / % and parentheses over literals and module constants."""
        value, position = self._sum(first, end)
        if position != end:
            raise Unreadable(self.tokens[min(first, len(self.tokens) - 1)].start, "the size is no plain integer")
        return value

    def _sum(self, position: int, end: int) -> tuple[int, int]:
        value, position = self._product(position, end)
        while position < end and self.at(position) in ("+", "-"):
            right, following = self._product(position + 1, end)
            value = value + right if self.at(position) == "+" else value - right
            position = following
        return value, position

    def _product(self, position: int, end: int) -> tuple[int, int]:
        value, position = self._atom(position, end)
        while position < end and self.at(position) in ("*", "/", "%"):
            right, following = self._atom(position + 1, end)
            operator = self.at(position)
            if operator != "*" and right == 0:
                raise Unreadable(self.tokens[position].start, "division by zero in a size")
            value = value * right if operator == "*" else value // right if operator == "/" else value % right
            position = following
        return value, position

    def _atom(self, position: int, end: int) -> tuple[int, int]:
        word = self.at(position) if position < end else ""
        if word == "(":
            value, following = self._sum(position + 1, end)
            if self.at(following) == ")":
                return value, following + 1
        elif word in ("u32", "i32") and self.at(position + 1) == "(":
            return self._atom(position + 1, end)
        elif word in self.constants:
            return self.constants[word], position + 1
        elif word[:1].isdigit():
            try:
                return int(word.rstrip("iu"), 0), position + 1
            except ValueError:
                pass
        place = self.tokens[min(position, len(self.tokens) - 1)].start
        raise Unreadable(place, "the size is no plain integer")


def _matching(tokens: list[Token]) -> dict[int, int]:
    """Token index of a bracket -> that of its partner, both ways; unbalanced ones are left out."""
    partner: dict[int, int] = {}
    stack: list[int] = []
    for index, token in enumerate(tokens):
        if token.text in CLOSING:
            stack.append(index)
        elif token.text in (")", "]", "}"):
            while stack and CLOSING[tokens[stack[-1]].text] != token.text:
                stack.pop()
            if stack:
                opening = stack.pop()
                partner[opening], partner[index] = index, opening
    return partner
