"""RootView: one root, while nothing changes that it rests on; RootViews: the latest view of each root, from which the
next one starts.

Everything heavy is keyed by content and outlives the view (the nodes and their memos, the front end's memo, the
results), so a view after a keystroke costs what the keystroke changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from wgsl_ls.preprocess.dialect import GGML, Dialect
from wgsl_ls.preprocess.directives import DirectiveTree, NodeStore, parse_directives
from wgsl_ls.preprocess.expansion import Expander, Expansion, parse_defines
from wgsl_ls.preprocess.replay import Replay
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.source_file import SourceFile


@dataclass(frozen=True, slots=True)
class Context:
    """One way to look at a file: as `instance` (0: the root itself) of `root` in the variant at `variant_index`."""

    root: str
    variant_index: int
    instance: int


class RootView:
    """One root with its variants, over all revisions in which it is the same. Variants are addressed by their index in
    `variants`."""

    def __init__(
        self,
        settings: RootSettings,
        source: SourceFile,
        expander: Expander,
        includes: Mapping[str, SourceFile | str],
        before: RootView | None,
    ) -> None:
        """`includes`: what the names in #includes mean, all that some variant may come to."""
        self.settings = settings
        self.source = source
        self._includes = includes
        self.variants: tuple[Variant, ...] = settings.variants
        self._expander = expander
        self._earlier: list[Expansion | None] = []
        """The latest that is known of each variant from before this view."""
        if before is not None and before.variants is settings.variants:
            known = before._earlier or before._expansions
            self._earlier = [now or then for now, then in zip(before._expansions, known, strict=True)]
        self._same_includes: bool = (
            before is not None
            and before._includes == includes
            and (before._same_includes or all(one is not None for one in before._expansions))
        )
        """All that is known from before was made with the files that are there now, but for the root itself."""
        self._expansions: list[Expansion | None] = [None] * len(self.variants)
        self._untouched: set[int] = set()
        self.firsts: tuple[int, ...] = before.firsts if self._earlier and before is not None else ()
        """One variant of each structure; of the view before until structures.py has found those of this one."""
        self.structures: object | None = None
        """Room for what structures.py found out about this view."""
        self.across: object | None = None
        """The same for across.py."""

    @property
    def path(self) -> str:
        return self.settings.path

    @property
    def file_name(self) -> str:
        return self.path.rpartition("/")[2]

    @cached_property
    def index_by_name(self) -> dict[str, int]:
        return {variant.name: index for index, variant in enumerate(self.variants)}

    def expansion(self, index: int) -> Expansion:
        """The expansion of one variant. When the edit changed nothing that this variant uses, text and digest are
        the ones of the previous revision."""
        found = self._expansions[index]
        if found is None:
            old = self._earlier[index] if self._earlier else None
            known = old if self._same_includes else None
            found = self._expander.expand(self.source, self.variants[index].defines, self.file_name, known)
            if old is not None and old.same_outcome(found):
                found.adopt(old)
                self._untouched.add(index)
            self._expansions[index] = found
        return found

    def is_touched(self, index: int) -> bool:
        """The last edit changed something that this variant uses, or nobody knows what it was before."""
        self.expansion(index)
        return index not in self._untouched

    def expansions(self) -> Iterator[tuple[int, Expansion]]:
        for index in range(len(self.variants)):
            yield index, self.expansion(index)

    def expansion_with(self, index: int, defines: Iterable[str]) -> Expansion:
        """A variant with more macros ("NAME" or "NAME=VALUE") given from outside."""
        merged = {**dict(self.variants[index].defines), **dict(parse_defines(defines))}
        return self._expander.expand(self.source, tuple(merged.items()), self.file_name)

    def expansions_of(self, changed: SourceFile) -> Callable[[int], Expansion]:
        """Variants as they would be if one file had another text; what they share is read once."""

        def load(name: str) -> SourceFile | str:
            found = self._expander.load(name)
            return changed if isinstance(found, SourceFile) and found.path == changed.path else found

        expander = Expander(load, self.settings.dialect, self.settings.includes)
        root = changed if changed.path == self.path else self.source
        return lambda index: expander.expand(root, self.variants[index].defines, self.file_name)

    def flipped(self, index: int, defines: Iterable[str]) -> Expansion:
        """A variant with macros flipped: one that is given is taken away (or gets another value), one that is not
        is given."""
        merged = dict(self.variants[index].defines)
        for define in defines:
            macro, value = parse_defines([define])[0]
            if macro in merged and "=" not in define:
                del merged[macro]
            else:
                merged[macro] = value
        return self._expander.expand(self.source, tuple(merged.items()), self.file_name)

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
        """Positions of one variant."""
        return self.expansion(index).replay

    def is_of(self, settings: RootSettings, source: SourceFile, includes: Mapping[str, SourceFile | str]) -> bool:
        """Whether a view of these would say the same as this one."""
        return (
            self.settings is settings
            and self.source is source
            and self._includes == includes  # files are equal when they are the same object
        )

    def replaced(self) -> None:
        """There is a newer view of this root: let go of the one before, and of what refers back to this one, so that it
        ends with its snapshot and not when somebody looks for garbage."""
        self._earlier = []
        self.structures = self.across = None


class RootViews:
    """What outlives a revision: the nodes of all directive trees with their memos, and the latest view of each
    root. One thread."""

    def __init__(self, nodes: NodeStore) -> None:
        self.nodes = nodes
        self._latest: dict[str, RootView] = {}

    def make(
        self,
        settings: RootSettings,
        source: SourceFile,
        expander: Expander,
        includes: Mapping[str, SourceFile | str],
    ) -> RootView:
        """The one before where nothing that it rests on is another now: an edit elsewhere costs nothing."""
        before = self._latest.get(settings.path)
        if before is not None and before.is_of(settings, source, includes):
            return before
        view = RootView(settings, source, expander, includes, before)
        if before is not None:
            before.replaced()
        self._latest[settings.path] = view
        return view

    def parse(self, text: str, path: str) -> DirectiveTree:
        """The directives of a text as the root at `path` was last read."""
        latest = self._latest.get(path)
        dialect: Dialect = latest.settings.dialect if latest is not None else GGML
        return parse_directives(text, dialect, self.nodes)
