"""The statements of a function in the order of their text, with a scope for each block. What is asked of expressions
and of the variables that they declare is the subclass's."""

from __future__ import annotations

from typing import Generic, TypeVar

from wgsl_ls.wgsl.syntax import (
    Assignment,
    Attribute,
    Block,
    Break,
    CallStatement,
    ConstAssert,
    Continuing,
    Expression,
    For,
    If,
    Increment,
    Loop,
    Return,
    Statement,
    Switch,
    VariableDeclaration,
    While,
)

P = TypeVar("P")


class StatementWalk(Generic[P]):
    """`scopes`: what is declared so far, the innermost last."""

    scopes: list[dict[str, P]]

    def expression(self, node: Expression) -> object:
        raise NotImplementedError

    def attributes(self, attributes: tuple[Attribute, ...]) -> None:
        raise NotImplementedError

    def variable(self, node: VariableDeclaration, end: int) -> None:
        """`end`: where the enclosing scope ends."""
        raise NotImplementedError

    def condition(self, node: Expression) -> None:
        self.expression(node)

    def statements(self, statements: tuple[Statement, ...], end: int) -> None:
        for statement in statements:
            self.statement(statement, end)

    def block(self, node: Block) -> None:
        self.attributes(node.attributes)
        self.scopes.append({})
        self.statements(node.statements, node.end)
        self.scopes.pop()

    def statement(self, node: Statement, end: int) -> None:
        if isinstance(node, VariableDeclaration):
            self.variable(node, end)
        elif isinstance(node, Assignment):
            self.assignment(node)
        elif isinstance(node, If):
            for condition, body in node.clauses:
                self.condition(condition)
                self.block(body)
            if node.otherwise is not None:
                self.block(node.otherwise)
        elif isinstance(node, CallStatement):
            self.expression(node.call)
        elif isinstance(node, For):
            self.loop(node)
        elif isinstance(node, Block):
            self.block(node)
        elif isinstance(node, Increment):
            self.increment(node)
        elif isinstance(node, Return):
            self.returned(node)
        elif isinstance(node, While):
            self.condition(node.condition)
            self.block(node.body)
        elif isinstance(node, (Loop, Continuing)):
            self.block(node.body)
        elif isinstance(node, Switch):
            self.switch(node)
        elif isinstance(node, (Break, ConstAssert)) and node.condition is not None:
            self.condition(node.condition)

    def assignment(self, node: Assignment) -> None:
        if node.target is not None:
            self.expression(node.target)
        self.expression(node.value)

    def increment(self, node: Increment) -> None:
        self.expression(node.target)

    def returned(self, node: Return) -> None:
        if node.value is not None:
            self.expression(node.value)

    def loop(self, node: For) -> None:
        self.scopes.append({})
        if node.initializer is not None:
            self.statement(node.initializer, node.end)
        if node.condition is not None:
            self.condition(node.condition)
        if node.update is not None:
            self.statement(node.update, node.end)
        self.block(node.body)
        self.scopes.pop()

    def switch(self, node: Switch) -> None:
        self.expression(node.selector)
        for clause in node.clauses:
            for selector in clause.selectors:
                if selector is not None:
                    self.expression(selector)
            self.block(clause.body)
