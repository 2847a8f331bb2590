"""Reading a host program in a process of its own, as plain data: the texts and settings, and what was read."""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.wire.frames import register


@register
@dataclass(frozen=True, slots=True)
class JobShader:
    """`defaults`: (macro, number) of its own `#define`s."""

    stem: str
    file: str
    defaults: tuple[tuple[str, str], ...]


@register
@dataclass(frozen=True, slots=True)
class HostJob:
    """`texts`: (path, text) of the C++ files; `settings`, `profiles`: JSON of the configuration's `[host]` and of the
    devices to read for. `key` names everything that the reading rests on."""

    key: str
    texts: tuple[tuple[str, str], ...]
    shaders: tuple[JobShader, ...]
    settings: str
    profiles: str


@register
@dataclass(frozen=True, slots=True)
class HostAnswer:
    """`reading`: JSON."""

    reading: str
