"""From our values to LSP's. Lines and columns are made here, in the client's encoding."""

from __future__ import annotations

from collections.abc import Callable

from lsprotocol import types

from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.server.uris import rule_uri, uri_of
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.harmless import plain
from wgsl_ls.text.line_index import Encoding, LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span

ReadFile = Callable[[str], SourceFile | str]
_MOST_RELATED = 12
_MOST_NAMED = 3
"""A host gives names of a hundred characters, and a list is sent again with each count that changes; all of them are in
`wgsl/variants`."""


def to_position(lines: LineIndex, offset: int, encoding: Encoding) -> types.Position:
    line, character = lines.position(offset, encoding)
    return types.Position(line, character)


def to_range(lines: LineIndex, span: Span, encoding: Encoding) -> types.Range:
    return types.Range(to_position(lines, span.start, encoding), to_position(lines, span.end, encoding))


def to_location(read: ReadFile, location: Location, encoding: Encoding) -> types.Location:
    return types.Location(uri_of(location.path), location_range(read, location, encoding))


def location_range(read: ReadFile, location: Location, encoding: Encoding) -> types.Range:
    source = read(location.path)
    if not isinstance(source, SourceFile):
        return types.Range(types.Position(0, 0), types.Position(0, 0))
    return to_range(source.lines, location.span, encoding)


def to_diagnostic(
    read: ReadFile, item: MergedDiagnostic, encoding: Encoding, rule_pages: bool = False
) -> types.Diagnostic:
    """One merged diagnostic; the variants it holds in stand in the message, where every client shows them.
    `rule_pages`: the client can show the page of its rule."""
    summary = item.summary
    related = [
        types.DiagnosticRelatedInformation(to_location(read, one.location, encoding), plain(one.message))
        for one in item.related[:_MOST_RELATED]
    ]
    return types.Diagnostic(
        range=location_range(read, item.location, encoding),
        message=plain(f"{item.message}\n{summary}" if summary else item.message),
        severity=types.DiagnosticSeverity(int(item.severity)),
        code=item.code,
        code_description=types.CodeDescription(rule_uri(item.code)) if rule_pages else None,
        source=source_of(item),
        related_information=related or None,
        tags=_tags(item),
        data={
            "rule": item.code,
            "variants": list(item.variants[:_MOST_NAMED]),
            "nVariants": len(item.variants),
            "engines": list(item.engines),
            "newSince": item.new_since or None,
            "condition": item.condition,
            "root": item.root,
        },
    )


def _tags(item: MergedDiagnostic) -> list[types.DiagnosticTag] | None:
    if item.unnecessary:
        return [types.DiagnosticTag.Unnecessary]
    return [types.DiagnosticTag.Deprecated] if item.code == "wgsl/deprecated" else None


def source_of(item: MergedDiagnostic) -> str:
    return "+".join(item.engines) if item.engines else "wgsl-ls"


def plain_diagnostic(
    lines: LineIndex, item: Diagnostic, encoding: Encoding, rule_pages: bool = False, read: ReadFile | None = None
) -> types.Diagnostic:
    """`read`: for its related places; without it they are left out."""
    related = []
    if read is not None:
        for one in item.related[:_MOST_RELATED]:
            place = to_location(read, one.location, encoding)
            related.append(types.DiagnosticRelatedInformation(place, plain(one.message)))
    return types.Diagnostic(
        range=to_range(lines, item.span, encoding),
        message=plain(item.message),
        severity=types.DiagnosticSeverity(int(item.severity)),
        code=item.code,
        code_description=types.CodeDescription(rule_uri(item.code)) if rule_pages else None,
        source=item.source,
        related_information=related or None,
        tags=[types.DiagnosticTag.Unnecessary] if item.unnecessary else None,
    )


def inactive_diagnostic(lines: LineIndex, span: Span, encoding: Encoding) -> types.Diagnostic:
    """Dims inactive code in every client that knows the `unnecessary` tag."""
    return types.Diagnostic(
        range=to_range(lines, span, encoding),
        message="inactive in the active variant",
        severity=types.DiagnosticSeverity(int(Severity.HINT)),
        code="inactive",
        source="wgsl-ls",
        tags=[types.DiagnosticTag.Unnecessary],
    )
