"""Messages that say the same of different variants."""

from __future__ import annotations

import pytest

from wgsl_ls.analysis.wording import without_numbers_and_types


@pytest.mark.parametrize(
    "alike",
    [
        ("cannot assign 'f16' to 'f32'", "cannot assign 'vec4<f16>' to 'vec4<f32>'"),
        ("'select(abstract-float, u32, bool)'", "'select(f32, vec2<array<u32, 4>>, bool)'"),
        ("uses 34944 bytes, 2176 too many", "uses 36096 bytes, 3328 too many"),
        ("load<subgroup_matrix_left<f16, 8, 8>>(u32)", "load<subgroup_matrix_left<f16, 16, 8>>(i32)"),
        ("u32 has no members", "vec4f has no members"),
        ("no 'vec2<f32' here", "no 'vec2<i32' here"),
        ("1.5 is too large", "2e9f is too large"),
        ("1.5 is too large", "3 is too large"),
    ],
)
def test_numbers_and_types_do_not_count(alike: tuple[str, str]) -> None:
    first, second = map(without_numbers_and_types, alike)
    assert first == second


@pytest.mark.parametrize(
    "different",
    [
        ("unresolved value 'V'", "unresolved value 'K'"),
        ("this exceeds profile amd (1)", "this exceeds profile apple-m (1)"),
        ("u32 has no members", "u32 has no elements"),
        ("'select(f32, u32, bool)'", "'select(f32, u32)'"),
        ("tile_8 is unused", "tile_16 is unused"),
        ("needs abstract", "needs abstract-"),
        ("a < f32", "a < f32<"),
        ("f(vec2<u32>, a)", "f(vec2<u32>, b)"),
    ],
)
def test_all_else_counts(different: tuple[str, str]) -> None:
    first, second = map(without_numbers_and_types, different)
    assert first != second
