"""Initialisation: the first value of a variable, with or without an initialiser."""

from __future__ import annotations

from typing import Any

from wgsl_ls.host.cpp_types import MAPS, CppType, set_kind, template_types
from wgsl_ls.host.effort import MOST_ITEMS, BadValue
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.integers import integer
from wgsl_ls.host.machine import FLOATS, INTEGERS, LISTS, STRINGS, Frame, NotUnderstood, narrowed
from wgsl_ls.host.program import Program
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.values import (
    UNSET,
    ListValue,
    MapValue,
    OptionalValue,
    Outside,
    Position,
    Ref,
    StructValue,
    copied_value,
)


class Initialisation(Evaluator):
    def __init__(self, program: Program, pure: frozenset[str]) -> None:
        super().__init__(program, pure)
        self._defaults: dict[tuple[str, Node], Value] = {}

    def returned(self, node: Node) -> Value:
        if node.kind == "initializer_list":
            return lambda frame: self.default(frame.returns, node, frame)
        return self.expression(node)

    def initial(self, type_: CppType, frame: Frame) -> Any:
        """A variable without initialiser."""
        machine = frame.machine
        type_ = self.program.resolved(type_)
        if (type_.is_pointer and not type_.is_array) or type_.is_reference:
            return UNSET
        name = type_.name
        if type_.is_array or name == "array":
            count, element = self.size_of(type_, frame), self.element_type(type_)
            items = [self.initial(element, frame) if element is not None else UNSET for _ in range(count or 0)]
            return ListValue(items, [None] * len(items), element=element)
        if name in INTEGERS or name in FLOATS or name == "bool" or name in machine.enums:
            return UNSET
        return self.zero(type_, frame)

    def zero(self, type_: CppType, frame: Frame, depth: int = 0) -> Any:
        """The value of `T{}`: default member initialisers, else zero."""
        type_ = self.program.resolved(type_)
        if not type_.is_pointer and not type_.is_array and (own := self.program.constructors(type_.name)):
            built = self.built(type_, [], frame, own[0].node)
            if built is not None:
                return built
        made = self.plain_zero(type_, frame, depth)
        record = self.program.records.get(type_.name) if isinstance(made, StructValue) else None
        for base in record.bases if record is not None else ():
            constructors = self.program.constructors(base)
            chosen = self.chosen_overload(constructors, [], base)
            if chosen is not None:
                self.call(chosen, [], frame, made, chosen.node)
            elif constructors:
                raise NotUnderstood(constructors[0].node, f"how a {base} is made")
        return made

    def plain_zero(self, type_: CppType, frame: Frame, depth: int = 0) -> Any:
        """As `zero`, without a constructor."""
        machine = frame.machine
        name = type_.name
        if name in self.program.ambiguous and name in self.program.records and not type_.is_pointer:
            raise BadValue(f"several classes are called {name}", is_size=False)
        if name in self.program.unions and not type_.is_pointer and not type_.is_array:
            return UNSET  # what one member says of another is not looked into
        if type_.is_array or name in LISTS:
            count = self.size_of(type_, frame) if type_.is_array or name == "array" else None
            element = self.element_type(type_)
            items = [self.zero(element, frame, depth + 1) if element is not None else 0 for _ in range(count or 0)]
            return ListValue(items, [None] * len(items), element=element, kind=set_kind(type_))
        if type_.is_pointer or name == "nullptr_t":
            return None
        if name in MAPS:
            return MapValue(type_=type_)
        if name in STRINGS:
            return ""
        if name == "bool":
            return False
        if name in FLOATS:
            return narrowed(0, FLOATS[name])
        if name in INTEGERS or name in machine.enums:
            return 0
        if name == "optional":
            return OptionalValue()
        made = StructValue(name, {})
        if depth < 8:
            machine.effort.spend()
            inner = Frame(machine, frame.function, made, frame.depth + 1)
            for field_name, field_ in self.program.fields_of(name).items():
                if field_.default is not None:
                    made.fields[field_name] = self.default(field_.type, field_.default, inner)
                else:
                    made.fields[field_name] = self.zero(field_.type, frame, depth + 1)
        return made

    def element_type(self, type_: CppType) -> CppType | None:
        """Of an array or list; None where it is not known."""
        if type_.is_array:
            return type_.element
        given = template_types(type_) if type_.name not in (*MAPS, "pair", "tuple") else ()
        return given[0] if given else None

    def value_type(self, type_: CppType | None) -> CppType:
        """Of a map."""
        given = template_types(type_) if type_ is not None else ()
        return given[1] if len(given) > 1 else CppType("string")

    def size_of(self, type_: CppType, frame: Frame) -> int | None:
        """How many elements an array has; None where that is not written."""
        written = type_.sizes[0] if type_.is_array and type_.sizes else None
        if written is not None:
            value = frame.machine.scalar(self.default(CppType("size_t"), written, frame))
            count = frame.machine.concrete(value, written)
        elif type_.name == "array" and not type_.is_array:
            text = type_.spelled.rpartition(",")[2].rpartition(">")[0].strip()
            count = integer(text)
            if count is None and text.isidentifier():
                known = self.constant(text, frame)
                count = self.program.enumerators.get(text) if known is UNSET else known
        else:
            return None
        return count if isinstance(count, int) and 0 <= count <= MOST_ITEMS else None

    def default(self, type_: CppType, node: Node, frame: Frame) -> Any:
        key = (type_.name, node)
        run = self._defaults.get(key)
        if run is None:
            run = self._defaults[key] = self.initialised(type_, node)
        return run(frame)

    def initialised(self, type_: CppType, node: Node) -> Value:
        """The value of a variable of a type with an initialiser."""
        if node.kind in ("initializer_list", "argument_list"):
            return self._from_list(type_, node)
        value = self.expression(node)
        is_variable = node.kind == "identifier"
        source = self.moved(node) if not type_.is_reference else None

        def initial(frame: Frame) -> Any:
            if source is None:
                return given(frame)
            made = given(frame)
            self.emptied(source(frame))
            return made

        def given(frame: Frame) -> Any:
            made = value(frame)
            if isinstance(made, Ref):
                made = made.get()
            if type_.is_pointer and is_variable and isinstance(made, ListValue) and not made.guards:
                return Position(made, 0 if made.items else None)
            if type_.is_pointer or type_.name == "auto":
                return copied_value(made)
            made = self.sliced(type_, copied_value(self.as_type(type_, made, frame.machine)))
            if isinstance(made, Outside) and self.program.resolved(type_).name in STRINGS:
                return frame.machine.scalar(made)
            return made

        return initial

    def sliced(self, type_: CppType, value: Any) -> Any:
        """What is left of an object of a derived class in a variable of its base's type."""
        name = self.program.resolved(type_).name
        if not isinstance(value, StructValue) or value.type == name or name not in self.program.records:
            return value
        if name not in self.program.lineage(value.type):
            return value
        fields = self.program.fields_of(name)
        return StructValue(name, {one: field_ for one, field_ in value.fields.items() if one in fields})
