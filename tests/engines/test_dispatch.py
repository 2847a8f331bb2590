"""A dispatch job on the adapter at hand: bytes, guard regions, stages, failures with a name."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from wgsl_ls.engines.api import EngineUnavailable
from wgsl_ls.engines.dispatch import DispatchRuntime, run_dispatch
from wgsl_ls.engines.lowering import MATRICES_SAID
from wgsl_ls.engines.worker import serve
from wgsl_ls.wire.dispatch_jobs import (
    Dispatched,
    DispatchFailed,
    DispatchJob,
    JobBinding,
    JobBuffer,
    JobStage,
)
from wgsl_ls.wire.frames import decode_message, encode_message

pytestmark = pytest.mark.gpu

NAN = b"\xad\xde\xc0\x7f"
ZERO = b"\0" * 4
HEAD = """struct P { n: u32, k: f32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> b: array<f32>;
@group(0) @binding(2) var<uniform> p: P;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3<u32>) {
  let i = g.x;
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    from wgsl_ls.engines.wgpu_native import WgpuEngine

    engine = WgpuEngine()
    try:
        engine.open("")
    except EngineUnavailable as unavailable:
        pytest.skip(unavailable.why)
    yield engine


def floats(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def job(body: str, n: int = 60, **options: Any) -> DispatchJob:
    bindings = (JobBinding(0, 0, "a", True), JobBinding(0, 1, "b"), JobBinding(0, 2, "p"))
    stage = JobStage("main", HEAD + body + "}\n", "main", options.pop("workgroups", (1, 1, 1)), bindings)
    return DispatchJob(
        "wgpu",
        (
            JobBuffer("a", "storage", floats(*range(n)), NAN, ZERO),
            JobBuffer("b", "storage", NAN * n, NAN),
            JobBuffer("p", "uniform", struct.pack("<If", n, 2.0), b""),
        ),
        (stage,),
        **options,
    )


def outcome(result: object, name: str) -> Any:
    assert isinstance(result, Dispatched), result
    return next(buffer for buffer in result.buffers if buffer.name == name)


def test_a_right_shader_changes_its_output_alone(engine: Any) -> None:
    assert isinstance(engine, DispatchRuntime)
    result = run_dispatch(engine, job("if (i < p.n) { b[i] = a[i] * p.k; }"))
    b = outcome(result, "b")
    assert struct.unpack("<60f", b.data) == tuple(2.0 * i for i in range(60))
    assert (b.before, b.behind, b.second, b.probe) == (-1, -1, b"", b"")
    assert not outcome(result, "a").changed
    assert isinstance(result, Dispatched)
    assert len(result.wall_seconds) == 5 and [timing.name for timing in result.timings] == ["main"]


def test_a_write_behind_the_data_is_seen_at_its_byte(engine: Any) -> None:
    b = outcome(run_dispatch(engine, job("b[i] = 1.0;")), "b")
    assert b.behind == 0 and b.before == -1
    b = outcome(run_dispatch(engine, job("if (i == 62u) { b[i] = 1.0; }")), "b")
    assert b.behind == 2 * 4


def test_a_read_behind_the_data_that_reaches_a_result_is_seen(engine: Any) -> None:
    b = outcome(run_dispatch(engine, job("if (i < p.n) { b[i] = a[i + 1u]; }")), "b")
    assert b.second == b""
    assert struct.unpack("<60f", b.probe)[-1] == 0.0


def test_stages_run_in_order_on_the_same_buffers(engine: Any) -> None:
    first, second = job("if (i < p.n) { b[i] = a[i] + 1.0; }"), job("if (i < p.n) { b[i] = b[i] * p.k; }")
    both = dataclasses.replace(first, stages=first.stages + second.stages)
    b = outcome(run_dispatch(engine, both), "b")
    assert b.second == b"" and struct.unpack("<60f", b.data) == tuple(2.0 * (i + 1) for i in range(60))


def test_failures_have_names(engine: Any) -> None:
    refused = run_dispatch(engine, job("b[i] = unknown;"))
    assert isinstance(refused, DispatchFailed) and refused.kind == "rejected" and "unknown" in refused.message
    large = run_dispatch(engine, job("b[i] = 1.0;", workgroups=(1 << 20, 1, 1)))
    assert isinstance(large, DispatchFailed) and large.kind == "undispatchable"
    native = job("b[i] = 1.0; var m: subgroup_matrix_left<f32, 8, 8>;", matrices="native")
    unsupported = run_dispatch(engine, native)
    assert isinstance(unsupported, DispatchFailed) and unsupported.kind == "unsupported"


def test_matrices_are_emulated_where_the_device_has_none(engine: Any) -> None:
    body = (
        "var m = subgroupMatrixLoad<subgroup_matrix_left<f32, 4, 4>>(&a, 4u, true, 4u);"
        "subgroupMatrixStore(&b, 0u, m, false, 4u);"
    )
    result = run_dispatch(engine, job(body))
    assert isinstance(result, Dispatched) and result.lowered == (MATRICES_SAID,)
    values = struct.unpack("<60f", outcome(result, "b").data)[:16]
    assert values == tuple(4.0 + 4 * column + row for row in range(4) for column in range(4))


def test_the_worker_serves_it_and_the_answer_travels(engine: Any) -> None:
    sent = decode_message(encode_message(job("if (i < p.n) { b[i] = 3.0; }", n_timed=0)))
    answer = decode_message(encode_message(serve(engine, sent)))
    assert outcome(answer, "b").data == floats(*[3.0] * 60)


SHARED = """struct S { a: f32, n: array<atomic<u32>, 4>, m: array<vec4<f32>, 3> }
const N = 50;
alias T = array<f32, N * 2>;
var<workgroup> all: T;
var<workgroup> one: S;
var<workgroup> some: array<S, 3>;
var<workgroup> count: atomic<i32>;
var<workgroup> is_set: bool;
@group(0) @binding(0) var<storage, read_write> b: array<f32>;
"""
DIRTY = """@compute @workgroup_size(8, 4) fn main(@builtin(local_invocation_index) i: u32) {
  for (var k = i; k < 100u; k += 32u) { all[k] = 1.0; }
  one.a = 1.0; one.m[1] = vec4(1.0); atomicStore(&one.n[2], 1u); atomicStore(&count, 1); is_set = true;
  some[i % 3u].m[2].y = 1.0; atomicStore(&some[i % 3u].n[0], 1u);
  workgroupBarrier();
  b[1u] = all[i] + one.a + one.m[1].x + some[1].m[2].y + f32(atomicLoad(&some[2].n[0])) + f32(atomicLoad(&count))
    + f32(atomicLoad(&one.n[2])) + select(0.0, 1.0, is_set);
}
"""
SUMMED = """@compute @workgroup_size(32) fn main() {
  var sum = f32(atomicLoad(&count)) + one.a + select(0.0, 1.0, is_set);
  for (var k = 0u; k < 100u; k += 1u) { sum += all[k]; }
  for (var k = 0u; k < 3u; k += 1u) { sum += one.m[k].x + some[k].m[2].y + f32(atomicLoad(&some[k].n[0])); }
  b[0] = sum + f32(atomicLoad(&one.n[2])) + 7.0;
}
"""


def test_workgroup_memory_is_zero_at_the_beginning(engine: Any) -> None:
    """As WGSL says, whatever the one before has left there."""

    def run(text: str) -> tuple[float, ...]:
        stage = JobStage("s", SHARED + text, "main", (4, 1, 1), (JobBinding(0, 0, "b"),))
        buffer = JobBuffer("b", "storage", floats(0.0, 0.0), NAN)
        result = run_dispatch(engine, DispatchJob("wgpu", (buffer,), (stage,), n_timed=0))
        assert isinstance(result, Dispatched), result
        return struct.unpack("<2f", result.buffers[0].data)

    assert [run(DIRTY), run(SUMMED)] == [(0.0, 8.0), (7.0, 0.0)]
