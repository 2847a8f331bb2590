"""Products of matrices, also of a matrix chosen by index, and triangular systems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.operation import Operand, OperationCase, extents
from wgsl_ls.smoke.tensor_types import QUANTISED

_PRODUCT = 5e-4  # ggml's backend tests


def cases() -> Iterator[OperationCase]:
    yield from _products()
    yield from _by_index()
    yield from _systems()


def product(case: OperationCase, sources: Sequence[Array]) -> Array:
    """sources[0] [b3, b2, m, k], sources[1] [B3, B2, n, k] -> [B3, B2, n, m]."""
    first, second = sources[0], sources[1]
    repeats = (second.shape[0] // first.shape[0], second.shape[1] // first.shape[1])
    first = np.repeat(np.repeat(first, repeats[0], axis=0), repeats[1], axis=1)
    return np.asarray(np.einsum("abmk,abnk->abnm", first, second))


def _plain_product(first: str, second: str, m: int, n: int, k: int, quick: bool = True) -> OperationCase:
    return OperationCase(
        "MUL_MAT",
        f"{first} {second} {m}x{n}x{k}",
        (Operand(first, extents(k, m)), Operand(second, extents(k, n))),
        Operand("F32", extents(m, n)),
        product,
        tolerance=_PRODUCT,
        quick=quick,
    )


def _products() -> Iterator[OperationCase]:
    types = [("F32", "F32"), ("F16", "F32"), ("F16", "F16"), *((one, "F32") for one in QUANTISED)]
    for first, second in types:
        for m, n, k in ((16, 1, 256), (33, 3, 512), (64, 16, 256), (67, 35, 256)):
            yield _plain_product(first, second, m, n, k, quick=(m, n) in ((33, 3), (67, 35)))
        yield OperationCase(
            "MUL_MAT",
            f"{first} {second} batches shared",
            (Operand(first, extents(256, 16, 2, 3)), Operand(second, extents(256, 5, 4, 6))),
            Operand("F32", extents(16, 5, 4, 6)),
            product,
            tolerance=_PRODUCT,
            quick=first in ("F32", "F16", "Q4_0", "Q8_0"),
        )
    for first, second in (("F32", "F32"), ("F16", "F32"), ("F16", "F16")):
        for m, n, k in ((16, 8, 4), (7, 5, 33), (1, 1, 67), (129, 17, 68), (8, 33, 5), (3, 2, 1)):
            yield _plain_product(first, second, m, n, k)
        yield OperationCase(
            "MUL_MAT",
            f"{first} {second} permuted",
            (
                Operand(first, extents(64, 16, 2, 3), order=(0, 2, 1, 3)),
                Operand(second, extents(64, 9, 2, 3), order=(0, 3, 2, 1)),
            ),
            Operand("F32", extents(16, 9, 2, 3)),
            product,
            tolerance=_PRODUCT,
        )
        yield OperationCase(
            "MUL_MAT",
            f"{first} {second} vector, wider rows",
            (Operand(first, extents(64, 33), gap=64, offset=4), Operand(second, extents(64, 1), offset=2)),
            Operand("F32", extents(33, 1), offset=3),
            product,
            tolerance=_PRODUCT,
        )
        yield OperationCase(
            "MUL_MAT",
            f"{first} {second} two views of one tensor" if first == second else f"{first} {second} at offsets",
            (
                Operand(first, extents(32, 16), gap=32),
                Operand(second, extents(32, 16), gap=32, offset=32, shares=0 if first == second else -1),
            ),
            Operand("F32", extents(16, 16), offset=4),
            product,
            tolerance=_PRODUCT,
        )
        yield OperationCase(
            "MUL_MAT",
            f"{first} {second} vectors, batches shared",
            (Operand(first, extents(64, 35, 2, 3)), Operand(second, extents(64, 1, 4, 6))),
            Operand("F32", extents(35, 1, 4, 6)),
            product,
            tolerance=_PRODUCT,
        )
        for n in (1, 16):  # sums that are no half-precision numbers
            yield OperationCase(
                "MUL_MAT",
                f"{first} {second} 64x{n}x8192, all positive",
                (Operand(first, extents(8192, 64), "positive"), Operand(second, extents(8192, n), "positive")),
                Operand("F32", extents(64, n)),
                product,
                tolerance=1e-6 if n == 1 else _PRODUCT,
            )
    for n in (1, 8):
        yield OperationCase(
            "MUL_MAT",
            f"F16 F32 2x{n}x32 in 70,000 batches",
            (Operand("F16", extents(32, 2, 70000)), Operand("F32", extents(32, n, 70000))),
            Operand("F32", extents(2, n, 70000)),
            product,
            is_run=False,
        )


def _by_index() -> Iterator[OperationCase]:
    def reference(case: OperationCase, sources: Sequence[Array]) -> Array:
        matrices, rows, index = sources[0][0], sources[1][0], sources[2][0, 0].astype(int)  # index [token, used]
        n_tokens, n_used = index.shape
        found = np.empty((1, n_tokens, n_used, matrices.shape[1]))
        for token in range(n_tokens):
            for used in range(n_used):
                found[0, token, used] = matrices[index[token, used]] @ rows[token, used % rows.shape[1]]
        return found

    types = [("F32", "F32"), ("F16", "F32"), ("F16", "F16"), *((one, "F32") for one in QUANTISED)]
    for first, second in types:
        for n_used, n_given, n_tokens, m in ((2, 1, 1, 33), (2, 2, 17, 35), (4, 1, 32, 16)):
            sources = (
                Operand(first, extents(256, m, 4)),
                Operand(second, extents(256, n_given, n_tokens)),
                Operand("I32", extents(n_used, n_tokens), "rows 4"),
            )
            yield OperationCase(
                "MUL_MAT_ID",
                f"{first} {second} {n_used} of 4, {n_given} rows, {n_tokens} tokens",
                sources,
                Operand("F32", extents(m, n_used, n_tokens)),
                reference,
                tolerance=_PRODUCT,
                quick=m != 16,
            )
    for n_tokens in (1, 17):  # the first columns of a sorted table, as routing makes them
        yield OperationCase(
            "MUL_MAT_ID",
            f"F16 F32 2 of 4 out of a table at an offset, {n_tokens} tokens",
            (
                Operand("F16", extents(64, 33, 4)),
                Operand("F32", extents(64, 1, n_tokens), offset=4),
                Operand("I32", extents(2, n_tokens), "rows 4", gap=2, offset=4),
            ),
            Operand("F32", extents(33, 2, n_tokens), offset=8),
            reference,
            tolerance=_PRODUCT,
        )


def _systems() -> Iterator[OperationCase]:
    def reference(case: OperationCase, sources: Sequence[Array]) -> Array:
        return np.asarray(np.linalg.solve(sources[0], sources[1]), np.float64)

    for n, columns, b2, b3 in (
        (10, 10, 4, 3),
        (11, 11, 1, 1),
        (17, 10, 2, 4),
        (30, 30, 1, 2),
        (42, 42, 2, 1),
        (64, 33, 1, 1),
        (100, 300, 1, 1),
    ):
        ne = extents(columns, n, b2, b3)
        yield OperationCase(
            "SOLVE_TRI",
            f"F32 {n} with {columns}",
            (Operand("F32", extents(n, n, b2, b3), "triangle"), Operand("F32", ne)),
            Operand("F32", ne),
            reference,
            tolerance=1e-6,
        )
