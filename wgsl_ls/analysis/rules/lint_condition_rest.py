"""lint/condition-rest: what stands behind the part of a condition that the preprocessor reads."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.fix import Fix, FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Severity


def _check(root: LintSubject) -> Iterator[Found]:
    for placed in root.directives("if", "elif"):
        condition = placed.directive.condition
        if condition is None or condition.error is not None:
            continue
        rest = condition.text[condition.used :].strip()
        if rest and not rest.startswith(("//", "/*")):
            end = placed.directive.condition_start + len(condition.text)
            message = f"the preprocessor stops reading the condition here: '{rest}' has no effect"
            yield Found(placed.logical(end - len(rest), end), message)


def _fixes(request: FixRequest) -> Iterator[Fix]:
    yield request.replace("Remove what the preprocessor does not read", "")


RULES = (
    Rule(
        id="lint/condition-rest",
        title="A condition is not read to its end",
        meaning=(
            "The preprocessor stops reading a condition before its end: in `#if A == 1 B`, the `B` has no effect."
        ),
        remedy="Join the parts with `&&` or `||`, or remove the rest.",
        severity=Severity.WARNING,
        check=_check,
        fixes=_fixes,
    ),
)
