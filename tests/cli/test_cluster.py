"""`validate --cluster`: the same report from a Dask cluster as from here."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

BROKEN = Path(__file__).parents[1] / "shaders" / "broken" / "missing_helper.wgsl"


def validate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wgsl_ls.cli.main", "validate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


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
def test_no_scheduler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    pytest.importorskip("distributed")
    done = validate(str(BROKEN), "--no-cache", "--cluster", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "there is no Dask scheduler at tcp://127.0.0.1:9" in done.stderr
