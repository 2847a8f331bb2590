"""Fixtures: files given as one mapping with `$0`, `$1` ... marking places (the marks are taken out before use)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from wgsl_ls.preprocess.dialect import DIALECTS
from wgsl_ls.preprocess.expansion import Expander, Expansion, parse_defines
from wgsl_ls.preprocess.macros import MacroDefinition, MacroTable
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location

_MARK = re.compile(r"\$(\d)")


@dataclass(frozen=True)
class Project:
    """An expansion of `main` with the files it came from, and the marked places: number -> (file, offset)."""

    files: Mapping[str, SourceFile]
    expansion: Expansion
    marks: Mapping[int, tuple[str, int]]

    def line(self, location: Location) -> str:
        """file:line of a location, lines from 1."""
        return f"{location.path}:{self.files[location.path].lines.line_of(location.span.start) + 1}"

    def written(self, location: Location) -> str:
        return self.files[location.path].text[location.span.start : location.span.end]

    def instances_of(self, path: str) -> list[int]:
        return [instance.index for instance in self.expansion.source_map.instances if instance.path == path]

    def table(self, mark: int = 0, reading: int = 0) -> MacroTable:
        """The macros at a mark, in the reading-th instance of its file."""
        path, offset = self.marks[mark]
        return self.expansion.macro_table(offset, self.instances_of(path)[reading])

    def told(self, mark: int = 0, reading: int = 0) -> dict[str, str]:
        """The table at a mark in words: value, origin, way, and what is hidden."""
        table = self.table(mark, reading)
        names = list(table) + [name for name in self.macro_names() if name not in table and table.shadowed(name)]
        return {
            name: " hides ".join(
                ([self._definition(table[name])] if name in table else ["undefined"])
                + [self._definition(hidden) for hidden in table.shadowed(name)]
            )
            for name in sorted(names)
        }

    def macro_names(self) -> list[str]:
        found = re.findall(r"#define\s+(\w+)", "\n".join(file.text for file in self.files.values()))
        return list(dict.fromkeys(found))

    def _definition(self, definition: MacroDefinition) -> str:
        if definition.location is None:
            assert definition.locked and not definition.through
            return f"[{definition.value}] given"
        assert self.written(definition.location) == definition.name
        way = "".join(f" < {self.line(site)}" for site in definition.through)
        ignored = " ignored" if definition.ignored else ""
        return f"[{definition.value}] {self.line(definition.location)}{way}{ignored}"


Make = Callable[..., Project]


@pytest.fixture
def project() -> Make:
    def make(main: str, *defines: str, includes: str = "native", dialect: str = "ggml", **others: str) -> Project:
        marks: dict[int, tuple[str, int]] = {}
        files: dict[str, SourceFile] = {}
        for path, text in {"main": main, **others}.items():
            while match := _MARK.search(text):
                marks[int(match[1])] = (path, match.start())
                text = text[: match.start()] + text[match.end() :]
            files[path] = SourceFile(path, text)

        def load(name: str) -> SourceFile | str:
            return files.get(name, f"there is no {name}")

        assert includes == "native" or includes == "textual"
        expander = Expander(load, DIALECTS[dialect], includes)
        return Project(files, expander.expand(files["main"], parse_defines(defines), "main"), marks)

    return make
