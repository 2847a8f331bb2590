"""lint/shadowing-macro: a macro with the name of something else."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.lints import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Related, Severity


def _check(root: LintSubject) -> Iterator[Found]:
    from wgsl_ls.wgsl.builtins import KEYWORDS, PREDECLARED

    defines = list(root.directives("define"))
    functions = root.functions() if defines else {}
    for placed in defines:
        name = placed.directive.name
        if name in functions:
            message = f"this macro replaces the name of the function {name} wherever it is defined"
            related = (Related(functions[name], f"the function {name}"),)
            yield Found(placed.name, message, related=related)
        elif name in PREDECLARED or name in KEYWORDS:
            what = "keyword" if name in KEYWORDS else "predeclared name"
            yield Found(placed.name, f"this macro replaces WGSL's {what} {name} wherever it is defined")


RULES = (
    Rule(
        id="lint/shadowing-macro",
        title="A macro has the name of a function or of something of WGSL's",
        meaning=(
            "From the `#define` on every use of the name becomes the macro's value: of a builtin function or type, of "
            "a keyword, or of a function that the shader declares."
        ),
        remedy="Give the macro another name; upper case keeps them apart.",
        severity=Severity.WARNING,
        check=_check,
    ),
)
