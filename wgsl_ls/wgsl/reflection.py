"""What a host needs to know of a module to run or judge it: entry points, bindings, override constants, workgroup
storage, extensions and subgroup matrix shapes. Values of override constants are given, or their defaults hold.

A value that cannot be computed is None: said to be unknown, never guessed. Limits are judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wgsl_ls.wgsl.declaration_inference import Overrides
from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.layout import layout, round_up
from wgsl_ls.wgsl.matrix_reflection import (
    Declared,
    MatrixShape,
    matrix_reach,
    matrix_shapes,
    raised_size,
)
from wgsl_ls.wgsl.names import GlobalInfo
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import (
    Attribute,
    ConstAssert,
    Declaration,
    FunctionDeclaration,
    VariableDeclaration,
)
from wgsl_ls.wgsl.types import Type
from wgsl_ls.wgsl.values import Value
from wgsl_ls.wgsl.words import STAGES

MOST_REACHED: Final = 40_000
"""Names that all entry points together may reach; what those behind that use is unknown. They are as many as entry
points times functions, where a few hundred are usual."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A resource variable. `group`, `binding`: None when unknown or not written. `space`: "storage", "uniform" or
    "handle". `access`: "read", "write" or "read_write". `minimal_size`: bytes that a buffer must have at least,
    None for textures, samplers and unknown sizes (what matrix loads
    add is known per entry point only). `start`, `end`: its name in the text."""

    name: str
    group: int | None
    binding: int | None
    space: str
    access: str
    type: Type | None
    minimal_size: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WorkgroupVariable:
    """`size`: bytes as declared, None when unknown."""

    name: str
    type: Type | None
    size: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OverrideConstant:
    """`key`: what names it when a pipeline is made: the number of its `@id`, else its name. `default`: its value
    without being given one; None when it must be given, or is unknown (`has_default` tells). `value`: in force
    here."""

    name: str
    key: str
    id: int | None
    type: Type | None
    has_default: bool
    default: Value | None
    value: Value | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """`workgroup_size`: (x, y, z) of a compute entry point, a number being None when unknown; None for other
    stages. `globals`: module-scope variables and overrides used by it or by what it calls. `workgroup_storage`:
    bytes as WebGPU counts them, each variable rounded up to 16; None when one is unknown. `calls`: the builtin
    functions that it and its callees use. `functions`: those callees. `bindings`: the layout that its pipeline
    gets when made automatically, with minimal sizes for this entry point. Of one behind
    MOST_REACHED only name, stage and workgroup size are told."""

    name: str
    stage: str
    start: int
    end: int
    workgroup_size: tuple[int | None, int | None, int | None] | None
    globals: frozenset[str]
    functions: frozenset[str]
    calls: frozenset[str]
    workgroup_storage: int | None
    workgroup_variables: tuple[WorkgroupVariable, ...]
    matrix_shapes: tuple[MatrixShape, ...]
    bindings: tuple[Binding, ...]

    @property
    def invocations(self) -> int | None:
        """Per workgroup; None when unknown."""
        if self.workgroup_size is None or None in self.workgroup_size:
            return None
        x, y, z = self.workgroup_size
        return (x or 0) * (y or 0) * (z or 0)


@dataclass(frozen=True, slots=True)
class Reflection:
    """`bindings`: all of the module, used or not, by group and binding. `enabled`: extensions of
    `enable`."""

    entry_points: tuple[EntryPoint, ...]
    bindings: tuple[Binding, ...]
    overrides: tuple[OverrideConstant, ...]
    enabled: frozenset[str]

    def bindings_of(self, entry_point: EntryPoint) -> tuple[Binding, ...]:
        """The bindings that an entry point uses: its pipeline's layout when made automatically."""
        return entry_point.bindings


def reflect(analysis: Analysis, overrides: Overrides | None = None) -> Reflection:
    """`overrides`: values by name, or by the number of an `@id` as text. Never raises."""
    module = analysis.module
    valued = Analysis(module, dict(overrides or {}))
    globals_by_name: Declared = {}
    for start, node, facts in valued.entries:
        if not isinstance(node, ConstAssert) and node.name:
            globals_by_name.setdefault(node.name, (start, node, facts))
    bindings = tuple(sorted(_bindings(globals_by_name), key=_binding_order))
    entry_points = tuple(_entry_points(globals_by_name, bindings))
    overridden = tuple(_overrides(globals_by_name, analysis))
    return Reflection(entry_points, bindings, overridden, module.enabled)


def _binding_order(binding: Binding) -> tuple[int, int, int]:
    return (
        -1 if binding.group is None else binding.group,
        -1 if binding.binding is None else binding.binding,
        binding.start,
    )


def number_in(attributes: tuple[Attribute, ...], name: str, facts: Facts) -> int | None:
    for attribute in attributes:
        if attribute.name == name and attribute.arguments:
            value = facts.evaluate(attribute.arguments[0])
            if value is not None and isinstance(value.data, int):
                return int(value.data)
    return None


def _bindings(declared: Declared) -> Iterator[Binding]:
    for name, (start, node, facts) in declared.items():
        info = facts.info
        if not isinstance(node, VariableDeclaration) or node.keyword != "var" or info is None:
            continue
        if not any(attribute.name in ("group", "binding") for attribute in node.attributes):
            continue
        found = layout(info.type) if info.type and info.space in ("storage", "uniform") else None
        access = info.access
        if info.space == "handle" and info.type is not None and info.type.name.startswith("texture_storage"):
            access = str(info.type.arguments[-1])
        yield Binding(
            name,
            number_in(node.attributes, "group", facts),
            number_in(node.attributes, "binding", facts),
            info.space,
            access,
            info.type,
            found.size if found else None,
            start + node.name_start,
            start + node.name_end,
        )


def _overrides(declared: Declared, plain: Analysis) -> Iterator[OverrideConstant]:
    defaults = Analysis(plain.module, {})
    for name, (start, node, facts) in declared.items():
        info = facts.info
        if not isinstance(node, VariableDeclaration) or node.keyword != "override" or info is None:
            continue
        number = number_in(node.attributes, "id", facts)
        plain_info = defaults.globals.info(name)
        yield OverrideConstant(
            name,
            name if number is None else str(number),
            number,
            info.type,
            node.initializer is not None,
            plain_info.value if plain_info else None,
            info.value,
            start + node.name_start,
            start + node.name_end,
        )


def _entry_points(declared: Declared, bindings: tuple[Binding, ...]) -> Iterator[EntryPoint]:
    bound = {binding.name: binding for binding in bindings}
    in_workgroup = [
        name for name, (_, _, facts) in declared.items() if facts.info is not None and facts.info.space == "workgroup"
    ]
    n_left = MOST_REACHED
    for name, (start, node, facts) in declared.items():
        if not isinstance(node, FunctionDeclaration):
            continue
        stage = next((attribute.name for attribute in node.attributes if attribute.name in STAGES), None)
        if stage is None:
            continue
        workgroup_size = _workgroup_size(node, facts) if stage == "compute" else None
        used = reached(name, declared) if n_left > 0 else frozenset[str]()
        n_left -= len(used)
        if n_left <= 0:
            place, nothing = (start + node.name_start, start + node.name_end), frozenset[str]()
            yield EntryPoint(name, stage, *place, workgroup_size, nothing, nothing, nothing, None, (), (), ())
            continue
        variables = tuple(_workgroup_variables([one for one in in_workgroup if one in used], declared))
        sizes = [variable.size for variable in variables]
        storage = None if None in sizes else sum(round_up(16, size) for size in sizes if size is not None)
        functions = frozenset(item for item in used if isinstance(declared[item][1], FunctionDeclaration))
        bodies = [declared[item][2] for item in functions]
        reach = matrix_reach(functions, declared)
        yield EntryPoint(
            name,
            stage,
            start + node.name_start,
            start + node.name_end,
            workgroup_size,
            frozenset(item for item in used if _is_variable(declared[item][1])),
            functions - {name},
            frozenset(called for body in bodies for called in body.called.values()),
            storage,
            variables,
            matrix_shapes(bodies),
            tuple(
                _raised(item, reach) for item in sorted((bound[one] for one in bound.keys() & used), key=_binding_order)
            ),
        )


def _raised(binding: Binding, reach: dict[str, int]) -> Binding:
    if binding.name not in reach or binding.type is None or binding.minimal_size is None:
        return binding
    size = raised_size(binding.type, binding.minimal_size, reach[binding.name])
    return replace(binding, minimal_size=size)


def _is_variable(node: Declaration) -> bool:
    return isinstance(node, VariableDeclaration) and node.keyword in ("var", "override")


def reached(name: str, declared: Declared) -> frozenset[str]:
    """Every global that `name` mentions, directly or through others, itself included."""
    found = {name}
    waiting = [name]
    while waiting:
        facts = declared[waiting.pop()][2]
        for target in facts.targets.values():
            if isinstance(target, GlobalInfo) and target.name not in found and target.name in declared:
                found.add(target.name)
                waiting.append(target.name)
    return frozenset(found)


def _workgroup_variables(names: Sequence[str], declared: Declared) -> Iterator[WorkgroupVariable]:
    for name in names:
        start, node, facts = declared[name]
        info = facts.info
        assert isinstance(node, VariableDeclaration) and info is not None
        found = layout(info.type) if info.type else None
        size = found.size if found and not found.is_runtime_sized else None
        yield WorkgroupVariable(name, info.type, size, start + node.name_start, start + node.name_end)


def _workgroup_size(node: FunctionDeclaration, facts: Facts) -> tuple[int | None, int | None, int | None]:
    for attribute in node.attributes:
        if attribute.name == "workgroup_size":
            numbers: list[int | None] = []
            for argument in attribute.arguments[:3]:
                value = facts.evaluate(argument)
                is_number = value is not None and isinstance(value.data, int) and not isinstance(value.data, bool)
                numbers.append(int(value.data) if is_number and value else None)  # type: ignore[call-overload]
            numbers += [1] * (3 - len(numbers))
            return numbers[0], numbers[1], numbers[2]
    return None, None, None
