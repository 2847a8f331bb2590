"""Rules at work: the macros of one variant are completed until nothing changes, then the constraints are
judged.

Rules are applied in written order, again and again, until a whole round changes nothing. Rules that undo each
other never come to rest; that is noticed (a state returns, or MAX_ROUNDS pass) and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wgsl_ls.preprocess.conditions import Evaluation, evaluate, names_of_value
from wgsl_ls.preprocess.dialect import Dialect
from wgsl_ls.project.effort import Effort
from wgsl_ls.project.model import Define, Expression, VariantRule

MAX_ROUNDS: Final = 64


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """Something that only shows when a rule is applied to a variant's macros, at the expression it came
    from."""

    expression: Expression | None
    rule: VariantRule
    message: str


@dataclass(frozen=True, slots=True)
class Constraint:
    """A `forbid` or `require`, holding where its rule's `when` does."""

    expression: Expression
    forbids: bool
    rule: VariantRule

    @property
    def text(self) -> str:
        condition = f" when {self.rule.when.text}" if self.rule.when is not None else ""
        return f'{"forbid" if self.forbids else "require"} "{self.expression.text}"{condition}'


@dataclass(frozen=True, slots=True)
class Settled:
    """The macros after all rules, and what the rules that hold say about engines, profiles and overrides."""

    macros: dict[str, str]
    engines: tuple[str, ...] | None
    profiles: tuple[str, ...] | None
    overrides: tuple[tuple[str, float], ...]
    problems: tuple[RuleProblem, ...]


def constraints_of(rules: Iterable[VariantRule]) -> tuple[Constraint, ...]:
    found: list[Constraint] = []
    for rule in rules:
        found.extend(Constraint(expression, True, rule) for expression in rule.forbid)
        found.extend(Constraint(expression, False, rule) for expression in rule.require)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules with what is asked about each for every variant: the names it `reads`, and those it has to do with at
    all (`names`), None for a rule that reads what it sets."""

    rules: tuple[VariantRule, ...]
    reads: tuple[tuple[str, ...], ...]
    names: tuple[tuple[str, ...] | None, ...]


def rulebook(rules: Iterable[VariantRule]) -> Rulebook:
    rules = tuple(rules)
    reads = tuple(tuple(dict.fromkeys(_sources(rule))) for rule in rules)
    targets = [tuple(dict.fromkeys(_targets(rule))) for rule in rules]
    names = tuple(
        None if set(read) & set(target) else (*read, *target) for read, target in zip(reads, targets, strict=True)
    )
    return Rulebook(rules, reads, names)


def completed(
    macros: Mapping[str, str], book: Rulebook, dialect: Dialect, effort: Effort
) -> tuple[dict[str, str], tuple[RuleProblem, ...]]:
    """`macros` with everything that the rules define, undefine and compute, as far as the effort reaches."""
    current = dict(macros)
    rules = book.rules
    if not rules:
        return current, ()
    seen: set[frozenset[Define]] = set()
    changed: list[int] = []
    # For each rule what it changed or failed at when it was applied last, and the step at which that was. A rule
    # none of whose names was touched since would do the same again, so it is passed over.
    applied = [-1] * len(rules)
    problems: dict[int, list[RuleProblem]] = {}
    touched: dict[str, int] = {}
    step = 0
    for _ in range(MAX_ROUNDS):
        if effort.is_over:
            return current, ()
        before = dict(current)
        effort.spend(len(rules) + len(before) // 8)
        changed.clear()
        for index, rule in enumerate(rules):
            if applied[index] >= 0 and _is_unmoved(book, index, applied[index], touched, current):
                continue
            step += 1
            effort.spend(8)
            found: list[RuleProblem] = []
            new = _applied(rule, current, dialect, found)
            problems[index] = found
            for name in new:
                touched[name] = step
            applied[index] = step
            if new:
                changed.append(index)
        if not changed or current == before:
            return current, tuple(problem for index in sorted(problems) for problem in problems[index])
        state = frozenset(current.items())
        if state in seen:
            break
        seen.add(state)
    restless = [rules[index] for index in changed]
    message = "this rule and others undo each other without end" if len(restless) > 1 else "this rule never settles"
    targets = sorted({name for rule in restless for name in _targets(rule)})
    return current, (RuleProblem(restless[0].when, restless[0], f"{message}: {', '.join(targets)}"),)


def _is_unmoved(book: Rulebook, index: int, since: int, touched: Mapping[str, int], macros: Mapping[str, str]) -> bool:
    """Would applying a rule again change nothing, as none of its names was touched after the step `since`?"""
    names = book.names[index]
    if names is None:
        return False
    for name in names:
        if touched.get(name, -1) > since:
            return False
    for name in book.reads[index]:
        value = macros.get(name)
        if value and not value.isdecimal():
            return False  # it may mention further names
    return True


def _applied(rule: VariantRule, macros: dict[str, str], dialect: Dialect, problems: list[RuleProblem]) -> set[str]:
    """Apply one rule to `macros`; the names that it changed."""
    if not _holds(rule, macros, dialect, problems):
        return set()
    changed: set[str] = set()
    for name in rule.undefine:
        if macros.pop(name, None) is not None:
            changed.add(name)
    for name, value in rule.define:
        if macros.get(name) != value:
            macros[name] = value
            changed.add(name)
    for name, expression in rule.compute:
        result = _value(expression, macros, dialect)
        if result.error is not None:
            problems.append(RuleProblem(expression, rule, result.error))
        elif macros.get(name) != (value := str(result.value)):
            macros[name] = value
            changed.add(name)
    return changed


def settle(macros: Mapping[str, str], book: Rulebook, dialect: Dialect, effort: Effort) -> Settled:
    """Everything the rules say about a variant that starts with `macros`."""
    current, problems = completed(macros, book, dialect, effort)
    engines: tuple[str, ...] | None = None
    profiles: tuple[str, ...] | None = None
    overrides: dict[str, float] = {}
    for rule in book.rules:
        if rule.engines is None and rule.profiles is None and not rule.overrides:
            continue
        if _holds(rule, current, dialect, []):
            engines = engines if rule.engines is None else rule.engines
            profiles = profiles if rule.profiles is None else rule.profiles
            overrides.update(rule.overrides)
    return Settled(current, engines, profiles, tuple(overrides.items()), problems)


def allows(constraint: Constraint, macros: Mapping[str, str], dialect: Dialect) -> bool:
    """Is the constraint kept by a variant with these (complete) macros? One that cannot be evaluated is kept;
    `constraint_problem` tells about it."""
    when = constraint.rule.when
    if when is not None and not _value(when, macros, dialect).value:
        return True
    result = _value(constraint.expression, macros, dialect)
    return result.error is not None or bool(result.value) != constraint.forbids


def constraint_problem(constraint: Constraint, macros: Mapping[str, str], dialect: Dialect) -> RuleProblem | None:
    result = _value(constraint.expression, macros, dialect)
    if result.error is None:
        return None
    return RuleProblem(constraint.expression, constraint.rule, result.error)


def relevant_rules(
    names: Iterable[str], rules: Sequence[VariantRule], values: Mapping[str, set[str]]
) -> tuple[tuple[VariantRule, ...], frozenset[str]]:
    """The rules that have a say in the values of `names`, and all names these values depend on. `values`: for
    each macro, the names that its possible values mention."""
    wanted = set(names)
    chosen: set[int] = set()
    grew = True
    while grew:
        grew = False
        for name in tuple(wanted):
            mentioned = values.get(name, set()) - wanted
            if mentioned:
                wanted |= mentioned
                grew = True
        for index, rule in enumerate(rules):
            if index not in chosen and wanted.intersection(_targets(rule)):
                chosen.add(index)
                wanted.update(_sources(rule))
                grew = True
    return tuple(rules[index] for index in sorted(chosen)), frozenset(wanted)


def mentioned_names(defines: Iterable[Define], dialect: Dialect) -> dict[str, set[str]]:
    """For each macro the names that any of its values mentions, as `#if` would look them up."""
    found: dict[str, set[str]] = {}
    for name, value in defines:
        if value and not value.isdigit():
            found.setdefault(name, set()).update(names_of_value(value, dialect))
    return found


def _targets(rule: VariantRule) -> tuple[str, ...]:
    return (*(name for name, _ in rule.define), *rule.undefine, *(name for name, _ in rule.compute))


def _sources(rule: VariantRule) -> tuple[str, ...]:
    conditions = [expression.condition for _, expression in rule.compute]
    if rule.when is not None:
        conditions.append(rule.when.condition)
    return tuple(name for condition in conditions for name in condition.names)


def _holds(rule: VariantRule, macros: Mapping[str, str], dialect: Dialect, problems: list[RuleProblem]) -> bool:
    if rule.when is None:
        return True
    result = _value(rule.when, macros, dialect)
    if result.error is not None:
        problems.append(RuleProblem(rule.when, rule, result.error))
        return False
    return bool(result.value)


_MEMO_LIMIT: Final = 200_000
_memo: dict[tuple[str, str, tuple[str | None, ...]], Evaluation] = {}


def _value(expression: Expression, macros: Mapping[str, str], dialect: Dialect) -> Evaluation:
    """The expression's value; remembered where it depends on nothing but plain numbers, as it mostly does: the same
    few conditions are asked for thousands of variants."""
    condition = expression.condition
    values = tuple(map(macros.get, condition.names))
    for value in values:
        if value and not value.isdecimal():
            return evaluate(condition, macros, dialect)
    key = (condition.text, dialect.name, values)
    known = _memo.get(key)
    if known is None:
        if len(_memo) >= _MEMO_LIMIT:
            _memo.clear()
        known = _memo[key] = evaluate(condition, macros, dialect)
    return known
