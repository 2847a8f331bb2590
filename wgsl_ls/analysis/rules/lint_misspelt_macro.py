"""lint/misspelt-macro: #ifdef and defined() of a name that nothing defines, but nearly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from wgsl_ls.analysis.fix import FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.span import Location
from wgsl_ls.wgsl.spelling import Nearness

_DIGITS = re.compile(r"\d+")


def misspelt(root: LintSubject) -> Iterator[Found]:
    # What variants that nobody declared give was made up of what is asked here, a slip among it.
    defined = root.defined if root.declared else root.written
    asked = list(_asked(root))
    nearness = Nearness()
    times = Counter(name for name, _ in asked)
    for name, location in asked:
        if name in defined or times[name] > 1:
            continue
        near = next((one for one in nearness.near(name, defined, 3, 0.75) if _slip(name, one)), None)
        if near is not None and name not in root.defined_by_others(location.path):
            nothing = "no variant and no #define" if root.declared else "no #define"
            message = f"{name} is defined by {nothing}; did you mean {near}?"
            yield Found(location, message, near)


def _asked(root: LintSubject) -> Iterator[tuple[str, Location]]:
    """Names of which somebody asks only whether they are defined."""
    for placed in root.directives("ifdef", "ifndef", "if", "elif"):
        condition = placed.directive.condition
        if condition is None:
            if placed.directive.name.isidentifier():
                yield placed.directive.name, placed.name
            continue
        for name, start, end in condition.name_spans:
            if name not in condition.valued:
                base = placed.directive.condition_start
                yield name, placed.logical(base + start, base + end)


def _slip(name: str, other: str) -> bool:
    """One slip of the fingers apart: a letter too many, too few, wrong or swapped. K_Q4 and K_Q5, or USE_K and
    USE_V, are two names of one family, no slip."""
    if _DIGITS.findall(name) != _DIGITS.findall(other):
        return False
    parts, others = name.split("_"), other.split("_")
    if len(parts) == len(others):
        different = [(one, two) for one, two in zip(parts, others, strict=True) if one != two]
        if len(different) != 1 or max(map(len, different[0])) < 4:
            return False
    changes = [block for block in SequenceMatcher(None, name, other, False).get_opcodes() if block[0] != "equal"]
    if len(changes) == 1:
        _, i1, i2, j1, j2 = changes[0]
        return max(i2 - i1, j2 - j1) == 1
    return len(name) == len(other) and sorted(name) == sorted(other) and len(changes) == 2


RULES = (
    Rule(
        id="lint/misspelt-macro",
        title="A macro that nothing defines, but nearly",
        meaning=(
            "`#ifdef` or `defined()` asks for a name that no variant of any shader that reads the file and no "
            "`#define` gives, that is asked for only here, and that is one slip away from a name that is defined; in "
            "files for which nobody declared variants, by a `#define`."
        ),
        remedy="Correct the name, or declare it in the configuration.",
        severity=Severity.WARNING,
        check=misspelt,
        fixes=FixRequest.change_to_subject,
    ),
)
