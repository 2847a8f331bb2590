"""AnalysisHost: the one mutable thing of this room. Holds the workspace, the memo tables and the choices of the
user (active variants, contexts), and hands out a Snapshot per revision.
"""

from __future__ import annotations

from wgsl_ls.analysis.inputs import Workspace
from wgsl_ls.analysis.snapshot import Context, RootView, Snapshot
from wgsl_ls.preprocess.dialect import Dialect
from wgsl_ls.preprocess.directives import DirectiveTree, NodeStore, parse_directives
from wgsl_ls.preprocess.expansion import Expander
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.text.source_file import SourceFile

_EXPANDERS_KEPT = 64


class AnalysisHost:
    """Owned by one thread. Call `changed` after the workspace changed; then take a new `snapshot`."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.revision = 0
        self._store = NodeStore()
        self._expanders: dict[tuple[object, ...], Expander] = {}
        self._snapshot: Snapshot | None = None
        self._views: dict[str, RootView] = {}
        self._active: dict[str, str] = {}
        self._contexts: dict[str, tuple[str, str | None, int]] = {}

    def changed(self) -> None:
        """Some file, configuration or choice is different now: older snapshots stop being current."""
        self.revision += 1
        self._snapshot = None
        for expander in self._expanders.values():
            expander.forget_files()

    def snapshot(self) -> Snapshot:
        if self._snapshot is None:
            self._snapshot = Snapshot(self, self.workspace, self.revision)
        return self._snapshot

    # The user's choices

    def active_variant(self, view: RootView) -> int:
        """Index of the active variant of a root: the one chosen by name, else the first."""
        return view.index_by_name.get(self._active.get(view.path, ""), 0)

    def set_active_variant(self, root: str, name: str) -> None:
        self._active[root] = name

    def set_context(self, path: str, root: str, variant: str | None, instance: int) -> None:
        self._contexts[path] = (root, variant, instance)
        if variant is not None:
            self._active[root] = variant

    def chosen_context(self, snapshot: Snapshot, path: str) -> Context | None:
        chosen = self._contexts.get(path)
        if chosen is not None:
            root, _, instance = chosen
            view = snapshot.root(root)
            if view is not None:
                index = self.active_variant(view)
                instances = view.replay(index).instances
                if instance < len(instances) and instances[instance].path == path:
                    return Context(root, index, instance)
        # A root is looked at through itself; who else reads it need not be asked.
        roots = (path,) if path in snapshot.roots() else snapshot.roots_of(path)
        if roots and roots[0] == path:
            view = snapshot.root(path)
            return Context(path, self.active_variant(view), 0) if view is not None else None
        contexts = snapshot.contexts(path)
        if contexts:
            return contexts[0]
        # No active variant reads the file: look for any variant that does.
        for root in roots:
            view = snapshot.root(root)
            for index in range(len(view.variants)) if view is not None else ():
                assert view is not None
                for instance_entry in view.replay(index).instances:
                    if instance_entry.path == path:
                        return Context(root, index, instance_entry.index)
        return None

    # What snapshots need

    def settings_of(self, path: str) -> RootSettings | None:
        view = self._views.get(path)
        return view.settings if view is not None else None

    def parse(self, text: str, dialect: Dialect) -> DirectiveTree:
        return parse_directives(text, dialect, self._store)

    def make_view(self, settings: RootSettings, source: SourceFile, snapshot: Snapshot) -> RootView:
        before = self._views.get(settings.path)
        view = RootView(settings, source, self._expander(settings), before)
        if before is not None:
            before.forget_previous()
        self._views[settings.path] = view
        return view

    def _expander(self, settings: RootSettings) -> Expander:
        directory = settings.path.rsplit("/", 1)[0]
        key = (settings.dialect.name, settings.includes, settings.include_dirs or (directory,))
        expander = self._expanders.get(key)
        if expander is None:
            if len(self._expanders) >= _EXPANDERS_KEPT:
                self._expanders.clear()
            root, include_dirs = settings.path, settings.include_dirs

            def load(name: str) -> SourceFile | str:
                return self.workspace.include(name, root, include_dirs)

            expander = self._expanders[key] = Expander(load, settings.dialect, settings.includes, self._store)
        return expander
