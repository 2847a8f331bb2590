"""Values of constant expressions: numbers, booleans, vectors and arrays of them.

None stands for "unknown": not a constant, an error of the program, or a builtin that is not worth evaluating here.
https://www.w3.org/TR/WGSL/#const-expr
"""

from __future__ import annotations

from typing import Protocol

from wgsl_ls.wgsl.constant_functions import call
from wgsl_ls.wgsl.constant_operators import binary, unary
from wgsl_ls.wgsl.syntax import (
    Binary,
    Call,
    Expression,
    Identifier,
    Index,
    Literal,
    Member,
    Node,
    Parenthesized,
    Unary,
)
from wgsl_ls.wgsl.types import ABSTRACT_FLOAT, ABSTRACT_INT, BOOL, F16, F32, I32, U32, Type
from wgsl_ls.wgsl.values import Value, construct, element, scalar, swizzle


class Context(Protocol):
    """What evaluation asks about names and types; inference.Facts is one."""

    def type_of(self, node: Node) -> Type | None: ...

    def literal(self, node: Literal) -> Value | None: ...

    def value_of(self, node: Identifier) -> Value | None: ...

    def builtin_called(self, node: Call) -> str | None:
        """The builtin function or type that a call means; None for a function of the module."""


def evaluate(node: Expression, context: Context) -> Value | None:
    """The value of `node` when it can be known, of the type that inference gave it."""
    if isinstance(node, Literal):
        return context.literal(node)
    if isinstance(node, Parenthesized):
        return evaluate(node.inner, context)
    if isinstance(node, Identifier):
        return context.value_of(node)
    if isinstance(node, Unary):
        operand = evaluate(node.operand, context)
        return unary(node.operator, operand) if operand else None
    if isinstance(node, Binary):
        return _evaluate_binary(node, context)
    if isinstance(node, Call):
        return _evaluate_call(node, context)
    if isinstance(node, Index):
        base, index = evaluate(node.base, context), evaluate(node.index, context)
        return element(base, index) if base and index else None
    if isinstance(node, Member):
        base = evaluate(node.base, context)
        return swizzle(base, node.name) if base else None
    return None


def literal_value(node: Literal) -> Value | None:
    text = node.text
    if node.kind == "bool":
        return Value(BOOL, text == "true")
    suffix = text[-1]
    if node.kind == "integer":
        kind = I32 if suffix == "i" else U32 if suffix == "u" else ABSTRACT_INT
        try:
            return Value(kind, int(text if kind is ABSTRACT_INT else text[:-1], 0))
        except ValueError:
            return None
    is_hexadecimal = text[:2] in ("0x", "0X")
    has_suffix = suffix in "fh" and not (is_hexadecimal and "p" not in text.lower())
    kind = ABSTRACT_FLOAT if not has_suffix else F32 if suffix == "f" else F16
    digits = text[:-1] if has_suffix else text
    try:
        number = float.fromhex(digits) if is_hexadecimal else float(digits)
    except (ValueError, OverflowError):
        return None
    return scalar(kind, number)


def _evaluate_binary(node: Binary, context: Context) -> Value | None:
    left = evaluate(node.left, context)
    if left is None:
        return None
    # The right operand of a short circuit does not matter, even when it has no value.
    if node.operator in ("&&", "||") and left.data is (node.operator == "||"):
        return left
    right = evaluate(node.right, context)
    return binary(node.operator, left, right) if right else None


def _evaluate_call(node: Call, context: Context) -> Value | None:
    name = context.builtin_called(node)
    kind = context.type_of(node)
    if name is None or kind is None:
        return None
    arguments: list[Value] = []
    for argument in node.arguments:
        value = evaluate(argument, context)
        if value is None:
            return None
        arguments.append(value)
    if name == kind.name:
        return construct(kind, arguments)
    return call(name, kind, arguments)
