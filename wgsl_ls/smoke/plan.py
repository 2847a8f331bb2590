"""Plans one run: buffers with their bytes, uniforms, dispatch sizes, and what the result is compared with.

Pure: texts, layouts and arrays of files come in, a DispatchJob and the expected numbers go out. What the
configuration leaves open is guessed, and every guess is named, so that a report never hides one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from wgsl_ls.smoke.config import (
    BufferConfig,
    CaseConfig,
    SmokeConfig,
    StageConfig,
)
from wgsl_ls.smoke.elements import FORMATS, Array, Format, Tensor, dense_strides
from wgsl_ls.smoke.evaluator import (
    Environment,
    ExpressionError,
    evaluate,
    evaluate_integer,
    evaluate_integers,
)
from wgsl_ls.smoke.expectation import Expectation, OutputPlan
from wgsl_ls.smoke.inputs import default_input, generate
from wgsl_ls.smoke.layout import BufferBinding, ComputeEntry, ShaderLayout
from wgsl_ls.smoke.uniforms import PlanError, uniform_bytes
from wgsl_ls.wire.dispatch_jobs import DispatchJob, JobBinding, JobBuffer, JobStage
from wgsl_ls.wire.engine_specs import smoke_engines
from wgsl_ls.wire.jobs import Matrices

GUESSED_COUNT = 4096
GUARD_BYTES = 512
MOST_BYTES = 1 << 30
"""Of all buffers of a run."""
_MOST_ELEMENTS = 1 << 28
"""Of one tensor, whatever its strides: its numbers are made one by one."""
_ENGINE = smoke_engines()[0]


OWN_TEXT = StageConfig()


@dataclass(frozen=True, slots=True)
class StageSource:
    """A stage's expanded text; `macros`: its final macros, name -> body; `config`: its own table, if it has one."""

    name: str
    text: str
    layout: ShaderLayout
    macros: Mapping[str, str]
    config: StageConfig = OWN_TEXT


@dataclass(frozen=True, slots=True)
class SmokePlan:
    """`expected`: output's buffer -> what its tensor must hold. `read_only`: buffers that must not change.
    `guessed`: what the configuration did not say, in words; `extent_known`: it said sizes, uniforms and workgroups, so
    that the whole of every output is to be written. `bound_bytes`: of all buffers, without guards."""

    variant: str
    case: str
    job: DispatchJob
    outputs: tuple[OutputPlan, ...]
    expected: Mapping[str, Array]
    read_only: tuple[str, ...]
    guessed: tuple[str, ...]
    bound_bytes: int
    extent_known: bool = True


def plan_smoke(
    variant: str,
    stages: Sequence[StageSource],
    config: SmokeConfig,
    case: CaseConfig,
    *,
    engine: str = _ENGINE,
    files: Mapping[str, NDArray[Any]] | None = None,
    reference: Callable[..., Any] | None = None,
    matrices: Matrices = "auto",
    n_timed: int = 5,
    input_scale: float = 1.0,
) -> SmokePlan:
    """Raises PlanError. `stages`: in dispatch order; `reference`: the user's own instead of a built-in one;
    `input_scale`: what inputs of floating point numbers are multiplied with, those by an expression apart."""
    try:
        return _Planner(variant, stages, config, case, files or {}, input_scale).plan(
            engine, reference, matrices, n_timed
        )
    except ExpressionError as error:
        raise PlanError(str(error)) from error


def case_environment(config: SmokeConfig, case: CaseConfig, macros: Mapping[str, str]) -> Environment:
    """The names that expressions of a case may use: the values in order, those of the case in their place."""
    environment = Environment({}, macros)
    replaced = dict(case.values)
    names = [name for name, _ in config.values]
    for name, expression in (*config.values, *((n, e) for n, e in case.values if n not in names)):
        value = evaluate(replaced.get(name, expression), environment)
        environment = environment.with_values({name: value})
    return environment


class _Planner:
    def __init__(
        self,
        variant: str,
        stages: Sequence[StageSource],
        config: SmokeConfig,
        case: CaseConfig,
        files: Mapping[str, NDArray[Any]],
        input_scale: float,
    ) -> None:
        self.input_scale = input_scale
        self.variant = variant
        self.stages = stages
        self.config = config
        self.case = case
        self.files = files
        self.guessed: list[str] = []
        self.extent_known = True
        own = next((stage for stage in stages if not stage.config.file), stages[0])
        self.environment = case_environment(config, case, own.macros)
        self.own = own
        self.formats: dict[str, Format] = {}
        self.tensors: dict[str, Tensor] = {}
        self.buffers: dict[str, JobBuffer] = {}
        self.stored: dict[str, bytes] = {}
        self.poisoned: set[str] = set()

    def plan(
        self,
        engine: str,
        reference: Callable[..., Any] | None,
        matrices: Matrices,
        n_timed: int,
    ) -> SmokePlan:
        uses: dict[str, list[BufferBinding]] = {}
        for stage in self.stages:
            for binding in stage.layout.bindings:
                if binding.kind == "storage":
                    uses.setdefault(self._buffer_name(stage, binding), []).append(binding)
                if binding.size > MOST_BYTES:
                    raise PlanError(f"{binding.name}: {binding.size} bytes are more than a smoke run binds")
                if binding.kind == "other":
                    raise PlanError(f"{binding.name}: textures and samplers cannot be bound by a smoke run")
        for name, bindings in uses.items():
            self._storage(name, bindings)
        job_stages = tuple(self._stage(stage) for stage in self.stages)
        outputs = tuple(self._output(name, bindings) for name, bindings in uses.items() if self._judged(name, bindings))
        kept = {output.buffer for output in outputs}
        read_only = tuple(
            name for name in uses if name not in kept and not self.config.buffers.get(name, BufferConfig()).scratch
        )
        job = DispatchJob(engine, tuple(self.buffers.values()), job_stages, n_timed, matrices)
        return SmokePlan(
            self.variant,
            self.case.name,
            job,
            outputs,
            Expectation(self.config, self.environment, self.formats, self.tensors, self.stored).of(outputs, reference),
            read_only,
            tuple(dict.fromkeys(self.guessed)),
            sum(len(buffer.data) for buffer in self.buffers.values()),
            self.extent_known,
        )

    def _buffer_name(self, stage: StageSource, binding: BufferBinding) -> str:
        return dict((*self.config.bind, *stage.config.bind)).get(binding.name, binding.name)

    # -- storage buffers

    def _judged(self, name: str, bindings: Sequence[BufferBinding]) -> bool:
        config = self.config.buffers.get(name, BufferConfig())
        if config.output:
            return True
        writable = any(not binding.read_only for binding in bindings)
        return writable and config.input is None and not config.scratch

    def _format(self, name: str, bindings: Sequence[BufferBinding], config: BufferConfig) -> Format:
        components = {binding.component for binding in bindings}
        if config.codec:
            codec = config.codec if config.codec in FORMATS else evaluate(config.codec, self.environment)
            if codec and codec not in FORMATS:
                raise PlanError(f"{name}: unknown codec {codec!r}; known: {', '.join(FORMATS)}")
            if codec:
                return FORMATS[str(codec)]
        if len(components) != 1 or "" in components:
            self.guessed.append(f"{name}: treated as words, for it has no single element type")
            return FORMATS["u32"]
        return FORMATS.get(components.pop(), FORMATS["u32"])

    def _storage(self, name: str, bindings: Sequence[BufferBinding]) -> None:
        config = self.config.buffers.get(name, BufferConfig())
        element = self.formats[name] = self._format(name, bindings, config)
        fixed = max((binding.n_elements or 0 for binding in bindings), default=0)
        if config.shape is not None:
            shape = evaluate_integers(config.shape, self.environment)
        elif config.count is not None:
            shape = (evaluate_integer(config.count, self.environment),)
        elif all(binding.n_elements is not None for binding in bindings) and fixed:
            shape = (fixed,)
        else:
            shape = (GUESSED_COUNT,)
            self.guessed.append(f"{name}: {GUESSED_COUNT} elements")
            self.extent_known = False
        if min(shape, default=0) < 0:
            raise PlanError(f"{name}: the shape {shape} is negative")
        strides = (
            dense_strides(shape) if config.strides is None else evaluate_integers(config.strides, self.environment)
        )
        if len(strides) != len(shape):
            raise PlanError(f"{name}: {len(shape)} dimensions, but {len(strides)} strides")
        tensor = Tensor(name, shape, strides, evaluate_integer(config.offset, self.environment))
        if tensor.offset < 0 or min(strides, default=0) < 0:
            raise PlanError(f"{name}: offsets and strides cannot be negative")
        self.tensors[name] = tensor
        n_elements = max(tensor.end, fixed)
        if config.count is not None:
            n_elements = max(n_elements, evaluate_integer(config.count, self.environment))
        if element.size(n_elements) + sum(map(len, self.stored.values())) > MOST_BYTES:
            raise PlanError(f"{name}: with its {element.size(n_elements)} bytes a smoke run would bind too much")
        if math.prod(shape) > _MOST_ELEMENTS:
            raise PlanError(f"{name}: {math.prod(shape)} elements are more than a smoke run makes")
        data = self._content(name, bindings, config, element, tensor, n_elements)
        least = max((binding.size for binding in bindings), default=0)
        padding = max(-len(data) % 4, least - len(data))
        if padding > 0:
            data += (element.gap * (padding // len(element.gap) + 1))[:padding]
        self.stored[name] = data
        overlong = self._writes_anywhere(bindings)
        self.buffers[name] = JobBuffer(
            name,
            "storage",
            data,
            element.gap,
            b"\0" * len(element.gap) if self.config.probe else b"",
            GUARD_BYTES,
            guard_inside=not overlong,
            read_back=True,
        )

    def _writes_anywhere(self, bindings: Sequence[BufferBinding]) -> bool:
        """A text that asks for the length of an array must not be told about the guard region."""
        names = {binding.name for binding in bindings}
        return any("arrayLength" in stage.text and names & _lengths_asked(stage.text) for stage in self.stages)

    def _content(
        self,
        name: str,
        bindings: Sequence[BufferBinding],
        config: BufferConfig,
        element: Format,
        tensor: Tensor,
        n_elements: int,
    ) -> bytes:
        spec = config.input
        if spec is None:
            if config.scratch:
                return element.filled(element.gap, n_elements)
            if any(not binding.read_only for binding in bindings):
                self.poisoned.add(name)
                return element.filled(element.poison, n_elements)
            spec = default_input(element.name if element.name in ("f32", "f16") else "u32")
            if element.name in ("q8_0", "q4_0"):
                spec = default_input("f32")
            self.guessed.append(f"{name}: {spec.kind}")
        values = generate(spec, name, tensor.shape, self.environment, self.files)
        if element.name not in ("u32", "i32") and spec.kind in ("normal", "uniform", "file"):
            values = values * self.input_scale
        return element.encode(tensor.scatter(values, n_elements))

    # -- stages and uniforms

    def _stage(self, stage: StageSource) -> JobStage:
        config = stage.config
        entry = self._entry(stage)
        uniforms = {name: dict(fields) for name, fields in self.config.uniforms} if not config.file else {}
        uniforms |= {name: dict(fields) for name, fields in config.uniforms}
        bindings = []
        for binding in stage.layout.bindings:
            if binding.kind == "uniform":
                name = f"{stage.name}.{binding.name}" if len(self.stages) > 1 else binding.name
                n_guesses = len(self.guessed)
                data = uniform_bytes(binding, uniforms.get(binding.name, {}), self.environment, self.guessed)
                self.extent_known &= len(self.guessed) == n_guesses
                self.buffers[name] = JobBuffer(name, "uniform", data, b"", guard_size=0)
            else:
                name = self._buffer_name(stage, binding)
            bindings.append(JobBinding(binding.group, binding.binding, name, binding.read_only))
        dispatch = config.dispatch or (() if config.file else self.config.dispatch)
        if dispatch:
            counts = evaluate_integers(dispatch, self.environment)
        else:
            counts = (1,)
            self.guessed.append(f"dispatch of {stage.name}: 1 workgroup")
            self.extent_known = False
        x, y, z = (*counts, 1, 1)[:3]
        if min(x, y, z) < 1:
            raise PlanError(f"dispatch of {stage.name}: {(x, y, z)} workgroups")
        overrides = () if config.file else self.config.overrides
        given = dict(overrides)
        if unset := [name for name, key in stage.layout.wanted if name not in given and key not in given]:
            raise PlanError(
                f"nobody says what the override constants {', '.join(unset)} are ([shader.smoke] overrides)"
            )
        return JobStage(
            stage.name,
            stage.text,
            entry.name,
            (x, y, z),
            tuple(bindings),
            tuple((name, float(evaluate(value, self.environment))) for name, value in overrides),
        )

    def _entry(self, stage: StageSource) -> ComputeEntry:
        wanted = stage.config.entry or ("" if stage.config.file else self.config.entry)
        entries = stage.layout.entry_points
        if wanted:
            found = next((entry for entry in entries if entry.name == wanted), None)
            if found is None:
                raise PlanError(f"{stage.name} has no compute entry point called {wanted}")
            return found
        if not entries:
            raise PlanError(f"{stage.name} has no compute entry point")
        if len(entries) > 1:
            self.guessed.append(f"entry point of {stage.name}: {entries[0].name}")
        return entries[0]

    # -- outputs and what they must be

    def _output(self, name: str, bindings: Sequence[BufferBinding]) -> OutputPlan:
        tensor = self.tensors[name]
        return OutputPlan(name, self.formats[name], self.stored[name], tensor, name in self.poisoned)


def _lengths_asked(text: str) -> set[str]:
    """Names behind `arrayLength(&`."""
    found = set()
    for part in text.split("arrayLength")[1:]:
        name = part.lstrip(" (\n\t&")
        found.add(name[: next((i for i, c in enumerate(name) if not (c.isalnum() or c == "_")), len(name))])
    return found
