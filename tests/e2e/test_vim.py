"""Vim with ALE: editors/vim/wgsl_ls_ale.vim as its README says, in a terminal of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import editor_environment

EDITORS = Path(__file__).parent.parent.parent / "editors"
STORY = Path(__file__).parent / "vim/story.vim"
ALE = Path("/usr/share/vim-ale")

pytestmark = [pytest.mark.editor]


def test_the_story(tmp_path: Path, kernels: Path, real_server: Path, artifacts: Path) -> None:
    if shutil.which("vim") is None or not ALE.is_dir():
        pytest.skip("no Vim with ALE: run tests/e2e/setup.sh vim")
    said = tmp_path / "said"
    environment = editor_environment(
        tmp_path,
        real_server,
        TERM="xterm",
        STORY_SAID=str(said),
        STORY_ALE=str(ALE),
        STORY_PLUGIN=str(EDITORS / "neovim"),
        STORY_RECIPE=str(EDITORS / "vim/wgsl_ls_ale.vim"),
    )
    # Jobs and timers run in a terminal only.
    command = ["script", "--quiet", "--return", "--command", f"vim -Nu NONE -S {STORY}", str(artifacts / "screen")]
    subprocess.run(
        command, cwd=kernels, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=180, check=False
    )
    lines = said.read_text().splitlines()
    assert len(lines) == 7 and all(line.startswith("ok - ") for line in lines), "\n".join(lines)
