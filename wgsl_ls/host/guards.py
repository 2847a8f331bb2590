"""Guards: statements whose effect is put under a condition instead of forking the path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wgsl_ls.host.cpp_types import base_name
from wgsl_ls.host.evaluator import Evaluator
from wgsl_ls.host.machine import Frame
from wgsl_ls.host.program import Program
from wgsl_ls.host.scopes import Run, no_effect
from wgsl_ls.host.syntax import Node


class Guards(Evaluator):
    def __init__(self, program: Program, pure: frozenset[str]) -> None:
        super().__init__(program, pure)
        self._adding: dict[str, bool] = {}
        self._lambdas: dict[str, Node] = {}

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
            elif method.text == "insert" and given and _is_pair(given[0]):
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


def _is_pair(node: Node) -> bool:
    function = node.field("function") if node.kind == "call_expression" else None
    return node.kind == "initializer_list" or (function is not None and base_name(function) in ("make_pair", "pair"))


def guarded(frame: Frame, guard: object, text: str, run: Run) -> None:
    """Run something whose effect holds where `guard` does."""
    machine = frame.machine
    if run is no_effect or guard is False:
        return
    before = machine.guard
    machine.guard = guard if before is None else machine.world.terms.apply("&&", before, guard)
    machine.conditions.append(text)
    try:
        run(frame)
    finally:
        machine.conditions.pop()
        machine.guard = before
