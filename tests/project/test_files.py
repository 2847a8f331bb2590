"""Reading files as they are, the editor's texts over the disk's, includes and roots."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wgsl_ls.project import files as files_module
from wgsl_ls.project.config import load_config, no_config
from wgsl_ls.project.file_kind import FileKind
from wgsl_ls.project.files import FileProblem, FileSystem, decoded
from wgsl_ls.project.paths import absolute, matches, relative
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span


def text_of(found: SourceFile | FileProblem) -> str:
    assert isinstance(found, SourceFile)
    return found.text


def test_a_text_is_kept_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.wgsl"
    path.write_bytes("\ufeffa\r\nb\rc\n\u2028é😀".encode())
    files = FileSystem()
    assert text_of(files.read(str(path))) == "\ufeffa\r\nb\rc\n\u2028é😀"
    assert files.problems(str(path)) == ()
    assert files.text_of(str(path)) == "\ufeffa\r\nb\rc\n\u2028é😀"


def test_the_editor_stands_over_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.wgsl"
    path.write_text("disk")
    files = FileSystem()
    assert text_of(files.read(str(path))) == "disk"
    assert files.open_text(str(path), "edited", 3).version == 3
    assert text_of(files.read(f"{tmp_path}/./x/../a.wgsl")) == "edited"
    assert files.is_open(str(path)) and files.exists(str(path))
    files.close_text(str(path))
    assert text_of(files.read(str(path))) == "disk"
    unsaved = str(tmp_path / "new.wgsl")
    files.open_text(unsaved, "")
    assert files.exists(unsaved) and text_of(files.read(unsaved)) == ""


def test_the_disk_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.wgsl"
    path.write_text("one")
    os.utime(path, ns=(1, 1))
    files = FileSystem()
    first = files.read(str(path))
    assert files.read(str(path)) is first
    path.write_text("two")
    os.utime(path, ns=(1, 1))  # the same time and size: only a watcher can tell
    assert files.read(str(path)) is first
    files.invalidate([str(path)])
    assert text_of(files.read(str(path))) == "two"
    path.write_text("longer")
    os.utime(path, ns=(1, 1))
    assert text_of(files.read(str(path))) == "longer"
    path.unlink()
    assert isinstance(files.read(str(path)), FileProblem)
    files.invalidate()
    assert isinstance(files.read(str(path)), FileProblem)


def test_what_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = FileSystem()

    def kind(path: object) -> str:
        found = files.read(str(path))
        assert isinstance(found, FileProblem) and found.message
        return found.kind

    assert kind(tmp_path / "none.wgsl") == "missing"
    assert kind(f"{tmp_path}/nu\0ll") == "missing"
    assert kind(tmp_path) == "directory"
    os.mkfifo(tmp_path / "pipe")
    assert kind(tmp_path / "pipe") == "unreadable"
    monkeypatch.setattr(files_module, "MAX_BYTES", 10)
    (tmp_path / "big").write_text("x" * 11)
    assert kind(tmp_path / "big") == "too-large"
    assert files.text_of(str(tmp_path / "big")) is None
    assert not files.exists(str(tmp_path))


def test_bytes_that_are_no_utf8_are_shown_where_they_are() -> None:
    source, (diagnostic,) = decoded("/a", "é\n".encode() + b"ab\xffcd\xc3(")
    assert source.text == "é\nab\ufffdcd\ufffd("
    assert diagnostic.span == Span(4, 5)
    assert "0xFF at byte offset 5, and 1 more" in diagnostic.message
    source, (diagnostic,) = decoded("/a", b"x\xe2\x82")
    assert (source.text, diagnostic.span) == ("x\ufffd", Span(1, 2))
    assert "more" not in diagnostic.message
    assert decoded("/a", "\ufffd".encode())[1] == ()


def test_problems_of_the_bytes_end_when_the_editor_has_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.wgsl"
    path.write_bytes(b"\xff")
    files = FileSystem()
    assert [one.code for one in files.problems(str(path))] == ["file/encoding"]
    files.open_text(str(path), "fine")
    assert files.problems(str(path)) == ()


def test_includes_are_looked_for_in_order(tmp_path: Path) -> None:
    for name in ("one/a.tmpl", "two/a.tmpl", "two/b.tmpl", "two/deep/c.tmpl", "main.wgsl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "one" / "b.tmpl").mkdir()
    files = FileSystem()
    directories = [str(tmp_path / "one"), str(tmp_path / "two")]

    def path_of(name: str, places: list[str]) -> str | None:
        found = files.include(name, places)
        return found.path if isinstance(found, SourceFile) else None

    assert path_of("a.tmpl", directories) == str(tmp_path / "one/a.tmpl")
    assert path_of("b.tmpl", directories[1:]) == str(tmp_path / "two/b.tmpl")
    assert path_of("deep/c.tmpl", directories) == str(tmp_path / "two/deep/c.tmpl")
    assert path_of("deep/../../one/a.tmpl", directories[1:]) == str(tmp_path / "one/a.tmpl")
    assert path_of("/b.tmpl", directories[1:]) == str(tmp_path / "two/b.tmpl")
    assert path_of("main.wgsl", directories) is None
    files.open_text(str(tmp_path / "one/unsaved.tmpl"), "x")
    assert path_of("unsaved.tmpl", directories) == str(tmp_path / "one/unsaved.tmpl")
    assert path_of("nowhere/../unsaved.tmpl", directories) is None
    assert path_of("unsaved.tmpl/", directories) is None
    assert files.include_directories(str(tmp_path / "main.wgsl"), ()) == (str(tmp_path),)
    assert files.include_directories(str(tmp_path / "main.wgsl"), directories) == tuple(directories)


def make_project(directory: Path) -> FileSystem:
    contents = {
        "main.wgsl": '#include "common.wgsl"\n',
        "common.wgsl": '  #  include "parts/piece.tmpl"\n',
        "parts/piece.tmpl": "fn f() {}\n",
        "other.wgsl": "// #include is not a directive here\n",
        "kernel.tmpl": '#include "piece.tmpl"\n',
        ".hidden/x.wgsl": "",
        "node_modules/y.wgsl": "",
        "notes.txt": '#include "other.wgsl"\n',
    }
    for name, text in contents.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    return FileSystem()


def names(directory: Path, paths: tuple[str, ...]) -> list[str]:
    return [relative(path, str(directory)) for path in paths]


def test_what_a_build_made_is_known_by_its_mark_and_not_by_its_name(tmp_path: Path) -> None:
    made = {"target/CACHEDIR.TAG": "", "target/debug/x.wgsl": "", "env/pyvenv.cfg": "", "env/lib/x.wgsl": ""}
    kept = {"render/target/a.wgsl": "", "venv/b.wgsl": ""}
    for name, text in (made | kept).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert names(tmp_path, FileSystem().shader_files(str(tmp_path))) == sorted(kept)
    # A folder that was named is meant.
    assert len(FileSystem().shader_files(str(tmp_path / "target"))) == 1


def test_roots_are_the_shaders_that_nobody_includes(tmp_path: Path) -> None:
    files = make_project(tmp_path)
    listed = files.shader_files(str(tmp_path))
    assert names(tmp_path, listed) == ["common.wgsl", "kernel.tmpl", "main.wgsl", "other.wgsl", "parts/piece.tmpl"]
    config = no_config(str(tmp_path))
    assert names(tmp_path, files.roots(config)) == ["main.wgsl", "other.wgsl"]
    path = str(tmp_path / "wgsl-ls.toml")
    named, _ = load_config(path, "[[shader]]\nfiles = ['*.wgsl', 'common.wgsl', 'kernel.tmpl']")
    assert names(tmp_path, files.roots(named)) == ["common.wgsl", "kernel.tmpl", "main.wgsl", "other.wgsl"]


@pytest.mark.parametrize(
    ("texts", "roots"),
    [
        ({"a.wgsl": "b.wgsl", "b.wgsl": "a.wgsl"}, ["a.wgsl"]),  # a circle
        ({"a.wgsl": "a.wgsl"}, ["a.wgsl"]),
        ({"a.wgsl": "b.wgsl", "b.wgsl": "c.wgsl", "c.wgsl": "b.wgsl"}, ["a.wgsl"]),
        ({"a.tmpl": "b.wgsl", "b.wgsl": "c.wgsl", "c.wgsl": ""}, ["b.wgsl"]),  # by what no root includes
        ({"x/a.wgsl": "", "y/a.wgsl": "", "y/b.wgsl": "a.wgsl"}, ["x/a.wgsl", "y/b.wgsl"]),  # another of that name
        ({"x/a.wgsl": "", "y/b.wgsl": "a.wgsl"}, ["y/b.wgsl"]),  # found in directories that nobody told
    ],
)
def test_every_shader_is_a_root_or_included_by_one(tmp_path: Path, texts: dict[str, str], roots: list[str]) -> None:
    for name, included in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f'#include "{included}"\n' if included else "")
    assert names(tmp_path, FileSystem().roots(no_config(str(tmp_path)))) == roots


def test_suffixes_in_capitals_are_found_too(tmp_path: Path) -> None:
    for name in ("A.WGSL", "b.wgsl", "C.Tmpl"):
        (tmp_path / name).write_text("")
    found = FileSystem().files_below(str(tmp_path), FileKind.SHADER, FileKind.HEADER)
    assert [Path(path).name for path in found] == ["A.WGSL", "C.Tmpl", "b.wgsl"]


def test_roots_follow_the_editor(tmp_path: Path) -> None:
    files = make_project(tmp_path)
    config = no_config(str(tmp_path))
    files.open_text(str(tmp_path / "main.wgsl"), "")
    files.open_text(str(tmp_path / "unsaved.wgsl"), '#include "other.wgsl"')
    assert names(tmp_path, files.roots(config)) == ["common.wgsl", "main.wgsl", "unsaved.wgsl"]


def test_who_includes_a_file(tmp_path: Path) -> None:
    files = make_project(tmp_path)
    listed = files.shader_files(str(tmp_path))
    piece = str(tmp_path / "parts/piece.tmpl")
    assert names(tmp_path, files.includers(piece, listed)) == ["common.wgsl", "kernel.tmpl", "main.wgsl"]
    assert files.includers(str(tmp_path / "main.wgsl"), listed) == ()


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.wgsl", "a.wgsl", True),
        ("*.wgsl", "d/a.wgsl", False),
        ("**/*.wgsl", "a.wgsl", True),
        ("**/*.wgsl", "d/e/a.wgsl", True),
        ("d/**", "d/e/a.wgsl", True),
        ("d/**/a.wgsl", "d/a.wgsl", True),
        ("a?.wgsl", "ab.wgsl", True),
        ("a?.wgsl", "a/.wgsl", False),
        ("[ab].wgsl", "b.wgsl", True),
        ("[!ab].wgsl", "b.wgsl", False),
        ("[!ab].wgsl", "c.wgsl", True),
        ("[z-a].wgsl", "[z-a].wgsl", True),
        ("{a,b*}.wgsl", "bc.wgsl", True),
        ("{a,b*}.wgsl", "c.wgsl", False),
        ("./a.wgsl", "a.wgsl", True),
        ("./*.wgsl", "a.wgsl", True),
        ("d/../a.wgsl", "a.wgsl", True),
        ("../x/*.wgsl", "../x/a.wgsl", True),
        ("a+(1).wgsl", "a+(1).wgsl", True),
    ],
)
def test_globs(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_paths_are_absolute_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert absolute("link/../link/a", str(tmp_path)) == str(tmp_path / "link" / "a")
    assert absolute("/x/../y") == "/y"
    assert absolute("a") == str(Path.cwd() / "a")


def test_a_folder_that_cannot_be_listed_is_a_trouble_and_one_that_cannot_be_is_none(tmp_path: Path) -> None:
    files = FileSystem()
    (tmp_path / "b.cpp").write_text("")
    assert files.names_in(str(tmp_path)) == (str(tmp_path / "b.cpp"),)
    for name in ("gone", "b.cpp", "a\0b"):
        assert files.names_in(str(tmp_path / name)) == ()
    assert files.troubles == {}
    assert files.names_in(str(tmp_path / ("n" * 300))) == ()
    assert [one.kind for one in files.troubles.values()] == ["unreadable"]


def test_a_folder_is_listed_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.cpp").write_text("")
    listed: list[Path] = []
    names_in = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: listed.append(self) or names_in(self))
    files = FileSystem()
    assert files.names_in(str(tmp_path)) == files.names_in(str(tmp_path)) == (str(tmp_path / "a.cpp"),)
    assert len(listed) == 2, "it may change again within one tick of its clock"
    monkeypatch.setattr("wgsl_ls.project.files._SETTLED", -(10**18))
    assert files.names_in(str(tmp_path)) == files.names_in(str(tmp_path))
    assert len(listed) == 3
    os.utime(tmp_path, ns=(0, 0))
    (tmp_path / "b.cpp").write_text("")
    assert files.names_in(str(tmp_path)) == (str(tmp_path / "a.cpp"), str(tmp_path / "b.cpp"))
