"""`[rules]` of wgsl-ls.toml: severities by rule id, each perhaps with its reason.

[rules]
"lint/unused-macro" = "off"
"wgsl/deprecated" = { severity = "warning", reason = "we build against the next browser release" }
"""

from __future__ import annotations

from collections.abc import Collection

from wgsl_ls.project.fields import Table
from wgsl_ls.project.keys import RULE_SETTING
from wgsl_ls.project.problems import Problems
from wgsl_ls.project.rule_settings import SEVERITIES, RuleSetting, RuleSettings
from wgsl_ls.text.located import Located


def read_rule_settings(problems: Problems, item: Located | None, known: Collection[str] | None) -> RuleSettings:
    """`known`: ids of all rules; None: whoever reads the configuration has no rules, so names are not judged."""
    if item is None:
        return ()
    if not item.is_table:
        problems.wrong_type(item, 'a table of "rule/id" = "severity"')
        return ()
    found = []
    for rule, value in item.entries():
        if known is not None and rule not in known:
            hint = problems.suggestion(rule, known)
            problems.add(value.key_span, "unknown-rule", f'there is no rule "{rule}"{hint}')
            continue
        reason = ""
        if value.is_table:
            table = Table(problems, value, RULE_SETTING, f'[rules] "{rule}"')
            word, reason = table.choice("severity"), table.text("reason") or ""
            table.finish()
            if value.get("severity") is None:
                problems.add(value.span, "value", f"this says nothing; give it a severity: {_listed()}")
        elif isinstance(value.value, str):
            word = value.value
            if word not in SEVERITIES:
                problems.add(value.span, "value", f'"{word}" is none of {_listed()}')
        else:
            problems.wrong_type(value, f"one of {_listed()}, or a table with severity and reason")
            continue
        if word is not None and word in SEVERITIES:
            found.append(RuleSetting(rule, SEVERITIES[word], reason))
    return tuple(found)


def _listed() -> str:
    return ", ".join(f'"{word}"' for word in SEVERITIES)
