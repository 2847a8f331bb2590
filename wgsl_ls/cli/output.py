"""Output: a file that a report is written to. Whether the place can be written is known before the work begins; it is
never a file that somebody wrote, and never half of a report, whatever ends this process. Logs grow, by the same rule of
what may be written to (`log_file`)."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import secrets
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

from wgsl_ls.cli.composition import UserError
from wgsl_ls.project.file_kind import FileKind, kind_of

_MOST_READ: Final = 256 << 20
"""Bytes of an earlier report, unpacked."""


def read_report(path: str) -> dict[str, Any]:
    """An earlier JSON report (packed if it ends in .gz). Raises UserError."""
    try:
        with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:  # noqa: PTH123 - both open a path
            content = file.read(_MOST_READ + 1)
        if len(content) > _MOST_READ:
            raise UserError(f"{path} has more than {_MOST_READ:,} bytes; such reports are not read")
        loaded = json.loads(content)
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as problem:
        raise UserError(f"cannot read {path}: {problem}") from problem
    if not isinstance(loaded, dict):
        raise UserError(f"{path} is no report of wgsl-ls")
    return loaded


class Output:
    """`with Output(path) as output: ...; output.write(data)`. Raises UserError when the place cannot be written or is
    a source. `replace`: a file that is there may get other content. A link to a file is replaced and not followed: it
    may lie in a repository and lead anywhere; pipes, devices and the system's own links to them are written to."""

    def __init__(self, path: str, replace: bool = True) -> None:
        self.path = Path(path)
        self._stream: int | None = None
        _refuse_sources(path)
        if os.path.lexists(path) and not replace:
            raise UserError(f"cannot write {path}: it exists")
        self._replace = replace
        with _said(self.path):
            if _is_systems(self.path):
                self._stream = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            else:
                probe, file = _beside(self.path)
                os.close(file)
                probe.unlink()

    def write(self, data: bytes | str) -> None:
        """The whole content, instead of what was there."""
        content = data.encode("utf-8", "replace") if isinstance(data, str) else data
        with _said(self.path):
            if self._stream is not None:
                _write_all(self._stream, content)
            else:
                put(self.path, content, self._replace)

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            os.close(self._stream)


def log_file(path: str) -> TextIO:
    """A file that grows, opened. Raises UserError as Output does."""
    _refuse_sources(path)
    place = Path(path)
    with _said(place):
        if place.is_symlink() and not _is_systems(place):
            put(place, b"")
        return place.open("a", encoding="utf-8", errors="backslashreplace")


def _refuse_sources(path: str) -> None:
    if os.path.lexists(path) and kind_of(path) is not FileKind.OTHER:
        raise UserError(f"{path} is a {kind_of(path)} file, which nothing of ours replaces; name another one")


def _is_systems(path: Path) -> bool:
    """A pipe or device, or one of the system's links (`/dev/stderr`), wherever it leads: never replaced."""
    folder = path.parent.resolve()
    is_own = path.is_symlink() and (folder == Path("/dev") or folder.is_relative_to("/proc"))
    return is_own or (path.exists() and not stat.S_ISREG(path.stat().st_mode))


@contextlib.contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise UserError(f"cannot write {path}: {problem.strerror or problem}") from problem


def put(path: Path, content: bytes, replace: bool = True) -> None:
    """Make `content` the content of a file, at once: who reads sees all of it or what was there, and a failure
    (OSError) leaves that. Permissions stay."""
    new, file = _beside(path)
    try:
        try:
            _write_all(file, content)
        finally:
            os.close(file)
        if path.exists() and not path.is_symlink():
            new.chmod(path.stat().st_mode & 0o7777)
        if replace:
            new.replace(path)
        else:
            os.link(new, path)  # fails when somebody was faster
            new.unlink()
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _beside(path: Path) -> tuple[Path, int]:
    """A new file in the folder of `path`, and it opened."""
    new = path.with_name(f".wgsl-ls-{secrets.token_hex(6)}")
    return new, os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)


def _write_all(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]
