"""What `impact` and `validate --changed` see through git, and that nothing which a repository brings is run by it.

Every attack below leaves a marker when its command runs; each was seen to leave it when git is asked carelessly.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from wgsl_ls.cli.composition import UserError
from wgsl_ls.cli.git import changed_files, revision_at, texts_at, top_of
from wgsl_ls.cli.main import main

SHADER = "@compute @workgroup_size(1) fn main() { }\n"
CONFIG = '[[shader]]\nfiles = ["*.wgsl"]\n'


def git(folder: Path, *arguments: str) -> str:
    name = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@t",
        "-c",
        "protocol.file.allow=always",
        "-c",
        "core.autocrlf=false",
    ]
    return subprocess.run(
        ["git", *name, *arguments], cwd=folder, check=True, capture_output=True, text=True, encoding="utf-8"
    ).stdout


def repository(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    for name, text in {"wgsl_ls_toml": CONFIG, "a_wgsl": SHADER, **files}.items():
        path = folder / name.replace("wgsl_ls", "wgsl-ls").replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    return folder


def impact(folder: Path, monkeypatch: pytest.MonkeyPatch, revision: str = "HEAD") -> int:
    monkeypatch.chdir(folder)
    return main(["impact", f"--base={revision}"])


# ---- what it says ----


def changes(folder: Path, revision: str = "HEAD") -> dict[str, str | None]:
    at = revision_at(str(folder), revision)
    texts = texts_at(at, changed_files(at))
    return {Path(path).relative_to(folder).as_posix(): text for path, text in texts.items()}


def edit(folder: Path) -> dict[str, str | None]:
    """Every kind of change; what `changes` must say of them."""
    (folder / "a.wgsl").write_text("// changed\n" + SHADER, encoding="utf-8")
    (folder / "new.wgsl").write_text(SHADER, encoding="utf-8")
    (folder / "b.wgsl").rename(folder / "renamed ä.wgsl")
    (folder / "gone.tmpl").unlink()
    return {"a.wgsl": SHADER, "new.wgsl": None, "b.wgsl": "// b\n", "renamed ä.wgsl": None, "gone.tmpl": "// gone\n"}


FILES = {"b_wgsl": "// b\n", "gone_tmpl": "// gone\n", "same_wgsl": "// same\n"}


def test_new_changed_renamed_and_deleted_files(tmp_path: Path) -> None:
    folder = repository(tmp_path, **FILES)
    expected = edit(folder)
    assert changes(folder) == expected
    git(folder, "add", "-A")
    assert changes(folder) == expected, "the index makes no difference"
    git(folder, "config", "diff.renames", "true")
    git(folder, "gc", "-q")
    git(folder, "pack-refs", "--all")
    assert changes(folder, "HEAD~0") == expected


def test_worktrees_submodules_alternates_and_hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    origin = repository(tmp_path / "origin", **FILES)
    git(origin, "worktree", "add", "-q", str(tmp_path / "tree"))
    outer = repository(tmp_path / "outer")
    git(outer, "submodule", "--quiet", "add", str(origin), "sub")
    git(tmp_path, "clone", "-q", "--shared", str(origin), "shared")
    for folder in (tmp_path / "tree", outer / "sub", tmp_path / "shared"):
        assert top_of(str(folder / "a.wgsl")) == str(folder)
        expected = edit(folder)
        assert changes(folder) == expected
        # As git sets them for its hooks, which are not about this repository.
        with monkeypatch.context() as inside:
            inside.setenv("GIT_DIR", str(outer / ".git"))
            inside.setenv("GIT_INDEX_FILE", str(outer / ".git/index"))
            assert changes(folder) == expected
    assert changes(outer) == {".gitmodules": None} or "sub" not in changes(outer)


def test_roots_of_several_repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        repository(tmp_path / name)
    (tmp_path / "two/a.wgsl").write_text(SHADER.replace("1", "2"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["impact", "one", "two", "--base", "HEAD"]) == 1


def test_what_cannot_be_compared_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = repository(tmp_path / "here")
    kept = folder / "kept"
    for revision in (f"--output={kept}", "-h", "", "nothing-of-this-name", "HEAD\nHEAD", "HEAD:a.wgsl"):
        assert impact(folder, monkeypatch, revision) == 2
        said = capsys.readouterr().err
        is_bad = not revision[:1].isalnum() or "\n" in revision
        assert "revision" in said and ("it is empty, begins with '-' or has control characters" in said) == is_bad
    assert not kept.exists()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/b.wgsl").write_text(SHADER, encoding="utf-8")
    (folder / "link").symlink_to(tmp_path / "outside")
    monkeypatch.chdir(folder)
    assert main(["impact", "link/b.wgsl", "--base", "HEAD"]) == 2
    assert "symbolic link" in capsys.readouterr().err


def test_which_variables_git_gets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own, but none that names another repository."""
    folder, seen, real = repository(tmp_path / "here"), tmp_path / "SEEN", shutil.which("git")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nenv >> '{seen}'\nexec '{real}' \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    given = {"SSH_AUTH_SOCK": "s", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_DIR": "d", "GIT_WORK_TREE": "t"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert main(["impact", "--base=HEAD", str(folder)]) == 0
    names = {line.partition("=")[0] for line in seen.read_text(encoding="utf-8").splitlines()}
    assert names & set(given) == {"SSH_AUTH_SOCK", "GIT_CONFIG_GLOBAL"}
    own = {line for line in seen.read_text(encoding="utf-8").splitlines() if line.startswith(("GIT_", "LC_ALL="))}
    assert own >= {
        "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", "GIT_TERMINAL_PROMPT=0",
        "GIT_NO_REPLACE_OBJECTS=1", "LC_ALL=C",
    }  # fmt: skip


# ---- what it must not run ----


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "RAN"


def attack(marker: Path, name: str = "attack.sh", says: str = "cat") -> Path:
    """A program that leaves the marker."""
    program = marker.parent / name
    program.write_text(f"#!/bin/sh\ntouch '{marker}'\n{says}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def bare_layout(source: Path, target: Path, command: Path) -> None:
    """A folder that git's search takes for a repository, as it can be committed."""
    for name in ("objects", "refs"):
        shutil.copytree(source / ".git" / name, target / name, dirs_exist_ok=True)
    for name in ("HEAD", "index"):
        shutil.copy(source / ".git" / name, target / name)
    lines = ["[core]", "repositoryformatversion = 0", "bare = false", "worktree = .", f'fsmonitor = "{command}"', ""]
    (target / "config").write_text("\n".join(lines), encoding="utf-8")
    for folder in list(target.rglob("*")):
        if folder.is_dir() and not any(folder.iterdir()):
            (folder / ".keep").touch()


@pytest.mark.parametrize("above", [True, False])
def test_a_bare_repository_among_the_files(
    tmp_path: Path, marker: Path, above: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = repository(tmp_path / "inner")
    hostile = repository(tmp_path / "hostile", shaders__a_wgsl=SHADER, shaders__wgsl_ls_toml=CONFIG)
    bare_layout(inner, hostile / "shaders", attack(marker))
    git(hostile, "add", "-f", "-A")
    git(hostile, "commit", "-qm", "two")
    git(tmp_path, "clone", "-q", str(hostile), "clone")
    shaders = tmp_path / "clone/shaders"
    if not above:
        shutil.rmtree(tmp_path / "clone/.git")
    assert impact(shaders, monkeypatch) == (0 if above else 2)
    assert not marker.exists()
    # Also where `.git` is there and no repository, so that git looks further.
    (shaders / ".git").mkdir()
    assert impact(shaders, monkeypatch) == 2
    assert not marker.exists()
    subprocess.run(["git", "status"], cwd=shaders, capture_output=True, check=False)
    if above:
        subprocess.run(["git", "--git-dir=.", "status"], cwd=shaders, capture_output=True, check=False)
        assert marker.exists(), "the attack is none"


def fsmonitor(folder: Path, program: Path) -> None:
    git(folder, "config", "core.fsmonitor", str(program))


def hooks(folder: Path, program: Path) -> None:
    (folder / ".git/own").mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout"):
        shutil.copy(program, folder / ".git/own" / name)
    git(folder, "config", "core.hooksPath", ".git/own")


def filters(folder: Path, program: Path) -> None:
    (folder / ".gitattributes").write_text("*.wgsl filter=own.dotted\n", encoding="utf-8")
    git(folder, "config", "filter.own.dotted.clean", str(program))
    git(folder, "config", "filter.own.dotted.required", "true")


def filter_process(folder: Path, program: Path) -> None:
    (folder / ".gitattributes").write_text("*.wgsl filter=own\n", encoding="utf-8")
    git(folder, "config", "filter.own.process", str(program))


def filter_of_an_odd_name(folder: Path, program: Path) -> None:
    (folder / ".gitattributes").write_text("*.wgsl filter=o=n\n", encoding="utf-8")
    git(folder, "config", "filter.o=n.clean", str(program))


def drivers(folder: Path, program: Path) -> None:
    (folder / ".gitattributes").write_text("*.wgsl diff=own\n", encoding="utf-8")
    for key in ("diff.own.textconv", "diff.own.command", "diff.external", "core.pager", "pager.diff", "core.editor"):
        git(folder, "config", key, str(program))


CONFIGURED: list[Callable[[Path, Path], None]] = [
    fsmonitor,
    hooks,
    filters,
    filter_process,
    filter_of_an_odd_name,
    drivers,
]


@pytest.mark.parametrize("configure", CONFIGURED)
def test_commands_of_the_repositorys_own_configuration(
    tmp_path: Path, marker: Path, configure: Callable[[Path, Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository(tmp_path / "here")
    configure(folder, attack(marker))
    (folder / "a.wgsl").write_text(SHADER.replace("1", "2"), encoding="utf-8")
    assert impact(folder, monkeypatch) == (2 if configure is filter_of_an_odd_name else 1)
    assert not marker.exists()
    os.utime(folder / "wgsl-ls.toml")
    for command in (["diff", "HEAD"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=folder, capture_output=True, check=False)
    assert marker.exists(), "the attack is none"


def test_missing_objects_are_not_fetched(
    tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    origin = repository(tmp_path / "origin")
    (origin / "a.wgsl").write_text(SHADER.replace("1", "2"), encoding="utf-8")
    git(origin, "commit", "-qam", "two")
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-local", "--filter=blob:none", origin.as_uri(), "partial")
    folder = tmp_path / "partial"
    git(folder, "config", "remote.origin.uploadpack", str(attack(marker, says='exec git-upload-pack "$@"')))
    git(folder, "config", "protocol.file.allow", "always")
    assert impact(folder, monkeypatch, "HEAD~1") == 2
    assert "fetch" in capsys.readouterr().err
    assert not marker.exists()
    git(folder, "cat-file", "blob", "HEAD~1:a.wgsl")
    assert marker.exists(), "the attack is none"


def test_a_program_called_git_in_the_folder_is_not_git(
    tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository(tmp_path / "here")
    shutil.copy(attack(marker), folder / "git")
    monkeypatch.setenv("PATH", os.pathsep.join((".", "", os.environ["PATH"])))
    assert impact(folder, monkeypatch) == 0
    assert not marker.exists()


def test_a_repository_of_another_place_is_not_taken(tmp_path: Path) -> None:
    folder, other = repository(tmp_path / "here"), repository(tmp_path / "other")
    git(folder, "config", "core.worktree", str(other))
    with pytest.raises(UserError, match="not the work tree"):
        revision_at(str(folder), "HEAD")
