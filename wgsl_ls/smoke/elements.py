"""How numbers lie in a buffer: element formats with their poison, strided tensors over a flat buffer.

A tensor is a shape with strides and an offset, all in elements, so that paddings and permuted layouts are as
easy as dense ones. Quantised formats are formats like the others; an element of theirs is one decoded value.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wgsl_ls.smoke.codecs import BLOCK, CODECS

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Format:
    """`name`: a WGSL scalar or a codec. `poison`: bytes that no computation gives, NaN where there are NaNs; an
    output is full of them at the start. `gap`: what lies between, around and behind the data; other bytes, for
    a NaN that was read keeps its bits through a sum, and must not pass for an element never written."""

    name: str
    poison: bytes
    gap: bytes

    @property
    def is_float(self) -> bool:
        return self.name in ("f32", "f16")

    def size(self, n_elements: int) -> int:
        """Bytes of `n_elements`, without padding; those of a codec must be whole blocks."""
        if self.name in CODECS:
            return -(-n_elements // BLOCK) * CODECS[self.name].block_bytes
        return n_elements * _DTYPES[self.name].itemsize

    def encode(self, values: Array) -> bytes:
        """NaN becomes `gap`; for a codec zero. Values that the format cannot hold saturate or overflow as in
        a conversion on the device."""
        flat = np.ascontiguousarray(values, np.float64).ravel()
        missing = np.isnan(flat)
        if self.name in CODECS:
            padded = np.zeros(-(-flat.size // BLOCK) * BLOCK)
            padded[: flat.size] = np.where(missing, 0.0, flat)
            return CODECS[self.name].encode(padded)
        dtype = _DTYPES[self.name]
        if self.is_float:
            with np.errstate(over="ignore"):
                encoded = flat.astype(dtype)
        else:
            limits = np.iinfo(dtype)
            encoded = np.clip(np.where(missing, 0.0, flat), limits.min, limits.max).astype(dtype)
        if missing.any():
            bits = encoded.view(_BITS[dtype.itemsize])
            bits[missing] = np.frombuffer(self.gap, bits.dtype)[0]
        return encoded.tobytes()

    def decode(self, data: bytes) -> Array:
        """Flat float64; poison comes back as NaN for floats and as a number for integers."""
        if self.name in CODECS:
            whole = len(data) // CODECS[self.name].block_bytes * CODECS[self.name].block_bytes
            return CODECS[self.name].decode(data[:whole])
        usable = len(data) // _DTYPES[self.name].itemsize * _DTYPES[self.name].itemsize
        with np.errstate(invalid="ignore"):
            return np.frombuffer(data[:usable], _DTYPES[self.name]).astype(np.float64)

    def filled(self, fill: bytes, n_elements: int) -> bytes:
        """`n_elements` of `poison` or `gap`."""
        size = self.size(n_elements)
        return (fill * (size // len(fill) + 1))[:size]

    def is_poison(self, data: bytes) -> NDArray[np.bool_]:
        """Per element, whether it still holds exactly the poison."""
        dtype = _BITS[_DTYPES[self.name].itemsize]
        bits = np.frombuffer(data[: len(data) // dtype.itemsize * dtype.itemsize], dtype)
        return np.asarray(bits == np.frombuffer(self.poison, dtype)[0])


_DTYPES: dict[str, np.dtype[Any]] = {name: np.dtype(code) for name, code in
           {"f32": "<f4", "f16": "<f2", "i16": "<i2", "i32": "<i4", "u32": "<u4", "bool": "<u4"}.items()}  # fmt: skip
_BITS: dict[int, np.dtype[Any]] = {2: np.dtype("<u2"), 4: np.dtype("<u4")}
FORMATS = {
    "f32": Format("f32", b"\xad\xde\xc0\x7f", b"\xef\xbe\xc0\x7f"),
    "f16": Format("f16", b"\xad\x7e", b"\xef\x7e"),
    "i16": Format("i16", b"\xad\xde", b"\xef\xbe"),
    "i32": Format("i32", b"\xef\xbe\xad\xde", b"\xbe\xba\xfe\xca"),
    "u32": Format("u32", b"\xef\xbe\xad\xde", b"\xbe\xba\xfe\xca"),
    # The device sees words; a block scale of NaN is what a read out of range should meet.
    "q8_0": Format("q8_0", b"\xad\x7e", b"\xef\x7e"),
    "q4_0": Format("q4_0", b"\xad\x7e", b"\xef\x7e"),
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """A view on the elements of the buffer called `buffer`."""

    buffer: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0

    @property
    def n_elements(self) -> int:
        return prod(self.shape)

    @property
    def end(self) -> int:
        """The least number of elements that a buffer must have for this view."""
        if 0 in self.shape:
            return self.offset
        return self.offset + sum((n - 1) * step for n, step in zip(self.shape, self.strides, strict=True)) + 1

    def places(self) -> NDArray[np.int64]:
        """The element index in the buffer of every element of the tensor, in the tensor's shape."""
        places = np.full(self.shape, self.offset, np.int64)
        for axis, (n, step) in enumerate(zip(self.shape, self.strides, strict=True)):
            along = np.arange(n, dtype=np.int64) * step
            places += along.reshape([-1 if axis == other else 1 for other in range(len(self.shape))])
        return places

    def read(self, flat: Array) -> Array:
        return np.asarray(flat[self.places()])

    def scatter(self, values: Array, n_elements: int) -> Array:
        """A flat buffer of `n_elements` with `values` at their places and NaN between them."""
        flat = np.full(n_elements, np.nan)
        flat[self.places().ravel()] = np.broadcast_to(values, self.shape).ravel()
        return flat


def dense_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Row-major, the last dimension next to each other."""
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return tuple(strides)
