"""Figures of error between two arrays: what a verdict rests on and a report shows.

The normalised mean squared error is that of llama.cpp's backend tests: the squared differences over the squares
of what is expected. Relative errors are taken against the larger of the element and a thousandth of the largest
one, so that a result next to zero does not look like a catastrophe.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Size of the error map in a report, and the decades of its histogram.
MAP_ROWS, MAP_COLUMNS = 48, 64
DECADES = tuple(range(-9, 2))


@dataclass(frozen=True, slots=True)
class Figures:
    """`nmse`: infinite where an element is NaN or infinite and the expected one is not. Positions are indices
    in the tensor. `error_map`: the largest absolute error per cell of the tensor as rows × last dimension,
    reduced to at most MAP_ROWS × MAP_COLUMNS; -1 for an element without a number. `histogram`: how many elements
    have an absolute error below 1e-9, 1e-8, … 1e1, above, and no number."""

    n_elements: int
    nmse: float
    max_absolute: float
    max_absolute_at: tuple[int, ...]
    max_absolute_got: float
    max_absolute_expected: float
    max_relative: float
    max_relative_at: tuple[int, ...]
    error_map: tuple[tuple[float, ...], ...]
    histogram: tuple[int, ...]


def figures(got: Array, expected: Array) -> Figures:
    """Both of the same shape. Places where both hold the same infinity, or both NaN, count as equal."""
    shape = got.shape or (1,)
    got, expected = got.reshape(shape), np.broadcast_to(expected, shape)
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    broken = ~same & ~(np.isfinite(got) & np.isfinite(expected))
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.where(same | broken, 0.0, np.abs(got - expected))
        comparable = np.where(broken | ~np.isfinite(expected), 0.0, expected)
        power = float(np.sum(comparable**2))
        squared = float(np.sum(error**2))
        floor = 1e-3 * float(np.max(np.abs(comparable), initial=0.0)) or 1e-30
        relative = error / np.maximum(np.abs(comparable), floor)
    nmse = squared / power if power > 0 else (0.0 if squared == 0 else math.inf)
    if broken.any():
        nmse = math.inf
    worst = _position(np.where(broken, np.inf, error))
    worst_relative = _position(np.where(broken, np.inf, relative))
    return Figures(
        int(got.size),
        nmse,
        math.inf if broken.any() else float(error.max(initial=0.0)),
        worst,
        float(got[worst]) if got.size else 0.0,
        float(expected[worst]) if got.size else 0.0,
        math.inf if broken.any() else float(relative.max(initial=0.0)),
        worst_relative,
        _error_map(np.where(broken, np.nan, error)),
        _histogram(error, broken),
    )


def _position(values: Array) -> tuple[int, ...]:
    if values.size == 0:
        return ()
    return tuple(int(index) for index in np.unravel_index(int(np.argmax(values)), values.shape))


def _error_map(error: Array) -> tuple[tuple[float, ...], ...]:
    if error.size == 0:
        return ()
    flat = error.reshape(-1, error.shape[-1])
    rows = np.array_split(np.arange(flat.shape[0]), min(MAP_ROWS, flat.shape[0]))
    columns = np.array_split(np.arange(flat.shape[1]), min(MAP_COLUMNS, flat.shape[1]))
    return tuple(
        tuple(_cell(flat[row[0] : row[-1] + 1, column[0] : column[-1] + 1]) for column in columns) for row in rows
    )


def _cell(cell: Array) -> float:
    return -1.0 if np.isnan(cell).any() else float(f"{cell.max():.3g}")


def _histogram(error: Array, broken: NDArray[np.bool_]) -> tuple[int, ...]:
    numbers = error[~broken]
    bounds = [0.0, *(10.0**decade for decade in DECADES), math.inf]
    counts, _ = np.histogram(numbers, bounds)
    return (*(int(count) for count in counts), int(broken.sum()))
