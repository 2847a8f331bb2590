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
from wgsl_ls.project.model import Define, Expression, Rule

MAX_ROUNDS: Final = 64


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """Something that only shows when a rule is applied to a variant's macros, at the expression it came
    from."""

    expression: Expression | None
    rule: Rule
    message: str


@dataclass(frozen=True, slots=True)
class Constraint:
    """A `forbid` or `require`, holding where its rule's `when` does."""

    expression: Expression
    forbids: bool
    rule: Rule

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


def constraints_of(rules: Iterable[Rule]) -> tuple[Constraint, ...]:
    found: list[Constraint] = []
    for rule in rules:
        found.extend(Constraint(expression, True, rule) for expression in rule.forbid)
        found.extend(Constraint(expression, False, rule) for expression in rule.require)
    return tuple(found)


def completed(
    macros: Mapping[str, str], rules: Sequence[Rule], dialect: Dialect
) -> tuple[dict[str, str], tuple[RuleProblem, ...]]:
    """`macros` with everything that `rules` define, undefine and compute."""
    current = dict(macros)
    if not rules:
        return current, ()
    seen: set[frozenset[Define]] = set()
    problems: dict[int, RuleProblem] = {}
    for _ in range(MAX_ROUNDS):
        problems.clear()  # what went wrong on the way counts only if it still does at rest
        before = dict(current)
        changing: list[Rule] = []
        for rule in rules:
            if not _holds(rule, current, dialect, problems):
                continue
            size, copy = len(current), dict(current)
            for name in rule.undefine:
                current.pop(name, None)
            current.update(rule.define)
            for name, expression in rule.compute:
                result = _value(expression, current, dialect)
                if result.error is not None:
                    problems[id(expression)] = RuleProblem(expression, rule, result.error)
                else:
                    current[name] = str(result.value)
            if len(current) != size or current != copy:
                changing.append(rule)
        if current == before:
            return current, tuple(problems.values())
        state = frozenset(current.items())
        if state in seen:
            break
        seen.add(state)
    rule = changing[0]
    message = "this rule and others undo each other without end: " if len(changing) > 1 else "this rule never settles: "
    changed = sorted({name for one in changing for name in _targets(one)})
    problems[-1] = RuleProblem(rule.when, rule, message + ", ".join(changed))
    return current, tuple(problems.values())


def settle(macros: Mapping[str, str], rules: Sequence[Rule], dialect: Dialect) -> Settled:
    """Everything the rules say about a variant that starts with `macros`."""
    current, found = completed(macros, rules, dialect)
    problems = {id(problem): problem for problem in found}
    engines: tuple[str, ...] | None = None
    profiles: tuple[str, ...] | None = None
    overrides: dict[str, float] = {}
    for rule in rules:
        if rule.engines is None and rule.profiles is None and not rule.overrides:
            continue
        if _holds(rule, current, dialect, problems):
            engines = engines if rule.engines is None else rule.engines
            profiles = profiles if rule.profiles is None else rule.profiles
            overrides.update(rule.overrides)
    return Settled(current, engines, profiles, tuple(overrides.items()), found)


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
    names: Iterable[str], rules: Sequence[Rule], values: Mapping[str, set[str]]
) -> tuple[tuple[Rule, ...], frozenset[str]]:
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


def _targets(rule: Rule) -> tuple[str, ...]:
    return (*(name for name, _ in rule.define), *rule.undefine, *(name for name, _ in rule.compute))


def _sources(rule: Rule) -> tuple[str, ...]:
    conditions = [expression.condition for _, expression in rule.compute]
    if rule.when is not None:
        conditions.append(rule.when.condition)
    return tuple(name for condition in conditions for name in condition.names)


def _holds(rule: Rule, macros: Mapping[str, str], dialect: Dialect, problems: dict[int, RuleProblem]) -> bool:
    if rule.when is None:
        return True
    result = _value(rule.when, macros, dialect)
    if result.error is not None:
        problems[id(rule.when)] = RuleProblem(rule.when, rule, result.error)
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
