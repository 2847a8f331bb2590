"""Sets of indices as integers, bit i for index i. Setting one bit of a long integer copies all of it, so a set of
thousands is put together in bytes.
"""

from __future__ import annotations

from collections.abc import Iterable


def bits_of(indices: Iterable[int], n: int) -> int:
    """The set of `indices`, all below `n`."""
    mask = bytearray(n + 7 >> 3)
    for index in indices:
        mask[index >> 3] |= 1 << (index & 7)
    return int.from_bytes(mask, "little")
