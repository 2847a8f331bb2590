"""LimitFacts: what device profiles judge by, read from the syntax tree of one expanded text. Plain data by content,
which outlives the process in the disk cache.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wgsl_ls.wgsl.feature_uses import FeatureUse
from wgsl_ls.wgsl.sizes import Sizes

if TYPE_CHECKING:
    from wgsl_ls.wgsl.reflection import EntryPoint, Reflection


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """Of one entry point. `storage`: bytes of workgroup storage, None when unknown; `variables`: (name, bytes, start,
    end) of its workgroup variables; `bindings`: how many it uses, by address space ("storage", "uniform", "handle");
    `shapes`: (m, n, k, operands, result) of its matrix products."""

    name: str
    start: int
    end: int
    workgroup_size: tuple[int | None, ...]
    storage: int | None
    variables: tuple[tuple[str, int | None, int, int], ...]
    bindings: tuple[tuple[str, int], ...]
    shapes: tuple[tuple[int, int, int, str, str], ...]

    def n_bindings(self, space: str) -> int:
        return dict(self.bindings).get(space, 0)


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """Of one expanded text. `enabled`: its enable-extensions; `uses`: what it asks of the language."""

    entry_points: tuple[EntryFacts, ...]
    enabled: tuple[str, ...]
    uses: tuple[FeatureUse, ...] = ()

    def as_json(self) -> list[Any]:
        entries = [
            [
                one.name,
                one.start,
                one.end,
                one.workgroup_size,
                one.storage,
                one.variables,
                one.bindings,
                one.shapes,
            ]
            for one in self.entry_points
        ]
        return [entries, self.enabled, self.uses]

    @classmethod
    def from_json(cls, plain: Any) -> LimitFacts:
        """Raises TypeError, ValueError or IndexError for anything that `as_json` did not make."""
        entries = tuple(
            EntryFacts(
                name,
                start,
                end,
                tuple(size),
                storage,
                tuple(map(tuple, variables)),
                tuple(map(tuple, bindings)),
                tuple(map(tuple, shapes)),
            )
            for name, start, end, size, storage, variables, bindings, shapes in plain[0]
        )
        uses = tuple(
            FeatureUse(kind, name, what, start, end, tuple(map(tuple, more)))
            for kind, name, what, start, end, more in plain[2]
        )
        return cls(entries, tuple(plain[1]), uses)


def limit_facts(reflection: Reflection, uses: tuple[FeatureUse, ...] = ()) -> LimitFacts:
    spaces = {binding.name: binding.space for binding in reflection.bindings}
    return LimitFacts(
        tuple(_entry_facts(entry, spaces) for entry in reflection.entry_points),
        tuple(sorted(reflection.enabled)),
        uses,
    )


def with_sizes(facts: LimitFacts, sizes: Sizes) -> LimitFacts:
    """Those of a text that differs only in numbers; places stay those of the text of `facts`."""
    return replace(facts, entry_points=tuple(_resized(entry, sizes) for entry in facts.entry_points))


def _resized(entry: EntryFacts, sizes: Sizes) -> EntryFacts:
    from wgsl_ls.wgsl.layout import round_up

    variables = [(name, sizes.variables.get(name, size), start, end) for name, size, start, end in entry.variables]
    variables.sort(key=lambda variable: (-(variable[1] or 0), variable[2]))
    known = [size for _, size, _, _ in variables]
    storage = None if None in known else sum(round_up(16, size) for size in known if size is not None)
    given = sizes.workgroup_sizes.get(entry.name, ())
    workgroup_size = (*given, *entry.workgroup_size[len(given) :])
    return replace(entry, workgroup_size=workgroup_size, storage=storage, variables=tuple(variables))


def _entry_facts(entry: EntryPoint, spaces: dict[str, str]) -> EntryFacts:
    bindings = Counter(spaces[name] for name in entry.globals if name in spaces)
    shapes = []
    for shape in entry.matrix_shapes:
        if shape.rows is not None and shape.columns is not None and shape.inner is not None:
            shapes.append((shape.rows, shape.columns, shape.inner, shape.component, shape.result))
    variables = sorted(entry.workgroup_variables, key=lambda variable: (-(variable.size or 0), variable.start))
    return EntryFacts(
        entry.name,
        entry.start,
        entry.end,
        entry.workgroup_size or (),
        entry.workgroup_storage,
        tuple((variable.name, variable.size, variable.start, variable.end) for variable in variables),
        tuple(sorted(bindings.items())),
        tuple(shapes),
    )
