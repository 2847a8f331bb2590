"""The command wgsl.addVariant: write a variant into wgsl-ls.toml."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from wgsl_ls.analysis.features.fixes import declare_variant
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.handlers.code_action import workspace_edit
from wgsl_ls.text.source_file import SourceFile


def register(server: WgslServer) -> None:
    session = server.session

    @server.command("wgsl.addVariant")
    async def add_variant(*arguments: Any) -> dict[str, bool]:
        first = arguments[0] if arguments else {}
        uri = first["uri"] if isinstance(first, dict) else first.uri
        name = first["variant"] if isinstance(first, dict) else first.variant
        view = session.view(uri)
        path = view.settings.declaring_file
        config = session.snapshot.read(path)
        fix = declare_variant(view, name, config.text if isinstance(config, SourceFile) else None, path)
        if fix is None:
            raise LookupError(f"there is no variant '{name}' of {view.path}")
        edit = types.ApplyWorkspaceEditParams(workspace_edit(server, fix), fix.title)
        answer = await server.workspace_apply_edit_async(edit)
        return {"applied": answer.applied}
