"""What the analysis is given: a Workspace (files, roots, their settings) behind a Protocol, so that this room does
no IO. project/workspace.py is the real one; tests use a dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wgsl_ls.preprocess.dialect import GGML, Dialect
from wgsl_ls.preprocess.expansion import IncludeMode
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.diagnostic import Diagnostic
from wgsl_ls.text.source_file import SourceFile


@dataclass(frozen=True, slots=True)
class RootSettings:
    """How one root file is preprocessed and checked. `variants` is never empty: without configuration it holds the
    default variant and inferred ones. `profiles`: every device profile that a variant names. `config_path`: the
    wgsl-ls.toml in force, None without one. `diagnostics`: what was wrong with the declaration of the variants."""

    path: str
    variants: tuple[Variant, ...]
    dialect: Dialect = GGML
    includes: IncludeMode = "native"
    include_dirs: tuple[str, ...] = ()
    profiles: tuple[DeviceProfile, ...] = ()
    config_path: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def declared(self) -> bool:
        """True when somebody said which variants exist, so that failures are errors and dead code is dead."""
        return any(variant.origin in ("declared", "imported") for variant in self.variants)


class Workspace(Protocol):
    """Files as the editor sees them, and what the configuration says about them."""

    def read(self, path: str) -> SourceFile | str:
        """The file, unsaved changes included, or a sentence that says why it cannot be had."""

    def include(self, name: str, root: str, include_dirs: tuple[str, ...]) -> SourceFile | str:
        """The file that `#include "name"` means for this root."""

    def settings(self, root: str) -> RootSettings: ...

    def roots(self) -> tuple[str, ...]:
        """Every root of the workspace, sorted: what declares variants, or is included by nothing."""

    def config_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Diagnostics of all wgsl-ls.toml (and variant lists) read so far."""
