"""Problems: the diagnostics of one file while it is read, and the words in which they speak of values."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from wgsl_ls.text.diagnostic import Diagnostic, Related, Severity
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Location, Span


class Problems:
    """Collects the diagnostics of one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.diagnostics: list[Diagnostic] = []

    def add(
        self,
        span: Span,
        code: str,
        message: str,
        severity: Severity = Severity.ERROR,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        places = tuple(Related(Location(self.path, place), text) for place, text in related)
        self.diagnostics.append(Diagnostic(self.path, span, severity, f"config/{code}", message, related=places))

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


def suggestion(word: str, known: Collection[str]) -> str:
    """` (did you mean "x"?)` when something close to `word` is known, else nothing."""
    folded = {name.lower().replace("_", "-"): name for name in known}
    close = get_close_matches(word.lower().replace("_", "-"), folded, n=1, cutoff=0.6)
    return f' (did you mean "{folded[close[0]]}"?)' if close else ""
