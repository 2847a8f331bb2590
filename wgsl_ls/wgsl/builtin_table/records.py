"""The record types of the table of predeclared names, and the few functions its files are written with.

They stand apart from builtins.py so that the data files can import them. Nothing here knows a name of WGSL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SPECIFICATION = "https://www.w3.org/TR/WGSL/#"
PROPOSALS = "https://github.com/gpuweb/gpuweb/blob/main/proposals/"
DAWN = "https://dawn.googlesource.com/dawn/+/refs/heads/main/src/tint/lang/wgsl/wgsl.def"

ALL_STAGES = ("vertex", "fragment", "compute")

# Domains of type variables, as the signature mini-language spells them (see signatures.py).
FLOATS = "f32|f16|AbstractFloat"
SIGNED_NUMBERS = "f32|f16|i32|AbstractFloat|AbstractInt"
NUMBERS = "f32|f16|i32|u32|AbstractFloat|AbstractInt"
CONCRETE_NUMBERS = "f32|f16|i32|u32"
INTEGERS = "i32|u32"
SCALARS = "f32|f16|i32|u32|bool|AbstractFloat|AbstractInt"
CONCRETE_SCALARS = "f32|f16|i32|u32|bool"


@dataclass(frozen=True, slots=True)
class BuiltinFunction:
    """A predeclared function or value constructor.

    `category`: the section of the specification it stands in. `url`: that section. `enable`: the extension an
    `enable` directive must name, `requires`: the language feature the implementation must have. `stages`: the
    shader stages that may call it. `must_use`: its result may not be dropped. `is_const`: may stand in a
    const-expression when its arguments can. `uniformity`: "workgroup" (must be called in uniform control
    flow, always an error otherwise), "derivative" or "subgroup" or "subgroup_matrix" (the same, but the
    diagnostic rule `<uniformity>_uniformity` can be turned off), or None. `overloads`: see signatures.py.
    """

    name: str
    category: str
    doc: str
    url: str
    overloads: tuple[str, ...]
    enable: str | None = None
    requires: str | None = None
    stages: tuple[str, ...] = ALL_STAGES
    must_use: bool = True
    is_const: bool = False
    uniformity: str | None = None


@dataclass(frozen=True, slots=True)
class BuiltinType:
    """A predeclared type (`f32`), alias (`vec3f`, then `alias_of` is `vec3<f32>`) or type generator.

    `template`: its template parameters, as one writes them; empty for a plain type. `template_required` is
    False when the name may stand without them (`vec3(…)` infers its component type). `category`: "scalar",
    "vector", "matrix", "array", "pointer", "atomic", "texture", "sampler", "subgroup matrix", "buffer".
    """

    name: str
    category: str
    doc: str
    url: str
    template: tuple[str, ...] = ()
    template_required: bool = True
    alias_of: str | None = None
    enable: str | None = None
    requires: str | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute name behind `@`. `forms`: the ways to write it. `places`: what it may stand on, out of
    "function", "entry point", "parameter", "return type", "member", "resource variable", "override",
    "statement", "compute entry point". `min_arguments`/`max_arguments`: how many arguments it takes."""

    name: str
    doc: str
    url: str
    forms: tuple[str, ...]
    places: tuple[str, ...]
    min_arguments: int = 0
    max_arguments: int = 0
    enable: str | None = None
    requires: str | None = None


@dataclass(frozen=True, slots=True)
class BuiltinValue:
    """A name inside `@builtin(…)`. `uses`: the (stage, "input" or "output") pairs in which it is allowed."""

    name: str
    type: str
    doc: str
    url: str
    uses: tuple[tuple[str, str], ...]
    enable: str | None = None
    requires: str | None = None


@dataclass(frozen=True, slots=True)
class Enumerant:
    """A name that stands for a choice: `kind` is "address_space", "access_mode", "texel_format",
    "interpolation_type", "interpolation_sampling", "severity", "diagnostic_rule", "depth_mode" or
    "majorness". `component`: for texel formats, the component type a shader sees ("f32", "i32" or "u32")."""

    name: str
    kind: str
    doc: str
    url: str
    component: str | None = None
    enable: str | None = None
    requires: str | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """A name for an `enable` directive (`kind` "enable") or a `requires` directive (`kind` "requires").
    `feature`: the WebGPU device feature that an enable extension needs. `implied`: extensions it turns on."""

    name: str
    kind: str
    doc: str
    url: str
    feature: str | None = None
    implied: tuple[str, ...] = ()
    standard: bool = True


_T = re.compile(r"\bT\b")


def scalar_and_vector(signature: str, domain: str) -> tuple[str, str]:
    """The overload as given, and the one with every `T` widened to `vecN<T>`."""
    return (f"{signature} where T: {domain}", f"{_T.sub('vecN<T>', signature)} where T: {domain}")


def where(signature: str, **domains: str) -> str:
    """`signature` with its constraints: `where("fn f(a: T)", T="f32|i32")`."""
    if not domains:
        return signature
    return f"{signature} where " + ", ".join(f"{name}: {domain}" for name, domain in domains.items())
