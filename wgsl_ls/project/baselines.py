"""Baselines: what browsers and native runtimes offer of WGSL, as device profiles: `chrome-147`, `firefox-141`,
`safari-26`, `dawn-native`, `wgpu-native`, `webgpu-core`.

The facts are data, each with its source and the date it was looked up; a new release is a changed number. A version
beyond what was looked up keeps what the last one had; what it may have gained is unknown, and said so. Of limits and
subgroup sizes a browser has only what it grants to no page, whatever the GPU; what a GPU has itself, matrix shapes
among it, is judged by the profiles of GPU classes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wgsl_ls.project.profiles import DeviceProfile, LanguageSupport

_CHROME = "developer.chrome.com/blog/new-in-webgpu-{}"
_MATRIX = "chromium_experimental_subgroup_matrix"


@dataclass(frozen=True, slots=True)
class Fact:
    """Of one browser and one extension. `since`: the first version with it, None when no version is known to have it;
    `absent`: the last version that is known to lack it, None: not known of any. With neither, `source` names two that
    contradict each other. `looked_up`: when."""

    name: str
    since: float | None
    absent: float | None
    source: str
    looked_up: str

    def holds(self, version: float) -> bool | None:
        """None: nobody here knows."""
        if self.since is not None and version >= self.since:
            return True
        return False if self.absent is not None and version <= self.absent else None


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that a browser grants on any GPU. `workgroup_storage` in bytes, `invocations` of a workgroup,
    `workgroup_size` in x, y and z, `subgroup_size`: smallest and largest; None: not known, or none."""

    source: str
    looked_up: str
    workgroup_storage: int | None = None
    invocations: int | None = None
    workgroup_size: tuple[int, int, int] | None = None
    subgroup_size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Browser:
    """`first`: its first version with WebGPU."""

    name: str
    first: int
    facts: tuple[Fact, ...]
    ceiling: Ceiling | None = None


def _chrome(since: int, *names: str, source: str = "") -> tuple[Fact, ...]:
    return tuple(Fact(name, since, since - 1, source or _CHROME.format(since), "2026-11") for name in names)


def _absent(until: float, source: str, looked_up: str, *names: str) -> tuple[Fact, ...]:
    return tuple(Fact(name, None, until, source, looked_up) for name in names)


def _unconfirmed(source: str, *names: str) -> tuple[Fact, ...]:
    """`source` has it, and MDN says that no release does."""
    return tuple(Fact(name, None, None, f"not confirmed: {source}, not so {_MDN}", "2026-11") for name in names)


_MDN = "MDN's browser-compat-data 8.1.9"
# The releases of its day.
_FIREFOX, _SAFARI = 160, 27.2
_IN_CHROME_ALONE = (
    *("linear_indexing", "subgroup_id", "subgroup_uniformity", "uniform_buffer_standard_layout"),
    *("texture_and_sampler_let", "immediate_address_space", "subgroup_size_control", "primitive_index"),
)
_NO_ENTRY = f"Chromium's own by its name; {_MDN} has no entry"


BROWSERS: Final = (
    Browser(
        "chrome",
        113,
        (
            *_chrome(120, "f16"),
            *_chrome(
                123, "packed_4x8_integer_dot_product", "unrestricted_pointer_parameters", "pointer_composite_access"
            ),
            *_chrome(124, "readonly_and_readwrite_storage_textures"),
            *_chrome(130, "dual_source_blending"),
            *_chrome(131, "clip_distances"),
            *_chrome(134, "subgroups"),
            *_chrome(144, "subgroup_id", "uniform_buffer_standard_layout"),
            *_chrome(145, "subgroup_uniformity", source="MDN's WGSLLanguageFeatures (mdn/content 43696)"),
            *_chrome(146, "texture_and_sampler_let", source=_MDN),
            # One page for two releases, and MDN names the second: that it came with the first of them is not known.
            Fact("linear_indexing", 148, 146, _CHROME.format("147-148"), "2026-11"),
            Fact("immediate_address_space", 150, 148, _CHROME.format("149-150"), "2026-11"),
            Fact("subgroup_size_control", 152, 148, _CHROME.format("151-152"), "2026-11"),
            *_absent(148, "Dawn's Features.cpp: experimental, behind a flag", "2026-11", _MATRIX),
        ),
        Ceiling(
            "the highest tiers of Dawn's Limits.cpp; subgroups: WebGPU, GPUAdapterInfo",
            "2026-11",
            65536,
            1024,
            (1024, 1024, 64),
            (4, 128),
        ),
    ),
    Browser(
        "firefox",
        141,
        (
            *_unconfirmed(
                "naga's language_extension.rs lists it",
                "readonly_and_readwrite_storage_textures",
                "packed_4x8_integer_dot_product",
                "pointer_composite_access",
            ),
            *_unconfirmed("Firefox' dom/webgpu/Adapter.cpp offers it", "f16"),
            *_absent(_FIREFOX, _MDN, "2026-11", "unrestricted_pointer_parameters", "subgroups", *_IN_CHROME_ALONE),
            Fact("dual_source_blending", 155, 154, _MDN, "2026-11"),
            # 158 has it on some systems.
            Fact("clip_distances", None, 157, _MDN, "2026-11"),
            *_absent(_FIREFOX, _NO_ENTRY, "2026-11", _MATRIX),
        ),
    ),
    Browser(
        "safari",
        26,
        (
            Fact("f16", 26, None, _MDN, "2026-11"),
            *_unconfirmed(
                "WebKit's WGSLLanguageFeatures.cpp lists it",
                "packed_4x8_integer_dot_product",
                "pointer_composite_access",
                "readonly_and_readwrite_storage_textures",
                "unrestricted_pointer_parameters",
            ),
            Fact("subgroups", 27.3, 27.2, _MDN, "2026-11"),
            *_absent(_SAFARI, _MDN, "2026-11", "clip_distances", "dual_source_blending", *_IN_CHROME_ALONE),
            *_absent(_SAFARI, _NO_ENTRY, "2026-11", _MATRIX),
        ),
        # It runs on Metal alone: no Apple GPU has more of either.
        Ceiling("Apple's Metal feature set tables", "2026-11", 32768, 1024, (1024, 1024, 1024)),
    ),
)

_FIXED: Final = {
    profile.name: profile
    for profile in (
        # The guaranteed minimum of the specification (WebGPU, "Limits"): no optional feature, no language extension.
        DeviceProfile(
            "webgpu-core",
            16384,
            256,
            (256, 256, 64),
            65535,
            8,
            subgroup_matrix=(),
            language=LanguageSupport(rest=False, source="WebGPU and WGSL guarantee no extension, 2026-11"),
        ),
        DeviceProfile(
            "dawn-native",
            language=LanguageSupport(
                lacked=(
                    "view_instancing",
                    "chromium_experimental_barycentric_coord",
                    "chromium_internal_input_attachments",
                ),
                rest=True,
                source="tried with Dawn 20261009, unsafe APIs allowed, 2026-11",
            ),
        ),
        DeviceProfile(
            "wgpu-native",
            language=LanguageSupport(
                lacked=(
                    *("unrestricted_pointer_parameters", "uniform_buffer_standard_layout", "texture_and_sampler_let"),
                    *("texture_formats_tier1", "linear_indexing", "immediate_address_space", "fragment_depth"),
                    *("buffer_view", "swizzle_assignment", "sized_binding_array", "texel_buffers", "chromium_print"),
                    *("subgroup_size_control", "atomic_vec2u_min_max", "view_instancing", _MATRIX),
                    "chromium_disable_uniformity_analysis",
                    "chromium_experimental_barycentric_coord",
                    "chromium_experimental_framebuffer_fetch",
                    "chromium_experimental_pixel_local",
                    "chromium_experimental_resource_table",
                    "chromium_internal_input_attachments",
                ),
                rest=True,
                refusals=(
                    "enable subgroups",
                    "requires subgroup_id",
                    "requires subgroup_uniformity",
                    "f16-bitcast",
                    "statement-diagnostic",
                ),
                source="tried with wgpu-native 29.0.1.1, 2026-11",
            ),
        ),
    )
}
_VERSIONED = re.compile(r"(?P<name>[a-z]+)-(?P<version>\d{2,3}(?:\.\d{1,2})?)")


def baseline(name: str) -> DeviceProfile | None:
    """The profile of that name; None when there is no such browser, or it had no WebGPU then."""
    if name in _FIXED:
        return _FIXED[name]
    match = _VERSIONED.fullmatch(name)
    browser = next((one for one in BROWSERS if match is not None and one.name == match["name"]), None)
    if match is None or browser is None or float(match["version"]) < browser.first:
        return None
    version = float(match["version"])
    known = {fact.name: fact.holds(version) for fact in browser.facts}
    # What a newer release has is in no source.
    told = (one for one in browser.facts if known[one.name] is not None or (one.since is None and one.absent is None))
    sources = tuple((fact.name, f"{fact.source}, {fact.looked_up}") for fact in told)
    ceiling = browser.ceiling or Ceiling("", "")
    has_subgroups = known.get("subgroups")
    return DeviceProfile(
        name,
        ceiling.workgroup_storage,
        ceiling.invocations,
        ceiling.workgroup_size,
        subgroup_size=ceiling.subgroup_size if has_subgroups else None,
        language=LanguageSupport(
            tuple(one for one, holds in known.items() if holds),
            tuple(one for one, holds in known.items() if holds is False),
            None,
            sources=sources,
        ),
    )


def baseline_names() -> tuple[str, ...]:
    """For lists: browsers by their first version."""
    return (*(f"{one.name}-{one.first}" for one in BROWSERS), *_FIXED)


class KnownProfiles(Collection[str]):
    """The names that a configuration may use: its profiles, the built-in ones included, and every baseline."""

    def __init__(self, profiles: Mapping[str, DeviceProfile]) -> None:
        self.declared = profiles

    def __contains__(self, name: object) -> bool:
        return name in self.declared or (isinstance(name, str) and baseline(name) is not None)

    def __iter__(self) -> Iterator[str]:
        yield from self.declared
        yield from (name for name in baseline_names() if name not in self.declared)

    def __len__(self) -> int:
        return len(tuple(iter(self)))

    def get(self, name: str) -> DeviceProfile | None:
        return self.declared.get(name) or baseline(name)
