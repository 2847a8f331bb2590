"""Loops, round by round; those whose rounds are few and open without a fork."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from wgsl_ls.host.cpp_types import CppType, declared_name, type_of
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.jumps import Broken, Continued
from wgsl_ls.host.machine import Frame, NotUnderstood
from wgsl_ls.host.scopes import Run, declared_by, declared_in, discard, no_effect, not_understood, scoped
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import inputs_of, is_symbolic
from wgsl_ls.host.values import UNSET, Ref, copied_value

MOST_ITERATIONS: Final = 4_096
_MOST_OPEN_ROUNDS: Final = 16


class Loops(Evaluator):
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
                start = lambda frame: discard(begin(frame))  # noqa: E731 - a statement made of an expression
        update = node.field("update")
        after = self.expression(update) if update is not None else None
        self._kept = kept
        return scoped(declared_in((initialiser,)), [self._loop(node, start, node.field("condition"), after)])

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
        body = self.statement(body_node) if body_node is not None else no_effect
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

        return scoped(declared_by(clause), [run])

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
            return not_understood(node, "this loop")
        type_ = type_of(node.field("type"), declarator)
        binding = declarator.child("structured_binding_declarator") or (
            declarator if declarator.kind == "structured_binding_declarator" else None
        )
        names = [child.text for child in binding.children] if binding is not None else [declared_name(declarator)]
        initialiser = node.field("initializer")
        start = self.statement(initialiser.children[0]) if initialiser is not None and initialiser.children else None
        values = self.initialised(CppType("vector"), right) if right.kind == "initializer_list" else self.place(right)
        body = self.statement(body_node) if body_node is not None else no_effect

        def run(frame: Frame) -> None:
            if start is not None:
                start(frame)
            found = values(frame)
            if body is no_effect:
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

        return scoped((*names, *declared_in((initialiser,))), [run])
