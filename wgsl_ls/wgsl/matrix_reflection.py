"""Subgroup matrices in a module: the shapes and types in use, and how far their loads and stores reach into a
runtime-sized array, which raises the least size of the buffer behind it (Dawn refuses smaller ones)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.layout import layout, round_up
from wgsl_ls.wgsl.names import GlobalInfo, Local
from wgsl_ls.wgsl.syntax import (
    Declaration,
    Expression,
    FunctionDeclaration,
    Identifier,
    Index,
    Member,
    Parenthesized,
    Unary,
    VariableDeclaration,
)
from wgsl_ls.wgsl.types import Type

_COMPONENT_SIZES = {"f32": 4, "i32": 4, "u32": 4, "f16": 2, "i8": 1, "u8": 1}


@dataclass(frozen=True, slots=True)
class MatrixShape:
    """Of a multiplication: (`rows` x `inner`) times (`inner` x `columns`), components of type `component`, the
    result (`rows` x `columns`) of `result`. In the usual letters M = rows, N = columns, K = inner. None: not a
    known number."""

    rows: int | None
    columns: int | None
    inner: int | None
    component: str
    result: str


def matrix_shapes(bodies: Iterable[Facts]) -> tuple[MatrixShape, ...]:
    """The distinct shapes multiplied in these functions, in order of appearance."""
    return tuple(dict.fromkeys(shape for facts in bodies for shape in _shapes(facts)))


def _count(kind: Type, index: int) -> int | None:
    found = kind.arguments[index] if len(kind.arguments) > index else None
    return found if isinstance(found, int) else None


def _shapes(facts: Facts) -> Iterator[MatrixShape]:
    for call, name in facts.called.items():
        if not name.startswith("subgroupMatrixMultiply") or len(call.arguments) < 2:
            continue
        left, result = facts.types.get(call.arguments[0]), facts.types.get(call)
        if left is None or result is None or not left.name.startswith("subgroup_matrix_left"):
            continue
        component, accumulated = str(left.arguments[0]), str(result.arguments[0])
        yield MatrixShape(_count(result, 2), _count(result, 1), _count(left, 1), component, accumulated)


Declared = dict[str, tuple[int, Declaration, Facts]]


def matrix_reach(functions: Iterable[str], declared: Declared) -> dict[str, int]:
    """Variable -> bytes from its start that a matrix load or store in `functions` needs at the least, through
    pointer parameters too."""
    reach: dict[str, int] = {}
    # (function, parameter) -> bytes needed behind the pointer
    needs: dict[tuple[str, str], int] = {}
    names = [name for name in functions if isinstance(declared[name][1], FunctionDeclaration)]
    for name in names:
        facts = declared[name][2]
        for call, called in facts.called.items():
            if called not in ("subgroupMatrixLoad", "subgroupMatrixStore"):
                continue
            is_store = called == "subgroupMatrixStore"
            if len(call.arguments) > 2 * is_store:  # somebody may be writing it
                size = _matrix_size(facts, call.arguments[2] if is_store else call)
                _note(name, facts, call.arguments[0], size, reach, needs)
    for _ in range(len(names)):
        before = dict(needs)
        for name in names:
            facts = declared[name][2]
            for call in facts.calls:
                target = facts.targets.get(call.callee)
                if isinstance(target, GlobalInfo) and target.kind == "function":
                    for (parameter, _), argument in zip(target.parameters, call.arguments, strict=False):
                        size = needs.get((target.name, parameter), 0)
                        _note(name, facts, argument, size, reach, needs)
        if needs == before:
            break
    return reach


def _matrix_size(facts: Facts, node: Expression) -> int:
    kind = facts.types.get(node)
    if kind is None or not kind.name.startswith("subgroup_matrix_"):
        return 0
    columns, rows = _count(kind, 1), _count(kind, 2)
    return (columns or 0) * (rows or 0) * _COMPONENT_SIZES.get(str(kind.arguments[0]), 0)


def _note(
    function: str,
    facts: Facts,
    pointer: Expression,
    size: int,
    reach: dict[str, int],
    needs: dict[tuple[str, str], int],
) -> None:
    """Records that `size` bytes behind `pointer` are needed, with its variable or parameter."""
    offset = 0
    node: Expression = pointer
    while size:
        if isinstance(node, Parenthesized):
            node = node.inner
        elif isinstance(node, Unary) and node.operator in ("&", "*"):
            node = node.operand
        elif isinstance(node, Index):
            node = node.base
        elif isinstance(node, Member):
            offset += _offset_of(facts.types.get(node.base), node.name)
            node = node.base
        else:
            break
    if not size or not isinstance(node, Identifier):
        return
    target = facts.targets.get(node)
    if isinstance(target, GlobalInfo):
        reach[target.name] = max(reach.get(target.name, 0), offset + size)
    elif isinstance(target, Local) and target.kind == "parameter":
        key = (function, target.name)
        needs[key] = max(needs.get(key, 0), offset + size)
    elif isinstance(target, Local) and target.kind == "let" and isinstance(target.node, VariableDeclaration):
        initializer = target.node.initializer
        if initializer is not None:
            _note(function, facts, initializer, offset + size, reach, needs)


def _offset_of(holder: Type | None, name: str) -> int:
    parts = holder.pointer_parts if holder else None
    found = layout(parts[1] if parts else holder) if holder else None
    for member in found.members if found else ():
        if member.name == name:
            return member.offset
    return 0


def raised_size(kind: Type, size: int, reached: int) -> int:
    """The least size of a buffer of type `kind` and minimal `size` when `reached` bytes of it are needed."""
    found = layout(kind)
    if found is None or not found.is_runtime_sized:
        return size
    return max(size, round_up(found.align, reached))
