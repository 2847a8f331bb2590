"""Completion of macro names: those defined at the cursor, and those that the shader knows at all."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.features.completion_items import Suggestion
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.rich_text import shortened
from wgsl_ls.preprocess.directives import Directive


def macro_items(cursor: Cursor) -> Iterator[Suggestion]:
    """Every macro that is defined here, or that some variant, condition or #define of this shader knows."""
    table = cursor.macros
    for name in table:
        if name:
            yield Suggestion(name, "macro", f"= {shortened(table[name].value, 40)}", "macro", order=1)
    for name in known_names(cursor):
        if name not in table:
            yield Suggestion(name, "macro", "not defined here", "macro", order=2)


def known_names(cursor: Cursor) -> list[str]:
    names: set[str] = {name for variant in cursor.view.variants for name, _ in variant.defines}
    for path in cursor.snapshot.included_files(cursor.view.path):
        tree = cursor.snapshot.tree(path)
        for offset, directive in tree.directives():
            if path == cursor.path and offset <= cursor.offset <= offset + directive.length:
                continue  # half-written
            names.update(directive_macros(directive))
    return sorted(filter(None, names))


def directive_macros(directive: Directive) -> tuple[str, ...]:
    """The macros that a directive asks for or sets, not those in values."""
    if directive.condition is not None:
        return directive.condition.names
    return (directive.name,) if directive.kind in ("define", "undef", "ifdef", "ifndef") else ()
