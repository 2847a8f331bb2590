"""Finds what matrix_emulation rewrites: matrix types, builtin calls with argument types, copies, entry points.

The generated functions must be chosen by type, because WGSL has no overloading. It judges nothing; a text that is
wrong elsewhere is read as far as its tree goes.
"""

from __future__ import annotations

from typing import Literal

from wgsl_ls.text.span import Span
from wgsl_ls.wgsl import syntax
from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.matrix_facts import (
    Call,
    Copy,
    MatrixType,
    MatrixUses,
    Operand,
    Target,
    TypeUse,
)
from wgsl_ls.wgsl.names import GlobalInfo, Local, Predeclared
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import (
    Assignment,
    Block,
    Declaration,
    Expression,
    Identifier,
    Index,
    Member,
    Parenthesized,
    Statement,
    Unary,
    VariableDeclaration,
    walk,
)
from wgsl_ls.wgsl.types import Type

_KINDS: dict[str, Literal["left", "right", "result"]] = {
    "subgroup_matrix_left": "left",
    "subgroup_matrix_right": "right",
    "subgroup_matrix_result": "result",
}
_N_ARGUMENTS = {"subgroupMatrixLoad": 4, "subgroupMatrixStore": 5}
_N_MATRICES = {"subgroupMatrixMultiply": 2, "subgroupMatrixMultiplyAccumulate": 3}
_SCALAR_CALLS = ("subgroupMatrixScalarAdd", "subgroupMatrixScalarSubtract", "subgroupMatrixScalarMultiply")
_CALLS = frozenset((*_N_ARGUMENTS, *_N_MATRICES, *_SCALAR_CALLS))


class _Unreadable(Exception):
    """`node`: where; relative to the declaration."""

    def __init__(self, node: syntax.Node, why: str) -> None:
        super().__init__(why)
        self.node = node
        self.why = why


def matrix_uses(analysis: Analysis) -> MatrixUses:
    """All of a module."""
    uses = MatrixUses()
    for start, node, facts in analysis.entries:
        _Reader(analysis, start, facts, uses).declaration(node)
    return uses


class _Reader:
    """Reads one declaration that begins at `start`."""

    def __init__(self, analysis: Analysis, start: int, facts: Facts, uses: MatrixUses) -> None:
        self.analysis = analysis
        self.start = start
        self.facts = facts
        self.uses = uses
        self.targets: dict[Expression, Target] = {}

    def declaration(self, declaration: Declaration) -> None:
        for node in walk(declaration):
            try:
                if isinstance(node, Block):
                    for statement in node.statements:
                        self.statement(statement)
                elif isinstance(node, Identifier):
                    self.type_use(node)
                elif isinstance(node, syntax.Call):
                    self.call(node)
            except _Unreadable as unreadable:
                self.uses.problems.append((self.start + unreadable.node.start, unreadable.why))

    # Statements

    def statement(self, statement: Statement) -> None:
        """Whole matrices that a statement of a block gives to a variable."""
        if isinstance(statement, VariableDeclaration):
            is_matrix = self.is_variable_of(statement)
            value, root, declares = statement.initializer, statement.name if is_matrix else "", True
            if is_matrix and statement.keyword == "let":
                self.uses.lets.append(self.span(statement.start, statement.start + len("let")))
        elif isinstance(statement, Assignment) and statement.operator == "=" and statement.target is not None:
            value, root, declares = statement.value, self.root(statement.target), False
        else:
            return
        if value is None or not root:
            return
        self.targets[value] = Target(self.start + statement.start, root, declares)
        source = self.root(value)
        if source and source != root:
            kind = self.facts.types.get(value)
            if kind is not None and kind.name in _KINDS:
                span = self.span(statement.start, statement.end)
                self.uses.copies.append(Copy(span, _matrix(kind, value), root, source, declares))

    def is_variable_of(self, node: VariableDeclaration) -> bool:
        """Declares a local variable that holds matrices."""
        local = next((local for local in self.facts.locals if local.node is node), None)
        return node.keyword != "const" and local is not None and _holds_matrix(local.type)

    def root(self, node: Expression) -> str:
        """The local variable that `node` is: a whole one, for drivers (Mesa 22) crash on pointers to elements as
        arguments."""
        target = self.facts.targets.get(node) if isinstance(node, Identifier) else None
        is_variable = isinstance(target, Local) and target.kind in ("var", "let") and _holds_matrix(target.type)
        return node.name if isinstance(node, Identifier) and is_variable else ""

    # Types and constructors

    def type_use(self, node: Identifier) -> None:
        kind = self.facts.named.get(node)
        if node.name not in _KINDS or not isinstance(self.facts.targets.get(node), Predeclared):
            return
        if kind is None:
            if node.arguments is not None and len(node.arguments) != 3:
                raise _Unreadable(node, "a matrix type has a component type, columns and rows")
            return  # a constructor, see `construct`; or something wrong, which its compiler will say
        self.uses.type_uses.append(TypeUse(self.span(node.start, node.end), _matrix(kind, node)))

    def construct(self, node: syntax.Call) -> None:
        kind = self.facts.types.get(node)
        callee = node.callee
        is_alias = isinstance(self.facts.targets.get(callee), GlobalInfo)
        if kind is None or kind.name not in _KINDS or not (is_alias or callee.name == kind.name):
            return
        if is_alias and (not node.arguments or self.kind_of(callee) != "alias"):
            return
        matrix = _matrix(kind, node)
        self.uses.type_uses.append(TypeUse(self.span(callee.start, callee.end), matrix, bool(node.arguments)))

    def kind_of(self, node: Identifier) -> str:
        target = self.facts.targets.get(node)
        return target.kind if isinstance(target, (GlobalInfo, Local)) else ""

    # Calls

    def call(self, node: syntax.Call) -> None:
        name = node.callee.name
        if name not in _CALLS or not isinstance(self.facts.targets.get(node.callee), Predeclared):
            self.construct(node)
            return
        if not node.closed:
            raise _Unreadable(node, f"call of {name} is not closed")
        arguments = node.arguments
        wanted = _N_ARGUMENTS.get(name)
        if wanted is not None and len(arguments) != wanted:
            raise _Unreadable(node, f"{name} takes {wanted} arguments")
        n_matrices = _N_MATRICES.get(name, 1)
        if wanted is None and len(arguments) < n_matrices:
            raise _Unreadable(node, f"{name} has too few arguments")
        read = arguments[2:3] if name == "subgroupMatrixStore" else () if wanted else arguments[:n_matrices]
        matrices = tuple(map(self.matrix_argument, read))
        variable, pointer = "", Span(self.start + node.start, self.start + node.start)
        if wanted is not None:
            variable = self.variable_behind(arguments[0])
            if not variable:
                raise _Unreadable(arguments[0], "the pointer does not name a module variable")
            pointer = self.span(arguments[0].start, node.separators[1] + 1)
        head = self.span(node.start, node.separators[0])
        result = self.result(node, name, matrices)
        operands = tuple(Operand(self.span(one.start, one.end), self.root(one)) for one in read)
        end = self.start + node.end
        self.uses.calls.append(
            Call(name, head, pointer, variable, matrices, result, operands, end, self.targets.get(node))
        )

    def matrix_argument(self, node: Expression) -> MatrixType:
        kind = self.facts.types.get(node)
        if kind is None or kind.name not in _KINDS:
            raise _Unreadable(node, "the matrix type of this argument is unknown")
        return _matrix(kind, node)

    def result(self, node: syntax.Call, name: str, matrices: tuple[MatrixType, ...]) -> MatrixType | None:
        if name == "subgroupMatrixStore":
            return None
        if name == "subgroupMatrixMultiplyAccumulate" and matrices[2].kind != "result":
            raise _Unreadable(node, "the accumulator is no result matrix")
        kind = self.facts.types.get(node)
        found = _matrix(kind, node) if kind is not None and kind.name in _KINDS else None
        if name in _N_MATRICES:
            left, right = matrices[:2]
            fits = (left.kind, right.kind, left.columns) == ("left", "right", right.rows)
            wanted = found or (matrices[2] if len(matrices) == 3 else None)
            if not fits or (wanted and (wanted.rows, wanted.columns) != (left.rows, right.columns)):
                raise _Unreadable(node, "the shapes of the matrices do not fit each other")
        if found is None:
            raise _Unreadable(node, f"the matrix type that {name} gives is unknown")
        return found

    def variable_behind(self, node: Expression) -> str:
        """The module variable behind a pointer, with constant members and indices; "" if unknown."""
        if isinstance(node, Parenthesized):
            return self.variable_behind(node.inner)
        if isinstance(node, Unary) and node.operator == "&":
            return self.place(node.operand)
        if isinstance(node, Identifier):
            target = self.facts.targets.get(node)
            if isinstance(target, Local) and target.kind == "let" and isinstance(target.node, VariableDeclaration):
                return self.variable_behind(target.node.initializer) if target.node.initializer is not None else ""
        return ""

    def place(self, node: Expression) -> str:
        if isinstance(node, Parenthesized):
            return self.place(node.inner)
        if isinstance(node, Unary) and node.operator == "*":
            return self.variable_behind(node.operand)
        if isinstance(node, Identifier):
            return node.name if isinstance(self.facts.targets.get(node), GlobalInfo) else ""
        if isinstance(node, Member):
            base = self.place(node.base)
            return f"{base}.{node.name}" if base else ""
        if isinstance(node, Index):
            base, value = self.place(node.base), self.facts.evaluate(node.index)
            return f"{base}[{value}]" if base and value is not None else ""
        return ""

    # Entry points

    def span(self, start: int, end: int) -> Span:
        return Span(self.start + start, self.start + end)


def _holds_matrix(kind: Type | None) -> bool:
    while kind is not None and kind.is_array:
        kind = kind.element
    return kind is not None and kind.name in _KINDS


def _matrix(kind: Type, node: syntax.Node) -> MatrixType:
    if len(kind.arguments) != 3:
        raise _Unreadable(node, "a matrix type has a component type, columns and rows")
    component, columns, rows = kind.arguments
    if str(component) not in ("f16", "f32", "i32", "u32"):
        raise _Unreadable(node, f"matrices of {component} are not emulated")
    if not isinstance(columns, int) or not isinstance(rows, int):
        raise _Unreadable(node, "the size is no plain integer")
    if columns < 1 or rows < 1:
        raise _Unreadable(node, "a matrix has at least one row and one column")
    return MatrixType(_KINDS[kind.name], str(component), columns, rows)
