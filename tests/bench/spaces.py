"""Whole spaces of variants: `python tests/bench/spaces.py [FOLDER] [--before CHECKOUT]`.

Every figure is a ratio of CPU seconds of two runs that follow each other on this machine, all processes together: so
other load counts little. FOLDER: shaders with a wgsl-ls.toml or a host (default: a copy of our own family).
CHECKOUT: of another commit, whose server is started in turn with this one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

TREE = Path(__file__).parents[2]
N_STARTS = 7
SHADERS = Path(__file__).parents[1] / "shaders"
START = "import wgsl_ls.server.app; wgsl_ls.server.app.make_server()"


@dataclass(frozen=True, slots=True)
class Run:
    """`cpu`: seconds of the process and its children; `jobs`: texts compiled."""

    cpu: float
    jobs: int = 0


def measured(command: list[str], folder: Path, cache: Path, tree: Path = TREE, said: bytes = b"") -> float:
    """`tree`: the checkout whose package runs; `said`: to its standard input."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "WGSL_LS_CACHE": str(cache), "PYTHONPATH": str(tree)}
    subprocess.run(command, cwd=folder, env=environment, input=said, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def started(tree: Path, folder: Path) -> float:
    """From start to `initialized`, and the end."""
    bodies = [
        json.dumps({"jsonrpc": "2.0", **message}).encode()
        for message in (
            {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
            {"method": "initialized", "params": {}},
            {"id": 2, "method": "shutdown"},
            {"method": "exit"},
        )
    ]
    said = b"".join(b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies)
    return measured([sys.executable, "-m", "wgsl_ls.cli.main", "serve"], folder, folder / "cache", tree, said)


def validate(folder: Path, cache: Path, *words: str) -> Run:
    report = folder.parent / "report.json"
    command = [sys.executable, "-m", "wgsl_ls.cli.main", "validate", ".", "--engine", "dawn"]
    cpu = measured([*command, "--format", "json", "--output", str(report), *words], folder, cache)
    return Run(cpu, json.loads(report.read_text(encoding="utf-8"))["summary"]["jobs"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SHADERS)
    parser.add_argument("--before", type=Path, metavar="CHECKOUT")
    given = parser.parse_args()
    if given.before is not None:
        with tempfile.TemporaryDirectory() as scratch:
            pairs = [
                (started(TREE, Path(scratch)), started(given.before.absolute(), Path(scratch))) for _ in range(N_STARTS)
            ]
        now, before = sorted(pairs, key=lambda pair: pair[0] / pair[1])[N_STARTS // 2]
        show("start to initialized, of that checkout", now, before)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "shaders"
        copytree(given.folder, folder)
        cache = Path(scratch) / "cache"
        brute = validate(folder, Path(scratch) / "other", "--exhaustive")
        first = validate(folder, cache)
        second = validate(folder, cache)
        for path in folder.glob("*.wgsl"):
            path.write_text(f"// note\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
        commented = validate(folder, cache)
        lazy = measured([sys.executable, "-c", START], folder, cache)
        eager = measured([sys.executable, "-c", f"import lsprotocol.types; {START}"], folder, cache)
    show("texts compiled, of every text", first.jobs, brute.jobs)
    show("first run, of compiling every text", first.cpu, brute.cpu)
    show("second run, of the first", second.cpu, first.cpu)
    show("a comment in every shader, of the first", commented.cpu, first.cpu)
    show("start of the server, of one with all types of LSP", lazy, eager)


def show(what: str, one: float, other: float) -> None:
    print(f"{what:<52} {one:8.1f} / {other:8.1f} = {one / other if other else 0:.3f}")


if __name__ == "__main__":
    main()
