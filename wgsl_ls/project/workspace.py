"""ProjectWorkspace: files, configurations and variants of some folders, as the analysis wants them.

It joins the parts of this room: which wgsl-ls.toml rules a file, which files are roots, which variants a root
has. For a root about which nothing is declared it infers variants that reach every branch. Everything is kept
by content: equal configuration and conditions give the very same settings object, revision after revision.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Self

from wgsl_ls.host.model import HostReading, ShaderText
from wgsl_ls.preprocess.expansion import Expander, Expansion
from wgsl_ls.preprocess.node_store import NodeStore
from wgsl_ls.project.branches import infer_for
from wgsl_ls.project.config import find_config, load_config, no_config
from wgsl_ls.project.directive_facts import DirectiveFacts, directive_facts
from wgsl_ls.project.file_kind import FileKind, kind_of
from wgsl_ls.project.files import FAILED, NOT_CHECKED, UNREADABLE, FileSystem
from wgsl_ls.project.held_inferences import HeldInferences
from wgsl_ls.project.host_code import HostCode, Include, fixed_part, with_findings
from wgsl_ls.project.host_findings import host_diagnostics
from wgsl_ls.project.host_request import HostRequest
from wgsl_ls.project.imports import list_paths, load_imports
from wgsl_ls.project.inference import Inferred
from wgsl_ls.project.model import BY_EXPANSION, Pick, ProjectConfig
from wgsl_ls.project.paths import absolute
from wgsl_ls.project.picking import pick_of, picked
from wgsl_ls.project.problems import MOST_PROBLEMS
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.project.reach import Reach, refusal
from wgsl_ls.project.rule_settings import RuleSettings, joined_settings, with_rule_settings
from wgsl_ls.project.settings import RootSettings, Search
from wgsl_ls.project.variants import (
    ImportedVariant,
    Variant,
    VariantSet,
    entries_for,
    match_diagnostics,
    variants_for,
    with_host_steps,
    with_inferred,
)
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span
from wgsl_ls.text.steps import Steps, finished

_MAXIMUM_INFERRED = 24
_GUESSED = ("default", "inferred")


class _Same:
    """Equal to itself alone, and keeps what it holds alive: an address is used again after a reading is gone."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    __hash__ = None  # type: ignore[assignment]


class ProjectWorkspace:
    """`folders`: absolute directories (or single files) whose shaders belong to the workspace; `profiles`:
    names of device profiles that every variant must pass besides its own; `known_rules`: ids that a configuration
    may name (None: any); `host_code`: reads host programs (None: variants are not looked for there). `inferences`:
    where undeclared roots have their variants from once somebody keeps them fresh (None: they are searched at once)."""

    def __init__(
        self,
        files: FileSystem,
        folders: Iterable[str] = (),
        profiles: tuple[str, ...] = (),
        infer: bool = True,
        known_rules: Collection[str] | None = None,
        host_code: HostCode | None = None,
    ) -> None:
        self.files = files
        self.host_code = host_code
        self._host_readings: dict[str, HostReading | None] = {}
        self._others: dict[str, frozenset[str]] = {}
        self._reached: dict[str, frozenset[str]] = {}
        self._by_folder: dict[str, tuple[str, ...]] = {}
        self.folders = tuple(absolute(folder) for folder in folders)
        self.profiles = profiles
        self.infer = infer
        self.inferences: HeldInferences | None = None
        self.known_rules = known_rules
        self.rule_settings: RuleSettings = ()
        """What the user says from outside; goes over what configurations say."""
        self._configs: dict[
            str, tuple[tuple[str, ...], ProjectConfig, tuple[ImportedVariant, ...], tuple[Diagnostic, ...]]
        ] = {}
        self._config_paths: dict[str, str | None] = {}
        self._checked: set[str] = set()
        self._shader_files: dict[str, tuple[str, ...]] = {}
        self._lists: dict[str, tuple[str, ...]] = {}
        self._roots: tuple[str, ...] | None = None
        self._settings: dict[str, tuple[ProjectConfig, object, RootSettings]] = {}
        self._of_host: dict[str, tuple[HostReading, ProjectConfig, VariantSet, VariantSet]] = {}
        self._reach_of: tuple[str, ...] = ()
        self._set_reach()

    def _around(self) -> str | None:
        """The folder that somebody works in (`Reach`)."""
        return None

    def _set_reach(self) -> None:
        if self._reach_of != self.folders:
            self.files.invalidate()
        self._reach_of = self.folders
        self.files.reach = Reach(self.folders, self._around())

    def refresh(self, listing: bool = True) -> None:
        """Call before a new revision. `listing`: files may have appeared or vanished too."""
        # Replaced, not emptied: frozen workspaces keep the tables of their time.
        self._checked = set()
        self._configs = dict(self._configs)
        self._settings = dict(self._settings)
        self._host_readings = {}
        self._others = {}
        self._reached = {}
        self._by_folder = {}
        self._roots = None
        if listing:
            self._shader_files = {}
            self._lists = {}
            self._config_paths = {}
            self._set_reach()

    def frozen(self) -> Self:
        """This workspace as it is now, whatever is opened, edited or configured later."""
        found = copy(self)
        found.files = self.files.frozen()
        found.host_code = self.host_code.frozen() if self.host_code is not None else None
        found.inferences = self.inferences.frozen() if self.inferences is not None else None
        return found

    def forget_settings(self) -> None:
        """Settings that came from outside (profiles, severities) changed."""
        self._settings = {}
        self._of_host = {}

    # Workspace

    @property
    def nodes(self) -> NodeStore:
        return self.files.nodes

    def read(self, path: str) -> SourceFile | str:
        found = self.files.read(path)
        return found if isinstance(found, SourceFile) else found.message

    def include(self, name: str, root: str, include_dirs: tuple[str, ...]) -> SourceFile | str:
        places = self.files.include_directories(root, include_dirs)
        found = self.files.include(name, places)
        if isinstance(found, SourceFile) and not self.files.is_open(found.path):
            reach = self.files.reach
            if reach is not None and not reach.allows(found.path, str(Path(root).parent)):
                return refusal(found.path)
        return found

    def include_names(self, root: str, include_dirs: tuple[str, ...]) -> tuple[str, ...]:
        names: set[str] = set()
        for directory in self.files.include_directories(root, include_dirs):
            prefix = directory.rstrip("/") + "/"
            names.update(path.removeprefix(prefix) for path in self._files_below(directory) if path != root)
        return tuple(sorted(names))

    def shader_files(self) -> tuple[str, ...]:
        """Every shader and header of the workspace's folders, sorted."""
        return tuple(sorted({path for folder in self.folders for path in self._files_below(folder)}))

    def roots(self) -> tuple[str, ...]:
        if self._roots is None:
            found: set[str] = set()
            by_config: dict[str | None, list[str]] = {}
            for folder in self.folders:
                for path in self._files_below(folder):
                    by_config.setdefault(self.config_path(path), []).append(path)
            for config_path, paths in by_config.items():
                config = self._config(config_path)[0] if config_path else no_config(str(Path(paths[0]).parent))
                found.update(self.files.roots(config, paths))
            self._roots = tuple(sorted(found))
        return self._roots

    def include_dirs(self, root: str) -> tuple[str, ...]:
        config = self.configuration(root)[0]
        own = [entry.include_dirs for _, entry in entries_for(config, root) if entry.include_dirs is not None]
        return own[-1] if own else config.include_dirs

    def settings(self, root: str) -> RootSettings:
        known = self._known_settings(root)
        if known is not None:
            return known
        config, imported, _ = self.configuration(root)
        variant_set, diagnostics = variants_for(config, root, imported)
        if not variant_set.variants:
            variant_set, _ = variants_for(no_config(config.directory), root)
        if all(variant.origin == "default" for variant in variant_set.variants):
            reading = self.host_reading(root)
            if reading is not None:
                variant_set = finished(self._host_steps(root, config, reading, variant_set))
        search: Search = "ended"
        if self.infer and all(variant.origin == "default" for variant in variant_set.variants):
            variant_set, search = self._with_inferred(root, variant_set)
        pick = pick_of(config, root)
        if pick in BY_EXPANSION and len(variant_set) > 1 and variant_set.variants[0].origin not in _GUESSED:
            variant_set = self._picked(root, variant_set, pick)
        names = dict.fromkeys(self.profiles)
        for variant in variant_set.variants:
            names.update(dict.fromkeys(variant.profiles))
        profiles = tuple(profile for name in names if (profile := config.device_profile(name)) is not None)
        variants = variant_set.variants
        if self.profiles:
            # What a host asks for on one device goes wrong on no other.
            devices = {one.name for one in self._devices(config, self.profiles)}
            others = tuple(name for name in self.profiles if name not in devices)
            variants = tuple(
                replace(variant, profiles=tuple(dict.fromkeys((*variant.profiles, *more))))
                for variant in variants
                for more in [others if variant.asked_by is not None and variant.asked_by.profile else self.profiles]
            )
        settings = RootSettings(
            root,
            variants,
            variant_set.dialect,
            variant_set.includes,
            variant_set.include_dirs,
            profiles,
            config.path,
            diagnostics,
            self.rules_for(root),
            variant_set.complete,
            search,
        )
        self._settings[root] = (config, self._condition_key(root, settings), settings)
        return settings

    def _known_settings(self, root: str) -> RootSettings | None:
        """Those of before, while they would be the same."""
        known = self._settings.get(root)
        if known is None or known[0] is not self.configuration(root)[0]:
            return None
        return known[2] if known[1] == self._condition_key(root, known[2]) else None

    def _host_steps(
        self, root: str, config: ProjectConfig, reading: HostReading, variant_set: VariantSet
    ) -> Steps[VariantSet]:
        """`variant_set` with what a reading has of a root; made once for each reading."""
        known = self._of_host.get(root)
        if known is None or known[0] is not reading or known[1] is not config or known[2] != variant_set:
            stem = Path(root).stem
            exact = not self._devices(config, self.profiles) and any(
                one.stem == stem and one.status == "exact" for one in reading.shaders
            )
            found = yield from with_host_steps(variant_set, reading.of_shader(stem), config, exact)
            known = self._of_host[root] = (reading, config, variant_set, found)
        return known[3]

    def settings_steps(self, root: str, reading: HostReading | None = None) -> Iterator[None]:
        """What takes long of `settings`, in steps; then that is quick. `reading`: of the host's code, where it is newer
        than the one in force."""
        if reading is None and self._known_settings(root) is not None:
            return
        config, imported, _ = self.configuration(root)
        reading = reading or self.host_reading(root)
        yield
        if reading is None:
            return
        variant_set, _ = variants_for(config, root, imported)
        if all(variant.origin == "default" for variant in variant_set.variants):
            yield from self._host_steps(root, config, reading, variant_set)

    def host_reading(self, root: str) -> HostReading | None:
        """What the host program near a root asks for of it and of the other roots in its folder; None when no
        host's code is found or it is not to be read."""
        folder = str(Path(root).parent)
        if folder not in self._host_readings:
            self._host_readings[folder] = self.host_code.reading(*self._host_question(root)) if self.host_code else None
        return self._host_readings[folder]

    def host_request(self, root: str) -> HostRequest | None:
        """What `host_reading` rests on, without reading."""
        return finished(self.host_request_steps(root))

    def host_request_steps(self, root: str) -> Steps[HostRequest | None]:
        if self.host_code is None:
            return None
        return (yield from self.host_code.request_steps(*self._host_question(root)))

    def host_shader_steps(self, root: str) -> Steps[tuple[ShaderText, ...]]:
        """What findings between a host and the shaders in the folder of a root rest on."""
        if self.host_code is None:
            return ()
        return (yield from self.host_code.shader_steps(*self._host_question(root)[:3]))

    def host_findings(self, root: str) -> HostReading | None:
        """`host_reading` with its findings."""
        reading = self.host_reading(root)
        return with_findings(reading, finished(self.host_shader_steps(root))) if reading is not None else None

    def host_diagnostics(self, roots: Iterable[str]) -> tuple[Diagnostic, ...]:
        """What is wrong between the hosts and these of their shaders, in the C++ and in the shaders."""
        by_folder: dict[str, list[str]] = {}
        for root in roots:
            by_folder.setdefault(str(Path(root).parent), []).append(root)
        found: list[Diagnostic] = []
        for folder, asked in by_folder.items():
            reading = self.host_findings(asked[0])
            if self.host_code is not None:
                for one in self.host_code.passed_over(folder):
                    found.extend(with_rule_settings((one,), self.rules_for(asked[0])))
            if reading is not None:
                stems = {Path(root).stem for root in asked}
                told = replace(
                    reading, findings=tuple(one for one in reading.findings if one.shader in stems or not one.shader)
                )
                for one in host_diagnostics(told):
                    found.extend(with_rule_settings((one,), self.rules_for(one.path)))
        return tuple(found)

    def _host_question(self, root: str) -> tuple[ProjectConfig, list[str], Include, list[DeviceProfile]]:
        config = self.configuration(root)[0]
        devices = self._devices(config, self.profiles or config.profiles) or list(config.device_profiles)
        return config, self._beside(root), self._include_of, devices

    @staticmethod
    def _devices(config: ProjectConfig, names: tuple[str, ...]) -> list[DeviceProfile]:
        """The devices among `names`: a host asks what a device has, not which browser it runs in."""
        return [one for name in names if (one := config.device_profile(name)) is not None and one.is_device]

    def _beside(self, root: str) -> list[str]:
        """All shaders in the folder of a root, which one host asks for."""
        folder = str(Path(root).parent)
        if folder not in self._by_folder:
            listed = [one for one in self._files_below(folder) if str(Path(one).parent) == folder]
            self._by_folder[folder] = self.files.roots(self.configuration(root)[0], listed)
        return sorted({*self._by_folder[folder], root})

    def _include_of(self, name: str, root: str) -> SourceFile | str:
        return self.include(name, root, self.include_dirs(root))

    def config_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Of every configuration that rules a root of the workspace."""
        found: list[Diagnostic] = []
        by_config: dict[str, list[str]] = {}
        for folder in self.folders:
            for path in self._files_below(folder):
                config_path = self.config_path(path)
                if config_path is not None:
                    by_config.setdefault(config_path, []).append(path)
        for config_path, paths in by_config.items():
            config, _, diagnostics = self._config(config_path)
            own = [*diagnostics, *match_diagnostics(config, self._files_below(config.directory))]
            for root in paths:
                if root in self.roots():
                    own.extend(self.settings(root).diagnostics)
            for span, problem in self.host_code.unread.get(config_path, ()) if self.host_code is not None else ():
                own.append(Diagnostic(config_path, span, Severity.ERROR, "config/import", problem.message))
            own = _few_of(own)
            found.extend(one for one in own if one.code in NOT_CHECKED)  # nobody can have that kept back
            others = [one for one in own if one.code not in NOT_CHECKED]
            found.extend(with_rule_settings(others, joined_settings(config.rule_settings, self.rule_settings)))
        return tuple(dict.fromkeys(found))

    def read_problems(self) -> tuple[Diagnostic, ...]:
        """Of every shader and folder of the workspace and host's code near them that is there and could not be read, or
        is no text. Hidden files (editors lay links that lead nowhere beside what they edit) and headers that nobody
        includes do not count."""
        found: list[Diagnostic] = []
        named = self.host_code.unread.values() if self.host_code is not None else ()
        told = {problem.path for problems in named for _, problem in problems}  # where a configuration names them
        for trouble in list(self.files.troubles.values()):
            kind = kind_of(trouble.path)
            # What can be read again was left out in between; what cannot be is told below, or where it is included.
            left_out = kind.is_wgsl and self.files.unread(trouble.path) is None
            if left_out or (kind is FileKind.HOST and trouble.path not in told):
                found.append(Diagnostic(trouble.path, Span(0, 0), Severity.ERROR, UNREADABLE, trouble.message))
        for folder in self.folders:
            paths = self._files_below(folder)
            found.extend(self.files.unlisted(folder))
            for path in paths:
                is_shader = kind_of(path) is FileKind.SHADER and not Path(path).name.startswith(".")
                if is_shader or path == folder:  # what was named is meant, whatever it is
                    unread = self.files.unread(path)
                    found.extend(self.files.problems(path) if unread is None else (unread,))
        return tuple(dict.fromkeys(found))

    def unread_headers(self) -> tuple[Diagnostic, ...]:
        """Of every header of the workspace that some file includes, is there and has no text: for those who expand and
        show no diagnostics of an expansion."""
        files = self.shader_files()
        unread = [self.files.unread(path) for path in files if kind_of(path) is FileKind.HEADER]
        return tuple(one for one in unread if one is not None and self.files.includers(one.path, files))

    # Configuration

    def config_path(self, path: str) -> str | None:
        """The wgsl-ls.toml that rules a file, found upwards from it."""
        directory = os.path.dirname(path)  # noqa: PTH120 - of every file of the workspace, at every keystroke
        if directory not in self._config_paths:
            self._config_paths[directory] = find_config(path, self.files.is_there)
        return self._config_paths[directory]

    def configuration(self, path: str) -> tuple[ProjectConfig, tuple[ImportedVariant, ...], tuple[Diagnostic, ...]]:
        """The configuration in force for a file."""
        config_path = self.config_path(path)
        return self._config(config_path) if config_path is not None else (self._no_config(path), (), ())

    def rules_for(self, path: str) -> RuleSettings:
        """The severities that hold for a file, whether or not it is a root."""
        return joined_settings(self.configuration(path)[0].rule_settings, self.rule_settings)

    def _no_config(self, path: str) -> ProjectConfig:
        directory = str(Path(path).parent)
        key = f"\0{directory}"
        if key not in self._configs:
            self._configs[key] = ((), no_config(directory), (), ())
        return self._configs[key][1]

    def _config(self, path: str) -> tuple[ProjectConfig, tuple[ImportedVariant, ...], tuple[Diagnostic, ...]]:
        known = self._configs.get(path)
        if known is not None and path in self._checked:
            return known[1:]
        self._checked.add(path)
        text = self.files.text_of(path)
        if text is None:
            vanished = f"{path} cannot be read: it was there a moment ago"
            unread = self.files.unread(path) or Diagnostic(path, Span(0, 0), Severity.ERROR, UNREADABLE, vanished)
            return (no_config(str(Path(path).parent)), (), (unread,))
        if known is not None and known[0] == self._stamp(path, known[1]):
            return known[1:]
        imported: tuple[ImportedVariant, ...] = ()
        try:
            config, diagnostics = load_config(path, text, self.known_rules)
            diagnostics = (*diagnostics, *self._host_outside(config))
            if config.imports:
                imported, problems = load_imports(
                    config, self.files, self._files_below(config.directory), self._lists_below(config.directory)
                )
                diagnostics = (*diagnostics, *problems)
        except (RecursionError, OverflowError, ValueError) as error:
            # Nested or long beyond what Python reads, somewhere: this configuration is not used, others are.
            words = f"this configuration cannot be used: {type(error).__name__}: {error}"
            config = replace(no_config(str(Path(path).parent)), path=path)
            diagnostics = (Diagnostic(path, Span(0, 0), Severity.ERROR, FAILED, words[:300]),)
        diagnostics = (*self.files.problems(path), *diagnostics)
        self._configs[path] = (self._stamp(path, config), config, tuple(imported), tuple(diagnostics))
        return self._configs[path][1:]

    def _host_outside(self, config: ProjectConfig) -> Iterator[Diagnostic]:
        """Of patterns for the host's files that begin where nothing may be read."""
        for pattern in config.host.files:
            base = fixed_part(config.directory, pattern.text)
            if self.files.reach is not None and not self.files.reach.allows(base, config.directory):
                yield Diagnostic(config.path or "", pattern.span, Severity.ERROR, "config/import", refusal(base))

    def _stamp(self, path: str, config: ProjectConfig) -> tuple[str, ...]:
        """Digests of the configuration and of the lists it imports."""
        paths = [path]
        for pattern in config.imports:
            paths.extend(list_paths(config, pattern.text, self._lists_below(config.directory)))
        digests = []
        for one in paths:
            digests.append(self.files.refused(one, config.directory) or self.files.digest(one))
        return (*paths, *digests)

    def _files_below(self, folder: str) -> tuple[str, ...]:
        if folder not in self._shader_files:
            is_file = self.files.is_there(folder)  # a file, or what is none and has its name
            self._shader_files[folder] = (folder,) if is_file else self.files.shader_files(folder)
        return self._shader_files[folder]

    def _lists_below(self, folder: str) -> tuple[str, ...]:
        if folder not in self._lists:
            self._lists[folder] = self.files.files_below(folder, FileKind.LIST)
        return self._lists[folder]

    # Inference

    def _picked(self, root: str, variant_set: VariantSet, pick: Pick) -> VariantSet:
        source = self.files.read(root)
        if not isinstance(source, SourceFile):
            return variant_set
        found = picked(pick, variant_set.variants, self._expand(source, variant_set))
        return replace(variant_set, variants=found, n_possible=max(variant_set.n_possible, len(variant_set)))

    def _expand(self, source: SourceFile, variant_set: VariantSet) -> Callable[[Variant], Expansion]:
        def load(name: str) -> SourceFile | str:
            return self.include(name, source.path, variant_set.include_dirs)

        expander = Expander(load, variant_set.dialect, variant_set.includes)
        return lambda variant: expander.expand(source, variant.defines, Path(source.path).name)

    def inference_steps(self) -> Steps[bool]:
        """Search anew, in steps, for variants of the roots that somebody asked about; whether there was any."""
        has_news = False
        inferences = self.inferences
        for root, variant_set in list(inferences.wanted.items()) if inferences is not None else ():
            key = self._inference_key(root, variant_set)
            yield
            found = yield from self._inferred(root, variant_set)
            if inferences is not None:
                inferences.hold(root, key, found)
                inferences.wanted.pop(root, None)
            has_news = True
        return has_news

    def _condition_key(self, root: str, settings: RootSettings) -> object:
        """Changes when other variants may be found or picked."""
        picks = pick_of(self.configuration(root)[0], root) in BY_EXPANSION
        return self._origin_key(root, settings), self._directives(root, settings) if picks else None

    def _origin_key(self, root: str, settings: RootSettings) -> object:
        """Changes when inference may find something else: with the directives of an undeclared root."""
        of_host = [variant.origin for variant in settings.variants[:1]] == ["host"]  # then all of them are
        if of_host or not settings.declared:
            reading = self.host_reading(root)
            if reading is not None:
                return _Same(reading)
        if settings.declared or not self.infer:
            return None
        if self.inferences is not None:
            held = _Same(self.inferences.held.get(root))
            return (held, self._inference_key(root, settings))
        return self._inference_key(root, settings)

    def _inference_key(self, root: str, asked: RootSettings | VariantSet) -> tuple[object, ...]:
        """What inference rests on."""
        return (self._of_other_roots(root), *self._directives(root, asked))

    def _directives(self, root: str, asked: RootSettings | VariantSet) -> tuple[str, ...]:
        """Of a root and what it includes."""
        source = self.files.read(root)
        sources = [source] if isinstance(source, SourceFile) else []
        seen: set[str] = set()
        key: list[str] = []
        while sources:
            facts = directive_facts(sources.pop(), asked.dialect, self.nodes)
            key.extend(facts.lines)
            for name in facts.includes:
                if name not in seen:
                    seen.add(name)
                    loaded = self.include(name, root, asked.include_dirs)
                    if isinstance(loaded, SourceFile):
                        sources.append(loaded)
        return tuple(key)

    def _with_inferred(self, root: str, variant_set: VariantSet) -> tuple[VariantSet, Search]:
        """`variant_set` with inferred ones, and what became of the search for them."""
        if self.inferences is None:
            found = finished(self._inferred(root, variant_set))
            search: Search = "ended"
        else:
            held = self.inferences.held.get(root)
            is_new = held is None or held.key != self._inference_key(root, variant_set)
            if is_new:
                self.inferences.wanted[root] = variant_set
            if held is None:
                return variant_set, "pending"
            found, search = held.found, "pending" if is_new else "ended"
        if found is None:
            return variant_set, "given up"
        if found.gave_up and found.unreached:
            search = "given up"
        return with_inferred(variant_set, found.define_sets[:_MAXIMUM_INFERRED]), search

    def _inferred(self, root: str, variant_set: VariantSet) -> Steps[Inferred | None]:
        source = self.files.read(root)
        if not isinstance(source, SourceFile):
            return Inferred((), (), 0)
        try:
            return (yield from self._infer(source, variant_set))
        except RecursionError:  # conditions nested by the thousand: nobody wrote those by hand
            return None

    def _infer(self, source: SourceFile, variant_set: VariantSet) -> Steps[Inferred]:
        root = source.path

        def load(name: str) -> SourceFile | str:
            return self.include(name, root, variant_set.include_dirs)

        expander = Expander(load, variant_set.dialect, variant_set.includes)
        never = self._of_other_roots(root)
        base = variant_set.variants[0].defines
        return infer_for(expander, load, source, base, max_resolutions=250, never=never, nodes=self.nodes)

    def _of_other_roots(self, root: str) -> frozenset[str]:
        """Macros that other roots define themselves for what they and `root` include, and of which `root` says
        nothing: no host gives them, so `root` is never compiled with them."""
        if root not in self._others:
            beside = [one for one in self._beside(root) if one != root]
            mine = self._reaches(root)
            sharing = [one for one in beside if mine & self._reaches(one)] if mine else []
            defined = {name for one in sharing if (facts := self._facts(one)) for name in facts.defined}
            mine_facts = self._facts(root)
            self._others[root] = frozenset(defined - (mine_facts.spoken if mine_facts else frozenset()))
        return self._others[root]

    def _reaches(self, root: str) -> frozenset[str]:
        """What a root includes of the files below its folder."""
        found = self._reached.get(root)
        if found is None:
            found = frozenset(self.files.includes_of(root, self._files_below(str(Path(root).parent))))
            self._reached[root] = found
        return found

    def _facts(self, path: str) -> DirectiveFacts | None:
        source = self.files.read(path)
        dialect = self.configuration(path)[0].dialect
        return directive_facts(source, dialect, self.nodes) if isinstance(source, SourceFile) else None


def _few_of(problems: list[Diagnostic]) -> list[Diagnostic]:
    """Those of a configuration and all that it names; the last says so when that is too much to tell."""
    told, more = problems[: 4 * MOST_PROBLEMS], problems[4 * MOST_PROBLEMS :]
    if not more:
        return told
    worst = min(more, key=lambda one: (one.code not in NOT_CHECKED, one.severity))
    return [*told, replace(worst, related=(), message=f"{worst.message} (and {len(more) - 1:,} more problems)")]
