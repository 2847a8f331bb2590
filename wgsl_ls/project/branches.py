"""Inference on a real shader: its branches, read from the directive trees of the root and everything it includes,
and which of them an expansion took. The search itself is inference.py's and knows nothing of files.

A branch is named `path:offset` by its directive. A header that is included several times counts once: a branch is
reached when any inclusion takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from wgsl_ls.preprocess.conditions import parse_condition
from wgsl_ls.preprocess.directives import Conditional, Directive, DirectiveTree, Item, parse_directives
from wgsl_ls.preprocess.expansion import Expander, Expansion
from wgsl_ls.preprocess.node_store import NodeStore
from wgsl_ls.project.inference import MAX_RESOLUTIONS, BranchGoal, BranchId, Defines, Inferred, infer_variants
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.steps import Steps

Loader = Callable[[str], "SourceFile | str"]
"""From the name in an #include to the file, or to why there is none; the expander's own."""


def infer_for(
    expander: Expander,
    load: Loader,
    root: SourceFile,
    base: Defines = (),
    max_resolutions: int = MAX_RESOLUTIONS,
    never: frozenset[str] = frozenset(),
    nodes: NodeStore | None = None,
) -> Steps[Inferred]:
    """Sets of macros that, on top of `base`, reach every branch of `root` and its includes where possible. `never`:
    macros that are not given from outside; branches that ask for one are left as they are. `nodes`: where the trees of
    the texts are; what the search tries out stays with the expander's own."""
    branches, bodies, fixed = branches_of(lambda text: parse_directives(text, expander.dialect, nodes), load, root)
    yield
    if never:
        kept: set[BranchId] = set()
        for branch in branches:
            if (branch.parent is None or branch.parent in kept) and never.isdisjoint(
                parse_condition(branch.condition).names
            ):
                kept.add(branch.id)
        branches = tuple(
            replace(branch, earlier=tuple(one for one in branch.earlier if one in kept))
            for branch in branches
            if branch.id in kept
        )
    if not branches:
        return Inferred((), (), 0)
    root_name = Path(root.path).name

    def reached(defines: Defines) -> frozenset[BranchId]:
        return taken_branches(expander.expand(root, (*base, *defines), root_name))

    return (yield from infer_variants(branches, reached, expander.dialect, bodies, max_resolutions, fixed))


def branches_of(
    parse: Callable[[str], DirectiveTree], load: Loader, root: SourceFile
) -> tuple[tuple[BranchGoal, ...], dict[str, tuple[str, ...]], frozenset[str]]:
    """All branches in reading order, the bodies of every macro that is #defined anywhere in these files, and which of
    the macros are #defined as constants whatever is given, before any condition asks for them: no condition asks a
    host for those."""
    branches: list[BranchGoal] = []
    bodies: dict[str, list[str]] = {}
    fixed: set[str] = set()
    asked: set[str] = set()
    seen: set[str] = {root.path}

    def read(path: str, items: Iterable[Item], start: int, parent: BranchId | None) -> None:
        for offset, node in items:
            if isinstance(node, Conditional):
                earlier: list[BranchId] = []
                for branch in node.branches:
                    name = _name(path, start + offset + branch.offset)
                    condition = _condition(branch.directive)
                    asked.update(parse_condition(condition).names)
                    branches.append(BranchGoal(name, condition, tuple(earlier), parent))
                    earlier.append(name)
                    read(path, branch.items, start + offset, name)
            elif isinstance(node, Directive) and node.kind == "define":
                bodies.setdefault(node.name, []).append(node.value)
                if parent is None and node.name not in asked and fixed.issuperset(parse_condition(node.value).names):
                    fixed.add(node.name)
            elif isinstance(node, Directive) and node.kind == "undef":
                asked.add(node.name)
                fixed.discard(node.name)
            elif isinstance(node, Directive) and node.kind == "include":
                loaded = load(node.name)
                if isinstance(loaded, SourceFile) and loaded.path not in seen:
                    seen.add(loaded.path)
                    read(loaded.path, parse(loaded.text).items, 0, parent)

    read(root.path, parse(root.text).items, 0, None)
    return (
        tuple(branches),
        {name: tuple(dict.fromkeys(values)) for name, values in bodies.items()},
        frozenset(fixed),
    )


def taken_branches(expansion: Expansion) -> frozenset[BranchId]:
    """The branches that this expansion went into, in all files."""
    return frozenset(_name(path, offset) for path, offset in expansion.taken_branches())


def _name(path: str, offset: int) -> BranchId:
    return f"{path}:{offset}"


def _condition(directive: Directive) -> str:
    match directive.kind:
        case "ifdef":
            return f"defined({directive.name})"
        case "ifndef":
            return f"!defined({directive.name})"
        case "else":
            return "1"
    return directive.condition.text if directive.condition is not None else "0"
