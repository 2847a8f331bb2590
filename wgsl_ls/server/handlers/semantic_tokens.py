"""textDocument/semanticTokens: full, full/delta and range."""

from __future__ import annotations

from collections import OrderedDict

from lsprotocol import types

from wgsl_ls.analysis.features.semantic_tokens import (
    MODIFIERS_LEGEND,
    TYPES_LEGEND,
    Token,
    difference,
    semantic_tokens,
)
from wgsl_ls.server.app import WgslServer
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.span import Span

_RESULTS_KEPT = 64
_TYPE_NUMBERS = {name: number for number, name in enumerate(TYPES_LEGEND)}
_MODIFIER_BITS = {name: 1 << number for number, name in enumerate(MODIFIERS_LEGEND)}


def register(server: WgslServer) -> None:
    session = server.session
    legend = types.SemanticTokensLegend(list(TYPES_LEGEND), list(MODIFIERS_LEGEND))
    results: OrderedDict[str, tuple[str, list[int]]] = OrderedDict()
    counter = [0]

    def encoded(uri: str, wanted: types.Range | None = None) -> list[int]:
        cursor = session.cursor(uri, types.Position(0, 0))
        lines = cursor.source.lines
        tokens = semantic_tokens(cursor)
        if wanted is not None:
            start = lines.offset(wanted.start.line, wanted.start.character, session.encoding)
            end = lines.offset(wanted.end.line, wanted.end.character, session.encoding)
            span = Span(start, end)
            tokens = [token for token in tokens if span.intersects(Span(token.start, token.start + token.length))]
        return numbers(lines, tokens)

    def numbers(lines: LineIndex, tokens: list[Token]) -> list[int]:
        """Five numbers a token: line and column relative to the one before, length, type, modifiers."""
        data: list[int] = []
        last_line = last_column = 0
        for token in tokens:
            line, column = lines.position(token.start, session.encoding)
            _, end = lines.position(token.start + token.length, session.encoding)
            if line != last_line:
                data += (line - last_line, column)
            else:
                data += (0, column - last_column)
            modifiers = sum(_MODIFIER_BITS[name] for name in token.modifiers)
            data += (end - column, _TYPE_NUMBERS[token.type], modifiers)
            last_line, last_column = line, column
        return data

    def keep(uri: str, data: list[int]) -> str:
        counter[0] += 1
        results[uri] = (str(counter[0]), data)
        results.move_to_end(uri)
        if len(results) > _RESULTS_KEPT:
            results.popitem(last=False)
        return results[uri][0]

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, legend)
    def full(params: types.SemanticTokensParams) -> types.SemanticTokens:
        data = encoded(params.text_document.uri)
        return types.SemanticTokens(data, keep(params.text_document.uri, data))

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA)
    def delta(params: types.SemanticTokensDeltaParams) -> types.SemanticTokens | types.SemanticTokensDelta:
        uri = params.text_document.uri
        before = results.get(uri)
        data = encoded(uri)
        result_id = keep(uri, data)
        if before is None or before[0] != params.previous_result_id:
            return types.SemanticTokens(data, result_id)
        edits = [
            types.SemanticTokensEdit(edit.start, edit.n_deleted, list(edit.data))
            for edit in difference(before[1], data)
        ]
        return types.SemanticTokensDelta(edits, result_id)

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE)
    def in_range(params: types.SemanticTokensRangeParams) -> types.SemanticTokens:
        return types.SemanticTokens(encoded(params.text_document.uri, params.range))
