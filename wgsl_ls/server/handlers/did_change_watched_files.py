"""workspace/didChangeWatchedFiles: files and configuration on the disk changed."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.handlers.did_change_workspace_folders import tell_unlisted
from wgsl_ls.server.uris import path_of


def register(server: WgslServer) -> None:
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(did_change_watched_files)


def did_change_watched_files(server: WgslServer, params: types.DidChangeWatchedFilesParams) -> None:
    paths = [path for change in params.changes if (path := path_of(change.uri)) is not None]
    server.session.files.invalidate(paths)
    server.session.changed()
    tell_unlisted(server)
    server.checker.changed()
