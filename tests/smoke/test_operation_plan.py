"""What no host may do, and the bytes that an operation's run starts with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from wgsl_ls.smoke.aliases import aliases
from wgsl_ls.smoke.config import SmokeConfig
from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.judge import judge
from wgsl_ls.smoke.layout import layout_of
from wgsl_ls.smoke.operation import Operand, OperationCase, extents
from wgsl_ls.smoke.operation_plan import (
    Allocation,
    DispatchLimits,
    Launch,
    Part,
    host_checks,
    plan_operation,
    storage_of,
)
from wgsl_ls.smoke.plan import SmokePlan
from wgsl_ls.smoke.uniforms import PlanError
from wgsl_ls.wire.dispatch_jobs import BufferOutcome, Dispatched

TEXT = """
struct Params { n: u32, start: u32 }
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read_write> spare: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x < params.n) { out[params.start + id.x] = a[id.x] * 2.0; }
}
"""
PARTS = (Part(0, 0, "src0", 0, 256), Part(0, 1, "dst", 0, 256), Part(0, 2, "params", 0, 16))
LAUNCH = Launch("double", TEXT, layout_of(TEXT), "main", (), PARTS, (1, 1, 1), "host.cpp:7 encode")
SIZES = {"src0": 512, "dst": 512}
LIMITS = DispatchLimits(128, 1024)


def part(index: int, **change: object) -> Launch:
    parts = list(PARTS)
    parts[index] = replace(parts[index], **change)  # type: ignore[arg-type]
    return replace(LAUNCH, parts=tuple(parts))


@pytest.mark.parametrize(
    ("launch", "words"),
    [
        (LAUNCH, ""),
        (part(1, buffer="src0", offset=256), ""),
        (part(1, offset=64), "bound at byte 64, which is no multiple of 128"),
        (part(1, offset=384), "bytes 384 to 640 are bound of 512 that the host allocates"),
        (part(0, size=254), "254 bytes are bound, which is no positive multiple of 4"),
        (part(0, size=0), "0 bytes are bound"),
        (part(0, size=512), ""),
        (part(2, size=4), "4 bytes are bound, params needs 8"),
        (part(1, binding=7), "@binding(1) out is not bound"),
        (part(1, binding=3), "@binding(3) is bound, and the shader does not use it"),
        (
            replace(LAUNCH, workgroups=(65536, 1, 1)),
            "a dispatch of (65536, 1, 1) workgroups; every device takes 1 to 65,535",
        ),
        (replace(LAUNCH, workgroups=(0, 1, 1)), "a dispatch of (0, 1, 1) workgroups"),
        (replace(LAUNCH, workgroups=(65535, 65535, 1)), ""),
    ],
)
def test_what_no_host_may_do(launch: Launch, words: str) -> None:
    found = host_checks([launch], SIZES, LIMITS)
    if words:
        assert any(words in check.message for check in found), found
        assert all(check.message.startswith("host.cpp:7 encode: double: ") for check in found)
    else:
        assert found == ()


def test_a_binding_larger_than_the_device_allows() -> None:
    (check,) = host_checks([part(0, size=512)], SIZES, replace(LIMITS, binding_bytes=500))
    assert "512 bytes are bound, the device allows 500" in check.message


def test_workgroups_larger_than_the_device_allows() -> None:
    """Sizes may come from the host's constants."""
    text = TEXT.replace("@workgroup_size(64)", "@workgroup_size(size)").replace(
        "@compute", "override size: u32;\nvar<workgroup> tile: array<f32, 4096>;\n@compute"
    )
    text = text.replace("a[id.x] * 2.0", "a[id.x] * tile[0]")
    launch = replace(LAUNCH, text=text, layout=layout_of(text), constants=(("size", 256.0),))
    assert host_checks([launch], SIZES, LIMITS) == ()
    (check,) = host_checks([replace(launch, constants=(("size", 288.0),))], SIZES, LIMITS)
    assert "288 invocations in a workgroup, the device allows 256" in check.message
    (check,) = host_checks([launch], SIZES, replace(LIMITS, workgroup_storage=16383))
    assert "16,384 bytes of workgroup memory, the device has 16,383" in check.message


READ_ONLY = TEXT.replace("var<storage, read_write> a", "var<storage, read> a")
A_READ, OUT_WRITTEN = ("a[id.x]", "a is read"), ("out[params.start + id.x]", "out is written")


@pytest.mark.parametrize(
    ("launch", "text", "words", "places"),
    [
        (LAUNCH, TEXT, "", ()),
        (part(1, buffer="src0", offset=256), TEXT, "", ()),
        (
            part(1, buffer="src0", offset=192),
            TEXT,
            "out (bytes 192 to 448) and a (bytes 0 to 256) of src0 overlap; {0}; {1}",
            (OUT_WRITTEN, A_READ),
        ),
        (
            part(1, buffer="src0", offset=192),
            READ_ONLY,
            "out (bytes 192 to 448) and a (bytes 0 to 256) of src0 overlap; {0}; {1}",
            (OUT_WRITTEN, A_READ),
        ),
        (part(1, buffer="src0", size=None), READ_ONLY, "out (all bytes) and a (bytes 0 to 256)", (OUT_WRITTEN, A_READ)),
        # Apart, which is no comfort: one buffer has one use per dispatch.
        (part(1, buffer="src0", offset=256), READ_ONLY, "of src0 are one buffer, one of them read-only", None),
        (part(1, buffer="src0", offset=192), READ_ONLY.replace("read_write> out", "read> out"), "", ()),
    ],
)
def test_bindings_that_lie_over_each_other(
    launch: Launch, text: str, words: str, places: tuple[tuple[str, str], ...] | None
) -> None:
    launch = replace(launch, text=text, layout=layout_of(text))
    found = aliases(text, storage_of(launch))
    assert len(found) == bool(words)
    for one in found:
        assert words in one.message
        if places is not None:
            assert tuple((text[start:end], what) for start, end, what in one.places) == places


def doubled(case: OperationCase, sources: Sequence[Array]) -> Array:
    return sources[0] * 2


CASE = OperationCase("SCALE", "F32", (Operand("F32", extents(13)),), Operand("F32", extents(13), offset=3), doubled)


def plan(case: OperationCase = CASE, size: int = 128) -> SmokePlan:
    source = case.sources[0]
    assert source is not None
    allocations = [Allocation("src0", 128, (("src0", source),)), Allocation("dst", size, (("dst", case.output),))]
    written = {"params": ((0, b"\x0d\0\0\0"), (4, b"\x03\0\0\0"))}
    return plan_operation(case, [LAUNCH], allocations, "dst", written, engine="wgpu")


def answered(made: SmokePlan, output: bytes) -> list[str]:
    """The names of the checks that fail when the device leaves `output` in the output's buffer."""
    buffers = tuple(
        BufferOutcome(one.name, one.name == "dst", output if one.name == "dst" else one.data)
        for one in made.job.buffers
        if one.use == "storage"
    )
    judged = judge(made, Dispatched(buffers, (), (), 0.0), SmokeConfig(tolerance=1e-7))
    return [check.name for check in judged.failed]


def right(made: SmokePlan) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """The output's buffer as a right shader leaves it."""
    start = next(one.data for one in made.job.buffers if one.name == "dst")
    data = np.frombuffer(start, "<f4").copy()
    data[3:16] = made.expected["dst"].ravel()
    return data.view(np.uint8)


def test_a_right_output_passes_and_parameters_are_the_hosts() -> None:
    made = plan()
    assert answered(made, right(made).tobytes()) == []
    uniform = next(one.data for one in made.job.buffers if one.use == "uniform")
    assert uniform[:8] == b"\x0d\0\0\0\x03\0\0\0"
    assert uniform[8:16] == b"\xa5\xc3\x5a\x3c" * 2  # nobody wrote that
    assert made.read_only == ("src0",)


@pytest.mark.parametrize(
    ("byte", "value", "failed"),
    [
        (3 * 4, b"\x00\x00\x80\x3f", "reference"),
        (3 * 4, b"\xad\xde\xc0\x7f", "unwritten"),
        (2 * 4, b"\0\0\0\0", "stray-write"),
    ],
)
def test_each_wrong_byte_has_its_check(byte: int, value: bytes, failed: str) -> None:
    made = plan()
    data = right(made)
    data[byte : byte + 4] = np.frombuffer(value, np.uint8)
    assert failed in answered(made, data.tobytes())


def test_behind_the_tensor_the_host_may_work() -> None:
    made = plan()
    data = right(made)
    data[16 * 4 :] = 7
    assert answered(made, data.tobytes()) == []


def test_what_the_reference_leaves_out_need_not_be_written() -> None:
    def half(case: OperationCase, sources: Sequence[Array]) -> Array:
        return np.where(np.arange(13) < 6, sources[0] * 2, np.nan)

    made = plan(replace(CASE, reference=half))
    data = np.frombuffer(next(one.data for one in made.job.buffers if one.name == "dst"), "<f4").copy()
    data[3:9] = made.expected["dst"].ravel()[:6]
    assert answered(made, data.tobytes()) == []
    data[8] = np.frombuffer(b"\xad\xde\xc0\x7f", "<f4")[0]
    assert "unwritten" in answered(made, data.tobytes())


def test_rows_in_any_order() -> None:
    def order(case: OperationCase, sources: Sequence[Array]) -> Array:
        return np.arange(13.0).reshape(1, 1, 1, 13)

    output = Operand("I32", extents(13))
    case = OperationCase("TOP_K", "", (Operand("F32", extents(13)),), output, order)
    made = plan(case)
    start = np.frombuffer(next(one.data for one in made.job.buffers if one.name == "dst"), "<i4").copy()
    start[:13] = np.arange(13)[::-1]
    assert answered(made, start.tobytes()) == []
    start[0] = 3
    assert "reference" in answered(made, start.tobytes())


def test_a_reference_of_another_shape_is_a_mistake_of_ours() -> None:
    with pytest.raises(PlanError, match="the reference gives"):
        plan(replace(CASE, reference=lambda case, sources: sources[0][..., :5]))


def test_parameters_that_nobody_writes_are_no_plan() -> None:
    source = CASE.sources[0]
    assert source is not None
    allocations = [Allocation("src0", 128, (("src0", source),)), Allocation("dst", 128, (("dst", CASE.output),))]
    with pytest.raises(PlanError, match=r"what the host writes to params \(params\) was not found"):
        plan_operation(CASE, [LAUNCH], allocations, "dst", {}, engine="wgpu")


def test_operands_that_lie_in_one_another() -> None:
    """The reference is given what lies there, not what was drawn for each."""
    first, second = Operand("F32", extents(8)), Operand("F32", extents(8), offset=4, shares=0)
    given: list[Array] = []

    def reference(case: OperationCase, sources: Sequence[Array]) -> Array:
        given.extend(sources)
        return np.zeros((1, 1, 1, 13))

    case = replace(CASE, sources=(first, second), reference=reference)
    allocations = [
        Allocation("src0", 128, (("src0", first), ("src1", second))),
        Allocation("dst", 128, (("dst", case.output),)),
    ]
    written = {"params": ((0, bytes(8)),)}
    made = plan_operation(case, [LAUNCH], allocations, "dst", written, engine="wgpu")
    held = np.frombuffer(next(one.data for one in made.job.buffers if one.name == "src0"), "<f4")
    assert (given[0].ravel() == held[:8]).all()
    assert (given[1].ravel() == held[4:12]).all()
