"""Builtin values that a rewriting needs in an entry point: the expression by which it has one already, or a parameter
that is added for it. An entry point may name each builtin once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wgsl_ls.wgsl.lexer import trivia_end
from wgsl_ls.wgsl.rewriting import Edit
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import Attribute, FunctionDeclaration, Identifier, StructDeclaration


@dataclass(frozen=True, slots=True)
class EntryInputs:
    """Of a compute entry point. `parameters_start`: behind the opening parenthesis; `body_start`: behind the opening
    brace; `expressions`: its own words for the builtin values that it asks for."""

    parameters_start: int
    has_parameters: bool
    body_start: int
    expressions: Mapping[str, str]

    def edits(self, wanted: Iterable[tuple[str, str, str]], note: str) -> list[Edit]:
        """`wanted`: (builtin, type, name of a parameter to add where it is not asked for yet). `note`: statements for
        the beginning of the body, in which `{builtin}` stands for the value."""
        words = dict(self.expressions)
        parameters = []
        for builtin, kind, name in wanted:
            if builtin not in words:
                words[builtin] = name
                parameters.append(f"@builtin({builtin}) {name}: {kind}")
        edits = [Edit(self.body_start, self.body_start, f" {note.format_map(words)}")]
        if parameters:
            added = ", ".join(parameters) + (", " if self.has_parameters else "")
            edits.append(Edit(self.parameters_start, self.parameters_start, added))
        return edits


def compute_entries(analysis: Analysis) -> Iterator[EntryInputs]:
    for start, node, _ in analysis.entries:
        if isinstance(node, FunctionDeclaration) and any(one.name == "compute" for one in node.attributes):
            yield _inputs(analysis, start, node)


def _inputs(analysis: Analysis, start: int, node: FunctionDeclaration) -> EntryInputs:
    placed = analysis.module.placed_at(start)
    assert placed is not None
    found: dict[str, str] = {}
    for parameter in node.parameters:
        builtin = builtin_of(parameter.attributes)
        if builtin:
            found[builtin] = parameter.name
        elif isinstance(parameter.type, Identifier):
            declared = analysis.globals.declared.get(parameter.type.name)
            struct = declared.node if declared is not None else None
            for member in struct.members if isinstance(struct, StructDeclaration) else ():
                if inner := builtin_of(member.attributes):
                    found[inner] = f"{parameter.name}.{member.name}"
    opening = trivia_end(placed.chunk.text, node.name_end)
    return EntryInputs(start + opening + 1, bool(node.parameters), start + node.body.start + 1, found)


def builtin_of(attributes: tuple[Attribute, ...]) -> str:
    """The name in `@builtin(...)`; "" without one."""
    for attribute in attributes:
        if attribute.name == "builtin" and attribute.arguments and isinstance(attribute.arguments[0], Identifier):
            return attribute.arguments[0].name
    return ""
