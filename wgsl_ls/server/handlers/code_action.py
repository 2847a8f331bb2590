"""textDocument/codeAction: quick fixes for the diagnostics in a range."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.features.elsewhere import elsewhere
from wgsl_ls.analysis.features.fixes import declare_passing, fixes_for
from wgsl_ls.analysis.fix import Fix
from wgsl_ls.analysis.guesses import UNDECLARED
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.snapshot import RootView
from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_diagnostic, to_range
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.harmless import label
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span
from wgsl_ls.wire.verdicts import State


def register(server: WgslServer) -> None:
    options = types.CodeActionOptions([types.CodeActionKind.QuickFix])
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)(code_action)


async def code_action(server: WgslServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    session = server.session
    only = params.context.only
    if only and not any(types.CodeActionKind.QuickFix.value.startswith(str(getattr(k, "value", k))) for k in only):
        return []
    source = session.source(params.text_document.uri)
    actions: list[types.CodeAction] = []
    for item in server.publisher.of_path(source.path):
        if not touched(server, source, params, item.location.span):
            continue
        view = session.snapshot.root(item.root)
        if view is None:
            continue
        diagnostic = to_diagnostic(session.snapshot.read, item, session.encoding)
        for fix in fixes_for(session.snapshot, session.front_end, view, item):
            actions.append(action(server, fix, diagnostic))
        if item.code == UNDECLARED or _is_undeclared(view, item):
            declare = declared(server, view)
            if declare is not None:
                actions.append(action(server, declare, diagnostic, uri_of(view.settings.declaring_file)))
    actions.extend(await _activations(server, params))
    return list({one.title: one for one in actions}.values())


async def _activations(server: WgslServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """In inactive code: a variant in which it is active may be looked at instead."""
    session = server.session
    uri = params.text_document.uri
    cursor = session.cursor(uri, params.range.start)
    if cursor.directive is not None or cursor.is_active or cursor.is_blank:
        return []
    await session.finish(across_steps(cursor.view))
    other = elsewhere(cursor)
    if other is None:
        return []
    context = other.cursor.context
    root, name = uri_of(context.root), other.variant_name
    of_root = f" of {context.root.rpartition('/')[2]}" if context.root != cursor.view.path else ""
    title = f"Look at variant {name}{of_root}, in which this code is active"
    argument = {"uri": uri, "root": root, "variant": name, "instance": context.instance}
    command = types.Command(title, messages.ACTIVATE.method, arguments=[argument])
    return [types.CodeAction(label(title), types.CodeActionKind.QuickFix, command=command)]


def _is_undeclared(view: RootView, item: MergedDiagnostic) -> bool:
    """Is it about a variant that nobody declared?"""
    indices = [view.index_by_name[name] for name in item.variants if name in view.index_by_name]
    return any(view.variants[index].origin in ("inferred", "default") for index in indices)


def touched(server: WgslServer, source: SourceFile, params: types.CodeActionParams, span: Span) -> bool:
    """Is a finding at `span` among those that are asked about?"""
    encoding = server.session.encoding
    start = source.lines.offset(params.range.start.line, params.range.start.character, encoding)
    end = source.lines.offset(params.range.end.line, params.range.end.character, encoding)
    wanted = Span(start, end)
    return span.intersects(wanted) or span.touches(start) or wanted.touches(span.start)


def declared(server: WgslServer, view: RootView) -> Fix | None:
    """Declare what was only inferred and is right; a failing variant is never declared."""
    report = server.publisher.reports.get(view.path)
    passing = {entry.name for entry in report.verdicts if entry.state == State.PASS} if report is not None else set()
    path = view.settings.declaring_file
    config = server.session.snapshot.read(path)
    return declare_passing(view, passing, config.text if isinstance(config, SourceFile) else None, path)


def action(server: WgslServer, fix: Fix, diagnostic: types.Diagnostic, shown: str | None = None) -> types.CodeAction:
    """`shown`: address of a document that is opened when the fix was applied."""
    argument: list[Any] = [{"uri": shown}]
    opening = types.Command("open it", messages.OPEN_DOCUMENT.method, arguments=argument) if shown else None
    return types.CodeAction(
        label(fix.title),
        types.CodeActionKind.QuickFix,
        [diagnostic],
        fix.preferred or None,
        edit=workspace_edit(server, fix),
        command=opening,
    )


def workspace_edit(server: WgslServer, fix: Fix) -> types.WorkspaceEdit:
    """A fix as LSP wants it; a file that does not exist yet is created."""
    session = server.session
    changes: dict[str, list[types.TextEdit]] = {}
    created: dict[str, None] = {}
    for edit in fix.edits:
        found = session.snapshot.read(edit.location.path)
        lines = found.lines if isinstance(found, SourceFile) else LineIndex("")
        if not isinstance(found, SourceFile):
            created[edit.location.path] = None
        text_edit = types.TextEdit(to_range(lines, edit.location.span, session.encoding), edit.text)
        changes.setdefault(uri_of(edit.location.path), []).append(text_edit)
    if not created:
        return types.WorkspaceEdit(changes)
    document_changes: list[types.CreateFile | types.TextDocumentEdit] = [
        types.CreateFile(uri_of(path), options=types.CreateFileOptions(ignore_if_exists=True)) for path in created
    ]
    for uri, edits in changes.items():
        document = types.OptionalVersionedTextDocumentIdentifier(uri, session.open_documents.get(uri))
        document_changes.append(types.TextDocumentEdit(document, list(edits)))
    return types.WorkspaceEdit(document_changes=document_changes)
