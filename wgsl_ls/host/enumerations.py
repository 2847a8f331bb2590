"""Enumerations that are written in declarations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wgsl_ls.host.cpp_types import base_name
from wgsl_ls.host.integers import integer
from wgsl_ls.host.program import Program
from wgsl_ls.host.syntax import Node

_DEEPEST_VALUE: Final = 100


@dataclass(slots=True)
class _Work:
    """What one enumerator's value may still cost: constants made of constants would double without end."""

    steps: int = 2_000
    depth: int = 0


def read_enum(program: Program, node: Node) -> None:
    name, body = node.field("name"), node.field("body")
    if body is None:
        return
    values: dict[str, int] = {}
    following = 0
    for enumerator in body.children:
        if enumerator.kind != "enumerator":
            continue
        named, written = enumerator.field("name"), enumerator.field("value")
        if named is None:
            continue
        value = following if written is None else _enumerator_value(program, written, values, _Work())
        values[named.text] = value
        following = value + 1
    enum_name = base_name(name) if name is not None else f"enum@{node.start}"
    program.enums[enum_name] = values
    program.enumerators.update(values)
    for one, value in values.items():
        program.enumerators[f"{enum_name}::{one}"] = value


def _enumerator_value(program: Program, node: Node, values: dict[str, int], work: _Work) -> int:
    if work.steps <= 0 or work.depth >= _DEEPEST_VALUE:
        return 0
    work.steps -= 1
    work.depth += 1
    value = _computed(program, node, values, work)
    work.depth -= 1
    return value if -(1 << 63) <= value < 1 << 64 else value & ((1 << 64) - 1)


def _computed(program: Program, node: Node, values: dict[str, int], work: _Work) -> int:
    kind = node.kind
    if kind == "number_literal":
        return integer(node.text) or 0
    if kind == "identifier":
        known = values.get(node.text, program.enumerators.get(node.text))
        constant = program.constants.get(node.text)
        if known is None and constant is not None and constant[1] is not node:
            return _enumerator_value(program, constant[1], values, work)
        return known or 0
    if kind == "parenthesized_expression" and node.children:
        return _enumerator_value(program, node.children[0], values, work)
    if kind == "unary_expression" and node.children:
        value = _enumerator_value(program, node.children[0], values, work)
        return -value if node.operator == "-" else ~value
    if kind == "char_literal":
        return ord(node.text.strip("'")[-1:] or "\0")
    inner = node.field("value") if kind == "cast_expression" else None
    if inner is not None:
        return _enumerator_value(program, inner, values, work)
    left, right = node.field("left"), node.field("right")
    if kind == "binary_expression" and left is not None and right is not None:
        a, b = _enumerator_value(program, left, values, work), _enumerator_value(program, right, values, work)
        if node.operator in ("<<", ">>"):
            by = min(max(b, 0), 63)
            return a << by if node.operator == "<<" else a >> by
        if node.operator in ("/", "%"):
            return 0 if b == 0 else a // b if node.operator == "/" else a % b
        return {"+": a + b, "-": a - b, "*": a * b, "|": a | b, "&": a & b, "^": a ^ b}.get(node.operator, 0)
    return 0
