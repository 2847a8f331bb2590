"""Operations along rows: norms, softmax, sums, order, rotary positions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.operation import Operand, OperationCase, Param, Then, extents
from wgsl_ls.smoke.references import alibi_slopes

_EPS = (1e-6, 0.1, 10.0)


def cases() -> Iterator[OperationCase]:
    yield from _norms()
    yield from _softmax()
    yield from _sums()
    yield from _order()
    yield from _rope()


def rms_norm(x: Array, eps: float) -> Array:
    return np.asarray(x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + eps))


def norm(x: Array, eps: float) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + eps))


def l2_norm(x: Array, eps: float) -> Array:
    return np.asarray(x / np.maximum(np.sqrt(np.sum(x * x, axis=-1, keepdims=True)), eps))


def _norms() -> Iterator[OperationCase]:
    for op, function in (("RMS_NORM", rms_norm), ("NORM", norm), ("L2_NORM", l2_norm)):

        def reference(case: OperationCase, sources: Sequence[Array], function: object = function) -> Array:
            return function(sources[0], float(case.params[0]))  # type: ignore[operator, no-any-return]  # a norm

        for n in (64, 1025, 33, 1):
            ne = extents(n, 5, 4, 3)
            for eps in _EPS if n == 64 else _EPS[:1]:
                yield OperationCase(
                    op, f"F32 {n} eps {eps:g}", (Operand("F32", ne),), Operand("F32", ne), reference, (eps,)
                )
        ne = extents(64, 5, 4, 3)
        yield OperationCase(
            op, "F32 in place", (Operand("F32", ne),), Operand("F32", ne), reference, (1e-6,), inplace=0
        )
        yield OperationCase(
            op,
            "F32 view of wider rows",
            (Operand("F32", ne, gap=7, offset=3),),
            Operand("F32", ne, offset=2),
            reference,
            (1e-6,),
        )
        yield OperationCase(
            op, "F32 permuted rows", (Operand("F32", ne, order=(0, 2, 1, 3)),), Operand("F32", ne), reference, (1e-6,)
        )
        yield OperationCase(
            op,
            "F32 transposed",
            (Operand("F32", ne, order=(1, 0, 2, 3)),),
            Operand("F32", ne),
            reference,
            (1e-6,),
        )
        many = extents(16, 65535)
        yield OperationCase(
            op, "F32 65,535 rows", (Operand("F32", many),), Operand("F32", many), reference, (1e-6,), is_run=False
        )
        more = extents(16, 70000)
        yield OperationCase(
            op, "F32 70,000 rows", (Operand("F32", more),), Operand("F32", more), reference, (1e-6,), is_run=False
        )

    def fused(case: OperationCase, sources: Sequence[Array]) -> Array:
        first = rms_norm(sources[0], float(case.params[0]))
        other = sources[1]
        repeats = tuple(n // m for n, m in zip(first.shape, other.shape, strict=True))
        return np.asarray(first * np.tile(other, repeats))

    for n, other, first in (
        (64, extents(64, 5, 4, 3), True),
        (64, extents(64), True),
        (64, extents(64, 5, 4, 3), False),
        (1025, extents(1025), True),
    ):
        ne = extents(n, 5, 4, 3)
        words = f"F32 {n} times {'x'.join(map(str, other))}{'' if first else ' on its left'}"
        yield OperationCase(
            "RMS_NORM",
            words,
            (Operand("F32", ne),),
            Operand("F32", ne),
            fused,
            (1e-6,),
            then=Then("MUL", Operand("F32", other), first),
        )
        for inplace in (0, 1) if other == ne else (0,):
            yield OperationCase(
                "RMS_NORM",
                f"{words}, into {'its operand' if inplace == 0 else 'the factor'}",
                (Operand("F32", ne),),
                Operand("F32", ne),
                fused,
                (1e-6,),
                inplace,
                then=Then("MUL", Operand("F32", other), first),
            )
    ne = extents(64, 5)
    yield OperationCase(
        "RMS_NORM",
        "F32 64 times 64, a large eps",
        (Operand("F32", ne),),
        Operand("F32", ne),
        fused,
        (0.5,),
        then=Then("MUL", Operand("F32", extents(64))),
    )
    yield OperationCase(
        "RMS_NORM",
        "F32 64 times another part of the same rows",
        (Operand("F32", ne, gap=64),),
        Operand("F32", ne),
        fused,
        (1e-6,),
        then=Then("MUL", Operand("F32", ne, gap=64, offset=64, shares=0)),
    )


def softmax(x: Array, sinks: Array | None = None) -> Array:
    """Along the last dimension; `sinks` broadcast to x without it: one more logit, without a value."""
    largest = x.max(axis=-1, keepdims=True)
    if sinks is not None:
        largest = np.maximum(largest, sinks[..., None])
    powers = np.exp(x - largest)
    total = powers.sum(axis=-1, keepdims=True)
    if sinks is not None:
        total = total + np.exp(sinks[..., None] - largest)
    return np.asarray(powers / total)


def _softmax() -> Iterator[OperationCase]:
    def reference(case: OperationCase, sources: Sequence[Array]) -> Array:
        scale, max_bias = float(case.params[0]), float(case.params[1])
        x = sources[0] * scale
        n_batch, n_heads, n_rows, _ = x.shape
        rest = list(sources[1:])
        if len(case.sources) > 1 and case.sources[1] is not None:
            mask = rest.pop(0)
            mask = np.tile(mask[:, :, :n_rows], (n_batch // mask.shape[0], n_heads // mask.shape[1], 1, 1))
            x = x + alibi_slopes(n_heads, max_bias)[None, :, None, None] * mask
        sinks = rest.pop(0)[0, 0, 0][None, :, None] if rest else None
        return softmax(x, sinks)

    ne = extents(33, 5, 4, 3)
    for scale, max_bias in ((1.0, 0.0), (0.1, 0.0), (0.1, 8.0)):
        params = (scale, max_bias)
        if not max_bias:
            yield OperationCase(
                "SOFT_MAX", f"F32 scale {scale:g}", (Operand("F32", ne, "wide"),), Operand("F32", ne), reference, params
            )
        for type_ in ("F32", "F16"):
            for m2, m3 in ((1, 1), (2, 3)):
                mask = Operand(type_, extents(33, 6, m2, m3), "mask")
                yield OperationCase(
                    "SOFT_MAX",
                    f"F32 scale {scale:g} bias {max_bias:g} mask {type_} {m2}x{m3}",
                    (Operand("F32", ne), mask),
                    Operand("F32", ne),
                    reference,
                    params,
                    tolerance=1e-6,
                )
    for n_heads, values in ((6, "normal"), (4, "far")):
        ne = extents(33, 5, n_heads, 2)
        yield OperationCase(
            "SOFT_MAX",
            f"F32 bias 8, {n_heads} heads" if n_heads == 6 else "F32 of large values",
            (Operand("F32", ne, values), Operand("F32", extents(33, 5), "mask")),
            Operand("F32", ne),
            reference,
            (1.0, 8.0 if n_heads == 6 else 0.0),
            tolerance=1e-6,
        )
    ne = extents(33, 5, 4, 3)
    sinks = Operand("F32", extents(4), "wide")
    yield OperationCase(
        "SOFT_MAX", "F32 sinks", (Operand("F32", ne), None, sinks), Operand("F32", ne), reference, (1.0, 0.0)
    )
    yield OperationCase(
        "SOFT_MAX",
        "F32 mask and sinks at offsets",
        (Operand("F32", ne, offset=4), Operand("F16", extents(33, 5), "mask", offset=3), replace(sinks, offset=3)),
        Operand("F32", ne),
        reference,
        (0.3, 0.0),
        tolerance=1e-6,
    )
    yield OperationCase(
        "SOFT_MAX", "F32 in place", (Operand("F32", ne),), Operand("F32", ne), reference, (1.0, 0.0), inplace=0
    )
    for n in (1, 1025, 4097):
        ne = extents(n, 3, 2, 1)
        yield OperationCase("SOFT_MAX", f"F32 {n}", (Operand("F32", ne),), Operand("F32", ne), reference, (1.0, 0.0))
    for rows in (65535, 70000):
        ne = extents(16, rows)
        yield OperationCase(
            "SOFT_MAX",
            f"F32 {rows:,} rows",
            (Operand("F32", ne),),
            Operand("F32", ne),
            reference,
            (1.0, 0.0),
            is_run=False,
        )


def _sums() -> Iterator[OperationCase]:
    def sum_rows(case: OperationCase, sources: Sequence[Array]) -> Array:
        return np.asarray(sources[0].sum(axis=-1, keepdims=True))

    def total(case: OperationCase, sources: Sequence[Array]) -> Array:
        return np.asarray(sources[0].sum()).reshape(1, 1, 1, 1)

    def running(case: OperationCase, sources: Sequence[Array]) -> Array:
        return np.asarray(np.cumsum(sources[0], axis=-1))

    for n in (10, 33, 256, 1025):
        ne = extents(n, 5, 4, 3)
        yield OperationCase(
            "SUM_ROWS", f"F32 {n}", (Operand("F32", ne, "positive"),), Operand("F32", extents(1, 5, 4, 3)), sum_rows
        )
        yield OperationCase("SUM", f"F32 {n}", (Operand("F32", ne, "positive"),), Operand("F32", extents(1)), total)
    ne = extents(33, 5, 4, 3)
    yield OperationCase(
        "SUM_ROWS",
        "F32 view",
        (Operand("F32", ne, "positive", gap=3, offset=1),),
        Operand("F32", extents(1, 5, 4, 3), offset=3),
        sum_rows,
    )
    yield OperationCase(
        "SUM_ROWS",
        "F32 permuted rows",
        (Operand("F32", ne, "positive", (0, 2, 1, 3)),),
        Operand("F32", extents(1, 5, 4, 3)),
        sum_rows,
    )
    yield OperationCase(
        "SUM", "F32 permuted rows", (Operand("F32", ne, "positive", (0, 2, 1, 3)),), Operand("F32", extents(1)), total
    )
    for n in (10, 127, 128, 129, 513, 2048, 4001):
        ne = extents(n, 3, 2, 2)
        yield OperationCase("CUMSUM", f"F32 {n}", (Operand("F32", ne),), Operand("F32", ne), running, tolerance=1e-6)
    for op, reference, out in (("SUM_ROWS", sum_rows, extents(1, 70000)), ("CUMSUM", running, extents(16, 70000))):
        yield OperationCase(
            op, "F32 70,000 rows", (Operand("F32", extents(16, 70000)),), Operand("F32", out), reference, is_run=False
        )


def _order() -> Iterator[OperationCase]:
    def argmax(case: OperationCase, sources: Sequence[Array]) -> Array:
        return np.asarray(np.argmax(sources[0], axis=-1), np.float64).reshape(case.output.ne[::-1])

    def argsort(case: OperationCase, sources: Sequence[Array]) -> Array:
        sign = -1 if str(case.params[0]).endswith("DESC") else 1
        return np.argsort(sign * sources[0], axis=-1, kind="stable").astype(np.float64)

    def top_k(case: OperationCase, sources: Sequence[Array]) -> Array:
        return np.argsort(-sources[0], axis=-1, kind="stable")[..., : case.output.ne[0]].astype(np.float64)

    for n, rows in ((32, 1), (100, 10), (1024, 12), (2000, 10), (5438, 3), (1, 4)):
        yield OperationCase(
            "ARGMAX",
            f"F32 {n}",
            (Operand("F32", extents(n, rows), "distinct"),),
            Operand("I32", extents(rows)),
            argmax,
            tolerance=0.0,
        )
    yield OperationCase(
        "ARGMAX",
        "F32 70,000 rows",
        (Operand("F32", extents(16, 70000)),),
        Operand("I32", extents(70000)),
        argmax,
        is_run=False,
    )
    for order in ("ASC", "DESC"):
        params = (f"GGML_SORT_ORDER_{order}",)
        for n in (1, 2, 7, 8, 60, 128, 1000, 1023, 1024, 1025, 2049, 4097):
            ne = extents(n, 3, 2, 1)
            yield OperationCase(
                "ARGSORT",
                f"F32 {n} {order.lower()}",
                (Operand("F32", ne, "distinct"),),
                Operand("I32", ne),
                argsort,
                params,
                tolerance=0.0,
                quick=n not in (2, 8, 60, 1000),
            )
        for n in (60, 1200):  # the longer one is merged out of several parts
            ne = extents(n, 3, 2, 2)
            yield OperationCase(
                "ARGSORT",
                f"F32 view {order.lower()}" if n == 60 else f"F32 view of {n} {order.lower()}",
                (Operand("F32", ne, "distinct", gap=4, offset=2),),
                Operand("I32", ne),
                argsort,
                params,
                tolerance=0.0,
            )
    for n, k in ((1, 1), (12, 12), (12, 1), (100, 7), (1025, 5), (1200, 900), (2049, 400), (5000, 100), (4096, 1)):
        yield OperationCase(
            "TOP_K",
            f"F32 {k} of {n}",
            (Operand("F32", extents(n, 3, 2, 1), "distinct"),),
            Operand("I32", extents(k, 3, 2, 1)),
            top_k,
            tolerance=0.0,
        )


def yarn_range(n_dims: int, n_original: int, base: float, fast: float, slow: float) -> tuple[float, float]:
    """The dimensions between which YaRN mixes (arXiv:2309.00071)."""

    def dimension(n_rotations: float) -> float:
        return n_dims * math.log(n_original / (n_rotations * 2 * math.pi)) / (2 * math.log(base))

    return max(0.0, math.floor(dimension(fast))), min(n_dims - 1.0, math.ceil(dimension(slow)))


def rope(
    x: Array,
    positions: Array,
    n_dims: int,
    *,
    mode: int = 0,
    base: float = 10000.0,
    scale: float = 1.0,
    mix: float = 0.0,
    magnitude: float = 1.0,
    between: tuple[float, float] = (0.0, 0.0),
    sections: Sequence[int] = (0, 0, 0, 0),
    factors: Array | None = None,
) -> Array:
    """x [batch, token, head, d], positions [1 or 4, token]. `mode`: 0 pairs neighbours, 2 halves, 8 halves with a
    position per section, 24 the same over all of d and from the start in each section, 40 with sections interleaved
    by three. `mix`, `between`: YaRN's."""
    d = x.shape[-1]
    n_pairs = d // 2 if mode == 24 else n_dims // 2
    pair = np.arange(n_pairs)
    power, which = pair.copy(), np.zeros(n_pairs, int)
    if mode & 8:
        bounds = np.cumsum(sections)
        sector = pair % bounds[-1]
        if mode == 40:
            for index in (0, 1, 2):
                which[(sector % 3 == index) & (sector < 3 * sections[index])] = index + 4
            which = np.where(which >= 4, which - 4, 3)
        else:
            which = np.searchsorted(bounds[:3], sector, side="right")
        if mode == 24:
            power = sector - np.concatenate(([0], bounds[:3]))[which]
    angle = positions[which] * (base ** (-2.0 * power / n_dims))[:, None]  # [pair, token]
    if factors is not None:
        angle = angle / factors[:n_pairs, None]
    theta = scale * angle
    if mix:
        low, high = between
        ramp = (1 - np.clip((pair - low) / max(0.001, high - low), 0, 1)) * mix
        theta = theta * (1 - ramp)[:, None] + angle * ramp[:, None]
        magnitude = magnitude * (1 + 0.1 * math.log(1 / scale))
    cos, sin = np.cos(theta).T * magnitude, np.sin(theta).T * magnitude
    cos, sin = cos[None, :, None], sin[None, :, None]
    first = 2 * pair if mode == 0 else pair
    second = first + (1 if mode == 0 else n_dims if mode == 24 else n_dims // 2)
    turned = x.copy()
    turned[..., first] = x[..., first] * cos - x[..., second] * sin
    turned[..., second] = x[..., first] * sin + x[..., second] * cos
    return turned


def rope_params(
    n_dims: int,
    mode: int = 0,
    scale: float = 1.0,
    mix: float = 0.0,
    magnitude: float = 1.0,
    sections: tuple[int, int, int, int] = (0, 0, 0, 0),
    base: float = 10000.0,
    start: int = 0,
) -> tuple[Param, ...]:
    return (0, n_dims, mode, 0, 512, base, scale, mix, magnitude, 32.0, 1.0, *sections, start)


def _rope() -> Iterator[OperationCase]:
    def reference(case: OperationCase, sources: Sequence[Array]) -> Array:
        _, n_dims, mode, _, n_original, base, scale, mix, magnitude, fast, slow, *rest = map(float, case.params)
        *sections, start = map(int, rest)
        n_tokens = sources[0].shape[1]
        turned = sources[0].copy()
        turned[..., start:] = rope(
            sources[0][..., start:],
            sources[1].reshape(-1, n_tokens),
            int(n_dims),
            mode=int(mode),
            base=base,
            scale=scale,
            mix=mix,
            magnitude=magnitude,
            between=yarn_range(int(n_dims), int(n_original), base, fast, slow),
            sections=sections,
            factors=sources[2][0, 0, 0] if len(sources) > 2 else None,
        )
        return turned

    wide = (16, 24, 24, 0)
    shapes = (
        ("", extents(128, 8, 5, 1), 128, 0, None),
        (" part of a head", extents(64, 8, 3, 2), 32, 0, None),
        (" halves", extents(128, 8, 5, 1), 128, 2, None),
        (" halves, part of a head", extents(80, 8, 3, 2), 20, 2, None),
        (" sections", extents(128, 6, 4, 1), 128, 8, wide),
        (" image sections", extents(80, 6, 4, 1), 40, 24, (20, 20, 0, 0)),
        (" interleaved sections", extents(128, 6, 4, 1), 128, 40, (24, 20, 20, 0)),
    )
    for words, ne, n_dims, mode, sections in shapes:
        n_positions = ne[2] * (4 if mode & 8 else 1)
        positions = Operand("I32", extents(n_positions), "index 64")
        params = rope_params(n_dims, mode, sections=sections or (0, 0, 0, 0))
        for type_ in ("F32", "F16"):
            tolerance = 2e-6 if type_ == "F16" else 1e-7
            source = Operand(type_, ne)
            yield OperationCase(
                "ROPE",
                f"{type_}{words}",
                (source, positions),
                Operand(type_, ne),
                reference,
                params,
                tolerance=tolerance,
            )
            if type_ == "F32":
                factors = Operand("F32", extents(ne[0] // 2), "positive")
                yield OperationCase(
                    "ROPE",
                    f"{type_}{words} with factors",
                    (source, positions, factors),
                    Operand(type_, ne),
                    reference,
                    params,
                )
                yield OperationCase(
                    "ROPE",
                    f"{type_}{words} in place",
                    (source, positions),
                    Operand(type_, ne),
                    reference,
                    params,
                    inplace=0,
                )
                yield OperationCase(
                    "ROPE",
                    f"{type_}{words} of wider rows",
                    (Operand(type_, ne, gap=16, offset=4), positions),
                    Operand(type_, ne),
                    reference,
                    params,
                )
    ne = extents(128, 8, 5, 1)
    positions = Operand("I32", extents(5), "index 512")
    for mode in (0, 2):
        yield OperationCase(
            "ROPE",
            f"F32 mode {mode} YaRN",
            (Operand("F32", ne), positions),
            Operand("F32", ne),
            reference,
            rope_params(128, mode, 0.25, 1.0, 1.2),
            tolerance=1e-6,
        )
        yield OperationCase(
            "ROPE",
            f"F32 mode {mode} scaled",
            (Operand("F32", ne), positions),
            Operand("F32", ne),
            reference,
            rope_params(128, mode, 0.25, 0.0, 1.2),
            tolerance=1e-6,
        )
    for words, ne, n_dims, mode, sections, start in (
        ("", extents(64, 8, 3, 2), 32, 0, None, 16),
        (" halves", extents(80, 8, 3, 2), 20, 2, None, 24),
        (" sections", extents(128, 6, 4, 1), 64, 8, (8, 12, 12, 0), 64),
        (" interleaved sections", extents(128, 6, 4, 1), 64, 40, (12, 10, 10, 0), 32),
    ):
        positions = Operand("I32", extents(ne[2] * (4 if mode & 8 else 1)), "index 64")
        factors = Operand("F32", extents(n_dims // 2), "positive")
        for more in ((), (factors,)):
            yield OperationCase(
                "ROPE",
                f"F32{words} at an offset{' with factors' if more else ''}",
                (Operand("F32", ne), positions, *more),
                Operand("F32", ne),
                reference,
                rope_params(n_dims, mode, sections=sections or (0, 0, 0, 0), start=start),
                maker=("ggml_rope_set_offset", 2),
            )
