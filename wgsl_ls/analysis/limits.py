"""Limits: is a variant within the device profiles it must pass? Told from the expansion alone, without a device.

What cannot be evaluated is not reported: a profile check says "exceeds" only when it knows. What is read from the
syntax tree are LimitFacts, plain data by content, which outlive the process in the disk cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wgsl.lexer import tokenize

if TYPE_CHECKING:
    from wgsl_ls.wgsl.reflection import EntryPoint, Reflection


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """Of one entry point. `storage`: bytes of workgroup storage, None when unknown; `variables`: (name, bytes, start,
    end) of its workgroup variables; `shapes`: (m, n, k, operands, result) of its matrix products."""

    name: str
    start: int
    end: int
    workgroup_size: tuple[int | None, ...]
    storage: int | None
    variables: tuple[tuple[str, int | None, int, int], ...]
    n_storage_buffers: int
    shapes: tuple[tuple[int, int, int, str, str], ...]


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """Of one expanded text. `enabled`: its enable-extensions."""

    entry_points: tuple[EntryFacts, ...]
    enabled: tuple[str, ...]

    def as_json(self) -> list[Any]:
        entries = [
            [
                one.name,
                one.start,
                one.end,
                one.workgroup_size,
                one.storage,
                one.variables,
                one.n_storage_buffers,
                one.shapes,
            ]
            for one in self.entry_points
        ]
        return [entries, self.enabled]

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
                n_buffers,
                tuple(map(tuple, shapes)),
            )
            for name, start, end, size, storage, variables, n_buffers, shapes in plain[0]
        )
        return cls(entries, tuple(plain[1]))


def limit_facts(reflection: Reflection) -> LimitFacts:
    storage_buffers = {binding.name for binding in reflection.bindings if binding.space == "storage"}
    return LimitFacts(
        tuple(_entry_facts(entry, storage_buffers) for entry in reflection.entry_points),
        tuple(sorted(reflection.enabled)),
    )


def _entry_facts(entry: EntryPoint, storage_buffers: set[str]) -> EntryFacts:
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
        len(entry.globals & storage_buffers),
        tuple(shapes),
    )


def limit_findings(expansion: Expansion, facts: LimitFacts, profiles: Sequence[DeviceProfile]) -> list[Finding]:
    found: list[Finding] = []
    for profile in profiles:
        for entry in facts.entry_points:
            found.extend(_of_entry_point(expansion, entry, profile))
        found.extend(_of_features(expansion, facts, profile))
    return list(dict.fromkeys(found))


def _finding(
    expansion: Expansion, span: Span, code: str, message: str, profile: DeviceProfile, related: tuple[Related, ...] = ()
) -> Finding:
    origin = expansion.source_map.written(span.start, span.end)
    location = origin.location if origin is not None else Location(expansion.root.path, Span(0, 0))
    includes = origin.includes if origin is not None else ()
    name = location.path.rsplit("/", 1)[-1]
    sites = tuple(Related(site, f"{name} is included here") for site in includes)
    judge = f"profile/{profile.name}"
    return Finding(location, Severity.ERROR, f"profile/{code}", message, related=related + sites, judge=judge)


def _of_entry_point(expansion: Expansion, entry: EntryFacts, profile: DeviceProfile) -> list[Finding]:
    found: list[Finding] = []
    name_span = Span(entry.start, entry.end)
    used, limit = entry.storage, profile.workgroup_storage
    if used is not None and limit is not None and used > limit:
        related = []
        for name, size, start, end in entry.variables[1:]:
            origin = expansion.source_map.written(start, end)
            if origin is not None:
                related.append(Related(origin.location, f"{name}: {size} bytes"))
        span, largest = name_span, ""
        if entry.variables:
            first = entry.variables[0]
            span, largest = Span(first[2], first[3]), f" ({first[0]} alone {first[1]})"
        message = (
            f"{entry.name} uses {used} bytes of workgroup storage{largest}; this exceeds profile {profile.name} "
            f"({limit} bytes) by {used - limit} bytes"
        )
        found.append(_finding(expansion, span, "workgroup-storage", message, profile, tuple(related)))
    known = [axis for axis in entry.workgroup_size if axis is not None]
    if known and len(known) == len(entry.workgroup_size) and profile.invocations is not None:
        total = 1
        for extent in known:
            total *= extent
        if total > profile.invocations:
            message = f"{entry.name} has {total} invocations in a workgroup; profile {profile.name} allows "
            found.append(_finding(expansion, name_span, "invocations", f"{message}{profile.invocations}", profile))
    if profile.workgroup_size is not None:
        for axis_name, axis, most in zip("xyz", entry.workgroup_size, profile.workgroup_size, strict=False):
            if axis is not None and axis > most:
                message = f"{entry.name}: workgroup size {axis} in {axis_name}; profile {profile.name} allows {most}"
                found.append(_finding(expansion, name_span, "workgroup-size", message, profile))
    if profile.storage_buffers is not None and entry.n_storage_buffers > profile.storage_buffers:
        message = f"{entry.name} binds {entry.n_storage_buffers} storage buffers; profile {profile.name} allows "
        found.append(_finding(expansion, name_span, "storage-buffers", f"{message}{profile.storage_buffers}", profile))
    if profile.subgroup_matrix is not None:
        found.extend(_of_matrices(expansion, entry, profile, name_span))
    return found


def _of_matrices(expansion: Expansion, entry: EntryFacts, profile: DeviceProfile, name_span: Span) -> list[Finding]:
    offered = profile.subgroup_matrix or ()
    found = []
    for shape in entry.shapes:
        if any((one.m, one.n, one.k, one.component, one.result) == shape for one in offered):
            continue
        span = _first_word(expansion.text, "subgroupMatrixMultiply", "subgroup_matrix_") or name_span
        m, n, k, component, result = shape
        message = (
            f"profile {profile.name} has no subgroup matrix {m}x{n}x{k} {component} {result} (M x N x K, operands, "
            f"result); it has: {', '.join(map(str, offered)) or 'none'}"
        )
        found.append(_finding(expansion, span, "subgroup-matrix", message, profile))
    return found


def _of_features(expansion: Expansion, facts: LimitFacts, profile: DeviceProfile) -> list[Finding]:
    found: list[Finding] = []
    needs = (("f16", profile.f16, "16-bit floats"), ("subgroups", profile.subgroups, "subgroups"))
    for extension, offered, what in needs:
        if offered is False and extension in facts.enabled:
            # The first time its name stands in the code is in the directive.
            span = _first_word(expansion.text, extension) or Span(0, 0)
            message = f"this needs {what}; profile {profile.name} has none"
            found.append(_finding(expansion, span, extension, message, profile))
    return found


def _first_word(text: str, *beginnings: str) -> Span | None:
    """The first word of the code that begins with the first of `beginnings` that there is."""
    tokens = tokenize(text)
    for beginning in beginnings:
        for start, word in zip(tokens.starts, tokens.texts, strict=True):
            if word.startswith(beginning):
                return Span(start, start + len(word))
    return None
