"""HostLibrary: what must be known of a host that its own text does not say, as data. Another host of the
preprocessor is another table: the ggml one is below, `[host]` of wgsl-ls.toml describes others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

Values = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class NumberValues:
    """Values of an input, or of several that go together (then each value is a tuple). `op`: only for this
    operation. `chosen`: they are a choice among many, not all there are."""

    inputs: tuple[str, ...]
    values: Values
    op: str = ""
    chosen: bool = True


@dataclass(frozen=True, slots=True)
class LibraryTable:
    """A function that looks its argument up in the global array `array`. `column`: which field of the row it
    gives, "" for the row. `shipped`: column -> index -> value, for what the files read do not say."""

    array: str
    column: str
    shipped: Mapping[str, Mapping[int, object]]


@dataclass(frozen=True, slots=True)
class HostLibrary:
    """`preprocess`: names of the calls that expand a shader. `gate`: glob of the function that says what the
    host takes; `dispatch`: glob of the function that hands work out ("" = found by what it calls). `files`: of
    the library, with its enums and tables. `shader_names`: the identifier of a shader's text, with "{stem}" ("" =
    any that ends in the stem). `opaque`: functions that answer yes or no about things outside, with how to say it;
    `numbers`: functions that give a number from outside; `enum_functions`: functions that give a value of an enum
    from outside; `tables`: functions that look something up. `same`: (pattern, replacement) that give one thing
    one name, wherever it is read. `device`: which fact of a device a member names. `asserts`, `aborts`: calls that
    end the host unless, or always; `ignored`: calls without effect. `needs`: facts of a device without which the
    host does not take it, where the files read do not say so; `unspoken`: inputs (globs) that say nothing to
    a reader. `reuses`: operations whose result the library's allocator may lay over a source, which no gate sees.
    `values`: of inputs. `field_types`, `enums`: for structs and enums that the files read do not have."""

    name: str = ""
    preprocess: tuple[str, ...] = ("preprocess", "preprocess_file", "preprocess_includes")
    gate: str = "*supports_op"
    dispatch: str = ""
    files: tuple[str, ...] = ()
    shader_names: str = ""
    opaque: Mapping[str, str] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    enum_functions: Mapping[str, str] = field(default_factory=dict)
    same: tuple[tuple[str, str], ...] = ()
    device: Mapping[str, str] = field(default_factory=dict)
    asserts: tuple[str, ...] = ("assert", "GGML_ASSERT", "ASSERT", "CHECK")
    aborts: tuple[str, ...] = ("abort", "exit", "terminate", "GGML_ABORT", "GGML_UNREACHABLE", "unreachable")
    ignored: tuple[str, ...] = (
        "printf",
        "fprintf",
        "GGML_UNUSED",
        "GGML_LOG_DEBUG",
        "WEBGPU_LOG_DEBUG",
        "GGML_LOG_ERROR",
    )
    needs: tuple[str, ...] = ()
    unspoken: tuple[str, ...] = ()
    reuses: tuple[str, ...] = ()
    values: tuple[NumberValues, ...] = ()
    field_types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    enums: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tables: Mapping[str, LibraryTable] = field(default_factory=dict)

    @property
    def spoken_macros(self) -> frozenset[str]:
        """Names whose meaning is stated here, though a file may define them as macros."""
        return frozenset((*self.asserts, *self.aborts, *self.ignored, *self.pure))

    @property
    def pure(self) -> frozenset[str]:
        """Functions that change nothing: what they give is stated here."""
        return frozenset((*self.opaque, *self.numbers, *self.enum_functions, *self.tables))


DEVICE_FIELDS: Final[dict[str, str]] = {
    "maxComputeInvocationsPerWorkgroup": "invocations",
    "max_wg_size": "invocations",
    "maxComputeWorkgroupStorageSize": "workgroup_storage",
    "wg_mem_limit_bytes": "workgroup_storage",
    "maxComputeWorkgroupsPerDimension": "workgroups_per_dimension",
    "maxStorageBuffersPerShaderStage": "storage_buffers",
    "maxStorageBufferBindingSize": "storage_binding",
    "minStorageBufferOffsetAlignment": "storage_alignment",
    "supports_subgroups": "subgroups",
    "supports_subgroup_matrix": "has_matrix",
    "sg_mat_m": "matrix_m",
    "sg_mat_n": "matrix_n",
    "sg_mat_k": "matrix_k",
    "min_subgroup_size": "subgroup_min",
    "subgroup_size": "subgroup_max",
    "max_subgroup_size": "subgroup_max",
    "subgroupMinSize": "subgroup_min",
    "subgroupMaxSize": "subgroup_max",
    "supports_dot_product": "dot_product",
    "supports_f16": "f16",
    "vendor": "vendor",
}

FEATURES: Final[dict[str, str]] = {
    "ShaderF16": "f16",
    "Subgroups": "subgroups",
    "ChromiumExperimentalSubgroupMatrix": "has_matrix",
}
"""WebGPU's features (the last word of their C++ names) that are facts of a device."""

# (values, type size in bytes, whole blocks) of ggml's element types: numbers of the file format, which do not
# change; used where ggml.c is not among the files.
_TYPES: Final = {
    0: ("f32", 1, 4, False), 1: ("f16", 1, 2, False), 2: ("q4_0", 32, 18, True), 3: ("q4_1", 32, 20, True),
    6: ("q5_0", 32, 22, True), 7: ("q5_1", 32, 24, True), 8: ("q8_0", 32, 34, True), 9: ("q8_1", 32, 36, True),
    10: ("q2_K", 256, 84, True), 11: ("q3_K", 256, 110, True), 12: ("q4_K", 256, 144, True),
    13: ("q5_K", 256, 176, True), 14: ("q6_K", 256, 210, True), 15: ("q8_K", 256, 292, True),
    16: ("iq2_xxs", 256, 66, True), 17: ("iq2_xs", 256, 74, True), 18: ("iq3_xxs", 256, 98, True),
    19: ("iq1_s", 256, 50, True), 20: ("iq4_nl", 32, 18, True), 21: ("iq3_s", 256, 110, True),
    22: ("iq2_s", 256, 82, True), 23: ("iq4_xs", 256, 136, True), 24: ("i8", 1, 1, False),
    25: ("i16", 1, 2, False), 26: ("i32", 1, 4, False), 27: ("i64", 1, 8, False), 28: ("f64", 1, 8, False),
    29: ("iq1_m", 256, 56, True), 30: ("bf16", 1, 2, False), 34: ("tq1_0", 256, 54, True),
    35: ("tq2_0", 256, 66, True), 39: ("mxfp4", 32, 17, True), 40: ("nvfp4", 64, 36, True),
    41: ("q1_0", 128, 18, True), 42: ("q2_0", 64, 18, True),
}  # fmt: skip  # a table
_OPS: Final = (
    "NONE DUP ADD ADD_ID ADD1 ACC SUB MUL DIV SQR SQRT LOG SIN COS SUM SUM_ROWS CUMSUM MEAN ARGMAX COUNT_EQUAL "
    "REPEAT REPEAT_BACK CONCAT SILU_BACK NORM RMS_NORM RMS_NORM_BACK GROUP_NORM L2_NORM MUL_MAT MUL_MAT_ID "
    "OUT_PROD SCALE SET CPY CONT RESHAPE VIEW PERMUTE TRANSPOSE GET_ROWS GET_ROWS_BACK SET_ROWS DIAG "
    "DIAG_MASK_INF DIAG_MASK_ZERO SOFT_MAX SOFT_MAX_BACK ROPE ROPE_BACK CLAMP CONV_TRANSPOSE_1D IM2COL "
    "IM2COL_BACK IM2COL_3D COL2IM_1D CONV_2D CONV_3D CONV_2D_DW CONV_TRANSPOSE_2D POOL_1D POOL_2D POOL_2D_BACK "
    "UPSCALE PAD PAD_REFLECT_1D ROLL ARANGE TIMESTEP_EMBEDDING ARGSORT TOP_K LEAKY_RELU TRI FILL FLASH_ATTN_EXT "
    "FLASH_ATTN_BACK SSM_CONV SSM_SCAN WIN_PART WIN_UNPART GET_REL_POS ADD_REL_POS RWKV_WKV6 GATED_LINEAR_ATTN "
    "RWKV_WKV7 SOLVE_TRI GATED_DELTA_NET LIGHTNING_INDEXER DSV4_HC_COMB DSV4_HC_PRE DSV4_HC_POST UNARY "
    "MAP_CUSTOM1 MAP_CUSTOM2 MAP_CUSTOM3 CUSTOM CROSS_ENTROPY_LOSS CROSS_ENTROPY_LOSS_BACK OPT_STEP_ADAMW "
    "OPT_STEP_SGD GLU "
)
_OP_NAMES: Final = _OPS.split()
_UNARY_OPS: Final = (
    "ABS SGN NEG STEP TANH ELU RELU SIGMOID GELU GELU_QUICK SILU HARDSWISH HARDSIGMOID EXP EXPM1 SOFTPLUS "
    "GELU_ERF XIELU FLOOR CEIL ROUND TRUNC "
)
_UNARY_NAMES: Final = _UNARY_OPS.split()
_GLU_NAMES: Final = ["REGLU", "GEGLU", "SWIGLU", "SWIGLU_OAI", "GEGLU_ERF", "GEGLU_QUICK"]
_TRI_NAMES: Final = ["UPPER_DIAG", "UPPER", "LOWER_DIAG", "LOWER"]


def _enum(prefix: str, names: list[str]) -> dict[str, int]:
    return {f"{prefix}{name}": index for index, name in enumerate(names)}


_COLUMNS: Final = ("type_name", "blck_size", "type_size", "is_quantized")
_TRAITS: Final[dict[str, dict[int, object]]] = {
    column: {value: row[index] for value, row in _TYPES.items()} for index, column in enumerate(_COLUMNS)
}
_HEAD_SIZES: Final = ((128, 128), (256, 256), (576, 512))  # usual, wide, and different for K and V

GGML: Final = HostLibrary(
    name="ggml",
    files=("ggml.h", "ggml.c"),
    shader_names="wgsl_{stem}",
    opaque={
        "ggml_webgpu_tensor_equal": "{0} is {1}",
        "ggml_webgpu_tensor_binding_overlap": "{1} overlaps {2}",
        "ggml_webgpu_tensor_binding_overlap_range": "{1} overlaps the merged range",
        "ggml_webgpu_tensor_overlap": "{0} overlaps {1}",
        "ggml_webgpu_flash_attn_float_vec4_aligned": "{0} is aligned to 4 elements",
        "ggml_is_contiguous": "{0} is contiguous",
        "ggml_is_contiguous_rows": "{0} has contiguous rows",
        "ggml_is_contiguous_1": "{0} is contiguous from dimension 1",
        "ggml_is_contiguous_channels": "{0} has contiguous channels",
        "ggml_is_empty": "{0} is empty",
        "ggml_are_same_shape": "{0} and {1} have the same shape",
        "ggml_can_fuse": "the next operation can be fused",
        "ggml_is_permuted": "{0} is permuted",
        "ggml_is_transposed": "{0} is transposed",
        "ggml_can_repeat": "{0} can be repeated to {1}",
        "ggml_is_scalar": "{0} is a scalar",
        "ggml_is_vector": "{0} is a vector",
        "ggml_is_matrix": "{0} is a matrix",
    },
    numbers=(
        "ggml_nbytes",
        "ggml_nelements",
        "ggml_nrows",
        "ggml_get_op_params_i32",
        "ggml_get_op_params_f32",
        "ggml_element_size",
        "ggml_webgpu_tensor_offset",
        "ggml_webgpu_tensor_misalignment",
        "ggml_webgpu_tensor_addr",
        "ggml_webgpu_tensor_align_offset",
        "ggml_webgpu_tensor_binding_size",
        "ggml_webgpu_flash_attn_tensor_offset",
    ),
    enum_functions={"ggml_get_unary_op": "ggml_unary_op", "ggml_get_glu_op": "ggml_glu_op"},
    same=(
        (r"(?:op|node|cgraph->nodes\[node_idx\]|nodes\[node_idx\])->src\[(\d)\]", r"src\1"),
        (r"op|node|cgraph->nodes\[node_idx\]|nodes\[node_idx\]", "dst"),
        (r"context\.((?:src\d|dst))", r"\1"),
        (r"dst->src\[(\d)\]", r"src\1"),
    ),
    device=DEVICE_FIELDS,
    needs=("f16",),
    unspoken=("dst is empty", "src? is empty", "*->flags *", "*_tensor_misalignment*"),
    # ggml_op_can_inplace of src/ggml-alloc.c, as of August 2026.
    reuses=(
        *("FILL", "SCALE", "DIAG_MASK_ZERO", "DIAG_MASK_INF", "ADD", "ADD_ID", "ADD1", "SUB", "MUL", "DIV", "SQR"),
        *("SQRT", "LOG", "UNARY", "ROPE", "ROPE_BACK", "SILU_BACK", "RMS_NORM", "RMS_NORM_BACK", "SOFT_MAX"),
        "SOFT_MAX_BACK",
    ),
    values=(
        NumberValues(("src0->ne[0]", "src2->ne[0]"), _HEAD_SIZES, "GGML_OP_FLASH_ATTN_EXT"),
        NumberValues(("ggml_get_op_params_i32(dst, 0)",), (0, 1), "GGML_OP_ARGSORT", chosen=False),
        NumberValues(("ggml_get_op_params_i32(dst, 0)",), (0, 1, 2, 3), "GGML_OP_TRI", chosen=False),
        NumberValues(("ggml_get_op_params_i32(dst, 0)",), (0, 1, 2, 512, 513, 514), "GGML_OP_UPSCALE", chosen=False),
        NumberValues(("dst->ne[1]",), (1, 2, 3, 4, 5, 64), "GGML_OP_MUL_MAT"),
        NumberValues(("src0->ne[0]",), (128, 16, 256), "GGML_OP_SSM_SCAN"),
        NumberValues(("src2->ne[0]",), (128, 64), "GGML_OP_GATED_DELTA_NET"),
    ),
    field_types={
        "ggml_tensor": {
            "type": "ggml_type",
            "op": "ggml_op",
            "ne": "int64_t[]",
            "nb": "size_t[]",
            "op_params": "int32_t[]",
            "flags": "int32_t",
            "src": "ggml_tensor*[]",
            "view_src": "ggml_tensor*",
            "view_offs": "size_t",
            "data": "void*",
            "buffer": "ggml_backend_buffer*",
        }
    },
    enums={
        "ggml_type": {f"GGML_TYPE_{row[0].upper()}": value for value, row in _TYPES.items()},
        "ggml_op": _enum("GGML_OP_", _OP_NAMES),
        "ggml_unary_op": _enum("GGML_UNARY_OP_", _UNARY_NAMES),
        "ggml_glu_op": _enum("GGML_GLU_OP_", _GLU_NAMES),
        "ggml_tri_type": _enum("GGML_TRI_TYPE_", _TRI_NAMES),
        "ggml_sort_order": {"GGML_SORT_ORDER_ASC": 0, "GGML_SORT_ORDER_DESC": 1},
        "ggml_scale_mode": {
            "GGML_SCALE_MODE_NEAREST": 0,
            "GGML_SCALE_MODE_BILINEAR": 1,
            "GGML_SCALE_MODE_BICUBIC": 2,
        },
        "ggml_scale_flag": {"GGML_SCALE_FLAG_ALIGN_CORNERS": 256, "GGML_SCALE_FLAG_ANTIALIAS": 512},
        "ggml_tensor_flag": {"GGML_TENSOR_FLAG_COMPUTE": 16},
    },
    tables={
        "ggml_type_name": LibraryTable("type_traits", "type_name", _TRAITS),
        "ggml_blck_size": LibraryTable("type_traits", "blck_size", _TRAITS),
        "ggml_type_size": LibraryTable("type_traits", "type_size", _TRAITS),
        "ggml_is_quantized": LibraryTable("type_traits", "is_quantized", _TRAITS),
        "ggml_get_type_traits": LibraryTable("type_traits", "", _TRAITS),
        "ggml_op_name": LibraryTable("GGML_OP_NAME", "", {"": dict(enumerate(_OP_NAMES))}),
        "ggml_unary_op_name": LibraryTable("GGML_UNARY_OP_NAME", "", {"": dict(enumerate(_UNARY_NAMES))}),
        "ggml_glu_op_name": LibraryTable("GGML_GLU_OP_NAME", "", {"": dict(enumerate(_GLU_NAMES))}),
    },
)

PLAIN: Final = HostLibrary(device=DEVICE_FIELDS)
LIBRARIES: Final[dict[str, HostLibrary]] = {"ggml": GGML, "none": PLAIN}
