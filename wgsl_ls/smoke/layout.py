"""What planning needs to know of a shader: entry points, bindings, where the members of a uniform lie.

Plain data, made from the front end's reflection in one place (`layout_of`, below), so that plans can be tested
without a front end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from wgsl_ls.wgsl.layout import layout
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.reflection import reflect
from wgsl_ls.wgsl.symbols import analyze
from wgsl_ls.wgsl.types import Type


@dataclass(frozen=True, slots=True)
class UniformField:
    """A scalar or vector member of a uniform; `name` is dotted or indexed for nested ones (`a.b`, `a[1]`)."""

    name: str
    offset: int
    component: str
    n_components: int = 1


@dataclass(frozen=True, slots=True)
class BufferBinding:
    """`component`: the scalar that a storage buffer is made of, empty if it is made of several; `n_elements`: how
    many of them, None for a runtime-sized array. `size`: least bytes of the binding. `fields`: of a uniform."""

    name: str
    group: int
    binding: int
    kind: Literal["uniform", "storage", "other"]
    read_only: bool
    component: str
    n_elements: int | None
    size: int
    fields: tuple[UniformField, ...] = ()


@dataclass(frozen=True, slots=True)
class ComputeEntry:
    """`workgroup_size`: 0 in a dimension that depends on an override constant."""

    name: str
    workgroup_size: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ShaderLayout:
    """`used`: the names that some compute entry point comes to; `largest_table`: elements of the largest constant
    array of the module; `wanted`: name and key of each override constant that
    has no value of its own."""

    entry_points: tuple[ComputeEntry, ...]
    bindings: tuple[BufferBinding, ...]
    used: frozenset[str] = frozenset()
    largest_table: int = 0
    wanted: tuple[tuple[str, str], ...] = ()


def layout_of(text: str) -> ShaderLayout:
    """The layout of an expanded text, read by the front end. Bindings without a known group or number, and such
    of unknown size, are left out: the engine will say what is wrong with them."""
    analysis = analyze(parse(text))
    reflection = reflect(analysis)
    entry_points = []
    used: set[str] = set()
    for entry in reflection.entry_points:
        if entry.stage == "compute":
            x, y, z = entry.workgroup_size or (None, None, None)
            entry_points.append(ComputeEntry(entry.name, (x or 0, y or 0, z or 0)))
            used |= entry.globals
    bindings = []
    for found in reflection.bindings:
        if found.group is None or found.binding is None or found.type is None:
            continue
        kind: Literal["uniform", "storage", "other"] = "other"
        if found.space == "uniform":
            kind = "uniform"
        elif found.space == "storage":
            kind = "storage"
        elif found.name not in used:
            continue
        component, n_elements = _elements(found.type)
        bindings.append(
            BufferBinding(
                found.name,
                found.group,
                found.binding,
                kind,
                found.access == "read",
                component,
                n_elements,
                found.minimal_size or 0,
                tuple(_fields(found.type, "", 0)) if kind == "uniform" else (),
            )
        )
    tables = [one.type.count for one in analysis.global_symbols if one.kind == "const" and one.type is not None
              and one.type.is_array]  # fmt: skip
    largest = max((count for count in tables if isinstance(count, int)), default=0)
    wanted = tuple((one.name, one.key) for one in reflection.overrides if not one.has_default and one.name in used)
    return ShaderLayout(tuple(entry_points), tuple(bindings), frozenset(used), largest, wanted)


@lru_cache(maxsize=512)
def workgroup_of(text: str, entry_point: str, constants: tuple[tuple[str, float], ...]) -> tuple[int, int]:
    """Invocations of a workgroup and bytes of its memory, with these values of override constants; 0 where that is not
    known."""
    entries = reflect(analyze(parse(text)), dict(constants)).entry_points
    entry = next((one for one in entries if one.name == entry_point), None)
    return (entry.invocations or 0, entry.workgroup_storage or 0) if entry is not None else (0, 0)


def _elements(kind: Type) -> tuple[str, int | None]:
    """(scalar, how many) of a storage type made of one scalar without padding; ("", None) for others. None for
    the count: runtime-sized."""
    if kind.is_array:
        element = kind.element
        component, n_inner = _elements(element) if element is not None else ("", None)
        found = layout(kind)
        inner = layout(element) if element is not None else None
        if not component or n_inner is None or found is None or inner is None or found.stride != inner.size:
            return "", None
        count = kind.count
        return component, n_inner * count if isinstance(count, int) else None
    if kind.name == "atomic":
        argument = kind.arguments[0]
        return (argument.name, 1) if isinstance(argument, Type) else ("", None)
    if kind.is_vector:
        return kind.component.name, kind.width
    if kind.is_matrix:
        columns, rows = kind.columns_and_rows
        return (kind.component.name, columns * rows) if rows != 3 else ("", None)
    return (kind.name, 1) if kind.is_scalar else ("", None)


def _fields(kind: Type, name: str, offset: int) -> Iterator[UniformField]:
    """Scalars and vectors inside a uniform. A uniform that is no struct has one member without a name."""
    found = layout(kind)
    if found is None:
        return
    if found.members:
        for member in found.members:
            yield from _fields(member.type, f"{name}.{member.name}" if name else member.name, offset + member.offset)
    elif kind.is_array and kind.element is not None and isinstance(kind.count, int):
        for index in range(kind.count):
            yield from _fields(kind.element, f"{name}[{index}]", offset + index * found.stride)
    elif kind.is_matrix:
        columns, rows = kind.columns_and_rows
        for column in range(columns):
            yield UniformField(f"{name}[{column}]", offset + column * found.stride, kind.component.name, rows)
    elif kind.is_vector:
        yield UniformField(name, offset, kind.component.name, kind.width)
    elif kind.is_scalar:
        yield UniformField(name, offset, kind.name)
