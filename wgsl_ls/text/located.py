"""Located: a value read from a configuration file together with its place, so that whoever judges the value
later can point at it.

It knows no file format: the reader (project/toml_document.py) fills it in. Values are plain data: a string,
number, boolean, date, a tuple of Located, or a dict of Located by key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wgsl_ls.text.span import Span


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """`span`: the value as written (for a table under a `[header]`: the header). `key_span`: its key, or the
    value's own span for an element of a list. `content_start`, `offsets`: for strings, see `offset_of`."""

    value: Any
    span: Span
    key_span: Span
    content_start: int = 0
    offsets: tuple[int, ...] | None = None

    def offset_of(self, index: int) -> int:
        """Offset in the file of character `index` of a string value; `len(value)` gives the place behind
        it."""
        if self.offsets is None:
            return self.content_start + index
        return self.offsets[max(0, min(index, len(self.offsets) - 1))]

    def span_of(self, start: int, end: int) -> Span:
        """The written place of `value[start:end]` of a string value."""
        return Span(self.offset_of(start), self.offset_of(end))

    @property
    def is_table(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, tuple)

    def get(self, key: str) -> Located | None:
        """The entry `key` of a table; None when absent or when this is no table."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found if isinstance(found, Located) else None

    def entries(self) -> Iterator[tuple[str, Located]]:
        """(key, value) of a table in written order; nothing for other values."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    def elements(self) -> tuple[Located, ...]:
        """The elements of a list; empty for other values."""
        return self.value if isinstance(self.value, tuple) else ()

    def plain(self) -> Any:
        """The value without places: dict, list and scalars."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        return self.value
