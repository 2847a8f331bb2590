"""Attributes, @builtin values, enumerants and extensions. Data only; descriptions are our own words."""

from __future__ import annotations

from wgsl_ls.wgsl.builtin_table.records import (
    DAWN,
    PROPOSALS,
    SPECIFICATION,
    Attribute,
    BuiltinValue,
    Enumerant,
    Extension,
)

_TIER1 = "texture_formats_tier1"
_MATRIX = "chromium_experimental_subgroup_matrix"


def _attribute(
    name: str,
    doc: str,
    forms: str,
    places: str,
    arguments: tuple[int, int] = (0, 0),
    *,
    url: str | None = None,
    enable: str | None = None,
) -> Attribute:
    anchor = url or f"{SPECIFICATION}{name.replace('_', '-')}-attr"
    spelled = tuple(form.strip() for form in forms.split(";"))
    standing = tuple(place.strip() for place in places.split(","))
    return Attribute(name, doc, anchor, spelled, standing, *arguments, enable=enable)


ATTRIBUTE_TABLE: tuple[Attribute, ...] = (
    _attribute(
        "align",
        "Alignment of a structure member in bytes: a power of two, a multiple of the type's own.",
        "@align(bytes)",
        "member",
        (1, 1),
    ),
    _attribute(
        "binding",
        "Number of the resource inside its bind group.",
        "@binding(number)",
        "resource variable",
        (1, 1),
    ),
    _attribute(
        "blend_src",
        "0 or 1: which of two blend sources this fragment output is.",
        "@blend_src(index)",
        "member",
        (1, 1),
        enable="dual_source_blending",
    ),
    _attribute(
        "builtin",
        "Marks an input or output whose value the system gives or takes.",
        "@builtin(name); @builtin(frag_depth, less|greater)",
        "parameter, return type, member",
        (1, 2),
    ),
    _attribute(
        "const",
        "Says in the specification that a function works in const-expressions; may not be written.",
        "@const",
        "",
    ),
    _attribute("compute", "Entry point of a compute pipeline; needs @workgroup_size.", "@compute", "function"),
    _attribute(
        "diagnostic",
        "Sets the severity of a diagnostic rule for the following function or statement.",
        "@diagnostic(severity, rule)",
        "function, statement",
        (2, 2),
    ),
    _attribute("fragment", "Entry point of a fragment shader.", "@fragment", "function"),
    _attribute(
        "group",
        "Number of the bind group that holds the resource.",
        "@group(number)",
        "resource variable",
        (1, 1),
    ),
    _attribute(
        "id",
        "Number by which the host can set an override, instead of its name; 0 to 65535.",
        "@id(number)",
        "override",
        (1, 1),
    ),
    _attribute(
        "interpolate",
        "How a value passes from vertices to fragments; integers must be flat.",
        "@interpolate(type); @interpolate(type, sampling)",
        "parameter, return type, member",
        (1, 2),
    ),
    _attribute(
        "invariant",
        "Same inputs give bitwise the same position in every pipeline.",
        "@invariant",
        "parameter, return type, member",
    ),
    _attribute(
        "location",
        "Number of a user-defined input or output of a vertex or fragment shader.",
        "@location(number)",
        "parameter, return type, member",
        (1, 1),
    ),
    _attribute("must_use", "Calls of this function may not drop its result.", "@must_use", "function"),
    _attribute(
        "size",
        "Bytes reserved for a structure member, at least the size of its type.",
        "@size(bytes)",
        "member",
        (1, 1),
    ),
    _attribute(
        "subgroup_size",
        "The exact subgroup size of this pipeline: a power of two that the adapter offers and "
        "that divides the workgroup's x size.",
        "@subgroup_size(size)",
        "compute entry point",
        (1, 1),
        enable="subgroup_size_control",
    ),
    _attribute("vertex", "Entry point of a vertex shader.", "@vertex", "function"),
    _attribute(
        "workgroup_size",
        "Invocations of a workgroup in x, y and z, missing ones are 1. Constants or "
        "overrides; their product is limited (256 by default).",
        "@workgroup_size(x); @workgroup_size(x, y); @workgroup_size(x, y, z)",
        "compute entry point",
        (1, 3),
    ),
    _attribute(
        "color",
        "Reads the framebuffer in a fragment shader. Experimental in Dawn.",
        "@color(attachment)",
        "parameter, member",
        (1, 1),
        url=DAWN,
        enable="chromium_experimental_framebuffer_fetch",
    ),
    _attribute(
        "input_attachment_index",
        "Number of an input attachment. Internal to Chromium.",
        "@input_attachment_index(number)",
        "resource variable",
        (1, 1),
        url=DAWN,
        enable="chromium_internal_input_attachments",
    ),
)


def _value(
    name: str,
    type_name: str,
    uses: str,
    doc: str,
    *,
    url: str | None = None,
    enable: str | None = None,
    requires: str | None = None,
) -> BuiltinValue:
    anchor = "num-workgroups-index" if name == "num_workgroups" else name.replace("_", "-")
    pairs = tuple((use.split()[0], use.split()[1]) for use in uses.split(","))
    link = url or f"{SPECIFICATION}{anchor}-builtin-value"
    return BuiltinValue(name, type_name, doc, link, pairs, enable, requires)


_SUBGROUP_USES = "compute input, fragment input"

BUILTIN_VALUE_TABLE: tuple[BuiltinValue, ...] = (
    _value("vertex_index", "u32", "vertex input", "Index of the vertex in the draw call, base vertex included."),
    _value("instance_index", "u32", "vertex input", "Index of the instance, first instance included."),
    _value(
        "clip_distances",
        "array<f32, N>",
        "vertex output",
        "Up to 8 distances; the primitive is clipped where one is negative.",
        enable="clip_distances",
    ),
    _value(
        "position",
        "vec4<f32>",
        "vertex output, fragment input",
        "Clip space position from the vertex shader; in fragments the pixel centre, depth and 1/w.",
    ),
    _value("front_facing", "bool", "fragment input", "True if the fragment belongs to a front-facing primitive."),
    _value(
        "frag_depth",
        "f32",
        "fragment output",
        "Replaces the fragment's depth; optionally promised to be less or greater than the interpolated one.",
    ),
    _value(
        "primitive_index",
        "u32",
        "fragment input",
        "Index of the primitive in the draw call.",
        enable="primitive_index",
    ),
    _value("sample_index", "u32", "fragment input", "Index of the sample; makes the shader run once per sample."),
    _value(
        "sample_mask",
        "u32",
        "fragment input, fragment output",
        "Bit i stands for sample i: covered on input, to be written on output.",
    ),
    _value(
        "local_invocation_id",
        "vec3<u32>",
        "compute input",
        "Position of the invocation inside its workgroup.",
    ),
    _value(
        "local_invocation_index",
        "u32",
        "compute input",
        "Position inside the workgroup as one number: x fastest, then y, then z.",
    ),
    _value(
        "global_invocation_id",
        "vec3<u32>",
        "compute input",
        "workgroup_id * workgroup_size + local_invocation_id.",
    ),
    _value(
        "global_invocation_index",
        "u32",
        "compute input",
        "Position in the whole dispatch as one number, x fastest.",
        requires="linear_indexing",
    ),
    _value(
        "workgroup_id",
        "vec3<u32>",
        "compute input",
        "Position of the workgroup in the dispatch; uniform in the workgroup.",
    ),
    _value(
        "workgroup_index",
        "u32",
        "compute input",
        "Position of the workgroup as one number, x fastest; uniform in the workgroup.",
        requires="linear_indexing",
    ),
    _value(
        "num_workgroups",
        "vec3<u32>",
        "compute input",
        "Size of the dispatch in workgroups; at most 65535 in each dimension by default.",
    ),
    _value(
        "subgroup_invocation_id",
        "u32",
        _SUBGROUP_USES,
        "Position of the invocation in its subgroup. Its relation to local_invocation_index is not specified.",
        enable="subgroups",
    ),
    _value(
        "subgroup_size",
        "u32",
        _SUBGROUP_USES,
        "Number of invocations of a full subgroup: a power of two, 4 to 128.",
        enable="subgroups",
    ),
    _value(
        "subgroup_id",
        "u32",
        "compute input",
        "Position of the subgroup in its workgroup.",
        enable="subgroups",
        requires="subgroup_id",
    ),
    _value(
        "num_subgroups",
        "u32",
        "compute input",
        "Number of subgroups in the workgroup.",
        enable="subgroups",
        requires="subgroup_id",
    ),
    _value(
        "barycentric_coord",
        "vec3<f32>",
        "fragment input",
        "Barycentric coordinates of the fragment. Experimental in Dawn.",
        url=DAWN,
        enable="chromium_experimental_barycentric_coord",
    ),
    _value(
        "view_index",
        "u32",
        "vertex input, fragment input",
        "Index of the view in multi-view rendering; not in the specification yet.",
        url=f"{PROPOSALS}view-instancing.md",
        enable="view_instancing",
    ),
)


def _enumerant(
    name: str,
    kind: str,
    anchor: str,
    doc: str,
    *,
    component: str | None = None,
    enable: str | None = None,
    requires: str | None = None,
) -> Enumerant:
    url = anchor if "://" in anchor else SPECIFICATION + anchor
    return Enumerant(name, kind, doc, url, component, enable, requires)


def _space(name: str, doc: str, requires: str | None = None) -> Enumerant:
    return _enumerant(name, "address_space", "address-space", doc, requires=requires)


# Channel format -> (what the shader sees, how a stored number becomes it).
_CHANNELS = {
    "unorm": ("f32", "unsigned, read as 0 to 1"),
    "snorm": ("f32", "signed, read as -1 to 1"),
    "uint": ("u32", "unsigned integers"),
    "sint": ("i32", "signed integers"),
    "float": ("f32", "floats"),
}
_TEXEL_FORMATS = """
rgba8unorm rgba8snorm rgba8uint rgba8sint rgba16uint rgba16sint rgba16float r32uint r32sint r32float
rg32uint rg32sint rg32float rgba32uint rgba32sint rgba32float bgra8unorm
"""
_TIER1_FORMATS = """
rgba16unorm rgba16snorm rg8unorm rg8snorm rg8uint rg8sint rg16unorm rg16snorm rg16uint rg16sint rg16float
r8unorm r8snorm r8uint r8sint r16unorm r16snorm r16uint r16sint r16float rgb10a2unorm rgb10a2uint
rg11b10ufloat
"""
_CHANNEL_NAMES = {"r": "one channel", "rg": "two channels", "rgba": "four channels"}


def _texel_format(name: str, requires: str | None) -> Enumerant:
    if name == "rgb10a2unorm":
        component, doc = "f32", "Three channels of 10 bits and alpha of 2, unsigned, read as 0 to 1."
    elif name == "rgb10a2uint":
        component, doc = "u32", "Three channels of 10 bits and alpha of 2, unsigned integers."
    elif name == "rg11b10ufloat":
        component, doc = "f32", "Small floats without sign: red and green of 11 bits, blue of 10."
    elif name == "bgra8unorm":
        component = "f32"
        doc = "Four channels of 8 bits, unsigned, read as 0 to 1, blue first; needs bgra8unorm-storage."
    else:
        channels = name.rstrip("abcdefghijklmnopqrstuvwxyz").rstrip("0123456789")
        bits = "".join(character for character in name if character.isdigit())
        component, reading = _CHANNELS[name[len(channels) + len(bits) :]]
        count = _CHANNEL_NAMES[channels]
        doc = f"{count[0].upper()}{count[1:]} of {bits} bits, {reading}."
    return _enumerant(name, "texel_format", "texel-formats", doc, component=component, requires=requires)


_INTERPOLATION = "interpolation"
_RULES = "filterable-triggering-rules"

ENUMERANT_TABLE: tuple[Enumerant, ...] = (
    _enumerant("read", "access_mode", "memory-access-mode", "Only reading; the default of var<storage>."),
    _enumerant("write", "access_mode", "memory-access-mode", "Only writing; for storage textures."),
    _enumerant("read_write", "access_mode", "memory-access-mode", "Reading and writing."),
    _space("function", "Variables of one call of a function, private to the invocation."),
    _space("private", "Module variables private to each invocation."),
    _space(
        "workgroup",
        "Shared by the invocations of a workgroup, zero at start; at least 16 KiB in all. Compute only.",
    ),
    _space(
        "uniform",
        "Read-only buffer, the same for all invocations; arrays in it have a stride of 16 bytes at least, "
        "unless the implementation lifts that rule; 64 KiB at most by default.",
    ),
    _space("storage", "Read-only (default) or read-write buffer; 128 MiB at most by default."),
    _space(
        "immediate",
        "A few bytes set directly by the command encoder; one variable per entry point.",
        "immediate_address_space",
    ),
    _enumerant(
        "pixel_local",
        "address_space",
        DAWN,
        "Pixel-local storage. Experimental in Dawn.",
        enable="chromium_experimental_pixel_local",
    ),
    *(_texel_format(name, None) for name in _TEXEL_FORMATS.split()),
    *(_texel_format(name, _TIER1) for name in _TIER1_FORMATS.split()),
    _enumerant(
        "perspective",
        "interpolation_type",
        _INTERPOLATION,
        "Corrected for perspective; the default of floats.",
    ),
    _enumerant("linear", "interpolation_type", _INTERPOLATION, "Linear on the screen, without perspective."),
    _enumerant("flat", "interpolation_type", _INTERPOLATION, "Not interpolated; required for integers."),
    _enumerant("center", "interpolation_sampling", _INTERPOLATION, "At the centre of the pixel; the default."),
    _enumerant("centroid", "interpolation_sampling", _INTERPOLATION, "At a point covered by the primitive."),
    _enumerant("sample", "interpolation_sampling", _INTERPOLATION, "At each sample; the shader runs once per sample."),
    _enumerant("first", "interpolation_sampling", _INTERPOLATION, "Flat: the value of the first vertex; the default."),
    _enumerant("either", "interpolation_sampling", _INTERPOLATION, "Flat: the value of the first or the last vertex."),
    _enumerant("error", "severity", "diagnostics", "The shader is rejected."),
    _enumerant("warning", "severity", "diagnostics", "Reported; the shader is accepted."),
    _enumerant("info", "severity", "diagnostics", "Reported as information."),
    _enumerant("off", "severity", "diagnostics", "Not reported."),
    _enumerant(
        "derivative_uniformity",
        "diagnostic_rule",
        _RULES,
        "A function that takes derivatives is called where control flow is not proven uniform. An error by default.",
    ),
    _enumerant(
        "subgroup_uniformity",
        "diagnostic_rule",
        _RULES,
        "A subgroup or quad function is called where control "
        "flow is not proven uniform, or a delta or mask is not. An error by default; naga warns only.",
    ),
    _enumerant(
        "chromium.subgroup_matrix_uniformity",
        "diagnostic_rule",
        f"{PROPOSALS}subgroup-matrix.md",
        "A subgroup matrix function is called where control flow or an argument is not proven uniform. Dawn only.",
        enable=_MATRIX,
    ),
    _enumerant("chromium.unreachable_code", "diagnostic_rule", DAWN, "Code that can never run. Dawn only."),
    _enumerant(
        "less",
        "depth_mode",
        "frag-depth-builtin-value",
        "The shader only lowers the depth.",
        requires="fragment_depth",
    ),
    _enumerant(
        "greater",
        "depth_mode",
        "frag-depth-builtin-value",
        "The shader only raises the depth.",
        requires="fragment_depth",
    ),
    _enumerant(
        "row_major",
        "majorness",
        f"{PROPOSALS}subgroup-matrix.md",
        "Rows of a subgroup matrix lie together in memory.",
        enable=_MATRIX,
    ),
    _enumerant(
        "col_major",
        "majorness",
        f"{PROPOSALS}subgroup-matrix.md",
        "Columns of a subgroup matrix lie together in memory.",
        enable=_MATRIX,
    ),
)


def _enable(
    name: str, doc: str, feature: str | None, url: str | None = None, implied: tuple[str, ...] = ()
) -> Extension:
    link = url or f"{SPECIFICATION}enable-extensions-sec"
    return Extension(name, "enable", doc, link, feature, implied, standard=url is None)


def _feature(name: str, doc: str, url: str | None = None) -> Extension:
    link = url or f"{SPECIFICATION}language-extensions-sec"
    return Extension(name, "requires", doc, link, standard=url is None)


ENABLE_EXTENSION_TABLE: tuple[Extension, ...] = (
    _enable("f16", "The type f16, its vectors and matrices, and literals with the suffix h.", "shader-f16"),
    _enable(
        "subgroups",
        "Subgroup and quad functions and the @builtin values subgroup_*. naga accepts these without the "
        "directive and does not know the directive.",
        "subgroups",
    ),
    _enable(
        "subgroup_size_control",
        "The attribute @subgroup_size; turns on subgroups too.",
        "subgroup-size-control",
        implied=("subgroups",),
    ),
    _enable("clip_distances", "@builtin(clip_distances) in vertex shaders.", "clip-distances"),
    _enable(
        "dual_source_blending",
        "@blend_src: two outputs of a fragment shader for one attachment.",
        "dual-source-blending",
    ),
    _enable("primitive_index", "@builtin(primitive_index) in fragment shaders.", "primitive-index"),
    _enable(
        "atomic_vec2u_min_max",
        "atomicStoreMin and atomicStoreMax on atomic<vec2<u32>> as a 64-bit integer; not in the specification yet.",
        "atomic-vec2u-min-max",
        f"{PROPOSALS}atomic-64-min-max.md",
    ),
    _enable(
        "view_instancing",
        "@builtin(view_index) for multi-view rendering; not in the specification yet.",
        None,
        f"{PROPOSALS}view-instancing.md",
    ),
    _enable(
        _MATRIX,
        "Subgroup matrices (tensor cores, cooperative matrices) in Dawn and Chrome; shapes depend on the device.",
        "chromium-experimental-subgroup-matrix",
        f"{PROPOSALS}subgroup-matrix.md",
    ),
    _enable("chromium_disable_uniformity_analysis", "Turns uniformity errors off in Dawn. Unsafe.", None, DAWN),
    _enable(
        "chromium_experimental_barycentric_coord",
        "@builtin(barycentric_coord). Experimental in Dawn.",
        None,
        DAWN,
    ),
    _enable(
        "chromium_experimental_framebuffer_fetch",
        "The attribute @color. Experimental in Dawn.",
        "framebuffer-fetch",
        DAWN,
    ),
    _enable(
        "chromium_experimental_pixel_local",
        "The address space pixel_local. Experimental in Dawn.",
        "pixel-local-storage-coherent",
        DAWN,
    ),
    _enable(
        "chromium_experimental_resource_table",
        "getResource and hasResource (bindless). Experimental in Dawn.",
        "chromium-experimental-sampling-resource-table",
        f"{PROPOSALS}bindless.md",
    ),
    _enable(
        "chromium_internal_input_attachments",
        "Input attachments. Internal to Chromium.",
        "dawn-internal-usages",
        DAWN,
    ),
)

LANGUAGE_FEATURE_TABLE: tuple[Extension, ...] = (
    _feature(
        "readonly_and_readwrite_storage_textures",
        "Storage textures with access read and read_write, and textureBarrier.",
    ),
    _feature("packed_4x8_integer_dot_product", "dot4U8Packed, dot4I8Packed and the packing of four bytes."),
    _feature(
        "unrestricted_pointer_parameters",
        "Pointers to storage, uniform and workgroup memory, and to parts of variables, as arguments of functions.",
    ),
    _feature("pointer_composite_access", "p.member and p[i] without writing (*p)."),
    _feature(
        "uniform_buffer_standard_layout",
        "Uniform buffers laid out as storage buffers are, without the rule of 16 bytes.",
    ),
    _feature("subgroup_id", "@builtin(subgroup_id) and @builtin(num_subgroups)."),
    _feature("subgroup_uniformity", "Uniformity is analysed by subgroup too, so fewer subgroup calls are rejected."),
    _feature("texture_and_sampler_let", "`let` declarations of textures and samplers."),
    _feature("texture_formats_tier1", "More texel formats for storage textures, such as r8unorm and rg16float."),
    _feature("linear_indexing", "@builtin(global_invocation_index) and @builtin(workgroup_index)."),
    _feature("immediate_address_space", "var<immediate>."),
    _feature("fragment_depth", "@builtin(frag_depth, less) and (frag_depth, greater)."),
    _feature("buffer_view", "The types buffer and buffer<N> with bufferView, bufferArrayView and bufferLength."),
    _feature(
        "swizzle_assignment",
        "Assignment to several components: v.xy = …; in Dawn, not in the specification yet.",
        DAWN,
    ),
    _feature(
        "sized_binding_array",
        "binding_array<T, N>; in Dawn, not in the specification yet.",
        f"{PROPOSALS}sized-binding-arrays.md",
    ),
    _feature(
        "texel_buffers",
        "texel_buffer<format, access>; in Dawn, not in the specification yet.",
        f"{PROPOSALS}texel-buffers.md",
    ),
    _feature("chromium_print", "print(value), for developers of Dawn.", DAWN),
)
