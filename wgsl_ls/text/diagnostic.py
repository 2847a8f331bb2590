"""Diagnostic: one finding at a written place; the same type for the editor and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from wgsl_ls.text.span import Location, Span


class Severity(IntEnum):
    """Numbered as in LSP."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains the first: where the macro was defined, which line included the file."""

    location: Location
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """`code` is a stable rule id such as `preprocess/unclosed-conditional`; `source` who says it
    ("wgsl-ls", or the name of an engine); `unnecessary` marks code that an editor may dim."""

    path: str
    span: Span
    severity: Severity
    code: str
    message: str
    source: str = "wgsl-ls"
    related: tuple[Related, ...] = ()
    unnecessary: bool = False

    @property
    def location(self) -> Location:
        return Location(self.path, self.span)
