"""NameClasses: which variants of a root can differ in what some words mean.

What a name means in a variant depends only on the code that mentions it, and on the macros out of whose values it
comes. Two variants that take the same branches round all of that, with the same values of those macros, mean the same
by the name everywhere. One variant of each such class therefore answers for all of them, which makes "in every
variant" cheap: a name is mentioned in few branches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from wgsl_ls.analysis.across import Across, across
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.preprocess.directives import CodeChunk, Conditional, Directive, DirectiveTree, Item
from wgsl_ls.project.model import Define


def representatives(snapshot: Snapshot, view: RootView, names: Iterable[str], preferred: int = 0) -> list[int]:
    """One variant (by index) of each class of variants that can differ in what `names` mean; `preferred` for its
    own class, and first."""
    classes = variant_classes(snapshot, view, names)
    chosen = [preferred if mask >> preferred & 1 else (mask & -mask).bit_length() - 1 for mask in classes]
    return sorted(chosen, key=lambda index: (index != preferred, index))


def variant_classes(snapshot: Snapshot, view: RootView, names: Iterable[str]) -> list[int]:
    """The classes as sets of variants; together they are all variants of the root."""
    found = across(view)
    words = _words_that_matter(snapshot, view, found, frozenset(names))
    cuts: list[int] = []
    layout = view.expansion(0).layout if view.variants else None
    if layout is not None:
        instances = view.expansion(0).instances
        n_readings = Counter(one.path for one in instances)
        for at in _branches_with(snapshot, view, view.expansion(0).raw.tree, words, {}):
            instance, offset = layout.place(at)
            path = instances[instance].path
            if n_readings[path] > 1:
                return _by_text(view)  # what one reading takes is not told by the sets of all readings
            cuts.append(_taken(found, path, offset))
    else:
        n_sites = Counter(
            target
            for site in found.sites
            if (target := _target_of(snapshot, view, site.path, site.span.start)) is not None
        )
        for path in found.readings:
            tree = snapshot.tree(path)
            marked = _branches_with(snapshot, view, tree, words, {}) if tree is not None else []
            if marked and n_sites[path] > 1:
                return _by_text(view)  # as above
            cuts.extend(_taken(found, path, at) for at in marked)
    cuts.extend(_given_values(view, words))
    return _partition(found.everything, cuts)


def _partition(everything: int, cuts: Sequence[int]) -> list[int]:
    classes = [everything] if everything else []
    for cut in dict.fromkeys(cuts):
        classes = [part for one in classes for part in (one & cut, one & ~cut) if part]
    return classes


def _by_text(view: RootView) -> list[int]:
    """Variants with equal expansions are one class."""
    classes: dict[str, int] = {}
    for index, expansion in view.expansions():
        classes[expansion.digest] = classes.get(expansion.digest, 0) | 1 << index
    return list(classes.values())


def _taken(found: Across, path: str, offset: int) -> int:
    branch = found.branch_at(path, offset)
    return branch.taken if branch is not None else 0


def _given_values(view: RootView, words: frozenset[str]) -> list[int]:
    """For each of `words` that variants give as a macro, and each value of it: the variants."""
    given: dict[Define, int] = {}
    for index, variant in enumerate(view.variants):
        for define in variant.defines:
            if define[0] in words:
                given[define] = given.get(define, 0) | 1 << index
    return list(given.values())


def _words_that_matter(snapshot: Snapshot, view: RootView, found: Across, names: frozenset[str]) -> frozenset[str]:
    """`names`, and every macro out of whose value one of them can come."""
    mentions = {
        (name, word)
        for name, value in {define for variant in view.variants for define in variant.defines}
        for word in IDENTIFIER.findall(value)
    }
    for path in found.readings:
        tree = snapshot.tree(path)
        for _, directive in tree.directives() if tree is not None else ():
            if directive.kind == "define":
                mentions.update((directive.name, word) for word in IDENTIFIER.findall(directive.value))
    words = set(names)
    grew = True
    while grew:
        more = {name for name, word in mentions if word in words and name not in words}
        words |= more
        grew = bool(more)
    return frozenset(words)


def _branches_with(
    snapshot: Snapshot, view: RootView, tree: DirectiveTree, words: frozenset[str], reads: dict[str, bool]
) -> list[int]:
    """Offsets of the `#` of every branch that guards, directly, something with one of `words`."""
    marked: dict[int, None] = {}

    def visit(items: tuple[Item, ...], base: int, enclosing: int | None) -> None:
        for offset, node in items:
            if isinstance(node, Conditional):
                for branch in node.branches:
                    visit(branch.items, base + offset, base + offset + branch.offset + branch.directive.head_start)
            elif enclosing is not None and _mentions(snapshot, view, node, words, reads):
                marked[enclosing] = None

    visit(tree.items, 0, None)
    return list(marked)


def _mentions(
    snapshot: Snapshot, view: RootView, node: CodeChunk | Directive, words: frozenset[str], reads: dict[str, bool]
) -> bool:
    if isinstance(node, CodeChunk):
        return not words.isdisjoint(node.words)
    if node.kind == "include":
        return _file_mentions(snapshot, view, node.name, words, reads)
    return node.kind in ("define", "undef") and node.name in words


def _file_mentions(
    snapshot: Snapshot, view: RootView, name: str, words: frozenset[str], reads: dict[str, bool]
) -> bool:
    """Whether an included file, or one that it includes, has one of `words`. `reads`: what is known already."""
    if name not in reads:
        reads[name] = False  # for a file that includes itself
        source = snapshot.include(name, view.path)
        tree = snapshot.tree(source.path) if not isinstance(source, str) else None
        if tree is not None:
            reads[name] = (
                not words.isdisjoint(tree.words)
                or not words.isdisjoint(tree.defined_names)
                or any(
                    _file_mentions(snapshot, view, directive.name, words, reads)
                    for _, directive in tree.directives()
                    if directive.kind == "include"
                )
            )
    return reads[name]


def _target_of(snapshot: Snapshot, view: RootView, path: str, offset: int) -> str | None:
    """The file that the #include whose name stands at `offset` of a file reads."""
    tree = snapshot.tree(path)
    for start, directive in tree.directives() if tree is not None else ():
        if directive.kind == "include" and start <= offset < start + directive.length:
            source = snapshot.include(directive.name, view.path)
            return None if isinstance(source, str) else source.path
    return None
