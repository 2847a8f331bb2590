"""What would be passed over in silence is said: a profile that nobody knows, folders that are not searched."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from tests.server.in_process import Desk
from tests.steps import steps_of
from wgsl_ls.server.handlers.did_change_watched_files import did_change_watched_files
from wgsl_ls.server.handlers.did_change_workspace_folders import did_change_workspace_folders
from wgsl_ls.server.handlers.initialized import apply_settings
from wgsl_ls.server.settings import Settings

BROKEN = "#endif\n"
OWN = '[profile."mine"]\nworkgroup-storage = 1024\n'


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["webgpu-default"], []),
        (["mine"], []),
        (["webgpu-defualt", "mine"], ["webgpu-defualt"]),
        (["a", "b"], ["a", "b"]),
    ],
)
async def test_an_unknown_profile_of_the_settings_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], told: list[str]
) -> None:
    desk = Desk(tmp_path, {"a.wgsl": "", "wgsl-ls.toml": OWN}, settings=Settings())
    said: list[str] = []
    monkeypatch.setattr(desk.server, "tell_user", said.append)
    await apply_settings(desk.server, {"profiles": names})
    assert [text.split("'")[1] for text in said] == told
    assert all("webgpu-default" in text and "mine" in text for text in said)


async def test_a_folder_that_is_not_searched_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path, {"a.wgsl": BROKEN}, settings=Settings())
    said: list[str] = []
    monkeypatch.setattr(desk.server, "tell_user", lambda text, kind=None: said.append(text))
    for _ in range(2):
        added = [types.WorkspaceFolder("file:///", "all")]
        event = types.WorkspaceFoldersChangeEvent(added=added, removed=[])
        did_change_workspace_folders(desk.server, types.DidChangeWorkspaceFoldersParams(event))
        did_change_watched_files(desk.server, types.DidChangeWatchedFilesParams([]))
    assert [text.partition(",")[0] for text in said] == ["the folder / is a whole file system"]
    desk.open()
    await desk.check()
    assert any("preprocess/" in one for one in desk.shown())  # what is open is checked all the same


async def test_shaders_that_are_left_out_are_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path, {"a.wgsl": "", ".github/x.yml": "", ".one/b/c.wgsl": ""}, settings=Settings())
    said: list[str] = []
    monkeypatch.setattr(desk.server, "tell_user", lambda text, kind=None: said.append(text))
    for _ in range(2):
        did_change_watched_files(desk.server, types.DidChangeWatchedFilesParams([]))
        await asyncio.gather(*desk.server.background)
    assert [text.partition(" are left out: ")[0] for text in said] == [f"shaders in {tmp_path}/.one"]
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "d.wgsl").write_text("")
    desk.session.workspace.refresh()
    did_change_watched_files(desk.server, types.DidChangeWatchedFilesParams([]))
    await asyncio.gather(*desk.server.background)
    assert [text.partition(" are left out: ")[0] for text in said[1:]] == [f"shaders in {tmp_path}/node_modules"]


async def test_folders_that_are_left_out_are_looked_at_once_and_not_within_a_message(tmp_path: Path) -> None:
    n_files = 400
    steps = []
    event = types.DidChangeWatchedFilesParams([])
    for size in (1, n_files):
        files = {f".one/{i // 10}/{i}.txt": "" for i in range(size)}
        desk = Desk(tmp_path / str(size), {"a.wgsl": "", **files}, settings=Settings())
        desk.session.workspace.shader_files()
        steps.append(steps_of(lambda desk=desk: did_change_watched_files(desk.server, event)))  # type: ignore[misc]
        for task in desk.server.background:
            task.cancel()
    assert abs(steps[1] - steps[0]) < 50
    counts = [sum(1 for _ in desk.session.files.passed_by_steps(str(desk.folder))) for _ in range(2)]
    assert counts[0] > n_files and counts[1] == 0
