"""The rules of the house, as tests: lint, types, and who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUN = {
    "ruff check": [sys.executable, "-m", "ruff", "check", "wgsl_ls", "tests", "grammars"],
    "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "wgsl_ls", "tests", "grammars"],
    "mypy": [sys.executable, "-m", "mypy"],
    "import contract": [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
}


@pytest.mark.parametrize("name", RUN)
def test_house_rule(name: str) -> None:
    done = subprocess.run(RUN[name], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_top_level_holds_only_what_belongs_there() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top = {line.split("/")[0] for line in tracked.splitlines()}
    allowed = {"pyproject.toml", "wgsl_ls", "grammars", "tests", "editors", "README.md", "LICENSE"}
    assert {name for name in top if not name.startswith(".")} <= allowed


def test_nothing_swallows_a_cancellation() -> None:
    """asyncio.wait_for of Python 3.11 forgets one that comes with the answer: a task then runs for ever, and with it
    the process. asyncio.timeout does not."""
    found = [path for path in (ROOT / "wgsl_ls").rglob("*.py") if "wait_for(" in path.read_text("utf-8")]
    assert found == []


def test_no_regular_expression_reads_our_own_messages() -> None:
    """What a fix or a list needs is carried by the finding (`subject`, `related`); words are for people. Engines'
    messages are read in engines/, once."""
    readers = {"match", "search", "fullmatch", "findall", "finditer", "sub", "subn"}
    found = []
    for room in ("analysis", "server", "cli", "project", "smoke"):
        for path in (ROOT / "wgsl_ls" / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in readers:
                    read = [one for given in node.args for one in ast.walk(given)]
                    if any(isinstance(one, ast.Attribute) and one.attr in ("message", "summary") for one in read):
                        found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []
