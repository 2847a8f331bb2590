"""Arrays and stages that a project names for a smoke run: whatever lies there, it is one sentence."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from wgsl_ls import smoke_session
from wgsl_ls.smoke.uniforms import PlanError


class Attack:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("RAN"),)


def several(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, a=np.zeros(3), b=np.zeros(3))


def objects(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.array([Attack()], dtype=object), allow_pickle=True)


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps(Attack()))


def larger_than_memory(path: Path) -> None:
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (1 << 40,)})


def empty(path: Path) -> None:
    path.touch()


def cut(path: Path) -> None:
    path.write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr': '<f4'")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def broken_archive(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 and no more")


@pytest.mark.parametrize(
    "make", [several, objects, pickled, larger_than_memory, empty, cut, pipe, device, broken_archive]
)
def test_what_is_no_array_is_said_and_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(smoke_session, "files_of", lambda config: ("a.npy",))
    make(tmp_path / "a.npy")
    config: Any = SimpleNamespace()
    with pytest.raises(PlanError, match=r"a\.npy is no"):
        smoke_session._arrays(config, str(tmp_path))
    assert not (tmp_path / "RAN").exists()
    (tmp_path / "a.npy").unlink()
    np.save(tmp_path / "a.npy", np.arange(3))
    assert smoke_session._arrays(config, str(tmp_path))["a.npy"].tolist() == [0, 1, 2]


def test_a_stage_without_end_is_not_read(tmp_path: Path) -> None:
    candidate: Any = SimpleNamespace(directory=str(tmp_path), expand=None)
    stage: Any = SimpleNamespace(file="/dev/zero", define=(), name="one")
    with pytest.raises(PlanError, match="cannot be read"):
        smoke_session._stage(candidate, stage, {}, smoke_session.Environment())
