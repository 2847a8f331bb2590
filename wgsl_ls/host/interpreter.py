"""Interpreter: C++ statements and expressions, compiled once per function into Python closures over a Frame.

What it has no rule for becomes a closure that raises NotUnderstood, so that only the paths through it are lost.
Expressions are in expressions.py; functions of the standard library in standard.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from wgsl_ls.host.caches import Caches
from wgsl_ls.host.declarations import (
    CppType,
    Function,
    Program,
    active_branch,
    add_alias,
    add_enum,
    add_record,
    base_name,
    declared_name,
    is_const,
    parameters_of,
    type_of,
)
from wgsl_ls.host.effort import BadValue
from wgsl_ls.host.expressions import Expressions, optional
from wgsl_ls.host.knowledge import Thrown
from wgsl_ls.host.machine import MOST_CALLS_DEEP, Frame, NotUnderstood, bits_of
from wgsl_ls.host.replay import can_repeat, fresh
from wgsl_ls.host.slicing import own_names
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import inputs_of, is_symbolic
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

Run = Callable[[Frame], None]
Value = Callable[[Frame], Any]
MOST_ITERATIONS: Final = 4_096
_MOST_OPEN_ROUNDS: Final = 16
_NONE: Final = object()


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
        self._kept: frozenset[int] | None = None
        self._adding: dict[str, bool] = {}
        self._lambdas: dict[str, Node] = {}
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
        replay = machine.replay
        call_index = -1
        if replay is not None and not template and can_repeat(function, arguments, this, machine):
            call_index = replay.begin()
            effects = replay.repeated(call_index, function, machine)
            if effects is not None:
                return fresh(effects.value)
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
        if call_index >= 0:
            replay.ended(call_index, function, machine, value)
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
        run = self.statement(body) if body is not None else _nothing
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

    # Statements

    def statement(self, node: Node) -> Run:
        if (
            self._kept is not None
            and node.start not in self._kept
            and node.kind not in ("compound_statement", "case_statement", "ERROR")
        ):
            return _nothing
        if any(one.start == one.end for one in node.children if one.kind == "expression_statement"):
            return _not_understood(node, "a statement of which a part stands elsewhere")
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
        return _scoped(_declared_in(nodes), runs)

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
        is_static = not constant and any(child.text == "static" for child in node.children)
        if is_static and any(self.program.may_change(declared_name(one)) for one in node.fields("declarator")):
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
                binding = inner.child("structured_binding_declarator")
                runs.append(self._binding(binding or inner, initialiser, binding is not None))
                continue
            if inner.kind == "function_declarator":
                runs.append(self._constructed(type_of(type_node), inner, initialiser, node))
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

    def _constructed(self, type_: CppType, declarator: Node, initialiser: Node | None, node: Node) -> Run:
        """`std::string s(x);` that the grammar takes for a function, or a pointer to a function."""
        name, listed = declared_name(declarator), declarator.field("parameters")
        inner = declarator.field("declarator")
        if inner is not None and inner.kind == "parenthesized_declarator":
            return self._variable(CppType("auto"), declared_name(inner.children[0]), initialiser, node)
        given = [one.field("type") for one in listed.children] if listed is not None else []
        if not given or any(one is None or one.kind != "type_identifier" for one in given):
            return _nothing  # a declaration of a function has no effect
        value = self.constructed(type_, tuple(one for one in given if one is not None), node)

        def assign(frame: Frame) -> None:
            made = value(frame)
            frame.variables.pop(name, None)
            frame.variables[name] = made

        return assign

    def _variable(self, type_: CppType, name: str, initialiser: Node | None, node: Node) -> Run:
        bits = bits_of(self.program.resolved(type_).name, 0) or None if not type_.is_pointer else None
        if initialiser is None:

            def declare(frame: Frame) -> None:
                frame.variables[name] = self.initial(type_, frame)
                frame.sized(name, bits)

            return declare
        if type_.is_reference and initialiser.kind != "initializer_list":
            place = self.place(initialiser) if type_.is_const else self.lvalue(initialiser)

            def refer(frame: Frame) -> None:
                frame.variables.pop(name, None)
                frame.variables[name] = place(frame)

            return refer
        value = self.initialised(type_, initialiser)

        def assign(frame: Frame) -> None:
            made = value(frame)
            if isinstance(made, StructValue) and f"~{made.type}" in self.program.functions:
                raise NotUnderstood(node, f"an object with a destructor, {name}")
            frame.variables.pop(name, None)
            frame.sized(name, bits)
            frame.variables[name] = made

        return assign

    def _binding(self, declarator: Node, initialiser: Node | None, is_reference: bool) -> Run:
        names = [child.text for child in declarator.children if child.kind == "identifier"]
        if initialiser is None:
            return _not_understood(declarator, "a binding")
        value = self.place(initialiser)

        def run(frame: Frame) -> None:
            self.bind(names, value(frame), is_reference, declarator, frame)

        return run

    def bind(self, names: list[str], whole: Any, is_reference: bool, node: Node, frame: Frame) -> None:
        """Name the parts of a struct, pair or array: the parts themselves, or copies."""
        while isinstance(whole, Ref):
            whole = whole.get()
        if isinstance(whole, StructValue):
            parts = [Ref(whole.fields, name) for name in whole.fields]
        elif isinstance(whole, ListValue):
            whole.settle(frame.machine.knowledge.decide)
            parts = [Ref(whole.items, index) for index in range(len(whole.items))]
        else:
            raise NotUnderstood(node, "taking apart what is no struct or pair")
        if len(parts) < len(names):
            raise NotUnderstood(node, "more names than parts")
        for name, part in zip(names, parts, strict=False):
            frame.variables.pop(name, None)
            frame.variables[name] = part if is_reference else copied_value(part.get())

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

        return _scoped(_declared_by(clause), [run])

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
        aborting: Node | None = None
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
                    aborting = statements[0]
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
                self.guarded_switch(frame, selected, cases, plain_runs, aborting)
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

        inside = [one for _, statements in _cases(self.program, body) for one in statements]
        return _scoped((*_declared_by(clause), *_declared_in(inside)), [run])

    def guarded_switch(
        self,
        frame: Frame,
        selected: Any,
        cases: list[tuple[list[Callable[[Frame], Any]] | None, list[Run], str]],
        runs: dict[int, list[Run]],
        aborting: Node | None,
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
        if aborting is not None:
            if machine.guard is not None:
                any_case = terms.apply("||", terms.apply("!", machine.guard), any_case)
            machine.goes_on_if(any_case, aborting)
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
            if function is None or arguments is None:
                return False
            if function.kind == "identifier" and function.text in self.own_names:
                body = self._lambdas.get(function.text)
                adds = body is not None and all(map(self.can_guard, body.children))
                return adds and all(map(self.is_plain, arguments.children))
            if self.only_adds(base_name(function.field("field") or function)):
                return all(map(self.is_plain, arguments.children))
            if function.kind != "field_expression":
                return False
            method, of = function.field("field"), function.field("argument")
            given = list(arguments.children)
            if method is None or of is None or not self.is_plain(of):
                return False
            if (
                method.text == "insert"
                and len(given) == 2
                and given[0].text in (f"{of.text}.end()", f"{of.text}.cend()")
            ):
                del given[0]
            elif method.text == "insert" and given and given[0].kind == "initializer_list":
                return False  # of a map, or a range
            elif method.text not in ("push_back", "emplace_back", "insert"):
                return False
            return len(given) == 1 and self.is_plain(given[0])
        if expression.kind == "binary_expression" and expression.operator == "<<" and self.only_adds("operator<<"):
            left, right = expression.field("left"), expression.field("right")
            return left is not None and right is not None and left.kind == "identifier" and self.is_plain(right)
        return False

    def only_adds(self, name: str) -> bool:
        """Do the host's own functions of that name only add to lists what they are given?"""
        known = self._adding.get(name)
        if known is None:
            self._adding[name] = False  # as long as it is not known, of one that calls itself
            bodies = [one.body for one in self.program.functions.get(name, ()) if not one.is_macro]
            known = bool(bodies) and len(bodies) == len(self.program.functions[name])
            for statement in (one for body in bodies for one in body.children):
                answer = statement.children[0] if statement.children else None
                if statement.kind == "return_statement":
                    known = known and (answer is None or answer.text == "*this")
                else:
                    known = known and self.can_guard(statement)
            self._adding[name] = known
        return known

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
        return _scoped(_declared_in((initialiser,)), [self._loop(node, start, node.field("condition"), after)])

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
        changed = self._changed(clause, body_node)

        def run(frame: Frame) -> None:
            machine = frame.machine
            if start is not None:
                start(frame)
            self._begun(frame, changed, node)
            if counted and self._selected(frame, counted, condition, body):
                return
            skip = first
            depth = len(machine.conditions)
            for n_rounds in range(MOST_ITERATIONS):
                machine.step()
                if n_rounds:
                    self._begun(frame, changed, node)
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

        return _scoped(_declared_by(clause), [run])

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

    def _changed(self, clause: Node | None, body: Node | None) -> list[Value]:
        """The places that a loop asks about and changes."""
        asked = {one.text for one in clause.walk()} if clause is not None else set()
        found: dict[str, Value] = {}
        for node in body.walk() if body is not None else ():
            if node.kind in ("assignment_expression", "update_expression"):
                target = node.field("left") or node.field("argument")
                if target is not None and target.kind in ("identifier", "field_expression") and target.text in asked:
                    found.setdefault(target.text, self.place(target))
        return list(found.values())

    def _begun(self, frame: Frame, places: list[Value], node: Node) -> None:
        """What a loop changes has a known value where a round begins, if only a few are possible: its rounds would make
        it a value of ever more operations."""
        for place in places:
            target = place(frame)
            value = target.get() if isinstance(target, Ref) else UNSET
            if is_symbolic(value):
                value = frame.machine.knowledge.settled(value)
                is_known = not any(one.chosen for one in inputs_of(value))
                target.set(frame.machine.concrete(value, node) if is_known else value)

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
        initialiser = node.field("initializer")
        start = self.statement(initialiser.children[0]) if initialiser is not None and initialiser.children else None
        values = self.initialised(CppType("vector"), right) if right.kind == "initializer_list" else self.place(right)
        body = self.statement(body_node) if body_node is not None else _nothing

        def run(frame: Frame) -> None:
            if start is not None:
                start(frame)
            found = values(frame)
            if body is _nothing:
                return
            places = self.elements(found, right, frame)
            for place in places:
                frame.machine.step()
                if binding is not None:
                    self.bind(names, place, type_.is_reference, declarator, frame)
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

        return _scoped((*names, *_declared_in((initialiser,))), [run])

    def _s_throw_statement(self, node: Node) -> Run:
        def run(frame: Frame) -> None:
            raise Thrown

        return run

    def _s_labeled_statement(self, node: Node) -> Run:
        return self._block(child for child in node.children if child.kind != "statement_identifier")

    def _s_try_statement(self, node: Node) -> Run:
        body = node.field("body")
        run = self.statement(body) if body is not None else _nothing
        clauses = [one for one in node.children if one.kind == "catch_clause"]
        handler = clauses[0].field("body") if len(clauses) == 1 else None
        caught = self.statement(handler) if handler is not None else _not_understood(node, "which `catch` is reached")

        def attempt(frame: Frame) -> None:
            machine = frame.machine
            depth, n_lookups, n_sites = len(machine.conditions), len(machine.lookups), len(machine.sites)
            try:
                run(frame)
            except Thrown:
                del machine.conditions[depth:], machine.lookups[n_lookups:], machine.sites[n_sites:]
                caught(frame)

        return attempt

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

    def _s_alias_declaration(self, node: Node) -> Run:
        if not add_alias(self.program, node):
            return _not_understood(node, "a type in a function, with the name of another")
        return _nothing

    _s_type_definition = _s_alias_declaration
    _s_static_assert_declaration = _harmless
    _s_attributed_statement = _harmless

    def _s_enum_specifier(self, node: Node) -> Run:
        if not add_enum(self.program, node):
            return _not_understood(node, "an enum in a function, with names of another")
        return _nothing

    def _s_struct_specifier(self, node: Node) -> Run:
        if not add_record(self.program, node):
            return _not_understood(node, "a struct in a function, with the name of another")
        return _nothing

    _s_class_specifier = _s_struct_specifier


def _declared_in(nodes: Iterable[Node | None]) -> tuple[str, ...]:
    """The variables that statements of one block declare."""
    names: list[str] = []
    for node in nodes:
        if node is not None and node.kind == "init_statement":
            names.extend(_declared_in(node.children))
        for declarator in node.fields("declarator") if node is not None and node.kind == "declaration" else ():
            binding = next((one for one in declarator.walk() if one.kind == "structured_binding_declarator"), None)
            listed = binding.children if binding is not None else ()
            names.extend([one.text for one in listed] or [declared_name(declarator)])
    return tuple(dict.fromkeys(names))


def _declared_by(clause: Node | None) -> tuple[str, ...]:
    """The variables that the head of an `if`, `while` or `switch` declares."""
    if clause is None:
        return ()
    initialiser = clause.field("initializer")
    return _declared_in((clause.field("value"), *(initialiser.children if initialiser is not None else ()), clause))


def _scoped(names: tuple[str, ...], runs: list[Run]) -> Run:
    """Run statements; the variables `names` that they declare are gone afterwards, those that these hid are back."""
    if not names and len(runs) == 1:
        return runs[0]

    def scope(frame: Frame) -> None:
        variables = frame.variables
        if any(name in variables for name in names):  # what hides another has a frame of its own
            hidden = frame
            frame = Frame(hidden.machine, hidden.function, hidden.this, hidden.depth, hidden)
            frame.returns = hidden.returns
            for run in runs:
                run(frame)
            return
        try:
            for run in runs:
                run(frame)
        finally:
            for name in names:
                variables.pop(name, None)
                frame.bits.pop(name, None)

    return scope


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
