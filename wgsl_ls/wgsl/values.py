"""Value: a constant, with the conversions and constructors that make one from another.

Floats are rounded to their type and must stay finite, i32 and u32 wrap, abstract integers have 64 bits and must
not overflow. None stands for "no such value".
"""

from __future__ import annotations

import math
import struct as binary_format
from collections.abc import Callable
from dataclasses import dataclass

from wgsl_ls.wgsl.operators import swizzle_indices
from wgsl_ls.wgsl.types import ABSTRACT_FLOAT, ABSTRACT_INT, BOOL, F16, F32, I32, U32, Type, vector

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


def scalar(kind: Type, data: object) -> Value | None:
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
    return scalar(kind, data)


def cast(value: Value, kind: Type) -> Value | None:
    """The explicit conversion `kind(value)` of a scalar."""
    data = value.data
    if not isinstance(data, (bool, int, float)):
        return None
    if kind is BOOL:
        return Value(BOOL, bool(data))
    if kind in _FLOATS:
        return scalar(kind, float(data))
    if isinstance(data, float):
        low, high = (0, (1 << 32) - 1) if kind is U32 else (-(1 << 31), (1 << 31) - 1)
        return Value(kind, max(low, min(high, math.trunc(data))))
    if value.type is ABSTRACT_INT:
        return convert(value, kind)
    return scalar(kind, int(data))


def construct(kind: Type, arguments: list[Value]) -> Value | None:
    """A value of `kind` made by its constructor."""
    if kind.is_scalar:
        if not arguments:
            return scalar(kind, 0)
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
            zero = scalar(kind.component, 0)
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


def swizzle(base: Value, name: str) -> Value | None:
    if not base.type.is_vector or not isinstance(base.data, tuple):
        return None
    indices = swizzle_indices(base.type.width, name)
    if not indices:
        return None
    component = base.type.component
    if len(indices) == 1:
        return Value(component, base.data[indices[0]])
    return Value(vector(len(indices), component), tuple(base.data[index] for index in indices))


def convert_component(value: Value, component: Type) -> Value | None:
    return convert(value, vector(value.type.width, component) if value.type.is_vector else component)


def each(kind: Type, function: Callable[..., object | None], operands: tuple[object, ...]) -> Value | None:
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
