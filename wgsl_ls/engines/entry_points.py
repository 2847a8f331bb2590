"""What a pipeline needs to know of a module before the engine is asked: its entry points and override
constants, with their places. Read from the text without comments by pattern, for a text that an engine has
accepted; an engine decides what the words mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COMMENT_START = re.compile(r"//[^\n]*|/\*")
_COMMENT_MARK = re.compile(r"/\*|\*/")
_ATTRIBUTE_ARGUMENTS = r"(?:\s*\((?:[^()]|\([^()]*(?:\([^()]*\)[^()]*)*\))*\))?"
_FUNCTION = re.compile(rf"((?:@\s*\w+{_ATTRIBUTE_ARGUMENTS}\s*)+)fn\s+(\w+)")
_STAGE = re.compile(r"@\s*(compute|vertex|fragment)\b")
_OVERRIDE = re.compile(r"(?:@\s*id\s*\(\s*(\d+)[iu]?\s*,?\s*\)\s*)?\boverride\s+(\w+)\s*(?::\s*[^=;]+)?(=|;)")


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """`start`, `end`: the name in the text, in code points."""

    name: str
    stage: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Override:
    """`key`: how the API names it: its @id if it has one, else its name."""

    name: str
    key: str
    has_default: bool
    start: int
    end: int


def without_comments(text: str) -> str:
    """The same text with comments as spaces: every offset stays. Block comments nest (WGSL 3.3)."""
    parts: list[str] = []
    offset = 0
    while (match := _COMMENT_START.search(text, offset)) is not None:
        parts.append(text[offset : match.start()])
        end = match.end()
        if match[0] == "/*":
            end = _block_comment_end(text, match.start())
        parts.append(re.sub(r"[^\n]", " ", text[match.start() : end]))
        offset = end
    parts.append(text[offset:])
    return "".join(parts)


def _block_comment_end(text: str, start: int) -> int:
    depth = 0
    for mark in _COMMENT_MARK.finditer(text, start):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(text)


def find_entry_points(bare: str) -> tuple[EntryPoint, ...]:
    """Entry points in the order of the text; `bare` is without comments."""
    found = []
    for match in _FUNCTION.finditer(bare):
        stage = _STAGE.search(match[1])
        if stage is not None:
            found.append(EntryPoint(match[2], stage[1], match.start(2), match.end(2)))
    return tuple(found)


def find_overrides(bare: str) -> tuple[Override, ...]:
    """Pipeline-overridable constants in the order of the text; `bare` is without comments."""
    return tuple(
        Override(match[2], match[1] or match[2], match[3] == "=", match.start(2), match.end(2))
        for match in _OVERRIDE.finditer(bare)
    )
