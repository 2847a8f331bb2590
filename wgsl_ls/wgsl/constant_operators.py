"""Operators applied to constants."""

from __future__ import annotations

import math
from collections.abc import Callable

from wgsl_ls.wgsl.operators import binary_type, unary_type
from wgsl_ls.wgsl.types import common
from wgsl_ls.wgsl.values import Value, convert_component, each, scalar


def unary(operator: str, operand: Value) -> Value | None:
    if unary_type(operator, operand.type) is None:
        return None

    def one(data: object) -> object | None:
        if operator == "!":
            return not data
        if not isinstance(data, (int, float)):
            return None
        if operator == "-":
            negated = scalar(operand.type.component, -data)
            return negated.data if negated else None
        if operator == "~" and isinstance(data, int):
            flipped = scalar(operand.type.component, ~data)
            return flipped.data if flipped else None
        return None

    return each(operand.type, one, (operand.data,))


def binary(operator: str, left: Value, right: Value) -> Value | None:
    kind = binary_type(operator, left.type, right.type)
    if kind is None or kind.is_matrix or left.type.is_matrix or right.type.is_matrix:
        return None
    operation = _OPERATIONS.get(operator)
    if operation is None:
        return None
    if operator in ("<<", ">>"):
        component = left.type.component
    else:
        shared = common(left.type.component, right.type.component)
        if shared is None:
            return None
        component = shared
        converted_left = convert_component(left, component)
        converted_right = convert_component(right, component)
        if converted_left is None or converted_right is None:
            return None
        left, right = converted_left, converted_right

    def one(first: object, second: object) -> object | None:
        try:
            result = operation(first, second)
        except (TypeError, ZeroDivisionError, OverflowError, ValueError):
            return None
        if isinstance(result, bool) or result is None:
            return result
        rounded = scalar(component, result)
        # Unlike arithmetic, a shift must not lose bits.
        if rounded is None or (operator == "<<" and rounded.data != result):
            return None
        return rounded.data

    return each(kind, one, (left.data, right.data))


def _divide(left: object, right: object) -> object | None:
    if isinstance(left, int) and isinstance(right, int):
        if right == 0:
            return None
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    assert isinstance(left, (int, float)) and isinstance(right, (int, float))
    return left / right


def _remainder(left: object, right: object) -> object | None:
    if isinstance(left, int) and isinstance(right, int):
        if right == 0:
            return None
        remainder = abs(left) % abs(right)
        return -remainder if left < 0 else remainder
    assert isinstance(left, (int, float)) and isinstance(right, (int, float))
    # As the specification writes it; fmod would be more exact than the compilers are.
    return left - right * math.trunc(left / right)


_OPERATIONS: dict[str, Callable[[object, object], object | None]] = {
    "+": lambda a, b: a + b,  # type: ignore[operator]
    "-": lambda a, b: a - b,  # type: ignore[operator]
    "*": lambda a, b: a * b,  # type: ignore[operator]
    "/": _divide,
    "%": _remainder,
    "<<": lambda a, b: a << b if 0 <= b < 64 else None,  # type: ignore[operator]
    ">>": lambda a, b: a >> b if 0 <= b < 64 else None,  # type: ignore[operator]
    "&": lambda a, b: a & b,  # type: ignore[operator]
    "|": lambda a, b: a | b,  # type: ignore[operator]
    "^": lambda a, b: a ^ b,  # type: ignore[operator]
    "&&": lambda a, b: a and b,
    "||": lambda a, b: a or b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}
