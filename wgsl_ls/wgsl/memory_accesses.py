"""Accesses: every place of a module that reads or writes a variable of one address space, as written, with the cells
that it touches. For whoever builds a check into a shader; nothing is judged here.

A cell is what two invocations can write without touching each other's: a scalar, or a whole vector of a variable
whose components nobody writes singly (a store to a component may touch the whole vector:
https://www.w3.org/TR/WGSL/#memory-access-interface). Accesses through pointers are counted and not followed. Atomics of
workgroup memory are accesses of their own kind: `atomicLoad` reads, `atomicStore` writes, all others update.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.layout import layout
from wgsl_ls.wgsl.names import GlobalInfo
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import (
    Assignment,
    Attribute,
    Call,
    Expression,
    FunctionDeclaration,
    Identifier,
    Increment,
    Index,
    Member,
    Node,
    Parenthesized,
    Unary,
    VariableDeclaration,
    children,
    walk,
)
from wgsl_ls.wgsl.types import Type

AccessKind = Literal["read", "write", "update"]
_ATOMICS: dict[str, AccessKind] = {"atomicLoad": "read", "atomicStore": "write"}
_COMPONENTS = {**dict(zip("xyzw", range(4), strict=True)), **dict(zip("rgba", range(4), strict=True))}


@dataclass(frozen=True, slots=True)
class Subscript:
    """One index of an access. `start`, `end`: of its expression; `type`: of it; `stride`: in cells."""

    start: int
    end: int
    type: str
    stride: int


@dataclass(frozen=True, slots=True)
class Access:
    """`start`, `end`: of the reference ("tile[i].x"). `offset`: cells of the constant part, within the variable;
    `n_cells`: from there. `value`: without a subscript, the expression whose evaluation goes with the access: the
    reference itself (a read), the right side (a write), None for `++` and `--`; `type`: of that expression.
    `n_collectives`: subgroup functions in the right side, which is evaluated before a write happens. `is_atomic`: of an
    atomic, whose call is the value that goes with a read."""

    variable: str
    kind: AccessKind
    start: int
    end: int
    offset: int
    n_cells: int
    subscripts: tuple[Subscript, ...]
    value: tuple[int, int] | None = None
    type: str = ""
    n_collectives: int = 0
    is_atomic: bool = False


@dataclass(frozen=True, slots=True)
class MatrixAccess:
    """A load or store of a subgroup matrix, by all lanes together. `place`: the arguments for offset and stride,
    `columns`, `rows`: of the matrix in memory (exchanged when it lies column by column); an element is a cell."""

    variable: str
    kind: AccessKind
    start: int
    end: int
    offset: tuple[int, int]
    stride: tuple[int, int]
    columns: int
    rows: int
    is_atomic: bool = False


@dataclass(slots=True)
class Accesses:
    """`cells`: of each variable, None where that is not known before the run. `unfollowed`: places of accesses that
    are not followed (pointers, sizes of elements that are not known), each with what it is. `exchanged`: atomics that
    somebody compares and exchanges, who does not rest on what was loaded before; they are not followed. `atomics`: of
    storage memory, which are followed no further: (variable, kind, start, end)."""

    cells: dict[str, int | None] = field(default_factory=dict)
    found: list[Access] = field(default_factory=list)
    matrices: list[MatrixAccess] = field(default_factory=list)
    unfollowed: list[tuple[int, int, str]] = field(default_factory=list)
    exchanged: set[str] = field(default_factory=set)
    atomics: list[tuple[str, AccessKind, int, int]] = field(default_factory=list)

    @property
    def places(self) -> list[tuple[str, AccessKind, int, int]]:
        """(variable, kind, start, end) of every access that is known, in text order."""
        found = [*((one.variable, one.kind, one.start, one.end) for one in self.all), *self.atomics]
        return sorted(found, key=lambda one: one[2])

    @property
    def all(self) -> list[Access | MatrixAccess]:
        return [*self.found, *self.matrices]


def accesses(analysis: Analysis, space: str, sizes: Mapping[str, int] | None = None) -> Accesses:
    """Those of the functions of a module to its variables in `space`, in text order. `sizes`: only to the variables
    named here that may be written; bytes of each, of which a runtime-sized array takes what is left."""
    result = Accesses()
    references: list[_Reference] = []
    for start, node, facts in analysis.entries:
        if isinstance(node, FunctionDeclaration):
            try:
                _Walk(start, facts, space, sizes, references, result).statement(node.body)
            except RecursionError:
                result.unfollowed.append((start + node.start, start + node.end, "an expression of very many parts"))
    single = {one.variable for one in references if one.kind != "read" and any(base.is_vector for base, _ in one.steps)}
    for reference in references:
        if reference.variable in result.exchanged:
            what = "an atomic that is compared and exchanged"
            result.unfollowed.append((reference.start, reference.end, what))
            continue
        found = reference.access(reference.variable in single)
        size = cells(reference.root, reference.variable in single, (sizes or {}).get(reference.variable))
        result.cells[reference.variable] = size
        if found is None:
            result.unfollowed.append((reference.start, reference.end, "a size that is not known"))
        else:
            result.found.append(found)
    return result


def cells(kind: Type, by_component: bool, n_bytes: int | None = None) -> int | None:
    """How many cells a value of this type has; `n_bytes`: of the value, where it ends in a runtime-sized array."""
    if kind.is_scalar or kind.name == "atomic":
        return 1
    if kind.is_vector:
        return kind.width if by_component else 1
    if kind.is_matrix:
        columns, rows = kind.columns_and_rows
        return columns * (rows if by_component else 1)
    if kind.is_array:
        element = cells(kind.element, by_component) if kind.element is not None else None
        count, known = kind.count, layout(kind)
        if kind.is_runtime_array and n_bytes is not None and known is not None:
            count = n_bytes // known.stride
        return element * count if element is not None and isinstance(count, int) else None
    if kind.members is not None:
        placed = layout(kind)
        begins = [one.offset for one in placed.members] if placed is not None else [0] * len(kind.members)
        sizes = [
            cells(member.type, by_component, n_bytes - begin if n_bytes is not None else None)
            for member, begin in zip(kind.members, begins, strict=True)
        ]
        return None if None in sizes else sum(size for size in sizes if size is not None)
    return None


def collectives(node: Node, facts: Facts) -> Iterator[Call]:
    """The calls below `node` that the lanes of a subgroup make together."""
    for inner in walk(node):
        if isinstance(inner, Call) and (facts.called.get(inner) or "").startswith(("subgroup", "quad")):
            yield inner


@dataclass(slots=True)
class _Reference:
    """`steps`: (type before it, node) from the variable outwards."""

    variable: str
    root: Type
    kind: AccessKind
    steps: list[tuple[Type, Index | Member]]
    start: int
    end: int
    declaration_start: int
    facts: Facts
    value: tuple[int, int] | None
    type: str
    n_collectives: int
    is_atomic: bool

    def access(self, by_component: bool) -> Access | None:
        offset = 0
        subscripts: list[Subscript] = []
        kind = self.root
        for before, step in self.steps:
            if isinstance(step, Index):
                element = before.element
                stride = cells(element, by_component) if element is not None else None
                if element is None or stride is None:
                    return None
                if before.is_vector and not by_component:
                    stride = 0
                index = step.index
                index_type = self.facts.types.get(index)
                name = "u32" if index_type is not None and index_type.name == "u32" else "i32"
                at = self.declaration_start
                if stride:
                    subscripts.append(Subscript(at + index.start, at + index.end, name, stride))
                kind = element if not before.is_vector or by_component else before
            elif before.members is not None:
                for member in before.members:
                    if member.name == step.name:
                        kind = member.type
                        break
                    size = cells(member.type, by_component)
                    if size is None:
                        return None
                    offset += size
            elif by_component and len(step.name) == 1:
                offset += _COMPONENTS.get(step.name, 0)
                kind = before.component
        n_cells = cells(kind, by_component)
        if n_cells is None:
            return None
        return Access(
            self.variable,
            self.kind,
            self.start,
            self.end,
            offset,
            n_cells,
            tuple(subscripts),
            self.value,
            self.type,
            self.n_collectives,
            self.is_atomic,
        )


class _Walk:
    """One function that begins at `start`."""

    def __init__(
        self,
        start: int,
        facts: Facts,
        space: str,
        sizes: Mapping[str, int] | None,
        references: list[_Reference],
        result: Accesses,
    ) -> None:
        self.start = start
        self.facts = facts
        self.space = space
        self.sizes = sizes
        self.references = references
        self.result = result

    def statement(self, node: Node) -> None:
        if isinstance(node, Assignment):
            # The outer one first: what is put around both sides of a statement nests in this order.
            if node.target is not None:
                self.reference(node.target, "write" if node.operator == "=" else "update", node.value)
            self.read(node.value)
        elif isinstance(node, Increment):
            self.reference(node.target, "update", None)
        elif isinstance(node, VariableDeclaration):
            if node.initializer is not None:
                self.read(node.initializer)
        elif isinstance(node, Identifier | Index | Member | Unary | Call | Parenthesized):
            self.read(node)
        elif not isinstance(node, Attribute):
            for child in children(node):
                self.statement(child)

    def read(self, node: Node) -> None:
        """An expression in whose evaluation variables are read."""
        if isinstance(node, Unary) and node.operator == "&":
            self.address(node.operand)
        elif isinstance(node, Identifier | Index | Member) and self.variable(node) is not None:
            self.reference(node, "read", node)
        elif isinstance(node, Call) and self.facts.called.get(node) == "arrayLength":
            return  # no access to what the array holds
        elif isinstance(node, Call) and (self._is_matrix_access(node) or self._is_atomic_access(node)):
            for argument in node.arguments[1:]:
                self.read(argument)
        else:
            self._pointer(node)
            for child in children(node):
                self.read(child)

    def address(self, node: Expression) -> None:
        """What `&` is taken of: no access by itself; whoever gets the pointer accesses it."""
        kind = self.facts.types.get(node)
        if self.variable(node) is not None and (kind is None or kind.name != "atomic"):
            where = self.start
            self.result.unfollowed.append((where + node.start, where + node.end, "a pointer"))
        self._indices(node)

    def reference(self, node: Expression, kind: AccessKind, value: Expression | None) -> None:
        variable = self.variable(node)
        result = self.facts.types.get(node)
        if variable is None:
            self._pointer(node)
            for child in children(node):
                self.read(child)
            return
        self._indices(node)
        steps: list[tuple[Type, Index | Member]] = []
        known = variable.type is not None and result is not None
        inner: Expression = node
        while not isinstance(inner, Identifier):
            if isinstance(inner, Index | Member):
                before = self.facts.types.get(inner.base)
                known = known and before is not None
                if before is not None:
                    steps.append((before, inner))
                inner = inner.base
            else:
                assert isinstance(inner, Parenthesized)
                inner = inner.inner
        at = self.start
        if not known:
            self.result.unfollowed.append((at + node.start, at + node.end, "a type that is not known"))
            return
        assert variable.type is not None and result is not None
        value_type = self.facts.types.get(value) if value is not None else None
        if result.name == "atomic":
            value_type = next((one for one in result.arguments if isinstance(one, Type)), None)
        elif value is not None and (value_type is None or value_type.name.startswith("Abstract")):
            value_type = result
        self.references.append(
            _Reference(
                variable.name,
                variable.type,
                kind,
                steps[::-1],
                at + node.start,
                at + node.end,
                at,
                self.facts,
                (at + value.start, at + value.end) if value is not None else None,
                str(value_type) if value_type is not None else str(result),
                len(list(collectives(value, self.facts))) if value is not None and kind != "read" else 0,
                result.name == "atomic",
            )
        )

    def variable(self, node: Node) -> GlobalInfo | None:
        """The variable of the space that a reference begins with."""
        while isinstance(node, Index | Member | Parenthesized):
            node = node.inner if isinstance(node, Parenthesized) else node.base
        target = self.facts.targets.get(node) if isinstance(node, Identifier) else None
        if not isinstance(target, GlobalInfo) or target.space != self.space:
            return None
        return target if self.sizes is None or (target.name in self.sizes and target.access != "read") else None

    def _indices(self, node: Node) -> None:
        """What the subscripts of a reference read."""
        while isinstance(node, Index | Member | Parenthesized):
            if isinstance(node, Index):
                self.read(node.index)
            node = node.inner if isinstance(node, Parenthesized) else node.base

    def _pointer(self, node: Node) -> None:
        parts = None
        if isinstance(node, Unary) and node.operator == "*":
            kind = self.facts.types.get(node.operand)
            parts = kind.pointer_parts if kind is not None else None
        if parts is not None and parts[0] == self.space and (self.sizes is None or parts[2] != "read"):
            self.result.unfollowed.append((self.start + node.start, self.start + node.end, "a pointer"))

    def _is_atomic_access(self, node: Call) -> bool:
        name = self.facts.called.get(node) or ""
        pointer = node.arguments[0] if name.startswith("atomic") and node.arguments else None
        if not isinstance(pointer, Unary) or pointer.operator != "&":
            return False
        place, variable = pointer.operand, self.variable(pointer.operand)
        if variable is None or (name != "atomicLoad" and len(node.arguments) < 2):
            return False
        kind = _ATOMICS.get(name, "update")
        if self.space != "workgroup":
            self.result.atomics.append((variable.name, kind, self.start + place.start, self.start + place.end))
            return False
        if name == "atomicCompareExchangeWeak":
            self.result.exchanged.add(variable.name)
        self.reference(place, kind, node if kind == "read" else node.arguments[1])
        return True

    def _is_matrix_access(self, node: Call) -> bool:
        name = self.facts.called.get(node)
        if name not in ("subgroupMatrixLoad", "subgroupMatrixStore") or len(node.arguments) < 4:
            return False
        pointer = node.arguments[0]
        place = pointer.operand if isinstance(pointer, Unary) and pointer.operator == "&" else pointer
        variable = self.variable(place)
        if variable is None:
            return False
        is_load = name == "subgroupMatrixLoad"
        kind = self.facts.types.get(node if is_load else node.arguments[2])
        offset, order, stride = node.arguments[1], node.arguments[2 if is_load else 3], node.arguments[-1]
        value = self.facts.evaluate(order)
        sizes = kind.arguments[1:] if kind is not None and len(kind.arguments) == 3 else ()
        columns, rows = sizes if len(sizes) == 2 else (None, None)
        element = variable.type.element if variable.type is not None else None
        whole = isinstance(place, Identifier) and element is not None and element.is_scalar
        if not (whole and value is not None and isinstance(columns, int) and isinstance(rows, int)):
            self.result.unfollowed.append((self.start + node.start, self.start + node.end, "a matrix"))
            return True
        if value.data:  # column by column
            columns, rows = rows, columns
        at = self.start
        assert variable.type is not None
        self.result.cells[variable.name] = cells(variable.type, False, (self.sizes or {}).get(variable.name))
        self.result.matrices.append(
            MatrixAccess(
                variable.name,
                "read" if is_load else "write",
                at + node.start,
                at + node.end,
                (at + offset.start, at + offset.end),
                (at + stride.start, at + stride.end),
                columns,
                rows,
            )
        )
        return True
