"""wgsl/expansion, workspace/textDocumentContent, wgsl/mapPosition, wgsl/diffVariants: the expanded text and its map."""

from __future__ import annotations

import difflib
from typing import Any

from lsprotocol import types

from wgsl_ls.analysis.snapshot import RootView
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import location_range, to_location, to_range
from wgsl_ls.server.uris import EXPANDED_SCHEME, expanded_uri, parse_expanded_uri, uri_of
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span


def register(server: WgslServer) -> None:
    session = server.session
    options = types.TextDocumentContentRegistrationOptions([EXPANDED_SCHEME])

    @server.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, options)
    def text_document_content(params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
        view, index = target(params.uri)
        return types.TextDocumentContentResult(view.expansion(index).text)

    @server.feature("wgsl/expansion")
    def expansion(params: Any) -> dict[str, Any]:
        view, index = chosen(params)
        return expanded_text(view, index)

    @server.feature("wgsl/mapPosition")
    def map_position(params: Any) -> dict[str, Any]:
        if params.direction == "toSource":
            return to_source(params)
        return to_expanded(params)

    @server.feature("wgsl/diffVariants")
    def diff_variants(params: Any) -> dict[str, Any]:
        view = session.view(params.textDocument.uri)
        left, right = index_of(view, params.left), index_of(view, params.right)
        texts = [view.expansion(index).text for index in (left, right)]
        unified = difflib.unified_diff(
            texts[0].splitlines(keepends=True), texts[1].splitlines(keepends=True), params.left, params.right
        )
        return {
            "left": expanded_text(view, left),
            "right": expanded_text(view, right),
            "unified": "".join(unified),
        }

    def index_of(view: RootView, name: str | None) -> int:
        if name is None:
            return session.host.active_variant(view)
        if name not in view.index_by_name:
            raise LookupError(f"there is no variant '{name}' of {view.path}")
        return view.index_by_name[name]

    def target(uri: str) -> tuple[RootView, int]:
        parsed = parse_expanded_uri(uri)
        if parsed is None:
            raise LookupError(f"{uri} is no address of an expanded document")
        root, name = parsed
        view = session.snapshot.root(root)
        if view is None:
            raise LookupError(f"{root} cannot be read")
        return view, index_of(view, name or None)

    def chosen(params: Any) -> tuple[RootView, int]:
        uri = params.textDocument.uri
        if parse_expanded_uri(uri) is not None:
            return target(uri)
        view = session.view(uri)
        return view, index_of(view, getattr(params, "variant", None))

    def expanded_text(view: RootView, index: int) -> dict[str, Any]:
        found = view.expansion(index)
        return {
            "uri": expanded_uri(view.path, view.variants[index].name),
            "source": uri_of(view.path),
            "variant": view.variants[index].name,
            "text": found.text,
            "failed": found.failed,
            "version": session.host.revision,
            **segments(found),
        }

    def segments(found: Expansion) -> dict[str, Any]:
        """Segments with lines and columns on both sides; see PROTOCOL.md."""
        lines = LineIndex(found.text)
        files: dict[str, int] = {}
        indices: dict[str, LineIndex] = {}
        rows = []
        source_map = found.source_map
        for segment in source_map.segments:
            path = source_map.instances[segment.instance].path
            if path not in files:
                files[path] = len(files)
                source = session.snapshot.read(path)
                indices[path] = source.lines if isinstance(source, SourceFile) else LineIndex("")
            written = indices[path]
            rows.append(
                [
                    *lines.position(segment.start, session.encoding),
                    *lines.position(segment.end, session.encoding),
                    files[path],
                    *written.position(segment.source_start, session.encoding),
                    *written.position(segment.source_end, session.encoding),
                    1 if segment.macro else 0,
                ]
            )
        return {"segments": rows, "files": [uri_of(path) for path in files]}

    def to_source(params: Any) -> dict[str, Any]:
        view, index = chosen(params)
        found = view.expansion(index)
        offset = LineIndex(found.text).offset(params.position.line, params.position.character, session.encoding)
        origin = found.origin(offset)
        if origin is None:
            return {"locations": [], "stack": []}
        read = session.snapshot.read
        stack = []
        for step in found.macro_steps(offset):
            where = step.definition.location or step.use
            if where is not None:
                stack.append(site("macro", step.definition.name, where))
        stack.extend(site("include", one.path.rsplit("/", 1)[-1], one) for one in origin.includes)
        return {"locations": [to_location(read, origin.location, session.encoding)], "stack": stack}

    def to_expanded(params: Any) -> dict[str, Any]:
        cursor = session.cursor(params.textDocument.uri, params.position)
        index = index_of(cursor.view, getattr(params, "variant", None))
        found = cursor.view.expansion(index)
        lines = LineIndex(found.text)
        uri = expanded_uri(cursor.view.path, cursor.view.variants[index].name)
        at = Span(cursor.offset, cursor.offset)
        spans = found.source_map.expanded(cursor.path, at)
        if not spans and cursor.offset:
            before = found.source_map.expanded(cursor.path, Span(cursor.offset - 1, cursor.offset))
            spans = [Span(span.end, span.end) for span in before]
        locations = [types.Location(uri, to_range(lines, span, session.encoding)) for span in spans]
        return {"locations": locations, "stack": []}

    def site(kind: str, name: str, location: Location) -> dict[str, Any]:
        where = types.Location(uri_of(location.path), location_range(session.snapshot.read, location, session.encoding))
        return {"kind": kind, "name": name, "location": where}
