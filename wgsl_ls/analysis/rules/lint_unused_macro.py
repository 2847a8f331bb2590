"""lint/unused-macro: a #define that nothing uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wgsl_ls.analysis.fix import Fix, FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.analysis.rules.lint_function_like_macro import FUNCTION_LIKE
from wgsl_ls.text.diagnostic import Severity


def _check(root: LintSubject) -> Iterator[Found]:
    if not root.declared:
        return
    for placed in root.directives("define"):
        name = placed.directive.name
        if name and name not in root.mentioned and name not in root.given and FUNCTION_LIKE.match(name) is None:
            message = f"{name} is defined but used nowhere in this root and its includes"
            yield Found(placed.name, message, unnecessary=True)


def _fixes(request: FixRequest) -> Iterable[Fix]:
    found = request.placed_directive
    return request.remove_directive(f"Remove the unused #define {found[1].name}") if found is not None else ()


RULES = (
    Rule(
        id="lint/unused-macro",
        title="A macro that nothing uses",
        meaning="A `#define` that nothing in this root and its includes uses. A hint; editors dim it.",
        remedy="Remove it.",
        severity=Severity.HINT,
        check=_check,
        fixes=_fixes,
    ),
)
