"""Which files a shader may include: those of the workspace, of include directories and of its own tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.reach import VARIABLE
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.text.source_file import SourceFile


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("home/secret/key.txt", "home/work/.git/HEAD", "home/work/lib/b.tmpl", "home/other/c.tmpl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("SECRET\n")
    shader = tmp_path / "home" / "work" / "shaders" / "a.wgsl"
    shader.parent.mkdir()
    shader.write_text("")
    (shader.parent / "link.tmpl").symlink_to(tmp_path / "home" / "secret" / "key.txt")
    (shader.parent / "inner.tmpl").symlink_to(tmp_path / "home" / "work" / "lib" / "b.tmpl")
    return tmp_path / "home"


def included(tree: Path, name: str, *, folder: str = "work/shaders", dirs: tuple[str, ...] = ()) -> SourceFile | str:
    workspace = ProjectWorkspace(FileSystem(), [str(tree / folder)])
    return workspace.include(name, str(tree / "work/shaders/a.wgsl"), tuple(str(tree / one) for one in dirs))


@pytest.mark.parametrize("name", ["../../secret/key.txt", "link.tmpl", "../lib/../../secret/key.txt"])
def test_what_is_outside_is_not_read_and_not_echoed(tree: Path, name: str) -> None:
    found = included(tree, name)
    assert isinstance(found, str) and "is outside of the workspace" in found and "SECRET" not in found


@pytest.mark.parametrize("name", ["../lib/b.tmpl", "inner.tmpl"])
def test_the_repository_is_the_shaders_own_tree(tree: Path, name: str) -> None:
    assert isinstance(included(tree, name), SourceFile)


def test_include_directories_and_workspace_folders_may_be_elsewhere(tree: Path) -> None:
    assert isinstance(included(tree, "c.tmpl", dirs=("other",)), SourceFile)
    assert isinstance(included(tree, "../../other/c.tmpl", folder="."), SourceFile)
    assert isinstance(included(tree, "../secret/key.txt", dirs=("other",)), str)


def test_the_user_allows_more(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tree / "other"))
    assert isinstance(included(tree, "../../other/c.tmpl"), SourceFile)
    assert isinstance(included(tree, "../../secret/key.txt"), str)


def test_without_a_repository_siblings_are_reached_but_no_home(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "work" / ".git" / "HEAD").unlink()
    (tree / "work" / ".git").rmdir()
    assert isinstance(included(tree, "../lib/b.tmpl"), SourceFile)
    monkeypatch.setenv("HOME", str(tree / "work"))
    assert isinstance(included(tree, "../lib/b.tmpl"), str)


def test_a_file_that_the_user_has_open_is_no_secret(tree: Path) -> None:
    workspace = ProjectWorkspace(FileSystem(), [str(tree / "work/shaders")])
    workspace.files.open_text(str(tree / "other/c.tmpl"), "typed\n")
    found = workspace.include("../../other/c.tmpl", str(tree / "work/shaders/a.wgsl"), ())
    assert isinstance(found, SourceFile) and found.text == "typed\n"
