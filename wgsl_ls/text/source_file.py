"""SourceFile: one immutable text with its name and digest. Reading it from a disk is project/files.py's work."""

from __future__ import annotations

import hashlib
from functools import cached_property

from wgsl_ls.text.line_index import LineIndex


def text_digest(text: str) -> str:
    """BLAKE2b-128 of the text in UTF-8, as 32 hexadecimal digits; the key of every content-keyed table."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class SourceFile:
    """`path`: the name it is known by; `version`: the editor's version, None for a file from the disk."""

    def __init__(self, path: str, text: str, version: int | None = None) -> None:
        self.path = path
        self.text = text
        self.version = version

    @cached_property
    def digest(self) -> str:
        return text_digest(self.text)

    @cached_property
    def lines(self) -> LineIndex:
        return LineIndex(self.text)

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r}, {len(self.text)} characters, version={self.version})"
