"""Foreign lists of variants: one file per format, found by itself. Each has `SUFFIXES`, which name the format, and
`read`, a function from the lines of a text to ImportedVariants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from wgsl_ls.project.variants import ImportedVariant
from wgsl_ls.text.diagnostic import Diagnostic

Importer = Callable[[str, Iterable[str], Sequence[str]], tuple[tuple[ImportedVariant, ...], tuple[Diagnostic, ...]]]
"""(path of the list, its lines without their ends, the project's shader files) -> variants and what is wrong there."""

_FORMATS: Final = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
IMPORTERS: Final[dict[str, Importer]] = {suffix: one.read for one in _FORMATS for suffix in one.SUFFIXES}
