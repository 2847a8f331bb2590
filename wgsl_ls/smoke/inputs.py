"""The numbers of an input: zeros, ones, iota, normal, uniform, a file's array, or an expression by index.

The same seed and name give the same numbers in every variant and on every engine: what is compared across
variants must have been fed the same. Reading a file is the caller's work.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wgsl_ls.smoke.evaluator import Environment, ExpressionError, evaluate

Array = NDArray[np.float64]
NAMED = ("zeros", "ones", "iota", "normal", "uniform")


@dataclass(frozen=True, slots=True)
class InputSpec:
    """`kind`: one of NAMED, "file", or an expression over the indices i0, i1, … and the names of the plan.
    `scale`: standard deviation (normal) or factor (iota, file); `low`, `high`: bounds of uniform."""

    kind: str = "normal"
    seed: int = 0
    scale: float = 1.0
    low: float = -1.0
    high: float = 1.0
    path: str = ""


def generate(
    spec: InputSpec,
    name: str,
    shape: tuple[int, ...],
    environment: Environment,
    files: Mapping[str, NDArray[Any]] | None = None,
) -> Array:
    """float64 of `shape`; raises ExpressionError, also for a file that does not fit."""
    rng = np.random.default_rng([abs(spec.seed), zlib.crc32(name.encode())])
    match spec.kind:
        case "zeros":
            return np.zeros(shape)
        case "ones":
            return np.ones(shape)
        case "iota":
            return np.arange(np.prod(shape, dtype=np.int64), dtype=np.float64).reshape(shape) * spec.scale
        case "normal":
            return rng.standard_normal(shape) * spec.scale
        case "uniform":
            return rng.uniform(spec.low, spec.high, shape)
        case "file":
            array = (files or {}).get(spec.path)
            if array is None:
                raise ExpressionError(f"the array {spec.path!r} could not be read")
            if array.size != np.prod(shape, dtype=np.int64):
                raise ExpressionError(f"{spec.path}: {array.size} elements, but the tensor has shape {shape}")
            return np.asarray(array, np.float64).reshape(shape) * spec.scale
    indices = np.indices(shape, dtype=np.int64, sparse=True)
    names: dict[str, Any] = {f"i{axis}": index for axis, index in enumerate(indices)}
    if "noise" in spec.kind:
        names["noise"] = rng.standard_normal(shape)
    with np.errstate(all="ignore"):
        value = evaluate(spec.kind, environment.with_values(names))
    if isinstance(value, str):
        raise ExpressionError(f"{spec.kind!r} is a text and no number")
    return np.array(np.broadcast_to(np.asarray(value, np.float64), shape))


def default_input(component: str) -> InputSpec:
    """By type: floats get a normal distribution, integers small numbers that are safe as counts and indices."""
    return InputSpec("normal") if component in ("f32", "f16") else InputSpec("iota")
