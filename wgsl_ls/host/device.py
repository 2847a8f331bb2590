"""What a host learns about a device, out of a device profile; and which devices it does not take.

A device lists its subgroup matrix shapes in an order nobody knows, and hosts take the first that suits them: the
shape is an input with the profile's f16 shapes as values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from wgsl_ls.host.library import FEATURES, HostLibrary
from wgsl_ls.host.program import Program
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import Input, Terms

_STORAGE_BINDING: Final = 134_217_728  # WebGPU's guaranteed maxStorageBufferBindingSize
_STORAGE_ALIGNMENT: Final = 256  # WebGPU's guaranteed minStorageBufferOffsetAlignment


class MatrixShape(Protocol):
    @property
    def m(self) -> int: ...
    @property
    def n(self) -> int: ...
    @property
    def k(self) -> int: ...
    @property
    def component(self) -> str: ...
    @property
    def result(self) -> str: ...


class Profile(Protocol):
    """The facts of a device profile that are used; None: not known."""

    @property
    def name(self) -> str: ...
    @property
    def workgroup_storage(self) -> int | None: ...
    @property
    def invocations(self) -> int | None: ...
    @property
    def workgroups_per_dimension(self) -> int | None: ...
    @property
    def storage_buffers(self) -> int | None: ...
    @property
    def subgroups(self) -> bool | None: ...
    @property
    def subgroup_size(self) -> tuple[int, int] | None: ...
    @property
    def subgroup_matrix(self) -> Sequence[MatrixShape] | None: ...
    @property
    def f16(self) -> bool | None: ...
    @property
    def vendor(self) -> str | None: ...
    @property
    def packed_dot_product(self) -> bool | None: ...


def device_facts(profile: Profile, terms: Terms) -> Mapping[str, object]:
    """Facts by the names that a library table maps the host's members to."""
    facts: dict[str, object] = {
        "invocations": profile.invocations,
        "workgroup_storage": profile.workgroup_storage,
        "workgroups_per_dimension": profile.workgroups_per_dimension,
        "storage_buffers": profile.storage_buffers,
        "storage_binding": _STORAGE_BINDING,
        "storage_alignment": _STORAGE_ALIGNMENT,
        "subgroups": profile.subgroups,
        "f16": profile.f16,
        "vendor": profile.vendor,
        "dot_product": profile.packed_dot_product,
        "subgroup_min": None,
        "subgroup_max": None,
    }
    sizes = profile.subgroup_size or ((0, 0) if profile.subgroups is False else None)
    if sizes is not None:
        facts["subgroup_min"], facts["subgroup_max"] = sizes
    if profile.subgroup_matrix is None:
        return {**facts, "has_matrix": None, "matrix_m": None, "matrix_n": None, "matrix_k": None}
    shapes = tuple(
        dict.fromkeys(
            (shape.m, shape.n, shape.k)
            for shape in profile.subgroup_matrix
            if shape.component == "f16" and shape.result == "f16"
        )
    )
    facts["has_matrix"] = bool(shapes)
    chosen: object = shapes[0] if shapes else (0, 0, 0)
    if len(shapes) > 1:
        name = "subgroup matrix of " + " ".join(map(str, shapes))
        chosen = terms.input(
            name, lambda _: Input("subgroup matrix", shapes, {one: "x".join(map(str, one)) for one in shapes})
        )
    for index, fact in enumerate(("matrix_m", "matrix_n", "matrix_k")):
        facts[fact] = terms.apply("item", chosen, index)
    return facts


def needed_features(program: Program, library: HostLibrary) -> tuple[str, ...]:
    """Facts without which the host does not take a device: the features that it always puts into the
    `requiredFeatures` of a device it asks for; what the library says where no such list is found."""
    found: dict[str, None] = {}
    is_read = False
    for function in program.all_functions():
        body = function.body
        if "requiredFeatures" not in body.text or body.kind != "compound_statement":
            continue
        lists = {
            _variable(right)
            for node in body.walk()
            if node.kind == "assignment_expression"
            and (left := node.field("left")) is not None
            and (right := node.field("right")) is not None
            and left.text.endswith("requiredFeatures")
        }
        for statement in body.children:  # what stands under a condition is not always asked for
            if _fills(statement, lists):
                is_read = True
                names = (node.text.rpartition("::")[2] for node in statement.walk() if "identifier" in node.kind)
                found.update(dict.fromkeys(FEATURES[name] for name in names if name in FEATURES))
    return tuple(found) if is_read else library.needs


def _variable(node: Node) -> str:
    return next((one.text for one in node.walk() if one.kind == "identifier"), "")


def _fills(statement: Node, lists: set[str]) -> bool:
    """Is it the declaration of one of `lists`, or does it add to one?"""
    if statement.kind == "declaration":
        return any(_variable(one) in lists for one in statement.fields("declarator"))
    return (
        statement.kind == "expression_statement"
        and bool(statement.children)
        and statement.children[0].kind == "call_expression"
        and _variable(statement) in lists
    )
