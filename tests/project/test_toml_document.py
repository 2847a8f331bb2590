"""Places of keys and values: `tomllib` judges the values, so here only the places are on trial."""

from __future__ import annotations

import random
import tomllib

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from wgsl_ls.project.toml_document import read_toml
from wgsl_ls.text.located import Located

EVERYTHING = """\
# a comment with = and [brackets]
title = "plain"   # behind
escaped = "a\\tb \\u00e9 \\U0001F600 \\"q\\""
literal = 'C:\\path "x"'
multi = \"\"\"
first line
  second \\
     joined "" quotes\"\"\"
multi_literal = '''
raw \\n 'q' ''
end'''
number = 1_000
negative = -17
hexadecimal = 0xFF
real = 6.02e23
infinite = -inf
yes = true
moment = 1979-05-27 07:32:00Z
day = 1979-05-27
a.b."c.d".'e' = 1
a.b.f = [ 1, [2, 3], # comment ]
  "x,]", { k = 'v', l.m = [4], }, ]

[ table . "quoted key" ]
key = {}
[[shader]]
files = ["a", "b"]
[shader.smoke]
n = 1
[[shader.smoke.agree]]
with = "x"
[[shader]]
files = []
[table.other]
z = 1
""".replace("l.m = [4], }", "l.m = [4] }")


def scalars(located: Located) -> list[Located]:
    if located.is_table or located.is_list:
        items = [item for _, item in located.entries()] or list(located.elements())
        return [scalar for item in items for scalar in scalars(item)]
    return [located]


def check_places(text: str) -> None:
    """The values are tomllib's; what stands at each place reads as the value that is said to stand there."""
    document, problems = read_toml("x.toml", text)
    assert problems == ()
    assert document.plain() == tomllib.loads(text)
    for scalar in scalars(document):
        written = text[scalar.span.start : scalar.span.end]
        again = tomllib.loads(f"x = {written}")["x"]
        assert again == scalar.value or again != again  # nan
        if isinstance(scalar.value, str):
            for index, character in enumerate(scalar.value):
                place = scalar.offset_of(index)
                assert text[place] in (character, "\\") or (text[place], character) == ("\r", "\n")
            assert scalar.span.start < scalar.offset_of(len(scalar.value)) < scalar.span.end

    def check_keys(table: Located) -> None:
        for key, item in table.entries():
            written = text[item.key_span.start : item.key_span.end]
            assert list(tomllib.loads(f"{written} = 1")) == [key]
            check_keys(item)
        for item in table.elements():
            check_keys(item)

    check_keys(document)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_form_of_toml_is_found_where_it_stands(line_end: str) -> None:
    check_places(EVERYTHING.replace("\n", line_end))


def test_places_of_the_parts_of_one_statement() -> None:
    text = "[[shader]]\naxes = { K = ['A', {B = true}] }\n"
    document, _ = read_toml("x.toml", text)
    shader = document.get("shader")
    assert shader is not None
    entry = shader.elements()[0]
    assert text[entry.span.start : entry.span.end] == "[[shader]]"
    axes = entry.get("axes")
    assert axes is not None
    assert text[axes.key_span.start : axes.key_span.end] == "axes"
    alternatives = axes.get("K")
    assert alternatives is not None
    assert text[alternatives.span.start : alternatives.span.end] == "['A', {B = true}]"
    assert text[slice(alternatives.elements()[1].span.start, alternatives.elements()[1].span.end)] == "{B = true}"


def test_a_byte_order_mark_moves_nothing() -> None:
    text = "\ufeffa = 'x'\n"
    document, problems = read_toml("x.toml", text)
    assert problems == ()
    value = document.get("a")
    assert value is not None and text[value.span.start : value.span.end] == "'x'"


KEYS = st.text(st.sampled_from("aB1_-. é\"'\\\n"), min_size=1, max_size=6)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text(st.sampled_from("a\"'\\\n\t,]}#= \r"), max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


def written(value: object, chance: random.Random) -> str:
    """A TOML value in one of its forms."""
    if isinstance(value, str):
        if "'" not in value and value.isprintable() and chance.random() < 0.4:
            return f"'{value}'"
        quoted: str = tomlkit.string(value).as_string()
        if chance.random() < 0.3:
            body = quoted[1:-1].replace("\\n", "\n")
            return f'"""\n{body}"""'
        return quoted
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        space = chance.choice(["", " ", "\n  ", " # ]\n"])
        return "[" + ",".join(space + written(item, chance) for item in value) + space + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{tomlkit.string(key).as_string()} = {written(item, chance)}" for key, item in value.items())
        return "{ " + inner + " }"
    return repr(value)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=5), st.integers(0, 1000), st.booleans())
def test_places_of_random_documents(data: dict[str, object], seed: int, crlf: bool) -> None:
    chance = random.Random(seed)
    lines: list[str] = []
    tables: list[str] = []
    for key, value in data.items():
        name = tomlkit.string(key).as_string()
        if isinstance(value, dict) and chance.random() < 0.7:
            body = "".join(f"{tomlkit.string(k).as_string()} = {written(v, chance)}\n" for k, v in value.items())
            header = chance.choice([f"[{name}]", f"[[{name}]]", f"[ {name} ]"])
            tables.append(f"{header} # c\n{body}")
        else:
            lines.append(f"{chance.choice(['', '  '])}{name}{chance.choice(['=', ' = '])}{written(value, chance)}\n")
    text = "".join(lines + tables)
    check_places(text.replace("\n", "\r\n") if crlf else text)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab=[]{}\"'\n\r ,.#1\\\ufeff"), max_size=40))
def test_no_text_makes_it_raise(text: str) -> None:
    document, problems = read_toml("x.toml", text)
    assert document.is_table
    assert all(0 <= one.span.start <= one.span.end <= len(text) for one in problems)


@pytest.mark.parametrize(
    ("text", "kept", "at"),
    [
        ("a = 1\nb = \nc = 3\n", {"a": 1, "c": 3}, "b = "),
        ("a = 1\nb = [1,\n  2\nc = 3\n[t]\nd = 4\n", {"a": 1, "c": 3, "t": {"d": 4}}, "c "),
        ('a = "open\nb = 1\n', {"b": 1}, 'a = "open'),
        ("a = 1\r\na = 2\r\nb = 3\r\n", {"a": 1, "b": 3}, "a = 2"),
        ("[t\na = 1\n[u]\nb = 2\n", {"a": 1, "u": {"b": 2}}, "[t"),
    ],
)
def test_a_syntax_error_costs_one_statement(text: str, kept: dict[str, object], at: str) -> None:
    document, problems = read_toml("x.toml", text)
    assert document.plain() == kept
    assert [one.code for one in problems] == ["config/syntax"]
    place = problems[0].span.start
    line_start = text.rfind("\n", 0, place) + 1
    assert text[line_start:].startswith(at[:1])
    assert text.index(at) <= place <= text.index(at) + len(at)


def test_several_syntax_errors_are_all_told() -> None:
    _, problems = read_toml("x.toml", "a = \nb = 1\nc = ]\nd = 2\ne\n")
    assert len(problems) == 3


def test_hopeless_nesting_is_one_error() -> None:
    document, problems = read_toml("x.toml", "a = " + "[" * 5000)
    assert document.plain() == {}
    assert problems and all(one.code == "config/syntax" for one in problems)
