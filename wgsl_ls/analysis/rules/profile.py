"""Rules of the device profiles. A limit of an entry point as a whole is a field of DeviceProfile and a record here with
its check; analysis/limits.py has those that mark another place.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from wgsl_ls.analysis.limit_facts import EntryFacts
from wgsl_ls.analysis.rule import Rule
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.text.diagnostic import Severity


def _invocations(entry: EntryFacts, profile: DeviceProfile) -> Iterator[str]:
    known = [axis for axis in entry.workgroup_size if axis is not None]
    if known and len(known) == len(entry.workgroup_size) and profile.invocations is not None:
        total = prod(known)
        if total > profile.invocations:
            allowed = f"profile {profile.name} allows {profile.invocations}"
            yield f"{entry.name} has {total} invocations in a workgroup; {allowed}"


def _workgroup_size(entry: EntryFacts, profile: DeviceProfile) -> Iterator[str]:
    for axis_name, axis, most in zip("xyz", entry.workgroup_size, profile.workgroup_size or (), strict=False):
        if axis is not None and axis > most:
            yield f"{entry.name}: workgroup size {axis} in {axis_name}; profile {profile.name} allows {most}"


def _storage_buffers(entry: EntryFacts, profile: DeviceProfile) -> Iterator[str]:
    bound = entry.n_bindings("storage")
    if profile.storage_buffers is not None and bound > profile.storage_buffers:
        yield f"{entry.name} binds {bound} storage buffers; profile {profile.name} allows {profile.storage_buffers}"


RULES = (
    Rule(
        id="profile/workgroup-storage",
        title="More workgroup storage than the device has",
        meaning=(
            "The entry point's `var<workgroup>` variables need more bytes than the profile offers. Each is counted "
            "rounded up to 16, as WebGPU does; the largest is marked, the others are related places."
        ),
        remedy="Make the tiles smaller for these variants, or reuse one variable.",
    ),
    Rule(
        id="profile/invocations",
        title="More invocations in a workgroup than the device allows",
        meaning="A workgroup has more invocations (x times y times z) than the profile allows.",
        remedy="Make the workgroup smaller for these variants.",
        exceeds=_invocations,
    ),
    Rule(
        id="profile/workgroup-size",
        title="A side of the workgroup is too large for the device",
        meaning="One side of the workgroup is larger than the profile allows.",
        remedy="Make this side smaller, or use another one.",
        exceeds=_workgroup_size,
    ),
    Rule(
        id="profile/storage-buffers",
        title="More storage buffers than the device allows",
        meaning="The entry point uses more storage buffers than the profile allows for one stage.",
        remedy="Join buffers, or leave those out that the variant does not need.",
        exceeds=_storage_buffers,
    ),
    Rule(
        id="profile/subgroup-matrix",
        title="A matrix shape that the device does not offer",
        meaning=(
            "A matrix multiplication of this shape and these types (M x N x K, operands, result) is not among those "
            "the profile offers."
        ),
        remedy="Use an offered shape, which the message lists; choose it by a macro per device.",
    ),
    Rule(
        id="profile/f16",
        title="The device has no 16-bit floats",
        meaning="The text has `enable f16;` and the profile has no 16-bit floats.",
        remedy="Let a macro choose `f32` for this device.",
    ),
    Rule(
        id="profile/subgroups",
        title="The device has no subgroups",
        meaning="The text has `enable subgroups;` and the profile has no subgroups.",
        remedy="Let a macro choose a reduction through workgroup memory.",
    ),
    Rule(
        id="profile/language-feature",
        title="The browser or runtime lacks a language feature of WGSL",
        meaning=(
            "The text uses what belongs to a language feature (`requires`), named by a directive or not, and the "
            "profile's implementation lacks it: it refuses the shader. Compilers here may know it. The message says "
            "where the fact comes from and when it was looked up."
        ),
        remedy=(
            "Write it without the feature (`@builtin(global_invocation_id)` for `global_invocation_index`), or let the "
            "host choose by `wgslLanguageFeatures`."
        ),
    ),
    Rule(
        id="profile/extension",
        title="The browser or runtime lacks an extension",
        meaning="An `enable` directive names an extension that the profile's implementation does not have.",
        remedy="Let a macro choose a variant without it, by the adapter's features.",
    ),
    Rule(
        id="profile/refused",
        title="The browser or runtime refuses a form of WGSL",
        meaning=(
            "WGSL has this line or construct, and the profile's implementation is known to refuse it as it is "
            "written, though it can do what is meant. `portability/...` says how it was judged here all the same."
        ),
        remedy="Write it in another way (`unpack2x16float` for a bitcast), or under a condition that the host sets.",
    ),
    Rule(
        id="profile/not-known",
        title="Nobody here knows whether the browser or runtime has it",
        meaning=(
            "The text needs an extension or language feature of which the profile does not tell: the release is newer "
            "than the facts, no source was found, or two contradict each other (which is said). It was not judged."
        ),
        remedy="Try it there, and say so in a profile of your own: `extends`, `lacks`.",
        severity=Severity.INFORMATION,
    ),
)
