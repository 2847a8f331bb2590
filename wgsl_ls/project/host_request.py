"""HostRequest: everything that one reading of a host program rests on, as values, named by a key; read here, or sent to
the process that reads (wgsl_ls/host_process.py).
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import wgsl_ls
from wgsl_ls.host.codec import FORMAT, to_plain
from wgsl_ls.host.discovery import library_of
from wgsl_ls.host.library import LIBRARIES, HostLibrary, NumberValues
from wgsl_ls.host.model import HostReading, ShaderText
from wgsl_ls.project.model import HostSettings
from wgsl_ls.project.profiles import DeviceProfile, MatrixShape
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.source_file import text_digest
from wgsl_ls.wire.host_jobs import HostAnswer, HostJob, JobShader

if TYPE_CHECKING:
    from wgsl_ls.host.memory import Memory

_MOST_MEMORIES = 3


@dataclass(frozen=True, slots=True)
class HostRequest:
    """`texts`: C++ by path; `shaders`: of one folder, with nothing in them but what the reading rests on."""

    texts: Mapping[str, str]
    shaders: tuple[ShaderText, ...]
    settings: HostSettings
    profiles: tuple[DeviceProfile, ...]
    key: str

    @property
    def hands_out_operations(self) -> bool:
        """Are there operations that this host says it supports, which can be planned?"""
        return any("_OP_" in text and "supports_op" in text for text in self.texts.values())

    def read(self, memory: Memory | None = None) -> HostReading:
        """Read it in this process; `memory`: of an earlier reading of this host, for the same shaders, settings and
        devices."""
        from wgsl_ls.host.reading import read_host  # only whoever reads needs the interpreter

        library = with_settings(library_of(self.texts.values()), self.settings)
        is_collecting = gc.isenabled()
        gc.disable()  # what is made is kept, so looking for garbage among it is a fifth of the work and finds nothing
        try:
            return read_host(self.texts, self.shaders, library, self.profiles, memory=memory)
        finally:
            if is_collecting:
                gc.enable()

    def job(self) -> HostJob:
        """For the process that reads."""
        return HostJob(
            self.key,
            tuple(self.texts.items()),
            tuple(JobShader(one.stem, one.file, tuple(one.defaults.items())) for one in self.shaders),
            json.dumps(asdict(replace(self.settings, files=()))),
            json.dumps([asdict(profile) for profile in self.profiles]),
        )


def request(
    texts: Mapping[str, str],
    shaders: tuple[ShaderText, ...],
    settings: HostSettings,
    profiles: tuple[DeviceProfile, ...],
) -> HostRequest:
    shaders = tuple(replace(one, names=frozenset(), tested={}) for one in shaders)
    profiles = tuple(replace(profile, language=None) for profile in profiles)  # a host asks devices, no compilers
    key = "\0".join(
        (
            f"host {FORMAT} {wgsl_ls.__version__} {_room_digest()}",
            *(f"{path} {_digest(text)}" for path, text in texts.items()),
            *(f"{one.file} {sorted(one.defaults.items())}" for one in shaders),
            repr(replace(settings, files=())),
            repr(profiles),
        )
    )
    return HostRequest(texts, shaders, settings, profiles, key)


class Memories:
    """What the process that reads keeps between readings, of the hosts it was asked about last."""

    def __init__(self) -> None:
        self._kept: Memo[Hashable, Memory] = Memo(_MOST_MEMORIES)

    def of(self, job: HostJob) -> Memory:
        from wgsl_ls.host.memory import Memory

        library = library_of(text for _, text in job.texts).name
        return self._kept.get_or((library, job.shaders, job.settings, job.profiles), Memory)


def answer(job: HostJob, memories: Memories) -> HostAnswer:
    """What the process that reads answers."""
    settings = HostSettings(**{name: _tuples(value) for name, value in json.loads(job.settings).items()})
    shaders = tuple(ShaderText(one.stem, defaults=dict(one.defaults), file=one.file) for one in job.shaders)
    profiles = tuple(_profile(one) for one in json.loads(job.profiles))
    reading = HostRequest(dict(job.texts), shaders, settings, profiles, job.key).read(memories.of(job))
    return HostAnswer(json.dumps(to_plain(reading), separators=(",", ":")))


def with_settings(library: HostLibrary, settings: HostSettings) -> HostLibrary:
    """The table for a library with what `[host]` says on top."""
    if settings.library is not None:
        library = LIBRARIES[settings.library]
    opaque = {name: phrase or f"{name}({{0}})" for name, phrase in settings.opaque}
    values = tuple(NumberValues(inputs, given) for inputs, given in settings.values)
    return replace(
        library,
        preprocess=settings.preprocess or library.preprocess,
        gate=library.gate if settings.gate is None else settings.gate,
        dispatch=library.dispatch if settings.dispatch is None else settings.dispatch,
        shader_names=library.shader_names if settings.shader_names is None else settings.shader_names,
        opaque={**library.opaque, **opaque},
        numbers=(*library.numbers, *settings.numbers),
        same=(*((re.escape(name), other) for name, other in settings.same), *library.same),
        device={**library.device, **dict(settings.device)},
        aborts=(*library.aborts, *settings.aborts),
        values=(*values, *library.values),
    )


def _profile(plain: dict[str, Any]) -> DeviceProfile:
    shapes = plain.pop("subgroup_matrix")
    del plain["language"]
    matrix = None if shapes is None else tuple(MatrixShape(**shape) for shape in shapes)
    return DeviceProfile(subgroup_matrix=matrix, **{name: _tuples(value) for name, value in plain.items()})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


@lru_cache(maxsize=64)
def _digest(text: str) -> str:
    """Asked of all the host's texts again whenever one of them changed."""
    return text_digest(text)


@cache
def _room_digest() -> str:
    """Of the code that reads: what it reads may change with it."""
    room = Path(wgsl_ls.__file__).parent / "host"
    return text_digest("".join(path.read_text("utf-8") for path in sorted(room.glob("*.py"))))
