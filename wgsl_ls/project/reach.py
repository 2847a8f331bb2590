"""Reach: which files an #include may read. A repository is somebody else's, and what it includes is shown: in messages,
in expansions, in the log of a pipeline that anybody can read. So a name that leads out of the workspace, out of the
directories that includes are looked for in and out of the shader's own tree is refused, links followed. The user, and
not the workspace, may allow more folders.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from wgsl_ls.project.file_kind import CONFIG_NAME

VARIABLE: Final = "WGSL_LS_INCLUDE_ROOTS"
"""Folders that includes may reach besides, separated as PATH is."""
_MARKS: Final = (".git", CONFIG_NAME)


class Reach:
    """`folders`: of the workspace. Answers are kept; make a new one when files may have changed."""

    def __init__(self, folders: Iterable[str]) -> None:
        allowed = os.environ.get(VARIABLE, "").split(os.pathsep)
        self._folders = [os.path.realpath(one) for one in (*folders, *filter(None, allowed))]
        self._known: dict[tuple[str, str], bool] = {}
        self._trees: dict[str, str] = {}

    def allows(self, path: str, root: str, include_dirs: Iterable[str]) -> bool:
        """May `root` (a shader) include the file at `path`?"""
        folder = str(Path(root).parent)
        known = self._known.get((path, folder))
        if known is None:
            real = os.path.realpath(path)
            places = (*self._folders, *map(os.path.realpath, include_dirs), self._tree(folder))
            known = self._known[path, folder] = any(Path(real).is_relative_to(place) for place in places)
        return known

    def _tree(self, folder: str) -> str:
        """The repository that `folder` is in; without one the folder beside it are its siblings in, unless that is
        somebody's home or above it."""
        if folder not in self._trees:
            here = Path(os.path.realpath(folder))
            marked = (one for one in (here, *here.parents) if any(os.path.lexists(one / mark) for mark in _MARKS))
            tree = next(marked, here.parent)
            home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises where there is none
            self._trees[folder] = str(here if home.is_relative_to(tree) else tree)
        return self._trees[folder]
