"""workspace/didChangeConfiguration."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.handlers.initialized import apply_settings, pull_configuration


def register(server: WgslServer) -> None:
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(did_change_configuration)


async def did_change_configuration(server: WgslServer, params: types.DidChangeConfigurationParams) -> None:
    workspace = server.client_capabilities.workspace
    if workspace is not None and workspace.configuration:
        server.spawn(pull_configuration(server))
    elif isinstance(params.settings, dict):
        values = params.settings.get("wgsl", params.settings)
        await apply_settings(server, values if isinstance(values, dict) else {})
