"""How a path is shown to people and written into reports."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from wgsl_ls.text.harmless import one_line


def shown_path(path: str) -> str:
    """`relative_path` as text for people."""
    return one_line(relative_path(path))


def relative_path(path: str) -> str:
    """Relative to the working directory where that is shorter, as CI annotations want it; exactly."""
    return _relative(path, Path.cwd())


@lru_cache(4096)  # reports name the same few files for each of thousands of variants
def _relative(path: str, folder: Path) -> str:
    try:
        return Path(path).relative_to(folder).as_posix()
    except ValueError:
        return path
