"""Every call to the operating system that a run makes about its files fails once, in turn: each time there is a named
result, no traceback and no half of a report, and what is green is so because everything was read."""

from __future__ import annotations

import builtins
import io
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Engines, Say, write

FILES = {
    "wgsl-ls.toml": "import = ['*.jsonl']\n[[shader]]\nfiles = ['a.wgsl']\naxes = { A = ['', 'A'] }\n"
    "[host]\nfiles = ['h.cpp']\n",
    "list.jsonl": '{"shader": "b.wgsl", "defines": ["B"]}\n',
    "a.wgsl": '#include "inner/h.tmpl"\n@compute @workgroup_size(1) fn main() { _ = H; }\n',
    "b.wgsl": "#ifdef B\nconst b = 1;\n#endif\n@compute @workgroup_size(1) fn main() { }\n",
    "inner/h.tmpl": "#define H 1\n",
    "h.cpp": 'void f() { preprocess("c", {"C"}); }\n',
    "c.wgsl": "#ifdef C\nconst c = 1;\n#endif\n@compute @workgroup_size(1) fn main() { }\n",
}  # fmt: skip
CALLS: tuple[tuple[Any, str], ...] = (
    (builtins, "open"), (io, "open"), (os, "open"), (os, "stat"), (os, "lstat"), (os, "scandir"), (os, "listdir"),
    (os, "mkdir"), (os, "write"), (os, "replace"), (os, "unlink"), (os, "chmod"), (sqlite3, "connect"),
)  # fmt: skip


class Failing:
    """Counts the calls about files below `folder`, and lets the n-th fail."""

    def __init__(self, folder: Path, n: int) -> None:
        self.folder, self.n = str(folder), n
        self.n_calls = 0
        self.failed = ""

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*arguments: Any, **named: Any) -> Any:
            first = arguments[0] if arguments else ""
            is_ours = name == "write" and isinstance(first, int) and first > 2
            if isinstance(first, str | os.PathLike):
                path = os.path.normpath(os.path.join(self.folder, "w", os.fspath(first)))  # noqa: PTH118 - text
                is_ours = path.startswith(self.folder)
            if is_ours:
                self.n_calls += 1
                if self.n_calls == self.n:
                    self.failed = f"{name} {first}"
                    if name == "connect":
                        raise sqlite3.OperationalError("disk I/O error")
                    raise OSError(5, "Input/output error", str(first))
            return call(*arguments, **named)

        return made

    @contextmanager
    def installed(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patched:
            for owner, name in CALLS:
                patched.setattr(owner, name, self.wrap(name, getattr(owner, name)))
            yield


@pytest.mark.parametrize("command", ["validate", "coverage", "variants", "explain", "smoke", "expand", "format"])
def test_each_call_fails_once(say: Say, engines: Engines, tmp_path: Path, command: str) -> None:
    words = {
        "validate": ("validate", "--format=json", "--output=r.json"),
        "coverage": ("coverage", ".", "--format=json", "--output=r.json"),
        "variants": ("variants", "--json"),
        "explain": ("explain", "a.wgsl:2"),
        "smoke": ("smoke", "--list"),
        "expand": ("expand", "a.wgsl"),
        "format": ("format", "a.wgsl", "b.wgsl"),
    }[command]
    write(FILES)
    clean = say(*words)
    report = Path("r.json").read_text() if Path("r.json").exists() else ""
    counting = Failing(tmp_path, 0)
    with counting.installed():
        assert say(*words)[0] == clean[0]
    assert counting.n_calls > 10
    for n in range(1, counting.n_calls + 1):
        Path("r.json").unlink(missing_ok=True)
        failing = Failing(tmp_path, n)
        with failing.installed():
            code, out, err = say(*words)
        told = (n, failing.failed, code, out, err)
        left = {str(path.relative_to(Path.cwd())) for path in Path.cwd().rglob("*") if path.is_file()}
        # What cannot be removed stays, for once.
        assert left - {"r.json"} == set(FILES) or failing.failed.startswith("unlink"), told
        for path in Path.cwd().glob(".wgsl-ls-*"):
            path.unlink()
        written = Path("r.json").read_text() if Path("r.json").exists() else ""
        if written:
            json.loads(written)
        if code == clean[0] == 0 and command == "validate":  # nothing was left out
            assert without_cost(written) == without_cost(report), told
        else:
            assert code in (0, 1, 2) and (out or err or written), told


def without_cost(report: str) -> Any:
    """A report without what a run has cost."""
    found = json.loads(report) if report else {}
    return {key: value for key, value in found.items() if key not in ("seconds", "compiled", "summary", "statistics")}
