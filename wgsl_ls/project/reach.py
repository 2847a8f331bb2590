"""Reach: which files a workspace may have read. A repository is somebody else's, and what is read for it is shown: in
messages, in expansions, in the log of a pipeline that anybody can read. So whatever its shaders include and its
configuration names, and its own files where they are links, must lie in the folders that are open or in the repository
around them, links followed. The user, and not the workspace, may allow more folders.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from wgsl_ls.project.file_kind import CONFIG_NAME

VARIABLE: Final = "WGSL_LS_INCLUDE_ROOTS"
"""Folders that may be read besides, separated as PATH is."""


class Reach:
    """`folders`: of the workspace, or single files. `around`: a folder that somebody works in, which is a project if
    the workspace lies in it. Answers are kept; make a new one when files may have changed."""

    def __init__(self, folders: Iterable[str], around: str | None = None) -> None:
        named = [str(Path(one).parent) if os.path.isfile(one) else one for one in folders]  # noqa: PTH113 - may be no path
        self._projects = set(named)
        if around is not None and _is_below_home(Path(around)) and all(_is_below(one, [around]) for one in named):
            self._projects.add(around)
        self._own = {one for folder in named for one in (folder, _tree(folder))}
        allowed = os.environ.get(VARIABLE, "").split(os.pathsep)
        self._places = {os.path.realpath(one) for one in (*self._own, *filter(None, allowed))}
        self._places.update(_tree(os.path.realpath(folder)) for folder in named)
        self._known: dict[tuple[str, str], bool] = {}
        self._trees: dict[str, str] = {}

    def allows(self, path: str, near: str) -> bool:
        """May what lies in the folder `near` have the file at `path` read?"""
        known = self._known.get((path, near))
        if known is None:
            real = os.path.realpath(path)
            known = _is_below(real, self._places)
            if not known and not _is_below(near, self._own):
                known = _is_below(real, [self._tree_of(near)])
            self._known[path, near] = known
        return known

    def leads_out(self, path: str) -> bool:
        """Is it a file of the workspace by its name alone, for a link leads elsewhere?"""
        return _is_below(path, self._own) and not _is_below(os.path.realpath(path), self._places)

    def is_project(self, folder: str) -> bool:
        """Is it of the workspace itself, of a repository or of a folder with a configuration, not merely near one?"""
        if _is_below(folder, self._projects):
            return True
        above = (Path(folder), *Path(folder).parents)
        return any(
            _is_below_home(one) and any(os.path.lexists(one / mark) for mark in (".git", CONFIG_NAME)) for one in above
        )

    def leads_out_now(self, path: str, descriptor: int) -> bool:
        """The same of what was opened by that name: a link may have taken its place since. Where the system does not
        tell (Linux does), what has the name now is asked."""
        if not _is_below(path, self._own):
            return False
        try:
            opened = str(Path(f"/proc/self/fd/{descriptor}").readlink()).removesuffix(" (deleted)")
        except OSError:
            opened = os.path.realpath(path)
        return not _is_below(opened, self._places)

    def _tree_of(self, folder: str) -> str:
        if folder not in self._trees:
            self._trees[folder] = _tree(os.path.realpath(folder))
        return self._trees[folder]


def refusal(path: str) -> str:
    """Why a file outside is not read."""
    return (
        f"{path} is outside of the workspace and of the repository around it, so it is not read; the environment "
        f"variable {VARIABLE} allows more folders"
    )


def _is_below(path: str, places: Iterable[str]) -> bool:
    return any(Path(path).is_relative_to(place) for place in places)


def _tree(folder: str) -> str:
    """The repository that `folder` is in; without one what is beside its configuration, or beside the folder; never
    somebody's home or what is above it."""
    return str(next(filter(_is_below_home, _trees(Path(folder))), folder))


def _is_below_home(folder: Path) -> bool:
    """Or elsewhere; not somebody's home, or what is above it."""
    home = Path(os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111 - Path.home raises where there is none
    return not home.is_relative_to(os.path.realpath(folder))


def _trees(folder: Path) -> Iterator[Path]:
    above = (folder, *folder.parents)
    yield from (one for one in above if os.path.lexists(one / ".git"))
    for one in above:
        if os.path.lexists(one / CONFIG_NAME):
            yield from (one.parent, one)
    yield folder.parent
