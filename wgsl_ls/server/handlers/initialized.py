"""initialized: start the workers, ask for the configuration, watch files."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from wgsl_ls.project.cache import default_cache_path
from wgsl_ls.project.file_kind import CONFIG_NAME, FileKind, suffixes_of
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.handlers.did_change_workspace_folders import tell_unlisted
from wgsl_ls.server.settings import read_settings, use_engines
from wgsl_ls.server.uris import EXPANDED_SCHEME
from wgsl_ls.workers.engine_versions import remembered_versions

_SUFFIXES = suffixes_of(FileKind.SHADER, FileKind.HEADER, FileKind.LIST)
WATCHED = (f"**/{CONFIG_NAME}", *(f"**/*{each}" for suffix in _SUFFIXES for each in (suffix, suffix.upper())))
"""One by one: not every client reads a star within braces (eglot of Emacs 28 fails there)."""

_MOST_ROOTS = 200
"""Whose configurations are asked for names of profiles."""


def register(server: WgslServer) -> None:
    server.feature(types.INITIALIZED)(initialized)


async def initialized(server: WgslServer, params: types.InitializedParams) -> None:
    session = server.session
    if session.settings.cache:  # before the first document is opened, so that what is known of it is found
        session.store.versions.update(remembered_versions(default_cache_path(), session.settings.judges))
    await server.checker.start()
    await server.host_watch.start()
    server.checker.status("starting", message="starting the engines")
    tell_unknown_profiles(server)
    tell_unlisted(server)
    workspace = server.client_capabilities.workspace
    if workspace is not None and workspace.configuration:
        server.spawn(pull_configuration(server))
    content = workspace.text_document_content if workspace is not None else None
    if content is not None and content.dynamic_registration:
        # pygls knows no static capability for it.
        schemes = types.TextDocumentContentRegistrationOptions([EXPANDED_SCHEME])
        registration = types.Registration("expanded", types.WORKSPACE_TEXT_DOCUMENT_CONTENT, schemes)
        server.spawn(server.client_register_capability_async(types.RegistrationParams([registration])))
    changing = workspace.did_change_configuration if workspace is not None else None
    if changing is not None and changing.dynamic_registration:
        # VS Code tells of changed settings only whom it was asked to tell.
        section = types.DidChangeConfigurationRegistrationOptions("wgsl")
        registration = types.Registration("changes", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section)
        server.spawn(server.client_register_capability_async(types.RegistrationParams([registration])))
    watching = workspace.did_change_watched_files if workspace is not None else None
    if watching is not None and watching.dynamic_registration:
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(one) for one in WATCHED])
        registration = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        server.spawn(server.client_register_capability_async(types.RegistrationParams([registration])))


async def pull_configuration(server: WgslServer) -> None:
    """Ask the client for section `wgsl` and take it over."""
    items = [types.ConfigurationItem(section="wgsl")]
    answer: Any = await server.workspace_configuration_async(types.ConfigurationParams(items))
    values = answer[0] if answer else None
    if isinstance(values, dict):
        await apply_settings(server, values)


def tell_unknown_profiles(server: WgslServer) -> None:
    """A profile that no configuration here knows would be passed by everything: that is said, not passed over."""
    session = server.session
    asked = session.settings.profiles
    if not asked:
        return
    places = session.workspace.roots()[:_MOST_ROOTS] or tuple(session.workspace.folders)
    configurations = {id(one): one for one in (session.workspace.configuration(place)[0] for place in places)}
    for name in asked:
        if not any(one.device_profile(name) is not None for one in configurations.values()):
            known = dict.fromkeys(profile.name for one in configurations.values() for profile in one.device_profiles)
            text = (
                f"wgsl.profiles: there is no device profile '{name[:60]}', so nothing is held against it; there are: "
            )
            server.tell_user(text + ", ".join(known))


async def apply_settings(server: WgslServer, values: dict[str, Any]) -> None:
    """What `values` do not speak of stays as the client said at its start."""
    before = server.session.settings
    settings = read_settings(values, server.session.first_settings)
    if settings == before:
        return
    server.session.settings = settings
    server.session.workspace.profiles = settings.profiles
    server.session.workspace.rule_settings = settings.rules
    use_engines(settings)
    server.session.reporter.engines = settings.judges
    server.session.workspace.forget_settings()
    if (settings.engines, settings.builds) != (before.engines, before.builds) or settings.workers != before.workers:
        await server.checker.restart_engines()
    server.session.changed()
    if settings.profiles != before.profiles:
        tell_unknown_profiles(server)
    server.views.refresh()  # hints and lenses that were switched
    server.checker.changed()
