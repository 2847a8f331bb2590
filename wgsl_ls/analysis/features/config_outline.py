"""The outline of wgsl-ls.toml: its tables by what they are about, axes, rules and variants below."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.features.symbols import FileSymbol, SymbolKind
from wgsl_ls.project.toml_document import read_toml
from wgsl_ls.text.located import Located
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span


def outline(source: SourceFile) -> list[FileSymbol]:
    """In written order."""
    document = read_toml(source.path, source.text)[0]
    return sorted((_symbol(key, item) for key, item in _flat(document)), key=lambda one: one.span)


def _flat(table: Located) -> Iterator[tuple[str, Located]]:
    """The entries of a table, each table of a list by itself."""
    for key, item in table.entries():
        elements = item.elements()
        if elements and all(element.is_table for element in elements):
            yield from ((key, element) for element in elements)
        else:
            yield key, item


def _symbol(key: str, item: Located) -> FileSymbol:
    if not item.is_table:
        return FileSymbol(key, "constant", _value(item), extent(item), item.key_span)
    if key == "axes":
        children = [
            _child(name, axis, "member", f"{len(axis.elements())} alternatives") for name, axis in item.entries()
        ]
        return FileSymbol(key, "struct", "", extent(item), item.key_span, tuple(children))
    if key in ("rules", "profile") and not _is_element(item):
        children = [_child(name, one, "member", _value(one)) for name, one in _flat(item)]
        return FileSymbol(key, "struct", "", extent(item), item.key_span, tuple(children))
    children = [_symbol(name, one) for name, one in _flat(item) if one.is_table]
    return FileSymbol(_title(key, item), "struct", key, extent(item), item.key_span, tuple(children))


def _is_element(item: Located) -> bool:
    return any(item.get(key) is not None for key in ("when", "define", "forbid", "require", "compute", "undefine"))


def _child(name: str, item: Located, kind: SymbolKind, detail: str) -> FileSymbol:
    return FileSymbol(name, kind, detail, extent(item), item.key_span)


def _title(key: str, item: Located) -> str:
    """What a table is about: its name or its files, or the condition of a rule."""
    for name in ("name", "when", "files", "forbid", "require"):
        found = item.get(name)
        if found is not None:
            return _value(found) or key
    return key


def _value(item: Located) -> str:
    if item.is_table:
        return ""
    if item.is_list:
        return ", ".join(str(element.value) for element in item.elements() if not element.is_table)
    return str(item.value).lower() if isinstance(item.value, bool) else str(item.value)


def extent(item: Located) -> Span:
    """The value with everything below it: of a table under a header, from the header to its last entry."""
    inner = [extent(one) for _, one in item.entries()] + [extent(one) for one in item.elements()]
    spans = [item.span, item.key_span, *inner]
    return Span(min(span.start for span in spans), max(span.end for span in spans))
