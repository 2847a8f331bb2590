"""The host's code of a project: finding its files, reading them (host/), keeping what was read by content.

A reading belongs to one folder of shaders. It is kept on disk under the digests of everything that it rests on, so
a second process does not read again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from sys import getsizeof, intern
from typing import Any, Final, Protocol

from wgsl_ls.host.codec import from_plain, to_plain
from wgsl_ls.host.discovery import TextFacts, facts_of, host_files, library_of
from wgsl_ls.host.library import HostLibrary
from wgsl_ls.host.model import HostReading, ShaderText
from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.project.directive_facts import directive_facts
from wgsl_ls.project.file_kind import FileKind, kind_of
from wgsl_ls.project.files import FileProblem, FileSystem, ProblemKind
from wgsl_ls.project.host_findings import GAP
from wgsl_ls.project.host_request import HostRequest, request, with_settings
from wgsl_ls.project.model import Pattern, ProjectConfig
from wgsl_ls.project.paths import is_literal, matches, relative, unmatched
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import Steps, finished

_LEVELS_UP: Final = 2
"""How far above the shaders their host's code is looked for."""
_MOST_BESIDE: Final = 40
"""Folders beside the shaders', and beside the one above, that are looked into where none of those above has any."""
_MOST_FILES: Final = 60
_MOST_CHARACTERS: Final = 4_000_000
_NAMED: Final = "name the files that are it in [host]"
"""They are read, whatever their number and length."""
_MOST_FACTS: Final = 2000
_MOST_BYTES: Final = 8_000_000


class Notes(Protocol):
    """Plain data kept by key (project/cache.py)."""

    def get_note(self, key: str) -> Any | None: ...
    def put_note(self, key: str, note: Any) -> None: ...
    def flush(self) -> None: ...


Include = Callable[[str, str], SourceFile | str]
"""(name, path of the root) -> the included file, or why it cannot be read."""


class HostCode:
    """Readings by folder of shaders; each is made anew only when something it rests on has changed. `while_reading`:
    entered for as long as that takes."""

    def __init__(
        self,
        files: FileSystem,
        notes: Notes | None = None,
        while_reading: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self.files = files
        self.notes = notes
        self.while_reading = while_reading
        self.unread: dict[str | None, tuple[tuple[Span, FileProblem], ...]] = {}
        """By configuration: files that it names (where) and that could not be read when they were last looked at; its
        patterns, when none of them matches anything."""
        self._passed_over: dict[str, dict[str, str]] = {}
        self._readings: dict[str, tuple[str, HostReading]] = {}
        self._text_facts: Memo[Hashable, TextFacts] = Memo(_MOST_FACTS)
        self._words: Memo[str, frozenset[str]] = Memo(_MOST_BYTES, getsizeof)

    def frozen(self) -> HostCode:
        """For a frozen workspace: what is answered later is what would be answered now."""
        return self

    def reading(
        self, config: ProjectConfig, roots: Sequence[str], include: Include, profiles: Sequence[DeviceProfile]
    ) -> HostReading | None:
        """What the host asks for of the shaders `roots` (of one folder); None when there is no host's code."""
        asked = self.request(config, roots, include, profiles)
        if asked is None:
            return None
        folder = str(Path(roots[0]).parent)
        known = self._readings.get(folder)
        if known is not None and known[0] == asked.key:
            return known[1]
        reading = self.kept(asked)
        if reading is None:
            with self.while_reading():
                reading = asked.read()
            self.keep(asked, to_plain(reading))
        self._readings[folder] = (asked.key, reading)
        return reading

    def request(
        self, config: ProjectConfig, roots: Sequence[str], include: Include, profiles: Sequence[DeviceProfile]
    ) -> HostRequest | None:
        """All that a reading rests on; None when there is no host's code, or it is not to be read."""
        return finished(self.request_steps(config, roots, include, profiles))

    def request_steps(
        self, config: ProjectConfig, roots: Sequence[str], include: Include, profiles: Sequence[DeviceProfile]
    ) -> Steps[HostRequest | None]:
        if not roots or not config.host.enabled:
            return None
        folder = str(Path(roots[0]).parent)
        near = () if config.host.files else (yield from self._found_near(config, roots))
        texts = self._texts(config, near)
        if not texts:
            return None
        yield
        library = with_settings(library_of(texts.values()), config.host)
        texts.update((yield from self._library_texts(library, texts, folder)))
        shaders = yield from self.shader_steps(config, roots, include)
        return request(texts, shaders, config.host, tuple(profiles))

    def shader_steps(
        self, config: ProjectConfig, roots: Sequence[str], include: Include
    ) -> Steps[tuple[ShaderText, ...]]:
        """What findings rest on: the shaders' own words and conditions."""
        found: list[ShaderText] = []
        for root in roots:
            found.append(self._shader(config, root, include))
            yield
        return tuple(found)

    def kept(self, asked: HostRequest) -> HostReading | None:
        """A reading of an earlier process."""
        return from_plain(self.notes.get_note(asked.key)) if self.notes is not None else None

    def keep(self, asked: HostRequest, plain: Any) -> None:
        """`plain`: the reading as plain data, for later processes."""
        if self.notes is not None:
            self.notes.put_note(asked.key, plain)
            self.notes.flush()

    def _texts(self, config: ProjectConfig, near: Iterable[str]) -> dict[str, str]:
        """The host's files and their texts: those that the configuration names, or those found near."""
        if config.host.files:
            found: dict[str, str] = {}
            problems: list[tuple[Span, FileProblem]] = []
            without: list[Pattern] = []
            for pattern in config.host.files:
                paths = sorted(set(named_files(self.files, config.directory, [pattern.text])))
                if (
                    not paths
                    and self.files.refused(fixed_part(config.directory, pattern.text), config.directory) is None
                ):
                    without.append(pattern)
                for path in paths:
                    source = self.files.read_named(path, config.directory)
                    if isinstance(source, SourceFile):
                        found[path] = source.text
                    elif source.kind != "directory":
                        problems.append((pattern.span, source))
            if not found and not problems:
                more = ", so the host's code is not read"
                problems = [(p.span, FileProblem(p.text, "missing", unmatched(p.text) + more)) for p in without]
            self.unread[config.path] = tuple(problems)
            return dict(sorted(found.items()))
        return {path: self.files.text_of(path) or "" for path in near}

    def _found_near(self, config: ProjectConfig, roots: Sequence[str]) -> Steps[tuple[str, ...]]:
        facts: dict[str, TextFacts] = {}
        for sources in self._near(str(Path(roots[0]).parent)):
            for path, source in sources.items():
                facts[path] = self._facts(config, source, roots)
                yield
            chosen = host_files(facts)
            if chosen:
                return chosen
        return ()

    def _near(self, folder: str) -> Iterator[dict[str, SourceFile]]:
        """The C++ files beside the shaders and above them; then those in other folders of the ones above, such as
        src/ beside shaders/."""
        here = Path(folder)
        above: list[str] = []
        for directory in map(str, (here, *list(here.parents)[:_LEVELS_UP])):
            if self.files.refused(directory, folder) is not None:
                break
            above.append(directory)
        self._passed_over[folder] = {}
        yield self._sources(folder, above)
        beside: dict[str, None] = {}
        for directory in above[1:]:
            if self.files.reach is None or not self.files.reach.is_project(directory):
                break
            names = (path for path in self.files.names_in(directory) if not Path(path).name.startswith("."))
            folders = list(filter(os.path.isdir, names))
            beside.update(dict.fromkeys(folders[:_MOST_BESIDE]))
            self._pass_over(folder, directory, len(folders) - _MOST_BESIDE, "folders")
        further = [path for path in beside if path not in above and self.files.refused(path, folder) is None]
        yield self._sources(folder, further)

    def _sources(self, folder: str, directories: Iterable[str]) -> dict[str, SourceFile]:
        """The C++ files of these folders."""
        found: dict[str, SourceFile] = {}
        for directory in directories:
            paths = [path for path in self.files.names_in(directory) if kind_of(path) is FileKind.HOST]
            self._pass_over(folder, directory, len(paths) - _MOST_FILES, "C++ files")
            for path in paths[:_MOST_FILES]:
                source = self.files.read(path)
                kind = _unfit(source) if isinstance(source, SourceFile) else source.kind
                if isinstance(source, SourceFile) and kind is None:
                    found[path] = source
                elif kind == "too-large":
                    why = f"{path} is too long to be looked at for the host's code: {_NAMED}"
                    self._passed_over[folder][path] = why
                elif kind == "encoding":
                    why = f"{path} is UTF-16, so it is not looked at for the host's code: save it as UTF-8"
                    self._passed_over[folder][path] = why
        return found

    def _pass_over(self, folder: str, path: str, n_more: int, what: str) -> None:
        if n_more > 0:
            words = f"{n_more:,} {what} of {path} are not looked at for the host's code: {_NAMED}"
            self._passed_over[folder][path] = words

    def passed_over(self, folder: str) -> tuple[Diagnostic, ...]:
        """What was not looked at when the host's code of the shaders in `folder` was looked for, with the remedy."""
        return tuple(
            Diagnostic(path, Span(0, 0), Severity.INFORMATION, GAP, words)
            for path, words in self._passed_over.get(folder, {}).items()
        )

    def _facts(self, config: ProjectConfig, source: SourceFile, roots: Iterable[str]) -> TextFacts:
        preprocess = config.host.preprocess or library_of(()).preprocess
        stems = tuple(sorted(Path(root).stem for root in roots))
        key = (source.digest, stems, preprocess)
        return self._text_facts.get_or(key, lambda: facts_of(source.text, stems, preprocess))

    def _library_texts(self, library: HostLibrary, texts: Iterable[str], folder: str) -> Steps[dict[str, str]]:
        """The files of the host library that say what its enums and tables are, where they are present and shaders in
        `folder` may have them read."""
        found: dict[str, str] = {}
        known = list(texts)
        directories = dict.fromkeys(parent for path in known for parent in list(Path(path).parents)[:4])
        for name in library.files:
            if any(path.endswith("/" + name) for path in known):
                continue
            yield
            for directory in directories:
                candidates = (directory / name, directory / "include" / name, directory / "src" / name)
                present = (str(one) for one in candidates if self.files.exists(str(one)))
                path = next((one for one in present if self.files.refused(one, folder) is None), None)
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
            names.update(self._words.get_or(source.digest, partial(_words, source.text)))
            own = directive_facts(source, config.dialect, self.files.nodes)
            defined.update(own.defined)
            for name, value in own.defaults.items():
                defaults.setdefault(name, value)
            waiting.extend(include(name, root) for name in own.includes)
            if source.path == root:
                tested = {name: Location(root, span) for name, span in own.tested.items()}
        asked = {name: place for name, place in tested.items() if name not in defined}
        return ShaderText(Path(root).stem, frozenset(names), defaults, asked, Path(root).name)


def _unfit(source: SourceFile) -> ProblemKind | None:
    """Why a text is not looked at; UTF-16 without a mark reads as one with NULs."""
    if "\0" in source.text[:2]:
        return "encoding"
    return "too-large" if len(source.text) > _MOST_CHARACTERS else None


def _words(text: str) -> frozenset[str]:
    return frozenset(map(intern, IDENTIFIER.findall(text)))


def is_near(directory: str, root: str) -> bool:
    """May C++ in `directory` be the host's of the shader `root`?"""
    above = list(Path(root).parents)[: 1 + _LEVELS_UP]
    return Path(directory) in above or Path(directory).parent in above[1:]


def named_files(files: FileSystem, directory: str, patterns: Iterable[str]) -> Iterator[str]:
    """The files that globs of a configuration in `directory` name; only folders that may be read and may hold one are
    looked into."""
    for pattern in patterns:
        base = fixed_part(directory, pattern)
        steps, n_fixed = _steps(pattern)
        if files.reach is not None and not files.reach.allows(base, directory):
            continue
        if is_literal(pattern):
            candidates: Iterable[str] = (base,)
        elif n_fixed == len(steps) - 1 and "**" not in steps[-1]:
            candidates = files.names_in(base)
        else:
            candidates = files.files_below(base)
        yield from (path for path in candidates if matches(pattern, relative(path, directory)))


def fixed_part(directory: str, pattern: str) -> str:
    """The folder or file that a glob, seen from `directory`, begins with."""
    steps, n_fixed = _steps(pattern)
    return os.path.normpath(Path(directory, "/".join(steps[:n_fixed]) or ("/" if n_fixed else ".")))


def _steps(pattern: str) -> tuple[list[str], int]:
    """The names in a glob, and how many of them stand before the first wildcard."""
    steps = pattern.removeprefix("./").split("/")
    return steps, next((index for index, step in enumerate(steps) if not is_literal(step)), len(steps))


def with_findings(reading: HostReading, shaders: Iterable[ShaderText]) -> HostReading:
    """A macro that nothing gives is told only of shaders of which no variant may be missing."""
    incomplete = {one.stem for one in reading.shaders if one.status == "incomplete"}
    from wgsl_ls.host.findings import find  # with the interpreter, a tenth of what a shader without a host loads

    found = find(reading.variants, {one.stem: one for one in shaders})
    return replace(
        reading,
        findings=(
            *(one for one in reading.findings if one.kind in ("equal-keys", "not-served")),
            *(one for one in found if one.kind != "macro-not-given" or one.shader not in incomplete),
        ),
    )
