"""Helix with editors/helix/languages.toml as its README says, in a terminal that tmux draws."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import editor_environment

RECIPE = Path(__file__).parent.parent.parent / "editors/helix/languages.toml"

pytestmark = [pytest.mark.editor]


class Screen:
    """One program in a terminal of its own: keys go in, lines of text come out."""

    def __init__(self, command: str, folder: Path, environment: dict[str, str], artifacts: Path) -> None:
        self._tmux = ["tmux", "-S", str(folder.parent / "tmux"), "-f", os.devnull]
        self._last = artifacts / "screen"
        start = ["new-session", "-d", "-x", "150", "-y", "30", command]
        subprocess.run([*self._tmux, *start], cwd=folder, env=environment, check=True)

    def text(self) -> str:
        got = subprocess.run([*self._tmux, "capture-pane", "-p"], capture_output=True, text=True, check=True).stdout
        self._last.write_text(got)
        return got

    def keys(self, *keys: str) -> None:
        for key in keys:
            subprocess.run([*self._tmux, "send-keys", key], check=True)
            time.sleep(0.1)

    def shows(self, pattern: str, *keys: str) -> str:
        """The screen, as soon as it has this; the keys are pressed first, and again now and then: a slow answer may
        come after the key that asked for it was taken for something else."""
        for turn in range(400):
            if keys and turn % 50 == 0:
                self.keys("Escape", *keys)
            text = self.text()
            if re.search(pattern, text, re.MULTILINE):
                return text
            time.sleep(0.2)
        raise AssertionError(f"{pattern} is not on the screen:\n{text}")

    def end(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False)


@pytest.fixture
def helix(tools: Path) -> Path:
    found = tools / "bin/hx"
    if not found.exists() or shutil.which("tmux") is None:
        pytest.skip("no Helix: run tests/e2e/setup.sh helix")
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    settings = tmp_path / "home/.config/helix"
    settings.mkdir(parents=True)
    shutil.copy(RECIPE, settings)
    return tmp_path / "home"


@pytest.fixture
def screen(helix: Path, home: Path, kernels: Path, real_server: Path, artifacts: Path) -> Iterator[Screen]:
    environment = editor_environment(home, real_server, TERM="xterm-256color")
    opened = Screen(f"{helix} a.wgsl", kernels, environment, artifacts)
    yield opened
    opened.end()


def test_the_story(screen: Screen) -> None:
    screen.shows(r"^● +3 .*not_there")
    told = screen.shows(r"ERROR +wgpu\+dawn +wgsl/name", "Space", "d")
    assert told.count("ERROR") == 1, told  # and not once more for having been asked for
    screen.keys("Escape", ":5", "Enter", "f(", "ftw")
    screen.shows(r"fn twice\(x: f32\) -> f32", "Space", "k")
    screen.shows(r"NOR +\S*decls\.tmpl", "g", "d")
    # An include file is WGSL by its folder's name, and asks the same server.
    screen.shows(r"(?s)fn twice\(x: f32\) -> f32.*fn twice\(x: f32\) -> f32", "Space", "k")
    screen.keys("Escape", ":open a.wgsl", "Enter", ":5", "Enter")
    screen.shows(r"main +.*function|function +main", "Space", "s")
    screen.keys("Escape", "o")
    screen.keys("fn more() { _ = twi")
    screen.shows(r"twice +.*function|twice +function")
    screen.keys("C-n", "Enter")
    screen.shows(r"fn more\(\) \{ _ = twice")


def test_its_own_check_finds_the_server(helix: Path, home: Path, real_server: Path) -> None:
    environment = editor_environment(home, real_server)
    command = [helix, "--health", "wgsl"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert re.search(rf"✓\S* wgsl-ls: \S*{re.escape(str(real_server / 'wgsl-ls'))}", ran.stdout), ran.stdout
