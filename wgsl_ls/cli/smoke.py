"""`wgsl-ls smoke`: dispatch variants on a device, judge the numbers, report."""

from __future__ import annotations

import argparse
import asyncio
import gzip
import importlib
import importlib.util
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from wgsl_ls import __version__, extras
from wgsl_ls.cli.composition import ALL_ENGINES, Session, UserError, chosen_roots, named_engines, open_session
from wgsl_ls.cli.numbers import at_least, seconds
from wgsl_ls.cli.output import Output, read_report
from wgsl_ls.cli.selection import parts
from wgsl_ls.cli.shown_path import shown_path
from wgsl_ls.cli.smoke_host import VARIANTS_PER_WORKER, Met, batched, host_folders, list_cases, run_host
from wgsl_ls.cli.smoke_render import FORMATS, campaign_table, lines_of, render
from wgsl_ls.cli.speech import remark, say
from wgsl_ls.smoke.report import Device, SmokeReport, compare_with_baseline, report_json, report_text
from wgsl_ls.smoke.sanitize import SANITIZERS
from wgsl_ls.smoke_session import (
    DEFAULT_DEADLINE,
    Candidate,
    Finished,
    Target,
    agreements,
    candidates,
    device_of,
    plan_runs,
    pool_for,
    run_plans,
    smoke_config,
)
from wgsl_ls.text.harmless import one_line
from wgsl_ls.wire.dispatch_jobs import SUBGROUP_SIZES
from wgsl_ls.wire.engine_specs import ENGINES, smoke_engines
from wgsl_ls.wire.jobs import EngineInfo, Matrices
from wgsl_ls.workers.pool import Pool

_HOW: tuple[Matrices, ...] = ("auto", "emulated")
CAMPAIGN = tuple(
    (spec.name, how) for spec in ENGINES if spec.runs_shaders for how in (_HOW if spec.native_matrices else _HOW[:1])
)


EXAMPLES = """\
wgsl-ls smoke flash_attn.wgsl --list    # what would run
wgsl-ls smoke --quick                   # what the host program beside the shaders would run
wgsl-ls smoke --op 'mul_mat*' --html report.html"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: here)")
    parser.add_argument("--variant", metavar="V", help="only those of this name, a glob for names, or words of them")
    parser.add_argument("--case", metavar="GLOB", default="", help="only cases whose name matches")
    parser.add_argument(
        "--engine",
        action="append",
        choices=[*smoke_engines(), *ALL_ENGINES],
        help=f"which run them (repeatable; default: {smoke_engines()[0]})",
    )
    parser.add_argument(
        "--adapter", action="append", default=[], metavar="NAME", help="part of an adapter's name; several are compared"
    )
    parser.add_argument(
        "--matrices",
        choices=["auto", "native", "emulated", "both"],
        default="auto",
        help="subgroup matrices of the device, emulated ones, or both beside each other (default: auto)",
    )
    parser.add_argument(
        "--sanitize",
        type=_sanitizers,
        default=(),
        metavar="LIST",
        help=f"also run shaders that watch themselves: {','.join(SANITIZERS)} (or one of them); slower",
    )
    parser.add_argument(
        "--subgroup-sizes",
        type=_sizes,
        default=(),
        metavar="SIZES",
        help="also run with emulated subgroups of these sizes: 4..128, or a list such as 8,32",
    )
    parser.add_argument("--format", choices=FORMATS, default="human", help="of standard output (default: human)")
    parser.add_argument("--html", metavar="FILE", help="write a page with error maps, histograms and times")
    parser.add_argument("--report", metavar="FILE", help="write the JSON report (packed if it ends in .gz)")
    parser.add_argument("--baseline", metavar="FILE", help="compare with a JSON report written before")
    parser.add_argument("--reference", metavar="MODULE:FUNCTION", help="your own reference; needs --allow-code")
    parser.add_argument("--allow-code", action="store_true", help="let --reference import and run Python code")
    parser.add_argument(
        "--campaign",
        metavar="FOLDER",
        help="everything there is to know about a GPU: wgpu and Dawn, native matrices and emulated ones, all variants "
        "judged, the cases for measuring timed alone; writes report.json, report.html and table.md there",
    )
    parser.add_argument(
        "--jobs", type=at_least(1), default=1, metavar="N", help="workers; more than one spoils the times"
    )
    parser.add_argument("--op", metavar="GLOB", help="operations of the host program: only those whose name matches")
    parser.add_argument(
        "--quick", action="store_true", help="operations of the host program: a covering choice of cases"
    )
    parser.add_argument(
        "--draw",
        type=at_least(0),
        default=0,
        metavar="N",
        help="operations of the host program: N more cases of each, laid out at random, the same ones every time",
    )
    parser.add_argument(
        "--timed",
        type=at_least(0),
        metavar="N",
        help="measured runs after the checked ones (default: 5; 0 for a host's operations)",
    )
    parser.add_argument("--deadline", type=seconds, default=DEFAULT_DEADLINE, metavar="S", help="seconds for one run")
    parser.add_argument("--shard", metavar="K/N", help="the K-th of N equal parts of the variants")
    parser.add_argument("--verbose", action="store_true", help="tell every run on standard error as it ends")
    parser.add_argument("--list", action="store_true", help="show what would run, and run nothing")


def _sanitizers(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    if unknown := next((name for name in names if name not in SANITIZERS), None):
        raise argparse.ArgumentTypeError(f"there is no sanitizer '{unknown}'; there are: {', '.join(SANITIZERS)}")
    return names


def _sizes(text: str) -> tuple[int, ...]:
    """ "4..128": the powers of two of a range; "8,32": these."""
    first, dots, last = text.partition("..")
    try:
        numbers = (int(first), int(last)) if dots else tuple(int(word) for word in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is neither a range such as 4..128 nor a list such as 8,32"
        ) from None
    sizes = SUBGROUP_SIZES
    if unknown := [number for number in numbers if number not in sizes]:
        raise argparse.ArgumentTypeError(f"no subgroup has {unknown[0]} lanes; there are: {', '.join(map(str, sizes))}")
    return tuple(size for size in sizes if numbers[0] <= size <= numbers[1]) if dots else tuple(dict.fromkeys(numbers))


def run(arguments: argparse.Namespace) -> int:
    try:
        with ExitStack() as opened:
            outputs = _open_outputs(arguments, opened)
            return asyncio.run(_smoke(arguments, outputs))
    except UserError as problem:
        remark(str(problem))
        return 2


async def _smoke(arguments: argparse.Namespace, outputs: Outputs) -> int:
    reference = _own_reference(arguments)
    baseline = read_report(arguments.baseline) if arguments.baseline else None
    session = open_session(arguments.paths, variant_glob=arguments.variant)
    roots = _own_roots(session, arguments.paths)
    hosts = host_folders(session, roots)
    if arguments.op and not hosts:
        raise UserError("--op: no host program was found that hands out operations of these shaders")
    of_hosts = {root for host in hosts for root in host.roots}
    configured = [] if arguments.op else [root for root in roots if root not in of_hosts]
    chosen = _shard(_candidates(session, configured), arguments.shard)
    if not chosen and not hosts:
        raise UserError("nothing to run: no variant matches")
    is_part = bool(arguments.op or arguments.case or arguments.quick)
    met = [Met(host, arguments.variant, is_part) for host in hosts]
    if arguments.list:
        n_listed = len(chosen)
        for one in met:
            n_listed += await list_cases(one.host, _targets(arguments), arguments, one)
        for candidate in chosen:
            cases = ", ".join(case.name for case in candidate.config.cases if case.name) or "-"
            say(f"{shown_path(candidate.root)}\t{one_line(candidate.variant.name)}\t{one_line(cases)}")
        _tell_missing(met, n_listed)
        return session.ended(0)
    runner = Runner(arguments, reference)
    finished: list[Finished] = []
    for target in _targets(arguments):
        # Beside native matrices, emulated ones are for texts that have matrices.
        beside = target.matrices == "emulated" and (arguments.matrices == "both" or bool(arguments.campaign))
        fitting = [one for one in chosen if not beside or _has_matrices(one)]
        finished += await runner.run(target, fitting, arguments.jobs, measured=False)
        if arguments.campaign:
            finished += await runner.run(target, fitting, 1, measured=True)
        for one in met:
            finished += await run_host(one.host, target, arguments, runner.devices, one)
    _tell_missing(met, len(finished))
    runs = tuple(item.report for item in finished)
    changes = compare_with_baseline(runs, baseline) if baseline is not None else ()
    report = SmokeReport(f"wgsl-ls {__version__}", tuple(runner.devices), runs, agreements(finished), changes)
    _write_files(report, outputs)
    sys.stdout.write(render(report, arguments.format))
    code = exit_code(report)
    return code if code == 1 else session.ended(code)


def _tell_missing(met: list[Met], n_runs: int) -> None:
    """Raises UserError when nothing was run."""
    told = [words for one in met if (words := one.missing)]
    if not n_runs:
        told = told or [words for one in met for words in one.reasons]
        raise UserError(f"nothing to run: {'; '.join(told) or 'no operation matches'}")
    for words in told:
        remark(words)


class Runner:
    """Runs candidates on targets; plans the next ones while the device works."""

    def __init__(self, arguments: argparse.Namespace, reference: Callable[..., Any] | None) -> None:
        self._arguments = arguments
        self._reference = reference
        self._planning = asyncio.Lock()
        self.devices: list[Device] = []

    async def run(self, target: Target, chosen: list[Candidate], n_workers: int, *, measured: bool) -> list[Finished]:
        finished: dict[int, list[Finished]] = {}
        numbered = list(enumerate(chosen))
        for batch in batched(numbered, VARIANTS_PER_WORKER * n_workers):
            async with pool_for(target, self._arguments.deadline, n_workers) as pool:
                info = await pool.info(target.engine)
                if isinstance(info, EngineInfo) and device_of(info) not in self.devices:
                    self.devices.append(device_of(info))
                waiting = iter(batch)

                async def work(pool: Pool = pool, waiting: Iterator[tuple[int, Candidate]] = waiting) -> None:
                    for number, candidate in waiting:
                        finished[number] = [item async for item in self._runs(pool, target, candidate, measured)]

                await asyncio.gather(*(work() for _ in range(n_workers + 1)))
        return [item for number in sorted(finished) for item in finished[number]]

    async def _runs(self, pool: Pool, target: Target, candidate: Candidate, measured: bool) -> AsyncIterator[Finished]:
        arguments = self._arguments
        n_timed = 0 if arguments.campaign and not measured else 5 if arguments.timed is None else arguments.timed
        # One plan at a time: expansions share memos that belong to one thread at once.
        async with self._planning:
            planned = await asyncio.to_thread(
                plan_runs,
                candidate,
                target,
                case_glob=arguments.case,
                measured=measured,
                reference=self._reference,
                n_timed=n_timed,
            )
        runs = run_plans(
            pool, target, planned, arguments.deadline, arguments.sanitize, subgroup_sizes=arguments.subgroup_sizes
        )
        async for item in runs:
            if arguments.verbose:
                say("\n".join(lines_of(item.report)), aside=True)
            yield item


def _candidates(session: Session, roots: list[str]) -> list[Candidate]:
    found: list[Candidate] = []
    told = set()
    for root in roots:
        view = session.snapshot.root(root)
        if view is None:
            raise UserError(str(session.snapshot.read(root)))
        config = session.workspace.configuration(root)[0]
        for variant in view.variants:
            for diagnostic in smoke_config(config, root, variant)[1]:
                if diagnostic not in told:
                    told.add(diagnostic)
                    place = session.shown_place(diagnostic.location)
                    say(f"{place}: warning: {diagnostic.message}", aside=True)
        found += candidates(view, session.workspace)
    return found


def _own_roots(session: Session, paths: list[str]) -> list[str]:
    """The chosen roots. Below a folder that has a configuration, folders with another one are projects of their
    own: they run when they are named."""
    chosen: dict[str, None] = {}
    left_out: dict[str, None] = {}
    for path in paths or ["."]:
        where = Path(path).absolute()
        ruling = session.workspace.config_path(str(where / "any.wgsl")) if where.is_dir() else None
        for root in chosen_roots(session, [path]):
            config = session.workspace.config_path(root)
            if ruling is not None and config != ruling and config is not None:
                left_out[str(Path(config).parent)] = None
            else:
                chosen[root] = None
    for folder in left_out:
        remark(f"{folder} has a configuration of its own; name it to run it")
    return list(chosen)


def _has_matrices(candidate: Candidate) -> bool:
    return "subgroup_matrix" in candidate.expansion.text


def _targets(arguments: argparse.Namespace) -> list[Target]:
    if arguments.campaign:
        adapters = arguments.adapter or [""]
        return [Target(engine, adapter, how) for adapter in adapters for engine, how in CAMPAIGN]
    engines = named_engines(arguments.engine or smoke_engines()[:1], smoke_engines())
    matrices: tuple[Matrices, ...] = ("native", "emulated") if arguments.matrices == "both" else (arguments.matrices,)
    return [
        Target(engine, adapter, how) for engine in engines for adapter in arguments.adapter or [""] for how in matrices
    ]


def _shard(chosen: list[Candidate], shard: str | None) -> list[Candidate]:
    if shard is None:
        return chosen
    part, n_parts = parts(shard)
    return chosen[part - 1 :: n_parts]


def _own_reference(arguments: argparse.Namespace) -> Callable[..., Any] | None:
    """Imported here and nowhere else: the one door through which a project's Python code gets in."""
    if not arguments.reference:
        return None
    if not arguments.allow_code:
        raise UserError("--reference imports and runs Python code; say --allow-code if you trust it")
    module_name, _, function_name = arguments.reference.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        function = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError, ValueError) as problem:
        raise UserError(f"--reference {arguments.reference}: {problem}") from problem
    if not callable(function):
        raise UserError(f"--reference {arguments.reference} is no function")
    return function  # type: ignore[no-any-return]


Outputs = dict[str, Output]
"""By what is written there: "report", "html", "table"."""


def _open_outputs(arguments: argparse.Namespace, opened: ExitStack) -> Outputs:
    """Before the first run: it may take an hour to the last one."""
    paths = {"report": arguments.report, "html": arguments.html, "table": None}
    if arguments.campaign:
        folder = Path(arguments.campaign)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise UserError(f"cannot make the folder {folder}: {problem.strerror or problem}") from problem
        names = {"report": "report.json", "html": "report.html", "table": "table.md"}
        paths = {what: path or str(folder / names[what]) for what, path in paths.items()}
    if paths["html"] and importlib.util.find_spec("matplotlib") is None:
        raise UserError(f"--html needs matplotlib: {extras.remedy('smoke')}")
    return {what: opened.enter_context(Output(path)) for what, path in paths.items() if path}


def _write_files(report: SmokeReport, outputs: Outputs) -> None:
    data = report_json(report)
    if table := outputs.get("table"):
        table.write(campaign_table(report))
    if stored := outputs.get("report"):
        text = report_text(data).encode("utf-8")
        # Without a time stamp, so that equal reports are equal files.
        stored.write(gzip.compress(text, mtime=0) if stored.path.suffix == ".gz" else text)
    if page := outputs.get("html"):
        from wgsl_ls.smoke.html_report import html_report

        page.write(html_report(data))


def exit_code(report: SmokeReport) -> int:
    """2 when nothing is known to be wrong, but not everything could be judged."""
    if report.passed:
        return 0
    verdicts = {run.judgement.verdict for run in report.runs}
    is_open = "unjudged" in verdicts or verdicts <= {"skipped"}
    is_wrong = (
        bool(verdicts & {"fail", "error"})
        or any(change.worse for change in report.changes)
        or not all(one.passed for one in report.agreements)
    )
    return 2 if is_open and not is_wrong else 1
