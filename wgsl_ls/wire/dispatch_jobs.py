"""A run on a device as plain data: what to bind, which texts to dispatch in which order, and what came back.

Bytes only: which numbers they are, and whether they are right, is known to the parent alone (smoke/). Every
buffer lies between two guard regions; what is in them afterwards, and whether a second and a third run gave
the same bytes, is found by the worker and judged by the parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wgsl_ls.wire.frames import register
from wgsl_ls.wire.jobs import Matrices

SUBGROUP_SIZES = (4, 8, 16, 32, 64, 128)
"""Lanes that devices have."""
BufferUse = Literal["storage", "uniform"]
FailureKind = Literal[
    "rejected", "unsupported", "out-of-memory", "device-lost", "device-error", "too-large", "undispatchable"
]
"""`too-large`: for this device; `undispatchable`: no host can dispatch it like that."""


@register
@dataclass(frozen=True, slots=True)
class JobBuffer:
    """One buffer. `data`: its content at the start, a multiple of 4 bytes. `guard`: what fills the regions
    before and behind, `guard_size` bytes each, repeated; `probe_guard`: the same for the third run, which
    shows whether anything read from there reaches a result (empty: as `guard`). `guard_inside`: the region
    behind belongs to the binding, so that writes behind the data are not hidden by bounds checks of the
    engine. `read_back`: its bytes are wanted even when they did not change."""

    name: str
    use: BufferUse
    data: bytes
    guard: bytes
    probe_guard: bytes = b""
    guard_size: int = 256
    guard_inside: bool = True
    read_back: bool = False


@register
@dataclass(frozen=True, slots=True)
class JobBinding:
    """`offset`, `size`: the part of the buffer's data that is bound, in bytes; 0, 0: all of it."""

    group: int
    binding: int
    buffer: str
    read_only: bool = False
    offset: int = 0
    size: int = 0


@register
@dataclass(frozen=True, slots=True)
class JobStage:
    """One dispatch: `text` is plain WGSL, `workgroups` the counts in x, y and z."""

    name: str
    text: str
    entry_point: str
    workgroups: tuple[int, int, int]
    bindings: tuple[JobBinding, ...]
    overrides: tuple[tuple[str, float], ...] = ()


@register
@dataclass(frozen=True, slots=True)
class DispatchJob:
    """`stages` run in order on the same buffers. `n_timed`: runs measured after the checked ones. `matrices`:
    "auto" takes the device's subgroup matrices where it has them and emulates them elsewhere."""

    engine: str
    buffers: tuple[JobBuffer, ...]
    stages: tuple[JobStage, ...]
    n_timed: int = 5
    matrices: Matrices = "auto"


@register
@dataclass(frozen=True, slots=True)
class BufferOutcome:
    """`data`: the bytes after the first run, empty when they are those of the start and were not asked for.
    `before`, `behind`: offset of the first changed byte of a guard region, from its start; -1: none.
    `second`, `probe`: the bytes after that run where they differ from the first run's, else empty."""

    name: str
    changed: bool
    data: bytes
    before: int = -1
    behind: int = -1
    second: bytes = b""
    probe: bytes = b""


@register
@dataclass(frozen=True, slots=True)
class StageTiming:
    """GPU time of each measured run, in seconds; empty where the device has no timestamps."""

    name: str
    gpu_seconds: tuple[float, ...]


@register
@dataclass(frozen=True, slots=True)
class Dispatched:
    """`lowered`: what was rewritten for this engine ("subgroup matrices emulated"). `wall_seconds`: of each
    measured run, submission to completion. `compile_seconds`: modules and pipelines."""

    buffers: tuple[BufferOutcome, ...]
    timings: tuple[StageTiming, ...]
    wall_seconds: tuple[float, ...]
    compile_seconds: float
    lowered: tuple[str, ...] = ()


@register
@dataclass(frozen=True, slots=True)
class DispatchFailed:
    """The run did not come to an end. `stage`: the stage's name, empty where it concerns none."""

    kind: FailureKind
    message: str
    stage: str = ""
