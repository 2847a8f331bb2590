"""variants.jsonl, and the lists that a configuration names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wgsl_ls.project import files as files_module
from wgsl_ls.project.config import load_config
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.importers.jsonl import read
from wgsl_ls.project.imports import load_imports
from wgsl_ls.text.diagnostic import Severity

LIST = "/p/lists/variants.jsonl"
FILES = ("/p/a.wgsl", "/p/lists/b.wgsl", "/p/x/same.wgsl", "/p/y/same.wgsl")


def test_shaders_are_found_by_path_and_by_name() -> None:
    text = (
        '{"shader": "b.wgsl", "defines": ["A", " B = 2 "]}\n'
        '{"shader": "../a.wgsl", "name": "n", "defines": []}\r\n'
        "\n"
        '  {"shader": "a", "defines": ["A=1", "A=2"], "more": {"x": 1}}\n'
        '{"shader": "x/same.wgsl"}'
    )
    variants, diagnostics = read(LIST, text.split("\n"), FILES)
    assert diagnostics == ()
    assert [(one.shader, one.name, one.defines) for one in variants] == [
        ("/p/lists/b.wgsl", None, (("A", ""), ("B", "2"))),
        ("/p/a.wgsl", "n", ()),
        ("/p/a.wgsl", None, (("A", "2"),)),
        ("/p/x/same.wgsl", None, ()),
    ]
    place = variants[2].declared_at
    assert place.path == LIST
    assert text[place.span.start : place.span.end].startswith('{"shader": "a"')


def test_the_same_macros_twice_are_one_variant() -> None:
    text = '{"shader": "a", "name": "x", "defines": ["A", "B"]}\n{"shader": "a.wgsl", "defines": ["B", "A"]}\n'
    variants, _ = read(LIST, text.split("\n"), FILES)
    assert [one.name for one in variants] == ["x"]


def test_bad_lines_are_told_where_they_are_and_cost_nothing_else() -> None:
    marked = (
        '{"shader": "a", "defines": ["A"]«}»}\n'
        "«[1]»\n"
        '«{"defines": []}»\n'
        '{"shader": "a", "defines": «"A"»}\n'
        '{"shader": "a", "defines": «["A", 1]»}\n'
        '{"shader": "a", "name": «3», "defines": ["KEPT"]}\n'
        '{"shader": «"nowhere"»}\n'
        '{"shader": "nowhere", "defines": ["B"]}\n'
        '{"shader": «"same"»}\n'
        '{"shader": "a", "defines": ["GOOD"]}\n'
        '«{»"shader": \n'
    ).replace('«{»"shader": \n', '{"shader":«»\n')
    text = marked.replace("«", "").replace("»", "")
    expected = []
    rest = marked
    while "«" in rest:
        rest = rest.partition("«")[2]
        inside, _, rest = rest.partition("»")
        expected.append(inside)
    variants, diagnostics = read(LIST, text.split("\n"), FILES)
    assert [text[one.span.start : one.span.end] for one in diagnostics] == expected
    assert {one.code for one in diagnostics} == {"import/line"}
    warnings = [one.message for one in diagnostics if one.severity == Severity.WARNING]
    assert warnings == ['no shader here is called "nowhere"', '2 shaders here are called "same"; give the path']
    assert [one.defines for one in variants if one.shader == "/p/a.wgsl"] == [(("KEPT", ""),), (("GOOD", ""),)]


@pytest.mark.parametrize(
    ("text", "told", "severity"),
    [
        ("", "this list has no variants", Severity.WARNING),
        ("\n \n", "this list has no variants", Severity.WARNING),
        ("x\n" * 2000, "the rest of it is not read", Severity.ERROR),
        ("".join(f'{{"shader": "n{n}"}}\n' for n in range(2000)), "they are not told", Severity.WARNING),
    ],
)
def test_a_list_that_gives_nothing_is_told_in_few_words(text: str, told: str, severity: Severity) -> None:
    _, diagnostics = read(LIST, text.split("\n"), FILES)
    assert len(diagnostics) <= 501
    assert told in diagnostics[-1].message and diagnostics[-1].severity == severity


def test_a_file_that_is_no_shader_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "v.jsonl").write_text('{"shader": "notes.txt", "defines": ["A"]}\n' * 2)
    config, _ = load_config(str(tmp_path / "wgsl-ls.toml"), "import = ['v.jsonl']")
    assert [one.code for one in load_imports(config, FileSystem(), ())[1]] == ["import/line"]


def test_bytes_of_a_list_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "v.jsonl").write_bytes(b'{"shader": "a", "defines": ["B\xe9"]}')
    config, _ = load_config(str(tmp_path / "wgsl-ls.toml"), "import = ['v.jsonl']")
    assert [one.code for one in load_imports(config, FileSystem(), (str(tmp_path / "a.wgsl"),))[1]] == ["file/encoding"]


def test_lists_are_read_as_the_configuration_names_them(tmp_path: Path) -> None:
    (tmp_path / "a.wgsl").write_text("")
    (tmp_path / "sub").mkdir()
    (tmp_path / "one.jsonl").write_text('{"shader": "a.wgsl", "defines": ["ONE"]}\n')
    (tmp_path / "sub" / "two.jsonl").write_text('{"shader": "../a.wgsl", "defines": ["TWO"]}\nbroken\n')
    (tmp_path / "three.csv").write_text("")
    text = "import = ['one.jsonl', 'sub/*.jsonl', 'none.jsonl', 'no*.jsonl', 'three.csv']"
    config, _ = load_config(str(tmp_path / "wgsl-ls.toml"), text)
    files = FileSystem()
    variants, diagnostics = load_imports(config, files, files.shader_files(str(tmp_path)))
    assert [(one.shader, one.defines) for one in variants] == [
        (str(tmp_path / "a.wgsl"), (("ONE", ""),)),
        (str(tmp_path / "a.wgsl"), (("TWO", ""),)),
    ]
    told = [(Path(one.path).name, one.code, text[one.span.start : one.span.end]) for one in diagnostics[1:]]
    assert (diagnostics[0].path, diagnostics[0].code) == (str(tmp_path / "sub" / "two.jsonl"), "import/line")
    assert told == [
        ("wgsl-ls.toml", "config/import", "'none.jsonl'"),
        ("wgsl-ls.toml", "config/import", "'three.csv'"),
        ("wgsl-ls.toml", "config/no-match", "'no*.jsonl'"),
    ]
    nothing, _ = load_config(str(tmp_path / "wgsl-ls.toml"), "import = ['no*.jsonl', 'nor*.jsonl']")
    told = [(one.code, one.severity) for one in load_imports(nothing, files, ())[1]]
    assert told == [("config/import", Severity.ERROR)] * 2  # nothing of what was asked for
    files.open_text(str(tmp_path / "one.jsonl"), "")
    assert len(load_imports(config, files, ())[0]) == 1  # the editor's text counts


def test_a_list_that_is_too_long_to_be_kept_is_read_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ['{"shader": "a", "defines": ["A"]}', "", '{"shader": "a", "defines": ["B=é"]}\r', '  {"shader": 1}', "x"]
    path = tmp_path / "v.jsonl"
    path.write_bytes("\n".join([*lines, ""]).encode())
    config, _ = load_config(str(tmp_path / "wgsl-ls.toml"), "import = ['v.jsonl']")
    shaders = (str(tmp_path / "a.wgsl"),)
    kept, told = load_imports(config, FileSystem(), shaders)
    monkeypatch.setattr(files_module, "MAX_BYTES", 20)
    files = FileSystem()
    streamed, told_in_words = load_imports(config, files, shaders)
    assert streamed == kept and len(kept) == 2
    assert [(one.code, one.span.start) for one in told_in_words] == [("import/line", 0)] * 2 and len(told) == 2
    assert [one.message.partition(": ")[0] for one in told_in_words] == ["line 4, column 3", "line 5, column 1"]
    before = files.digest(str(path))
    path.write_bytes(path.read_bytes().replace("é".encode(), b"ee"))
    os.utime(path, ns=(1, 1))
    assert files.digest(str(path)) != before != "", "what it says has changed"
    monkeypatch.setattr(files_module, "MOST_LIST_BYTES", 20)
    ((refused,), variants) = load_imports(config, FileSystem(), shaders)[::-1]
    assert (refused.code, variants) == ("config/import", ())


def test_equal_macros_of_a_list_are_one_object() -> None:
    text = "".join(f'{{"shader": "a", "defines": ["SHARED=1", "N={n}"]}}\n' for n in range(3))
    variants, _ = read(LIST, text.split("\n"), FILES)
    assert len({id(one.defines[0]) for one in variants}) == 1 and len(variants) == 3
