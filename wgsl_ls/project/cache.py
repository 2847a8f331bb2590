"""DiskCache: compile results that outlive the process, by content.

A key is whatever text names the content exactly (engine, engine version, options, digest of the text); it
is hashed here. Values are results in expanded coordinates, so one entry serves every variant with that
text. Only what the text alone decides is stored (wire.jobs.Lasting), never a death or a time-out.

SQLite in WAL mode: several processes may read and write. Writes are gathered and may be lost with the
process; a lost entry costs one compile. A damaged file is thrown away and begun anew. A place that cannot
be written leaves a cache that forgets everything and says so in `problem`: a cache is never a reason to
fail.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import sys
import threading
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

from wgsl_ls.wire.frames import PROTOCOL, FrameError, from_plain, to_plain
from wgsl_ls.wire.jobs import CompileResult, Lasting

DEFAULT_MOST_BYTES = 256 << 20
_SCHEMA = 1
_VERSION = _SCHEMA * 1000 + PROTOCOL
_TABLES = (
    "CREATE TABLE results (key BLOB PRIMARY KEY, value BLOB NOT NULL, size INTEGER NOT NULL,"
    " used REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX results_used ON results (used, size)",
)
_AT_ONCE = 24
"""Entries that are written together: who puts one waits for it, and may be the thread that answers an editor."""
_BYTES_AT_ONCE = 64 << 10
_FLUSH_SECONDS = 0.5
_TRIM_EVERY = 256
_TRIM_TO = 0.8
_BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """Of the file."""

    path: str
    n_entries: int
    n_bytes: int
    problem: str = ""


def default_cache_path() -> Path:
    """Where results are kept: `WGSL_LS_CACHE` names a folder, else the platform's place for caches."""
    chosen = os.environ.get("WGSL_LS_CACHE")
    if chosen:
        folder = Path(chosen)
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Caches" / "wgsl-ls"
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "wgsl-ls" / "Cache"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wgsl-ls"
    return folder / "results.sqlite3"


class DiskCache:
    """`get` and `put` by key; `close` (or a `with` block) writes what is still gathered. Usable from several
    threads. `most_bytes`: the size of all values together; the longest unused go first."""

    def __init__(self, path: Path | None = None, *, most_bytes: int = DEFAULT_MOST_BYTES) -> None:
        self.path = path or default_cache_path()
        self.problem = ""
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._pending: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._flushed_at = 0.0
        self._n_flushes = 0
        self._connection: sqlite3.Connection | None = None
        self._open(may_recreate=True)

    def get(self, key: str) -> CompileResult | None:
        """The result stored under `key`; None when there is none."""
        hashed = _hash(key)
        with self._lock:
            value = self._pending.get(hashed)
            if value is None:
                value = self._read(hashed)
            result = _decode(value) if value is not None else None
            if result is not None:
                self._used.add(hashed)
            return result

    def put(self, key: str, result: CompileResult) -> None:
        """Store `result` under `key`, if it lasts."""
        if not isinstance(result, Lasting):
            return
        value = json.dumps(to_plain(result), separators=(",", ":")).encode("ascii")
        with self._lock:
            if self._connection is None:
                return
            self._pending[_hash(key)] = value
            if len(self._pending) >= _AT_ONCE or time.monotonic() - self._flushed_at > _FLUSH_SECONDS:
                self._flush(_AT_ONCE)

    def get_note(self, key: str) -> Any | None:
        """Other plain data (JSON) that was stored with `put_note`; None when there is none."""
        hashed = _hash(f"note\0{key}")
        with self._lock:
            value = self._pending.get(hashed)
            if value is None:
                value = self._read(hashed)
            if value is None:
                return None
            self._used.add(hashed)
            try:
                return json.loads(value)
            except ValueError:
                return None

    def put_note(self, key: str, note: Any) -> None:
        """Keep plain data (JSON) that is as content-keyed and as easily made again as a result."""
        with self._lock:
            if self._connection is not None:
                self._pending[_hash(f"note\0{key}")] = json.dumps(note, separators=(",", ":")).encode("ascii")
                if len(self._pending) >= _AT_ONCE:
                    self._flush(_AT_ONCE)

    def flush(self) -> None:
        """Write what is gathered."""
        with self._lock:
            self._flush()

    def clear(self) -> int:
        """Remove every entry; returns how many there were."""
        with self._lock:
            n_pending = len(self._pending)
            self._pending.clear()
            self._used.clear()
            if self._connection is None:
                return n_pending
            try:
                n_removed = self._connection.execute("DELETE FROM results").rowcount
                with contextlib.suppress(sqlite3.OperationalError):  # Another process reads: the space stays.
                    self._connection.execute("VACUUM")
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.DatabaseError as error:
                self._recover(error)
                self.problem = self.problem or f"nothing was forgotten: {error}"
                return n_pending
            return n_removed + n_pending

    def add(self, other: Path) -> int:
        """Take over what another cache has (of another machine, say); returns how many entries are new. Raises
        ValueError when it is none of this version."""
        with self._lock:
            self._flush()
            if self._connection is None:
                raise ValueError(self.problem)
            try:
                self._connection.execute("ATTACH ? AS other", (f"{other.absolute().as_uri()}?mode=ro",))
                try:
                    version = self._connection.execute("PRAGMA other.user_version").fetchone()[0]
                    if version != _VERSION or not _is_ours(self._connection, "other"):
                        raise ValueError("it is of another version of wgsl-ls")
                    return self._connection.execute(
                        "INSERT OR IGNORE INTO results SELECT key, value, size, used FROM other.results"
                    ).rowcount
                finally:
                    self._connection.execute("DETACH other")
            except sqlite3.DatabaseError as error:
                raise ValueError(str(error)) from error

    def statistics(self) -> CacheStatistics:
        with self._lock:
            self._flush()
            n_entries = n_bytes = 0
            if self._connection is not None:
                try:
                    n_entries, n_bytes = self._connection.execute(
                        "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM results"
                    ).fetchone()
                except sqlite3.DatabaseError as error:
                    self._recover(error)
            return CacheStatistics(str(self.path), n_entries, n_bytes, self.problem)

    def close(self) -> None:
        with self._lock:
            self._flush()
            self._trim()
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __enter__(self) -> DiskCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- below here the lock is held ----

    def _open(self, *, may_recreate: bool) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if place := _of_another_user(self.path):
                self.problem = (
                    f"results are not kept: {place} belongs to another user; the environment variable WGSL_LS_CACHE "
                    "names a folder of your own"
                )
                return
            connection = sqlite3.connect(
                self.path.absolute().as_uri(),
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                uri=True,
            )
        except (OSError, sqlite3.OperationalError) as error:
            self.problem = f"results are not kept: {error}"
            return
        self._connection = connection
        try:
            _prepare(connection)
        except sqlite3.OperationalError as error:
            if _is_passing(error):
                connection.close()
                self._connection = None
                self.problem = f"results are not kept: {error}"
            else:
                self._recover(error, may_recreate=may_recreate)
        except sqlite3.DatabaseError as error:
            self._recover(error, may_recreate=may_recreate)

    def _recover(self, error: sqlite3.DatabaseError, *, may_recreate: bool = True) -> None:
        """A busy or full file is left alone, this time; a damaged one is replaced."""
        if isinstance(error, sqlite3.OperationalError) and self._connection is not None and _is_passing(error):
            self._connection.rollback()
            return
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if isinstance(error, sqlite3.OperationalError) and not _is_damage(error):
            self.problem = f"results are not kept: {error}"
            return
        if not may_recreate:
            self.problem = f"results are not kept: {error}"
            return
        try:
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        except OSError as cannot:
            self.problem = f"results are not kept: {cannot}"
            return
        self._open(may_recreate=False)

    def _read(self, hashed: bytes) -> bytes | None:
        if self._connection is None:
            return None
        try:
            row = self._connection.execute("SELECT value FROM results WHERE key = ?", (hashed,)).fetchone()
        except sqlite3.DatabaseError as error:
            self._recover(error)
            return None
        return None if row is None else row[0]

    def _flush(self, most: int | None = None) -> None:
        """Write what is gathered, or so many entries and as many that were used."""
        self._flushed_at = time.monotonic()
        if self._connection is None or not (self._pending or self._used):
            return
        now = time.time()
        used = list(islice(self._used, most))
        written: dict[bytes, bytes] = {}
        n_bytes = 0
        for hashed, value in islice(self._pending.items(), most):
            written[hashed] = value
            n_bytes += len(value)
            if most is not None and n_bytes > _BYTES_AT_ONCE:
                break
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "UPDATE results SET used = ? WHERE key = ?", [(now, hashed) for hashed in used]
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)",
                [(hashed, value, len(value), now) for hashed, value in written.items()],
            )
            self._connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            self._recover(error)
        self._used.difference_update(used)
        for hashed in written:
            self._pending.pop(hashed, None)
        self._n_flushes += 1
        if self._n_flushes % _TRIM_EVERY == 0:
            self._trim()

    def _trim(self) -> None:
        """Make room when the values have outgrown `most_bytes`."""
        if self._connection is None:
            return
        try:
            (n_bytes,) = self._connection.execute("SELECT COALESCE(SUM(size), 0) FROM results").fetchone()
            if n_bytes <= self._most_bytes:
                return
            too_many = n_bytes - int(self._most_bytes * _TRIM_TO)
            self._connection.execute(
                "DELETE FROM results WHERE key IN (SELECT key FROM (SELECT key, size, SUM(size) OVER"
                " (ORDER BY used, key) AS running FROM results) WHERE running - size < ?)",
                (too_many,),
            )
        except sqlite3.DatabaseError as error:
            self._recover(error)


def _prepare(connection: sqlite3.Connection) -> None:
    """Bring a file, new or of an earlier version, into shape. Other processes may do the same right now."""
    _patiently(connection, "PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA trusted_schema=OFF")
    if connection.execute("PRAGMA user_version").fetchone()[0] == _VERSION:
        if not _is_ours(connection, "main"):
            raise sqlite3.DatabaseError("it has other tables than ours")
        return
    _patiently(connection, "BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
        connection.execute("DROP TABLE IF EXISTS results")
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={_VERSION}")
    connection.execute("COMMIT")


def _is_ours(connection: sqlite3.Connection, schema: str) -> bool:
    """A table of this name may be a view without end, or compute its values."""
    found = connection.execute(f"SELECT sql FROM {schema}.sqlite_master WHERE sql IS NOT NULL")
    return sorted(text for (text,) in found) == sorted(_TABLES)


def _of_another_user(path: Path) -> str:
    """What of a cache at `path` somebody else may have written, who could have it say that all is well; "" for
    nothing."""
    if not hasattr(os, "geteuid"):
        return ""
    for one in (path.parent, path):
        with contextlib.suppress(FileNotFoundError):
            if one.stat().st_uid not in (os.geteuid(), 0):
                return str(one)
    return ""


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """The change to WAL does not wait as other statements do when another process makes it."""
    give_up_at = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if not _is_passing(error) or time.monotonic() > give_up_at:
                raise
        time.sleep(0.01)


def _hash(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _decode(value: bytes) -> CompileResult | None:
    try:
        result = from_plain(json.loads(value))
    except (ValueError, FrameError):
        return None
    return result if isinstance(result, Lasting) else None


def _is_passing(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL)


def _is_damage(error: sqlite3.OperationalError) -> bool:
    """Errors that a new file would cure: the table is gone, or the pages make no sense."""
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
