"""The configuration file wgsl-ls.toml: what language features answer in it. WGSL's own handlers never see it."""

from __future__ import annotations

from functools import partial
from typing import Any

from lsprotocol import types

from wgsl_ls.analysis.features.config_completion import complete
from wgsl_ls.analysis.features.config_fixes import fixes_for
from wgsl_ls.analysis.features.config_hover import hover
from wgsl_ls.analysis.features.config_macros import (
    ConfigFiles,
    files_at,
    macro_at,
    macro_definitions,
    macro_references,
)
from wgsl_ls.analysis.features.config_outline import outline
from wgsl_ls.analysis.features.config_place import ConfigPlace, config_place
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.handlers.code_action import action, touched
from wgsl_ls.server.handlers.completion import listed
from wgsl_ls.server.handlers.document_symbol import converted
from wgsl_ls.server.handlers.hover import markup_of
from wgsl_ls.server.to_lsp import plain_diagnostic, to_location
from wgsl_ls.text.source_file import SourceFile


def register(server: WgslServer) -> None:
    server.in_configuration[types.TEXT_DOCUMENT_COMPLETION] = completion
    server.in_configuration[types.TEXT_DOCUMENT_HOVER] = on_hover
    server.in_configuration[types.TEXT_DOCUMENT_DEFINITION] = definition
    server.in_configuration[types.TEXT_DOCUMENT_REFERENCES] = references
    server.in_configuration[types.TEXT_DOCUMENT_DOCUMENT_SYMBOL] = document_symbol
    server.in_configuration[types.TEXT_DOCUMENT_FOLDING_RANGE] = folding_range
    server.in_configuration[types.TEXT_DOCUMENT_CODE_ACTION] = code_action


def completion(server: WgslServer, params: types.CompletionParams) -> types.CompletionList:
    place, files = _place(server, params)
    return listed(server, place.source, complete(place, files))


def on_hover(server: WgslServer, params: types.HoverParams) -> types.Hover | None:
    place, files = _place(server, params)
    found = hover(place, files)
    return markup_of(server, place.source, found) if found is not None else None


def definition(server: WgslServer, params: types.DefinitionParams) -> list[types.Location]:
    place, files = _place(server, params)
    name = macro_at(place)
    found = macro_definitions(files, name) if name else files_at(place, files)
    return [to_location(server.session.snapshot.read, one, server.session.encoding) for one in found]


def references(server: WgslServer, params: types.ReferenceParams) -> list[types.Location]:
    place, files = _place(server, params)
    name = macro_at(place)
    found = macro_references(files, name, params.context.include_declaration) if name else []
    return [to_location(server.session.snapshot.read, one, server.session.encoding) for one in found]


def document_symbol(server: WgslServer, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    source = server.session.document(params.text_document.uri)
    return [converted(server, source.lines, symbol) for symbol in outline(source)]


def folding_range(server: WgslServer, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    source = server.session.document(params.text_document.uri)
    waiting = outline(source)
    folds: dict[tuple[int, int], None] = {}
    while waiting:
        symbol = waiting.pop()
        waiting.extend(symbol.children)
        first, last = source.lines.line_of(symbol.span.start), source.lines.line_of(symbol.span.end)
        if last > first:
            folds[first, last] = None
    return [types.FoldingRange(first, last) for first, last in sorted(folds)]


def code_action(server: WgslServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    session = server.session
    source = session.document(params.text_document.uri)
    files = _files(server, source)
    found = []
    for item in session.workspace.config_diagnostics():
        if item.path == source.path and touched(server, source, params, item.span):
            shown = plain_diagnostic(source.lines, item, session.encoding)
            found += [action(server, fix, shown) for fix in fixes_for(source, item, files)]
    return found


def _place(server: WgslServer, params: Any) -> tuple[ConfigPlace, ConfigFiles]:
    source = server.session.document(params.text_document.uri)
    position = params.position
    offset = source.lines.offset(position.line, position.character, server.session.encoding)
    return config_place(source, offset), _files(server, source)


def _files(server: WgslServer, source: SourceFile) -> ConfigFiles:
    """What the configuration rules."""
    directory = source.path.rpartition("/")[0]
    session = server.session
    below = tuple(
        path for path in session.workspace.shader_files() if session.workspace.config_path(path) == source.path
    )
    others = partial(session.files.files_below, directory)
    return ConfigFiles(session.snapshot, source.path, below or session.files.shader_files(directory), others)
