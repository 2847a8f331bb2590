"""Predeclared functions that compute kernels live on: buffers, atomics, barriers, subgroups, quads, subgroup
matrices, and what Dawn adds. Data only; descriptions are our own words.
"""

from __future__ import annotations

from wgsl_ls.wgsl.builtin_table.records import (
    CONCRETE_NUMBERS,
    CONCRETE_SCALARS,
    DAWN,
    INTEGERS,
    PROPOSALS,
    SPECIFICATION,
    BuiltinFunction,
    scalar_and_vector,
    where,
)

_COMPUTE = ("compute",)
_NOT_VERTEX = ("fragment", "compute")
_MATRIX = "chromium_experimental_subgroup_matrix"
_MATRIX_URL = f"{PROPOSALS}subgroup-matrix.md"
_ATOMIC_64 = "atomic_vec2u_min_max"
_ATOMIC_SPACES = "storage|workgroup"
_BUFFER_SPACES = "storage|uniform|workgroup"

_IN_SUBGROUP = " Call it in uniform control flow (diagnostic rule subgroup_uniformity)."
_IN_WORKGROUP = (
    " Compute shaders only, and every invocation of the workgroup must get there: a call under control flow "
    "that is not uniform is an error that no directive turns off."
)


def _atomic(name: str, doc: str, anchor: str, parameters: str = ", v: T", result: str = " -> T") -> BuiltinFunction:
    signature = f"fn {name}(p: ptr<AS, atomic<T>, read_write>{parameters}){result}"
    overloads = (where(signature, T=INTEGERS, AS=_ATOMIC_SPACES),)
    doc += " Relaxed: it orders no other memory."
    return BuiltinFunction(name, "atomic", doc, SPECIFICATION + anchor, overloads, stages=_NOT_VERTEX, must_use=False)


def _wide_atomic(name: str, doc: str) -> BuiltinFunction:
    overloads = (f"fn {name}(p: ptr<storage, atomic<vec2<u32>>, read_write>, v: vec2<u32>)",)
    url = f"{PROPOSALS}atomic-64-min-max.md"
    return BuiltinFunction(name, "atomic", doc, url, overloads, enable=_ATOMIC_64, stages=_NOT_VERTEX, must_use=False)


def _barrier(name: str, doc: str, requires: str | None = None) -> BuiltinFunction:
    url = f"{SPECIFICATION}{name}-builtin"
    return BuiltinFunction(
        name,
        "synchronization",
        doc + _IN_WORKGROUP,
        url,
        (f"fn {name}()",),
        requires=requires,
        stages=_COMPUTE,
        must_use=False,
        uniformity="workgroup",
    )


def _subgroup(name: str, overloads: tuple[str, ...], doc: str, category: str = "subgroup") -> BuiltinFunction:
    url = f"{SPECIFICATION}{name.lower()}-builtin"
    return BuiltinFunction(
        name,
        category,
        doc + _IN_SUBGROUP,
        url,
        overloads,
        "subgroups",
        stages=_NOT_VERTEX,
        uniformity="subgroup",
    )


def _reduction(name: str, doc: str, domain: str = CONCRETE_NUMBERS) -> BuiltinFunction:
    return _subgroup(name, scalar_and_vector(f"fn {name}(e: T) -> T", domain), doc)


def _exchange(name: str, parameter: str, doc: str, *, index: bool = False) -> BuiltinFunction:
    overloads = scalar_and_vector(f"fn {name}(e: T, {parameter}) -> T", CONCRETE_NUMBERS)
    if index:
        overloads = (f"{overloads[0]}, I: {INTEGERS}", f"{overloads[1]}, I: {INTEGERS}")
    return _subgroup(name, overloads, doc, "quad" if name.startswith("quad") else "subgroup")


def _quad(name: str, doc: str) -> BuiltinFunction:
    return _subgroup(name, scalar_and_vector(f"fn {name}(e: T) -> T", CONCRETE_NUMBERS), doc, "quad")


BUFFERS = (
    BuiltinFunction(
        "arrayLength",
        "array",
        "Number of elements of a runtime-sized array, from the size of the bound buffer: whole elements "
        "only, at least 1. Takes a pointer to the array, not the array.",
        f"{SPECIFICATION}arrayLength-builtin",
        (where("fn arrayLength(p: ptr<AS, array<E>, AM>) -> u32", E="type", AS=_BUFFER_SPACES, AM="access"),),
    ),
    BuiltinFunction(
        "bufferView",
        "buffer view",
        "A pointer of another type into an untyped buffer, `offset` bytes from its start. The offset must "
        "be a multiple of the type's alignment (otherwise it is rounded down).",
        f"{SPECIFICATION}bufferview-builtin",
        (
            where(
                "fn bufferView<T>(p: ptr<AS, buffer, AM>, offset: I) -> ptr<AS, T, AM>",
                T="host_shareable",
                AS="storage|uniform",
                AM="access",
                I=INTEGERS,
            ),
            where(
                "fn bufferView<T>(p: ptr<AS, buffer<N>, AM>, offset: I) -> ptr<AS, T, AM>",
                T="host_shareable",
                AS=_BUFFER_SPACES,
                AM="access",
                N="count",
                I=INTEGERS,
            ),
        ),
        requires="buffer_view",
    ),
    BuiltinFunction(
        "bufferArrayView",
        "buffer view",
        "A pointer to a runtime-sized array of `size` bytes inside an untyped buffer, `offset` bytes from its start.",
        f"{SPECIFICATION}bufferarrayview-builtin",
        (
            where(
                "fn bufferArrayView<T>(p: ptr<AS, buffer, AM>, offset: I, size: S) -> ptr<AS, T, AM>",
                T="runtime_sized",
                AS="storage|uniform",
                AM="access",
                I=INTEGERS,
                S=INTEGERS,
            ),
            where(
                "fn bufferArrayView<T>(p: ptr<AS, buffer<N>, AM>, offset: I, size: S) -> ptr<AS, T, AM>",
                T="runtime_sized",
                AS=_BUFFER_SPACES,
                AM="access",
                N="count",
                I=INTEGERS,
                S=INTEGERS,
            ),
        ),
        requires="buffer_view",
    ),
    BuiltinFunction(
        "bufferLength",
        "buffer view",
        "Size in bytes of an untyped buffer, as far as this call may use it.",
        f"{SPECIFICATION}bufferlength-builtin",
        (
            where("fn bufferLength(p: ptr<AS, buffer, AM>) -> u32", AS="storage|uniform", AM="access"),
            where("fn bufferLength(p: ptr<AS, buffer<N>, AM>) -> u32", AS=_BUFFER_SPACES, AM="access", N="count"),
        ),
        requires="buffer_view",
    ),
)

ATOMICS = (
    _atomic("atomicLoad", "Reads an atomic.", "atomic-load", ""),
    _atomic("atomicStore", "Writes an atomic.", "atomic-store", result=""),
    _atomic(
        "atomicAdd",
        "Adds v and returns the value before; wraps around. There is none for floats.",
        "atomic-add",
    ),
    _atomic("atomicSub", "Subtracts v and returns the value before; wraps around.", "atomic-sub"),
    _atomic("atomicMax", "Stores the larger of old value and v; returns the old value.", "atomic-max"),
    _atomic("atomicMin", "Stores the smaller of old value and v; returns the old value.", "atomic-min"),
    _atomic("atomicAnd", "Stores old value & v; returns the old value.", "atomic-and"),
    _atomic("atomicOr", "Stores old value | v; returns the old value.", "atomic-or"),
    _atomic("atomicXor", "Stores old value ^ v; returns the old value.", "atomic-xor"),
    _atomic("atomicExchange", "Stores v and returns the value before.", "atomic-exchange"),
    _atomic(
        "atomicCompareExchangeWeak",
        "Stores v if the value equals cmp. Returns `old_value` and `exchanged`; the exchange may fail "
        "although the values are equal, so loop on `exchanged`.",
        "atomic-compare-exchange-weak",
        ", cmp: T, v: T",
        " -> __atomic_compare_exchange_result<T>",
    ),
    _wide_atomic("atomicStoreMax", "Stores the larger of two 64-bit unsigned integers, low word in x, high in y."),
    _wide_atomic("atomicStoreMin", "Stores the smaller of two 64-bit unsigned integers, low word in x, high in y."),
)

SYNCHRONIZATION = (
    _barrier(
        "storageBarrier",
        "Waits for the whole workgroup and makes its writes to storage buffers visible inside the "
        "workgroup. It does not order workgroup memory, and does not reach other workgroups.",
    ),
    _barrier(
        "textureBarrier",
        "Waits for the whole workgroup and makes its writes to storage textures visible inside the workgroup.",
        "readonly_and_readwrite_storage_textures",
    ),
    _barrier(
        "workgroupBarrier",
        "Waits for the whole workgroup and makes its writes to var<workgroup> visible to all of it. Needed "
        "between filling a shared tile and reading it, and again before overwriting it.",
    ),
    BuiltinFunction(
        "workgroupUniformLoad",
        "synchronization",
        "Reads workgroup memory with a barrier before and after; all invocations get the "
        "same value, and it counts as uniform. The pointer must be uniform." + _IN_WORKGROUP,
        f"{SPECIFICATION}workgroupUniformLoad-builtin",
        (
            where("fn workgroupUniformLoad(p: ptr<workgroup, T, read_write>) -> T", T="constructible"),
            where("fn workgroupUniformLoad(p: ptr<workgroup, atomic<T>, read_write>) -> T", T=INTEGERS),
        ),
        stages=_COMPUTE,
        uniformity="workgroup",
    ),
)

SUBGROUPS = (
    _reduction(
        "subgroupAdd",
        "Sum over the active invocations of the subgroup. The order of float additions is not fixed; f16 sums in f16.",
    ),
    _reduction(
        "subgroupExclusiveAdd",
        "Sum over active invocations with a smaller subgroup invocation id; 0 for the first.",
    ),
    _reduction("subgroupInclusiveAdd", "Sum over active invocations up to and including this one."),
    _reduction("subgroupMul", "Product over the active invocations of the subgroup."),
    _reduction(
        "subgroupExclusiveMul",
        "Product over active invocations with a smaller subgroup invocation id; 1 for the first.",
    ),
    _reduction("subgroupInclusiveMul", "Product over active invocations up to and including this one."),
    _reduction("subgroupMax", "Largest value among the active invocations of the subgroup."),
    _reduction("subgroupMin", "Smallest value among the active invocations of the subgroup."),
    _reduction("subgroupAnd", "Bitwise and over the active invocations of the subgroup.", INTEGERS),
    _reduction("subgroupOr", "Bitwise or over the active invocations of the subgroup.", INTEGERS),
    _reduction("subgroupXor", "Bitwise exclusive or over the active invocations of the subgroup.", INTEGERS),
    _subgroup("subgroupAll", ("fn subgroupAll(e: bool) -> bool",), "True if e is true in every active invocation."),
    _subgroup("subgroupAny", ("fn subgroupAny(e: bool) -> bool",), "True if e is true in any active invocation."),
    _subgroup(
        "subgroupBallot",
        ("fn subgroupBallot(pred: bool) -> vec4<u32>",),
        "A mask of 128 bits: bit i (bit i % 32 of component i / 32) is the predicate of the active "
        "invocation with id i.",
    ),
    _subgroup(
        "subgroupElect",
        ("fn subgroupElect() -> bool",),
        "True in exactly one active invocation, the one with the lowest id.",
    ),
    _exchange(
        "subgroupBroadcast",
        "@const id: I",
        "The value of the invocation with the given id, which must be a constant below 128 and active; for a "
        "computed id use `subgroupShuffle`.",
        index=True,
    ),
    _reduction("subgroupBroadcastFirst", "The value of the active invocation with the lowest id."),
    _exchange(
        "subgroupShuffle",
        "id: I",
        "The value of the invocation with the given id; indeterminate if that one is not active.",
        index=True,
    ),
    _exchange(
        "subgroupShuffleDown",
        "delta: u32",
        "The value of the invocation `delta` ids higher; indeterminate beyond the end. delta must be "
        "uniform in the subgroup and below 128.",
    ),
    _exchange(
        "subgroupShuffleUp",
        "delta: u32",
        "The value of the invocation `delta` ids lower; indeterminate before the start. delta must be "
        "uniform in the subgroup and below 128.",
    ),
    _exchange(
        "subgroupShuffleXor",
        "mask: u32",
        "The value of the invocation whose id differs by the bits of `mask`: the step of a butterfly "
        "reduction. mask must be uniform in the subgroup and below 128.",
    ),
)

QUADS = (
    _exchange(
        "quadBroadcast",
        "@const id: I",
        "The value of the invocation with the given constant id (0 to 3) in the quad of four.",
        index=True,
    ),
    _quad("quadSwapX", "The value of the neighbour along x in the quad of four."),
    _quad("quadSwapY", "The value of the neighbour along y in the quad of four."),
    _quad("quadSwapDiagonal", "The value of the diagonally opposite invocation in the quad of four."),
)

_KINDS = "subgroup_matrix_left<E, C, R>|subgroup_matrix_right<E, C, R>|subgroup_matrix_result<E, C, R>"
_COUNTS = {"C": "count", "R": "count"}
_INDEX = {"O": INTEGERS, "S": INTEGERS}
_ALL_COMPONENTS = "f32|f16|i32|u32|i8|u8"
# Memory holds bytes in whole words: a matrix of i8 loads from i32, one of u8 from u32.
_MEMORY = (
    {"E": CONCRETE_NUMBERS, "A": "array<E>|array<E, N>"},
    {"E": "i8", "A": "array<i32>|array<i32, N>"},
    {"E": "u8", "A": "array<u32>|array<u32, N>"},
)
_ANY_MEMORY = "array<A>|array<A, N>|array<vecV<A>>|array<vecV<A>, N>"


def _matrix(name: str, overloads: tuple[str, ...], doc: str, *, must_use: bool = True) -> BuiltinFunction:
    doc += " The whole subgroup must call it together, with the same scalar arguments and pointers."
    return BuiltinFunction(
        name,
        "subgroup matrix",
        doc,
        _MATRIX_URL,
        overloads,
        _MATRIX,
        stages=_COMPUTE,
        must_use=must_use,
        uniformity="subgroup_matrix",
    )


def _matrix_load() -> tuple[str, ...]:
    old = "fn subgroupMatrixLoad<M>(p: ptr<AS, A, AM>, offset: O, @const col_major: bool, stride: S) -> M"
    new = "fn subgroupMatrixLoad<M, L>(p: ptr<AS, D, AM>, offset: O, stride: S) -> M"
    spaces = {"AS": _ATOMIC_SPACES, "AM": "read|read_write"}
    rest = spaces | _INDEX | _COUNTS
    return (
        *(where(old, M=_KINDS, **memory, N="count", **rest) for memory in _MEMORY),
        where(
            new,
            M=_KINDS,
            L="row_major|col_major",
            E=_ALL_COMPONENTS,
            D=_ANY_MEMORY,
            A=CONCRETE_NUMBERS,
            N="count",
            **rest,
        ),
    )


def _matrix_store() -> tuple[str, ...]:
    old = "fn subgroupMatrixStore(p: ptr<AS, A, AM>, offset: O, m: M, @const col_major: bool, stride: S)"
    new = "fn subgroupMatrixStore<L>(p: ptr<AS, D, AM>, offset: O, m: M, stride: S)"
    spaces = {"AS": _ATOMIC_SPACES, "AM": "read_write"}
    rest = spaces | _INDEX | _COUNTS
    return (
        *(where(old, M=_KINDS, **memory, N="count", **rest) for memory in _MEMORY),
        where(
            new,
            L="row_major|col_major",
            M=_KINDS,
            E=_ALL_COMPONENTS,
            D=_ANY_MEMORY,
            A=CONCRETE_NUMBERS,
            N="count",
            **rest,
        ),
    )


def _products(name: str, template: str, accumulator: str) -> tuple[str, ...]:
    parameters = f"l: subgroup_matrix_left<T, K, R>, r: subgroup_matrix_right<T, C, K>{accumulator}"
    signature = f"fn {name}{template}({parameters}) -> subgroup_matrix_result<TR, C, R>"
    rest = {"C": "count", "R": "count", "K": "count"}
    return (
        where(signature, T="f16", TR="f32|f16", **rest),
        where(signature, T="f32", TR="f32", **rest),
        where(signature, T="i8|u8", TR="i32|u32|i8|u8", **rest),
        where(signature, T="i32|u32", TR="i32|u32", **rest),
    )


def _matrix_scalar(name: str, doc: str) -> BuiltinFunction:
    signature = f"fn {name}(m: M, s: V) -> M"
    overloads = (
        where(signature, M=_KINDS, E=CONCRETE_NUMBERS, V="E", **_COUNTS),
        where(signature, M=_KINDS, E="i8", V="i32", **_COUNTS),
        where(signature, M=_KINDS, E="u8", V="u32", **_COUNTS),
    )
    return _matrix(name, overloads, doc)


SUBGROUP_MATRICES = (
    _matrix(
        "subgroupMatrixLoad",
        _matrix_load(),
        "Loads a matrix of the given type from an array in storage or workgroup memory. offset and stride "
        "(from one row or column to the next) count array elements; the order is given by col_major, or by "
        "the template argument row_major or col_major in the newer form. 8-bit matrices load from arrays of "
        "i32 or u32.",
    ),
    _matrix(
        "subgroupMatrixStore",
        _matrix_store(),
        "Stores a matrix to an array in storage or workgroup memory. offset and stride count array "
        "elements; the order is given by col_major, or by the template argument in the newer form.",
        must_use=False,
    ),
    _matrix(
        "subgroupMatrixMultiply",
        _products("subgroupMatrixMultiply", "<TR>", ""),
        "The product of a left matrix (K columns, R rows) and a right matrix (C columns, K rows), with "
        "components of the type given as template argument. The device must support this combination of "
        "shape and types.",
    ),
    _matrix(
        "subgroupMatrixMultiplyAccumulate",
        _products("subgroupMatrixMultiplyAccumulate", "", ", acc: subgroup_matrix_result<TR, C, R>"),
        "left * right + acc. The device must support this combination of shape and types.",
    ),
    _matrix_scalar("subgroupMatrixScalarAdd", "Adds a scalar to every component of a matrix."),
    _matrix_scalar("subgroupMatrixScalarSubtract", "Subtracts a scalar from every component of a matrix."),
    _matrix_scalar("subgroupMatrixScalarMultiply", "Multiplies every component of a matrix by a scalar."),
)

_RESOURCES = (
    ""
    "sampler|sampler_comparison|texture_1d<K>|texture_2d<K>|texture_2d_array<K>|texture_3d<K>|texture_cube<K>|texture_cube_array<K>|texture_multisampled_2d<K>|texture_depth_2d|texture_depth_2d_array|texture_depth_cube|texture_depth_cube_array|texture_depth_multisampled_2d"
)


def _resource(name: str, result: str, doc: str) -> BuiltinFunction:
    signature = where(f"fn {name}<T>(index: I) -> {result}", T=_RESOURCES, K="f32|i32|u32", I=INTEGERS)
    url = f"{PROPOSALS}bindless.md"
    return BuiltinFunction(name, "resource table", doc, url, (signature,), "chromium_experimental_resource_table")


DAWN_EXTRAS = (
    _resource(
        "getResource",
        "T",
        "The resource in a slot of the resource table (bindless); a default one if the slot holds another type.",
    ),
    _resource("hasResource", "bool", "True if a slot of the resource table holds a resource of the given type."),
    BuiltinFunction(
        "inputAttachmentLoad",
        "input attachment",
        "Reads the current pixel of an input attachment. Internal to Chromium.",
        DAWN,
        (where("fn inputAttachmentLoad(t: input_attachment<T>) -> vec4<T>", T="f32|i32|u32"),),
        "chromium_internal_input_attachments",
        stages=("fragment",),
        must_use=False,
    ),
    BuiltinFunction(
        "print",
        "debugging",
        "Prints a value from the shader, for developers of Dawn; not in any specification.",
        DAWN,
        scalar_and_vector("fn print(e: T)", CONCRETE_SCALARS),
        requires="chromium_print",
        must_use=False,
    ),
)

COMPUTE_FUNCTIONS: tuple[BuiltinFunction, ...] = (
    *BUFFERS,
    *ATOMICS,
    *SYNCHRONIZATION,
    *SUBGROUPS,
    *QUADS,
    *SUBGROUP_MATRICES,
    *DAWN_EXTRAS,
)
