"""textDocument/documentLink: the files that #include lines name."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_range
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.source_file import SourceFile


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_DOCUMENT_LINK, types.DocumentLinkOptions(resolve_provider=False))(document_link)


def document_link(server: WgslServer, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    session = server.session
    source, tree = session.tree(params.text_document.uri)
    snapshot = session.snapshot
    roots = snapshot.roots_of(source.path)
    links = []
    for offset, directive in tree.directives():
        if directive.kind != "include":
            continue
        for root in roots:
            target = snapshot.include(directive.name, root)
            if isinstance(target, SourceFile):
                place = to_range(source.lines, directive.name_span.shifted(offset), session.encoding)
                links.append(types.DocumentLink(place, uri_of(target.path), "open the included file"))
                break
    return links
