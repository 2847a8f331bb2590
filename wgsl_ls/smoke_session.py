"""Smoke runs of a project: from variants to plans, through workers, to a report. Shared by command line and server.

The rooms stay pure: smoke/ plans and judges, workers/ runs; this file reads the few files that plans need (other
stages, arrays) and puts the parts together. The user's own reference is a callable handed in by the command
line; nothing here imports code that a project names.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import wgsl_ls
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.files import FileProblem, FileSystem
from wgsl_ls.project.model import ProjectConfig
from wgsl_ls.project.paths import relative
from wgsl_ls.project.variants import Variant, smoke_table
from wgsl_ls.smoke.config import CaseConfig, SmokeConfig, StageConfig, files_of, read_smoke_config
from wgsl_ls.smoke.evaluator import Environment, ExpressionError, evaluate
from wgsl_ls.smoke.judge import Agreement, Check, SmokeJudgement, Verdict, agreement, judge
from wgsl_ls.smoke.layout import ShaderLayout, layout_of
from wgsl_ls.smoke.plan import SmokePlan, StageSource, case_environment, plan_smoke
from wgsl_ls.smoke.report import Device, SmokeRun
from wgsl_ls.smoke.uniforms import PlanError
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.wire.dispatch_jobs import Matrices
from wgsl_ls.wire.engine_specs import engine_spec
from wgsl_ls.wire.jobs import EngineInfo, TimedOut, Unavailable
from wgsl_ls.workers.pool import Pool, engine_command

DEFAULT_DEADLINE = 60.0
_NPY = b"\x93NUMPY"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One variant that can be run, with what the configuration says about it. `expand(path, defines)`: how other
    stages' files are expanded; None: from the disk."""

    root: str
    variant: Variant
    expansion: Expansion
    config: SmokeConfig
    directory: str
    dialect: str
    includes: str
    include_dirs: tuple[str, ...]
    expand: Callable[[str, tuple[str, ...]], Expansion] | None = None


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
    because the project or the device says so. `op`: the operation of the host that it does."""

    candidate: Candidate
    case: CaseConfig
    plan: SmokePlan | None
    problem: str = ""
    skipped: bool = False
    checks: tuple[Check, ...] = ()
    op: str = ""


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


def candidates(view: RootView, config: ProjectConfig, indices: Iterable[int] | None = None) -> list[Candidate]:
    """The variants of a root (those at `indices`) that can be dispatched."""
    found = []
    for index in range(len(view.variants)) if indices is None else indices:
        variant = view.variants[index]
        smoke, _ = smoke_config(config, view.path, variant)
        found.append(
            Candidate(
                view.path,
                variant,
                view.expansion(index),
                smoke,
                config.directory,
                view.settings.dialect.name,
                view.settings.includes,
                view.settings.include_dirs,
            )
        )
    return found


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
            plan = _plan(candidate, case, target, reference, n_timed)
        except (PlanError, ExpressionError, OSError) as error:
            planned.append(PlannedRun(candidate, case, None, str(error)))
            continue
        if plan is not None:
            planned.append(PlannedRun(candidate, case, plan))
    return planned


def _plan(
    candidate: Candidate,
    case: CaseConfig,
    target: Target,
    reference: Callable[..., Any] | None,
    n_timed: int,
) -> SmokePlan | None:
    expansion, config = candidate.expansion, candidate.config
    if expansion.failed:
        raise PlanError("the preprocessor fails for this variant")
    macros = final_macros(expansion)
    environment = case_environment(config, case, macros)
    if not evaluate(case.when, environment):
        return None
    stages = []
    for stage in config.stages or (StageConfig(),):
        if evaluate(stage.when, environment):
            stages.append(_stage(candidate, stage, macros, environment))
    if not stages:
        raise PlanError("no stage of this variant is to be run")
    overrides = tuple(candidate.variant.overrides)
    if overrides and not config.overrides:
        config = dataclasses.replace(config, overrides=overrides)
    return plan_smoke(
        candidate.variant.name,
        stages,
        config,
        case,
        engine=target.engine,
        files=_arrays(config, candidate.directory),
        reference=reference,
        matrices=target.matrices,
        n_timed=n_timed,
    )


def _stage(
    candidate: Candidate, stage: StageConfig, macros: Mapping[str, str], environment: Environment
) -> StageSource:
    if not stage.file:
        text = candidate.expansion.text
        return StageSource(stage.name or Path(candidate.root).stem, text, _layout(text), macros, stage)
    path = str(Path(candidate.directory) / stage.file)
    defines = [_define(name, value, environment) for name, value in stage.define if value is not False]
    if candidate.expand is not None:
        expansion = candidate.expand(path, tuple(defines))
    else:
        found = FileSystem().read(path)
        if isinstance(found, FileProblem):
            raise PlanError(f"the stage's file cannot be read: {found.message}")
        expansion = _expand(path, tuple(defines), candidate.dialect, candidate.includes, candidate.include_dirs)
    if expansion.failed:
        raise PlanError(f"the preprocessor fails for {stage.file}")
    name = stage.name or Path(stage.file).stem
    return StageSource(name, expansion.text, _layout(expansion.text), final_macros(expansion), stage)


def _define(name: str, value: Any, environment: Environment) -> str:
    if value is True:
        return name
    return f"{name}={evaluate(value, environment)}"


def _expand(
    path: str, defines: tuple[str, ...], dialect: Any, includes: Any, include_dirs: tuple[str, ...]
) -> Expansion:
    return wgsl_ls.expand(path, defines=defines, dialect=dialect, includes=includes, include_dirs=include_dirs)


@cache
def _layout(text: str) -> ShaderLayout:
    return layout_of(text)


def final_macros(expansion: Expansion) -> dict[str, str]:
    """The macros at the end of the root file."""
    return dict(expansion.macro_table(len(expansion.root.text)).bodies)


def _arrays(config: SmokeConfig, directory: str) -> dict[str, NDArray[Any]]:
    arrays = {}
    for path in files_of(config):
        place = Path(directory) / path
        if not place.is_file():
            raise PlanError(f"{path} is no regular file")
        try:
            with place.open("rb") as file:
                if file.read(len(_NPY)) != _NPY:
                    raise ValueError("it is not what numpy.save writes (archives of several arrays are not read)")
            # Mapped first: a header may promise more than the file has, or than memory.
            arrays[path] = np.array(np.load(place, allow_pickle=False, mmap_mode="r"))
        except (ValueError, EOFError, MemoryError, OverflowError) as error:
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
    # Dawn's own choice for compiling is a backend that runs nothing.
    chosen = adapter or (_real_backend() if (spec := engine_spec(engine)) and spec.compiles_nowhere else "")
    return (*engine_command(engine), *(("--adapter", chosen) if chosen else ()))


def _real_backend() -> str:
    import sys

    return {"darwin": "metal", "win32": "d3d12"}.get(sys.platform, "vulkan")


def device_of(info: EngineInfo) -> Device:
    driver = dict(info.properties).get("driver", "")
    return Device(info.engine, info.version, info.adapter, info.backend, driver)


async def run_plans(
    pool: Pool, target: Target, runs: Sequence[PlannedRun], deadline: float = DEFAULT_DEADLINE
) -> AsyncIterator[Finished]:
    """Each run as it ends, in order. Cancelling this cancels what still waits."""
    info = await pool.info(target.engine)
    adapter = info.adapter if isinstance(info, EngineInfo) else target.adapter
    for run in runs:
        if run.checks:
            judgement = SmokeJudgement("fail", run.checks)
        elif run.plan is None:
            verdict: Verdict = "skipped" if run.skipped else "error"
            judgement = SmokeJudgement(verdict, (Check("run", "", False, run.problem),))
        elif isinstance(info, Unavailable):
            judgement = judge(run.plan, info, run.candidate.config)
        else:
            result = await pool.enqueue(run.plan.job, deadline=deadline)
            judgement = await asyncio.to_thread(judge, run.plan, result, run.candidate.config)
            if isinstance(result, TimedOut):
                # The next run starts a new worker; a device that hangs may need a moment.
                await asyncio.sleep(0.2)
        yield Finished(run, target, run_report(run, target, adapter, judgement))


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
