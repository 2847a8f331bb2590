"""lint/function-like-macro: #define F(x), which this dialect does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Severity

FUNCTION_LIKE = re.compile(r"([A-Za-z_]\w*)\(")


def _check(root: LintSubject) -> Iterator[Found]:
    for placed in root.directives("define"):
        match = FUNCTION_LIKE.match(placed.directive.name)
        if match is not None:
            message = (
                f"this dialect has no function-like macros: '{placed.directive.name}' is taken as a name that nothing "
                f"can use, and {match[1]}(...) is left as it stands"
            )
            yield Found(placed.name, message)


RULES = (
    Rule(
        id="lint/function-like-macro",
        title="This dialect has no function-like macros",
        meaning=(
            "`#define F(x) x` is no function-like macro here: the dialect takes `F(x)` as a name that nothing can use, "
            "and leaves calls as they stand."
        ),
        remedy="Write a function, or a macro without parameters.",
        severity=Severity.WARNING,
        check=_check,
    ),
)
