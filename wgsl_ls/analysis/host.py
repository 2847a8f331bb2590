"""AnalysisHost: the one mutable thing of this room. Holds the workspace and the choices of the user (active variants,
contexts), and hands out a Snapshot per revision.
"""

from __future__ import annotations

from dataclasses import replace

from wgsl_ls.analysis.inputs import Workspace
from wgsl_ls.analysis.root_view import RootView, RootViews
from wgsl_ls.analysis.snapshot import Choices, Snapshot


class AnalysisHost:
    """Owned by one thread. Call `changed` after the workspace or a choice changed; then take a new `snapshot`."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.revision = 0
        self._choices = Choices()
        self._views = RootViews(workspace.nodes)
        self._snapshot: Snapshot | None = None

    def changed(self) -> None:
        """Some file, configuration or choice is different now: older snapshots stop being current."""
        self.revision += 1
        self._snapshot = None

    def snapshot(self) -> Snapshot:
        if self._snapshot is None:
            revision = self.revision
            self._snapshot = Snapshot(
                self.workspace.frozen(), self._choices, self._views, revision, lambda: self.revision == revision
            )
        return self._snapshot

    # The user's choices

    def active_variant(self, view: RootView) -> int:
        return self._choices.active_variant(view)

    def set_active_variant(self, root: str, name: str) -> None:
        """Includes that are looked at through the root follow."""
        openings = {
            path: (known, None if known == root else variant)
            for path, (known, variant) in self._choices.openings.items()
        }
        self._choices = replace(self._choices, active={**self._choices.active, root: name}, openings=openings)

    def set_context(self, path: str, root: str, variant: str | None, instance: int) -> None:
        self._choices = replace(self._choices, contexts={**self._choices.contexts, path: (root, instance)})
        if variant is not None:
            self.set_active_variant(root, variant)

    def set_opening(self, path: str, opening: tuple[str, str | None] | None) -> None:
        """How an included file is looked at while nobody chooses a context; None: as it comes."""
        openings = {known: value for known, value in self._choices.openings.items() if known != path}
        if opening is not None:
            openings[path] = opening
        self._choices = replace(self._choices, openings=openings)
