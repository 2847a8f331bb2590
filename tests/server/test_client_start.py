"""What a server makes of a client: its start, its settings, its mistakes. Handlers are called without a client."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcMethodNotFound, JsonRpcRequestCancelled
from pygls.workspace import Workspace

from tests.server.in_process import Desk
from wgsl_ls.server import app
from wgsl_ls.server.app import ContentModified, RequestFailed
from wgsl_ls.server.handlers import initialized as module
from wgsl_ls.server.handlers.commands import doctor, restart_engines
from wgsl_ls.server.handlers.did_change_configuration import did_change_configuration
from wgsl_ls.server.handlers.did_change_workspace_folders import did_change_workspace_folders
from wgsl_ls.server.handlers.exit import leave
from wgsl_ls.server.handlers.initialize import initialize
from wgsl_ls.server.handlers.initialized import WATCHED, apply_settings, initialized, pull_configuration
from wgsl_ls.server.handlers.shutdown import shutdown
from wgsl_ls.server.handlers.variants import listed_steps
from wgsl_ls.server.memory import resident_bytes
from wgsl_ls.server.messages import STATUS, DoctorReport, ServerStatus
from wgsl_ls.server.settings import Settings
from wgsl_ls.server.to_lsp import location_range
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import finished
from wgsl_ls.wire.jobs import Unavailable

WORKSPACE = types.WorkspaceClientCapabilities


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, {"a.wgsl": "const a = 1;\n"})


OWN = -1
"""Stands for this process: processes that run tests together must name them alike."""

# initialize


def begin(desk: Desk, **params: Any) -> None:
    given = {"capabilities": types.ClientCapabilities(), "process_id": os.getpid(), **params}
    asked = types.InitializeParams(**given)
    desk.server.protocol._workspace = Workspace(None, position_encoding=types.PositionEncodingKind.Utf32)
    desk.session.settings = Settings(cache=False)
    initialize(desk.server, asked)
    desk.session.client = desk.sent


@pytest.mark.parametrize(
    ("params", "folders"),
    [
        ({"workspace_folders": [("one", "file:///w/one"), ("two", "file:///w/two")]}, ["/w/one", "/w/two"]),
        ({"workspace_folders": [("one", "file:///w/one")], "root_uri": "file:///w/two"}, ["/w/one"]),
        ({"root_uri": "file:///w/two"}, ["/w/two"]),
        ({"root_uri": "vscode-vfs://elsewhere/two"}, []),
        ({}, []),
    ],
)
def test_which_folders_are_open(desk: Desk, params: dict[str, Any], folders: list[str]) -> None:
    given = [types.WorkspaceFolder(uri, name) for name, uri in params.pop("workspace_folders", [])]
    begin(desk, workspace_folders=given or None, **params)
    assert list(desk.session.workspace.folders) == folders
    assert desk.session.encoding == "utf-32"


@pytest.mark.parametrize(("diagnostic", "refresh", "pull"), [(1, 1, True), (1, 0, False), (0, 1, False)])
def test_who_asks_for_diagnostics_by_itself(desk: Desk, diagnostic: int, refresh: int, pull: bool) -> None:
    of_text = types.TextDocumentClientCapabilities(
        diagnostic=types.DiagnosticClientCapabilities() if diagnostic else None
    )
    of_workspace = WORKSPACE(diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=bool(refresh)))
    begin(desk, capabilities=types.ClientCapabilities(text_document=of_text, workspace=of_workspace))
    assert (desk.session.pull, desk.session.refresh_diagnostics) == (pull, bool(refresh))


async def test_folders_come_and_go(desk: Desk) -> None:
    def change(added: list[str], removed: list[str]) -> list[str]:
        event = types.WorkspaceFoldersChangeEvent(
            [types.WorkspaceFolder(f"file://{one}", one) for one in added],
            [types.WorkspaceFolder(f"file://{one}", one) for one in removed],
        )
        did_change_workspace_folders(desk.server, types.DidChangeWorkspaceFoldersParams(event))
        return list(desk.session.workspace.folders)

    begin(desk, root_uri="file:///w/one")
    assert change(["/w/two", "/w/one"], []) == ["/w/one", "/w/two"]
    assert change(["/w/three"], ["/w/one", "/w/none"]) == ["/w/two", "/w/three"]


def test_what_a_client_says_at_its_start(desk: Desk) -> None:
    begin(desk, initialization_options={"engines": ["dawn"], "profiles": ["apple-m"], "cache": False,
                                        "rules": {"wgsl/name": "off"}, "inactiveRegions": "notification"})  # fmt: skip
    settings = desk.session.settings
    assert settings.engines == ("dawn",) == desk.session.reporter.engines
    assert desk.session.first_settings == settings
    assert desk.session.workspace.profiles == ("apple-m",)
    assert [one.rule for one in desk.session.workspace.rule_settings] == ["wgsl/name"]
    assert not desk.server.publisher.dim


@pytest.mark.parametrize(("name", "active"), [("B", "B"), ("", "A"), ("gone", "A"), ([], "A")])
def test_which_variant_was_active_before_this_server_began(tmp_path: Path, name: object, active: str) -> None:
    config = '[[shader]]\nfiles = ["a.wgsl"]\naxes = { X = ["A", "B"] }\n'
    desk = Desk(tmp_path, {"wgsl-ls.toml": config, "a.wgsl": "const a = 1;\n"})
    chosen = {desk.uri("a.wgsl"): name, "what:": "B"}
    begin(desk, root_uri=tmp_path.as_uri(), initialization_options={"activeVariants": chosen})
    assert finished(listed_steps(desk.server, desk.uri("a.wgsl"))).active == active


# initialized


class Calls(list[str]):
    """Notes what is called instead of doing it."""

    def take(self, monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
        async def later(*arguments: Any) -> None:
            self.append(name)

        monkeypatch.setattr(owner, name, later)


CAPABLE = {
    "nothing": (None, []),
    "a workspace that can nothing": (WORKSPACE(), []),
    "settings": (WORKSPACE(configuration=True), ["settings"]),
    "expansions": (
        WORKSPACE(text_document_content=types.TextDocumentContentClientCapabilities(dynamic_registration=True)),
        ["expanded"],
    ),
    "changed settings": (
        WORKSPACE(did_change_configuration=types.DidChangeConfigurationClientCapabilities(dynamic_registration=True)),
        ["changes"],
    ),
    "files": (
        WORKSPACE(did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)),
        ["watch"],
    ),
    "files and expansions that it takes over by itself": (
        WORKSPACE(
            text_document_content=types.TextDocumentContentClientCapabilities(),
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(),
        ),
        [],
    ),
}


@pytest.mark.parametrize(("workspace", "asked"), CAPABLE.values(), ids=CAPABLE)
async def test_a_client_is_asked_for_what_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: WORKSPACE | None, asked: list[str]
) -> None:
    desk = Desk(tmp_path, {}, capabilities=types.ClientCapabilities(workspace=workspace))
    started, found = Calls(), []
    started.take(monkeypatch, desk.server.checker, "start")
    started.take(monkeypatch, desk.server.host_watch, "start")

    async def register(params: types.RegistrationParams) -> None:
        (one,) = params.registrations
        found.append(one.id)
        if one.id == "watch":
            assert [each.glob_pattern for each in one.register_options.watchers] == list(WATCHED)
            assert one.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        elif one.id == "changes":
            assert (one.method, one.register_options.section) == (types.WORKSPACE_DID_CHANGE_CONFIGURATION, "wgsl")
        else:
            assert one.register_options.schemes == ["wgsl-expanded"]

    async def settings(server: Any) -> None:
        found.append("settings")

    monkeypatch.setattr(desk.server, "client_register_capability_async", register)
    monkeypatch.setattr(module, "pull_configuration", settings)
    await initialized(desk.server, types.InitializedParams())
    for task in list(desk.server.background):
        await task
    assert started == ["start", "start"] and found == asked
    assert [one.state for one in desk.told(STATUS.method)] == ["starting"]


@pytest.mark.parametrize(
    ("answer", "debounce"),
    [([{"debounceMs": 7}], 7), ([None], 5), ([], 5), (["debounceMs"], 5), ([["debounceMs"]], 5)],
)
async def test_settings_are_pulled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: list[Any], debounce: int
) -> None:
    desk.session.settings = desk.session.first_settings = Settings(debounce_ms=5)
    asked: list[str | None] = []

    async def give(params: types.ConfigurationParams) -> list[Any]:
        asked.extend(item.section for item in params.items)
        return answer

    monkeypatch.setattr(desk.server, "workspace_configuration_async", give)
    await pull_configuration(desk.server)
    assert asked == ["wgsl"] and desk.session.settings.debounce_ms == debounce


APPLIED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "engines": ({"engines": ["dawn"]}, ["restart_engines"]),
    "workers": ({"workers": 3}, ["restart_engines"]),
    "a rule": ({"rules": {"wgsl/name": "off"}}, []),
    "profiles": ({"profiles": ["webgpu-default"]}, []),
}


@pytest.mark.parametrize(("values", "restarted"), APPLIED.values(), ids=APPLIED)
async def test_settings_take_effect(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], restarted: list[str]
) -> None:
    called = Calls()
    called.take(monkeypatch, desk.server.checker, "restart_engines")
    revision = desk.session.host.revision
    desk.session.view(desk.uri("a.wgsl"))  # with the settings of before
    await apply_settings(desk.server, values)
    settings, workspace = desk.session.settings, desk.session.workspace
    assert called == restarted and desk.session.host.revision > revision
    assert (workspace.profiles, workspace.rule_settings) == (settings.profiles, settings.rules)
    now = desk.session.view(desk.uri("a.wgsl")).settings
    assert tuple(one.name for one in now.profiles) == settings.profiles
    assert desk.session.reporter.engines == settings.engines
    revision = desk.session.host.revision
    await apply_settings(desk.server, values)
    assert called == restarted and desk.session.host.revision == revision, "the same once more is no news"


# Mistakes


async def nothing() -> None:
    pass


REPORTED: dict[str, tuple[Exception, Any, str]] = {
    "no JSON": (ValueError("x"), JsonRpcException, "WARNING a message that is not JSON, or nested too deep: x"),
    "JSON that is nested deep": (RecursionError("x"), JsonRpcException, "WARNING a message that is not JSON, or"),
    "a bug that is a RecursionError": (RecursionError("x"), nothing, "ERROR nothing: x (please report this)"),
    "a method that nobody has": (JsonRpcMethodNotFound.of("x/y"), nothing, "WARNING Method Not Found: x/y"),
    "a bug that is a ValueError": (ValueError("x"), nothing, "ERROR nothing: x (please report this)"),
    "a bug in what a message is read by": (KeyError("x"), JsonRpcException, "ERROR JsonRpcException: 'x' (please"),
    "what the user did": (RequestFailed("x"), nothing, ""),
    "an edit": (ContentModified(), nothing, ""),
    "a cancelled request": (JsonRpcRequestCancelled(), nothing, ""),
}


@pytest.mark.parametrize(("error", "source", "logged"), REPORTED.values(), ids=REPORTED)
def test_errors_are_logged_if_they_are_ours(
    desk: Desk, caplog: pytest.LogCaptureFixture, error: Exception, source: Any, logged: str
) -> None:
    with caplog.at_level(logging.INFO, "wgsl_ls"):
        desk.server.report_server_error(error, source)
    said = [f"{one.levelname} {one.getMessage()}" for one in caplog.records]
    assert len(said) == bool(logged) and all(one.startswith(logged) for one in said)
    assert all(bool(one.exc_info) == (one.levelname == "ERROR") for one in caplog.records), "a stack is for bugs"


@pytest.mark.parametrize(("process", "watches"), [(None, False), (0, False), (OWN, False), (1, True)])
def test_whose_end_is_the_end(monkeypatch: pytest.MonkeyPatch, process: int | None, watches: bool) -> None:
    started: list[str] = []

    class Thread:
        def __init__(self, *, target: Callable[[], None], name: str, daemon: bool) -> None:
            assert daemon, "it must not hold the server up"

        def start(self) -> None:
            started.append("thread")

    monkeypatch.setattr(app.threading, "Thread", Thread)
    app.watch_parent(os.getpid() if process == OWN else process)
    assert started == (["thread"] if watches else [])


# Engines


async def test_a_missing_engine_is_said_with_its_remedy_and_none_yet_is_no_end(desk: Desk) -> None:
    desk.open("a.wgsl")
    desk.session.store.unavailable["dawn"] = Unavailable("is not installed", "pip install it")
    await desk.check()
    last = desk.told(STATUS.method)[-1]
    assert (last.state, last.done, last.total) == ("engine-missing", 1, 1)
    assert (last.message, last.remedy) == ("dawn: is not installed", "pip install it")
    desk.session.store.unavailable.clear()
    await desk.check()
    assert desk.told(STATUS.method)[-1].state == "idle"
    desk.server.checker.pool = None
    await desk.check()
    last = desk.told(STATUS.method)[-1]
    assert (last.state, last.message) == ("starting", "starting the engines")


def test_statistics_of_engines_that_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Known:
        n_jobs, n_starts, n_deaths = 5, 2, 1

    desk.session.settings = Settings(engines=("wgpu", "dawn"))
    desk.session.store.versions["dawn"] = "v9"
    monkeypatch.setattr(desk.engines, "statistics", lambda engine: Known if engine == "dawn" else None)
    found = desk.server.checker.statistics()
    assert list(found.engines) == ["dawn"]
    dawn = found.engines["dawn"]
    assert (dawn.jobs, dawn.starts, dawn.deaths, dawn.version) == (5, 2, 1, "v9")
    assert found.revision == desk.session.host.revision and found.memory > 1 << 20
    desk.server.checker.pool = None
    assert desk.server.checker.statistics().engines == {}


def test_a_place_in_a_file_that_is_gone_is_its_beginning(desk: Desk) -> None:
    place = Location(desk.path("gone.wgsl"), Span(4, 9))
    assert location_range(desk.session.snapshot.read, place, "utf-16") == types.Range(
        types.Position(0, 0), types.Position(0, 0)
    )


@pytest.mark.parametrize("pulls", [True, False, None])
async def test_settings_that_are_sent_are_taken_of_a_client_that_is_not_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, pulls: bool | None
) -> None:
    workspace = types.WorkspaceClientCapabilities(configuration=pulls) if pulls is not None else None
    desk.server.protocol.client_capabilities = types.ClientCapabilities(workspace=workspace)
    asked: list[Any] = []
    monkeypatch.setattr(desk.server, "spawn", asked.append)
    monkeypatch.setattr("wgsl_ls.server.handlers.did_change_configuration.pull_configuration", lambda server: "asked")
    await did_change_configuration(
        desk.server, types.DidChangeConfigurationParams({"wgsl": {"rules": {"wgsl/name": "off"}}})
    )
    assert asked == (["asked"] if pulls else [])
    assert bool(desk.session.workspace.rule_settings) == (not pulls)


@pytest.mark.parametrize(("was_shut_down", "code"), [(True, 0), (False, 1)])
async def test_an_end_that_was_announced_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, was_shut_down: bool, code: int
) -> None:
    server, codes = MagicMock(was_shut_down=was_shut_down, stop_work=AsyncMock()), []
    monkeypatch.setattr("os._exit", codes.append)
    monkeypatch.setattr("logging.shutdown", lambda: None)
    await leave(server, None)
    assert codes == [code]
    server.stop_work.assert_awaited_once()


@pytest.mark.parametrize("cache", [True, False])
def test_results_are_kept_on_the_disk_unless_the_client_says_otherwise(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, cache: bool
) -> None:
    disk = MagicMock()
    monkeypatch.setattr("wgsl_ls.server.handlers.initialize.DiskCache", lambda: disk)
    begin(desk, initialization_options={"cache": cache})
    assert (desk.session.readings.notes is disk) == (desk.session.store._slow is disk) == cache


@pytest.mark.parametrize(
    ("fixed", "checks", "seconds"),
    [(0, [], 0.1), (0, [0.4, 0.8], 0.15), (0, [0.01], 0.05), (0, [9.0], 0.2), (250, [9.0], 0.25)],
)
async def test_how_long_a_check_waits_for_more_typing(
    desk: Desk, fixed: int, checks: list[float], seconds: float
) -> None:
    desk.session.settings = Settings(debounce_ms=fixed)
    desk.server.checker._check_times.extend(checks)
    assert desk.server.checker.debounce() == pytest.approx(seconds)


async def test_a_shutdown_ends_the_work() -> None:
    server = MagicMock(was_shut_down=False, stop_work=AsyncMock())
    await shutdown(server, None)
    assert server.was_shut_down is True
    server.stop_work.assert_awaited_once()


@pytest.mark.parametrize(
    ("client", "said", "codes"),
    [
        (None, None, None),
        (OWN, None, None),
        (7, ProcessLookupError, [1]),
        (7, PermissionError, []),
    ],
)
def test_a_server_ends_with_its_client(
    monkeypatch: pytest.MonkeyPatch, client: int | None, said: type[OSError] | None, codes: list[int] | None
) -> None:
    """`said`: of a process that was there twice."""
    ended: list[int] = []
    asked: list[tuple[int, int]] = []
    watches: list[Callable[[], None]] = []

    def kill(process: int, signal: int) -> None:
        asked.append((process, signal))
        if len(asked) > 2 and said is not None:
            raise said

    def leave_now(code: int) -> None:
        ended.append(code)
        raise SystemExit

    def thread(target: Callable[[], None], name: str, daemon: bool) -> Any:
        assert daemon, "it keeps nobody alive"
        watches.append(target)
        return MagicMock()

    monkeypatch.setattr(app.os, "kill", kill)
    monkeypatch.setattr(app.os, "_exit", leave_now)
    monkeypatch.setattr(app.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(app.threading, "Thread", thread)
    app.watch_parent(os.getpid() if client == OWN else client)
    assert len(watches) == (codes is not None)
    for watch in watches:
        with contextlib.suppress(SystemExit):
            watch()
        assert (ended, asked) == (codes, [(7, 0)] * 3)


def test_what_a_server_says_is_what_its_client_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    server, sent = app.make_server(), list[Any]()
    monkeypatch.setattr(server.protocol, "notify", lambda method, params: sent.append((method, params)))
    monkeypatch.setattr(server, "window_show_message", sent.append)
    server.tell(STATUS, ServerStatus("checking", 1, 2, "", None))
    assert sent == [("wgsl/status", {"state": "checking", "done": 1, "total": 2, "message": ""})]
    server.tell_user("[no](command:x)")
    server.tell_user("well", types.MessageType.Info)
    assert [one.type for one in sent[1:]] == [types.MessageType.Warning, types.MessageType.Info]
    assert "](command" not in sent[1].message and sent[2].message == "well"


async def test_engines_are_started_anew_with_what_failed_and_looked_at_by_the_doctor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = MagicMock()
    server.checker.restart_engines = AsyncMock()
    await restart_engines(server, None)
    server.checker.restart_engines.assert_awaited_once()
    server.host_watch.forget_failures.assert_called_once_with()
    monkeypatch.setattr("wgsl_ls.server.handlers.commands.examine", AsyncMock(return_value={"python": "3"}))
    monkeypatch.setattr("wgsl_ls.server.handlers.commands.as_text", lambda found: f"Python {found['python']}")
    report = await doctor(server, None)
    assert report == DoctorReport("```\nPython 3\n```", {"python": "3"})


@pytest.mark.parametrize(("platform", "factor"), [("linux", 1024), ("darwin", 1)])
def test_where_there_is_no_proc_the_most_memory_so_far_is_told(
    monkeypatch: pytest.MonkeyPatch, platform: str, factor: int
) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr("pathlib.Path.read_text", MagicMock(side_effect=OSError))
    monkeypatch.setattr("sys.platform", platform)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert before * factor <= resident_bytes() <= 2 * before * factor
