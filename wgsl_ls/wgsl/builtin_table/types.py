"""Predeclared types, aliases and type generators. Data only; descriptions are our own words."""

from __future__ import annotations

from wgsl_ls.wgsl.builtin_table.records import DAWN, PROPOSALS, SPECIFICATION, BuiltinType

_MATRIX = "chromium_experimental_subgroup_matrix"


def _type(
    name: str,
    category: str,
    anchor: str,
    doc: str,
    *,
    template: str = "",
    template_required: bool = True,
    alias_of: str | None = None,
    enable: str | None = None,
    requires: str | None = None,
) -> BuiltinType:
    url = anchor if "://" in anchor else SPECIFICATION + anchor
    parts = tuple(part.strip() for part in template.split(",") if part.strip())
    return BuiltinType(name, category, doc, url, parts, template_required, alias_of, enable, requires)


_COMPONENTS = {"i": "i32", "u": "u32", "f": "f32", "h": "f16"}


def _vectors() -> tuple[BuiltinType, ...]:
    layout = {2: "8 bytes (4 for f16), aligned to as many", 3: "12 bytes (6 for f16), aligned to 16 (8)"}
    layout[4] = "16 bytes (8 for f16), aligned to as many"
    types = []
    for size in (2, 3, 4):
        doc = f"Vector of {size} scalars. In memory {layout[size]}."
        anchor = "vector-types"
        types.append(_type(f"vec{size}", "vector", anchor, doc, template="T", template_required=False))
        for suffix, component in _COMPONENTS.items():
            types.append(
                _type(
                    f"vec{size}{suffix}",
                    "vector",
                    anchor,
                    doc,
                    alias_of=f"vec{size}<{component}>",
                    enable="f16" if suffix == "h" else None,
                )
            )
    return tuple(types)


def _matrices() -> tuple[BuiltinType, ...]:
    types = []
    for columns in (2, 3, 4):
        for rows in (2, 3, 4):
            name = f"mat{columns}x{rows}"
            doc = f"Matrix of {columns} columns with {rows} rows; in memory an array of {columns} vec{rows}."
            types.append(_type(name, "matrix", "matrix-types", doc, template="T", template_required=False))
            for suffix, component in (("f", "f32"), ("h", "f16")):
                types.append(
                    _type(
                        name + suffix,
                        "matrix",
                        "matrix-types",
                        doc,
                        alias_of=f"{name}<{component}>",
                        enable="f16" if suffix == "h" else None,
                    )
                )
    return tuple(types)


def _subgroup_matrices() -> tuple[BuiltinType, ...]:
    roles = {
        "left": "Left operand of a subgroup matrix product: K columns and M rows.",
        "right": "Right operand of a subgroup matrix product: N columns and K rows.",
        "result": "Result and accumulator of a subgroup matrix product: N columns and M rows.",
    }
    shared = (
        " Held by a whole subgroup together; only in function variables. Columns come before rows, and the "
        "device must support the shape."
    )
    return tuple(
        _type(
            f"subgroup_matrix_{kind}",
            "subgroup matrix",
            f"{PROPOSALS}subgroup-matrix.md",
            role + shared,
            template="T, columns, rows",
            enable=_MATRIX,
        )
        for kind, role in roles.items()
    )


SCALAR_TYPES = (
    _type(
        "bool",
        "scalar",
        "bool-type",
        "True or false. Not host-shareable: it cannot stand in a buffer; use u32.",
    ),
    _type(
        "i32",
        "scalar",
        "integer-types",
        "Signed integer of 32 bits, two's complement; arithmetic wraps around.",
    ),
    _type("u32", "scalar", "integer-types", "Unsigned integer of 32 bits; arithmetic wraps around."),
    _type(
        "f32",
        "scalar",
        "floating-point-types",
        "IEEE 754 binary32. Subnormals may be flushed to zero, and NaN and infinity may be assumed not to occur.",
    ),
    _type(
        "f16",
        "scalar",
        "floating-point-types",
        "IEEE 754 binary16: largest value 65504, 11 significant bits. Needs "
        "`enable f16;` and the device feature shader-f16.",
        enable="f16",
    ),
    _type(
        "i8",
        "scalar",
        f"{PROPOSALS}subgroup-matrix.md",
        "Component type of subgroup matrices only; in memory packed into i32.",
        enable=_MATRIX,
    ),
    _type(
        "u8",
        "scalar",
        f"{PROPOSALS}subgroup-matrix.md",
        "Component type of subgroup matrices only; in memory packed into u32.",
        enable=_MATRIX,
    ),
)

MEMORY_TYPES = (
    _type(
        "array",
        "array",
        "array-types",
        "N elements, or as many as the bound buffer holds if N is missing (storage "
        "buffers only, last member). In var<workgroup> N may be an override.",
        template="E, N",
        template_required=False,
    ),
    _type(
        "atomic",
        "atomic",
        "atomic-types",
        "An i32 or u32 that several invocations may change at once; only in storage "
        "(read_write) or workgroup memory and only through atomic functions.",
        template="T",
    ),
    _type(
        "ptr",
        "pointer",
        "ref-ptr-types",
        "Pointer into an address space; the access mode is written for storage "
        "only. Pointers cannot be stored or returned.",
        template="address space, T, access",
    ),
    _type(
        "buffer",
        "buffer",
        "buffer-types",
        "Untyped memory of N bytes, or as much as is bound if N is missing; read through bufferView.",
        template="N",
        template_required=False,
        requires="buffer_view",
    ),
    _type(
        "binding_array",
        "array",
        f"{PROPOSALS}sized-binding-arrays.md",
        "A fixed number of resources behind one binding; not in the specification yet.",
        template="T, N",
        requires="sized_binding_array",
    ),
)


def _texture(name: str, anchor: str, doc: str, template: str = "", requires: str | None = None) -> BuiltinType:
    return _type(name, "texture", anchor, doc, template=template, requires=requires)


_SAMPLED = "sampled-texture-type"
_STORAGE = "texture-storage"
_DEPTH = "texture-depth"

TEXTURE_TYPES = (
    _texture("texture_1d", _SAMPLED, "One-dimensional texture, sampled or loaded; T is f32, i32 or u32.", "T"),
    _texture("texture_2d", _SAMPLED, "Two-dimensional texture, sampled or loaded; T is f32, i32 or u32.", "T"),
    _texture("texture_2d_array", _SAMPLED, "Layers of two-dimensional textures.", "T"),
    _texture("texture_3d", _SAMPLED, "Three-dimensional texture.", "T"),
    _texture("texture_cube", _SAMPLED, "Cube texture, addressed by a direction.", "T"),
    _texture("texture_cube_array", _SAMPLED, "Layers of cube textures.", "T"),
    _texture(
        "texture_multisampled_2d",
        "multisampled-texture-type",
        "Two-dimensional texture with several samples per texel; only loaded, never sampled.",
        "T",
    ),
    _texture(
        "texture_multisampled_2d_array",
        f"{PROPOSALS}multisampled-array-textures.md",
        "Layers of multisampled textures; not in the specification yet.",
        "T",
    ),
    _texture("texture_depth_2d", _DEPTH, "Two-dimensional depth texture, also for comparison."),
    _texture("texture_depth_2d_array", _DEPTH, "Layers of two-dimensional depth textures."),
    _texture("texture_depth_cube", _DEPTH, "Depth cube texture."),
    _texture("texture_depth_cube_array", _DEPTH, "Layers of depth cube textures."),
    _texture(
        "texture_depth_multisampled_2d",
        "multisampled-texture-type",
        "Multisampled depth texture; only loaded.",
    ),
    _texture(
        "texture_external",
        "external-texture-type",
        "A video frame or similar, opaque in format; two-dimensional.",
    ),
    _texture(
        "texture_storage_1d",
        _STORAGE,
        "One-dimensional texture for reading or writing texels, without sampler.",
        "format, access",
    ),
    _texture(
        "texture_storage_2d",
        _STORAGE,
        "Two-dimensional texture for reading or writing texels, without sampler.",
        "format, access",
    ),
    _texture("texture_storage_2d_array", _STORAGE, "Layers of two-dimensional storage textures.", "format, access"),
    _texture(
        "texture_storage_3d",
        _STORAGE,
        "Three-dimensional texture for reading or writing texels.",
        "format, access",
    ),
    _texture(
        "texel_buffer",
        f"{PROPOSALS}texel-buffers.md",
        "A buffer read and written as texels of a format; not in the specification yet.",
        "format, access",
        "texel_buffers",
    ),
    _type(
        "input_attachment",
        "texture",
        DAWN,
        "The current pixel of a render attachment. Internal to Chromium.",
        template="T",
        enable="chromium_internal_input_attachments",
    ),
    _type("sampler", "sampler", "sampler-type", "How to filter and address a texture."),
    _type("sampler_comparison", "sampler", "sampler-type", "A sampler that compares depth values."),
)

TYPE_TABLE: tuple[BuiltinType, ...] = (
    *SCALAR_TYPES,
    *_vectors(),
    *_matrices(),
    *MEMORY_TYPES,
    *TEXTURE_TYPES,
    *_subgroup_matrices(),
)
