"""Operators: of numbers and texts, of iterators and streams, and those of the host's own."""

from __future__ import annotations

import re
from typing import Any, Final

from wgsl_ls.host.cpp_types import base_name
from wgsl_ls.host.declarations import method_as_comparison
from wgsl_ls.host.effort import BadValue
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.knowledge import Pruned
from wgsl_ls.host.machine import BITS, FLOATS, INTEGERS, SINGLE, STREAMS, Frame, NotUnderstood, described, narrowed
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import Input, Term, Undefined, is_symbolic, is_text, may_be_float
from wgsl_ls.host.values import (
    UNSET,
    FunctionName,
    GlobalTable,
    ListValue,
    OptionalValue,
    Outside,
    Pointer,
    Position,
    Ref,
    Shader,
    StructValue,
)

_SCALARS: Final = (Term, Input, int, str, float)
_MAY_NARROW: Final = frozenset(("+", "-", "*", "<<"))
_COMPARES: Final = frozenset(("<", "<=", ">", ">=", "==", "!="))


class Operators(Evaluator):
    def _e_parenthesized_expression(self, node: Node) -> Value:
        return self.expression(node.children[0]) if node.children else self.not_understood(node, "()")

    def _e_comma_expression(self, node: Node) -> Value:
        left, right = node.field("left"), node.field("right")
        if left is None or right is None:
            return self.not_understood(node, ",")
        first, second = self.expression(left), self.expression(right)

        def both(frame: Frame) -> Any:
            first(frame)
            return second(frame)

        return both

    def _e_unary_expression(self, node: Node) -> Value:
        argument, operator = node.field("argument"), node.operator
        if argument is None:
            return self.not_understood(node, operator)
        of = self.expression(argument)
        if operator == "!":

            def negated(frame: Frame) -> Any:
                return frame.machine.world.terms.apply("!", self.truth(of(frame), frame.machine))

            return negated
        if operator not in ("-", "~", "+"):
            return self.not_understood(node, operator)
        operation = {"-": "neg", "~": "~"}.get(operator)

        def apply(frame: Frame) -> Any:
            value = frame.machine.scalar(of(frame))
            if operation is None:
                return value
            value = frame.machine.world.terms.apply(operation, value)
            bits = _widest(argument, argument, frame) if isinstance(value, int) and value < 0 else None
            return value if bits is None else narrowed(value, bits)

        return apply

    def _e_binary_expression(self, node: Node) -> Value:
        left, right, operator = node.field("left"), node.field("right"), node.operator
        if left is None or right is None:
            return self.not_understood(node, operator)
        called = method_as_comparison(node)
        if called is not None:
            method, _, listed = called
            return self.method_call(node, method, listed, [self.place(one) for one in listed])
        first, second = self.expression(left), self.expression(right)
        if operator in ("&&", "||"):
            return self._logical(operator, first, second, self.is_plain(right))
        if operator == "<=>":
            return self.not_understood(node, operator)
        if operator == "/" and left.kind == right.kind == "sizeof_expression":
            whole, part = (re.sub(r"^sizeof|[()\s]", "", one.text) for one in (left, right))
            array = next((one for one in left.walk() if one.kind in ("identifier", "type_identifier")), None)
            if array is not None and array.text == whole and part in (f"{whole}[0]", f"*{whole}"):
                return self._count_of(array)

        def apply(frame: Frame) -> Any:
            a, b = first(frame), second(frame)
            if operator == "<<" and isinstance(a, StructValue) and a.type in STREAMS and _bits(right, frame) in (8, -8):
                raise NotUnderstood(node, "<< of what is a character or a number")
            if operator in _COMPARES and isinstance(a, int) and isinstance(b, int) and (a < 0) is not (b < 0):
                bits = _widest(left, right, frame)
                if bits is not None and bits > 0:  # the one below zero is a large number then
                    a, b = narrowed(a, bits), narrowed(b, bits)
            value = self.combined(operator, a, b, node, frame)
            if operator in _MAY_NARROW and isinstance(value, int) and not 0 <= value < 2**31:
                bits = _widest(left, left if operator == "<<" else right, frame)
                return value if bits is None else narrowed(value, bits)
            if isinstance(value, Term) and value.op == "-":
                bits = _widest(left, right, frame)
                return value if bits is None or bits < 0 else frame.machine.narrowed(value, bits)
            return value

        return apply

    def _count_of(self, array: Node) -> Value:
        """How many elements an array has."""
        of = self._e_identifier(array)

        def count(frame: Frame) -> int:
            value = of(frame)
            if isinstance(value, GlobalTable):
                return len(value.rows)
            if not isinstance(value, ListValue):
                raise NotUnderstood(array, "the size of what is no array")
            return len(value.items)

        return count

    def _logical(self, operator: str, first: Value, second: Value, plain: bool) -> Value:
        stop = operator == "||"

        def apply(frame: Frame) -> Any:
            machine = frame.machine
            one = self.truth(first(frame), machine)
            if is_symbolic(one) and not plain:
                one = machine.knowledge.decide(one)
            if not is_symbolic(one) and bool(one) is stop:
                return stop
            other = self.truth(second(frame), machine)
            return machine.world.terms.apply(operator, one, other)

        return apply

    def combined(self, operator: str, a: Any, b: Any, node: Node, frame: Frame) -> Any:
        machine = frame.machine
        if isinstance(a, Ref):
            a = a.get()
        if isinstance(b, Ref):
            b = b.get()
        if not (isinstance(a, _SCALARS) and isinstance(b, _SCALARS)):
            found = self._combined(operator, a, b, node, frame)
            if found is not None:
                return found
            a, b = (one.box[0] if isinstance(one, OptionalValue) and one.box else one for one in (a, b))
            a, b = machine.scalar(a), machine.scalar(b)
        try:
            return machine.world.terms.apply(operator, a, b)
        except Undefined:
            raise Pruned from None
        except BadValue as problem:
            what = f"{operator} of {described(a)} and {described(b)}"
            raise NotUnderstood(node, str(problem) if problem.is_size else what) from None

    def _combined(self, operator: str, a: Any, b: Any, node: Node, frame: Frame) -> Any:
        """As `combined`, where not both are plain; None where they are to be worked out as plain ones."""
        machine = frame.machine
        if operator in ("==", "!="):
            same = self.same(a, b, node, frame)
            if same is not None:
                return machine.world.terms.apply("!", same) if operator == "!=" else same
        if operator == "<<" and isinstance(a, StructValue) and a.type in STREAMS:
            return self.streamed(a, b, node, frame)
        if isinstance(a, StructValue) and (found := self.overloaded(operator, a, [b], node, frame)) is not None:
            return found
        if isinstance(a, ListValue) and operator == "+" and isinstance(b, int) and not a.guards:
            a = Position(a, 0 if a.items else None)
        if isinstance(a, Position) and operator in ("+", "-", "<", "<=", ">", ">="):
            return self._moved(operator, a, b, node, frame)
        a, b = (one.box[0] if isinstance(one, OptionalValue) and one.box else one for one in (a, b))
        if isinstance(a, (ListValue, StructValue)) or isinstance(b, (ListValue, StructValue)):
            raise NotUnderstood(node, f"{operator} of {described(a)} and {described(b)}")
        return None

    def streamed(self, stream: StructValue, value: Any, node: Node, frame: Frame) -> StructValue:
        """`stream << value`: texts and whole numbers as they are; fractions would need the stream's precision."""
        terms, value = frame.machine.world.terms, frame.machine.scalar(value)
        if isinstance(value, (ListValue, StructValue, FunctionName)) or may_be_float(value) or value is UNSET:
            raise NotUnderstood(node, f"<< of {described(value)}")
        text = value if isinstance(value, str) or is_text(value) else terms.apply("str", value)
        if frame.machine.guard is not None:
            raise NotUnderstood(node, "a stream that is written to on one path only")
        stream.fields["text"] = terms.apply("+", stream.fields.get("text", ""), text)
        return stream

    def overloaded(self, operator: str, value: StructValue, arguments: list[Any], node: Node, frame: Frame) -> Any:
        """What an operator of the host's own gives; None where there is none."""
        named = self.program.functions.get(f"operator{operator}", ())
        members = [one for name in self.program.lineage(value.type) for one in named if one.owner == name]
        nearest = [one for one in members if one.owner == members[0].owner]
        chosen = self.chosen_overload(nearest, arguments, value.type)
        if chosen is not None:
            return self.call(chosen, arguments, frame, value, node)
        free = self.chosen_overload([one for one in named if one.owner is None], [value, *arguments], None)
        if free is None or not any(one.type.name == value.type for one in free.parameters):
            return None
        return self.call(free, [value, *arguments], frame, None, node)

    def _moved(self, operator: str, a: Position, b: Any, node: Node, frame: Frame) -> Any:
        """Iterators: how far they are apart, one further on, or which comes first."""
        if isinstance(a.of, ListValue):
            a.of.settle(frame.machine.knowledge.decide)
        b = b if isinstance(b, Position) else frame.machine.concrete(frame.machine.scalar(b), node)
        if isinstance(b, Position) and a.of is b.of and operator != "+":
            return frame.machine.world.terms.apply(operator, a.index, b.index)
        moved = a.moved(b if operator == "+" else -b) if isinstance(b, int) and operator in ("+", "-") else None
        if moved is None:
            raise NotUnderstood(node, "an iterator outside of its list")
        return moved

    def same(self, a: Any, b: Any, node: Node, frame: Frame) -> Any:
        """`a == b` for what is no number or text; None for those."""
        machine = frame.machine
        if isinstance(a, OptionalValue) or isinstance(b, OptionalValue):
            if isinstance(a, OptionalValue) != isinstance(b, OptionalValue) and a is not None and b is not None:
                inner, other = (a, b) if isinstance(a, OptionalValue) else (b, a)
                return self.combined("==", inner.box[0], other, node, frame) if inner.box else False
            if a is not None and b is not None:
                both = [*a.box, *b.box]
                return self.combined("==", both[0], both[1], node, frame) if len(both) == 2 else not both
        if isinstance(a, ListValue) and isinstance(b, ListValue):
            for one in (a, b):
                one.settle(machine.knowledge.decide)
            whole: Any = len(a.items) == len(b.items)
            for first, second in zip(a.items, b.items, strict=False):
                whole = machine.world.terms.apply("&&", whole, self.combined("==", first, second, node, frame))
            return whole
        if a is None or b is None:
            other = a if b is None else b
            present = machine.present(other)
            return machine.world.terms.apply("!", present)
        if isinstance(a, Position) and isinstance(b, Position):
            if isinstance(a.of, ListValue):
                a.of.settle(machine.knowledge.decide)
            return a.of is b.of and a.index == b.index
        if isinstance(a, StructValue) and isinstance(b, StructValue):
            own = self.overloaded("==", a, [b], node, frame)
            if own is not None:
                return self.truth(own, machine)
            whole = True
            for name, value in a.fields.items():
                if name in b.fields:
                    part = self.combined("==", value, b.fields[name], node, frame)
                    whole = machine.world.terms.apply("&&", whole, part)
            return whole
        if isinstance(a, Outside) and isinstance(b, Outside) and _is_object(a) and _is_object(b):
            if a.path == b.path:
                return True
            first, second = sorted((a.path, b.path))
            return machine.truth(f"{first} == {second}")
        if isinstance(a, (Pointer, Shader)) or isinstance(b, (Pointer, Shader)):
            return a is b or (isinstance(a, Pointer) and isinstance(b, Pointer) and a.target is b.target) or a == b
        return None


def _bits(node: Node, frame: Frame) -> int | None:
    """How many bits the value of an expression has, as BITS says it; None where that is not known."""
    while node.kind == "parenthesized_expression" and node.children:
        node = node.children[0]
    if node.kind == "identifier":
        where: Frame | None = frame
        while where is not None and node.text not in where.variables:
            where = where.parent
        bits = where.bits.get(node.text, SINGLE) if where is not None else SINGLE
        return bits if bits < SINGLE else None
    if node.kind == "number_literal":
        suffix = node.text.lower().lstrip("0123456789abcdefx'.")
        size = 64 if "l" in suffix or "z" in suffix else 32
        return size if "u" in suffix else -size
    if node.kind == "sizeof_expression":
        return 64
    if node.kind == "binary_expression" and node.operator in ("+", "-", "*"):
        return _widest(node.field("left"), node.field("right"), frame)
    function = node.field("function") if node.kind == "call_expression" else None
    if function is not None and function.kind == "field_expression":
        return 64 if base_name(function.field("field") or function) in ("size", "length", "count") else None
    if function is not None and function.kind == "template_function" and (types := function.children[-1].children):
        return BITS.get(base_name(types[0]))
    type_ = node.field("type") if node.kind == "cast_expression" else None
    return BITS.get(base_name(type_)) if type_ is not None else None


def _widest(left: Node | None, right: Node | None, frame: Frame) -> int | None:
    """Of two operands: C++ computes with at least 32 bits, without a sign where one of the wider ones has none."""
    sides = [_bits(one, frame) for one in (left, right) if one is not None]
    known = [one if abs(one) >= 32 else -32 for one in sides if one is not None]
    if len(known) < 2:
        return None
    size = max(map(abs, known))
    return size if size in known else -size


def _is_object(value: Outside) -> bool:
    return (
        value.type is None
        or value.type.is_pointer
        or (value.type.name not in INTEGERS and value.type.name not in FLOATS)
    )
