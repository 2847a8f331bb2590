"""What planning needs to know of a shader: entry points, bindings, where the members of a uniform lie.

Plain data, made from the front end's reflection in one place (`layout_of`, below), so that plans can be tested
without a front end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Field:
    """A scalar or vector member of a uniform; `name` is dotted or indexed for nested ones (`a.b`, `a[1]`)."""

    name: str
    offset: int
    component: str
    n_components: int = 1


@dataclass(frozen=True, slots=True)
class Binding:
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
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """`workgroup_size`: 0 in a dimension that depends on an override constant."""

    name: str
    workgroup_size: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ShaderLayout:
    entry_points: tuple[EntryPoint, ...]
    bindings: tuple[Binding, ...]
