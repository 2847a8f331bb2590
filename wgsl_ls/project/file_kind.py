"""FileKind: what a file is to us, told by its name alone. The only place that knows suffixes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from wgsl_ls.project.importers import IMPORTERS

CONFIG_NAME: Final = "wgsl-ls.toml"


class FileKind(StrEnum):
    """SHADER: may be a root; HEADER: is one only where the configuration names it; LIST: variants written by a host
    program; HOST: source code of such a program. OTHER is read as WGSL when somebody opens it as such."""

    SHADER = "shader"
    HEADER = "header"
    LIST = "list"
    CONFIGURATION = "configuration"
    HOST = "host"
    OTHER = "other"

    @property
    def is_wgsl(self) -> bool:
        return self in (FileKind.SHADER, FileKind.HEADER, FileKind.OTHER)


SUFFIXES: Final[dict[str, FileKind]] = {
    ".wgsl": FileKind.SHADER,
    **dict.fromkeys((".tmpl", ".inc", ".wgslh"), FileKind.HEADER),
    **dict.fromkeys(IMPORTERS, FileKind.LIST),
    ".toml": FileKind.CONFIGURATION,
    **dict.fromkeys((".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx"), FileKind.HOST),
}


def kind_of(path: str) -> FileKind:
    """By the last suffix of the file's name, in capitals or not: a shader from another system is one."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return SUFFIXES.get(name[dot:].lower(), FileKind.OTHER) if dot >= 0 else FileKind.OTHER


def suffixes_of(*kinds: FileKind) -> tuple[str, ...]:
    return tuple(suffix for suffix, kind in SUFFIXES.items() if kind in kinds)
