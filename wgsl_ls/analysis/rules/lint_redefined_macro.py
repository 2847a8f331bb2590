"""lint/redefined-macro: a second #define with another value, and no #undef between."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location


def _check(root: LintSubject) -> Iterator[Found]:
    if all(count < 2 for count in root.define_counts.values()):
        return
    live: dict[str, list[tuple[int, str, Location]]] = {}
    told: set[Location] = set()
    for step in root.steps():
        if step.directive is None or root.define_counts[step.directive.name] < 2:
            continue
        name, value = step.directive.name, " ".join(step.directive.value.split())
        span = step.directive.name_span.shifted(step.offset)
        mask = step.variants & ~root.given_in(name)
        location = root.location(step.path, span.start, span.end)
        if step.directive.kind == "define":
            for earlier, other, place in live.get(name, ()):
                is_new = place != location and location not in told and other != value
                if is_new and _differ(root, earlier & mask, other, value):
                    told.add(location)
                    shown = "the empty text" if not other else f"'{other}'"
                    message = f"{name} has the value {shown} already, which this replaces in silence"
                    yield Found(location, message, related=(Related(place, f"{name} is defined here before"),))
        kept = [(earlier & ~mask, other, place) for earlier, other, place in live.get(name, ()) if earlier & ~mask]
        live[name] = [*kept, (mask, value, location)] if step.directive.kind == "define" else kept


def _differ(root: LintSubject, variants: int, one: str, other: str) -> bool:
    """In some of these variants the two values are different ones, also when a macro that the variant gives stands for
    one of them."""
    while variants:
        bit = variants & -variants
        variants ^= bit
        given = dict(root.view.variants[bit.bit_length() - 1].defines)
        if _meaning(one, given) != _meaning(other, given):
            return True
    return False


def _meaning(value: str, given: dict[str, str]) -> str:
    for _ in given:
        if value not in given:
            break
        value = " ".join(given[value].split())
    return value


RULES = (
    Rule(
        id="lint/redefined-macro",
        title="A macro gets another value without #undef",
        meaning=(
            "In some variant a `#define` follows another one of the same name with another value, without `#undef` "
            "between. The preprocessor takes the later one in silence."
        ),
        remedy="Give one of them another name or its own branch, or write `#undef` between, if it is meant.",
        severity=Severity.WARNING,
        check=_check,
        asks_variants=True,
    ),
)
