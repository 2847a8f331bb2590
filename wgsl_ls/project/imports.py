"""The lists that `import` names, read by the importer of their suffix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wgsl_ls.project.file_kind import FileKind
from wgsl_ls.project.files import FileProblem, FileSystem
from wgsl_ls.project.importers import IMPORTERS
from wgsl_ls.project.model import ProjectConfig
from wgsl_ls.project.paths import absolute, is_literal, matches, relative
from wgsl_ls.project.variants import ImportedVariant
from wgsl_ls.text.diagnostic import Diagnostic, Severity


def load_imports(
    config: ProjectConfig, files: FileSystem, shader_files: Sequence[str], lists: Sequence[str] | None = None
) -> tuple[tuple[ImportedVariant, ...], tuple[Diagnostic, ...]]:
    """All variants of the lists that `import` names, and what is wrong with them: in the lists, or in the
    TOML when a list is missing or of no known kind. `lists`: the files that a glob may mean; None: look on the disk."""
    lists = files.files_below(config.directory, FileKind.LIST) if lists is None else lists
    variants: list[ImportedVariant] = []
    diagnostics: list[Diagnostic] = []
    for pattern in config.imports:
        paths = list_paths(config, pattern.text, lists)
        if not paths and config.path is not None:
            message = f'no file matches "{pattern.text}"'
            diagnostics.append(Diagnostic(config.path, pattern.span, Severity.WARNING, "config/no-match", message))
        for path in paths:
            importer = IMPORTERS.get(Path(path).suffix)
            content = files.read(path)
            if importer is None or isinstance(content, FileProblem):
                known = ", ".join(f"*{suffix}" for suffix in IMPORTERS)
                message = content.message if isinstance(content, FileProblem) else f"only {known} can be imported"
                where = config.path or path
                diagnostics.append(Diagnostic(where, pattern.span, Severity.ERROR, "config/import", message))
                continue
            found, problems = importer(path, content.text, shader_files)
            variants.extend(found)
            diagnostics.extend(problems)
    return tuple(variants), tuple(diagnostics)


def list_paths(config: ProjectConfig, pattern: str, lists: Sequence[str]) -> tuple[str, ...]:
    """The files an `import` names: one path, or those of `lists` that a glob matches."""
    if is_literal(pattern):
        return (absolute(pattern, config.directory),)
    return tuple(path for path in lists if matches(pattern, relative(path, config.directory)))
