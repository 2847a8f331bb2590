"""Composition: the one place of the command line that names concrete classes and puts them together."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.host import AnalysisHost
from wgsl_ls.analysis.report import Reporter
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.analysis.variant_labels import labels_of
from wgsl_ls.cli.progress import clock
from wgsl_ls.cli.shown_path import shown_path, shown_place
from wgsl_ls.cli.speech import near, remark
from wgsl_ls.project.cache import DiskCache
from wgsl_ls.project.file_kind import FileKind, kind_of
from wgsl_ls.project.files import FAILED, NOT_CHECKED, NOT_LOOKED_INTO, FileSystem
from wgsl_ls.project.host_code import HostCode
from wgsl_ls.project.paths import absolute
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.project.variant_words import chosen_by, words_of
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.listing import first_of
from wgsl_ls.text.span import Location, Span

_logger = logging.getLogger(__name__)

_FEW = 8
_LONG = 100

ALL_ENGINES = ("all", "both")
"""What `--engine` takes for every engine."""


def named_engines(named: Sequence[str], every: tuple[str, ...]) -> tuple[str, ...]:
    """What the values of `--engine` mean: names of `every`, each once, or a word for all of them."""
    return every if set(named) & set(ALL_ENGINES) else tuple(dict.fromkeys(named))


_MOST_FOLDERS = 3
Selection = Mapping[str, Collection[str]]
"""Root -> names of its variants."""


class UserError(Exception):
    """Something the user asked for cannot be done; the message says what to do."""


class SelectedWorkspace(ProjectWorkspace):
    """A workspace of which only the variants that somebody named are looked at, and of declared ones only those of a
    part: guesses are judged by all that was guessed of a root."""

    variant_glob: str | None = None
    part: Selection | None = None

    def _around(self) -> str | None:
        try:
            return str(Path.cwd())
        except FileNotFoundError:
            return None

    def settings(self, root: str) -> RootSettings:
        settings = super().settings(root)
        if self.variant_glob is None and self.part is None:
            return settings
        known = self._selected.get(root)
        if known is not None and known[0] is settings:
            return known[1]
        chosen = settings.variants
        if (glob := self.variant_glob) is not None:
            chosen = tuple(settings.variants[index] for index in chosen_by(settings.variants, glob))
        if self.part is not None and settings.declared:
            names = frozenset(self.part.get(root, ()))
            chosen = tuple(variant for variant in chosen if variant.name in names)
        complete = settings.complete and len(chosen) == len(settings.variants)
        selected = replace(settings, variants=chosen, complete=complete)
        self._selected[root] = (settings, selected)
        return selected

    def keep(self, part: Selection) -> None:
        """From now on only these variants."""
        self.part = part
        self._selected.clear()

    @property
    def _selected(self) -> dict[str, tuple[RootSettings, RootSettings]]:
        if not hasattr(self, "_selected_settings"):
            self._selected_settings: dict[str, tuple[RootSettings, RootSettings]] = {}
        return self._selected_settings


@dataclass(slots=True)
class Session:
    """Everything one run of the command line works with."""

    files: FileSystem
    workspace: SelectedWorkspace
    host: AnalysisHost
    store: ResultStore
    front_end: FrontEnd
    reporter: Reporter
    cache: DiskCache | None
    failures: list[Diagnostic] = field(default_factory=list)
    """Roots that could not be checked because of a mistake of ours, one finding for each."""

    def shown_place(self, location: Location) -> str:
        """`file:line:column` of a file that this run reads."""
        return shown_place(location, self.files.read(location.path))

    @contextmanager
    def boundary(self, root: str) -> Iterator[None]:
        """What goes wrong within is told of `root`, and costs the others nothing."""
        try:
            yield
        except UserError:
            raise
        except Exception as error:
            words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            message = f"wgsl-ls failed with this shader, please report it ({words[:300]})"
            failure = Diagnostic(root, Span(0, 0), Severity.ERROR, FAILED, message)
            if failure.path not in {known.path for known in self.failures}:
                self.failures.append(failure)
                _logger.debug("failed with %s", root, exc_info=error)

    def has_settings(self, root: str) -> bool:
        """Whether the variants of a root can be told; if not, that is among `failures`."""
        n_failures = len(self.failures)
        with self.boundary(root):
            self.workspace.settings(root)
        return len(self.failures) == n_failures

    def has_variants(self, root: str) -> bool:
        """Whether some of a root's are chosen, as far as they can be told."""
        return self.has_settings(root) and bool(self.workspace.settings(root).variants)

    def ended(self, code: int) -> int:
        """Say what is there and could not be read, or failed. The exit code that follows: 2 when there was something,
        for then an answer is not about everything that was asked for; else `code`."""
        headers = self.workspace.unread_headers()
        told = dict.fromkeys((*self.workspace.read_problems(), *headers, *self.unread_configurations(), *self.failures))
        for one in told:
            remark(f"{shown_path(one.path)}: {one.message}")
        return 2 if told else code

    def unread_configurations(self) -> list[Diagnostic]:
        """Why what a configuration declares is not known."""
        broken = (*NOT_CHECKED, "config/syntax")
        return [one for one in self.workspace.config_diagnostics() if one.code in broken]

    def keep(self, part: Selection) -> None:
        """Look at no other variants from now on, where they are declared."""
        self.workspace.keep(part)
        self.host.changed()

    @property
    def snapshot(self) -> Snapshot:
        return self.host.snapshot()


def open_session(
    paths: Sequence[str],
    *,
    profiles: Sequence[str] = (),
    engines: Sequence[str] | None = None,
    variant_glob: str | None = None,
    cache: bool = False,
    exhaustive: bool = False,
) -> Session:
    """A session over files and directories. `engines`: which to ask at most, None for all; `exhaustive`: they judge
    every text, none by its structure. Raises UserError when a path does not exist."""
    folders = []
    for path in paths or ["."]:
        if not Path(path).exists():
            meant = near(Path(path).name, (one.name for one in _siblings(path)))
            raise UserError(f"{path}: no such file or directory{meant}")
        folders.append(absolute(path))
    files = FileSystem()
    disk = DiskCache() if cache else None
    # What was read of a host is kept also where results are not: it is dear, and keyed by all that it rests on.
    host_code = HostCode(files, disk or DiskCache(), partial(clock, "reading the host's code"))
    workspace = SelectedWorkspace(files, folders, tuple(profiles), known_rules=all_rules(), host_code=host_code)
    workspace.variant_glob = variant_glob
    host = AnalysisHost(workspace)
    store = ResultStore(disk)
    front_end = FrontEnd(store)
    return Session(files, workspace, host, store, front_end, Reporter(store, front_end, engines, exhaustive), disk)


def chosen_roots(session: Session, paths: Sequence[str]) -> list[str]:
    """The roots that `paths` name: those below directories; a file itself, or what includes it when it is no root;
    everything that a configuration rules. Raises UserError where there is none, none of them has a variant that was
    asked for, or one of them has not a device profile that was."""
    roots = list(session.workspace.roots())
    chosen: dict[str, None] = {}
    for path in paths or ["."]:
        where = absolute(path)
        if Path(where).is_dir():
            prefix = where.rstrip("/") + "/"
            chosen.update(dict.fromkeys(root for root in roots if root.startswith(prefix)))
        elif kind_of(where) is FileKind.SHADER and session.workspace.config_path(where) is None:
            chosen[where] = None  # nothing says which files belong to it
        else:
            config = session.workspace.configuration(where)[0]
            listed = session.files.shader_files(config.directory)
            roots_here = session.files.roots(config, listed)
            if kind_of(where) is FileKind.CONFIGURATION:
                chosen.update(dict.fromkeys(one for one in roots_here if session.workspace.config_path(one) == where))
            elif where in roots_here:
                chosen[where] = None
            else:
                including = session.files.includers(where, listed)
                chosen.update(dict.fromkeys([root for root in roots_here if root in including] or [where]))
    if not chosen:
        raise no_shaders(session, paths)
    tell_passed_by(session, paths)
    for root in chosen:
        config = session.workspace.configuration(root)[0]
        if unknown := next((name for name in session.workspace.profiles if config.device_profile(name) is None), None):
            known = ", ".join(profile.name for profile in config.device_profiles)
            raise UserError(f"there is no device profile '{unknown}' for {shown_path(root)}; there are: {known}")
    asked = session.workspace.variant_glob
    if asked is not None and not any(map(session.has_variants, chosen)):
        raise UserError(f"no variant matches '{asked}'")
    return list(chosen)


def no_shaders(session: Session, paths: Sequence[str]) -> UserError:
    passed_by = _passed_by(session, paths)
    where = f" in {passed_by}" if passed_by else ""
    return UserError(f"no shaders found in {', '.join(paths) or 'this directory'} ({NOT_LOOKED_INTO}{where})")


def tell_passed_by(session: Session, paths: Sequence[str]) -> None:
    if passed_by := _passed_by(session, paths):
        remark(f"shaders in {passed_by} are left out: {NOT_LOOKED_INTO}")


def _passed_by(session: Session, paths: Sequence[str]) -> str:
    """Folders with shaders that were not looked into."""
    found = dict.fromkeys(one for path in paths or ["."] for one in session.files.passed_by(path))
    return first_of([shown_path(one) for one in found], _MOST_FOLDERS)


def _siblings(path: str) -> list[Path]:
    """What lies in the folder in which `path` would be."""
    try:
        return list(Path(path).parent.iterdir())
    except OSError:
        return []


def one_root(session: Session, path: str) -> RootView:
    """The view of one root. Raises UserError when it cannot be read or has no variant."""
    view = session.snapshot.root(absolute(path))
    if view is None:
        raise UserError(f"{path}: {session.snapshot.read(absolute(path))}")
    return view


def one_variant(view: RootView, name: str | None) -> int:
    """Index of the variant called `name` or labelled so, or the one that it matches as a glob or by its words in any
    order; the first without a name. Raises UserError."""
    if name is None:
        return 0
    if name in view.index_by_name:
        return view.index_by_name[name]
    labels = [label.text for label in labels_of(view.variants)]
    whole = [index for index, label in enumerate(labels) if sorted(words_of(label)) == sorted(words_of(name))]
    if len(whole) == 1:
        return whole[0]
    matching = chosen_by(view.variants, name)
    if len(matching) == 1:
        return matching[0]
    if matching:
        shown = _listed([labels[index] for index in matching])
        raise UserError(f"'{name}' matches {len(matching):,} variants; add a word to name one of them:{shown}")
    raise UserError(
        f"there is no variant '{name}' of {shown_path(view.path)}; it has {len(view.variants):,}:{_listed(labels)}"
    )


def _listed(labels: Sequence[str]) -> str:
    """A few, behind the sentence or, where they are long, each on a line of its own."""
    shown = first_of(labels, _FEW)
    if len(shown) <= _LONG:
        return f" {shown}"
    more = len(labels) - _FEW
    return "".join(f"\n  {label}" for label in labels[:_FEW]) + (f"\n  and {more:,} more" if more > 0 else "")
