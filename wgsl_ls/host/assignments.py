"""Assignments, and what a move leaves behind."""

from __future__ import annotations

from typing import Any

from wgsl_ls.host.conversions import optional
from wgsl_ls.host.cpp_types import CppType, base_name
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.machine import Frame, Machine, NotUnderstood, SizedRef, described
from wgsl_ls.host.program import Program
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import is_symbolic, is_text
from wgsl_ls.host.values import (
    UNSET,
    ListValue,
    MapValue,
    OptionalValue,
    Ref,
    StructValue,
    copied_value,
    held,
    n_elements,
)


class Assignments(Evaluator):
    def __init__(self, program: Program, pure: frozenset[str]) -> None:
        super().__init__(program, pure)
        self._relisted: dict[tuple[Node, str], Value] = {}

    def _e_assignment_expression(self, node: Node) -> Value:
        left, right, operator = node.field("left"), node.field("right"), node.operator
        if left is None or right is None:
            return self.not_understood(node, operator)
        place = self.lvalue(left)
        listed = right.kind == "initializer_list"
        value = self.expression(right) if not listed else None
        source = self.moved(right) if operator == "=" else None
        field_name = (left.field("field") or left).text if left.kind == "field_expression" else ""
        variable = left.text if left.kind == "identifier" else ""

        def assign(frame: Frame) -> Any:
            target = place(frame)
            machine = frame.machine
            if not isinstance(target, Ref):
                if isinstance(target, StructValue) and target.type == "tie" and value is not None:
                    return self.untied(target, value(frame), node)
                written = machine.written_to(target)
                if written is None and (is_symbolic(target) or isinstance(target, MapValue)):
                    return target
                if written is None:
                    raise NotUnderstood(left, f"an assignment to {described(target)}")
                target = written
            if operator == "=":
                new = self.relisted(target, right, frame) if value is None else _own(value(frame), machine)
            else:
                assert value is not None
                old = target.get()
                if old is UNSET:
                    raise NotUnderstood(left, f"{left.text} is read before it has a value")
                given = value(frame)
                if isinstance(old, StructValue) and self.overloaded(operator, old, [given], node, frame) is not None:
                    return target
                new = self.combined(operator[:-1], old, given, node, frame)
                if isinstance(old, bool) and isinstance(new, int):
                    new = bool(new)
            if machine.guard is not None:
                new = self.guarded_value(machine, new, target, left)
            if variable and (isinstance(new, (int, float)) or is_symbolic(new)):
                new = frame.wrapped(variable, new)
            elif isinstance(target, SizedRef) and is_symbolic(new):
                new = machine.narrowed(new, target.bits)
            if isinstance(target, Ref) and not isinstance(new, OptionalValue) and self.is_optional(target):
                new = optional(new)
            if field_name and is_symbolic(new):
                machine.note("alias", new, field_name)
                machine.aliases.setdefault(new, field_name)
            self.stored(target, new, frame, node)
            if source is not None:
                self.emptied(source(frame))
            target.set(new)
            return new

        return assign

    def is_optional(self, target: Ref) -> bool:
        try:
            return isinstance(target.get(), OptionalValue)
        except (KeyError, IndexError):
            return False

    def untied(self, target: StructValue, value: Any, node: Node) -> Any:
        """`std::tie(a, b) = ...`."""
        value = held(value)
        parts = list(value.fields.values()) if isinstance(value, StructValue) else []
        if len(parts) != len(target.fields):
            raise NotUnderstood(node, "taking apart what is no pair")
        for place, part in zip(target.fields.values(), parts, strict=True):
            place.set(copied_value(held(part)))
        return target

    def guarded_value(self, machine: Machine, new: Any, target: Ref, node: Node) -> Any:
        """What a place holds after an assignment that may not happen."""
        try:
            old = target.get()
        except (KeyError, IndexError):
            old = UNSET
        if old is UNSET or not (_is_scalar(new) and _is_scalar(old)):
            raise NotUnderstood(node, f"{node.text} is set on one path only")
        return machine.world.terms.apply("?:", machine.guard, new, old)

    def relisted(self, target: Ref, right: Node, frame: Frame) -> Any:
        """The value of `{...}` assigned to a place that has a type already."""
        try:
            old = target.get()
        except (KeyError, IndexError):
            old = UNSET
        name = "vector"
        if isinstance(old, StructValue):
            name = old.type
        elif isinstance(old, (MapValue, str)):
            name = "map" if isinstance(old, MapValue) else "string"
        elif isinstance(old, OptionalValue):
            name = "optional"
        key = (right, name)
        run = self._relisted.get(key)
        if run is None:
            run = self._relisted[key] = self.initialised(CppType(name), right)
        return run(frame)

    def _e_update_expression(self, node: Node) -> Value:
        argument, operator, prefix = node.field("argument"), node.operator, node.is_prefix
        if argument is None:
            return self.not_understood(node, operator)
        place = self.place(argument)

        def update(frame: Frame) -> Any:
            target = place(frame)
            if not isinstance(target, Ref):
                written = frame.machine.written_to(target)
                if written is None:
                    raise NotUnderstood(argument, f"{operator} of {described(target)}")
                target = written
            old = frame.machine.scalar(target.get())
            if old is UNSET:
                raise NotUnderstood(node, f"{argument.text} is read before it has a value")
            new = self.combined(operator[0], old, 1, node, frame)
            if argument.kind == "identifier" and (isinstance(new, int) or is_symbolic(new)):
                new = frame.wrapped(argument.text, new)
            target.set(new)
            return new if prefix else old

        return update

    def moved(self, node: Node) -> Value | None:
        """The variable that `std::move(variable)` takes from."""
        function, arguments = node.field("function"), node.field("arguments")
        if node.kind != "call_expression" or function is None or arguments is None or len(arguments.children) != 1:
            return None
        is_move = base_name(function) == "move" and arguments.children[0].kind == "identifier"
        return self.place(arguments.children[0]) if is_move else None

    def emptied(self, place: Any) -> None:
        """What texts, lists and maps leave behind when another object takes what they hold."""
        value = held(place)
        if isinstance(value, ListValue):
            value.items, value.origins, value.guards = [], [], {}
        elif isinstance(value, MapValue):
            value.entries, value.keys, value.origins = {}, {}, {}
        elif isinstance(place, Ref) and (isinstance(value, str) or is_text(value)):
            place.set("")


def _own(value: Any, machine: Machine) -> Any:
    """A value as a variable that it is assigned to holds it."""
    value = held(value)
    machine.effort.spend(n_elements(value))
    return copied_value(value)


def _is_scalar(value: Any) -> bool:
    return is_symbolic(value) or isinstance(value, (str, int, float))
