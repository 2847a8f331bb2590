"""textDocument/completion and completionItem/resolve."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.features.completion import asks_all_variants, complete, documentation_page
from wgsl_ls.analysis.features.completion_items import Completions, Suggestion, function_steps
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.markdown import markup
from wgsl_ls.server.to_lsp import to_range
from wgsl_ls.text.harmless import one_line
from wgsl_ls.text.source_file import SourceFile

_KINDS = {
    "function": types.CompletionItemKind.Function,
    "variable": types.CompletionItemKind.Variable,
    "constant": types.CompletionItemKind.Constant,
    "parameter": types.CompletionItemKind.Variable,
    "field": types.CompletionItemKind.Field,
    "struct": types.CompletionItemKind.Struct,
    "type": types.CompletionItemKind.Class,
    "keyword": types.CompletionItemKind.Keyword,
    "snippet": types.CompletionItemKind.Snippet,
    "macro": types.CompletionItemKind.Constant,
    "file": types.CompletionItemKind.File,
    "enum": types.CompletionItemKind.EnumMember,
    "attribute": types.CompletionItemKind.Property,
    "module": types.CompletionItemKind.Module,
    "value": types.CompletionItemKind.Value,
}


def register(server: WgslServer) -> None:
    options = types.CompletionOptions(trigger_characters=[".", "@", "#", '"', "<", "("], resolve_provider=True)
    server.feature(types.TEXT_DOCUMENT_COMPLETION, options)(completion)
    server.feature(types.COMPLETION_ITEM_RESOLVE)(resolve)


async def completion(server: WgslServer, params: types.CompletionParams) -> types.CompletionList | None:
    session = server.session
    uri, position = params.text_document.uri, params.position
    await session.finish(function_steps())
    cursor = session.cursor(uri, position)
    if asks_all_variants(cursor):
        await session.finish(across_steps(session.view(uri)))
    context = params.context
    found = complete(cursor, context.trigger_character or "" if context is not None else "")
    if found is None:
        return None
    place = {"uri": uri, "line": position.line, "character": position.character}
    return listed(server, cursor.source, found, place)


def listed(
    server: WgslServer, source: SourceFile, found: Completions, place: dict[str, Any] | None = None
) -> types.CompletionList:
    """As the client takes it. `place`: where to look for an item's documentation when it is asked for."""
    span = to_range(source.lines, found.span, server.session.encoding)
    shared = _shares_defaults(server)
    items = [_item(server, item, None if shared else span, place) for item in found.items]
    defaults = types.CompletionItemDefaults(edit_range=span) if shared else None
    return types.CompletionList(is_incomplete=False, items=items, item_defaults=defaults)


def _item(
    server: WgslServer, item: Suggestion, span: types.Range | None, place: dict[str, Any] | None
) -> types.CompletionItem:
    snippet = item.is_snippet and _has_snippets(server)
    text = item.text if snippet or not item.is_snippet else item.label
    shown = one_line(item.label)
    made = types.CompletionItem(shown, kind=_KINDS[item.kind], sort_text=item.sort_text)
    if item.detail:
        made.detail = one_line(item.detail)
    if snippet:
        made.insert_text_format = types.InsertTextFormat.Snippet
    if span is not None:
        made.text_edit = types.TextEdit(span, text)
    elif text != shown:
        made.text_edit_text = text
    if item.source and place is not None:
        made.data = {**place, "source": item.source}
    return made


def _capabilities(server: WgslServer) -> types.CompletionClientCapabilities | None:
    text_document = server.client_capabilities.text_document
    return text_document.completion if text_document is not None else None


def _has_snippets(server: WgslServer) -> bool:
    known = _capabilities(server)
    return bool(known is not None and known.completion_item is not None and known.completion_item.snippet_support)


def _shares_defaults(server: WgslServer) -> bool:
    known = _capabilities(server)
    shared = known.completion_list.item_defaults if known is not None and known.completion_list else None
    return bool(shared and "editRange" in shared)


def resolve(server: WgslServer, item: types.CompletionItem) -> types.CompletionItem:
    session = server.session
    data: Any = item.data
    if hasattr(data, "_asdict"):  # pygls gives a named tuple
        data = data._asdict()
    if not isinstance(data, dict) or not data:
        return item
    position = types.Position(int(data["line"]), int(data["character"]))
    page = documentation_page(session.cursor(str(data["uri"]), position), str(data["source"]), item.label)
    if page:
        known = _capabilities(server)
        formats = known.completion_item.documentation_format if known is not None and known.completion_item else None
        item.documentation = markup(session.snapshot.read, page.text, list(formats) if formats else None)
    return item
