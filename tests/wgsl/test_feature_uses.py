"""What a text asks of the language: each construct once with its place «», and beside it what does not need it."""

from __future__ import annotations

import pytest

from wgsl_ls.wgsl.feature_uses import feature_uses
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.symbols import analyze

UNIFORM = "@group(0) @binding(0) var<uniform> u: "
TEXTURE = "@group(0) @binding(0) var t: "
CASES: dict[str, tuple[str, str]] = {
    "a line of enable": ("enable «f16»;", "enable f16"),
    "a line of requires": ("requires «pointer_composite_access»;", "requires pointer_composite_access"),
    "a builtin value": (
        "@compute @workgroup_size(1) fn f(@builtin(«global_invocation_index») i: u32) {}",
        "language linear_indexing",
    ),
    "one that all have": ("@compute @workgroup_size(1) fn f(@builtin(local_invocation_index) i: u32) {}", ""),
    "a name of another's": ("fn f(global_invocation_index: u32) {}", ""),
    "a function": (
        "fn f(x: u32) -> u32 { return «dot4U8Packed»(x, x); }", "language packed_4x8_integer_dot_product",
    ),
    "a function of one's own": ("fn dot4U8Packed(x: u32) -> u32 { return x; } fn f() { _ = dot4U8Packed(1u); }", ""),
    "a part of a pointer": (
        "fn f(p: ptr<function, vec2<u32>>) -> u32 { return «p.x»; }", "language pointer_composite_access",
    ),
    "an element of a pointer": (
        "fn f(p: ptr<function, array<u32, 2>>) -> u32 { return «p[1]»; }", "language pointer_composite_access",
    ),
    "written out": ("fn f(p: ptr<function, vec2<u32>>) -> u32 { return (*p).x; }", ""),
    "a pointer to storage": (
        "fn f(p: «ptr<storage, u32>») -> u32 { return *p; }", "language unrestricted_pointer_parameters",
    ),
    "a pointer to workgroup memory": (
        "fn f(p: «ptr<workgroup, u32>») -> u32 { return *p; }", "language unrestricted_pointer_parameters",
    ),
    "a pointer to a part": (
        "fn g(p: ptr<function, u32>) {} fn f() { var a: array<u32, 2>; g(«&a[1]»); }",
        "language unrestricted_pointer_parameters",
    ),
    "a pointer to a whole": ("fn g(p: ptr<function, u32>) {} fn f() { var a = 1u; g(&a); }", ""),
    "a builtin takes a part": ("var<workgroup> a: array<atomic<u32>, 2>; fn f() { atomicAdd(&a[1], 1u); }", ""),
    "an array in a uniform": (f"{UNIFORM}«array<f32, 4>»;", "language uniform_buffer_standard_layout"),
    "an array of vectors": (f"{UNIFORM}array<vec4<f32>, 4>;", ""),
    "a struct behind a number": (
        f"struct I {{ x: u32 }} struct S {{ a: u32, b: I }} {UNIFORM}«S»;", "language uniform_buffer_standard_layout",
    ),
    "a number behind a struct": (
        f"struct I {{ x: u32 }} struct S {{ b: I, a: u32 }} {UNIFORM}«S»;", "language uniform_buffer_standard_layout",
    ),
    "aligned": (f"struct I {{ x: u32 }} struct S {{ a: u32, @align(16) b: I, @align(16) c: u32 }} {UNIFORM}S;", ""),
    "the same in storage": ("@group(0) @binding(0) var<storage> u: array<f32, 4>;", ""),
    "a texture that is read": (
        f"{TEXTURE}«texture_storage_2d»<r32uint, read>;", "language readonly_and_readwrite_storage_textures",
    ),
    "a texture that is written": (f"{TEXTURE}texture_storage_2d<r32uint, write>;", ""),
    "a let of a texture": (
        f"{TEXTURE}texture_2d<f32>; fn f() {{ let s = «t»; }}", "language texture_and_sampler_let",
    ),
    "several components": ("fn f() { var v = vec2(1u); «v.xy» = vec2(2u); }", "language swizzle_assignment"),
    "one component": ("fn f() { var v = vec2(1u); v.x = 2u; }", ""),
    "a member with a long name": ("struct S { xy: u32 } fn f() { var v: S; v.xy = 2u; }", ""),
    "a bitcast of halves": (
        "enable f16; fn f(x: u32) -> f16 { return «bitcast<vec2<f16>>»(x).x; }", "enable f16, form f16-bitcast",
    ),
    "another bitcast": ("fn f(x: u32) -> f32 { return bitcast<f32>(x); }", ""),
    "@diagnostic inside": (
        "fn f() { «@diagnostic(off, derivative_uniformity)» if true {} }", "form statement-diagnostic",
    ),
    "@diagnostic on a function": ("@diagnostic(off, derivative_uniformity) fn f() {}", ""),
}  # fmt: skip


@pytest.mark.parametrize(("marked", "expected"), CASES.values(), ids=CASES)
def test_uses(marked: str, expected: str) -> None:
    before, _, rest = marked.partition("«")
    text = before + rest.replace("»", "")
    uses = feature_uses(analyze(parse(text)))
    assert ", ".join(f"{use.kind} {use.name}" for use in uses) == expected
    if rest:
        assert text[uses[-1].start :].startswith(rest.partition("»")[0])


def test_places_after_the_first() -> None:
    text = "fn f(p: ptr<function, vec2<u32>>) -> u32 { return p.x + p.y + p.x; }"
    (use,) = feature_uses(analyze(parse(text)))
    assert [text[start:end] for start, end in ((use.start, use.end), *use.more)] == ["p.x", "p.y", "p.x"]
