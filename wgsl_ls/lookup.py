"""Where the name in an #include leads, as for the reference: to `directory + "/" + name`, whatever the name looks
like. An absolute name is therefore below the directory too, a directory reads as an empty file (on Linux), and a
NUL ends the name. The one place that knows this: wgsl_ls.expand and the files of a project both look here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from wgsl_ls.text.source_file import SourceFile

_LONGEST_NAME = 200
"""Of a name that is shown."""


def found_in(
    name: str,
    directories: Iterable[str],
    textual: bool,
    read: Callable[[str], SourceFile | str | None],
    is_directory: Callable[[str], bool] = os.path.isdir,
) -> SourceFile | str:
    """The file that `#include "name"` means, or a sentence that says why there is none. `read`: the file at a path (as
    joined, not normalised), why it has no text, or None when there is none. `textual`: the build script looks the
    files up, which joins an absolute name differently and cannot read a directory."""
    plain = name if textual else name.split("\0", 1)[0]
    places = list(directories)
    for place in places:
        path = os.path.join(place, plain) if textual else f"{place}/{plain}"  # noqa: PTH118 - text, not a Path
        try:
            if not textual and is_directory(path):
                return SourceFile(path, "")
            found = read(path)
        except (OSError, ValueError):  # ValueError: a name that no file can have
            continue
        if found is not None:
            return found
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
    return f'cannot find "{shown}" (looked in {", ".join(places) or "the given files"})'


def loader(
    files: Mapping[str, str], directories: Iterable[str | os.PathLike[str]], textual: bool = False
) -> Callable[[str], SourceFile | str]:
    """A function from the name in an #include to its file, or to a sentence that says why it cannot be had: first
    among `files`, which stand in one directory of their own, then in `directories`."""
    places = [os.fspath(directory) for directory in directories]

    def load(name: str) -> SourceFile | str:
        if not textual:
            name = name.split("\0", 1)[0]
        found = _among(files, name, textual)
        if found is not None:
            return found
        return found_in(name, places, textual, lambda path: SourceFile(path, read_text(path)))

    return load


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a file, line ends as they are; what is not UTF-8 becomes surrogates, as Python does for paths."""
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:  # noqa: PTH123 - see above
        return file.read()


def _among(files: Mapping[str, str], name: str, textual: bool) -> SourceFile | None:
    """`name` in a mapping that stands for a directory."""
    if name in files:
        return SourceFile(name, files[name])
    if textual and name.startswith("/"):
        return None
    directories = {""} | {str(parent) for key in files for parent in Path(key).parents if str(parent) != "."}
    parts: list[str] = []
    for index, part in enumerate(pieces := name.split("/")):
        here = "/".join(parts)
        if here not in directories:
            return None
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part == "." or (part == "" and index + 1 < len(pieces)):
            continue
        elif part:
            parts.append(part)
    path = "/".join(parts)
    if path in files and name[-1:] != "/" and pieces[-1] not in (".", ".."):
        return SourceFile(path, files[path])
    return SourceFile(name, "") if path in directories and files and not textual else None


__all__ = ["found_in", "loader", "read_text"]
