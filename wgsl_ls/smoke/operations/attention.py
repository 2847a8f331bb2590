"""Attention: grouped heads, masks, biases, caps, sinks, K and V of all types, sizes around the tiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.operation import Operand, OperationCase, extents
from wgsl_ls.smoke.references import flash_attention

_TOLERANCE = 5e-4  # ggml's backend tests


def reference(case: OperationCase, sources: Sequence[Array]) -> Array:
    scale, max_bias, cap = (float(one) for one in case.params[:3])
    q, k, v, *rest = sources
    mask = sinks = None
    if len(case.sources) > 3 and case.sources[3] is not None:
        mask = rest.pop(0)[:, :, : q.shape[2]]
        mask = np.tile(mask, (q.shape[0] // mask.shape[0], q.shape[1] // mask.shape[1], 1, 1))
    if rest:
        sinks = rest.pop(0)[0, 0, 0]
    return np.asarray(flash_attention(q, k, v, mask, sinks, scale, max_bias, cap))


def case(
    name: str,
    d: int = 64,
    d_v: int = 0,
    heads: int = 4,
    kv_heads: int = 2,
    n_kv: int = 96,
    n_q: int = 35,
    batch: int = 1,
    mask: str = "",
    sinks: bool = False,
    max_bias: float = 0.0,
    cap: float = 0.0,
    k: str = "F16",
    v: str = "F16",
    cache: bool = False,
    shift: int = 0,
    quick: bool = True,
) -> OperationCase:
    """`shift`: values in front of each tensor, less for the mask and the sinks, which are read one by one."""
    d_v = d_v or d
    values = "distances" if max_bias else "mask"  # what slopes are for; within -1 to 1 a wrong one is tolerated
    order = (0, 2, 1, 3) if cache else (0, 1, 2, 3)
    sources: list[Operand | None] = [
        Operand("F32", extents(d, n_q, heads, batch), "normal", (0, 2, 1, 3), offset=shift),
        Operand(k, extents(d, n_kv, kv_heads, batch), "normal", order, offset=shift),
        Operand(v, extents(d_v, n_kv, kv_heads, batch), "normal", order, offset=shift),
        Operand("F16", extents(n_kv, n_q, 1, batch if mask == "each" else 1), values, offset=shift // 3)
        if mask
        else None,
        Operand("F32", extents(heads), "wide", offset=shift // 2) if sinks else None,
    ]
    while sources[-1] is None:
        sources.pop()
    params = (d**-0.5, max_bias, cap)
    output = Operand("F32", extents(d_v, heads, n_q, batch), offset=shift)
    return OperationCase(
        "FLASH_ATTN_EXT", name, tuple(sources), output, reference, params, tolerance=_TOLERANCE, quick=quick
    )


def cases() -> Iterator[OperationCase]:
    for n_q in (1, 3, 19, 20, 35):
        yield case(f"{n_q} queries", n_q=n_q)
        yield case(f"{n_q} queries, mask", n_q=n_q, mask="one", quick=n_q in (3, 35))
    for d, d_v in ((32, 32), (40, 40), (80, 80), (128, 128), (192, 128), (256, 256), (576, 512)):
        yield case(f"d {d}, {d_v}", d, d_v, n_q=21, heads=2, kv_heads=1, n_kv=64, quick=d < 256)
        yield case(
            f"d {d}, {d_v}, 2 queries, mask", d, d_v, n_q=2, mask="one", heads=2, kv_heads=1, n_kv=64, quick=d < 256
        )
    for n_kv in (1, 31, 113, 512):
        yield case(f"{n_kv} keys", n_kv=n_kv, n_q=21)
        yield case(f"{n_kv} keys, 2 queries, mask", n_kv=n_kv, n_q=2, mask="one")
    for type_ in ("F32", "Q8_0", "Q4_0"):
        yield case(f"{type_}", k=type_, v=type_, n_q=21, mask="one")
        yield case(f"{type_}, 2 queries", k=type_, v=type_, n_q=2)
    yield case("K Q8_0, V Q4_0", k="Q8_0", v="Q4_0", n_q=21)
    yield case("K F16, V Q8_0, 2 queries", k="F16", v="Q8_0", n_q=2)
    for n_q in (2, 21):
        yield case(f"sinks, {n_q} queries", n_q=n_q, sinks=True, mask="one")
        yield case(f"cap, {n_q} queries", n_q=n_q, cap=1.5)  # logits are about one
        yield case(f"bias, {n_q} queries", n_q=n_q, max_bias=8.0, mask="one", heads=6)
        yield case(f"3 sequences, {n_q} queries", n_q=n_q, batch=3, mask="each")
        yield case(f"3 sequences and one mask, {n_q} queries", n_q=n_q, batch=3, mask="one")
        yield case(f"from a cache, {n_q} queries", n_q=n_q, cache=True, mask="one")
        yield case(f"at offsets, {n_q} queries", n_q=n_q, shift=8, mask="one", sinks=True)
    # One block of keys more than whole ones, so often that the slack of an allocation does not hold them.
    yield case("16 sequences, 19 queries, 33 keys", d=32, heads=2, kv_heads=1, n_kv=33, n_q=19, batch=16, mask="each")
