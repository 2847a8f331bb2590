"""The bytes of a uniform: members by name at their places, and guesses for those that nobody set."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from wgsl_ls.smoke.config import Expression
from wgsl_ls.smoke.evaluator import Environment, evaluate
from wgsl_ls.smoke.layout import BufferBinding

_SCALAR_CODES = {"f32": "<f", "i32": "<i", "u32": "<I"}


class PlanError(Exception):
    """This run cannot be planned; the message says what the configuration lacks or has wrong."""


def uniform_bytes(
    binding: BufferBinding, given: Mapping[str, Expression], environment: Environment, guessed: list[str]
) -> bytes:
    """A member takes the expression `given` for it (or for the member it is part of), else the value of its own
    name, else a guess, which is added to `guessed`. Names of `given` that this text lacks are left alone, for
    variants differ in their members."""
    data = bytearray(max(binding.size, 4))
    for item in binding.fields:
        expression = given.get(item.name, given.get(_root(item.name)))
        if expression is None and environment.known(item.name):
            expression = item.name
        if expression is None:
            expression = _guessed_member(item.name, item.component)
            guessed.append(f"{binding.name}.{item.name} = {expression}")
        value = evaluate(expression, environment)
        for index in range(item.n_components):
            _pack(data, item.offset, item.component, index, value, f"{binding.name}.{item.name}")
    return bytes(data)


def _root(name: str) -> str:
    return name.split(".")[0].split("[")[0]


def _guessed_member(name: str, component: str) -> Expression:
    """Offsets nothing, everything else one: the sizes for which an index is most likely in range."""
    if "offset" in name.lower() or "base" in name.lower():
        return 0
    return 1.0 if component in ("f32", "f16") else 1


def _pack(data: bytearray, offset: int, component: str, index: int, value: Any, name: str) -> None:
    try:
        if component == "f16":
            struct.pack_into("<e", data, offset + 2 * index, float(value))
        elif component == "f32":
            struct.pack_into("<f", data, offset + 4 * index, float(value))
        else:
            number = int(value)
            if number != value:
                raise PlanError(f"{name} = {value} is no integer")
            struct.pack_into(_SCALAR_CODES.get(component, "<I"), data, offset + 4 * index, number)
    except (struct.error, OverflowError, TypeError, ValueError) as error:
        raise PlanError(f"{name} = {value!r} does not fit {component}: {error}") from error
