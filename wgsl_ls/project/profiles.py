"""DeviceProfile: the limits and features of a class of GPUs, by name, so that a variant can be judged without
such a device. The built-in ones; `[profile.NAME]` tables of wgsl-ls.toml add to them or change them.

None means "not known": a rule about it is not checked. Figures are what browsers and Dawn report on such
devices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True, order=True)
class MatrixShape:
    """One subgroup matrix configuration: left is M x K, right K x N, the result M x N; `component` is the
    element type of the operands, `result` of the result ("f16", "f32", "i8", "u8", "i32", "u32")."""

    m: int
    n: int
    k: int
    component: str
    result: str

    def __str__(self) -> str:
        return f"{self.m}x{self.n}x{self.k} {self.component} {self.result}"


_SHAPE = re.compile(r"(\d+)x(\d+)x(\d+)\s+(f16|f32|i8|u8|i32|u32)(?:\s+(f16|f32|i32|u32))?")


def parse_matrix_shape(text: str) -> MatrixShape | None:
    """`"16x8x16 f16 f32"` (M x N x K, operand type, result type; one type stands for both); None when
    malformed."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        return None
    m, n, k, component, result = match.groups()
    return MatrixShape(int(m), int(n), int(k), component, result or component)


@dataclass(frozen=True, slots=True)
class LanguageSupport:
    """What an implementation has of WGSL's extensions, those of `enable` and those of `requires` alike. `offered`,
    `lacked`: names. `rest`: what holds of all other names; None: not known. `refusals`: what it refuses although it can
    do it: lines ("enable subgroups") and forms (see wgsl/feature_uses.py). `source`: who says so; `sources`: of single
    names."""

    offered: tuple[str, ...] = ()
    lacked: tuple[str, ...] = ()
    rest: bool | None = None
    refusals: tuple[str, ...] = ()
    source: str = ""
    sources: tuple[tuple[str, str], ...] = ()

    def has(self, name: str) -> bool | None:
        """None: not known."""
        if name in self.offered:
            return True
        return False if name in self.lacked else self.rest

    def source_of(self, name: str) -> str:
        return dict(self.sources).get(name, self.source)


def _said(words: str, least: int = 0) -> Any:
    """A field that `[profile.NAME]` has a key for. `words`: what it is, Markdown; `least`: of a whole number."""
    return field(default=None, metadata={"words": words, "least": least})


@dataclass(frozen=True, slots=True)
class DeviceProfile:
    """What is known of a device, None where nothing is. `language`: of a browser or a runtime; None for a class of
    GPUs, which several of them run on. To add a limit: a field here, and its rule in analysis/rules/profile.py; the
    configuration's key, its documents and its reading follow from the field."""

    name: str
    workgroup_storage: int | None = _said("bytes")
    invocations: int | None = _said("per workgroup", least=1)
    workgroup_size: tuple[int, int, int] | None = _said("`[x, y, z]`")
    workgroups_per_dimension: int | None = _said("number", least=1)
    storage_buffers: int | None = _said("per shader stage")
    subgroups: bool | None = _said("the device has subgroups")
    subgroup_size: tuple[int, int] | None = _said("`[smallest, largest]`")
    subgroup_matrix: tuple[MatrixShape, ...] | None = _said(
        'shapes as `"16x8x16 f16 f32"`: M x N x K, operand type, result type; `[]`: none'
    )
    f16: bool | None = _said("the device has 16-bit floats")
    vendor: str | None = _said("text, as WebGPU's adapter info has it")
    packed_dot_product: bool | None = _said("WGSL's `packed_4x8_integer_dot_product`")
    language: LanguageSupport | None = None

    @property
    def is_device(self) -> bool:
        """A host can ask it what it has. A browser's limits are the most that it grants: no device has just those."""
        return self.language is None or self.workgroups_per_dimension is not None


def _shapes(*texts: str) -> tuple[MatrixShape, ...]:
    return tuple(shape for text in texts if (shape := parse_matrix_shape(text)) is not None)


BUILT_IN: Final[dict[str, DeviceProfile]] = {
    profile.name: profile
    for profile in (
        # The guaranteed minimum of the specification (WebGPU, "Limits"); no optional feature.
        DeviceProfile("webgpu-default", 16384, 256, (256, 256, 64), 65535, 8, False, None, (), False, "", True),
        # The same with 16-bit floats, which many hosts ask for; what they do without subgroups shows here.
        DeviceProfile("webgpu-f16", 16384, 256, (256, 256, 64), 65535, 8, False, None, (), True, "", True),
        DeviceProfile(
            "apple-m",
            32768,
            1024,
            (1024, 1024, 1024),
            65535,
            10,
            True,
            (32, 32),
            _shapes("8x8x8 f16 f16", "8x8x8 f32 f32"),
            True,
            "apple",
            True,
        ),
        DeviceProfile(
            "nvidia",
            49152,
            1024,
            (1024, 1024, 64),
            65535,
            16,
            True,
            (32, 32),
            _shapes(
                "16x16x16 f16 f16",
                "16x16x16 f16 f32",
                "16x8x16 f16 f16",
                "16x8x16 f16 f32",
                "16x8x8 f16 f16",
                "16x8x8 f16 f32",
            ),
            True,
            "nvidia",
            True,
        ),
        DeviceProfile(
            "intel-xe2",
            32768,
            1024,
            (1024, 1024, 64),
            65535,
            16,
            True,
            (16, 32),
            _shapes("8x16x16 f16 f16", "8x16x16 f16 f32", "8x16x32 i8 i32", "8x16x32 u8 u32"),
            True,
            "intel",
            True,
        ),
        DeviceProfile("amd", 32768, 1024, (1024, 1024, 1024), 65535, 16, True, (32, 64), (), True, "amd", True),
    )
}

SOURCES: Final[Mapping[str, tuple[str, str]]] = {
    "webgpu-default": ('WebGPU, "Limits"', "2026-11"),
    "webgpu-f16": ('WebGPU, "Limits", and the feature shader-f16', "2026-11"),
    "apple-m": ("Dawn's PhysicalDeviceMTL.mm at 1e975e28f9, from Apple7 on: limits, two kinds of matrices", "2026-11"),
    "nvidia": (
        "an H100 and an H200 (driver 580.159.04) through wgpu 0.32 and Dawn, as `wgsl-ls doctor` says them",
        "2026-11",
    ),
    "intel-xe2": (
        "llama.cpp pull request 21669 (matrices of 8x16x16); limits are those of its Vulkan drivers",
        "2026-04",
    ),
    "amd": (
        "limits and subgroup sizes of RDNA's Vulkan drivers; Dawn offers no matrices on Mesa before 25.2",
        "2026-11",
    ),
}
"""Of the built-in classes of GPUs: who says so, and when that was looked up."""
