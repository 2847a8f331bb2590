"""What matrix_source finds and matrix_functions and matrix_emulation work with. Spans are those of the text."""

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
class TypeUse:
    """A matrix type as written; `splat`: it is a constructor with one value."""

    span: Span
    matrix: MatrixType
    splat: bool = False


@dataclass(frozen=True, slots=True)
class Operand:
    """An argument. `root`: the local variable that it is, when its address can be passed on, else ""."""

    span: Span
    root: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """The call is all of the right side of a statement that gives `root`, a local variable, its value. `start`: of the
    statement; `declares`: it is the declaration."""

    start: int
    root: str
    declares: bool


@dataclass(frozen=True, slots=True)
class Call:
    """`head`: name and template of the builtin, up to the parenthesis; `pointer`: the pointer argument of loads and
    stores with the comma behind it; `variable`: the module variable (or member of it) that it names; `operands`: the
    matrix arguments in order, `matrices` their types; `result`: None for a store; `end`: of the call."""

    name: str
    head: Span
    pointer: Span
    variable: str
    matrices: tuple[MatrixType, ...]
    result: MatrixType | None
    operands: tuple[Operand, ...]
    end: int
    target: Target | None


@dataclass(frozen=True, slots=True)
class Copy:
    """`to = source` of a matrix, between two variables; `span`: without the semicolon."""

    span: Span
    matrix: MatrixType
    to: str
    source: str
    declares: bool


@dataclass(slots=True)
class MatrixUses:
    """`lets`: the keyword `let` of matrices, which become variables so that their addresses can be taken.
    `problems`: (place, why) of what cannot be lowered."""

    type_uses: list[TypeUse] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    lets: list[Span] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
