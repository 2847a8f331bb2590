"""File names as this project uses them: absolute, with `..` resolved and symbolic links kept, so that a file
has one name for the editor, the configuration and the reports."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from wgsl_ls.project.globs import LONGEST_PATTERN, compiled


def absolute(path: str, directory: str | None = None) -> str:
    """`path`, taken from `directory` (the working directory when None) if it is relative."""
    whole = path if directory is None else str(Path(directory) / path)
    return os.path.normpath(Path(whole).absolute())


def relative(path: str, directory: str) -> str:
    """`path` as seen from `directory`, with forward slashes: what globs are matched against."""
    return Path(os.path.relpath(path, directory)).as_posix()


def is_literal(pattern: str) -> bool:
    """True when a glob has no wildcard and so names one file."""
    return not any(character in pattern for character in "*?[{")


def matches(pattern: str, relative_path: str) -> bool:
    """Does the glob name this file? See globs.py."""
    literal = _literal(pattern)
    return literal == relative_path if literal else compiled(pattern.removeprefix("./")).matches(relative_path)


def unmatched(pattern: str, words: str = "no file matches") -> str:
    """What is said of a glob that names no file."""
    if len(pattern) > LONGEST_PATTERN and not is_literal(pattern):
        return f"this pattern is too complex: of more than {LONGEST_PATTERN} characters, it names only itself"
    return f'{words} "{pattern}"'


@lru_cache(maxsize=1024)
def _literal(pattern: str) -> str:
    """The one file that a pattern without wildcards names; "" for others. Most patterns are such."""
    return os.path.normpath(pattern).replace(os.sep, "/") if is_literal(pattern) else ""
