"""Operations on single values: unary ones, arithmetic of two tensors with broadcasting, gated units, scaling."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.operation import Operand, OperationCase, extents

_erf = np.vectorize(math.erf, otypes=[np.float64])
# Of results rounded to f16, and of functions that a shader works out in f16.
_HALF = 2e-6
_HALF_FUNCTION = 3e-5
_FLOAT = 1e-7
# The approximation 7.1.26 of Abramowitz and Stegun has an absolute error of up to 1.5e-7.
_APPROXIMATE = 1e-6


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def gelu(x: Array) -> Array:
    return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))


def gelu_erf(x: Array) -> Array:
    return np.asarray(0.5 * x * (1 + _erf(x / math.sqrt(2))))


def gelu_quick(x: Array) -> Array:
    return np.asarray(x * _sigmoid(1.702 * x))


def silu(x: Array) -> Array:
    return np.asarray(x * _sigmoid(x))


def xielu(x: Array, alpha_n: float, alpha_p: float, beta: float, eps: float) -> Array:
    negative = (np.expm1(np.minimum(x, eps)) - x) * alpha_n + beta * x
    return np.asarray(np.where(x > 0, alpha_p * x * x + beta * x, negative))


UNARY: dict[str, Callable[[Array], Array]] = {
    "ABS": np.abs,
    "SGN": np.sign,
    "NEG": np.negative,
    "STEP": lambda x: (x > 0).astype(np.float64),
    "TANH": np.tanh,
    "ELU": lambda x: np.where(x > 0, x, np.expm1(x)),
    "RELU": lambda x: np.maximum(x, 0),
    "SIGMOID": _sigmoid,
    "GELU": gelu,
    "GELU_QUICK": gelu_quick,
    "GELU_ERF": gelu_erf,
    "SILU": silu,
    "HARDSWISH": lambda x: x * np.clip((x + 3) / 6, 0, 1),
    "HARDSIGMOID": lambda x: np.clip((x + 3) / 6, 0, 1),
    "EXP": np.exp,
    "EXPM1": np.expm1,
    "SOFTPLUS": lambda x: np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20)))),
    "FLOOR": np.floor,
    "CEIL": np.ceil,
    "ROUND": lambda x: np.trunc(x + np.copysign(0.5, x)),
    "TRUNC": np.trunc,
}
FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "SQR": np.square,
    "SQRT": np.sqrt,
    "LOG": np.log,
    "SIN": np.sin,
    "COS": np.cos,
}
_SIMPLE = frozenset(("ABS", "SGN", "NEG", "STEP", "RELU", "FLOOR", "CEIL", "ROUND", "TRUNC"))
GLU: dict[str, Callable[[Array], Array]] = {
    "REGLU": lambda x: np.maximum(x, 0),
    "GEGLU": gelu,
    "SWIGLU": silu,
    "GEGLU_ERF": gelu_erf,
    "GEGLU_QUICK": gelu_quick,
}
BINARY: dict[str, Callable[[Array, Array], Array]] = {
    "ADD": np.add,
    "SUB": np.subtract,
    "MUL": np.multiply,
    "DIV": np.divide,
}
_XIELU = (0.9, 0.6, 0.5, -1e-6)


def cases() -> Iterator[OperationCase]:
    yield from _unary()
    yield from _simple()
    yield from _binary()
    yield from _glu()
    yield from _others()


def of_first(function: Callable[[Array], Array]) -> Callable[[OperationCase, Sequence[Array]], Array]:
    return lambda case, sources: np.asarray(function(sources[0]))


def _tolerance(type_: str, name: str) -> float:
    if type_ == "F16":
        return 0.0 if name in _SIMPLE else _HALF_FUNCTION
    return _APPROXIMATE if name.endswith("_ERF") else _FLOAT


def _unary() -> Iterator[OperationCase]:
    for name, function in UNARY.items():
        params = (f"GGML_UNARY_OP_{name}",)
        values = "wide" if name in ("TANH", "SOFTPLUS", "SGN") else "normal"
        for type_ in ("F32", "F16"):
            yield OperationCase(
                "UNARY",
                f"{name} {type_}",
                (Operand(type_, extents(33, 5, 3, 2), values),),
                Operand(type_, extents(33, 5, 3, 2)),
                of_first(function),
                params,
                tolerance=_tolerance(type_, name),
                quick=type_ == "F32" or name in _SIMPLE,
            )
        # Where a formula made of powers of e leaves a float's range.
        if name not in ("EXP", "EXPM1"):
            ne = extents(33, 5)
            yield OperationCase(
                "UNARY",
                f"{name} F32 of large values",
                (Operand("F32", ne, "far"),),
                Operand("F32", ne),
                of_first(function),
                params,
                tolerance=_tolerance("F32", name),
            )
    gelu_params = ("GGML_UNARY_OP_SILU",)
    yield from _layouts("UNARY", silu, gelu_params)
    for type_ in ("F32", "F16"):
        for words, numbers in (("", _XIELU), (", all four count", (0.9, 0.6, 0.5, -0.5))):
            yield OperationCase(
                "UNARY",
                f"XIELU {type_}{words}",
                (Operand(type_, extents(33, 5, 3, 2)),),
                Operand(type_, extents(33, 5, 3, 2)),
                lambda case, sources: xielu(sources[0], *(float(one) for one in case.params[1:])),
                ("GGML_UNARY_OP_XIELU", *numbers),
                tolerance=_tolerance(type_, "XIELU"),
            )


def _layouts(
    op: str, function: Callable[[Array], Array], params: tuple[int | float | str, ...] = ()
) -> Iterator[OperationCase]:
    """Views, in place, sizes around a workgroup's."""
    ne = extents(37, 4, 3, 2)
    reference = of_first(function)
    yield OperationCase(
        op, "F32 permuted", (Operand("F32", ne, "positive", (2, 0, 1, 3)),), Operand("F32", ne), reference, params
    )
    yield OperationCase(
        op,
        "F32 view of wider rows",
        (Operand("F32", ne, "positive", gap=3, offset=5),),
        Operand("F32", ne, offset=7),
        reference,
        params,
    )
    yield OperationCase(
        op, "F32 in place", (Operand("F32", ne, "positive"),), Operand("F32", ne), reference, params, inplace=0
    )
    yield OperationCase(
        op,
        "F32 in place at an offset",
        (Operand("F32", ne, "positive", offset=9),),
        Operand("F32", ne, offset=9),
        reference,
        params,
        inplace=0,
    )
    tail = extents(1031, 3)  # more than a workgroup, and no whole number of them
    yield OperationCase(op, "F32 1031x3", (Operand("F32", tail, "positive"),), Operand("F32", tail), reference, params)
    large = extents(512, 65535)
    yield OperationCase(
        op,
        "F32 512 x 65,535",
        (Operand("F32", large, "positive"),),
        Operand("F32", large),
        reference,
        params,
        is_run=False,
    )


def _simple() -> Iterator[OperationCase]:
    for op, function in FUNCTIONS.items():
        values = "positive" if op in ("SQRT", "LOG") else "normal"
        for type_ in ("F32", "F16"):
            ne = extents(130, 9, 2, 2)
            yield OperationCase(
                op,
                type_,
                (Operand(type_, ne, values),),
                Operand(type_, ne),
                of_first(function),
                tolerance=_HALF if type_ == "F16" else _FLOAT,
            )
        yield from _layouts(op, function)
    for type_ in ("F32", "F16"):
        ne = extents(10, 5, 4, 3)
        yield OperationCase(
            "CLAMP",
            type_,
            (Operand(type_, ne),),
            Operand(type_, ne),
            lambda case, sources: np.clip(sources[0], float(case.params[0]), float(case.params[1])),
            (-0.5, 0.5),
            tolerance=_HALF,
        )
    yield from _layouts("CLAMP", lambda x: np.clip(x, 0.3, 1.5), (0.3, 1.5))
    ne = extents(303, 7, 2, 2)
    yield OperationCase(
        "FILL",
        "F32",
        (Operand("F32", ne),),
        Operand("F32", ne),
        lambda case, sources: np.full(sources[0].shape, float(case.params[0])),
        (-152.0,),
    )


def _binary() -> Iterator[OperationCase]:
    ne = extents(10, 5, 4, 3)
    broadcasts = (ne, extents(1, 5, 4, 3), extents(10, 1, 1, 1), extents(10, 5, 1, 3), extents(1, 1, 4, 3))
    for op, function in BINARY.items():

        def reference(
            case: OperationCase, sources: Sequence[Array], function: Callable[[Array, Array], Array] = function
        ) -> Array:
            first, second = sources[0], sources[1]
            repeats = tuple(n // m for n, m in zip(first.shape, second.shape, strict=True))
            return np.asarray(function(first, np.tile(second, repeats)))

        for type_ in ("F32", "F16"):
            tolerance = _HALF if type_ == "F16" else _FLOAT
            for other in broadcasts:
                shown = "x".join(map(str, other))
                yield OperationCase(
                    op,
                    f"{type_} with {shown}",
                    (Operand(type_, ne), Operand(type_, other, "positive")),
                    Operand(type_, ne),
                    reference,
                    tolerance=tolerance,
                    quick=op == "ADD" or other in broadcasts[:2],
                )
        tail = extents(1031, 3)
        sources = (Operand("F32", tail), Operand("F32", tail, "positive"))
        yield OperationCase(op, "F32 1031x3", sources, Operand("F32", tail), reference)
        wide = extents(20, 10, 4, 3)
        yield OperationCase(
            op,
            "F32 repeated twice",
            (Operand("F32", wide), Operand("F32", ne, "positive")),
            Operand("F32", wide),
            reference,
        )
        yield OperationCase(
            op,
            "F32 views",
            (Operand("F32", ne, gap=2, offset=3), Operand("F32", ne, "positive", (1, 0, 2, 3), offset=1)),
            Operand("F32", ne, offset=70),
            reference,
        )
        yield OperationCase(
            op,
            "F32 in place",
            (Operand("F32", ne), Operand("F32", ne, "positive")),
            Operand("F32", ne),
            reference,
            inplace=0,
        )
        yield OperationCase(
            op,
            "F32 into its second operand",
            (Operand("F32", ne), Operand("F32", ne, "positive")),
            Operand("F32", ne),
            reference,
            inplace=1,
        )
        large = extents(512, 65535)
        sources = (Operand("F32", large), Operand("F32", large, "positive"))
        yield OperationCase(op, "F32 512 x 65,535", sources, Operand("F32", large), reference, is_run=False)
        whole = extents(20, 9)
        for first, words in ((0, "itself"), (40, "what overlaps it")):
            yield OperationCase(
                op,
                f"F32 with {words}",
                (
                    Operand("F32", whole, "positive", offset=first),
                    Operand("F32", whole, "positive", shares=0),
                ),
                Operand("F32", whole),
                reference,
            )
        yield OperationCase(
            op,
            "F32 two views of one tensor",
            (Operand("F32", ne, "positive", gap=10), Operand("F32", ne, "positive", gap=10, offset=10, shares=0)),
            Operand("F32", ne),
            reference,
        )


def _glu() -> Iterator[OperationCase]:
    half = extents(33, 4, 3, 2)
    both = extents(66, 4, 3, 2)
    for name, function in GLU.items():
        op_name = f"GGML_GLU_OP_{name}"

        def joined(
            case: OperationCase, sources: Sequence[Array], function: Callable[[Array], Array] = function
        ) -> Array:
            if len(sources) == 2:
                return np.asarray(function(sources[0]) * sources[1])
            first, second = np.split(sources[0], 2, axis=-1)
            if case.params[1]:
                first, second = second, first
            return np.asarray(function(first) * second)

        for type_ in ("F32", "F16"):
            tolerance = _HALF_FUNCTION if type_ == "F16" else _APPROXIMATE if "ERF" in name else _FLOAT
            for swapped in (0, 1):
                words = " swapped" if swapped else ""
                yield OperationCase(
                    "GLU",
                    f"{name} {type_}{words}",
                    (Operand(type_, both),),
                    Operand(type_, half),
                    joined,
                    (op_name, swapped),
                    tolerance=tolerance,
                    quick=type_ == "F32" or not swapped,
                )
            yield OperationCase(
                "GLU",
                f"{name} {type_} of two",
                (Operand(type_, half), Operand(type_, half)),
                Operand(type_, half),
                joined,
                (op_name, 0),
                tolerance=tolerance,
            )
            yield OperationCase(
                "GLU",
                f"{name} {type_} of two halves of one",
                (Operand(type_, half, gap=33), Operand(type_, half, gap=33, offset=33, shares=0)),
                Operand(type_, half),
                joined,
                (op_name, 0),
                tolerance=tolerance,
            )

    for ne, values, words in ((extents(1031, 3), "normal", "1031x3"), (extents(33, 5), "far", "of large values")):
        for name in ("REGLU", "GEGLU", "SWIGLU"):

            def split(
                case: OperationCase, sources: Sequence[Array], function: Callable[[Array], Array] = GLU[name]
            ) -> Array:
                return np.asarray(function(sources[0]) * sources[1])

            yield OperationCase(
                "GLU",
                f"{name} F32 of two, {words}",
                (Operand("F32", ne, values), Operand("F32", ne)),
                Operand("F32", ne),
                split,
                (f"GGML_GLU_OP_{name}", 0),
            )

    def limited(case: OperationCase, sources: Sequence[Array]) -> Array:
        alpha, limit = float(case.params[2]), float(case.params[3])
        first = np.minimum(sources[0], limit)
        return np.asarray(first * _sigmoid(alpha * first) * (np.clip(sources[1], -limit, limit) + 1))

    yield OperationCase(
        "GLU",
        "SWIGLU_OAI F32 of two",
        (Operand("F32", half, "wide"), Operand("F32", half, "wide")),
        Operand("F32", half),
        limited,
        ("GGML_GLU_OP_SWIGLU_OAI", 0, 1.702, 7.0),
    )


def _others() -> Iterator[OperationCase]:
    for name, params in (("", (2.0, 0.0)), (" with bias", (0.5, 1.25))):
        yield OperationCase(
            "SCALE",
            f"F32{name}",
            (Operand("F32", extents(10, 10, 3, 2)),),
            Operand("F32", extents(10, 10, 3, 2)),
            lambda case, sources: sources[0] * float(case.params[0]) + float(case.params[1]),
            params,
        )
    tail = extents(1031, 3)
    yield OperationCase(
        "SCALE",
        "F32 1031x3",
        (Operand("F32", tail),),
        Operand("F32", tail),
        lambda case, sources: sources[0] * 2.0 + 1.0,
        (2.0, 1.0),
    )
    large = extents(512, 65535)
    yield OperationCase(
        "SCALE",
        "F32 512 x 65,535",
        (Operand("F32", large),),
        Operand("F32", large),
        lambda case, sources: sources[0] * 2.0,
        (2.0, 0.0),
        is_run=False,
    )
    yield OperationCase(
        "SCALE",
        "F32 in place",
        (Operand("F32", extents(100, 10)),),
        Operand("F32", extents(100, 10)),
        lambda case, sources: sources[0] * 2.0,
        (2.0, 0.0),
        inplace=0,
    )
    yield OperationCase(
        "SCALE",
        "F32 view",
        (Operand("F32", extents(30, 4, 3, 2), gap=6, offset=6),),
        Operand("F32", extents(30, 4, 3, 2)),
        lambda case, sources: sources[0] * 2.0,
        (2.0, 0.0),
    )

    def add_id(case: OperationCase, sources: Sequence[Array]) -> Array:
        chosen = sources[2][0, 0].astype(int)  # [token, expert used]
        return np.asarray(sources[0] + sources[1][0, 0][chosen][None])

    for n_embd, n_experts, n_used, n_tokens in ((129, 8, 4, 5), (256, 4, 2, 32), (64, 3, 1, 1)):
        ne = extents(n_embd, n_used, n_tokens)
        sources = (
            Operand("F32", ne),
            Operand("F32", extents(n_embd, n_experts)),
            Operand("I32", extents(n_used, n_tokens), f"index {n_experts}"),
        )
        yield OperationCase("ADD_ID", f"F32 {n_embd}, {n_used} of {n_experts}", sources, Operand("F32", ne), add_id)
    ne = extents(128, 4, 8)
    sources = (Operand("F32", ne), Operand("F32", extents(128, 8)), Operand("I32", extents(4, 8), "index 8", gap=4))
    yield OperationCase("ADD_ID", "F32 in place", sources, Operand("F32", ne), add_id, inplace=0)
