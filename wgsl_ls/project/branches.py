"""Inference on a real shader: its branches, read from the directive trees of the root and everything it
includes, and which of them a resolution took. The search itself is inference.py's and knows nothing of trees.

A branch is named `file@offset#index`: the conditional's place in that file, and which of its branches. A
header that is included several times counts once: a branch is reached when any inclusion takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from wgsl_ls.preprocess.directives import Conditional, Directive, DirectiveTree
from wgsl_ls.preprocess.resolution import RawResolution, Resolver
from wgsl_ls.project.inference import MAX_RESOLUTIONS, Branch, BranchId, Defines, Inferred, infer_variants
from wgsl_ls.text.source_file import SourceFile


def infer_for(
    resolver: Resolver, tree: DirectiveTree, base: Defines = (), max_resolutions: int = MAX_RESOLUTIONS
) -> Inferred:
    """Sets of macros that, on top of `base`, reach every branch of `tree` where possible."""
    branches, bodies = branches_of(resolver, tree)

    def reached(defines: Defines) -> frozenset[BranchId]:
        return taken_branches(resolver.resolve(tree, (*base, *defines)))

    return infer_variants(branches, reached, resolver.dialect, bodies, max_resolutions)


def branches_of(resolver: Resolver, tree: DirectiveTree) -> tuple[tuple[Branch, ...], dict[str, tuple[str, ...]]]:
    """All branches in reading order, and the bodies of every macro that is #defined anywhere in these
    files."""
    branches: list[Branch] = []
    bodies: dict[str, list[str]] = {}
    seen: set[str] = {""}

    def read(file: str, items: Iterable[tuple[int, Any]], start: int, parent: BranchId | None) -> None:
        for offset, node in items:
            if isinstance(node, Conditional):
                earlier: list[BranchId] = []
                for index, branch in enumerate(node.branches):
                    name = _name(file, start + offset, index)
                    condition = _condition(branch.directive)
                    branches.append(Branch(name, condition, tuple(earlier), parent))
                    earlier.append(name)
                    read(file, branch.items, start + offset, name)
            elif isinstance(node, Directive) and node.kind == "define":
                bodies.setdefault(node.name, []).append(node.value)
            elif isinstance(node, Directive) and node.kind == "include" and node.name not in seen:
                seen.add(node.name)
                loaded = resolver.load(node.name)
                if isinstance(loaded, SourceFile):
                    read(node.name, resolver.parse(loaded.text).items, 0, parent)

    read("", tree.items, 0, None)
    return tuple(branches), {name: tuple(dict.fromkeys(values)) for name, values in bodies.items()}


def taken_branches(resolution: RawResolution) -> frozenset[BranchId]:
    """The branches that this resolution went into, in all files."""
    return frozenset(_taken("", resolution.children, 0))


def _taken(file: str, children: Iterable[tuple[int, Any, Any]], start: int) -> Iterator[BranchId]:
    for offset, node, outcome in children:
        if outcome is None:
            continue
        if isinstance(node, Conditional):
            if outcome.taken >= 0:
                yield _name(file, start + offset, outcome.taken)
                yield from _taken(file, outcome.children, start + offset)
        elif isinstance(node, Directive):
            yield from _taken(node.name, outcome.children, 0)


def _name(file: str, offset: int, index: int) -> BranchId:
    return f"{file}@{offset}#{index}"


def _condition(directive: Directive) -> str:
    match directive.kind:
        case "ifdef":
            return f"defined({directive.name})"
        case "ifndef":
            return f"!defined({directive.name})"
        case "else":
            return "1"
    return directive.condition.text if directive.condition is not None else "0"
