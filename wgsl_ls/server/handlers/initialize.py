"""initialize: what the client can do, which folders it has open."""

from __future__ import annotations

from typing import Any, cast

from lsprotocol import types

from wgsl_ls.project.cache import DiskCache
from wgsl_ls.server.app import WgslServer, watch_parent
from wgsl_ls.server.session import ServerSession
from wgsl_ls.server.settings import read_settings, use_engines
from wgsl_ls.server.uris import path_of
from wgsl_ls.text.line_index import Encoding


def register(server: WgslServer) -> None:
    server.feature(types.INITIALIZE)(initialize)


def initialize(server: WgslServer, params: types.InitializeParams) -> None:
    session = server.session
    session.client = server
    encoding = types.PositionEncodingKind(server.workspace.position_encoding or "utf-16").value
    session.encoding = cast(Encoding, encoding)
    capabilities = params.capabilities
    text_document = capabilities.text_document
    workspace = capabilities.workspace
    refresh = workspace.diagnostics.refresh_support if workspace is not None and workspace.diagnostics else False
    session.pull = bool(text_document is not None and text_document.diagnostic is not None and refresh)
    session.refresh_diagnostics = bool(refresh)
    session.rule_pages = workspace is not None and workspace.text_document_content is not None
    options: Any = params.initialization_options
    if isinstance(options, dict):
        session.settings = session.first_settings = read_settings(options)
        session.workspace.profiles = session.settings.profiles
        session.workspace.rule_settings = session.settings.rules
        use_engines(session.settings)
        session.reporter.engines = session.settings.judges
        server.publisher.dim = options.get("inactiveRegions") != "notification"
        _choose(session, options.get("activeVariants"))
    folders = [path_of(folder.uri) for folder in params.workspace_folders or ()]
    if not folders and params.root_uri:
        folders = [path_of(params.root_uri)]
    session.set_folders([folder for folder in folders if folder is not None])
    watch_parent(params.process_id)
    if session.settings.cache:
        cache = DiskCache()
        session.store.use_slow_store(cache)
        session.readings.notes = cache


def _choose(session: ServerSession, active: Any) -> None:
    """What was chosen before this server began; its variants may come later."""
    for uri, name in active.items() if isinstance(active, dict) else ():
        root = path_of(uri)
        if root is not None and isinstance(name, str):
            session.host.set_active_variant(root, name)
