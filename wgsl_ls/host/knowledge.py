"""Knowledge: what one path through the host assumes about the inputs, and Choices: which paths there are.

A condition forks a path only where what is assumed so far leaves both answers open. A condition on one input
narrows that input's domain; one on several is kept as a fact, and is taken into account whenever one of its
inputs is asked about again. Where too many combinations would have to be looked at, the condition is only
remembered by itself ("loose"), so that combinations may be kept that cannot be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from wgsl_ls.host.effort import Effort
from wgsl_ls.host.terms import Input, Term, Terms, Undefined, allowed, evaluate, inputs_of

MOST_COMBINATIONS: Final = 12_000
_MOST_REMEMBERED: Final = 200_000


class Pruned(Exception):
    """The host does not go on here: an assertion fails, or it aborts."""


class Choices:
    """Depth-first replay: a path is run again from its start with the next combination of choices."""

    def __init__(self) -> None:
        self._script: list[tuple[int, int]] = []
        self._position = 0

    def start(self) -> None:
        self._position = 0

    def choose(self, n_options: int) -> int:
        if self._position < len(self._script):
            chosen = self._script[self._position][0]
        else:
            chosen = 0
            self._script.append((0, n_options))
        self._position += 1
        return chosen

    def skip_to(self, position: int) -> None:
        self._position = position

    @property
    def position(self) -> int:
        return self._position

    @property
    def n_unchanged(self) -> int:
        """How many of the first choices are those of the path before."""
        return max(0, len(self._script) - 1)

    def so_far(self) -> tuple[int, ...]:
        return tuple(chosen for chosen, _ in self._script[: self._position])

    def advance(self) -> bool:
        """To the next path; False when all have been run."""
        del self._script[self._position :]
        while self._script:
            chosen, n_options = self._script.pop()
            if chosen + 1 < n_options:
                self._script.append((chosen + 1, n_options))
                return True
        return False


@dataclass(slots=True)
class Assumptions:
    """What holds at the end of a path, to start others from."""

    domains: dict[Input, tuple[object, ...]] = field(default_factory=dict)
    facts: tuple[tuple[Term, bool], ...] = ()
    loose: dict[object, bool] = field(default_factory=dict)


Cache = dict[object, object]
Fact = tuple[Term, bool]
_Step = tuple[Input, tuple[object, ...], int, list[Fact]]
"""An input, its values (also as bits), and the facts that it is the last to decide."""


class Knowledge:
    def __init__(self, terms: Terms, choices: Choices, start: Assumptions, cache: Cache, effort: Effort) -> None:
        self.terms = terms
        self.effort = effort
        self.choices = choices
        self.domains = dict(start.domains)
        self.facts = list(start.facts)
        self.loose = dict(start.loose)
        self.is_loose = False
        self.trace: list[tuple[object, object]] = []
        if len(cache) > _MOST_REMEMBERED:
            cache.clear()
        self._cache = cache
        self._masks: dict[tuple[Input, tuple[object, ...]], int] = terms.masks

    def assumptions(self) -> Assumptions:
        return Assumptions(dict(self.domains), tuple(self.facts), dict(self.loose))

    def branched(self, choices: Choices, start: Assumptions) -> Knowledge:
        """The same assumptions, to go on from with other choices."""
        return Knowledge(self.terms, choices, start, self._cache, self.effort)

    def domain(self, one: Input) -> tuple[object, ...]:
        return self.domains.get(one, one.domain)

    def decide(self, value: object) -> bool:
        """The truth of `value` on this path; forks when both are possible."""
        if isinstance(value, Input):
            return self._decide_one(value, value)
        if not isinstance(value, Term):
            return bool(value)
        if len(value.inputs) == 1:
            return self._decide_one(value, value.inputs[0])
        op = value.op
        if op == "!":
            return not self.decide(value.args[0])
        if op == "bool":
            return self.decide(value.args[0])
        if op in ("&&", "||"):
            first, second = value.args
            settled = self.known(second)  # what the second says already need not be asked of the first
            if settled is not None:
                return settled if settled is (op == "||") else self.decide(first)
            answer = self.decide(first)
            return answer if answer is (op == "||") else self.decide(second)
        if op == "?:":
            return self.decide(value.args[1] if self.decide(value.args[0]) else value.args[2])
        return self._decide_jointly(value)

    def known(self, value: object) -> bool | None:
        """The truth of `value` where it is settled already, found without much work."""
        if isinstance(value, Input) or (isinstance(value, Term) and len(value.inputs) == 1):
            yes, no = self._partition(value, value if isinstance(value, Input) else value.inputs[0])
            return None if bool(yes) is bool(no) else bool(yes)
        if not isinstance(value, Term):
            return bool(value)
        if value.op == "!":
            inner = self.known(value.args[0])
            return None if inner is None else not inner
        if value.op in ("&&", "||"):
            sides = [self.known(arg) for arg in value.args]
            stop = value.op == "||"
            if stop in sides:
                return stop
            return None if None in sides else not stop
        return None

    def assume(self, value: object) -> None:
        """`value` holds, or the path ends (Pruned). Never forks."""
        if isinstance(value, Term) and value.op == "&&":
            for arg in value.args:
                self.assume(arg)
            return
        inputs = inputs_of(value)
        if not inputs:
            if not value:
                raise Pruned
        elif len(inputs) == 1:
            yes, _ = self._partition(value, inputs[0])
            if not yes:
                raise Pruned
            self.domains[inputs[0]] = yes
        elif isinstance(value, Term):
            answers = self._answers(value)
            if answers == (False,):
                raise Pruned
            if answers is None:
                self.loose[value] = True
            elif len(answers) == 2:
                self.facts.append((value, True))

    def concrete(self, value: object) -> object:
        """One known value for `value`; forks over all that are possible."""
        inputs = inputs_of(value)
        if not inputs:
            return value
        found: dict[object, None] = {}
        for assignment in self.assignments(inputs):
            try:
                found[evaluate(value, assignment)] = None
            except Undefined:
                continue
        if not found:
            raise Pruned
        options = list(found)
        chosen = options[self.choices.choose(len(options))] if len(options) > 1 else options[0]
        self.assume(self.terms.apply("==", value, chosen))
        self.trace.append((value, chosen))
        return chosen

    def assignments(self, inputs: tuple[Input, ...], one_per_choice: bool = False) -> Iterator[dict[Input, object]]:
        """Assignments to `inputs` (and those linked to them) that agree with all that is assumed.
        `one_per_choice`: of inputs whose domain is only a sample one value is taken, the first that fits."""
        linked = self._linked(inputs)
        facts = [fact for fact in self.facts if any(one in linked for one in fact[0].inputs)]
        enumerated = [one for one in linked if not (one_per_choice and (one.chosen or one not in inputs))]
        rest = [one for one in linked if one not in enumerated]
        plan, more = self._plan(enumerated, facts, ()), self._plan(rest, facts, enumerated)
        for assignment in _assigned({}, plan, 0, self.effort):
            if not more:
                yield dict(assignment)
                continue
            for extended in _assigned(assignment, more, 0, self.effort):
                yield dict(extended)
                break
            for one in rest:
                assignment.pop(one, None)

    def _plan(self, inputs: Sequence[Input], facts: list[Fact], known: Iterable[Input]) -> list[_Step]:
        """In which order inputs are given values, and which facts can be looked at then."""
        seen = set(known)
        plan: list[_Step] = []
        for one in inputs:
            seen.add(one)
            checks = [fact for fact in facts if one in fact[0].inputs and seen.issuperset(fact[0].inputs)]
            domain = self.domain(one)
            mask = self._masks.get((one, domain))
            if mask is None:
                mask = self._masks[one, domain] = sum({one.bits[value] for value in domain})
            plan.append((one, domain, mask, checks))
        return plan

    def _is_possible(self, linked: tuple[Input, ...], facts: list[Fact]) -> bool:
        """Does some assignment agree with the facts? (The longest domain is looked at last: it costs one look.)"""
        inputs = sorted(linked, key=lambda one: len(self.domain(one)))
        return _exists({}, self._plan(inputs, facts, ()), 0, self.effort)

    def _decide_one(self, value: object, one: Input) -> bool:
        yes, no = self._partition(value, one)
        if not yes and not no:
            raise Pruned
        if yes and no and self.facts:
            yes, no = self._supported(one, yes), self._supported(one, no)
        if not no:
            return True
        if not yes:
            return False
        answer = self.choices.choose(2) == 0
        self.domains[one] = yes if answer else no
        self.trace.append((value, answer))
        return answer

    def _supported(self, one: Input, values: tuple[object, ...]) -> tuple[object, ...]:
        """`values` when some assignment of the linked inputs agrees with one of them, else nothing."""
        linked = self._linked((one,))
        if len(linked) == 1 or self._combinations(linked) is None:
            return values
        facts = [fact for fact in self.facts if any(other in linked for other in fact[0].inputs)]
        key = (one, values, tuple(self.domain(other) for other in linked if other is not one), tuple(facts))
        known = self._cache.get(key)
        if known is None:
            before = self.domains.get(one)
            self.domains[one] = values
            known = self._cache[key] = self._is_possible(linked, facts)
            if before is None:
                del self.domains[one]
            else:
                self.domains[one] = before
        return values if known else ()

    def _partition(self, value: object, one: Input) -> tuple[tuple[object, ...], tuple[object, ...]]:
        domain = self.domain(one)
        key = (value, domain)
        known = self._cache.get(key)
        if known is None:
            self.effort.spend(1 + len(domain) // 4)
            yes: list[object] = []
            no: list[object] = []
            for option in domain:
                try:
                    (yes if evaluate(value, {one: option}) else no).append(option)
                except Undefined:
                    continue
            known = self._cache[key] = (tuple(yes), tuple(no))
        return known  # type: ignore[return-value]  # the cache is shared by several kinds of question

    def _decide_jointly(self, value: Term) -> bool:
        answers = self._answers(value)
        if answers is None:
            return self._decide_loosely(value)
        if not answers:
            raise Pruned
        if len(answers) == 1:
            return answers[0]
        answer = self.choices.choose(2) == 0
        self.facts.append((value, answer))
        self.trace.append((value, answer))
        return answer

    def _decide_loosely(self, value: Term) -> bool:
        known = self.loose.get(value)
        if known is None:
            self.is_loose = True
            known = self.loose[value] = self.choices.choose(2) == 0
            self.trace.append((value, known))
        return known

    def _answers(self, value: Term) -> tuple[bool, ...] | None:
        """The truth values that are possible; None when that is too much to find out."""
        linked = self._linked(value.inputs)
        if self._combinations(linked) is None:
            return None
        facts = tuple(fact for fact in self.facts if any(one in linked for one in fact[0].inputs))
        key = (value, tuple(self.domain(one) for one in linked), facts)
        known = self._cache.get(key)
        if known is None:
            known = self._cache[key] = tuple(
                answer for answer in (False, True) if self._is_possible(linked, [*facts, (value, answer)])
            )
        return known  # type: ignore[return-value]

    def _linked(self, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
        linked = dict.fromkeys(inputs)
        grown = bool(self.facts)
        while grown:
            grown = False
            self.effort.spend(1 + len(self.facts) // 4)
            for term, _ in self.facts:
                if any(one in linked for one in term.inputs) and not all(one in linked for one in term.inputs):
                    linked.update(dict.fromkeys(term.inputs))
                    grown = True
        return tuple(linked)

    def _combinations(self, inputs: tuple[Input, ...]) -> int | None:
        """How many there are to be looked at, the longest domain not counted: it costs one look; None: too many."""
        sizes = sorted(max(1, len(self.domain(one))) for one in inputs)
        product = math.prod(sizes[:-1])
        return product if product <= MOST_COMBINATIONS else None


def _assigned(
    assignment: dict[Input, object], plan: list[_Step], at: int, effort: Effort
) -> Iterator[dict[Input, object]]:
    """The assignments that a plan allows, on top of what is assigned; each the same object, to be copied."""
    if at == len(plan):
        yield assignment
        return
    effort.spend()
    one, values, mask, checks = plan[at]
    for term, expected in checks:
        mask &= allowed(term, expected, one, assignment)
    if mask:
        for value in values:
            if mask & one.bits[value]:
                assignment[one] = value
                yield from _assigned(assignment, plan, at + 1, effort)
        assignment.pop(one, None)


def _exists(assignment: dict[Input, object], plan: list[_Step], at: int, effort: Effort) -> bool:
    if at == len(plan):
        return True
    effort.spend()
    one, values, mask, checks = plan[at]
    for term, expected in checks:
        mask &= allowed(term, expected, one, assignment)
        if not mask:
            return False
    if at + 1 == len(plan):
        return bool(mask)
    for value in values:
        if mask & one.bits[value]:
            assignment[one] = value
            if _exists(assignment, plan, at + 1, effort):
                return True
    return False
