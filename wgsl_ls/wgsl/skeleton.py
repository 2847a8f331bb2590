"""Skeleton: WGSL text without the digits of its integers, so that texts which differ only in numbers are one.

Equal skeletons mean equal tokens, one by one, but for the digits of decimal integer literals (a suffix stays, floating
point and hexadecimal numbers stay). Comments and the amount of white space are no difference. Works on pieces of a
text, each of which ends where a line ends: the skeleton of the whole is that of its pieces, joined.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wgsl_ls.wgsl.lexer import BLANK, LINE_COMMENT

_DIGITS = r"(?<![\w.])(?<![eEpP][-+])(?:0|[1-9][0-9]{0,17})(?=[iu]?(?![\w.]))"
_PART = re.compile(rf"(?P<blank>(?:[{BLANK}]|{LINE_COMMENT})+)|(?P<digits>{_DIGITS})")


@dataclass(frozen=True, slots=True)
class Skeleton:
    """`text`: with a "#" for the digits of each integer; `numbers`: what stood there; `starts`: where in the piece."""

    text: str
    numbers: tuple[int, ...]
    starts: tuple[int, ...]


def skeleton(piece: str) -> Skeleton:
    """`piece` ends with a line break, else its last word may go on in the next one and it stays as it is. So it does
    where a block comment begins or ends: what is a comment there depends on other pieces."""
    if not piece.endswith("\n") or "/*" in piece or "*/" in piece:
        return Skeleton(piece, (), ())
    numbers: list[int] = []
    starts: list[int] = []

    def cut(match: re.Match[str]) -> str:
        if match.lastgroup == "blank":
            return " "
        numbers.append(int(match[0]))
        starts.append(match.start())
        return "#"

    text = _PART.sub(cut, piece).strip(" ")
    return Skeleton(text, tuple(numbers), tuple(starts))
