"""Every call to the operating system that a run makes about its files, and every start of a process, fails once, in
turn: each time there is a named result, no traceback and no half of a report, and who gives the exit code of a run
without a failure says what that said."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Engines, Say, git, write
from tests.failing import Failing
from wgsl_ls.cli.main import SUBCOMMANDS

FILES = {
    "wgsl-ls.toml": "import = ['*.jsonl']\n[[shader]]\nfiles = ['a.wgsl']\naxes = { A = ['', 'A'] }\n"
    "[host]\nfiles = ['*.cpp']\n",
    "list.jsonl": '{"shader": "b.wgsl", "defines": ["B"]}\n',
    "a.wgsl": '#include "inner/h.tmpl"\n@compute @workgroup_size(1) fn main() { _ = H; }\n',
    "b.wgsl": "#ifdef B\nconst b = 1;\n#endif\n@compute @workgroup_size(1) fn main() { }\n",
    "inner/h.tmpl": "#define H 1\n",
    "h.cpp": 'void f() { preprocess("c", {"C"}); }\n',
    "c.wgsl": "#ifdef C\nconst c = 1;\n#endif\n@compute @workgroup_size(1) fn main() { }\n",
}  # fmt: skip
COMMANDS = (
    "validate --format=json --output=../r.json", "validate --format=json --no-cache --changed HEAD",
    "coverage --format=json --output=../r.json", "coverage", "variants --json", "variants --format=json",
    "variants --count", "explain a.wgsl:2 --json", "smoke --list", "expand a.wgsl", "expand a.wgsl --map",
    "format --diff .", "host . --format json", "impact --base HEAD --json", "identify ../error.txt . --format json",
    "init . --print", "diff a.wgsl A --flip A", "aliases . --format json", "format .", "init .",
    "host . --compare=list.jsonl --format=json",
)  # fmt: skip


def test_every_command_that_reads_a_project_is_asked() -> None:
    asked = {command.partition(" ")[0] for command in COMMANDS}
    assert set(SUBCOMMANDS) - asked == {"rule", "rules", "schema", "doctor", "cache", "completion", "mcp", "serve"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "command", ["schema", "rules", "rule lint/unused-macro", "cache", "completion bash", "variants"]
)
def test_a_disk_that_is_full_is_said(command: str, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "wgsl_ls", *command.split()]
    (tmp_path / "a.wgsl").write_text(FILES["b.wgsl"])
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, text=True, check=False)
    assert ended.returncode == 2 and ended.stderr == "wgsl-ls: No space left on device; nothing more was done\n"


FAST = ("coverage", "expand a.wgsl", "variants --json")
"""Each call of each command takes minutes; these are always asked."""


@pytest.mark.parametrize(
    "command", [pytest.param(one, marks=[] if one in FAST else [pytest.mark.slow]) for one in COMMANDS]
)
def test_each_call_fails_once(say: Say, engines: Engines, tmp_path: Path, command: str) -> None:
    words = command.split()
    write(FILES)
    Path("../error.txt").write_text("const b = 1;\n")
    if words[0] == "init":
        Path("wgsl-ls.toml").unlink()
    if "HEAD" in words:
        git("init", "-q")
        git("add", "-A")
        git("commit", "-qm", "x")
        Path("a.wgsl").write_text(FILES["a.wgsl"] + "const z = 2;\n")
    report = Path("../r.json")
    before = lying()

    def asked(failing: Failing) -> tuple[int, Any, str]:
        """Exit code; what it said, without what the run has cost; what it said aside."""
        report.unlink(missing_ok=True)
        for path in lying():
            if path not in before:
                Path(path).unlink()
        for path, content in before.items():
            Path(path).write_bytes(content)
        with failing.installed():
            code, out, err = say(*words)
        return code, plain(report.read_text() if report.exists() else out), err

    counting = Failing(tmp_path, 0)
    asked(counting)  # fills the cache
    counting = Failing(tmp_path, 0)
    clean = asked(counting)
    after = lying()
    assert counting.n_calls > 10
    for error in (errno.EIO, 0):
        for n in range(1, counting.n_calls + 1):
            failing = Failing(tmp_path, n, error)
            code, said, err = asked(failing)
            told = (n, failing.failed, error, code, said, err)
            assert code in (0, 1, 2), told
            assert is_as_much(said, clean[1]) if code == clean[0] else code != 0 and (err or said), told
            # What cannot be removed stays, for once.
            for path in {*before, *after, *lying()} if not failing.failed.startswith("unlink") else ():
                assert lying().get(path) in (before.get(path), after.get(path)), (path, told)
            for left in tmp_path.rglob(".wgsl-ls-*"):
                left.unlink()


def lying() -> dict[str, bytes]:
    found = (path for path in Path().rglob("*") if path.is_file() and not str(path).startswith(".git/"))
    return {str(path): path.read_bytes() for path in found}


def is_as_much(said: Any, clean: Any) -> bool:
    """The same, but that more variants may have been checked: what was there before could not be read."""
    if isinstance(clean, dict) and "variants" in clean and isinstance(said, dict):
        old = clean["variants"]
        new = [mine if mine["state"] != "pending" else one for one, mine in zip(said["variants"], old, strict=True)]
        return bool({**said, "variants": new} == clean)
    return bool(said == clean)


def plain(said: str) -> Any:
    try:
        found = json.loads(said)
    except ValueError:
        return said
    left_out = ("seconds", "compiled", "summary", "statistics")
    return {key: value for key, value in found.items() if key not in left_out} if isinstance(found, dict) else found
