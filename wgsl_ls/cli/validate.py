"""`wgsl-ls validate`: every variant of every shader, all engines, one report."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wgsl_ls.analysis.check import run_jobs
from wgsl_ls.analysis.plan import PlannedJob, planned_jobs
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.cli.composition import ALL_ENGINES, Session, UserError, chosen_roots, open_session
from wgsl_ls.cli.output import Output
from wgsl_ls.cli.render import FORMATS, render
from wgsl_ls.cli.run_report import RunReport, shown_path
from wgsl_ls.cli.speech import remark
from wgsl_ls.wire.engine_specs import engine_names, in_order
from wgsl_ls.wire.jobs import Unavailable
from wgsl_ls.wire.verdicts import State, Verdict
from wgsl_ls.workers.engine_versions import remember_versions, remembered_versions
from wgsl_ls.workers.pool import Pool

SHARD = "K/N"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and directories (default: here)")
    parser.add_argument(
        "--engine", choices=[*engine_names(), *ALL_ENGINES], help="which compilers (default: as configured)"
    )
    parser.add_argument("--variant", metavar="GLOB", help="only variants whose name matches")
    parser.add_argument("--profile", action="append", default=[], metavar="NAME", help="also judge by a device profile")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="workers per engine (default: by cores)")
    parser.add_argument("--format", choices=FORMATS, default="human")
    parser.add_argument("--output", metavar="FILE", help="write the report there instead of to standard output")
    parser.add_argument("--no-cache", action="store_true", help="compile everything anew")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="warnings are problems too; all must be judged",
    )
    parser.add_argument("--deadline", type=float, default=60.0, metavar="S", help="seconds for one text (default 60)")
    parser.add_argument("--baseline", metavar="FILE", help="report only findings that this JSON report does not have")
    parser.add_argument("--changed", metavar="REV", help="only variants that differ from this git revision")
    parser.add_argument("--shard", metavar=SHARD, help="the K-th of N equal parts of the variants")
    parser.add_argument("--cluster", metavar="ADDRESS", help="compile on a Dask cluster, e.g. tcp://host:8786")


def run(arguments: argparse.Namespace) -> int:
    try:
        with Output(arguments.output) if arguments.output else nullcontext() as output:
            return asyncio.run(_validate(arguments, output))
    except UserError as problem:
        remark(str(problem))
        return 2


async def _validate(arguments: argparse.Namespace, output: Output | None) -> int:
    started = time.perf_counter()
    asked = engine_names() if arguments.engine in (None, *ALL_ENGINES) else (arguments.engine,)
    session = open_session(
        arguments.paths,
        profiles=arguments.profile,
        engines=asked,
        variant_glob=arguments.variant,
        cache=not arguments.no_cache,
    )
    roots = chosen_roots(session, arguments.paths)
    if not roots:
        raise UserError(f"no shaders found in {', '.join(arguments.paths) or 'this directory'}")
    roots = [root for root in roots if session.has_settings(root)]
    if arguments.variant and not any(session.workspace.settings(root).variants for root in roots):
        raise UserError(f"no variant matches '{arguments.variant}'")
    _check_profiles(session, roots, arguments.profile)
    selection = _selection(session, roots, arguments)
    engines = _wanted_engines(session, roots, asked)
    checked = await compile_all(
        session, roots, engines, arguments.jobs, arguments.deadline, selection, arguments.cluster
    )
    reports = [_report(session, root) for root in roots]
    run_report = RunReport.make(
        session, [report for report in reports if report is not None], engines, checked, time.perf_counter() - started
    )
    if arguments.baseline:
        run_report = run_report.without_baseline(_read_baseline(arguments.baseline))
    if session.cache is not None:
        session.cache.close()
    text = render(run_report, arguments.format, sys.stdout.isatty() and output is None)
    if output is not None:
        output.write(text)
    else:
        sys.stdout.write(text)
    return _exit_code(run_report, arguments.strict, explicit=arguments.engine is not None, selection=selection)


def _check_profiles(session: Session, roots: list[str], names: list[str]) -> None:
    for root in roots:
        config = session.workspace.configuration(root)[0]
        if unknown := next((name for name in names if config.device_profile(name) is None), None):
            known = ", ".join(profile.name for profile in config.device_profiles)
            raise UserError(f"there is no device profile '{unknown}' for {shown_path(root)}; there are: {known}")


@dataclass(slots=True)
class Checked:
    """How the engines were used: `n_run` jobs ran; `engine_seconds` as the engines measured them."""

    n_run: int
    engine_seconds: float
    unavailable: dict[str, Unavailable]


async def compile_all(
    session: Session,
    roots: list[str],
    engines: tuple[str, ...],
    workers: int,
    deadline: float,
    selection: dict[str, list[int]] | None = None,
    cluster: str | None = None,
) -> Checked:
    """Bring the store up to date for `roots`. Engines are started only when something needs them. `cluster`: the
    address of a Dask scheduler, to compile there."""
    store = session.store
    if cluster is not None:
        return await _compile_on_cluster(session, roots, engines, cluster, deadline, selection)
    if session.cache is not None:
        store.versions.update(remembered_versions(session.cache.path, engines))
    jobs = _all_jobs(session, roots, engines, selection)
    first = next((job for job in jobs if job is not None), None)
    if first is None or not engines:
        return Checked(0, 0.0, {})
    counts = {engine: workers or max(1, (os.cpu_count() or 2) // len(engines)) for engine in engines}
    async with Pool(counts, deadline=deadline) as pool:
        infos = await asyncio.gather(*(pool.info(engine) for engine in engines))
        for engine, info in zip(engines, infos, strict=True):
            if isinstance(info, Unavailable):
                store.unavailable[engine] = info
            else:
                store.versions[engine] = info.version
        if session.cache is not None:
            remember_versions(session.cache.path, store.versions)
        jobs = _all_jobs(session, roots, engines, selection)
        n_variants = sum(len(session.workspace.settings(root).variants) for root in roots)
        with _progress(n_variants) as progress:

            def on_result(planned: PlannedJob, result: object) -> None:
                if progress is not None:
                    progress(planned)

            facts = asyncio.create_task(_read_facts(session, roots))
            n_run = await run_jobs(pool, store, jobs, on_result, in_flight=8 * sum(counts.values()))
            facts.cancel()
        return Checked(
            n_run, sum(pool.statistics(engine).engine_seconds for engine in engines), dict(store.unavailable)
        )


async def _compile_on_cluster(
    session: Session,
    roots: list[str],
    engines: tuple[str, ...],
    address: str,
    deadline: float,
    selection: dict[str, list[int]] | None,
) -> Checked:
    from wgsl_ls.cli.cluster import compile_on_cluster

    n_variants = sum(len(session.workspace.settings(root).variants) for root in roots)
    with _progress(n_variants) as progress:
        n_run, seconds = await compile_on_cluster(
            address,
            session.store,
            engines,
            deadline,
            lambda: _all_jobs(session, roots, engines, selection),
            lambda planned, result: progress(planned) if progress is not None else None,
        )
    return Checked(n_run, seconds, dict(session.store.unavailable))


async def _read_facts(session: Session, roots: list[str]) -> None:
    """What device profiles need, read while the engines compile; what is left over is read by the report."""
    for root in roots:
        with session.boundary(root):
            view = session.snapshot.root(root)
            for _ in session.reporter.fact_steps(view) if view is not None else ():
                await asyncio.sleep(0)


def _all_jobs(
    session: Session, roots: list[str], engines: tuple[str, ...], selection: dict[str, list[int]] | None
) -> Iterator[PlannedJob | None]:
    seen: set[tuple[str, str]] = set()
    for root in roots:
        with session.boundary(root):
            view = session.snapshot.root(root)
            if view is not None:
                order = selection.get(root, []) if selection is not None else None
                yield from planned_jobs(view, session.store, engines, order, seen)


def _progress(n_variants: int) -> AbstractContextManager[Any]:
    if not sys.stderr.isatty():
        return nullcontext(None)
    from wgsl_ls.cli.progress import progress_bar

    return progress_bar(n_variants)


def _report(session: Session, root: str) -> RootReport | None:
    report = None
    with session.boundary(root):
        view = session.snapshot.root(root)
        if view is not None and view.variants:
            report = session.reporter.report(session.snapshot, view)
    return report


def _selection(session: Session, roots: list[str], arguments: argparse.Namespace) -> dict[str, list[int]] | None:
    """Indices of the variants to compile per root; None for all."""
    if not arguments.shard and not arguments.changed:
        return None
    everything = [(root, index) for root in roots for index in range(len(session.workspace.settings(root).variants))]
    if arguments.changed:
        from wgsl_ls.cli.impact import changed_variants

        touched = changed_variants(session, roots, arguments.changed)
        everything = [item for item in everything if item in touched]
    if arguments.shard:
        try:
            part, n_parts = (int(word) for word in arguments.shard.split("/"))
        except ValueError:
            raise UserError(f"--shard wants {SHARD}, e.g. 2/8, not '{arguments.shard}'") from None
        if not 1 <= part <= n_parts:
            raise UserError(f"--shard {arguments.shard}: the part must be between 1 and {n_parts}")
        everything = everything[part - 1 :: n_parts]
    selection: dict[str, list[int]] = {}
    for root, index in everything:
        selection.setdefault(root, []).append(index)
    return selection


def _read_baseline(path: str) -> dict[str, Any]:
    import json

    try:
        loaded = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UserError(f"cannot read the baseline {path}: {problem}") from problem
    if not isinstance(loaded, dict) or "findings" not in loaded:
        raise UserError(f"{path} is no report of `wgsl-ls validate --format json`")
    return loaded


def _wanted_engines(session: Session, roots: list[str], asked: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `asked` that some variant shall pass."""
    settings = [session.workspace.settings(root) for root in roots]
    return in_order(name for one in settings for variant in one.variants for name in variant.engines if name in asked)


def _exit_code(report: RunReport, strict: bool, explicit: bool, selection: dict[str, list[int]] | None) -> int:
    """0: all is well; 1: something is wrong; 2: nothing is known to be wrong, but not everything could be judged.
    `explicit`: the engines were named for this run; `selection`: the variants it was about."""
    if report.n_errors > report.n_not_checked or (strict and report.n_warnings):
        return 1
    if report.n_not_checked:
        return 2
    if explicit and report.unavailable:
        return 2
    for root in report.roots:
        for entry in root.verdicts:
            if selection is not None and entry.index not in selection.get(root.root, ()):
                continue
            # In a variant that nobody declared these are no errors, but nor has anybody judged it.
            if any(word in (Verdict.CRASHED, Verdict.TIMED_OUT) for _, word in entry.verdicts):
                return 2
            if entry.state == State.PENDING or (entry.state == State.NOT_JUDGED and (strict or not entry.excused)):
                return 2
    return 0
