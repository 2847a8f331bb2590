"""A profile that nobody knows is said: else everything would pass it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.in_process import Desk
from wgsl_ls.server.handlers.initialized import apply_settings
from wgsl_ls.server.settings import Settings

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
