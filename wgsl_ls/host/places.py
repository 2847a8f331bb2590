"""Places: what an assignment, a reference or a loop over elements names."""

from __future__ import annotations

from typing import Any

from wgsl_ls.host.cpp_types import CppType
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.knowledge import Pruned
from wgsl_ls.host.machine import Frame, NotUnderstood, SizedRef, bits_of, described, item_place
from wgsl_ls.host.program import Program
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import Term, is_symbolic, is_text
from wgsl_ls.host.values import (
    UNSET,
    CharRef,
    EntryRef,
    GlobalRow,
    GlobalTable,
    ListValue,
    MapValue,
    OptionalValue,
    Outside,
    Pointer,
    Position,
    Ref,
    StructValue,
    frozen_key,
    held,
    reached,
)


class Places(Evaluator):
    def __init__(self, program: Program, pure: frozenset[str]) -> None:
        super().__init__(program, pure)
        self._member_bits: dict[tuple[str, str], int] = {}

    def _e_field_expression(self, node: Node) -> Value:
        argument, field_ = node.field("argument"), node.field("field")
        if argument is None or field_ is None:
            return self.not_understood(node, "member access")
        if "*" in node.tree.text[argument.end : field_.start]:
            return self.not_understood(node, "a pointer to a member")
        of, name, arrow = self.expression(argument), field_.text, node.operator == "->"

        def read(frame: Frame) -> Any:
            return frame.machine.member(of(frame), name, node, arrow)

        return read

    def _e_subscript_expression(self, node: Node) -> Value:
        argument = node.field("argument")
        indices = node.field("indices")
        if argument is None or indices is None or not indices.children:
            return self.not_understood(node, "subscript")
        place = self.place(node)

        def read(frame: Frame) -> Any:
            found = place(frame)
            return held(found)

        return read

    def element(self, of: Any, index: Any, node: Node, frame: Frame) -> Any:
        machine = frame.machine
        place = of
        if isinstance(of, Ref):
            of = of.get()
        if isinstance(of, Pointer):
            of = of.target
        if isinstance(of, OptionalValue) and of.box:
            of = of.box[0]
        if isinstance(of, Position):
            return self.pointed(self._moved("+", of, index, node, frame), node, frame)
        if isinstance(of, StructValue) and (found := self.overloaded("[]", of, [index], node, frame)) is not None:
            return found
        index = machine.scalar(index)
        if isinstance(of, Outside):
            element_type = None
            if of.type is not None:
                element_type = CppType(of.type.name, is_pointer="*" in of.type.spelled and of.type.is_array)
            shown = index if not is_symbolic(index) else str(index if isinstance(index, Term) else index.name)
            return machine.outside(f"{of.path}[{shown}]", element_type)
        if isinstance(of, MapValue):
            key = frozen_key(index)
            if is_symbolic(index) and of.entries and key not in of.entries and not of.member:
                index = machine.concrete(index, node)
            key = self.met_key(of, index, frame)
            machine.reaches(of, key)
            if key not in of.entries and self.is_filled_elsewhere(of):
                of.entries[key] = machine.call_unknown(f"{of.member}.at", [index], node)
                of.keys[key], of.origins[key] = index, None
            if key not in of.entries:
                of.entries[key] = UNSET if of.member else self.zero(self.value_type(of.type), frame)
                of.keys[key] = index
                of.origins[key] = None
            return EntryRef(of, key)
        if isinstance(of, GlobalTable):
            if not is_symbolic(index):
                if index not in of.rows:
                    raise NotUnderstood(node, f"{of.name} has no entry {index}")
                row = of.rows[index]
                return GlobalRow(of, index) if isinstance(row, dict) else row
            column = of.columns.get("")
            return machine.world.terms.apply("lookup", column, index) if column is not None else GlobalRow(of, index)
        if isinstance(of, ListValue):
            of.settle(machine.knowledge.decide)
        if is_symbolic(index):
            index = machine.concrete(index, node)
        if isinstance(of, ListValue) and isinstance(index, int):
            if not 0 <= index < len(of.items):
                raise NotUnderstood(node, "an index outside of the list")
            return item_place(of, index)
        if is_text(of) and isinstance(index, int):
            text = machine.concrete(of, node)
            if isinstance(text, str) and 0 <= index <= len(text):
                if not isinstance(place, Ref) or index == len(text):
                    return text[index : index + 1]
                if text is not of:
                    place.set(text)
                return CharRef(place, index)
        raise NotUnderstood(node, f"an element of {described(of) or 'an empty text'}")

    def _e_pointer_expression(self, node: Node) -> Value:
        argument = node.field("argument")
        if argument is None:
            return self.not_understood(node, "pointer expression")
        if node.operator == "&":
            place = self.place(argument)

            def address(frame: Frame) -> Any:
                found = place(frame)
                target = held(found)
                if isinstance(target, (StructValue, ListValue, MapValue)):
                    return Pointer(target)
                return Pointer(found) if isinstance(found, Ref) else found

            return address
        of = self.expression(argument)

        def deref(frame: Frame) -> Any:
            value = of(frame)
            found = self.pointed(value, node, frame)
            return held(found)

        return deref

    def pointed(self, value: Any, node: Node, frame: Frame) -> Any:
        """What a pointer or iterator leads to: a Ref where it is a place."""
        if isinstance(value, Pointer):
            return value.target
        if isinstance(value, OptionalValue):
            if not value.box:
                raise Pruned
            return Ref(value.box, 0)
        if isinstance(value, ListValue) and len(value.items) > 0 and not value.guards:
            return item_place(value, 0)
        if isinstance(value, Position):
            if value.key is None:
                raise NotUnderstood(node, "an element behind the last one")
            if isinstance(value.of, ListValue):
                value.of.settle(frame.machine.knowledge.decide)  # nobody has moved it if that leaves anything out
                if value.key >= len(value.of.items):
                    raise NotUnderstood(node, "an element behind the last one")
                return Ref(value.of.items, value.key)
            return StructValue("pair", {"first": value.of.keys[value.key], "second": EntryRef(value.of, value.key)})
        return value

    def lvalue(self, node: Node) -> Value:
        """The place that is written to; of `c ? a : b` the one that is chosen."""
        inner = node
        while inner.kind == "parenthesized_expression" and inner.children:
            inner = inner.children[0]
        parts = [inner.field(name) for name in ("condition", "consequence", "alternative")]
        condition, then, otherwise = parts
        if inner.kind != "conditional_expression" or condition is None or then is None or otherwise is None:
            return self.place(node)
        question, yes, no = self.expression(condition), self.lvalue(then), self.lvalue(otherwise)

        def chosen(frame: Frame) -> Any:
            machine = frame.machine
            return yes(frame) if machine.knowledge.decide(self.truth(question(frame), machine)) else no(frame)

        return chosen

    def member_place(self, owner: StructValue, name: str) -> Ref:
        key = (owner.type, name)
        bits = self._member_bits.get(key)
        if bits is None:
            records = (self.program.records.get(one) for one in self.program.lineage(owner.type))
            field_ = next((one.fields[name] for one in records if one is not None and name in one.fields), None)
            bits = 0
            if field_ is not None and not field_.type.is_pointer and not field_.type.is_array:
                bits = bits_of(self.program.resolved(field_.type).name, 0)
                bits = field_.bits * (-1 if bits < 0 else 1) if field_.bits else bits
            self._member_bits[key] = bits
        return SizedRef(owner.fields, name, bits) if bits else Ref(owner.fields, name)

    def place(self, node: Node) -> Value:
        """A Ref to what the expression names, where it names a place; else its value."""
        kind = node.kind
        if kind == "identifier":
            name = node.text

            def variable(frame: Frame) -> Any:
                holder = frame.holder(name)
                if holder is not None:
                    return Ref(holder, name)
                this = frame.this
                parent = frame.parent
                while this is None and parent is not None:
                    this, parent = parent.this, parent.parent
                if this is not None and (name in this.fields or frame.machine.field(this.type, name) is not None):
                    if name not in this.fields:
                        frame.machine.member(this, name, node, arrow=True)
                    return self.member_place(this, name)
                return self.named(name, frame, node)

            return variable
        if kind == "field_expression":
            argument, field_ = node.field("argument"), node.field("field")
            if argument is None or field_ is None:
                return self.not_understood(node, "member access")
            of, field_name, arrow = self.place(argument), field_.text, node.operator == "->"

            def member(frame: Frame) -> Any:
                owner, by_arrow = of(frame), arrow
                while isinstance(owner, (Ref, Pointer)) or (arrow and isinstance(owner, (OptionalValue, Position))):
                    if isinstance(owner, Ref):
                        owner = owner.get()
                    elif isinstance(owner, Pointer):
                        owner, by_arrow = owner.target, False
                    else:
                        owner = self.pointed(owner, node, frame)
                if isinstance(owner, Outside):
                    path = frame.machine.canonical(f"{owner.path}{'->' if by_arrow else '.'}{field_name}")
                    if path in frame.machine.written:
                        return Ref(frame.machine.written, path)
                if isinstance(owner, StructValue):
                    if field_name not in owner.fields:
                        owner.fields[field_name] = UNSET
                    return self.member_place(owner, field_name)
                return frame.machine.member(owner, field_name, node, by_arrow)

            return member
        if kind == "subscript_expression":
            argument, indices = node.field("argument"), node.field("indices")
            if argument is None or indices is None or not indices.children:
                return self.not_understood(node, "subscript")
            container, index = self.place(argument), self.expression(indices.children[0])

            def element(frame: Frame) -> Any:
                return self.element(container(frame), index(frame), node, frame)

            return element
        if kind == "parenthesized_expression" and node.children:
            return self.place(node.children[0])
        if kind == "pointer_expression" and node.operator == "*":
            argument = node.field("argument")
            if argument is not None:
                pointed = self.expression(argument)

                def target(frame: Frame) -> Any:
                    return self.pointed(pointed(frame), node, frame)

                return target
        return self.expression(node)

    def elements(self, found: Any, node: Node, frame: Frame) -> list[Any]:
        """The places that a loop over something comes to."""
        place = found
        found = reached(found)
        if isinstance(found, GlobalTable):
            found = self.rows(found, frame)
        if isinstance(found, ListValue):
            found.settle(frame.machine.knowledge.decide)
            return [Ref(found.items, index) for index in range(len(found.items))]
        if isinstance(found, MapValue):
            if found.path:
                frame.machine.changed()
            self.order(found, node, frame)
            return [
                StructValue("pair", {"first": found.keys[key], "second": Ref(found.entries, key)})
                for key in found.in_order()
            ]
        if is_text(found):
            text = frame.machine.concrete(found, node)
            if isinstance(text, str):
                if isinstance(place, Ref) and text is not found:
                    place.set(text)
                return [CharRef(place, index) if isinstance(place, Ref) else text[index] for index in range(len(text))]
        unknown = ", which is not known" if isinstance(found, Outside) else ""
        raise NotUnderstood(node, f"a loop over {described(found)}{unknown}")
