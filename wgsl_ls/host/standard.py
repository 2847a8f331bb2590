"""Calls: of the program's own functions, of those that the library table describes, of the standard library, and
of the preprocessor. What is called without being known gives a value from outside, and is remembered as such.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from wgsl_ls.host.declarations import (
    CppType,
    Function,
    Program,
    base_name,
    scope_of,
    template_argument,
    template_argument_type,
)
from wgsl_ls.host.effort import MOST_ITEMS, BadValue
from wgsl_ls.host.knowledge import Pruned
from wgsl_ls.host.machine import LISTS, STREAMS, STRINGS, Frame, Machine, NotUnderstood, described
from wgsl_ls.host.methods import Methods, TextPosition
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import Table, Term, is_symbolic
from wgsl_ls.host.values import (
    UNSET,
    Closure,
    EntryRef,
    Expanded,
    FunctionName,
    GlobalRow,
    GlobalTable,
    ListValue,
    MapValue,
    Outside,
    Pointer,
    Position,
    Ref,
    Shader,
    StructValue,
    copied_value,
)

Value = Callable[[Frame], Any]
_CONVERSION: Final = re.compile(r"%(?:hh|h|ll|l|z|j|t)?[diusc]")


class Standard(Methods):
    def __init__(self, program: Program, pure: frozenset[str]) -> None:
        super().__init__(program)
        self.pure = pure

    def is_plain(self, node: Node) -> bool:
        """Can the expression be worked out without being needed? (No call that may fork or abort, no assignment.)"""
        for one in node.walk():
            if one.kind in ("assignment_expression", "update_expression", "lambda_expression"):
                return False
            if one.kind == "call_expression":
                function = one.field("function")
                if function is None or function.kind == "field_expression":
                    return False
                name = base_name(function)
                overloads = self.program.functions.get(name, ())
                if name not in self.pure and not all(found.is_macro for found in overloads):
                    return False
        return True

    def function_call(self, node: Node, function: Node, listed: list[Node], places: list[Value]) -> Value:
        name, written = base_name(function), scope_of(function)
        construct = self.constructed(CppType(name), tuple(listed), node) if name in self.program.records else None

        def call(frame: Frame) -> Any:
            machine = frame.machine
            library = machine.world.library
            if function.kind == "identifier":
                holder = frame.holder(name)
                if holder is not None:
                    return self.call_value(holder[name], [place(frame) for place in places], node, frame)
            if name in library.aborts:
                raise Pruned
            if name in library.asserts and places:
                machine.knowledge.assume(self.truth(places[0](frame), machine))
                return UNSET
            if name in library.ignored:
                return UNSET
            if name in machine.world.preprocess:
                return self.expand(node, [place(frame) for place in places], frame)
            arguments = [place(frame) for place in places]
            known = self.from_library(name, arguments, node, frame)
            if known is not UNSET:
                return known
            overloads = self.program.functions.get(name)
            if overloads is not None:
                owner = frame.this.type if frame.this is not None else None
                scope = written or (frame.function.scope if frame.function is not None else None)
                chosen = self.chosen_overload(overloads, arguments, owner, scope)
                if chosen is not None:
                    sent = self.sent(arguments, chosen.returns, frame)
                    if sent is not None:
                        return sent
                    this = frame.this if chosen.owner is not None and chosen.owner == owner else None
                    if chosen.owner is not None and this is None:
                        this = machine.object_of(chosen.owner)
                    return self.call(chosen, arguments, frame, this, node)
            if name in self.program.unread:
                raise NotUnderstood(node, f"the macro {name}")
            handler = getattr(self, f"_std_{name}", None)
            if handler is not None:
                return handler(node, function, arguments, frame)
            if construct is not None:
                return construct(frame)
            sent = self.sent(arguments, None, frame)
            return sent if sent is not None else machine.call_unknown(name, arguments, node)

        return call

    def method_call(self, node: Node, function: Node, listed: list[Node], places: list[Value]) -> Value:
        argument, field_ = function.field("argument"), function.field("field")
        if argument is None or field_ is None:
            return self.not_understood(node, "this call")
        of, name = self.place(argument), base_name(field_)

        def call(frame: Frame) -> Any:
            machine = frame.machine
            if name in machine.world.preprocess:
                return self.expand(node, [place(frame) for place in places], frame, of(frame))
            place = of(frame)
            value = place
            while isinstance(value, (Ref, Pointer)):
                if isinstance(value, Pointer) and name in ("get", "reset", "release", "value"):
                    return value if name in ("get", "value") else UNSET
                value = value.get() if isinstance(value, Ref) else value.target
            if value is UNSET:
                raise NotUnderstood(argument, f"{argument.text} is used before it has a value")
            arguments = [self.argument(one, item, frame) for one, item in zip(listed, places, strict=True)]
            if isinstance(value, str) or (is_symbolic(value) and name in self.text_methods):
                return self.text_method(name, place, value, arguments, node, frame)
            if isinstance(value, ListValue):
                return self.list_method(name, value, arguments, listed, node, frame)
            if isinstance(value, GlobalTable) and name in ("size", "length"):
                return len(value.rows)
            if isinstance(value, MapValue):
                return self.map_method(name, value, arguments, listed, node, frame)
            if isinstance(value, StructValue) and name in value.fields:
                return self.call_value(value.fields[name], arguments, node, frame)
            if (
                name in ("c_str", "data", "value", "get")
                and not arguments
                and not isinstance(value, (Outside, StructValue))
            ):
                return value
            return self.object_method(name, value, arguments, node, frame)

        return call

    def argument(self, node: Node, place: Value, frame: Frame) -> Any:
        return place(frame)

    def object_method(self, name: str, value: Any, arguments: list[Any], node: Node, frame: Frame) -> Any:
        machine = frame.machine
        overloads = [one for one in self.program.functions.get(name, ()) if one.owner is not None]
        owner = value.type if isinstance(value, StructValue) else None
        if isinstance(value, Outside) and value.type is not None:
            owner = self.program.resolved(value.type).name
        fitting = [one for one in overloads if one.owner == owner] or (
            [] if owner in self.program.records else overloads
        )
        chosen = self.chosen_overload(fitting, arguments, owner)
        sent = self.sent(arguments, chosen.returns if chosen is not None else None, frame)
        if sent is not None:
            return sent
        if chosen is not None and chosen.owner is not None:
            this = value if isinstance(value, StructValue) else machine.object_of(chosen.owner)
            return self.call(chosen, arguments, frame, this, node)
        if name in ("has_value",) and not arguments:
            return machine.present(value)
        if name == "str" and isinstance(value, StructValue) and value.type in STREAMS:
            return value.fields.get("text", "")
        if name in ("value", "get", "c_str", "data") and not arguments:
            return value
        if name == "value_or" and len(arguments) == 1:
            return value if machine.knowledge.decide(machine.present(value)) else machine.scalar(arguments[0])
        if arguments:
            machine.told.add(described(value))
        return machine.call_unknown(f"{described(value)}.{name}", arguments, node)

    def call_value(self, value: Any, arguments: list[Any], node: Node, frame: Frame) -> Any:
        """A call of a lambda or of a function held in a variable."""
        while isinstance(value, Ref):
            value = value.get()
        machine = frame.machine
        if isinstance(value, Closure):
            machine.step()
            inner = Frame(machine, frame.function, None, frame.depth + 1, value.frame)
            if inner.depth > 60:
                raise NotUnderstood(node, "lambdas nested too deeply")
            for parameter, argument in zip(value.parameters, arguments, strict=False):
                inner.variables[parameter.name] = self.passed(parameter.type, argument, machine)
            return value.run(inner)
        if isinstance(value, FunctionName) and value.overloads:
            chosen = self.chosen_overload(list(value.overloads), arguments, None)
            if chosen is not None:
                return self.call(chosen, arguments, frame, None, node)
        sent = self.sent(arguments, None, frame)
        return sent if sent is not None else machine.call_unknown(described(value), arguments, node)

    # The preprocessor

    def expand(self, node: Node, arguments: list[Any], frame: Frame, of: Any = None) -> Any:
        """A call of the preprocessor: which shader, with which macros. `of`: the object it is a method of."""
        machine = frame.machine
        shader: Shader | None = None
        defines: ListValue | MapValue | None = None
        is_unknown = False
        for argument in arguments:
            value = argument.get() if isinstance(argument, Ref) else argument
            value = value.target if isinstance(value, Pointer) else value
            if isinstance(value, Shader):
                shader = shader or value
            elif isinstance(value, str):
                shader = shader or machine.expect(value)
            elif isinstance(value, (ListValue, MapValue)):
                defines = defines or value
            elif isinstance(value, StructValue):
                defines = defines or next(
                    (one for one in value.fields.values() if isinstance(one, (ListValue, MapValue))), None
                )
            else:
                is_unknown = True
        if defines is None and described(of) in machine.told:
            raise NotUnderstood(node, f"what {described(of)} was told before it expands the shader")
        if defines is None and shader is not None and is_unknown:
            raise NotUnderstood(node, "with which macros the shader is expanded here")
        if shader is None:
            raise NotUnderstood(node, "which shader is expanded here")
        if frame.function is None:
            raise NotUnderstood(node, "a call of the preprocessor outside of a function")
        expanded = Expanded(shader, self.defines(defines, node, frame), node.location, frame.function)
        machine.waiting.append(expanded)
        return expanded

    def defines(self, given: ListValue | MapValue | None, node: Node, frame: Frame) -> tuple[Any, ...]:
        machine = frame.machine
        here = (node.location, machine.origin_text())
        found: list[Any] = []
        if isinstance(given, ListValue):
            for index, (item, origin) in enumerate(zip(given.items, given.origins, strict=True)):
                value = item
                if isinstance(item, StructValue):
                    value = self.pair(list(item.fields.values()), machine)
                elif isinstance(item, ListValue):
                    value = self.pair(item.items, machine)
                elif not (isinstance(item, str) or is_symbolic(item)):
                    raise NotUnderstood(node, f"a macro that is {described(item)}")
                found.append((value, origin or here, given.guards.get(index, True)))
        elif given is not None:
            for key, value in given.entries.items():
                found.append((self.pair([given.keys[key], value], machine), given.origins.get(key) or here, True))
        return tuple(found)

    def pair(self, parts: list[Any], machine: Machine) -> Any:
        """`NAME=VALUE` of a name and a value."""
        parts = [machine.scalar(part) for part in parts]
        if not parts:
            return ""
        if len(parts) < 2 or parts[1] in ("", None) or parts[1] is True or parts[1] is UNSET:
            return parts[0]
        terms = machine.world.terms
        value = parts[1] if isinstance(parts[1], str) else terms.apply("str", parts[1])
        if is_symbolic(parts[1]) and is_text(parts[1]):
            value = parts[1]
        return terms.apply("+", terms.apply("+", parts[0], "="), value)

    def sent(self, arguments: list[Any], returns: CppType | None, frame: Frame) -> Any:
        """A call that gets an expanded shader makes something of it; a text among its arguments is the label."""
        values = [one.get() if isinstance(one, Ref) else one for one in arguments]
        expanded = next((one for one in values if isinstance(one, Expanded)), None)
        if expanded is None:
            return None
        label = next((one for one in values if isinstance(one, str) or (is_symbolic(one) and is_text(one))), None)
        if not expanded.sent and label is not None:
            expanded.sent = True
            frame.machine.on_expanded(expanded, label)
        if label is None and returns is None:
            return expanded
        return StructValue(returns.name if returns is not None else "pipeline", {})

    def stored(self, target: Ref, value: Any, frame: Frame, node: Node) -> None:
        """Something is put into a map under a key: a macro, perhaps."""
        if not isinstance(target, EntryRef):
            return
        target.of.origins[target.key] = (node.location, frame.machine.origin_text())

    # The library table

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
                columns[column] = Table(
                    cells, f"{name}({{}})" + ("" if table.column else f".{column}" if column else "")
                )
            rests_on = own.rests_on if isinstance(own, GlobalTable) else frozenset()
            found = machine.world.tables[f"{name}()"] = GlobalTable(name, {}, columns, rests_on)
        machine.called.update(found.rests_on)
        index = machine.scalar(arguments[0])
        column = table.column
        if column == "" and "" not in found.columns:
            return GlobalRow(found, index)
        return machine.world.terms.apply("lookup", found.columns[column], index)

    def constant(self, name: str, frame: Frame) -> Any:
        raise NotImplementedError

    # The standard library

    def constructed(self, type_: CppType, children: tuple[Node, ...], node: Node) -> Value:
        """`T(a, b)`: plain types convert, containers copy or fill; other types take what is named like them."""
        values = [self.expression(child) for child in children]
        name = type_.name

        def made(frame: Frame) -> Any:
            arguments = [value(frame) for value in values]
            if name in STRINGS:
                return self._std_string(node, node, arguments, frame)
            if len(arguments) == 1 and isinstance(arguments[0], (ListValue, MapValue, StructValue)):
                return copied_value(arguments[0])
            if name in ("vector",) and len(arguments) == 2 and isinstance(arguments[0], Position):
                source = arguments[0].of
                if isinstance(source, ListValue):
                    return source.copy()
            if name in LISTS and arguments and type(count := frame.machine.scalar(arguments[0])) is int:
                if count > MOST_ITEMS:
                    raise BadValue(f"a list of more than {MOST_ITEMS:,} elements")
                element = CppType(template_argument_type(type_))
                items = [
                    copied_value(arguments[1]) if len(arguments) == 2 else self.zero(element, frame)
                    for _ in range(count)
                ]
                return ListValue(items, [None] * len(items))
            if len(arguments) == 1 and not isinstance(arguments[0], Outside) and name not in self.program.records:
                return self.as_type(type_, arguments[0], frame.machine)
            struct = self.zero(type_, frame)
            if isinstance(struct, StructValue):
                for field_name, argument in zip(list(struct.fields), arguments, strict=False):
                    struct.fields[field_name] = copied_value(argument)
            return struct

        return made

    def _std_string(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        if not arguments:
            return ""
        machine = frame.machine
        first = arguments[0].get() if isinstance(arguments[0], Ref) else arguments[0]
        if len(arguments) == 2 and isinstance(first, int) and isinstance(arguments[1], str):
            return arguments[1] * min(first, 4096)
        if isinstance(first, Position):
            raise NotUnderstood(node, "a string made of iterators")
        return machine.scalar(first)

    _std_string_view = _std_string

    def _std_to_string(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        value = frame.machine.scalar(arguments[0])
        if value is UNSET:
            given = node.field("arguments")
            raise NotUnderstood(node, f"{given.text.strip('()') if given else ''} is read before it has a value")
        if not (is_symbolic(value) or isinstance(value, (int, float))):
            raise NotUnderstood(node, f"to_string of {described(value)}")
        return frame.machine.world.terms.apply("str", value)

    def _extreme(self, operation: str, node: Node, arguments: list[Any], frame: Frame) -> Any:
        machine = frame.machine
        values = arguments[0].items if len(arguments) == 1 and isinstance(arguments[0], ListValue) else arguments[:2]
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
        return arguments[0].get() if isinstance(arguments[0], Ref) else arguments[0]

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
        arguments[0].set(copied_value(arguments[1].get() if isinstance(arguments[1], Ref) else arguments[1]))
        return before

    _std_forward = _std_move
    _std_as_const = _std_move

    def _std_ref(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return arguments[0]

    def _std_make_shared(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        name = template_argument(_template(function)) or ""
        value = (
            arguments[0].get() if arguments and isinstance(arguments[0], Ref) else arguments[0] if arguments else None
        )
        if isinstance(value, StructValue) and value.type == name:
            return Pointer(value.copy())
        return Pointer(self.zero(CppType(name), frame))

    _std_make_unique = _std_make_shared

    def _std_make_pair(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        values = [copied_value(one.get() if isinstance(one, Ref) else one) for one in arguments]
        return StructValue("pair", dict(zip(("first", "second", "_2", "_3"), values, strict=False)))

    _std_pair = _std_make_pair
    _std_make_tuple = _std_make_pair

    def _std_toupper(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return frame.machine.world.terms.apply("upper", frame.machine.scalar(arguments[0]))

    def _std_tolower(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return frame.machine.world.terms.apply("lower", frame.machine.scalar(arguments[0]))

    def _std_transform(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """`std::transform(s.begin(), s.end(), s.begin(), ::toupper)`, the function also as a lambda."""
        if len(arguments) != 4 or not isinstance(arguments[0], TextPosition):
            raise NotUnderstood(node, "std::transform of what is no string")
        place, change = arguments[0].place, arguments[3]
        change = change.get() if isinstance(change, Ref) else change
        text = frame.machine.scalar(place)
        if isinstance(change, FunctionName) and change.name in ("toupper", "tolower"):
            changed = frame.machine.world.terms.apply(change.name[2:], text)
        elif isinstance(change, Closure):
            changed = self.call_value(change, [text], node, frame)
        else:
            raise NotUnderstood(node, "std::transform with this function")
        if not isinstance(place, Ref):
            raise NotUnderstood(node, "std::transform of what cannot be changed")
        place.set(changed)
        return arguments[2]

    def _std_format(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """`fmt::format("A={}", a)` and `std::format`, without format specifications."""
        pattern = frame.machine.scalar(arguments[0]) if arguments else None
        if not isinstance(pattern, str):
            raise NotUnderstood(node, "format with a pattern that is not known")
        parts = pattern.replace("{{", "\0").replace("}}", "\1").split("{}")
        if len(parts) != len(arguments) or any("{" in part for part in parts):
            raise NotUnderstood(node, f"the format {pattern!r}")
        return self._written([part.replace("\0", "{").replace("\1", "}") for part in parts], arguments[1:], frame)

    def _written(self, parts: Sequence[str], arguments: Sequence[Any], frame: Frame) -> Any:
        """The text `parts` with the arguments between them."""
        terms = frame.machine.world.terms
        whole: Any = parts[0]
        for part, argument in zip(parts[1:], arguments, strict=True):
            value = frame.machine.scalar(argument)
            if not isinstance(value, str) and not (is_symbolic(value) and is_text(value)):
                value = terms.apply("str", value)
            whole = terms.apply("+", terms.apply("+", whole, value), part)
        return whole

    def _std_sprintf(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """`sprintf(buffer, "A=%d", a)`, with conversions of whole numbers and texts as they are."""
        if len(arguments) < 2:
            raise NotUnderstood(node, "this call")
        buffer, pattern = arguments[0], frame.machine.scalar(arguments[1])
        if not isinstance(buffer, Ref) or not isinstance(pattern, str):
            raise NotUnderstood(node, "a text written to a place that is not known")
        parts = _CONVERSION.split(pattern.replace("%%", "\0"))
        if len(parts) != len(arguments) - 1 or any("%" in part for part in parts):
            raise NotUnderstood(node, f"the format {pattern!r}")
        if frame.machine.guard is not None:
            raise NotUnderstood(node, "a text that is written on one path only")
        buffer.set(self._written([part.replace("\0", "%") for part in parts], arguments[2:], frame))
        return UNSET

    def _std_snprintf(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._std_sprintf(node, function, [*arguments[:1], *arguments[2:]], frame)

    def _std_begin(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        value = arguments[0].get() if isinstance(arguments[0], Ref) else arguments[0]
        if isinstance(value, ListValue):
            return Position(value, 0 if value.items else None)
        return TextPosition(arguments[0])

    def _std_end(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        value = arguments[0].get() if isinstance(arguments[0], Ref) else arguments[0]
        return Position(value, None) if isinstance(value, ListValue) else TextPosition(arguments[0])

    def _std_find(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """`std::find(v.begin(), v.end(), value)`; forks where it is not known which is the first."""
        machine = frame.machine
        first = (
            arguments[0].get() if arguments and isinstance(arguments[0], Ref) else arguments[0] if arguments else None
        )
        if len(arguments) != 3 or not isinstance(first, Position) or not isinstance(first.of, ListValue):
            raise NotUnderstood(node, "std::find in what is no list")
        first.of.settle(machine.knowledge.decide)
        wanted = machine.scalar(arguments[2])
        for index, item in enumerate(first.of.items):
            if machine.knowledge.decide(machine.world.terms.apply("==", machine.scalar(item), wanted)):
                return Position(first.of, index)
        return Position(first.of, None)

    def _std_sort(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return UNSET  # the order of macros has no say in what a shader becomes

    def _std_memcpy(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        target = arguments[0] if arguments else None
        if isinstance(target, Ref):
            target.set(frame.machine.call_unknown("memcpy", arguments[1:2], node))
        return UNSET

    # What the rest of the interpreter gives

    def call(self, function: Function, arguments: list[Any], frame: Frame, this: StructValue | None, node: Node) -> Any:
        raise NotImplementedError

    def passed(self, type_: CppType, value: Any, machine: Machine) -> Any:
        raise NotImplementedError

    def expression(self, node: Node) -> Value:
        raise NotImplementedError

    def place(self, node: Node) -> Value:
        raise NotImplementedError

    def truth(self, value: Any, machine: Machine) -> Any:
        raise NotImplementedError

    def zero(self, type_: CppType, frame: Frame, depth: int = 0) -> Any:
        raise NotImplementedError

    def as_type(self, type_: CppType, value: Any, machine: Machine) -> Any:
        raise NotImplementedError

    def chosen_overload(
        self, overloads: list[Function], arguments: list[Any], owner: str | None, scope: str | None = None
    ) -> Function | None:
        raise NotImplementedError


def _template(node: Node) -> Node | None:
    return node.field("name") if node.kind == "qualified_identifier" else node


def is_text(value: Any) -> bool:
    """Is a term a text? (A number becomes one through "str".)"""
    if not isinstance(value, Term):
        return isinstance(value, str)
    if value.op in ("str", "upper", "lower", "prefix", "from"):
        return True
    if value.op == "+":
        return any(is_text(one) for one in value.args)
    if value.op == "?:":
        return any(is_text(one) for one in value.args[1:])
    if value.op == "lookup" and isinstance(value.args[0], Table):
        return any(isinstance(one, str) for one in value.args[0].values())
    return False
