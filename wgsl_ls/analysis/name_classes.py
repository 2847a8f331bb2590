"""NameClasses: which variants of a root can differ in what some words mean.

What a name means in a variant depends only on the code that mentions it, on the macros out of whose values it comes,
on where blocks begin and end, and, behind a dot, on what declares the value before the dot. Two variants that take the
same branches round all of that, with the same values of those macros, mean the same by the name everywhere. One
variant of each such class therefore answers for all of them, which makes "in every variant" cheap: a name is mentioned
in few branches.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from wgsl_ls.analysis.across import Across, across
from wgsl_ls.analysis.features.symbols import blanked
from wgsl_ls.analysis.name_context import NameContext, name_context, opens_or_closes
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.preprocess.directives import CodeChunk, Conditional, Directive, DirectiveTree, Item
from wgsl_ls.project.model import Define
from wgsl_ls.text.span import Span


def representatives(snapshot: Snapshot, view: RootView, names: Iterable[str], preferred: int = 0) -> list[int]:
    """One variant (by index) of each class of variants that can differ in what `names` mean; `preferred` for its
    own class, and first."""
    return _preferred_first((_one_of(one, preferred) for one in variant_classes(snapshot, view, names)), preferred)


def users(snapshot: Snapshot, view: RootView, names: Iterable[str], preferred: int = 0) -> list[int]:
    """Fewer variants, which together have every use of `names` with everything that it means in any variant. What one
    use means rests on the branches that declare, not on those that have other uses."""
    deciding, using = _cuts(snapshot, view, frozenset(names))
    chosen: list[int] = []
    for variants in _partition(across(view).everything, deciding):
        taken = [1 << preferred & variants] if 1 << preferred & variants else []
        left = [used for cut in using if (used := cut & variants) and not any(used & one for one in taken)]
        while left or not taken:
            common = variants
            for used in left:
                common = common & used or common
            taken.append(common & -common)
            left = [used for used in left if not used & taken[-1]]
        chosen.extend(one.bit_length() - 1 for one in taken)
    return _preferred_first(chosen, preferred)


def variant_classes(snapshot: Snapshot, view: RootView, names: Iterable[str]) -> list[int]:
    """The classes as sets of variants; together they are all variants of the root."""
    deciding, using = _cuts(snapshot, view, frozenset(names))
    return _partition(across(view).everything, [*deciding, *using])


_DECLARING = re.compile(r"\b(?:fn|let|var|const|override|alias|struct)\b|:")


def may_declare(snapshot: Snapshot, view: RootView, name: str) -> bool:
    """False only where no code that the root may read declares `name`, itself or by a macro."""
    trees = [*map(snapshot.tree, snapshot.included_files(view.path))]
    if any(_DECLARING.search(value) for _, value in _macros(view, trees)):
        return True
    words = _what_matters(snapshot, view, trees, frozenset([name])).words
    return any(True for tree in trees for _ in _context(tree).declarations(words))


def _one_of(variants: int, preferred: int) -> int:
    return preferred if variants >> preferred & 1 else (variants & -variants).bit_length() - 1


def _preferred_first(chosen: Iterable[int], preferred: int) -> list[int]:
    return sorted(chosen, key=lambda index: (index != preferred, index))


def _cuts(snapshot: Snapshot, view: RootView, names: frozenset[str]) -> tuple[list[int], list[int]]:
    """The variants that take each branch that can decide about what `names` mean, and each that only uses them."""
    found = across(view)
    cuts: dict[bool, list[int]] = {True: [], False: []}
    layout = view.expansion(0).layout if view.variants else None
    if layout is not None:
        tree = view.expansion(0).raw.tree
        matter = _what_matters(snapshot, view, [tree], names)
        instances = view.expansion(0).instances
        n_readings = Counter(one.path for one in instances)
        for at, decides in _branches_with(snapshot, view, tree, matter).items():
            instance, offset = layout.place(at)
            path = instances[instance].path
            if n_readings[path] > 1:
                return _by_text(view), []  # what one reading takes is not told by the sets of all readings
            cuts[decides].append(_taken(found, path, offset))
    else:
        trees = {path: snapshot.tree(path) for path in found.readings}
        matter = _what_matters(snapshot, view, trees.values(), names)
        n_sites: Counter[str] | None = None
        for path, one in trees.items():
            marked = _branches_with(snapshot, view, one, matter)
            if marked and path != view.path:
                n_sites = n_sites if n_sites is not None else _sites(snapshot, view, found)
                if n_sites[path] > 1:
                    return _by_text(view), []  # as above
            for at, decides in marked.items():
                cuts[decides].append(_taken(found, path, at))
    return [*cuts[True], *_given_values(view, matter.words | matter.before)], cuts[False]


def _sites(snapshot: Snapshot, view: RootView, found: Across) -> Counter[str]:
    """How many #includes read each file."""
    targets = (_target_of(snapshot, view, site.path, site.span.start) for site in found.sites)
    return Counter(target for target in targets if target is not None)


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


@dataclass(frozen=True, slots=True)
class _Matter:
    """`words`: the names, and every macro out of whose value one of them can come, or the end of a block; `before`:
    what decides about the types of the values before a dot behind which one of `words` stands. `reads`: whether
    something of this is in an included file, as far as it is known."""

    words: frozenset[str]
    before: frozenset[str]
    reads: dict[str, bool] = field(default_factory=dict)


def _what_matters(
    snapshot: Snapshot, view: RootView, trees: Collection[DirectiveTree], names: frozenset[str]
) -> _Matter:
    values = _macros(view, trees)
    inside: defaultdict[str, set[str]] = defaultdict(set)
    """The words of a macro's values."""
    outside: defaultdict[str, set[str]] = defaultdict(set)
    """The macros in whose values a word stands."""
    for name, value in values:
        for word in IDENTIFIER.findall(value):
            inside[name].add(word)
            outside[word].add(name)
    todo = [*names, *(name for name, value in values if opens_or_closes(value))]
    words = set(todo)
    while todo:
        more = outside[todo.pop()] - words
        words |= more
        todo.extend(more)
    contexts = [_context(tree) for tree in trees]
    before: set[str] = set()
    todo = [name for context in contexts for name in context.bases(names)]
    while todo:
        name = todo.pop()
        if name not in before:
            before.add(name)
            for context in contexts:
                todo.extend(word for span in context.declarations([name]) for word in context.words(span))
            todo.extend(inside[name])
    return _Matter(frozenset(words), frozenset(before))


def _macros(view: RootView, trees: Iterable[DirectiveTree]) -> set[Define]:
    """All that are given or defined, with their values."""
    values = {define for variant in view.variants for define in variant.defines}
    for tree in trees:
        for _, directive in tree.directives():
            if directive.kind == "define":
                values.add((directive.name, directive.value))
    return values


def _context(tree: DirectiveTree) -> NameContext:
    return name_context(blanked(tree))


def _branches_with(snapshot: Snapshot, view: RootView, tree: DirectiveTree, matter: _Matter) -> dict[int, bool]:
    """Offsets of the `#` of every branch that guards, directly, something that matters, with whether it can decide
    about the meaning of what stands elsewhere: it declares, defines, includes, begins a block."""
    marked: dict[int, bool] = {}
    context = _context(tree)
    declared = list(context.declarations(matter.before | matter.words))

    def visit(items: tuple[Item, ...], base: int, enclosing: int | None) -> None:
        code: list[str] = []
        for offset, node in items:
            if isinstance(node, Conditional):
                for branch in node.branches:
                    visit(branch.items, base + offset, base + offset + branch.offset + branch.directive.head_start)
            elif enclosing is not None and not marked.get(enclosing):
                here = Span(base + offset, base + offset + node.length)
                if any(span.intersects(here) for span in declared):
                    marked[enclosing] = True
                elif _matters(snapshot, view, node, matter):
                    marked[enclosing] = not isinstance(node, CodeChunk)
                if isinstance(node, CodeChunk):
                    code.append(node.text)
        if enclosing is not None and opens_or_closes("".join(code)):
            marked[enclosing] = True

    visit(tree.items, 0, None)
    return marked


def _matters(snapshot: Snapshot, view: RootView, node: CodeChunk | Directive, matter: _Matter) -> bool:
    if isinstance(node, CodeChunk):
        return not matter.words.isdisjoint(node.words)
    if node.kind == "include":
        return _file_matters(snapshot, view, node.name, matter)
    return node.kind in ("define", "undef") and (node.name in matter.words or node.name in matter.before)


def _file_matters(snapshot: Snapshot, view: RootView, name: str, matter: _Matter) -> bool:
    """Whether an included file, or one that it includes, has something that matters."""
    if name not in matter.reads:
        matter.reads[name] = False  # for a file that includes itself
        source = snapshot.include(name, view.path)
        if not isinstance(source, str):
            tree = snapshot.tree(source.path)
            context = _context(tree)
            matter.reads[name] = (
                not matter.words.isdisjoint(tree.words)
                or not matter.words.isdisjoint(tree.defined_names)
                or not matter.before.isdisjoint(tree.defined_names)
                or context.opens_or_closes
                or any(context.declarations(matter.before))
                or any(
                    _file_matters(snapshot, view, directive.name, matter)
                    for _, directive in tree.directives()
                    if directive.kind == "include"
                )
            )
    return matter.reads[name]


def _target_of(snapshot: Snapshot, view: RootView, path: str, offset: int) -> str | None:
    """The file that the #include whose name stands at `offset` of a file reads."""
    tree = snapshot.tree(path)
    for start, directive in tree.directives():
        if directive.kind == "include" and start <= offset < start + directive.length:
            source = snapshot.include(directive.name, view.path)
            return None if isinstance(source, str) else source.path
    return None
