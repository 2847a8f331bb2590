"""`wgsl-ls validate`: every variant of every shader, all engines, one report."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from wgsl_ls.analysis.report import RootReport
from wgsl_ls.cli.check import check
from wgsl_ls.cli.collector import never_collected, seldom_collected
from wgsl_ls.cli.composition import (
    ALL_ENGINES,
    Selection,
    Session,
    UserError,
    chosen_roots,
    named_engines,
    open_session,
    take_profiles,
)
from wgsl_ls.cli.kept_reports import keep_report, kept_report
from wgsl_ls.cli.numbers import at_least, seconds
from wgsl_ls.cli.output import Output, read_report
from wgsl_ls.cli.render import FORMATS, render
from wgsl_ls.cli.run_report import RunReport
from wgsl_ls.cli.selection import SHARD, select, wanted_engines
from wgsl_ls.cli.speech import Terminal, remark, terminal
from wgsl_ls.wire.engine_specs import asked_engines, base_of, engine_names
from wgsl_ls.wire.verdicts import State, Verdict
from wgsl_ls.workers.pool import DEADLINE

EXAMPLES = """\
wgsl-ls validate shaders                                      # every variant of every shader, both compilers
wgsl-ls validate flash_attn.wgsl --engine dawn                # one shader, Tint only
wgsl-ls validate shaders --variant '*K_Q8_0*'                 # only variants whose name matches
wgsl-ls validate shaders --format sarif --output report.sarif # for code scanning"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: here)")
    parser.add_argument(
        "--engine",
        action="append",
        choices=[*engine_names(), *ALL_ENGINES],
        help="which compilers (repeatable; default: as configured)",
    )
    parser.add_argument("--variant", metavar="V", help="only those of this name, a glob for names, or words of them")
    take_profiles(parser, "also judge by a device profile, a browser or a runtime: nvidia, firefox-141, wgpu-native")
    parser.add_argument(
        "--jobs", type=at_least(0), default=0, metavar="N", help="workers per engine (default: by cores)"
    )
    parser.add_argument("--format", choices=FORMATS, default="human", help="of the report (default: human)")
    parser.add_argument("--output", metavar="FILE", help="write the report there instead of to standard output")
    parser.add_argument("--no-cache", action="store_true", help="compile everything anew")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="warnings are problems too; all must be judged",
    )
    parser.add_argument(
        "--exhaustive", action="store_true", help="compile every text, also those that differ only in numbers"
    )
    parser.add_argument(
        "--deadline",
        type=seconds,
        default=DEADLINE,
        metavar="S",
        help=f"seconds of computing for one text (default {DEADLINE:g})",
    )
    parser.add_argument("--baseline", metavar="FILE", help="report only findings that this JSON report does not have")
    parser.add_argument("--changed", metavar="REV", help="only variants that differ from this git revision")
    parser.add_argument("--cover", action="store_true", help="of those a few in which every changed line is active")
    parser.add_argument("--shard", metavar=SHARD, help="the K-th of N equal parts of the variants")
    parser.add_argument("--cluster", metavar="ADDRESS", help="compile on a Dask cluster, e.g. tcp://host:8786")


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asked for. `engines`: to ask at most; `explicit`: they were named for this run; `workers`: per
    engine, 0 by cores; `deadline`: seconds of computing for one text."""

    paths: tuple[str, ...]
    engines: tuple[str, ...]
    explicit: bool
    profiles: tuple[str, ...]
    variant: str | None
    changed: str | None
    cover: bool
    shard: str | None
    workers: int
    deadline: float
    cluster: str | None
    cache: bool
    strict: bool
    exhaustive: bool
    baseline: str | None
    format: str
    output: str | None


def run(arguments: argparse.Namespace) -> int:
    request = Request(
        paths=tuple(arguments.paths),
        engines=_asked(arguments.engine),
        explicit=arguments.engine is not None,
        profiles=tuple(arguments.profile),
        variant=arguments.variant,
        changed=arguments.changed,
        cover=arguments.cover,
        shard=arguments.shard,
        workers=arguments.jobs,
        deadline=arguments.deadline,
        cluster=arguments.cluster,
        cache=not arguments.no_cache,
        strict=arguments.strict,
        exhaustive=arguments.exhaustive,
        baseline=arguments.baseline,
        format=arguments.format,
        output=arguments.output,
    )
    try:
        with seldom_collected(), Output(request.output) if request.output else nullcontext() as output:
            return asyncio.run(validate(request, output))
    except UserError as problem:
        remark(str(problem))
        return 2


def _asked(named: list[str] | None) -> tuple[str, ...]:
    if named is None:
        return asked_engines()
    return named_engines(named, engine_names())


async def validate(request: Request, output: Output | None = None) -> int:
    """Select, check, report; returns the exit code. Raises UserError."""
    started = time.perf_counter()
    session = open_session(
        request.paths,
        profiles=request.profiles,
        engines=request.engines,
        variant_glob=request.variant,
        cache=request.cache,
        exhaustive=request.exhaustive,
    )
    roots = chosen_roots(session, request.paths)
    with never_collected():
        roots = [root for root in roots if session.has_settings(root)]
    _tell_refused(session, roots, request.profiles)
    selected = select(session, roots, request.changed, request.shard, request.cover)
    selection = selected.only
    engines = wanted_engines(session, roots, request.engines)
    if request.cluster and (here := [name for name in engines if base_of(name) != name]):
        remark(f"{', '.join(here)}: builds of this machine, which the cluster does not have; not asked")
        engines = tuple(name for name in engines if name not in here)
    whole = selection is None and request.cluster is None  # a part of a root, or other machines, would say less
    kept = {root: kept_report(session, root, engines) for root in roots} if whole else {}
    checked = await check(
        session,
        [root for root in roots if kept.get(root) is None],
        engines,
        selection,
        workers=request.workers,
        deadline=request.deadline,
        cluster=request.cluster,
    )
    reports = []
    for root in roots:
        report = kept.get(root) or _report(session, root)
        if report is not None:
            reports.append(report)
            if whole and kept.get(root) is None:
                keep_report(session, report, engines)
    run_report = RunReport.make(session, reports, engines, checked, time.perf_counter() - started, selected.cover)
    if request.baseline:
        run_report = run_report.without_baseline(_read_baseline(request.baseline))
    if session.cache is not None:
        session.cache.close()
    shown = terminal() if output is None else Terminal()
    text = render(run_report, request.format, colour=shown.has_colour, width=shown.width)
    if output is not None:
        output.write(text)
    else:
        sys.stdout.write(text)
    return exit_code(run_report, request.strict, request.explicit, selection)


def _report(session: Session, root: str) -> RootReport | None:
    report = None
    with session.boundary(root):
        for view in session.snapshot.views([root]):
            report = session.reporter.report(session.snapshot, view)
    return report


def _tell_refused(session: Session, roots: list[str], names: Sequence[str]) -> None:
    """Whose variants there are none of: of devices that a host does not take."""
    readings = (session.workspace.host_reading(root) for root in roots if names)
    refused = {one: None for reading in readings if reading is not None for one in reading.refused}
    for profile, lacking in refused:
        if profile in names:
            remark(f"{profile}: the host does not take a device without {lacking}, and asks for no variant there")


def _read_baseline(path: str) -> dict[str, Any]:
    loaded = read_report(path)
    findings = loaded.get("findings")
    if not isinstance(findings, list) or not all(isinstance(one, dict) for one in findings):
        raise UserError(f"{path} is no report of `wgsl-ls validate --format json`")
    return loaded


def exit_code(report: RunReport, strict: bool, explicit: bool, selection: Selection | None) -> int:
    """0: all is well; 1: something is wrong; 2: nothing is known to be wrong, but not everything could be judged.
    `explicit`: the engines were named for this run; `selection`: the variants it was about."""
    if report.n_wrong or (strict and report.n_warnings):
        return 1
    if report.n_not_checked:
        return 2
    if explicit and report.unavailable:
        return 2
    for root in report.roots:
        for entry in root.verdicts:
            if selection is not None and entry.name not in selection.get(root.root, ()):
                continue
            # In a variant that nobody declared these are no errors, but nor has anybody judged it.
            if any(word in (Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.DEVICE_LOST) for _, word in entry.verdicts):
                return 2
            if entry.state == State.PENDING or (entry.state == State.NOT_JUDGED and (strict or not entry.excused)):
                return 2
    return 0
