"""lint/shadowed-builtin, lint/shadowed-function: a macro with the name of something else."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location


def _builtins(root: LintSubject) -> Iterator[Found]:
    from wgsl_ls.wgsl.builtins import KEYWORDS, PREDECLARED

    for placed in root.directives("define"):
        name = placed.directive.name
        if name in PREDECLARED or name in KEYWORDS:
            what = "keyword" if name in KEYWORDS else "predeclared name"
            yield Found(placed.name, f"this macro replaces WGSL's {what} {name} wherever it is defined")


def _functions(root: LintSubject) -> Iterator[Found | None]:
    """`fn NAME` behind `#define NAME` is a function that the macro gives its name, which is meant; in front of it the
    function is out of reach."""
    if not any(name in root.code_words for name in root.define_counts):
        return
    macros: dict[str, int] = {}  # variants in which the name is a macro by now
    functions: dict[str, tuple[int, Location]] = {}
    for step in root.steps():
        yield None
        if step.directive is None:
            for name, at in root.functions(step.path, step.offset, step.end):
                known = step.variants & ~macros.get(name, 0) & ~root.given_in(name)
                if known and name in root.define_counts:
                    functions[name] = (known, root.location(step.path, at, at + len(name)))
            continue
        name = step.directive.name
        if step.directive.kind == "define":
            macros[name] = macros.get(name, 0) | step.variants
            declared, place = functions.get(name, (0, None))
            if place is not None and declared & step.variants:
                span = step.directive.name_span.shifted(step.offset)
                message = f"from here on this macro replaces the name of the function {name}"
                related = (Related(place, f"the function {name}"),)
                yield Found(root.location(step.path, span.start, span.end), message, related=related)
        elif step.directive.kind == "undef":
            macros[name] = macros.get(name, 0) & ~step.variants


RULES = (
    Rule(
        id="lint/shadowed-function",
        title="A macro takes the name of a function that stands before it",
        meaning=(
            "A function is declared, and a `#define` of its name follows: from there on every call becomes the macro's "
            "value. A function whose name a macro gives (`#define READ read_k`, then `fn READ`) is none."
        ),
        remedy="Give the macro another name; upper case keeps them apart.",
        severity=Severity.WARNING,
        check=_functions,
        asks_variants=True,
    ),
    Rule(
        id="lint/shadowed-builtin",
        title="A macro has the name of something of WGSL's",
        meaning="From the `#define` on every use of the builtin function, type or keyword becomes the macro's value.",
        remedy="Give the macro another name; upper case keeps them apart.",
        severity=Severity.WARNING,
        check=_builtins,
    ),
)
