"""Hover on WGSL: the symbol, call, member, swizzle or expression at a place of the expanded text."""

from __future__ import annotations

from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.declarations import symbol_page
from wgsl_ls.analysis.features.predeclared import function_page, name_page, type_page
from wgsl_ls.analysis.features.rich_text import Page, shortened
from wgsl_ls.text.harmless import inline_code
from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.symbols import Occurrence, Symbol
from wgsl_ls.wgsl.syntax import Call, Declaration, Expression, Identifier, Literal, Member, Node
from wgsl_ls.wgsl.values import Value


def node_page(cursor: Cursor, offset: int, whole: Span | None) -> Page:
    """What is at `offset` of the expanded text. `whole`: the expansion of a macro use, when one is asked about: then
    a single name is explained, anything longer by its type and value."""
    analysis = cursor.analysis
    occurrence = analysis.occurrence_at(offset)
    entry = analysis.entry_at(offset)
    if whole is not None and (occurrence is None or Span(occurrence.start, occurrence.end) != whole):
        occurrence = None
    if occurrence is not None and occurrence.start <= offset:
        return _occurrence_page(cursor, occurrence, entry)
    if entry is None:
        return Page()
    start, _, facts = entry
    _, path = analysis.nodes_at(offset)
    if whole is not None:
        return _expression_page(cursor, start, facts, _covering(start, path, whole))
    innermost = path[-1] if path else None
    if isinstance(innermost, Member) and start + innermost.name_start <= offset:
        return _swizzle_page(facts, innermost)
    if isinstance(innermost, Literal):
        return _literal_page(facts, innermost)
    if isinstance(innermost, Identifier) and start + innermost.start <= offset <= start + innermost.name_end:
        return name_page(innermost.name)
    return Page()


def _covering(start: int, path: list[Node], whole: Span) -> Node | None:
    """The smallest node that has all of `whole` in it."""
    for node in reversed(path):
        if start + node.start <= whole.start and whole.end <= start + node.end:
            return node
    return None


def _occurrence_page(cursor: Cursor, occurrence: Occurrence, entry: tuple[int, Declaration, Facts] | None) -> Page:
    symbol = occurrence.symbol
    if symbol is None:
        page = name_page(occurrence.name)
        if not page:
            page.add(f"`{occurrence.name}` is not declared")
        return page
    node = _node_of(cursor, occurrence, entry)
    facts = entry[2] if entry is not None else None
    page = _predeclared_page(symbol, node, facts) if symbol.is_predeclared else symbol_page(cursor, symbol)
    if facts is not None and isinstance(node, Call):
        _add_value(page, facts, node)
    return page


def _node_of(cursor: Cursor, occurrence: Occurrence, entry: tuple[int, Declaration, Facts] | None) -> Node | None:
    """The call that the name is called in, else its Identifier."""
    if entry is None:
        return None
    start, path = cursor.analysis.nodes_at(occurrence.start)
    for node in reversed(path):
        if isinstance(node, Call) and node.callee.start + start == occurrence.start:
            return node
    return next((node for node in reversed(path) if isinstance(node, Identifier)), None)


def _predeclared_page(symbol: Symbol, node: Node | None, facts: Facts | None) -> Page:
    if facts is not None and isinstance(node, Call):
        if symbol.kind == "builtin function":
            return function_page(symbol.name, facts.chosen.get(node))
        if symbol.kind == "builtin type":
            return type_page(symbol.name, facts.types.get(node))
    return name_page(symbol.name)


def _add_value(page: Page, facts: Facts, node: Expression) -> None:
    kind = facts.types.get(node)
    value = facts.evaluate(node)
    if value is not None and len(str(value)) <= 80:
        page.add(f"Here: {inline_code(_shown_value(value))}")
    elif kind is not None:
        page.add(f"Here: {inline_code(str(kind))}")


def _shown_value(value: Value) -> str:
    return str(value) if isinstance(value.data, tuple) else f"{value} ({value.type})"


def _expression_page(cursor: Cursor, start: int, facts: Facts, node: Node | None) -> Page:
    """An expression that came out of a macro."""
    page = Page()
    kind = facts.types.get(node) if node is not None else None
    if node is not None and kind is not None:
        text = shortened(cursor.expansion.text[start + node.start : start + node.end], 60)
        value = facts.evaluate(node)  # type: ignore[arg-type]
        shown = f" = {inline_code(str(value))}" if value is not None and str(value) != text else ""
        page.add(f"{inline_code(text)}: {inline_code(str(kind))}{shown}")
    return page


def _swizzle_page(facts: Facts, node: Member) -> Page:
    page = Page()
    base, kind = facts.types.get(node.base), facts.types.get(node)
    if base is None or kind is None:
        return page
    parts = base.pointer_parts
    holder = parts[1] if parts else base
    page.code(f"{holder}.{node.name}: {kind}")
    if holder.is_vector:
        page.add(f"{'Component' if len(node.name) == 1 else 'Components'} {', '.join(node.name)} of a vector")
    return page


def _literal_page(facts: Facts, node: Literal) -> Page:
    page = Page()
    kind = facts.types.get(node)
    value = facts.evaluate(node)
    if kind is None or node.kind == "bool":
        return page
    shown = node.text
    if value is not None and isinstance(value.data, int) and not isinstance(value.data, bool):
        other = f"{value.data:#x}" if not node.text.lower().startswith("0x") else str(value.data)
        shown += f" = {other}"
    page.add(f"{inline_code(shown)}: {inline_code(str(kind))}")
    return page


def lexical_page(cursor: Cursor, name: str) -> Page:
    """What a word alone tells, for code that no variant uses: a builtin, or a declaration of that name that the
    active variant has."""
    symbol = cursor.analysis.global_symbol(name)
    return symbol_page(cursor, symbol) if symbol is not None else name_page(name)
