"""textDocument/codeLens."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.lenses import Lens, entry_point_lenses, include_lens, root_lenses
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.to_lsp import to_range
from wgsl_ls.text.harmless import label

_COMMANDS = {
    "variants": "wgsl.showVariants",
    "context": "wgsl.showContexts",
    "expansion": "wgsl.showExpansion",
    "smoke": "wgsl.smokeRun",
    "storage": "wgsl.showDefines",
    "bindings": "wgsl.showDefines",
}


def register(server: WgslServer) -> None:
    server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))(code_lens)


def code_lens(server: WgslServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    session = server.session
    server.views.lenses_asked()
    uri = params.text_document.uri
    source = session.source(uri)
    context = session.snapshot.context(source.path)
    view = session.snapshot.root(context.root) if context is not None else None
    if context is None or view is None:
        return []
    lenses: list[Lens] = []
    if context.root == source.path:
        report = server.publisher.reports.get(view.path)
        watch = server.host_watch
        lenses.extend(
            root_lenses(view, report, context.variant_index, watch.is_reading, watch.unfinished_at(view.path))
        )
    else:
        lenses.append(include_lens(view, context))
    lenses.extend(entry_point_lenses(view, session.front_end, context, source.path))
    shown = session.settings.lens
    switches = {
        "variants": shown.variants,
        "context": shown.variants,
        "expansion": shown.expansion,
        "smoke": shown.smoke,
        "storage": shown.workgroup_storage,
        "bindings": shown.workgroup_storage,
    }
    found = []
    for lens in lenses:
        if not switches[lens.kind]:
            continue
        place = to_range(source.lines, lens.span, session.encoding)
        arguments: list[object] = [uri]
        if lens.kind == "expansion":
            arguments = [uri, lens.variant]
        elif lens.kind == "smoke":
            arguments = [{"uri": uri, "variant": lens.variant}]
        elif lens.kind in ("storage", "bindings"):
            position = {"line": place.start.line, "character": place.start.character}
            arguments = [uri, position]
        found.append(types.CodeLens(place, types.Command(label(lens.title), _COMMANDS[lens.kind], arguments=arguments)))
    return found
