"""Interpreter: C++ statements and expressions, compiled once per function into Python closures over a Frame.

What it has no rule for becomes a closure that raises NotUnderstood, so that only the paths through it are lost.
Expressions are in expressions.py; functions of the standard library in standard.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from wgsl_ls.host.declarations import (
    CppType,
    Function,
    Program,
    active_branch,
    add_record,
    declared_name,
    is_const,
    parameters_of,
    template_arguments,
    type_of,
)
from wgsl_ls.host.effort import BadValue
from wgsl_ls.host.expressions import Expressions
from wgsl_ls.host.machine import MOST_CALLS_DEEP, UNSIGNED, Frame, Machine, NotUnderstood, element_type
from wgsl_ls.host.replay import can_repeat, fresh
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import is_symbolic
from wgsl_ls.host.values import (
    UNSET,
    Closure,
    GlobalRow,
    GlobalTable,
    ListValue,
    MapValue,
    Outside,
    Ref,
    StructValue,
    copied_value,
    n_elements,
)

Run = Callable[[Frame], None]
MOST_ITERATIONS: Final = 4_096
_MOST_OPEN_ROUNDS: Final = 16


class Returned(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Broken(Exception):
    """`break`."""


class Continued(Exception):
    """`continue`."""


class Interpreter(Expressions):
    """The functions of one program, compiled when they are first called. `relevant`: says of a function which of
    its statements have a say in what it is run for (None: all); `entries`: functions that gaps are told for."""

    def __init__(
        self,
        program: Program,
        pure: frozenset[str],
        relevant: Callable[[Function], frozenset[int] | None],
        entries: frozenset[Function],
        aborts: frozenset[str],
    ) -> None:
        super().__init__(program, pure)
        self.aborts = aborts
        self.entries = entries
        self._relevant = relevant
        self._compiled: dict[Function, Run] = {}
        self._macros: dict[Function, Callable[[Frame], Any]] = {}
        self._kept: frozenset[int] | None = None

    def call(self, function: Function, arguments: list[Any], frame: Frame, this: StructValue | None, node: Node) -> Any:
        """The value that `function` returns. `arguments`: values, or Refs for what may be passed by reference; `node`:
        the call, which may have template arguments."""
        if frame.depth > MOST_CALLS_DEEP:
            raise NotUnderstood(node, f"calls nested deeper than {MOST_CALLS_DEEP}")
        machine = frame.machine
        machine.step()
        machine.called.add(function)
        replay = machine.replay
        call_index = -1
        if replay is not None and can_repeat(function, arguments, this, machine):
            call_index = replay.begin()
            effects = replay.repeated(call_index, function, machine)
            if effects is not None:
                return fresh(effects.value)
        inner = Frame(machine, function, this, frame.depth + 1)
        if function.is_macro:
            inner.parent = frame
        if function.template and node is not function.node:
            self._template(function, node, frame, inner)
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
        value: Any = UNSET
        try:
            run(inner)
        except Returned as returned:
            value = self.converted(function.returns, returned.value, node, inner)
        del machine.conditions[depth:]
        machine.current = before  # not after an exception: that is how a gap finds its function
        if call_index >= 0:
            replay.ended(call_index, function, machine, value)
        return value

    def _template(self, function: Function, node: Node, frame: Frame, inner: Frame) -> None:
        """The template parameters that are values."""
        given = template_arguments(node.field("function"))
        for index, parameter in enumerate(function.template):
            if parameter.type.name and (index < len(given) or parameter.default is not None):
                if index >= len(given):
                    value = self.default(parameter.type, parameter.default, inner)  # type: ignore[arg-type]
                elif given[index].kind == "type_descriptor":
                    value = self.named(given[index].text, frame, given[index])
                else:
                    value = self.expression(given[index])(frame)
                inner.variables[parameter.name] = value.get() if isinstance(value, Ref) else value

    def passed(self, type_: CppType, value: Any, machine: Any) -> Any:
        if not type_.is_pointer:
            value = self.shaped(type_, value, machine)
        if type_.is_reference:
            return value
        if isinstance(value, Ref):
            value = value.get()
        if type_.is_pointer:
            return value
        machine.effort.spend(n_elements(value))
        return copied_value(value)

    def shaped(self, type_: CppType, value: Any, machine: Machine) -> Any:
        """A `{...}` that stands for a struct, pair or list of such as what it stands for."""
        if isinstance(value, StructValue) and value.type in ("", "auto") and "_0" in value.fields:
            value = ListValue(list(value.fields.values()), [None] * len(value.fields))
        if not isinstance(value, ListValue) and not (isinstance(value, StructValue) and value.type == ""):
            return value
        if isinstance(value, ListValue) and value.element is not None:
            return value
        type_ = self.program.resolved(type_)
        element = element_type(type_)
        if element is not None and isinstance(value, ListValue):
            value.items[:] = [self.shaped(element, one, machine) for one in value.items]
            value.element = element
            return value
        record = self.program.records.get(type_.name)
        if type_.name == "pair" and isinstance(value, ListValue):
            return StructValue("pair", dict(zip(("first", "second"), value.items, strict=False)))
        if record is None:
            return value
        made: StructValue = self.zero(type_, Frame(machine, None, None))
        given = zip(record.fields, value.items, strict=False) if isinstance(value, ListValue) else value.fields.items()
        for name, item in given:
            made.fields[name] = self.shaped(record.fields[name].type, item, machine) if name in record.fields else item
        return made

    def closure(self, node: Node) -> Callable[[Frame], Any]:
        declarator, body = node.field("declarator"), node.field("body")
        parameters = parameters_of(declarator)
        kept, self._kept = self._kept, None
        run = self.statement(body) if body is not None else _nothing
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

        return lambda frame: Closure(parameters, execute, frame)

    def _body(self, function: Function) -> Run:
        kept, self._kept = self._kept, self._relevant(function)
        try:
            return self.statement(function.body)
        finally:
            self._kept = kept

    # Statements

    def statement(self, node: Node) -> Run:
        first = node.field("type") if node.kind == "declaration" else node.children[0] if node.children else None
        if first is not None and first.kind.endswith("identifier") and self.program.is_statement(first.text):
            return _not_understood(node, f"the macro {first.text}")
        if (
            self._kept is not None
            and node.start not in self._kept
            and node.kind not in ("compound_statement", "case_statement", "ERROR")
        ):
            return _nothing
        handler = getattr(self, f"_s_{node.kind}", None)
        if handler is not None:
            run: Run = handler(node)
            return run
        return _not_understood(node, f"statement {node.kind.replace('_', ' ')}")

    def _block(self, nodes: Iterable[Node]) -> Run:
        nodes = list(nodes)
        runs = [self.statement(node) for node in nodes]
        runs = [run for run in runs if run is not _nothing]
        if not runs:
            return _nothing
        declared = [
            declared_name(one) for node in nodes if node.kind == "declaration" for one in node.fields("declarator")
        ]

        def block(frame: Frame) -> None:
            before = {name: frame.variables[name] for name in declared if name in frame.variables}
            try:
                for run in runs:
                    run(frame)
            finally:
                if before:
                    frame.variables.update(before)

        return block

    def _s_compound_statement(self, node: Node) -> Run:
        return self._block(node.children)

    def _s_expression_statement(self, node: Node) -> Run:
        if not node.children:
            return _nothing
        value = self.expression(node.children[0])

        def run(frame: Frame) -> None:
            frame.machine.step()
            try:
                value(frame)
            except BadValue as problem:
                raise NotUnderstood(node, str(problem)) from None

        return run

    def _s_declaration(self, node: Node) -> Run:
        type_node = node.field("type")
        if not add_record(self.program, type_node):
            return _not_understood(node, "a struct in a function, with the name of another")
        constant = is_const(node)
        if not constant and any(child.text == "static" for child in node.children):
            return _not_understood(node, "a static variable, which may change")
        runs: list[Run] = []
        for declarator in node.fields("declarator"):
            is_initialised = declarator.kind == "init_declarator"
            initialiser = declarator.field("value") if is_initialised else node.field("value")  # of a condition
            inner = declarator.field("declarator") if is_initialised else declarator
            if inner is None:
                continue
            if inner.kind == "structured_binding_declarator" or (
                inner.kind == "reference_declarator" and inner.child("structured_binding_declarator")
            ):
                runs.append(self._binding(inner.child("structured_binding_declarator") or inner, initialiser))
                continue
            if inner.kind == "function_declarator":
                runs.append(self._constructed(node, inner))
                continue
            runs.append(self._variable(type_of(type_node, inner, constant), declared_name(inner), initialiser, node))

        def run(frame: Frame) -> None:
            frame.machine.step()
            try:
                for one in runs:
                    one(frame)
            except BadValue as problem:
                raise NotUnderstood(node, str(problem)) from None

        return run

    def _constructed(self, node: Node, declarator: Node) -> Run:
        """`std::string s(x);` that the grammar takes for a function; a real declaration has no effect."""
        return _nothing

    def _variable(self, type_: CppType, name: str, initialiser: Node | None, node: Node) -> Run:
        n_bits = UNSIGNED.get(self.program.resolved(type_).name) if not type_.is_pointer else None
        if initialiser is None:

            def declare(frame: Frame) -> None:
                frame.variables[name] = self.initial(type_, frame)
                if n_bits is not None:
                    frame.unsigned[name] = n_bits

            return declare
        if type_.is_reference and initialiser.kind != "initializer_list":
            place = self.place(initialiser)

            def refer(frame: Frame) -> None:
                frame.variables.pop(name, None)
                frame.variables[name] = place(frame)

            return refer
        value = self.initialised(type_, initialiser)

        def assign(frame: Frame) -> None:
            made = value(frame)
            frame.variables.pop(name, None)
            frame.variables[name] = made
            if n_bits is not None:
                frame.unsigned[name] = n_bits

        return assign

    def _binding(self, declarator: Node, initialiser: Node | None) -> Run:
        names = [child.text for child in declarator.children if child.kind == "identifier"]
        value = self.expression(initialiser) if initialiser is not None else _not_understood(declarator, "a binding")

        def run(frame: Frame) -> None:
            made = value(frame)
            if isinstance(made, StructValue):
                parts: list[Any] = list(made.fields.values())
            elif isinstance(made, ListValue):
                parts = made.items
            else:
                raise NotUnderstood(declarator, "taking apart what is no struct or pair")
            if len(parts) < len(names):
                raise NotUnderstood(declarator, "more names than parts")
            for name, part in zip(names, parts, strict=False):
                frame.variables[name] = copied_value(part)

        return run

    def _s_return_statement(self, node: Node) -> Run:
        value = self.returned(node.children[0]) if node.children else None
        if value is not None and self._kept is not None and node.children[0].start not in self._kept:
            value = None

        def run(frame: Frame) -> None:
            raise Returned(value(frame) if value is not None else UNSET)

        return run

    def _s_break_statement(self, node: Node) -> Run:
        def run(frame: Frame) -> None:
            raise Broken

        return run

    def _s_continue_statement(self, node: Node) -> Run:
        def run(frame: Frame) -> None:
            raise Continued

        return run

    def _s_if_statement(self, node: Node) -> Run:
        clause, then, otherwise = node.field("condition"), node.field("consequence"), node.field("alternative")
        before, condition = self._clause(clause)
        yes = self.statement(then) if then is not None else _nothing
        if otherwise is not None and otherwise.kind == "else_clause":
            otherwise = otherwise.children[0] if otherwise.children else None
        no = self.statement(otherwise) if otherwise is not None else _nothing
        text = _condition_text(clause)
        can_guard = before is None and all(self.can_guard(one) for one in (then, otherwise) if one is not None)
        if yes is _nothing and no is _nothing and before is None and clause is not None and self.is_plain(clause):
            return _nothing

        def run(frame: Frame) -> None:
            machine = frame.machine
            machine.step()
            if before is not None:
                before(frame)
            asked = self.truth(condition(frame), machine)
            if (
                can_guard
                and is_symbolic(asked)
                and (machine.guard is not None or machine.knowledge.known(asked) is None)
            ):
                guarded(frame, asked, text, yes)
                guarded(frame, machine.world.terms.apply("!", asked), f"not ({text})", no)
                return
            answer = machine.knowledge.decide(asked)
            branch = yes if answer else no
            if branch is _nothing:
                return
            machine.conditions.append(text if answer else f"not ({text})")
            branch(frame)
            machine.conditions.pop()

        return run

    def _clause(self, clause: Node | None) -> tuple[Run | None, Callable[[Frame], Any]]:
        """What an `if`, `while` or `switch` runs first, and its condition."""
        if clause is None:
            return None, lambda frame: True
        value = clause.field("value") if clause.kind == "condition_clause" else clause
        initialiser = clause.field("initializer") if clause.kind == "condition_clause" else None
        before = None
        if initialiser is not None and initialiser.children:
            kept, self._kept = self._kept, None
            before = self.statement(initialiser.children[0])
            self._kept = kept
        if value is None:
            return before, _not_understood(clause, "this condition")
        if value.kind == "declaration":
            names = [declared_name(one) for one in value.fields("declarator")]
            kept, self._kept = self._kept, None
            declare = self._s_declaration(value)
            self._kept = kept

            def declared(frame: Frame) -> Any:
                declare(frame)
                if frame.variables[names[0]] is UNSET:
                    raise NotUnderstood(value, f"{names[0]} is read before it has a value")
                return frame.variables[names[0]]

            return before, declared
        return before, self.expression(value)

    def _s_switch_statement(self, node: Node) -> Run:
        clause, body = node.field("condition"), node.field("body")
        before, value = self._clause(clause)
        text = _condition_text(clause)
        cases: list[tuple[list[Callable[[Frame], Any]] | None, list[Run], str]] = []
        labels: list[Callable[[Frame], Any]] = []
        plain_runs: dict[int, list[Run]] = {}
        names: list[str] = []
        has_default = False
        can_guard = before is None
        aborts = False
        for case, statements in _cases(self.program, body):
            written = case.field("value")
            if written is None:
                has_default = True
            else:
                labels.append(self.expression(written))
                names.append(written.text)
            if statements and (plain := self.guardable_case(statements)) is None:
                can_guard = False
            runs = [run for run in map(self.statement, statements) if run is not _nothing]
            if statements:
                if has_default and self.is_abort(statements):
                    aborts = True
                elif can_guard and plain is not None:
                    plain_runs[len(cases)] = [run for run in map(self.statement, plain) if run is not _nothing]
                shown = " or ".join(names) if names else "none of the others"
                cases.append((None if has_default else labels, runs, f"{text} is {shown}"))
                labels, names, has_default = [], [], False
        if labels or has_default:
            cases.append((None if has_default else labels, [], ""))

        def run(frame: Frame) -> None:
            machine = frame.machine
            machine.step()
            if before is not None:
                before(frame)
            selected = machine.scalar(value(frame))
            if can_guard and is_symbolic(selected):
                self.guarded_switch(frame, selected, cases, plain_runs, aborts)
                return
            chosen = None
            for index, (wanted, _, _) in enumerate(cases):
                if wanted is None:
                    continue
                values = [machine.scalar(one(frame)) for one in wanted]
                if is_symbolic(selected):
                    if machine.knowledge.decide(machine.world.terms.apply("in", selected, frozenset(values))):
                        chosen = index
                        break
                elif selected in values:
                    chosen = index
                    break
            if chosen is None:
                chosen = next((index for index, case in enumerate(cases) if case[0] is None), None)
            if chosen is None:
                return
            depth = len(machine.conditions)
            machine.conditions.append(cases[chosen][2])
            try:
                for _, runs, _ in cases[chosen:]:
                    for one in runs:
                        one(frame)
            except Broken:
                pass
            del machine.conditions[depth:]

        return run

    def guarded_switch(
        self,
        frame: Frame,
        selected: Any,
        cases: list[tuple[list[Callable[[Frame], Any]] | None, list[Run], str]],
        runs: dict[int, list[Run]],
        aborts: bool,
    ) -> None:
        """All cases that are possible, each under its own guard."""
        machine = frame.machine
        terms = machine.world.terms
        all_values: set[object] = set()
        guards: list[object] = []
        for wanted, _, _ in cases:
            values = frozenset(machine.scalar(one(frame)) for one in wanted or ())
            guards.append(terms.apply("in", selected, values - all_values))
            all_values |= values
        any_case = terms.apply("in", selected, frozenset(all_values))
        if aborts:
            if machine.guard is not None:
                any_case = terms.apply("||", terms.apply("!", machine.guard), any_case)
            machine.knowledge.assume(any_case)
        for index, (wanted, _, text) in enumerate(cases):
            guard = guards[index] if wanted is not None else terms.apply("!", any_case)
            if index in runs and machine.knowledge.known(guard) is not False:
                for one in runs[index]:
                    guarded(frame, guard, text, one)

    def can_guard(self, node: Node) -> bool:
        """Can the statement be run with its effect under a condition? (Only additions to lists and texts, plain
        assignments, and choices between such.)"""
        kind = node.kind
        if kind in ("compound_statement", "else_clause"):
            return all(self.can_guard(child) for child in node.children)
        if kind == "if_statement":
            clause, parts = node.field("condition"), [node.field("consequence"), node.field("alternative")]
            if clause is None or clause.field("initializer") is not None or not self.is_plain(clause):
                return False
            return all(self.can_guard(part) for part in parts if part is not None)
        if kind != "expression_statement" or not node.children:
            return False
        expression = node.children[0]
        if expression.kind == "assignment_expression":
            left, right = expression.field("left"), expression.field("right")
            if left is None or right is None or left.kind not in ("identifier", "field_expression"):
                return False
            # Numbers are better known exactly on each path: only texts are put together under a condition.
            if expression.operator != "+=" or not any(one.kind == "string_literal" for one in right.walk()):
                return False
            return right.kind != "initializer_list" and self.is_plain(left) and self.is_plain(right)
        if expression.kind == "call_expression":
            function, arguments = expression.field("function"), expression.field("arguments")
            if function is None or arguments is None or function.kind != "field_expression":
                return False
            method, of = function.field("field"), function.field("argument")
            return (
                method is not None
                and of is not None
                and method.text in ("push_back", "emplace_back")
                and len(arguments.children) == 1
                and self.is_plain(of)
                and self.is_plain(arguments.children[0])
            )
        return False

    def guardable_case(self, statements: list[Node]) -> list[Node] | None:
        """The statements of a case that ends in `break`, without it; None when they cannot be guarded."""
        while len(statements) == 1 and statements[0].kind == "compound_statement":
            statements = list(statements[0].children)
        if (
            len(statements) == 2
            and statements[0].kind == "compound_statement"
            and statements[1].kind == "break_statement"
        ):
            statements = [*statements[0].children, statements[1]]
        if self.is_abort(statements):
            return []
        if not statements or statements[-1].kind != "break_statement":
            return None
        plain = statements[:-1]
        return plain if all(self.can_guard(one) for one in plain) else None

    def is_abort(self, statements: list[Node]) -> bool:
        if len(statements) != 1 or statements[0].kind != "expression_statement" or not statements[0].children:
            return False
        call = statements[0].children[0]
        function = call.field("function") if call.kind == "call_expression" else None
        return function is not None and function.text in self.aborts

    def _s_while_statement(self, node: Node) -> Run:
        return self._loop(node, None, node.field("condition"), None)

    def _s_do_statement(self, node: Node) -> Run:
        return self._loop(node, None, node.field("condition"), None, first=True)

    def _s_for_statement(self, node: Node) -> Run:
        initialiser = node.field("initializer")
        kept, self._kept = self._kept, None
        start: Run | None = None
        if initialiser is not None:
            if initialiser.kind == "declaration":
                start = self._s_declaration(initialiser)
            else:
                begin = self.expression(initialiser)
                start = lambda frame: _discard(begin(frame))  # noqa: E731 - a statement made of an expression
        update = node.field("update")
        after = self.expression(update) if update is not None else None
        self._kept = kept
        return self._loop(node, start, node.field("condition"), after)

    def _loop(
        self,
        node: Node,
        start: Run | None,
        clause: Node | None,
        after: Callable[[Frame], Any] | None,
        first: bool = False,
    ) -> Run:
        before, condition = self._clause(clause)
        body_node = node.field("body")
        body = self.statement(body_node) if body_node is not None else _nothing
        is_asked_alone = before is None and after is None and not first and clause is not None and self.is_plain(clause)
        counted = self._counted(body_node) if is_asked_alone else ()

        def run(frame: Frame) -> None:
            machine = frame.machine
            if start is not None:
                start(frame)
            if counted and self._selected(frame, counted, condition, body):
                return
            skip = first
            depth = len(machine.conditions)
            for _ in range(MOST_ITERATIONS):
                machine.step()
                if before is not None:
                    before(frame)
                if not skip and not machine.knowledge.decide(self.truth(condition(frame), machine)):
                    return
                skip = False
                try:
                    body(frame)
                except Broken:
                    del machine.conditions[depth:]
                    return
                except Continued:
                    del machine.conditions[depth:]
                if after is not None:
                    after(frame)
            raise NotUnderstood(node, f"a loop of more than {MOST_ITERATIONS} rounds")

        return run

    def _counted(self, body: Node | None) -> tuple[str, ...]:
        """The variables that a loop changes, where it does nothing but that."""
        if body is None:
            return ()
        names: list[str] = []
        for node in body.children if body.kind == "compound_statement" else (body,):
            expression = node.children[0] if node.kind == "expression_statement" and node.children else None
            if expression is None or expression.kind not in ("assignment_expression", "update_expression"):
                return ()
            target = expression.field("left") or expression.field("argument")
            right = expression.field("right")
            if target is None or target.kind != "identifier" or (right is not None and not self.is_plain(right)):
                return ()
            names.append(target.text)
        return tuple(dict.fromkeys(names))

    def _selected(self, frame: Frame, names: tuple[str, ...], condition: Callable[[Frame], Any], body: Run) -> bool:
        """Run a loop whose rounds are few, and each of whose conditions is open, without a fork: its variables hold
        a choice afterwards. False, and nothing changed, where that cannot be."""
        machine = frame.machine
        if any(name not in frame.variables for name in names):
            return False
        start = {name: frame.variables[name] for name in names}
        rounds: list[tuple[object, dict[str, Any]]] = []
        while True:
            now = {name: frame.variables[name] for name in names}
            asked = self.truth(condition(frame), machine)
            if not is_symbolic(asked):
                if asked:
                    break
                for guard, values in reversed(rounds):
                    for name in names:
                        chosen = machine.world.terms.apply("?:", guard, frame.variables[name], values[name])
                        frame.variables[name] = chosen
                return bool(rounds)
            if len(rounds) == _MOST_OPEN_ROUNDS or not all(isinstance(one, int) for one in now.values()):
                break
            machine.step()
            rounds.append((asked, now))
            body(frame)
        frame.variables.update(start)
        return False

    def _s_for_range_loop(self, node: Node) -> Run:
        declarator, right, body_node = node.field("declarator"), node.field("right"), node.field("body")
        if right is None or declarator is None:
            return _not_understood(node, "this loop")
        type_ = type_of(node.field("type"), declarator)
        binding = declarator.child("structured_binding_declarator") or (
            declarator if declarator.kind == "structured_binding_declarator" else None
        )
        names = [child.text for child in binding.children] if binding is not None else [declared_name(declarator)]
        values = self.initialised(CppType("vector"), right) if right.kind == "initializer_list" else self.place(right)
        body = self.statement(body_node) if body_node is not None else _nothing

        def run(frame: Frame) -> None:
            found = values(frame)
            if isinstance(found, Ref):
                found = found.get()
            if isinstance(found, ListValue):
                found.settle(frame.machine.knowledge.decide)
                places: list[Any] = [Ref(found.items, index) for index in range(len(found.items))]
            elif isinstance(found, MapValue):
                places = [
                    StructValue("pair", {"first": found.keys[key], "second": Ref(found.entries, key)})
                    for key in found.entries
                ]
            elif isinstance(found, GlobalTable):
                places = [GlobalRow(found, at) if isinstance(row, dict) else row for at, row in found.rows.items()]
            elif isinstance(found, Outside):
                raise NotUnderstood(right, f"a loop over {found.path}, which is not known")
            else:
                raise NotUnderstood(right, "a loop over what is no list")
            for place in places:
                frame.machine.step()
                if binding is not None:
                    whole = place.get() if isinstance(place, Ref) else place
                    parts = list(whole.fields.values()) if isinstance(whole, StructValue) else list(whole.items)
                    for name, part in zip(names, parts, strict=False):
                        frame.variables.pop(name, None)
                        frame.variables[name] = part
                else:
                    frame.variables.pop(names[0], None)
                    value = place if type_.is_reference or not isinstance(place, Ref) else copied_value(place.get())
                    frame.variables[names[0]] = value
                depth = len(frame.machine.conditions)
                try:
                    body(frame)
                except Broken:
                    del frame.machine.conditions[depth:]
                    return
                except Continued:
                    del frame.machine.conditions[depth:]

        return run

    def _s_throw_statement(self, node: Node) -> Run:
        return self.aborting

    def _s_labeled_statement(self, node: Node) -> Run:
        return self._block(child for child in node.children if child.kind != "statement_identifier")

    def _s_try_statement(self, node: Node) -> Run:
        body = node.field("body")
        return self.statement(body) if body is not None else _nothing

    def _s_preproc_ifdef(self, node: Node) -> Run:
        return self._block(active_branch(self.program, node))

    _s_preproc_if = _s_preproc_ifdef
    _s_preproc_else = _s_preproc_ifdef

    def _s_else_clause(self, node: Node) -> Run:
        return self._block(node.children)

    def _harmless(self, node: Node) -> Run:
        return _nothing

    _s_preproc_def = _harmless
    _s_preproc_call = _harmless
    _s_preproc_function_def = _harmless
    _s_using_declaration = _harmless
    _s_alias_declaration = _harmless
    _s_type_definition = _harmless
    _s_static_assert_declaration = _harmless
    _s_attributed_statement = _harmless
    _s_enum_specifier = _harmless

    def _s_struct_specifier(self, node: Node) -> Run:
        if not add_record(self.program, node):
            return _not_understood(node, "a struct in a function, with the name of another")
        return _nothing

    _s_class_specifier = _s_struct_specifier


def guarded(frame: Frame, guard: object, text: str, run: Run) -> None:
    """Run something whose effect holds where `guard` does."""
    machine = frame.machine
    if run is _nothing or guard is False:
        return
    before = machine.guard
    machine.guard = guard if before is None else machine.world.terms.apply("&&", before, guard)
    machine.conditions.append(text)
    try:
        run(frame)
    finally:
        machine.conditions.pop()
        machine.guard = before


def _cases(program: Program, body: Node | None) -> list[tuple[Node, list[Node]]]:
    """The cases with their statements. Those between `#if` and `#endif` stand behind the case that they belong to."""
    found: list[tuple[Node, list[Node]]] = []
    waiting = list(reversed(body.children)) if body is not None else []
    while waiting:
        child = waiting.pop()
        if child.kind == "case_statement":
            found.append((child, [one for one in child.children if one is not child.field("value")]))
        elif child.kind.startswith("preproc_if"):
            waiting.extend(reversed(active_branch(program, child)))
        elif found:
            found[-1][1].append(child)
    return found


def _condition_text(clause: Node | None) -> str:
    if clause is None:
        return ""
    value = clause.field("value") if clause.kind == "condition_clause" else clause
    return " ".join((value or clause).text.split())


def _nothing(frame: Frame) -> None:
    return None


def _discard(value: Any) -> None:
    return None


def _not_understood(node: Node, what: str) -> Callable[[Frame], Any]:
    def run(frame: Frame) -> Any:
        raise NotUnderstood(node, what)

    return run
