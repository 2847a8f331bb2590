"""RuleSetting: what a configuration or an editor says about the severity of one rule, everywhere or for one target (an
engine or a device profile), and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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
    """`severity`: None switches the rule off; `reason`: why, in the user's words; `target`: the engine or device
    profile for which it holds, "" for all."""

    rule: str
    severity: Severity | None
    reason: str = ""
    target: str = ""


RuleSettings = tuple[RuleSetting, ...]


def joined_settings(*layers: RuleSettings) -> RuleSettings:
    """Later layers win: what one says of a rule for all targets ends what earlier ones said of it for some."""
    joined: dict[tuple[str, str], RuleSetting] = {}
    for layer in layers:
        ended = {setting.rule for setting in layer if not setting.target}
        joined = {key: setting for key, setting in joined.items() if setting.rule not in ended}
        joined |= {(setting.rule, setting.target): setting for setting in layer}
    return tuple(joined.values())


class RuleSeverities:
    """Settings, asked."""

    def __init__(self, settings: RuleSettings) -> None:
        self._by_rule: dict[str, dict[str, Severity | None]] = {}
        for setting in settings:
            self._by_rule.setdefault(setting.rule, {})[setting.target] = setting.severity

    def __contains__(self, rule: str) -> bool:
        return rule in self._by_rule

    def of(self, rule: str, severity: Severity, targets: Collection[str] = ()) -> Severity | None:
        """Of what `targets` say, as for the one that takes it most seriously; None: for none of them.
        `severity`: its own; "" among `targets`: somebody says it whom no setting can name."""
        of_rule = self._by_rule.get(rule)
        if of_rule is None:
            return severity
        everywhere = of_rule.get("", severity)
        said = [of_rule.get(target, everywhere) for target in targets or ("",)]
        return min((one for one in said if one is not None), default=None)


def with_rule_settings(diagnostics: Iterable[Diagnostic], settings: RuleSettings) -> tuple[Diagnostic, ...]:
    """With the severities that the settings give, less what they switch off."""
    severities = RuleSeverities(settings)
    found = []
    for item in diagnostics:
        severity = severities.of(item.code, item.severity)
        if severity is not None:
            found.append(item if severity == item.severity else replace(item, severity=severity))
    return tuple(found)
