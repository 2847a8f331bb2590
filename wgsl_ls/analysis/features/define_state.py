"""Define state: every macro in force at a place, with value, origin, and what it hides."""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.analysis.root_view import Context, RootView
from wgsl_ls.preprocess.macros import MacroDefinition


@dataclass(frozen=True, slots=True)
class MacroState:
    """`expanded`: the text a use becomes, None when it never ends; `shadows`: earlier values and ignored #defines,
    newest first."""

    definition: MacroDefinition
    expanded: str | None
    shadows: tuple[MacroDefinition, ...]


def define_state(view: RootView, context: Context, offset: int) -> tuple[MacroState, ...]:
    """The whole table at `offset` of the context's file, sorted by name."""
    table = view.replay(context.variant_index).table_at(context.instance, offset)
    return tuple(MacroState(table[name], table.expanded(name), table.shadowed(name)) for name in sorted(table) if name)
