"""RuleSetting: what a configuration or an editor says about the severity of one rule, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from wgsl_ls.text.diagnostic import Diagnostic, Severity

SEVERITIES: Final[Mapping[str, Severity | None]] = {
    "off": None,
    "hint": Severity.HINT,
    "information": Severity.INFORMATION,
    "warning": Severity.WARNING,
    "error": Severity.ERROR,
}


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """`severity`: None switches the rule off; `reason`: why, in the user's words."""

    rule: str
    severity: Severity | None
    reason: str = ""


RuleSettings = tuple[RuleSetting, ...]


def joined_settings(*layers: RuleSettings) -> RuleSettings:
    """Later layers win."""
    return tuple({setting.rule: setting for layer in layers for setting in layer}.values())


def with_rule_settings(diagnostics: Iterable[Diagnostic], settings: RuleSettings) -> tuple[Diagnostic, ...]:
    """With the severities that the settings give, less what they switch off."""
    by_rule = {setting.rule: setting.severity for setting in settings}
    found = []
    for item in diagnostics:
        severity = by_rule.get(item.code, item.severity)
        if severity is not None:
            found.append(item if severity == item.severity else replace(item, severity=severity))
    return tuple(found)
