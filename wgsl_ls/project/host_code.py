"""The host's code of a project: finding its files, reading them (host/), keeping what was read by content.

A reading belongs to one folder of shaders. It is kept on disk under the digests of everything that it rests on, so
a second process does not read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

import wgsl_ls
from wgsl_ls.host.codec import FORMAT, from_plain, to_plain
from wgsl_ls.host.discovery import host_files, library_of
from wgsl_ls.host.findings import find
from wgsl_ls.host.library import LIBRARIES, HostLibrary, NumberValues
from wgsl_ls.host.model import HostReading
from wgsl_ls.host.reading import ShaderText, read_host
from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.preprocess.directives import parse_directives
from wgsl_ls.project.file_kind import FileKind, kind_of
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.model import HostSettings, ProjectConfig
from wgsl_ls.project.paths import matches, relative
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.text.source_file import SourceFile, text_digest
from wgsl_ls.text.span import Location

_LEVELS_UP: Final = 2
_MOST_FILES: Final = 60
_MOST_CHARACTERS: Final = 4_000_000


class Notes(Protocol):
    """Plain data kept by key (project/cache.py)."""

    def get_note(self, key: str) -> Any | None: ...
    def put_note(self, key: str, note: Any) -> None: ...
    def flush(self) -> None: ...


Include = Callable[[str, str], SourceFile | str]
"""(name, path of the root) -> the included file, or why it cannot be read."""


class HostCode:
    """Readings by folder of shaders; each is made anew only when something it rests on has changed."""

    def __init__(self, files: FileSystem, notes: Notes | None = None) -> None:
        self.files = files
        self.notes = notes
        self._readings: dict[str, tuple[str, HostReading]] = {}

    def reading(
        self, config: ProjectConfig, roots: Sequence[str], include: Include, profiles: Sequence[DeviceProfile]
    ) -> HostReading | None:
        """What the host asks for of the shaders `roots` (of one folder); None when there is no host's code."""
        if not roots or not config.host.enabled:
            return None
        folder = str(Path(roots[0]).parent)
        texts = self._texts(config, folder, roots)
        if not texts:
            return None
        library = with_settings(library_of(texts.values()), config.host)
        texts.update(self._library_texts(library, texts))
        shaders = [replace(self._shader(config, root, include), names=frozenset(), tested={}) for root in roots]
        key = "\0".join(
            (
                f"host {FORMAT} {wgsl_ls.__version__} {_room_digest()}",
                *(f"{path} {text_digest(text)}" for path, text in texts.items()),
                *(f"{one.file} {sorted(one.defaults.items())}" for one in shaders),
                text_digest(repr(library)),
                repr(profiles),
            )
        )
        known = self._readings.get(folder)
        if known is not None and known[0] == key:
            return known[1]
        reading = from_plain(self.notes.get_note(key)) if self.notes is not None else None
        if reading is None:
            reading = read_host(texts, shaders, library, profiles)
            if self.notes is not None:
                self.notes.put_note(key, to_plain(reading))
                self.notes.flush()
        self._readings[folder] = (key, reading)
        return reading

    def findings(
        self, config: ProjectConfig, roots: Sequence[str], include: Include, reading: HostReading
    ) -> HostReading:
        """The reading with what is wrong between the host and the shaders' texts."""
        shaders = [self._shader(config, root, include) for root in roots]
        return replace(reading, findings=find(reading.variants, {one.stem: one for one in shaders}))

    def _texts(self, config: ProjectConfig, folder: str, roots: Iterable[str]) -> dict[str, str]:
        """The host's files and their texts: those that the configuration names, or those found near."""
        if config.host.files:
            found: dict[str, str] = {}
            for path in sorted(Path(config.directory).rglob("*")):
                name = relative(str(path), config.directory)
                if any(matches(pattern.text, name) for pattern in config.host.files):
                    text = self.files.text_of(str(path))
                    if text is not None:
                        found[str(path)] = text
            return found
        near: dict[str, str] = {}
        here = Path(folder)
        for directory in (here, *list(here.parents)[:_LEVELS_UP]):
            near.update(self._folder(directory))
        preprocess = config.host.preprocess or library_of(()).preprocess
        stems = [Path(root).stem for root in roots]
        return {path: near[path] for path in host_files(near, stems, preprocess)}

    def _folder(self, directory: Path) -> dict[str, str]:
        found: dict[str, str] = {}
        try:
            listed = sorted(directory.iterdir())
        except OSError:
            return found
        for path in listed:
            if kind_of(path.name) is FileKind.HOST and len(found) < _MOST_FILES:
                text = self.files.text_of(str(path))
                if text is not None and len(text) <= _MOST_CHARACTERS:
                    found[str(path)] = text
        return found

    def _library_texts(self, library: HostLibrary, texts: Iterable[str]) -> dict[str, str]:
        """The files of the host library that say what its enums and tables are, where they are present."""
        found: dict[str, str] = {}
        known = list(texts)
        directories = dict.fromkeys(parent for path in known for parent in list(Path(path).parents)[:4])
        for name in library.files:
            if any(path.endswith("/" + name) for path in known):
                continue
            for directory in directories:
                candidates = (directory / name, directory / "include" / name, directory / "src" / name)
                path = next((str(one) for one in candidates if self.files.exists(str(one))), None)
                text = self.files.text_of(path) if path is not None else None
                if path is not None and text is not None:
                    found[path] = text
                    break
        return found

    def _shader(self, config: ProjectConfig, root: str, include: Include) -> ShaderText:
        names: set[str] = set()
        defaults: dict[str, str] = {}
        defined: set[str] = set()
        tested: dict[str, Location] = {}
        waiting: list[SourceFile | str] = [self.files.read(root)]  # type: ignore[list-item]
        seen: set[str] = set()
        while waiting:
            source = waiting.pop()
            if not isinstance(source, SourceFile) or source.path in seen:
                continue
            seen.add(source.path)
            names.update(IDENTIFIER.findall(source.text))
            for offset, directive in parse_directives(source.text, config.dialect).directives():
                if directive.kind == "define" and directive.name:
                    defined.add(directive.name)
                    value = re.fullmatch(r"(\d+)[uif]?", directive.value.strip())
                    if value is not None:
                        defaults.setdefault(directive.name, value.group(1))
                elif directive.kind == "include":
                    waiting.append(include(directive.name, root))
                elif directive.kind == "ifdef" and directive.name and source.path == root:
                    tested.setdefault(directive.name, Location(source.path, directive.name_span.shifted(offset)))
        asked = {name: place for name, place in tested.items() if name not in defined}
        return ShaderText(Path(root).stem, frozenset(names), defaults, asked, Path(root).name)


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


def _room_digest() -> str:
    """Of the code that reads: what it reads may change with it."""
    global _digest
    if _digest is None:
        room = Path(wgsl_ls.__file__).parent / "host"
        _digest = text_digest("".join(path.read_text("utf-8") for path in sorted(room.glob("*.py"))))
    return _digest


_digest: str | None = None
