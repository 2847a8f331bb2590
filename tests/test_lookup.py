"""Names in #include lines that lead to odd places; in a mapping and on the disk alike."""

from __future__ import annotations

from pathlib import Path

import pytest

import wgsl_ls
from wgsl_ls.lookup import loader
from wgsl_ls.project.files import FileSystem
from wgsl_ls.text.source_file import SourceFile

FILES = {"a.tmpl": "A\n", "sub/b.tmpl": "B\n"}
NATIVE = [
    ("a.tmpl", "A\n"),
    ("./a.tmpl", "A\n"),
    ("/a.tmpl", "A\n"),
    ("//a.tmpl", "A\n"),
    ("sub/b.tmpl", "B\n"),
    ("sub//b.tmpl", "B\n"),
    ("sub/../a.tmpl", "A\n"),
    ("a.tmpl\0more", "A\n"),
    ("nope/../a.tmpl", None),
    ("a.tmpl/", None),
    ("a.tmpl/.", None),
    ("a.tmpl/../a.tmpl", None),
    ("b.tmpl", None),
    ("", ""),
    (".", ""),
    ("sub", ""),
    ("sub/", ""),
    ("sub/.", ""),
    ("x" * 5000, None),
    ("\ud800", None),
]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    inner = tmp_path / "shaders"
    for name, text in FILES.items():
        (inner / name).parent.mkdir(parents=True, exist_ok=True)
        (inner / name).write_text(text)
    return inner


@pytest.mark.parametrize(("name", "expected"), NATIVE)
def test_a_mapping_and_a_directory_agree(directory: Path, name: str, expected: str | None) -> None:
    def in_a_project(name: str) -> SourceFile | str:
        return FileSystem().include(name, [str(directory)])

    for load in (loader(FILES, []), loader({}, [directory]), in_a_project):
        found = load(name)
        assert (found.text if isinstance(found, SourceFile) else None) == expected
        if expected is None:
            assert isinstance(found, str) and found.startswith("cannot find ")


@pytest.mark.parametrize("name", ["", ".", "sub", "/a.tmpl", "nope"])
def test_the_build_script_reads_neither_directories_nor_absolute_names_below(directory: Path, name: str) -> None:
    assert isinstance(loader(FILES, [], textual=True)(name), str)
    assert isinstance(loader({}, [directory], textual=True)(name), str)


def test_directories_are_tried_in_order_behind_the_mapping(tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "x").write_text(place)
    (tmp_path / "two" / "y").write_text("y")
    load = loader({"z": "mapped"}, [tmp_path / "one", tmp_path / "two"])
    texts = [found.text for name in "xyz" if isinstance(found := load(name), SourceFile)]
    assert texts == ["one", "y", "mapped"]


def test_expand_reads_a_file_and_its_includes(directory: Path) -> None:
    main = directory / "main.wgsl"
    main.write_bytes(b'#include "a.tmpl"\r\n#include "sub/b.tmpl"\nx\xff A\n')
    expansion = wgsl_ls.expand(main, defines=["A=1"])
    assert expansion.text == "1\nB\nx\udcff 1\n"
    origin = expansion.origin(0)
    assert origin is not None and origin.macro == "A"
    assert origin.location.path == str(directory / "a.tmpl")
    assert [site.path for site in origin.includes] == [str(main)]
    assert expansion.origin(-1) is None and expansion.origin(10**6) is None


def test_expand_takes_other_include_directories(directory: Path, tmp_path: Path) -> None:
    main = tmp_path / "main.wgsl"
    main.write_text('#include "a.tmpl"\n')
    assert wgsl_ls.expand(main).failed
    assert wgsl_ls.expand(main, include_dirs=[tmp_path, directory]).text == "A\n"


def test_expand_pastes_when_asked() -> None:
    files = {"main.wgsl": '#include "open"\nx\n#endif\n', "open": "#if A\n"}
    assert wgsl_ls.expand("main.wgsl", files=files, defines=["A"]).failed
    assert wgsl_ls.expand("main.wgsl", files=files, defines=[("A", "1")], includes="textual").text == "\nx\n"


def test_expand_raises_for_a_main_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        wgsl_ls.expand(tmp_path / "missing.wgsl")
    with pytest.raises(KeyError):
        wgsl_ls.expand("m", files={"m": ""}, dialect="c")  # type: ignore[arg-type]
