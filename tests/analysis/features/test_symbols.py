"""Outline and the query of workspace symbols."""

from __future__ import annotations

import pytest

from wgsl_ls.analysis.features.symbols import FileSymbol, file_symbols, matches_query
from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.preprocess.directives import parse_directives

TEXT = """\
#include "types.tmpl"
#define TILE (4 * \\
  N)
struct Params { rows: u32, @align(16) scale: array<vec4<f32>, 2> }
alias Row = vec2<f32>;
@group(0) @binding(0) var<storage> src: array<f32>;
#ifdef A
const size = 1;
#else
override size = 2u;
#endif
@compute @workgroup_size(1)
fn main(@builtin(local_invocation_index) i: u32, j: u32) {
  let local = 1;
}
"""


def row(text: str, symbol: FileSymbol, depth: int = 0) -> list[str]:
    """`kind name detail`, the symbol's members indented below it. The name stands where its place is."""
    assert text[symbol.name_span.start : symbol.name_span.end] == symbol.name
    assert symbol.span.covers(symbol.name_span)
    assert all(symbol.span.covers(child.span) for child in symbol.children)
    own = f"{'  ' * depth}{symbol.kind} {symbol.name} {symbol.detail}".rstrip()
    return [own, *(line for child in symbol.children for line in row(text, child, depth + 1))]


def outline(text: str) -> list[str]:
    return [line for symbol in file_symbols(parse_directives(text, GGML)) for line in row(text, symbol)]


def test_an_outline_has_all_branches_in_written_order() -> None:
    assert outline(TEXT) == [
        "include types.tmpl",
        "macro TILE (4 * N)",
        "struct Params",
        "  member rows u32",
        "  member scale array<vec4<f32>, 2>",
        "alias Row vec2<f32>",
        "variable src var",
        "constant size const",
        "constant size override",
        "function main (i, j)",
    ]


def test_a_symbol_is_all_of_its_text() -> None:
    symbols = file_symbols(parse_directives(TEXT, GGML))
    assert [TEXT[one.span.start : one.span.end] for one in symbols] == [
        '#include "types.tmpl"',
        "#define TILE (4 * \\\n  N)",
        "struct Params { rows: u32, @align(16) scale: array<vec4<f32>, 2> }",
        "alias Row = vec2<f32>;",
        "@group(0) @binding(0) var<storage> src: array<f32>",
        "const size = 1",
        "override size = 2u",
        TEXT[TEXT.index("@compute") : -1],
    ]
    assert [TEXT[one.span.start : one.span.end] for one in symbols[2].children] == [
        "rows: u32", "scale: array<vec4<f32>, 2>",
    ]  # fmt: skip


def test_half_written_code_keeps_its_neighbours() -> None:
    assert outline("const = 1;\nstruct S { b }\nfn g( {\n#define\n") == ["struct S", "  member b", "function g ()"]


def test_a_long_value_is_cut() -> None:
    assert outline(f"#define FITS {'x' * 60}\n#define LONG {'x' * 61}\n") == [
        f"macro FITS {'x' * 60}", f"macro LONG {'x' * 57}...",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "query", "fits"),
    [
        ("load_tile", "", True),
        ("load_tile", "ldt", True),
        ("load_tile", "LT", True),
        ("LOAD_TILE", "lt", True),
        ("load_tile", "tl_", False),
        ("load_tile", "ll", True),
        ("load_tile", "lll", False),
        ("load_tile", "tile_load", False),
    ],
)
def test_query(name: str, query: str, fits: bool) -> None:
    assert matches_query(name, query) == fits
