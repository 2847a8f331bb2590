"""What the README says of installing: each of its lines in an empty home, with a copy of this checkout as the folder
that it speaks of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import wgsl_ls

PROJECT = Path(__file__).parent.parent.parent
LINES = re.findall(
    r"^((?:pip|pipx|uv tool) install \S+)", (PROJECT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
)
PIP_FILES = [Path.home() / name for name in (".config/pip/pip.conf", ".pip/pip.conf")]


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_readme_installs_a_program_that_runs(line: str, tmp_path: Path) -> None:
    installer = line.split()[0]
    if installer != "pip" and shutil.which(installer) is None:
        pytest.skip(f"{installer} is not here")
    listing = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=PROJECT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a checkout")
    for name in listed.stdout.splitlines():
        if (PROJECT / name).is_file():
            (tmp_path / "wgsl-ls" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, tmp_path / "wgsl-ls" / name)
    home, programs = tmp_path / "home", tmp_path / "programs"
    not_ours = ("PIPX_", "UV_TOOL", "PYTHON")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(not_ours)}
    environment |= {"HOME": str(home), "PIPX_BIN_DIR": str(programs), "UV_TOOL_BIN_DIR": str(programs)}
    # A home of its own must not hide the machine's choice of package index and its cache.
    for file in filter(Path.exists, PIP_FILES):
        environment.setdefault("PIP_CONFIG_FILE", str(file))
    environment.setdefault("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    home.mkdir()
    if installer == "pip":
        subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], env=environment, check=True)
        programs = tmp_path / "venv/bin"
        environment["PATH"] = f"{programs}:{environment['PATH']}"
    words = [word.strip('"') for word in line.split()]
    ran = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = subprocess.run(
        [programs / "wgsl-ls", "--version"], cwd=home, env=environment, capture_output=True, text=True, check=False
    )
    assert wgsl_ls.__version__ in said.stdout, said.stdout + said.stderr
    (home / "a.wgsl").write_text("@compute @workgroup_size(1) fn main() {}\n")
    judged = subprocess.run(
        [programs / "wgsl-ls", "validate", "--engine", "dawn", "a.wgsl"],
        cwd=home,
        env=environment | {"WGSL_LS_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0 and "1 pass" in judged.stdout, judged.stdout + judged.stderr


def test_the_lines_are_found() -> None:
    assert [line.split()[0] for line in LINES] == ["pip", "pipx", "uv"]
