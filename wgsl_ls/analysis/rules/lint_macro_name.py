"""lint/macro-name: directives whose name can name no macro."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wgsl_ls.analysis.fix import Edit, Fix, FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.analysis.rules.lint_function_like_macro import FUNCTION_LIKE
from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.text.diagnostic import Severity

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_DEFINED = re.compile(r"defined\(?[ \t]*([A-Za-z_]\w*)?[ \t]*\)?", re.ASCII)
_OUTCOMES = {"ifdef": "never true", "ifndef": "always true"}


def _check(root: LintSubject) -> Iterator[Found]:
    for placed in root.directives("define", "undef", "ifdef", "ifndef", "include"):
        kind, name = placed.directive.kind, placed.directive.name
        if kind == "include":
            if not name:
                yield Found(placed.head, "#include without a name includes nothing")
            continue
        if _NAME.fullmatch(name) or (kind == "define" and FUNCTION_LIKE.match(name)):
            continue
        outcome = _OUTCOMES.get(kind, "without effect")
        if not name:
            yield Found(placed.head, f"#{kind} without a name is {outcome}")
        elif IDENTIFIER.fullmatch(name):
            message = f"{name} begins with a digit: code that says {name} is replaced, but no #if can ask for it"
            yield Found(placed.name, message)
        elif kind in _OUTCOMES and name in root.defined:
            continue
        else:
            yield Found(placed.name, f"'{name}' can name no macro, so #{kind} is {outcome} here")


def _fixes(request: FixRequest) -> Iterator[Fix]:
    found = request.placed_directive
    if found is None or found[1].kind not in _OUTCOMES:
        return
    start, directive = found
    head = request.place(start + directive.head_start, start + directive.head_span.end)
    not_defined = directive.kind == "ifndef"
    asked = directive.logical[directive.logical.index(directive.name) :] if directive.name else ""
    if _DEFINED.match(asked) and asked.startswith("defined"):
        text = f"#if !({asked})" if not_defined else f"#if {asked}"
    elif directive.name.startswith("!") and _NAME.fullmatch(directive.name[1:]):
        text = f"#{'ifdef' if not_defined else 'ifndef'} {directive.name[1:]}"
    else:
        return
    yield Fix(f"Change to {text}", (Edit(head, text),), preferred=True)


RULES = (
    Rule(
        id="lint/macro-name",
        title="This can name no macro",
        meaning=(
            "The name of a macro is a letter or `_` and then letters, digits and `_`. `#ifdef defined(A)` asks for a "
            "macro that is called `defined(A)`, which does not exist; `#define A-B 3` defines what no code can say; "
            "`#define 9X` replaces `9X` in code, but no `#if` can ask for it."
        ),
        remedy="Write `#if defined(A)`, or another name.",
        severity=Severity.WARNING,
        check=_check,
        fixes=_fixes,
    ),
)
