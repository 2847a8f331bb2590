"""The lowering of subgroup matrices: lines and offsets stay, its numbers are right, the rest is named."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from wgsl_ls.engines.lowering import Lowered, lower
from wgsl_ls.wire.jobs import Unsupported

HEAD = "enable f16;\nenable chromium_experimental_subgroup_matrix;\n"


def product_shader(component: str, columns: int, inner: int, rows: int, by_columns: str, stride: int) -> str:
    """c = a * b + c for one matrix per workgroup, the second operand stored by columns if asked for."""
    left = f"subgroup_matrix_left<{component}, {inner}, {rows}>"
    right = f"subgroup_matrix_right<{component}, {columns}, {inner}>"
    result = f"subgroup_matrix_result<{component}, {columns}, {rows}>"
    return f"""{HEAD}
@group(0) @binding(0) var<storage, read_write> a: array<{component}>;
@group(0) @binding(1) var<storage, read_write> b: array<{component}>;
@group(0) @binding(2) var<storage, read_write> c: array<{component}>;
@compute @workgroup_size(32)
fn main(@builtin(subgroup_id) subgroup: u32) {{
  if (subgroup != 0u) {{ return; }}
  let left = subgroupMatrixLoad<{left}>(&a, 0u, false, {inner}u);
  let right = subgroupMatrixLoad<{right}>(&b, 3u, {by_columns}, {stride}u);
  var sum: {result};
  sum = subgroupMatrixLoad<{result}>(
    &c,
    0u,
    false,
    {columns}u
  );
  sum = subgroupMatrixMultiplyAccumulate(left, right, sum);
  subgroupMatrixStore(&c, 0u, sum, false, {columns}u);
}}
"""


@pytest.fixture(scope="module")
def device() -> Any:
    wgpu = pytest.importorskip("wgpu")
    try:
        adapter = wgpu.gpu.request_adapter_sync()
    except RuntimeError:
        pytest.skip("no adapter for wgpu here")
    features = {"shader-f16", "subgroup"} & set(adapter.features)
    if len(features) < 2:
        pytest.skip("the adapter has no f16 or no subgroups")
    return adapter.request_device_sync(required_features=sorted(features))


def run(device: Any, text: str, buffers: list[np.ndarray]) -> list[np.ndarray]:
    usage = 0x80 | 0x4 | 0x8  # STORAGE, COPY_SRC, COPY_DST
    made = [device.create_buffer_with_data(data=buffer.tobytes(), usage=usage) for buffer in buffers]
    pipeline = device.create_compute_pipeline(
        layout="auto", compute={"module": device.create_shader_module(code=text), "entry_point": "main"}
    )
    group = device.create_bind_group(
        layout=pipeline.get_bind_group_layout(0),
        entries=[
            {"binding": index, "resource": {"buffer": buffer, "offset": 0, "size": buffer.size}}
            for index, buffer in enumerate(made)
        ],
    )
    encoder = device.create_command_encoder()
    compute_pass = encoder.begin_compute_pass()
    compute_pass.set_pipeline(pipeline)
    compute_pass.set_bind_group(0, group)
    compute_pass.dispatch_workgroups(1)
    compute_pass.end()
    device.queue.submit([encoder.finish()])
    return [
        np.frombuffer(device.queue.read_buffer(buffer), dtype=original.dtype)
        for buffer, original in zip(made, buffers, strict=True)
    ]


def lowered(text: str) -> str:
    return lower_matrices(text).text


def lower_matrices(text: str) -> Lowered:
    result = lower(text, emulate_matrices=True)
    assert isinstance(result, Lowered), result
    return result


@pytest.mark.parametrize("by_columns", [False, True])
@pytest.mark.parametrize(
    ("component", "columns", "inner", "rows"),
    [("f32", 8, 8, 8), ("f16", 16, 16, 16), ("f16", 8, 16, 16), ("f32", 6, 10, 5), ("i32", 8, 4, 16)],
)
def test_a_product_is_right_on_this_adapter(
    device: Any, component: str, columns: int, inner: int, rows: int, by_columns: bool
) -> None:
    types: dict[str, type] = {"f32": np.float32, "f16": np.float16, "i32": np.int32}
    rng = np.random.default_rng(7)
    a = rng.integers(-3, 4, (rows, inner)).astype(types[component])
    b = rng.integers(-3, 4, (inner, columns)).astype(types[component])
    c = rng.integers(-3, 4, (rows, columns)).astype(types[component])
    stored = b.T if by_columns else b
    stride = stored.shape[1] + 1
    padded = np.full(3 + stored.shape[0] * stride + 1, 99, types[component])
    for index, line in enumerate(stored):
        padded[3 + index * stride : 3 + index * stride + len(line)] = line
    padded = padded[: len(padded) // 2 * 2]
    c_padded = np.concatenate([c.ravel(), np.full(64, 77, types[component])])
    text = lowered(product_shader(component, columns, inner, rows, str(by_columns).lower(), stride))
    *_, result = run(device, text, [np.resize(a, a.size + a.size % 2), padded, c_padded])
    expected = a.astype(np.int64) @ b.astype(np.int64) + c
    np.testing.assert_array_equal(result[: c.size].reshape(c.shape), expected)
    np.testing.assert_array_equal(result[c.size :], 77)


def test_every_way_to_name_the_operands_of_a_product(device: Any) -> None:
    """Whole variables go by pointer, everything else by value; copies are independent of their source."""
    left, right, result = (f"subgroup_matrix_{kind}<f32, 4, 4>" for kind in ("left", "right", "result"))
    text = f"""{HEAD}
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
fn loaded(offset: u32) -> {left} {{ return subgroupMatrixLoad<{left}>(&a, offset, false, 4u); }}
@compute @workgroup_size(32)
fn main(@builtin(subgroup_id) subgroup: u32) {{
  if (subgroup != 0u) {{ return; }}
  var l = loaded(0u);
  let r = subgroupMatrixLoad<{right}>(&a, 16u, false, 4u);
  var sums: array<array<{result}, 2>, 2>;
  sums[1][0] = subgroupMatrixMultiplyAccumulate(l, r, sums[1][0]);
  sums[1][0] = subgroupMatrixMultiplyAccumulate(l, r, sums[1][0]);
  subgroupMatrixStore(&a, 32u, sums[1][0], false, 4u);
  var first = subgroupMatrixMultiply<f32>(l, r);
  var second: {result} = subgroupMatrixMultiplyAccumulate(l, r, first);
  var old = first;
  first = second;
  second = subgroupMatrixScalarAdd(second, 100.0);
  second = subgroupMatrixScalarMultiply(old, -1.0);
  subgroupMatrixStore(&a, 48u, old, false, 4u);
  subgroupMatrixStore(&a, 64u, first, false, 4u);
  subgroupMatrixStore(&a, 80u, second, false, 4u);
  subgroupMatrixStore(&a, 96u, subgroupMatrixMultiplyAccumulate(loaded(16u), r, {result}(1.0)), false, 4u);
}}
"""
    a = np.random.default_rng(5).integers(-3, 4, 112).astype(np.float32)
    (got,) = run(device, lowered(text), [a])
    one, two = a[:16].reshape(4, 4), a[16:32].reshape(4, 4)
    product = one @ two
    expected = [2 * product, product, 2 * product, -product, two @ two + 1]
    np.testing.assert_array_equal(got[32:].reshape(5, 4, 4), expected)


@pytest.mark.parametrize("emulated", [product_shader("f16", 16, 16, 16, "true", 17)])
def test_tint_takes_the_emulation_too(emulated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WGPU_BACKEND_TYPE", "Null")  # and back afterwards
    from wgsl_ls.engines.api import EngineUnavailable
    from wgsl_ls.engines.dawn import DawnEngine
    from wgsl_ls.wire.jobs import Accepted, CompileJob

    engine = DawnEngine()
    try:
        engine.open("")
    except EngineUnavailable as unavailable:
        pytest.skip(unavailable.why)
    text = lowered(emulated).replace("enable f16;", "enable f16; enable subgroups;", 1)
    result = engine.compile(CompileJob("dawn", text))
    assert isinstance(result, Accepted), result


def test_scalar_operations_splat_and_operands_as_outputs(device: Any) -> None:
    left = "subgroup_matrix_left<f32, 8, 8>"
    text = f"""{HEAD}
alias Result = subgroup_matrix_result<f32, 8, 8>;
const wide = 4 * 2;
struct Input {{ @builtin(subgroup_invocation_id) lane: u32, @builtin(subgroup_size) lanes: u32,
  @builtin(subgroup_id) subgroup: u32 }};
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
fn twice(m: {left}) -> {left} {{ return subgroupMatrixScalarMultiply(m, 2.0); }}
@compute @workgroup_size(32)
fn main(in: Input) {{
  if (in.subgroup != 0u) {{ return; }}
  let p = &a;
  var m = subgroupMatrixLoad<subgroup_matrix_left<f32, wide, 8>>(p, 0u, false, 8u);
  m = subgroupMatrixScalarSubtract(twice(m), 1.0);
  subgroupMatrixStore(&a, 64u, m, true, 8u);
  var n = subgroupMatrixScalarAdd(Result(5.0), 1.5);
  subgroupMatrixStore(&a, 128u, n, false, 8u);
  subgroupMatrixStore(&a, 192u, Result(), false, 8u);
  var other = subgroup_matrix_result<f32, 8, 8>(3.0);
  other = Result();
}}
"""
    a = np.arange(256, dtype=np.float32)
    (result,) = run(device, lowered(text), [a])
    m = a[:64].reshape(8, 8)
    np.testing.assert_array_equal(result[64:128].reshape(8, 8), (2 * m - 1).T)
    np.testing.assert_array_equal(result[128:192], 6.5)
    np.testing.assert_array_equal(result[192:], 0)


def test_lines_stay_and_copied_text_maps_back_to_its_place() -> None:
    text = product_shader("f16", 16, 16, 16, "true", 17)
    result = lower_matrices(text).rewritten
    for line, (before, after) in enumerate(zip(text.split("\n"), result.text.split("\n"), strict=False)):
        mark = re.search(r"workgroup_size|@binding\(1\)|sum,|17u", before)
        if mark:
            assert mark.group() in after, line
    for match in re.finditer(r"@binding|17u", text):
        found = [at for at in range(len(result.text)) if result.to_original(at) == match.start()]
        assert any(result.text.startswith(match.group(), at) for at in found)
    offsets = [result.to_original(at) for at in range(len(result.text) + 1)]
    assert offsets == sorted(offsets) and max(offsets) <= len(text)


def test_a_text_without_matrices_is_not_touched() -> None:
    assert lowered("fn f() {}") == "fn f() {}"


def test_the_enable_line_keeps_its_other_names() -> None:
    text = "enable f16, chromium_experimental_subgroup_matrix, subgroups;\nfn f() {}\n"
    assert lowered(text).startswith(f"enable f16,{' ' * 39} subgroups;\n")


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("var m: subgroup_matrix_left<u8, 8, 8>;", "u8"),
        ("var m: subgroup_matrix_left<f16, size, 8>;", "plain integer"),
        ("subgroupMatrixStore(&a, 0u, unknown, false, 8u);", "unknown"),
        ("let m = subgroupMatrixLoad<subgroup_matrix_left<f32, 8, 8>>(q, 0u, false, 8u);", "pointer"),
        ("let m = subgroupMatrixLoad<subgroup_matrix_left<f32, 8, 8>>(&a, 0u, false);", "arguments"),
        (
            "var l: subgroup_matrix_left<f32, 8, 8>; var r: subgroup_matrix_right<f32, 8, 16>;"
            " var c: subgroup_matrix_result<f32, 8, 8>; c = subgroupMatrixMultiplyAccumulate(l, r, c);",
            "shapes",
        ),
    ],
)
def test_what_cannot_be_lowered_is_named(statement: str, why: str) -> None:
    text = f"{HEAD}var<workgroup> a: array<f32, 64>;\n@compute @workgroup_size(8) fn main() {{ {statement} }}\n"
    result = lower(text, emulate_matrices=True)
    assert isinstance(result, Unsupported)
    assert why in result.detail


@pytest.mark.parametrize("cut", range(0, 900, 37))
def test_a_text_cut_anywhere_never_raises(cut: int) -> None:
    text = product_shader("f16", 16, 16, 16, "true", 17)
    lower(text[:cut] + text[cut + 11 :], emulate_matrices=True)
