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
from wgsl_ls.preprocess.directives import Conditional, Directive, Item
from wgsl_ls.preprocess.expansion import Expander, Expansion
from wgsl_ls.project.inference import MAX_RESOLUTIONS, BranchGoal, BranchId, Defines, Inferred, infer_variants
from wgsl_ls.text.source_file import SourceFile

Loader = Callable[[str], "SourceFile | str"]
"""From the name in an #include to the file, or to why there is none; the expander's own."""


def infer_for(
    expander: Expander,
    load: Loader,
    root: SourceFile,
    base: Defines = (),
    max_resolutions: int = MAX_RESOLUTIONS,
    never: frozenset[str] = frozenset(),
) -> Inferred:
    """Sets of macros that, on top of `base`, reach every branch of `root` and its includes where possible. `never`:
    macros that are not given from outside; branches that ask for one are left as they are."""
    branches, bodies = branches_of(expander, load, root)
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

    return infer_variants(branches, reached, expander.dialect, bodies, max_resolutions)


def branches_of(
    expander: Expander, load: Loader, root: SourceFile
) -> tuple[tuple[BranchGoal, ...], dict[str, tuple[str, ...]]]:
    """All branches in reading order, and the bodies of every macro that is #defined anywhere in these files."""
    branches: list[BranchGoal] = []
    bodies: dict[str, list[str]] = {}
    seen: set[str] = {root.path}

    def read(path: str, items: Iterable[Item], start: int, parent: BranchId | None) -> None:
        for offset, node in items:
            if isinstance(node, Conditional):
                earlier: list[BranchId] = []
                for branch in node.branches:
                    name = _name(path, start + offset + branch.offset)
                    branches.append(BranchGoal(name, _condition(branch.directive), tuple(earlier), parent))
                    earlier.append(name)
                    read(path, branch.items, start + offset, name)
            elif isinstance(node, Directive) and node.kind == "define":
                bodies.setdefault(node.name, []).append(node.value)
            elif isinstance(node, Directive) and node.kind == "include":
                loaded = load(node.name)
                if isinstance(loaded, SourceFile) and loaded.path not in seen:
                    seen.add(loaded.path)
                    read(loaded.path, expander.parse(loaded.text).items, 0, parent)

    read(root.path, expander.parse(root.text).items, 0, None)
    return tuple(branches), {name: tuple(dict.fromkeys(values)) for name, values in bodies.items()}


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
