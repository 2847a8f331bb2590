"""Expressions of C++ as closures over a Frame, and places (what an assignment or a reference names).

The part of the interpreter below statements. Calls of functions that the program does not define go to
standard.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from wgsl_ls.host.declarations import (
    MAPS,
    CppType,
    Function,
    Program,
    base_name,
    integer,
    method_as_comparison,
    template_argument_type,
    type_of,
)
from wgsl_ls.host.effort import MOST_ITEMS, BadValue
from wgsl_ls.host.fractions import Single
from wgsl_ls.host.knowledge import Pruned
from wgsl_ls.host.machine import (
    BITS,
    DOUBLE,
    FLOATS,
    INTEGERS,
    LISTS,
    SINGLE,
    STREAMS,
    STRINGS,
    Frame,
    Machine,
    NotUnderstood,
    SizedRef,
    bits_of,
    described,
    item_place,
    narrowed,
)
from wgsl_ls.host.standard import Standard
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import (
    NO_POSITION,
    Input,
    Term,
    Undefined,
    is_symbolic,
    is_text,
    is_truth,
    may_be_float,
    spelled,
)
from wgsl_ls.host.values import (
    UNSET,
    CharRef,
    EntryRef,
    FunctionName,
    GlobalRow,
    GlobalTable,
    ListValue,
    MapValue,
    OptionalValue,
    Outside,
    Pointer,
    Position,
    Ref,
    Shader,
    StructValue,
    copied_value,
    frozen_key,
    held,
    n_elements,
    reached,
)

Value = Callable[[Frame], Any]
_SIZES: Final = {
    "char": 1, "bool": 1, "int8_t": 1, "uint8_t": 1, "int16_t": 2, "uint16_t": 2, "short": 2, "int": 4, "int32_t": 4,
    "uint32_t": 4, "unsigned": 4, "float": 4, "int64_t": 8, "uint64_t": 8, "size_t": 8, "double": 8, "long": 8,
}  # fmt: skip  # a table
_SCALARS: Final = (Term, Input, int, str, float)
_MAY_NARROW: Final = frozenset(("+", "-", "*", "<<"))
_COMPARES: Final = frozenset(("<", "<=", ">", ">=", "==", "!="))
_COMPOUND: Final = frozenset(("binary_expression", "conditional_expression", "unary_expression", "comma_expression"))
_RANKS: Final = {
    "?": 1, "||": 2, "&&": 3, "|": 4, "^": 5, "&": 6, "==": 7, "!=": 7, "<": 8, ">": 8, "<=": 8, ">=": 8, "<<": 9,
    ">>": 9, "+": 10, "-": 10, "*": 11, "/": 11, "%": 11, "!": 12, "~": 12, ".": 12, "[": 12,
}  # fmt: skip  # how tightly operators bind; a table
_CASTS: Final = frozenset(("static_cast", "reinterpret_cast", "const_cast", "dynamic_cast"))
_TEMPLATE: Final = re.compile(r"<.*>")
_ESCAPED: Final = re.compile(r"\\(x[0-9A-Fa-f]+|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "0": "\0", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


class Expressions(Standard):
    def __init__(self, program: Program, pure: frozenset[str]) -> None:
        super().__init__(program, pure)
        self._constants: dict[str, Value] = {}
        self._relisted: dict[tuple[Node, str], Value] = {}
        self._defaults: dict[tuple[str, Node], Value] = {}
        self._member_bits: dict[tuple[str, str], int] = {}
        self._torn: dict[tuple[Function, Node], bool] = {}

    def expression(self, node: Node) -> Value:
        handler = getattr(self, f"_e_{node.kind}", None)
        if handler is not None:
            value: Value = handler(node)
            return value
        return self.not_understood(node, f"expression {node.kind.replace('_', ' ')}")

    def truth(self, value: Any, machine: Machine) -> Any:
        """A value as a condition: pointers and objects by being there."""
        if isinstance(value, (Term, Input, bool, int, float)):
            return value
        if isinstance(value, Ref):
            return self.truth(value.get(), machine)
        if isinstance(value, (Outside, Pointer, OptionalValue)) or value is None:
            return machine.present(value)
        if isinstance(value, Position):
            return value.key is not None
        if isinstance(value, FunctionName) and not value.overloads:
            machine.world.globals.add(value.name)
            return machine.truth(value.name)  # nobody says what it is
        return value is not UNSET

    def returned(self, node: Node) -> Value:
        if node.kind == "initializer_list":
            return lambda frame: self.default(frame.returns, node, frame)
        return self.expression(node)

    def aborting(self, frame: Frame) -> None:
        raise Pruned

    # Literals and names

    def _e_number_literal(self, node: Node) -> Value:
        text = node.text
        whole = integer(text)
        if whole is not None:
            return lambda frame: whole
        try:
            number = float(text.rstrip("fFlL").replace("'", ""))
            number = Single(number) if text[-1] in "fF" else number
        except ValueError:
            return self.not_understood(node, f"number {text}")
        return lambda frame: number

    def _e_true(self, node: Node) -> Value:
        return lambda frame: True

    def _e_false(self, node: Node) -> Value:
        return lambda frame: False

    def _e_null(self, node: Node) -> Value:
        return lambda frame: None

    _e_nullptr = _e_null

    def _e_string_literal(self, node: Node) -> Value:
        text = _string(node)
        return lambda frame: text

    _e_raw_string_literal = _e_string_literal

    def _e_char_literal(self, node: Node) -> Value:
        text = node.text.strip("'")
        text = _ESCAPED.sub(_escaped, text)
        return lambda frame: text

    def _e_concatenated_string(self, node: Node) -> Value:
        parts = [self.expression(child) for child in node.children]

        def joined(frame: Frame) -> Any:
            whole: Any = ""
            for part in parts:
                whole = frame.machine.world.terms.apply("+", whole, frame.machine.scalar(part(frame)))
            return whole

        return joined

    def _e_this(self, node: Node) -> Value:
        return lambda frame: Pointer(frame.this) if frame.this is not None else Outside("this", None)

    def _e_identifier(self, node: Node) -> Value:
        name = node.text

        def read(frame: Frame) -> Any:
            value = frame.variables.get(name, read)
            if value is read:
                value = self.named(name, frame, node)
            if isinstance(value, Ref):
                value = value.get()
            if value is UNSET:
                raise NotUnderstood(node, f"{name} is read before it has a value")
            return value

        return read

    _e_type_identifier = _e_identifier  # where the grammar takes an argument for a type

    def _e_template_function(self, node: Node) -> Value:
        return self._asked_of_types(node)

    def _asked_of_types(self, node: Node) -> Value:
        """`is_same_v<A, B>`."""
        name, listed = node.field("name"), node.field("arguments")
        children = listed.children if listed is not None else ()
        if name is None or name.text != "is_same_v" or len(children) != 2:
            return self.not_understood(node, "this template")
        types = [self.template_value(one) for one in children]

        def asked(frame: Frame) -> bool:
            first, second = (one(frame) for one in types)
            unknown = frame.function.template if frame.function is not None else ()
            if first.name in unknown or second.name in unknown:
                raise NotUnderstood(node, "a type that is not written")
            return bool(first.name == second.name and first.is_pointer == second.is_pointer)

        return asked

    def _e_user_defined_literal(self, node: Node) -> Value:
        suffix = node.children[-1] if node.children else None
        if suffix is None or suffix.text not in ("s", "sv"):
            return self.not_understood(node, "this literal")
        return self.expression(node.children[0])

    def _e_qualified_identifier(self, node: Node) -> Value:
        text = node.text
        last = node.field("name")
        inner = self.expression(last) if last is not None and last.kind == "qualified_identifier" else None
        if last is not None and last.kind == "template_function":
            return self._asked_of_types(last)
        end = "::".join(text.replace(" ", "").split("::")[-2:])
        end = end if end in self.program.constants else "::".join(_TEMPLATE.sub("", end).split("::"))

        def read(frame: Frame) -> Any:
            if text in self.program.enumerators:
                return self.program.enumerators[text]
            tail = "::".join(text.split("::")[-2:])
            if tail in self.program.enumerators:
                return self.program.enumerators[tail]
            if end in self.program.constants:
                return self.constant(end, frame)
            if inner is not None:
                return inner(frame)
            name = last.text if last is not None else text
            if "::numeric_limits" in text or name in ("npos",):
                return NO_POSITION
            return self.named(name, frame, node)

        return read

    def named(self, name: str, frame: Frame, node: Node) -> Any:
        """The value of a name that is no local variable."""
        holder = frame.holder(name)
        if holder is not None:
            return holder[name]
        this: StructValue | None = frame.this
        parent = frame.parent
        while this is None and parent is not None:
            this, parent = parent.this, parent.parent
        if this is not None and (name in this.fields or frame.machine.field(this.type, name) is not None):
            return frame.machine.member(this, name, node, arrow=True)
        if name in self.program.enumerators:
            return self.program.enumerators[name]
        constant = self.constant(name, frame, node)
        if constant is not UNSET:
            return constant
        if name in self.program.maps:
            found = frame.machine.globals.get(name)
            if found is None:
                found = frame.machine.globals[name] = frame.machine.outside(name, self.program.maps[name])
            return found
        shader = frame.machine.expect(name)
        if shader is not None:
            return shader
        overloads = self.program.functions.get(name)
        if overloads is not None:
            return FunctionName(name, tuple(overloads))
        limits = {"UINT32_MAX": 2**32 - 1, "INT32_MAX": 2**31 - 1, "SIZE_MAX": 2**64 - 1, "NULL": None, "nullopt": None}
        if name in limits:
            return limits[name]
        if name in self.program.unread_macros:
            raise NotUnderstood(node, f"the macro {name}")
        return FunctionName(name)

    def constant(self, name: str, frame: Frame, node: Node | None = None) -> Any:
        """The value of a global constant or macro; UNSET when there is none."""
        owners = self.program.lineage(frame.this.type) if frame.this is not None else ()
        owners = (*owners, *reversed(frame.function.scope)) if frame.function is not None else owners
        own = next((one for owner in owners if (one := f"{owner}::{name}") in self.program.constants), None)
        found = self.program.constants.get(own or name)
        if found is None:
            return UNSET
        if node is not None and own is None and name in self.program.macros and is_torn(found[1], node):
            raise NotUnderstood(node, f"the macro {name}, of which other operators here take a part")
        if own is None and name in self.program.ambiguous:
            raise NotUnderstood(found[1], f"{name} has several values")
        name = own or name
        if name in self.program.ambiguous:
            raise NotUnderstood(found[1], f"{name} has several values")
        type_, initialiser = found
        if not type_.is_const and name not in self.program.macros and self.program.may_change(name):
            frame.machine.world.globals.add(name)
            return frame.machine.outside(name, type_)
        if type_.is_array or (initialiser.kind == "initializer_list" and type_.name in ("array", "auto")):
            return self.table(name, type_, initialiser, frame)
        run = self._constants.get(name)
        if run is None:
            run = self._constants[name] = self.initialised(type_, initialiser)
        machine = frame.machine
        if name in machine.globals:
            return machine.globals[name]
        replay, machine.replay = machine.replay, None  # a constant is worked out once, a call of it is none of the path
        try:
            value = run(Frame(machine, None, None, frame.depth + 1))
        finally:
            machine.replay = replay
        if isinstance(value, (ListValue, MapValue, StructValue)):
            machine.globals[name] = value
        return value

    # Members, elements

    def _e_field_expression(self, node: Node) -> Value:
        argument, field_ = node.field("argument"), node.field("field")
        if argument is None or field_ is None:
            return self.not_understood(node, "member access")
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
            return self.pointed(self._moved("+", of, index, node, frame), node)
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
                key = frozen_key(index)
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

    # Operators

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
            found = self.pointed(value, node)
            return held(found)

        return deref

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
            whole, part = (one.text.removeprefix("sizeof").strip("( )") for one in (left, right))
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

    def pointed(self, value: Any, node: Node) -> Any:
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
                return Ref(value.of.items, value.key)
            return StructValue("pair", {"first": value.of.keys[value.key], "second": EntryRef(value.of, value.key)})
        return value

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

    def _e_sizeof_expression(self, node: Node) -> Value:
        value, described_type = node.field("value"), node.field("type")
        if value is not None:
            inner = value
            while inner.kind == "parenthesized_expression" and inner.children:
                inner = inner.children[0]
            if inner.kind == "string_literal":
                size = len(_string(inner).encode("utf-8", "surrogatepass")) + 1
                return lambda frame: size
            name = inner.text
        else:
            name = base_name(described_type) if described_type is not None else ""
        found = _SIZES.get(name)
        if found is not None:
            return lambda frame: found

        def size_of(frame: Frame) -> Any:
            holder = frame.holder(name)
            array = held(holder[name]) if holder is not None else None
            element = array.element if isinstance(array, ListValue) and not array.guards else None
            if isinstance(array, ListValue) and element is not None and element.name in _SIZES:
                return len(array.items) * (8 if element.is_pointer else _SIZES[element.name])
            return frame.machine.number(f"sizeof({name})")

        return size_of

    def _e_lambda_expression(self, node: Node) -> Value:
        return self.closure(node)

    def closure(self, node: Node) -> Value:
        raise NotImplementedError

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
            if argument.kind == "identifier" and isinstance(new, int):
                new = frame.wrapped(argument.text, new)
            target.set(new)
            return new if prefix else old

        return update

    def is_torn(self, macro: Function, node: Node, listed: Sequence[Node]) -> bool:
        key = (macro, node)
        found = self._torn.get(key)
        if found is None:
            names = (one.name for one in macro.parameters)
            found = self._torn[key] = is_torn(macro.body, node, tuple(zip(names, listed, strict=False)))
        return found

    # Places

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
                owner = of(frame)
                while isinstance(owner, (Ref, Pointer)) or (arrow and isinstance(owner, (OptionalValue, Position))):
                    if isinstance(owner, (Ref, Pointer)):
                        owner = owner.get() if isinstance(owner, Ref) else owner.target
                    else:
                        owner = self.pointed(owner, node)
                if isinstance(owner, Outside):
                    path = frame.machine.canonical(f"{owner.path}{'->' if arrow else '.'}{field_name}")
                    if path in frame.machine.written:
                        return Ref(frame.machine.written, path)
                if isinstance(owner, StructValue):
                    if field_name not in owner.fields:
                        owner.fields[field_name] = UNSET
                    return self.member_place(owner, field_name)
                return frame.machine.member(owner, field_name, node, arrow)

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
                    return self.pointed(pointed(frame), node)

                return target
        return self.expression(node)

    # Initialisation

    def initial(self, type_: CppType, frame: Frame) -> Any:
        """A variable without initialiser."""
        machine = frame.machine
        type_ = self.program.resolved(type_)
        if type_.is_pointer or type_.is_reference:
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
            return ListValue(items, [None] * len(items), element=element, kind=name if name.endswith("set") else "")
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
        name = template_argument_type(type_)
        if type_.name == "array" and name == "auto":
            first, comma, _ = type_.spelled.rpartition(",")
            name = template_argument_type(CppType("array", f"{first}>")) if comma else name
        is_pair = name == "auto" and type_.spelled.partition("<")[2].lstrip().removeprefix("std::").startswith("pair<")
        return CppType("pair") if is_pair else CppType(name) if name != "auto" else None

    def value_type(self, type_: CppType | None) -> CppType:
        """Of a map."""
        inside = type_.spelled.partition("<")[2].rpartition(">")[0] if type_ is not None else ""
        value = inside.rpartition(",")[2].strip() if "<" not in inside else ""
        name = value.replace("const ", "").rpartition("::")[2].strip()
        return CppType(name.strip(" *") or "string", is_pointer="*" in name)

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

    def rows(self, table: GlobalTable, frame: Frame) -> Any:
        """A global array as a list."""
        type_, initialiser = self.program.constants[table.name]
        return self.default(type_, initialiser, Frame(frame.machine, None, None, frame.depth + 1))

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

    def as_list(self, type_: CppType, value: ListValue, node: Node, frame: Frame) -> ListValue:
        """A list as one of type `type_`: sets hold each element once."""
        value.element, value.kind = self.element_type(type_), type_.name if type_.name.endswith("set") else ""
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
            return StructValue("pair", dict(zip(("first", "second", "_2", "_3"), value.items, strict=False)))
        if type_.is_pointer:
            return value
        if type_.is_array or type_.name in LISTS:
            element = self.element_type(type_)
            if any(isinstance(one, (ListValue, StructValue)) for one in value.items):
                value.items[:] = [self.shaped(element, one, frame) for one in value.items]
            value.element = value.element or element
            return value
        if type_.name in STRINGS:
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

    def _from_list(self, type_: CppType, node: Node) -> Value:
        type_ = self.program.resolved(type_)
        name = type_.name
        children = node.children
        if name == "auto" and node.kind == "initializer_list" and len(children) > 1:
            type_ = CppType("initializer_list")
            return self._list_from(children, type_, node)
        if name in MAPS and not type_.is_pointer:
            return self._map_from(children, node, type_)
        parenthesised = node.kind == "argument_list"
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

    def _is_nested(self, node: Node) -> bool:
        """Are the braces around the elements of a std::array written twice?"""
        return not node.children or node.children[0].kind != "initializer_pair"

    def _list_from(self, children: tuple[Node, ...], type_: CppType, node: Node) -> Value:
        element = self.element_type(type_)
        values = [self.initialised(element or CppType("auto"), child) for child in children]
        places = [child.location for child in children]
        is_sized = type_.is_array or type_.name == "array"
        is_set = type_.name.endswith("set")

        def listed(frame: Frame) -> Any:
            machine = frame.machine
            items = [value(frame) for value in values]
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
            if field_type is not None and field_type.is_reference:
                given.append((field_name, self.place(value)))
                continue
            given.append((field_name, self.initialised(field_type or CppType("auto"), value)))

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

    def table(self, name: str, type_: CppType, initialiser: Node, frame: Frame) -> GlobalTable:
        """A global constant array, with its columns."""
        world = frame.machine.world
        known = world.tables.get(name)
        machine = frame.machine
        if known is not None:
            machine.called.update(known.rests_on)
            return known
        before, machine.called = machine.called, set()
        rows: dict[object, Any] = {}
        following = 0
        columns: dict[str, dict[object, object]] = {}
        element = self.element_type(type_)
        names = list(self.program.fields_of(element.name)) if element is not None else []
        names = ["first", "second"] if element is not None and element.name == "pair" else names
        made = world.tables[name] = GlobalTable(name, rows, {})
        for child in initialiser.children:
            value: Node | None = child
            if child.kind == "initializer_pair":
                designator, value = child.field("designator"), child.field("value")
                index = designator.children[0] if designator is not None and designator.children else None
                known_index = self.program.enumerators.get(index.text) if index is not None else None
                number = integer(index.text) if index is not None else None
                following = known_index if known_index is not None else number if number is not None else following
            if value is not None:
                rows[following] = self._row(value, frame, names)
            following += 1
        for index_, row in rows.items():
            for column, cell in row.items() if isinstance(row, dict) else (("", row),):
                columns.setdefault(column, {})[index_] = cell
        made.columns.update(
            {
                column: machine.world.terms.table(cells, f"{name}[{{}}]" + (f".{column}" if column else ""))
                for column, cells in columns.items()
            }
        )
        made.rests_on = frozenset(machine.called)
        before.update(machine.called)
        machine.called = before
        return made

    def _row(self, node: Node, frame: Frame, names: list[str]) -> Any:
        if node.kind != "initializer_list":
            try:
                return frame.machine.scalar(self.expression(node)(frame))
            except NotUnderstood:
                return UNSET
        row: dict[str, Any] = {}
        for index, child in enumerate(node.children):
            designator = child.field("designator") if child.kind == "initializer_pair" else None
            value = child.field("value") if child.kind == "initializer_pair" else child
            name = names[index] if index < len(names) else f"_{index}"
            name = designator.children[0].text if designator is not None and designator.children else name
            if value is None:
                continue
            cell = self._row(value, frame, []) if value.kind != "initializer_list" else UNSET
            if isinstance(cell, (str, int, float, bool)):
                row[name] = cell
        return row

    # Calls

    def _e_call_expression(self, node: Node) -> Value:
        function, arguments = node.field("function"), node.field("arguments")
        if function is None or arguments is None:
            return self.not_understood(node, "this call")
        listed = list(arguments.children)
        if function.kind == "template_function" or (
            function.kind == "qualified_identifier"
            and (name := function.field("name")) is not None
            and name.kind == "template_function"
        ):
            inner = function if function.kind == "template_function" else function.field("name")
            assert inner is not None
            named = inner.field("name")
            if named is not None and named.text in _CASTS and len(listed) == 1:
                types = inner.field("arguments")
                if types is not None and types.children:
                    return self._cast(types.children[0], self.expression(listed[0]))
        if function.kind in ("primitive_type", "sized_type_specifier"):
            return self._from_list(CppType(function.text), arguments)
        places = [self.place(one) if one.kind != "initializer_list" else self.expression(one) for one in listed]
        if function.kind == "field_expression":
            return self.method_call(node, function, listed, places)
        if function.kind not in ("identifier", "qualified_identifier", "template_function"):
            called = self.expression(function)
            return lambda frame: self.call_value(called(frame), [place(frame) for place in places], node, frame)
        return self.function_call(node, function, listed, places)

    def chosen_overload(self, overloads: list[Function], arguments: list[Any], owner: str | None) -> Function | None:
        """The overload that the arguments fit best."""
        best: tuple[int, Function] | None = None
        n_arguments = len(arguments)
        fitting = [
            one
            for one in overloads
            if n_arguments == len(one.parameters)
            or (
                n_arguments < len(one.parameters)
                and all(parameter.default is not None for parameter in one.parameters[n_arguments:])
            )
        ]
        if len(fitting) < 2:
            return fitting[0] if fitting else None
        for function in fitting:
            score = 2 if function.owner is not None and function.owner == owner else 0 if function.owner is None else -1
            for parameter, argument in zip(function.parameters, arguments, strict=False):
                score += _fit(self.program.resolved(parameter.type), argument)
            if best is None or score > best[0]:
                best = (score, function)
        return best[1] if best is not None else None


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


def _fraction(node: Node) -> int:
    """Which of FLOATS a literal is, 0 for what is no fraction."""
    while node.kind == "parenthesized_expression" and node.children:
        node = node.children[0]
    if node.kind != "number_literal" or integer(node.text) is not None:
        return 0
    return SINGLE if node.text[-1] in "fF" else DOUBLE


def _held(value: Any, frame: Frame) -> Any:
    return value


def is_torn(body: Node, used: Node, given: Sequence[tuple[str, Node]] = ()) -> bool:
    """Would the text of a macro be taken apart by the operators around it where it is `used`, or its arguments by
    those in it? (name of the parameter, what is given)"""
    code = used.tree.text
    before, behind = code[: used.start].rstrip()[-2:], code[used.end :].lstrip()[:2]
    around = max(_RANKS.get(one, _RANKS.get(part, 0)) for one, part in ((before, before[-1:]), (behind, behind[:1])))
    is_open = body.kind in ("binary_expression", "conditional_expression")
    rank = _RANKS.get(body.operator, 1) if body.kind == "binary_expression" else 1
    if is_open and (around > rank or (before[-1:] in ("-", "/", "%") and rank < 12)):
        return True
    text = body.text
    for name, argument in given:
        if argument.kind not in _COMPOUND:
            continue
        for match in re.finditer(rf"\b{re.escape(name)}\b", text):
            left, right = text[: match.start()].rstrip()[-1:], text[match.end() :].lstrip()[:1]
            if (left and left not in "(,") or (right and right not in "),"):
                return True
    return False


def optional(value: Any) -> OptionalValue:
    """A std::optional of a value, of none for std::nullopt."""
    return OptionalValue() if value is None else OptionalValue(value)


def _own(value: Any, machine: Machine) -> Any:
    """A value as a variable that it is assigned to holds it."""
    value = held(value)
    machine.effort.spend(n_elements(value))
    return copied_value(value)


def _fit(type_: CppType, argument: Any) -> int:
    value = held(argument)
    if isinstance(value, Outside) and value.type is not None:
        return 3 if value.type.name == type_.name else -3 if type_.name in INTEGERS else 0
    if isinstance(value, StructValue):
        return 3 if value.type == type_.name else -3
    if type_.name == "bool" and not type_.is_pointer:
        return 3 if is_truth(value) else 0 if is_symbolic(value) or isinstance(value, (int, float)) else -2
    if isinstance(value, str):
        return 2 if type_.name in (*STRINGS, "char", "auto") else -3
    if is_symbolic(value) or isinstance(value, (int, float)):
        return -3 if type_.is_pointer else 1
    return 0


def _is_object(value: Outside) -> bool:
    return (
        value.type is None
        or value.type.is_pointer
        or (value.type.name not in INTEGERS and value.type.name not in FLOATS)
    )


def _is_scalar(value: Any) -> bool:
    return is_symbolic(value) or isinstance(value, (str, int, float))


def _either(answer: Any, first: Outside, second: Outside) -> Outside:
    """One of two things from outside: a third one."""
    return Outside(f"({spelled(answer)} ? {first.path} : {second.path})", first.type)


def _is_number(value: Any) -> bool:
    return is_symbolic(value) or isinstance(value, (int, float))


def _string(node: Node) -> str:
    if node.kind == "raw_string_literal":
        content = node.child("raw_string_content")
        return content.text if content is not None else ""
    text = node.text
    start = text.find('"')
    text = text[start + 1 : -1]
    if "\\" not in text:
        return text
    return _ESCAPED.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "xuU":
        return chr(min(int(code[1:], 16), 0x10FFFF))
    return chr(int(code, 8)) if code[0] in "01234567" else _ESCAPES.get(code, code)
