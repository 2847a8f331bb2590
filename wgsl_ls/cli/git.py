"""What the command line asks git: the texts of files at another revision. Only `git show` and `git diff` are run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from wgsl_ls.cli.composition import UserError


def top_of(path: str) -> str:
    """The work tree that holds `path`. Raises UserError outside of one."""
    directory = path if Path(path).is_dir() else str(Path(path).parent)
    return _git(directory, "rev-parse", "--show-toplevel").strip()


def changed_files(top: str, revision: str) -> list[str]:
    """Absolute paths that differ between a revision and the work tree, new and deleted files included."""
    listed = _git(top, "diff", "--name-only", "-z", revision, "--")
    untracked = _git(top, "ls-files", "--others", "--exclude-standard", "-z")
    return [str(Path(top) / name) for name in (listed + untracked).split("\0") if name]


def text_at(top: str, revision: str, path: str) -> str | None:
    """The file's text at a revision; None when it was not there or is no text."""
    name = Path(path).relative_to(top).as_posix()
    done = subprocess.run(["git", "-C", top, "show", f"{revision}:{name}"], capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _git(directory: str, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", directory, *arguments], capture_output=True, text=True, check=False, errors="replace"
        )
    except FileNotFoundError:
        raise UserError("git is not installed, and comparing with a revision needs it") from None
    if done.returncode != 0:
        raise UserError(f"git says: {done.stderr.strip()}")
    return done.stdout
