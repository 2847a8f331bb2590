"""What matrix_source finds and matrix_functions and matrix_emulation work with: types, calls, copies, entry points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from wgsl_ls.text.span import Span


@dataclass(frozen=True, slots=True)
class MatrixType:
    """`subgroup_matrix_<kind><component, columns, rows>`."""

    kind: Literal["left", "right", "result"]
    component: str
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class ArrayOf:
    element: ValueType


@dataclass(frozen=True, slots=True)
class PointerTo:
    target: ValueType


@dataclass(frozen=True, slots=True)
class StructOf:
    name: str


ValueType = MatrixType | ArrayOf | PointerTo | StructOf | None
"""None: anything that is no matrix and holds none."""


@dataclass(frozen=True, slots=True)
class TypeUse:
    """A matrix type as written; `splat`: it is a constructor with one value."""

    span: Span
    matrix: MatrixType
    splat: bool = False


@dataclass(frozen=True, slots=True)
class Operand:
    """An argument. `root`: the local variable that it is, when its address can be passed on, else ""."""

    span: Span
    text: str
    root: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """The call is all of the right side of a statement. `span`: from the statement's start to the call's opening
    parenthesis; `text`: what is assigned to; `declares`: the statement is its declaration."""

    span: Span
    text: str
    declares: bool
    root: str


@dataclass(frozen=True, slots=True)
class Call:
    """`head`: name and template of the builtin; `pointer`: the pointer argument of loads and stores; `variable`: the
    module variable (or member of it) that it names; `matrices`: the types of the matrix arguments in order,
    `operands` those arguments; `end`: of the call."""

    name: str
    head: Span
    pointer: Span
    variable: str
    matrices: tuple[MatrixType, ...]
    result: ValueType
    operands: tuple[Operand, ...] = ()
    end: int = 0
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """`to = from` of a matrix, between two variables; `span`: without the semicolon."""

    span: Span
    matrix: MatrixType
    to: str
    source: str
    declares: bool


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """`lane_expression`, `lanes_expression`: its names for the two builtins, None without one."""

    parameters_end: int
    parameters_empty: bool
    trailing_comma: bool
    body_start: int
    lane_expression: str | None
    lanes_expression: str | None


@dataclass(slots=True)
class Scan:
    type_uses: list[TypeUse] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    lets: list[Span] = field(default_factory=list)
    """The keyword `let` of matrices, which become variables so that their addresses can be taken."""
    entry_points: list[EntryPoint] = field(default_factory=list)
    directives: list[tuple[Span, str]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
