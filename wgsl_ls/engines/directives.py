"""Directives that an engine refuses although it can do without them: their names are blanked with spaces, so that
nothing moves. Which those are is asked of the engine at hand, never assumed from its version."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.module import Module
from wgsl_ls.wgsl.rewriting import Edit, blanked
from wgsl_ls.wgsl.syntax import DiagnosticDirective, ModuleDirective, NameDirective


@dataclass(frozen=True, slots=True)
class Named:
    """One name in an `enable` or `requires` directive, or the rule of a `diagnostic` one. `span`: of the name; of
    the whole directive for a rule."""

    keyword: str
    name: str
    span: Span


def named(module: Module) -> Iterator[Named]:
    """What the directives at the beginning of the text name, in its order."""
    for start, node in _at_the_beginning(module):
        if isinstance(node, DiagnosticDirective):
            yield Named("diagnostic", node.rule, Span(start + node.start, start + node.end))
        else:
            for name, name_start in node.names:
                yield Named(node.keyword, name, Span(start + name_start, start + name_start + len(name)))


def without(module: Module, unwanted: Callable[[Named], bool]) -> Iterator[Edit]:
    """The edits that blank every name for which `unwanted`; a directive of which only some names go keeps the
    others where they are."""
    for start, node in _at_the_beginning(module):
        if isinstance(node, DiagnosticDirective):
            whole = Named("diagnostic", node.rule, Span(start + node.start, start + node.end))
            if unwanted(whole):
                yield blanked(module.text, whole.span.start, whole.span.end)
            continue
        names = [
            Named(node.keyword, name, Span(start + name_start, start + name_start + len(name)))
            for name, name_start in node.names
        ]
        kept = [name.span for name in names if not unwanted(name)]
        if len(kept) < len(names):
            yield from _blanked_names(module.text, start, node, kept)


def _blanked_names(text: str, start: int, node: NameDirective, kept: list[Span]) -> Iterable[Edit]:
    begin, end = start + node.start, start + node.end
    if not kept:
        yield blanked(text, begin, end)
        return
    yield blanked(text, begin + len(node.keyword), kept[0].start)
    for before, after in itertools.pairwise(kept):
        between = blanked(text, before.end, after.start)
        yield Edit(between.start, between.end, "," + between.replacement[1:])
    yield blanked(text, kept[-1].end, end - 1)


def _at_the_beginning(module: Module) -> Iterator[tuple[int, ModuleDirective]]:
    """Directives come before everything else (https://www.w3.org/TR/WGSL/#directives); an empty declaration may
    stand between them."""
    for placed in module.placed:
        if isinstance(placed.node, ModuleDirective):
            yield placed.start, placed.node
        elif placed.node is not None or placed.chunk.text != ";":
            return
