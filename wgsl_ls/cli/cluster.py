"""`validate --cluster ADDRESS`: the jobs run on the machines of a Dask cluster, everything else here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from wgsl_ls import extras
from wgsl_ls.analysis.plan import PlannedJob
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.cli.composition import UserError
from wgsl_ls.wire.jobs import Accepted, CompileResult, Rejected, Unavailable
from wgsl_ls.workers.executors import DaskExecutor, DaskMissing

OnResult = Callable[[PlannedJob, CompileResult], None]


async def compile_on_cluster(
    address: str,
    store: ResultStore,
    engines: tuple[str, ...],
    deadline: float,
    jobs: Callable[[], Iterable[PlannedJob | None]],
    on_result: OnResult,
) -> tuple[int, float]:
    """(jobs that ran, seconds the engines took). `jobs` is called once the versions of the cluster's engines are in
    the store, for they decide what is known already. Raises UserError."""
    try:
        executor = DaskExecutor(address, deadline=deadline)
        for engine, info in (await executor.engines(engines)).items():
            if isinstance(info, Unavailable):
                store.unavailable[engine] = info
            else:
                store.versions[engine] = info.version
        seconds = 0.0
        n_run = 0
        planned: list[PlannedJob] = []

        def keep(index: int, result: CompileResult) -> None:
            nonlocal seconds
            store.put(planned[index].job, planned[index].digest, result)
            if isinstance(result, Accepted | Rejected):
                seconds += result.seconds
            on_result(planned[index], result)

        # The second time for what turned out not to be judged by another variant of its structure.
        for _ in range(2):
            planned = [job for job in jobs() if job is not None]
            if planned:
                await executor.run([one.job for one in planned], keep)
            n_run += len(planned)
    except DaskMissing as problem:
        raise UserError(f"--cluster needs a package: {extras.remedy('cluster')}") from problem
    except OSError as problem:
        raise UserError(f"there is no Dask scheduler at {address}: {problem}") from problem
    except Exception as problem:  # whatever a task of the cluster raised comes back as it was
        raise UserError(
            f"the cluster at {address} failed: {problem or type(problem).__name__}. Its workers need the same "
            "wgsl-ls, with its parts dawn and cluster"
        ) from problem
    return n_run, seconds
