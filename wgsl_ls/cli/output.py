"""Output: a file that a report is written to. Made before the work begins, so that a place which cannot be written is
known at once, and never a file that somebody wrote."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import TracebackType

from wgsl_ls.cli.composition import UserError
from wgsl_ls.project.file_kind import FileKind, kind_of


class Output:
    """`with Output(path) as output: ...; output.write(data)`. Raises UserError when the place cannot be written or is
    a source. A file that did not exist and gets nothing is taken away again. `replace`: a file that is there may get
    other content."""

    def __init__(self, path: str, replace: bool = True) -> None:
        self.path = Path(path)
        self._is_new = not os.path.lexists(path)
        if not self._is_new and kind_of(path) is not FileKind.OTHER:
            raise UserError(f"{path} is a {kind_of(path)} file, which a report does not replace; name another one")
        try:
            only_new = 0 if replace else os.O_EXCL
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | only_new | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as problem:
            raise UserError(f"cannot write {path}: {problem.strerror or problem}") from problem
        self._is_regular = stat.S_ISREG(os.fstat(self._file).st_mode)

    def write(self, data: bytes | str) -> None:
        """The whole content, instead of what was there."""
        rest = memoryview(data.encode("utf-8", "replace") if isinstance(data, str) else data)
        try:
            if self._is_regular:
                os.ftruncate(self._file, 0)
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as problem:
            raise UserError(f"cannot write {self.path}: {problem.strerror or problem}") from problem
        self._is_new = False

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
        if self._is_new:
            self.path.unlink(missing_ok=True)
