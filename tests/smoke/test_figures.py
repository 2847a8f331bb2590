"""Figures of error: by hand on small arrays, and where numbers are missing."""

from __future__ import annotations

import math

import numpy as np

from wgsl_ls.smoke.figures import MAP_COLUMNS, MAP_ROWS, figures


def test_by_hand() -> None:
    expected = np.array([[3.0, 4.0], [0.0, 0.0]])
    found = figures(np.array([[3.0, 4.5], [0.0, 0.1]]), expected)
    assert math.isclose(found.nmse, (0.25 + 0.01) / 25)
    assert found.max_absolute == 0.5 and found.max_absolute_at == (0, 1)
    assert (found.max_absolute_got, found.max_absolute_expected) == (4.5, 4.0)
    # Relative to a thousandth of the largest element where the element itself is nothing.
    assert math.isclose(found.max_relative, 0.1 / 0.004) and found.max_relative_at == (1, 1)
    assert sum(found.histogram) == 4


def test_equal_arrays_have_no_error_also_with_infinities() -> None:
    values = np.array([1.0, np.inf, np.nan, -np.inf])
    found = figures(values, values)
    assert found.nmse == 0 and found.max_absolute == 0 and found.histogram[-1] == 0
    assert figures(np.zeros(3), np.zeros(3)).nmse == 0
    assert figures(np.ones(3), np.zeros(3)).nmse == math.inf


def test_a_missing_number_is_the_worst_error_and_has_its_place() -> None:
    expected = np.ones((4, 5))
    got = expected.copy()
    got[2, 3] = np.nan
    got[0, 0] = 9.0
    found = figures(got, expected)
    assert found.nmse == math.inf and found.max_absolute_at == (2, 3)
    assert found.error_map[2][3] == -1.0 and found.error_map[0][0] == 8.0
    assert found.histogram[-1] == 1


def test_the_map_of_a_large_output_stays_small_and_keeps_the_worst() -> None:
    expected = np.zeros((3, 100, 500))
    got = expected.copy()
    got[1, 50, 250] = 7.0
    found = figures(got, expected)
    assert len(found.error_map) == MAP_ROWS and len(found.error_map[0]) == MAP_COLUMNS
    assert max(max(row) for row in found.error_map) == 7.0
