"""What the analysis is given: a Workspace (files, roots, their settings) behind a Protocol, so that this room does
no IO. project/workspace.py is the real one; tests use a dictionary.
"""

from __future__ import annotations

from typing import Protocol

from wgsl_ls.preprocess.node_store import NodeStore
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.text.diagnostic import Diagnostic
from wgsl_ls.text.source_file import SourceFile


class Workspace(Protocol):
    """Files as the editor sees them, and what the configuration says about them."""

    @property
    def nodes(self) -> NodeStore:
        """Where the directive trees of its texts are, for all who read them."""

    def frozen(self) -> Workspace:
        """The same at this moment: later changes do not reach it. Cheap; shares what does not change."""

    def read(self, path: str) -> SourceFile | str:
        """The file, unsaved changes included, or a sentence that says why it cannot be had."""

    def include(self, name: str, root: str, include_dirs: tuple[str, ...]) -> SourceFile | str:
        """The file that `#include "name"` means for this root."""

    def include_names(self, root: str, include_dirs: tuple[str, ...]) -> tuple[str, ...]:
        """Every name that an #include of this root could use, sorted."""

    def include_dirs(self, root: str) -> tuple[str, ...]:
        """Where the includes of a root are looked for, told without making its variants."""

    def settings(self, root: str) -> RootSettings: ...

    def roots(self) -> tuple[str, ...]:
        """Every root of the workspace, sorted: what declares variants, or is included by nothing."""

    def config_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Diagnostics of all wgsl-ls.toml (and variant lists) read so far."""
