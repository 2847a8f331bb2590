"""Standard: functions that the library table describes, and those of the standard library that are no algorithms."""

from __future__ import annotations

from typing import Any

from wgsl_ls.host.algorithms import Algorithms
from wgsl_ls.host.cpp_types import CppType, base_name, template_argument, template_arguments
from wgsl_ls.host.effort import BadValue
from wgsl_ls.host.integers import integer
from wgsl_ls.host.knowledge import Thrown
from wgsl_ls.host.machine import FLOATS, Frame, NotUnderstood, described
from wgsl_ls.host.overloads import of_template
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import inputs_of, is_symbolic
from wgsl_ls.host.values import (
    UNSET,
    GlobalRow,
    GlobalTable,
    ListValue,
    OptionalValue,
    Pointer,
    Ref,
    StructValue,
    copied_value,
    held,
)


class Standard(Algorithms):
    def from_library(self, name: str, arguments: list[Any], node: Node, frame: Frame) -> Any:
        if name not in self.pure:
            return UNSET
        machine = frame.machine
        library = machine.world.library
        phrase = library.opaque.get(name)
        if phrase is not None:
            shown = [described(argument) for argument in arguments] + ["?"] * 4
            return machine.truth(phrase.format(*shown))
        if name in library.numbers:
            return machine.number(f"{name}({', '.join(map(described, arguments))})")
        enum = library.enum_functions.get(name)
        if enum is not None:
            return machine.from_enum(f"{name}({', '.join(map(described, arguments))})", enum)
        table = library.tables.get(name)
        if table is None or not arguments:
            return UNSET
        found = machine.world.tables.get(f"{name}()")
        if found is None:
            own = self.constant(table.array, frame)
            columns: dict[str, Any] = {}
            for column, shipped in table.shipped.items():
                cells: dict[object, object] = dict(shipped.items())
                if isinstance(own, GlobalTable) and column in own.columns:
                    cells.update(own.columns[column])
                columns[column] = machine.world.terms.table(
                    cells, f"{name}({{}})" + ("" if table.column else f".{column}" if column else "")
                )
            rests_on = own.rests_on if isinstance(own, GlobalTable) else frozenset()
            found = machine.world.tables[f"{name}()"] = GlobalTable(name, {}, columns, rests_on)
        self.rests_on(found.rests_on, machine)
        index = machine.scalar(arguments[0])
        column = table.column
        if column == "" and "" not in found.columns:
            return GlobalRow(found, index)
        return machine.world.terms.apply("lookup", found.columns[column], index)

    def _extreme(self, operation: str, node: Node, arguments: list[Any], frame: Frame) -> Any:
        machine = frame.machine
        values = arguments[0].items if len(arguments) == 1 and isinstance(arguments[0], ListValue) else arguments[:2]
        types = [base_name(one) for one in template_arguments(node.field("function"))]
        if len(types) == 1 and types[0] in FLOATS:
            values = [machine.narrowed(machine.scalar(one), FLOATS[types[0]]) for one in values]
        found = machine.scalar(values[0])
        for value in values[1:]:
            found = machine.world.terms.apply(operation, found, machine.scalar(value))
        return found

    def _std_min(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._extreme("min", node, arguments, frame)

    def _std_max(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._extreme("max", node, arguments, frame)

    def _std_clamp(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        low = self._extreme("max", node, arguments[:2], frame)
        return self._extreme("min", node, [low, arguments[2]], frame)

    def _std_abs(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return frame.machine.world.terms.apply("abs", frame.machine.scalar(arguments[0]))

    def _std_move(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return held(arguments[0])

    _std_forward = _std_move
    _std_as_const = _std_move

    def _std_swap(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        if len(arguments) != 2 or not all(isinstance(one, Ref) for one in arguments):
            raise NotUnderstood(node, "a swap of what cannot be changed")
        first, second = (copied_value(one.get()) for one in arguments)
        arguments[0].set(second)
        arguments[1].set(first)
        return UNSET

    def _std_exchange(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        if len(arguments) != 2 or not isinstance(arguments[0], Ref):
            raise NotUnderstood(node, "an exchange of what cannot be changed")
        before = copied_value(arguments[0].get())
        arguments[0].set(copied_value(held(arguments[1])))
        return before

    def _std_ref(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return arguments[0]

    def _std_make_shared(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        name = template_argument(of_template(function)) or ""
        value = held(arguments[0]) if arguments else None
        if isinstance(value, StructValue) and value.type == name:
            return Pointer(value.copy())
        built = self.built(CppType(name), arguments, frame, node)
        if built is None and arguments:
            raise NotUnderstood(node, f"how a {name} is made")
        return Pointer(built if built is not None else self.zero(CppType(name), frame))

    _std_make_unique = _std_make_shared

    def _std_make_pair(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        values = [copied_value(held(one)) for one in arguments]
        names = ("first", "second", *(f"_{index}" for index in range(2, len(values))))
        return StructValue("pair", dict(zip(names, values, strict=False)))

    _std_pair = _std_make_pair
    _std_make_tuple = _std_make_pair
    _std_tuple = _std_make_pair

    def _std_minmax(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        both = [self._extreme(operation, node, arguments, frame) for operation in ("min", "max")]
        return self._std_make_pair(node, function, both, frame)

    def _std_tie(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        if not all(isinstance(one, Ref) for one in arguments):
            raise NotUnderstood(node, "std::tie of what cannot be changed")
        return StructValue("tie", {f"_{index}": one for index, one in enumerate(arguments)})

    def _std_visit(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """Of one variant, which is what it holds."""
        value = held(arguments[1])
        if len(arguments) != 2 or not isinstance(value, (StructValue, str, int, ListValue)):
            raise NotUnderstood(node, f"a visit of {described(value)}")
        return self.call_value(arguments[0], arguments[1:], node, frame)

    def _std_get(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """`std::get<0>(t)`, the place of a part."""
        which = template_argument(of_template(function)) or ""
        index = integer(which)
        whole = held(arguments[0])
        parts = list(whole.fields) if isinstance(whole, StructValue) else []
        if isinstance(whole, ListValue) and index is not None and not whole.guards and index < len(whole.items):
            return Ref(whole.items, index)
        if index is None or index >= len(parts):
            raise NotUnderstood(node, f"std::get<{which}> of {described(whole)}")
        return Ref(whole.fields, parts[index])

    def _std_make_optional(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return OptionalValue(*(copied_value(held(one)) for one in arguments))

    _std_optional = _std_make_optional

    def optional_method(self, name: str, value: OptionalValue, arguments: list[Any], node: Node, frame: Frame) -> Any:
        given = [copied_value(held(one)) for one in arguments]
        if name == "has_value":
            return bool(value.box)
        if name == "value_or" and given:
            return value.box[0] if value.box else given[0]
        if name == "value":
            if not value.box:
                raise Thrown
            return Ref(value.box, 0)
        if name in ("reset", "emplace"):
            value.box[:] = given
            return UNSET
        raise NotUnderstood(node, f"{name} of an optional")

    def _mathematics(self, name: str, arguments: list[Any], node: Node, frame: Frame) -> Any:
        """UNSET of what is no number."""
        given = [frame.machine.scalar(one) for one in arguments]
        if not any(one.chosen for value in given for one in inputs_of(value)):  # few values, and all there are
            given = [frame.machine.concrete(one, node) if is_symbolic(one) else one for one in given]
        if not given or not all(is_symbolic(one) or isinstance(one, (int, float)) for one in given):
            return UNSET
        try:
            return frame.machine.world.terms.apply(name, *given)
        except (BadValue, OverflowError, ZeroDivisionError):
            raise NotUnderstood(node, f"{name} of these numbers") from None

    def _std_memcpy(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        target = arguments[0] if arguments else None
        if isinstance(target, Pointer) and isinstance(target.target, Ref):
            target = target.target
        if isinstance(target, Ref):
            target.set(frame.machine.call_unknown("memcpy", arguments[1:2], node))
        return UNSET
