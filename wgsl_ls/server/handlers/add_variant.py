"""The command wgsl.addVariant: write a variant into wgsl-ls.toml."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.analysis.features.fixes import declare_variant
from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.handlers.code_action import workspace_edit
from wgsl_ls.server.messages import AddVariantArgument, Applied
from wgsl_ls.text.source_file import SourceFile


def register(server: WgslServer) -> None:
    server.serve(messages.ADD_VARIANT, add_variant)


async def add_variant(server: WgslServer, argument: AddVariantArgument) -> Applied:
    session = server.session
    view = session.view(argument.uri)
    path = view.settings.declaring_file
    config = session.snapshot.read(path)
    text = config.text if isinstance(config, SourceFile) else None
    fix = declare_variant(view, argument.variant, text, path)
    if fix is None:
        raise LookupError(f"there is no variant '{argument.variant}' of {view.path}")
    edit = types.ApplyWorkspaceEditParams(workspace_edit(server, fix), fix.title)
    return Applied((await server.workspace_apply_edit_async(edit)).applied)
