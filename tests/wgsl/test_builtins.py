"""The builtin table is consistent in itself; test_builtins_dawn.py compares it with a compiler."""

from __future__ import annotations

import itertools
import re

import pytest

from wgsl_ls.wgsl import builtins
from wgsl_ls.wgsl.builtins import BuiltinFunction
from wgsl_ls.wgsl.signatures import DOMAIN_WORDS, TypePattern, parse_overload, parse_type

CALLABLE = [*builtins.FUNCTIONS.values(), *builtins.CONSTRUCTORS.values()]
TABLES = {
    "functions": builtins.FUNCTIONS,
    "constructors": builtins.CONSTRUCTORS,
    "types": builtins.TYPES,
    "attributes": builtins.ATTRIBUTES,
    "builtin values": builtins.BUILTIN_VALUES,
    "enumerants": builtins.ENUMERANTS,
    "enable extensions": builtins.ENABLE_EXTENSIONS,
    "language features": builtins.LANGUAGE_FEATURES,
}
LITERAL_TYPES = {"AbstractInt", "AbstractFloat"}


@pytest.mark.parametrize("table", TABLES)
def test_each_entry_is_described_and_linked(table: str) -> None:
    for name, entry in TABLES[table].items():
        assert entry.name == name
        assert 10 <= len(entry.doc) <= 420, name
        assert entry.doc.endswith((".", "…")), name
        assert entry.doc == entry.doc.strip() and "  " not in entry.doc, name
        assert re.match(r"https://\S+(#\S+|\.md|wgsl\.def)$", entry.url), (name, entry.url)


@pytest.mark.parametrize("function", CALLABLE, ids=lambda function: function.name)
def test_overloads_use_only_known_names(function: BuiltinFunction) -> None:
    assert function.overloads
    assert set(function.stages) <= {"vertex", "fragment", "compute"}
    for text in function.overloads:
        overload = parse_overload(text)
        assert overload.name == function.name
        variables = {name for name, _ in overload.domains}
        used = set(overload.template)
        for pattern in (*(parameter.type for parameter in overload.parameters), overload.result):
            if pattern is not None:
                used |= set(names_in(pattern))
        for _, alternatives in overload.domains:
            for alternative in alternatives:
                used |= set(names_in(alternative)) - DOMAIN_WORDS
        unknown = {name for name in used - variables if not is_known_type(name)}
        assert not unknown, text
        assert variables <= used, f"a variable of {text} is not used"


def names_in(pattern: TypePattern) -> list[str]:
    return [pattern.name, *itertools.chain.from_iterable(map(names_in, pattern.arguments))]


def is_known_type(name: str) -> bool:
    if name in LITERAL_TYPES or name in builtins.PREDECLARED or name.startswith("__"):
        return True
    return bool(re.fullmatch(r"vec[A-Z]|mat[A-Z]x[A-Z]", name))


def test_every_requirement_names_an_entry() -> None:
    for entry in itertools.chain.from_iterable(table.values() for table in TABLES.values()):
        assert getattr(entry, "enable", None) in {None, *builtins.ENABLE_EXTENSIONS}, entry.name
        assert getattr(entry, "requires", None) in {None, *builtins.LANGUAGE_FEATURES}, entry.name


def test_aliases_lead_to_generators() -> None:
    aliases = [entry for entry in builtins.TYPES.values() if entry.alias_of is not None]
    assert len(aliases) == 3 * 4 + 9 * 2
    for alias in aliases:
        target = parse_type(alias.alias_of or "")
        assert target.name in builtins.TYPES
        assert target.arguments[0].name in builtins.TYPES


def test_types_with_values_have_constructors() -> None:
    categories = {"scalar", "vector", "matrix", "array", "subgroup matrix"}
    without = {"i8", "u8", "binding_array"}
    for entry in builtins.TYPES.values():
        if entry.category in categories and entry.alias_of is None and entry.name not in without:
            assert entry.name in builtins.CONSTRUCTORS
    assert set(builtins.CONSTRUCTORS) <= set(builtins.TYPES)


def test_names_are_unique_where_they_resolve() -> None:
    assert not set(builtins.FUNCTIONS) & set(builtins.TYPES)
    assert not builtins.PREDECLARED & (builtins.KEYWORDS | builtins.RESERVED)
    assert not builtins.KEYWORDS & builtins.RESERVED


@pytest.mark.parametrize(
    ("name", "category", "enable", "stages", "must_use", "is_const", "uniformity"),
    [
        ("dot", "numeric", None, ("vertex", "fragment", "compute"), True, True, None),
        ("workgroupBarrier", "synchronization", None, ("compute",), False, False, "workgroup"),
        ("subgroupAdd", "subgroup", "subgroups", ("fragment", "compute"), True, False, "subgroup"),
        ("dpdx", "derivative", None, ("fragment",), True, False, "derivative"),
        ("atomicAdd", "atomic", None, ("fragment", "compute"), False, False, None),
        (
            "subgroupMatrixStore",
            "subgroup matrix",
            "chromium_experimental_subgroup_matrix",
            ("compute",),
            False,
            False,
            "subgroup_matrix",
        ),
    ],
)
def test_properties_of_some_functions(
    name: str,
    category: str,
    enable: str | None,
    stages: tuple[str, ...],
    must_use: bool,
    is_const: bool,
    uniformity: str | None,
) -> None:
    function = builtins.FUNCTIONS[name]
    assert function.category == category
    assert function.enable == enable
    assert function.stages == stages
    assert (function.must_use, function.is_const) == (must_use, is_const)
    assert function.uniformity == uniformity


def test_some_overloads_read_as_documented() -> None:
    assert "fn dot(e1: vecN<T>, e2: vecN<T>) -> T where T: f32|f16|i32|u32|AbstractFloat|AbstractInt" in (
        builtins.FUNCTIONS["dot"].overloads
    )
    assert builtins.FUNCTIONS["atomicAdd"].overloads == (
        "fn atomicAdd(p: ptr<AS, atomic<T>, read_write>, v: T) -> T where T: i32|u32, AS: storage|workgroup",
    )
    assert len(builtins.FUNCTIONS["textureSample"].overloads) == 15
    assert len(builtins.FUNCTIONS["select"].overloads) == 3


def test_enumerants_by_kind() -> None:
    assert [entry.name for entry in builtins.enumerants_of_kind("access_mode")] == ["read", "write", "read_write"]
    assert len(builtins.enumerants_of_kind("texel_format")) == 40
    assert builtins.ENUMERANTS["rg16float"].component == "f32"
    assert builtins.ENUMERANTS["rgb10a2uint"].component == "u32"
    assert builtins.enumerants_of_kind("no such kind") == ()


def test_attribute_forms_fit_their_argument_counts() -> None:
    for attribute in builtins.ATTRIBUTES.values():
        counts = {form.count(",") + 1 if "(" in form else 0 for form in attribute.forms}
        assert min(counts) == attribute.min_arguments, attribute.name
        assert max(counts) == attribute.max_arguments, attribute.name
        assert all(form.startswith(f"@{attribute.name}") for form in attribute.forms)
