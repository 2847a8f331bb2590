"""Values of constant expressions: numbers, booleans, vectors and arrays of them.

Arithmetic is WGSL's: abstract integers have 64 bits and must not overflow, i32 and u32 wrap, floats are rounded
to their type after each operation and must stay finite. None stands for "unknown": not a constant, an error of
the program, or a builtin that is not worth evaluating here. https://www.w3.org/TR/WGSL/#const-expr
"""

from __future__ import annotations

import math
import struct as binary_format
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from wgsl_ls.wgsl.operators import binary_type, swizzle_indices, unary_type
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
from wgsl_ls.wgsl.types import ABSTRACT_FLOAT, ABSTRACT_INT, BOOL, F16, F32, I32, U32, Type, common, vector

_FLOATS = frozenset((F32, F16, ABSTRACT_FLOAT))


@dataclass(frozen=True, slots=True)
class Value:
    """A constant of `type`: `data` is a bool, int or float, or a tuple of such for vectors and arrays (a
    matrix has a flat tuple, column after column)."""

    type: Type
    data: object

    def __str__(self) -> str:
        if isinstance(self.data, tuple):
            return f"{self.type}({', '.join(_spelled(item) for item in self.data)})"
        return _spelled(self.data)


def _spelled(data: object) -> str:
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, tuple):
        return f"({', '.join(map(_spelled, data))})"
    return repr(data)


class Context(Protocol):
    """What evaluation asks about names and types; inference.Facts is one."""

    def type_of(self, node: Node) -> Type | None: ...

    def value_of(self, node: Identifier) -> Value | None: ...

    def builtin_called(self, node: Call) -> str | None:
        """The builtin function or type that a call means; None for a function of the module."""


def evaluate(node: Expression, context: Context) -> Value | None:
    """The value of `node` when it can be known, of the type that inference gave it."""
    if isinstance(node, Literal):
        return literal_value(node)
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
        return _component(base, node.name) if base else None
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
    return _scalar(kind, number)


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


# Conversions


def _scalar(kind: Type, data: object) -> Value | None:
    """`data` as a value of `kind`, rounded or wrapped as arithmetic in that type does; None when it overflows."""
    if kind is BOOL:
        return Value(kind, bool(data))
    if not isinstance(data, (int, float)):
        return None
    if kind in _FLOATS:
        try:
            number = float(data)
            if kind is F32:
                number = binary_format.unpack("<f", binary_format.pack("<f", number))[0]
            elif kind is F16:
                number = binary_format.unpack("<e", binary_format.pack("<e", number))[0]
        except OverflowError:
            return None
        return Value(kind, number) if math.isfinite(number) else None
    if not isinstance(data, int):
        return None
    number = int(data)
    if kind is ABSTRACT_INT:
        return Value(kind, number) if -(1 << 63) <= number < 1 << 63 else None
    number &= 0xFFFFFFFF
    return Value(kind, number - (1 << 32) if kind is I32 and number >= 1 << 31 else number)


def convert(value: Value, kind: Type) -> Value | None:
    """The automatic conversion of `value` to `kind`; None when there is none or the value does not fit."""
    if value.type is kind:
        return value
    data = value.data
    if isinstance(data, tuple):
        inner = kind.component if kind.is_vector or kind.is_matrix else kind.element
        source = value.type.component if value.type.is_vector or value.type.is_matrix else value.type.element
        if inner is None or source is None:
            return None
        items: list[object] = []
        for item in data:
            converted = convert(Value(source, item), inner)
            if converted is None:
                return None
            items.append(converted.data)
        return Value(kind, tuple(items))
    if isinstance(data, bool) or not isinstance(data, (int, float)):
        return None
    if kind in (I32, U32):
        low, high = (0, 1 << 32) if kind is U32 else (-(1 << 31), 1 << 31)
        return Value(kind, data) if isinstance(data, int) and low <= data < high else None
    return _scalar(kind, data)


def cast(value: Value, kind: Type) -> Value | None:
    """The explicit conversion `kind(value)` of a scalar."""
    data = value.data
    if not isinstance(data, (bool, int, float)):
        return None
    if kind is BOOL:
        return Value(BOOL, bool(data))
    if kind in _FLOATS:
        return _scalar(kind, float(data))
    if isinstance(data, float):
        low, high = (0, (1 << 32) - 1) if kind is U32 else (-(1 << 31), (1 << 31) - 1)
        return Value(kind, max(low, min(high, math.trunc(data))))
    if value.type is ABSTRACT_INT:
        return convert(value, kind)
    return _scalar(kind, int(data))


def construct(kind: Type, arguments: list[Value]) -> Value | None:
    """A value of `kind` made by its constructor."""
    if kind.is_scalar:
        if not arguments:
            return _scalar(kind, 0)
        return cast(arguments[0], kind) if len(arguments) == 1 else None
    if kind.is_vector or kind.is_matrix:
        columns, rows = kind.columns_and_rows
        length = kind.width if kind.is_vector else columns * rows
        scalars: list[object] = []
        for argument in arguments:
            items = argument.data if isinstance(argument.data, tuple) else (argument.data,)
            for item in items:
                converted = cast(Value(argument.type.component, item), kind.component)
                if converted is None:
                    return None
                scalars.append(converted.data)
        if not arguments:
            zero = _scalar(kind.component, 0)
            scalars = [zero.data if zero else 0] * length
        elif len(scalars) == 1 and kind.is_vector:
            scalars *= length
        return Value(kind, tuple(scalars)) if len(scalars) == length else None
    if kind.is_array and kind.element is not None and isinstance(kind.count, int) and kind.count <= 4096:
        if not arguments:
            empty = construct(kind.element, [])
            return Value(kind, (empty.data,) * kind.count) if empty else None
        converted_items = [convert(argument, kind.element) for argument in arguments]
        if len(arguments) == kind.count and all(converted_items):
            return Value(kind, tuple(item.data for item in converted_items if item))
    return None


def element(base: Value, index: Value) -> Value | None:
    """`base[index]`; None out of bounds."""
    kind = base.type.element
    if not isinstance(base.data, tuple) or not isinstance(index.data, int) or kind is None:
        return None
    position = index.data
    if base.type.is_matrix:
        columns, rows = base.type.columns_and_rows
        return Value(kind, base.data[position * rows : (position + 1) * rows]) if 0 <= position < columns else None
    return Value(kind, base.data[position]) if 0 <= position < len(base.data) else None


def _component(base: Value, name: str) -> Value | None:
    if not base.type.is_vector or not isinstance(base.data, tuple):
        return None
    indices = swizzle_indices(base.type.width, name)
    if not indices:
        return None
    component = base.type.component
    if len(indices) == 1:
        return Value(component, base.data[indices[0]])
    return Value(vector(len(indices), component), tuple(base.data[index] for index in indices))


# Operators


def unary(operator: str, operand: Value) -> Value | None:
    if unary_type(operator, operand.type) is None:
        return None

    def one(data: object) -> object | None:
        if operator == "!":
            return not data
        if not isinstance(data, (int, float)):
            return None
        if operator == "-":
            negated = _scalar(operand.type.component, -data)
            return negated.data if negated else None
        if operator == "~" and isinstance(data, int):
            flipped = _scalar(operand.type.component, ~data)
            return flipped.data if flipped else None
        return None

    return _each(operand.type, one, (operand.data,))


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
        converted_left = _convert_component(left, component)
        converted_right = _convert_component(right, component)
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
        rounded = _scalar(component, result)
        # Unlike arithmetic, a shift must not lose bits.
        if rounded is None or (operator == "<<" and rounded.data != result):
            return None
        return rounded.data

    return _each(kind, one, (left.data, right.data))


def _convert_component(value: Value, component: Type) -> Value | None:
    return convert(value, vector(value.type.width, component) if value.type.is_vector else component)


def _each(kind: Type, function: Callable[..., object | None], operands: tuple[object, ...]) -> Value | None:
    """Applies `function` component by component, scalars being repeated."""
    widths = {len(operand) for operand in operands if isinstance(operand, tuple)}
    if not widths:
        result = function(*operands)
        return None if result is None else Value(kind, result)
    if len(widths) != 1:
        return None
    results: list[object] = []
    for position in range(widths.pop()):
        result = function(*(operand[position] if isinstance(operand, tuple) else operand for operand in operands))
        if result is None:
            return None
        results.append(result)
    return Value(kind, tuple(results))


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


# Builtin functions


def call(name: str, kind: Type, arguments: list[Value]) -> Value | None:
    """A builtin function applied to constants; `kind` is its result type."""
    if name == "select" and len(arguments) == 3:
        picked = [_convert_component(value, kind.component) for value in arguments[:2]]
        if picked[0] is None or picked[1] is None:
            return None
        operands = (picked[0].data, picked[1].data, arguments[2].data)
        return _each(kind, lambda no, yes, condition: yes if condition else no, operands)
    if name in ("all", "any") and len(arguments) == 1:
        items = arguments[0].data if isinstance(arguments[0].data, tuple) else (arguments[0].data,)
        return Value(BOOL, all(items) if name == "all" else any(items))
    if name == "bitcast" and len(arguments) == 1:
        return _bitcast(arguments[0], kind)
    if name == "dot" and len(arguments) == 2:
        return _dot(kind, arguments)
    function = _FUNCTIONS.get(name)
    if function is None:
        return None
    component = kind.component
    converted = [_convert_component(value, component) for value in arguments]

    def one(*data: object) -> object | None:
        try:
            result = function(*data)
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            return None
        if result is None:
            return None
        rounded = _scalar(component, result)
        return rounded.data if rounded else None

    if not all(converted):
        return None
    return _each(kind, one, tuple(value.data for value in converted if value))


def _dot(kind: Type, arguments: list[Value]) -> Value | None:
    product = binary("*", *arguments)
    if product is None or not isinstance(product.data, tuple):
        return None
    total: Value | None = Value(kind, product.data[0])
    for item in product.data[1:]:
        total = binary("+", total, Value(kind, item)) if total else None
    return total


_FORMATS = {"f32": "f", "i32": "i", "u32": "I", "f16": "e"}


def _bitcast(value: Value, kind: Type) -> Value | None:
    items = value.data if isinstance(value.data, tuple) else (value.data,)
    source = "u32" if value.type.component is ABSTRACT_INT else value.type.component.name
    target = kind.component.name
    if source not in _FORMATS or target not in _FORMATS:
        return None
    try:
        raw = binary_format.pack(f"<{len(items)}{_FORMATS[source]}", *items)
        results = binary_format.unpack(f"<{kind.width}{_FORMATS[target]}", raw)
    except (binary_format.error, OverflowError):
        return None
    if any(isinstance(item, float) and not math.isfinite(item) for item in results):
        return None
    return Value(kind, tuple(results) if kind.is_vector else results[0])


def _round_half_even(number: float) -> float:
    return float(round(number))


def _sign(number: float) -> float | int:
    return (number > 0) - (number < 0)


def _count_bits(number: int) -> int:
    return (number & 0xFFFFFFFF).bit_count()


_FUNCTIONS: dict[str, Callable[..., object | None]] = {
    "abs": abs,
    "min": min,
    "max": max,
    "clamp": lambda number, low, high: min(max(number, low), high) if low <= high else None,
    "saturate": lambda number: min(max(number, 0.0), 1.0),
    "floor": lambda number: float(math.floor(number)),
    "ceil": lambda number: float(math.ceil(number)),
    "round": _round_half_even,
    "trunc": lambda number: float(math.trunc(number)),
    "fract": lambda number: number - math.floor(number),
    "sign": _sign,
    "sqrt": math.sqrt,
    "inverseSqrt": lambda number: 1.0 / math.sqrt(number),
    "exp": math.exp,
    "exp2": lambda number: 2.0**number,
    "log": math.log,
    "log2": math.log2,
    "pow": math.pow,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "tanh": math.tanh,
    "radians": math.radians,
    "degrees": math.degrees,
    "step": lambda edge, number: 1.0 if edge <= number else 0.0,
    "mix": lambda first, second, share: first * (1 - share) + second * share,
    "fma": lambda first, second, third: first * second + third,
    "countOneBits": _count_bits,
    "countLeadingZeros": lambda number: 32 - (number & 0xFFFFFFFF).bit_length(),
    "countTrailingZeros": lambda number: 32 if not number else (number & -number).bit_length() - 1,
}
