"""Limits: is a variant within the device profiles it must pass? Told from the expansion alone, without a device.

What cannot be evaluated is not reported: a profile check says "exceeds" only when it knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location, Span

if TYPE_CHECKING:
    from wgsl_ls.wgsl.reflection import EntryPoint, Reflection


def limit_findings(
    expansion: Expansion, reflection: Reflection, profiles: Sequence[DeviceProfile]
) -> list[Finding]:
    found: list[Finding] = []
    for profile in profiles:
        for entry in reflection.entry_points:
            found.extend(_of_entry_point(expansion, reflection, entry, profile))
        found.extend(_of_features(expansion, reflection, profile))
    return list(dict.fromkeys(found))


def _finding(expansion: Expansion, span: Span, code: str, message: str, related: tuple[Related, ...] = ()) -> Finding:
    origin = expansion.source_map.written(span.start, span.end)
    location = origin.location if origin is not None else Location(expansion.root.path, Span(0, 0))
    includes = origin.includes if origin is not None else ()
    name = location.path.rsplit("/", 1)[-1]
    sites = tuple(Related(site, f"{name} is included here") for site in includes)
    return Finding(location, Severity.ERROR, f"profile/{code}", message, related=related + sites)


def _of_entry_point(
    expansion: Expansion, reflection: Reflection, entry: EntryPoint, profile: DeviceProfile
) -> list[Finding]:
    found: list[Finding] = []
    used = entry.workgroup_storage
    limit = profile.workgroup_storage
    if used is not None and limit is not None and used > limit:
        variables = sorted(
            (variable for variable in reflection.workgroup_variables if variable.name in entry.workgroup_variables),
            key=lambda variable: -(variable.size or 0),
        )
        related = []
        for variable in variables[1:]:
            origin = expansion.source_map.written(variable.span.start, variable.span.end)
            if origin is not None:
                related.append(Related(origin.location, f"{variable.name}: {variable.size} bytes"))
        span = variables[0].span if variables else entry.span
        largest = f" ({variables[0].name} alone {variables[0].size})" if variables else ""
        message = (
            f"{entry.name} uses {used} bytes of workgroup storage{largest}; this exceeds profile {profile.name} "
            f"({limit} bytes) by {used - limit} bytes"
        )
        found.append(_finding(expansion, span, "workgroup-storage", message, tuple(related)))
    size = entry.workgroup_size
    if size is not None:
        known = [axis for axis in size if axis is not None]
        if len(known) == len(size):
            total = 1
            for axis in known:
                total *= axis
            if profile.invocations is not None and total > profile.invocations:
                message = (
                    f"{entry.name} has {total} invocations in a workgroup; profile {profile.name} allows "
                    f"{profile.invocations}"
                )
                found.append(_finding(expansion, entry.workgroup_size_span or entry.span, "invocations", message))
        if profile.workgroup_size is not None:
            for axis_name, axis, most in zip("xyz", size, profile.workgroup_size, strict=False):
                if axis is not None and axis > most:
                    message = (
                        f"{entry.name}: workgroup size {axis} in {axis_name}; profile {profile.name} allows {most}"
                    )
                    found.append(_finding(expansion, entry.workgroup_size_span or entry.span, "workgroup-size", message))
    return found


def _of_features(expansion: Expansion, reflection: Reflection, profile: DeviceProfile) -> list[Finding]:
    found: list[Finding] = []
    spans = reflection.enables
    if profile.f16 is False and "f16" in spans:
        message = f"this needs 16-bit floats; profile {profile.name} has no f16"
        found.append(_finding(expansion, spans["f16"], "f16", message))
    if profile.subgroups is False and "subgroups" in spans:
        message = f"this needs subgroups; profile {profile.name} has none"
        found.append(_finding(expansion, spans["subgroups"], "subgroups", message))
    if profile.subgroup_matrix is not None:
        for shape in reflection.matrix_shapes:
            if not any(
                offered.m == shape.m
                and offered.n == shape.n
                and offered.k == shape.k
                and offered.component == shape.component
                and offered.result == shape.result
                for offered in profile.subgroup_matrix
            ):
                offered_shapes = ", ".join(str(offered) for offered in profile.subgroup_matrix) or "none"
                message = (
                    f"subgroup matrix {shape.m}x{shape.n}x{shape.k} {shape.component} -> {shape.result} does not exist "
                    f"on profile {profile.name} (it has: {offered_shapes})"
                )
                found.append(_finding(expansion, shape.span, "subgroup-matrix", message))
    return found
