"""The attention reference against an independent loop, and its splits against itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from wgsl_ls.smoke.references import (
    alibi_slopes,
    attention_combined,
    attention_partials,
    flash_attention,
    join_attention,
    matrix_product,
    split_attention,
)


def loops(q, k, v, mask, sinks, scale, max_bias, softcap):  # type: ignore[no-untyped-def]
    """Attention written down again, one number at a time."""
    n_batch, n_heads, n_q, _ = q.shape
    n_kv_heads, n_kv, d_v = k.shape[1], k.shape[2], v.shape[3]
    out = np.zeros((n_batch, n_q, n_heads, d_v))
    n_log2 = 2 ** math.floor(math.log2(n_heads))
    for b in range(n_batch):
        for h in range(n_heads):
            slope = 1.0
            if max_bias > 0:
                slope = (
                    2 ** (-max_bias / n_log2 * (h + 1))
                    if h < n_log2
                    else 2 ** (-max_bias / 2 / n_log2 * (2 * (h - n_log2) + 1))
                )
            g = h // (n_heads // n_kv_heads)
            for i in range(n_q):
                logits = []
                for j in range(n_kv):
                    s = scale * sum(q[b, h, i, d] * k[b, g, j, d] for d in range(q.shape[3]))
                    if softcap:
                        s = softcap * math.tanh(s / softcap)
                    if mask is not None:
                        s += slope * mask[b, 0, i, j]
                    logits.append(s)
                top = max([*logits, *([] if sinks is None else [sinks[h]])])
                weights = [math.exp(s - top) for s in logits]
                total = sum(weights) + (0 if sinks is None else math.exp(sinks[h] - top))
                for j in range(n_kv):
                    out[b, i, h] += weights[j] / total * v[b, g, j]
    return out


def tensors(n_heads: int = 6, n_kv_heads: int = 2) -> tuple[NDArray[np.float64], ...]:
    rng = np.random.default_rng(1)
    shapes = [(2, n_heads, 3, 4), (2, n_kv_heads, 7, 4), (2, n_kv_heads, 7, 5), (2, 1, 3, 7), (n_heads,)]
    return tuple(rng.standard_normal(shape) for shape in shapes)


@pytest.mark.parametrize("max_bias", [0.0, 8.0])
@pytest.mark.parametrize("softcap", [0.0, 1.5])
@pytest.mark.parametrize("with_sinks", [False, True])
@pytest.mark.parametrize("with_mask", [False, True])
def test_attention_against_loops(with_mask: bool, with_sinks: bool, softcap: float, max_bias: float) -> None:
    q, k, v, mask, sinks = tensors()
    given_mask, given_sinks = (mask if with_mask else None), (sinks if with_sinks else None)
    got = flash_attention(q, k, v, given_mask, given_sinks, 0.3, max_bias, softcap)
    np.testing.assert_allclose(
        got, loops(q, k, v, given_mask, given_sinks, 0.3, max_bias, softcap), rtol=1e-12, atol=1e-14
    )


def test_a_row_that_is_masked_out_is_zero_and_the_others_stay() -> None:
    q, k, v, mask, _ = tensors()
    mask = np.zeros_like(mask)
    mask[:, :, 1] = -np.inf
    got = flash_attention(q, k, v, mask)
    assert (got[:, 1] == 0).all() and np.isfinite(got).all() and (got[:, 0] != 0).any()


@pytest.mark.parametrize("with_sinks", [False, True])
def test_splits_combine_to_the_whole(with_sinks: bool) -> None:
    q, k, v, mask, sinks = tensors()
    partials = attention_partials(q, k, v, mask, 0.3, n_parts=3, tile=2)
    assert partials.values.shape == (2, 6, 3, 3, 5) and partials.sums.shape == (2, 6, 3, 3)
    # Tiles of two keys in turns: part 0 has the keys 0, 1 and 6.
    alone = attention_partials(q, k[:, :, [0, 1, 6]], v[:, :, [0, 1, 6]], mask[..., [0, 1, 6]], 0.3)
    np.testing.assert_allclose(partials.values[:, :, :, 0], alone.values[:, :, :, 0])
    np.testing.assert_allclose(partials.maxima[..., 0], alone.maxima[..., 0])
    used = sinks if with_sinks else None
    np.testing.assert_allclose(attention_combined(partials, used), flash_attention(q, k, v, mask, used, 0.3))


def test_the_two_passes_fit_each_other_also_with_an_empty_part() -> None:
    q, k, v, mask, sinks = tensors()
    split = split_attention(q, k, v, mask, 0.3, n_parts=5, lowest=-1e30)
    # ceil(7 / 5) = 2 keys per part: the last part has none.
    assert split["values"].shape == (2, 3, 6, 5, 5) and split["stats"].shape == (2, 3, 6, 5, 2)
    assert (split["stats"][..., 4, 0] == -1e30).all() and (split["stats"][..., 4, 1] == 0).all()
    joined = join_attention(split["values"], split["stats"], sinks)
    np.testing.assert_allclose(joined, flash_attention(q, k, v, mask, sinks, 0.3))


def test_slopes_of_a_head_count_that_is_no_power_of_two() -> None:
    np.testing.assert_allclose(alibi_slopes(6, 8.0), [2**-2, 2**-4, 2**-6, 2**-8, 2**-1, 2**-3])
    assert alibi_slopes(4, 0.0).tolist() == [1, 1, 1, 1]


def test_heads_that_cannot_share() -> None:
    q, k, v, *_ = tensors(5, 2)
    with pytest.raises(ValueError, match="cannot share"):
        flash_attention(q, k, v)


def test_matrix_product() -> None:
    a, b = np.arange(6.0).reshape(2, 3), np.ones((3, 2))
    np.testing.assert_array_equal(matrix_product(a, b, np.eye(2), 2.0, -1.0), [[5, 6], [24, 23]])
