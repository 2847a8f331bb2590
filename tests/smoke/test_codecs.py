"""The block formats: bytes by hand, errors within half a step, what is on the grid comes back."""

from __future__ import annotations

import numpy as np
import pytest

from wgsl_ls.smoke.codecs import CODECS, decode_q4_0, decode_q8_0, encode_q4_0, encode_q8_0


def test_a_q8_0_block_byte_by_byte() -> None:
    values = np.zeros(32)
    values[:3] = [127.0, -64.0, 0.5]
    block = encode_q8_0(values)
    assert len(block) == 34
    assert np.frombuffer(block[:2], "<f2")[0] == 1.0
    # 0.5 rounds away from zero.
    assert np.frombuffer(block[2:5], np.int8).tolist() == [127, -64, 1]
    assert decode_q8_0(block)[:3].tolist() == [127.0, -64.0, 1.0]


def test_a_q4_0_block_byte_by_byte() -> None:
    values = np.zeros(32)
    values[0], values[1], values[16] = -8.0, 7.0, 3.0
    block = encode_q4_0(values)
    assert len(block) == 18
    assert np.frombuffer(block[:2], "<f2")[0] == 1.0
    # Value 0 in the low half, value 16 in the high half of the first byte.
    assert block[2] == 0 | (11 << 4) and block[3] == 15 | (8 << 4)
    assert decode_q4_0(block)[[0, 1, 16, 17]].tolist() == [-8.0, 7.0, 3.0, 0.0]


@pytest.mark.parametrize(("name", "steps"), [("q8_0", 127), ("q4_0", 8)])
def test_the_error_is_at_most_about_a_step(name: str, steps: int) -> None:
    codec = CODECS[name]
    values = np.random.default_rng(3).standard_normal((40, 32))
    data = codec.encode(values)
    assert len(data) == 40 * codec.block_bytes
    decoded = codec.decode(data).reshape(40, 32)
    step = np.abs(values).max(axis=1, keepdims=True) / steps
    assert (np.abs(decoded - values) <= 1.01 * step).all()
    np.testing.assert_array_equal(codec.decode(codec.encode(np.zeros(64))), np.zeros(64))


def test_values_on_the_grid_come_back() -> None:
    grid = np.tile(np.arange(-8, 8), 4)
    np.testing.assert_array_equal(decode_q4_0(encode_q4_0(grid.astype(float))), grid)


def test_a_part_of_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="whole number of blocks"):
        encode_q8_0(np.zeros(33))
