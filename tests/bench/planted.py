"""Which planted faults the fast tests notice.

    python tests/bench/planted.py map FILE [--share K/N] [--only TESTS]...   which tests run which lines
                                                                             (needs coverage and pytest-cov)
    python tests/bench/planted.py plant FILE… [--seed S] [--draw N] [--share K/N]

A fault is one small change of one place, drawn evenly over the places of the rooms in `ROOMS`. It is noticed if one of
the tests that run its line fails or hangs; tests that failed while the map was made are not asked. One line of JSON is
printed for each, with the test that failed, and it never touches this checkout: each share has a copy. Maps of several
shares are read together.

Not drawn is what no user can see: names that tasks and threads have for a debugger (`name=`), the check that two lists
are as long as each other (`strict=`), and aliases of types, which nothing runs.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TypedDict

TREE = Path(__file__).parents[2]
ROOMS = ("analysis", "server", "cli")
FAST = ["-q", "-m", "not slow and not editor"]
MOST_TESTS = 400
MOST_AT_IMPORT = 300
SECONDS = 100


STORIES = {"server": ["tests/server/test_stories.py"]}
"""Whose lines run in processes of their own, which no map sees."""


class Map(TypedDict):
    tests: list[str]
    failing: list[str]
    lines: dict[str, dict[str, list[int]]]


SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    a: b
    for one, other in (
        (ast.Eq, ast.NotEq),
        (ast.Lt, ast.LtE),
        (ast.Gt, ast.GtE),
        (ast.In, ast.NotIn),
        (ast.Is, ast.IsNot),
        (ast.And, ast.Or),
        (ast.Add, ast.Sub),
    )
    for a, b in ((one, other), (other, one))
}


ALIASED = ("Callable", "tuple", "dict", "list", "Mapping", "Sequence", "Awaitable")


def is_seen(node: ast.AST, parent: ast.AST) -> bool:
    """Whether a change below this node could matter to a user."""
    match node:
        case ast.Constant() if isinstance(parent, ast.Expr):  # a docstring
            return False
        case ast.keyword(arg="name") if isinstance(parent, ast.Call):
            return ast.unparse(parent.func) not in ("asyncio.create_task", "threading.Thread", "Thread")
        case ast.keyword(arg="strict") if isinstance(parent, ast.Call):
            return ast.unparse(parent.func) != "zip"
        case ast.Subscript(value=ast.Name(id=name)) if isinstance(parent, ast.Assign):
            return name not in ALIASED
    return True


@dataclass(frozen=True, slots=True)
class Fault:
    """`file` from the checkout; lines from 1, columns in bytes as `ast` counts them."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    kind: str
    text: str


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """A node's changed forms, each with its kind."""

    def like(**fields: object) -> ast.AST:
        return type(node)(**{**{name: getattr(node, name, None) for name in node._fields}, **fields})

    match node:
        case ast.Compare(ops=[op]) if type(op) in SWAPPED:
            yield "comparison", like(ops=[SWAPPED[type(op)]()])
        case ast.BoolOp(op=op) | ast.BinOp(op=op) if type(op) in SWAPPED:
            yield "operator", like(op=SWAPPED[type(op)]())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "negation", operand
        case ast.Constant(value=bool(value)):
            yield "truth", ast.Constant(not value)
        case ast.Constant(value=int(number)):
            yield "number", ast.Constant(number + 1)
        case ast.Constant(value=str(words)) if words:
            yield "text", ast.Constant("")
        case ast.If(test=test):
            yield "never", like(test=ast.BoolOp(ast.And(), [ast.Constant(False), test]))
            yield "always", like(test=ast.BoolOp(ast.Or(), [ast.Constant(True), test]))
        case ast.IfExp(body=body, orelse=orelse):
            yield "one side", body
            yield "one side", orelse
        case ast.Tuple(elts=parts, ctx=ast.Load()) | ast.List(elts=parts) | ast.Set(elts=parts) if len(parts) > 1:
            yield "left out", like(elts=parts[:-1])
            yield "left out", like(elts=parts[1:])
        case ast.comprehension(ifs=[_, *_]):
            yield "unfiltered", like(ifs=node.ifs[1:])
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield "nothing returned", ast.Return(None)
        case ast.Continue() | ast.Break() | ast.Expr(value=ast.Call() | ast.Await()) | ast.AugAssign() | ast.Delete():
            yield "not done", ast.Pass()
        case ast.Call(func=called, args=[first, second], keywords=[]) if ast.unparse(called) not in ("min", "max"):
            if ast.dump(first) != ast.dump(second):
                yield "swapped", like(args=[second, first])
        case ast.Call(keywords=[*_, last]) if is_seen(last, node):
            yield "argument left out", like(keywords=node.keywords[:-1])


def faults_in(path: Path, tree: Path) -> Iterator[Fault]:
    source = path.read_text(encoding="utf-8")
    lines = source.encode().split(b"\n")

    def visit(node: ast.AST) -> Iterator[Fault]:
        if hasattr(node, "lineno"):
            for kind, changed in changes(node):
                text = ast.unparse(ast.fix_missing_locations(changed))
                if isinstance(node, ast.stmt):
                    text = text.replace("\n", "\n" + " " * node.col_offset)
                elif isinstance(node, ast.expr):
                    text = f"({text})"
                at = (node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)
                yield Fault(str(path.relative_to(tree)), *at, kind, text)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            if isinstance(node, ast.JoinedStr):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and is_seen(child, node):
                    yield from visit(child)

    for fault in visit(ast.parse(source)):
        if lines[fault.line - 1]:
            yield fault


def with_fault(source: str, fault: Fault) -> str:
    lines = source.encode().split(b"\n")
    before = b"\n".join([*lines[: fault.line - 1], lines[fault.line - 1][: fault.column]])
    behind = b"\n".join([lines[fault.end_line - 1][fault.end_column :], *lines[fault.end_line :]])
    return (before + fault.text.encode() + behind).decode()


def pytest(folder: Path) -> list[str]:
    """A command for the fast tests that leaves in the folder which failed."""
    return [sys.executable, "-m", "pytest", *FAST, "-o", f"cache_dir={folder / 'cache'}"]


def failed(folder: Path) -> list[str]:
    told = folder / "cache" / "v" / "cache" / "lastfailed"
    return list(json.loads(told.read_text(encoding="utf-8"))) if told.exists() else []


def write_map(out: Path, share: tuple[int, int], only: Sequence[str] = ()) -> None:
    """Runs this share's test files (`only`: of these); writes their tests and, for each file of the rooms, line ->
    numbers of tests."""
    import coverage

    files = sorted(
        str(path.relative_to(TREE)) for path in (TREE / "tests").rglob("test_*.py") if "e2e" not in path.parts
    )
    mine = list(only or files)[share[0] :: share[1]]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        rooms = [f"--cov=wgsl_ls.{room}" for room in ROOMS]
        command = [*pytest(Path(folder)), *rooms, "--cov-context=test", "--cov-report="]
        subprocess.run([*command, *mine], cwd=TREE, env={**os.environ, "COVERAGE_FILE": str(data)}, check=False)
        failing = failed(Path(folder))
        measured = coverage.CoverageData(str(data))
        measured.read()
        tests: dict[str, int] = {}
        lines: dict[str, dict[int, list[int]]] = {}
        for file in measured.measured_files():
            name = Path(file).relative_to(TREE)
            if len(name.parts) > 1 and name.parts[1] in ROOMS:
                lines[str(name)] = {
                    line: sorted({tests.setdefault(test, len(tests)) for test in ran if test and test not in failing})
                    for line, contexts in measured.contexts_by_lineno(file).items()
                    for ran in [{one.rpartition("|")[0] for one in contexts}]
                }
    out.write_text(json.dumps({"tests": list(tests), "failing": failing, "lines": lines}), encoding="utf-8")


def runs_at_import(fault: Fault) -> bool:
    """Whether it stands in no body of a function."""
    place = fault.line, fault.column
    functions = [
        node
        for node in ast.walk(ast.parse((TREE / fault.file).read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    bodies = [(node.body[0], node.end_lineno or 0) for node in functions]
    return not any((first.lineno, first.col_offset) <= place and fault.line <= end for first, end in bodies)


def tests_of(fault: Fault, maps: Sequence[Map]) -> list[str]:
    """The tests that run a fault's line, and those of the file named after its module. One that is run at import may be
    noticed by any test: first those that run something of its file are asked, then some of its room and of the
    documents. Tests of different files come first."""
    by_line: dict[int, set[str]] = defaultdict(set)
    for table in maps:
        for line, numbers in table["lines"].get(fault.file, {}).items():
            by_line[int(line)].update(table["tests"][number] for number in numbers)
    running = by_turns(set[str]().union(*(by_line[line] for line in range(fault.line, fault.end_line + 1))))[
        :MOST_TESTS
    ]
    path = Path(fault.file)
    if not running or runs_at_import(fault):  # by whichever test imported it first
        near = (f"tests/{path.parts[1]}/", "tests/test_")
        others = {test for table in maps for test in table["tests"] if test.startswith(near)}
        running = list(dict.fromkeys(by_turns(set[str]().union(*by_line.values())) + by_turns(others)))[:MOST_AT_IMPORT]
    named = [str(file.relative_to(TREE)) for file in (TREE / "tests" / path.parts[1]).rglob(f"test_{path.stem}.py")]
    return running + named + STORIES.get(path.parts[1], [])


def by_turns(tests: Iterable[str]) -> list[str]:
    """The first of each file, then the second."""
    files: dict[str, list[str]] = defaultdict(list)
    for test in sorted(tests):
        files[test.partition("::")[0]].append(test)
    return [one for turn in zip_longest(*files.values()) for one in turn if one is not None]


def noticed(fault: Fault, tests: Sequence[str], failing: Sequence[str], copy: Path) -> tuple[str, list[str]]:
    """What came of it, and the test that failed."""
    path = copy / fault.file
    source = path.read_text(encoding="utf-8")
    paths = os.pathsep.join([str(copy), *filter(None, [os.environ.get("PYTHONPATH")])])
    listed = copy / "tests.txt"
    words = [*sorted(tests), *(f"--deselect={test}" for test in failing)]
    listed.write_text("\n".join(words), encoding="utf-8")
    shutil.rmtree(copy / "cache", ignore_errors=True)
    try:
        path.write_text(with_fault(source, fault), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": paths}
        command = [*pytest(copy), "-x", "@tests.txt"]
        ended = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "hangs", []
    finally:
        path.write_text(source, encoding="utf-8")
    if ended.returncode == 4 and "not found: " in ended.stdout.decode() + ended.stderr.decode():
        return "tests are not found", []
    return {0: "unnoticed", 5: "no test"}.get(ended.returncode, "noticed"), failed(copy)


def drawn(seed: int, n: int, rooms: Iterable[str]) -> list[Fault]:
    chance = random.Random(seed)
    paths = sorted(path for room in rooms for path in (TREE / "wgsl_ls" / room).rglob("*.py"))
    every = [fault for path in paths for fault in faults_in(path, TREE)]
    return chance.sample(every, min(n, len(every)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["map", "plant"])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draw", type=int, default=300, metavar="N")
    parser.add_argument("--share", default="0/1", metavar="K/N")
    parser.add_argument("--only", action="append", default=[], metavar="TESTS", help="of a map: these files of tests")
    parser.add_argument("--room", action="append", choices=ROOMS)
    arguments = parser.parse_args()
    k, n = map(int, arguments.share.split("/"))
    if arguments.what == "map":
        write_map(arguments.files[0].absolute(), (k, n), arguments.only)
        return
    maps: list[Map] = [json.loads(file.read_text(encoding="utf-8")) for file in arguments.files]
    failing = [test for table in maps for test in table["failing"]]
    faults = drawn(arguments.seed, arguments.draw, arguments.room or ROOMS)[k::n]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        left = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache")
        shutil.copytree(TREE, copy, ignore=left)
        for fault in faults:
            tests = tests_of(fault, maps)
            outcome, by = noticed(fault, tests, failing, copy) if tests else ("no test", [])
            print(json.dumps({"outcome": outcome, "tests": len(tests), "by": by, **asdict(fault)}), flush=True)


if __name__ == "__main__":
    main()
