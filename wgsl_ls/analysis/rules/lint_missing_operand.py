"""lint/missing-operand: an operator in a condition without something to work on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wgsl_ls.analysis.fix import Fix, FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Severity

_HANGING = re.compile(r"[ \t]*(&&|\|\||==|!=|<=|>=|<<|>>|[-+*/%<>!])[ \t]*$")


def _check(root: LintSubject) -> Iterator[Found]:
    for placed in root.directives("if", "elif"):
        condition = placed.directive.condition
        if condition is None or condition.error is not None or condition.used < len(condition.text):
            continue
        base = placed.directive.condition_start
        if not condition.text:
            yield Found(placed.head, f"#{placed.directive.kind} without a condition is never true")
        elif (hanging := _HANGING.search(condition.text[: condition.comment_start])) is not None:
            message = f"nothing stands behind '{hanging[1]}': the preprocessor takes 0"
            yield Found(placed.logical(base + hanging.start(1), base + hanging.end(1)), message, hanging[1])


def _fixes(request: FixRequest) -> Iterator[Fix]:
    if request.subject:
        yield request.replace(f"Remove the {request.subject}", "")


RULES = (
    Rule(
        id="lint/missing-operand",
        title="A condition lacks an operand",
        meaning=(
            "Behind the last operator of a condition stands nothing, or the condition is empty: the preprocessor takes "
            "0, so `#if A &&` is never true."
        ),
        remedy="Complete the condition.",
        severity=Severity.WARNING,
        check=_check,
        fixes=_fixes,
    ),
)
