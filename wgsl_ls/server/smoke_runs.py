"""Smoke runs for the editor: one variant, one worker of its own, beside the message loop.

What runs and how it is judged is the command line's (smoke_session.py). Differences: unsaved texts count, and the
user's own reference is never imported; no code of a workspace gets in here. NumPy is imported with this file, so
the handler imports it when it is first asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from wgsl_ls import __version__
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.host_smoke import device_facts_of, host_smoke
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.server.held_findings import HeldFinding
from wgsl_ls.server.session import ServerSession
from wgsl_ls.smoke.judge import Check
from wgsl_ls.smoke.report import SmokeReport, report_json
from wgsl_ls.smoke.sanitize import SANITIZERS
from wgsl_ls.smoke_session import (
    DEFAULT_DEADLINE,
    Candidate,
    Finished,
    PlannedRun,
    Target,
    candidates,
    device_of,
    expand_stage,
    final_macros,
    is_configured,
    plan_runs,
    pool_for,
    run_plans,
)
from wgsl_ls.text.listing import counted
from wgsl_ls.wire.jobs import EngineInfo, Unavailable

_MOST_LINES = 12
OnRun = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`report`: as `wgsl-ls smoke --format json`; `html`: the page, None without matplotlib; `cases`: all of the
    configuration, by name."""

    report: dict[str, Any]
    html: str | None
    summary: str
    ok: bool
    findings: tuple[HeldFinding, ...]
    cases: tuple[str, ...]


async def run_smoke(
    session: ServerSession, view: RootView, index: int, target: Target, case_glob: str, on_run: OnRun
) -> Outcome:
    """The small cases of one variant, or those that match. `on_run(done, total, what)` before the first and after
    each. Cancelling ends the worker with whatever it runs. Raises LookupError when there is nothing to run."""
    config = session.workspace.configuration(view.path)[0]
    candidate = candidates(view, session.workspace, [index])[0]
    expansion = candidate.expansion
    final_macros(expansion)  # positions are made here: the thread below must not
    place = entry_point_span(session, expansion)
    candidate = replace(candidate, expand=_reader(session, candidate))
    by_hand = is_configured(config, view.path, candidate.variant)
    finished: list[Finished] = []
    is_asked = True
    on_run(0, 1, "starting the engine")
    async with pool_for(target, DEFAULT_DEADLINE) as pool:
        info = await pool.info(target.engine)
        planned = [] if by_hand else await _host_runs(session, candidate, target, info)
        if planned:
            macros = set(candidate.variant.define_list)
            is_asked = any(set(one.candidate.variant.define_list) == macros for one in planned)
        else:
            planned = await asyncio.to_thread(plan_runs, candidate, target, case_glob=case_glob)
        if not planned:
            raise LookupError(f"no case of the configuration holds for the variant '{candidate.variant.name}'")
        on_run(0, len(planned), "planned")
        sanitizers = [one for one in SANITIZERS if one in session.settings.sanitize]
        sizes = session.settings.subgroup_sizes
        async for item in run_plans(pool, target, planned, sanitizers=sanitizers, subgroup_sizes=sizes):
            finished.append(item)
            on_run(len(finished), len(planned), item.report.label)
    devices = (device_of(info),) if isinstance(info, EngineInfo) else ()
    report = SmokeReport(f"wgsl-ls {__version__}", devices, tuple(item.report for item in finished))
    data = report_json(report)
    html = await asyncio.to_thread(_page, data)
    cases = tuple(case.name for case in candidate.config.cases if case.name)
    findings = tuple(_findings(candidate, finished, place))
    return Outcome(data, html, summary_of(report, target.engine, is_asked), report.passed, findings, cases)


async def _host_runs(
    session: ServerSession, candidate: Candidate, target: Target, info: EngineInfo | Unavailable
) -> list[PlannedRun]:
    """What the host program near a shader would run of it; empty where there is none, or it does not say."""
    root = candidate.root
    asked = session.workspace.host_request(root)
    if asked is None or not isinstance(info, EngineInfo) or candidate.expand is None:
        return []
    reading = session.workspace.host_reading(root)
    stem = Path(root).stem
    ops = {one.op.removeprefix("GGML_OP_") for one in (reading.of_shader(stem) if reading is not None else ())}
    roots = [one for one in session.workspace.roots() if Path(one).parent == Path(root).parent]
    by_stem = {Path(one).stem: one for one in roots}
    expand_file = candidate.expand

    @cache
    def expand(stem: str, defines: tuple[str, ...]) -> Expansion:
        return expand_file(by_stem[stem], defines)

    def plan() -> list[PlannedRun]:
        smoke = host_smoke(asked, roots, expand, device_facts_of(info), candidate.directory)
        if smoke is None:
            return []
        defines = [f"{name}={value}" if value else name for name, value in candidate.variant.defines]
        return smoke.runs_of(stem, defines, ops or smoke.planner.operations, target)

    return await asyncio.to_thread(plan)


def entry_point_span(session: ServerSession, expansion: Expansion) -> tuple[int, int]:
    """Where the name of the first compute entry point stands in an expansion; the start of the text without one."""
    points = session.front_end.reflection(expansion).entry_points
    chosen = next((point for point in points if point.stage == "compute"), None)
    return (chosen.start, chosen.end) if chosen is not None else (0, 0)


def _reader(session: ServerSession, candidate: Candidate) -> Callable[[str, tuple[str, ...]], Expansion]:
    """Expands other stages' files as the editor has them. Called from the planning thread; files are read in the
    message loop's, which owns them."""
    loop = asyncio.get_running_loop()

    def expand(path: str, defines: tuple[str, ...]) -> Expansion:
        return asyncio.run_coroutine_threadsafe(expand_here(path, defines), loop).result(DEFAULT_DEADLINE)

    async def expand_here(path: str, defines: tuple[str, ...]) -> Expansion:
        return expand_stage(session.workspace, candidate, path, defines)

    return expand


def _page(report: dict[str, Any]) -> str | None:
    try:
        from wgsl_ls.smoke.html_report import html_report

        return html_report(report)
    except ImportError:
        return None


def summary_of(report: SmokeReport, engine: str, is_asked: bool = True) -> str:
    """ "wgpu · NVIDIA H200 · NMSE 2.4e-8 · 0.3 ms · no NaN"; what failed stands first. `is_asked`: runs are of the
    variant that was asked for, not only of others of its shader."""
    judgements = [run.judgement for run in report.runs]
    checks = [check for judgement in judgements for check in judgement.checks]
    words = [engine, *(device.adapter for device in report.devices)]
    verdicts = {judgement.verdict for judgement in judgements}
    failed = list(dict.fromkeys(check.name for check in checks if not check.passed))
    if verdicts & {"fail", "error"}:
        words.insert(0, f"failed: {', '.join(failed)}")
    elif "unjudged" in verdicts:
        words.insert(0, "not judged")
    elif "pass" not in verdicts:
        words.insert(0, "not run")
    if not is_asked:
        words.insert(0, "no case of the host leads to this variant here; of others of its shader")
    if "pass" in verdicts and not any(judgement.figures for judgement in judgements):
        words.append("no reference: numbers not judged")
    if any(run.guessed for run in report.runs):
        words.append(f"{counted(len({one for run in report.runs for one in run.guessed}), 'value')} guessed")
    errors = [found.nmse for judgement in judgements for _, found in judgement.figures]
    if errors:
        words.append(f"NMSE {max(errors):.2g}")
    seconds = sum(time for judgement in judgements for _, time in judgement.gpu_seconds)
    if seconds:
        words.append(f"{seconds * 1e3:.2g} ms")
    if any(check.name == "nan" for check in checks):
        words.append("NaN" if "nan" in failed else "no NaN")
    messages = [check.message for check in checks if check.name == "run" and not check.passed]
    if messages:
        words.append(messages[0].splitlines()[0])
    return " · ".join(words)


def _findings(candidate: Candidate, finished: Sequence[Finished], place: tuple[int, int]) -> list[HeldFinding]:
    """One finding per place and kind of check that failed, with every case and buffer in its words, and the other
    places of it. `place`: for checks of the run as a whole."""
    said: dict[tuple[str, tuple[int, int]], list[str]] = {}
    others: dict[tuple[str, tuple[int, int]], dict[tuple[int, int], None]] = {}
    for item in finished:
        if item.report.judgement.verdict not in ("fail", "error"):
            continue
        case = f"{item.report.case}: " if item.report.case else ""
        for check in item.report.judgement.failed:
            buffer = f"{check.buffer}: " if check.buffer else ""
            where, *rest = _places_of(item, check) or [place]
            said.setdefault((check.name, where), []).append(f"{case}{buffer}{check.message}")
            others.setdefault((check.name, where), {}).update(dict.fromkeys(rest))
    found = []
    for (name, where_found), lines in said.items():
        first = finished[0]
        more = [f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
        adapter = first.report.adapter or first.target.label
        message = "\n".join([f"smoke run on {adapter}: {lines[0]}", *lines[1:_MOST_LINES], *more])
        name_of, digest = candidate.variant.name, candidate.expansion.digest
        also = tuple(others[name, where_found])
        found.append(HeldFinding(name_of, digest, *where_found, f"smoke/{name}", message, first.target.engine, also))
    return found


def _places_of(item: Finished, check: Check) -> list[tuple[int, int]]:
    """The places that a check names in the variant's own text."""
    own = item.run.candidate.expansion
    expansions = ((one, item.run.expansions.get(one.stage)) for one in check.places)
    return [(one.start, one.end) for one, its in expansions if its is not None and its.digest == own.digest]
