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
from wgsl_ls.host.model import HostDefine, HostGap, HostInput, HostVariant
from wgsl_ls.host.terms import Input, Term, Undefined, evaluate, inputs_of, is_symbolic, spelled
from wgsl_ls.host.values import Expanded, Origin
from wgsl_ls.text.span import Location

_MOST_SHOWN = 4


class Defaults(Protocol):
    @property
    def defaults(self) -> Mapping[str, str]: ...


class Emitter:
    def __init__(self, shaders: Mapping[str, Defaults], most: int) -> None:
        self._shaders = shaders
        self._most = most
        self._defines: dict[tuple[str, Location, str], HostDefine] = {}
        self._inputs: dict[tuple[str, str, bool], HostInput] = {}
        self._tuples: dict[tuple[object, ...], tuple[Any, ...]] = {}
        self._found: dict[tuple[str, str, int], HostVariant] = {}  # by profile, shader and which list of macros
        self._made: dict[tuple[str, int], HostVariant] = {}
        self._of_run: dict[int, tuple[HostVariant, ...]] = {}
        self._runs: list[object] = []
        self._seen: set[object] = set()
        self._askers: dict[str, dict[Function, None]] = {}
        self.functions: set[Function] = set()

    @property
    def stems(self) -> set[str]:
        return {variant.shader for variant in self._found.values()}

    def asked_by(self, stem: str) -> tuple[Function, ...]:
        return tuple(self._askers.get(stem, ()))

    def begin(self) -> None:
        self._made = {}
        self._seen = set()

    def end(self, run: object) -> None:
        self._runs.append(run)  # kept alive, so that its id stays its own
        self._of_run[id(run)] = tuple(self._made.values())

    def give(self, run: object, profile: str) -> None:
        """The variants of a run hold for devices of `profile`."""
        for made in self._of_run.get(id(run), ()):
            key = (profile, made.shader, id(made.defines))
            if key not in self._found:
                self._found[key] = _for_profile(made, profile)

    def plain(self, variant: HostVariant) -> None:
        defines = self._shared(variant.defines)
        self._found.setdefault((variant.profile, variant.shader, id(defines)), variant)

    def variants(self) -> tuple[HostVariant, ...]:
        return tuple(self._found.values())

    def send(self, machine: Machine, expanded: Expanded, label: Any) -> list[HostGap]:
        """What a path asked for, with all that it assumes."""
        self.functions.add(expanded.function)
        self._askers.setdefault(expanded.shader.stem, {})[expanded.function] = None
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
                return HostGap(unknown.location, f"a macro rests on {one.name}, which is not known")
        for one, value in self._preferred(expanded, given).items():
            domain = knowledge.domain(one)
            if value in domain:
                knowledge.domains[one] = (value, *(other for other in domain if other != value))
        label_inputs = tuple(dict.fromkeys((*inputs, *inputs_of(label))))
        fixed = self._decided(machine, knowledge)
        for assignment in knowledge.assignments(label_inputs, one_per_choice=True):
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
                define = self._define(value, location, when)
                defines[define.name] = define
            name = str(evaluate(label, assignment)) if is_symbolic(label) else str(label)
        except Undefined:
            return
        listed = self._shared(tuple(defines.values()))
        key = (expanded.shader.stem, id(listed))
        if key in self._made:
            return
        values = [
            self._input(_alias(machine, one), one.label(assignment[one]), one.chosen or one.guessed) for one in inputs
        ]
        known = {value.name for value in values}
        all_inputs = self._shared((*(one for one in fixed if one.name not in known), *values))
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
                found[name] = self._input(name, text, False)
        return self._shared(tuple(found.values()))

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

    def _define(self, text: str, location: Location, when: str) -> HostDefine:
        key = (text, location, when)
        known = self._defines.get(key)
        if known is None:
            name, equals, value = text.partition("=")
            known = self._defines[key] = HostDefine(name.strip(), value if equals else None, location, when)
        return known

    def _input(self, name: str, value: str, chosen: bool) -> HostInput:
        key = (name, value, chosen)
        known = self._inputs.get(key)
        if known is None:
            known = self._inputs[key] = HostInput(name, value, chosen)
        return known

    def _shared(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return self._tuples.setdefault(values, values)


def _for_profile(variant: HostVariant, profile: str) -> HostVariant:
    return HostVariant(
        variant.shader, variant.label, variant.defines, variant.inputs, profile, variant.function, variant.op
    )


def _alias(machine: Machine, value: object) -> str:
    found = machine.aliases.get(value)
    return found if found is not None else spelled(value)


def _answer(answer: object) -> str:
    return str(answer).lower() if isinstance(answer, bool) else str(answer)
