"""No circle of imports between the files of the package, wherever in a file and for whatever reason they stand."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "wgsl_ls"
KNOWN: tuple[frozenset[str], ...] = ()
"""Circles that are still there; none may be added, and one that is gone must be taken out."""


def imports_between_files() -> dict[str, set[str]]:
    """Module -> the modules of the package that it imports, those inside functions and for types among them."""
    names = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    found: dict[str, set[str]] = {}
    for name, path in names.items():
        imported: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                imported.update(one if one in names else node.module for one in inner)
        found[name] = {one for one in imported if one in names and one != name}
    return found


def circles(graph: dict[str, set[str]]) -> list[frozenset[str]]:
    """The sets of more than one file that all reach each other (Tarjan)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[frozenset[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in order:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            members = set(stack[stack.index(name) :])
            del stack[stack.index(name) :]
            if len(members) > 1:
                found.append(frozenset(members))

    for name in sorted(graph):
        if name not in order:
            visit(name)
    return found


def test_a_circle_is_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [frozenset("abc")]


def test_no_circles_but_those_that_are_known() -> None:
    assert set(circles(imports_between_files())) == set(KNOWN)
