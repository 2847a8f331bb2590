"""Construction: objects that a constructor makes, and texts that one makes of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wgsl_ls.host.cpp_types import CppType, type_of
from wgsl_ls.host.effort import LONGEST_TEXT, MOST_ITEMS
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.machine import LISTS, STRINGS, Frame, NotUnderstood, described
from wgsl_ls.host.program import declared_type
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import is_symbolic
from wgsl_ls.host.values import (
    UNSET,
    ListValue,
    MapValue,
    Outside,
    Pointer,
    Position,
    StructValue,
    TextPosition,
    copied_value,
    held,
)


class Construction(Evaluator):
    def constructed(self, type_: CppType, children: tuple[Node, ...], node: Node) -> Value:
        """`T(a, b)`: plain types convert, containers copy or fill; other types take what is named like them."""
        values = [self.expression(child) for child in children]
        name = type_.name

        def made(frame: Frame) -> Any:
            arguments = [value(frame) for value in values]
            if name in STRINGS:
                return self._std_string(node, node, arguments, frame)
            first = next((held(one) for one in arguments), None)
            if len(arguments) == 1 and (
                (isinstance(first, (ListValue, MapValue)) and name not in self.program.records)
                or (isinstance(first, StructValue) and first.type == name)
            ):
                return copied_value(first)
            if name in LISTS:
                return self.filled(type_, arguments, node, frame)
            built = self.built(type_, arguments, frame, node)
            if built is not None:
                return built
            if len(arguments) == 1 and isinstance(first, StructValue):
                return copied_value(first)
            if len(arguments) == 1 and not isinstance(first, Outside) and name not in self.program.records:
                return self.as_type(type_, first, frame.machine)
            self.expect_aggregate(name, arguments, node)
            struct = self.zero(type_, frame)
            if isinstance(struct, StructValue):
                for field_name, argument in zip(list(struct.fields), arguments, strict=False):
                    struct.fields[field_name] = copied_value(argument)
            return struct

        return made

    def built(self, type_: CppType, arguments: list[Any], frame: Frame, node: Node) -> StructValue | None:
        """An object that a constructor of the host's own makes; None where there is none for it."""
        name = type_.name
        chosen = self.chosen_overload(self.program.constructors(name), arguments, name)
        if chosen is None:
            return None
        this = self.plain_zero(type_, frame)
        assert isinstance(this, StructValue)
        self.call(chosen, arguments, frame, this, node)
        if chosen.owner != name:  # of a base, whose members come first
            inner = Frame(frame.machine, frame.function, this, frame.depth + 1)
            for field_name, field_ in self.program.records[name].fields.items():
                if field_.default is not None:
                    this.fields[field_name] = self.default(field_.type, field_.default, inner)
        return this

    def expect_aggregate(self, name: str, given: Sequence[Any], node: Node) -> None:
        """Raises NotUnderstood where members are not just given their values in order."""
        if given and any(self.program.constructors(one) for one in self.program.lineage(name)):
            raise NotUnderstood(node, f"how a {name} is made of this")

    def filled(self, type_: CppType, arguments: list[Any], node: Node, frame: Frame) -> ListValue:
        """A list made of a part of another, or of so many equal elements."""
        element = self.element_type(type_)
        values = [held(one) for one in arguments]
        if len(values) == 2 and isinstance(values[0], Position):
            if isinstance(values[0].of, ListValue) and _is_whole(values[0], values[1]):
                made = values[0].of.copy()
            else:
                of, start, end, _ = self.of_range(arguments, node, frame)
                made = of.part(start, end)
            return self.as_list(type_, made, node, frame)
        count = frame.machine.scalar(values[0]) if values else 0
        if type(count) is not int or not 0 <= count <= MOST_ITEMS:
            raise NotUnderstood(node, f"a list of {described(count)} elements")
        items = [
            copied_value(values[1]) if len(values) == 2 else self.zero(element or CppType("auto"), frame)
            for _ in range(count)
        ]
        return ListValue(items, [None] * len(items), element=element)

    def _std_string(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        if not arguments:
            return ""
        machine = frame.machine
        first = held(arguments[0])
        rest = [machine.scalar(one) for one in arguments[1:]]
        if len(rest) == 1 and isinstance(first, int) and isinstance(rest[0], str):
            return rest[0] * min(first, LONGEST_TEXT)
        if isinstance(first, TextPosition):
            last = arguments[1] if len(arguments) > 1 else UNSET
            if first.is_end or not isinstance(last, TextPosition) or not last.is_end:
                raise NotUnderstood(node, "a string made of a part of another")
            return machine.scalar(first.place)
        if isinstance(first, Position):
            raise NotUnderstood(node, "a string made of iterators")
        text = machine.scalar(first)
        if rest:
            given = node.field("arguments") or node
            first_node = given.children[0] if given.children else node
            type_ = declared_type(frame.function, first_node.text) if frame.function is not None else None
            is_literal = first_node.kind == "string_literal" or (type_ is not None and type_.name == "char")
            if len(rest) == 1 and not is_literal and (type_ is None or type_.name not in STRINGS):
                raise NotUnderstood(node, "a string made of a part of this")
            if not all(isinstance(one, int) or is_symbolic(one) for one in rest):
                raise NotUnderstood(node, "a string made of these")
            # The length of a literal's part, but where a part of a string begins.
            length = rest[-1] if is_literal or len(rest) > 1 else None
            start = 0 if is_literal and len(rest) == 1 else rest[0]
            text = machine.world.terms.apply("from", text, start)
            text = text if length is None else machine.world.terms.apply("prefix", text, length)
        return text

    _std_string_view = _std_string

    def text_of(self, values: list[Any], node: Node, frame: Frame) -> Any:
        return self._std_string(node, node, values, frame)

    def _e_new_expression(self, node: Node) -> Value:
        type_, given = type_of(node.field("type")), node.field("arguments")
        if given is not None and given.kind == "initializer_list":
            made = self._from_list(type_, given)
        elif given is not None and given.children:
            return self.not_understood(node, "new with arguments")
        else:

            def made(frame: Frame) -> Any:
                return self.zero(type_, frame)

        return lambda frame: Pointer(made(frame))


def _is_whole(first: Position, last: Any) -> bool:
    """Is it from the begin to the end?"""
    return isinstance(last, Position) and first.of is last.of and last.key is None and first.key in (0, None)
