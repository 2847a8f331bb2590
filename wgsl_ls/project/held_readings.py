"""HeldReadings: HostCode for an editor. It answers at once with what was read last and remembers which folders somebody
asked about; whoever reads (server/host_watch.py) puts new readings in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from wgsl_ls.host.model import HostReading
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.host_code import HostCode, Include, Notes
from wgsl_ls.project.model import ProjectConfig
from wgsl_ls.project.profiles import DeviceProfile


@dataclass(frozen=True, slots=True)
class Held:
    """`key`: of the request that `reading` answers; `texts`: C++ by path, as it was read."""

    key: str
    reading: HostReading
    texts: Mapping[str, str]


class HeldReadings(HostCode):
    """`held`: by folder of shaders; replaced, never changed, so that a frozen one keeps its moment's.
    `wanted`: folder -> a root in it, shared by all frozen ones."""

    def __init__(self, files: FileSystem, notes: Notes | None = None) -> None:
        super().__init__(files, notes)
        self.held: Mapping[str, Held] = {}
        self.wanted: dict[str, str] = {}

    def frozen(self) -> Self:
        return copy(self)

    def reading(
        self, config: ProjectConfig, roots: Sequence[str], include: Include, profiles: Sequence[DeviceProfile]
    ) -> HostReading | None:
        if not roots or not config.host.enabled:
            return None
        folder = str(Path(roots[0]).parent)
        self.wanted.setdefault(folder, roots[0])
        held = self.held.get(folder)
        return held.reading if held is not None else None

    def hold(self, folder: str, held: Held | None) -> bool:
        """Whether that is something new."""
        if self.held.get(folder) == held:
            return False
        others = {path: one for path, one in self.held.items() if path != folder}
        self.held = others if held is None else {**others, folder: held}
        return True

    @property
    def files_read(self) -> frozenset[str]:
        """The C++ files of all readings."""
        return frozenset(path for one in self.held.values() for path in one.reading.files)
