"""Element types of a tensor library by name: block sizes, random content, and the numbers that bytes stand for.

Quantised blocks are made of random bits with sane scales: every one of them is a block that a file may hold, and no
quantiser of our own is needed. What they stand for is told by the `gguf` package, ggml's own description of its file
format (https://pypi.org/project/gguf/).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wgsl_ls.smoke.codecs import CODECS
from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.uniforms import PlanError

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TensorType:
    """`block`: values in a block of `size` bytes. `scales`: offsets in a block of its f16 scales. `dtype`: of plain
    types."""

    name: str
    block: int
    size: int
    scales: tuple[int, ...] = ()
    dtype: np.dtype[Any] | None = None

    def n_bytes(self, n_values: int) -> int:
        return n_values // self.block * self.size

    def encode(self, values: Array) -> bytes:
        """`values` flat. Quantised types without an encoder raise PlanError."""
        if self.dtype is not None:
            if self.dtype.kind in "iu":
                limits = np.iinfo(self.dtype)
                values = np.clip(values, limits.min, limits.max)
            return values.astype(self.dtype).tobytes()
        codec = CODECS.get(self.name.lower())
        if codec is None:
            raise PlanError(f"nothing here quantises to {self.name}")
        return codec.encode(values)

    def random(self, n_values: int, random: np.random.Generator) -> bytes:
        """Blocks of random bits, of magnitude about 1."""
        blocks = random.integers(0, 256, (n_values // self.block, self.size), np.uint8)
        special = _SPECIAL.get(self.name)
        if special is not None:
            special(blocks, random)
        for offset in self.scales:
            scale = (random.uniform(0.3, 1.0, len(blocks)) * _MAGNITUDE.get(self.name, 0.05)).astype("<f2")
            blocks[:, offset : offset + 2] = scale.view(np.uint8).reshape(-1, 2)
        return blocks.tobytes()

    def decode(self, data: bytes) -> Array:
        """The numbers, flat float64. Raises PlanError without the package that knows the type."""
        if self.dtype is not None:
            with np.errstate(invalid="ignore"):
                return np.frombuffer(data, self.dtype).astype(np.float64)
        blocks = np.frombuffer(data, np.uint8).reshape(-1, self.size)
        own = _DECODERS.get(self.name)
        if own is not None:
            return own(blocks)
        try:
            from gguf import GGMLQuantizationType, dequantize
        except ImportError as error:
            raise PlanError(f"what {self.name} stands for is known to the package gguf, which is missing") from error
        try:
            found = dequantize(blocks, GGMLQuantizationType[self.name])
        except (KeyError, NotImplementedError) as error:
            raise PlanError(f"this version of the package gguf does not know {self.name}") from error
        return np.asarray(found, np.float64).ravel()


def _iq1_m(blocks: Bytes, random: np.random.Generator) -> None:
    """The f16 scale lies in the upper four bits of four words."""
    scale = (random.uniform(0.3, 1.0, len(blocks)) * 0.05).astype("<f2").view(np.uint16)
    words = blocks[:, 48:56].copy().view("<u2")
    for index in range(4):
        words[:, index] = (words[:, index] & 0x0FFF) | (((scale >> (4 * index)) & 0xF) << 12)
    blocks[:, 48:56] = words.view(np.uint8)


def _mxfp4(blocks: Bytes, random: np.random.Generator) -> None:
    blocks[:, 0] = random.integers(124, 129, len(blocks))  # an exponent with bias 127


def _nvfp4(blocks: Bytes, random: np.random.Generator) -> None:
    blocks[:, :4] = random.integers(0x20, 0x40, (len(blocks), 4))  # unsigned, four bits of exponent with bias 7


def _decoded_q1_0(blocks: Bytes) -> Array:
    """128 signs, the lowest bit first, times an f16 scale."""
    scale = blocks[:, :2].copy().view("<f2").astype(np.float64)
    bits = np.unpackbits(blocks[:, 2:], axis=1, bitorder="little")
    return np.asarray(np.where(bits, scale, -scale), np.float64).ravel()


_SPECIAL: Final[dict[str, Callable[[Bytes, np.random.Generator], None]]] = {
    "IQ1_M": _iq1_m,
    "MXFP4": _mxfp4,
    "NVFP4": _nvfp4,
}
_DECODERS: Final[dict[str, Callable[[Bytes], Array]]] = {"Q1_0": _decoded_q1_0}
_MAGNITUDE: Final = {"Q1_0": 1.0, "Q8_0": 0.01, "Q2_K": 0.02, "Q3_K": 0.005, "Q4_K": 0.002, "Q5_K": 0.001,
                     "Q6_K": 0.0005, "IQ4_NL": 0.01, "IQ4_XS": 0.0005}  # fmt: skip  # of the scale
_PLAIN: Final = {"F32": "<f4", "F16": "<f2", "I16": "<i2", "I32": "<i4", "I64": "<i8"}
TYPES: Final[dict[str, TensorType]] = {
    **{name: TensorType(name, 1, np.dtype(code).itemsize, (), np.dtype(code)) for name, code in _PLAIN.items()},
    **{
        name: TensorType(name, block, size, scales)
        for name, block, size, scales in (
            ("Q1_0", 128, 18, (0,)),
            ("Q4_0", 32, 18, (0,)),
            ("Q4_1", 32, 20, (0, 2)),
            ("Q5_0", 32, 22, (0,)),
            ("Q5_1", 32, 24, (0, 2)),
            ("Q8_0", 32, 34, (0,)),
            ("Q2_K", 256, 84, (80, 82)),
            ("Q3_K", 256, 110, (108,)),
            ("Q4_K", 256, 144, (0, 2)),
            ("Q5_K", 256, 176, (0, 2)),
            ("Q6_K", 256, 210, (208,)),
            ("IQ2_XXS", 256, 66, (0,)),
            ("IQ2_XS", 256, 74, (0,)),
            ("IQ2_S", 256, 82, (0,)),
            ("IQ3_XXS", 256, 98, (0,)),
            ("IQ3_S", 256, 110, (0,)),
            ("IQ1_S", 256, 50, (0,)),
            ("IQ1_M", 256, 56, ()),
            ("IQ4_NL", 32, 18, (0,)),
            ("IQ4_XS", 256, 136, (0,)),
            ("MXFP4", 32, 17, ()),
            ("NVFP4", 64, 36, ()),
        )
    },
}
QUANTISED: Final = tuple(name for name, one in TYPES.items() if one.dtype is None)
