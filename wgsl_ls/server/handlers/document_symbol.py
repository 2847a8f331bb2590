"""textDocument/documentSymbol, workspace/symbol."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from wgsl_ls.analysis.features.symbols import FileSymbol, file_symbols, matches_query
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_range
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.wgsl.parser import ParseCache

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


def register(server: WgslServer) -> None:
    session = server.session
    cache = ParseCache()
    known: dict[str, tuple[str, list[FileSymbol]]] = {}

    def symbols_of(source: SourceFile) -> list[FileSymbol]:
        entry = known.get(source.path)
        if entry is None or entry[0] != source.digest:
            tree = session.snapshot.tree(source.path)
            found = file_symbols(tree, cache) if tree is not None else []
            if len(known) > 2000:
                known.clear()
            entry = known[source.path] = (source.digest, found)
        return entry[1]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def document_symbol(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        source = session.source(params.text_document.uri)
        return [converted(server, source, symbol) for symbol in symbols_of(source)]

    @server.feature(types.WORKSPACE_SYMBOL)
    def workspace_symbol(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        found: list[types.WorkspaceSymbol] = []
        for path in session.workspace.shader_files():
            source = session.snapshot.read(path)
            if not isinstance(source, SourceFile):
                continue
            for symbol, owner in flat(symbols_of(source)):
                if matches_query(symbol.name, params.query):
                    place = types.Location(uri_of(path), to_range(source.lines, symbol.name_span, session.encoding))
                    found.append(types.WorkspaceSymbol(place, symbol.name, _KINDS[symbol.kind], container_name=owner))
        found.sort(key=lambda one: (not one.name.lower().startswith(params.query.lower()), len(one.name), one.name))
        return found[:_MOST_FOUND]


def converted(server: WgslServer, source: SourceFile, symbol: FileSymbol) -> types.DocumentSymbol:
    encoding = server.session.encoding
    return types.DocumentSymbol(
        symbol.name,
        _KINDS[symbol.kind],
        to_range(source.lines, symbol.span, encoding),
        to_range(source.lines, symbol.name_span, encoding),
        symbol.detail or None,
        children=[converted(server, source, child) for child in symbol.children] or None,
    )


def flat(symbols: list[FileSymbol]) -> Iterator[tuple[FileSymbol, str | None]]:
    for symbol in symbols:
        if symbol.kind != "include":
            yield symbol, None
        for child in symbol.children:
            yield child, symbol.name
