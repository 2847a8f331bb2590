"""Case: what is assumed of the inputs in one of the cases that a path is run for; Reasoning: what follows from it.

A condition on one input narrows that input's domain; one on several is kept as a fact, and is taken into account
whenever one of its inputs is asked about again. Where too many combinations would have to be looked at, the
condition is only remembered by itself ("loose"), so that combinations may be kept that cannot be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from wgsl_ls.host.effort import Effort
from wgsl_ls.host.terms import Input, Term, Terms, Undefined, allowed, evaluate, inputs_of, is_symbolic
from wgsl_ls.host.witnesses import Answer, witness

OPERATION: Final = "dst->op"
"""The input that says which operation a path is for."""
MOST_COMBINATIONS: Final = 12_000
_MOST_REMEMBERED: Final = 200_000
_FEW: Final = 8  # numbers that conditions leave of a sample: all are meant then

Fact = tuple[Term, bool]
Domain = tuple[object, ...]
Cache = dict[object, object]
_Step = tuple[Input, Domain, int, list[Fact]]
"""An input, its values (also as bits), and the facts that it is the last to decide."""
_Links = dict[tuple[Input, ...], tuple[tuple[Input, ...], tuple[Fact, ...]]]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """`domains`: of inputs that not all values are left of; `trace`: what was decided, with the answers; `links`: what
    `facts` link, found already; `reasons`: what narrowed the sample of an input, where all of that is known; `memo`:
    what else was found of it, by whom asked."""

    domains: dict[Input, Domain] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    loose: dict[object, bool] = field(default_factory=dict)
    trace: tuple[tuple[object, object], ...] = ()
    is_loose: bool = False
    links: _Links = field(default_factory=dict)
    reasons: Mapping[Input, tuple[Answer, ...]] = field(default_factory=dict)
    memo: dict[object, Any] = field(default_factory=dict)

    @property
    def key(self) -> object:
        """What is assumed, without how it came to that."""
        return frozenset(self.domains.items()), self.facts, frozenset(self.loose.items())

    def inputs(self) -> Iterator[Input]:
        """What something is assumed of."""
        yield from self.domains
        for term, _ in self.facts:
            yield from term.inputs

    def domain(self, one: Input) -> Domain:
        return self.domains.get(one, one.domain)

    def start(self) -> Case:
        """For other paths, which begin with what is assumed here."""
        return Case(self.domains, self.facts, self.loose, links=self.links, reasons=self.reasons)

    def narrowed(
        self, one: Input, values: Domain, decided: tuple[tuple[object, object], ...] = (), why: Answer | None = None
    ) -> Case:
        domains = {**self.domains, one: values}
        reasons = self.reasons
        if one.limits is not None:
            before = reasons.get(one, ()) if one in reasons or one not in self.domains else None
            reasons = {name: answers for name, answers in reasons.items() if name is not one}
            if why is not None and before is not None:
                reasons[one] = (*before, why)
        return Case(domains, self.facts, self.loose, self.trace + decided, self.is_loose, self.links, reasons)

    def with_fact(self, fact: Fact, decided: tuple[tuple[object, object], ...] = ()) -> Case:
        trace = self.trace + decided
        return Case(self.domains, (*self.facts, fact), self.loose, trace, self.is_loose, reasons=self.reasons)

    def with_loose(self, value: object, answer: bool, decided: tuple[tuple[object, object], ...] = ()) -> Case:
        loose = {**self.loose, value: answer}
        is_loose = self.is_loose or bool(decided)
        return Case(self.domains, self.facts, loose, self.trace + decided, is_loose, self.links, self.reasons)

    def preferring(self, one: Input, value: object) -> Case:
        """Looks at `value` first, where it is possible."""
        domain = self.domain(one)
        if value not in domain or domain[0] == value:
            return self
        return self.narrowed(one, (value, *(other for other in domain if other != value)))

    def with_trace(self, value: object, answer: object) -> Case:
        trace = (*self.trace, (value, answer))
        return Case(self.domains, self.facts, self.loose, trace, self.is_loose, self.links, self.reasons)


def joined(cases: Iterable[Case]) -> list[Case]:
    """The same with fewer: what differs only in the domain of one input is one with both domains. (Not of the
    operation: that is what the rest is told by.)"""
    found = list(cases)
    for one in dict.fromkeys(one for case in found for one in case.domains if one.name != OPERATION):
        groups: dict[object, list[Case]] = {}
        for case in found:
            others = frozenset(pair for pair in case.domains.items() if pair[0] is not one)
            groups.setdefault((others, frozenset(case.facts), frozenset(case.loose.items())), []).append(case)
        if len(groups) < len(found):
            found = [_union(group, one) if len(group) > 1 else group[0] for group in groups.values()]
    return found


def _union(cases: Sequence[Case], one: Input) -> Case:
    values = {value for case in cases for value in case.domain(one)}
    domains = {**cases[0].domains, one: tuple(value for value in one.domain if value in values)}
    if len(values) == len(one.bits):
        del domains[one]
    reasons = {name: answers for name, answers in cases[0].reasons.items() if name is not one}
    return Case(domains, cases[0].facts, cases[0].loose, reasons=reasons)


class Reasoning:
    """Questions to cases; the answers are kept in `cache`."""

    def __init__(self, cache: Cache, terms: Terms, effort: Effort) -> None:
        if len(cache) > _MOST_REMEMBERED:
            cache.clear()
        self._cache = cache
        self._terms = terms
        self._masks = terms.masks
        self.effort = effort

    def options(self, case: Case, value: object) -> tuple[object, object]:
        """What makes `value` true and false in the case: values of its one input, or for a value that rests on several
        whether it can be. Nothing: it cannot."""
        inputs = inputs_of(value)
        if len(inputs) == 1:
            yes, no = self.partition(case, value, inputs[0])
            if yes and no and case.facts:
                yes, no = self._supported(case, inputs[0], yes), self._supported(case, inputs[0], no)
            return yes, no
        assert isinstance(value, Term)
        answers = self.answers(case, value)
        if answers is None:
            known = case.loose.get(value)
            return known is not False, known is not True
        return True in answers, False in answers

    def taken(self, case: Case, value: object, options: tuple[object, object], answer: bool) -> Case | None:
        """The case in which that is the answer; None where it cannot be."""
        chosen, other = options if answer else (options[1], options[0])
        if not chosen:
            return None
        if not other:
            return case
        self.effort.spend(1 + (len(case.domains) + len(case.loose) + len(case.trace)) // 16)  # all that is copied
        decided = ((value, answer),)
        inputs = inputs_of(value)
        if len(inputs) == 1:
            return case.narrowed(inputs[0], chosen, decided, (value, answer))  # type: ignore[arg-type]  # see `options`
        assert isinstance(value, Term)
        if self.answers(case, value) is None:
            return case.with_loose(value, answer, decided)
        return case.with_fact((value, answer), decided)

    def assumed(self, case: Case, value: object) -> Case | None:
        """The case with `value` assumed; None where it cannot hold."""
        inputs = inputs_of(value)
        if not inputs:
            return case if value else None
        if len(inputs) == 1:
            yes, _ = self.partition(case, value, inputs[0])
            return case.narrowed(inputs[0], yes, why=(value, True)) if yes else None
        assert isinstance(value, Term)
        answers = self.answers(case, value)
        if answers is None:
            return case.with_loose(value, True)
        if answers == (False,):
            return None
        return case.with_fact((value, True)) if len(answers) == 2 else case

    def known(self, case: Case, value: object) -> bool | None:
        """The truth of `value` where it is settled already, found without much work."""
        if isinstance(value, Input) or (isinstance(value, Term) and len(value.inputs) == 1):
            yes, no = self.partition(case, value, value if isinstance(value, Input) else value.inputs[0])
            return None if bool(yes) is bool(no) else bool(yes)
        if not isinstance(value, Term):
            return bool(value)
        if value.op == "!":
            inner = self.known(case, value.args[0])
            return None if inner is None else not inner
        if value.op in ("&&", "||"):
            sides = [self.known(case, arg) for arg in value.args]
            stop = value.op == "||"
            if stop in sides:
                return stop
            return None if None in sides else not stop
        return None

    def split(self, case: Case, value: object) -> Iterator[tuple[bool, Case]]:
        """The truth of `value`, and the case in which it is that: as often as there are ways to it."""
        if not is_symbolic(value):
            yield bool(value), case
            return
        if isinstance(value, Term) and len(value.inputs) > 1:
            op = value.op
            if op in ("!", "bool"):
                for answer, one in self.split(case, value.args[0]):
                    yield answer is not (op == "!"), one
                return
            if op in ("&&", "||"):
                first, second = value.args
                stop = op == "||"
                settled = self.known(case, second)  # what the second says already need not be asked of the first
                if settled is stop:
                    yield stop, case
                    return
                for answer, one in self.split(case, first):
                    if answer is stop or settled is not None:
                        yield answer, one
                    else:
                        yield from self.split(one, second)
                return
            if op == "?:":
                for answer, one in self.split(case, value.args[0]):
                    yield from self.split(one, value.args[1] if answer else value.args[2])
                return
        if self.is_beyond(case, value):
            for made, one in self.settled(case, value):
                yield from self.split(one, made)
            return
        options = self.options(case, value)
        for answer in (True, False):
            taken = self.taken(case, value, options, answer)
            if taken is not None:
                yield answer, taken

    def is_beyond(self, case: Case, value: object) -> bool:
        """Is it a value with choices, whose inputs are too many to be combined? Its choices are to be made one by one:
        taken as a whole it would be one thing here and another there."""
        chooses = isinstance(value, Term) and value.chooses and len(value.inputs) > 1
        return chooses and isinstance(value, Term) and self.answers(case, value) is None

    def settled(self, case: Case, value: object) -> Iterator[tuple[object, Case]]:
        """`value` without choices that one value of a chosen input would hide (`Term.chooses`)."""
        if not isinstance(value, Term) or not value.chooses:
            yield value, case
        elif value.op == "?:" and any(one.chosen for one in inputs_of(value.args[0])):
            for answer, one in self.split(case, value.args[0]):
                yield from self.settled(one, value.args[1 if answer else 2])
        else:
            combinations: list[tuple[tuple[object, ...], Case]] = [((), case)]
            for arg in value.args:
                combinations = [
                    ((*before, made), settled)
                    for before, one in combinations
                    for made, settled in self.settled(one, arg)
                ]
            for args, one in combinations:
                yield self._terms.apply(value.op, *args), one

    def assignments(
        self, case: Case, inputs: tuple[Input, ...], one_per_choice: bool = False
    ) -> Iterator[dict[Input, object]]:
        """Assignments to `inputs` (and those linked to them) that agree with all that is assumed.
        `one_per_choice`: of inputs whose domain is only a sample one value is taken, the first that fits, unless the
        conditions leave only a few of them."""
        parts = [
            self._part(case, part, facts, inputs if one_per_choice else None)
            for part, facts in _independent(*self.linked(case, inputs))
        ]
        return _product(parts)

    def _part(
        self, case: Case, part: tuple[Input, ...], facts: tuple[Fact, ...], wanted: tuple[Input, ...] | None
    ) -> Sequence[dict[Input, object]]:
        """The assignments to inputs that no fact links with others; all values only of those of `wanted` whose domain
        is no sample, or of which the conditions leave a few."""
        enumerated = [one for one in part if wanted is None or (one in wanted and _is_listed(one, case.domain(one)))]
        key = (part, tuple(map(case.domain, part)), facts, tuple(enumerated))
        known = self._cache.get(key)
        if known is None:
            rest = [one for one in part if one not in enumerated]
            found: list[dict[Input, object]] = []
            more = self._plan(case, rest, facts, enumerated)
            for assignment in _assigned({}, self._plan(case, enumerated, facts, ()), 0, self.effort):
                for extended in _assigned(assignment, more, 0, self.effort):
                    found.append(dict(extended))
                    break
                for one in rest:
                    assignment.pop(one, None)
            known = self._cache[key] = found
        return known  # type: ignore[return-value]  # the cache is shared by several kinds of question

    def _plan(self, case: Case, inputs: Sequence[Input], facts: Sequence[Fact], known: Iterable[Input]) -> list[_Step]:
        """In which order inputs are given values, and which facts can be looked at then."""
        seen = set(known)
        plan: list[_Step] = []
        for one in inputs:
            seen.add(one)
            checks = [fact for fact in facts if one in fact[0].inputs and seen.issuperset(fact[0].inputs)]
            domain = case.domain(one)
            mask = self._masks.get((one, domain))
            if mask is None:
                mask = self._masks[one, domain] = sum({one.bits[value] for value in domain})
            plan.append((one, domain, mask, checks))
        return plan

    def _is_possible(self, case: Case, linked: tuple[Input, ...], facts: Sequence[Fact]) -> bool:
        """Does some assignment agree with the facts? (The longest domain is looked at last: it costs one look.)"""
        inputs = sorted(linked, key=lambda one: len(case.domain(one)))
        return _exists({}, self._plan(case, inputs, facts, ()), 0, self.effort)

    def _supported(self, case: Case, one: Input, values: tuple[object, ...]) -> tuple[object, ...]:
        """`values` when some assignment of the linked inputs agrees with one of them, else nothing."""
        linked, facts = self.linked(case, (one,))
        if len(linked) == 1 or self._combinations(case, linked) is None:
            return values
        key = (one, values, tuple([case.domain(other) for other in linked if other is not one]), facts)
        known = self._cache.get(key)
        if known is None:
            known = self._cache[key] = self._is_possible(case.narrowed(one, values), linked, facts)
        return values if known else ()

    def possible(self, case: Case, one: Input, values: Sequence[object]) -> tuple[object, ...]:
        """Those of `values` that all that is assumed allows."""
        return tuple(value for value in values if not case.facts or self._supported(case, one, (value,)))

    def partition(self, case: Case, value: object, one: Input) -> tuple[tuple[object, ...], tuple[object, ...]]:
        domain = case.domain(one)
        key = (value, domain)
        known = self._cache.get(key)
        if known is None:
            self.effort.spend(1 + len(domain) // 2)
            yes: list[object] = []
            no: list[object] = []
            for option in domain:
                try:
                    (yes if evaluate(value, {one: option}) else no).append(option)
                except Undefined:
                    continue
            known = self._cache[key] = (tuple(yes), tuple(no))
        if one.limits is not None and not all(known):  # type: ignore[arg-type]  # as below
            self._widen(case, value, one, bool(known[0]))  # type: ignore[index]  # as below
        return known  # type: ignore[return-value]  # the cache is shared by several kinds of question

    def _widen(self, case: Case, value: object, one: Input, answer: bool) -> None:
        """Look for a value that the sample of `one` lacks, for which the answer is another."""
        reasons = case.reasons.get(one)
        key = ("wider", value, one, reasons)
        if (reasons is None and one in case.domains) or key in self._cache:
            return
        self.effort.spend(len(one.domain) + len(reasons or ()))
        self._cache[key] = True
        found = witness(value, not answer, one, reasons or ())
        if found is not None:
            self._terms.found.setdefault(one.name, {})[found] = None

    def answers(self, case: Case, value: Term) -> tuple[bool, ...] | None:
        """The truth values that are possible; None when that is too much to find out."""
        linked, facts = self.linked(case, inputs_of(value))
        if self._combinations(case, linked) is None:
            return None
        key = (value, tuple([case.domain(one) for one in linked]), facts)
        known = self._cache.get(key)
        if known is None:
            known = self._cache[key] = tuple(
                answer for answer in (False, True) if self._is_possible(case, linked, [*facts, (value, answer)])
            )
        return known  # type: ignore[return-value]

    def linked(self, case: Case, inputs: tuple[Input, ...]) -> tuple[tuple[Input, ...], tuple[Fact, ...]]:
        """The inputs that facts link with these, and those facts."""
        found = case.links.get(inputs)
        if found is None:
            facts = case.facts
            linked = dict.fromkeys(inputs)
            grown = bool(facts)
            while grown:
                grown = False
                self.effort.spend(1 + len(facts) // 4)
                for term, _ in facts:
                    if any(one in linked for one in term.inputs) and not all(one in linked for one in term.inputs):
                        linked.update(dict.fromkeys(term.inputs))
                        grown = True
            found = case.links[inputs] = (
                tuple(linked),
                tuple([fact for fact in facts if any(one in linked for one in fact[0].inputs)]),
            )
        return found

    def _combinations(self, case: Case, inputs: tuple[Input, ...]) -> int | None:
        """How many there are to be looked at, the longest domain not counted: it costs one look; None: too many."""
        sizes = sorted(max(1, len(case.domain(one))) for one in inputs)
        count = math.prod(sizes[:-1])
        return count if count <= MOST_COMBINATIONS else None


def _is_listed(one: Input, domain: Domain) -> bool:
    """Are all values used? Of a sample where conditions leave a few, such as `n == 1 || n == 4`, and not the largest,
    which stands for all that are larger."""
    return not one.chosen or (len(domain) <= min(_FEW, len(one.domain) // 4) and one.largest not in domain)


def _independent(
    inputs: tuple[Input, ...], facts: tuple[Fact, ...]
) -> list[tuple[tuple[Input, ...], tuple[Fact, ...]]]:
    """Groups of inputs that no fact links with each other, with the facts of each."""
    if not facts:
        return [((one,), ()) for one in inputs]
    group: dict[Input, int] = {one: index for index, one in enumerate(inputs)}
    for term, _ in facts:
        joined = {group[one] for one in term.inputs}
        if len(joined) > 1:
            least = min(joined)
            group.update({one: least for one, index in group.items() if index in joined})
    members: dict[int, list[Input]] = {}
    for one in inputs:
        members.setdefault(group[one], []).append(one)
    return [
        (tuple(part), tuple([fact for fact in facts if group[fact[0].inputs[0]] == index]))
        for index, part in members.items()
    ]


def _product(parts: Sequence[Sequence[dict[Input, object]]]) -> Iterator[dict[Input, object]]:
    """One assignment of every part, put together."""
    settled: dict[Input, object] = {}
    for part in parts:
        if len(part) == 1:
            settled.update(part[0])
    for chosen in product(*(part for part in parts if len(part) != 1)):
        whole = dict(settled)
        for assignment in chosen:
            whole.update(assignment)
        yield whole


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
