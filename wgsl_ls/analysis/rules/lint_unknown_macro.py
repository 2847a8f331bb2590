"""lint/unknown-macro: the value of a macro that nobody gives."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.fix import FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.wgsl.spelling import Nearness


def _check(root: LintSubject) -> Iterator[Found]:
    if not root.declared:
        return
    nearness = Nearness()
    for placed in root.directives("if", "elif"):
        condition = placed.directive.condition
        for name, start, end in condition.name_spans if condition is not None else ():
            if condition is None or name not in condition.valued or name in root.defined:
                continue
            if start >= condition.comment_start:
                continue
            near = next(iter(nearness.near(name, root.defined, 1, 0.75)), "")
            hint = f"; did you mean {near}?" if near else ""
            message = f"{name} is defined by no variant and no #define: it counts as 0 here{hint}"
            base = placed.directive.condition_start
            yield Found(placed.logical(base + start, base + end), message, near)


RULES = (
    Rule(
        id="lint/unknown-macro",
        title="A condition asks for the value of a macro that nobody gives",
        meaning=(
            "A condition asks for the value of a macro that no variant and no `#define` gives; it counts as 0. Usually "
            "a misspelling; a near name is suggested."
        ),
        remedy="Correct the name, or declare it in the configuration.",
        severity=Severity.WARNING,
        check=_check,
        fixes=FixRequest.change_to_subject,
    ),
)
