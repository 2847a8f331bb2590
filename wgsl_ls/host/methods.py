"""Methods of strings, vectors and maps, on the interpreter's values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from wgsl_ls.host.declarations import CppType, Program
from wgsl_ls.host.machine import Frame, Machine, NotUnderstood, described
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import is_symbolic
from wgsl_ls.host.values import (
    UNSET,
    GivenAt,
    ListValue,
    MapValue,
    Outside,
    Pointer,
    Position,
    Ref,
    StructValue,
    copied_value,
    frozen_key,
)

_TEXT_METHODS: Final = (
    "size length empty c_str data append push_back resize substr begin end str back pop_back clear find rfind "
    "starts_with ends_with insert erase "
)


@dataclass(frozen=True, slots=True)
class TextPosition:
    """The beginning or end of the text at `place`."""

    place: Any


class Methods:
    text_methods: Final = frozenset(_TEXT_METHODS.split())

    def __init__(self, program: Program) -> None:
        self.program = program

    def shaped(self, type_: CppType, value: Any, machine: Machine) -> Any:
        raise NotImplementedError

    def not_understood(self, node: Node, what: str) -> Callable[[Frame], Any]:
        def run(frame: Frame) -> Any:
            raise NotUnderstood(node, what)

        return run

    def text_method(self, name: str, place: Any, value: Any, arguments: list[Any], node: Node, frame: Frame) -> Any:
        machine = frame.machine
        terms = machine.world.terms
        plain = [machine.scalar(argument) for argument in arguments if not isinstance(argument, TextPosition)]
        if name in ("c_str", "data", "str"):
            return value
        if name in ("begin", "end"):
            return TextPosition(place)
        if name in ("size", "length"):
            return terms.apply("len", value)
        if name == "empty":
            return terms.apply("==", terms.apply("len", value), 0)
        changed: Any = UNSET
        if name in ("append", "push_back") and len(plain) == 1:
            changed = terms.apply("+", value, plain[0])
        elif name == "resize" and len(plain) == 1:
            changed = terms.apply("prefix", value, plain[0])
        elif name == "pop_back":
            changed = terms.apply("prefix", value, terms.apply("-", terms.apply("len", value), 1))
        elif name == "clear":
            changed = ""
        elif name == "erase" and len(plain) == 1:
            changed = terms.apply("prefix", value, plain[0])
        elif name == "insert" and len(plain) == 2 and isinstance(plain[0], int):
            before, behind = terms.apply("prefix", value, plain[0]), terms.apply("from", value, plain[0])
            changed = terms.apply("+", terms.apply("+", before, plain[1]), behind)
        if changed is not UNSET:
            if not isinstance(place, Ref):
                return changed  # of a text that no variable holds
            place.set(changed)
            return place
        if name == "substr" and len(plain) in (1, 2):
            rest = terms.apply("from", value, plain[0])
            return terms.apply("prefix", rest, plain[1]) if len(plain) == 2 else rest
        if name in ("find", "rfind", "starts_with", "ends_with") and len(plain) == 1:
            return terms.apply(name, value, plain[0])
        if isinstance(value, str) and all(isinstance(one, (str, int)) for one in plain):
            if name == "back" and value:
                return value[-1]
            if name == "front" and value:
                return value[0]
            if name == "compare" and len(plain) == 1:
                other = str(plain[0])
                return (value > other) - (value < other)
        raise NotUnderstood(node, f"{name} of a string")

    def list_method(
        self, name: str, value: ListValue, arguments: list[Any], listed: list[Node], node: Node, frame: Frame
    ) -> Any:
        if name in ("push_back", "emplace_back", "insert", "push_front", "emplace", "append"):
            return self._added(name, value, arguments, listed, node, frame)
        if name not in ("begin", "end", "cbegin", "cend", "reserve", "data", "clear"):
            value.settle(frame.machine.knowledge.decide)
        if name in ("size", "length"):
            return len(value.items)
        if name == "empty":
            return not value.items
        if name in ("begin", "cbegin"):
            return Position(value, 0 if value.items else None)
        if name in ("end", "cend"):
            return Position(value, None)
        if name == "clear":
            value.items.clear()
            value.origins.clear()
            value.guards.clear()
            return UNSET
        if name in ("reserve", "shrink_to_fit", "data"):
            return UNSET if name != "data" else value
        if name == "pop_back" and value.items:
            value.items.pop()
            value.origins.pop()
            return UNSET
        if name in ("front", "back") and value.items:
            return Ref(value.items, 0 if name == "front" else len(value.items) - 1)
        if name == "at" and len(arguments) == 1:
            index = frame.machine.knowledge.concrete(frame.machine.scalar(arguments[0]))
            if isinstance(index, int) and 0 <= index < len(value.items):
                return Ref(value.items, index)
        raise NotUnderstood(node, f"{name} of a list")

    def _added(
        self, name: str, value: ListValue, arguments: list[Any], listed: list[Node], node: Node, frame: Frame
    ) -> Any:
        machine = frame.machine
        if name == "append" or (name == "insert" and len(arguments) == 3):
            source = arguments[1] if name == "insert" else arguments[0]
            source = source.get() if isinstance(source, Ref) else source
            of = source.of if isinstance(source, Position) else source
            if not isinstance(of, ListValue):
                raise NotUnderstood(node, f"{name} of {described(source)}")
            value.extend(of)
            return UNSET
        if name == "insert" and len(arguments) == 1:
            given, place = arguments, listed
        elif name in ("insert", "emplace"):
            given, place = arguments[1:], listed[1:]
        else:
            given, place = arguments, listed
        if name == "insert" and len(given) == 1 and isinstance(given[0], ListValue):
            value.extend(given[0])
            return UNSET
        location = place[0].location if place else node.location
        values = [copied_value(one.get() if isinstance(one, Ref) else one) for one in given]
        if value.element is not None and values:
            made = values[0] if len(values) == 1 else ListValue(values, [None] * len(values))
            made = self.shaped(value.element, made, machine)
            values = [made] if len(values) == 1 or not isinstance(made, ListValue) else values
        if len(values) == 1:
            item = values[0]
            if isinstance(item, Outside):
                item = machine.scalar(item) if item.type is not None and not item.type.is_pointer else item
        elif not values:
            item = ""
        else:
            item = ListValue(values, [None] * len(values))
        if machine.guard is not None:
            value.guards[len(value.items)] = machine.guard
        value.items.append(item)
        value.origins.append((location, machine.origin_text()))
        return Ref(value.items, len(value.items) - 1)

    def map_method(
        self, name: str, value: MapValue, arguments: list[Any], listed: list[Node], node: Node, frame: Frame
    ) -> Any:
        machine = frame.machine
        if name in ("end", "cend"):
            return Position(value, None)
        if name in ("begin", "cbegin"):
            return Position(value, next(iter(value.entries), None))
        if name == "size":
            return len(value.entries)
        if name == "empty":
            return not value.entries
        if name == "clear":
            value.entries.clear()
            return UNSET
        if name == "reserve":
            return UNSET
        if not arguments:
            raise NotUnderstood(node, f"{name} of a map")
        if name == "insert" and len(arguments) == 2 and isinstance(arguments[0], Position):
            source = arguments[0].of
            if isinstance(source, MapValue):
                for key, item in source.entries.items():
                    if key not in value.entries:
                        self._put(value, source.keys[key], item, source.origins.get(key), False)
                return UNSET
        first = arguments[0].get() if isinstance(arguments[0], Ref) else arguments[0]
        here: GivenAt = (node.location, machine.origin_text())
        if name in ("emplace", "try_emplace", "insert", "insert_or_assign"):
            if isinstance(first, (StructValue, ListValue)) and len(arguments) == 1:
                parts = list(first.fields.values()) if isinstance(first, StructValue) else first.items
            else:
                parts = [one.get() if isinstance(one, Ref) else one for one in arguments]
            if len(parts) == 1:
                parts.append("")
            if len(parts) != 2:
                raise NotUnderstood(node, f"{name} of a map with {len(parts)} parts")
            self._put(value, machine.scalar(parts[0]), parts[1], here, name == "insert_or_assign")
            return UNSET
        key = machine.scalar(first)
        frozen = frozen_key(key)
        if is_symbolic(key) and value.entries and frozen not in value.entries and not value.member:
            key = machine.knowledge.concrete(key)
            frozen = frozen_key(key)
        present = frozen in value.entries
        if name == "find":
            return Position(value, frozen if present else None)
        if name in ("count", "contains"):
            return present if name == "contains" else int(present)
        if name == "at" and present:
            return Ref(value.entries, frozen)
        if name == "erase":
            value.entries.pop(frozen, None)
            return int(present)
        raise NotUnderstood(node, f"{name} of a map")

    def _put(self, value: MapValue, key: Any, item: Any, origin: GivenAt | None, replace: bool) -> None:
        frozen = frozen_key(key)
        if frozen in value.entries and not replace:
            return
        value.keys[frozen] = key
        value.entries[frozen] = copied_value(item.target if isinstance(item, Pointer) else item)
        value.origins[frozen] = origin
