"""Calls: of the program's own functions, of those that the library table describes, of the standard library, and
of the preprocessor. What is called without being known gives a value from outside, and is remembered as such.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from wgsl_ls.host.algorithms import FUNCTORS
from wgsl_ls.host.caches import leaves_of, looked_in
from wgsl_ls.host.declarations import (
    CppType,
    Function,
    Program,
    base_name,
    declared_type,
    integer,
    method_as_comparison,
    template_argument,
    template_arguments,
    type_of,
)
from wgsl_ls.host.effort import LONGEST_TEXT, MOST_ITEMS, BadValue
from wgsl_ls.host.fractions import MATHEMATICS, Single
from wgsl_ls.host.knowledge import Thrown
from wgsl_ls.host.machine import FLOATS, LISTS, STREAMS, STRINGS, Frame, Machine, NotUnderstood, described
from wgsl_ls.host.methods import Methods
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import inputs_of, is_symbolic, is_text, is_truth, may_be_float
from wgsl_ls.host.values import (
    UNSET,
    Closure,
    EntryRef,
    Expanded,
    FunctionName,
    GlobalRow,
    GlobalTable,
    ListValue,
    Lookup,
    MapValue,
    OptionalValue,
    Outside,
    Pointer,
    Position,
    Ref,
    Shader,
    StructValue,
    TextPosition,
    copied_value,
    held,
)

Value = Callable[[Frame], Any]
_STANDARD: Final = frozenset(("std", "fmt", "ranges"))
_PRINTED: Final = re.compile(r"%(?P<flags>[-+ 0#]*[0-9*]*(?:\.[0-9*]+)?)(?:hh|h|ll|l|z|j|t)?(?P<kind>[diuxXcsfgeEGp%])")
_FORMATTED: Final = re.compile(r"\{\{|\}\}|\{(?P<index>\d*)(?::(?P<how>[^{}]*))?\}")


_LIKE_MACRO: Final = re.compile(r"[A-Z][A-Z0-9_]+(?:=.*)?")


class Standard(Methods):
    def __init__(self, program: Program, pure: frozenset[str]) -> None:
        super().__init__(program)
        self.pure = pure
        self.own_names: frozenset[str] = frozenset()
        """Of the function that is being compiled: its variables, which may hold lambdas."""

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
                if name in self.own_names or (name not in self.pure and not all(found.is_macro for found in overloads)):
                    return False
        return True

    def function_call(self, node: Node, function: Node, listed: list[Node], places: list[Value]) -> Value:
        name = base_name(function)
        construct = self.constructed(CppType(name), tuple(listed), node) if name in self.program.records else None
        written = [self.template_value(one) for one in template_arguments(function)]
        scope = tuple(one for one in function.text.replace(" ", "").split("::")[:-1] if one)
        special = f"{name}<{','.join(one.text for one in template_arguments(function))}>".replace(" ", "")

        def call(frame: Frame) -> Any:
            machine = frame.machine
            library = machine.world.library
            if function.kind == "identifier":
                holder = frame.holder(name)
                if holder is not None:
                    return self.call_value(holder[name], [place(frame) for place in places], node, frame)
            if name in library.aborts:
                machine.goes_on_if(False, node)
            if name in library.asserts and places:
                machine.goes_on_if(self.truth(places[0](frame), machine), node)
                return UNSET
            if name in library.ignored:
                return UNSET
            if name in machine.world.preprocess:
                return self.expand(node, [place(frame) for place in places], frame)
            arguments = [place(frame) for place in places]
            known = self.from_library(name, arguments, node, frame)
            if known is not UNSET:
                return known
            overloads = self.program.functions.get(special) or self.program.functions.get(name)
            if overloads is not None and not (construct is not None and overloads[0].owner == name):
                owners = self.program.lineage(_seen_as(frame)) if frame.this is not None else ()
                fitting = self.visible(overloads, scope, owners, frame)
                chosen = self.chosen_overload(fitting, arguments, owners[0] if owners else None)
                if chosen is not None:
                    sent = self.sent(arguments, chosen.returns, frame)
                    if sent is not None:
                        return sent
                    if chosen.is_macro and self.is_torn(chosen, node, listed):
                        raise NotUnderstood(node, f"the macro {name}, of which other operators here take a part")
                    this = frame.this if chosen.owner is not None and chosen.owner in owners else None
                    if chosen.owner is not None and this is None:
                        this = machine.object_of(chosen.owner)
                    return self.call(chosen, arguments, frame, this, node, [value(frame) for value in written])
            handler = getattr(self, f"_std_{name}", None)
            if handler is not None and (not scope or scope[0] in _STANDARD):
                try:
                    return handler(node, function, arguments, frame)
                except IndexError:
                    raise NotUnderstood(node, f"{name} with so few arguments") from None
            if name in FUNCTORS and not arguments:
                return StructValue(name, {})
            if name in MATHEMATICS and (value := self._mathematics(name, arguments, node, frame)) is not UNSET:
                return value
            if construct is not None:
                return construct(frame)
            if name in self.program.unread_macros:
                raise NotUnderstood(node, f"the macro {name}")
            sent = self.sent(arguments, None, frame)
            if sent is not None:
                return sent
            if name in STREAMS and not arguments:
                return StructValue(name, {})
            if any(isinstance(one, str) and _LIKE_MACRO.fullmatch(one) for one in arguments):
                raise NotUnderstood(node, f"{name}, of which nothing is known, with what may be a macro")
            return machine.call_unknown(name, arguments, node)

        return call

    def is_torn(self, macro: Function, node: Node, listed: Sequence[Node]) -> bool:
        raise NotImplementedError

    def template_value(self, node: Node) -> Value:
        """An argument of a template: a value, or the CppType that it names."""
        if node.kind != "type_descriptor":
            return self.expression(node)
        type_ = type_of(node.field("type"), node.field("declarator"))

        def named(frame: Frame) -> Any:
            holder = frame.holder(type_.name)
            return holder[type_.name] if holder is not None else self.program.resolved(type_)

        return named

    def visible(
        self, overloads: list[Function], scope: tuple[str, ...], owners: tuple[str, ...], frame: Frame
    ) -> list[Function]:
        """Of functions with one name those that a call means: as its qualifiers say, or those nearest to the caller."""
        if len(overloads) < 2 and not scope:
            return overloads
        if scope:
            if scope[0] == "std":
                return [one for one in overloads if "std" in one.scope]
            for wanted in (scope, tuple(one.partition("<")[0] for one in scope)):
                found = [one for one in overloads if one.scope[-len(scope) :] == wanted]
                if found:
                    return found
            name = self.program.resolved(CppType(scope[-1])).name
            derived = self.program.lineage(name)
            return [one for one in overloads if one.owner in derived and one.owner is not None] or (
                [] if any(one.scope for one in overloads) else overloads
            )
        for owner in owners:
            if own := [one for one in overloads if one.owner == owner]:
                return own
        here = frame.function.scope if frame.function is not None else ()
        for length in range(len(here), -1, -1):
            if nearest := [one for one in overloads if one.scope == here[:length]]:
                return nearest
        if len({one.scope for one in overloads}) > 1 and len({len(one.parameters) for one in overloads}) == 1:
            raise NotUnderstood(overloads[-1].node, f"several functions are called {overloads[-1].name}")
        return overloads

    def method_call(self, node: Node, function: Node, listed: list[Node], places: list[Value]) -> Value:
        argument, field_ = function.field("argument"), function.field("field")
        if argument is None or field_ is None:
            return self.not_understood(node, "this call")
        of, name = self.place(argument), base_name(field_)
        is_arrow = function.operator == "->"

        looked = looked_in(node)

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
            if isinstance(value, OptionalValue):
                if not is_arrow:
                    return self.optional_method(name, value, [one(frame) for one in places], node, frame)
                place = Ref(value.box, 0) if value.box else UNSET
                value = value.box[0] if value.box else UNSET
            if isinstance(value, GlobalTable):
                value = self.rows(value, frame)
            if isinstance(value, Position) and is_arrow:
                place = self.pointed(value, node)
                value = held(place)
            if value is UNSET:
                raise NotUnderstood(argument, f"{argument.text} is used before it has a value")
            arguments = [self.argument(one, item, frame) for one, item in zip(listed, places, strict=True)]
            if isinstance(value, str) or (is_symbolic(value) and name in self.text_methods):
                return self.text_method(name, place, value, arguments, node, frame)
            if isinstance(value, ListValue):
                return self.list_method(name, value, arguments, listed, node, frame)
            if isinstance(value, MapValue):
                if looked and self.caches is not None and looked in self.caches.of(frame.function):
                    key = self.settled_key(arguments[0], frame) if arguments else UNSET
                    decided = frame.machine.knowledge.state.decided
                    if (leaves := leaves_of(key)) is not None:
                        frame.machine.lookups.append(Lookup(looked, node.location, leaves, decided))
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
        fitting: list[Function] = []
        for name_ in self.program.lineage(owner) if owner is not None else ():
            fitting = fitting or [one for one in overloads if one.owner == name_]
        fitting = fitting or ([] if owner in self.program.records else overloads)
        chosen = self.chosen_overload(fitting, arguments, owner)
        sent = self.sent(arguments, chosen.returns if chosen is not None else None, frame)
        if sent is not None:
            return sent
        if chosen is not None and chosen.owner is not None:
            this = value if isinstance(value, StructValue) else machine.object_of(chosen.owner)
            compared = method_as_comparison(node)
            given = template_arguments(node.field("function")) if compared is None else (compared[1],)
            written = [self.template_value(one)(frame) for one in given]
            return self.call(chosen, arguments, frame, this, node, written)
        if name in ("has_value",) and not arguments:
            return machine.present(value)
        if name == "str" and isinstance(value, StructValue) and value.type in STREAMS:
            before = value.fields.get("text", "")
            if arguments:
                value.fields["text"] = machine.scalar(arguments[0])
            return before
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
        if isinstance(value, Pointer):
            value = value.target
        if isinstance(value, Closure):
            machine.step()
            inner = Frame(machine, frame.function, None, frame.depth + 1, value.frame)
            if inner.depth > 60:
                raise NotUnderstood(node, "lambdas nested too deeply")
            for index, parameter in enumerate(value.parameters):
                if index < len(arguments):
                    inner.variables[parameter.name] = self.passed(parameter.type, arguments[index], machine)
                elif parameter.default is not None:
                    inner.variables[parameter.name] = self.default(parameter.type, parameter.default, inner)
                else:
                    raise NotUnderstood(node, "too few arguments for a lambda")
            inner.returns = value.returns
            n_sites = len(machine.sites)
            machine.sites.append((value.parameters, node))
            given = value.run(inner)
            del machine.sites[n_sites:]
            return self.converted(value.returns, given, node, inner)
        if isinstance(value, StructValue):
            operators = [one for one in self.program.functions.get("operator()", ()) if one.owner == value.type]
            chosen = self.chosen_overload(operators, arguments, value.type)
            if chosen is not None:
                return self.call(chosen, arguments, frame, value, node)
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
            value = held(argument)
            value = value.target if isinstance(value, Pointer) else value
            if isinstance(value, Shader):
                shader = shader or value
            elif isinstance(value, str):
                shader = shader or machine.expect(value)
            elif isinstance(value, (ListValue, MapValue)):
                defines = defines or value
            elif isinstance(value, StructValue):
                inside = next((one for one in value.fields.values() if isinstance(one, (ListValue, MapValue))), None)
                defines = defines or inside
                is_unknown = is_unknown or inside is None
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
        given = self.defines(defines, node, frame)
        expanded = Expanded(shader, given, node.location, frame.function, tuple(machine.lookups))
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
                    value = None
                if value is None:
                    raise NotUnderstood(node, f"a macro that is {described(item)}")
                found.append((value, origin or here, given.guards.get(index, True)))
        elif given is not None:
            for key, value in given.entries.items():
                text = self.pair([given.keys[key], value], machine)
                if text is None:
                    raise NotUnderstood(node, f"a macro called {described(given.keys[key])}")
                found.append((text, given.origins.get(key) or here, True))
        return tuple(found)

    def pair(self, parts: list[Any], machine: Machine) -> Any:
        """`NAME=VALUE` of a name and a value; None for what is no such two."""
        parts = [machine.scalar(part) for part in parts]
        if not parts:
            return ""
        if len(parts) > 2 or not (isinstance(parts[0], str) or (is_symbolic(parts[0]) and is_text(parts[0]))):
            return None
        if len(parts) < 2 or parts[1] in ("", None) or parts[1] is True or parts[1] is UNSET:
            return parts[0]
        terms = machine.world.terms
        value = parts[1] if isinstance(parts[1], str) else terms.apply("str", parts[1])
        if is_symbolic(parts[1]) and is_text(parts[1]):
            value = parts[1]
        return terms.apply("+", terms.apply("+", parts[0], "="), value)

    def sent(self, arguments: list[Any], returns: CppType | None, frame: Frame) -> Any:
        """A call that gets an expanded shader makes something of it; a text among its arguments is the label."""
        if not frame.machine.waiting:
            return None  # nothing was expanded yet
        values = [held(one) for one in arguments]
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
                columns[column] = machine.world.terms.table(
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
            first = next((held(one) for one in arguments), None)
            if len(arguments) == 1 and (
                isinstance(first, (ListValue, MapValue)) or (isinstance(first, StructValue) and first.type == name)
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

    def _std_to_string(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        value = frame.machine.scalar(arguments[0])
        if value is UNSET:
            given = node.field("arguments")
            raise NotUnderstood(node, f"{given.text.strip('()') if given else ''} is read before it has a value")
        if isinstance(value, str) and len(value) == 1:
            return str(ord(value))  # a `char`
        if not (is_symbolic(value) or isinstance(value, (int, float))):
            raise NotUnderstood(node, f"to_string of {described(value)}")
        if is_truth(value):
            value = frame.machine.knowledge.decide(value)
        return frame.machine.world.terms.apply("str", value)

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

    _std_forward = _std_move
    _std_as_const = _std_move

    def _std_ref(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return arguments[0]

    def _std_make_shared(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        name = template_argument(_template(function)) or ""
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

    def _std_get(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """`std::get<0>(t)`, the place of a part."""
        which = template_argument(_template(function)) or ""
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

    def _std_toupper(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return frame.machine.world.terms.apply("upper", frame.machine.scalar(arguments[0]))

    def _std_tolower(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return frame.machine.world.terms.apply("lower", frame.machine.scalar(arguments[0]))

    def _std_format(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """`fmt::format("A={}", a)` and `std::format`."""
        terms = frame.machine.world.terms
        pattern = frame.machine.scalar(arguments[0]) if arguments else None
        if not isinstance(pattern, str):
            raise NotUnderstood(node, "format with a pattern that is not known")
        whole: Any = ""
        at = following = 0
        for match in _FORMATTED.finditer(pattern):
            whole = terms.apply("+", whole, pattern[at : match.start()])
            at = match.end()
            if match.group() in ("{{", "}}"):
                whole = terms.apply("+", whole, match.group()[0])
                continue
            index = int(match["index"]) if match["index"] else following
            following = index + 1
            if index + 1 >= len(arguments):
                raise NotUnderstood(node, f"the format {pattern!r}")
            value = frame.machine.scalar(arguments[index + 1])
            if is_truth(value):
                value = "true" if frame.machine.knowledge.decide(value) else "false"
            if match["how"]:
                value = frame.machine.concrete(value, node)
                try:
                    value = format(value, match["how"])
                except (TypeError, ValueError):
                    raise NotUnderstood(node, f"the format {pattern!r}") from None
            if may_be_float(value):
                raise NotUnderstood(node, f"the format {pattern!r} of a fraction")
            if not isinstance(value, str) and not (is_symbolic(value) and is_text(value)):
                value = terms.apply("str", value)
            whole = terms.apply("+", whole, value)
        if "{" in (rest := _FORMATTED.sub("", pattern)) or "}" in rest:
            raise NotUnderstood(node, f"the format {pattern!r}")
        return terms.apply("+", whole, pattern[at:])

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

    def _text_number(self, read: Callable[[str], Any], node: Node, arguments: list[Any], frame: Frame) -> Any:
        text: Any = frame.machine.concrete(frame.machine.scalar(arguments[0]), node)
        is_plain = isinstance(text, str) and len(arguments) == 1
        match = re.match(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)", text) if is_plain else None
        if match is None:
            raise NotUnderstood(node, f"the number in {described(text)}")
        return read(match.group())

    def _std_stoi(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._text_number(lambda text: int(float(text)), node, arguments, frame)

    _std_stol = _std_stoul = _std_stoll = _std_stoull = _std_atoi = _std_stoi

    def _std_stof(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._text_number(lambda text: Single(float(text)), node, arguments, frame)

    def _std_stod(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._text_number(float, node, arguments, frame)

    _std_atof = _std_stod

    def _std_strlen(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return frame.machine.world.terms.apply("len", frame.machine.scalar(arguments[0]))

    def _std_strcmp(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        first, second = (frame.machine.concrete(frame.machine.scalar(one), node) for one in arguments[:2])
        if not isinstance(first, str) or not isinstance(second, str):
            raise NotUnderstood(node, "strcmp of what is no text")
        if len(arguments) > 2 and isinstance(count := frame.machine.scalar(arguments[2]), int):
            first, second = first[:count], second[:count]
        return (first > second) - (first < second)

    _std_strncmp = _std_strcmp

    def _std_isdigit(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._of_char(str.isdigit, node, arguments, frame)

    def _std_isalpha(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._of_char(str.isalpha, node, arguments, frame)

    def _std_isalnum(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._of_char(str.isalnum, node, arguments, frame)

    def _std_isupper(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._of_char(str.isupper, node, arguments, frame)

    def _std_islower(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._of_char(str.islower, node, arguments, frame)

    def _of_char(self, ask: Callable[[str], bool], node: Node, arguments: list[Any], frame: Frame) -> bool:
        char = frame.machine.concrete(frame.machine.scalar(arguments[0]), node)
        if not isinstance(char, str):
            raise NotUnderstood(node, f"what kind of character {described(char)} is")
        return ask(char)

    def _std_snprintf(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        size = frame.machine.scalar(arguments[1])
        return self._printed(node, arguments[0], arguments[2:], frame, size if isinstance(size, int) else None)

    def _std_sprintf(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._printed(node, arguments[0], arguments[1:], frame)

    def _printed(self, node: Node, target: Any, arguments: list[Any], frame: Frame, size: int | None = None) -> Any:
        """What printf writes, put where `target` is, which has room for `size` characters (None: for all). Parts with
        flags or a width ask for known values."""
        machine, terms = frame.machine, frame.machine.world.terms
        pattern = machine.scalar(arguments[0]) if arguments else None
        if not isinstance(pattern, str):
            raise NotUnderstood(node, "printf with a pattern that is not known")
        waiting = [machine.scalar(one) for one in arguments[1:]]
        whole: Any = ""
        at = 0
        for match in _PRINTED.finditer(pattern):
            whole = terms.apply("+", whole, pattern[at : match.start()])
            at = match.end()
            if match["kind"] == "%":
                whole = terms.apply("+", whole, "%")
                continue
            if not waiting or "*" in match.group():
                raise NotUnderstood(node, f"the format {pattern!r}")
            value = waiting.pop(0)
            if is_truth(value):
                value = int(machine.knowledge.decide(value))
            if match["flags"] or match["kind"] not in "diusl":
                value = machine.concrete(value, node)
                try:
                    value = f"%{match['flags']}{match['kind']}" % value
                except (TypeError, ValueError):
                    raise NotUnderstood(node, f"the format {pattern!r}") from None
            elif not isinstance(value, str) and not (is_symbolic(value) and is_text(value)):
                value = terms.apply("str", value)
            whole = terms.apply("+", whole, value)
        whole = terms.apply("+", whole, pattern[at:])
        target = target.target if isinstance(target, Pointer) else target
        if not isinstance(target, Ref):
            raise NotUnderstood(node, f"printing into {described(target)}")
        target.set(whole if size is None else terms.apply("prefix", whole, max(size - 1, 0)))
        return terms.apply("len", whole)

    def _std_memcpy(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        target = arguments[0] if arguments else None
        if isinstance(target, Pointer) and isinstance(target.target, Ref):
            target = target.target
        if isinstance(target, Ref):
            target.set(frame.machine.call_unknown("memcpy", arguments[1:2], node))
        return UNSET

    # What the rest of the interpreter gives

    def call(
        self,
        function: Function,
        arguments: list[Any],
        frame: Frame,
        this: StructValue | None,
        node: Node,
        template: Sequence[Any] = (),
    ) -> Any:
        raise NotImplementedError

    def default(self, type_: CppType, node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def converted(self, type_: CppType, value: Any, node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def plain_zero(self, type_: CppType, frame: Frame, depth: int = 0) -> Any:
        raise NotImplementedError

    def element_type(self, type_: CppType) -> CppType | None:
        raise NotImplementedError

    def as_list(self, type_: CppType, value: ListValue, node: Node, frame: Frame) -> ListValue:
        raise NotImplementedError

    def rows(self, table: GlobalTable, frame: Frame) -> Any:
        raise NotImplementedError

    def pointed(self, value: Any, node: Node) -> Any:
        raise NotImplementedError

    def passed(self, type_: CppType, value: Any, machine: Machine) -> Any:
        raise NotImplementedError

    def expression(self, node: Node) -> Value:
        raise NotImplementedError

    def place(self, node: Node) -> Value:
        raise NotImplementedError

    def as_type(self, type_: CppType, value: Any, machine: Machine) -> Any:
        raise NotImplementedError

    def chosen_overload(self, overloads: list[Function], arguments: list[Any], owner: str | None) -> Function | None:
        raise NotImplementedError


def _template(node: Node) -> Node | None:
    return node.field("name") if node.kind == "qualified_identifier" else node


def _is_whole(first: Position, last: Any) -> bool:
    """Is it from the begin to the end?"""
    return isinstance(last, Position) and first.of is last.of and last.key is None and first.key in (0, None)


def _seen_as(frame: Frame) -> str:
    """Whose methods a method calls: while a constructor runs, an object is none of a derived class yet."""
    function, this = frame.function, frame.this
    assert this is not None
    return function.owner if function is not None and function.owner == function.name else this.type
