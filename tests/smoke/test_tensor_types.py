"""Element types of the tensor library against the package that describes its file format, and by hand."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from wgsl_ls.smoke.codecs import CODECS
from wgsl_ls.smoke.tensor_types import QUANTISED, TYPES
from wgsl_ls.smoke.uniforms import PlanError

gguf = pytest.importorskip("gguf")


@pytest.mark.parametrize("name", TYPES)
def test_sizes(name: str) -> None:
    assert gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]] == (TYPES[name].block, TYPES[name].size)


@pytest.mark.parametrize("name", QUANTISED)
def test_random_blocks_are_numbers_of_a_sane_size(name: str) -> None:
    kind = TYPES[name]
    data = kind.random(8 * kind.block, np.random.default_rng(1))
    values = kind.decode(data)
    assert values.shape == (8 * kind.block,)
    assert np.isfinite(values).all()
    assert 0.02 < np.abs(values).max() < 30
    assert len(np.unique(values)) > 2 or name == "Q1_0"


@pytest.mark.parametrize("name", CODECS)
def test_own_codecs_are_the_packages(name: str) -> None:
    kind = TYPES[name.upper()]
    data = kind.random(64 * kind.block, np.random.default_rng(2))
    np.testing.assert_array_equal(CODECS[name].decode(data), kind.decode(data))
    values = np.random.default_rng(3).standard_normal(64 * kind.block)
    packed = gguf.quantize(values.astype(np.float32).reshape(64, -1), gguf.GGMLQuantizationType[kind.name])
    assert kind.encode(values) == packed.tobytes()


def test_signs_times_a_scale() -> None:
    block = struct.pack("<e", 0.5) + bytes([0b00000101, 0xFF]) + bytes(14)
    values = TYPES["Q1_0"].decode(block)
    assert values[:4].tolist() == [0.5, -0.5, 0.5, -0.5]
    assert (values[8:16] == 0.5).all()
    assert (values[16:] == -0.5).all()


def test_plain_types() -> None:
    assert TYPES["I32"].encode(np.array([-1.0, 2.0])) == struct.pack("<ii", -1, 2)
    assert TYPES["F16"].decode(struct.pack("<e", 1.5)).tolist() == [1.5]


def test_what_nothing_here_quantises() -> None:
    with pytest.raises(PlanError, match="Q4_K"):
        TYPES["Q4_K"].encode(np.zeros(256))
