"""Severities that a user gives to rules of configurations, from the file and from outside."""

from __future__ import annotations

from pathlib import Path

from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.rule_settings import RuleSetting, joined_settings
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.text.diagnostic import Severity

CONFIG = (
    '[rules]\n"config/no-match" = "error"\n"config/unknown-key" = "off"\n[[shader]]\nfiles = ["none.wgsl"]\nx = 1\n'
)


def test_the_file_and_over_it_the_user(tmp_path: Path) -> None:
    (tmp_path / "wgsl-ls.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "a.wgsl").write_text("", encoding="utf-8")
    workspace = ProjectWorkspace(FileSystem(), [str(tmp_path)], known_rules={"config/no-match", "config/unknown-key"})

    def found() -> list[tuple[str, Severity]]:
        return [(item.code, item.severity) for item in workspace.config_diagnostics()]

    assert found() == [("config/no-match", Severity.ERROR)]
    workspace.rule_settings = (RuleSetting("config/no-match", None), RuleSetting("config/unknown-key", Severity.HINT))
    assert found() == [("config/unknown-key", Severity.HINT)]


def test_layers() -> None:
    off, of_wgpu, of_dawn = (RuleSetting("r", None, target=target) for target in ("", "wgpu", "dawn"))
    louder = RuleSetting("r", Severity.ERROR, target="wgpu")
    assert joined_settings((off, louder), (of_dawn, of_wgpu)) == (off, of_wgpu, of_dawn)
    assert joined_settings((louder, of_dawn), (off,)) == (off,)
