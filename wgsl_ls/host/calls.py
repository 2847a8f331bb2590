"""Calls: of functions, methods and lambdas, the program's own and others. What is called without being known gives a
value from outside, and is remembered as such.
"""

from __future__ import annotations

import re
from typing import Any, Final

from wgsl_ls.host.algorithms import FUNCTORS
from wgsl_ls.host.caches import leaves_of, looked_in
from wgsl_ls.host.cpp_types import CppType, base_name, template_arguments
from wgsl_ls.host.declarations import method_as_comparison
from wgsl_ls.host.evaluator import Value
from wgsl_ls.host.fractions import MATHEMATICS
from wgsl_ls.host.machine import STREAMS, Frame, NotUnderstood, described, is_text_type
from wgsl_ls.host.methods import Methods
from wgsl_ls.host.overloads import fit
from wgsl_ls.host.program import Function
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import is_symbolic
from wgsl_ls.host.values import (
    UNSET,
    Closure,
    FunctionName,
    GlobalTable,
    ListValue,
    Lookup,
    MapValue,
    OptionalValue,
    Outside,
    Pointer,
    Position,
    Ref,
    StructValue,
    held,
)

_CASTS: Final = frozenset(("static_cast", "reinterpret_cast", "const_cast", "dynamic_cast"))
_STANDARD: Final = frozenset(("std", "fmt", "ranges"))
_LIKE_MACRO: Final = re.compile(r"[A-Z][A-Z0-9_]+(?:=.*)?")


class Calls(Methods):
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
            is_of_target = is_arrow
            while isinstance(value, (Ref, Pointer)):
                if isinstance(value, Pointer):
                    if not is_of_target and name in ("get", "reset", "release", "value"):
                        return value if name in ("get", "value") else UNSET
                    is_of_target = False
                value = value.get() if isinstance(value, Ref) else value.target
            if isinstance(value, OptionalValue):
                if not is_arrow:
                    return self.optional_method(name, value, [one(frame) for one in places], node, frame)
                place = Ref(value.box, 0) if value.box else UNSET
                value = value.box[0] if value.box else UNSET
            if isinstance(value, GlobalTable):
                value = self.rows(value, frame)
            if isinstance(value, Position) and is_arrow:
                place = self.pointed(value, node, frame)
                value = held(place)
            if value is UNSET:
                raise NotUnderstood(argument, f"{argument.text} is used before it has a value")
            arguments = [self.argument(one, item, frame) for one, item in zip(listed, places, strict=True)]
            if isinstance(value, Outside) and name in self.text_questions and is_text_type(value.type):
                value = frame.machine.scalar(value)
            if isinstance(value, str) or (is_symbolic(value) and name in self.text_methods):
                return self.text_method(name, place, value, arguments, node, frame)
            if isinstance(value, ListValue):
                return self.list_method(name, value, arguments, listed, node, frame)
            if isinstance(value, MapValue):
                if looked and self.caches is not None and looked in self.caches.of(frame.function):
                    key = self.settled_key(arguments[0], frame) if arguments else UNSET
                    decided = frame.machine.knowledge.state.decided
                    if (leaves := leaves_of(key)) is not None:
                        frame.machine.note("lookup", looked, node.location, leaves)
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
        derived = (one.owner for one in overloads if one.owner is not None and one.owner != owner)
        if isinstance(value, Outside) and any(owner in self.program.lineage(one) for one in derived):
            raise NotUnderstood(node, f"{name} of {described(value)}, which may be of a class that has its own")
        if chosen is not None and owner is not None and len(overloads) > 1:
            hidden = {one.owner for one in overloads} & {*self.program.lineage(owner)} - {chosen.owner}
            if hidden and not self.program.is_virtual(name):  # which is meant, the type says by which it is called
                raise NotUnderstood(node, f"{name} of {described(value)}, which hides that of another class")
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
            machine.changed()
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
            lambdas = [one for one in value.fields.values() if isinstance(one, Closure) and one.parameters]
            if lambdas and len(arguments) == 1:  # made of them, to have the operator of each

                def fits(one: Closure) -> int:
                    return fit(self.program.resolved(one.parameters[0].type), arguments[0])

                return self.call_value(max(lambdas, key=fits), arguments, node, frame)
        if isinstance(value, FunctionName) and value.overloads:
            chosen = self.chosen_overload(list(value.overloads), arguments, None)
            if chosen is not None:
                return self.call(chosen, arguments, frame, None, node)
        sent = self.sent(arguments, None, frame)
        return sent if sent is not None else machine.call_unknown(described(value), arguments, node)


def _seen_as(frame: Frame) -> str:
    """Whose methods a method calls: while a constructor runs, an object is none of a derived class yet."""
    function, this = frame.function, frame.this
    assert this is not None
    return function.owner if function is not None and function.owner == function.name else this.type
