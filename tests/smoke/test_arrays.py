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
from wgsl_ls.cli.composition import open_session
from wgsl_ls.project.reach import Reach
from wgsl_ls.smoke.uniforms import PlanError
from wgsl_ls.smoke_session import Candidate, candidates


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


def with_header(text: str, version: int = 1) -> Any:
    def header(path: Path) -> None:
        data = text.encode("utf-8", "surrogateescape")
        length = len(data).to_bytes(2 if version == 1 else 4, "little")
        path.write_bytes(b"\x93NUMPY" + bytes((version, 0)) + length + data + bytes(64))

    return header


@pytest.mark.parametrize(
    "make",
    [
        *(several, objects, pickled, larger_than_memory, empty, cut, pipe, device, broken_archive),
        with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (4,),# }"),
        with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (4,True), }"),
        with_header("{'descr': " + "[" * 4000 + "]" * 4000 + "}", version=2),
        with_header("{'descr': '<f" + "," * 300 + "("),
        with_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }"),
        with_header("{'descr': '<U4', 'fortran_order': False, 'shape': (4,), }"),
        with_header("{'descr': '<c8', 'fortran_order': False, 'shape': (4,), }"),
        with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999999999,), }"),
        with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }"),
        with_header("\udcff{", version=3),
        with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os').mkdir('RAN'),), }"),
    ],
)
def test_what_is_no_array_is_said_and_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(smoke_session, "files_of", lambda config: ("a.npy",))
    make(tmp_path / "a.npy")
    config: Any = SimpleNamespace()
    candidate: Any = SimpleNamespace(directory=str(tmp_path), reach=None)
    with pytest.raises(PlanError, match=r"a\.npy is no"):
        smoke_session._arrays(config, candidate)
    assert not (tmp_path / "RAN").exists()
    (tmp_path / "a.npy").unlink()
    np.save(tmp_path / "a.npy", np.arange(3))
    assert smoke_session._arrays(config, candidate)["a.npy"].tolist() == [0, 1, 2]


def test_an_array_is_what_the_file_had_when_it_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes into the file, cuts it or puts another in its place meanwhile changes nothing and kills nobody."""
    place = tmp_path / "a.npy"
    np.save(place, np.arange(100_000))
    load = np.load

    def replaced(*arguments: Any, **options: Any) -> Any:
        place.write_bytes(b"")
        return load(*arguments, **options)

    monkeypatch.setattr(np, "load", replaced)
    monkeypatch.setattr(smoke_session, "files_of", lambda config: ("a.npy",))
    candidate: Any = SimpleNamespace(directory=str(tmp_path), reach=None)
    config: Any = SimpleNamespace()
    assert smoke_session._arrays(config, candidate)["a.npy"].tolist() == list(range(100_000))


@pytest.mark.parametrize("kind", ["pipe", "device", "nothing", "link"])
def test_what_takes_the_place_of_an_array_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Between the look and the reading."""
    place, outside = tmp_path / "w/in/a.npy", tmp_path / "secret.npy"
    place.parent.mkdir(parents=True)
    np.save(place, np.arange(3))
    np.save(outside, np.arange(3))
    is_file = Path.is_file

    def swapped(path: Path) -> bool:
        found = is_file(path)
        if path == place:
            place.unlink()
            if kind == "pipe":
                os.mkfifo(place)
            elif kind != "nothing":
                place.symlink_to("/dev/zero" if kind == "device" else outside)
        return found

    monkeypatch.setattr(Path, "is_file", swapped)
    monkeypatch.setattr(smoke_session, "files_of", lambda config: ("a.npy",))
    candidate: Any = SimpleNamespace(directory=str(place.parent), reach=Reach((str(place.parent),), None))
    config: Any = SimpleNamespace()
    with pytest.raises(PlanError, match=r"a\.npy is no file that can be read: "):
        smoke_session._arrays(config, candidate)


def test_of_a_large_array_no_more_is_read_than_a_run_binds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke_session, "files_of", lambda config: ("a.npy",))
    monkeypatch.setattr(smoke_session, "MOST_BYTES", 1000)
    np.save(tmp_path / "a.npy", np.zeros(1000))
    candidate: Any = SimpleNamespace(directory=str(tmp_path), reach=None)
    config: Any = SimpleNamespace()
    with pytest.raises(PlanError, match="more than the 1,000 bytes"):
        smoke_session._arrays(config, candidate)


def candidate_in(folder: Path) -> Candidate:
    (folder / "a.wgsl").write_text("@compute @workgroup_size(1) fn main() {}\n")
    session = open_session([str(folder)])
    view = session.snapshot.root(str(folder / "a.wgsl"))
    assert view is not None
    return candidates(view, session.workspace)[0]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("/dev/zero", "is outside of the workspace"),
        ("zero.wgsl", "is outside of the workspace"),
        ("../secret.wgsl", "is outside of the workspace"),
        ("link.wgsl", "is outside of the workspace"),
        ("pipe.wgsl", "is no regular file"),
        ("missing.wgsl", "there is no file"),
    ],
)
def test_a_stage_is_a_file_of_the_repository(tmp_path: Path, file: str, words: str) -> None:
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)
    (tmp_path / "secret.wgsl").write_text("@compute @workgroup_size(1) fn secret() {}\n")
    (work / "link.wgsl").symlink_to(tmp_path / "secret.wgsl")
    (work / "zero.wgsl").symlink_to("/dev/zero")
    os.mkfifo(work / "pipe.wgsl")
    stage: Any = SimpleNamespace(file=file, define=(), name="one")
    candidate = candidate_in(work)
    with pytest.raises(PlanError, match="cannot be read") as said:
        smoke_session._stage(candidate, stage, {}, smoke_session.Environment())
    assert words in str(said.value)
    (work / "stage.wgsl").write_text('#include "../secret.wgsl"\n@compute @workgroup_size(1) fn main() {}\n')
    stage.file = "stage.wgsl"
    with pytest.raises(PlanError, match="the preprocessor fails"):
        smoke_session._stage(candidate, stage, {}, smoke_session.Environment())
    (work / "secret.wgsl").write_text("// ours\n")
    (work / "stage.wgsl").write_text('#include "secret.wgsl"\n@compute @workgroup_size(1) fn main() {}\n')
    assert "// ours" in smoke_session._stage(candidate_in(work), stage, {}, smoke_session.Environment())[0].text


@pytest.mark.parametrize("name", ["../a.npy", "link.npy"])
def test_an_array_is_a_file_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)
    np.save(tmp_path / "a.npy", np.arange(3))
    (work / "link.npy").symlink_to(tmp_path / "a.npy")
    config: Any = SimpleNamespace()
    monkeypatch.setattr(smoke_session, "files_of", lambda config: (name,))
    with pytest.raises(PlanError, match="is outside of the workspace"):
        smoke_session._arrays(config, candidate_in(work))
