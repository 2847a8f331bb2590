"""What a pipeline needs to know of a module before the engine is asked: its entry points and override
constants, with their places. Read from the outline of a text; an engine decides whether it is right."""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.wgsl.module import Module
from wgsl_ls.wgsl.symbols import analyze
from wgsl_ls.wgsl.syntax import FunctionDeclaration, VariableDeclaration
from wgsl_ls.wgsl.words import STAGES


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """`start`, `end`: the name in the text, in code points."""

    name: str
    stage: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Override:
    """`key`: how the API names it: its @id if it has one, else its name."""

    name: str
    key: str
    has_default: bool
    start: int
    end: int


def entry_points(module: Module) -> tuple[EntryPoint, ...]:
    """In the order of the text."""
    return tuple(
        EntryPoint(node.name, attribute.name, start + node.name_start, start + node.name_end)
        for start, node in module.declarations
        if isinstance(node, FunctionDeclaration)
        for attribute in node.attributes
        if attribute.name in STAGES
    )


def overrides(module: Module) -> tuple[Override, ...]:
    """Pipeline-overridable constants, in the order of the text."""
    if not any(isinstance(node, VariableDeclaration) and node.keyword == "override" for _, node in module.declarations):
        return ()
    found: list[Override] = []
    for start, node, facts in analyze(module).entries:
        if isinstance(node, VariableDeclaration) and node.keyword == "override":
            number = next((one for one in node.attributes if one.name == "id" and one.arguments), None)
            value = facts.evaluate(number.arguments[0]) if number is not None else None
            key = node.name if value is None else str(value.data)
            has_default = node.initializer is not None
            found.append(Override(node.name, key, has_default, start + node.name_start, start + node.name_end))
    return tuple(found)
