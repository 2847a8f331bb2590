"""The cases of all operations: names, shapes, and those that come out of others."""

from __future__ import annotations

from wgsl_ls.smoke.operations import all_cases


def test_every_operation_goes_on_in_another_dimension_in_small() -> None:
    """Its largest run, where a dimension takes few workgroups."""
    narrow = [case for case in all_cases() if dict(case.device).get("workgroups_per_dimension")]
    assert {case.op for case in narrow} == {case.op for case in all_cases() if case.is_run and case.quick}
    assert all(case.is_run for case in narrow)


def test_matrices_of_every_shape_are_planned() -> None:
    shapes: dict[str, set[tuple[object, ...]]] = {}
    for case in all_cases():
        facts = dict(case.device)
        if facts.get("has_matrix"):
            shape = tuple(facts[f"matrix_{side}"] for side in "mnk")
            shapes.setdefault(case.op, set()).add(shape)
    assert set(shapes) == {"MUL_MAT", "MUL_MAT_ID", "FLASH_ATTN_EXT"}
    assert all((16, 8, 16) in found and len(found) == 3 for found in shapes.values())


def test_sizes_that_are_only_planned_are_planned_for_the_limits_of_every_device_too() -> None:
    labels = {case.label for case in all_cases()}
    assert "CPY F16 1024 x 65,535, limits of every device" in labels
    assert all(not case.is_run for case in all_cases() if case.label.endswith("limits of every device"))
