"""textDocument/documentSymbol, workspace/symbol."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from wgsl_ls.analysis.features.symbols import FileSymbol, file_symbol_steps, matches_query
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_range
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.harmless import one_line
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.steps import Steps

_KINDS = {
    "function": types.SymbolKind.Function,
    "struct": types.SymbolKind.Struct,
    "member": types.SymbolKind.Field,
    "alias": types.SymbolKind.TypeParameter,
    "variable": types.SymbolKind.Variable,
    "constant": types.SymbolKind.Constant,
    "macro": types.SymbolKind.Constant,
    "include": types.SymbolKind.Module,
}
_MOST_FOUND = 400


_KNOWN: Memo[str, tuple[str, list[FileSymbol]]] = Memo(2000)
"""Per file the outline of its last text: every edit asks for another one, and all of them would be hundreds of MB."""


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)(document_symbol)
    server.feature(types.WORKSPACE_SYMBOL)(workspace_symbol)


async def document_symbol(server: WgslServer, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    source = server.session.source(params.text_document.uri)
    found = await server.session.value(_symbol_steps(server, source))
    return [converted(server, source.lines, symbol) for symbol in found]


async def workspace_symbol(server: WgslServer, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
    session = server.session
    return await session.value(_found_steps(server, params.query))


def _found_steps(server: WgslServer, query: str) -> Steps[list[types.WorkspaceSymbol]]:
    session = server.session
    found: list[types.WorkspaceSymbol] = []
    for path in session.workspace.shader_files():
        yield
        source = session.snapshot.read(path)
        if not isinstance(source, SourceFile):
            continue
        for symbol, owner in flat((yield from _symbol_steps(server, source))):
            if matches_query(symbol.name, query):
                place = types.Location(uri_of(path), to_range(source.lines, symbol.name_span, session.encoding))
                found.append(types.WorkspaceSymbol(place, symbol.name, _KINDS[symbol.kind], container_name=owner))
    found.sort(key=lambda one: (not one.name.lower().startswith(query.lower()), len(one.name), one.name))
    return found[:_MOST_FOUND]


def _symbol_steps(server: WgslServer, source: SourceFile) -> Steps[list[FileSymbol]]:
    """Kept by the text and its dialect, which the tree stands for."""
    tree = server.session.snapshot.tree(source.path)
    key = f"{tree.dialect.name}\0{source.digest}"
    known = _KNOWN.get(source.path)
    if known is None or known[0] != key:
        known = _KNOWN.put(source.path, (key, (yield from file_symbol_steps(tree))))
    return known[1]


def converted(server: WgslServer, lines: LineIndex, symbol: FileSymbol) -> types.DocumentSymbol:
    encoding = server.session.encoding
    return types.DocumentSymbol(
        one_line(symbol.name),
        _KINDS[symbol.kind],
        to_range(lines, symbol.span, encoding),
        to_range(lines, symbol.name_span, encoding),
        one_line(symbol.detail) or None,
        children=[converted(server, lines, child) for child in symbol.children] or None,
    )


def flat(symbols: list[FileSymbol]) -> Iterator[tuple[FileSymbol, str | None]]:
    for symbol in symbols:
        if symbol.kind != "include":
            yield symbol, None
        for child in symbol.children:
            yield child, symbol.name
