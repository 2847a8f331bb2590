"""The operating system fails: every call about files below a folder, and every start of a process, counted, and the
n-th of them failing."""

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
    (builtins, "open"), (io, "open"), (os, "open"), (os, "stat"), (os, "lstat"), (os, "scandir"), (os, "listdir"),
    (os, "mkdir"), (os, "write"), (os, "replace"), (os, "unlink"), (os, "chmod"), (sqlite3, "connect"),
    (subprocess, "Popen"),
)  # fmt: skip


class Failing:
    """Lets the n-th call about `folder` fail (0: none). `failed`: which that was."""

    def __init__(self, folder: Path, n: int) -> None:
        self.folder, self.n = str(folder), n
        self.n_calls = 0
        self.failed = ""

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*arguments: Any, **named: Any) -> Any:
            first = arguments[0] if arguments else ""
            is_ours = name == "Popen" or (name == "write" and isinstance(first, int) and first > 2)
            if isinstance(first, str | os.PathLike):
                path = os.path.normpath(os.path.join(self.folder, "w", os.fspath(first)))  # noqa: PTH118 - text
                is_ours = path.startswith(self.folder)
            if is_ours:
                self.n_calls += 1
                if self.n_calls == self.n:
                    self.failed = f"{name} {first}"
                    if name == "connect":
                        raise sqlite3.OperationalError("disk I/O error")
                    raise OSError(5, "Input/output error", str(first))
            return call(*arguments, **named)

        return made

    @contextmanager
    def installed(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patched:
            for owner, name in CALLS:
                patched.setattr(owner, name, self.wrap(name, getattr(owner, name)))
            yield
