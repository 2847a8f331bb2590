"""Stand-ins: values for the macros that only a host program defines, chosen by the place where their names stand, so
that the rest of a file can be compiled.

A type where a type has to stand or a value is made of one, an address space, access or format where one is named, a
number of its own for each label of a switch, a truth value for a condition, a component of a vector where a member is
chosen, a vector where one of its own is, a small number everywhere else. What an engine then says at a stand-in, or
because of one, says nothing about the user's text; what it says elsewhere does. Nothing is asked or compiled here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from wgsl_ls.text.span import Span
from wgsl_ls.text.steps import Steps, finished
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import (
    AliasDeclaration,
    Assignment,
    Binary,
    Break,
    Call,
    CallStatement,
    ConstAssert,
    For,
    FunctionDeclaration,
    Identifier,
    If,
    Index,
    Member,
    Named,
    Node,
    Parameter,
    Parenthesized,
    Statement,
    StructDeclaration,
    StructMember,
    SwitchClause,
    Unary,
    VariableDeclaration,
    While,
    walk,
)

_NUMBER = "8"
"""A count of anything, a workgroup size and a divisor of most others; without a suffix, so that it has any type."""
_VALUES = {
    "member": "x",
    "space": "private",
    "local space": "function",
    "access": "read",
    "format": "rgba8unorm",
    "generic": "vec2",
    "atomic": "u32",
    "type": "f32",
    "call": "_ = u32",
    "target": "_",
    "label": "",
    "composite": "vec4(8)",
    "value": _NUMBER,
    "asserted": "true",
    "condition": "false",
}
"""By where a name stands; of a name that stands in several places the first of these. A loop has to end, so no
condition is true."""
_FIRST_LABEL = 1001
_MOST_DECLARATIONS = 1024
"""Of which it is kept what stands in them: they are shared by all texts in which they are."""


@dataclass(frozen=True, slots=True)
class StandIns:
    """`defines`: to be given besides those of the variant. `places`: where they are used in the text without them."""

    defines: tuple[tuple[str, str], ...]
    places: tuple[Span, ...]


def stand_ins(analysis: Analysis, names: Iterable[str]) -> StandIns:
    """Values for `names`, which mean nothing in the text of `analysis`."""
    return finished(stand_in_steps(analysis, names))


def stand_in_steps(analysis: Analysis, names: Iterable[str]) -> Steps[StandIns]:
    wanted = dict.fromkeys(names)
    kinds: dict[str, set[str]] = {name: set() for name in wanted}
    places: list[Span] = []
    for start, declaration, facts in analysis.entries:
        for member in facts.members:
            if member.name in kinds:
                kinds[member.name].add("member")
                places.append(Span(start + member.name_start, start + member.name_start + len(member.name)))
        for node in facts.unresolved:
            if node.name in kinds:
                kinds[node.name].add(_places(declaration).get(node, "value"))
                places.append(Span(start + node.start, start + node.end))
        yield
    defines: list[tuple[str, str]] = []
    n_labels = 0
    for name, used in kinds.items():
        kind = next((one for one in _VALUES if one in used), "value")
        value = _VALUES[kind]
        if kind == "label":
            value = str(_FIRST_LABEL + n_labels)
            n_labels += 1
        defines.append((name, value))
    return StandIns(tuple(defines), tuple(sorted(places)))


@lru_cache(maxsize=_MOST_DECLARATIONS)
def _places(declaration: Node) -> dict[Node, str]:
    """Where identifiers stand, in words of `_VALUES`; those that may be any value are left out."""
    found: dict[Node, str] = {}
    for node in walk(declaration):
        match node:
            case VariableDeclaration():
                found.update(zip(node.template, ("space", "access"), strict=False))
            case SwitchClause():
                found.update((selector, "label") for selector in node.selectors if selector is not None)
            case CallStatement(call=Call(callee=called)):
                found[called] = "call"
            case Assignment(target=Identifier() as target, operator="="):
                found[target] = "target"
            case Index(base=Identifier() as base) | Member(base=Identifier() as base):
                found[base] = "composite"
            case ConstAssert():
                found[_bare(node.condition)] = "asserted"
            case If():
                found.update((_bare(condition), "condition") for condition, _ in node.clauses)
            case While() | For() | Break() if node.condition is not None:
                found[_bare(node.condition)] = "condition"
            case Unary(operator="!"):
                found[_bare(node.operand)] = "condition"
            case Binary(operator="&&" | "||"):
                found.update((_bare(operand), "condition") for operand in (node.left, node.right))
        for kind in _types(node):
            found.update((one, which) for one, which in _types_in(kind) if one not in found)
    return found


def _bare(node: Node) -> Node:
    """What stands in parentheses."""
    while isinstance(node, Parenthesized):
        node = node.inner
    return node


def _types(node: Node) -> Iterator[Node]:
    if isinstance(node, (VariableDeclaration, Parameter, StructMember, AliasDeclaration)) and node.type is not None:
        yield node.type
    elif isinstance(node, FunctionDeclaration) and node.return_type is not None:
        yield node.return_type
    elif isinstance(node, Call):
        yield node.callee


def _types_in(node: Node) -> Iterator[tuple[Node, str]]:
    """`node`, a type, and what is named among its template arguments: of a pointer the space, the type and the access,
    of a storage texture the format and the access, of others the type."""
    kind = "type"
    while isinstance(node, Identifier):
        arguments = node.arguments or ()
        yield node, "generic" if arguments else kind
        if node.name == "ptr":
            yield from zip(arguments[:1], ("local space",), strict=False)
            yield from zip(arguments[2:], ("access",), strict=False)
            arguments = arguments[1:]
        elif node.name.startswith("texture_storage"):
            yield from zip(arguments, ("format", "access"), strict=False)
            return
        if not arguments:
            return
        kind = "atomic" if node.name == "atomic" else "type"
        node = arguments[0]


def rests_on(analysis: Analysis, names: Iterable[str], places: Sequence[int] = ()) -> Callable[[Span], bool]:
    """See rests_on_steps."""
    return finished(rests_on_steps(analysis, names, places))


def rests_on_steps(
    analysis: Analysis, names: Iterable[str], places: Sequence[int] = ()
) -> Steps[Callable[[Span], bool]]:
    """Whether what is at a place of the text may be what it is because of what `names` stand for, or what stands at
    `places`: they are in the statement or declaration there, or something is that was declared with them. By name, in a
    function as a whole: to leave too much out is better than to blame the user for a stand-in."""
    missing = frozenset(names)
    scopes = _Scopes(missing)
    tainted = set(missing)
    declaring: list[tuple[str, frozenset[str]]] = []
    for start, declaration, _ in analysis.entries:
        tainted.update(_declared_at(scopes, declaration, [place - start for place in places]))
        declaring.extend((name, used | (plain & missing)) for name, used, plain in _declaring(declaration))
        yield
    tainted |= _reached(tainted, declaring)
    # Of which size a struct is matters where something has it as its type; its other members are what they are.
    sized = tainted | _structs(scopes, analysis, tainted)

    def rests(place: Span) -> bool:
        placed = analysis.module.placed_at(place.start)
        if placed is None or placed.node is None:
            return True
        here = place.start - placed.start
        given = [at - placed.start for at in places]
        if not isinstance(placed.node, FunctionDeclaration):
            named = scopes.named_in(placed.node, placed.node)
            return any(0 <= at <= placed.node.end for at in given) or bool(named & sized)
        inside = [
            node
            for node in walk(placed.node.body)
            if isinstance(node, Statement) and node is not placed.node.body and node.start <= here < node.end
        ]
        # What is wrong with a parameter or an attribute depends on nothing beside it either.
        nodes: tuple[Node, ...] = tuple(node for node in _head(placed.node) if node.start <= here < node.end)
        if not inside and not nodes:
            if placed.node.name in tainted:
                return True
            nodes = tuple(_head(placed.node))
        if inside:
            statement = min(inside, key=lambda node: node.end - node.start)
            # What a member is depends on what it is chosen from, and on nothing beside it.
            chosen = (node for node in walk(statement) if isinstance(node, Member) and node.name_start == here)
            nodes = tuple(chosen) or (statement,)
        if any(node.start <= at <= node.end for at in given for node in nodes):
            return True
        return bool(scopes.named_in(placed.node, *nodes) & tainted)

    return rests


@lru_cache(maxsize=_MOST_DECLARATIONS)
def _declaring(declaration: Node) -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
    """What a declaration declares, the names that it is declared with, told apart, and those as they are written."""
    scopes = _Scopes(frozenset())
    found: list[tuple[str, frozenset[str], frozenset[str]]] = []

    def declare(name: str, *nodes: Node) -> None:
        inner = (one for node in nodes for one in walk(node))
        plain = frozenset(one.name for one in inner if isinstance(one, (Identifier, Member)))
        found.append((name, frozenset(scopes.named_in(declaration, *nodes)), plain))

    for node in walk(declaration):
        if isinstance(node, FunctionDeclaration):
            declare(node.name, *_head(node))
        elif isinstance(node, StructMember):
            declare(f".{node.name}", node)
        elif isinstance(node, (VariableDeclaration, Parameter, AliasDeclaration)):
            declare(scopes.name(declaration, node.name), node)
    return tuple(found)


class _Scopes:
    """Names that are told apart: those at module scope, the locals of each function ("f:x"), members (".x"). What is
    `missing` may be any of them."""

    def __init__(self, missing: frozenset[str]) -> None:
        self.missing = missing
        self._locals: dict[Node, set[str]] = {}

    def name(self, owner: Node, name: str) -> str:
        """Of an identifier in a declaration."""
        return f"{owner.name}:{name}" if isinstance(owner, FunctionDeclaration) and name in self._of(owner) else name

    def named_in(self, owner: Node, *nodes: Node) -> set[str]:
        found: set[str] = set()
        for inner in (inner for node in nodes for inner in walk(node)):
            if isinstance(inner, (Identifier, Member)):
                found.add(self.name(owner, inner.name) if isinstance(inner, Identifier) else f".{inner.name}")
                found.update({inner.name} & self.missing)
        return found

    def _of(self, function: FunctionDeclaration) -> set[str]:
        if function not in self._locals:
            declared = (node for node in walk(function) if isinstance(node, (VariableDeclaration, Parameter)))
            self._locals[function] = {node.name for node in declared}
        return self._locals[function]


def _declared_at(scopes: _Scopes, declaration: Node, places: Iterable[int]) -> Iterator[str]:
    """What is declared by something around one of `places`: a function by its head, a variable by its statement."""
    for place in places:
        if isinstance(declaration, FunctionDeclaration):
            if 0 <= place <= declaration.body.start:
                yield declaration.name
            for node in walk(declaration.body):
                if isinstance(node, VariableDeclaration) and node.start <= place <= node.end:
                    yield scopes.name(declaration, node.name)
        elif isinstance(declaration, Named) and 0 <= place <= declaration.end:
            yield declaration.name


def _structs(scopes: _Scopes, analysis: Analysis, names: set[str]) -> set[str]:
    """The structs that one of `names` is in, directly or as a part of a part."""
    structs = [node for _, node, _ in analysis.entries if isinstance(node, StructDeclaration)]
    return _reached(names, [(node.name, scopes.named_in(node, node)) for node in structs])


def _reached(names: set[str], declaring: Iterable[tuple[str, Iterable[str]]]) -> set[str]:
    """What is declared with one of `names`, or with what is declared so; `declaring`: names with those they use."""
    users: dict[str, list[str]] = {}
    for name, used in declaring:
        for one in used:
            users.setdefault(one, []).append(name)
    found: set[str] = set()
    left = list(names)
    while left:
        for name in users.get(left.pop(), ()):
            if name not in found:
                found.add(name)
                left.append(name)
    return found


def _head(function: FunctionDeclaration) -> Iterator[Node]:
    yield from function.attributes
    yield from function.parameters
    if function.return_type is not None:
        yield function.return_type
