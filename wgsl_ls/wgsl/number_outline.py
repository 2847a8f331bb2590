"""NumberOutline: where in a declaration numbers can matter, found once for each Facts and kept with them.

It lets number_model.py go from a literal upwards to what is made of it, without looking at the rest of the tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wgsl_ls.text.memo import Memo
from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.names import GlobalInfo, Local, Predeclared
from wgsl_ls.wgsl.syntax import (
    Call,
    Declaration,
    Identifier,
    Index,
    Literal,
    Member,
    Node,
    Parenthesized,
    Unary,
    children,
)
from wgsl_ls.wgsl.types import Type

_BY_ADDRESS = ("arrayLength", "workgroupUniformLoad", "subgroupMatrix")
"""Functions that take any array by its address."""
_KEPT_READERS = 16


@dataclass(slots=True)
class NumberOutline:
    """`parents`: of every node but the declaration. `literals`: by their offset in the declaration. `constants`: uses
    of constants, by name for those of module scope, by declaration for locals. `indices`: of arrays. `matrix_calls`:
    calls that load, store or multiply subgroup matrices, with the function's name. `whole`: types of arrays that are
    used as a whole, pointers to them included; `counts`: of all arrays that are named or used. Room for
    number_model.py: `constant`, `runtime`: what it found of expressions; `readers`: by the declaration's numbers."""

    parents: dict[Node, Node] = field(default_factory=dict)
    literals: dict[int, Literal] = field(default_factory=dict)
    constants: dict[object, list[Identifier]] = field(default_factory=dict)
    indices: list[Index] = field(default_factory=list)
    matrix_calls: list[tuple[Call, str]] = field(default_factory=list)
    whole: set[Type] = field(default_factory=set)
    counts: set[int] = field(default_factory=set)
    constant: dict[Node, bool] = field(default_factory=dict)
    runtime: dict[Node, bool] = field(default_factory=dict)
    readers: Memo[tuple[tuple[int, int], ...], object] = field(default_factory=lambda: Memo(_KEPT_READERS))


def number_outline(node: Declaration, facts: Facts) -> NumberOutline:
    found = facts.number_outline
    if not isinstance(found, NumberOutline):
        found = facts.number_outline = _outline(node, facts)
    return found


def _outline(declaration: Declaration, facts: Facts) -> NumberOutline:
    found = NumberOutline()
    parents = found.parents
    todo: list[Node] = [declaration]
    while todo:
        node = todo.pop()
        for child in children(node):
            parents[child] = node
            todo.append(child)
        if isinstance(node, Literal):
            found.literals[node.start] = node
        elif isinstance(node, Identifier):
            target = facts.targets.get(node)
            if isinstance(target, (Local, GlobalInfo)) and target.kind == "const":
                key = target.node if isinstance(target, Local) else target.name
                found.constants.setdefault(key, []).append(node)
        elif isinstance(node, Index):
            found.indices.append(node)
        elif isinstance(node, Call):
            target = facts.targets.get(node.callee)
            if isinstance(target, Predeclared) and node.callee.name.startswith("subgroupMatrix"):
                found.matrix_calls.append((node, node.callee.name))
        kind = facts.types.get(node)
        if kind is not None and kind.name in ("array", "ptr") and not _is_passed_through(node, found.parents.get(node)):
            parts = kind.pointer_parts
            stored = parts[1] if parts is not None else kind
            if stored.is_array:
                found.whole.add(stored)
    for kind in (*facts.named.values(), *facts.types.values()):
        found.counts.update(_counts(kind))
    return found


def _counts(kind: Type) -> Iterator[int]:
    parts = kind.pointer_parts
    inner: Type | None = parts[1] if parts is not None else kind
    while inner is not None and inner.is_array:
        if isinstance(inner.count, int):
            yield inner.count
        inner = inner.element


def _is_passed_through(node: Node, parent: Node | None) -> bool:
    """Only a part of it is used, or its address by a function that takes any array."""
    if isinstance(parent, Call):
        return parent.callee.name.startswith(_BY_ADDRESS)
    return isinstance(parent, (Index, Member, Parenthesized)) or (isinstance(parent, Unary) and parent.operator == "&")
