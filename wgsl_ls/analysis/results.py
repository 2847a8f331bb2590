"""ResultStore: compile results by content. Memory first, then whatever slower store was given (the disk cache).

A key is (engine, engine version, digest of the job). Unavailable is never kept. A crash and a time-out are kept in
memory only, until somebody asks again (`forget_failures`): the same text would do it again at every keystroke.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, Protocol

from wgsl_ls import __version__
from wgsl_ls.text.memo import Memo
from wgsl_ls.wire.jobs import CompileJob, CompileResult, Lasting, Unavailable

MOST_TEXTS: Final = 20_000
"""How many results are kept in memory, of any kind."""


class SlowStore(Protocol):
    """A second level that outlives the process."""

    def get(self, key: str) -> CompileResult | None: ...

    def put(self, key: str, result: CompileResult) -> None:
        """Keep a result, if it lasts."""

    def get_note(self, key: str) -> Any | None: ...

    def put_note(self, key: str, note: Any) -> None: ...


class ResultStore:
    """`versions`: engine -> version; results of an engine whose version is not known yet are only kept in memory."""

    def __init__(self, slow: SlowStore | None = None, limit: int = MOST_TEXTS) -> None:
        self._slow = slow
        self._limit = limit
        self._results: OrderedDict[tuple[str, str], CompileResult] = OrderedDict()
        self._missing: Memo[str, bool] = Memo(2 * limit)
        """Keys that the slow store was asked for in vain: thousands of variants wait, and each report asks."""
        self.versions: dict[str, str] = {}
        self.unavailable: dict[str, Unavailable] = {}

    def use_slow_store(self, slow: SlowStore | None) -> None:
        self._slow = slow
        self._missing.clear()

    def get(self, engine: str, digest: str) -> CompileResult | None:
        """`digest`: CompileJob.digest."""
        found = self._results.get((engine, digest))
        if found is not None:
            self._results.move_to_end((engine, digest))
            return found
        version = self.versions.get(engine)
        if self._slow is not None and version:
            key = _key(engine, version, digest)
            found = self._slow.get(key) if not self._missing.get(key) else None
            if found is not None:
                self._keep(engine, digest, found)
                return found
            self._missing.put(key, True)
        return self.unavailable.get(engine)

    def remembers(self, engine: str, digest: str) -> bool:
        """Whether there is a result in memory."""
        return (engine, digest) in self._results

    def put(self, job: CompileJob, digest: str, result: CompileResult) -> None:
        if isinstance(result, Unavailable):
            self.unavailable[job.engine] = result
            return
        self.unavailable.pop(job.engine, None)
        self._keep(job.engine, digest, result)
        version = self.versions.get(job.engine)
        if self._slow is not None and version:
            self._slow.put(_key(job.engine, version, digest), result)
            self._missing.put(_key(job.engine, version, digest), False)

    def get_note(self, key: str) -> Any | None:
        """Other facts by content, when there is a slow store."""
        return self._slow.get_note(key) if self._slow is not None else None

    def put_note(self, key: str, note: Any) -> None:
        if self._slow is not None:
            self._slow.put_note(key, note)

    def forget_failures(self) -> None:
        """Ask again where a worker died, was too slow or was not there."""
        for key in [key for key, result in self._results.items() if not isinstance(result, Lasting)]:
            del self._results[key]
        self._missing.clear()
        self.unavailable.clear()

    def _keep(self, engine: str, digest: str, result: CompileResult) -> None:
        self._results[engine, digest] = result
        if len(self._results) > self._limit:
            self._results.popitem(last=False)


def _key(engine: str, version: str, digest: str) -> str:
    """Our own version is part of it: we read and lower what the engines say and get."""
    return f"{__version__}\0{engine}\0{version}\0{digest}"
