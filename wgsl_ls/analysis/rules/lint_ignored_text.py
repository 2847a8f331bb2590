"""lint/ignored-text: what stands behind a directive and is not read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wgsl_ls.analysis.fix import Edit, Fix, FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject, PlacedDirective
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.preprocess.dialect import WHITE_SPACE
from wgsl_ls.text.diagnostic import Severity

_READ = {
    **dict.fromkeys(("else", "endif"), re.compile(r"#[ \t\n\v\f\r]*\w+")),
    **dict.fromkeys(
        ("ifdef", "ifndef", "undef", "include"), re.compile(r"#[ \t\n\v\f\r]*\w+[ \t\n\v\f\r]+[^ \t\n\v\f\r]+")
    ),
}
_CONDITION = re.compile(r"(?:el)?(if|ifdef|ifndef)[ \t\n\v\f\r]+(.+)", re.DOTALL)
_JOINED = re.compile(r"[ \t]*(?:&&|\|\|)")
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def _check(root: LintSubject) -> Iterator[Found]:
    for placed in root.directives(*_READ):
        rest, start = _rest(placed)
        if not rest or rest.startswith(("//", "/*")):
            continue
        kind, name = placed.directive.kind, placed.directive.name
        shown = " ".join(rest.split())
        if kind == "else" and _CONDITION.match(rest):
            message = f"#else asks for nothing: '{shown}' is ignored, and the branch is taken whenever no other was"
        elif kind in ("ifdef", "ifndef") and _JOINED.match(rest):
            message = f"#{kind} asks only for {name}: '{shown}' is ignored"
        else:
            message = f"the preprocessor ignores '{shown}' behind #{kind}"
        yield Found(placed.logical(start, start + len(rest)), message)


def _rest(placed: PlacedDirective) -> tuple[str, int]:
    """(text behind what is read, where it begins in the joined line)."""
    logical = placed.directive.logical
    match = _READ[placed.directive.kind].match(logical)
    if match is None:
        return "", 0
    rest = logical[match.end() :].strip(WHITE_SPACE)
    return rest, len(logical.rstrip(WHITE_SPACE)) - len(rest)


def _fixes(request: FixRequest) -> Iterator[Fix]:
    found = request.placed_directive
    if found is None:
        return
    start, directive = found
    rest = request.written
    head = request.place(start + directive.head_start, request.location.span.end)
    condition = _CONDITION.match(rest)
    if directive.kind == "else" and condition is not None:
        asked = {"if": "{}", "ifdef": "defined({})", "ifndef": "!defined({})"}[condition[1]].format(
            condition[2].strip()
        )
        yield Fix(f"Change to #elif {asked}", (Edit(head, f"#elif {asked}"),), preferred=True)
    elif directive.kind == "ifdef" and _JOINED.match(rest):
        asked = f"defined({directive.name}) {_as_conditions(rest)}"
        yield Fix(f"Change to #if {asked}", (Edit(head, f"#if {asked}"),), preferred=True)
    elif directive.kind in ("else", "endif"):
        yield request.replace("Make it a comment", f"// {rest}", preferred=True)
    yield request.replace("Remove what the preprocessor does not read", "")


def _as_conditions(rest: str) -> str:
    """`&& B || !C` with every name in defined(), where it is not already."""
    if "defined" in rest:
        return rest
    return _NAME.sub(lambda match: f"defined({match[0]})", rest)


RULES = (
    Rule(
        id="lint/ignored-text",
        title="Text behind a directive is ignored",
        meaning=(
            "The preprocessor reads `#else` and `#endif` alone, and one name behind `#ifdef`, `#ifndef`, `#undef` and "
            "`#include`; what follows has no effect: `#else ifdef X` is an `#else`, `#ifdef A && B` asks only for `A`, "
            "`#undef A B` leaves `B` as it is. A comment there is fine."
        ),
        remedy="Write `#elif`, `#if defined(A) && defined(B)`, two lines, or a comment.",
        severity=Severity.WARNING,
        check=_check,
        fixes=_fixes,
    ),
)
