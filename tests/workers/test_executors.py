from __future__ import annotations

import asyncio
import warnings
from pathlib import Path

import pytest

from wgsl_ls.wire.jobs import Accepted, CompileJob, Crashed
from wgsl_ls.workers.executors import DaskCompiler
from wgsl_ls.workers.pool import engine_command


def scripted(engine: str) -> tuple[str, ...]:
    return engine_command("scripted")


JOBS = [CompileJob("test", f"//! exit 4\n{n}" if n == 3 else f"text {n}") for n in range(8)]


@pytest.mark.slow
async def test_a_batch_over_a_cluster(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of distributed itself, about its own sockets and loops
        async with (
            distributed.LocalCluster(
                n_workers=1,
                threads_per_worker=2,
                processes=False,
                asynchronous=True,
                dashboard_address=None,
                local_directory=str(tmp_path),
            ) as cluster,
            DaskCompiler(cluster.scheduler_address, jobs_per_task=3, command=scripted) as compiler,
        ):
            results = await asyncio.gather(*map(compiler.submit, JOBS))
    accepted = [index for index, result in enumerate(results) if isinstance(result, Accepted)]
    assert accepted == [0, 1, 2, 4, 5, 6, 7]
    assert results[3] == Crashed("exit 4")
