"""Limits: is a variant within the device profiles it must pass? Told from the expansion alone, without a device.

What cannot be evaluated is not reported: a profile check says "exceeds" only when it knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location, Span

if TYPE_CHECKING:
    from wgsl_ls.wgsl.reflection import EntryPoint, Reflection

_MATRIX_CALL = re.compile(r"\bsubgroupMatrixMultiply\w*")
_MATRIX_TYPE = re.compile(r"\bsubgroup_matrix_\w+")
_STORAGE = re.compile(r"\bvar\s*<\s*storage\b[^>]*>\s*(\w+)")


def limit_findings(expansion: Expansion, reflection: Reflection, profiles: Sequence[DeviceProfile]) -> list[Finding]:
    found: list[Finding] = []
    for profile in profiles:
        for entry in reflection.entry_points:
            found.extend(_of_entry_point(expansion, entry, profile))
        found.extend(_of_features(expansion, reflection, profile))
    return list(dict.fromkeys(found))


def _finding(expansion: Expansion, span: Span, code: str, message: str, related: tuple[Related, ...] = ()) -> Finding:
    origin = expansion.source_map.written(span.start, span.end)
    location = origin.location if origin is not None else Location(expansion.root.path, Span(0, 0))
    includes = origin.includes if origin is not None else ()
    name = location.path.rsplit("/", 1)[-1]
    sites = tuple(Related(site, f"{name} is included here") for site in includes)
    return Finding(location, Severity.ERROR, f"profile/{code}", message, related=related + sites)


def _of_entry_point(expansion: Expansion, entry: EntryPoint, profile: DeviceProfile) -> list[Finding]:
    found: list[Finding] = []
    name_span = Span(entry.start, entry.end)
    used, limit = entry.workgroup_storage, profile.workgroup_storage
    if used is not None and limit is not None and used > limit:
        variables = sorted(entry.workgroup_variables, key=lambda variable: (-(variable.size or 0), variable.start))
        related = []
        for variable in variables[1:]:
            origin = expansion.source_map.written(variable.start, variable.end)
            if origin is not None:
                related.append(Related(origin.location, f"{variable.name}: {variable.size} bytes"))
        span = Span(variables[0].start, variables[0].end) if variables else name_span
        largest = f" ({variables[0].name} alone {variables[0].size})" if variables else ""
        message = (
            f"{entry.name} uses {used} bytes of workgroup storage{largest}; this exceeds profile {profile.name} "
            f"({limit} bytes) by {used - limit} bytes"
        )
        found.append(_finding(expansion, span, "workgroup-storage", message, tuple(related)))
    total = entry.invocations
    if total is not None and profile.invocations is not None and total > profile.invocations:
        message = (
            f"{entry.name} has {total} invocations in a workgroup; profile {profile.name} allows {profile.invocations}"
        )
        found.append(_finding(expansion, name_span, "invocations", message))
    if entry.workgroup_size is not None and profile.workgroup_size is not None:
        for axis_name, axis, most in zip("xyz", entry.workgroup_size, profile.workgroup_size, strict=True):
            if axis is not None and axis > most:
                message = f"{entry.name}: workgroup size {axis} in {axis_name}; profile {profile.name} allows {most}"
                found.append(_finding(expansion, name_span, "workgroup-size", message))
    buffers = sum(1 for binding in entry.globals if binding in _storage_names(expansion))
    if profile.storage_buffers is not None and buffers > profile.storage_buffers:
        message = (
            f"{entry.name} binds {buffers} storage buffers; profile {profile.name} allows {profile.storage_buffers}"
        )
        found.append(_finding(expansion, name_span, "storage-buffers", message))
    if profile.subgroup_matrix is not None:
        found.extend(_of_matrices(expansion, entry, profile, name_span))
    return found


def _of_matrices(expansion: Expansion, entry: EntryPoint, profile: DeviceProfile, name_span: Span) -> list[Finding]:
    assert profile.subgroup_matrix is not None
    offered = {(one.m, one.n, one.k, one.component, one.result) for one in profile.subgroup_matrix}
    found = []
    for shape in entry.matrix_shapes:
        if None in (shape.rows, shape.columns, shape.inner):
            continue
        if (shape.rows, shape.columns, shape.inner, shape.component, shape.result) in offered:
            continue
        match = _MATRIX_CALL.search(expansion.text) or _MATRIX_TYPE.search(expansion.text)
        span = Span(match.start(), match.end()) if match is not None else name_span
        known = ", ".join(str(one) for one in profile.subgroup_matrix) or "none"
        message = (
            f"profile {profile.name} has no subgroup matrix {shape.rows}x{shape.columns}x{shape.inner} "
            f"{shape.component} {shape.result} (M x N x K, operands, result); it has: {known}"
        )
        found.append(_finding(expansion, span, "subgroup-matrix", message))
    return found


def _storage_names(expansion: Expansion) -> frozenset[str]:
    return frozenset(_STORAGE.findall(expansion.text))


def _of_features(expansion: Expansion, reflection: Reflection, profile: DeviceProfile) -> list[Finding]:
    found: list[Finding] = []
    for extension, offered, what in (
        ("f16", profile.f16, "16-bit floats"),
        ("subgroups", profile.subgroups, "subgroups"),
    ):
        if offered is False and extension in reflection.enabled:
            match = re.search(rf"\benable\b[^;]*?\b({extension})\b", expansion.text)
            span = Span(match.start(1), match.end(1)) if match is not None else Span(0, 0)
            message = f"this needs {what}; profile {profile.name} has none"
            found.append(_finding(expansion, span, extension, message))
    return found
