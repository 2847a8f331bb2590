"""RootSettings: everything that the configuration says about one root file, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wgsl_ls.preprocess.dialect import GGML, Dialect
from wgsl_ls.project.file_kind import CONFIG_NAME
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.project.rule_settings import RuleSettings
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.diagnostic import Diagnostic

Search = Literal["ended", "given up", "pending"]


@dataclass(frozen=True, slots=True)
class RootSettings:
    """How one root file is preprocessed and checked. `variants` is never empty: without configuration it
    holds the default variant and inferred ones. `profiles`: every device profile that a variant names.
    `config_path`: the wgsl-ls.toml in force, None without one. `diagnostics`: what was wrong with the
    declaration of the variants. `complete`: these are all variants that the host can make; not so when they
    were picked from more, or guessed. `search`: what became of the search for variants of an undeclared root; while it
    is pending, they are those that were found before the last edit.
    `rules`: severities that somebody changed."""

    path: str
    variants: tuple[Variant, ...]
    dialect: Dialect = GGML
    includes: Literal["native", "textual"] = "native"
    include_dirs: tuple[str, ...] = ()
    profiles: tuple[DeviceProfile, ...] = ()
    config_path: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    rules: RuleSettings = ()
    complete: bool = True
    search: Search = "ended"

    @property
    def declaring_file(self) -> str:
        """The wgsl-ls.toml in force, or where one would be written: beside the shader."""
        return self.config_path or f"{self.path.rpartition('/')[0]}/{CONFIG_NAME}"

    @property
    def declared(self) -> bool:
        """True when somebody said which variants exist, so that failures are errors and dead code is dead."""
        return any(variant.origin in ("declared", "imported", "host") for variant in self.variants)
