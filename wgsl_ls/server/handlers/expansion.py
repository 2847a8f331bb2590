"""wgsl/expansion, workspace/textDocumentContent, wgsl/mapPosition, wgsl/diffVariants: the expanded text and its map."""

from __future__ import annotations

import difflib
from typing import Literal

from lsprotocol import types

from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.rules_page import rule_page
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.messages import (
    DiffVariantsParams,
    ExpandedText,
    ExpansionParams,
    MappedPosition,
    MapPositionParams,
    Site,
    VariantDiff,
)
from wgsl_ls.server.session import ServerSession
from wgsl_ls.server.to_lsp import to_location, to_range
from wgsl_ls.server.uris import EXPANDED_SCHEME, RULE_SCHEME, expanded_uri, parse_expanded_uri, parse_rule_uri, uri_of
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span


def register(server: WgslServer) -> None:
    options = types.TextDocumentContentRegistrationOptions([EXPANDED_SCHEME, RULE_SCHEME])

    @server.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, options)
    def text_document_content(params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
        rule = parse_rule_uri(params.uri)
        if rule is not None:
            return types.TextDocumentContentResult(_rule_page(rule))
        view, index = server.session.expanded(params.uri)
        return types.TextDocumentContentResult(view.expansion(index).text)

    server.serve(messages.EXPANSION, expansion)
    server.serve(messages.MAP_POSITION, map_position)
    server.serve(messages.DIFF_VARIANTS, diff_variants)


def expansion(server: WgslServer, params: ExpansionParams) -> ExpandedText:
    return _expanded_text(server.session, *_chosen(server.session, params.text_document.uri, params.variant))


def map_position(server: WgslServer, params: MapPositionParams) -> MappedPosition:
    if params.direction == "toSource":
        return _to_source(server.session, params)
    return _to_expanded(server.session, params)


def diff_variants(server: WgslServer, params: DiffVariantsParams) -> VariantDiff:
    session = server.session
    view = session.view(params.text_document.uri)
    left, right = session.variant_index(view, params.left), session.variant_index(view, params.right)
    before, after = (view.expansion(index).text.splitlines(keepends=True) for index in (left, right))
    unified = "".join(difflib.unified_diff(before, after, params.left, params.right))
    return VariantDiff(_expanded_text(session, view, left), _expanded_text(session, view, right), unified)


def _rule_page(rule: str) -> str:
    if rule not in all_rules():
        raise LookupError(f"there is no rule {rule}")
    return rule_page(all_rules()[rule])


def _chosen(session: ServerSession, uri: str, variant: str | None) -> tuple[RootView, int]:
    if parse_expanded_uri(uri) is not None:
        return session.expanded(uri)
    view = session.view(uri)
    return view, session.variant_index(view, variant)


def _expanded_text(session: ServerSession, view: RootView, index: int) -> ExpandedText:
    found = view.expansion(index)
    segments, files = _segments(session, found)
    return ExpandedText(
        expanded_uri(view.path, view.variants[index].name),
        uri_of(view.path),
        view.variants[index].name,
        found.text,
        found.failed,
        session.host.revision,
        segments,
        files,
    )


def _segments(session: ServerSession, found: Expansion) -> tuple[tuple[tuple[int, ...], ...], tuple[str, ...]]:
    """(segments with lines and columns on both sides, addresses of files), as ExpandedText has them."""
    lines = LineIndex(found.text)
    files: dict[str, int] = {}
    indices: dict[str, LineIndex] = {}
    rows: list[tuple[int, ...]] = []
    source_map = found.source_map
    for segment in source_map.segments:
        path = source_map.instances[segment.instance].path
        if path not in files:
            files[path] = len(files)
            source = session.snapshot.read(path)
            indices[path] = source.lines if isinstance(source, SourceFile) else LineIndex("")
        written = indices[path]
        rows.append(
            (
                *lines.position(segment.start, session.encoding),
                *lines.position(segment.end, session.encoding),
                files[path],
                *written.position(segment.source_start, session.encoding),
                *written.position(segment.source_end, session.encoding),
                1 if segment.macro else 0,
            )
        )
    return tuple(rows), tuple(uri_of(path) for path in files)


def _to_source(session: ServerSession, params: MapPositionParams) -> MappedPosition:
    view, index = _chosen(session, params.text_document.uri, params.variant)
    found = view.expansion(index)
    offset = LineIndex(found.text).offset(params.position.line, params.position.character, session.encoding)
    origin = found.origin(offset)
    if origin is None:
        return MappedPosition((), ())

    def site(kind: Literal["macro", "include"], name: str, location: Location) -> Site:
        return Site(kind, name, to_location(session.snapshot.read, location, session.encoding))

    stack = []
    for step in found.macro_steps(offset):
        where = step.definition.location or step.use
        if where is not None:
            stack.append(site("macro", step.definition.name, where))
    stack.extend(site("include", one.path.rsplit("/", 1)[-1], one) for one in origin.includes)
    return MappedPosition((to_location(session.snapshot.read, origin.location, session.encoding),), tuple(stack))


def _to_expanded(session: ServerSession, params: MapPositionParams) -> MappedPosition:
    cursor = session.cursor(params.text_document.uri, params.position)
    index = session.variant_index(cursor.view, params.variant)
    found = cursor.view.expansion(index)
    lines = LineIndex(found.text)
    uri = expanded_uri(cursor.view.path, cursor.view.variants[index].name)
    spans = found.source_map.expanded(cursor.path, Span(cursor.offset, cursor.offset))
    if not spans:
        before = found.source_map.expanded(cursor.path, Span(cursor.offset - 1, cursor.offset))
        spans = [Span(span.end, span.end) for span in before]
    return MappedPosition(tuple(types.Location(uri, to_range(lines, span, session.encoding)) for span in spans), ())
