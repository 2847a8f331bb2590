"""From pages of the analysis to Markdown with `file:` links."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.rich_text import Link, Text, plain
from wgsl_ls.server.to_lsp import ReadFile
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.harmless import markdown_text
from wgsl_ls.text.source_file import SourceFile


def markdown(read: ReadFile, text: Text) -> str:
    return "".join(part if isinstance(part, str) else _link(read, part) for part in text)


def _link(read: ReadFile, link: Link) -> str:
    source = read(link.location.path)
    line = source.lines.line_of(link.location.span.start) + 1 if isinstance(source, SourceFile) else 1
    # A parenthesis would end the address.
    address = uri_of(link.location.path).replace("(", "%28").replace(")", "%29")
    return f"[{markdown_text(link.label)}]({address}#L{line})"


def markup(read: ReadFile, text: Text, formats: list[types.MarkupKind] | None) -> types.MarkupContent:
    """In the first format of the client's list; Markdown when it says nothing."""
    kind = formats[0] if formats else types.MarkupKind.Markdown
    return types.MarkupContent(kind, plain(text) if kind == types.MarkupKind.PlainText else markdown(read, text))
