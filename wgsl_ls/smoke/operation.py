"""OperationCase: one operation of a tensor library on tensors of certain shapes, types and layouts, as data.

What it must give is told by its reference, in NumPy float64. Extents are written as the library writes them, the
innermost first; arrays of a reference have the same extents in NumPy's order, the innermost last.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from wgsl_ls.smoke.elements import Array, Tensor
from wgsl_ls.smoke.tensor_types import TYPES, TensorType

Extents = tuple[int, int, int, int]
Param = int | float | str
"""A 32-bit word: an integer, a float's bits, or an enumerator by name."""
Reference = Callable[["OperationCase", Sequence[Array]], Array]
_GROWING = ("normal", "uniform", "positive", "wide", "far")
DEFAULT_TOLERANCE = 1e-7
"""That of ggml's backend tests, of the normalised mean squared error."""


def extents(*ne: int) -> Extents:
    return (*ne, 1, 1, 1, 1)[:4]  # type: ignore[return-value]  # four of them


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor. `values`: what it holds, see `content`. `order`: its dimensions as they lie in memory, innermost
    first; `gap`: values between the end of a row in memory and the next; `offset`: values in front of it. `shares`:
    the number of the source in whose allocation it lies, -1 for its own."""

    type: str
    ne: Extents
    values: str = "normal"
    order: Extents = (0, 1, 2, 3)
    gap: int = 0
    offset: int = 0
    shares: int = -1

    @property
    def kind(self) -> TensorType:
        return TYPES[self.type]

    @property
    def strides(self) -> Extents:
        """Of each dimension, in values."""
        found = [0, 0, 0, 0]
        step = 1
        for place, dimension in enumerate(self.order):
            found[dimension] = step
            step *= self.ne[dimension]
            if place == 0:
                step += self.gap
        return tuple(found)  # type: ignore[return-value]  # four of them

    @property
    def nb(self) -> Extents:
        """Strides in bytes; the innermost one is the size of a block."""
        kind = self.kind
        return tuple(kind.size if step == 1 and index == self.order[0] else step // kind.block * kind.size
                     for index, step in enumerate(self.strides))  # type: ignore[return-value]  # fmt: skip

    @property
    def byte_offset(self) -> int:
        return self.kind.n_bytes(self.offset)

    @property
    def tensor(self) -> Tensor:
        """As a view of the values in its allocation."""
        return Tensor("", self.ne[::-1], self.strides[::-1], self.offset)

    def content(self, name: str, scale: float = 1.0) -> Array:
        """Numbers in NumPy's shape, always the same for a name. `values`: "normal", "uniform" (-1 to 1), "positive"
        (0.1 to 2), "wide" (-20 to 20), "far" (-80 to 80: e to it is a
        float32 still), "distinct" (a permutation per row), "mask" (-1 to 1 or minus infinity, the first 0),
        "distances" (a mask for biases: minus how far a row and a column are apart, or minus infinity),
        "index N" (0 to N-1), "rows N" (no number twice in a row), "steps" (0, 1, 2, ...), "triangle" (well-conditioned
        lower triangular matrices), "decay" (-1 to 0). `scale`: what the first five are multiplied with."""
        random = np.random.default_rng(zlib.crc32(name.encode()))
        shape = self.ne[::-1]
        kind, _, argument = self.values.partition(" ")
        made: Array
        match kind:
            case "normal":
                made = random.standard_normal(shape)
            case "uniform":
                made = random.uniform(-1, 1, shape)
            case "positive":
                made = random.uniform(0.1, 2, shape)
            case "wide":
                made = random.uniform(-20, 20, shape)
            case "far":
                made = random.uniform(-80, 80, shape)
            case "decay":
                made = random.uniform(-1, 0, shape)
            case "distinct":
                rows = random.permuted(np.tile(np.arange(shape[-1]), (prod(shape[:-1]), 1)), axis=1)
                made = (rows.reshape(shape) - shape[-1] / 2) / 8
            case "mask":
                made = np.where(random.random(shape) < 0.3, -np.inf, random.uniform(-1, 1, shape))
                made[..., 0] = 0.0
            case "distances":
                apart = np.abs(np.arange(shape[-1]) - np.arange(shape[-2])[:, None])
                made = np.where(random.random(shape) < 0.3, -np.inf, -apart)
                made[..., 0] = -apart[:, 0]
            case "index":
                made = random.integers(0, int(argument), shape).astype(np.float64)
            case "rows":
                rows = random.permuted(np.tile(np.arange(int(argument)), (prod(shape[:-1]), 1)), axis=1)
                made = rows[:, : shape[-1]].reshape(shape).astype(np.float64)
            case "steps":
                made = np.arange(prod(shape), dtype=np.float64).reshape(shape)
            case "triangle":
                made = np.tril(random.uniform(-0.5, 0.5, shape))
                diagonal = np.arange(shape[-1])
                made[..., diagonal, diagonal] = random.uniform(1, 2, shape[:-1])
            case _:
                raise ValueError(f"{self.values}: no such content")
        return made * scale if kind in _GROWING else made


@dataclass(frozen=True, slots=True)
class OperationCase:
    """`op`: the operation's enumerator without its prefix; `name`: what is special about the case. `inplace`: the
    number of the source whose memory the output is, -1 for memory of its own. `then`: an operation whose first or
    second source is this one's output, so that a host may fuse both; the output is then that one's.
    `maker`: the library's function that makes it, and how many parameters that has: an older library makes it
    otherwise. `is_run`: False for sizes that are only planned. `quick`: among the covering choice. `device`: facts in
    which the device that it is planned for differs, so that what a host does elsewhere runs here: in small where a
    dimension takes few workgroups, with emulated subgroup matrices where there are none, with emulated subgroups of
    another size."""

    op: str
    name: str
    sources: tuple[Operand | None, ...]
    output: Operand
    reference: Reference
    params: tuple[Param, ...] = ()
    inplace: int = -1
    then: Then | None = None
    maker: tuple[str, int] | None = None
    tolerance: float = DEFAULT_TOLERANCE
    is_run: bool = True
    quick: bool = True
    device: tuple[tuple[str, object], ...] = ()

    @property
    def label(self) -> str:
        return f"{self.op} {self.name}"

    @property
    def lanes(self) -> int:
        """Of the subgroups that it is planned for; 0: those of the device at hand."""
        return int(str(dict(self.device).get("subgroup_max", 0)))


@dataclass(frozen=True, slots=True)
class Then:
    """A second operation on the output of the first and on `other`; `first`: the output is its first source."""

    op: str
    other: Operand
    first: bool = True
    params: tuple[Param, ...] = field(default=())
