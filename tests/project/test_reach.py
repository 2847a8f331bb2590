"""Which files a workspace may have read: its own and those of the repository around it, whatever names them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wgsl_ls.project.files import FileProblem, FileSystem
from wgsl_ls.project.host_code import HostCode, named_files
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


def test_folders_of_the_workspace_are_the_users_word_and_include_directories_are_not(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(included(tree, "../../other/c.tmpl", folder="."), SourceFile)
    assert isinstance(included(tree, "b.tmpl", dirs=("work/lib",)), SourceFile)
    assert isinstance(included(tree, "c.tmpl", dirs=("other",)), str)
    monkeypatch.setenv(VARIABLE, str(tree / "other"))
    assert isinstance(included(tree, "c.tmpl", dirs=("other",)), SourceFile)
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


def said(tree: Path, files: dict[str, str], links: dict[str, str]) -> tuple[ProjectWorkspace, str]:
    """A workspace with these files and links, and all that it says of itself."""
    for name, text in files.items():
        (tree / "work" / name).write_text(text)
    for name, target in links.items():
        (tree / "work" / name).symlink_to(tree / target)
    live = FileSystem()
    workspace = ProjectWorkspace(live, [str(tree / "work")], host_code=HostCode(live))
    found = [*workspace.read_problems(), *workspace.config_diagnostics()]
    for root in workspace.roots():
        found.extend(workspace.settings(root).diagnostics)
    return workspace, "\n".join(f"{Path(one.path).name} {one.code}: {one.message}" for one in found)


ELSEWHERE: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    "a shader that is a link": ({}, {"b.wgsl": "secret/key.txt"}, "b.wgsl file/unreadable"),
    "a configuration that is a link": ({}, {"wgsl-ls.toml": "secret/key.txt"}, "wgsl-ls.toml file/unreadable"),
    "a link to a link": ({}, {"c.wgsl": "work/d", "d": "secret/key.txt"}, "c.wgsl file/unreadable"),
    "a list": ({"wgsl-ls.toml": "import = ['../secret/v.jsonl']"}, {}, "wgsl-ls.toml config/import"),
    "a list by its whole name": ({"wgsl-ls.toml": "import = ['{}/secret/v.jsonl']"}, {}, "wgsl-ls.toml config/import"),
    "a list that is a link": ({"wgsl-ls.toml": "import = ['*.jsonl']"}, {"v.jsonl": "secret/v.jsonl"}, "config/import"),
    "a list in a folder that is a link": (
        {"wgsl-ls.toml": "import = ['inner/v.jsonl']"}, {"inner": "secret"}, "wgsl-ls.toml config/import"),
    "a host": ({"wgsl-ls.toml": "[host]\nfiles = ['../secret/h.cpp']"}, {}, "wgsl-ls.toml config/import"),
    "hosts everywhere": ({"wgsl-ls.toml": "[host]\nfiles = ['/**/*.cpp']"}, {}, "wgsl-ls.toml config/import"),
    "hosts above": ({"wgsl-ls.toml": "[host]\nfiles = ['../**/*.cpp']"}, {}, "wgsl-ls.toml config/import"),
}  # fmt: skip


@pytest.mark.parametrize("case", ELSEWHERE)
def test_nothing_else_leads_out_either(tree: Path, case: str) -> None:
    files, links, expected = ELSEWHERE[case]
    (tree / "secret" / "v.jsonl").write_text('{"shader": "a.wgsl", "defines": ["SECRET"]} SECRET\n')
    (tree / "secret" / "h.cpp").write_text('void f() { preprocess("a", {"SECRET"}); }\n')
    files = {name: text.replace("{}", str(tree)) for name, text in files.items()}
    workspace, words = said(tree, files, links)
    assert expected in words and "is outside of the workspace" in words
    assert "SECRET" not in words
    root = str(tree / "work/shaders/a.wgsl")
    assert all("SECRET" not in variant.define_list for variant in workspace.settings(root).variants)
    reading = workspace.host_reading(root)
    assert reading is None or not reading.findings


def test_a_host_that_is_a_link_is_not_read(tree: Path) -> None:
    (tree / "secret" / "h.cpp").write_text('void f() { preprocess("a", {"SECRET"}); }\n')
    for setting in ("", "[host]\nfiles = ['shaders/*.cpp']\n"):
        workspace, _ = said(tree, {"wgsl-ls.toml": setting}, {} if setting else {"shaders/h.cpp": "secret/h.cpp"})
        assert workspace.host_request(str(tree / "work/shaders/a.wgsl")) is None


def test_a_host_above_the_repository_is_not_looked_for(tree: Path) -> None:
    for place, is_read in ((tree, False), (tree / "work", True)):
        (place / "h.cpp").write_text('void f() { preprocess("a", {"SECRET"}); }\n')
        workspace, _ = said(tree, {}, {})
        asked = workspace.host_request(str(tree / "work/shaders/a.wgsl"))
        assert (asked is not None) is is_read
    assert asked is not None and list(asked.texts) == [str(tree / "work" / "h.cpp")]


def test_links_within_the_repository_are_files_as_others(tree: Path) -> None:
    workspace, words = said(tree, {}, {"b.wgsl": "work/lib/b.tmpl"})
    assert words == ""
    found = workspace.files.read(str(tree / "work/b.wgsl"))
    assert isinstance(found, SourceFile) and found.text == "SECRET\n"


def test_a_link_is_judged_again_when_folders_are_opened(tree: Path) -> None:
    workspace, words = said(tree, {}, {"b.wgsl": "other/c.tmpl"})
    assert "b.wgsl file/unreadable" in words
    workspace.folders = (*workspace.folders, str(tree / "other"))
    workspace.refresh()
    assert workspace.read_problems() == ()


def test_a_file_that_becomes_a_link_is_no_longer_read(tree: Path) -> None:
    workspace, _ = said(tree, {"b.wgsl": "// fine\n"}, {})
    assert workspace.read_problems() == ()
    (tree / "work/b.wgsl").unlink()
    (tree / "work/b.wgsl").symlink_to(tree / "secret/key.txt")
    workspace.refresh()
    assert [one.code for one in workspace.read_problems()] == ["file/unreadable"]


SWAPPED = {
    "a link": ("b.wgsl", lambda tree: (tree / "work/b.wgsl").symlink_to(tree / "secret/key.txt"), "took its place"),
    "a folder that is a link": (
        "inner/key.txt",
        lambda tree: (tree / "work/inner").symlink_to(tree / "secret"),
        "took its place",
    ),
    "a pipe": ("b.wgsl", lambda tree: os.mkfifo(tree / "work/b.wgsl"), "it is no regular file"),
}


@pytest.mark.parametrize("kind", SWAPPED)
def test_what_takes_the_place_of_a_file_between_the_look_and_the_reading(
    tree: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    name, swap, says = SWAPPED[kind]
    place = tree / "work" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text("// fine\n")
    workspace = ProjectWorkspace(FileSystem(), [str(tree / "work")])
    plain_open = os.open

    def swapped(path: str, *arguments: int, **named: int) -> int:
        if str(path) == str(place):
            (tree / "work" / name.partition("/")[0]).rename(tree / "before")
            swap(tree)
        return plain_open(path, *arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", swapped)
        found = workspace.files.read(str(place))
    assert (tree / "before").exists()
    assert isinstance(found, FileProblem) and found.message.endswith(says)


def test_a_pattern_for_hosts_walks_no_folder_outside(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, _ = said(tree, {}, {})
    (tree / "work" / "h.cpp").write_text("")
    assert list(named_files(workspace.files, str(tree / "work"), ["**/*.cpp"])) == [str(tree / "work/h.cpp")]
    monkeypatch.setattr("os.walk", lambda *arguments, **named: pytest.fail("the disk was walked"))
    assert list(named_files(workspace.files, str(tree / "work"), ["../../../**/*.cpp", "/**"])) == []
