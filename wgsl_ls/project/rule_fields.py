"""`[rules]` of wgsl-ls.toml: severities by rule id, each perhaps with its reason, or for some targets only.

[rules]
"lint/unused-macro" = "off"
"wgsl/deprecated" = { severity = "warning", reason = "we build against the next browser release" }
"portability/f16-bitcast" = { targets = { wgpu = "error" } }
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from wgsl_ls.project.fields import Table
from wgsl_ls.project.keys import RULE_SETTING
from wgsl_ls.project.problems import Problems
from wgsl_ls.project.rule_settings import SEVERITIES, RuleSetting, RuleSettings
from wgsl_ls.text.located import Located


def read_rule_settings(
    problems: Problems, item: Located | None, known: Collection[str] | None, targets: Collection[str]
) -> RuleSettings:
    """`known`: ids of all rules; None: whoever reads the configuration has no rules, so names are not judged.
    `targets`: names of engines and device profiles."""
    if item is None:
        return ()
    if not item.is_table:
        problems.wrong_type(item, 'a table of "rule/id" = "severity"')
        return ()
    found: list[RuleSetting] = []
    for rule, value in item.entries():
        if known is not None and rule not in known:
            hint = problems.suggestion(rule, known)
            problems.add(value.key_span, "unknown-rule", f'there is no rule "{rule}"{hint}')
        elif value.is_table:
            found.extend(_of_table(problems, rule, value, targets))
        elif isinstance(value.value, str):
            found.extend(_of_word(problems, rule, value))
        else:
            problems.wrong_type(value, f"one of {_listed()}, or a table with severity, targets and reason")
    return tuple(found)


def _of_table(problems: Problems, rule: str, value: Located, targets: Collection[str]) -> Iterator[RuleSetting]:
    table = Table(problems, value, RULE_SETTING, f'[rules] "{rule}"')
    word, reason, by_target = table.choice("severity"), table.text("reason") or "", table.take("targets")
    table.finish()
    if word is not None:
        yield RuleSetting(rule, SEVERITIES[word], reason)
    if by_target is None:
        if value.get("severity") is None:
            problems.add(value.span, "value", f"this says nothing; give it a severity ({_listed()}) or targets")
    elif not by_target.is_table:
        problems.wrong_type(by_target, 'a table of engine or device profile = "severity"')
    else:
        for target, severity in by_target.entries():
            if target not in targets:
                hint = problems.suggestion(target, targets)
                message = f'there is no engine and no device profile "{target}"{hint}'
                problems.add(severity.key_span, "value", message)
            elif isinstance(severity.value, str):
                yield from _of_word(problems, rule, severity, reason, target)
            else:
                problems.wrong_type(severity, f"one of {_listed()}")


def _of_word(problems: Problems, rule: str, item: Located, reason: str = "", target: str = "") -> Iterator[RuleSetting]:
    word = str(item.value)
    if word in SEVERITIES:
        yield RuleSetting(rule, SEVERITIES[word], reason, target)
    else:
        problems.add(item.span, "value", f'"{word}" is none of {_listed()}')


def _listed() -> str:
    return ", ".join(f'"{word}"' for word in SEVERITIES)
