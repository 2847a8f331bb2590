"""The syntax tree of WGSL. Offsets are code points *relative to the start of the top-level declaration* that a
node belongs to, so that one tree serves every text in which the declaration stands unchanged; a `Placed` says
where that start lies (see module.py).

Nodes are never changed after parsing, yet not frozen: creating a frozen object costs three times as much, and a
text has thousands. Half-written code gives `Missing` expressions and empty names, never an absent field. Types
are written as expressions (`Identifier` with template arguments), as in WGSL's own grammar.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Node:
    start: int
    end: int


class Named:
    """What declares a name; no part of the tree by itself."""

    __slots__ = ()
    name: str
    name_start: int

    @property
    def name_end(self) -> int:
        return self.name_start + len(self.name)


# Expressions


@dataclass(slots=True, eq=False)
class Missing(Node):
    """Where an expression should stand."""


@dataclass(slots=True, eq=False)
class Identifier(Node):
    """A name with or without template arguments: a variable, function, type, enumerant; `start` is the name's."""

    name: str
    arguments: tuple[Expression, ...] | None = None

    @property
    def name_end(self) -> int:
        return self.start + len(self.name)


@dataclass(slots=True, eq=False)
class Literal(Node):
    """`kind`: "integer", "float" or "bool"."""

    text: str
    kind: str


@dataclass(slots=True, eq=False)
class Unary(Node):
    """`-` `!` `~` `*` (indirection) `&` (address of)."""

    operator: str
    operand: Expression


@dataclass(slots=True, eq=False)
class Binary(Node):
    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True, eq=False)
class Call(Node):
    """`separators`: offsets of the opening parenthesis, of each comma, and of the closing parenthesis if there
    is one (`closed`)."""

    callee: Identifier
    arguments: tuple[Expression, ...]
    separators: tuple[int, ...]
    closed: bool


@dataclass(slots=True, eq=False)
class Index(Node):
    base: Expression
    index: Expression


@dataclass(slots=True, eq=False)
class Member(Node):
    """`base.name`; the name is empty while it is being typed."""

    base: Expression
    name: str
    name_start: int


@dataclass(slots=True, eq=False)
class Parenthesized(Node):
    inner: Expression


Expression = Missing | Identifier | Literal | Unary | Binary | Call | Index | Member | Parenthesized


# Attributes


@dataclass(slots=True, eq=False)
class Attribute(Node):
    """`@name(arguments)`. For builtin, interpolate and diagnostic the arguments are context-dependent names."""

    name: str
    arguments: tuple[Expression, ...]


# Statements


@dataclass(slots=True, eq=False)
class Block(Node):
    """`{ … }`; `start` is at the brace."""

    attributes: tuple[Attribute, ...]
    statements: tuple[Statement, ...]


@dataclass(slots=True, eq=False)
class VariableDeclaration(Named, Node):
    """`keyword`: "var", "let", "const" or "override"; at module scope or in a function. `template`: what stands
    in `var<…>`. `name_start` points at the name also when it is empty."""

    attributes: tuple[Attribute, ...]
    keyword: str
    template: tuple[Expression, ...]
    name: str
    name_start: int
    type: Expression | None
    initializer: Expression | None


@dataclass(slots=True, eq=False)
class Assignment(Node):
    """`target` is None for the phony assignment `_ = value`; `operator` is "=" or a compound one."""

    target: Expression | None
    operator: str
    value: Expression


@dataclass(slots=True, eq=False)
class Increment(Node):
    """`++` or `--`."""

    target: Expression
    operator: str


@dataclass(slots=True, eq=False)
class CallStatement(Node):
    call: Expression


@dataclass(slots=True, eq=False)
class If(Node):
    """`clauses`: (condition, body) of the `if` and every `else if`, in order."""

    attributes: tuple[Attribute, ...]
    clauses: tuple[tuple[Expression, Block], ...]
    otherwise: Block | None


@dataclass(slots=True, eq=False)
class SwitchClause(Node):
    """`selectors`: expressions; None stands for `default`."""

    selectors: tuple[Expression | None, ...]
    body: Block


@dataclass(slots=True, eq=False)
class Switch(Node):
    attributes: tuple[Attribute, ...]
    selector: Expression
    clauses: tuple[SwitchClause, ...]


@dataclass(slots=True, eq=False)
class Loop(Node):
    """The continuing block is the last statement of `body` if there is one."""

    attributes: tuple[Attribute, ...]
    body: Block


@dataclass(slots=True, eq=False)
class Continuing(Node):
    body: Block


@dataclass(slots=True, eq=False)
class While(Node):
    attributes: tuple[Attribute, ...]
    condition: Expression
    body: Block


@dataclass(slots=True, eq=False)
class For(Node):
    attributes: tuple[Attribute, ...]
    initializer: Statement | None
    condition: Expression | None
    update: Statement | None
    body: Block


@dataclass(slots=True, eq=False)
class Break(Node):
    """`condition` for `break if`, which only ends a continuing block."""

    condition: Expression | None


@dataclass(slots=True, eq=False)
class Continue(Node):
    pass


@dataclass(slots=True, eq=False)
class Discard(Node):
    pass


@dataclass(slots=True, eq=False)
class Return(Node):
    value: Expression | None


@dataclass(slots=True, eq=False)
class ConstAssert(Node):
    """At module scope too."""

    condition: Expression


Statement = (
    Block
    | VariableDeclaration
    | Assignment
    | Increment
    | CallStatement
    | If
    | Switch
    | Loop
    | Continuing
    | While
    | For
    | Break
    | Continue
    | Discard
    | Return
    | ConstAssert
)


# Module scope


@dataclass(slots=True, eq=False)
class Parameter(Named, Node):
    attributes: tuple[Attribute, ...]
    name: str
    name_start: int
    type: Expression


@dataclass(slots=True, eq=False)
class FunctionDeclaration(Named, Node):
    attributes: tuple[Attribute, ...]
    name: str
    name_start: int
    parameters: tuple[Parameter, ...]
    return_attributes: tuple[Attribute, ...]
    return_type: Expression | None
    body: Block


@dataclass(slots=True, eq=False)
class StructMember(Named, Node):
    attributes: tuple[Attribute, ...]
    name: str
    name_start: int
    type: Expression


@dataclass(slots=True, eq=False)
class StructDeclaration(Named, Node):
    name: str
    name_start: int
    members: tuple[StructMember, ...]


@dataclass(slots=True, eq=False)
class AliasDeclaration(Named, Node):
    name: str
    name_start: int
    type: Expression


@dataclass(slots=True, eq=False)
class NameDirective(Node):
    """`keyword` "enable" or "requires" with its list of (name, start)."""

    keyword: str
    names: tuple[tuple[str, int], ...]


@dataclass(slots=True, eq=False)
class DiagnosticDirective(Node):
    """`diagnostic(severity, rule);`"""

    severity: str
    rule: str


Declaration = FunctionDeclaration | StructDeclaration | VariableDeclaration | AliasDeclaration | ConstAssert
ModuleDirective = NameDirective | DiagnosticDirective


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below `node`, in text order."""
    for field in _FIELDS.get(type(node), ()):
        value = getattr(node, field)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item
                elif isinstance(item, tuple):
                    yield from (part for part in item if isinstance(part, Node))


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, parents first, in text order."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))


_FIELDS: dict[type[Node], tuple[str, ...]] = {
    Identifier: ("arguments",),
    Unary: ("operand",),
    Binary: ("left", "right"),
    Call: ("callee", "arguments"),
    Index: ("base", "index"),
    Member: ("base",),
    Parenthesized: ("inner",),
    Attribute: ("arguments",),
    Block: ("attributes", "statements"),
    VariableDeclaration: ("attributes", "template", "type", "initializer"),
    Assignment: ("target", "value"),
    Increment: ("target",),
    CallStatement: ("call",),
    If: ("attributes", "clauses", "otherwise"),
    SwitchClause: ("selectors", "body"),
    Switch: ("attributes", "selector", "clauses"),
    Loop: ("attributes", "body"),
    Continuing: ("body",),
    While: ("attributes", "condition", "body"),
    For: ("attributes", "initializer", "condition", "update", "body"),
    Break: ("condition",),
    Return: ("value",),
    ConstAssert: ("condition",),
    Parameter: ("attributes", "type"),
    FunctionDeclaration: ("attributes", "parameters", "return_attributes", "return_type", "body"),
    StructMember: ("attributes", "type"),
    StructDeclaration: ("members",),
    AliasDeclaration: ("type",),
}
