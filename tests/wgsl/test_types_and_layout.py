from __future__ import annotations

import pytest

from wgsl_ls.wgsl import types
from wgsl_ls.wgsl.layout import layout
from wgsl_ls.wgsl.operators import binary_type
from wgsl_ls.wgsl.overloads import resolve
from wgsl_ls.wgsl.parser import ParseCache, parse
from wgsl_ls.wgsl.symbols import analyze
from wgsl_ls.wgsl.types import ABSTRACT_FLOAT, ABSTRACT_INT, BOOL, F16, F32, I32, U32, Type


def type_named(written: str, declarations: str = "") -> Type:
    symbol = analyze(parse(f"{declarations}\nalias Asked = {written};", ParseCache())).global_symbol("Asked")
    assert symbol and symbol.type
    return symbol.type


@pytest.mark.parametrize(
    ("written", "size", "align", "stride"),
    [
        ("f32", 4, 4, 0),
        ("f16", 2, 2, 0),
        ("vec2<f16>", 4, 4, 0),
        ("vec3<f16>", 6, 8, 0),
        ("vec4<u32>", 16, 16, 0),
        ("vec3f", 12, 16, 0),
        ("atomic<i32>", 4, 4, 0),
        ("mat2x2<f32>", 16, 8, 8),
        ("mat3x3<f32>", 48, 16, 16),
        ("mat4x3<f16>", 32, 8, 8),
        ("mat2x4h", 16, 8, 8),
        ("array<vec3<f32>, 4>", 64, 16, 16),
        ("array<f16, 3>", 6, 2, 2),
        ("array<array<vec3h, 2>, 3>", 48, 8, 16),
        ("array<u32>", 4, 4, 4),
        ("array<mat3x2<f32>, 2 * 3>", 144, 8, 24),
    ],
)
def test_sizes(written: str, size: int, align: int, stride: int) -> None:
    found = layout(type_named(written))
    assert found and (found.size, found.align, found.stride) == (size, align, stride)


def test_struct_offsets() -> None:
    # The example of the specification's section on structure layout, in other words.
    declarations = """
    struct A { u: f32, v: f32, w: vec2<f32>, @size(16) x: f32 }
    struct B { a: vec2<f32>, b: vec3<f32>, c: f32, d: f32, @align(16) e: A, f: vec3<f32>, @size(32) g: array<A, 3>,
               @align(32) h: i32 }
    """
    inner, outer = layout(type_named("A", declarations)), layout(type_named("B", declarations))
    assert inner and [member.offset for member in inner.members] == [0, 4, 8, 16]
    assert (inner.size, inner.align) == (32, 8)
    assert outer and [member.offset for member in outer.members] == [0, 16, 28, 32, 48, 80, 96, 192]
    assert (outer.size, outer.align) == (224, 32)


def test_runtime_sized_struct_counts_one_element() -> None:
    found = layout(type_named("S", "struct S { n: u32, items: array<vec4<f32>> }"))
    assert found and found.is_runtime_sized and found.size == 32


@pytest.mark.parametrize("written", ["sampler", "texture_2d<f32>", "ptr<function, i32>", "array<f32, missing>"])
def test_no_layout(written: str) -> None:
    assert layout(type_named(written)) is None


@pytest.mark.parametrize("written", ["ptr<function, array<i32, 3>>", "ptr<storage, u32, read_write>", "mat2x3<f16>"])
def test_types_print_as_written(written: str) -> None:
    assert str(type_named(written)) == written


def test_one_object_per_type() -> None:
    declarations = "const N = 4; struct S { a: vec2f }"
    assert type_named("array<vec2<f32>, N>", declarations) is type_named("array<vec2f, 4>")
    assert type_named("S", declarations) is type_named("S", "struct S { a: vec2<f32>, }")
    assert type_named("S", declarations) is not type_named("S", "struct S { a: vec2<f16>, }")


V2, V3 = types.vector(2, F32), types.vector(3, F32)
M = types.matrix


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [
        ("+", ABSTRACT_INT, ABSTRACT_FLOAT, ABSTRACT_FLOAT),
        ("*", ABSTRACT_INT, F16, F16),
        ("+", I32, U32, None),
        ("*", V3, F32, V3),
        ("-", ABSTRACT_FLOAT, V2, V2),
        ("+", V2, V3, None),
        ("<", V2, types.vector(2, ABSTRACT_INT), types.vector(2, BOOL)),
        ("==", BOOL, BOOL, BOOL),
        ("&", BOOL, BOOL, BOOL),
        ("^", BOOL, BOOL, None),
        ("|", F32, F32, None),
        ("<<", I32, ABSTRACT_INT, I32),
        ("<<", types.vector(2, U32), types.vector(2, U32), types.vector(2, U32)),
        ("*", M(3, 2, F32), V3, V2),
        ("*", V2, M(3, 2, F32), V3),
        ("*", M(3, 2, F32), M(4, 3, F32), M(4, 2, F32)),
        ("*", M(3, 2, F16), ABSTRACT_FLOAT, M(3, 2, F16)),
        ("+", M(2, 2, F32), F32, None),
        ("&&", BOOL, U32, None),
    ],
)
def test_operators(operator: str, left: Type, right: Type, expected: Type | None) -> None:
    assert binary_type(operator, left, right) is expected


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("max", (ABSTRACT_INT, F16), "f16"),
        ("clamp", (U32, ABSTRACT_INT, ABSTRACT_INT), "u32"),
        ("dot", (V3, types.vector(3, ABSTRACT_FLOAT)), "f32"),
        ("select", (ABSTRACT_INT, F32, BOOL), "f32"),
        ("transpose", (M(4, 2, F16),), "mat2x4<f16>"),
        ("frexp", (V2,), "__frexp_result_vec2_f32"),
        ("ldexp", (F32, ABSTRACT_INT), "f32"),
        ("atomicLoad", (types.pointer("storage", types.make("atomic", I32), "read_write"),), "i32"),
        ("arrayLength", (types.pointer("storage", types.array(V3)),), "u32"),
        ("textureDimensions", (types.make("texture_storage_3d", "r32float", "write"),), "vec3<u32>"),
        ("textureLoad", (types.make("texture_2d", U32), types.vector(2, I32), ABSTRACT_INT), "vec4<u32>"),
        ("max", (F32, U32), None),
        ("dot", (V2, V3), None),
    ],
)
def test_overloads(call: str, arguments: tuple[Type, ...], expected: str | None) -> None:
    found = resolve(call, None, arguments)
    assert (str(found.result) if found else None) == expected


def test_overload_tells_what_arguments_become() -> None:
    found = resolve("vec4", None, (ABSTRACT_INT, V2, ABSTRACT_FLOAT))
    assert found and [str(kind) for kind in found.parameters] == ["f32", "vec2<f32>", "f32"]
