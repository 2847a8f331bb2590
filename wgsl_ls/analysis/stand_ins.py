"""Stand-ins: values for the macros that only a host program defines, chosen by the place where their names stand, so
that the rest of a file can be compiled.

A type where a type has to stand or a value is made of one, a number of its own for each label of a switch, a small
number everywhere else. What an engine then says at a stand-in, or because of one, says nothing about the user's text;
what it says elsewhere does. Nothing is asked or compiled here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import (
    AliasDeclaration,
    Call,
    FunctionDeclaration,
    Identifier,
    Node,
    Parameter,
    StructMember,
    SwitchClause,
    VariableDeclaration,
    walk,
)

_TYPE = "f32"
_NUMBER = "8"
"""A count of anything, a workgroup size and a divisor of most others; without a suffix, so that it has any type."""
_FIRST_LABEL = 1001


@dataclass(frozen=True, slots=True)
class StandIns:
    """`defines`: to be given besides those of the variant. `places`: where they are used in the text without them."""

    defines: tuple[tuple[str, str], ...]
    places: tuple[Span, ...]


def stand_ins(analysis: Analysis, names: Iterable[str]) -> StandIns:
    """Values for `names`, which mean nothing in the text of `analysis`."""
    wanted = dict.fromkeys(names)
    kinds: dict[str, set[str]] = {name: set() for name in wanted}
    places: list[Span] = []
    for start, declaration, facts in analysis.entries:
        types, labels = _places(declaration)
        for node in facts.unresolved:
            if node.name in kinds:
                kinds[node.name].add("type" if node in types else "label" if node in labels else "value")
                places.append(Span(start + node.start, start + node.end))
    defines: list[tuple[str, str]] = []
    n_labels = 0
    for name, used in kinds.items():
        value = _NUMBER
        if "type" in used:
            value = _TYPE
        elif "label" in used:
            value = str(_FIRST_LABEL + n_labels)
            n_labels += 1
        defines.append((name, value))
    return StandIns(tuple(defines), tuple(sorted(places)))


def _places(declaration: Node) -> tuple[set[Node], set[Node]]:
    """(identifiers where a type has to stand, labels of switches)."""
    types: set[Node] = set()
    labels: set[Node] = set()
    for node in walk(declaration):
        if isinstance(node, (VariableDeclaration, Parameter, StructMember, AliasDeclaration)) and node.type is not None:
            types.update(_types_in(node.type))
        elif isinstance(node, FunctionDeclaration) and node.return_type is not None:
            types.update(_types_in(node.return_type))
        elif isinstance(node, Call):
            types.update(_types_in(node.callee))
        elif isinstance(node, SwitchClause):
            labels.update(selector for selector in node.selectors if selector is not None)
    return types, labels


def _types_in(node: Node) -> Iterator[Node]:
    """`node` and the type among its template arguments: the second of a pointer, else the first."""
    while isinstance(node, Identifier):
        yield node
        arguments = node.arguments or ()
        index = 1 if node.name == "ptr" else 0
        if len(arguments) <= index:
            return
        node = arguments[index]
