from __future__ import annotations

from pathlib import Path

from wgsl_ls.wgsl.matrix_reflection import MatrixShape
from wgsl_ls.wgsl.parser import ParseCache, parse
from wgsl_ls.wgsl.reflection import Reflection, reflect
from wgsl_ls.wgsl.symbols import analyze

SAMPLES = {path.name: path.read_text() for path in sorted((Path(__file__).parent / "samples").glob("*.wgsl"))}


def reflected(text: str, overrides: dict[str, bool | int | float] | None = None) -> Reflection:
    return reflect(analyze(parse(text, ParseCache())), overrides)


def test_a_compute_module() -> None:
    reflection = reflected(SAMPLES["tile.wgsl"])
    (main,) = reflection.entry_points
    assert (main.name, main.stage, main.workgroup_size, main.invocations) == ("main", "compute", (32, 1, 2), 64)
    assert main.functions == {"unpack", "capped", "add_to"}
    assert {"subgroupAdd", "atomicAdd", "tanh"} <= main.calls and "dpdx" not in main.calls
    # 256 floats, one counter and 15 halves, each rounded up to 16 bytes
    assert [(item.name, item.size) for item in main.workgroup_variables] == [
        ("scores", 1024),
        ("rows_done", 4),
        ("halves", 30),
    ]
    assert main.workgroup_storage == 1024 + 16 + 32
    assert [
        (item.group, item.binding, item.name, item.space, item.access, item.minimal_size) for item in main.bindings
    ] == [
        (0, 0, "source", "storage", "read", 8),
        (0, 1, "destination", "storage", "read_write", 4),
        (0, 2, "sizes", "uniform", "read", 64),
        (1, 0, "counters", "storage", "read_write", 16),
    ]
    assert reflection.enabled == {"f16", "subgroups"}


def test_overrides() -> None:
    reflection = reflected(SAMPLES["tile.wgsl"], {"lanes": 128, "3": False})
    assert reflection.entry_points[0].workgroup_size == (128, 1, 2)
    found = [(item.name, item.key, str(item.type), str(item.default), str(item.value)) for item in reflection.overrides]
    assert found == [
        ("lanes", "lanes", "u32", "32", "128"),
        ("use_cap", "3", "bool", "true", "false"),
        ("bias", "bias", "f32", "0.25", "0.25"),
    ]


def test_sizes_that_depend_on_overrides() -> None:
    text = """
    override n: u32;
    override twice = n * 2;
    var<workgroup> items: array<f32, twice>;
    @compute @workgroup_size(n) fn main() { items[0] = 1.0; }
    """
    (unknown,) = reflected(text).entry_points
    assert (unknown.workgroup_size, unknown.workgroup_storage) == ((None, 1, 1), None)
    (known,) = reflected(text, {"n": 24}).entry_points
    assert (known.workgroup_size, known.workgroup_storage) == ((24, 1, 1), 192)


def test_only_what_an_entry_point_reaches_counts() -> None:
    text = """
    @group(0) @binding(0) var<storage> a: array<f32>;
    @group(0) @binding(1) var<storage> b: array<f32>;
    var<workgroup> first: array<f32, 5>;
    var<workgroup> second: vec3<f32>;
    fn helper() -> f32 { return b[0] + first[0]; }
    @compute @workgroup_size(8, 2) fn one() { _ = helper(); }
    @compute @workgroup_size(1) fn two() { second.x = a[0]; }
    """
    one, two = reflected(text).entry_points
    assert ([item.name for item in one.bindings], one.workgroup_storage) == (["b"], 32)
    assert ([item.name for item in two.bindings], two.workgroup_storage) == (["a"], 16)
    assert one.workgroup_size == (8, 2, 1)


def test_subgroup_matrices() -> None:
    (main,) = reflected(SAMPLES["matrix.wgsl"]).entry_points
    assert main.matrix_shapes == (MatrixShape(8, 8, 16, "f16", "f32"),)
    # A load reaches over the runtime-sized array behind it, also through a pointer parameter.
    assert [item.minimal_size for item in main.bindings] == [256, 16 + 256, 256]


def test_textures_and_stages() -> None:
    reflection = reflected(SAMPLES["textures.wgsl"])
    assert [(point.name, point.stage, point.workgroup_size) for point in reflection.entry_points] == [
        ("vertex_main", "vertex", None),
        ("fragment_main", "fragment", None),
    ]
    image = reflection.bindings[-1]
    assert (image.space, image.access, image.minimal_size) == ("handle", "write", None)
    assert [item.name for item in reflection.entry_points[0].bindings] == ["camera"]


def test_broken_modules_are_reflected_as_far_as_they_go() -> None:
    reflection = reflected("@group(0) @binding(x) var<storage> a: array<Missing>;\n@compute fn f() { a[0] = ; }")
    (binding,) = reflection.bindings
    assert (binding.group, binding.binding, binding.minimal_size) == (0, None, None)
    assert reflection.entry_points[0].workgroup_size == (None, None, None)
