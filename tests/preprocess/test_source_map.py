"""From expanded text to written text and back; "maps to nothing" is an answer."""

from __future__ import annotations

from typing import Any

import pytest

from wgsl_ls.text.span import Span


def there(files: Any, piece: str, path: str = "main", instance: int | None = None) -> list[str]:
    """The expanded texts of the first place where `piece` is written."""
    start = files.files[path].text.index(piece)
    spans = files.expansion.source_map.expanded(path, Span(start, start + len(piece)), instance)
    return [files.expansion.text[span.start : span.end] for span in spans]


def back(files: Any, piece: str) -> str:
    """Where the first place of expanded `piece` was written: file:line [text]."""
    start = files.expansion.text.index(piece)
    origin = files.expansion.source_map.written(start, start + len(piece))
    assert origin is not None
    return f"{files.line(origin.location)} [{files.written(origin.location)}]"


def test_copied_code(project: Any) -> None:
    files = project("a\n#define A 1\nlet b = c;\n")
    assert files.expansion.text == "a\nlet b = c;\n"
    assert there(files, "let b") == ["let b"]
    assert back(files, "b = c") == "main:3 [b = c]"


def test_directives_and_unused_code_map_to_nothing(project: Any) -> None:
    files = project("#define A 1\n#if 0\nx\n#endif\ny\n")
    for piece in ("#define A 1\n", "define", "#if 0\n", "x", "x\n#endif\n"):
        assert there(files, piece) == []
    assert there(files, "#endif\ny") == ["y"]


def test_a_macro_use_maps_as_a_whole(project: Any) -> None:
    files = project("#define LONG (1 + 2)\n#define NONE\nx = LONG NONE;\n")
    assert files.expansion.text == "x = (1 + 2) ;\n"
    assert there(files, "= LONG NONE;") == ["= (1 + 2) ;"]
    use = files.files["main"].text.index("LONG NONE")
    assert files.expansion.source_map.expanded("main", Span(use + 1, use + 2)) == [Span(4, 11)]
    assert back(files, "+ 2") == "main:3 [LONG]"
    assert back(files, "x = (1") == "main:3 [x = LONG]"
    origin = files.expansion.origin(files.expansion.text.index("+"))
    assert origin is not None and (origin.macro, origin.segment_offset) == ("LONG", 3)


def test_a_macro_without_value_maps_to_a_place(project: Any) -> None:
    files = project("x NONE y\n", "NONE")
    assert files.expansion.text == "x  y\n"
    start = files.files["main"].text.index("NONE")
    assert files.expansion.source_map.expanded("main", Span(start, start + 4)) == [Span(2, 2)]
    assert back(files, "  y") == "main:1 [ NONE y]"
    assert back(files, " y") == "main:1 [ y]"


def test_several_places_for_a_file_that_is_read_several_times(project: Any) -> None:
    files = project('#define K 1\n#include "part"\n#define K 2\n#include "part"\n', part="f_K K;\n")
    assert files.expansion.text == "f_K 1;\nf_K 2;\n"
    assert there(files, "K;", "part") == ["1;", "2;"]
    assert there(files, "K;", "part", instance=2) == ["2;"]
    assert there(files, "K;", "part", instance=0) == []


def test_places(project: Any) -> None:
    files = project("ab A\n#define A 1\nc", "A=xyz")
    places = files.expansion.source_map.expanded
    assert files.expansion.text == "ab xyz\nc\n"
    assert places("main", Span(1, 1)) == [Span(1, 1)]
    assert places("main", Span(4, 4)) == [Span(6, 6)]  # behind the use, at the newline
    assert places("main", Span(3, 3)) == [Span(3, 3)]
    end = len(files.files["main"].text)
    assert places("main", Span(end, end)) == [Span(8, 8)]  # the end of a file without a last newline
    assert places("main", Span(6, 6)) == []  # in the directive


def test_the_newline_that_is_added(project: Any) -> None:
    files = project('#include "part"\nx', part="y")
    assert files.expansion.text == "y\nx\n"
    origin = files.expansion.origin(1)
    assert origin is not None and origin.location.path == "part" and origin.location.span == Span(1, 1)
    assert [segment.source_end - segment.source_start for segment in files.expansion.source_map.segments] == [
        1,
        0,
        1,
        0,
    ]


@pytest.mark.parametrize("includes", ["native", "textual"])
def test_include_stack(project: Any, includes: str) -> None:
    files = project('\n#include "outer"\nx\n', outer='o\n#include "inner"\n', inner="i A\n", A="", includes=includes)
    origin = files.expansion.origin(files.expansion.text.index("i"))
    assert origin is not None and origin.location.path == "inner"
    assert [files.line(site) for site in origin.includes] == ["outer:2", "main:2"]
    assert [files.written(site) for site in origin.includes] == ["inner", "outer"]
    x = files.expansion.origin(files.expansion.text.index("x"))
    assert x is not None and x.includes == ()


def test_a_range_over_two_files_gives_its_beginning(project: Any) -> None:
    files = project('a\n#include "part"\nb\n', part="p\n")
    assert back(files, "a\np") == "main:1 [a]"
    assert back(files, "p\nb") == "part:1 [p]"
    assert back(files, "a\np\nb") == 'main:1 [a\n#include "part"\nb]'


def test_a_pasted_chunk_that_spans_files(project: Any) -> None:
    files = project('a A\r\n#include "part"\r\nb A\r\n', "A=1", part="p A q\r\n", includes="textual")
    assert files.expansion.text == "a 1\np 1 q\n\nb 1\n"
    assert back(files, "p 1 q") == "part:1 [p A q]"
    assert back(files, "b 1") == "main:3 [b A]"
    assert there(files, "p A", "part") == ["p 1"]
    assert there(files, "b A\r\n") == ["b 1\n"]
    assert there(files, 'A\r\n#include "part"\r\nb') == ["1\n", "\nb"]


@pytest.mark.parametrize("main", ["", "#if 0\nx\n#endif\n", "x A\n", '#include "part"\n'])
@pytest.mark.parametrize("includes", ["native", "textual"])
def test_nothing_raises_outside_the_text(project: Any, main: str, includes: str) -> None:
    expansion = project(main, "A", part="p", includes=includes).expansion
    for offset in (-(10**12), -1, len(expansion.text) + 1, 10**12):
        assert expansion.origin(offset) is None
        assert expansion.source_map.written(offset, offset + 3) is None
        assert expansion.macro_steps(offset) == ()
        assert expansion.source_map.expanded("main", Span(offset, offset)) == []
    assert expansion.source_map.expanded("missing", Span(0, 10)) == []
    if expansion.text:
        assert expansion.origin(len(expansion.text)) is not None
        assert expansion.source_map.written(0, 10**12) is not None
