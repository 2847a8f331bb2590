"""What the store of results keeps: for ever, until somebody asks again, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from wgsl_ls.analysis.front_end import FrontEnd, Reading
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.project.cache import DiskCache
from wgsl_ls.server.checking import ServerChecker
from wgsl_ls.text.steps import finished
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    CompileResult,
    Crashed,
    DeviceLost,
    Rejected,
    TimedOut,
    Unavailable,
    Unsupported,
)

JOB = CompileJob("dawn", "fn f() {}")
LASTING: list[CompileResult] = [Accepted(), Rejected(()), Unsupported("f16")]
PASSING: list[CompileResult] = [Crashed("SIGKILL"), TimedOut(3.0), DeviceLost("gone"), Unavailable("no driver")]


def store(disk: DiskCache) -> ResultStore:
    made = ResultStore(disk)
    made.versions["dawn"] = "1"
    return made


def ask_again_by_store(one: ResultStore) -> None:
    one.forget_failures()


def ask_again_by_command(one: ResultStore) -> None:
    """wgsl.checkAll, which the editors offer."""
    session: Any = SimpleNamespace(store=one)
    other: Any = None
    ServerChecker(session, other, other).want(["/a.wgsl"])


@pytest.mark.parametrize("result", [*LASTING, *PASSING])
@pytest.mark.parametrize("ask_again", [ask_again_by_store, ask_again_by_command])
def test_only_what_the_text_decides_is_kept(tmp_path: Path, result: CompileResult, ask_again: Any) -> None:
    kept = result if result in LASTING else None
    with DiskCache(tmp_path / "results.sqlite3") as disk:
        first = store(disk)
        first.put(JOB, "digest", result)
        assert first.get("dawn", "digest") == result, "not at every keystroke"
        ask_again(first)
        assert first.get("dawn", "digest") == kept
    with DiskCache(tmp_path / "results.sqlite3") as disk:
        second = store(disk)
        assert second.get("dawn", "digest") == kept
        assert second.remembers("dawn", "digest") == (kept is not None), "what the disk knows is read once"


def test_the_oldest_results_are_forgotten() -> None:
    kept = ResultStore(limit=2)
    for number in range(3):
        job = CompileJob("wgpu", f"text {number}")
        kept.put(job, f"digest {number}", Accepted())
    assert [kept.get("wgpu", f"digest {number}") is not None for number in range(3)] == [False, True, True]
    kept.get("wgpu", "digest 1")
    kept.put(CompileJob("wgpu", "text 3"), "digest 3", Accepted())
    assert [kept.remembers("wgpu", f"digest {number}") for number in range(4)] == [False, True, False, True], (
        "used last"
    )


def test_an_engine_that_answers_is_there_again() -> None:
    kept = ResultStore()
    kept.put(JOB, "digest", Unavailable("no driver"))
    assert kept.get("dawn", "other") == Unavailable("no driver")
    kept.put(JOB, "digest", Accepted())
    assert kept.get("dawn", "other") is None


@pytest.mark.parametrize(
    ("engine", "version", "ours", "is_known"),
    [
        ("dawn", "1", "ours", True),
        ("dawn", "2", "ours", False),
        ("dawn", "", "ours", False),
        ("wgpu", "1", "ours", False),
        ("dawn", "1", "newer", False),
    ],
)
def test_a_result_on_the_disk_is_that_of_one_engine_and_of_both_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, version: str, ours: str, is_known: bool
) -> None:
    with DiskCache(tmp_path / "results.sqlite3") as disk:
        monkeypatch.setattr("wgsl_ls.analysis.results.__version__", "ours")
        store(disk).put(JOB, "digest", Accepted())
        monkeypatch.setattr("wgsl_ls.analysis.results.__version__", ours)
        later = ResultStore(disk)
        later.versions[engine] = version
        assert (later.get(engine, "digest") is not None) == is_known


def test_facts_go_to_the_disk_where_there_is_one() -> None:
    notes: dict[str, object] = {}
    results: dict[str, CompileResult] = {}
    slow = SimpleNamespace(get=results.get, put=results.__setitem__, get_note=notes.get, put_note=notes.__setitem__)
    kept = ResultStore(slow)  # type: ignore[arg-type]
    kept.put_note("fact", [1])
    assert notes == {"fact": [1]} and kept.get_note("fact") == [1]
    kept.put(JOB, "digest", Accepted())
    assert results == {}, "of an engine whose version nobody knows"
    kept.versions["dawn"] = "1"
    kept.put(JOB, "digest", Accepted())
    assert len(results) == 1
    alone = ResultStore()
    alone.put_note("fact", [1])
    assert alone.get_note("fact") is None


def test_what_our_front_end_reads_comes_back() -> None:
    front_end = FrontEnd()
    text = SimpleNamespace(
        text="struct P { rows: u32 }\nvar<private> p: P;\nfn f() { let x: u32 = 1.5; _ = p.rwos; let = ; }\nfn g( {\n",
        digest="digest",
    )
    reading = finished(front_end.reading_steps(text))  # type: ignore[arg-type]
    assert len(reading.problems) > 2
    assert Reading.from_json(json.loads(json.dumps(reading.as_json()))) == reading
    assert Reading.from_json([[], []]) == Reading()


def test_what_the_disk_lacks_is_asked_for_once() -> None:
    asked: list[str] = []
    kept: dict[str, CompileResult] = {}
    slow = SimpleNamespace(get=lambda key: asked.append(key) or kept.get(key), put=kept.__setitem__)
    one = ResultStore(slow, limit=1)  # type: ignore[arg-type]
    one.versions["dawn"] = "1"
    assert [one.get("dawn", "a") for _ in range(3)] == [None] * 3
    assert len(asked) == 1
    one.put(JOB, "a", Accepted())
    one.put(JOB, "b", Accepted())  # no room for the first
    assert one.get("dawn", "a") == Accepted()
