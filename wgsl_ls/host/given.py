"""Given: the macros of one call of the preprocessor; in which combinations, and with which texts, a case gives them.

Most are given always, with a text that is known: those are made once. The others are told apart by their condition and
open text alone (an item), so that what follows from a case holds for every list of macros with the same items: for
another path, and after an edit that changes a known text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final, TypeVar

from wgsl_ls.host.caches import inputs_of_key, worked_out
from wgsl_ls.host.cases import Case, Reasoning
from wgsl_ls.host.machine import Machine
from wgsl_ls.host.model import HostDefine
from wgsl_ls.host.parts import Parts
from wgsl_ls.host.terms import Input, Undefined, evaluate, inputs_of, is_symbolic
from wgsl_ls.host.values import GivenAt, Lookup

FEW_KEYS: Final = 8
_MANY_KEYS: Final = 16
_MOST_NUMBERS: Final = 24
_FEW_BRANCHES: Final = 1_024  # of one case, and variants of one combination: so many are kept for later
_FEW_VARIANTS: Final = 32

Texts = tuple[object, ...]
"""Of each item: its text; True: as it is written; None: it is not there."""
_Item = tuple[object, object]
"""A condition, and an open text (None: it is known)."""
_Found = TypeVar("_Found")
_Made = tuple[Texts, str, dict[Input, object]]


class Given:
    """Macros with which something is expanded: the same for all that is expanded with these."""

    def __init__(self, defines: tuple[tuple[Any, GivenAt, object], ...], parts: Parts) -> None:
        self._parts = parts
        items: dict[_Item, int] = {}
        self._all: list[tuple[Any, GivenAt, int]] = []  # which of the items it is; -1: none, and it is made already
        for text, origin, guard in defines:
            if guard is True and not is_symbolic(text):
                self._all.append((parts.define(text, *origin), origin, -1))
            else:
                item = items.setdefault((guard, text if is_symbolic(text) else None), len(items))
                self._all.append((text, origin, item))
        self._items = tuple(items)
        self.inputs = tuple(dict.fromkeys(one for item in items for of in reversed(item) for one in inputs_of(of)))
        self._known = [one if item < 0 else None for one, _, item in self._all]
        names = [one.name for one in self._known if one is not None]
        self._names = frozenset(names)
        self._is_each_once = len(names) == len(self._names)
        self._open: list[tuple[int, int, Any, GivenAt, dict[object, HostDefine]]] = [
            (place, item, text, origin, {}) for place, (text, origin, item) in enumerate(self._all) if item >= 0
        ]
        self._lists: dict[Texts, tuple[HostDefine, ...]] = {}

    def branches(self, machine: Machine, case: Case) -> Iterator[Branch]:
        """Every combination of them that the case allows."""
        key = ("branches", self._items)
        known = case.memo.get(key)
        found: list[Branch] = []
        for branch in known if known is not None else _combined(machine, case, self._items):
            machine.effort.spend(len(self._all))
            found.append(branch)
            yield branch
        if len(found) <= _FEW_BRANCHES and not machine.knowledge.state.is_full:
            case.memo[key] = found
            machine.knowledge.state.tally.n_kept += len(found)

    def defines(self, texts: Texts) -> tuple[HostDefine, ...]:
        """The list with these texts."""
        listed = self._lists.get(texts)
        if listed is None:
            found = self._known.copy()
            names: set[str] = set()
            n_there = 0
            for place, item, text, origin, made in self._open:
                given = texts[item]
                if given is not None:
                    one = made.get(given)
                    if one is None:
                        one = made[given] = self._parts.define(text if given is True else str(given), *origin)
                    found[place] = one
                    names.add(one.name)
                    n_there += 1
            there = tuple(filter(None, found))
            if not self._is_each_once or len(names) < n_there or not names.isdisjoint(self._names):
                there = tuple({one.name: one for one in there}.values())
            listed = self._lists[texts] = self._parts.defines(there)
        return listed


class Branch:
    """One combination of the items, and what is assumed in it. `open_texts`: those that rest on `inputs`."""

    __slots__ = ("_memo", "_open", "_values", "case", "inputs", "open_texts")

    def __init__(self, case: Case, values: tuple[object, ...]) -> None:
        self.case = case
        self._values = values
        self._open = [(item, value) for item, value in enumerate(values) if is_symbolic(value)]
        self.open_texts = [value for _, value in self._open]
        self.inputs = tuple(dict.fromkeys(one for text in self.open_texts for one in inputs_of(text)))
        self._memo: dict[object, Any] = {}

    def _texts(self, assignment: Mapping[Input, object]) -> Texts:
        """Raises Undefined."""
        texts = list(self._values)
        for item, text in self._open:
            texts[item] = str(evaluate(text, assignment))
        return tuple(texts)

    def kept(self, key: object, find: Callable[[], _Found]) -> _Found:
        """What `find` gives, found once."""
        found: _Found | None = self._memo.get(key)
        if found is None:
            found = self._memo[key] = find()
        return found

    def ordered(self, preferred: tuple[tuple[Input, object], ...]) -> Case:
        """What is assumed, with the values that are to be looked at first."""

        def order() -> Case:
            case = self.case
            for one, value in preferred:
                case = case.preferring(one, value)
            return case

        return self.kept(preferred, order) if preferred else self.case

    def variants(self, reasoning: Reasoning, case: Case, label: object) -> Iterable[_Made]:
        """The texts of each variant, its label, and the values that these rest on; `case`: this one's, ordered. A
        tuple of few of them is always the same."""
        known = self._memo.get((case, label))
        if known is None:
            made = self._worked_out(reasoning, case, label)
            few = tuple(islice(made, _FEW_VARIANTS + 1))
            if len(few) > _FEW_VARIANTS:
                return chain(few, made)
            known = self._memo[case, label] = few
        return known

    def _worked_out(self, reasoning: Reasoning, case: Case, label: object) -> Iterator[_Made]:
        inputs = tuple(dict.fromkeys((*self.inputs, *inputs_of(label))))
        seen: set[tuple[object, ...]] = set()
        found: set[Texts] = set()
        for assignment in reasoning.assignments(case, inputs, one_per_choice=True):
            values = tuple([assignment[one] for one in self.inputs])
            if values in seen:
                continue
            try:
                texts, name = self._texts(assignment), str(evaluate(label, assignment))
            except Undefined:
                continue
            seen.add(values)
            if texts not in found:
                found.add(texts)
                yield texts, name, assignment

    def since(self, lookup: Lookup) -> tuple[tuple[object, ...], tuple[Input, ...]]:
        """What was decided since the lookup, and the inputs that this and the variants rest on."""

        def find() -> tuple[tuple[object, ...], tuple[Input, ...]]:
            decided = tuple([value for value, _ in self.case.trace if value not in lookup.decided])
            rests_on = (one for value in (*decided, *self.inputs) for one in inputs_of(value))
            return decided, tuple(dict.fromkeys(rests_on))

        return self.kept(lookup.decided, find)

    def keys(
        self, reasoning: Reasoning, case: Case, lookup: Lookup, fixed: tuple[Input, ...], is_told: bool
    ) -> tuple[tuple[Texts, object], ...]:
        """Texts of some variants, each with a key that the lookup has for it; `case`: this one's, ordered."""

        def find() -> tuple[tuple[Texts, object], ...]:
            wanted = tuple(dict.fromkeys((*self.inputs, *inputs_of_key(lookup.leaves), *fixed)))
            numbers = [one for one in wanted if one.chosen and not is_told]
            narrowed = case
            for one in numbers:
                few = case.domain(one)[: max(2, _MOST_NUMBERS // len(numbers) ** 2)]
                narrowed = narrowed.narrowed(one, few)
            found: dict[tuple[Texts, object], None] = {}
            assignments = reasoning.assignments(narrowed, wanted, one_per_choice=is_told)
            for assignment in islice(assignments, FEW_KEYS if is_told else _MANY_KEYS):
                try:
                    key = worked_out(lookup.leaves, assignment), *(assignment[one] for one in fixed)
                    found[self._texts(assignment), key] = None
                except Undefined:
                    continue
            return tuple(found)

        return self.kept((case, lookup.leaves, fixed, is_told), find)


def _combined(machine: Machine, case: Case, items: tuple[_Item, ...]) -> Iterator[Branch]:
    reasoning, effort = machine.knowledge.reasoning, machine.effort
    waiting: list[tuple[Case, tuple[object, ...]]] = [(case, ())]
    while waiting:
        case, found = waiting.pop()
        while len(found) < len(items):
            effort.spend()
            guard, text = items[len(found)]
            made: list[tuple[Case, tuple[object, ...]]] = []
            for is_there, one in reasoning.split(case, guard):
                if not is_there:
                    made.append((one, (*found, None)))
                elif text is None:
                    made.append((one, (*found, True)))
                else:
                    for value, settled in reasoning.settled(one, text):
                        made.append((settled, (*found, value if is_symbolic(value) else str(value))))
            if len(made) != 1:
                waiting.extend(reversed(made))
                break
            case, found = made[0]
        else:
            yield Branch(case, found)
