"""Which bindings exclude each other, and the places that write them."""

from __future__ import annotations

import pytest

from wgsl_ls.wgsl.aliasing import exclusive_bindings
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.reflection import reflect
from wgsl_ls.wgsl.symbols import analyze

HEAD = """\
struct Params { n: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> p: Params;
@group(0) @binding(4) var<storage, read_write> votes: array<atomic<u32>>;
"""
CASES = {
    "one is written": ("b[0] = a[0];", "b: a | b[0]"),
    "changed": ("b[p.n] += a[0];", "b: a p | b[p.n]"),
    "counted by component": ("c[1].x = a[0];", "c: a | c[1].x"),
    "two are written": ("b[0] = a[0]; c[0] = vec4(1.0);", "b: a c | b[0]; c: a b | c[0]"),
    "the first is only read": ("c[0].y = b[0];", "b: c |; c: b | c[0].y"),
    "declared writable, only read": ("b[0] = c[0].x;", "b: c | b[0]; c: b |"),
    "nothing beside it": ("b[0] = 1.0;", ""),
    "only readers": ("_ = a[0] + f32(p.n);", ""),
    "an atomic": ("atomicAdd(&votes[p.n], u32(a[0]));", "votes: a p | votes[p.n]"),
    "an atomic that is loaded": ("_ = atomicLoad(&votes[0]) + u32(a[0]);", "votes: a |"),
    "in a callee": ("store(a[0]);", "b: a | b[7]"),
}


@pytest.mark.parametrize(("body", "expected"), CASES.values(), ids=CASES)
def test_exclusive(body: str, expected: str) -> None:
    callee = "fn store(x: f32) { b[7] = x; }\n" if "store" in body else ""
    text = f"{HEAD}{callee}@compute @workgroup_size(1) fn main() {{ {body} }}"
    analysis = analyze(parse(text))
    (entry,) = reflect(analysis).entry_points
    said = []
    for one in exclusive_bindings(analysis, entry):
        writes = " ".join(text[start:end] for start, end in one.writes)
        said.append(f"{one.written.name}: {' '.join(other.name for other in one.others)} | {writes}".rstrip())
    assert "; ".join(said) == expected
