"""Emitter: what a path asked for -> HostVariants, one for every set of values that its macros' texts rest on.

Values of inputs that are all there are, are all used; of a number that stands for any number one value is chosen,
the shader's own default where it fits. Equal macros, inputs and lists of them are one object.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Protocol

from wgsl_ls.host.declarations import Function
from wgsl_ls.host.knowledge import Choices, Knowledge, Pruned
from wgsl_ls.host.machine import Machine
from wgsl_ls.host.memory import FunctionId, Run
from wgsl_ls.host.model import HostDefine, HostGap, HostGate, HostInput, HostVariant
from wgsl_ls.host.parts import Parts
from wgsl_ls.host.terms import Input, Term, Undefined, evaluate, inputs_of, is_symbolic, spelled
from wgsl_ls.host.values import Expanded, Origin

_MOST_SHOWN = 4


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
        self._askers: dict[str, dict[Function, None]] = {}
        self.functions: set[Function] = set()

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

    def end(self) -> tuple[tuple[HostVariant, ...], tuple[tuple[str, Function], ...]]:
        """The variants of this run, and which functions asked for which shaders."""
        return tuple(self._made.values()), tuple(self._sent)

    def give(self, run: Run, profile: str, functions: Mapping[FunctionId, Function]) -> None:
        """The variants of a run hold for devices of `profile`."""
        for stem, identity in run.askers:
            self._askers.setdefault(stem, {})[functions[identity]] = None
            self.functions.add(functions[identity])
        for made in run.made:
            key = (profile, made.shader, id(made.defines))
            if key not in self._found:
                self._found[key] = _for_profile(made, profile, self._gates.get(made.op))

    def plain(self, variant: HostVariant) -> None:
        defines = self._parts.defines(variant.defines)
        self._found.setdefault((variant.profile, variant.shader, id(defines)), variant)

    def variants(self) -> tuple[HostVariant, ...]:
        return tuple(self._found.values())

    def send(self, machine: Machine, expanded: Expanded, label: Any) -> list[HostGap]:
        """What a path asked for, with all that it assumes."""
        self._sent[expanded.shader.stem, expanded.function] = None
        knowledge = machine.knowledge
        key = (expanded.location, knowledge.choices.so_far())
        if key in self._seen:
            return []
        self._seen.add(key)
        choices = Choices()
        start = knowledge.assumptions()
        n_made = len(self._made)
        while True:
            choices.start()
            local = knowledge.branched(choices, start)
            machine.effort.spend(len(expanded.defines))
            try:
                given = [
                    (machine.world.terms.settled(text, local.decide), origin)
                    for text, origin, guard in expanded.defines
                    if local.decide(guard)
                ]
            except (Pruned, Undefined):
                given = []
            else:
                gap = self._branch(machine, local, expanded, given, label)
                if gap is not None:
                    return [gap]
            if len(self._made) - n_made > self._most:
                return [HostGap(expanded.location, f"more than {self._most:,} variants")]
            if not choices.advance():
                return []

    def _branch(
        self, machine: Machine, knowledge: Knowledge, expanded: Expanded, given: list[tuple[Any, Origin]], label: Any
    ) -> HostGap | None:
        """The variants of one combination of macros."""
        inputs = tuple(dict.fromkeys(one for text, _ in given for one in inputs_of(text)))
        for one in inputs:
            unknown = machine.world.unknown.get(one.name)
            if unknown is not None:
                return HostGap(unknown, f"a macro rests on {one.name}, which is not known")
        for one, value in self._preferred(expanded, given).items():
            domain = knowledge.domain(one)
            if value in domain:
                knowledge.domains[one] = (value, *(other for other in domain if other != value))
        label_inputs = tuple(dict.fromkeys((*inputs, *inputs_of(label))))
        fixed = self._decided(machine, knowledge)
        for assignment in knowledge.assignments(label_inputs, one_per_choice=True):
            machine.effort.spend(len(given))
            self._one(machine, expanded, given, label, inputs, assignment, fixed)
        return None

    def _one(
        self,
        machine: Machine,
        expanded: Expanded,
        given: list[tuple[Any, Origin]],
        label: Any,
        inputs: tuple[Input, ...],
        assignment: Mapping[Input, object],
        fixed: tuple[HostInput, ...],
    ) -> None:
        defines: dict[str, HostDefine] = {}
        try:
            for text, (location, when) in given:
                value = str(evaluate(text, assignment)) if is_symbolic(text) else text
                define = self._parts.define(value, location, when)
                defines[define.name] = define
            name = str(evaluate(label, assignment)) if is_symbolic(label) else str(label)
        except Undefined:
            return
        listed = self._parts.defines(tuple(defines.values()))
        key = (expanded.shader.stem, id(listed))
        if key in self._made:
            return
        values = [
            self._parts.input(_alias(machine, one), one.label(assignment[one]), one.chosen or one.guessed)
            for one in inputs
        ]
        known = {value.name for value in values}
        all_inputs = self._parts.inputs((*(one for one in fixed if one.name not in known), *values))
        self._made[key] = HostVariant(
            expanded.shader.stem, name, listed, all_inputs, "", expanded.function.name, machine.operation()
        )

    def _decided(self, machine: Machine, knowledge: Knowledge) -> tuple[HostInput, ...]:
        """What a path decided on its way, in the host's words."""
        found: dict[str, HostInput] = {}
        for decided, answer in (*machine.knowledge.trace, *knowledge.trace):
            value = decided
            while isinstance(value, Term) and value.op in ("!", "bool") and isinstance(answer, bool):
                answer = answer is not (value.op == "!")
                value = value.args[0]
            inputs = inputs_of(value)
            if len(inputs) == 1 and inputs[0].labels and not isinstance(answer, str):
                one = inputs[0]
                domain = knowledge.domain(one)
                shown = " or ".join(map(one.label, domain[:_MOST_SHOWN]))
                text = shown if len(domain) <= _MOST_SHOWN else f"{shown} or {len(domain) - _MOST_SHOWN} others"
                name = _alias(machine, one)
            else:
                name = _alias(machine, value)
                text = inputs[0].label(answer) if isinstance(value, Input) else _answer(answer)
            if not any(fnmatchcase(name, pattern) for pattern in machine.world.library.unspoken):
                found[name] = self._parts.input(name, text, False)
        return self._parts.inputs(tuple(found.values()))

    def _preferred(self, expanded: Expanded, given: list[tuple[Any, Origin]]) -> dict[Input, object]:
        """The shader's own defaults for numbers that are chosen."""
        shader = self._shaders.get(expanded.shader.stem)
        found: dict[Input, object] = {}
        for text, _ in given:
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


def _for_profile(variant: HostVariant, profile: str, gate: HostGate | None) -> HostVariant:
    return HostVariant(
        variant.shader, variant.label, variant.defines, variant.inputs, profile, variant.function, variant.op, gate
    )


def _alias(machine: Machine, value: object) -> str:
    found = machine.aliases.get(value)
    return found if found is not None else spelled(value)


def _answer(answer: object) -> str:
    return str(answer).lower() if isinstance(answer, bool) else str(answer)
