"""RULES.md, written from the records of analysis/rules/. `wgsl-ls rules` prints it."""

from __future__ import annotations

from wgsl_ls.analysis.rule import Rule, all_rules

_FAMILIES = (
    (
        "preprocess",
        "Preprocessor",
        "Errors stop the reference preprocessor, so the variant has no shader; ours goes on, to show the rest.",
    ),
    (
        "wgsl",
        "WGSL",
        "What the compilers say, mapped to the written place; one mistake is one finding, whoever says it. The "
        "variants, the engines and the shortest condition over the macros stand behind the message.",
    ),
    (
        "host",
        "Host program",
        "What the C++ that asks for the shaders says, read and never run, against what the shaders say.",
    ),
    (
        "profile",
        "Device profiles",
        "Judged from the expansion, for the profiles that the configuration or `--profile` names "
        "([profiles](project/CONFIG.md)). What cannot be evaluated is not reported.",
    ),
    (
        "lint",
        "Lints",
        "What the preprocessor accepts in silence, judged from facts that hold in every variant.",
    ),
    ("variants", "Variants", "Only where nobody declared variants."),
    (
        "engine",
        "Engines",
        "The text was too much for a compiler. The worker is started anew, the text is not tried again, and everything "
        "else is still checked.",
    ),
    (
        "portability",
        "Portability",
        "The text is right and was judged, but an engine could only judge it rewritten: somewhere it is refused.",
    ),
    (
        "smoke",
        "Smoke runs",
        "What `wgsl-ls smoke` and the editor's smoke run check by name. In an editor a failed check stands at the name "
        "of the entry point until the text of that variant changes.",
    ),
    (
        "config",
        "Configuration",
        "In `wgsl-ls.toml` ([all keys](project/CONFIG.md)). What is wrong is left out; the rest of the file counts.",
    ),
    ("import", "Variant lists", "In the lists that `import` names."),
    ("file", "Files", ""),
    ("inactive", "Inactive code", ""),
)

_HEAD = """\
<!-- Written by `wgsl-ls rules > wgsl_ls/RULES.md` from wgsl_ls/analysis/rules/; change a rule there. -->

# Rules

Every finding of wgsl-ls has one of these ids, in the editor, in reports and in CI. An error in a variant that \
somebody declared is an error; in a variant that was only inferred it is a warning, unless the text is wrong whatever \
is defined.

A rule's severity can be changed, or the rule switched off, in `wgsl-ls.toml` ([`[rules]`](project/CONFIG.md)) and in \
the editor's setting `wgsl.rules`.
"""


def rules_page() -> str:
    """The whole of RULES.md. Raises ValueError for a rule whose family has no heading."""
    rest = dict(all_rules())
    parts = [_HEAD]
    for family, title, words in _FAMILIES:
        parts.append(f"\n## {title}\n")
        if words:
            parts.append(f"\n{words}\n")
        for rule in [one for one in rest.values() if one.id.partition("/")[0] == family]:
            parts.append(f"\n{rule_section(rule)}")
            del rest[rule.id]
    if rest:
        raise ValueError(f"rules without a heading: {', '.join(rest)}")
    return "".join(parts)


def rule_section(rule: Rule) -> str:
    """One rule, with the anchor that diagnostics link to."""
    anchor = rule.id.replace("/", "-")
    return f'### <a id="{anchor}"></a>{rule.id}\n\n{rule_words(rule)}\n'


def rule_page(rule: Rule) -> str:
    """One rule as a page of its own."""
    return f"# {rule.id}\n\n{rule_words(rule)}\n"


def rule_words(rule: Rule) -> str:
    """What the rule means and what to do, Markdown without a heading."""
    severity = rule.severity.name.lower()
    return f"**{rule.title}** ({severity})\n\n{rule.meaning}\n\n*What to do:* {rule.remedy}"
