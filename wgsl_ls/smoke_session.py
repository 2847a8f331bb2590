"""Smoke runs of a project: from variants to plans, through workers, to a report. Shared by command line and server.

The rooms stay pure: smoke/ plans and judges, workers/ runs; this file reads the few files that plans need (other
stages, arrays) and puts the parts together. The user's own reference is a callable handed in by the command
line; nothing here imports code that a project names.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from io import BytesIO
from itertools import combinations
from pathlib import Path
from time import perf_counter
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.preprocess.dialect import DIALECTS
from wgsl_ls.preprocess.expansion import Expander, Expansion, parse_defines
from wgsl_ls.project.files import FileProblem, FileSystem, opened
from wgsl_ls.project.model import ProjectConfig
from wgsl_ls.project.paths import absolute, relative
from wgsl_ls.project.reach import Reach, refusal
from wgsl_ls.project.variants import Variant, smoke_table
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.smoke.config import CaseConfig, SmokeConfig, StageConfig, files_of, read_smoke_config
from wgsl_ls.smoke.evaluator import Environment, ExpressionError, evaluate
from wgsl_ls.smoke.judge import Agreement, Check, CheckPlace, RunResult, RunVerdict, SmokeJudgement, agreement, judge
from wgsl_ls.smoke.layout import ShaderLayout, layout_of
from wgsl_ls.smoke.plan import MOST_BYTES, SmokePlan, StageSource, case_environment, plan_smoke
from wgsl_ls.smoke.report import Device, SmokeRun
from wgsl_ls.smoke.sanitize import (
    TELLERS,
    Sanitizer,
    Told,
    aliases_of,
    apart,
    not_together,
    ranges_told,
    same_outputs,
    watched,
    with_subgroups,
)
from wgsl_ls.smoke.uniforms import PlanError
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.wire.dispatch_jobs import Dispatched
from wgsl_ls.wire.engine_specs import ENGINES, FASTEST, engine_spec, engine_title
from wgsl_ls.wire.jobs import Accepted, CompileJob, EngineInfo, Matrices, Rejected, TimedOut, Unavailable
from wgsl_ls.workers.pool import Pool, engine_command

DEFAULT_DEADLINE = 60.0
_NPY = b"\x93NUMPY"
_NO_ARRAY = (ValueError, TypeError, SyntaxError, TokenError, RecursionError, EOFError, MemoryError, OverflowError)
"""NumPy reads a header with Python's tokenizer and parser, and passes on what these raise."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One variant that can be run, with what the configuration says about it. `expand(path, defines)`: how other
    stages' files are expanded; raises PlanError for what cannot be read. `reach`: of arrays."""

    root: str
    variant: Variant
    expansion: Expansion
    config: SmokeConfig
    directory: str
    dialect: str
    includes: str
    include_dirs: tuple[str, ...]
    expand: Callable[[str, tuple[str, ...]], Expansion] | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where to run: `adapter` empty for the engine's own choice. `label`: unique among the targets of a run."""

    engine: str
    adapter: str = ""
    matrices: Matrices = "auto"

    @property
    def label(self) -> str:
        words = [self.engine, self.adapter, "" if self.matrices == "auto" else self.matrices]
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """`plan` is None when `problem` says why there is none, or `checks` what failed before anything ran; `skipped`:
    because the project or the device says so. `op`: the operation of the host that it does. `expansions`: of its stages
    by name, for the places of what is found in them. `overlapping`: bindings that lie over each other, so that no
    device runs it. `at_scale`: the same with inputs of floating point numbers multiplied with a number."""

    candidate: Candidate
    case: CaseConfig
    plan: SmokePlan | None
    problem: str = ""
    skipped: bool = False
    checks: tuple[Check, ...] = ()
    op: str = ""
    expansions: Mapping[str, Expansion] = field(default_factory=dict)
    overlapping: tuple[Told, ...] = ()
    lanes: int = 0
    uniform: tuple[str, ...] = ()
    at_scale: Callable[[float], SmokePlan] | None = None


def smoke_config(config: ProjectConfig, root: str, variant: Variant) -> tuple[SmokeConfig, tuple[Diagnostic, ...]]:
    """What the project's configuration says about a variant, and what is wrong with it."""
    read, problems = read_smoke_config(smoke_table(config, root, variant))
    path = config.path or ""
    return read, tuple(
        Diagnostic(path, problem.span, Severity.WARNING, "config/smoke", problem.message) for problem in problems
    )


def is_configured(config: ProjectConfig, root: str, variant: Variant) -> bool:
    """Does a smoke table of the configuration describe the variant?"""
    return smoke_table(config, root, variant) is not None


def candidates(view: RootView, workspace: ProjectWorkspace, indices: Iterable[int] | None = None) -> list[Candidate]:
    """The variants of a root (those at `indices`) that can be dispatched."""
    found = []
    config = workspace.configuration(view.path)[0]
    for index in range(len(view.variants)) if indices is None else indices:
        variant = view.variants[index]
        smoke, _ = smoke_config(config, view.path, variant)
        candidate = Candidate(
            view.path,
            variant,
            view.expansion(index),
            smoke,
            config.directory,
            view.settings.dialect.name,
            view.settings.includes,
            view.settings.include_dirs,
            reach=workspace.files.reach,
        )
        found.append(dataclasses.replace(candidate, expand=partial(expand_stage, workspace, candidate)))
    return found


def expand_stage(workspace: ProjectWorkspace, candidate: Candidate, path: str, defines: tuple[str, ...]) -> Expansion:
    """The file of another stage that the configuration names. Raises PlanError when it cannot be read."""
    source = workspace.files.read_named(path, candidate.directory)
    if isinstance(source, FileProblem):
        raise PlanError(f"the stage's file cannot be read: {source.message}")
    directories = candidate.include_dirs or (str(Path(path).parent),)
    includes: Any = candidate.includes
    expander = Expander(lambda name: workspace.include(name, path, directories), DIALECTS[candidate.dialect], includes)
    return expander.expand(source, parse_defines(defines), Path(path).name)


def plan_runs(
    candidate: Candidate,
    target: Target,
    *,
    case_glob: str = "",
    measured: bool = False,
    reference: Callable[..., Any] | None = None,
    n_timed: int = 5,
) -> list[PlannedRun]:
    """One run per case of the configuration that holds for the variant: those that match `case_glob`, else the
    small ones, or with `measured` those for measuring. Never raises for what a project says."""
    planned = []
    if candidate.config.skip:
        return [PlannedRun(candidate, CaseConfig(""), None, f"not run: {candidate.config.skip}", skipped=True)]
    for case in candidate.config.cases:
        if not (fnmatchcase(case.name, case_glob) if case_glob else case.measured == measured):
            continue
        try:
            found = _plan(candidate, case, target, reference, n_timed)
        except (PlanError, ExpressionError, OSError) as error:
            planned.append(PlannedRun(candidate, case, None, str(error)))
            continue
        except (MemoryError, RecursionError) as error:
            planned.append(PlannedRun(candidate, case, None, f"it takes too much to plan ({type(error).__name__})"))
            continue
        if found is not None:
            overlapping = tuple(aliases_of(found[0]))
            plan, expansions = found
            at_scale = partial(_scaled, candidate, case, target)
            planned.append(
                PlannedRun(candidate, case, plan, expansions=expansions, overlapping=overlapping, at_scale=at_scale)
            )
    return planned


def _scaled(candidate: Candidate, case: CaseConfig, target: Target, input_scale: float) -> SmokePlan:
    found = _plan(candidate, case, target, None, 0, input_scale)
    assert found is not None  # as it was when it was planned first
    return found[0]


def _plan(
    candidate: Candidate,
    case: CaseConfig,
    target: Target,
    reference: Callable[..., Any] | None,
    n_timed: int,
    input_scale: float = 1.0,
) -> tuple[SmokePlan, dict[str, Expansion]] | None:
    """With the expansions of its stages by name."""
    expansion, config = candidate.expansion, candidate.config
    if expansion.failed:
        raise PlanError("the preprocessor fails for this variant")
    macros = final_macros(expansion)
    environment = case_environment(config, case, macros)
    if not evaluate(case.when, environment):
        return None
    stages = []
    expansions = {}
    for stage in config.stages or (StageConfig(),):
        if evaluate(stage.when, environment):
            source, expanded = _stage(candidate, stage, macros, environment)
            stages.append(source)
            expansions[source.name] = expanded
    if not stages:
        raise PlanError("no stage of this variant is to be run")
    overrides = tuple(candidate.variant.overrides)
    if overrides and not config.overrides:
        config = dataclasses.replace(config, overrides=overrides)
    plan = plan_smoke(
        candidate.variant.name,
        stages,
        config,
        case,
        engine=target.engine,
        files=_arrays(config, candidate),
        reference=reference,
        matrices=target.matrices,
        n_timed=n_timed,
        input_scale=input_scale,
    )
    return plan, expansions


def _stage(
    candidate: Candidate, stage: StageConfig, macros: Mapping[str, str], environment: Environment
) -> tuple[StageSource, Expansion]:
    if not stage.file:
        own = candidate.expansion
        name = stage.name or Path(candidate.root).stem
        return StageSource(name, own.text, shader_layout(own.text), macros, stage), own
    path = absolute(stage.file, candidate.directory)
    defines = [_define(name, value, environment) for name, value in stage.define if value is not False]
    if candidate.expand is None:
        raise PlanError("another stage's file cannot be read here")
    expansion = candidate.expand(path, tuple(defines))
    if expansion.failed:
        raise PlanError(f"the preprocessor fails for {stage.file}")
    name = stage.name or Path(stage.file).stem
    source = StageSource(name, expansion.text, shader_layout(expansion.text), final_macros(expansion), stage)
    return source, expansion


def _define(name: str, value: Any, environment: Environment) -> str:
    if value is True:
        return name
    return f"{name}={evaluate(value, environment)}"


@lru_cache(maxsize=512)
def shader_layout(text: str) -> ShaderLayout:
    """Kept for the texts that were asked about last."""
    return layout_of(text)


def final_macros(expansion: Expansion) -> dict[str, str]:
    """The macros at the end of the root file."""
    return dict(expansion.macro_table(len(expansion.root.text)).bodies)


def _arrays(config: SmokeConfig, candidate: Candidate) -> dict[str, NDArray[Any]]:
    arrays = {}
    for path in files_of(config):
        place = Path(candidate.directory) / path
        if candidate.reach is not None and not candidate.reach.allows(str(place), near=candidate.directory):
            raise PlanError(refusal(str(place)))
        if not place.is_file():
            raise PlanError(f"{path} is no regular file")
        try:
            # Read once, with a bound: what is mapped, or opened again, may be another file by then.
            with opened(str(place), candidate.reach) as file:
                data = file.read(min(os.fstat(file.fileno()).st_size, MOST_BYTES) + 1)
            if not data.startswith(_NPY):
                raise ValueError("it is not what numpy.save writes (archives of several arrays are not read)")
            if len(data) > MOST_BYTES:
                raise ValueError(f"it has more than the {MOST_BYTES:,} bytes that a smoke run binds")
            array = np.load(BytesIO(data), allow_pickle=False)
            if array.dtype.kind not in "biuf":
                raise ValueError(f"its elements are {array.dtype}")
            arrays[path] = array
        except OSError as error:
            raise PlanError(f"{path} is no file that can be read: {error.strerror or error}") from error
        except _NO_ARRAY as error:
            raise PlanError(f"{path} is no array of numbers: {error}") from error
    return arrays


# ---- running ----


@dataclass(frozen=True, slots=True)
class Finished:
    """One run as the report takes it, with the numbers for comparisons."""

    run: PlannedRun
    target: Target
    report: SmokeRun


def pool_for(target: Target, deadline: float = DEFAULT_DEADLINE, workers: int = 1) -> Pool:
    """Several workers judge faster; for times there must be one, or runs disturb each other."""
    return Pool({target.engine: workers}, deadline=deadline, command=lambda engine: command_of(engine, target.adapter))


def command_of(engine: str, adapter: str) -> tuple[str, ...]:
    chosen = adapter or _usual_adapter(engine)
    return (*engine_command(engine), *(("--adapter", chosen) if chosen else ()))


def _usual_adapter(engine: str) -> str:
    """An engine's own choice is one for compiling."""
    spec = engine_spec(engine)
    if spec is None:
        return ""
    return _real_backend() if spec.compiles_nowhere else FASTEST if spec.compiles_in_software else ""


def _real_backend() -> str:
    import sys

    return {"darwin": "metal", "win32": "d3d12"}.get(sys.platform, "vulkan")


def device_of(info: EngineInfo) -> Device:
    driver = dict(info.properties).get("driver", "")
    return Device(info.engine, info.version, info.adapter, info.backend, driver)


def uniformity_pool() -> Pool:
    """Of the engine that says whether all invocations come along."""
    return Pool({_UNIFORMITY_JUDGE: 1}, command=engine_command)


async def run_plans(
    pool: Pool,
    target: Target,
    runs: Sequence[PlannedRun],
    deadline: float = DEFAULT_DEADLINE,
    sanitizers: Sequence[Sanitizer] = (),
    subgroup_sizes: Sequence[int] = (),
    uniformity: Pool | None = None,
) -> AsyncIterator[Finished]:
    """Each run as it ends, in order, those with `sanitizers` and emulated subgroups behind the plain one. Cancelling
    this cancels what still waits. `uniformity`: asked before emulated subgroups run; one of its own without."""
    async with AsyncExitStack() as opened:
        if uniformity is None and (subgroup_sizes or any(run.lanes for run in runs)):
            uniformity = await opened.enter_async_context(uniformity_pool())
        async for item in _run_plans(pool, uniformity, target, runs, deadline, sanitizers, subgroup_sizes):
            yield item


async def _run_plans(
    pool: Pool,
    uniformity: Pool | None,
    target: Target,
    runs: Sequence[PlannedRun],
    deadline: float,
    sanitizers: Sequence[Sanitizer],
    subgroup_sizes: Sequence[int],
) -> AsyncIterator[Finished]:
    info = await pool.info(target.engine)
    adapter = info.adapter if isinstance(info, EngineInfo) else target.adapter
    is_software = isinstance(info, EngineInfo) and info.is_software
    for run in runs:
        if run.checks or run.overlapping:
            overlaps = tuple(Check("alias", "", False, *placed(run.expansions, one)) for one in run.overlapping)
            judgement = SmokeJudgement("fail", (*run.checks, *overlaps))
        elif run.plan is None:
            verdict: RunVerdict = "skipped" if run.skipped else "error"
            judgement = SmokeJudgement(verdict, (Check("run", "", False, run.problem),))
        elif isinstance(info, Unavailable):
            judgement = judge(run.plan, info, run.candidate.config)
        else:
            started = perf_counter()
            answer = await _together(pool, uniformity, run.plan, run.uniform, deadline, is_software)
            if isinstance(answer, str):
                skipped = SmokeJudgement("skipped", (Check("run", "", False, f"not run: {answer}"),))
                yield Finished(run, target, run_report(run, target, adapter, skipped))
                continue
            result: RunResult = answer
            took = perf_counter() - started
            judgement = await asyncio.to_thread(judge, run.plan, result, run.candidate.config)
            if run.lanes:
                lowered = (*judgement.lowered, f"subgroups of {run.lanes} emulated")
                judgement = dataclasses.replace(judgement, lowered=lowered)
            elif isinstance(result, Dispatched):
                was_right = judgement.verdict == "pass"
                for sanitizer in sanitizers:
                    judgement = await _sanitized(pool, run, sanitizer, result, took, judgement, deadline, is_software)
                if uniformity is not None:
                    judgement = await _with_subgroups(
                        pool, uniformity, run, subgroup_sizes, judgement, was_right, deadline, is_software
                    )
            if isinstance(result, TimedOut):
                # The next run starts a new worker; a device that hangs may need a moment.
                await asyncio.sleep(0.2)
        yield Finished(run, target, run_report(run, target, adapter, judgement))


async def _sanitized(
    pool: Pool,
    run: PlannedRun,
    sanitizer: Sanitizer,
    plain: Dispatched,
    plain_seconds: float,
    judgement: SmokeJudgement,
    deadline: float,
    is_software: bool,
) -> SmokeJudgement:
    """`judgement` with what a sanitizer has to say. Watching costs time: it has ten times the deadline.
    `plain_seconds`: of the plain run as a whole, which is what costs are told by where nothing was measured."""
    assert run.plan is not None
    if sanitizer == "alias":
        return judgement.with_sanitizer(sanitizer, (), (apart(run.plan),), 0.0)
    job = await asyncio.to_thread(watched, run.plan, sanitizer)
    if not job.watches:
        why = "; ".join(dict.fromkeys(job.left_out.values()))
        return judgement.with_sanitizer(sanitizer, (), (f"nothing to watch: {why}",), 0.0)
    started = perf_counter()
    result: RunResult = await pool.enqueue(job.job, deadline=10 * deadline)
    seconds = perf_counter() - started
    if not isinstance(result, Dispatched):
        said = judge(run.plan, result, run.candidate.config).failed[0].message
        return judgement.with_sanitizer(sanitizer, (), (f"not watched: {said}",), 0.0)
    told = TELLERS[sanitizer](job, result)
    if sanitizer == "range" and run.at_scale is not None and not any(one.wrong for one in told):
        told += await _first_overflow(pool, run.at_scale, deadline)
    if is_software and any(one.parts for one in told) and not same_outputs(plain, result):
        words = "not judged: the software driver leaves loops of the watched shader early, and gives other numbers"
        return judgement.with_sanitizer(sanitizer, (), (words,), 0.0)
    # A race may give other numbers as soon as anything is in its way.
    is_raced = sanitizer == "race" and any(one.wrong for one in told)
    is_steady = not is_raced and not any(outcome.second for outcome in plain.buffers)
    rounded = ""
    if is_steady and not same_outputs(plain, result):
        if judgement.verdict == "fail":
            words = "not judged: the run is wrong, and other numbers come out of the one that is watched"
            return judgement.with_sanitizer(sanitizer, (), (words,), 0.0)
        if judge(run.plan, result, run.candidate.config).verdict != "pass" or not run.plan.expected:
            changed = "not judged: watching itself changes what the shader computes; please report"
            return judgement.with_sanitizer(sanitizer, (Check(sanitizer, "", False, changed),), (), 0.0)
        rounded = "the watched run is as right, with other roundings"
    checks = [Check(sanitizer, "", False, *placed(run.expansions, one)) for one in told if one.wrong]
    remarks = (*((rounded,) if rounded else ()), *(placed(run.expansions, one)[0] for one in told if not one.wrong))
    if result.wall_seconds and plain.wall_seconds:
        # Of the fastest: small kernels take so little that what else the machine does would make watching a gain.
        cost = min(result.wall_seconds) / min(plain.wall_seconds)
    else:
        cost, remarks = seconds / plain_seconds, ("compiling included", *remarks)
    return judgement.with_sanitizer(sanitizer, tuple(checks) or (Check(sanitizer, "", True),), remarks, cost)


async def _with_subgroups(
    pool: Pool,
    uniformity: Pool,
    run: PlannedRun,
    sizes: Sequence[int],
    judgement: SmokeJudgement,
    was_right: bool,
    deadline: float,
    is_software: bool,
) -> SmokeJudgement:
    """`judgement` with what the run says on subgroups of other sizes than this adapter's. A run that is wrong on these
    and right on no others is wrong for another reason."""
    assert run.plan is not None
    right: list[int] = []
    wrong: dict[str, list[int]] = {}
    not_run: dict[str, list[int]] = {}
    for size in sizes:
        made = await asyncio.to_thread(with_subgroups, run.plan, size)
        answer: RunResult | str
        if isinstance(made, str):
            answer = made
        else:
            plan = dataclasses.replace(run.plan, job=made[0])
            answer = await _together(pool, uniformity, plan, made[1], 10 * deadline, is_software)
        if isinstance(answer, str):
            not_run.setdefault(answer, []).append(size)
            continue
        found = await asyncio.to_thread(judge, run.plan, answer, run.candidate.config)
        if found.verdict == "pass":
            right.append(size)
        elif found.verdict == "fail":
            first = found.failed[0]
            wrong.setdefault(f"{first.buffer}: {first.message}" if first.buffer else first.message, []).append(size)
        else:  # an engine that does not take our text, or does not answer, says nothing of the shader
            not_run.setdefault(found.failed[0].message, []).append(size)
    if wrong and not right and not was_right:
        words = "not judged: the run is wrong on the adapter's own subgroups"
        return judgement.with_sanitizer("subgroup-size", (), (words,), 0.0)
    verdict = "right" if run.plan.expected else "without a reference, nothing wrong was seen"
    beside = f", {verdict} with {', '.join(map(str, right))}" if right else ""
    checks = [
        Check("subgroup-size", "", False, f"wrong with subgroups of {', '.join(map(str, some))}{beside}: {message}")
        for message, some in wrong.items()
    ]
    remarks = []
    for why, some in not_run.items():
        which = f" with subgroups of {', '.join(map(str, some))}" if len(some) < len(sizes) else ""
        remarks.append(f"not run{which}: {why}")
    if right and not wrong:
        remarks.append(f"{verdict} with subgroups of {', '.join(map(str, right))}")
    return judgement.with_sanitizer("subgroup-size", tuple(checks), tuple(remarks), 0.0)


async def _together(
    pool: Pool,
    uniformity: Pool | None,
    plan: SmokePlan,
    texts: Sequence[str],
    deadline: float,
    counts: bool,
) -> RunResult | str:
    """The run of a plan in which `texts` wait for the whole workgroup in each subgroup function; or why it says
    nothing. Where Tint cannot say that all come along, a software driver can (`counts`): who comes is counted, and it
    does not hang when some do not."""
    why = await _not_uniform(uniformity, texts) if texts else ""
    result: RunResult
    if not why:
        result = await pool.enqueue(plan.job, deadline=deadline)
        return result
    if not counts:
        return why
    job = await asyncio.to_thread(watched, plan, "barriers")
    result = await pool.enqueue(job.job, deadline=10 * deadline)
    if not isinstance(result, Dispatched):
        return result
    if why := not_together(job, result, texts):
        return why
    plain: RunResult = await pool.enqueue(plan.job, deadline=10 * deadline)
    if isinstance(plain, Dispatched) and not same_outputs(plain, result):
        return "the software driver leaves loops early where who comes is counted, and gives other numbers"
    return plain


async def _not_uniform(pool: Pool | None, texts: Sequence[str]) -> str:
    """Why texts that wait for the whole workgroup in each subgroup function must not run; "" when they may. Tint says
    so: a barrier that only some invocations reach does anything on a device."""
    assert pool is not None
    for text in texts:
        result = await pool.enqueue(CompileJob(_UNIFORMITY_JUDGE, text))
        if isinstance(result, Rejected):
            return f"its subgroup functions are not called by the whole workgroup ({result.messages[0].text})"
        if not isinstance(result, Accepted):
            return f"{engine_title(_UNIFORMITY_JUDGE)} could not say whether all invocations come along"
    return ""


_UNIFORMITY_JUDGE = next(spec.name for spec in ENGINES if spec.judges_uniformity)
_LARGEST_SCALE_EXPONENT = 16


async def _first_overflow(pool: Pool, at_scale: Callable[[float], SmokePlan], deadline: float) -> list[Told]:
    """By how much the inputs may grow (in powers of two) before an f16 overflows, and which is the first."""

    def plan(scale: float) -> SmokePlan:
        with np.errstate(all="ignore"):  # the reference may overflow, too; nobody compares with it
            return at_scale(scale)

    async def overflows(exponent: int) -> list[Told] | None:
        job = watched(await asyncio.to_thread(plan, 2.0**exponent), "range")
        result: RunResult = await pool.enqueue(job.job, deadline=10 * deadline)
        if not isinstance(result, Dispatched):
            return None
        return [dataclasses.replace(one, wrong=False) for one in ranges_told(job, result, 2.0**exponent) if one.wrong]

    fits, too_large, first = 0, _LARGEST_SCALE_EXPONENT + 1, list[Told]()
    exponent = _LARGEST_SCALE_EXPONENT
    while too_large - fits > 1:
        told = await overflows(exponent)
        if told is None:
            return [Told("not known by how much the inputs may grow: a run with larger ones failed", (), False)]
        if told:
            too_large, first = exponent, told
        else:
            fits = exponent
        exponent = (fits + too_large) // 2
    if not first:
        return [Told(f"nothing overflows with inputs up to {2.0**_LARGEST_SCALE_EXPONENT:g} times as large", (), False)]
    return first


def placed(expansions: Mapping[str, Expansion], told: Told) -> tuple[str, tuple[CheckPlace, ...]]:
    """The message with its places as written: "scores is read at tile.wgsl:90:24". `expansions`: by stage."""
    words, places = [], []
    for place in told.places:
        expansion = expansions.get(place.stage)
        origin = expansion.source_map.written(place.start, place.end) if expansion is not None else None
        where = "a place that is not written"
        if origin is not None:
            location = origin.location
            source = FileSystem().read(location.path)
            where = relative(location.path, str(Path.cwd()))
            if not isinstance(source, FileProblem):
                line, column = source.lines.position(location.span.start)
                where += f":{line + 1}:{column + 1}"
        words.append(f"{place.what} at {where}" if place.what else where)
        places.append(CheckPlace(place.stage, place.start, place.end))
    return told.message.format(*words), tuple(places)


def run_report(run: PlannedRun, target: Target, adapter: str, judgement: SmokeJudgement) -> SmokeRun:
    plan = run.plan
    return SmokeRun(
        relative(run.candidate.root, str(Path.cwd())),
        run.candidate.variant.name,
        run.case.name,
        target.engine,
        adapter,
        judgement,
        run.candidate.config.tolerance,
        plan.guessed if plan else (),
        tuple((stage.name, stage.workgroups) for stage in plan.job.stages) if plan else (),
        plan.bound_bytes if plan else 0,
        target.matrices,
        run.op,
    )


def agreements(finished: Sequence[Finished]) -> tuple[Agreement, ...]:
    """The same run on different targets must agree; so must the groups of `[[shader.smoke.agree]]`."""
    found: list[Agreement] = []
    by_run: dict[tuple[str, str, str], list[Finished]] = {}
    for item in finished:
        by_run.setdefault((item.report.file, item.report.variant, item.report.case), []).append(item)
    for (_, variant, case), items in by_run.items():
        group = f"{variant}{f' / {case}' if case else ''} across targets"
        for left, right in combinations(items, 2):
            if left.target == right.target:
                continue  # two variants of one name
            tolerance = left.run.candidate.config.tolerance
            found += _agreement(group, left, right, left.target.label, right.target.label, tolerance)
    groups = {
        (group.name or ", ".join(group.variants), group.variants, group.tolerance)
        for item in finished
        for group in item.run.candidate.config.agree
    }
    for name, globs, tolerance in sorted(groups):
        members = [item for item in finished if any(fnmatchcase(item.report.variant, glob) for glob in globs)]
        by_case: dict[tuple[str, str], list[Finished]] = {}
        for item in members:
            by_case.setdefault((item.report.case, item.target.label), []).append(item)
        for items in by_case.values():
            for other in items[1:]:
                found += _agreement(name, items[0], other, items[0].report.label, other.report.label, tolerance)
    return tuple(found)


def _agreement(
    group: str, left: Finished, right: Finished, left_name: str, right_name: str, tolerance: float
) -> list[Agreement]:
    found = agreement(group, (left_name, left.report.judgement), (right_name, right.report.judgement), tolerance)
    return [] if found is None else [found]
