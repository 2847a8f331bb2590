"""Runs one DispatchJob on the device of an engine: compile the stages, run, run again, probe, measure.

Both runtimes have the API of wgpu-py, so one program serves both; the engine brings its device, its error
class and its own lowering. Three checked runs: the first gives the bytes; the second must give the same; the
third has another filling around the data, so that a read out of range that reaches a result shows. Then the
measured runs. A hang is not seen here: the parent's deadline ends the process.
"""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from wgsl_ls.engines.lowering import Lowered
from wgsl_ls.wire.dispatch_jobs import (
    BufferOutcome,
    Dispatched,
    DispatchFailed,
    DispatchJob,
    FailureKind,
    JobBinding,
    JobBuffer,
    JobStage,
    StageTiming,
)
from wgsl_ls.wire.jobs import Matrices, Unavailable, Unsupported, tells_of_lost_device

MATRIX_FEATURE = "chromium-experimental-subgroup-matrix"
# Words of Tint and naga for an extension, or shapes of matrices, that this device lacks: no fault of the text.
_NOT_HERE = re.compile(
    r"extension '?`?\w+'?`? is not (?:allowed|supported) in the current environment"
    r"|Subgroup matrix usage found which is not supported by the device"
)
# WebGPU's flags (https://www.w3.org/TR/webgpu/#namespacedef-gpubufferusage).
_COPY_SRC, _COPY_DST, _UNIFORM, _STORAGE, _QUERY_RESOLVE = 0x4, 0x8, 0x40, 0x80, 0x200
_COMPUTE = 0x4
# Guard regions start and end on the largest alignment that a binding's offset may ask for.
_ALIGNMENT = 256


@runtime_checkable
class DispatchRuntime(Protocol):
    """What an engine offers for running: an opened device and its way to prepare a text."""

    device: Any

    @property
    def error_class(self) -> type[Exception]: ...

    def why_not_run(self) -> str:
        """Why this device runs nothing (a null backend); empty if it runs."""

    def lower(self, text: str, matrices: Matrices) -> Lowered | Unsupported:
        """`text` in the language of this engine."""


class _Failed(Exception):
    def __init__(self, failure: DispatchFailed) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class _Buffer:
    """`offset`: of the data in the whole buffer; `size`: of the binding, with the region behind if bound."""

    job: JobBuffer
    device_buffer: Any
    offset: int
    size: int
    total: int

    def part(self, binding: JobBinding) -> tuple[int, int]:
        """(offset, size) of what is bound. A part that ends with the data has the region behind it."""
        if not binding.size:
            return self.offset, self.size
        behind = self.size - len(self.job.data) if binding.offset + binding.size >= len(self.job.data) else 0
        return self.offset + binding.offset, binding.size + behind

    def data_of(self, content: bytes) -> bytes:
        return content[self.offset : self.offset + len(self.job.data)]

    def filled(self, guard: bytes) -> bytes:
        behind = self.total - self.offset - len(self.job.data)
        return _repeated(guard, self.offset) + self.job.data + _repeated(guard, behind)


@dataclass(frozen=True, slots=True)
class _Stage:
    job: JobStage
    pipeline: Any
    groups: tuple[tuple[int, Any], ...]


def run_dispatch(runtime: DispatchRuntime, job: DispatchJob) -> Dispatched | DispatchFailed | Unavailable:
    """Never raises for what the job contains or for what the device does with it."""
    reason = runtime.why_not_run()
    if reason:
        return Unavailable(reason)
    try:
        return _run(runtime, job)
    except _Failed as failed:
        return failed.failure
    except (runtime.error_class, RuntimeError, MemoryError, OSError) as error:
        return DispatchFailed(_failure_kind(str(error)), _short(str(error)))


def _failure_kind(text: str) -> FailureKind:
    lowered = text.lower()
    if tells_of_lost_device(text):
        return "device-lost"
    if "out of memory" in lowered or "outofmemory" in lowered or "not enough memory" in lowered:
        return "out-of-memory"
    return "device-error"


def _short(text: str) -> str:
    return text if len(text) <= 4000 else text[:4000] + "…"


def _run(runtime: DispatchRuntime, job: DispatchJob) -> Dispatched:
    device = runtime.device
    _check_limits(device, job)
    started = time.perf_counter()
    said: list[str] = []
    buffers = {buffer.name: _make_buffer(device, buffer) for buffer in job.buffers}
    stages = [_make_stage(runtime, stage, job.matrices, buffers, said) for stage in job.stages]
    compile_seconds = time.perf_counter() - started

    first = _checked_run(device, stages, buffers, probe=False)
    second = _checked_run(device, stages, buffers, probe=False)
    probed = _checked_run(device, stages, buffers, probe=True)
    if _data_differ(buffers, first, probed) and first == second:
        # A race that showed only now is no read out of range: both fillings must give the same once more.
        again = _checked_run(device, stages, buffers, probe=False)
        if again != first:
            second = again
        elif _checked_run(device, stages, buffers, probe=True) != probed:
            second, probed = probed, first
    outcomes = tuple(
        _outcome(buffers[name], first[name], second[name], probed[name])
        for name in buffers
        if buffers[name].job.use == "storage"
    )
    timings, wall = _measure(device, stages, job.n_timed)
    return Dispatched(outcomes, timings, wall, compile_seconds, tuple(dict.fromkeys(said)))


def _check_limits(device: Any, job: DispatchJob) -> None:
    limits = {name.replace("_", "-"): value for name, value in device.limits.items()}
    most = limits.get("max-compute-workgroups-per-dimension", 65535)
    for stage in job.stages:
        if max(stage.workgroups) > most or min(stage.workgroups) < 1:
            raise _Failed(
                DispatchFailed(
                    "undispatchable",
                    f"dispatch of {stage.workgroups} workgroups; each count must be 1 to {most}",
                    stage.name,
                )
            )
    largest = limits.get("max-storage-buffer-binding-size", 1 << 27)
    for buffer in job.buffers:
        if len(buffer.data) + 2 * buffer.guard_size > largest:
            raise _Failed(DispatchFailed("too-large", f"{buffer.name}: more than {largest} bytes cannot be bound here"))


def _make_buffer(device: Any, job: JobBuffer) -> _Buffer:
    if job.use == "uniform":
        size = -(-len(job.data) // 16) * 16
        made = device.create_buffer(size=size, usage=_UNIFORM | _COPY_DST)
        return _Buffer(job, made, 0, size, size)
    offset = -(-job.guard_size // _ALIGNMENT) * _ALIGNMENT if job.guard_size else 0
    behind = -(-job.guard_size // 4) * 4
    total = offset + len(job.data) + behind
    made = device.create_buffer(size=max(total, 4), usage=_STORAGE | _COPY_SRC | _COPY_DST)
    return _Buffer(job, made, offset, len(job.data) + (behind if job.guard_inside else 0), total)


def _make_stage(
    runtime: DispatchRuntime, job: JobStage, matrices: Matrices, buffers: dict[str, _Buffer], said: list[str]
) -> _Stage:
    """Emulated where the native matrices are refused, unless native ones were asked for."""
    attempts: tuple[Matrices, ...] = (matrices,)
    if matrices == "auto" and "subgroup_matrix" in job.text:
        attempts = ("native", "emulated") if MATRIX_FEATURE in runtime.device.features else ("emulated",)
    failure: DispatchFailed | None = None
    for attempt in attempts:
        lowered = runtime.lower(job.text, attempt)
        if isinstance(lowered, Unsupported):
            failure = DispatchFailed("unsupported", f"{lowered.extension}: {lowered.detail}", job.name)
            continue
        try:
            stage = _compiled(runtime.device, lowered.text, job, buffers)
        except runtime.error_class as error:
            kind: FailureKind = "unsupported" if _NOT_HERE.search(str(error)) else "rejected"
            if tells_of_lost_device(str(error)):
                raise _Failed(DispatchFailed("device-lost", _short(str(error)), job.name)) from error
            failure = DispatchFailed(kind, _short(str(error)), job.name)
            continue
        said.extend(lowered.said)
        return stage
    assert failure is not None
    raise _Failed(failure)


def _compiled(device: Any, text: str, job: JobStage, buffers: dict[str, _Buffer]) -> _Stage:
    """With layouts of our own: an automatic one leaves out bindings that the text declares and never uses."""
    groups = sorted({binding.group for binding in job.bindings})
    layouts, bind_groups = [], []
    for group in range((groups[-1] if groups else -1) + 1):
        bindings = [binding for binding in job.bindings if binding.group == group]
        layout = device.create_bind_group_layout(
            entries=[
                {
                    "binding": binding.binding,
                    "visibility": _COMPUTE,
                    "buffer": {"type": _binding_type(buffers[binding.buffer].job, binding.read_only)},
                }
                for binding in bindings
            ]
        )
        layouts.append(layout)
        entries = []
        for binding in bindings:
            buffer = buffers[binding.buffer]
            offset, size = buffer.part(binding)
            resource = {"buffer": buffer.device_buffer, "offset": offset, "size": size}
            entries.append({"binding": binding.binding, "resource": resource})
        bind_groups.append((group, device.create_bind_group(layout=layout, entries=entries)))
    module = device.create_shader_module(code=text)
    pipeline = device.create_compute_pipeline(
        layout=device.create_pipeline_layout(bind_group_layouts=layouts),
        compute={"module": module, "entry_point": job.entry_point, "constants": dict(job.overrides)},
    )
    return _Stage(job, pipeline, tuple(bind_groups))


def _binding_type(buffer: JobBuffer, read_only: bool) -> str:
    if buffer.use == "uniform":
        return "uniform"
    return "read-only-storage" if read_only else "storage"


def _checked_run(
    device: Any, stages: Sequence[_Stage], buffers: dict[str, _Buffer], *, probe: bool
) -> dict[str, bytes]:
    """Fills every buffer anew, runs all stages and reads the storage buffers back, guard regions included."""
    for buffer in buffers.values():
        guard = (buffer.job.probe_guard if probe else b"") or buffer.job.guard
        device.queue.write_buffer(buffer.device_buffer, 0, buffer.filled(guard))
    encoder = device.create_command_encoder()
    for stage in stages:
        _encode(encoder, stage)
    device.queue.submit([encoder.finish()])
    return {
        name: bytes(device.queue.read_buffer(buffer.device_buffer))[: buffer.total]
        for name, buffer in buffers.items()
        if buffer.job.use == "storage"
    }


def _data_differ(buffers: dict[str, _Buffer], first: dict[str, bytes], probed: dict[str, bytes]) -> bool:
    """Whether the data differ; the guard regions do by design."""
    return any(
        buffer.data_of(first[name]) != buffer.data_of(probed[name]) for name, buffer in buffers.items() if name in first
    )


def _encode(encoder: Any, stage: _Stage, timestamps: dict[str, Any] | None = None) -> None:
    # A pass per stage: writes of one are visible to the next.
    compute_pass = (
        encoder.begin_compute_pass(timestamp_writes=timestamps) if timestamps else encoder.begin_compute_pass()
    )
    compute_pass.set_pipeline(stage.pipeline)
    for index, group in stage.groups:
        compute_pass.set_bind_group(index, group)
    compute_pass.dispatch_workgroups(*stage.job.workgroups)
    compute_pass.end()


def _outcome(buffer: _Buffer, first: bytes, second: bytes, probed: bytes) -> BufferOutcome:
    start, end = buffer.offset, buffer.offset + len(buffer.job.data)
    fresh = buffer.filled(buffer.job.guard)
    data = first[start:end]
    changed = data != buffer.job.data
    return BufferOutcome(
        buffer.job.name,
        changed,
        data if changed or buffer.job.read_back else b"",
        _first_difference(first[:start], fresh[:start]),
        _first_difference(first[end:], fresh[end:]),
        second[start:end] if second[start:end] != data else b"",
        probed[start:end] if probed[start:end] != data else b"",
    )


def _first_difference(found: bytes, expected: bytes) -> int:
    if found == expected:
        return -1
    return next(index for index, (a, b) in enumerate(zip(found, expected, strict=True)) if a != b)


def _repeated(pattern: bytes, length: int) -> bytes:
    return (pattern * (-(-length // max(len(pattern), 1))))[:length] if pattern else b"\0" * length


def _measure(device: Any, stages: Sequence[_Stage], n_runs: int) -> tuple[tuple[StageTiming, ...], tuple[float, ...]]:
    """GPU time of every stage and wall time of the whole, `n_runs` times; the checked runs have warmed up."""
    gpu: list[list[float]] = [[] for _ in stages]
    wall: list[float] = []
    # Reading four bytes waits for the queue; on_submitted_work_done of wgpu 0.32 has a callback of another type
    # than its library (initializer for ctype ... WGPUStringView).
    fence = device.create_buffer(size=4, usage=_COPY_SRC | _COPY_DST)
    queries = _Timestamps(device, len(stages)) if "timestamp-query" in device.features and n_runs else None
    for _ in range(n_runs):
        started = time.perf_counter()
        encoder = device.create_command_encoder()
        for index, stage in enumerate(stages):
            _encode(encoder, stage, queries.writes(index) if queries else None)
        if queries:
            queries.resolve(encoder)
        device.queue.submit([encoder.finish()])
        device.queue.read_buffer(fence)
        wall.append(time.perf_counter() - started)
        if queries:
            for index, seconds in enumerate(queries.read()):
                if seconds is not None:
                    gpu[index].append(seconds)
    timings = tuple(StageTiming(stage.job.name, tuple(seconds)) for stage, seconds in zip(stages, gpu, strict=True))
    return timings, tuple(wall)


class _Timestamps:
    """A pair of timestamps around every stage."""

    def __init__(self, device: Any, n_stages: int) -> None:
        self._device = device
        self._n_stages = n_stages
        self._set = device.create_query_set(type="timestamp", count=2 * n_stages)
        self._resolved = device.create_buffer(size=16 * n_stages, usage=_QUERY_RESOLVE | _COPY_SRC)

    def writes(self, stage_index: int) -> dict[str, Any]:
        return {
            "query_set": self._set,
            "beginning_of_pass_write_index": 2 * stage_index,
            "end_of_pass_write_index": 2 * stage_index + 1,
        }

    def resolve(self, encoder: Any) -> None:
        encoder.resolve_query_set(self._set, 0, 2 * self._n_stages, self._resolved, 0)

    def read(self) -> list[float | None]:
        """Seconds per stage; None where the two stamps tell nothing (a driver that writes zeros)."""
        stamps = struct.unpack(f"<{2 * self._n_stages}Q", bytes(self._device.queue.read_buffer(self._resolved)))
        return [
            (end - begin) * 1e-9 if end > begin > 0 else None
            for begin, end in zip(stamps[::2], stamps[1::2], strict=True)
        ]
