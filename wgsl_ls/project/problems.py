"""Problems: the diagnostics of one file while it is read, and the words in which they speak of values."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from itertools import islice
from typing import Final

from wgsl_ls.text.diagnostic import Diagnostic, Related, Severity
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Location, Span

MOST_PROBLEMS: Final = 500
"""Of one file; more are counted. Nobody reads them, and each is compared with all that is known to suggest a word."""
_MOST_COMPARED: Final = 200


class Problems:
    """Collects the diagnostics of one file. `n_more`: how many there are besides."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.diagnostics: list[Diagnostic] = []
        self.n_more = 0

    def add(
        self,
        span: Span,
        code: str,
        message: str,
        severity: Severity = Severity.ERROR,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        if len(self.diagnostics) >= MOST_PROBLEMS:
            self.n_more += 1
            return
        places = tuple(Related(Location(self.path, place), text) for place, text in related)
        self.diagnostics.append(Diagnostic(self.path, span, severity, f"config/{code}", message, related=places))

    def all(self) -> tuple[Diagnostic, ...]:
        """All that was added; the last says so when that is too much to tell."""
        if not self.n_more:
            return tuple(self.diagnostics)
        message = f"{self.n_more:,} more problems in this file are not told"
        return (*self.diagnostics, Diagnostic(self.path, Span(0, 0), Severity.ERROR, "config/value", message))

    def suggestion(self, word: str, known: Collection[str]) -> str:
        """` (did you mean "x"?)` when something close to `word` is known, else nothing."""
        if len(self.diagnostics) >= MOST_PROBLEMS:
            return ""
        folded = {name.lower().replace("_", "-"): name for name in islice(known, _MOST_COMPARED)}
        close = get_close_matches(word[:100].lower().replace("_", "-"), folded, n=1, cutoff=0.6)
        return f' (did you mean "{folded[close[0]]}"?)' if close else ""

    def wrong_type(self, item: Located, expected: str) -> None:
        self.add(item.span, "type", f"expected {expected}, found {kind_of(item)}")


def kind_of(item: Located) -> str:
    value = item.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the string "{value if len(value) <= 40 else value[:37] + "..."}"'
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, tuple):
        return "a list"
    return "a date or time"
