"""Statements: blocks, declarations, jumps, and what is left of directives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wgsl_ls.host.branches import Branches
from wgsl_ls.host.cpp_types import CppType, declared_name, is_const, type_of
from wgsl_ls.host.declarations import active_branch, add_alias, add_enum, add_record
from wgsl_ls.host.effort import BadValue
from wgsl_ls.host.jumps import Broken, Continued, Returned
from wgsl_ls.host.knowledge import Thrown
from wgsl_ls.host.loops import Loops
from wgsl_ls.host.machine import Frame, NotUnderstood, bits_of
from wgsl_ls.host.scopes import Run, declared_in, no_effect, not_understood, scoped
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.values import UNSET, ListValue, Ref, StructValue, copied_value


class Statements(Branches, Loops):
    def statement(self, node: Node) -> Run:
        if (
            self._kept is not None
            and node.start not in self._kept
            and node.kind not in ("compound_statement", "case_statement", "ERROR")
        ):
            return no_effect
        if any(one.start == one.end for one in node.children if one.kind == "expression_statement"):
            return not_understood(node, "a statement of which a part stands elsewhere")
        handler = getattr(self, f"_s_{node.kind}", None)
        if handler is not None:
            run: Run = handler(node)
            return run
        return not_understood(node, f"statement {node.kind.replace('_', ' ')}")

    def _block(self, nodes: Iterable[Node]) -> Run:
        nodes = list(nodes)
        runs = [self.statement(node) for node in nodes]
        runs = [run for run in runs if run is not no_effect]
        if not runs:
            return no_effect
        return scoped(declared_in(nodes), runs)

    def _s_compound_statement(self, node: Node) -> Run:
        return self._block(node.children)

    def _s_expression_statement(self, node: Node) -> Run:
        if not node.children:
            return no_effect
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
            return not_understood(node, "a struct in a function, with the name of another")
        constant = is_const(node)
        is_static = not constant and any(child.text == "static" for child in node.children)
        if is_static and any(self.program.may_change(declared_name(one)) for one in node.fields("declarator")):
            return not_understood(node, "a static variable, which may change")
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
            return no_effect  # a declaration of a function has no effect
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
            return not_understood(declarator, "a binding")
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

    def _s_throw_statement(self, node: Node) -> Run:
        def run(frame: Frame) -> None:
            raise Thrown

        return run

    def _s_labeled_statement(self, node: Node) -> Run:
        return self._block(child for child in node.children if child.kind != "statement_identifier")

    def _s_try_statement(self, node: Node) -> Run:
        body = node.field("body")
        run = self.statement(body) if body is not None else no_effect
        clauses = [one for one in node.children if one.kind == "catch_clause"]
        handler = clauses[0].field("body") if len(clauses) == 1 else None
        caught = self.statement(handler) if handler is not None else not_understood(node, "which `catch` is reached")

        def attempt(frame: Frame) -> None:
            machine = frame.machine
            depth, n_lookups, n_sites = len(machine.conditions), len(machine.lookups), len(machine.sites)
            try:
                run(frame)
            except Thrown:
                machine.opaque()
                del machine.conditions[depth:], machine.lookups[n_lookups:], machine.sites[n_sites:]
                caught(frame)

        return attempt

    def _s_preproc_ifdef(self, node: Node) -> Run:
        return self._block(active_branch(self.program, node))

    _s_preproc_if = _s_preproc_ifdef
    _s_preproc_else = _s_preproc_ifdef

    def _harmless(self, node: Node) -> Run:
        return no_effect

    _s_preproc_def = _harmless
    _s_preproc_call = _harmless
    _s_preproc_function_def = _harmless
    _s_using_declaration = _harmless
    _s_static_assert_declaration = _harmless

    def _s_alias_declaration(self, node: Node) -> Run:
        if not add_alias(self.program, node):
            return not_understood(node, "a type in a function, with the name of another")
        return no_effect

    _s_type_definition = _s_alias_declaration

    def _s_enum_specifier(self, node: Node) -> Run:
        if not add_enum(self.program, node):
            return not_understood(node, "an enum in a function, with names of another")
        return no_effect

    def _s_struct_specifier(self, node: Node) -> Run:
        if not add_record(self.program, node):
            return not_understood(node, "a struct in a function, with the name of another")
        return no_effect

    _s_class_specifier = _s_struct_specifier
