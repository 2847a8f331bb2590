"""Bring the store up to date for some roots: compile what was never seen, here or on a cluster."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from wgsl_ls import extras
from wgsl_ls.analysis.check import run_jobs
from wgsl_ls.analysis.plan import PlannedJob
from wgsl_ls.analysis.text_reading import read_texts
from wgsl_ls.cli.composition import Selection, Session, UserError
from wgsl_ls.cli.progress import clock, progress_bar
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.variants import Variant
from wgsl_ls.wire.jobs import Unavailable
from wgsl_ls.workers.engine_versions import remember_versions, remembered_versions
from wgsl_ls.workers.executors import DaskCompiler, DaskMissing
from wgsl_ls.workers.pool import DEADLINE, Pool, n_cores

_PASSES = 2
_TEXTS_AT_ONCE = 16
"""That travel together to be read elsewhere."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How the engines were used: `n_run` jobs ran; `engine_seconds` as the engines measured them."""

    n_run: int
    engine_seconds: float
    unavailable: dict[str, Unavailable]


async def check(
    session: Session,
    roots: list[str],
    engines: tuple[str, ...],
    selection: Selection | None = None,
    *,
    workers: int = 0,
    deadline: float = DEADLINE,
    cluster: str | None = None,
) -> Checked:
    """Let every judge judge. Engines are started only when something needs them. `workers`: per engine, 0 by cores;
    `cluster`: the address of a Dask scheduler, to compile there."""
    if cluster is not None:
        checked = await _on_cluster(session, roots, engines, cluster, deadline, selection)
    else:
        if session.cache is not None:
            session.store.versions.update(remembered_versions(session.cache.path, engines))
        with clock("expanding the variants"):
            first = next((job for job in _jobs(session, roots, selection) if job is not None), None)
        if first is None:
            checked = Checked(0, 0.0, {})
        else:
            checked = await _here(session, roots, engines, selection, workers, deadline)
    for root in roots:
        with session.boundary(root):
            for _ in _local_steps(session, root, selection):
                pass
    return checked


async def _here(
    session: Session,
    roots: list[str],
    engines: tuple[str, ...],
    selection: Selection | None,
    workers: int,
    deadline: float,
) -> Checked:
    counts = {engine: workers or max(1, n_cores() // len(engines)) for engine in engines}
    async with Pool(counts, deadline=deadline) as pool:
        n_run = await _run(session, roots, engines, selection, pool, 8 * sum(counts.values()))
        seconds = sum(pool.statistics(engine).engine_seconds for engine in engines)
    if session.cache is not None:
        remember_versions(session.cache.path, session.store.versions)
    return Checked(n_run, seconds, dict(session.store.unavailable))


async def _on_cluster(
    session: Session,
    roots: list[str],
    engines: tuple[str, ...],
    address: str,
    deadline: float,
    selection: Selection | None,
) -> Checked:
    """Raises UserError."""
    try:
        async with DaskCompiler(address, deadline=deadline) as compiler:
            n_run = await _run(session, roots, engines, selection, compiler, compiler.in_flight)
    except DaskMissing as problem:
        raise UserError(f"--cluster needs a package: {extras.remedy('cluster')}") from problem
    except OSError as problem:
        raise UserError(f"there is no Dask scheduler at {address}: {problem}") from problem
    except Exception as problem:  # whatever a task of the cluster raised comes back as it was
        raise UserError(
            f"the cluster at {address} failed: {str(problem) or type(problem).__name__}. Its workers need the same "
            "wgsl-ls, with its parts dawn and cluster"
        ) from problem
    return Checked(n_run, compiler.engine_seconds, dict(session.store.unavailable))


async def _run(
    session: Session,
    roots: list[str],
    engines: tuple[str, ...],
    selection: Selection | None,
    compiler: Pool | DaskCompiler,
    in_flight: int,
) -> int:
    """How many jobs ran."""
    store = session.store
    infos = await asyncio.gather(*(compiler.info(engine) for engine in engines))
    for engine, info in zip(engines, infos, strict=True):
        if isinstance(info, Unavailable):
            store.unavailable[engine] = info
        else:
            store.versions[engine] = info.version
    with _progress(session, roots) as progress:
        if isinstance(compiler, DaskCompiler):
            meanwhile = asyncio.create_task(_read_there(session, roots, compiler, selection))
        else:
            meanwhile = asyncio.create_task(_judge_here(session, roots, selection))
        n_run = 0
        try:
            # The second time for what turned out not to be judged by another variant of its structure.
            for _ in range(_PASSES):
                jobs = _jobs(session, roots, selection)
                n_new = await run_jobs(compiler, store, jobs, lambda planned, result: progress(planned), in_flight)
                n_run += n_new
                if not n_new:
                    break
            if isinstance(compiler, DaskCompiler):
                await meanwhile
        finally:
            meanwhile.cancel()
    return n_run


async def _read_there(
    session: Session, roots: list[str], compiler: DaskCompiler, selection: Selection | None = None
) -> None:
    """What our own front end reads, on the machines that compile: here it would hold up all of them."""
    reporter = session.reporter
    room = asyncio.Semaphore(max(1, compiler.in_flight // _TEXTS_AT_ONCE))

    async def read(texts: list[tuple[Expansion, Variant]]) -> None:
        try:
            answers = await compiler.run(read_texts, [(one.text, variant.overrides) for one, variant in texts])
        finally:
            room.release()
        for text, answer in zip(texts, answers, strict=True):
            reporter.learn(*text, *answer)

    reading: list[asyncio.Task[None]] = []
    try:
        for root in roots:
            with session.boundary(root):
                view, only = session.snapshot.root(root), _chosen(session, root, selection)
                waiting: list[tuple[Expansion, Variant]] = []
                for text in reporter.unread_texts(view, only) if view is not None else ():
                    await asyncio.sleep(0)
                    waiting += [text] if text is not None else []
                    if len(waiting) == _TEXTS_AT_ONCE:
                        await room.acquire()
                        reading.append(asyncio.create_task(read(waiting)))
                        waiting = []
                await room.acquire()
                reading.append(asyncio.create_task(read(waiting)))
        await asyncio.gather(*reading)
    finally:
        for task in reading:
            task.cancel()


async def _judge_here(session: Session, roots: list[str], selection: Selection | None) -> None:
    """What needs no engine, while the engines compile in their own processes."""
    for root in roots:
        with session.boundary(root):
            for _ in _local_steps(session, root, selection):
                await asyncio.sleep(0)


def _local_steps(session: Session, root: str, selection: Selection | None) -> Iterator[None]:
    view, only = session.snapshot.root(root), _chosen(session, root, selection)
    return session.reporter.local_steps(view, only) if view is not None and only != [] else iter(())


def _chosen(session: Session, root: str, selection: Selection | None) -> list[int] | None:
    """The variants of a root that a run is about; None for all."""
    view = session.snapshot.root(root)
    if selection is None or view is None:
        return None
    return [view.index_by_name[name] for name in selection.get(root, ())]


def _jobs(session: Session, roots: list[str], selection: Selection | None) -> Iterator[PlannedJob | None]:
    seen: set[tuple[str, str]] = set()
    for root in roots:
        with session.boundary(root):
            for view in session.snapshot.views([root]):
                order = _chosen(session, root, selection)
                if order != []:
                    for _ in session.reporter.structure_steps(view):
                        yield None
                    yield from session.reporter.jobs(view, order, seen)


def _progress(session: Session, roots: list[str]) -> AbstractContextManager[Callable[[PlannedJob], None]]:
    if not sys.stderr.isatty():
        return nullcontext(lambda planned: None)
    return progress_bar(sum(len(session.workspace.settings(root).variants) for root in roots))
