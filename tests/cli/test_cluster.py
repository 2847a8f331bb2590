"""`validate --cluster`: the same report from a Dask cluster as from here."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from tests.cli.conftest import write
from wgsl_ls.cli.check import _read_there
from wgsl_ls.cli.composition import open_session
from wgsl_ls.cli.main import main
from wgsl_ls.workers.executors import DaskCompiler, DaskMissing

BROKEN = Path(__file__).parents[1] / "shaders" / "broken" / "missing_helper.wgsl"

TWO_ERRORS = """\
var<workgroup> tile: array<f32, N>;
#ifdef BAD
fn one() -> u32 { return nothing; }
fn two() { let x: u32 = 1.5; }
#endif
@compute @workgroup_size(1) fn main() { tile[0] = 1.0; }
"""


def validate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wgsl_ls.cli.main", "validate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


class Machines:
    """As DaskCompiler, in this process: what travels is JSON."""

    in_flight = 32

    def __init__(self) -> None:
        self.n_texts = 0

    async def run(self, function: Callable[[Sequence[Any]], list[Any]], items: Sequence[Any]) -> list[Any]:
        self.n_texts += len(items)
        await asyncio.sleep(0)
        answers: list[Any] = json.loads(json.dumps(function(items)))
        return answers


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (DaskMissing(), "--cluster needs a package: "),
        (ConnectionRefusedError("refused"), "there is no Dask scheduler at tcp://x:1: refused"),
        (
            ValueError(),
            "the cluster at tcp://x:1 failed: ValueError. Its workers need",
        ),
        (ValueError("odd"), "the cluster at tcp://x:1 failed: odd. Its workers need"),
    ],
)
def test_why_a_cluster_does_not_compile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failure: Exception, words: str
) -> None:
    class Failing:
        def __init__(self, address: str, *, deadline: float) -> None:
            assert (address, deadline) == ("tcp://x:1", 3.0)

        async def __aenter__(self) -> None:
            raise failure

        async def __aexit__(self, *why: object) -> None:
            pass

    monkeypatch.setattr("wgsl_ls.cli.check.DaskCompiler", Failing)
    (tmp_path / "a.wgsl").write_text("const a = 1;\n")
    assert main(["validate", "--no-cache", "--cluster", "tcp://x:1", "--deadline", "3", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"wgsl-ls: {words}")


@pytest.mark.parametrize("exhaustive", [False, True])
async def test_what_other_machines_read_is_what_is_read_here(tmp_path: Path, exhaustive: bool) -> None:
    axes = f'axes = {{ N = [{", ".join(f"{{ N = {size} }}" for size in (1, 64, 70_000))}], BAD = ["", "BAD"] }}'
    config = f'[[shader]]\nfiles = ["a.wgsl"]\nprofiles = ["p"]\n{axes}\n[profile.p]\nworkgroup-storage = 16384\n'
    write({"wgsl-ls.toml": config, "a.wgsl": TWO_ERRORS}, tmp_path)
    root, machines, reports = str(tmp_path / "a.wgsl"), Machines(), []
    for compiler in (None, machines):
        session = open_session([root], engines=(), exhaustive=exhaustive)
        view = session.snapshot.root(root)
        assert view is not None
        if compiler is not None:
            await _read_there(session, [root], cast("DaskCompiler", compiler))
            assert not any(session.reporter.unread_texts(view)), "nothing is left to be read"
        for _ in session.reporter.local_steps(view):
            pass
        report = session.reporter.report(session.snapshot, view)
        reports.append((report.diagnostics, report.counts))
    assert reports[0] == reports[1] and {one.code for one in reports[0][0]} >= {
        "profile/workgroup-storage",
        "wgsl/name",
    }
    assert machines.n_texts == (6 if exhaustive else 4)


async def test_a_machine_that_cannot_read_is_said(tmp_path: Path) -> None:
    class Broken(Machines):
        async def run(self, function: Callable[[Sequence[Any]], list[Any]], items: Sequence[Any]) -> list[Any]:
            raise RuntimeError("no module named wgsl_ls")

    write({"a.wgsl": TWO_ERRORS}, tmp_path)
    root = str(tmp_path / "a.wgsl")
    with pytest.raises(RuntimeError, match="no module"):
        await _read_there(open_session([root], engines=()), [root], cast("DaskCompiler", Broken()))


@pytest.mark.gpu
@pytest.mark.slow
def test_a_cluster_gives_the_same_report(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    words = (str(BROKEN), "--engine", "wgpu", "--no-cache", "--format", "json")
    here = validate(*words)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of distributed itself, about its own sockets and loops
        with distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            protocol="tcp://",
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=str(tmp_path),
        ) as cluster:
            there = validate(*words, "--cluster", cluster.scheduler_address)
    assert there.stderr == ""
    assert here.returncode == there.returncode == 1
    left, right = json.loads(here.stdout), json.loads(there.stdout)
    assert left["findings"] == right["findings"] != []
    assert left["variants"] == right["variants"]
    assert left["summary"]["jobs"] == right["summary"]["jobs"] == 3
    assert right["summary"]["engineSeconds"] > 0


@pytest.mark.slow
def test_a_worker_that_dies_changes_nothing(tmp_path: Path) -> None:
    """With errors, so that what stands behind an error is looked at there too."""
    distributed = pytest.importorskip("distributed")
    sizes = ", ".join(f"{{ N = {size} }}" for size in range(1, 121))
    axes = f'axes = {{ N = [{sizes}], BAD = ["", "BAD"] }}'
    write({"wgsl-ls.toml": f'[[shader]]\nfiles = ["a.wgsl"]\n{axes}\n', "a.wgsl": TWO_ERRORS}, tmp_path)
    words = (str(tmp_path / "a.wgsl"), "--engine", "dawn", "--exhaustive", "--no-cache", "--format", "json")
    here = validate(*words)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            protocol="tcp://",
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=str(tmp_path),
            silence_logs=logging.CRITICAL,
        ) as cluster:
            killed: list[int] = []

            def kill_one() -> None:
                with distributed.Client(cluster.scheduler_address) as client:
                    while not any(client.processing().values()):
                        time.sleep(0.01)
                    pid = next(iter(client.run(os.getpid).values()))
                killed.append(pid)
                os.kill(pid, signal.SIGKILL)

            killer = threading.Thread(target=kill_one)
            killer.start()
            there = validate(*words, "--cluster", cluster.scheduler_address)
            killer.join()
    assert killed and here.returncode == there.returncode == 1
    left, right = json.loads(here.stdout), json.loads(there.stdout)
    assert len({one["message"] for one in left["findings"]}) == 2
    assert left["findings"] == right["findings"]
    assert left["variants"] == right["variants"]
    assert left["summary"]["jobs"] == right["summary"]["jobs"] == 240


@pytest.mark.slow
def test_no_scheduler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    pytest.importorskip("distributed")
    done = validate(str(BROKEN), "--no-cache", "--cluster", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "there is no Dask scheduler at tcp://127.0.0.1:9" in done.stderr
