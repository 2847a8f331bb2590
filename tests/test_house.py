"""The rules of the house, as tests: lint, types, and who may import whom."""

from __future__ import annotations

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
