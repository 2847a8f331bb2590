"""What is right: built-in references in NumPy float64, by name.

`flash_attention` is attention as llama.cpp's FLASH_ATTN_EXT defines it (ggml.h, ggml_flash_attn_ext): scaled
dot products, optional soft cap, additive mask with the ALiBi slope of the head, sinks as one more logit without
a value, softmax, product with V; query heads share K and V in groups. `split_attention` gives the intermediate
results of a split over K and V, `join_attention` what a reduction makes of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Partials:
    """Of a split into `n` parts: `values` [batch, head, query, n, d_v] not yet divided by the sum, `sums` and
    `maxima` [batch, head, query, n]."""

    values: Array
    sums: Array
    maxima: Array


def alibi_slopes(n_heads: int, max_bias: float) -> Array:
    """One slope per head; ones without a bias. (ALiBi, arXiv:2108.12409, with llama.cpp's rule for head counts
    that are no power of two.)"""
    if max_bias <= 0:
        return np.ones(n_heads)
    n_log2 = 2 ** int(np.floor(np.log2(n_heads)))
    m0, m1 = 2.0 ** (-max_bias / n_log2), 2.0 ** (-max_bias / 2.0 / n_log2)
    heads = np.arange(n_heads)
    return np.asarray(np.where(heads < n_log2, m0 ** (heads + 1.0), m1 ** (2.0 * (heads - n_log2) + 1.0)))


def attention_logits(
    q: Array,
    k: Array,
    mask: Array | None = None,
    scale: float = 1.0,
    max_bias: float = 0.0,
    logit_softcap: float = 0.0,
) -> Array:
    """q [batch, head, query, d], k [batch, kv head, kv, d], mask broadcastable to [batch, head, query, kv]
    -> logits [batch, head, query, kv]. `scale` is the one before the cap divides it."""
    n_heads, n_kv_heads = q.shape[1], k.shape[1]
    if n_heads % n_kv_heads:
        raise ValueError(f"{n_heads} query heads cannot share {n_kv_heads} heads of K")
    shared = np.repeat(k, n_heads // n_kv_heads, axis=1)
    logits = scale * np.einsum("bhqd,bhkd->bhqk", q, shared)
    if logit_softcap:
        logits = logit_softcap * np.tanh(logits / logit_softcap)
    if mask is not None:
        logits = logits + alibi_slopes(n_heads, max_bias)[None, :, None, None] * mask
    return np.asarray(logits)


def flash_attention(
    q: Array,
    k: Array,
    v: Array,
    mask: Array | None = None,
    sinks: Array | None = None,
    scale: float = 1.0,
    max_bias: float = 0.0,
    logit_softcap: float = 0.0,
) -> Array:
    """v [batch, kv head, kv, d_v], sinks [head] -> [batch, query, head, d_v]. A row that is masked out
    altogether is zero."""
    logits = attention_logits(q, k, mask, scale, max_bias, logit_softcap)
    return attention_combined(_partials(logits, v, 1, 0), sinks)


def attention_partials(
    q: Array,
    k: Array,
    v: Array,
    mask: Array | None = None,
    scale: float = 1.0,
    max_bias: float = 0.0,
    logit_softcap: float = 0.0,
    n_parts: int = 1,
    tile: int = 0,
) -> Partials:
    """`tile` 0: each part takes one run of ceil(n / n_parts) positions. Else part p takes the tiles p,
    p + n_parts, p + 2 n_parts, … of `tile` positions each. A part without positions has sum 0 and maximum
    -inf."""
    logits = attention_logits(q, k, mask, scale, max_bias, logit_softcap)
    return _partials(logits, v, n_parts, tile)


def _partials(logits: Array, v: Array, n_parts: int, tile: int) -> Partials:
    n_heads, n_kv = logits.shape[1], logits.shape[-1]
    shared = np.repeat(v, n_heads // v.shape[1], axis=1)
    positions = np.arange(n_kv)
    part_of = (positions // tile) % n_parts if tile > 0 else positions // max(-(-n_kv // n_parts), 1)
    values, sums, maxima = [], [], []
    for part in range(n_parts):
        mine = np.where(part_of == part, logits, -np.inf)
        maximum = mine.max(axis=-1, initial=-np.inf)
        weights = np.exp(mine - np.where(np.isfinite(maximum), maximum, 0.0)[..., None])
        values.append(np.einsum("bhqk,bhkd->bhqd", weights, shared))
        sums.append(weights.sum(axis=-1))
        maxima.append(maximum)
    return Partials(np.stack(values, axis=3), np.stack(sums, axis=3), np.stack(maxima, axis=3))


def attention_combined(partials: Partials, sinks: Array | None = None) -> Array:
    """[batch, query, head, d_v] from the parts, the sinks counted once."""
    maximum = partials.maxima.max(axis=-1)
    if sinks is not None:
        maximum = np.maximum(maximum, sinks[None, :, None])
    finite = np.where(np.isfinite(maximum), maximum, 0.0)
    factors = np.exp(partials.maxima - finite[..., None])
    total = (partials.sums * factors).sum(axis=-1)
    if sinks is not None:
        total = total + np.exp(sinks[None, :, None] - finite)
    values = (partials.values * factors[..., None]).sum(axis=3)
    divisor = np.where(total > 0, total, 1.0)
    return np.asarray(np.transpose(values / divisor[..., None], (0, 2, 1, 3)))


def split_attention(
    q: Array,
    k: Array,
    v: Array,
    mask: Array | None = None,
    scale: float = 1.0,
    max_bias: float = 0.0,
    logit_softcap: float = 0.0,
    n_parts: int = 1,
    tile: int = 0,
    lowest: float = -np.inf,
) -> dict[str, Array]:
    """What the first pass of a split leaves: "values" [batch, query, head, n, d_v] and "stats"
    [batch, query, head, n, (maximum, sum)]. `lowest` stands for the maximum of a part without positions."""
    partials = attention_partials(q, k, v, mask, scale, max_bias, logit_softcap, n_parts, tile)
    maxima = np.where(np.isfinite(partials.maxima), partials.maxima, lowest)
    return {
        "values": np.transpose(partials.values, (0, 2, 1, 3, 4)),
        "stats": np.transpose(np.stack([maxima, partials.sums], axis=-1), (0, 2, 1, 3, 4)),
    }


def join_attention(
    values: Array,
    stats: Array | None = None,
    sinks: Array | None = None,
    sums: Array | None = None,
    maxima: Array | None = None,
) -> Array:
    """The second pass: what `split_attention` gives -> [batch, query, head, d_v]. The statistics come together, as
    there, or as two arrays [batch, query, head, n]."""
    if stats is not None:
        maxima, sums = stats[..., 0], stats[..., 1]
    if sums is None or maxima is None:
        raise ValueError("join_attention needs stats, or sums and maxima")
    order = (0, 2, 1, 3)
    partials = Partials(np.transpose(values, (*order, 4)), np.transpose(sums, order), np.transpose(maxima, order))
    return attention_combined(partials, sinks)


def matrix_product(a: Array, b: Array, c: Array | None = None, alpha: float = 1.0, beta: float = 1.0) -> Array:
    """alpha a b + beta c over the last two dimensions."""
    product = alpha * (a @ b)
    return product if c is None else product + beta * c


Reference = Callable[..., Any]
REFERENCES: Mapping[str, Reference] = {
    "flash_attention": flash_attention,
    "split_attention": split_attention,
    "join_attention": join_attention,
    "matrix_product": matrix_product,
}
