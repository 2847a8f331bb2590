"""Wording: which messages say the same of different variants.

"cannot assign 'f16' to 'f32'" in one variant and "cannot assign 'vec4<f16>' to 'vec4<f32>'" at the same place of
another are one mistake of whoever wrote that line. Numbers and types are what macros change, so messages are alike when
all else in them is the same.
"""

from __future__ import annotations

from functools import lru_cache

from wgsl_ls.wgsl.builtins import TYPES
from wgsl_ls.wgsl.lexer import FLOAT, INTEGER, TEMPLATE_OPEN, closing_bracket, tokenize

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
            if tokens.kinds[at + 1 : at + 2] == [TEMPLATE_OPEN]:
                at = closing_bracket(tokens.kinds, at + 1) or at
        else:
            words.append(text)
        at += 1
    return " ".join(words)
