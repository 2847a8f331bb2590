"""Predeclared functions on textures and derivatives. Data only; descriptions are our own words.

`@const` before a parameter marks arguments that must be const-expressions.
"""

from __future__ import annotations

from wgsl_ls.wgsl.builtin_table.records import (
    ALL_STAGES,
    INTEGERS,
    SPECIFICATION,
    BuiltinFunction,
    where,
)

_FRAGMENT = ("fragment",)
_WRITERS = ("fragment", "compute")
_COMPONENTS = "f32|i32|u32"
_OFFSET2 = ", @const offset: vec2<i32>"
_OFFSET3 = ", @const offset: vec3<i32>"


def _derivative(name: str, doc: str) -> BuiltinFunction:
    return BuiltinFunction(
        name,
        "derivative",
        doc,
        f"{SPECIFICATION}{name}-builtin",
        (f"fn {name}(e: f32) -> f32", f"fn {name}(e: vecN<f32>) -> vecN<f32>"),
        stages=_FRAGMENT,
        uniformity="derivative",
    )


def _texture(
    name: str,
    doc: str,
    overloads: tuple[str, ...],
    *,
    stages: tuple[str, ...] = ALL_STAGES,
    must_use: bool = True,
    uniformity: str | None = None,
) -> BuiltinFunction:
    anchor = name if name == "textureSampleBaseClampToEdge" else name.lower()
    url = SPECIFICATION + anchor
    return BuiltinFunction(
        name, "texture", doc, url, overloads, stages=stages, must_use=must_use, uniformity=uniformity
    )


def _dimensions() -> tuple[str, ...]:
    sampled = {"1d": "u32", "2d": "vec2<u32>", "2d_array": "vec2<u32>", "3d": "vec3<u32>"}
    sampled |= {"cube": "vec2<u32>", "cube_array": "vec2<u32>"}
    overloads = []
    for shape, result in sampled.items():
        head = f"fn textureDimensions(t: texture_{shape}<T>"
        overloads.append(where(f"{head}) -> {result}", T=_COMPONENTS))
        overloads.append(where(f"{head}, level: L) -> {result}", T=_COMPONENTS, L=INTEGERS))
    overloads.append(where("fn textureDimensions(t: texture_multisampled_2d<T>) -> vec2<u32>", T=_COMPONENTS))
    for shape in ("2d", "2d_array", "cube", "cube_array"):
        head = f"fn textureDimensions(t: texture_depth_{shape}"
        overloads.append(f"{head}) -> vec2<u32>")
        overloads.append(where(f"{head}, level: L) -> vec2<u32>", L=INTEGERS))
    layered = "fn textureDimensions(t: texture_multisampled_2d_array<T>) -> vec2<u32>"
    overloads.append(where(layered, T=_COMPONENTS))
    overloads.append("fn textureDimensions(t: texture_depth_multisampled_2d) -> vec2<u32>")
    for shape, result in (("1d", "u32"), ("2d", "vec2<u32>"), ("2d_array", "vec2<u32>"), ("3d", "vec3<u32>")):
        head = f"fn textureDimensions(t: texture_storage_{shape}<F, A>) -> {result}"
        overloads.append(where(head, F="texel", A="access"))
    overloads.append("fn textureDimensions(t: texture_external) -> vec2<u32>")
    overloads.append(where("fn textureDimensions(t: texel_buffer<F, A>) -> u32", F="texel", A="access"))
    return tuple(overloads)


def _load() -> tuple[str, ...]:
    overloads = []
    for shape, coordinates in (("1d", "C"), ("2d", "vec2<C>"), ("3d", "vec3<C>")):
        head = f"fn textureLoad(t: texture_{shape}<T>, coords: {coordinates}, level: L) -> vec4<T>"
        overloads.append(where(head, T=_COMPONENTS, C=INTEGERS, L=INTEGERS))
    overloads += [
        where(
            "fn textureLoad(t: texture_2d_array<T>, coords: vec2<C>, array_index: A, level: L) -> vec4<T>",
            T=_COMPONENTS,
            C=INTEGERS,
            A=INTEGERS,
            L=INTEGERS,
        ),
        where(
            "fn textureLoad(t: texture_multisampled_2d<T>, coords: vec2<C>, sample_index: S) -> vec4<T>",
            T=_COMPONENTS,
            C=INTEGERS,
            S=INTEGERS,
        ),
        where(
            "fn textureLoad(t: texture_multisampled_2d_array<T>, coords: vec2<C>, array_index: A, "
            "sample_index: S) -> vec4<T>",
            T=_COMPONENTS,
            C=INTEGERS,
            A=INTEGERS,
            S=INTEGERS,
        ),
        where("fn textureLoad(t: texture_depth_2d, coords: vec2<C>, level: L) -> f32", C=INTEGERS, L=INTEGERS),
        where(
            "fn textureLoad(t: texture_depth_2d_array, coords: vec2<C>, array_index: A, level: L) -> f32",
            C=INTEGERS,
            A=INTEGERS,
            L=INTEGERS,
        ),
        where(
            "fn textureLoad(t: texture_depth_multisampled_2d, coords: vec2<C>, sample_index: S) -> f32",
            C=INTEGERS,
            S=INTEGERS,
        ),
        where("fn textureLoad(t: texture_external, coords: vec2<C>) -> vec4<f32>", C=INTEGERS),
    ]
    for component in ("f32", "i32", "u32"):
        for shape, coordinates in (("1d", "C"), ("2d", "vec2<C>"), ("3d", "vec3<C>")):
            head = f"fn textureLoad(t: texture_storage_{shape}<F, M>, coords: {coordinates})"
            head += f" -> vec4<{component}>"
            overloads.append(where(head, F=f"texel_{component}", M="read|read_write", C=INTEGERS))
        head = (
            f"fn textureLoad(t: texture_storage_2d_array<F, M>, coords: vec2<C>, array_index: A) -> vec4<{component}>"
        )
        overloads.append(where(head, F=f"texel_{component}", M="read|read_write", C=INTEGERS, A=INTEGERS))
        head = f"fn textureLoad(t: texel_buffer<F, M>, coords: C) -> vec4<{component}>"
        overloads.append(where(head, F=f"texel_{component}", M="read|read_write", C=INTEGERS))
    return tuple(overloads)


def _store() -> tuple[str, ...]:
    overloads = []
    for component in ("f32", "i32", "u32"):
        value = f"value: vec4<{component}>)"
        domains = {"F": f"texel_{component}", "M": "write|read_write", "C": INTEGERS}
        for shape, coordinates in (("1d", "C"), ("2d", "vec2<C>"), ("3d", "vec3<C>")):
            head = f"fn textureStore(t: texture_storage_{shape}<F, M>, coords: {coordinates}, {value}"
            overloads.append(where(head, **domains))
        head = f"fn textureStore(t: texture_storage_2d_array<F, M>, coords: vec2<C>, array_index: A, {value}"
        overloads.append(where(head, **domains, A=INTEGERS))
        head = f"fn textureStore(t: texel_buffer<F, M>, coords: C, {value}"
        overloads.append(where(head, **(domains | {"M": "read_write"})))
    return tuple(overloads)


def _gather() -> tuple[str, ...]:
    color = {"T": _COMPONENTS, "C": INTEGERS}
    array = color | {"A": INTEGERS}
    one = "fn textureGather(@const component: C, t: texture_"
    return (
        where(f"{one}2d<T>, s: sampler, coords: vec2<f32>) -> vec4<T>", **color),
        where(f"{one}2d<T>, s: sampler, coords: vec2<f32>{_OFFSET2}) -> vec4<T>", **color),
        where(f"{one}2d_array<T>, s: sampler, coords: vec2<f32>, array_index: A) -> vec4<T>", **array),
        where(f"{one}2d_array<T>, s: sampler, coords: vec2<f32>, array_index: A{_OFFSET2}) -> vec4<T>", **array),
        where(f"{one}cube<T>, s: sampler, coords: vec3<f32>) -> vec4<T>", **color),
        where(f"{one}cube_array<T>, s: sampler, coords: vec3<f32>, array_index: A) -> vec4<T>", **array),
        *_depth("textureGather", "s: sampler", "", "vec4<f32>"),
    )


def _depth(name: str, sampler: str, rest: str, result: str) -> tuple[str, ...]:
    """The overloads on depth textures; `rest` are further parameters behind coordinates and array index."""
    head = f"fn {name}(t: texture_depth_"
    return (
        f"{head}2d, {sampler}, coords: vec2<f32>{rest}) -> {result}",
        f"{head}2d, {sampler}, coords: vec2<f32>{rest}{_OFFSET2}) -> {result}",
        where(f"{head}2d_array, {sampler}, coords: vec2<f32>, array_index: A{rest}) -> {result}", A=INTEGERS),
        where(
            f"{head}2d_array, {sampler}, coords: vec2<f32>, array_index: A{rest}{_OFFSET2}) -> {result}",
            A=INTEGERS,
        ),
        f"{head}cube, {sampler}, coords: vec3<f32>{rest}) -> {result}",
        where(f"{head}cube_array, {sampler}, coords: vec3<f32>, array_index: A{rest}) -> {result}", A=INTEGERS),
    )


def _sampled(name: str, rest2: str, rest3: str) -> tuple[str, ...]:
    """The overloads on `texture_*<f32>` but texture_1d; `rest2` and `rest3` are the further parameters for
    textures with two and with three coordinates."""
    head = f"fn {name}(t: texture_"
    layered = f"{head}2d_array<f32>, s: sampler, coords: vec2<f32>, array_index: A{rest2}"
    return (
        f"{head}2d<f32>, s: sampler, coords: vec2<f32>{rest2}) -> vec4<f32>",
        f"{head}2d<f32>, s: sampler, coords: vec2<f32>{rest2}{_OFFSET2}) -> vec4<f32>",
        where(
            f"{head}2d_array<f32>, s: sampler, coords: vec2<f32>, array_index: A{rest2}) -> vec4<f32>",
            A=INTEGERS,
        ),
        where(
            f"{layered}{_OFFSET2}) -> vec4<f32>",
            A=INTEGERS,
        ),
        f"{head}3d<f32>, s: sampler, coords: vec3<f32>{rest3}) -> vec4<f32>",
        f"{head}3d<f32>, s: sampler, coords: vec3<f32>{rest3}{_OFFSET3}) -> vec4<f32>",
        f"{head}cube<f32>, s: sampler, coords: vec3<f32>{rest3}) -> vec4<f32>",
        where(
            f"{head}cube_array<f32>, s: sampler, coords: vec3<f32>, array_index: A{rest3}) -> vec4<f32>",
            A=INTEGERS,
        ),
    )


def _depth_level() -> tuple[str, ...]:
    overloads = []
    for overload in _depth("textureSampleLevel", "s: sampler", ", level: L", "f32"):
        joint = ", L: " if " where " in overload else " where L: "
        overloads.append(overload + joint + INTEGERS)
    return tuple(overloads)


def _counts(name: str, types: str, doc: str) -> BuiltinFunction:
    overloads = []
    for type_name in types.split():
        domains = {}
        if "<T>" in type_name:
            domains["T"] = _COMPONENTS
        if "<F,A>" in type_name:
            domains |= {"F": "texel", "A": "access"}
        overloads.append(where(f"fn {name}(t: {type_name.replace(',', ', ')}) -> u32", **domains))
    return _texture(name, doc, tuple(overloads))


_COMPARISON = "s: sampler_comparison"

TEXTURE_FUNCTIONS: tuple[BuiltinFunction, ...] = (
    _derivative("dpdx", "Change of the argument from pixel to pixel along x; coarse or fine, as the driver likes."),
    _derivative("dpdxCoarse", "Change along x; may be one value for a whole quad of 2 by 2 pixels."),
    _derivative("dpdxFine", "Change along x between this pixel and its neighbour in the quad."),
    _derivative("dpdy", "Change of the argument from pixel to pixel along y; coarse or fine, as the driver likes."),
    _derivative("dpdyCoarse", "Change along y; may be one value for a whole quad of 2 by 2 pixels."),
    _derivative("dpdyFine", "Change along y between this pixel and its neighbour in the quad."),
    _derivative("fwidth", "abs(dpdx(e)) + abs(dpdy(e))."),
    _derivative("fwidthCoarse", "abs(dpdxCoarse(e)) + abs(dpdyCoarse(e))."),
    _derivative("fwidthFine", "abs(dpdxFine(e)) + abs(dpdyFine(e))."),
    _texture(
        "textureDimensions",
        "Size in texels of a texture, or of one of its mip levels; array layers and samples are not "
        "counted. A level that does not exist gives an indeterminate value.",
        _dimensions(),
    ),
    _texture(
        "textureGather",
        "One channel of the four texels that bilinear filtering would read, counter-clockwise from (u_min, "
        "v_max). For depth textures without the channel argument.",
        _gather(),
    ),
    _texture(
        "textureGatherCompare",
        "Compares depth_ref with the four depth texels that filtering would read: four results of 0 or 1.",
        _depth("textureGatherCompare", _COMPARISON, ", depth_ref: f32", "vec4<f32>"),
    ),
    _texture(
        "textureLoad",
        "Reads one texel without a sampler or filtering. Coordinates, layer, level or sample out of range "
        "give some texel of the texture, or zeros; never memory outside. Reading a storage texture needs "
        "the access mode `read` or `read_write`.",
        _load(),
    ),
    _counts(
        "textureNumLayers",
        "texture_2d_array<T> texture_cube_array<T> texture_depth_2d_array texture_depth_cube_array "
        "texture_storage_2d_array<F,A> texture_multisampled_2d_array<T>",
        "Number of array layers; for cube arrays the number of cubes.",
    ),
    _counts(
        "textureNumLevels",
        "texture_1d<T> texture_2d<T> texture_2d_array<T> texture_3d<T> texture_cube<T> texture_cube_array<T> "
        "texture_depth_2d texture_depth_2d_array texture_depth_cube texture_depth_cube_array",
        "Number of mip levels of the bound view.",
    ),
    _counts(
        "textureNumSamples",
        "texture_multisampled_2d<T> texture_multisampled_2d_array<T> texture_depth_multisampled_2d",
        "Number of samples per texel.",
    ),
    _texture(
        "textureSample",
        "Samples with the mip level chosen from derivatives; so only in fragment shaders and in uniform "
        "control flow. In compute shaders use `textureSampleLevel`.",
        (
            "fn textureSample(t: texture_1d<f32>, s: sampler, coords: f32) -> vec4<f32>",
            *_sampled("textureSample", "", ""),
            *_depth("textureSample", "s: sampler", "", "f32"),
        ),
        stages=_FRAGMENT,
        uniformity="derivative",
    ),
    _texture(
        "textureSampleBias",
        "As `textureSample`, with a bias from -16 to 15.99 added to the mip level.",
        _sampled("textureSampleBias", ", bias: f32", ", bias: f32"),
        stages=_FRAGMENT,
        uniformity="derivative",
    ),
    _texture(
        "textureSampleCompare",
        "Compares depth_ref with the depth texture and returns the filtered share of passed comparisons; "
        "mip level from derivatives, so only in fragment shaders.",
        _depth("textureSampleCompare", _COMPARISON, ", depth_ref: f32", "f32"),
        stages=_FRAGMENT,
        uniformity="derivative",
    ),
    _texture(
        "textureSampleCompareLevel",
        "As `textureSampleCompare`, always from mip level 0: no derivatives, allowed in every stage.",
        _depth("textureSampleCompareLevel", _COMPARISON, ", depth_ref: f32", "f32"),
    ),
    _texture(
        "textureSampleGrad",
        "Samples with the mip level computed from the given derivatives.",
        _sampled("textureSampleGrad", ", ddx: vec2<f32>, ddy: vec2<f32>", ", ddx: vec3<f32>, ddy: vec3<f32>"),
    ),
    _texture(
        "textureSampleLevel",
        "Samples from the given mip level; a fraction blends two levels. Of depth textures the level is an integer.",
        (
            "fn textureSampleLevel(t: texture_1d<f32>, s: sampler, coords: f32, level: f32) -> vec4<f32>",
            *_sampled("textureSampleLevel", ", level: f32", ", level: f32"),
            *_depth_level(),
        ),
    ),
    _texture(
        "textureSampleBaseClampToEdge",
        "Samples mip level 0 with coordinates limited to half a texel from the edges; the way to sample "
        "external textures such as video frames.",
        (
            "fn textureSampleBaseClampToEdge(t: texture_2d<f32>, s: sampler, coords: vec2<f32>) -> vec4<f32>",
            "fn textureSampleBaseClampToEdge(t: texture_external, s: sampler, coords: vec2<f32>) -> vec4<f32>",
        ),
    ),
    _texture(
        "textureStore",
        "Writes one texel of a storage texture, converted to its format. Nothing is written when the "
        "coordinates are out of range. Not available in vertex shaders.",
        _store(),
        stages=_WRITERS,
        must_use=False,
    ),
)
