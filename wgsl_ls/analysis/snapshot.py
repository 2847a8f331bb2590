"""Snapshot: questions about the inputs at one revision, answered once.

A snapshot is frozen: it has captured the files, the settings and the user's choices of its revision, and answers
with them whatever happens later. Capturing copies nothing but the tables of what is open; the rest is shared until
somebody changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from wgsl_ls.analysis.inputs import Workspace
from wgsl_ls.analysis.root_view import Context, RootView, RootViews
from wgsl_ls.preprocess.directives import DirectiveTree
from wgsl_ls.preprocess.expansion import Expander
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.text.source_file import SourceFile

__all__ = ["Choices", "Context", "RootView", "Snapshot"]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user looks at. `active`: root -> name of its active variant; `contexts`: file -> (root, instance);
    `openings`: included file -> (root, variant) that it was opened from or that shows most of it, while nobody chose
    a context (variant None: the root's active one)."""

    active: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    openings: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)

    def active_variant(self, view: RootView) -> int:
        """Index of the active variant of a root: the one chosen by name, else the first."""
        return view.index_by_name.get(self.active.get(view.path, ""), 0)


class Snapshot:
    """An immutable view at `revision`. Ask it in the thread that owns the host."""

    def __init__(
        self, workspace: Workspace, choices: Choices, views: RootViews, revision: int, is_current: Callable[[], bool]
    ) -> None:
        """`workspace`: frozen; `views`: shared by all revisions; `is_current`: False once an input has changed."""
        self._workspace = workspace
        self._views = views
        self.choices = choices
        self.revision = revision
        self.is_current = is_current
        """Long work should stop when it says False."""
        self._expanders: dict[tuple[object, ...], Expander] = {}
        self._files: dict[str, SourceFile | str] = {}
        self._roots: dict[str, RootView | None] = {}
        self._closures: dict[str, frozenset[str]] = {}

    # Files

    def read(self, path: str) -> SourceFile | str:
        found = self._files.get(path)
        if found is None:
            found = self._files[path] = self._workspace.read(path)
        return found

    def source(self, path: str) -> SourceFile | None:
        found = self.read(path)
        return found if isinstance(found, SourceFile) else None

    def text(self, path: str) -> SourceFile:
        """As `source`; an empty one where it cannot be read."""
        return self.source(path) or SourceFile(path, "")

    def tree(self, path: str) -> DirectiveTree:
        """The directives of one file by itself, for what needs no variant; none where it cannot be read."""
        return self._views.parse(self.text(path).text, path)

    # Roots

    def roots(self) -> tuple[str, ...]:
        return self._workspace.roots()

    def root(self, path: str) -> RootView | None:
        """The root at `path`; None when the file cannot be read."""
        if path not in self._roots:
            source = self.source(path)
            if source is None:
                self._roots[path] = None
            else:
                settings = self._workspace.settings(path)
                self._roots[path] = self._views.make(settings, source, self._expander(settings), self._includes(path))
        return self._roots[path]

    def views(self, roots: Iterable[str]) -> Iterator[RootView]:
        """Those of these roots that can be read and have variants."""
        for root in roots:
            view = self.root(root)
            if view is not None and view.variants:
                yield view

    def _expander(self, settings: RootSettings) -> Expander:
        """Roots that find the same files under the same names share one."""
        workspace, root, include_dirs = self._workspace, settings.path, settings.include_dirs
        key = (settings.dialect.name, settings.includes, include_dirs or (root.rsplit("/", 1)[0],))
        found = self._expanders.get(key)
        if found is None:

            def load(name: str) -> SourceFile | str:
                return workspace.include(name, root, include_dirs)

            found = self._expanders[key] = Expander(load, settings.dialect, settings.includes, self._views.nodes)
        return found

    def included_files(self, root: str) -> frozenset[str]:
        """Every file that some variant of `root` may read, the root among them, by the #include lines alone."""
        found = self._closures.get(root)
        if found is None:
            targets = self._includes(root).values()
            read = (target.path for target in targets if isinstance(target, SourceFile))
            found = self._closures[root] = frozenset((root, *read))
        return found

    def closure_steps(self) -> Iterator[None]:
        """Find out which files all roots may read, in small steps: whoever asks for the roots of a file needs that."""
        for root in self.roots():
            yield
            self.included_files(root)

    def _includes(self, root: str) -> Mapping[str, SourceFile | str]:
        """What every #include that some variant of `root` may come to names: a file, or why there is none."""
        include_dirs = self._workspace.include_dirs(root)
        found: dict[str, SourceFile | str] = {}
        todo = [root]
        while todo:
            tree = self.tree(todo.pop())
            for _, directive in tree.directives():
                if directive.kind == "include" and directive.name not in found:
                    target = found[directive.name] = self._workspace.include(directive.name, root, include_dirs)
                    if isinstance(target, SourceFile):
                        todo.append(target.path)
        return found

    def include(self, name: str, root: str) -> SourceFile | str:
        """The file that `#include "name"` means for `root`, or why there is none."""
        return self._workspace.include(name, root, self._workspace.include_dirs(root))

    def include_names(self, root: str) -> tuple[str, ...]:
        """Every name that an #include of `root` could use, sorted."""
        return self._workspace.include_names(root, self._workspace.include_dirs(root))

    def roots_of(self, path: str) -> tuple[str, ...]:
        """The roots that read `path`, itself first when it is one."""
        roots = self.roots()
        found = [root for root in roots if path != root and path in self.included_files(root)]
        if path in roots or not found:
            found.insert(0, path)
        return tuple(found)

    def contexts(self, path: str) -> tuple[Context, ...]:
        """Every way in which the active variants of the roots read `path`."""
        found: list[Context] = []
        for view in self.views(self.roots_of(path)):
            index = self.active_variant(view)
            if view.path == path:
                found.append(Context(path, index, 0))
            found.extend(
                Context(view.path, index, instance.index)
                for instance in view.replay(index).instances
                if instance.index and instance.path == path
            )
        return tuple(found)

    def active_variant(self, view: RootView) -> int:
        return self.choices.active_variant(view)

    def _opening(self, path: str) -> Context | None:
        root, name = self.choices.openings.get(path, ("", None))
        view = self.root(root) if root else None
        if view is None or not view.variants:
            return None
        index = view.index_by_name.get(name, -1) if name is not None else self.active_variant(view)
        return self.context_in(path, view, index) if index >= 0 else None

    def context_in(self, path: str, view: RootView, index: int) -> Context | None:
        """The first way in which a variant of a root reads an included file."""
        for instance in view.replay(index).instances:
            if instance.index and instance.path == path:
                return Context(view.path, index, instance.index)
        return None

    def context_steps(self, path: str) -> Iterator[None]:
        """Make what `context` asks for of an include that nobody chose a context for, root by root."""
        if path in self.choices.contexts or self._opening(path) is not None or path in self.roots():
            return
        yield from self.closure_steps()
        for root in self.roots_of(path):
            view = self.root(root)
            yield
            if view is not None and view.variants:
                view.replay(self.active_variant(view))
                yield

    def context(self, path: str) -> Context | None:
        """The context chosen for `path`, else the one it was opened with, else the first one in which it is read."""
        chosen = self.choices.contexts.get(path)
        if chosen is not None:
            root, instance = chosen
            view = self.root(root)
            if view is not None and view.variants:
                index = self.active_variant(view)
                instances = view.replay(index).instances
                if instance < len(instances) and instances[instance].path == path:
                    return Context(root, index, instance)
        opening = self._opening(path)
        if opening is not None:
            return opening
        # A root is looked at through itself; who else reads it need not be asked.
        roots = (path,) if path in self.roots() else self.roots_of(path)
        if roots and roots[0] == path:
            view = self.root(path)
            return Context(path, self.active_variant(view), 0) if view is not None else None
        contexts = self.contexts(path)
        if contexts:
            return contexts[0]
        # No active variant reads the file: look for any variant that does.
        for view in self.views(roots):
            for index in range(len(view.variants)):
                found = self.context_in(path, view, index)
                if found is not None:
                    return found
        return None
