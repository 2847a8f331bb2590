"""Facts: what inference finds out about one declaration."""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.wgsl.constants import evaluate, literal_value
from wgsl_ls.wgsl.names import GlobalInfo, Local, Target
from wgsl_ls.wgsl.syntax import Call, Expression, Identifier, Literal, Member, Node
from wgsl_ls.wgsl.types import Type
from wgsl_ls.wgsl.values import Value


@dataclass(frozen=True, slots=True)
class Check:
    """A problem relative to its declaration; see Problem. `earlier`: the first declaration of a name. `member`:
    (struct, name) of a member that is not among those of the struct's type."""

    kind: str
    start: int
    end: int
    message: str
    candidates: tuple[str, ...] = ()
    earlier: tuple[int, int] | None = None
    member: tuple[str, str] | None = None


class Facts:
    """`types`: expression -> type of its value (after loading it from a variable). `targets`: what Identifier
    and Member nodes mean; absent when unresolved. `named`: type specifier -> the type it names. `locals`: in text
    order. `calls`, `members`: all nodes of these kinds. `unresolved`: identifiers without a meaning. `reads`: the
    globals asked for, None where there was none. `called`: what the builtin calls mean; `chosen`: by which overload
    (see overloads.py). `checks`: what problems.py found, once it has looked; `number_outline`: what
    number_outline.py did; `uses`: what feature_uses.py did. `is_complete`: False when the nesting was too deep."""

    __slots__ = (
        "_globals",
        "called",
        "calls",
        "checks",
        "chosen",
        "info",
        "is_complete",
        "locals",
        "members",
        "named",
        "number_outline",
        "reads",
        "targets",
        "types",
        "unresolved",
        "uses",
    )

    def __init__(self) -> None:
        self.types: dict[Node, Type] = {}
        self.targets: dict[Node, Target] = {}
        self.named: dict[Node, Type] = {}
        self.locals: list[Local] = []
        self.calls: list[Call] = []
        self.members: list[Member] = []
        self.unresolved: list[Identifier] = []
        self.reads: dict[str, GlobalInfo | None] = {}
        self.called: dict[Call, str] = {}
        self.chosen: dict[Call, int] = {}
        self.info: GlobalInfo | None = None
        self.is_complete = True
        self.checks: tuple[Check, ...] | None = None
        self.number_outline: object | None = None
        self.uses: object | None = None
        self._globals: dict[str, None] | None = None

    @property
    def globals(self) -> dict[str, None]:
        """The names at module scope that it uses, in order."""
        if self._globals is None:
            names = (target.name for target in self.targets.values() if isinstance(target, GlobalInfo))
            self._globals = dict.fromkeys(names)
        return self._globals

    def type_of(self, node: Node) -> Type | None:
        return self.types.get(node)

    def literal(self, node: Literal) -> Value | None:
        return literal_value(node)

    def value_of(self, node: Identifier) -> Value | None:
        target = self.targets.get(node)
        return target.value if isinstance(target, (Local, GlobalInfo)) else None

    def builtin_called(self, node: Call) -> str | None:
        return self.called.get(node)

    def evaluate(self, node: Expression) -> Value | None:
        """The value of an expression of this declaration, when it can be known."""
        try:
            return evaluate(node, self)
        except RecursionError:
            return None
