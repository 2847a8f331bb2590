"""Wording: which messages say the same of different variants.

"cannot assign 'f16' to 'f32'" in one variant and "cannot assign 'vec4<f16>' to 'vec4<f32>'" at the same place of
another are one mistake of whoever wrote that line. Numbers and types are what macros change, so messages are alike when
all else in them is the same.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import count

from wgsl_ls.wgsl.builtins import TYPES
from wgsl_ls.wgsl.lexer import FLOAT, INTEGER, TEMPLATE_CLOSE, TEMPLATE_OPEN, Tokens, tokenize

_NUMBER, _TYPE = "0", "T"
_SCALARS = frozenset(("int", "float"))
"""Behind `abstract-`."""


@lru_cache(maxsize=4096)
def without_numbers_and_types(message: str) -> str:
    """The same text for all messages that differ in nothing but numbers and predeclared types."""
    tokens = tokenize(message)
    words: list[str] = []
    at = 0
    while at < len(tokens):
        kind, text = tokens.kinds[at], tokens.texts[at]
        if kind in (INTEGER, FLOAT):
            words.append(_NUMBER)
        elif text == "abstract" and tokens.texts[at + 1 : at + 2] == ["-"] and tokens.texts[at + 2] in _SCALARS:
            words.append(_TYPE)
            at += 2
        elif text in TYPES:
            words.append(_TYPE)
            at = _type_end(tokens, at)
        else:
            words.append(text)
        at += 1
    return " ".join(words)


def _type_end(tokens: Tokens, at: int) -> int:
    """The last token of the type that begins at token `at`."""
    if at + 1 >= len(tokens) or tokens.kinds[at + 1] != TEMPLATE_OPEN:
        return at
    depth = 0
    for index in count(at + 1):
        depth += (tokens.kinds[index] == TEMPLATE_OPEN) - (tokens.kinds[index] == TEMPLATE_CLOSE)
        if not depth:
            return index
    raise AssertionError("a template list that is opened is closed")
