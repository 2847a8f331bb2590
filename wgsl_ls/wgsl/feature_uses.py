"""What a module asks of the language beyond what every WGSL has: extensions it names, and constructs that belong to a
language feature or that engines are known to differ in, whether it names them or not.

Which implementation has what is known elsewhere (project/baselines.py). The table of predeclared names says what its
names need; here stand the constructs that have no name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from wgsl_ls.wgsl.builtins import BUILTIN_VALUES, ENUMERANTS, FUNCTIONS, TYPES
from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.layout import layout
from wgsl_ls.wgsl.names import GlobalInfo, Predeclared
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import (
    Assignment,
    Attribute,
    Call,
    FunctionDeclaration,
    Identifier,
    Index,
    Member,
    NameDirective,
    Node,
    Parameter,
    Unary,
    VariableDeclaration,
    walk,
)
from wgsl_ls.wgsl.types import F16, F32, I32, U32, Type, concrete, vector

UseKind = Literal["enable", "requires", "language", "form"]

_Uses = tuple[tuple[UseKind, str, str, int, int], ...]
_POINTERS = "unrestricted_pointer_parameters"
_BITS = (U32, I32, F32, *(vector(2, one) for one in (U32, I32, F32)))
_HALVES = (vector(2, F16), vector(4, F16))


class FeatureUse(NamedTuple):
    """`kind`: "enable" or "requires": a directive names it; "language": the construct needs the language feature;
    "form": a construct that some engines refuse ("f16-bitcast", "statement-diagnostic"). `what`: the construct as one
    would say it. `start`, `end`: the first place; `more`: the places after it."""

    kind: UseKind
    name: str
    what: str
    start: int
    end: int
    more: tuple[tuple[int, int], ...] = ()


def feature_uses(analysis: Analysis) -> tuple[FeatureUse, ...]:
    """In text order of the first places, each (kind, name) once."""
    places: dict[tuple[UseKind, str], list[tuple[int, int, str]]] = {}
    for start, directive in analysis.module.directives:
        if isinstance(directive, NameDirective):
            kind: UseKind = "enable" if directive.keyword == "enable" else "requires"
            for name, at in directive.names:
                found = places.setdefault((kind, name), [])
                found.append((start + at, start + at + len(name), f"{directive.keyword} {name}"))
    for start, declaration, facts in analysis.entries:
        for use_kind, name, what, begin, end in _kept(declaration, facts):
            places.setdefault((use_kind, name), []).append((start + begin, start + end, what))
    uses = []
    for (use_kind, name), found in places.items():
        (begin, end, what), *more = sorted(set(found))
        uses.append(FeatureUse(use_kind, name, what, begin, end, tuple((one[0], one[1]) for one in more)))
    return tuple(sorted(uses, key=lambda use: use.start))


def _kept(declaration: Node, facts: Facts) -> _Uses:
    """Kept with the facts: they depend on nothing else."""
    if not isinstance(facts.uses, tuple):
        facts.uses = tuple((kind, name, what, *_shown(node)) for kind, name, what, node in _of(declaration, facts))
    return facts.uses


def _shown(node: Node) -> tuple[int, int]:
    if isinstance(node, Identifier):
        return node.start, node.name_end
    if isinstance(node, Call):
        return node.start, node.separators[0] if node.separators else node.end
    return node.start, node.end


def _of(declaration: Node, facts: Facts) -> Iterator[tuple[UseKind, str, str, Node]]:
    for node in walk(declaration):
        if isinstance(node, Attribute):
            yield from _of_attribute(node)
        elif isinstance(node, Identifier):
            target = facts.targets.get(node)
            if isinstance(target, Predeclared):
                record = FUNCTIONS.get(target.name) or TYPES.get(target.name) or ENUMERANTS.get(target.name)
                if record is not None and record.requires is not None:
                    yield "language", record.requires, target.name, node
        elif isinstance(node, Call):
            yield from _of_call(node, facts)
        elif isinstance(node, Member | Index):
            base = facts.types.get(node.base)
            if base is not None and base.is_pointer:
                yield "language", "pointer_composite_access", "a part of a pointer without `(*p)`", node
        elif isinstance(node, Parameter):
            yield from _of_parameter(node, facts)
        elif isinstance(node, VariableDeclaration):
            yield from _of_variable(node, facts)
        elif isinstance(node, Assignment):
            place = node.target
            if isinstance(place, Member) and len(place.name) > 1:
                base = facts.types.get(place.base)
                if base is not None and base.is_vector:
                    yield "language", "swizzle_assignment", "an assignment to several components", place
    if isinstance(declaration, FunctionDeclaration):
        for node in walk(declaration.body):
            if isinstance(node, Attribute) and node.name == "diagnostic":
                yield "form", "statement-diagnostic", "@diagnostic on a statement", node


def _of_attribute(node: Attribute) -> Iterator[tuple[UseKind, str, str, Node]]:
    for argument in node.arguments if node.name == "builtin" else ():
        if isinstance(argument, Identifier):
            record = BUILTIN_VALUES.get(argument.name) or ENUMERANTS.get(argument.name)
            if record is not None and record.requires is not None:
                yield "language", record.requires, f"@builtin({argument.name})", argument


def _of_parameter(node: Parameter, facts: Facts) -> Iterator[tuple[UseKind, str, str, Node]]:
    kind = facts.named.get(node.type)
    parts = kind.pointer_parts if kind is not None else None
    if parts is not None and parts[0] in ("storage", "uniform", "workgroup"):
        yield "language", _POINTERS, f"a pointer to {parts[0]} memory as a parameter", node.type


def _of_call(node: Call, facts: Facts) -> Iterator[tuple[UseKind, str, str, Node]]:
    name = facts.called.get(node)
    if name == "bitcast" and len(node.arguments) == 1:
        target, source = facts.types.get(node), facts.types.get(node.arguments[0])
        if target is not None and source is not None:
            pair = (concrete(source), target)
            if (pair[0] in _BITS and target in _HALVES) or (pair[0] in _HALVES and target in _BITS):
                yield "form", "f16-bitcast", f"a bitcast from {pair[0]} to {target}", node
    if isinstance(facts.targets.get(node.callee), GlobalInfo):
        for argument in node.arguments:
            part = argument.operand if isinstance(argument, Unary) and argument.operator == "&" else None
            if isinstance(part, Member | Index):
                yield "language", _POINTERS, "a pointer to a part of a variable as an argument", argument


def _of_variable(node: VariableDeclaration, facts: Facts) -> Iterator[tuple[UseKind, str, str, Node]]:
    if node.keyword == "let" and node.initializer is not None:
        kind = facts.types.get(node.initializer)
        if kind is not None and kind.is_texture_or_sampler:
            yield "language", "texture_and_sampler_let", f"a let of {kind.name}", node.initializer
    info = facts.info
    if node.type is not None and info is not None and info.name == node.name and info.type is not None:
        if info.space == "uniform" and not _fits_uniform(info.type):
            yield "language", "uniform_buffer_standard_layout", "a layout without the rule of 16 bytes", node.type
        textures = info.type.name.startswith("texture_storage") and info.type.arguments
        if textures and info.type.arguments[-1] in ("read", "read_write"):
            what = f"a storage texture with access {info.type.arguments[-1]}"
            yield "language", "readonly_and_readwrite_storage_textures", what, node.type


def _fits_uniform(kind: Type) -> bool:
    """https://www.w3.org/TR/WGSL/#address-space-layout-constraints; True where a layout is not known."""
    found = layout(kind)
    if found is None:
        return True
    if kind.is_array:
        element = kind.element
        return found.stride % 16 == 0 and (element is None or _fits_uniform(element))
    before: int | None = None
    for member in found.members:
        nested = member.type.is_array or member.type.is_struct
        if (nested and member.offset % 16) or (before is not None and member.offset < before):
            return False
        before = None
        if member.type.is_struct and (inner := layout(member.type)) is not None:
            before = member.offset + -(-inner.size // 16) * 16
        if not _fits_uniform(member.type):
            return False
    return True
