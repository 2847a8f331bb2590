"""workspace/didChangeWorkspaceFolders."""

from __future__ import annotations

from itertools import chain

from lsprotocol import types

from wgsl_ls.project.files import LEFT_OUT
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.session import collected, in_slices
from wgsl_ls.server.uris import path_of
from wgsl_ls.text.listing import first_of


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
    server.checker.changed()


def tell_unlisted(server: WgslServer) -> None:
    """That folders could not be listed, or not wholly, or (beside the message loop) were left out though shaders are
    there: what is in them is in no list and no answer. Said once."""
    workspace = server.session.workspace
    workspace.shader_files()
    for problem in chain.from_iterable(map(workspace.files.unlisted, workspace.folders)):
        if problem.message not in server.unlisted_told:
            server.unlisted_told.add(problem.message)
            server.tell_user(problem.message)
    server.spawn(_tell_passed_by(server))


async def _tell_passed_by(server: WgslServer) -> None:
    workspace = server.session.workspace
    for folder in workspace.folders:
        passed_by: list[tuple[str, ...]] = []
        async for _ in in_slices(collected(workspace.files.passed_by_steps(folder), passed_by)):
            pass
        if news := [path for path in passed_by[0] if path not in server.unlisted_told]:
            server.unlisted_told.update(news)
            server.tell_user(
                f"shaders in {first_of(news, 3)} are left out: {LEFT_OUT}; open the files that are meant",
                types.MessageType.Info,
            )
