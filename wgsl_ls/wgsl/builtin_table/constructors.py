"""Value constructors: calls of a predeclared type's name. Data only; descriptions are our own words.

Every constructor of a vector or matrix comes twice: with its component type written (`vec3<T>(…)`, where T is
concrete) and with the type inferred (`vec3(…)`).
"""

from __future__ import annotations

from wgsl_ls.wgsl.builtin_table.records import (
    CONCRETE_NUMBERS,
    CONCRETE_SCALARS,
    FLOATS,
    PROPOSALS,
    SCALARS,
    SPECIFICATION,
    BuiltinFunction,
    where,
)

_CONCRETE_FLOATS = "f32|f16"
_MATRIX = "chromium_experimental_subgroup_matrix"


def _constructor(name: str, overloads: tuple[str, ...], doc: str, enable: str | None = None) -> BuiltinFunction:
    url = f"{SPECIFICATION}{name}-builtin"
    return BuiltinFunction(name, "constructor", doc, url, overloads, enable, is_const=True)


def _scalar(name: str, doc: str, enable: str | None = None) -> BuiltinFunction:
    overloads = (f"fn {name}() -> {name}", where(f"fn {name}(e: T) -> {name}", T=SCALARS))
    return _constructor(name, overloads, doc, enable)


def _both(name: str, parameters: str, concrete: str, inferred: str) -> tuple[str, str]:
    return (
        where(f"fn {name}<T>({parameters}) -> {name}<T>", T=concrete),
        where(f"fn {name}({parameters}) -> {name}<T>", T=inferred),
    )


_VECTOR_PARTS = {
    2: ("e: T", "x: T, y: T"),
    3: ("e: T", "x: T, y: T, z: T", "xy: vec2<T>, z: T", "x: T, yz: vec2<T>"),
    4: (
        "e: T",
        "x: T, y: T, z: T, w: T",
        "xy: vec2<T>, z: T, w: T",
        "x: T, yz: vec2<T>, w: T",
        "x: T, y: T, zw: vec2<T>",
        "xy: vec2<T>, zw: vec2<T>",
        "xyz: vec3<T>, w: T",
        "x: T, yzw: vec3<T>",
    ),
}


def _vector(size: int) -> BuiltinFunction:
    name = f"vec{size}"
    overloads = [
        f"fn {name}() -> {name}<AbstractInt>",
        where(f"fn {name}<T>() -> {name}<T>", T=CONCRETE_SCALARS),
    ]
    for parameters in _VECTOR_PARTS[size]:
        overloads += _both(name, parameters, CONCRETE_SCALARS, SCALARS)
    overloads.append(where(f"fn {name}<T>(e: {name}<S>) -> {name}<T>", T=CONCRETE_SCALARS, S=SCALARS))
    overloads.append(where(f"fn {name}(e: {name}<T>) -> {name}<T>", T=SCALARS))
    doc = (
        f"A vector of {size} components from scalars and shorter vectors, from one scalar for all, "
        "or converted from another vector; zeros without arguments."
    )
    return _constructor(name, tuple(overloads), doc)


def _matrix(columns: int, rows: int) -> BuiltinFunction:
    name = f"mat{columns}x{rows}"
    scalars = ", ".join(f"e{column}{row}: T" for column in range(columns) for row in range(rows))
    vectors = ", ".join(f"v{column}: vec{rows}<T>" for column in range(columns))
    overloads = [where(f"fn {name}<T>() -> {name}<T>", T=_CONCRETE_FLOATS)]
    overloads.append(where(f"fn {name}<T>(e: {name}<S>) -> {name}<T>", T=_CONCRETE_FLOATS, S=FLOATS))
    overloads.append(where(f"fn {name}(e: {name}<T>) -> {name}<T>", T=FLOATS))
    overloads += _both(name, vectors, _CONCRETE_FLOATS, FLOATS)
    overloads += _both(name, scalars, _CONCRETE_FLOATS, FLOATS)
    doc = (
        f"A matrix of {columns} columns and {rows} rows, from its columns, from {columns * rows} scalars "
        "column by column, or converted from another float type; zeros without arguments. There is no diagonal form."
    )
    return _constructor(name, tuple(overloads), doc)


def _subgroup_matrix(kind: str) -> BuiltinFunction:
    name = f"subgroup_matrix_{kind}"
    counts = {"C": "count", "R": "count"}
    overloads = (
        where(f"fn {name}<T, C, R>() -> {name}<T, C, R>", T=f"{CONCRETE_NUMBERS}|i8|u8", **counts),
        where(f"fn {name}<T, C, R>(e: T) -> {name}<T, C, R>", T=CONCRETE_NUMBERS, **counts),
        where(f"fn {name}<T, C, R>(e: i32) -> {name}<T, C, R>", T="i8", **counts),
        where(f"fn {name}<T, C, R>(e: u32) -> {name}<T, C, R>", T="u8", **counts),
    )
    return BuiltinFunction(
        name,
        "constructor",
        "A subgroup matrix with all components equal to the argument, or zero without one.",
        f"{PROPOSALS}subgroup-matrix.md",
        overloads,
        _MATRIX,
        stages=("compute",),
        uniformity="subgroup_matrix",
    )


CONSTRUCTORS: tuple[BuiltinFunction, ...] = (
    _scalar("bool", "Converts to bool: false for zero (and -0.0), true for anything else."),
    _scalar("i32", "Converts to i32: floats are cut towards zero and limited to the range, u32 keeps its bits."),
    _scalar("u32", "Converts to u32: floats are cut towards zero and limited to the range, i32 keeps its bits."),
    _scalar("f32", "Converts to f32; true becomes 1.0. Integers beyond 2^24 are rounded."),
    _scalar("f16", "Converts to f16; magnitudes beyond 65504 overflow: an error for constants.", "f16"),
    _constructor(
        "array",
        (
            where("fn array<T, N>() -> array<T, N>", T="constructible", N="count"),
            where("fn array<T, N>(e...: T) -> array<T, N>", T="constructible", N="count"),
            where("fn array(e...: T) -> array<T, N>", T="constructible|AbstractInt|AbstractFloat", N="count"),
        ),
        "An array of its arguments, or of zeros without any. Written with a count it takes exactly that "
        "many; without template, the count is the number of arguments.",
    ),
    *(_vector(size) for size in (2, 3, 4)),
    *(_matrix(columns, rows) for columns in (2, 3, 4) for rows in (2, 3, 4)),
    *(_subgroup_matrix(kind) for kind in ("left", "right", "result")),
)
