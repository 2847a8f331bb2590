"""Snapshot and RootView: questions about the inputs at one revision, answered once.

Everything heavy below is keyed by content and outlives the snapshot (the Expander's memo, the front end's memo, the
results), so a snapshot after a keystroke costs what the keystroke changed. Replays (positions of one variant) are
the exception: they are made on demand and only the latest few are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wgsl_ls.analysis.inputs import Workspace
from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.preprocess.directives import DirectiveTree
from wgsl_ls.preprocess.expansion import Expander, Expansion, parse_defines
from wgsl_ls.preprocess.macros import MacroDefinition
from wgsl_ls.preprocess.replay import Replay
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.source_file import SourceFile

if TYPE_CHECKING:
    from wgsl_ls.analysis.host import AnalysisHost

_REPLAYS_KEPT = 128


@dataclass(frozen=True, slots=True)
class Context:
    """One way to look at a file: as `instance` (0: the root itself) of `root` in the variant at `variant_index`."""

    root: str
    variant_index: int
    instance: int


class RootView:
    """One root at one revision, with its variants. Variants are addressed by their index in `variants`."""

    def __init__(self, settings: RootSettings, source: SourceFile, expander: Expander, before: RootView | None) -> None:
        self.settings = settings
        self.source = source
        self.variants: tuple[Variant, ...] = settings.variants
        self._expander = expander
        self._before = before if before is not None and before.variants is settings.variants else None
        self._expansions: list[Expansion | None] = [None] * len(self.variants)
        self._replays: OrderedDict[int, Replay] = OrderedDict()

    @property
    def path(self) -> str:
        return self.settings.path

    @cached_property
    def index_by_name(self) -> dict[str, int]:
        return {variant.name: index for index, variant in enumerate(self.variants)}

    def expansion(self, index: int) -> Expansion:
        """The expansion of one variant. When the edit changed nothing that this variant uses, text and digest are
        the ones of the previous revision."""
        found = self._expansions[index]
        if found is None:
            name = self.path.rsplit("/", 1)[-1]
            found = self._expander.expand(self.source, self.variants[index].defines, name)
            if self._before is not None:
                old = self._before._expansions[index]
                if old is not None and old.same_outcome(found):
                    found.adopt(old)
            self._expansions[index] = found
        return found

    def expansions(self) -> Iterator[tuple[int, Expansion]]:
        for index in range(len(self.variants)):
            yield index, self.expansion(index)

    def expansion_with(self, index: int, defines: Iterable[str]) -> Expansion:
        """A variant with more macros ("NAME" or "NAME=VALUE") given from outside."""
        name = self.path.rsplit("/", 1)[-1]
        merged = {**dict(self.variants[index].defines), **dict(parse_defines(defines))}
        return self._expander.expand(self.source, tuple(merged.items()), name)

    def expansion_of(self, index: int, changed: SourceFile) -> Expansion:
        """A variant as it would be if one file had another text."""

        def load(name: str) -> SourceFile | str:
            found = self._expander.load(name)
            return changed if isinstance(found, SourceFile) and found.path == changed.path else found

        expander = Expander(load, self.settings.dialect, self.settings.includes)
        root = changed if changed.path == self.path else self.source
        return expander.expand(root, self.variants[index].defines, self.path.rsplit("/", 1)[-1])

    def flipped(self, index: int, defines: Iterable[str]) -> Expansion:
        """A variant with macros flipped: one that is given is taken away (or gets another value), one that is not
        is given."""
        name = self.path.rsplit("/", 1)[-1]
        merged = dict(self.variants[index].defines)
        for define in defines:
            macro, value = parse_defines([define])[0]
            if macro in merged and "=" not in define:
                del merged[macro]
            else:
                merged[macro] = value
        return self._expander.expand(self.source, tuple(merged.items()), name)

    def files_of(self, expansion: Expansion) -> list[SourceFile]:
        """The root and what one of its variants includes."""
        found = {self.path: self.source}
        for instance in expansion.source_map.instances:
            if instance.path not in found:
                loaded = self._expander.load(instance.name)
                if isinstance(loaded, SourceFile):
                    found[instance.path] = loaded
        return list(found.values())

    def tree(self, text: str) -> DirectiveTree:
        """The directives of a text, as this root's dialect reads them."""
        return self._expander.parse(text)

    def replay(self, index: int) -> Replay:
        """Positions of one variant; kept for the latest few variants only."""
        found = self._replays.get(index)
        if found is None:
            found = self.expansion(index).replay
            self._replays[index] = found
            if len(self._replays) > _REPLAYS_KEPT:
                old, _ = self._replays.popitem(last=False)
                self.expansion(old).forget_positions()
        else:
            self._replays.move_to_end(index)
        return found

    def definition_at(self, index: int, path: str, offset: int, name: str) -> MacroDefinition | None:
        """The definition of one macro at a place of a file in one variant (its first reading of the file)."""
        replay = self.replay(index)
        instance = next((one.index for one in replay.instances if one.path == path), None)
        return replay.table_at(instance, offset).get(name) if instance is not None else None

    def forget_previous(self) -> None:
        """Let the previous revision go once everything of this one has been asked for."""
        self._before = None


class Snapshot:
    """An immutable view at `revision`. Ask it in the thread that owns the host."""

    def __init__(self, host: AnalysisHost, workspace: Workspace, revision: int) -> None:
        self._host = host
        self._workspace = workspace
        self.revision = revision
        self._files: dict[str, SourceFile | str] = {}
        self._roots: dict[str, RootView | None] = {}
        self._closures: dict[str, frozenset[str]] = {}

    def is_current(self) -> bool:
        """False once an input has changed: long work should stop then."""
        return self._host.revision == self.revision

    # Files

    def read(self, path: str) -> SourceFile | str:
        found = self._files.get(path)
        if found is None:
            found = self._files[path] = self._workspace.read(path)
        return found

    def source(self, path: str) -> SourceFile | None:
        found = self.read(path)
        return found if isinstance(found, SourceFile) else None

    def tree(self, path: str) -> DirectiveTree | None:
        """The directives of one file by itself, for what needs no variant."""
        source = self.source(path)
        if source is None:
            return None
        settings = self._host.settings_of(path)
        return self._host.parse(source.text, settings.dialect if settings is not None else GGML)

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
                self._roots[path] = self._host.make_view(self._workspace.settings(path), source, self)
        return self._roots[path]

    def included_files(self, root: str) -> frozenset[str]:
        """Every file that some variant of `root` may read, the root among them, by the #include lines alone."""
        found = self._closures.get(root)
        if found is None:
            include_dirs = self._workspace.include_dirs(root)
            seen = {root}
            todo = [root]
            while todo:
                tree = self.tree(todo.pop())
                for _, directive in tree.directives() if tree is not None else ():
                    if directive.kind == "include":
                        target = self._workspace.include(directive.name, root, include_dirs)
                        if isinstance(target, SourceFile) and target.path not in seen:
                            seen.add(target.path)
                            todo.append(target.path)
            found = self._closures[root] = frozenset(seen)
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
        for root in self.roots_of(path):
            view = self.root(root)
            if view is None:
                continue
            index = self._host.active_variant(view)
            if root == path:
                found.append(Context(root, index, 0))
            found.extend(
                Context(root, index, instance.index)
                for instance in view.replay(index).instances
                if instance.index and instance.path == path
            )
        return tuple(found)

    def context(self, path: str) -> Context | None:
        """The context chosen for `path`, or the first one in which it is read."""
        return self._host.chosen_context(self, path)
