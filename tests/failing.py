"""The operating system fails: every call about files below a folder, every reading of one that is open, every question
to a database there, and every start of a process, counted, and the n-th of them failing."""

from __future__ import annotations

import builtins
import io
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CALLS: tuple[tuple[Any, str], ...] = (
    (builtins, "open"), (io, "open"), (os, "open"), (os, "stat"), (os, "lstat"), (os, "fstat"), (os, "readlink"),
    (os, "scandir"), (os, "listdir"), (os, "mkdir"), (os, "rmdir"), (os, "write"), (os, "link"), (os, "rename"),
    (os, "replace"), (os, "unlink"), (os, "chmod"), (os, "utime"), (os, "chdir"), (sqlite3, "connect"),
    (subprocess, "Popen"),
)  # fmt: skip
OF_OPEN_FILES = ("write", "fstat")


class Failing:
    """Lets the n-th call about `folder` fail (0: none), by `error`: an OSError by its number, or that there is no
    memory left (0). `failed`: which call that was."""

    def __init__(self, folder: Path, n: int, error: int = 5) -> None:
        self.folder, self.n, self.error = str(folder), n, error
        self.n_calls = 0
        self.failed = ""

    def count(self, name: str, about: Any = "") -> None:
        self.n_calls += 1
        if self.n_calls != self.n:
            return
        self.failed = f"{name} {about}"
        if not self.error:
            raise MemoryError
        if name in ("connect", "execute"):
            problem = sqlite3.OperationalError("disk I/O error")
            problem.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise problem
        raise OSError(self.error, os.strerror(self.error), str(about))

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*arguments: Any, **named: Any) -> Any:
            first = arguments[0] if arguments else ""
            is_ours = name == "Popen" or (name in OF_OPEN_FILES and isinstance(first, int) and first > 2)
            if isinstance(first, str | os.PathLike):
                path = os.path.normpath(os.path.join(self.folder, "w", os.fspath(first)))  # noqa: PTH118 - text
                is_ours = path.startswith(self.folder)
            if not is_ours:
                return call(*arguments, **named)
            self.count(name, first)
            if name == "connect":
                named["factory"] = type("Connection", (_Connection,), {"failing": self})
            answer = call(*arguments, **named)
            return _Reading(answer, self, first) if isinstance(answer, io.IOBase) and answer.readable() else answer

        return made

    @contextmanager
    def installed(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patched:
            for owner, name in CALLS:
                patched.setattr(owner, name, self.wrap(name, getattr(owner, name)))
            yield


class _Connection(sqlite3.Connection):
    failing: Failing

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        self.failing.count("execute", arguments[0])
        return super().execute(*arguments)


class _Reading:
    """An open file that may fail in the middle."""

    def __init__(self, file: Any, failing: Failing, name: Any) -> None:
        self._file, self._failing, self._name = file, failing, name

    def read(self, *arguments: Any) -> Any:
        self._failing.count("read", self._name)
        return self._file.read(*arguments)

    def __iter__(self) -> Iterator[Any]:
        for line in self._file:
            self._failing.count("read", self._name)
            yield line

    def __enter__(self) -> _Reading:
        return self

    def __exit__(self, *arguments: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
