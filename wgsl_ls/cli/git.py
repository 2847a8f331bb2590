"""What the command line asks git: which files differ from a revision, and their texts there.

What is trusted is the installed git with the user's and the machine's configuration; nothing that lies in the work
tree, and no command that the repository's own `.git/config` names, is run: not by a file system monitor, a hook, a
filter, a diff driver or a pager, and missing objects are not fetched. The repository is the one whose `.git` is
nearest above the shaders; git's search for bare repositories would take any folder of a clone that looks like one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wgsl_ls.cli.composition import UserError

_NOTHING_RUNS = (
    "--no-pager",
    "--literal-pathspecs",
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.pager=cat"),
    *("-c", "protocol.allow=never"),
    *("-c", "submodule.recurse=false"),
)
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # Older versions fetch missing objects all the same, but by no protocol. It stands above the configuration.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
# Of the user's variables only these: the others would lead to another repository (as in a hook) or name commands.
_KEPT = ("GIT_CONFIG", "GIT_EXEC_PATH")
_FILTER = re.compile(r"filter\.(.*)\.(?:clean|smudge|process|required)", re.DOTALL)
_HASH = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of the repository at `top`. `blobs`: object names of its files, by path below `top`. `options`: for
    every further call of git."""

    top: str
    commit: str
    blobs: Mapping[str, str]
    options: tuple[str, ...]


def top_of(path: str) -> str:
    """The nearest folder above a file that holds `.git`. Raises UserError outside of one."""
    for folder in Path(path).absolute().parents:
        if os.path.lexists(folder / ".git"):
            if not Path(path).resolve().is_relative_to(folder.resolve()):
                raise UserError(
                    f"{path} leads out of the git repository {folder} by a symbolic link; name the file itself"
                )
            return str(folder)
    raise UserError(f"{path} is in no git repository: there is no .git in the folders above it")


def revision_at(top: str, name: str) -> Revision:
    """The commit that the user's `name` means in the repository at `top`. Raises UserError."""
    if not name or name.startswith("-") or not name.isprintable():
        raise UserError(f"'{name}' is no revision: it is empty, begins with '-' or has control characters")
    _check_place(top)
    keys = _git(top, _NOTHING_RUNS, "config", "--list", "--name-only", "-z").split("\0")
    drivers = sorted({match[1] for key in keys if (match := _FILTER.fullmatch(key))})
    if odd := next((driver for driver in drivers if "=" in driver), None):
        raise UserError(f"the git configuration for {top} has a filter called '{odd}', which cannot be turned off")
    options = list(_NOTHING_RUNS)
    for driver in drivers:
        for key, value in (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")):
            options += ["-c", f"filter.{driver}.{key}={value}"]
    try:
        commit = _git(top, options, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}").strip()
    except UserError as said:
        raise UserError(f"{top} has no revision '{name}'; a shallow clone must fetch it first ({said})") from None
    if not _HASH.fullmatch(commit):
        raise UserError(f"git has no one commit for the revision '{name}' in {top}")
    listed = _git(top, options, "ls-tree", "-r", "-z", "--full-tree", commit)
    blobs = {}
    for line in listed.split("\0"):
        head, _, path = line.partition("\t")
        if path and head.split()[1] == "blob":
            blobs[path] = head.split()[2]
    return Revision(top, commit, blobs, tuple(options))


def changed_files(revision: Revision) -> list[str]:
    """Absolute paths that differ between a revision and the work tree, new and deleted files included."""
    quiet = ("--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", "--no-relative", "--ignore-submodules=all")
    listed = _git(revision.top, revision.options, "diff", "--name-only", "-z", *quiet, revision.commit, "--")
    untracked = _git(revision.top, revision.options, "ls-files", "--others", "--exclude-standard", "-z")
    return [str(Path(revision.top) / name) for name in (listed + untracked).split("\0") if name]


def texts_at(revision: Revision, paths: Iterable[str]) -> dict[str, str | None]:
    """The texts of files (absolute paths) at a revision; None for what was not there. Raises UserError for an object
    that is not here, as in a partial clone."""
    texts: dict[str, str | None] = {}
    wanted: list[tuple[str, str]] = []
    for path in paths:
        blob = revision.blobs.get(Path(path).relative_to(revision.top).as_posix())
        texts[path] = None
        if blob is not None:
            wanted.append((path, blob))
    if not wanted:
        return texts
    asked = "".join(f"{blob}\n" for _, blob in wanted).encode("ascii")
    answer = _run(revision.top, revision.options, ["cat-file", "--batch"], asked)
    place = 0
    for path, blob in wanted:
        end = answer.index(b"\n", place)
        words = answer[place:end].split()
        if len(words) != 3:
            raise UserError(f"git has not fetched {path} of {revision.commit[:12]} ({blob[:12]}); fetch it first")
        start, size = end + 1, int(words[2])
        texts[path] = answer[start : start + size].decode("utf-8", "replace")
        place = start + size + 1
    return texts


def _check_place(top: str) -> None:
    """git must mean the same repository: the `.git` in `top`, for exactly this work tree."""
    said = _git(top, _NOTHING_RUNS, "rev-parse", "--absolute-git-dir", "--show-toplevel").splitlines()
    if len(said) != 2 or Path(said[0]).resolve() == Path(top).resolve() or not Path(said[1]).samefile(top):
        raise UserError(f"{top} is not the work tree of the git repository in its .git")


def _git(top: str, options: Iterable[str], *arguments: str) -> str:
    # Names of files are bytes; as for every path, what is no text is carried in surrogates.
    return os.fsdecode(_run(top, options, arguments))


def _run(top: str, options: Iterable[str], arguments: Iterable[str], given: bytes = b"") -> bytes:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or _is_kept(key)}
    ceiling = str(Path(top).parent)
    try:
        done = subprocess.run(
            [_program(), "-C", top, *options, *arguments],
            input=given,
            capture_output=True,
            check=False,
            env=environment | _ENVIRONMENT | {"GIT_CEILING_DIRECTORIES": ceiling},
        )
    except OSError as error:
        raise UserError(f"git cannot be started: {error}") from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise UserError(f"git says: {said or f'exit {done.returncode}'}")
    return done.stdout


def _is_kept(key: str) -> bool:
    return key.startswith(_KEPT)


def _program() -> str:
    """git on PATH. Folders that are named relative to where we are, and on Windows that folder itself, do not count."""
    name = "git.exe" if sys.platform == "win32" else "git"
    for folder in os.get_exec_path():
        if Path(folder).is_absolute() and (found := shutil.which(str(Path(folder) / name))):
            return found
    raise UserError("git is not installed, and comparing with a revision needs it")
