"""Replayed calls: what a call did on the path before, where this path made the same choices up to its end.

A path is run from its start again for every combination of choices, and most of it is what the path before did. A
call that ended before the first choice that differs did the same again, so its effects are put in place instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wgsl_ls.host.knowledge import Situation
from wgsl_ls.host.machine import Machine
from wgsl_ls.host.program import Function
from wgsl_ls.host.values import Expanded, ListValue, MapValue, OptionalValue, Outside, Pointer, StructValue, held


@dataclass(frozen=True, slots=True)
class _Effects:
    function: Function
    end: int  # choices made when the call was over
    n_calls: int  # calls begun when it was over
    value: Any
    state: Situation
    written: dict[str, Any]
    aliases: dict[object, str]
    waiting: tuple[Expanded, ...]


class CallReplay:
    """The calls of the path before, by the order in which they began. Of one run of one function."""

    def __init__(self) -> None:
        self._calls: dict[int, _Effects] = {}
        self._n_calls = 0

    def start(self, n_unchanged: int) -> None:
        """Before a path whose first `n_unchanged` choices are those of the path before."""
        self._calls = {index: effects for index, effects in self._calls.items() if effects.end <= n_unchanged}
        self._n_calls = 0

    def begin(self) -> int:
        self._n_calls += 1
        return self._n_calls

    def repeated(self, index: int, function: Function, machine: Machine) -> _Effects | None:
        """Put the effects of the call in place, where they are known."""
        effects = self._calls.get(index)
        if effects is None or effects.function is not function:
            return None
        knowledge = machine.knowledge
        knowledge.state = effects.state
        knowledge.choices.skip_to(effects.end)
        machine.written = dict(effects.written)
        machine.aliases = dict(effects.aliases)
        machine.waiting = list(effects.waiting)
        self._n_calls = effects.n_calls
        return effects

    def ended(self, index: int, function: Function, machine: Machine, value: Any) -> None:
        if isinstance(value, Expanded):
            return  # it changes when something is made of it
        knowledge = machine.knowledge
        self._calls[index] = _Effects(
            function,
            knowledge.choices.position,
            self._n_calls,
            fresh(value),
            knowledge.state,
            dict(machine.written),
            dict(machine.aliases),
            tuple(machine.waiting),
        )


def can_repeat(function: Function, arguments: list[Any], this: StructValue | None, machine: Machine) -> bool:
    """Has the call no effect but its value, and what it assumes and asks for?"""
    if machine.guard is not None or function.is_macro:
        return False
    if this is not None and machine.objects.get(this.type) is not this:
        return False
    for parameter, argument in zip(function.parameters, arguments, strict=False):
        value = held(argument)
        changeable = parameter.type.is_reference or parameter.type.is_pointer
        if changeable and not parameter.type.is_const and not isinstance(value, Outside):
            return False
    return True


def fresh(value: Any) -> Any:
    """A copy that shares nothing that may change."""
    if isinstance(value, Pointer):
        return Pointer(fresh(value.target))
    if isinstance(value, StructValue):
        return StructValue(value.type, {name: fresh(one) for name, one in value.fields.items()})
    return value.copy() if isinstance(value, (ListValue, MapValue, OptionalValue)) else value
