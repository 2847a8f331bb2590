"""lint/used-before-definition: a word in code that becomes a macro further on."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location


def _check(root: LintSubject) -> Iterator[Found | None]:
    names = {name for name in root.define_counts if name not in root.given and name in root.code_words}
    if names:
        yield from root.reading()
        names -= root.declared_names
    if not names:
        return
    ever: dict[str, int] = {}  # variants in which the name has been a macro so far
    early: dict[str, list[tuple[int, Location]]] = {}
    told: set[Location] = set()
    for step in root.steps():
        yield None
        if step.directive is None:
            for word, start, end in root.words(step.path, step.offset, step.end, names):
                mask = step.variants & ~ever.get(word, 0)
                if mask:
                    early.setdefault(word, []).append((mask, root.location(step.path, start, end)))
            continue
        name = step.directive.name
        if step.directive.kind != "define" or name not in names:
            continue
        span = step.directive.name_span.shifted(step.offset)
        place = root.location(step.path, span.start, span.end)
        for mask, use in early.get(name, ()):
            if mask & step.variants and use not in told:
                told.add(use)
                where = root.shown(place)
                message = f"{name} becomes a macro only in {where}, behind this use; here it is left as it stands"
                yield Found(use, message, related=(Related(place, f"{name} is defined here"),))
        ever[name] = ever.get(name, 0) | step.variants


RULES = (
    Rule(
        id="lint/used-before-definition",
        title="A name is used before it becomes a macro",
        meaning=(
            "The preprocessor reads from top to bottom: a name in code is replaced only behind its `#define`, "
            "or behind the `#include` that has it. In some variant this name is used before, and declared by nothing "
            "in WGSL."
        ),
        remedy="Move the `#include` or the `#define` up.",
        severity=Severity.WARNING,
        check=_check,
        explains="wgsl/name",
        asks_variants=True,
    ),
)
