"""Emitter: what a path asked for -> HostVariants, one for every set of values that its macros' texts rest on.

Values of inputs that are all there are, are all used; of a number that stands for any number one value is chosen,
the shader's own default where it fits. Equal macros, inputs and lists of them are one object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any, Final, Protocol

from wgsl_ls.host.caches import inputs_of_key, tells, worked_out
from wgsl_ls.host.cases import Case
from wgsl_ls.host.declarations import Function
from wgsl_ls.host.machine import Machine
from wgsl_ls.host.memory import FunctionId, Kept, Run
from wgsl_ls.host.model import HostDefine, HostGap, HostGate, HostInput, HostVariant
from wgsl_ls.host.parts import Parts
from wgsl_ls.host.terms import Input, Term, Undefined, evaluate, inputs_of, is_symbolic, spelled
from wgsl_ls.host.values import Expanded, GivenAt, Lookup
from wgsl_ls.text.span import Location

_MOST_SHOWN = 4
_MOST_KEPT: Final = 8_000
_MANY_KEYS: Final = 16
_FEW_KEYS: Final = 8
_EVERY: Final = 8
_MOST_NUMBERS: Final = 24


class Defaults(Protocol):
    @property
    def defaults(self) -> Mapping[str, str]: ...


class Emitter:
    """`most`: variants of one path; `gates`: by operation, where the host says that it takes it."""

    def __init__(self, shaders: Mapping[str, Defaults], most: int, parts: Parts, gates: Mapping[str, HostGate]) -> None:
        self._gates = gates
        self._shaders = shaders
        self._most = most
        self._parts = parts
        self._found: dict[tuple[str, str, int], HostVariant] = {}  # by profile, shader and which list of macros
        self._made: dict[tuple[str, int], HostVariant] = {}
        self._seen: set[object] = set()
        self._sent: dict[tuple[str, Function], None] = {}
        self._kept: dict[Kept, None] = {}
        self._askers: dict[str, dict[Function, None]] = {}
        self._spelled: dict[object, str] = {}
        self._spoken: dict[str, bool] = {}
        self.functions: set[Function] = set()
        self._keys: dict[object, Kept] = {}
        self.clashes: dict[Location, tuple[Kept, Kept]] = {}
        """By place of a lookup, two things that it is the same for."""

    @property
    def stems(self) -> set[str]:
        return {variant.shader for variant in self._found.values()}

    def asked_by(self, stem: str) -> tuple[Function, ...]:
        return tuple(self._askers.get(stem, ()))

    def begin(self) -> None:
        """What is sent from now on is of another run."""
        self._made = {}
        self._seen = set()
        self._sent = {}
        self._kept = {}

    def end(self) -> tuple[tuple[HostVariant, ...], tuple[tuple[str, Function], ...], tuple[Kept, ...]]:
        """The variants of this run, which functions asked for which shaders, and under which keys they are kept."""
        return tuple(self._made.values()), tuple(self._sent), tuple(self._kept)

    def give(self, run: Run, profile: str, functions: Mapping[FunctionId, Function]) -> None:
        """The variants of a run hold for devices of `profile`."""
        for stem, identity in run.askers:
            self._askers.setdefault(stem, {})[functions[identity]] = None
            self.functions.add(functions[identity])
        for made in run.made:
            key = (profile, made.shader, id(made.defines))
            if key not in self._found:
                self._found[key] = _for_profile(made, profile, self._gates.get(made.op))
        for kept in run.kept:
            place = self._keys.setdefault((profile, kept.member, kept.key), kept)
            if place is not kept and kept.location not in self.clashes and not place.is_as(kept):
                self.clashes[kept.location] = (place, kept)

    def plain(self, variant: HostVariant) -> None:
        defines = self._parts.defines(variant.defines)
        self._found.setdefault((variant.profile, variant.shader, id(defines)), variant)

    def variants(self) -> tuple[HostVariant, ...]:
        return tuple(self._found.values())

    def send(self, machine: Machine, expanded: Expanded, label: Any) -> list[HostGap]:
        """What a path asked for, with all that it assumes."""
        self._sent[expanded.shader.stem, expanded.function] = None
        knowledge = machine.knowledge
        key = (expanded.location, expanded.shader, expanded.defines, label, knowledge.choices.so_far())
        if key in self._seen:
            return []
        self._seen.add(key)
        n_made = len(self._made)
        given = _Given(expanded, self._parts)
        inputs = tuple(dict.fromkeys((*given.inputs, *inputs_of(label))))
        for case in knowledge.cases:
            linked, facts = knowledge.reasoning.linked(case, inputs)
            loose = frozenset(case.loose.items())
            same = (expanded.shader, expanded.defines, label, linked, tuple(map(case.domain, linked)), facts, loose)
            if same in self._seen:
                continue  # another path came to this too
            self._seen.add(same)
            gaps = self._case(machine, case, expanded, given, label, n_made)
            if gaps:
                return gaps
        return []

    def _case(
        self, machine: Machine, case: Case, expanded: Expanded, given: _Given, label: Any, n_made: int
    ) -> list[HostGap]:
        for branch, entries in given.branches(machine, case):
            gap = self._branch(machine, branch, expanded, given, entries, label)
            if gap is None and len(self._made) - n_made > self._most:
                gap = HostGap(expanded.location, f"more than {self._most:,} variants")
            if gap is not None:
                return [gap]
        return []

    def _branch(
        self, machine: Machine, case: Case, expanded: Expanded, given: _Given, entries: Sequence[_Entry], label: Any
    ) -> HostGap | None:
        """The variants of one combination of macros."""
        open_texts = [entry[0] for entry in entries if isinstance(entry, tuple)]
        inputs = tuple(dict.fromkeys(one for text in open_texts for one in inputs_of(text)))
        for one in inputs:
            unknown = machine.world.unknown.get(one.name)
            if unknown is not None:
                return HostGap(unknown, f"a macro rests on {one.name}, which is not known")
        for one, value in self._preferred(expanded, open_texts).items():
            case = case.preferring(one, value)
        label_inputs = tuple(dict.fromkeys((*inputs, *inputs_of(label))))
        fixed: dict[str, HostInput] | None = None
        for assignment in machine.knowledge.reasoning.assignments(case, label_inputs, one_per_choice=True):
            machine.effort.spend(len(entries))
            try:
                listed = given.defines(entries, assignment)
                name = str(evaluate(label, assignment)) if is_symbolic(label) else str(label)
            except Undefined:
                continue
            key = (expanded.shader.stem, id(listed))
            if key in self._made:
                continue
            if fixed is None:
                fixed = self._decided(machine, case)
            self._made[key] = HostVariant(
                expanded.shader.stem,
                name,
                listed,
                self._inputs(machine, inputs, assignment, fixed),
                "",
                expanded.function.name,
                machine.operation(),
            )
        for lookup in expanded.lookups:
            self._look(machine, case, expanded, given, entries, inputs, lookup)
        return None

    def _look(
        self,
        machine: Machine,
        case: Case,
        expanded: Expanded,
        given: _Given,
        entries: Sequence[_Entry],
        inputs: tuple[Input, ...],
        lookup: Lookup,
    ) -> None:
        """The keys under which the variants of one combination of macros are kept: of few combinations where the key
        has all that was decided since it was looked for."""
        if case.loose or len(self._kept) > _MOST_KEPT:
            return  # numbers that were not compared with each other would give keys that are none
        decided = [value for value, _ in case.trace if value not in lookup.decided]
        rests_on = dict.fromkeys(one for value in (*decided, *inputs) for one in inputs_of(value))
        fixed = tuple(one for one in rests_on if self._is_fixed(one, machine))
        is_told = tells((*lookup.leaves, *fixed), (*decided, *inputs))
        given.n_looked[is_told] += 1
        n_looked = given.n_looked[is_told]
        if n_looked > _FEW_KEYS and (is_told or n_looked % _EVERY):
            return
        wanted = tuple(dict.fromkeys((*inputs, *inputs_of_key(lookup.leaves), *fixed)))
        numbers = [one for one in wanted if one.chosen and not is_told]
        for one in numbers:
            case = case.narrowed(one, case.domain(one)[: max(2, _MOST_NUMBERS // len(numbers) ** 2)])
        found = machine.knowledge.reasoning.assignments(case, wanted, one_per_choice=is_told)
        for assignment in islice(found, _FEW_KEYS if is_told else _MANY_KEYS):
            machine.effort.spend()
            try:
                listed = given.defines(entries, assignment)
                key = worked_out(lookup.leaves, assignment), *(assignment[one] for one in fixed)
            except Undefined:
                continue
            self._kept[Kept(lookup.member, lookup.location, key, expanded.shader.stem, listed)] = None

    def _is_fixed(self, one: Input, machine: Machine) -> bool:
        """May it be the same for as long as the host runs: a fact of the device, a global variable, a member of the
        object that keeps, what a call says that nothing is known of?"""
        world, name = machine.world, one.name.removesuffix(" != nullptr")
        if one in world.device_inputs or name in world.unknown or name in world.globals:
            return True
        return name.partition(".")[0] in machine.objects

    def _inputs(
        self,
        machine: Machine,
        inputs: tuple[Input, ...],
        assignment: Mapping[Input, object],
        fixed: Mapping[str, HostInput],
    ) -> tuple[HostInput, ...]:
        values: dict[str, HostInput] = {}
        for one in inputs:
            value = self._parts.input(self._alias(machine, one), one.label(assignment[one]), one.chosen or one.guessed)
            values.setdefault(value.name, value)
        return self._parts.inputs((*(one for name, one in fixed.items() if name not in values), *values.values()))

    def _decided(self, machine: Machine, case: Case) -> dict[str, HostInput]:
        """What a path decided on its way, in the host's words."""
        found: dict[str, HostInput] = {}
        for decided, answer in case.trace:
            value = decided
            while isinstance(value, Term) and value.op in ("!", "bool") and isinstance(answer, bool):
                answer = answer is not (value.op == "!")
                value = value.args[0]
            inputs = inputs_of(value)
            if len(inputs) == 1 and inputs[0].labels and not isinstance(answer, str):
                one = inputs[0]
                domain = case.domain(one)
                shown = " or ".join(map(one.label, domain[:_MOST_SHOWN]))
                text = shown if len(domain) <= _MOST_SHOWN else f"{shown} or {len(domain) - _MOST_SHOWN} others"
                name = self._alias(machine, one)
            else:
                name = self._alias(machine, value)
                text = inputs[0].label(answer) if isinstance(value, Input) else _answer(answer)
            if self._is_spoken(name, machine):
                found[name] = self._parts.input(name, text, False)
        return found

    def _alias(self, machine: Machine, value: object) -> str:
        found = machine.aliases.get(value)
        if found is None:
            found = self._spelled.get(value)
            if found is None:
                found = self._spelled[value] = spelled(value)
        return found

    def _is_spoken(self, name: str, machine: Machine) -> bool:
        found = self._spoken.get(name)
        if found is None:
            unspoken = machine.world.library.unspoken
            found = self._spoken[name] = not any(fnmatchcase(name, pattern) for pattern in unspoken)
        return found

    def _preferred(self, expanded: Expanded, texts: list[object]) -> dict[Input, object]:
        """The shader's own defaults for numbers that are chosen."""
        shader = self._shaders.get(expanded.shader.stem)
        found: dict[Input, object] = {}
        for text in texts:
            if not isinstance(text, Term) or len(text.inputs) != 1 or not text.inputs[0].chosen or shader is None:
                continue
            head = text
            while isinstance(head, Term) and head.op == "+":
                head = head.args[0]  # type: ignore[assignment]
            name = str(head).partition("=")[0]
            default = shader.defaults.get(name, "").rstrip("uif")
            if default.isdigit():
                found[text.inputs[0]] = int(default)
        return found


class _Given:
    """The macros of one call of the preprocessor. Those that are there on every path, with texts that are known, are
    made once."""

    def __init__(self, expanded: Expanded, parts: Parts) -> None:
        self._parts = parts
        self.n_looked = {True: 0, False: 0}
        self._made: dict[tuple[str, int], HostDefine] = {}
        self._all: list[tuple[Any, GivenAt, object, bool]] = [
            (text, origin, guard, is_symbolic(text)) for text, origin, guard in expanded.defines
        ]
        self.inputs = tuple(
            dict.fromkeys(one for text, _, guard in expanded.defines for of in (text, guard) for one in inputs_of(of))
        )

    def branches(self, machine: Machine, case: Case) -> Iterator[tuple[Case, tuple[_Entry, ...]]]:
        """Every combination of them that the case allows, with what it assumes."""
        reasoning, terms = machine.knowledge.reasoning, machine.world.terms
        n_given = len(self._all)
        waiting: list[tuple[int, Case, tuple[_Entry, ...]]] = [(0, case, ())]
        while waiting:
            index, case, before = waiting.pop()
            found = list(before)
            while index < n_given:
                machine.effort.spend()
                text, origin, guard, is_open = self._all[index]
                index += 1
                if guard is True and not is_open:
                    found.append(self._define(text, origin))
                    continue
                made: list[tuple[int, Case, tuple[_Entry, ...]]] = []
                for is_there, one in reasoning.split(case, guard):
                    if not is_there:
                        made.append((index, one, tuple(found)))
                        continue
                    for value, settled in reasoning.settled(one, text, terms):
                        entry = (value, origin) if is_symbolic(value) else self._define(str(value), origin)
                        made.append((index, settled, (*found, entry)))
                if len(made) != 1:
                    waiting.extend(reversed(made))
                    break
                case, found = made[0][1], list(made[0][2])
            else:
                yield case, tuple(found)

    def defines(self, entries: Sequence[_Entry], assignment: Mapping[Input, object]) -> tuple[HostDefine, ...]:
        """The list for one assignment. Raises Undefined."""
        found: dict[str, HostDefine] = {}
        for entry in entries:
            define = (
                entry if isinstance(entry, HostDefine) else self._define(str(evaluate(entry[0], assignment)), entry[1])
            )
            found[define.name] = define
        return self._parts.defines(tuple(found.values()))

    def _define(self, text: str, origin: GivenAt) -> HostDefine:
        key = (text, id(origin))
        known = self._made.get(key)
        if known is None:
            known = self._made[key] = self._parts.define(text, *origin)
        return known


_Entry = HostDefine | tuple[object, GivenAt]


def _for_profile(variant: HostVariant, profile: str, gate: HostGate | None) -> HostVariant:
    return HostVariant(
        variant.shader, variant.label, variant.defines, variant.inputs, profile, variant.function, variant.op, gate
    )


def _answer(answer: object) -> str:
    return str(answer).lower() if isinstance(answer, bool) else str(answer)
