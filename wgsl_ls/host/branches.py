"""Branches: `if` and `switch`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wgsl_ls.host.cpp_types import declared_name
from wgsl_ls.host.declarations import active_branch
from wgsl_ls.host.guards import Guards, guarded
from wgsl_ls.host.jumps import Broken
from wgsl_ls.host.machine import Frame, NotUnderstood
from wgsl_ls.host.program import Program
from wgsl_ls.host.scopes import Run, declared_by, declared_in, no_effect, not_understood, scoped
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import is_symbolic
from wgsl_ls.host.values import UNSET


class Branches(Guards):
    def _s_if_statement(self, node: Node) -> Run:
        clause, then, otherwise = node.field("condition"), node.field("consequence"), node.field("alternative")
        before, condition = self._clause(clause)
        yes = self.statement(then) if then is not None else no_effect
        if otherwise is not None and otherwise.kind == "else_clause":
            otherwise = otherwise.children[0] if otherwise.children else None
        no = self.statement(otherwise) if otherwise is not None else no_effect
        text = _condition_text(clause)
        can_guard = before is None and all(self.can_guard(one) for one in (then, otherwise) if one is not None)
        if yes is no_effect and no is no_effect and before is None and clause is not None and self.is_plain(clause):
            return no_effect

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
            if branch is no_effect:
                return
            machine.conditions.append(text if answer else f"not ({text})")
            branch(frame)
            machine.conditions.pop()

        return scoped(declared_by(clause), [run])

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
            return before, not_understood(clause, "this condition")
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
            runs = [run for run in map(self.statement, statements) if run is not no_effect]
            if statements:
                if has_default and self.is_abort(statements):
                    aborting = statements[0]
                elif can_guard and plain is not None:
                    plain_runs[len(cases)] = [run for run in map(self.statement, plain) if run is not no_effect]
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
        return scoped((*declared_by(clause), *declared_in(inside)), [run])

    def _s_else_clause(self, node: Node) -> Run:
        return self._block(node.children)


def _cases(program: Program, body: Node | None) -> list[tuple[Node, list[Node]]]:
    """The cases with their statements. Those between `#if` and `#endif` stand behind the case that they belong to, and
    so does a case that has an attribute."""
    found: list[tuple[Node, list[Node]]] = []
    waiting = list(reversed(body.children)) if body is not None else []
    while waiting:
        child = waiting.pop()
        if child.kind == "case_statement":
            found.append((child, []))
            waiting.extend(one for one in reversed(child.children) if one is not child.field("value"))
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
