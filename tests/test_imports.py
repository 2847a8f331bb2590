"""No circle of imports between the files of the package, wherever in a file and for whatever reason they stand; and
rooms import what wgsl_ls/README.md says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "wgsl_ls"
KNOWN: tuple[frozenset[str], ...] = ()
"""Circles that are still there; none may be added, and one that is gone must be taken out."""


@cache
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


BESIDE_THE_ROOMS = {"__main__", "extras", "host_process", "host_smoke", "lookup", "smoke_session"}


def imports_that_are_told() -> dict[str, set[str]]:
    """Room -> rooms, or modules of rooms ("wire.jobs"), as wgsl_ls/README.md has them."""
    page = (PACKAGE / "README.md").read_text(encoding="utf-8")
    block = page.partition("## Who may import whom")[2].partition("Beside the rooms")[0]
    lines = re.sub(r"\n {17}(?=\S)", " ", block)
    found = {}
    for room, told in re.findall(r"^    (\w+) +(.*)$", lines, flags=re.MULTILINE):
        names = set()
        for one in re.findall(r"[\w.]+(?:\{[^}]*\})?", told.removeprefix("nothing")):
            owner, _, parts = one.rstrip("}").partition(".{")
            names |= {f"{owner}.{part.strip()}" for part in parts.split(",")} if parts else {owner}
        found[room] = names
    return found


def test_rooms_import_what_the_page_says() -> None:
    told = imports_that_are_told()
    used: dict[str, set[str]] = {room: set() for room in told}
    beside: set[tuple[str, str]] = set()
    for module, imported in imports_between_files().items():
        room = module.split(".")[1] if "." in module else ""
        for other in imported:
            owner, name = [*other.split(".", 2), "", ""][1:3]
            if room not in told or owner == room:
                continue
            if owner in told:
                whole = f"{owner}.{name}"
                used[room].add(owner if owner in told[room] else whole)
            elif owner in BESIDE_THE_ROOMS - {"extras", "lookup"}:
                beside.add((room, owner))
    assert used == told
    assert {room for room, _ in beside} <= {"server", "cli"}
    assert {path.stem for path in PACKAGE.glob("*.py")} == BESIDE_THE_ROOMS | {"__init__"}
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()} == set(told)
