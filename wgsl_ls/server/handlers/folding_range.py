"""textDocument/foldingRange."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.folding import Fold, folding_ranges
from wgsl_ls.server.app import WgslServer

_KINDS = {
    "comment": types.FoldingRangeKind.Comment,
    "imports": types.FoldingRangeKind.Imports,
    "region": types.FoldingRangeKind.Region,
}


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)(folding_range)


def folding_range(server: WgslServer, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    source, tree = server.session.tree(params.text_document.uri)
    return as_lsp(folding_ranges(tree, source.lines))


def as_lsp(folds: list[Fold]) -> list[types.FoldingRange]:
    return [types.FoldingRange(fold.start_line, fold.end_line, kind=_KINDS.get(fold.kind)) for fold in folds]
