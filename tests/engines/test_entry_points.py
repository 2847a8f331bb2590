from __future__ import annotations

from wgsl_ls.engines.entry_points import entry_points, overrides
from wgsl_ls.wgsl.parser import outline

TEXT = """// @compute @workgroup_size(1) fn in_comment() {}
/* /* nested */ @compute @workgroup_size(1) fn in_block() {} */
@id(7) override A: u32;
override B = 2.0; override C: f32 = 1;
@ id ( 8 ) override D;
fn helper(@builtin(position) p: vec4f) {}
@compute /* é */ @workgroup_size(A, select(1, (2), true)) fn main() {}
@workgroup_size(8)
@compute
fn second(@builtin(local_invocation_id) id: vec3u) {}
@must_use fn useful() -> u32 { return 1; }
@vertex fn vs() -> @builtin(position) vec4f { return vec4f(); }
@fragment fn fs() {}
"""


def test_entry_points_with_their_stage_and_place() -> None:
    found = entry_points(outline(TEXT))
    assert [(entry.name, entry.stage) for entry in found] == [
        ("main", "compute"), ("second", "compute"), ("vs", "vertex"), ("fs", "fragment"),
    ]  # fmt: skip
    assert all(TEXT[entry.start : entry.end] == entry.name for entry in found)


def test_overrides_with_the_key_that_the_api_wants() -> None:
    found = overrides(outline(TEXT))
    assert [(override.name, override.key, override.has_default) for override in found] == [
        ("A", "7", False), ("B", "B", True), ("C", "C", True), ("D", "8", False),
    ]  # fmt: skip
    assert all(TEXT[override.start : override.end] == override.name for override in found)
