"""File names as this project uses them: absolute, with `..` resolved and symbolic links kept, so that a file
has one name for the editor, the configuration and the reports; and globs over them."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path


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
    """Does the glob name this file? `*` and `?` stay within a directory, `**` crosses directories, `[abc]`
    and `{a,b}` choose."""
    normal = os.path.normpath(pattern).replace(os.sep, "/") if is_literal(pattern) else pattern.removeprefix("./")
    return _compiled(normal).fullmatch(relative_path) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    index = 0
    depth = 0
    while index < len(pattern):
        character = pattern[index]
        if pattern.startswith("**/", index):
            parts.append("(?:[^/]+/)*")
            index += 3
            continue
        if pattern.startswith("**", index):
            parts.append(".*")
            index += 2
            continue
        closing = pattern.find("]", index + 2) if character == "[" else -1
        if character == "*":
            parts.append("[^/]*")
        elif character == "?":
            parts.append("[^/]")
        elif closing > 0:
            inside = pattern[index + 1 : closing]
            negated = inside[0] in "!^"
            members = (inside[1:] if negated else inside).replace("\\", "\\\\").replace("[", "\\[")
            parts.append(f"[{'^' if negated else ''}{members}]")
            index = closing
        elif character == "{" and "}" in pattern[index:]:
            parts.append("(?:")
            depth += 1
        elif character == "}" and depth:
            parts.append(")")
            depth -= 1
        elif character == "," and depth:
            parts.append("|")
        else:
            parts.append(re.escape(character))
        index += 1
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:  # such as the range [z-a]: then it names only itself
        return re.compile(re.escape(pattern))
