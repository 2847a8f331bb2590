"""Knowledge: what one path through the host assumes about the inputs, and Choices: which paths there are.

A path is run for several cases at once (cases.py): those in which a gate says yes. A condition forks it only where
both answers are possible in some of them; a case in which the answer cannot be is left behind. What follows from a
decision is found once for all paths that came to it the same way, in this reading and in later ones (Situation).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import is_
from typing import Any, Final

from wgsl_ls.host.cases import Case, Domain, Reasoning
from wgsl_ls.host.terms import Input, Term, Terms, Undefined, evaluate, inputs_of

_MOST_KEPT: Final = 100_000  # ten times what a large host needs


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
class Tally:
    n_kept: int = 0


class Situation:
    """Cases that a path is about, and what is known to follow from them: where each decision leads to. `tally`: how
    much is kept of it and of all that began with the same cases."""

    __slots__ = ("_decided", "_domains", "assumed", "cases", "decisions", "options", "settled", "tally")

    def __init__(self, cases: Iterable[Case], tally: Tally | None = None) -> None:
        self.cases = tuple(cases)
        self.tally = tally or Tally()
        self.tally.n_kept += 1 + len(self.cases)
        self.decisions: dict[object, _Decision] = {}
        self.settled: dict[object, bool | None] = {}
        self.assumed: dict[object, Situation | None] = {}  # None: it cannot hold
        self.options: dict[object, tuple[object, ...]] = {}
        self._decided: frozenset[object] | None = None
        self._domains: dict[Input, Domain] = {}

    def domain(self, one: Input) -> Domain:
        """Its values in any of the cases."""
        if len(self.cases) == 1:
            return self.cases[0].domain(one)
        found = self._domains.get(one)
        if found is None:
            values = {value for case in self.cases for value in case.domain(one)}
            is_whole = len(values) == len(one.bits)
            found = one.domain if is_whole else tuple(value for value in one.domain if value in values)
            self._domains[one] = found
        return found

    @property
    def is_full(self) -> bool:
        """Is so much kept that no more is to be, and a later reading had better begin anew? (Each edit of a condition
        adds to it.)"""
        return self.tally.n_kept > _MOST_KEPT

    @property
    def decided(self) -> frozenset[object]:
        """What was decided in any of the cases."""
        if self._decided is None:
            self._decided = frozenset(one for case in self.cases for one, _ in case.trace)
        return self._decided

    def then(self, cases: Iterable[Case | None]) -> Situation:
        """With the cases that are left."""
        left = tuple([case for case in cases if case is not None])
        is_same = len(left) == len(self.cases) and all(map(is_, left, self.cases))
        return self if is_same else Situation(left, self.tally)


class _Decision:
    """What makes a value true and false in each case, and where the answers lead."""

    __slots__ = ("can_be", "no", "options", "yes")

    def __init__(self, options: list[tuple[object, object]]) -> None:
        self.options = options
        self.can_be = any(one[0] for one in options), any(one[1] for one in options)
        self.yes: Situation | None = None
        self.no: Situation | None = None


class Knowledge:
    """`state`: the cases that the path is still about."""

    def __init__(self, terms: Terms, choices: Choices, state: Situation, reasoning: Reasoning) -> None:
        self.terms = terms
        self.choices = choices
        self.state = state
        self.reasoning = reasoning
        self.recorder: Any = None
        """Notes what is asked, see recall.py."""

    def answer(self, kind: str, of: Any) -> Any:
        """Ask as the method of that name."""
        recorder, self.recorder = self.recorder, None
        try:
            if recorder is not None:
                recorder.asks(kind, of)
            effort = self.reasoning.effort
            left = effort.left
            answer = _ASKED[kind](self, of)
            if not self.state.is_full:
                effort.for_good += left - effort.left
            if recorder is not None:
                recorder.answered(answer)
            return answer
        finally:
            self.recorder = recorder

    @property
    def cases(self) -> tuple[Case, ...]:
        return self.state.cases

    @property
    def is_loose(self) -> bool:
        return any(case.is_loose for case in self.cases)

    def domain(self, one: Input) -> Domain:
        return self.answer("domain", one) if self.recorder is not None else self.state.domain(one)

    def decide(self, value: object) -> bool:
        """The truth of `value` on this path; forks when both are possible."""
        if self.recorder is not None and isinstance(value, (Term, Input)):
            return bool(self.answer("decide", value))
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
        state, reasoning = self.state, self.reasoning
        found = state.decisions.get(value)
        if found is None and any(reasoning.is_beyond(case, value) for case in state.cases):
            return self.decide(self.settled(value))
        if found is None:
            found = _Decision([reasoning.options(case, value) for case in state.cases])
            if not state.is_full:
                state.decisions[value] = found
        if found.can_be == (False, False):
            raise Pruned
        answer = self.choices.choose(2) == 0 if found.can_be == (True, True) else found.can_be[0]
        after = found.yes if answer else found.no
        if after is None:
            pairs = zip(state.cases, found.options, strict=True)
            after = state.then(reasoning.taken(case, value, one, answer) for case, one in pairs)
            if answer:
                found.yes = after
            else:
                found.no = after
            if found.can_be != (True, True) or (found.yes is not None and found.no is not None):
                found.options = []  # all that follows is known
        self.state = after
        return answer

    def known(self, value: object) -> bool | None:
        """The truth of `value` where it is settled already in all cases, found without much work."""
        if not isinstance(value, (Term, Input)):
            return bool(value)
        if self.recorder is not None:
            return self.answer("known", value)  # type: ignore[no-any-return]
        settled = self.state.settled
        if value not in settled:
            cases, known = self.cases, self.reasoning.known
            first = known(cases[0], value)
            is_known = first is None or all(known(case, value) is first for case in cases[1:])
            settled[value] = first if is_known else None
        return settled[value]

    def assume(self, value: object) -> None:
        """`value` holds, or the path ends (Pruned). Forks only over choices in it that would be too much to combine."""
        if self.recorder is not None and isinstance(value, (Term, Input)):
            self.answer("assume", value)
            return
        if isinstance(value, Term) and value.op == "&&":
            for arg in value.args:
                self.assume(arg)
            return
        if not isinstance(value, (Term, Input)):
            if not value:
                raise Pruned
            return
        state = self.state
        if value not in state.assumed and any(self.reasoning.is_beyond(case, value) for case in state.cases):
            if not self.decide(value):
                raise Pruned
            return
        if value not in state.assumed:
            after = state.then(self.reasoning.assumed(case, value) for case in state.cases)
            state.assumed[value] = after if after.cases else None
        assumed = state.assumed[value]
        if assumed is None:
            raise Pruned
        self.state = assumed

    def settled(self, value: object) -> object:
        """`value` without choices that rest on numbers of which only a sample is known: those are made."""
        if not isinstance(value, Term) or not value.chooses:
            return value
        if self.recorder is not None:
            return self.answer("settled", value)
        if value.op == "?:" and any(one.chosen for one in inputs_of(value.args[0])):
            return self.settled(value.args[1 if self.decide(value.args[0]) else 2])
        return self.terms.apply(value.op, *[self.settled(arg) for arg in value.args])

    def concrete(self, value: object) -> object:
        """One known value for `value`; forks over all that are possible."""
        inputs = inputs_of(value)
        if not inputs:
            return value
        if self.recorder is not None:
            return self.answer("concrete", value)
        options = self.state.options.get(value)
        if options is None:
            found: dict[object, None] = {}
            for case in self.cases:
                for assignment in self.reasoning.assignments(case, inputs):
                    try:
                        found[evaluate(value, assignment)] = None
                    except Undefined:
                        continue
            options = self.state.options[value] = tuple(found)
        if not options:
            raise Pruned
        chosen = options[self.choices.choose(len(options))] if len(options) > 1 else options[0]
        self.assume(self.terms.apply("==", value, chosen))
        key = ("is", value, chosen)
        after = self.state.assumed.get(key)
        if after is None:
            after = self.state.assumed[key] = Situation(
                (case.with_trace(value, chosen) for case in self.cases), self.state.tally
            )
        self.state = after
        return chosen


_ASKED: Final = {
    "decide": Knowledge.decide,
    "known": Knowledge.known,
    "assume": Knowledge.assume,
    "settled": Knowledge.settled,
    "concrete": Knowledge.concrete,
    "domain": Knowledge.domain,
}
