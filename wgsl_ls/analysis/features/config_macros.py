"""Macros and files as wgsl-ls.toml sees them: which the shaders below it know, and where they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wgsl_ls.analysis.features.completion_macros import directive_macros
from wgsl_ls.analysis.features.config_place import ConfigPlace
from wgsl_ls.analysis.features.navigation import config_words, macro_places
from wgsl_ls.analysis.index import macro_words
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.project.file_kind import FileKind
from wgsl_ls.project.keys import Kind
from wgsl_ls.project.paths import matches, relative
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.words import word_at

_HOLDERS = frozenset({Kind.MACROS, Kind.NAMES, Kind.CONDITION, Kind.CONDITIONS, Kind.COMPUTE, Kind.AXES})
"""Kinds of values in which a word is a macro."""


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """What a configuration rules. `config`: its path; `paths`: every shader and header below its folder, absolute;
    `others`: the files there of another kind."""

    snapshot: Snapshot
    config: str
    paths: tuple[str, ...]
    others: Callable[[FileKind], tuple[str, ...]]

    @property
    def directory(self) -> str:
        return self.config.rpartition("/")[0]

    def named(self, glob: str) -> list[str]:
        """The files that a glob of `files` means, or takes out."""
        wanted = glob.removeprefix("!")
        return [path for path in self.paths if matches(wanted, relative(path, self.directory))]


def may_be_macro(place: ConfigPlace) -> bool:
    """Whether a word here is the name of a macro."""
    if place.toml.what not in ("key", "value") or place.key is None or place.key.kind not in _HOLDERS:
        return False
    # An axis has a name of its own.
    return not (place.key.kind is Kind.AXES and place.toml.what == "key" and not place.below)


def macro_at(place: ConfigPlace) -> str:
    """The macro's name under the cursor; empty when there is none."""
    if not may_be_macro(place):
        return ""
    word = word_at(place.source.text, place.offset, place.toml.span)
    name = place.source.text[word.start : word.end]
    return name if IDENTIFIER.fullmatch(name) else ""


def files_at(place: ConfigPlace, files: ConfigFiles) -> list[Location]:
    """The files that the glob under the cursor means."""
    if place.toml.what != "value" or place.key is None or place.key.kind is not Kind.FILES:
        return []
    return [Location(path, Span(0, 0)) for path in files.named(place.word)]


def known_macros(files: ConfigFiles) -> dict[str, int]:
    """Names in conditions of the shaders and their #defines, with the number of directives that have them."""
    found: dict[str, int] = {}
    for path in files.paths:
        tree = files.snapshot.tree(path)
        for _, directive in tree.directives():
            for name in filter(None, directive_macros(directive)):
                found[name] = found.get(name, 0) + 1
    return found


def macro_definitions(files: ConfigFiles, name: str) -> list[Location]:
    """Every #define of the name; without any, the first directive of each file that asks for it."""
    defined: list[Location] = []
    asked: dict[str, Location] = {}
    for path in files.paths:
        tree = files.snapshot.tree(path)
        for offset, directive in tree.directives():
            if name not in directive_macros(directive):
                continue
            span = next(macro_words(directive.text, name), None)
            if span is None:
                continue
            location = Location(path, span.shifted(offset))
            if directive.kind == "define":
                defined.append(location)
            else:
                asked.setdefault(path, location)
    return defined or list(asked.values())


def macro_references(files: ConfigFiles, name: str, include_declaration: bool = True) -> list[Location]:
    """Every word of the shaders, and of the configuration itself, that is the macro."""
    found = macro_places(files.snapshot, files.paths, name)
    if not include_declaration:
        defined = set(macro_definitions(files, name))
        found = [location for location in found if location not in defined]
    spans = config_words(files.snapshot.text(files.config).text, name)
    return [*found, *(Location(files.config, span) for span in spans)]
