"""Textual includes: what ggml's embed_wgsl.py does before anything is preprocessed. The script itself is no part of
this project; `REFERENCE` is its one rule, written anew, and serves as the oracle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.preprocess.pasting import Pasted, paste
from wgsl_ls.text.source_file import SourceFile

REFERENCE = re.compile(r'^\s*#include\s+"([^"]+)"\s*$', re.MULTILINE)


def reference(text: str, files: Mapping[str, str]) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return REFERENCE.sub(lambda match: reference(files.get(match[1], ""), files), text)


def pasted(text: str, files: Mapping[str, str]) -> Pasted:
    def load(name: str) -> SourceFile | str:
        return SourceFile(name, files[name]) if name in files else f"no {name}"

    return paste(SourceFile("main", text), load, "main")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a\n#include "p"\nb\n', "a\nP\n\nb\n"),
        ('#include "p"', "P\n"),
        ('a\n\n \n  #include\t "p" \t\n\n\nb\n', "a\nP\n\nb\n"),
        ('#include "p"\n   b\n', "P\n\n   b\n"),
        ('#include "p" // why\n', '#include "p" // why\n'),
        ('# include "p"\n', '# include "p"\n'),
        ("#include p\n", "#include p\n"),
        ('x #include "p"\n', 'x #include "p"\n'),
        ('#include "p"\n#include "p"\n', "P\n\nP\n"),
        ('#if 0\n#include "p"\n#endif\n', "#if 0\nP\n\n#endif\n"),
        ('\u2028\xa0#include "p"\n', "P\n"),
        ('a\r\n#include "p"\r\nb\rc', "a\nP\n\nb\nc"),
        ('// #include "x\n#include "p"\n', '// #include "x\nP\n'),
        ('#include\n"p"\nb', "P\n\nb"),
        ('#include "q"\n', "q P\n"),
    ],
)
def test_what_is_pasted(text: str, expected: str) -> None:
    files = {"p": "P\n", "q": 'q P\n#include "empty"', "empty": ""}
    if text.startswith('#include "q"'):
        expected = reference(text, files)
    assert pasted(text, files).text == expected == reference(text, files)


PIECES = st.lists(
    st.sampled_from(
        [
            '#include "p"',
            '#include "q"',
            "#include",
            '"p"',
            '"',
            "\n",
            "\n",
            "\r\n",
            "\r",
            " ",
            "\t",
            "x",
            "#",
            "//",
            "\xa0",
        ]
    ),
    max_size=14,
).map("".join)


@given(PIECES, PIECES, PIECES)
def test_agrees_with_the_rule_and_knows_where_everything_is_from(main: str, p: str, q: str) -> None:
    q = q.replace('#include "p"', "").replace('#include "q"', "").replace("#include", "")
    p = p.replace('#include "p"', "")
    files = {"p": p, "q": q}
    if any(match[1] not in files for match in REFERENCE.finditer(main + p + q)):
        return
    found = pasted(main, files)
    if found.problems:
        return  # p leads to itself in some odd way
    assert found.text == reference(main, files)
    texts = {"main": main, **files}
    assert [piece.end for piece in found.layout.pieces[:-1]] == [piece.start for piece in found.layout.pieces[1:]]
    assert found.layout.pieces[-1].end == len(found.text)
    for offset, character in enumerate(found.text):
        instance, source = found.layout.place(offset)
        written = texts[found.instances[instance].path]
        assert written[source] == character or (written[source] == "\r" and character == "\n")
        assert found.layout.inverse(instance, source) == offset
    for instance in range(len(found.instances)):
        for offset in range(len(texts[found.instances[instance].path]) + 1):
            assert 0 <= found.layout.inverse(instance, offset) <= len(found.text)
    # Every character of the root was pasted, or is in an #include line, or is the CR of a line end
    own = [span for instance, span in found.layout.written(0, len(found.text)) if instance == 0]
    assert [main[span.start : span.end].strip("\r") for span in own] == (
        [main.strip("\r")] if main.strip("\r") else own and [""]
    )


def test_problems_are_placed() -> None:
    found = pasted('x\n#include "none"\n#include "loop"\n', {"loop": '\n#include "loop"\n'})
    assert [(instance, location.path, problem.code) for instance, location, problem in found.problems] == [
        (0, "main", "preprocess/include-not-found"),
        (1, "loop", "preprocess/include-cycle"),
    ]
    assert found.text == "x\n\n"


def test_many_blank_lines_cost_little() -> None:
    assert pasted("\n" * 300_000 + "x", {}).text.endswith("x")
    assert pasted("\n" * 300_000 + '#include "p"\n', {"p": "P"}).text == "P"


def test_includes_that_never_end(project: Any) -> None:
    files = {f"f{index}": f'#include "f{index + 1}"\n#include "f{index + 1}"\n' for index in range(60)}
    wide = project('#include "f0"\n', includes="textual", f60="x\n", **files).expansion
    assert wide.failed and any(one.code == "preprocess/too-many-includes" for one in wide.diagnostics)
    files = {f"f{index}": f'#include "f{index + 1}"\n' for index in range(220)}
    deep = project('#include "f0"\n', includes="textual", f220="x\n", **files).expansion
    assert deep.failed and [one.code for one in deep.diagnostics] == ["preprocess/include-depth"]
