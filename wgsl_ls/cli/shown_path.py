"""How a path is shown to people and written into reports."""

from __future__ import annotations

from pathlib import Path

from wgsl_ls.text.harmless import one_line


def shown_path(path: str) -> str:
    """`relative_path` as text for people."""
    return one_line(relative_path(path))


def relative_path(path: str) -> str:
    """Relative to the working directory where that is shorter, as CI annotations want it; exactly."""
    try:
        return Path(path).relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path
