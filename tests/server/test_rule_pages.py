"""Pages of rules: given out by the server, linked only where the client shows them."""

from __future__ import annotations

import pytest
from lsprotocol import types

from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.server.app import make_server
from wgsl_ls.server.to_lsp import plain_diagnostic, to_diagnostic
from wgsl_ls.server.uris import parse_rule_uri, rule_uri
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span


def test_the_address_leads_to_the_page() -> None:
    server = make_server()
    content = server.protocol.fm.features[types.WORKSPACE_TEXT_DOCUMENT_CONTENT]
    uri = rule_uri("lint/unused-macro")
    text = content(types.TextDocumentContentParams(uri)).text
    assert text.startswith("# lint/unused-macro\n") and "*What to do:*" in text
    # As VS Code writes it
    assert parse_rule_uri("wgsl-ls-rule:/lint/unused-macro.md") == "lint/unused-macro"
    assert parse_rule_uri("file:///a.md") is None
    with pytest.raises(Exception, match="there is no rule nonsense"):
        content(types.TextDocumentContentParams(rule_uri("nonsense")))


@pytest.mark.parametrize("pages", [True, False])
def test_a_finding_links_to_it_only_where_that_opens(pages: bool) -> None:
    place = Location("/a.wgsl", Span(0, 1))
    item = MergedDiagnostic(place, Severity.ERROR, "wgsl/name", "m", (), (), "/a.wgsl", (), 1, None)
    found = to_diagnostic(lambda path: SourceFile(path, "x"), item, "utf-16", pages).code_description
    plain = Diagnostic("/a.wgsl", Span(0, 1), Severity.ERROR, "wgsl/name", "m")
    of_plain = plain_diagnostic(LineIndex("x"), plain, "utf-16", pages).code_description
    for one in (found, of_plain):
        assert (one.href if one is not None else None) == ("wgsl-ls-rule:/wgsl/name.md" if pages else None)
