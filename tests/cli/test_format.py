"""`wgsl-ls format`: which files it changes, and which not."""

from __future__ import annotations

from pathlib import Path

import pytest

from wgsl_ls.cli.main import main

UGLY = "fn f( ) {\n  let a=1+2 ;\n#ifdef X\nlet b = 2;   \n#endif\n}\n"
FINE = "fn f() {\n    let a = 1 + 2;\n#ifdef X\n    let b = 2;\n#endif\n}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.wgsl").write_text(UGLY, encoding="utf-8")
    (tmp_path / "fine.wgsl").write_text(FINE, encoding="utf-8")
    (tmp_path / "wgsl-ls.toml").write_text('[[shader]]\nfiles = [ "a.wgsl" ]\n   pick   = "all"\n', encoding="utf-8")
    return tmp_path


def test_looking_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", "--check", str(folder)]) == 1
    out, error = capsys.readouterr()
    assert "a.wgsl: 3 lines would change" in out and "fine.wgsl" not in out and "1 of 2 files would change" in error
    assert main(["format", "--diff", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "-  let a=1+2 ;\n" in out and "+    let a = 1 + 2;\n" in out
    (folder / "a.wgsl").write_text("const a=1;", encoding="utf-8")
    assert main(["format", "--diff", str(folder / "a.wgsl")]) == 1
    assert capsys.readouterr().out.splitlines()[2:] == ["@@ -1 +1 @@", "-const a=1;", "+const a = 1;"]
    (folder / "a.wgsl").write_text(UGLY, encoding="utf-8")
    assert (folder / "a.wgsl").read_text(encoding="utf-8") == UGLY


@pytest.mark.parametrize(("indent", "code"), [(0, 2), (1, 1), (2, 1), (16, 1), (17, 2)])
def test_a_level_has_one_to_sixteen_spaces(
    folder: Path, capsys: pytest.CaptureFixture[str], indent: int, code: int
) -> None:
    assert main(["format", "--diff", "--indent", str(indent), str(folder)]) == code
    out, error = capsys.readouterr()
    assert f"+{' ' * indent}let a = 1 + 2;\n" in out if code == 1 else "1 to 16 spaces" in error


def test_files_are_changed_as_a_whole_and_keep_their_mode(folder: Path) -> None:
    (folder / "a.wgsl").chmod(0o640)
    link = folder / "b.wgsl"
    link.symlink_to(folder / "a.wgsl")
    before = (folder / "wgsl-ls.toml").read_text(encoding="utf-8")
    assert main(["format", str(link)]) == 0
    assert (folder / "a.wgsl").read_text(encoding="utf-8") == FINE
    assert link.is_symlink() and (folder / "a.wgsl").stat().st_mode & 0o777 == 0o640
    assert main(["format", "--check", str(folder)]) == 0
    assert (folder / "wgsl-ls.toml").read_text(encoding="utf-8") == before
    assert sorted(one.name for one in folder.iterdir()) == ["a.wgsl", "b.wgsl", "fine.wgsl", "wgsl-ls.toml"]


@pytest.mark.parametrize("name", ["wgsl-ls.toml", "none.wgsl"])
def test_what_is_no_shader_is_refused(folder: Path, name: str) -> None:
    assert main(["format", str(folder / name)]) == 2


def test_bytes_that_are_no_text_stay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.wgsl").write_bytes(b"fn f( ) {\n// \xff\n}\n")
    assert main(["format", str(folder)]) == 2
    assert "cannot be read as text" in capsys.readouterr().err
    assert (folder / "a.wgsl").read_bytes() == b"fn f( ) {\n// \xff\n}\n"


@pytest.mark.parametrize("config", [b"files = [", b"\xff", b"#" * (9 << 20), b'import = ["none.jsonl"]'])
def test_a_shader_whose_variants_are_not_known_is_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str], config: bytes
) -> None:
    (folder / "wgsl-ls.toml").write_bytes(config)
    (folder / "free").mkdir()
    (folder / "free" / "b.wgsl").write_text(UGLY, encoding="utf-8")
    (folder / "free" / "wgsl-ls.toml").write_text("", encoding="utf-8")
    for words in (["--check"], ["--diff"], []):
        assert main(["format", *words, str(folder)]) == 2
        assert "a.wgsl: its variants are not known" in capsys.readouterr().err
    assert (folder / "a.wgsl").read_text(encoding="utf-8") == UGLY
    assert (folder / "free" / "b.wgsl").read_text(encoding="utf-8") == FINE


def test_line_ends_stay(folder: Path) -> None:
    (folder / "a.wgsl").write_bytes(UGLY.replace("\n", "\r\n").encode())
    assert main(["format", str(folder)]) == 0
    assert (folder / "a.wgsl").read_bytes() == FINE.replace("\n", "\r\n").encode()


def test_what_would_change_a_variant_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from wgsl_ls.analysis.features import format_check
    from wgsl_ls.analysis.features.formatting import LineEdit
    from wgsl_ls.text.span import Span
    from wgsl_ls.text.steps import Steps

    def wrong(*_: object) -> Steps[list[LineEdit]]:
        yield
        return [LineEdit(Span(0, 9), "fn g() {")]

    monkeypatch.setattr(format_check, "format_steps", wrong)
    assert main(["format", str(folder / "a.wgsl")]) == 2
    assert (folder / "a.wgsl").read_text(encoding="utf-8") == UGLY
