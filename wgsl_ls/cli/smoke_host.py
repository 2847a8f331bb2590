"""The part of `wgsl-ls smoke` that runs what a host program would: its operations, without configuration."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
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
    Target,
    device_of,
    is_configured,
    pool_for,
    run_plans,
    uniformity_pool,
)
from wgsl_ls.text.listing import first_of
from wgsl_ls.wire.jobs import EngineInfo
from wgsl_ls.workers.pool import Pool

# Software drivers keep what they compiled: a new worker now and then gives the memory back.
VARIANTS_PER_WORKER = 40

_FEW = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HostFolder:
    """A folder of shaders with the host's code near it. `roots`: those that no smoke table of a configuration
    describes; `asked`: all there is to read; `shaders`: all that the host can ask for; `ops`: the operations that lead
    to `roots`, None where any may; `named`: the macros of each variant that somebody named, and the devices on which
    the host asks for it; None where nobody did."""

    folder: str
    roots: tuple[str, ...]
    asked: HostRequest
    expand: Expand
    directory: str
    shaders: tuple[str, ...]
    ops: frozenset[str] | None
    named: Mapping[frozenset[str], frozenset[str]] | None = None


@dataclass(slots=True)
class Met:
    """What became, on the devices at hand, of the variants that somebody named. `others`: of the same shaders, which
    cases lead to instead; `not_run`: chosen cases that have no run, by reason."""

    host: HostFolder
    words: str | None
    is_part: bool = False
    devices: dict[str, None] = field(default_factory=dict)
    taken: set[frozenset[str]] = field(default_factory=set)
    others: dict[str, None] = field(default_factory=dict)
    not_run: dict[str, list[str]] = field(default_factory=dict)

    def takes(self, variant: Variant) -> bool:
        """Is it of a shader that was named and is no table's, and one of the variants?"""
        is_shader = variant.root in self.host.shaders  # what is in none of them is the host's problem
        if is_shader and variant.root not in self.host.roots:
            return False
        macros = frozenset(variant.define_list)
        if not self.words or chosen_by([variant], self.words):
            self.taken.add(macros)
            return True
        if is_shader:
            self.others[variant.name] = None
        return False

    @property
    def reasons(self) -> list[str]:
        """Why chosen cases have no run."""
        return [f"{first_of(labels, _FEW)}: {why}" for why, labels in self.not_run.items()]

    @property
    def missing(self) -> str:
        """That no case leads to some of the variants, and where the host asks for them; "" when all were met."""
        named = self.host.named or {}
        missing = [macros for macros in named if macros not in self.taken]
        # A variant of this device may be one of those that were named with a number more.
        if not missing or (self.taken and len(named) <= len(self.taken)):
            return ""
        case = "no case that was chosen" if self.is_part else "no case"
        on = f"on {' and '.join(self.devices)} " if self.devices else ""
        share = "any" if len(missing) == len(named) else f"{len(missing):,}"
        of = "the variant" if len(named) == 1 else f"{share} of the {len(named):,} variants"
        said = f"{on}{case} leads to {of} that '{self.words}' means"
        if not self.taken:
            names = ", ".join(Path(root).name for root in self.host.roots[:_FEW])
            said += f", but to {first_of(list(self.others), _FEW)}" if self.others else f", nor to others of {names}"
        asked = sorted(frozenset.intersection(*(named[macros] for macros in missing)) - {""})
        return said + (
            f"; the host asks for {'it' if len(missing) == 1 else 'them'} on {', '.join(asked)}" if asked else ""
        )


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
        found.append(HostFolder(folder, tuple(own), asked, expand, directory, shaders, ops, _named(session, own)))
    return found


def _named(session: Session, own: list[str]) -> dict[frozenset[str], frozenset[str]] | None:
    if session.workspace.variant_glob is None:
        return None
    named: dict[frozenset[str], set[str]] = {
        frozenset(variant.define_list): set() for root in own for variant in session.workspace.settings(root).variants
    }
    for root in own:
        reading = session.workspace.host_reading(root)
        for one in reading.of_shader(Path(root).stem) if reading is not None else ():
            if one.define_set in named:
                named[one.define_set].add(one.profile)
    return {macros: frozenset(profiles) for macros, profiles in named.items()}


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


async def list_cases(host: HostFolder, targets: Iterable[Target], arguments: argparse.Namespace, met: Met) -> int:
    """How many there are. Where not all is asked for, the cases are planned, for the devices that would run them."""
    is_all = len(host.roots) == len(host.shaders) and not arguments.variant
    listed: dict[str, OperationCase] = {}
    for target in targets:
        facts = usual_facts()
        if not is_all:
            async with pool_for(target) as pool:
                info = await pool.info(target.engine)
            if isinstance(info, EngineInfo):
                facts = device_facts_of(info)
                met.devices[info.adapter] = None
            else:
                remark(f"{target.label}: {info.why}; listed as for a device with subgroups of 32 lanes and f16")
        smoke = host_smoke(host.asked, host.shaders, host.expand, facts, host.directory)
        for case in chosen_cases(host, arguments) if smoke is not None else ():
            if smoke is None or not smoke.names(case.op):
                continue
            if not is_all:
                variant = smoke.variant_of(case)
                if variant is None or not met.takes(variant):
                    continue
            listed[case.label] = case
        if is_all:
            break
    for case in listed.values():
        say(f"{shown_path(host.folder)}\t{case.op}\t{case.name}")
    return len(listed)


async def run_host(
    host: HostFolder, target: Target, arguments: argparse.Namespace, devices: list[Device], met: Met
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
                    smoke = await _opened(host, target, pool, devices, met)
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
                            if isinstance(planned, str):
                                met.not_run.setdefault(planned, []).append(case.label)
                                continue
                            if uniformity is None and (planned.lanes or arguments.subgroup_sizes):
                                uniformity = await opened.enter_async_context(uniformity_pool())
                        if met.takes(planned.candidate.variant):
                            sizes, deadline = arguments.subgroup_sizes, arguments.deadline
                            runs = run_plans(
                                pool,
                                target,
                                [planned],
                                deadline,
                                arguments.sanitize,
                                sizes,
                                uniformity,
                            )
                            async for item in runs:
                                finished.setdefault(number, []).append(item)
                                if arguments.verbose:
                                    say("\n".join(lines_of(item.report)), aside=True)

                await asyncio.gather(*(work() for _ in range(n_workers + 1)))
    return [item for number in sorted(finished) for item in finished[number]]


async def _opened(host: HostFolder, target: Target, pool: Pool, devices: list[Device], met: Met) -> HostSmoke | None:
    """What runs rest on, on the device that the pool has; None, and said why, where nothing can run."""
    info = await pool.info(target.engine)
    if not isinstance(info, EngineInfo):
        remark(f"{target.label}: {info.why}")
        return None
    if device_of(info) not in devices:
        devices.append(device_of(info))
    met.devices[info.adapter] = None
    smoke = await asyncio.to_thread(
        host_smoke, host.asked, host.shaders, host.expand, device_facts_of(info), host.directory
    )
    if smoke is None:
        remark(f"{host.folder}: its host program hands out no operation that there are cases for")
        return None
    for op in smoke.without_cases():
        remark(f"the host's operation {op} is not tried: there are no cases for it")
    return smoke


def batched(items: list[T], size: int) -> list[list[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
