"""Braces: lists, maps and objects that are written as `{...}`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from wgsl_ls.host.cpp_types import MAPS, CppType, set_kind, template_types, type_of
from wgsl_ls.host.effort import BadValue
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.machine import FLOATS, INTEGERS, LISTS, STRINGS, Frame, NotUnderstood
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.values import ListValue, MapValue, Position, StructValue, frozen_key, held


class Braces(Evaluator):
    def _from_list(self, type_: CppType, node: Node) -> Value:
        type_ = self.program.resolved(type_)
        name = type_.name
        children = node.children
        if name == "auto" and node.kind == "initializer_list" and len(children) > 1:
            type_ = CppType("initializer_list")
            return self._list_from(children, type_, node)
        parenthesised = node.kind == "argument_list"
        if name in MAPS and not type_.is_pointer:
            if len(children) == 1 and (parenthesised or children[0].kind != "initializer_list"):
                return self.initialised(type_, children[0])
            return self._map_from(children, node, type_)
        if (type_.is_array or (name in LISTS and not type_.is_pointer)) and not parenthesised:
            if name == "array" and len(children) == 1 and children[0].kind == "initializer_list" and not type_.is_array:
                children = children[0].children if self._is_nested(children[0]) else children
            return self._list_from(children, type_, node)
        if not children:
            return lambda frame: self.zero(type_, frame)
        is_scalar = name in INTEGERS or name in FLOATS or name in ("bool", "auto", "optional")
        plain = type_.is_pointer or is_scalar or name in STRINGS
        if len(children) == 1 and (plain or name in self.program.enums) and children[0].kind != "initializer_pair":
            return self.initialised(type_, children[0])
        if parenthesised or (name in STRINGS and len(children) > 1) or self.program.constructors(name):
            return self.constructed(type_, children, node)
        return self._struct_from(type_, children, node)

    def _in_braces(self, type_: CppType | None, node: Node) -> Value:
        """What stands in braces; braces in them stay a list where their type is not known yet."""
        is_open = type_ is None and node.kind == "initializer_list"
        return self._e_initializer_list(node) if is_open else self.initialised(type_ or CppType("auto"), node)

    def _is_nested(self, node: Node) -> bool:
        """Are the braces around the elements of a std::array written twice?"""
        return not node.children or node.children[0].kind != "initializer_pair"

    def _list_from(self, children: tuple[Node, ...], type_: CppType, node: Node) -> Value:
        element = self.element_type(type_)
        values = [self._in_braces(element, child) for child in children]
        places = [child.location for child in children]
        is_sized = type_.is_array or type_.name == "array"
        is_set = type_.name.endswith("set")

        def listed(frame: Frame) -> Any:
            machine = frame.machine
            items = [value(frame) for value in values]
            if len(items) == 2 and isinstance(items[0], Position) and type_.name in ("vector", "list", "deque"):
                return self.filled(type_, items, node, frame)
            made = ListValue(items, [(place, machine.origin_text()) for place in places], element=element)
            missing = (self.size_of(type_, frame) or 0) - len(items) if is_sized else 0
            for _ in range(missing):
                made.items.append(self.zero(element, frame) if element is not None else 0)
                made.origins.append(None)
            return self.as_list(type_, made, node, frame) if is_set else made

        return listed

    def _map_from(self, children: tuple[Node, ...], node: Node, type_: CppType) -> Value:
        pairs: list[tuple[Value, Value, Node]] = []
        for child in children:
            if child.kind != "initializer_list" or len(child.children) != 2:
                return self.not_understood(child, "an entry of a map")
            key, value = child.children
            plain = CppType("auto") if value.kind != "initializer_list" else self.value_type(type_)
            pairs.append((self.expression(key), self.initialised(plain, value), child))

        def mapped(frame: Frame) -> Any:
            made = MapValue(type_=type_)
            for key, value, place in pairs:
                name = frame.machine.scalar(key(frame))
                frozen = frozen_key(name)
                if frozen in made.entries:
                    if type_.name == "multimap":
                        raise NotUnderstood(place, "a second entry of a multimap under one key")
                    continue
                made.keys[frozen] = name
                made.entries[frozen] = value(frame)
                made.origins[frozen] = (place.location, frame.machine.origin_text())
            return made

        return mapped

    def _struct_from(self, type_: CppType, children: tuple[Node, ...], node: Node) -> Value:
        name = type_.name
        record = self.program.fields_of(name) if name in self.program.records else None
        given: list[tuple[str, Value]] = []
        parts = template_types(type_) if name in ("pair", "tuple") else ()
        names = list(record) if record is not None else []
        for index, child in enumerate(children):
            if child.kind == "initializer_pair":
                designator, value = child.field("designator"), child.field("value")
                if designator is None or value is None or not designator.children:
                    return self.not_understood(child, "this initialiser")
                field_name = designator.children[0].text
            elif record is not None and index < len(names):
                field_name, value = names[index], child
            else:
                field_name, value = (
                    ("first", "second")[index] if name in ("pair", "tuple", "") and index < 2 else f"_{index}",
                    child,
                )
            field_type = record[field_name].type if record is not None and field_name in record else None
            field_type = parts[index] if index < len(parts) else field_type
            if field_type is not None and field_type.is_reference:
                given.append((field_name, self.place(value)))
                continue
            given.append((field_name, self._in_braces(field_type, value)))

        by_name = dict(given)

        def made(frame: Frame) -> Any:
            return self.aggregate(name, by_name, frame)

        return made

    def aggregate(self, name: str, given: Mapping[str, Value], frame: Frame) -> StructValue:
        """An object without a constructor of its own, of which some members are given."""
        if name in self.program.ambiguous:
            raise BadValue(f"several classes are called {name}", is_size=False)
        made = StructValue(name, {})
        inner = Frame(frame.machine, frame.function, made, frame.depth + 1)
        for field_name, field_ in self.program.fields_of(name).items() if name in self.program.records else ():
            value = given.get(field_name)
            if value is not None:
                made.fields[field_name] = value(frame)
            elif field_.default is not None:
                made.fields[field_name] = self.default(field_.type, field_.default, inner)
            else:
                made.fields[field_name] = self.zero(field_.type, frame, 1)
        for field_name, value in given.items():
            if field_name not in made.fields:
                made.fields[field_name] = value(frame)
        return made

    def as_list(self, type_: CppType, value: ListValue, node: Node, frame: Frame) -> ListValue:
        """A list as one of type `type_`: sets hold each element once."""
        value.element, value.kind = self.element_type(type_), set_kind(type_)
        if value.kind:
            given, value.items, value.origins = value.copy(), [], []
            both = [Position(given, 0 if given.items else None), Position(given, None)]
            self.list_method("insert", value, both, [], node, frame)
        return value

    def shaped(self, type_: CppType | None, value: Any, frame: Frame) -> Any:
        is_loose = isinstance(value, StructValue) and value.type in ("", "auto", "pair")
        is_record = type_ is not None and self.program.resolved(type_).name in self.program.records
        is_named = is_loose and value.type == "" and "_0" not in value.fields
        if is_loose and not is_named and (is_record or "_0" in value.fields):
            value = ListValue(list(value.fields.values()), [None] * len(value.fields))
        if is_named and is_record and type_ is not None:
            type_ = self.program.resolved(type_)
            named = self.program.fields_of(type_.name)
            by_name = {
                name: partial(_held, self.shaped(named[name].type, one, frame) if name in named else one)
                for name, one in value.fields.items()
            }
            return self.aggregate(type_.name, by_name, frame)
        if not isinstance(value, ListValue) or type_ is None or value.kind:
            return value
        type_ = self.program.resolved(type_)
        if type_.name in ("pair", "tuple"):
            parts = template_types(type_) or (None,) * len(value.items)
            items = [self.shaped(part, one, frame) for part, one in zip(parts, value.items, strict=False)]
            return StructValue("pair", dict(zip(("first", "second", "_2", "_3"), items, strict=False)))
        if type_.is_pointer:
            return value
        if type_.name in MAPS and not type_.is_array:
            return self._map_of(type_, value, frame)
        if type_.is_array or type_.name in LISTS:
            element = self.element_type(type_)
            if any(isinstance(one, (ListValue, StructValue)) for one in value.items):
                value.items[:] = [self.shaped(element, one, frame) for one in value.items]
            value.element = value.element or element
            return self._set_of(type_.name, value) if set_kind(type_) else value
        if type_.name in (*STRINGS, *INTEGERS, *FLOATS, "bool") or type_.name in self.program.enums:
            return value.items[0] if len(value.items) == 1 else value
        if type_.name not in self.program.records:
            return value
        if own := self.program.constructors(type_.name):
            built = self.built(type_, value.items, frame, own[0].node)
            if built is not None:
                return built
        fields = self.program.fields_of(type_.name)
        given = {
            name: partial(_held, self.shaped(fields[name].type, one, frame))
            for name, one in zip(fields, value.items, strict=False)
        }
        return self.aggregate(type_.name, given, frame)

    def _set_of(self, name: str, value: ListValue) -> ListValue:
        """The list `value`, as one that holds each element once."""
        if value.guards or not all(isinstance(one, (str, int)) for one in value.items):
            raise BadValue(f"a {name} made of this", is_size=False)
        first = {one: index for index, one in reversed(list(enumerate(value.items)))}
        order = sorted(first) if name == "set" else sorted(first, key=first.__getitem__)
        value.items, value.origins = order, [value.origins[first[one]] for one in order]
        value.kind = name
        return value

    def _map_of(self, type_: CppType, value: ListValue, frame: Frame) -> Any:
        """A map made of what stands in braces, of which nobody knew the type there."""
        made = MapValue(type_=type_)
        for pair, origin in zip(value.items, value.origins, strict=True):
            both: list[Any] = list(
                pair.fields.values() if isinstance(pair, StructValue) else getattr(pair, "items", ())
            )
            if value.guards or len(both) != 2 or getattr(pair, "guards", None) or type_.name == "multimap":
                raise BadValue(f"a {type_.name} made of this", is_size=False)
            key = frame.machine.scalar(held(both[0]))
            frozen = frozen_key(key)
            if frozen not in made.entries:
                made.keys[frozen] = key
                made.entries[frozen] = self.shaped(self.value_type(type_), held(both[1]), frame)
                made.origins[frozen] = origin
        return made

    def _e_initializer_list(self, node: Node) -> Value:
        if node.children and all(child.kind == "initializer_pair" for child in node.children):
            return self._struct_from(CppType(""), node.children, node)
        return self._list_from(node.children, CppType("vector"), node)

    def _e_compound_literal_expression(self, node: Node) -> Value:
        type_node, value = node.field("type"), node.field("value")
        if value is None:
            return self.not_understood(node, "this literal")
        type_ = type_of(type_node)
        return self._from_list(type_ if type_.name else CppType("auto"), value)


def _held(value: Any, frame: Frame) -> Any:
    return value
