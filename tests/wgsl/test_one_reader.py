"""WGSL is read by wgsl/ alone: nobody else has an expression for comments, and an engine's child imports no more than
it needs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "wgsl_ls"
READERS = ("wgsl/lexer.py", "preprocess/", "host/")
"""Of host/: it reads C++."""
FILES = sorted(path for path in PACKAGE.rglob("*.py") if not path.relative_to(PACKAGE).as_posix().startswith(READERS))


def expressions(text: str) -> list[str]:
    """The patterns given to functions of `re`, constant parts only."""
    found: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "re":
                parts = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
                found.append("".join(part for part in parts if isinstance(part, str)))
    return found


def reads_comments(pattern: str) -> bool:
    return r"/\*" in pattern or "//[^" in pattern or "//.*" in pattern


def test_the_check_sees_a_reader_of_comments() -> None:
    lines = (
        r"A = re.compile(r'//[^\n]*|/\*.*?\*/', re.DOTALL)",
        "B = re.sub(rf'x{1}//.*', '', '')",
        "re.search('a', '')",
    )
    text = "\n".join(lines)
    assert [reads_comments(pattern) for pattern in expressions(text)] == [True, True, False]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nobody_else_reads_comments(path: Path) -> None:
    wrong = [pattern for pattern in expressions(path.read_text(encoding="utf-8")) if reads_comments(pattern)]
    assert wrong == [], "comments and tokens are wgsl/lexer.py's"


@pytest.mark.parametrize("engine", ["wgpu_native", "dawn"])
def test_the_child_of_an_engine_imports_only_what_it_uses(engine: str) -> None:
    code = (
        f"import sys, wgsl_ls.engines.worker, wgsl_ls.engines.{engine}\n"
        "print(*sorted({name.split('.')[1] for name in sys.modules if name.startswith('wgsl_ls.')}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"engines", "text", "wgsl", "wire"}
