"""lint/comment-in-value: a comment that becomes part of a macro."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.fix import FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.wgsl.lexer import comment_spans


def _check(root: LintSubject) -> Iterator[Found]:
    for placed in root.directives("define"):
        directive = placed.directive
        comments = comment_spans(directive.value)
        if comments:
            message = (
                f"this comment becomes part of the value of {directive.name} and is pasted wherever it is used; "
                "move it to a line of its own"
            )
            start = directive.value_start + comments[0].start
            yield Found(placed.logical(start, directive.value_start + len(directive.value)), message)


RULES = (
    Rule(
        id="lint/comment-in-value",
        title="A comment becomes part of a macro's value",
        meaning=(
            "A comment behind the value of a `#define` becomes part of the value and is pasted wherever the macro is "
            "used; what follows on that line is then a comment."
        ),
        remedy="Move the comment to a line of its own.",
        severity=Severity.WARNING,
        check=_check,
        fixes=FixRequest.comment_to_its_own_line,
    ),
)
