"""Overloads: which of the functions of one name a call means, and macros that the text around them would tear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from wgsl_ls.host.cpp_types import MAPS, CppType, type_of
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.machine import FLOATS, INTEGERS, LISTS, STRINGS, Frame, NotUnderstood
from wgsl_ls.host.program import Function, Program
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import is_symbolic, is_text, is_truth, may_be_float
from wgsl_ls.host.values import ListValue, MapValue, Outside, StructValue, held

_COMPOUND: Final = frozenset(("binary_expression", "conditional_expression", "unary_expression", "comma_expression"))
_RANKS: Final = {
    "?": 1, "||": 2, "&&": 3, "|": 4, "^": 5, "&": 6, "==": 7, "!=": 7, "<": 8, ">": 8, "<=": 8, ">=": 8, "<<": 9,
    ">>": 9, "+": 10, "-": 10, "*": 11, "/": 11, "%": 11, "!": 12, "~": 12, ".": 12, "[": 12,
}  # fmt: skip  # how tightly operators bind; a table


class Overloads(Evaluator):
    def __init__(self, program: Program, pure: frozenset[str]) -> None:
        super().__init__(program, pure)
        self._torn: dict[tuple[Function, Node], bool] = {}

    def is_torn(self, macro: Function, node: Node, listed: Sequence[Node]) -> bool:
        key = (macro, node)
        found = self._torn.get(key)
        if found is None:
            names = (one.name for one in macro.parameters)
            found = self._torn[key] = is_torn(macro.body, node, tuple(zip(names, listed, strict=False)))
        return found

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

    def template_value(self, node: Node) -> Value:
        """An argument of a template: a value, or the CppType that it names."""
        if node.kind != "type_descriptor":
            return self.expression(node)
        type_ = type_of(node.field("type"), node.field("declarator"))

        def named(frame: Frame) -> Any:
            holder = frame.holder(type_.name)
            return holder[type_.name] if holder is not None else self.program.resolved(type_)

        return named

    def chosen_overload(self, overloads: list[Function], arguments: list[Any], owner: str | None) -> Function | None:
        """The overload that the arguments fit best."""
        best: tuple[int, Function] | None = None
        n_arguments = len(arguments)
        fitting = [
            one
            for one in overloads
            if n_arguments == len(one.parameters)
            or (
                n_arguments < len(one.parameters)
                and all(parameter.default is not None for parameter in one.parameters[n_arguments:])
            )
        ]
        if len(fitting) < 2:
            return fitting[0] if fitting else None
        for function in fitting:
            score = 2 if function.owner is not None and function.owner == owner else 0 if function.owner is None else -1
            for parameter, argument in zip(function.parameters, arguments, strict=False):
                score += fit(self.program.resolved(parameter.type), argument)
            if best is None or score > best[0]:
                best = (score, function)
        return best[1] if best is not None else None


def is_torn(body: Node, used: Node, given: Sequence[tuple[str, Node]] = ()) -> bool:
    """Would the text of a macro be taken apart by the operators around it where it is `used`, or its arguments by
    those in it? (name of the parameter, what is given)"""
    code = used.tree.text
    before, behind = code[: used.start].rstrip()[-2:], code[used.end :].lstrip()[:2]
    around = max(_RANKS.get(one, _RANKS.get(part, 0)) for one, part in ((before, before[-1:]), (behind, behind[:1])))
    is_open = body.kind in ("binary_expression", "conditional_expression")
    rank = _RANKS.get(body.operator, 1) if body.kind == "binary_expression" else 1
    if is_open and (around > rank or (before[-1:] in ("-", "/", "%") and rank < 12)):
        return True
    text = body.text
    for name, argument in given:
        if argument.kind not in _COMPOUND:
            continue
        for match in re.finditer(rf"\b{re.escape(name)}\b", text):
            left, right = text[: match.start()].rstrip()[-1:], text[match.end() :].lstrip()[:1]
            if (left and left not in "(,") or (right and right not in "),"):
                return True
    return False


def fit(type_: CppType, argument: Any) -> int:
    """How well an argument fits a parameter of that type."""
    value = held(argument)
    if isinstance(value, Outside) and value.type is not None:
        return 3 if value.type.name == type_.name else -3 if type_.name in INTEGERS else 0
    if isinstance(value, StructValue):
        return 3 if value.type == type_.name else -3
    if type_.name == "bool" and not type_.is_pointer:
        return 3 if is_truth(value) else 0 if is_symbolic(value) or isinstance(value, (int, float)) else -2
    if isinstance(value, str) or is_text(value):
        return 2 if type_.name in (*STRINGS, "char", "auto") else -3
    if isinstance(value, (ListValue, MapValue)):
        return 2 if type_.name in (LISTS if isinstance(value, ListValue) else MAPS) else 0
    if is_symbolic(value) or isinstance(value, (int, float)):
        if type_.is_pointer or type_.name in (*STRINGS, *LISTS, *MAPS):
            return -3
        is_fraction = may_be_float(value)
        return 2 if type_.name in (FLOATS if is_fraction else INTEGERS) else 1
    return 0


def of_template(node: Node) -> Node | None:
    return node.field("name") if node.kind == "qualified_identifier" else node
