"""Emitter: what a path asked for -> HostVariants, one for every set of values that its macros' texts rest on.

Values of inputs that are all there are, are all used; of a number that stands for any number one value is chosen,
the shader's own default where it fits. Equal macros, inputs and lists of them are one object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, Protocol

from wgsl_ls.host.caches import Telling
from wgsl_ls.host.cases import Case
from wgsl_ls.host.given import FEW_KEYS, Branch, Given, Texts
from wgsl_ls.host.machine import Machine
from wgsl_ls.host.memory import FunctionId, Kept, Run
from wgsl_ls.host.model import HostGap, HostGate, HostInput, HostVariant
from wgsl_ls.host.parts import Parts
from wgsl_ls.host.program import Function
from wgsl_ls.host.terms import Input, Term, inputs_of, spelled
from wgsl_ls.host.values import Expanded, Lookup
from wgsl_ls.text.span import Location

_MOST_SHOWN = 4
_MOST_KEPT: Final = 8_000
_EVERY: Final = 8

_Told = tuple[Texts, str, tuple[HostInput, ...]]


class Defaults(Protocol):
    @property
    def defaults(self) -> Mapping[str, str]: ...


class _Sending:
    """Something that is sent. `n_made`: variants before it; `aliases`: how its path calls what it decided;
    `n_looked`: at how many combinations of macros, by whether a key tells all that was decided; `fixed`: what is known
    of Emitter._is_fixed."""

    __slots__ = ("aliases", "expanded", "fixed", "given", "label", "machine", "n_looked", "n_made", "operation")

    def __init__(
        self,
        machine: Machine,
        expanded: Expanded,
        given: Given,
        label: Any,
        n_made: int,
        fixed: dict[Input, bool],
    ) -> None:
        self.machine = machine
        self.expanded = expanded
        self.given = given
        self.label = label
        self.n_made = n_made
        self.fixed = fixed
        self.aliases = frozenset(machine.aliases.items())
        self.operation = machine.operation()
        self.n_looked = {True: 0, False: 0}


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
        self._kept: dict[tuple[object, ...], Kept] = {}
        self._telling: dict[object, Telling] = {}
        self._answered: dict[object, tuple[str, HostInput | None]] = {}
        self._askers: dict[str, dict[Function, None]] = {}
        self._spelled: dict[object, str] = {}
        self._spoken: dict[str, bool] = {}
        self.functions: set[Function] = set()
        self._given: dict[object, Given] = {}
        self._given_by: dict[int, tuple[object, Given]] = {}  # by id of the list, which is kept with it
        self._fixed: dict[object, dict[Input, bool]] = {}  # by all that it is told by, which only grows
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
        return tuple(self._made.values()), tuple(self._sent), tuple(self._kept.values())

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
        given = self._given_of(expanded)
        key = (expanded.location, expanded.shader, given, label, knowledge.choices.so_far())
        if key in self._seen:
            return []
        self._seen.add(key)
        world = machine.world
        fixed = self._fixed.setdefault((id(world), len(world.unknown), len(world.globals), *machine.objects), {})
        sending = _Sending(machine, expanded, given, label, len(self._made), fixed)
        inputs = tuple(dict.fromkeys((*given.inputs, *inputs_of(label))))
        for case in knowledge.cases:
            linked, facts = knowledge.reasoning.linked(case, inputs)
            loose = frozenset(case.loose.items())
            same = (expanded.shader, given, label, linked, tuple(map(case.domain, linked)), facts, loose)
            if same in self._seen:
                continue  # another path came to this too
            self._seen.add(same)
            for branch in given.branches(machine, case):
                gap = self._branch(sending, branch)
                if gap is None and len(self._made) - sending.n_made > self._most:
                    gap = HostGap(expanded.location, f"more than {self._most:,} variants")
                if gap is not None:
                    return [gap]
        return []

    def _given_of(self, expanded: Expanded) -> Given:
        """One for all that is expanded with these macros; a call that is repeated gives the very same list."""
        defines = expanded.defines
        known = self._given_by.get(id(defines))
        if known is None:
            given = self._given.get(defines)
            if given is None:
                given = self._given[defines] = Given(defines, self._parts)
            known = self._given_by[id(defines)] = (defines, given)
        return known[1]

    def _branch(self, sending: _Sending, branch: Branch) -> HostGap | None:
        """The variants of one combination of macros."""
        machine, expanded, given = sending.machine, sending.expanded, sending.given
        for one in branch.inputs:
            unknown = machine.world.unknown.get(one.name)
            if unknown is not None:
                return HostGap(unknown, f"a macro rests on {one.name}, which is not known")
        stem, function, made, spend = expanded.shader.stem, expanded.function.name, self._made, machine.effort.spend
        case = branch.ordered(branch.kept(stem, lambda: self._preferred(stem, branch.open_texts)))
        for texts, name, inputs in self._told(sending, branch, case):
            spend(len(texts))
            listed = given.defines(texts)
            key = (stem, id(listed))
            if key not in made:
                made[key] = HostVariant(stem, name, listed, inputs, "", function, sending.operation)
        for lookup in expanded.lookups:
            self._look(sending, branch, case, lookup)
        return None

    def _told(self, sending: _Sending, branch: Branch, case: Case) -> Iterable[_Told]:
        """The texts, label and inputs of each variant."""
        machine = sending.machine
        variants = branch.variants(machine.knowledge.reasoning, case, sending.label)

        def told() -> Iterator[_Told]:
            fixed: dict[str, HostInput] | None = None
            for texts, name, assignment in variants:
                if fixed is None:
                    fixed = self._decided(machine, case)
                yield texts, name, self._inputs(machine, branch.inputs, assignment, fixed)

        if not isinstance(variants, tuple):
            return told()
        return branch.kept((case, sending.label, sending.aliases), lambda: tuple(told()))

    def _look(self, sending: _Sending, branch: Branch, case: Case, lookup: Lookup) -> None:
        """The keys under which the variants of one combination of macros are kept: of few combinations where the key
        has all that was decided since it was looked for."""
        if case.loose or len(self._kept) > _MOST_KEPT:
            return  # numbers that were not compared with each other would give keys that are none
        machine, expanded = sending.machine, sending.expanded
        decided, rests_on = branch.since(lookup)
        for one in rests_on:
            if one not in sending.fixed:
                sending.fixed[one] = self._is_fixed(one, machine)
        fixed = tuple(filter(sending.fixed.get, rests_on))
        told = self._telling.get((lookup.leaves, fixed))
        if told is None:
            told = self._telling[lookup.leaves, fixed] = Telling((*lookup.leaves, *fixed))
        is_told = all(map(told.of, decided)) and all(map(told.of, branch.inputs))
        sending.n_looked[is_told] += 1
        n_looked = sending.n_looked[is_told]
        if n_looked > FEW_KEYS and (is_told or n_looked % _EVERY):
            return
        for texts, key in branch.keys(machine.knowledge.reasoning, case, lookup, fixed, is_told):
            machine.effort.spend()
            listed = sending.given.defines(texts)
            place = (lookup.member, lookup.location, key, expanded.shader.stem, id(listed))
            if place not in self._kept:
                self._kept[place] = Kept(lookup.member, lookup.location, key, expanded.shader.stem, listed)

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
            one = inputs[0] if len(inputs) == 1 and inputs[0].labels and not isinstance(answer, str) else None
            key: object = (value, type(answer), answer, machine.aliases.get(value))
            if one is not None:
                key = (one, case.domain(one), machine.aliases.get(one))
            told = self._answered.get(key)
            if told is None:
                told = self._answered[key] = self._said(machine, case, one, value, answer)
            name, input_ = told
            if input_ is not None:
                found[name] = input_
        return found

    def _said(
        self, machine: Machine, case: Case, one: Input | None, value: object, answer: object
    ) -> tuple[str, HostInput | None]:
        if one is not None:
            domain = case.domain(one)
            shown = " or ".join(map(one.label, domain[:_MOST_SHOWN]))
            text = shown if len(domain) <= _MOST_SHOWN else f"{shown} or {len(domain) - _MOST_SHOWN} others"
            name = self._alias(machine, one)
        else:
            name = self._alias(machine, value)
            text = value.label(answer) if isinstance(value, Input) else _answer(answer)
        return name, self._parts.input(name, text, False) if self._is_spoken(name, machine) else None

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

    def _preferred(self, stem: str, texts: list[object]) -> tuple[tuple[Input, object], ...]:
        """The shader's own defaults for numbers that are chosen."""
        shader = self._shaders.get(stem)
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
        return tuple(found.items())


def _for_profile(variant: HostVariant, profile: str, gate: HostGate | None) -> HostVariant:
    return HostVariant(
        variant.shader, variant.label, variant.defines, variant.inputs, profile, variant.function, variant.op, gate
    )


def _answer(answer: object) -> str:
    return str(answer).lower() if isinstance(answer, bool) else str(answer)
