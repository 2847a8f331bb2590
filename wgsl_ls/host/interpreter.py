"""Interpreter: C++ statements and expressions, compiled once per function into Python closures over a Frame.

What it has no rule for becomes a closure that raises NotUnderstood, so that only the paths through it are lost. Here:
how a function and a lambda are called; below it statements.py and expressions.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from wgsl_ls.host.caches import Caches
from wgsl_ls.host.conversions import optional
from wgsl_ls.host.cpp_types import CppType, base_name, type_of
from wgsl_ls.host.declarations import parameters_of
from wgsl_ls.host.evaluator import Value
from wgsl_ls.host.expressions import Expressions
from wgsl_ls.host.jumps import Returned
from wgsl_ls.host.machine import MOST_CALLS_DEEP, Frame, NotUnderstood, bits_of
from wgsl_ls.host.program import Function, Program
from wgsl_ls.host.recall import Call, Leaf, Recorder
from wgsl_ls.host.scopes import Run, no_effect
from wgsl_ls.host.slicing import own_names
from wgsl_ls.host.statements import Statements
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.values import (
    UNSET,
    Closure,
    ListValue,
    OptionalValue,
    Outside,
    Ref,
    StructValue,
    copied_value,
    held,
    n_elements,
)

_NONE: Final = object()


class Interpreter(Expressions, Statements):
    """The functions of one program, compiled when they are first called. `relevant`: says of a function which of
    its statements have a say in what it is run for (None: all); `entries`: functions that gaps are told for;
    `caches`: None: every map outside of functions is one."""

    def __init__(
        self,
        program: Program,
        pure: frozenset[str],
        relevant: Callable[[Function], frozenset[int] | None],
        entries: frozenset[Function],
        aborts: frozenset[str],
        caches: Caches | None = None,
    ) -> None:
        super().__init__(program, pure)
        self.caches = caches
        self.aborts = aborts
        self.entries = entries
        self._relevant = relevant
        self._compiled: dict[Function, Run] = {}
        self._macros: dict[Function, Callable[[Frame], Any]] = {}
        self._listed: dict[Function, list[tuple[str, Value | None, tuple[Value, ...]]]] = {}

    def call(
        self,
        function: Function,
        arguments: list[Any],
        frame: Frame,
        this: StructValue | None,
        node: Node,
        template: Sequence[Any] = (),
    ) -> Any:
        """The value that `function` returns. `arguments`: values, or Refs for what may be passed by reference;
        `template`: values and types that are written as arguments of its template."""
        if frame.depth > MOST_CALLS_DEEP:
            raise NotUnderstood(node, f"calls nested deeper than {MOST_CALLS_DEEP}")
        machine = frame.machine
        machine.step()
        machine.called.add(function)
        recall = machine.recall
        call = None
        if recall is not None and not template:
            call = recall.call(function, arguments, this, frame.depth, machine)
        if call is None:
            if recall is not None and machine.calling is not None:
                recall.rests_on(function, machine)
            return self._called(function, arguments, frame, this, node, template)
        outer, n_waiting = machine.calling, len(machine.waiting)
        if outer is not None:
            outer.asks("call", call.beginning)
        leaf = recall.repeated(call, function, machine, self._recorded)
        if leaf is not None:
            value = recall.again(leaf, machine, n_waiting)
        else:
            value, leaf = self._recorded(call, function, arguments, frame, this, node, template)
        if outer is not None and leaf is not None:
            outer.answered(leaf)
        elif outer is not None:
            outer.is_opaque = True
        return value

    def _recorded(
        self,
        call: Call,
        function: Function,
        arguments: list[Any],
        frame: Frame,
        this: StructValue | None,
        node: Node,
        template: Sequence[Any],
    ) -> tuple[Any, Leaf | None]:
        """The value of a call, and what is kept of how it ends."""
        machine = frame.machine
        outer, recall = machine.calling, machine.recall
        recorder = machine.calling = Recorder(recall, call, machine)
        try:
            value = self._called(function, arguments, frame, this, node, template)
        finally:
            machine.calling = outer
        leaf = recorder.ended(machine, value)
        if leaf is None:
            recall.calls.opaque.add(call.beginning.function)
        return value, leaf

    def _called(
        self,
        function: Function,
        arguments: list[Any],
        frame: Frame,
        this: StructValue | None,
        node: Node,
        template: Sequence[Any],
    ) -> Any:
        machine = frame.machine
        inner = Frame(machine, function, this, frame.depth + 1)
        if function.is_macro:
            inner.parent = frame
        inner.variables.update(zip(function.template, template, strict=False))
        for index, parameter in enumerate(function.parameters):
            if index < len(arguments):
                inner.variables[parameter.name] = self.passed(parameter.type, arguments[index], machine)
            elif parameter.default is not None:
                inner.variables[parameter.name] = self.default(parameter.type, parameter.default, inner)
            else:
                raise NotUnderstood(node, f"too few arguments for {function.name}")
        run = self._compiled.get(function)
        if function.is_macro:
            value_of = self._macros.get(function)
            if value_of is None:
                value_of = self._macros[function] = self.expression(function.body)
            return value_of(inner)
        if run is None:
            run = self._compiled[function] = self._body(function)
        depth = len(machine.conditions)
        before = machine.current
        if function in self.entries:
            machine.current = function
        n_lookups, n_sites = len(machine.lookups), len(machine.sites)
        machine.sites.append((function.parameters, node))
        value: Any = UNSET
        try:
            if this is not None and function.name == function.owner:
                self._members(function, this, inner)
            run(inner)
        except Returned as returned:
            value = self.converted(function.returns, returned.value, node, inner)
        del machine.conditions[depth:], machine.lookups[n_lookups:], machine.sites[n_sites:]
        machine.current = before  # not after an exception: that is how a gap finds its function
        return value

    def _members(self, function: Function, this: StructValue, frame: Frame) -> None:
        """What a constructor does before its body: the classes derived from, and the members that it lists."""
        runs = self._listed.get(function)
        if runs is None:
            listed = function.node.child("field_initializer_list")
            fields = self.program.fields_of(this.type)
            runs = self._listed[function] = []
            for one in listed.children if listed is not None else ():
                given = one.children[-1]
                name = base_name(one.children[0])
                if name in fields and fields[name].type.is_reference and len(given.children) == 1:
                    runs.append((name, self.place(given.children[0]), ()))
                elif name in fields:
                    runs.append((name, self.initialised(fields[name].type, given), ()))
                else:
                    runs.append((name, None, tuple(self.place(argument) for argument in given.children)))
        owner = function.owner or ""
        begun = {name for name, _, _ in runs}
        for name in self.program.lineage(owner)[1:]:
            if name not in begun:
                self.begin(name, this, [], frame, function.node)
        given_values = {name: value for name, value, _ in runs if value is not None}
        record = self.program.records.get(owner)
        is_handed_on = False
        for name, value, places in runs:
            if value is None:
                is_handed_on = is_handed_on or name == owner
                self.begin(name, this, [place(frame) for place in places], frame, function.node)
        for name, field_ in record.fields.items() if record is not None and not is_handed_on else ():
            if name in given_values:
                this.fields[name] = given_values[name](frame)
            elif field_.default is not None:
                this.fields[name] = self.default(field_.type, field_.default, frame)

    def begin(self, name: str, this: StructValue, arguments: list[Any], frame: Frame, node: Node) -> None:
        """Run the constructor of the class `name` on a part of `this`."""
        constructors = self.program.constructors(name)
        chosen = self.chosen_overload(constructors, arguments, name)
        if chosen is not None:
            self.call(chosen, arguments, frame, this, node)
        elif arguments:
            raise NotUnderstood(node, f"how a {name} is made")

    def passed(self, type_: CppType, value: Any, machine: Any) -> Any:
        if type_.name == "optional" and not type_.is_pointer:
            inner = held(value)
            if not isinstance(inner, (OptionalValue, Outside)):
                return optional(inner)
        if isinstance(value, (ListValue, StructValue)) and not type_.is_pointer:
            value = self.shaped(type_, value, Frame(machine, None, None))
        if type_.is_reference:
            return value
        if isinstance(value, Ref):
            value = value.get()
        if type_.is_pointer:
            return value
        machine.effort.spend(n_elements(value))
        bits = bits_of(type_.name, 0)
        return machine.narrowed(value, bits) if bits else self.sliced(type_, copied_value(value))

    def closure(self, node: Node) -> Callable[[Frame], Any]:
        declarator, body = node.field("declarator"), node.field("body")
        parameters = parameters_of(declarator)
        kept, self._kept = self._kept, None
        run = self.statement(body) if body is not None else no_effect
        captured = self._captures(node.field("captures"), body)
        trailing = declarator.child("trailing_return_type") if declarator is not None else None
        returns = type_of(trailing.children[0]) if trailing is not None and trailing.children else CppType("auto")
        self._kept = kept

        def execute(frame: Frame) -> Any:
            depth = len(frame.machine.conditions)
            try:
                run(frame)
            except Returned as returned:
                return returned.value
            finally:
                del frame.machine.conditions[depth:]
            return UNSET

        def made(frame: Frame) -> Closure:
            around = frame
            if captured:
                around = Frame(frame.machine, frame.function, None, frame.depth, frame)
                for name, value in captured:
                    found = value(frame)
                    if found is not _NONE:
                        around.variables[name] = found
            return Closure(parameters, execute, around, returns, bool(captured))

        return made

    def _captures(self, listed: Node | None, body: Node | None) -> list[tuple[str, Callable[[Frame], Any]]]:
        """What a lambda has of its own: copies of variables, as they are when it is made."""

        def copy_of(name: str) -> Callable[[Frame], Any]:
            def copied(frame: Frame) -> Any:
                holder = frame.holder(name)
                value = holder[name] if holder is not None else _NONE
                return copied_value(held(value))

            return copied

        captured: dict[str, Callable[[Frame], Any]] = {}
        by_reference: set[str] = set()
        text = listed.text if listed is not None else ""
        for one in listed.children if listed is not None else ():
            if one.kind == "lambda_default_capture" and one.text == "=":
                named = {node.text for node in body.walk() if node.kind == "identifier"} if body is not None else ()
                captured.update({name: copy_of(name) for name in sorted(named)})
        for one in listed.children if listed is not None else ():
            left, right = one.field("left"), one.field("right")
            is_reference = text[: one.start - listed.start].rstrip().endswith("&") if listed is not None else False
            if left is not None and right is not None:
                captured[left.text] = self.place(right) if is_reference else self.initialised(CppType("auto"), right)
            elif one.kind == "identifier" and is_reference:
                by_reference.add(one.text)
            elif one.kind == "identifier":
                captured[one.text] = copy_of(one.text)
        return [(name, value) for name, value in captured.items() if name not in by_reference]

    def _body(self, function: Function) -> Run:
        before = self._kept, self.own_names, self._lambdas
        self._kept, self.own_names, self._lambdas = self._relevant(function), own_names(function), _lambdas(function)
        try:
            return self.statement(function.body)
        finally:
            self._kept, self.own_names, self._lambdas = before


def _lambdas(function: Function) -> dict[str, Node]:
    """By name, the bodies of the lambdas that variables hold for good."""
    found: dict[str, Node] = {}
    again: set[str] = set()
    for node in function.body.walk():
        name, value = node.field("declarator"), node.field("value")
        if node.kind == "assignment_expression":
            again.add(left.text if (left := node.field("left")) is not None else "")
        elif node.kind == "init_declarator" and name is not None and value is not None:
            body = value.field("body") if value.kind == "lambda_expression" else None
            if name.text in found or body is None:
                again.add(name.text)
            else:
                found[name.text] = body
    return {name: body for name, body in found.items() if name not in again}
