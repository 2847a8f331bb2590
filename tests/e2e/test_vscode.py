"""VS Code: the packed extension in the real workbench. The stories themselves are the Node programs in vscode/."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

import wgsl_ls

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
SECOND_HOST = PROJECT / "tests/host/second"

pytestmark = [pytest.mark.editor, pytest.mark.slow]


def run_node(script: str, environment: dict[str, str], artifacts: Path, *arguments: Path, seconds: int = 420) -> str:
    """What the program said. Its words, the server's last words and the picture of a failure stay in `artifacts`."""
    command = ["node", str(HERE / "vscode" / script), *map(str, arguments)]
    with (artifacts / "story.log").open("w+") as log:
        with subprocess.Popen(command, env=environment, stdout=log, stderr=log) as story:
            try:
                code = story.wait(seconds)
            except subprocess.TimeoutExpired:
                # It ends the workbench that it started.
                story.terminate()
                code = story.wait(20)
        log.seek(0)
        said = log.read()
    errors = artifacts / "server.stderr"
    complaint = errors.read_text()[-2000:] if errors.exists() else ""
    assert code == 0, f"{said}\n{complaint}\nkept in {artifacts}"
    return said


def test_client_code_with_a_stand_in_for_the_editor(node_environment: dict[str, str]) -> None:
    command = ["npm", "test"]
    ran = subprocess.run(
        command, cwd=PROJECT / "editors/vscode", env=node_environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_inside_the_extension_host(
    vsix: Path,
    small_shader: Path,
    stand_in_server: Path,
    tmp_path: Path,
    artifacts: Path,
    node_environment: dict[str, str],
) -> None:
    arguments = (tmp_path / "workbench", vsix, small_shader, stand_in_server, artifacts)
    said = run_node("run_host.mjs", node_environment, artifacts, *arguments)
    assert said.count("ok - ") >= 17


def test_a_workspace_that_is_not_trusted(
    vsix: Path,
    small_shader: Path,
    stand_in_server: Path,
    tmp_path: Path,
    artifacts: Path,
    node_environment: dict[str, str],
) -> None:
    arguments = (tmp_path / "workbench", vsix, small_shader, stand_in_server, artifacts)
    run_node("untrusted.mjs", node_environment, artifacts, *arguments)


def test_the_story_in_the_workbench(
    vsix: Path,
    shaders: Path,
    real_server: Path,
    tmp_path: Path,
    artifacts: Path,
    node_environment: dict[str, str],
) -> None:
    def told(folder: Path) -> None:
        files = Path(shutil.copytree(shaders, folder / "shaders"))
        host = Path(shutil.copytree(SECOND_HOST, folder / "engine"))
        arguments = (folder / "workbench", vsix, files, real_server, artifacts, host)
        run_node("story.mjs", node_environment, artifacts, *arguments, seconds=600)

    # A browser on a loaded machine now and then misses a key: what fails is told once more, from the beginning.
    try:
        told(tmp_path / "first")
    except AssertionError as failed:
        print(failed)
        told(tmp_path / "second")


def test_the_offer_to_install_the_server(
    vsix: Path, shaders: Path, tmp_path: Path, artifacts: Path, node_environment: dict[str, str]
) -> None:
    """A machine without the server: the extension asks, installs the one it carries after a yes, and it runs. Then it
    is updated: nothing to do, a failure, and a server that is older than the extension."""
    arguments = (tmp_path / "workbench", vsix, shaders, artifacts, older_wheel(vsix, tmp_path / "older"))
    said = run_node("install.mjs", node_environment, artifacts, *arguments, seconds=900)
    assert said.count("ok - ") == 4


def older_wheel(vsix: Path, folder: Path) -> Path:
    """The wheel that the extension carries, as one of version 0.0.9, beside the same list of what it needs."""
    folder.mkdir()
    older = folder / "wgsl_ls-0.0.9-py3-none-any.whl"
    version = re.escape(wgsl_ls.__version__)
    with zipfile.ZipFile(vsix) as packed:
        inside = {Path(name).name: name for name in packed.namelist() if name.startswith("extension/out/server/")}
        (folder / "requirements.txt").write_bytes(packed.read(inside.pop("requirements.txt")))
        (wheel,) = inside.values()
        with zipfile.ZipFile(io.BytesIO(packed.read(wheel))) as today, zipfile.ZipFile(older, "w") as yesterday:
            for name in today.namelist():
                content = today.read(name)
                if name.endswith(("/METADATA", "/RECORD", "wgsl_ls/__init__.py")):
                    pattern = rf"(^Version: |__version__ = \"|wgsl_ls-){version}"
                    content = re.sub(pattern, r"\g<1>0.0.9", content.decode(), flags=re.MULTILINE).encode()
                yesterday.writestr(re.sub(rf"^wgsl_ls-{version}", "wgsl_ls-0.0.9", name), content)
    return older
