from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from wgsl_ls.project.cache import DiskCache, default_cache_path
from wgsl_ls.wire.frames import to_plain
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileResult,
    Crashed,
    EngineMessage,
    MessageSpan,
    Rejected,
    TimedOut,
    Unavailable,
    Unsupported,
)

REJECTED = Rejected((EngineMessage("error", "nö 😀", (MessageSpan(1, 2, "l"),), ("n",)),), ("x",), 0.5)


def test_results_outlive_the_process_that_made_them(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "results.sqlite3"
    stored = [Accepted((), (), 0.1), REJECTED, Unsupported("f16")]
    with DiskCache(path) as cache:
        for number, result in enumerate(stored):
            cache.put(f"key {number}", result)
            assert cache.get(f"key {number}") == result
    with DiskCache(path) as cache:
        assert [cache.get(f"key {number}") for number in range(len(stored))] == stored
        assert cache.get("another key") is None
        statistics = cache.statistics()
    assert statistics.n_entries == 3
    assert statistics.problem == ""


def test_another_cache_is_taken_over(tmp_path: Path) -> None:
    here, there = tmp_path / "here" / "results.sqlite3", tmp_path / "a # 100%" / "results.sqlite3"
    with DiskCache(there) as other:
        other.put("both", REJECTED)
        other.put("there", Unsupported("f16"))
        other.put_note("note", [1, 2])
    with DiskCache(here) as cache:
        cache.put("both", REJECTED)
        assert cache.add(there) == 2
        assert cache.add(there) == 0
        assert cache.get("there") == Unsupported("f16") and cache.get_note("note") == [1, 2]
    with sqlite3.connect(there) as connection:
        connection.execute("PRAGMA user_version = 1")
    with DiskCache(here) as cache:
        with pytest.raises(ValueError, match="another version"):
            cache.add(there)
        with pytest.raises(ValueError, match="unable to open"):
            cache.add(tmp_path / "none")
        assert cache.statistics().n_entries == 3, "it can still be used"


def test_what_is_gathered_is_written_at_flush(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    with DiskCache(path) as writer, DiskCache(path) as reader:
        for number in range(10):
            writer.put(f"key {number}", Unsupported(str(number)))
        writer.flush()
        assert [reader.get(f"key {number}") for number in range(10)] == [Unsupported(str(n)) for n in range(10)]


def test_who_puts_something_waits_for_a_few_entries_only(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    with DiskCache(path) as cache:
        for number in range(500):
            cache.put(f"key {number}", REJECTED)
        cache.flush()
    with DiskCache(path) as cache:
        for number in range(500):
            assert cache.get(f"key {number}") == REJECTED
        statements: list[str] = []
        assert cache._connection is not None
        cache._connection.set_trace_callback(statements.append)
        most = 0
        for number in range(500, 600):
            statements.clear()
            cache.put(f"key {number}", REJECTED)
            most = max(most, len(statements))
        assert 0 < most <= 2 * 24 + 2, "with what was used before"
        cache._connection.set_trace_callback(None)
    with DiskCache(path) as cache:
        assert cache.statistics().n_entries == 600


@pytest.mark.parametrize("passing", [Unavailable("no driver"), Crashed("SIGKILL"), TimedOut(3.0)])
def test_a_bad_moment_of_the_machine_is_never_stored(tmp_path: Path, passing: CompileResult) -> None:
    path = tmp_path / "results.sqlite3"
    with DiskCache(path) as cache:
        cache.put("key", passing)
        assert cache.get("key") is None
        assert cache.statistics().n_entries == 0
        cache.put("key", REJECTED)
    # An earlier version may have stored it.
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE results SET value = ?", (json.dumps(to_plain(passing)).encode(),))
    with DiskCache(path) as cache:
        assert cache.get("key") is None


def test_the_longest_unused_entries_go_first(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    with DiskCache(path) as cache:
        for number in range(40):
            cache.put(f"key {number}", Unsupported("f16", "x" * 1000))
            cache.flush()
        assert cache.get("key 0") is not None
    with DiskCache(path, most_bytes=20_000) as cache:
        cache.put("key 40", Unsupported("f16", "x" * 1000))
    with DiskCache(path) as cache:
        statistics = cache.statistics()
        assert statistics.n_bytes <= 16_000
        assert statistics.n_entries >= 12
        assert cache.get("key 40") is not None
        assert cache.get("key 0") is not None
        assert cache.get("key 1") is None


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be one" * 50, b"SQLite format 3\0"])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "results.sqlite3"
    path.write_bytes(content)
    with DiskCache(path) as cache:
        cache.put("key", REJECTED)
    with DiskCache(path) as cache:
        assert cache.get("key") == REJECTED
        assert cache.problem == ""


def test_damage_while_in_use_costs_the_entries_only(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    with DiskCache(path) as cache:
        for number in range(200):
            cache.put(f"key {number}", Unsupported("f16", "x" * 500))
    content = bytearray(path.read_bytes())
    content[2000:] = b"\xa5" * (len(content) - 2000)
    path.write_bytes(content)
    with DiskCache(path) as cache:
        for number in range(200):
            cache.get(f"key {number}")
        cache.put("new", REJECTED)
        cache.flush()
        cache.put("newer", REJECTED)
    with DiskCache(path) as cache:
        assert cache.get("newer") == REJECTED


def test_a_table_of_another_version_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE results (something TEXT)")
    connection.close()
    with DiskCache(path) as cache:
        cache.put("key", REJECTED)
        cache.flush()
        assert cache.statistics().n_entries == 1


def test_an_entry_that_is_no_result_is_a_miss(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    with DiskCache(path) as cache:
        cache.put("key", REJECTED)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE results SET value = ?", (b'{"type": "CompileJob", "body": 1}',))
    connection.commit()
    connection.close()
    with DiskCache(path) as cache:
        assert cache.get("key") is None


def test_a_place_that_cannot_be_written_is_said_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with DiskCache(tmp_path / "file" / "results.sqlite3") as cache:
        cache.put("key", REJECTED)
        assert cache.get("key") is None
        assert "not kept" in cache.statistics().problem
        assert cache.clear() == 0


def test_clear_removes_everything_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    with DiskCache(path) as cache:
        cache.put("one", REJECTED)
        cache.flush()
        cache.put("two", REJECTED)
        assert cache.clear() == 2
        assert cache.get("one") is None
    with DiskCache(path) as cache:
        assert cache.get("two") is None


_WRITER = """
import sys
from pathlib import Path
from wgsl_ls.project.cache import DiskCache
from wgsl_ls.wire.jobs import Unsupported
with DiskCache(Path(sys.argv[1])) as cache:
    for number in range(150):
        cache.put(f"{sys.argv[2]} {number}", Unsupported(sys.argv[2], str(number)))
        assert cache.get(f"{sys.argv[2]} {number}") is not None
        if number % 10 == 0:
            cache.flush()
"""


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), name]) for name in ("a", "b", "c", "d")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0, 0]
    with DiskCache(path) as cache:
        for name in "abcd":
            for number in range(150):
                assert cache.get(f"{name} {number}") == Unsupported(name, str(number))


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path))
    assert default_cache_path() == tmp_path / "results.sqlite3"


HOSTILE = {
    "a view without end": "CREATE VIEW results AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT x'00' AS key, x'00' AS value, 1 AS size, 1.0 AS used FROM n WHERE i < 0",
    "a value that is computed": "CREATE TABLE results (key BLOB PRIMARY KEY, value BLOB AS (zeroblob(900000000)),"
    " size INTEGER NOT NULL, used REAL NOT NULL) WITHOUT ROWID",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_tables_that_are_not_ours_are_replaced(tmp_path: Path, kind: str) -> None:
    path, other = tmp_path / "results.sqlite3", tmp_path / "other.sqlite3"
    for one in (path, other):
        with DiskCache(one):
            pass
        with contextlib.closing(sqlite3.connect(one)) as connection:
            connection.executescript(f"DROP TABLE results; {HOSTILE[kind]};")
    with DiskCache(path) as cache:
        assert cache.problem == "" and cache.get("key") is None
        cache.put("key", REJECTED)
        with pytest.raises(ValueError, match="another version"):
            cache.add(other)
    with DiskCache(path) as cache:
        assert cache.get("key") == REJECTED


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="users are told by POSIX")
@pytest.mark.parametrize("whose", ["folder", "folder/results.sqlite3"])
def test_a_cache_of_another_user_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str) -> None:
    path = tmp_path / "folder" / "results.sqlite3"
    with DiskCache(path) as cache:
        cache.put("key", REJECTED)
    plain = Path.stat

    def stat(one: Path, **named: bool) -> os.stat_result:
        found = plain(one, **named)
        is_theirs = one == tmp_path / whose
        return os.stat_result((*found[:4], os.geteuid() + 1, *found[5:])) if is_theirs else found

    monkeypatch.setattr(Path, "stat", stat)
    with DiskCache(path) as cache:
        assert cache.get("key") is None and f"{tmp_path / whose} belongs to another user" in cache.problem
