"""workspace/didChangeWorkspaceFolders."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.uris import path_of


def register(server: WgslServer) -> None:
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(did_change_workspace_folders)


def did_change_workspace_folders(server: WgslServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    folders = list(server.session.workspace.folders)
    for removed in params.event.removed:
        path = path_of(removed.uri)
        folders = [folder for folder in folders if folder != path]
    for added in params.event.added:
        path = path_of(added.uri)
        if path is not None and path not in folders:
            folders.append(path)
    server.session.set_folders(folders)
    server.checker.changed(hurry=True)
