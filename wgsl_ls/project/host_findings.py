"""What a reading says is wrong, as diagnostics in the C++ files and the shaders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wgsl_ls.host.model import HostReading
from wgsl_ls.text.diagnostic import Diagnostic, Severity

RULES: Final = {
    "define-not-read": ("host/define-not-read", Severity.WARNING),
    "macro-not-given": ("host/macro-not-given", Severity.INFORMATION),
}
GAP: Final = "host/gap"


@dataclass(frozen=True, slots=True)
class TextDiagnostics:
    """`texts`: by path, the texts that the places belong to."""

    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


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
