"""From one `[[shader]]` to its variants: axes x rules x constraints, as many as `pick` says.

The result is drafts: macros, name and place; variants.py makes Variants of them. What goes wrong on the way
(rules that never settle, constraints that leave nothing, more variants than is reasonable) is told at its
place in the TOML.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from wgsl_ls.project.effort import effort_of_shader
from wgsl_ls.project.inheritance import merged_defines
from wgsl_ls.project.model import BY_EXPANSION, DeclaredVariant, Define, Pick, ProjectConfig, ShaderEntry
from wgsl_ls.project.rules import (
    Constraint,
    RuleProblem,
    allows,
    constraint_problem,
    constraints_of,
    rulebook,
    settle,
)
from wgsl_ls.project.space import Count, Row, Space
from wgsl_ls.text.diagnostic import Diagnostic, Related, Severity
from wgsl_ls.text.span import Location, Span

_WHOLE = ("all", *BY_EXPANSION)
"""All combinations are made, be it that fewer are taken in the end."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A variant before the project's settings are added. `entry`: index of its `[[shader]]`."""

    entry: int
    name: str
    defines: tuple[Define, ...]
    engines: tuple[str, ...] | None
    profiles: tuple[str, ...] | None
    overrides: tuple[tuple[str, float], ...]
    axes: tuple[tuple[str, str], ...]
    span: Span


class AlternativeUses:
    """How many `[[shader]]` have an alternative, by its place: what is inherited has several."""

    def __init__(self, config: ProjectConfig) -> None:
        self._config = config

    def __getitem__(self, span: Span) -> int:
        return self._counts[span]

    @cached_property
    def _counts(self) -> Counter[Span]:
        shaders = self._config.shaders
        return Counter(
            span for shader in shaders for span in {one.span for axis in shader.axes for one in axis.alternatives}
        )


class Plan:
    """One `[[shader]]`, not yet expanded: `count` is known without expanding, `rows` are the combinations
    picked."""

    def __init__(self, config: ProjectConfig, index: int, entry: ShaderEntry, uses: AlternativeUses) -> None:
        self.config = config
        self.uses = uses
        self.index = index
        self.entry = entry
        self.base = dict(merged_defines(config.define, entry.define, entry.undefine))
        self.book = rulebook(entry.rules)
        self.settling = effort_of_shader()

    @cached_property
    def space(self) -> Space:
        return Space(self.base, self.entry.axes, self.entry.rules, self.config.dialect)

    @property
    def n_steps(self) -> int:
        """What working it out took so far."""
        return self.settling.spent + self.space.counting.spent + self.space.choosing.spent

    @property
    def has_rows(self) -> bool:
        """False when the entry has only explicit variants."""
        return bool(self.entry.axes) or not self.entry.variants

    @cached_property
    def count(self) -> Count:
        return self.space.count() if self.has_rows else Count(0, True)

    @property
    def pick(self) -> Pick:
        return self.config.pick if self.entry.pick is None else self.entry.pick

    @cached_property
    def is_too_large(self) -> bool:
        return self.pick in _WHOLE and self.count.value > self.config.max_variants and not self._fits

    @cached_property
    def _fits(self) -> bool:
        """For a count that is only an upper bound: are there few rows in truth?"""
        limit = self.config.max_variants
        return not self.count.exact and len(list(islice(self.space.rows(), limit + 1))) <= limit

    @cached_property
    def is_cut(self) -> bool:
        """Are fewer rows taken than `pick` asks for?"""
        limit = self.config.max_variants
        if len(self.rows) < limit:
            return False
        return min(self.pick, self.count.value) > limit if isinstance(self.pick, int) else len(self._pairs) > limit

    @cached_property
    def _pairs(self) -> Sequence[Row]:
        return self.space.pairwise()

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        if not self.has_rows or self.count.value == 0:
            return ()
        if self.pick in _WHOLE and not self.is_too_large:
            return tuple(self.space.rows())
        if isinstance(self.pick, int):
            return tuple(sorted(self.space.sample(min(self.pick, self.config.max_variants))))
        return tuple(sorted(self._pairs[: self.config.max_variants]))


def drafts_of(plan: Plan) -> tuple[list[Draft], list[Diagnostic], Count]:
    """The entry's variants, explicit ones first, what is wrong with them, and how many there could be."""
    entry, path = plan.entry, plan.config.path or ""
    drafts: list[Draft] = []
    problems: dict[tuple[Span, str], tuple[str, list[str]]] = {}

    def note(found: Iterable[RuleProblem], name: str) -> None:
        for problem in found:
            span = problem.expression.span if problem.expression is not None else problem.rule.span
            problems.setdefault((span, problem.message), (problem.message, []))[1].append(name)

    diagnostics = list(_size_problems(plan, path))
    for variant in entry.variants:
        if plan.settling.is_over:
            break
        draft, found, broken = _explicit(plan, variant)
        note(found, variant.name)
        if broken is not None:
            diagnostics.append(_excluded(path, variant, broken))
        else:
            drafts.append(draft)
    constraints = constraints_of(entry.rules)
    for row in plan.rows:
        plan.settling.spend(20 + len(constraints))
        if plan.settling.is_over:
            break
        draft, found, macros = _from_row(plan, row)
        note(found, draft.name)
        note(
            (bad for one in constraints if (bad := constraint_problem(one, macros, plan.config.dialect))),
            draft.name,
        )
        drafts.append(draft)
    if plan.settling.is_over or (plan.has_rows and plan.space.choosing.is_over):
        what = f"{len(drafts):,} were worked out, others are not checked"
        message = f"working out the variants of this [[shader]] was given up, as it takes too many steps: {what}. Use "
        message += "fewer axes, rules or constraints, or write the variants out"
        diagnostics.append(Diagnostic(path, entry.span, Severity.ERROR, "config/too-complex", message))
    for (span, _), (message, names) in problems.items():
        where = f"in variant {names[0]}" if len(names) == 1 else f"in {len(names)} variants, the first is {names[0]}"
        diagnostics.append(Diagnostic(path, span, Severity.ERROR, "config/rule", f"{message} ({where})"))
    return drafts, diagnostics, Count(plan.count.value + len(entry.variants), plan.count.exact)


def _from_row(plan: Plan, row: Row) -> tuple[Draft, tuple[RuleProblem, ...], dict[str, str]]:
    space, entry = plan.space, plan.entry
    alternatives = space.alternatives(row)
    settled = settle(space.macros(row), plan.book, plan.config.dialect, plan.settling)
    draft = Draft(
        entry=plan.index,
        name="+".join(alternative.label for alternative in alternatives if alternative.label) or "default",
        defines=_without_locals(entry, settled.macros),
        engines=settled.engines,
        profiles=settled.profiles,
        overrides=settled.overrides,
        axes=tuple((axis.name, alternative.label) for axis, alternative in zip(entry.axes, alternatives, strict=True)),
        span=entry.axes_span or entry.span,
    )
    return draft, settled.problems, settled.macros


def _explicit(plan: Plan, variant: DeclaredVariant) -> tuple[Draft, tuple[RuleProblem, ...], Constraint | None]:
    entry, dialect = plan.entry, plan.config.dialect
    plan.settling.spend(20 + len(entry.rules))
    macros = dict(merged_defines(tuple(plan.base.items()), variant.define, variant.undefine))
    settled = settle(macros, plan.book, dialect, plan.settling)
    broken = next((one for one in constraints_of(entry.rules) if not allows(one, settled.macros, dialect)), None)
    draft = Draft(
        entry=plan.index,
        name=variant.name,
        defines=_without_locals(entry, settled.macros),
        engines=settled.engines if variant.engines is None else variant.engines,
        profiles=settled.profiles if variant.profiles is None else variant.profiles,
        overrides=tuple((dict(settled.overrides) | dict(variant.overrides)).items()),
        axes=(),
        span=variant.span,
    )
    return draft, settled.problems, broken


def _without_locals(entry: ShaderEntry, macros: dict[str, str]) -> tuple[Define, ...]:
    return tuple((name, value) for name, value in macros.items() if name not in entry.locals)


def _excluded(path: str, variant: DeclaredVariant, broken: Constraint) -> Diagnostic:
    return Diagnostic(
        path,
        variant.name_span,
        Severity.ERROR,
        "config/excluded",
        f'the variant "{variant.name}" is left out: the shader\'s constraints do not allow it',
        related=(Related(Location(path, broken.expression.span), broken.text),),
    )


def _size_problems(plan: Plan, path: str) -> Iterable[Diagnostic]:
    entry = plan.entry
    span = entry.axes_span or entry.span
    if not plan.has_rows:
        return
    if plan.count.value == 0:
        core = plan.space.contradiction()
        if core:
            span = core[0].expression.span
        yield Diagnostic(
            path,
            span,
            Severity.ERROR,
            "config/no-variant",
            "no variant is left: " + " and ".join(one.text for one in core) + " exclude everything"
            if len(core) > 1
            else "no variant is left: this constraint excludes everything",
            related=tuple(Related(Location(path, one.expression.span), one.text) for one in core[1:]),
        )
        return
    if plan.is_too_large:
        yield Diagnostic(
            path,
            span,
            Severity.WARNING,
            "config/too-many-variants",
            f"these axes make {plan.count} variants, more than max-variants = {plan.config.max_variants:,}; "
            f'{len(plan.rows):,} of them are taken, with all pairs. Set pick = "pairwise" or a number '
            "to say so, add constraints, or raise max-variants",
        )
    elif plan.pick not in _WHOLE and plan.is_cut:
        asked = plan.pick if isinstance(plan.pick, int) else '"pairwise"'
        yield Diagnostic(
            path,
            span,
            Severity.WARNING,
            "config/too-many-variants",
            f"pick = {asked} takes more than max-variants = "
            f"{plan.config.max_variants:,}; that many are taken. Raise max-variants, or pick fewer",
        )
    for axis, alternative in plan.space.impossible_alternatives():
        if plan.uses[alternative.span] > 1:
            continue  # inherited from a template, where another shader has a use for it
        label = alternative.label or "the empty alternative"
        message = f"no variant has {label} (axis {axis.name}): the constraints exclude it"
        yield Diagnostic(path, alternative.span, Severity.INFORMATION, "config/impossible", message)
