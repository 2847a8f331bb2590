"""workspace/didChangeWorkspaceFolders."""

from __future__ import annotations

from itertools import chain

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
    tell_unlisted(server)
    server.checker.changed(hurry=True)


def tell_unlisted(server: WgslServer) -> None:
    """That folders could not be listed, or not wholly: what is in them is in no list and no answer. Said once."""
    workspace = server.session.workspace
    workspace.shader_files()
    for problem in chain.from_iterable(map(workspace.files.unlisted, workspace.folders)):
        if problem.message not in server.unlisted_told:
            server.unlisted_told.add(problem.message)
            server.tell_user(problem.message)
