"""What the stories in real editors share: the installed editors, the packed extension, servers to start, folders to
work in, and a place where a failure leaves its pictures and logs (build/e2e/<test>)."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder that setup.sh filled."""
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "wgsl-ls-editors"
    folder = Path(os.environ.get("WGSL_EDITOR_TOOLS", default))
    if not (folder / "bin").is_dir():
        pytest.skip(f"no editors in {folder}: run tests/e2e/setup.sh")
    return folder


@pytest.fixture(scope="session")
def node_environment(tools: Path) -> dict[str, str]:
    if not (tools / "bin/node").exists():
        pytest.skip("no Node: run tests/e2e/setup.sh node vscode")
    # What an extension installs must run as it is, not this checkout in its place.
    around = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**around, "PATH": f"{tools / 'bin'}:{os.environ['PATH']}", "WGSL_EDITOR_TOOLS": str(tools)}


@pytest.fixture(scope="session")
def vsix(node_environment: dict[str, str]) -> Path:
    """The extension, type-checked, bundled and packed as its README says."""
    extension = PROJECT / "editors/vscode"
    command = ["npm", "run", "package"]
    ran = subprocess.run(command, cwd=extension, env=node_environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return extension / "out/wgsl-ls.vsix"


@pytest.fixture
def artifacts(request: pytest.FixtureRequest) -> Path:
    """An empty folder for the pictures and logs of this test; it stays."""
    folder = PROJECT / "build/e2e" / request.node.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def shaders(tmp_path: Path) -> Path:
    """A copy of our FlashAttention family to edit."""
    return Path(shutil.copytree(PROJECT / "tests/shaders", tmp_path / "shaders", ignore=_not_shaders))


@pytest.fixture
def small_shader(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HERE / "fixture", tmp_path / "small"))


@pytest.fixture
def kernels(tmp_path: Path) -> Path:
    """A folder with a shader that is wrong in one of its two variants, and an include file."""
    folder = tmp_path / "wgsl-kernels"
    folder.mkdir()
    (folder / "decls.tmpl").write_text("fn twice(x: f32) -> f32 { return 2.0 * x; }\n")
    (folder / "a.wgsl").write_text(
        '#include "decls.tmpl"\n#ifdef WIDE\nconst BROKEN = not_there;\n#endif\n'
        "@compute @workgroup_size(1) fn main() { _ = twice(1.0); }\n"
    )
    (folder / "wgsl-ls.toml").write_text(
        '[[shader]]\nfiles = ["a.wgsl"]\n[[shader.variant]]\nname = "plain"\n'
        '[[shader.variant]]\nname = "wide"\ndefines = ["WIDE"]\n'
    )
    return folder


@pytest.fixture
def real_server(tmp_path: Path, artifacts: Path) -> Path:
    """A folder with a `wgsl-ls` for PATH: this checkout's, writing its log where a failure finds it."""
    log = f'[ "$1" = serve ] && set -- "$@" --log "{artifacts / "server.log"}"'
    here = f'export PYTHONPATH="{PROJECT}${{PYTHONPATH:+:$PYTHONPATH}}"'
    program = f'exec "{sys.executable}" -m wgsl_ls.cli.main "$@" 2>>"{artifacts / "server.stderr"}"'
    return _program(tmp_path / "bin", f"{here}\n{log}\n{program}")


@pytest.fixture
def stand_in_server(tmp_path: Path, artifacts: Path) -> Path:
    return _program(
        tmp_path / "bin",
        f'exec "{sys.executable}" "{HERE / "mock/server.py"}" 2>>"{artifacts / "server.stderr"}"',
    )


def editor_environment(home: Path, server: Path, **more: str) -> dict[str, str]:
    """Of an editor that starts the server out of the folder `server`, with a home of its own."""
    passed_on = {name: os.environ[name] for name in ("WGPU_BACKEND_TYPE",) if name in os.environ}
    path = f"{server}:/usr/bin:/bin"
    own = {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "WGSL_LS_CACHE": str(home / "cache")}
    return {**own, **passed_on, **more}


def _program(folder: Path, line: str) -> Path:
    folder.mkdir()
    program = folder / "wgsl-ls"
    program.write_text(f"#!/bin/sh\n{line}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder


def _not_shaders(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if Path(name).suffix not in (".wgsl", ".tmpl", ".toml")}
