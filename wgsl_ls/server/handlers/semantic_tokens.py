"""textDocument/semanticTokens: full, full/delta and range."""

from __future__ import annotations

from functools import cache

from lsprotocol import types

from wgsl_ls.analysis.features.semantic_tokens import (
    MODIFIERS_LEGEND,
    TYPES_LEGEND,
    Token,
    difference,
    semantic_token_steps,
)
from wgsl_ls.server.app import WgslServer
from wgsl_ls.text.line_index import Encoding, LineIndex
from wgsl_ls.text.span import Span
from wgsl_ls.text.steps import Steps

_TYPE_NUMBERS = {name: number for number, name in enumerate(TYPES_LEGEND)}
_MODIFIER_BITS = {name: 1 << number for number, name in enumerate(MODIFIERS_LEGEND)}


def register(server: WgslServer) -> None:
    legend = types.SemanticTokensLegend(list(TYPES_LEGEND), list(MODIFIERS_LEGEND))
    server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, legend)(full)
    server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA)(delta)
    server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE)(in_range)


async def full(server: WgslServer, params: types.SemanticTokensParams) -> types.SemanticTokens:
    uri = params.text_document.uri
    data = await encoded(server, uri)
    return types.SemanticTokens(data, server.token_results.keep(uri, data))


async def delta(
    server: WgslServer, params: types.SemanticTokensDeltaParams
) -> types.SemanticTokens | types.SemanticTokensDelta:
    uri = params.text_document.uri
    before = server.token_results.get(uri, params.previous_result_id)
    data = await encoded(server, uri)
    result_id = server.token_results.keep(uri, data)
    if before is None:
        return types.SemanticTokens(data, result_id)
    edits = [types.SemanticTokensEdit(edit.start, edit.n_deleted, list(edit.data)) for edit in difference(before, data)]
    return types.SemanticTokensDelta(edits, result_id)


async def in_range(server: WgslServer, params: types.SemanticTokensRangeParams) -> types.SemanticTokens:
    return types.SemanticTokens(await encoded(server, params.text_document.uri, params.range))


async def encoded(server: WgslServer, uri: str, wanted: types.Range | None = None) -> list[int]:
    session = server.session
    cursor = session.cursor(uri, types.Position(0, 0))
    lines = cursor.source.lines
    tokens = await session.value(semantic_token_steps(cursor))
    if wanted is not None:
        start = lines.offset(wanted.start.line, wanted.start.character, session.encoding)
        end = lines.offset(wanted.end.line, wanted.end.character, session.encoding)
        span = Span(start, end)
        tokens = [token for token in tokens if span.intersects(Span(token.start, token.start + token.length))]
    return await session.value(number_steps(lines, tokens, session.encoding))


@cache
def _bits(modifiers: frozenset[str]) -> int:
    return sum(_MODIFIER_BITS[name] for name in modifiers)


def number_steps(lines: LineIndex, tokens: list[Token], encoding: Encoding) -> Steps[list[int]]:
    """Five numbers a token: line and column relative to the one before, length, type, modifiers."""
    data: list[int] = []
    last_line = last_column = 0
    for number, token in enumerate(tokens):
        line, column = lines.position(token.start, encoding)
        _, end = lines.position(token.start + token.length, encoding)
        if line != last_line:
            data += (line - last_line, column)
        else:
            data += (0, column - last_column)
        data += (end - column, _TYPE_NUMBERS[token.type], _bits(token.modifiers))
        last_line, last_column = line, column
        if not number % 256:
            yield
    return data
