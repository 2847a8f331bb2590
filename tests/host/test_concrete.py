"""What a host would dispatch for tensors with known numbers, read out of a small host of the ggml kind."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from wgsl_ls.host.concrete import HostPlan, HostPlanner
from wgsl_ls.host.library import GGML
from wgsl_ls.host.model import HostGap, ShaderText
from wgsl_ls.host.tensors import HostTensor, float_bits
from wgsl_ls.host.webgpu import HostBinding

HOST = (Path(__file__).parents[1] / "smoke" / "host" / "host.cpp").read_text()
SHADERS = (ShaderText("binary", file="binary.wgsl"), ShaderText("scale", file="scale.wgsl"))
DEVICE: Mapping[str, object] = {
    "invocations": 256,
    "workgroup_storage": 16384,
    "workgroups_per_dimension": 65535,
    "storage_binding": 1 << 27,
    "storage_alignment": 256,
    "uniform_alignment": 256,
    "subgroups": False,
    "f16": True,
    "vendor": "",
}


def planner(*changes: tuple[str, str]) -> HostPlanner:
    text = HOST
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return HostPlanner({"host.cpp": text}, SHADERS, GGML, DEVICE)


def dense(ne: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    return 4, 4 * ne[0], 4 * ne[0] * ne[1], 4 * ne[0] * ne[1] * ne[2]


def tensor(name: str, ne: tuple[int, int, int, int], offset: int = 0, **more: object) -> HostTensor:
    return HostTensor(name, "F32", ne, dense(ne), name, offset, **more)  # type: ignore[arg-type]


NE = (10, 13, 1, 1)
A, B = tensor("a", NE, 512 + 8), tensor("b", NE)
SUM = tensor("out", NE, op="ADD", sources=(A, B))
SCALED = tensor("out", NE, op="SCALE", params=(float_bits(0.5), float_bits(-2.0)), sources=(B,))


def planned(node: HostTensor, *changes: tuple[str, str]) -> HostPlan:
    found = planner(*changes).plan([node])
    assert isinstance(found, HostPlan), found
    return found


def line(gap: object) -> str:
    """The line of the host that a gap names."""
    assert isinstance(gap, HostGap)
    start = gap.location.span.start
    return HOST[HOST.rfind("\n", 0, start) + 1 : HOST.find("\n", start)].strip()


def test_what_the_host_hands_out() -> None:
    one = planner()
    assert one.dispatch is not None
    assert one.dispatch.name == "toy_encode"
    assert one.operations == ("ADD", "MUL", "SCALE")


def test_a_dispatch_down_to_its_numbers() -> None:
    plan = planned(SUM)
    (dispatch,) = plan.dispatches
    assert (dispatch.stem, dispatch.label, dispatch.defines) == ("binary", "binary", ("WG_SIZE=64", "OP=+"))
    assert (dispatch.entry_point, dispatch.workgroups, dispatch.function) == ("main", (3, 1, 1), "toy_binary")
    assert dispatch.bindings == (
        HostBinding(0, 0, "a->buffer", 512, 528),  # from the aligned offset on, up to a multiple of 4
        HostBinding(0, 1, "b->buffer", 0, 520),
        HostBinding(0, 2, "out->buffer", 0, 520),
        HostBinding(0, 3, "parameters", 0, 64),
    )
    ((offset, words),) = plan.written["parameters"]
    assert offset == 0
    assert struct.unpack("<9I", words) == (130, 2, 0, 0, 10, 10, 10, 10, 13)


def test_floats_are_written_as_their_bits() -> None:
    ((_, words),) = planned(SCALED).written["parameters"]
    assert struct.unpack("<IIff", words) == (10, 10, 0.5, -2.0)


def test_a_view_is_bound_at_its_place() -> None:
    whole = tensor("whole", (10, 40, 1, 1), 1024)
    part = HostTensor("part", "F32", NE, dense(NE), "whole", 1024 + 400, view_of=whole)
    (dispatch,) = planned(tensor("out", NE, op="SCALE", params=(0, 0), sources=(part,))).dispatches
    assert dispatch.bindings[0] == HostBinding(0, 0, "whole->buffer", 1280, 1024 + 400 - 1280 + 520)


def test_what_the_host_takes_and_asks_for() -> None:
    one = planner()
    assert one.takes(SUM) is True
    assert one.takes(tensor("out", NE, op="ADD", sources=(A, tensor("c", (5, 13, 1, 1))))) is False
    assert one.takes(tensor("out", NE, op="SQR", sources=(A,))) is False
    assert one.allocated(SUM) == 520


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("{ CEIL_DIV(n, size), 1 } } });", "{ groups_for(n), 1 } } });", "groups_for(130)"),
        (
            "entry.offset                = offset;",
            "entry.offset = place_of(t);",
            "nothing is known of may change a ggml_tensor",
        ),
        ("entry.binding                             = entries.size();", "entry.binding = next_one();", "next_one"),
        (
            "const uint32_t n = (uint32_t)",
            "if (is_good_day()) { return; } const uint32_t n = (uint32_t)",
            "is_good_day()",
        ),
        ("std::vector<uint32_t> params = { n,", "co_await ctx; std::vector<uint32_t> params = { n,", "co await"),
    ],
)
def test_what_is_not_understood_is_a_gap(old: str, new: str, what: str) -> None:
    found = planner((old, new)).plan([SUM])
    assert isinstance(found, HostGap), found
    assert what in found.what


def test_a_gap_says_where() -> None:
    found = planner(("#define SLOT_BYTES     64", "#define SLOT_BYTES     16")).plan([SUM])
    assert line(found) == "GGML_ASSERT(work[i].params.size() * sizeof(uint32_t) <= SLOT_BYTES);"
    assert isinstance(found, HostGap)
    assert found.what.startswith("the host ends here")


def test_nothing_known_means_nothing_decided() -> None:
    """A fact of the device that nobody told is no zero."""
    one = HostPlanner({"host.cpp": HOST}, SHADERS, GGML, {})
    found = one.plan([SUM])
    assert isinstance(found, HostGap)
    assert "minStorageBufferOffsetAlignment" in found.what
