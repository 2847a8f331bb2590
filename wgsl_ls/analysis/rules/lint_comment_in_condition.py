"""lint/comment-in-condition: a comment behind #if is read as part of the expression."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.fix import FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Severity


def _check(root: LintSubject) -> Iterator[Found]:
    for placed in root.directives("if", "elif"):
        condition = placed.directive.condition
        if condition is None or condition.comment_start >= condition.used:
            continue
        base = placed.directive.condition_start
        message = "the preprocessor knows no comments: this is read as divisions by nothing, which give 0"
        yield Found(placed.logical(base + condition.comment_start, base + len(condition.text)), message)


RULES = (
    Rule(
        id="lint/comment-in-condition",
        title="A comment behind a condition is part of it",
        meaning=(
            "The preprocessor knows no comments: in `#if A // why` it reads `A / (nothing) / why`, and a division by "
            "nothing gives 0, so the branch is never taken; `#if A == 1 // why` asks whether `A` is 0."
        ),
        remedy="Move the comment to a line of its own.",
        severity=Severity.WARNING,
        check=_check,
        fixes=FixRequest.comment_to_its_own_line,
    ),
)
