"""Where somebody writes in a TOML text, finished or not. `|` is the cursor, `‹ ›` the word that is found."""

from __future__ import annotations

import pytest

from wgsl_ls.project.toml_place import toml_place

CASES = [
    ("|", (), (), "key"),
    ("dia|", (), (), "key"),
    ('dialect = "gg|"', (), ("dialect",), "value"),
    ('dialect = "gg|', (), ("dialect",), "value"),
    ("dialect = |", (), ("dialect",), "value"),
    ('[[shader]]\nfiles = ["a", "b|"]', ("shader",), ("files", None), "value"),
    ('[[shader]]\nfiles = ["a", |', ("shader",), ("files", None), "value"),
    ('[shader.axes]\nK = ["A", "|', ("shader", "axes"), ("K", None), "value"),
    ("[shader.axes]\nK = [{ A|", ("shader", "axes"), ("K", None), "key"),
    ("[shader.axes]\nK = [{ A = 1, B = | }]", ("shader", "axes"), ("K", None, "B"), "value"),
    ('rules = [\n  { when = "A", fo| },\n]', (), ("rules", None), "key"),
    ('rules = [\n  { when = "A" },\n  { when = "B|" },\n]', (), ("rules", None, "when"), "value"),
    ("x.y.z|", (), ("x", "y"), "key"),
    ("x.y = |", (), ("x", "y"), "value"),
    ('files = ["a",\nname = "b|"', (), ("name",), "value"),  # the list was never closed
    ('files = ["a",\n[host]\ngate = "|"', ("host",), ("gate",), "value"),
    ("a = 1\n[ho|", (), (), "header"),
    ("[|", (), (), "header"),
    ("[[|", (), (), "header"),
    ("[profile.nvi|]\na = 1", ("profile",), (), "header"),
    ("[shader.axes]\n# K| = 1", ("shader", "axes"), (), "nothing"),
    ('"lint/un|" = 1', (), (), "key"),
    ('s = """\n[not]\na = 1\n"""\nb|', (), (), "key"),
    ("a = 1 |", (), (), "nothing"),
]


@pytest.mark.parametrize(("marked", "header", "steps", "what"), CASES)
def test_place(marked: str, header: tuple[str, ...], steps: tuple[str | None, ...], what: str) -> None:
    text, offset = marked.replace("|", "", 1), marked.index("|")
    place = toml_place(text, offset)
    assert (place.header, place.what) == (header, what)
    if what != "nothing":
        assert place.steps == steps
        assert place.span.start <= offset <= place.span.end


def test_the_word_is_without_its_quotes_and_siblings_are_known() -> None:
    text = 'a = 1\nb = "word"\n'
    place = toml_place(text, text.index("rd"))
    assert text[place.span.start : place.span.end] == "word" and place.quoted
    assert toml_place(text, len(text)).siblings == {"a", "b"}
    assert toml_place(text + "[t]\n", len(text) + 4).siblings == frozenset()


def test_every_offset_of_any_beginning_has_a_place() -> None:
    text = '[[shader]]\nfiles = ["a", \'b\']\naxes.K = [{ A = 1 }, """x\ny"""] # c\n[a."b.c"]\n'
    text += "d = { e = [1, 2], f = -1.5e3 }\n"
    for end in range(len(text) + 1):
        for offset in range(end + 1):
            place = toml_place(text[:end], offset)
            assert place.span.start <= offset <= place.span.end or place.what == "header"
