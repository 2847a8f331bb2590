"""Operations that move values: copies, rows by index, parts put together, repeated, padded, masked by place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.operation import Operand, OperationCase, extents
from wgsl_ls.smoke.tensor_types import QUANTISED, TYPES


def cases() -> Iterator[OperationCase]:
    yield from _copies()
    yield from _rows()
    yield from _joined()
    yield from _repeated()
    yield from _padded()
    yield from _triangles()


def _copies() -> Iterator[OperationCase]:
    def copied(case: OperationCase, sources: Sequence[Array]) -> Array:
        return sources[0].reshape(case.output.ne[::-1])

    ne = extents(33, 4, 3, 2)
    for source in ("F32", "F16", "I32"):
        for target in ("F32", "F16", "I32"):
            integer = "I32" in (source, target)
            values = "index 100" if integer else "normal"
            yield OperationCase(
                "CPY",
                f"{source} to {target}",
                (Operand(source, ne, values),),
                Operand(target, ne),
                copied,
                tolerance=_rounded(target),
            )
    for order, words in (
        ((0, 2, 1, 3), "rows permuted"),
        ((1, 0, 2, 3), "transposed"),
        ((3, 1, 2, 0), "outermost first"),
    ):
        for source, target in (("F32", "F32"), ("F32", "F16"), ("F16", "F32")):
            yield OperationCase(
                "CPY",
                f"{source} to {target}, {words}",
                (Operand(source, ne, order=order),),
                Operand(target, ne),
                copied,
                tolerance=_rounded(target),
            )
        yield OperationCase(
            "CPY",
            f"F32 into a view, {words}",
            (Operand("F32", ne),),
            Operand("F32", ne, order=order, offset=3),
            copied,
            tolerance=0.0,
        )
        yield OperationCase(
            "CONT", f"F32 {words}", (Operand("F32", ne, order=order),), Operand("F32", ne), copied, tolerance=0.0
        )
    yield OperationCase(
        "CPY",
        "F16 at odd offsets",
        (Operand("F16", ne, offset=3, gap=1),),
        Operand("F16", ne, offset=5),
        copied,
        tolerance=0.0,
    )
    yield OperationCase(
        "CPY",
        "F32 to another shape",
        (Operand("F32", extents(12, 10)),),
        Operand("F32", extents(8, 5, 3)),
        copied,
        tolerance=0.0,
    )
    tail = extents(1031, 3)  # more than a workgroup, and no whole number of them
    yield OperationCase("CPY", "F32 1031x3", (Operand("F32", tail),), Operand("F32", tail), copied, tolerance=0.0)
    large = extents(1024, 65535)
    yield OperationCase(
        "CPY", "F16 1024 x 65,535", (Operand("F16", large),), Operand("F16", large), copied, is_run=False
    )


def _rounded(type_: str) -> float:
    return 1e-7 if type_ == "F16" else 0.0


def _rows() -> Iterator[OperationCase]:
    def get_rows(case: OperationCase, sources: Sequence[Array]) -> Array:
        table, index = sources[0], sources[1][0].astype(int)  # [b2, b1, row]
        found = np.empty(case.output.ne[::-1])
        for outer in range(found.shape[0]):
            for inner in range(found.shape[1]):
                found[outer, inner] = table[outer, inner][index[outer % index.shape[0], inner % index.shape[1]]]
        return found

    for type_ in ("F32", "F16", "I32", *QUANTISED):
        block = TYPES[type_].block
        widths = (max(256, block),) if block > 1 else (256, 77, 1)
        target = "I32" if type_ == "I32" else "F32"
        for n in widths:
            for b1, b2 in ((1, 1), (3, 2)):
                sources = (
                    Operand(type_, extents(n, 8, b1, b2), "index 1000" if type_ == "I32" else "normal"),
                    Operand("I32", extents(5, b1, b2), "index 8"),
                )
                yield OperationCase(
                    "GET_ROWS",
                    f"{type_} {n}, {b1 * b2} tables",
                    sources,
                    Operand(target, extents(n, 5, b1, b2)),
                    get_rows,
                    tolerance=1e-10,
                    quick=b1 == 1 or type_ in ("F32", "F16"),
                )
    sources = (Operand("F32", extents(64, 8), gap=4, offset=2), Operand("I32", extents(5), "index 8", offset=1))
    yield OperationCase("GET_ROWS", "F32 views", sources, Operand("F32", extents(64, 5)), get_rows, tolerance=0.0)

    def set_rows(case: OperationCase, sources: Sequence[Array]) -> Array:
        rows, index, target = sources[0], sources[1][0].astype(int), sources[2].copy()
        kind = case.output.kind
        if kind.dtype is None:
            rows = kind.decode(kind.encode(rows.ravel())).reshape(rows.shape)
        for outer in range(target.shape[0]):
            for inner in range(target.shape[1]):
                target[outer, inner][index[outer % index.shape[0], inner % index.shape[1]]] = rows[outer, inner]
        return target

    for type_ in ("F32", "F16", "Q8_0", "Q4_0"):
        for index_type in ("I64", "I32"):
            for n, b1, b2 in ((256, 1, 1), (64, 7, 1), (96, 3, 2), *(((33, 2, 1),) if TYPES[type_].block == 1 else ())):
                table = Operand(type_, extents(n, 9, b1, b2))
                given = (
                    Operand("F32", extents(n, 4, b1, b2)),
                    Operand(index_type, extents(4, b1, 1), "rows 9"),
                    table,
                )
                tolerance = {"Q8_0": 1e-6, "Q4_0": 1e-4}.get(type_, _rounded(type_))
                yield OperationCase(
                    "SET_ROWS",
                    f"{type_} {n} {index_type}, {b1 * b2} tables",
                    given,
                    table,
                    set_rows,
                    inplace=2,
                    tolerance=tolerance,
                )
        table = Operand(type_, extents(64, 9, 2, 1))
        given = (
            Operand("F32", extents(64, 4, 2, 1), gap=32, offset=16),
            Operand("I64", extents(4, 2), "rows 9", gap=1),
            table,
        )
        yield OperationCase(
            "SET_ROWS",
            f"{type_} views",
            given,
            table,
            set_rows,
            inplace=2,
            tolerance={"Q8_0": 1e-6, "Q4_0": 1e-4}.get(type_, _rounded(type_)),
        )

    def put(case: OperationCase, sources: Sequence[Array]) -> Array:
        *strides, offset, _ = (int(one) // 4 for one in case.params)
        whole = sources[0].copy().ravel()
        n3, n2, n1, n0 = sources[1].shape
        places = offset + (
            np.arange(n3)[:, None, None, None] * strides[2]
            + np.arange(n2)[:, None, None] * strides[1]
            + np.arange(n1)[:, None] * strides[0]
            + np.arange(n0)
        )
        whole[places] = sources[1]
        return whole.reshape(sources[0].shape)

    for type_ in ("F32", "I32"):
        ne, part = extents(6, 5, 4, 3), extents(4, 3, 2, 2)
        values = "index 50" if type_ == "I32" else "normal"
        # Rows of the whole, and one piece of it in a row.
        for nb, offset in (
            (Operand(type_, ne).nb, 0),
            (Operand(type_, ne).nb, (1 + 6 * 2) * 4),
            (Operand(type_, part).nb, 7 * 4),
        ):
            for inplace in (-1, 0):
                words = f"{type_} at {offset // 4}{' in place' if inplace == 0 else ''}"
                yield OperationCase(
                    "SET",
                    words,
                    (Operand(type_, ne, values), Operand(type_, part, values)),
                    Operand(type_, ne),
                    put,
                    (nb[1], nb[2], nb[3], offset, int(inplace == 0)),
                    inplace,
                    tolerance=0.0,
                )

    whole, row = extents(1031, 3), extents(1031, 1)
    yield OperationCase(
        "SET",
        "F32 a row of 1031x3",
        (Operand("F32", whole), Operand("F32", row)),
        Operand("F32", whole),
        put,
        (*Operand("F32", whole).nb[1:], 1031 * 4, 0),
        tolerance=0.0,
    )


def _joined() -> Iterator[OperationCase]:
    def concatenated(case: OperationCase, sources: Sequence[Array]) -> Array:
        return np.concatenate(sources, axis=3 - int(case.params[0]))

    for type_ in ("F32", "I32"):
        values = "index 99" if type_ == "I32" else "normal"
        for dimension in range(4):
            ne = extents(11, 12, 3, 2)
            other, whole = list(ne), list(ne)
            other[dimension] = 7
            whole[dimension] += 7
            yield OperationCase(
                "CONCAT",
                f"{type_} along {dimension}",
                (Operand(type_, ne, values), Operand(type_, extents(*other), values)),
                Operand(type_, extents(*whole)),
                concatenated,
                (dimension,),
                tolerance=0.0,
            )
        yield OperationCase(
            "CONCAT",
            f"{type_} views",
            (
                Operand(type_, extents(11, 4, 3, 2), values, (1, 0, 2, 3)),
                Operand(type_, extents(5, 4, 3, 2), values, gap=3, offset=2),
            ),
            Operand(type_, extents(16, 4, 3, 2)),
            concatenated,
            (0,),
            tolerance=0.0,
        )
        yield OperationCase(
            "CONCAT",
            f"{type_} two views of one tensor",
            (
                Operand(type_, extents(8, 4), values, gap=8),
                Operand(type_, extents(8, 4), values, gap=8, offset=8, shares=0),
            ),
            Operand(type_, extents(8, 8)),
            concatenated,
            (1,),
            tolerance=0.0,
        )

    tail = extents(1031, 3)  # more than a workgroup, and no whole number of them
    sources = (Operand("F32", tail), Operand("F32", extents(1031, 2)))
    yield OperationCase(
        "CONCAT", "F32 1031x3 and 2", sources, Operand("F32", extents(1031, 5)), concatenated, (1,), tolerance=0.0
    )


def _repeated() -> Iterator[OperationCase]:
    def repeated(case: OperationCase, sources: Sequence[Array]) -> Array:
        n = case.output.ne[::-1]
        return np.tile(sources[0], tuple(a // b for a, b in zip(n, sources[0].shape, strict=True)))

    for type_ in ("F32", "F16", "I32", "I16"):
        values = "index 99" if type_.startswith("I") else "normal"
        ne = extents(10, 5, 4, 3)
        for times in ((1, 1, 1, 1), (2, 1, 1, 1), (1, 2, 1, 1), (1, 1, 2, 1), (1, 1, 1, 2), (3, 2, 2, 2)):
            whole = extents(*(a * b for a, b in zip(ne, times, strict=True)))
            yield OperationCase(
                "REPEAT",
                f"{type_} {'x'.join(map(str, times))}",
                (Operand(type_, ne, values),),
                Operand(type_, whole),
                repeated,
                tolerance=0.0,
                quick=type_ != "I32" or times == (3, 2, 2, 2),
            )
    yield OperationCase(
        "REPEAT",
        "F32 1031x3",
        (Operand("F32", extents(1031, 1)),),
        Operand("F32", extents(1031, 3)),
        repeated,
        tolerance=0.0,
    )
    yield OperationCase(
        "REPEAT",
        "F32 view",
        (Operand("F32", extents(10, 5, 4, 3), gap=3, offset=1),),
        Operand("F32", extents(20, 5, 8, 3)),
        repeated,
        tolerance=0.0,
    )


def _padded() -> Iterator[OperationCase]:
    def padded(case: OperationCase, sources: Sequence[Array]) -> Array:
        before_after = [(int(case.params[2 * i]), int(case.params[2 * i + 1])) for i in (3, 2, 1, 0)]
        return np.pad(sources[0], before_after, mode="wrap" if case.params[8] else "constant")

    ne = extents(11, 7, 3, 2)
    for pads in (
        (0, 1, 0, 2, 0, 0, 0, 0),
        (3, 1, 2, 4, 0, 0, 0, 0),
        (1, 2, 3, 4, 1, 1, 1, 0),
        (0, 0, 0, 0, 2, 1, 0, 3),
    ):
        whole = extents(*(n + pads[2 * i] + pads[2 * i + 1] for i, n in enumerate(ne)))
        for circular in (0, 1):
            if circular and any(pad > n for n, pad in zip((11, 11, 7, 7, 3, 3, 2, 2), pads, strict=True)):
                continue
            words = f"F32 {'-'.join(map(str, pads))}{' circular' if circular else ''}"
            yield OperationCase(
                "PAD", words, (Operand("F32", ne),), Operand("F32", whole), padded, (*pads, circular), tolerance=0.0
            )
    yield OperationCase(
        "PAD",
        "F32 1031x3",
        (Operand("F32", extents(1028, 3)),),
        Operand("F32", extents(1031, 3)),
        padded,
        (1, 2, 0, 0, 0, 0, 0, 0, 0),
        tolerance=0.0,
    )
    yield OperationCase(
        "PAD",
        "F32 view",
        (Operand("F32", ne, order=(2, 0, 1, 3), offset=3),),
        Operand("F32", extents(13, 9, 3, 2)),
        padded,
        (1, 1, 1, 1, 0, 0, 0, 0, 0),
        tolerance=0.0,
    )


def _triangles() -> Iterator[OperationCase]:
    keep = {"UPPER_DIAG": (np.triu, 0), "UPPER": (np.triu, 1), "LOWER_DIAG": (np.tril, 0), "LOWER": (np.tril, -1)}
    for name, (function, diagonal) in keep.items():

        def masked(
            case: OperationCase, sources: Sequence[Array], function: object = function, diagonal: int = diagonal
        ) -> Array:
            return function(sources[0], diagonal)  # type: ignore[operator, no-any-return]  # triu or tril

        for n in (10, 33):
            ne = extents(n, n, 4, 3)
            yield OperationCase(
                "TRI",
                f"F32 {name} {n}",
                (Operand("F32", ne),),
                Operand("F32", ne),
                masked,
                (f"GGML_TRI_TYPE_{name}",),
                tolerance=0.0,
            )

    def diagonal_of(case: OperationCase, sources: Sequence[Array]) -> Array:
        return np.asarray(np.eye(sources[0].shape[-1]) * sources[0])

    for n in (10, 33):
        yield OperationCase(
            "DIAG",
            f"F32 {n}",
            (Operand("F32", extents(n, 1, 4, 3)),),
            Operand("F32", extents(n, n, 4, 3)),
            diagonal_of,
            tolerance=0.0,
        )
