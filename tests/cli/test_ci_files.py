"""What users take into their CI: the action and the hook parse, and the action's validating step does what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.action_runner import Ran, Runner
from wgsl_ls.cli.composition import chosen_roots, open_session

ROOT = Path(__file__).parents[2]
SHADERS = ROOT / "tests" / "shaders"
ACTION = ROOT / ".github" / "actions" / "validate" / "action.yml"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def prepared(tmp_path: Path) -> Path:
    """What the installing step leaves, of this checkout."""
    command = tmp_path / "temp/wgsl-ls/bin/wgsl-ls"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wgsl_ls.cli.main "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return tmp_path / "temp"


def steps() -> dict[str, Any]:
    return {step["name"]: step for step in read(ACTION)["runs"]["steps"]}


def validating(tmp_path: Path, folder: Path = SHADERS / "broken", **inputs: str) -> Ran:
    """All steps of the action but for those that install."""
    return Runner(folder, prepared(tmp_path)).action(ACTION, inputs, without=("Vulkan driver for naga", "wgsl-ls"))


@pytest.mark.gpu
def test_the_action_annotates_and_fails(tmp_path: Path) -> None:
    done = validating(tmp_path, paths="missing_helper.wgsl missing_member.wgsl", arguments="--engine wgpu --jobs 1")
    assert done.returncode == 1, done.stderr
    told = [(one.level, one.file, one.line) for one in done.annotations]
    assert ("error", "missing_helper.wgsl", 32) in told
    assert ("error", "missing_member.wgsl") in [one[:2] for one in told]
    assert (tmp_path / "temp/wgsl-ls-results/results.sqlite3").is_file()
    assert done.cached == [str(tmp_path / "temp/wgsl-ls-results")]


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"paths": "$(touch owned)"}, 2),
        ({"paths": "`touch owned`; touch owned"}, 2),
        ({"paths": "a.wgsl && touch owned"}, 2),
        ({"paths": "a.wgsl\ntouch owned"}, 2),
        ({"paths": "a.wgsl", "arguments": '"; touch owned; "'}, 2),
        ({"paths": "a.wgsl", "arguments": "$(touch owned) --jobs 1"}, 2),
        ({"paths": "a.wgsl", "format": "gcc; touch owned"}, 2),
        ({"paths": "a.wgsl", "format": "$(touch owned)"}, 2),
        ({"paths": "a.wgsl", "output": "$(touch owned)"}, 0),  # a strange name of a file, and no more
        ({"paths": "--output=owned"}, 2),
        ({"paths": "a.wgsl", "cache": "false"}, 0),
    ],
)
def test_what_a_workflow_says_is_never_a_command(tmp_path: Path, inputs: dict[str, str], code: int) -> None:
    folder = tmp_path / "checked"
    folder.mkdir()
    (folder / "a.wgsl").write_text("fn f() {}\n", encoding="utf-8")
    done = validating(tmp_path, folder, **({"arguments": "--engine dawn --no-cache"} | inputs))
    assert done.returncode == code, done.stderr
    assert not (folder / "owned").exists()
    assert bool(done.cached) == (inputs.get("cache") != "false")


def test_names_and_texts_of_the_checked_repository_command_no_runner(tmp_path: Path) -> None:
    folder = tmp_path / "checked"
    folder.mkdir()
    for name in ("$(touch owned).wgsl", "a,line=1::x.wgsl", "b%0A::error::injected.wgsl"):
        (folder / name).write_text("fn f() { ::set-env name=X::y }\n#error ::error::injected\n", encoding="utf-8")
    done = validating(tmp_path, folder, paths=".", arguments="--engine dawn --no-cache")
    assert done.returncode == 1, done.stderr
    assert {one.file for one in done.annotations} == {path.name for path in folder.iterdir()}
    assert {one.command for one in done.annotations} <= {"error", "warning", "notice"}
    assert not (folder / "owned").exists() and not any(one.message == "injected" for one in done.annotations)


@pytest.mark.slow
@pytest.mark.gpu
def test_the_workflow_of_the_page_runs_as_it_stands(tmp_path: Path) -> None:
    """The first block of CI.md, all steps of it and of the action, with what pip really installs; only the system's
    packages are those that are there."""
    page = (ROOT / "wgsl_ls" / "cli" / "CI.md").read_text(encoding="utf-8")
    block = next(iter(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)))
    (job,) = yaml.safe_load(block)["jobs"].values()
    (checkout, step) = job["steps"]
    assert checkout["uses"].startswith("actions/checkout@") and step["uses"].startswith("OWNER/wgsl-ls/")
    action = tmp_path / "action"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in files.split("\0"):
        if name and (ROOT / name).is_file():
            (action / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, action / name)
    checked = tmp_path / "checked"
    shutil.copytree(SHADERS / "broken", checked / "shaders")
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("apt-get", "sudo"):
        told = 'test "$1" != env || shift; ' if name == "sudo" else ""
        (commands / name).write_text(f'#!/bin/sh\n{told}echo {name} "$@" >> {tmp_path / "told"}\n', encoding="utf-8")
        (commands / name).chmod(0o755)
    runner = Runner(checked, tmp_path / "temp", {"PATH": f"{commands}:{os.environ['PATH']}"})
    where = action / step["uses"].removeprefix("OWNER/wgsl-ls/").partition("@")[0] / "action.yml"
    first = runner.action(where, step["with"])
    assert first.returncode == 1, first.stderr
    assert "libvulkan1 mesa-vulkan-drivers" in (tmp_path / "told").read_text()
    assert ("error", "shaders/missing_helper.wgsl", 32) in [
        (one.level, one.file, one.line) for one in first.annotations
    ]
    assert all((checked / one.file).is_file() for one in first.annotations)
    # The second run of a workflow has the first one's results.
    again = runner.action(where, step["with"], without=("Vulkan driver for naga", "wgsl-ls"))
    assert again.annotations == first.annotations and again.returncode == 1


@pytest.mark.gpu
def test_the_action_writes_a_file(tmp_path: Path) -> None:
    output = tmp_path / "with a space.sarif"
    done = validating(tmp_path, paths="missing_helper.wgsl", format="sarif", output=str(output))
    assert (done.returncode, done.stdout) == (1, "")
    assert '"version": "2.1.0"' in output.read_text(encoding="utf-8")


def test_names_of_the_checked_repository_are_no_options(tmp_path: Path) -> None:
    folder = tmp_path / "checked"
    folder.mkdir()
    for name in ("a.wgsl", "--output=a.wgsl", "--help", "-h"):
        (folder / name).write_text("fn f() {}\n", encoding="utf-8")
    done = validating(tmp_path, folder, paths="*.wgsl", arguments="--engine dawn --no-cache")
    assert (done.returncode, done.stdout) == (0, "2 variants, 2 pass, 0 fail\n"), done.stderr
    assert (folder / "a.wgsl").read_text(encoding="utf-8") == "fn f() {}\n"


@pytest.mark.slow
def test_the_action_imports_nothing_of_the_checked_repository(tmp_path: Path) -> None:
    """The installing step, with a pip that does nothing: what Python imports by itself is the question."""
    folder = tmp_path / "checked"
    folder.mkdir()
    for name in ("venv", "ensurepip", "pip", "subprocess", "logging", "argparse", "sitecustomize"):
        (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'RAN')!r}, 'w')\n", encoding="utf-8")
    step = steps()["wgsl-ls"]
    environment = {"PACKAGE": "--help", "SOURCE": "", "HOME_OF_IT": str(tmp_path / "made")}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "wgsl-ls: No such file" in done.stderr and (tmp_path / "made/bin/python").exists(), done.stderr
    assert not (tmp_path / "RAN").exists()


def test_every_step_of_the_action_names_its_shell() -> None:
    assert all("uses" in step or step["shell"] == "bash" for step in steps().values())
    for step in steps().values():
        if "run" in step:
            checked = subprocess.run(["bash", "-n", "-c", step["run"]], capture_output=True, text=True, check=False)
            assert checked.returncode == 0, checked.stderr


def test_the_hook_takes_what_validate_takes() -> None:
    (hook,) = read(ROOT / ".pre-commit-hooks.yaml")
    assert (hook["entry"], hook["args"]) == ("wgsl-ls validate", ["--"])
    taken = re.compile(hook["files"])
    assert all(taken.search(name) for name in ("a/b.wgsl", "a.tmpl", "wgsl-ls.toml", "a/wgsl-ls.toml"))
    assert not any(taken.search(name) for name in ("a.py", "not-wgsl-ls.toml", "pyproject.toml"))


def test_includes_and_configurations_stand_for_their_shaders() -> None:
    wrong = SHADERS / "wrong"
    everything = sorted(str(path) for path in wrong.glob("*.wgsl"))
    session = open_session([str(wrong)])
    assert sorted(chosen_roots(session, [str(wrong / "wgsl-ls.toml")])) == everything
    reducing = chosen_roots(session, [str(wrong / "small_reduce.tmpl")])
    assert reducing and all("reduce" in root for root in reducing)


def test_the_page_has_the_yaml_and_commands_that_exist() -> None:
    page = (ROOT / "wgsl_ls" / "cli" / "CI.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        assert yaml.safe_load(block)
    helped = subprocess.run(
        [sys.executable, "-m", "wgsl_ls.cli.main", "validate", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for line in re.findall(r"^wgsl-ls validate .*$", page, re.MULTILINE):
        for option in re.findall(r"--[a-z-]+", line):
            assert option in helped, line


def test_ci_installs_what_is_pinned_and_hashed() -> None:
    """Every requirement of the lists has a version and hashes; the lists cover what pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = {"user": [*project["dependencies"], *extras["dawn"], *extras["smoke"]]}
    asked["dev"] = [*asked["user"], *extras["mcp"], *extras["websocket"], *extras["dev"]]
    for name, wanted in asked.items():
        text = (ROOT / ".ci" / f"requirements-{name}.txt").read_text()
        entries = re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", text))
        pinned = {}
        for entry in entries:
            match = re.match(r"([a-z0-9.-]+)==(\S+)", entry)
            assert match and entry.count("--hash=sha256:") >= 1, entry
            pinned[match[1]] = match[2]
        for one in wanted:
            package = re.split(r"[\[<>=]", one)[0].lower().replace("_", "-")
            assert package == "wgsl-ls" or package in pinned, f"{one}: run .ci/lock"
        assert not re.search(r"https?://|--(?:extra-)?index-url|file:", text)
    for file in (ROOT / ".ci" / "setup", ACTION):
        assert "--require-hashes" in file.read_text() and "--no-build-isolation" in file.read_text()
