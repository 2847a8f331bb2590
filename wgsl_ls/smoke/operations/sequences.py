"""Recurrences over tokens: short convolutions, state space scans, the gated delta rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.operation import Operand, OperationCase, extents


def cases() -> Iterator[OperationCase]:
    yield from _convolutions()
    yield from _scans()
    yield from _delta()


def _convolutions() -> Iterator[OperationCase]:
    def reference(case: OperationCase, sources: Sequence[Array]) -> Array:
        signal, kernel = sources[0][0], sources[1][0, 0]  # [sequence, channel, token + width - 1], [channel, width]
        windows = np.lib.stride_tricks.sliding_window_view(signal, kernel.shape[1], axis=2)
        return np.asarray(np.einsum("sctw,cw->stc", windows, kernel))[None]

    for width in (3, 4, 9):
        for channels, n_tokens, n_sequences in ((64, 1, 1), (33, 5, 3), (257, 33, 2)):
            sources = (
                Operand("F32", extents(n_tokens + width - 1, channels, n_sequences)),
                Operand("F32", extents(width, channels)),
            )
            yield OperationCase(
                "SSM_CONV",
                f"F32 {width} wide, {channels} channels, {n_tokens} tokens",
                sources,
                Operand("F32", extents(channels, n_tokens, n_sequences)),
                reference,
            )


def scan(state: Array, x: Array, dt: Array, a: Array, b: Array, c: Array) -> tuple[Array, Array]:
    """One sequence: state [head, dim, n], x [token, head, dim], dt [token, head], a [head, n or 1],
    b, c [token, group, n] -> y [token, head, dim], states [token, head, dim, n] (arXiv:2312.00752, 2405.21060)."""
    n_heads, n_groups = x.shape[1], b.shape[1]
    group = np.arange(n_heads) // (n_heads // n_groups)
    values, states = np.empty(x.shape), np.empty((len(x), *state.shape))
    for token in range(len(x)):
        step = np.log1p(np.exp(dt[token]))
        decay = np.exp(step[:, None] * a)[:, None]
        state = state * decay + (x[token] * step[:, None])[..., None] * b[token][group][:, None]
        values[token] = np.einsum("hdn,hn->hd", state, c[token][group])
        states[token] = state
    return values, states


def _scans() -> Iterator[OperationCase]:
    def reference(case: OperationCase, sources: Sequence[Array]) -> Array:
        kept, x, dt, a, b, c, ids = sources
        n_slots = int(case.params[0])
        n_sequences, n_tokens = x.shape[:2]
        values = np.empty(x.shape)
        final = np.full((n_slots, n_sequences, *kept.shape[1:]), np.nan)
        for index in range(n_sequences):
            state = kept[int(ids[0, 0, 0, index])]
            values[index], states = scan(state, x[index], dt[0, index], a[0, 0], b[index], c[index])
            for slot in range(min(n_slots, n_tokens)):
                final[slot, index] = states[n_tokens - 1 - slot]
        return np.concatenate([values.ravel(), final.ravel()]).reshape(case.output.ne[::-1])

    shapes = (
        (16, 1, 64, 1, 7, 2, 16, 1),
        (128, 64, 4, 2, 5, 2, 1, 1),
        (128, 64, 4, 2, 6, 2, 1, 3),
        (256, 32, 2, 1, 3, 1, 1, 1),
    )
    for n, dim, heads, groups, tokens, n_sequences, n_a, slots in shapes:
        sources = (
            Operand("F32", extents(n, dim, heads, n_sequences + 1)),
            Operand("F32", extents(dim, heads, tokens, n_sequences)),
            Operand("F32", extents(heads, tokens, n_sequences)),
            Operand("F32", extents(n_a, heads), "decay"),
            Operand("F32", extents(n, groups, tokens, n_sequences)),
            Operand("F32", extents(n, groups, tokens, n_sequences)),
            Operand("I32", extents(n_sequences), f"rows {n_sequences + 1}"),
        )
        size = dim * heads * tokens * n_sequences + slots * n * dim * heads * n_sequences
        yield OperationCase(
            "SSM_SCAN",
            f"F32 state {n}, {heads} heads of {dim}, {tokens} tokens, {slots} kept",
            sources,
            Operand("F32", extents(size)),
            reference,
            (slots,),
            maker=("ggml_ssm_scan", 9) if slots > 1 else None,
            tolerance=1e-6,
        )
    n, dim, tokens, n_sequences = 16, 64, 7, 2
    together = dim + 2 * n
    yield OperationCase(
        "SSM_SCAN",
        "F32 x, B and C parts of the same rows",
        (
            Operand("F32", extents(n, dim, 1, n_sequences)),
            Operand("F32", extents(dim, 1, tokens, n_sequences), gap=together - dim),
            Operand("F32", extents(1, tokens, n_sequences)),
            Operand("F32", extents(1, 1), "decay"),
            Operand("F32", extents(n, 1, tokens, n_sequences), gap=together - n, offset=dim, shares=1),
            Operand("F32", extents(n, 1, tokens, n_sequences), gap=together - n, offset=dim + n, shares=1),
            Operand("I32", extents(n_sequences), f"rows {n_sequences}"),
        ),
        Operand("F32", extents(dim * tokens * n_sequences + n * dim * n_sequences)),
        reference,
        (1,),
        tolerance=1e-6,
    )


def delta_rule(state: Array, q: Array, k: Array, v: Array, gate: Array, beta: Array) -> tuple[Array, Array]:
    """One head of one sequence: state [d, d_v], q, k [token, d], v [token, d_v], gate [token, d or 1] (its logarithm),
    beta [token] -> values [token, d_v], states [token, d, d_v] (arXiv:2412.06464)."""
    values, states = np.empty(v.shape), np.empty((len(v), *state.shape))
    for token in range(len(v)):
        state = state * np.exp(gate[token])[:, None]
        error = (v[token] - k[token] @ state) * beta[token]
        state = state + np.outer(k[token], error)
        values[token] = q[token] @ state / np.sqrt(state.shape[0])
        states[token] = state
    return values, states


def _delta() -> Iterator[OperationCase]:
    def reference(case: OperationCase, sources: Sequence[Array]) -> Array:
        q, k, v, gate, beta, kept = sources
        n_slots = int(case.params[0])
        n_sequences, n_tokens, n_heads, d = v.shape
        values, final = np.empty(v.shape), np.full((n_slots, n_sequences, n_heads, d, d), np.nan)
        for sequence in range(n_sequences):
            shared = sequence // (n_sequences // q.shape[0])
            for head in range(n_heads):
                own = head % q.shape[2]
                # The library keeps states transposed.
                values[sequence, :, head], states = delta_rule(
                    kept[sequence, head].T,
                    q[shared, :, own],
                    k[shared, :, own],
                    v[sequence, :, head],
                    gate[sequence, :, head],
                    beta[sequence, :, head, 0],
                )
                for slot in range(min(n_slots, n_tokens)):
                    final[slot, sequence, head] = states[n_tokens - 1 - slot].T
        return np.concatenate([values.ravel(), final.ravel()]).reshape(case.output.ne[::-1])

    for d, heads, q_heads, tokens, n_sequences, each, slots in (
        (64, 4, 4, 1, 1, False, 1),
        (64, 4, 2, 5, 2, False, 1),
        (128, 2, 2, 3, 1, True, 1),
        (32, 4, 4, 6, 2, True, 3),
        (64, 4, 4, 2, 1, False, 4),
    ):
        small = extents(d, q_heads, tokens, n_sequences)
        ne = extents(d, heads, tokens, n_sequences)
        sources = (
            Operand("F32", small, "uniform"),
            Operand("F32", small, "uniform"),
            Operand("F32", ne),
            Operand("F32", extents(d if each else 1, heads, tokens, n_sequences), "decay"),
            Operand("F32", extents(1, heads, tokens, n_sequences), "decay"),
            Operand("F32", extents(d, d, heads, n_sequences)),
        )
        words = f"F32 {heads} heads of {d}, {tokens} tokens{', gates each' if each else ''}, {slots} kept"
        yield OperationCase(
            "GATED_DELTA_NET",
            words,
            sources,
            Operand("F32", extents(d * heads, tokens * n_sequences + slots * d * n_sequences)),
            reference,
            (slots,),
            maker=("ggml_gated_delta_net", 8),
            tolerance=1e-6,
        )
