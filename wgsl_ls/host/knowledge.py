"""Knowledge: what one path through the host assumes about the inputs, and Choices: which paths there are.

A path is run for several cases at once (cases.py): those in which a gate says yes. A condition forks it only where
both answers are possible in some of them; a case in which the answer cannot be is left behind.
"""

from __future__ import annotations

from collections.abc import Sequence

from wgsl_ls.host.cases import Case, Domain, Reasoning
from wgsl_ls.host.terms import Input, Term, Terms, Undefined, evaluate, inputs_of


class Pruned(Exception):
    """The host does not go on here: an assertion fails, or it aborts."""


class Thrown(Pruned):
    """An exception of the host's own, which it may catch."""


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


class Knowledge:
    """`cases`: those that the path is still about."""

    def __init__(self, terms: Terms, choices: Choices, cases: Sequence[Case], reasoning: Reasoning) -> None:
        self.terms = terms
        self.choices = choices
        self.cases = tuple(cases)
        self.reasoning = reasoning

    @property
    def is_loose(self) -> bool:
        return any(case.is_loose for case in self.cases)

    def domain(self, one: Input) -> Domain:
        if len(self.cases) == 1:
            return self.cases[0].domain(one)
        values = {value for case in self.cases for value in case.domain(one)}
        return one.domain if len(values) == len(one.bits) else tuple(value for value in one.domain if value in values)

    def decide(self, value: object) -> bool:
        """The truth of `value` on this path; forks when both are possible."""
        if isinstance(value, Input):
            return self._decide(value)
        if not isinstance(value, Term):
            return bool(value)
        if len(value.inputs) == 1:
            return self._decide(value)
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
        return self._decide(value)

    def _decide(self, value: Input | Term) -> bool:
        reasoning = self.reasoning
        options = [reasoning.options(case, value) for case in self.cases]
        can_be = any(one[0] for one in options), any(one[1] for one in options)
        if can_be == (False, False):
            raise Pruned
        answer = self.choices.choose(2) == 0 if can_be == (True, True) else can_be[0]
        taken = (reasoning.taken(case, value, one, answer) for case, one in zip(self.cases, options, strict=True))
        self.cases = tuple([case for case in taken if case is not None])
        return answer

    def known(self, value: object) -> bool | None:
        """The truth of `value` where it is settled already in all cases, found without much work."""
        first = self.reasoning.known(self.cases[0], value)
        if first is None or all(self.reasoning.known(case, value) is first for case in self.cases[1:]):
            return first
        return None

    def assume(self, value: object) -> None:
        """`value` holds, or the path ends (Pruned). Never forks."""
        if isinstance(value, Term) and value.op == "&&":
            for arg in value.args:
                self.assume(arg)
            return
        assumed = (self.reasoning.assumed(case, value) for case in self.cases)
        self.cases = tuple([case for case in assumed if case is not None])
        if not self.cases:
            raise Pruned

    def concrete(self, value: object) -> object:
        """One known value for `value`; forks over all that are possible."""
        inputs = inputs_of(value)
        if not inputs:
            return value
        found: dict[object, None] = {}
        for case in self.cases:
            for assignment in self.reasoning.assignments(case, inputs):
                try:
                    found[evaluate(value, assignment)] = None
                except Undefined:
                    continue
        if not found:
            raise Pruned
        options = list(found)
        chosen = options[self.choices.choose(len(options))] if len(options) > 1 else options[0]
        self.assume(self.terms.apply("==", value, chosen))
        self.cases = tuple([case.with_trace(value, chosen) for case in self.cases])
        return chosen
