"""Builtin functions applied to constants: those that shaders use to compute sizes and factors. The others have
no entry, and their calls no known value."""

from __future__ import annotations

import math
import struct as binary_format
from collections.abc import Callable

from wgsl_ls.wgsl.constant_operators import binary
from wgsl_ls.wgsl.types import ABSTRACT_INT, BOOL, Type
from wgsl_ls.wgsl.values import Value, convert_component, each, scalar


def call(name: str, kind: Type, arguments: list[Value]) -> Value | None:
    """A builtin function applied to constants; `kind` is its result type."""
    if name == "select" and len(arguments) == 3:
        picked = [convert_component(value, kind.component) for value in arguments[:2]]
        if picked[0] is None or picked[1] is None:
            return None
        operands = (picked[0].data, picked[1].data, arguments[2].data)
        return each(kind, lambda no, yes, condition: yes if condition else no, operands)
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
    converted = [convert_component(value, component) for value in arguments]

    def one(*data: object) -> object | None:
        try:
            result = function(*data)
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            return None
        if result is None:
            return None
        rounded = scalar(component, result)
        return rounded.data if rounded else None

    if not all(converted):
        return None
    return each(kind, one, tuple(value.data for value in converted if value))


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
