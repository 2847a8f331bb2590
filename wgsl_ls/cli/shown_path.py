"""How a path, and a place in a file, is shown to people and written into reports."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from wgsl_ls.text.harmless import one_line
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location


def shown_path(path: str) -> str:
    """As text for people: from the working directory, upwards too, where that is shorter."""
    return one_line(_short(path, Path.cwd()))


def shown_place(location: Location, text: object) -> str:
    """file:line:column from 1, the column in code points. `text`: the file's SourceFile or LineIndex; with anything
    else, which says why it could not be read, the file alone."""
    lines = text.lines if isinstance(text, SourceFile) else text
    if not isinstance(lines, LineIndex):
        return shown_path(location.path)
    line, column = lines.position(location.span.start)
    return f"{shown_path(location.path)}:{line + 1}:{column + 1}"


def relative_path(path: str) -> str:
    """Relative to the working directory for what lies below it, as CI annotations want it; exactly."""
    return _relative(path, Path.cwd())


@lru_cache(4096)  # reports name the same few files for each of thousands of variants
def _relative(path: str, folder: Path) -> str:
    try:
        return Path(path).relative_to(folder).as_posix()
    except ValueError:
        return path


@lru_cache(4096)
def _short(path: str, folder: Path) -> str:
    below = _relative(path, folder)
    if below != path or not Path(path).is_absolute():
        return below
    try:
        return min(path, Path(os.path.relpath(path, folder)).as_posix(), key=len)
    except ValueError:  # on another drive
        return path
