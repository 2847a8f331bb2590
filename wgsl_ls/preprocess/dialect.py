"""Dialect: the rules of one preprocessor, as data.

Two exist. PRE_WGSL is github.com/reeselevine/pre-wgsl (include/pre_wgsl.hpp), GGML its newer form in
ggml-org/ggml (src/ggml-webgpu/pre_wgsl.hpp). Common to both: macros are object-like; code is cut into runs of
[A-Za-z0-9_] everywhere, comments and numbers included; white space is that of the C locale; macros given from
outside are locked against #define and #undef.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

WHITE_SPACE: Final = " \t\n\v\f\r"
"""isspace() of the C locale; Python's own str.strip() would also take U+00A0 and its like."""

IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_]+")
"""What the preprocessor takes as one word: also `1u` and `0x10` are words."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """`recursive`: a macro's value is expanded again where it is used, and in conditions it is evaluated as an
    expression (otherwise: inserted once, and read with the rules of C's stoi). `undef`: the #undef directive
    exists. `continuation`: a directive goes on after a backslash at the end of its line."""

    name: str
    recursive: bool
    undef: bool
    continuation: bool

    @property
    def directives(self) -> frozenset[str]:
        known = {"include", "define", "ifdef", "ifndef", "if", "elif", "else", "endif"}
        return frozenset(known | {"undef"} if self.undef else known)


PRE_WGSL: Final = Dialect("pre-wgsl", recursive=False, undef=False, continuation=False)
GGML: Final = Dialect("ggml", recursive=True, undef=True, continuation=True)
DIALECTS: Final[dict[str, Dialect]] = {dialect.name: dialect for dialect in (GGML, PRE_WGSL)}
