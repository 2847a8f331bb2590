"""LineIndex: offset <-> (line, column) of one text.

All notations met in this project, converted here and nowhere else:
- offset: code points from the start of the text (Python's own index). Used in every room.
- LSP position: line and column from 0; the column in UTF-16 code units unless UTF-8 or UTF-32 was negotiated.
- naga (wgpu-native): line and column from 1; the column in code points of the line.
- Tint (Dawn): line and column from 1; the column in UTF-8 bytes of the line.
- people (file:line:column): from 1, the column in code points.
Lines end at LF, CRLF or CR as in LSP; U+2028 and form feed do not end a line. The engines and the
preprocessor split at LF alone, which gives the same lines for LF and CRLF texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\n|\r")


class LineIndex:
    """Line starts of `text`; out-of-range questions are answered with the nearest valid place."""

    __slots__ = ("_ascii", "_starts", "_text")

    def __init__(self, text: str, *, only_lf: bool = False) -> None:
        """`only_lf`: split at LF alone, as the engines count lines."""
        self._text = text
        self._ascii = text.isascii()
        starts = [0]
        if only_lf or "\r" not in text:
            find = text.find
            offset = find("\n")
            while offset != -1:
                starts.append(offset + 1)
                offset = find("\n", offset + 1)
        else:
            starts.extend(match.end() for match in _LINE_END.finditer(text))
        self._starts = starts

    @property
    def n_lines(self) -> int:
        return len(self._starts)

    def line_of(self, offset: int) -> int:
        """The line (from 0) in which `offset` lies."""
        return bisect_right(self._starts, max(0, min(offset, len(self._text)))) - 1

    def line_start(self, line: int) -> int:
        if line >= len(self._starts):
            return len(self._text)
        return self._starts[max(0, line)]

    def line_end(self, line: int) -> int:
        """Offset of the end of `line`, its line terminator excluded."""
        line = max(0, line)
        if line + 1 >= len(self._starts):
            return len(self._text)
        end = self._starts[line + 1]
        start = self._starts[line]
        if end > start and self._text[end - 1] == "\n":
            end -= 1
            if end > start and self._text[end - 1] == "\r":
                end -= 1
        elif end > start and self._text[end - 1] == "\r":
            end -= 1
        return end

    def position(self, offset: int, encoding: Encoding = "utf-32") -> tuple[int, int]:
        """(line, column) from 0 of `offset`, the column in units of `encoding`."""
        offset = max(0, min(offset, len(self._text)))
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        if encoding == "utf-32" or self._ascii:
            return line, offset - start
        before = self._text[start:offset]
        if encoding == "utf-8":
            return line, len(before.encode("utf-8", "surrogatepass"))
        return line, len(before.encode("utf-16-le", "surrogatepass")) // 2

    def offset(self, line: int, column: int, encoding: Encoding = "utf-32") -> int:
        """Offset of (line, column) from 0; a column behind the line's end means its end."""
        if line < 0:
            return 0
        if line >= len(self._starts):
            return len(self._text)
        start, end = self._starts[line], self.line_end(line)
        column = max(0, column)
        if encoding == "utf-32" or self._ascii:
            return min(start + column, end)
        units = 0
        for index in range(start, end):
            if units >= column:
                return index
            code = ord(self._text[index])
            if encoding == "utf-16":
                units += 2 if code > 0xFFFF else 1
            else:
                units += 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
        return end
