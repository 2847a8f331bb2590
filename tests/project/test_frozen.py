"""A frozen workspace keeps answering with the files and settings of its moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steps import steps_of
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.text.source_file import SourceFile

CONFIG = '[[shader]]\nfiles = ["a.wgsl"]\naxes = {{ {0} = ["", "{0}"] }}\n'


@pytest.fixture
def workspace(tmp_path: Path) -> ProjectWorkspace:
    (tmp_path / "wgsl-ls.toml").write_text(CONFIG.format("OLD"))
    (tmp_path / "a.wgsl").write_text('#include "b.tmpl"\n')
    (tmp_path / "b.tmpl").write_text("old disk\n")
    return ProjectWorkspace(FileSystem(), [str(tmp_path)])


def text(workspace: ProjectWorkspace, path: Path) -> str:
    found = workspace.read(str(path))
    return found.text if isinstance(found, SourceFile) else found


def names(workspace: ProjectWorkspace, path: Path) -> list[str]:
    return [variant.name for variant in workspace.settings(str(path)).variants]


def test_open_texts_are_those_of_the_moment(workspace: ProjectWorkspace, tmp_path: Path) -> None:
    shader = tmp_path / "a.wgsl"
    workspace.files.open_text(str(shader), "one")
    frozen = workspace.frozen()
    workspace.files.open_text(str(shader), "two")
    workspace.refresh()
    assert (text(frozen, shader), text(workspace, shader)) == ("one", "two")
    workspace.files.close_text(str(shader))
    assert (text(frozen, shader), text(workspace, shader)) == ("one", '#include "b.tmpl"\n')


@pytest.mark.parametrize("told", [True, False], ids=["a watcher tells", "nobody tells"])
def test_what_somebody_has_read_from_the_disk_is_kept(workspace: ProjectWorkspace, tmp_path: Path, told: bool) -> None:
    header = tmp_path / "b.tmpl"
    assert text(workspace, header) == "old disk\n"
    frozen = workspace.frozen()
    header.write_text("new disk, longer\n")
    if told:
        workspace.files.invalidate([str(header)])
    workspace.refresh()
    newer = workspace.frozen()
    assert text(newer, header) == "new disk, longer\n"
    assert text(frozen, header) == "old disk\n"
    header.unlink()
    workspace.refresh()
    newest = workspace.frozen()
    assert "no file" in text(newest, header)
    included = frozen.include("b.tmpl", str(tmp_path / "a.wgsl"), ())
    assert isinstance(included, SourceFile)
    assert included.text == "old disk\n"


@pytest.mark.parametrize("asked", [True, False], ids=["asked before", "first asked later"])
def test_settings_are_those_of_the_moment(workspace: ProjectWorkspace, tmp_path: Path, asked: bool) -> None:
    shader, config = tmp_path / "a.wgsl", tmp_path / "wgsl-ls.toml"
    workspace.files.open_text(str(config), CONFIG.format("OLD"))
    frozen = workspace.frozen()
    if asked:
        assert names(frozen, shader) == ["default", "OLD"]
    workspace.files.open_text(str(config), CONFIG.format("NEW"))
    workspace.refresh()
    assert names(workspace.frozen(), shader) == ["default", "NEW"]
    assert names(frozen, shader) == ["default", "OLD"]
    assert names(workspace.frozen(), shader) == ["default", "NEW"]


def test_equal_inputs_give_the_same_settings_object(workspace: ProjectWorkspace, tmp_path: Path) -> None:
    first = workspace.frozen().settings(str(tmp_path / "a.wgsl"))
    workspace.refresh(listing=False)
    assert workspace.frozen().settings(str(tmp_path / "a.wgsl")) is first


def test_an_edit_of_a_text_costs_nothing_per_listed_variant(tmp_path: Path) -> None:
    """What a list makes of them is kept while list and configuration are what they were."""

    def steps(n_variants: int) -> int:
        folder = tmp_path / str(n_variants)
        folder.mkdir()
        (folder / "a.wgsl").write_text("const a = N;\n")
        lines = [f'{{"shader": "a.wgsl", "name": "{n}", "defines": ["N={n}"]}}\n' for n in range(n_variants)]
        (folder / "list.jsonl").write_text("".join(lines))
        (folder / "wgsl-ls.toml").write_text('import = ["list.jsonl"]\n')
        workspace = ProjectWorkspace(FileSystem(), [str(folder)])
        root = str(folder / "a.wgsl")
        assert len(workspace.settings(root).variants) == n_variants
        workspace.files.open_text(root, "const a = N + 1;\n")

        def look() -> None:
            workspace.refresh(listing=False)
            for _ in workspace.settings_steps(root):
                pass
            workspace.settings(root)

        return steps_of(look)

    assert steps(500) <= steps(50) + 50
