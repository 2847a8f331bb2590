"""Block formats of quantised K and V in NumPy: q8_0 and q4_0, with and back.

A block holds 32 values of one row: a scale d as f16, then the quants. q8_0: 32 signed bytes, x = d * q.
q4_0: 16 bytes, byte j with value j in its low and value j + 16 in its high half, x = d * (q - 8).
Layouts as in llama.cpp's ggml-common.h (block_q8_0, block_q4_0), rounding as in its reference quantisers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 32


@dataclass(frozen=True, slots=True)
class Codec:
    """`encode`: float array of any shape, its size a multiple of 32 -> bytes; `decode`: bytes -> float64, flat."""

    name: str
    block_bytes: int
    encode: Callable[[NDArray[np.float64]], bytes]
    decode: Callable[[bytes], NDArray[np.float64]]


def _blocks(values: NDArray[np.float64]) -> NDArray[np.float32]:
    if values.size % BLOCK:
        raise ValueError(f"{values.size} values are no whole number of blocks of {BLOCK}")
    return values.astype(np.float32).reshape(-1, BLOCK)


def _inverse(scale: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(scale != 0, np.float32(1) / np.where(scale != 0, scale, 1), 0).astype(np.float32)


def encode_q8_0(values: NDArray[np.float64]) -> bytes:
    blocks = _blocks(values)
    scale = (np.abs(blocks).max(axis=1, initial=0) / np.float32(127)).astype(np.float32)
    scaled = blocks * _inverse(scale)[:, None]
    # Half away from zero, as C's roundf does.
    quants = np.copysign(np.floor(np.abs(scaled) + 0.5), scaled).astype(np.int8)
    out = np.zeros((len(blocks), 34), np.uint8)
    out[:, :2] = scale.astype("<f2")[:, None].view(np.uint8)
    out[:, 2:] = quants.view(np.uint8)
    return out.tobytes()


def decode_q8_0(data: bytes) -> NDArray[np.float64]:
    blocks = np.frombuffer(data, np.uint8).reshape(-1, 34)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float64)
    return (scale * blocks[:, 2:].copy().view(np.int8)).ravel()


def encode_q4_0(values: NDArray[np.float64]) -> bytes:
    blocks = _blocks(values)
    # The value of the largest magnitude, with its sign, becomes -8.
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)[:, 0]
    scale = (largest / np.float32(-8)).astype(np.float32)
    scaled = blocks * _inverse(scale)[:, None] + np.float32(8.5)
    quants = np.minimum(np.trunc(scaled), 15).astype(np.uint8)
    out = np.zeros((len(blocks), 18), np.uint8)
    out[:, :2] = scale.astype("<f2")[:, None].view(np.uint8)
    out[:, 2:] = quants[:, :16] | (quants[:, 16:] << 4)
    return out.tobytes()


def decode_q4_0(data: bytes) -> NDArray[np.float64]:
    blocks = np.frombuffer(data, np.uint8).reshape(-1, 18)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float64)
    quants = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float64)
    return (scale * (quants - 8)).ravel()


CODECS = {
    "q8_0": Codec("q8_0", 34, encode_q8_0, decode_q8_0),
    "q4_0": Codec("q4_0", 18, encode_q4_0, decode_q4_0),
}
