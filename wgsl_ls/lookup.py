"""Where the name in an #include leads, as for the reference: to `directory + "/" + name`, whatever the name looks
like. An absolute name is therefore below the directory too, a directory reads as an empty file (on Linux), and a
NUL ends the name. Serves wgsl_ls.expand; the language server has its own files (project/files.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from wgsl_ls.text.source_file import SourceFile


def loader(
    files: Mapping[str, str], directories: Iterable[str | os.PathLike[str]], textual: bool = False
) -> Callable[[str], SourceFile | str]:
    """A function from the name in an #include to its file, or to a sentence that says why it cannot be had: first
    among `files`, which stand in one directory of their own, then in `directories`. `textual`: the build script
    looks the files up, which joins an absolute name differently and cannot read a directory."""
    places = [os.fspath(directory) for directory in directories]

    def load(name: str) -> SourceFile | str:
        if not textual:
            name = name.split("\0", 1)[0]
        found = _among(files, name, textual)
        if found is not None:
            return found
        for place in places:
            path = os.path.join(place, name) if textual else f"{place}/{name}"  # noqa: PTH118 - text, not a Path
            try:
                # A Path would drop a slash at the end, which a file must not have
                if not textual and os.path.isdir(path):  # noqa: PTH112
                    return SourceFile(path, "")
                return SourceFile(path, read_text(path))
            except (OSError, ValueError):  # ValueError: a name that no file can have
                continue
        return f'cannot find "{name}" (looked in {", ".join(places) or "the given files"})'

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


__all__ = ["loader", "read_text"]
