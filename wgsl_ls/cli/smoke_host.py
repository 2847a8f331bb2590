"""The part of `wgsl-ls smoke` that runs what a host program would: its operations, without configuration."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import TypeVar

from wgsl_ls.cli.composition import Session
from wgsl_ls.cli.shown_path import shown_path
from wgsl_ls.cli.smoke_render import lines_of
from wgsl_ls.cli.speech import remark, say
from wgsl_ls.host_smoke import Expand, HostSmoke, device_facts_of, expander_of, host_smoke, usual_facts
from wgsl_ls.project.host_request import HostRequest
from wgsl_ls.project.variant_words import chosen_by
from wgsl_ls.project.variants import Variant
from wgsl_ls.smoke.operation import OperationCase
from wgsl_ls.smoke.operations import all_cases
from wgsl_ls.smoke.report import Device
from wgsl_ls.smoke.variation import variation
from wgsl_ls.smoke_session import (
    Finished,
    PlannedRun,
    Target,
    device_of,
    is_configured,
    pool_for,
    run_plans,
    uniformity_pool,
)
from wgsl_ls.wire.jobs import EngineInfo
from wgsl_ls.workers.pool import Pool

# Software drivers keep what they compiled: a new worker now and then gives the memory back.
VARIANTS_PER_WORKER = 40

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HostFolder:
    """A folder of shaders with the host's code near it. `roots`: those that no smoke table of a configuration
    describes; `asked`: all there is to read; `shaders`: all that the host can ask for; `ops`: the operations that lead
    to `roots`, None where any may."""

    folder: str
    roots: tuple[str, ...]
    asked: HostRequest
    expand: Expand
    directory: str
    shaders: tuple[str, ...]
    ops: frozenset[str] | None


def host_folders(session: Session, roots: list[str]) -> list[HostFolder]:
    """The folders of `roots` whose host hands out operations; a shader with a smoke table is its table's."""
    by_folder: dict[str, list[str]] = {}
    for root in roots:
        if not _is_configured(session, root):
            by_folder.setdefault(str(Path(root).parent), []).append(root)
    found = []
    for folder, own in by_folder.items():
        asked = session.workspace.host_request(own[0])
        if asked is None or not asked.hands_out_operations:
            continue
        shaders = tuple(str(Path(folder) / one.file) for one in asked.shaders)
        expand = expander_of(session.workspace, shaders, session.snapshot.read)
        directory = session.workspace.configuration(own[0])[0].directory
        ops = _ops_of(session, own) if len(own) < len(shaders) else None
        found.append(HostFolder(folder, tuple(own), asked, expand, directory, shaders, ops))
    return found


def _ops_of(session: Session, own: list[str]) -> frozenset[str] | None:
    """Who asks for one shader does not wait until the operations of all are planned."""
    reading = session.workspace.host_reading(own[0])
    if reading is None or reading.gaps:
        return None
    variants = (variant for root in own for variant in reading.of_shader(Path(root).stem))
    return frozenset(variant.op.removeprefix("GGML_OP_") for variant in variants)


def _is_configured(session: Session, root: str) -> bool:
    config = session.workspace.configuration(root)[0]
    return is_configured(config, root, Variant("", root, ()))


def chosen_cases(host: HostFolder, arguments: argparse.Namespace) -> list[OperationCase]:
    pattern = (arguments.op or "*").lower()
    chosen = [
        case
        for case in all_cases()
        if (host.ops is None or case.op in host.ops)
        and fnmatchcase(case.op.lower(), pattern)
        and (case.quick or not arguments.quick)
        and (not arguments.case or fnmatchcase(case.label, arguments.case))
    ]
    return [*chosen, *_drawn(chosen, arguments.draw)]


def _drawn(cases: list[OperationCase], n_each: int) -> Iterator[OperationCase]:
    """`n_each` variations of every operation's cases."""
    by_op: dict[str, list[OperationCase]] = {}
    for case in cases:
        if case.is_run and not case.device and case.then is None:
            by_op.setdefault(case.op, []).append(case)
    for op, own in by_op.items():
        random = Random(op)
        for number in range(n_each):
            yield variation(random.choice(own), random.choice, number)


def list_cases(host: HostFolder, arguments: argparse.Namespace) -> None:
    """Where not all is asked for, the cases are planned, as for a usual device, to know what they run."""
    smoke = host_smoke(host.asked, host.shaders, host.expand, usual_facts(), host.directory)
    if smoke is None:
        return
    for case in chosen_cases(host, arguments):
        if not smoke.names(case.op):
            continue
        if len(host.roots) < len(host.shaders) or arguments.variant:
            variant = smoke.variant_of(case)
            if variant is None or variant.root not in host.roots or not _has(variant, arguments):
                continue
        say(f"{shown_path(host.folder)}\t{case.op}\t{case.name}")


async def run_host(
    host: HostFolder, target: Target, arguments: argparse.Namespace, devices: list[Device]
) -> list[Finished]:
    """Every case on one target. Planned one at a time, while the device works."""
    n_workers = max(1, arguments.jobs)
    smoke = None
    cases: list[tuple[int, OperationCase]] = []
    finished: dict[int, list[Finished]] = {}
    planning = asyncio.Lock()
    async with AsyncExitStack() as opened:
        uniformity: Pool | None = None  # a worker more, for those runs that ask it
        while smoke is None or cases:
            async with pool_for(target, arguments.deadline, n_workers) as pool:
                if smoke is None:
                    smoke = await _opened(host, target, pool, devices)
                    if smoke is None:
                        return []
                    chosen = enumerate(chosen_cases(host, arguments))
                    cases = [(number, case) for number, case in chosen if smoke.names(case.op)]
                batch, cases = cases[: VARIANTS_PER_WORKER * n_workers], cases[VARIANTS_PER_WORKER * n_workers :]
                waiting = iter(batch)

                async def work(
                    pool: Pool = pool, waiting: Iterator[tuple[int, OperationCase]] = waiting, smoke: HostSmoke = smoke
                ) -> None:
                    nonlocal uniformity
                    for number, case in waiting:
                        async with planning:
                            planned = await asyncio.to_thread(smoke.run, case, target, arguments.timed or 0)
                            if (
                                uniformity is None
                                and planned is not None
                                and (planned.lanes or arguments.subgroup_sizes)
                            ):
                                uniformity = await opened.enter_async_context(uniformity_pool())
                        if planned is not None and _is_wanted(host, planned, arguments):
                            sizes, deadline = arguments.subgroup_sizes, arguments.deadline
                            runs = run_plans(
                                pool,
                                target,
                                [planned],
                                deadline,
                                arguments.sanitize,
                                sizes,
                                uniformity,
                                patient=not arguments.quick,
                            )
                            async for item in runs:
                                finished.setdefault(number, []).append(item)
                                if arguments.verbose:
                                    say("\n".join(lines_of(item.report)), aside=True)

                await asyncio.gather(*(work() for _ in range(n_workers + 1)))
    return [item for number in sorted(finished) for item in finished[number]]


async def _opened(host: HostFolder, target: Target, pool: Pool, devices: list[Device]) -> HostSmoke | None:
    """What runs rest on, on the device that the pool has; None, and said why, where nothing can run."""
    info = await pool.info(target.engine)
    if not isinstance(info, EngineInfo):
        remark(f"{target.label}: {info.why}")
        return None
    if device_of(info) not in devices:
        devices.append(device_of(info))
    smoke = await asyncio.to_thread(
        host_smoke, host.asked, host.shaders, host.expand, device_facts_of(info), host.directory
    )
    if smoke is None:
        remark(f"{host.folder}: its host program hands out no operation that there are cases for")
        return None
    for op in smoke.without_cases():
        remark(f"the host's operation {op} is not tried: there are no cases for it")
    return smoke


def _is_wanted(host: HostFolder, run: PlannedRun, arguments: argparse.Namespace) -> bool:
    """Is the shader one that was named, and no table's?"""
    root = run.candidate.root
    if root in host.shaders and root not in host.roots:  # what is in none of them is the host's problem
        return False
    return _has(run.candidate.variant, arguments)


def _has(variant: Variant, arguments: argparse.Namespace) -> bool:
    return not arguments.variant or bool(chosen_by([variant], arguments.variant))


def batched(items: list[T], size: int) -> list[list[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
