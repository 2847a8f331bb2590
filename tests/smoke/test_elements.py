"""Formats and strided tensors: bytes there and back, poison, places."""

from __future__ import annotations

import numpy as np
import pytest

from wgsl_ls.smoke.elements import FORMATS, Tensor, dense_strides
from wgsl_ls.smoke.evaluator import Environment, ExpressionError
from wgsl_ls.smoke.inputs import InputSpec, default_input, generate

NOTHING = Environment()


@pytest.mark.parametrize("name", ["f32", "f16", "i32", "u32"])
def test_numbers_come_back_and_gaps_are_poison(name: str) -> None:
    form = FORMATS[name]
    data = form.encode(np.array([1.0, np.nan, 3.0, 0.0]))
    assert len(data) == form.size(4)
    assert not form.is_poison(data).any()
    assert data[form.size(1) : form.size(2)] == form.gap
    assert form.is_poison(form.filled(form.poison, 3)).all()
    assert not form.is_poison(form.filled(form.gap, 3)).any()
    decoded = form.decode(data)
    assert decoded[[0, 2, 3]].tolist() == [1.0, 3.0, 0.0]
    assert np.isnan(decoded[1]) == form.is_float


def test_integers_saturate_and_f16_overflows() -> None:
    assert FORMATS["u32"].decode(FORMATS["u32"].encode(np.array([-5.0, 1e30]))).tolist() == [0.0, 2.0**32 - 1]
    assert FORMATS["f16"].decode(FORMATS["f16"].encode(np.array([70000.0, -1e-9]))).tolist() == [np.inf, -0.0]


def test_a_computed_nan_is_no_poison() -> None:
    for name, dtype in (("f32", np.float32), ("f16", np.float16)):
        data = np.array([np.nan], dtype).tobytes()
        assert not FORMATS[name].is_poison(data).any()


def test_a_strided_tensor_reads_what_it_scattered() -> None:
    tensor = Tensor("t", (2, 3), (10, 2), 5)
    assert tensor.end == 5 + 10 + 4 + 1
    assert tensor.places().tolist() == [[5, 7, 9], [15, 17, 19]]
    flat = tensor.scatter(np.arange(6.0).reshape(2, 3), 22)
    assert np.isnan(flat).sum() == 16
    assert tensor.read(flat).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert dense_strides((2, 3, 4)) == (12, 4, 1)
    assert Tensor("t", (0, 3), (3, 1), 7).end == 7


def test_quantised_elements_round_to_whole_blocks() -> None:
    q8 = FORMATS["q8_0"]
    assert q8.size(33) == 68
    data = q8.encode(np.full(33, np.nan))
    assert (q8.decode(data) == 0).all()


def test_inputs_depend_on_seed_and_name_alone() -> None:
    one = generate(InputSpec("normal", 3), "k", (4, 5), NOTHING)
    assert (one == generate(InputSpec("normal", 3), "k", (4, 5), NOTHING)).all()
    assert (one != generate(InputSpec("normal", 4), "k", (4, 5), NOTHING)).any()
    assert (one != generate(InputSpec("normal", 3), "v", (4, 5), NOTHING)).any()


def test_input_kinds() -> None:
    assert generate(InputSpec("iota", scale=0.5), "x", (2, 2), NOTHING).tolist() == [[0, 0.5], [1, 1.5]]
    assert generate(InputSpec("ones"), "x", (2,), NOTHING).tolist() == [1, 1]
    uniform = generate(InputSpec("uniform", low=2, high=3), "x", (50,), NOTHING)
    assert uniform.min() >= 2 and uniform.max() <= 3
    causal = generate(InputSpec("0 if i1 <= i0 else -inf()"), "x", (2, 3), NOTHING)
    assert causal.tolist() == [[0, -np.inf, -np.inf], [0, 0, -np.inf]]
    assert generate(InputSpec("7"), "x", (2,), NOTHING).tolist() == [7, 7]
    noisy = generate(InputSpec("noise if i0 > 0 else 0"), "x", (3,), NOTHING)
    assert noisy[0] == 0 and (noisy[1:] != 0).all()
    file = generate(InputSpec("file", path="a.npy"), "x", (2, 2), NOTHING, {"a.npy": np.arange(4)})
    assert file.tolist() == [[0, 1], [2, 3]]


def test_inputs_that_cannot_be() -> None:
    for spec in (InputSpec("file", path="no.npy"), InputSpec("unknown_name"), InputSpec("'text'")):
        with pytest.raises(ExpressionError):
            generate(spec, "x", (2,), NOTHING)
    with pytest.raises(ExpressionError, match="elements"):
        generate(InputSpec("file", path="a"), "x", (3,), NOTHING, {"a": np.arange(4)})
    assert default_input("f16").kind == "normal" and default_input("u32").kind == "iota"
