"""The command line in this process, in a folder of its own; engines that obey the text instead of processes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from wgsl_ls.analysis.report import Reporter
from wgsl_ls.cli.main import main
from wgsl_ls.engines.scripted import obey
from wgsl_ls.wire.frames import PROTOCOL
from wgsl_ls.wire.jobs import CompileJob, CompileResult, EngineInfo, Unavailable

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs the command line in a folder: (exit code, standard output, standard error)."""
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "w"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(words))
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


@dataclass
class Engines:
    """Stands for the pool of `validate`. `jobs`: what was compiled; `missing`: engines that cannot be used;
    `counts`: how many workers were asked for."""

    compile: Callable[[CompileJob], CompileResult] = obey
    jobs: list[CompileJob] = field(default_factory=list)
    missing: dict[str, Unavailable] = field(default_factory=dict)
    version: str = "1"
    counts: dict[str, int] = field(default_factory=dict)

    def opened(self, counts: dict[str, int], deadline: float) -> Engines:
        self.counts = counts
        return self

    async def __aenter__(self) -> Engines:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass

    async def info(self, engine: str) -> EngineInfo | Unavailable:
        return self.missing.get(engine) or EngineInfo(engine, self.version, PROTOCOL)

    async def submit(self, job: CompileJob, *, priority: float = 0.0) -> CompileResult:
        if job.engine in self.missing:
            return self.missing[job.engine]
        self.jobs.append(job)
        return self.compile(job)

    def statistics(self, engine: str) -> Any:
        return SimpleNamespace(engine_seconds=0.0)


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Engines:
    return played(monkeypatch)


def played(monkeypatch: pytest.MonkeyPatch) -> Engines:
    """In the place of the processes from now on."""
    made = Engines()
    monkeypatch.setattr("wgsl_ls.cli.check.Pool", made.opened)
    # They obey comments, which are no part of a structure.
    every_text = partial(Reporter, exhaustive=True)
    monkeypatch.setattr(
        "wgsl_ls.cli.composition.Reporter", lambda store, front_end, engines, _: every_text(store, front_end, engines)
    )
    return made


def write(files: dict[str, str], folder: Path | None = None) -> None:
    """Into the current folder."""
    for name, text in files.items():
        path = (folder or Path.cwd()) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def git(*words: str) -> None:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words]
    subprocess.run(command, check=True, capture_output=True)
