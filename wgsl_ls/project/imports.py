"""The lists that `import` names, read by the importer of their suffix."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from wgsl_ls.project.file_kind import FileKind, kind_of
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.importers import IMPORTERS
from wgsl_ls.project.model import Pattern, ProjectConfig
from wgsl_ls.project.paths import absolute, is_literal, matches, relative, unmatched
from wgsl_ls.project.variants import ImportedVariant
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span


def load_imports(
    config: ProjectConfig, files: FileSystem, shader_files: Sequence[str], lists: Sequence[str] | None = None
) -> tuple[tuple[ImportedVariant, ...], tuple[Diagnostic, ...]]:
    """All variants of the lists that `import` names, and what is wrong with them: in the lists, or in the
    TOML when a list is missing or of no known kind. `lists`: the files that a glob may mean; None: look on the disk."""
    lists = files.files_below(config.directory, FileKind.LIST) if lists is None else lists
    variants: list[ImportedVariant] = []
    diagnostics: list[Diagnostic] = []
    without: list[Pattern] = []
    for pattern in config.imports:
        paths = list_paths(config, pattern.text, lists)
        if not paths:
            without.append(pattern)
        for path in paths:
            loaded = files.refused(path, config.directory) or read_list(files, path, shader_files)
            if isinstance(loaded, str):
                where = config.path or path
                diagnostics.append(Diagnostic(where, pattern.span, Severity.ERROR, "config/import", loaded))
                continue
            variants.extend(loaded[0])
            diagnostics.extend(loaded[1])
    if config.path is not None:
        is_none = len(without) == len(config.imports)  # then what was asked for is not there at all
        severity, code = (Severity.ERROR, "config/import") if is_none else (Severity.WARNING, "config/no-match")
        more = ", so there is no list of variants" if is_none else ""
        for pattern in without:
            message = f"{unmatched(pattern.text)}{more}"
            diagnostics.append(Diagnostic(config.path, pattern.span, severity, code, message))
    return tuple(variants), tuple(diagnostics)


def read_list(
    files: FileSystem, path: str, shader_files: Sequence[str]
) -> tuple[tuple[ImportedVariant, ...], tuple[Diagnostic, ...]] | str:
    """The variants of one list and what is wrong in it, or why it cannot be read. A list that is too long to be kept
    as a text is read line by line, and its problems say their lines in words."""
    importer = IMPORTERS.get(Path(path).suffix.lower())
    if importer is None:
        return f"only {', '.join(f'*{suffix}' for suffix in IMPORTERS)} can be imported"
    content = files.read(path)
    if isinstance(content, SourceFile):
        found, problems = importer(path, content.text.split("\n"), shader_files)
        return found, (*files.problems(path), *problems, *_of_no_shaders(path, found))
    if not files.is_long_list(path):
        return content.message
    try:
        found, problems = importer(path, files.lines(path), shader_files)
        problems = (*problems, *_of_no_shaders(path, found))
        told = _with_lines(files.lines(path), problems) if problems else ()
    except OSError as error:
        return f"{path} cannot be read: {error.strerror or error}"
    return found, told


def _of_no_shaders(path: str, variants: Iterable[ImportedVariant]) -> Iterable[Diagnostic]:
    """The first line of each file that is there and is no shader."""
    first = {one.shader: one for one in reversed(tuple(variants)) if kind_of(one.shader) is FileKind.OTHER}
    for shader, one in first.items():
        if os.path.isfile(shader):  # noqa: PTH113 - a Path raises for names that are too long
            message = f"{shader} is no shader"
            yield Diagnostic(path, Span(one.start, one.end), Severity.WARNING, "import/line", message)


def _with_lines(lines: Iterable[str], problems: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    waiting = sorted(problems, key=lambda one: one.span.start, reverse=True)
    told, at = [], 0
    for number, line in enumerate(lines, 1):
        while waiting and waiting[-1].span.start <= at + len(line):
            one = waiting.pop()
            message = f"line {number}, column {one.span.start - at + 1}: {one.message}"
            told.append(replace(one, span=Span(0, 0), message=message))
        at += len(line) + 1
    return tuple(told)


def list_paths(config: ProjectConfig, pattern: str, lists: Sequence[str]) -> tuple[str, ...]:
    """The files an `import` names: one path, or those of `lists` that a glob matches."""
    if is_literal(pattern):
        return (absolute(pattern, config.directory),)
    return tuple(path for path in lists if matches(pattern, relative(path, config.directory)))
