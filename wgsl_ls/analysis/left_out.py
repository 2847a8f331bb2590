"""Left out: code that is replaced by what does nothing, so that an engine reads on behind it.

A body becomes one that returns anything of the right type; a statement becomes nothing, keeps what it declares, and
gives it some value of the same type. A statement for which nothing can stand without making another mistake (a `const`,
the head of a loop, a declaration of an unknown type) is not left out alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wgsl_ls.wgsl.facts import Facts
    from wgsl_ls.wgsl.module import Module
    from wgsl_ls.wgsl.rewriting import Edit, Rewritten
    from wgsl_ls.wgsl.symbols import Analysis
    from wgsl_ls.wgsl.syntax import Expression, FunctionDeclaration, Node

_WORD = re.compile(r"[^\W\d]\w*")
Function = tuple[int, "FunctionDeclaration"]
"""(place, tree)."""


class Code:
    """A text of which parts are left out. It is read once, and when something asks for it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._used: dict[int, frozenset[str]] = {}

    def reading(self) -> Iterator[None]:
        """Read it in steps, for all that is asked of it later."""
        from wgsl_ls.wgsl.globals import Globals
        from wgsl_ls.wgsl.parser import parse_steps
        from wgsl_ls.wgsl.problems import check_steps

        self.module = yield from parse_steps(self.text)
        known = Globals(self.module)
        yield
        for placed in self.module.placed:
            known.facts(placed)
            yield
        yield from check_steps(known)
        yield from self.analysis.unresolved_steps()

    @cached_property
    def module(self) -> Module:
        from wgsl_ls.wgsl.parser import parse

        return parse(self.text)

    @cached_property
    def analysis(self) -> Analysis:
        from wgsl_ls.wgsl.symbols import analyze

        return analyze(self.module)

    @cached_property
    def functions(self) -> list[Function]:
        """Those whose bodies do something."""
        from wgsl_ls.wgsl.syntax import FunctionDeclaration

        return [
            (start, node)
            for start, node in self.module.declarations
            if isinstance(node, FunctionDeclaration) and node.body.statements
        ]

    @cached_property
    def mistakes(self) -> list[int]:
        """Where our own front end finds one, but for errors of syntax (`syntax_errors`)."""
        from wgsl_ls.wgsl.problems import problems

        return [one.start for one in problems(self.analysis)]

    @cached_property
    def syntax_errors(self) -> list[int]:
        return [one.start for one in self.module.errors]

    @cached_property
    def mistakes_in(self) -> dict[Function, list[int]]:
        return self._by_function(self.mistakes)

    @cached_property
    def syntax_errors_in(self) -> dict[Function, list[int]]:
        return self._by_function(self.syntax_errors)

    def _by_function(self, places: Iterable[int]) -> dict[Function, list[int]]:
        found: dict[Function, list[int]] = {}
        for at in places:
            if (function := self.function_at(at)) is not None:
                found.setdefault(function, []).append(at)
        return found

    def function_at(self, at: int) -> Function | None:
        """The one in whose body a place is."""
        index = bisect_right(self.functions, at, key=_start) - 1
        return self.functions[index] if index >= 0 and _is_in_body(self.functions[index], at) else None

    def without(self, functions: Iterable[Function], statements: Iterable[Edit] = ()) -> Rewritten:
        """The text without the bodies of `functions`, and without `statements` of others."""
        from wgsl_ls.wgsl.rewriting import rewrite

        edits = [*statements, *(self._body_left_out(one) for one in functions)]
        outermost: list[Edit] = []
        for edit in sorted(edits, key=lambda one: (one.start, -one.end)):
            if not outermost or edit.end > outermost[-1].end:
                outermost.append(edit)
        return rewrite(self.text, outermost)

    def declaration_left_out(self, at: int) -> Edit | None:
        """What is put in place of the declaration at `at`, if nothing else needs it: an assertion, a name that occurs
        once."""
        from wgsl_ls.wgsl.rewriting import Edit
        from wgsl_ls.wgsl.syntax import ConstAssert, Named

        declarations = self.module.declarations
        found = next((one for one in declarations if one[0] <= at < one[0] + one[1].end), None)
        if found is None:
            return None
        start, node = found
        is_unused = isinstance(node, Named) and self._words.count(node.name) == 1
        if not (isinstance(node, ConstAssert) or is_unused):
            return None
        return Edit(start, start + node.end, "")

    @cached_property
    def _words(self) -> list[str]:
        from wgsl_ls.wgsl.lexer import blank_comments

        return _WORD.findall(blank_comments(self.text))

    def _used_in(self, start: int, function: FunctionDeclaration) -> frozenset[str]:
        """The names that its body says."""
        from wgsl_ls.wgsl.syntax import Identifier, walk

        if start not in self._used:
            self._used[start] = frozenset(one.name for one in walk(function.body) if isinstance(one, Identifier))
        return self._used[start]

    def statement_left_out(self, at: int) -> Edit | None:
        """What is put in place of the statement at `at`, or of the condition of the `if` there; None if nothing can."""
        from wgsl_ls.wgsl.syntax import FunctionDeclaration, children

        entry = self.analysis.entry_at(at)
        if entry is None:
            return None
        start, function, facts = entry
        if not isinstance(function, FunctionDeclaration):
            return None
        node: Node | None = function.body
        while node is not None:
            inner = next((one for one in children(node) if start + one.start <= at < start + one.end), None)
            replaced = self._replaced((start, function, facts), node, inner)
            if replaced is not None:
                return replaced
            node = inner
        return None

    def _replaced(self, entry: tuple[int, FunctionDeclaration, Facts], node: Node, inner: Node | None) -> Edit | None:
        from wgsl_ls.wgsl.rewriting import Edit
        from wgsl_ls.wgsl.syntax import (
            Assignment,
            Break,
            CallStatement,
            ConstAssert,
            Continue,
            If,
            Increment,
            Return,
            VariableDeclaration,
        )

        start, function, facts = entry

        def written(kind: Expression) -> str:
            return self.text[start + kind.start : start + kind.end]

        gone, words = node, ""
        if isinstance(node, Return) and node.value is not None and function.return_type is not None:
            gone, words = node.value, f"{written(function.return_type)}()"
        elif isinstance(node, If) and inner is not None and any(inner is condition for condition, _ in node.clauses):
            gone, words = inner, "true"
        elif isinstance(node, VariableDeclaration) and node.keyword in ("let", "var") and node.initializer is not None:
            gone = node.initializer
            if node.type is None:
                is_used = node.name in self._used_in(start, function)
                words = (_some_value(facts, gone) or _of_its_name(gone, written)) if is_used else "0"
            elif not written(node.type).startswith("ptr"):
                words = f"{written(node.type)}()"
            if not words:
                return None
        elif not isinstance(node, (Assignment, Increment, CallStatement, Break, Continue, ConstAssert)):
            return None
        return Edit(start + gone.start, start + gone.end, words)

    def _body_left_out(self, function: Function) -> Edit:
        from wgsl_ls.wgsl.rewriting import Edit

        start, node = function
        result = node.return_type
        words = ""
        if result is not None:
            words = f" var nothing: {self.text[start + result.start : start + result.end]}; return nothing; "
        return Edit(start + node.body.start + 1, start + node.body.end - 1, words)


def _start(function: Function) -> int:
    return function[0]


def _is_in_body(function: Function, at: int) -> bool:
    start, node = function
    return start + node.body.start <= at < start + node.body.end


def _some_value(facts: Facts, node: Expression) -> str:
    """Of the type of `node`; "" where that is not known or has no name."""
    from wgsl_ls.wgsl.types import concrete

    kind = facts.types.get(node)
    if kind is None:
        return ""
    kind = concrete(kind)
    return f"{kind}()" if kind.is_scalar or kind.is_vector or kind.is_matrix else ""


def _of_its_name(node: Expression, written: Callable[[Expression], str]) -> str:
    """Of the type that a wrong call says itself: `vec2<T>(…)`, and of functions `bitcast<T>(…)`."""
    from wgsl_ls.wgsl.builtins import FUNCTIONS
    from wgsl_ls.wgsl.syntax import Call

    if not isinstance(node, Call) or not node.callee.arguments:
        return ""
    if node.callee.name in ("bitcast", "subgroupMatrixLoad"):
        return written(node.callee.arguments[0]) + "()"
    return "" if node.callee.name in FUNCTIONS else written(node.callee) + "()"
