"""An expanded document: outline, colours and folding of the text that compilers get. What leads to written places
(hover, definition, references) is answered by WGSL's own handlers, through the cursor at the written place."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.folding import folding_ranges
from wgsl_ls.analysis.features.semantic_tokens import plain_tokens
from wgsl_ls.analysis.features.symbols import file_symbols
from wgsl_ls.preprocess.directives import DirectiveTree, parse_directives
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.handlers.document_symbol import converted
from wgsl_ls.server.handlers.folding_range import as_lsp
from wgsl_ls.server.handlers.semantic_tokens import number_steps
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.steps import finished


def register(server: WgslServer) -> None:
    server.in_expansion[types.TEXT_DOCUMENT_DOCUMENT_SYMBOL] = document_symbol
    server.in_expansion[types.TEXT_DOCUMENT_FOLDING_RANGE] = folding_range
    server.in_expansion[types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL] = semantic_tokens
    server.in_expansion[types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE] = semantic_tokens
    server.in_expansion[types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA] = semantic_tokens


def document_symbol(server: WgslServer, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    tree = _tree(server, params.text_document.uri)
    lines = LineIndex(tree.text)
    return [converted(server, lines, symbol) for symbol in file_symbols(tree)]


def folding_range(server: WgslServer, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    tree = _tree(server, params.text_document.uri)
    return as_lsp(folding_ranges(tree, LineIndex(tree.text)))


def semantic_tokens(
    server: WgslServer,
    params: types.SemanticTokensParams | types.SemanticTokensRangeParams | types.SemanticTokensDeltaParams,
) -> types.SemanticTokens:
    """All of them, whatever part was asked for."""
    session = server.session
    view, index = session.expanded(params.text_document.uri)
    expansion = view.expansion(index)
    tokens = plain_tokens(session.front_end.analysis(expansion))
    return types.SemanticTokens(finished(number_steps(LineIndex(expansion.text), tokens, session.encoding)))


def _tree(server: WgslServer, uri: str) -> DirectiveTree:
    view, index = server.session.expanded(uri)
    return parse_directives(view.expansion(index).text, view.settings.dialect)
