"""Size, alignment and offsets of types in memory, in bytes: https://www.w3.org/TR/WGSL/#memory-layouts.

The layout of a type is the same in every address space; `uniform` only forbids some. `bool` has no host layout;
in workgroup memory Dawn and naga count 4 bytes for it, so that is what it has here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from wgsl_ls.wgsl.types import Type

DEEPEST: Final = 255
"""Tint's limit of types in each other; the specification promises 15 (https://www.w3.org/TR/WGSL/#limits)."""

_SCALAR_SIZES = {"i32": 4, "u32": 4, "f32": 4, "f16": 2, "bool": 4, "i8": 1, "u8": 1}


@dataclass(frozen=True, slots=True)
class MemberLayout:
    name: str
    type: Type
    offset: int
    size: int
    align: int


@dataclass(frozen=True, slots=True)
class Layout:
    """`size`: of a runtime-sized array with one element, of a struct ending in one likewise: the least that can
    be bound. `stride`: of an array's elements or a matrix' columns, else 0. `members`: of a struct.
    `is_runtime_sized`: contains a runtime-sized array."""

    size: int
    align: int
    stride: int = 0
    members: tuple[MemberLayout, ...] = ()
    is_runtime_sized: bool = False


def round_up(multiple: int, size: int) -> int:
    return -(-size // multiple) * multiple


@lru_cache(maxsize=4096)
def layout(kind: Type) -> Layout | None:
    """None for what has no layout (textures, pointers, subgroup matrices), no known size, or more types in each other
    than any compiler takes."""
    if kind.depth > DEEPEST:
        return None
    scalar = _SCALAR_SIZES.get(kind.name)
    if scalar is not None:
        return Layout(scalar, scalar)
    if kind.name == "atomic":
        inner = kind.arguments[0]
        return layout(inner) if isinstance(inner, Type) else None
    if kind.is_vector:
        component = layout(kind.component)
        if component is None:
            return None
        width = kind.width
        return Layout(component.size * width, component.size * (2 if width == 2 else 4))
    if kind.is_matrix:
        columns = kind.columns_and_rows[0]
        column = layout(kind.element) if kind.element else None
        if column is None:
            return None
        stride = round_up(column.align, column.size)
        return Layout(stride * columns, column.align, stride)
    if kind.is_array:
        return _array_layout(kind)
    if kind.members is not None:
        return _struct_layout(kind)
    return None


def _array_layout(kind: Type) -> Layout | None:
    element = layout(kind.element) if kind.element else None
    if element is None:
        return None
    stride = round_up(element.align, element.size)
    if kind.is_runtime_array:
        return Layout(stride, element.align, stride, (), True)
    if not isinstance(kind.count, int):
        return None
    return Layout(stride * kind.count, element.align, stride)


def _struct_layout(kind: Type) -> Layout | None:
    offset, align = 0, 1
    members: list[MemberLayout] = []
    is_runtime_sized = False
    for field in kind.members or ():
        inner = layout(field.type)
        if inner is None:
            return None
        field_align = max(field.align or 0, inner.align) if field.align else inner.align
        size = max(field.size or 0, inner.size)
        offset = round_up(field_align, offset)
        members.append(MemberLayout(field.name, field.type, offset, size, field_align))
        offset += size
        align = max(align, field_align)
        is_runtime_sized = inner.is_runtime_sized
    return Layout(round_up(align, offset), align, 0, tuple(members), is_runtime_sized)
