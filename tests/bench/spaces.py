"""Whole spaces of variants: `python tests/bench/spaces.py [FOLDER] [--file ROOT] [--before CHECKOUT]`.

Every figure is a ratio of two runs that follow each other on this machine, of CPU seconds of all processes together
where nothing else is said: so other load counts little. FOLDER: shaders with a wgsl-ls.toml or a host (default: a copy
of our own family). ROOT: the one in which somebody types. CHECKOUT: of another commit, whose server is started and
typed at in turn with this one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from wgsl_ls.analysis.features.cursor import cursor_at
from wgsl_ls.analysis.features.hover import hover
from wgsl_ls.analysis.presence import coverage, explain_line
from wgsl_ls.cli.composition import open_session

TREE = Path(__file__).parents[2]
N_STARTS = 7
N_PARTS = 4
SHADERS = Path(__file__).parents[1] / "shaders"
LARGE, SMALL = 1600, 16
BENCH = Path(__file__).with_name("server.py")
TYPING = {
    "keystroke to active verdict": "keystroke to the active verdict, of that checkout",
    "keystroke to one of every structure": "keystroke to one of each structure, of that checkout",
    "verdict messages of an edit (kB)": "kB of verdict messages, of that checkout",
}
NEWLINE = "\n"
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
    """From start to the answer to `initialize`, and the end; without the engines, whose start comes behind it."""
    bodies = [
        json.dumps({"jsonrpc": "2.0", **message}).encode()
        for message in (
            {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
            {"id": 2, "method": "shutdown"},
            {"method": "exit"},
        )
    ]
    said = b"".join(b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies)
    return measured([sys.executable, "-m", "wgsl_ls.cli.main", "serve"], folder, folder / "cache", tree, said)


def typed(tree: Path, folder: Path, file: str) -> dict[str, list[float]]:
    """What tests/bench/server.py measures with the server of `tree`."""
    command = [sys.executable, str(BENCH), "--folder", str(folder.absolute()), "--file", file, "--runs", "4", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(  # elsewhere, for the folder one is in comes before `tree`
        [*command, "--engine", "dawn"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{tree} was not typed at: {done.stderr.strip().rpartition(NEWLINE)[2]}", file=sys.stderr)
        return {}
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found


def asked(n_variants: int) -> dict[str, float]:
    """CPU seconds per variant of the first time that somebody asks something about all variants."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(copytree(SHADERS, Path(scratch) / "shaders"))
        path = folder / "flash_attn_tile.wgsl"
        rows = [
            {
                "shader": path.name,
                "name": f"{n}",
                "defines": [
                    *(name for bit, name in enumerate(("MASK", "SINKS", "LOGIT_SOFTCAP")) if n >> bit & 1),
                    f"KV_TILE={8 + n // 8}",
                    "WG_SIZE=64",
                ],
            }
            for n in range(n_variants)
        ]
        (folder / "list.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        (folder / "wgsl-ls.toml").write_text('import = ["list.jsonl"]\nhost = false\n', encoding="utf-8")
        session = open_session([str(folder)], engines=())
        view = session.snapshot.root(str(path))
        assert view is not None and len(view.variants) == n_variants
        offset = view.source.text.index("KV_TILE")
        questions: dict[str, Callable[[], object]] = {
            "explain": lambda: explain_line(session.snapshot, view, str(path), 30),
            "coverage": lambda: list(coverage(session.snapshot, view)),
            "hover": lambda: hover(cursor_at(session.snapshot, session.front_end, str(path), offset)),  # type: ignore[arg-type]
        }
        for what, ask in questions.items():
            view.across = None
            began = time.process_time()
            ask()
            found[what] = (time.process_time() - began) / n_variants
    return found


def listed(n_lines: int) -> float:
    """MiB at most that counting the variants in a list of so many lines takes."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "a.wgsl").write_text("const a = N;\n", encoding="utf-8")
        (folder / "wgsl-ls.toml").write_text('import = ["list.jsonl"]\nhost = false\n', encoding="utf-8")
        with (folder / "list.jsonl").open("w", encoding="utf-8") as file:
            for n in range(n_lines):
                name = "a.wgsl" if n % 1000 == 0 else "other.wgsl"
                file.write(f'{{"shader": "{name}", "name": "{n}", "defines": ["N={n}", "M={"x" * 60}"]}}\n')
        count = "from wgsl_ls.cli.main import main; import resource, sys; main(['variants', '--count', 'a.wgsl']);"
        count += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file=sys.stderr)"
        done = subprocess.run([sys.executable, "-c", count], cwd=folder, capture_output=True, text=True, check=True)
        return float(done.stderr.split()[-1])


def covered(folder: Path) -> tuple[int, int]:
    """After an edit of an include that all variants read: the variants that `--cover` takes, and those that differ."""
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    for path in folder.glob("*.tmpl"):
        path.write_text(f"{path.read_text(encoding='utf-8')}\nconst bench_{path.stem} = 1;\n", encoding="utf-8")
    report = folder.parent / "report.json"
    command = [sys.executable, "-m", "wgsl_ls.cli.main", "validate", ".", "--changed", "HEAD", "--engine", "dawn"]
    n_variants = []
    for more in (["--cover"], []):
        measured([*command, *more, "--format", "json", "--output", str(report)], folder, folder.parent / "cache")
        summary = json.loads(report.read_text(encoding="utf-8"))["summary"]
        n_variants.append(summary["variants"]["total"] - summary["variants"]["pending"])
    return n_variants[0], n_variants[1]


def validate(folder: Path, cache: Path, *words: str) -> Run:
    report = folder.parent / "report.json"
    command = [sys.executable, "-m", "wgsl_ls.cli.main", "validate", ".", "--engine", "dawn"]
    cpu = measured([*command, "--format", "json", "--output", str(report), *words], folder, cache)
    return Run(cpu, json.loads(report.read_text(encoding="utf-8"))["summary"]["jobs"])


def in_parts(folder: Path, scratch: Path) -> tuple[float, list[float]]:
    """The whole, and each of four parts of it, as machines of their own would do them that got the host's reading."""
    known = scratch / "known"
    measured([sys.executable, "-m", "wgsl_ls.cli.main", "variants", "--count", "."], folder, known)
    costs = []
    for number in range(N_PARTS + 1):
        cache = scratch / f"part-{number}"
        if known.exists():
            copytree(known, cache)
        costs.append(validate(folder, cache, *(["--shard", f"{number}/{N_PARTS}"] if number else [])).cpu)
    return costs[0], costs[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SHADERS)
    parser.add_argument("--file", default="flash_attn_tile.wgsl", metavar="ROOT")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT")
    given = parser.parse_args()
    now = typed(TREE, given.folder, given.file)
    if given.before is not None:
        with tempfile.TemporaryDirectory() as scratch:
            trees = (TREE, given.before.absolute())
            pairs = [[started(tree, Path(scratch)) * 1000 for tree in trees] for _ in range(N_STARTS)]
        one, other = sorted(pairs, key=lambda pair: pair[0] / pair[1])[N_STARTS // 2]
        show("start to initialized, of that checkout (ms)", one, other)
        before = typed(given.before.absolute(), given.folder, given.file)
        for what, words in TYPING.items():
            show(f"{words} (ms)", median(now.get(what, [0.0])), median(before.get(what, [0.0])))
    show(
        "kB of verdict messages, of the list",
        *(median(now[what]) for what in ("verdict messages of an edit (kB)", "the whole list of variants (kB)")),
    )
    show("references later, of the first time (ms)", median(now["references"]), max(now["references first"]))
    few, many = asked(SMALL), asked(LARGE)
    for what, cost in many.items():
        show(f"{what}, per variant of {LARGE:,}, of {SMALL} (ms)", cost * 1000, few[what] * 1000)
    show("MiB for a list of 200,000 lines, of 2,000", listed(200_000), listed(2_000))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "shaders"
        copytree(given.folder, folder)
        cache = Path(scratch) / "cache"
        brute = validate(folder, Path(scratch) / "other", "--exhaustive")
        first = validate(folder, cache)
        second = validate(folder, cache)
        whole, parts = in_parts(folder, Path(scratch))
        for path in folder.glob("*.wgsl"):
            path.write_text(f"// note\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
        commented = validate(folder, cache)
        n_chosen, n_touched = covered(folder)
        lazy = measured([sys.executable, "-c", START], folder, cache)
        eager = measured([sys.executable, "-c", f"import lsprotocol.types; {START}"], folder, cache)
    show("variants that cover a change, of those that differ", n_chosen, n_touched)
    show("texts compiled, of every text", first.jobs, brute.jobs)
    show("first run, of compiling every text", first.cpu, brute.cpu)
    show("second run, of the first", second.cpu, first.cpu)
    show("all four parts together, of the whole", sum(parts), whole)
    show("the longest of four parts, of the whole", max(parts), whole)
    show("a comment in every shader, of the first", commented.cpu, first.cpu)
    show("start of the server, of one with all types of LSP", lazy, eager)


def show(what: str, one: float, other: float) -> None:
    print(f"{what:<52} {one:8.1f} / {other:8.1f} = {one / other if other else 0:.3f}")


if __name__ == "__main__":
    main()
