"""Conversions: a value as another type's, by a cast, by being returned, or as a condition; and `c ? a : b`."""

from __future__ import annotations

from typing import Any

from wgsl_ls.host.cpp_types import CppType, type_of
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.integers import integer
from wgsl_ls.host.machine import DOUBLE, FLOATS, INTEGERS, SINGLE, STRINGS, Frame, Machine, NotUnderstood, bits_of
from wgsl_ls.host.program import Function
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import Input, Term, is_symbolic, spelled
from wgsl_ls.host.values import (
    UNSET,
    FunctionName,
    OptionalValue,
    Outside,
    Pointer,
    Position,
    Ref,
    StructValue,
    copied_value,
    held,
)


class Conversions(Evaluator):
    def truth(self, value: Any, machine: Machine) -> Any:
        """A value as a condition: pointers and objects by being there."""
        if isinstance(value, (Term, Input, bool, int, float)):
            return value
        if isinstance(value, Ref):
            return self.truth(value.get(), machine)
        if isinstance(value, StructValue) and (own := self.own_conversion("bool", value)) is not None:
            return self.truth(self.call(own, [], Frame(machine, None, None), value, own.node), machine)
        if isinstance(value, (Outside, Pointer, OptionalValue)) or value is None:
            return machine.present(value)
        if isinstance(value, Position):
            return value.key is not None
        if isinstance(value, FunctionName) and not value.overloads:
            machine.note("global", value.name)
            machine.world.globals.add(value.name)
            return machine.truth(value.name)  # nobody says what it is
        return value is not UNSET

    def own_conversion(self, name: str, value: StructValue) -> Function | None:
        """The operator of the host's own that makes another type of an object."""
        named = self.program.functions.get(f"operator {name}", ())
        return next((one for owner in self.program.lineage(value.type) for one in named if one.owner == owner), None)

    def _e_cast_expression(self, node: Node) -> Value:
        descriptor, value = node.field("type"), node.field("value")
        if descriptor is None or value is None:
            return self.not_understood(node, "cast")
        return self._cast(descriptor, self.expression(value))

    def _cast(self, descriptor: Node, of: Value) -> Value:
        type_ = type_of(descriptor.field("type") or descriptor, descriptor.field("declarator"))

        def cast(frame: Frame) -> Any:
            value = of(frame)
            if type_.is_pointer or type_.is_reference:
                return value
            return self.as_type(type_, value, frame.machine)

        return cast

    def as_type(self, type_: CppType, value: Any, machine: Machine) -> Any:
        """`value` converted to a plain type; others stay as they are."""
        name = machine.world.program.resolved(type_).name
        if isinstance(value, StructValue) and value.type != name:
            own = self.own_conversion("string" if name in STRINGS else name, value)
            if own is not None:
                value = self.call(own, [], Frame(machine, None, None), value, own.node)
        if name == "optional":
            inner = held(value)
            return inner if isinstance(inner, (OptionalValue, Outside)) else optional(copied_value(inner))
        if name == "bool":
            return machine.world.terms.apply("bool", self.truth(value, machine))
        if name in INTEGERS or name in FLOATS:
            value = machine.scalar(value)
            if isinstance(value, str) and len(value) == 1 and name not in ("char", "unsigned char"):
                value = ord(value)
            if not isinstance(value, (Term, Input, int, float)):
                return value
            if name in ("uint32_t", "unsigned", "unsigned int"):
                return machine.world.terms.apply("u32", value)
            return machine.narrowed(int(value) if isinstance(value, bool) else value, bits_of(name, -64))
        return value

    def converted(self, type_: CppType, value: Any, node: Node, frame: Frame) -> Any:
        if type_.is_pointer or type_.is_reference or value is UNSET:
            return value
        if isinstance(value, Ref):
            value = copied_value(value.get())
        return self.as_type(type_, value, frame.machine)

    def _e_conditional_expression(self, node: Node) -> Value:
        condition, then, otherwise = node.field("condition"), node.field("consequence"), node.field("alternative")
        if condition is None or then is None or otherwise is None:
            return self.not_understood(node, "?:")
        question, yes, no = self.expression(condition), self.expression(then), self.expression(otherwise)
        plain = self.is_plain(then) and self.is_plain(otherwise)
        fraction = max(_fraction(then), _fraction(otherwise))
        text = " ".join(condition.text.split())

        def choose(frame: Frame) -> Any:
            machine = frame.machine
            answer = self.truth(question(frame), machine)
            if is_symbolic(answer) and plain:
                try:
                    first, second = yes(frame), no(frame)
                except NotUnderstood:
                    first = second = UNSET  # the side that is not taken may mean nothing
                if _is_number(first) and _is_number(second):
                    if fraction:
                        first, second = machine.narrowed(first, fraction), machine.narrowed(second, fraction)
                    return machine.world.terms.apply("?:", answer, first, second)
                if isinstance(first, Outside) and isinstance(second, Outside) and first.type == second.type:
                    return first if first.path == second.path else _either(answer, first, second)
            answer = machine.knowledge.decide(answer)
            machine.conditions.append(text if answer else f"not ({text})")
            value = yes(frame) if answer else no(frame)
            machine.conditions.pop()
            return machine.narrowed(value, fraction) if fraction and _is_number(value) else value

        return choose


def _fraction(node: Node) -> int:
    """Which of FLOATS a literal is, 0 for what is no fraction."""
    while node.kind == "parenthesized_expression" and node.children:
        node = node.children[0]
    if node.kind != "number_literal" or integer(node.text) is not None:
        return 0
    return SINGLE if node.text[-1] in "fF" else DOUBLE


def optional(value: Any) -> OptionalValue:
    """A std::optional of a value, of none for std::nullopt."""
    return OptionalValue() if value is None else OptionalValue(value)


def _either(answer: Any, first: Outside, second: Outside) -> Outside:
    """One of two things from outside: a third one."""
    return Outside(f"({spelled(answer)} ? {first.path} : {second.path})", first.type)


def _is_number(value: Any) -> bool:
    return is_symbolic(value) or isinstance(value, (int, float))
