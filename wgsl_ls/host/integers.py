"""Whole numbers as they are written, and what declarations and directives ask of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

COMPARISONS: Final[dict[str, Callable[[int, int], int]]] = {
    "&&": lambda a, b: bool(a) and bool(b),
    "||": lambda a, b: bool(a) or bool(b),
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
}
_INTEGER: Final = re.compile(r"(0[xX][0-9a-fA-F']+|0[bB][01']+|[0-9][0-9']*)[uUlLzZ]*")


def integer(text: str) -> int | None:
    """The value of an integer literal."""
    match = _INTEGER.fullmatch(text.removeprefix("-"))
    if match is None:
        return None
    if text.startswith("-"):
        return -(integer(text[1:]) or 0)
    digits = match.group(1).replace("'", "")
    if digits[:2].lower() in ("0x", "0b"):
        return int(digits, 0)
    return (
        int(digits, 8)
        if len(digits) > 1 and digits[0] == "0" and digits.isdigit() and "8" not in digits
        else int(digits)
    )
