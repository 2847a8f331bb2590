"""ConfigPlace: a place in wgsl-ls.toml, and which of the keys of project/keys.py it belongs to.

Every feature of that file starts here, as those of shaders start at a Cursor.
"""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.project.keys import FILE, RULE_SETTING, Key, Kind, TableSpec
from wgsl_ls.project.toml_place import Step, TomlPlace, toml_place
from wgsl_ls.text.source_file import SourceFile


@dataclass(frozen=True, slots=True)
class ConfigPlace:
    """`spec`: the table of the place, None where names are the user's own. `key`: the nearest key of ours around it;
    `below`: the user's own names from there. For a place in a key, `spec` is the table that the key is in."""

    source: SourceFile
    offset: int
    toml: TomlPlace
    spec: TableSpec | None
    key: Key | None
    below: tuple[Step, ...]

    @property
    def word(self) -> str:
        return self.source.text[self.toml.span.start : self.toml.span.end]

    @property
    def named(self) -> Key | None:
        """The key that the word is, or whose value it is in."""
        if self.toml.what in ("key", "header"):
            return self.spec.get(self.word) if self.spec is not None else self.key
        return self.key


def config_place(source: SourceFile, offset: int) -> ConfigPlace:
    toml = toml_place(source.text, offset)
    spec: TableSpec | None = FILE
    key: Key | None = None
    below: list[Step] = []
    for step in (*toml.header, *toml.steps):
        if spec is None:
            below.append(step)
            if key is not None and key.kind is Kind.NAMED and step is not None:
                spec = key.table
            continue
        if step is None:
            continue
        key = spec.get(step)
        below = []
        spec = None
        if key is None:
            break
        if key.kind in (Kind.TABLE, Kind.TABLES):
            spec = key.table
        elif key.kind is Kind.SEVERITY:
            spec = RULE_SETTING
    return ConfigPlace(source, offset, toml, spec, key, tuple(below))
