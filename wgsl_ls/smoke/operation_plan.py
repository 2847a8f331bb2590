"""Plans the run of an OperationCase: the bytes of every allocation, and what the output must hold.

Which shaders run, with which bindings and parameters, is the host's word (a list of `Launch`es); here it is put on
buffers with guard regions and poison, and compared with what every host must keep to: nothing exceeds its allocation
or a limit that every device guarantees (bindings that overlap: aliases.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wgsl_ls.smoke.aliases import Bound
from wgsl_ls.smoke.elements import FORMATS, Array, Format, Tensor
from wgsl_ls.smoke.expectation import OutputPlan
from wgsl_ls.smoke.judge import Check
from wgsl_ls.smoke.layout import BufferBinding, ShaderLayout, workgroup_of
from wgsl_ls.smoke.operation import Operand, OperationCase
from wgsl_ls.smoke.plan import GUARD_BYTES, SmokePlan
from wgsl_ls.smoke.uniforms import PlanError
from wgsl_ls.wire.dispatch_jobs import DispatchJob, JobBinding, JobBuffer, JobStage
from wgsl_ls.wire.jobs import Matrices

MOST_WORKGROUPS = 65535  # https://www.w3.org/TR/webgpu/#limits: maxComputeWorkgroupsPerDimension
_MOST_BYTES = 1 << 28
_UNKNOWN = b"\xa5\xc3\x5a\x3c"  # what a uniform buffer holds where nobody wrote


@dataclass(frozen=True, slots=True)
class Part:
    """What a host binds: `size` bytes at `offset` of the buffer called `buffer`; `size` None: all of it."""

    group: int
    binding: int
    buffer: str
    offset: int
    size: int | None


@dataclass(frozen=True, slots=True)
class DispatchLimits:
    """Of a device. `alignment` of storage bindings and `binding_bytes`, the largest; of a workgroup its `invocations`
    and the bytes of its memory."""

    alignment: int = 256
    binding_bytes: int = 1 << 27
    invocations: int = 256
    workgroup_storage: int = 16384


@dataclass(frozen=True, slots=True)
class Launch:
    """One dispatch of a host: the expanded text of a shader and what is bound to it. `where`: the place of the host's
    code, as a reader finds it."""

    name: str
    text: str
    layout: ShaderLayout
    entry_point: str
    constants: tuple[tuple[str, float], ...]
    parts: tuple[Part, ...]
    workgroups: tuple[int, int, int]
    where: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """One buffer of tensors: `operands` that lie in it, by name; `size` in bytes, as much as the host asks for."""

    name: str
    size: int
    operands: tuple[tuple[str, Operand], ...]


Written = Mapping[str, Sequence[tuple[int, bytes]]]
"""What a host writes to other buffers: by name, (offset, bytes) in order."""


def host_checks(launches: Sequence[Launch], sizes: Mapping[str, int], limits: DispatchLimits) -> tuple[Check, ...]:
    """What no host may do, whatever the numbers are: only the checks that fail. `sizes`: of the allocations."""
    alignment, most_bytes = limits.alignment, limits.binding_bytes
    found: list[Check] = []

    def wrong(launch: Launch, name: str, message: str) -> None:
        found.append(Check("host", name, False, f"{launch.where}: {launch.name}: {message}"))

    for launch in launches:
        declared = {(one.group, one.binding): one for one in launch.layout.bindings}
        given = {(one.group, one.binding): one for one in launch.parts}
        for key in dict.fromkeys((*declared, *given)):
            shown = f"@group({key[0]}) @binding({key[1]})"
            if key not in given and declared[key].name in launch.layout.used:
                wrong(launch, declared[key].name, f"{shown} {declared[key].name} is not bound")
            if key in given and (key not in declared or declared[key].name not in launch.layout.used):
                wrong(launch, given[key].buffer, f"{shown} is bound, and the shader does not use it")
        for key, part in given.items():
            size = sizes.get(part.buffer)
            kind = declared[key].kind if key in declared else "storage"
            if part.size is None:
                continue
            if kind == "storage" and part.offset % alignment:
                wrong(launch, part.buffer, f"bound at byte {part.offset}, which is no multiple of {alignment}")
            if kind == "storage" and part.size > most_bytes:
                wrong(launch, part.buffer, f"{part.size:,} bytes are bound, the device allows {most_bytes:,}")
            if part.size <= 0 or (kind == "storage" and part.size % 4):
                wrong(launch, part.buffer, f"{part.size} bytes are bound, which is no positive multiple of 4")
            if key in declared and part.size < declared[key].size:
                wrong(
                    launch, part.buffer, f"{part.size} bytes are bound, {declared[key].name} needs {declared[key].size}"
                )
            if size is not None and part.offset + part.size > size:
                wrong(
                    launch,
                    part.buffer,
                    f"bytes {part.offset} to {part.offset + part.size} are bound of {size} that the host allocates",
                )
        invocations, storage = workgroup_of(launch.text, launch.entry_point, launch.constants)
        if invocations > limits.invocations:
            wrong(launch, "", f"{invocations} invocations in a workgroup, the device allows {limits.invocations}")
        if storage > limits.workgroup_storage:
            wrong(launch, "", f"{storage:,} bytes of workgroup memory, the device has {limits.workgroup_storage:,}")
        if not all(1 <= count <= MOST_WORKGROUPS for count in launch.workgroups):
            wrong(
                launch, "", f"a dispatch of {launch.workgroups} workgroups; every device takes 1 to {MOST_WORKGROUPS:,}"
            )
    return tuple(found)


def storage_of(launch: Launch) -> list[Bound]:
    """What is bound to the storage variables that a shader uses."""
    declared = {(one.group, one.binding): one for one in launch.layout.bindings}
    pairs = ((declared.get((part.group, part.binding)), part) for part in launch.parts)
    return [
        Bound(one.name, one.read_only, part.buffer, part.offset, part.size)
        for one, part in pairs
        if one is not None and one.kind == "storage" and one.name in launch.layout.used
    ]


def plan_operation(
    case: OperationCase,
    launches: Sequence[Launch],
    allocations: Sequence[Allocation],
    output_in: str,
    written: Written,
    input_scale: float = 1.0,
    *,
    engine: str,
    matrices: Matrices = "auto",
    n_timed: int = 0,
) -> SmokePlan:
    """`output_in`: the name of the output's allocation; `input_scale`: what numbers are multiplied with, see `content`.
    Raises PlanError."""
    if sum(one.size for one in allocations) > _MOST_BYTES:
        raise PlanError("more memory than a smoke run binds")
    contents: dict[str, Array] = {}
    stored: dict[str, bytes] = {}
    for allocation in allocations:
        stored[allocation.name] = _filled(case, allocation, output_in, contents, input_scale)
    expected = np.asarray(case.reference(case, [contents[name] for name in sorted(contents)]), np.float64)
    output = _output(case, stored[output_in], output_in)
    if expected.shape != output.tensor.shape:
        raise PlanError(f"the reference gives {expected.shape}, the output has {output.tensor.shape}")
    buffers = {
        name: JobBuffer(
            name,
            "storage",
            data,
            _gap(name, allocations),
            _probe(name, allocations),
            GUARD_BYTES,
            guard_inside=not any("arrayLength" in launch.text for launch in launches),
            read_back=name == output_in,
        )
        for name, data in stored.items()
    }
    stages = tuple(_stage(index, launch, buffers, written) for index, launch in enumerate(launches))
    used = {binding.buffer for stage in stages for binding in stage.bindings}
    job = DispatchJob(
        engine,
        tuple(one for one in buffers.values() if one.name in used or one.name == output_in),
        stages,
        n_timed,
        matrices,
    )
    inputs = tuple(name for name in stored if name != output_in and name in used)
    size = sum(len(one.data) for one in job.buffers)
    rounded = _as_stored(case.output, expected) if case.output.kind.dtype is not None else expected
    return SmokePlan("", case.label, job, (output,), {output_in: rounded}, inputs, (), size)


def _as_stored(operand: Operand, values: Array) -> Array:
    """What the output's type makes of the right numbers; NaN stays."""
    known = np.where(np.isnan(values), 0.0, values)
    return np.where(
        np.isnan(values), np.nan, operand.kind.decode(operand.kind.encode(known.ravel())).reshape(values.shape)
    )


def _filled(
    case: OperationCase, allocation: Allocation, output_in: str, contents: dict[str, Array], input_scale: float
) -> bytes:
    """The bytes of an allocation at the start; the numbers of the operands in it go into `contents`."""
    is_output = allocation.name == output_in and case.inplace < 0
    first = allocation.operands[0][1]
    format_ = _format(first)
    pattern = format_.poison if is_output else format_.gap
    data = np.frombuffer((pattern * (allocation.size // len(pattern) + 1))[: allocation.size], np.uint8).copy()
    for name, operand in allocation.operands:
        if is_output and name == allocation.name:
            continue
        kind = operand.kind
        places = _block_places(operand)
        seed = f"{case.label} {name}"
        if kind.dtype is None:
            random = np.random.default_rng(abs(hash_of(seed)))
            encoded = kind.random(places.size * kind.block, random)
        else:
            encoded = kind.encode(operand.content(seed, input_scale).ravel())
        whole = data[: data.size // kind.size * kind.size].reshape(-1, kind.size)
        whole[places.ravel()] = np.frombuffer(encoded, np.uint8).reshape(-1, kind.size)
    for name, operand in allocation.operands:  # read again: they may lie in one another
        if not is_output or name != allocation.name:
            kind = operand.kind
            whole = data[: data.size // kind.size * kind.size].reshape(-1, kind.size)
            encoded = whole[_block_places(operand).ravel()].tobytes()
            contents[name] = kind.decode(encoded).reshape(operand.ne[::-1])
    return data.tobytes()


def hash_of(text: str) -> int:
    import zlib

    return zlib.crc32(text.encode())


def _block_places(operand: Operand) -> np.ndarray:
    """Which blocks of the allocation hold the tensor, in NumPy's order of its blocks."""
    block = operand.kind.block
    n0, n1, n2, n3 = operand.ne
    strides = [step // block if index else max(1, step // block) for index, step in enumerate(operand.strides)]
    return Tensor("", (n3, n2, n1, n0 // block), tuple(strides[::-1]), operand.offset // block).places()


def _format(operand: Operand) -> Format:
    """For outputs, and for what fills gaps; of quantised inputs the gap is a scale of NaN."""
    known = {"F32": "f32", "F16": "f16", "I32": "i32", "I64": "i32", "I16": "i16", "Q4_0": "q4_0"}
    return FORMATS[known.get(operand.type, "q8_0")]


def _gap(name: str, allocations: Sequence[Allocation]) -> bytes:
    return next(_format(one.operands[0][1]).gap for one in allocations if one.name == name)


def _probe(name: str, allocations: Sequence[Allocation]) -> bytes:
    return b"\0" * len(_gap(name, allocations))


def _output(case: OperationCase, start: bytes, name: str) -> OutputPlan:
    operand = case.output
    tensor = replace(operand.tensor, buffer=name)
    poisoned = case.inplace < 0
    free = _room_from(operand)
    return OutputPlan(name, _format(operand), start, tensor, poisoned, free, unordered=case.op == "TOP_K")


def _room_from(operand: Operand) -> int:
    """The first value behind the tensor that is no part of its last 4 bytes."""
    per_word = max(1, 4 // operand.kind.size)
    return -(-operand.tensor.end // per_word) * per_word


def _stage(index: int, launch: Launch, buffers: dict[str, JobBuffer], written: Written) -> JobStage:
    declared = {(one.group, one.binding): one for one in launch.layout.bindings}
    bindings = []
    for part in launch.parts:
        one = declared.get((part.group, part.binding))
        if one is None:
            continue
        if one.kind == "uniform":
            name = f"{one.name} {index}"
            data = _uniform(part, one, written)
            buffers[name] = JobBuffer(name, "uniform", data, b"", guard_size=0)
            bindings.append(JobBinding(part.group, part.binding, name))
            continue
        if part.buffer not in buffers:
            size = -(-max(part.size or 0, one.size, 4) // 4) * 4
            buffers[part.buffer] = JobBuffer(part.buffer, "storage", b"\0" * size, b"\0" * 4)
            bindings.append(JobBinding(part.group, part.binding, part.buffer, one.read_only))
        else:
            bindings.append(
                JobBinding(part.group, part.binding, part.buffer, one.read_only, part.offset, part.size or 0)
            )
    given = {(one.group, one.binding) for one in bindings}
    missing = [one.name for key, one in declared.items() if key not in given and one.name in launch.layout.used]
    if missing:
        raise PlanError(f"{launch.name}: the host binds nothing to {missing[0]}")
    return JobStage(launch.name, launch.text, launch.entry_point, launch.workgroups, tuple(bindings), launch.constants)


def _uniform(part: Part, binding: BufferBinding, written: Written) -> bytes:
    """What the device reads there: the writes in order, and something senseless where nothing was written."""
    size = -(-max(part.size or 0, binding.size) // 16) * 16
    data = bytearray((_UNKNOWN * (size // 4 + 1))[:size])
    if not written.get(part.buffer):
        raise PlanError(f"what the host writes to {binding.name} ({part.buffer}) was not found")
    for offset, content in written[part.buffer]:
        start = offset - part.offset
        if start >= size or start + len(content) <= 0:
            continue
        low, high = max(0, start), min(size, start + len(content))
        data[low:high] = content[low - start : high - start]
    return bytes(data)
