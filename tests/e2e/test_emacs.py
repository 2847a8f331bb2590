"""Emacs with eglot: editors/emacs/wgsl-ls.el as its README says, without a terminal."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import editor_environment

PACKAGE = Path(__file__).parent.parent.parent / "editors/emacs"
STORY = Path(__file__).parent / "emacs/story.el"

pytestmark = [pytest.mark.editor]


@pytest.fixture
def emacs() -> str:
    found = shutil.which("emacs")
    if found is None:
        pytest.skip("no Emacs: run tests/e2e/setup.sh emacs")
    return found


def run_story(emacs: str, folder: Path, server: Path, home: Path, artifacts: Path) -> str:
    environment = editor_environment(home, server, TERM="dumb")
    home.mkdir()
    command = [emacs, "--batch", "-L", str(PACKAGE), "-l", str(STORY)]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False)
    said = ran.stdout + ran.stderr
    (artifacts / "story.log").write_text(said)
    assert ran.returncode == 0, said
    return said


def test_the_package_compiles_without_a_warning(emacs: str, tmp_path: Path) -> None:
    shutil.copy(PACKAGE / "wgsl-ls.el", tmp_path)
    words = "(setq byte-compile-error-on-warn t)"
    command = [emacs, "--batch", "--eval", words, "-f", "batch-byte-compile", str(tmp_path / "wgsl-ls.el")]
    ran = subprocess.run(
        command, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_the_story(emacs: str, tmp_path: Path, real_server: Path, artifacts: Path) -> None:
    folder = tmp_path / "wgsl-kernels"
    folder.mkdir()
    (folder / "decls.tmpl").write_text("fn twice(x: f32) -> f32 { return 2.0 * x; }\n")
    (folder / "a.wgsl").write_text(
        '#include "decls.tmpl"\n'
        "#ifdef WIDE\n"
        "const STEP = 4.0;\n"
        "#else\n"
        "const STEP = 1.0;\n"
        "#endif\n"
        "@group(0) @binding(0) var<storage, read_write> out: array<f32>;\n"
        "@compute @workgroup_size(1) fn main() {\n"
        "    out[0] = twice(STEP);\n"
        "}\n"
    )
    (folder / "wgsl-ls.toml").write_text(
        '[[shader]]\nfiles = ["a.wgsl"]\n[[shader.variant]]\nname = "plain"\n'
        '[[shader.variant]]\nname = "wide"\ndefines = ["WIDE"]\n'
    )
    said = run_story(emacs, folder, real_server, tmp_path / "home", artifacts)
    assert said.count("ok - ") == 11


def test_the_first_screen_shows_the_shader_alone(
    emacs: str, tmp_path: Path, real_server: Path, artifacts: Path
) -> None:
    """With the lines of the README as all of the configuration, in a terminal: without one nothing is compiled."""
    if shutil.which("script") is None:
        pytest.skip("no terminal to be had: `script` is missing")
    readme = (PACKAGE.parent / "README.md").read_text()
    home, folder = tmp_path / "home", tmp_path / "wgsl-kernels"
    home.mkdir()
    folder.mkdir()
    (home / "wgsl-ls").symlink_to(PACKAGE.parent.parent)
    (home / ".emacs").write_text(readme.partition("```elisp\n")[2].partition("```")[0])
    (folder / "a.wgsl").write_text("@compute @workgroup_size(1) fn main() { let x = 1.0; }\n")
    said = tmp_path / "said"
    command = f"{emacs} -nw -l {STORY.parent / 'first_screen.el'} a.wgsl"
    subprocess.run(
        ["script", "--quiet", "--return", "--command", command, str(artifacts / "screen")],
        cwd=folder,
        env=editor_environment(home, real_server, TERM="xterm", STORY_SAID=str(said)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert said.read_text().split() == ["a.wgsl"]
