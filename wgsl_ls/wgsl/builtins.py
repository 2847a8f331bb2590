"""Everything WGSL predeclares: functions, types, attributes, @builtin values, extensions and so on.

One table for hover, completion, signature help, the type checker and the grammars. The data stands in
builtin_table/ (one file per kind), written from the specification and from what Dawn accepts; descriptions
are our own words, each with the address of its section. Overloads are short texts such as
`fn dot(e1: vecN<T>, e2: vecN<T>) -> T where T: f32|f16`; signatures.py describes that language and parses it.

It is not a type checker: it says what is declared, not what a call means. Names that only Dawn knows are
marked by their `enable` or `requires` and, for extensions, by `standard`.
"""

from __future__ import annotations

from typing import Final

from wgsl_ls.wgsl.builtin_table.compute_functions import COMPUTE_FUNCTIONS
from wgsl_ls.wgsl.builtin_table.constructors import CONSTRUCTORS as _CONSTRUCTORS
from wgsl_ls.wgsl.builtin_table.names import (
    ATTRIBUTE_TABLE,
    BUILTIN_VALUE_TABLE,
    ENABLE_EXTENSION_TABLE,
    ENUMERANT_TABLE,
    LANGUAGE_FEATURE_TABLE,
)
from wgsl_ls.wgsl.builtin_table.numeric_functions import NUMERIC_FUNCTIONS
from wgsl_ls.wgsl.builtin_table.records import (
    Attribute,
    BuiltinFunction,
    BuiltinType,
    BuiltinValue,
    Enumerant,
    Extension,
)
from wgsl_ls.wgsl.builtin_table.texture_functions import TEXTURE_FUNCTIONS
from wgsl_ls.wgsl.builtin_table.types import TYPE_TABLE
from wgsl_ls.wgsl.words import KEYWORDS as _KEYWORDS
from wgsl_ls.wgsl.words import RESERVED_WORDS

__all__ = [
    "ATTRIBUTES",
    "BUILTIN_VALUES",
    "CONSTRUCTORS",
    "ENABLE_EXTENSIONS",
    "ENUMERANTS",
    "FUNCTIONS",
    "KEYWORDS",
    "LANGUAGE_FEATURES",
    "PREDECLARED",
    "RESERVED",
    "TYPES",
    "Attribute",
    "BuiltinFunction",
    "BuiltinType",
    "BuiltinValue",
    "Enumerant",
    "Extension",
    "enumerants_of_kind",
]

FUNCTIONS: Final[dict[str, BuiltinFunction]] = {
    function.name: function for function in (*NUMERIC_FUNCTIONS, *TEXTURE_FUNCTIONS, *COMPUTE_FUNCTIONS)
}
"""Functions that are not types."""

CONSTRUCTORS: Final[dict[str, BuiltinFunction]] = {function.name: function for function in _CONSTRUCTORS}
"""Constructors by the name of the type: generators and scalars; aliases such as `vec3f` are in TYPES."""

TYPES: Final[dict[str, BuiltinType]] = {builtin.name: builtin for builtin in TYPE_TABLE}
ATTRIBUTES: Final[dict[str, Attribute]] = {attribute.name: attribute for attribute in ATTRIBUTE_TABLE}
BUILTIN_VALUES: Final[dict[str, BuiltinValue]] = {value.name: value for value in BUILTIN_VALUE_TABLE}

ENUMERANTS: Final[dict[str, Enumerant]] = {enumerant.name: enumerant for enumerant in ENUMERANT_TABLE}
"""By name, which is unique over all kinds."""

ENABLE_EXTENSIONS: Final[dict[str, Extension]] = {item.name: item for item in ENABLE_EXTENSION_TABLE}
LANGUAGE_FEATURES: Final[dict[str, Extension]] = {item.name: item for item in LANGUAGE_FEATURE_TABLE}
KEYWORDS: Final[frozenset[str]] = _KEYWORDS
RESERVED: Final[frozenset[str]] = RESERVED_WORDS

_RESOLVED_KINDS = ("access_mode", "address_space", "texel_format", "majorness")

PREDECLARED: Final[frozenset[str]] = (
    frozenset(FUNCTIONS)
    | frozenset(TYPES)
    | frozenset(name for name, enumerant in ENUMERANTS.items() if enumerant.kind in _RESOLVED_KINDS)
)
"""Identifiers that resolve without a declaration; a module may shadow them. Names known only by their place,
such as attributes and @builtin values, are not among them."""


def enumerants_of_kind(kind: str) -> tuple[Enumerant, ...]:
    """All enumerants of one kind (see Enumerant), in the order of the table; empty for an unknown kind."""
    return tuple(enumerant for enumerant in ENUMERANT_TABLE if enumerant.kind == kind)
