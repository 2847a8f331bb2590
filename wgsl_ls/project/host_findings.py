"""What a reading says is wrong, as diagnostics in the C++ files and the shaders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wgsl_ls.host.model import HostReading
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.span import Location, Span

RULES: Final = {
    "define-not-read": ("host/define-not-read", Severity.WARNING),
    "macro-not-given": ("host/macro-not-given", Severity.INFORMATION),
    "equal-keys": ("host/equal-keys", Severity.WARNING),
    "not-served": ("host/not-served", Severity.WARNING),
}
GAP: Final = "host/gap"
FAILING: Final = "host/lets-failing-through"


@dataclass(frozen=True, slots=True)
class TextDiagnostics:
    """`texts`: by path, the texts that the places belong to."""

    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


def unfinished(place: Location, texts: Mapping[str, str]) -> TextDiagnostics:
    """Of code that is half written at `place` of the texts by path."""
    text = texts[place.path]
    # What a grammar skips can be all that follows: its first line, and never nothing.
    line_end = text.find("\n", place.span.start)
    end = min(place.span.end, line_end if line_end >= 0 else len(text))
    start = place.span.start if end > place.span.start else max(0, place.span.start - 1)
    message = "this is no C++ yet: until it is, the shaders keep the variants that were read before"
    found = Diagnostic(place.path, Span(start, max(end, start + 1)), Severity.INFORMATION, GAP, message)
    return TextDiagnostics((found,), {place.path: text})


def host_diagnostics(reading: HostReading) -> tuple[Diagnostic, ...]:
    found = [
        Diagnostic(one.location.path, one.location.span, severity, rule, one.message)
        for one in reading.findings
        for rule, severity in (RULES[one.kind],)
    ]
    found.extend(
        Diagnostic(
            one.location.path,
            one.location.span,
            Severity.INFORMATION,
            GAP,
            f"wgsl-ls does not understand this ({one.what}): variants that the host makes here may be missing",
        )
        for one in reading.gaps
    )
    return tuple(dict.fromkeys(found))
