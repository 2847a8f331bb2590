"""Lints: what the preprocessor accepts in silence and a kernel author would want to know.

They speak of files, not of variants, and are made only from facts that hold in every variant of the root. Each can be
wrong about intent, so few are errors. What one looks for stands in its own file of analysis/rules/; here is what
they all see of a root.
"""

from __future__ import annotations

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.lint_subject import LintSubject, given_steps
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.text.steps import Steps


def lint_steps(snapshot: Snapshot, view: RootView, asks_variants: bool | None = None) -> Steps[list[Finding]]:
    """Of every lint, for the root and every file it includes. `asks_variants`: only of those that look at the text
    (False), or that ask what all variants do (True)."""
    if asks_variants is not False:
        yield from across_steps(view)
    yield from given_steps(view.variants)
    subject = LintSubject(snapshot, view)
    found: list[Finding] = []
    for rule in all_rules().values():
        if rule.check is None or asks_variants not in (None, rule.asks_variants):
            continue
        for one in rule.check(subject):
            if one is None:
                yield
                continue
            found.append(
                Finding(
                    one.location,
                    rule.severity,
                    rule.id,
                    one.message,
                    related=one.related,
                    unnecessary=one.unnecessary,
                    subject=one.subject,
                )
            )
        yield
    return found
