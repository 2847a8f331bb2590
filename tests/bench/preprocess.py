"""Preprocessor speed: `python tests/bench/preprocess.py [--root DIR/FILE [--jsonl variants.jsonl]]
[--reference COMMAND] [--json]`.

Without --root: our own family in tests/shaders with its declared variants. With --root: that file, with the variants
of the list that name it, or with those of the wgsl-ls.toml above it. Shorter lists are crossed with themselves
up to 500, so that every sweep has as many.

Figures per variant, the least of several runs in CPU time: cold (a fresh Expander: parse and expand one variant),
sweep (a fresh Expander, all variants once: the amortised cost), again (all variants once more), edit (all variants
after an edit of the root), positions (the source map and one origin each). COMMAND is a real preprocessor in the form
of reference.cpp beside this file; it gets the text with its includes pasted, and the ratio is sweep to it.
"""

from __future__ import annotations

import argparse
import json
import random
import shlex
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from wgsl_ls.lookup import loader, read_text
from wgsl_ls.preprocess.dialect import DIALECTS
from wgsl_ls.preprocess.expansion import Expander, IncludeMode, parse_defines
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.text.source_file import SourceFile

SHADERS = Path(__file__).parents[1] / "shaders"
RUNS = 5
ENOUGH = 500

Defines = tuple[tuple[str, str], ...]


def least_time(action: Callable[[], object], runs: int = RUNS) -> float:
    best = float("inf")
    for _ in range(runs):
        before = time.process_time()
        action()
        best = min(best, time.process_time() - before)
    return best


def listed(path: Path, shader: str) -> list[Defines]:
    """The variants of one shader in a variants.jsonl."""
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [parse_defines(row["defines"]) for row in rows if row["shader"].rsplit("/", 1)[-1] == shader]


def crossed(variants: Sequence[Defines]) -> list[Defines]:
    """At least ENOUGH variants: the given ones, and children of two of them that have each macro as one of the two
    has it. Few parents give few children; the rest differ in a macro that nothing reads."""
    chance = random.Random(1)
    parents = list(dict.fromkeys(variants)) or [()]
    found = dict.fromkeys(parents)
    for _ in range(20 * ENOUGH):
        if len(found) >= ENOUGH:
            break
        one, other = dict(chance.choice(parents)), dict(chance.choice(parents))
        child = {name: chance.choice((one, other)).get(name) for name in {**one, **other}}
        found[tuple((name, value) for name, value in child.items() if value is not None)] = None
    for number in range(ENOUGH - len(found)):
        found[(*parents[number % len(parents)], ("WGSL_LS_BENCH", str(number)))] = None
    return list(found)


def figures(root: SourceFile, variants: Sequence[Defines], includes: IncludeMode, dialect: str) -> dict[str, float]:
    """Case -> seconds per variant."""
    load = loader({}, [Path(root.path).parent], includes == "textual")
    known: dict[str, SourceFile | str] = {}

    def fresh() -> Expander:
        return Expander(lambda name: known.setdefault(name, load(name)), DIALECTS[dialect], includes)

    def sweep(expander: Expander, file: SourceFile = root) -> None:
        for defines in variants:
            expander.expand(file, defines)

    def positions(expander: Expander) -> None:
        for defines in variants[:ENOUGH]:
            expander.expand(root, defines).origin(100)

    warm = fresh()
    sweep(warm)
    count = iter(range(10**6))

    def edit() -> None:
        sweep(warm, SourceFile(root.path, f"{root.text}\n// edit {next(count)}\n"))

    return {
        "cold": least_time(lambda: fresh().expand(root, variants[0]), 20),
        "sweep": least_time(lambda: sweep(fresh())) / len(variants),
        "again": least_time(lambda: sweep(warm)) / len(variants),
        "edit": least_time(edit) / len(variants),
        "positions": least_time(lambda: positions(warm)) / min(ENOUGH, len(variants)),
    }


def reference(command: str, root: SourceFile, variants: Sequence[Defines], dialect: str) -> float:
    """Seconds per variant of a real preprocessor, whose output must be ours."""
    expander = Expander(loader({}, [Path(root.path).parent], True), DIALECTS[dialect], "textual")
    total = 0.0
    with subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        for defines in variants:
            expansion = expander.expand(root, defines)
            words = [f"{name}={value}" if value else name for name, value in defines]
            for word in [expansion.pasted_text, str(RUNS), str(len(words)), *words]:
                encoded = word.encode("utf-8", "surrogateescape")
                process.stdin.write(struct.pack("<I", len(encoded)) + encoded)
            process.stdin.flush()
            answers = []
            for _ in range(2):
                (length,) = struct.unpack("<I", process.stdout.read(4))
                answers.append(process.stdout.read(length).decode("utf-8", "surrogateescape"))
            total += float(answers[0])
            if not expansion.failed and answers[1] != expansion.text:
                sys.exit(f"the reference gives another text for {words}")
        process.stdin.close()
    return total / len(variants)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--root", type=Path, help="one shader instead of our own family")
    parser.add_argument("--jsonl", type=Path, help="its variants")
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="ggml")
    parser.add_argument("--reference", metavar="COMMAND", help="a real preprocessor, see reference.cpp")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report: dict[str, dict[str, float]] = {}
    for path in [options.root] if options.root else sorted(SHADERS.glob("*.wgsl")):
        root = SourceFile(str(path), read_text(path))
        if options.jsonl:
            declared = listed(options.jsonl, path.name)
        else:
            workspace = ProjectWorkspace(FileSystem(), [str(path.parent)])
            declared = [variant.defines for variant in workspace.settings(str(path.resolve())).variants]
        variants = crossed(declared)
        real = reference(options.reference, root, variants, options.dialect) if options.reference else None
        for includes in ("native", "textual"):
            row = figures(root, variants, includes, options.dialect)
            if real is not None:
                row |= {"reference": real, "ratio": row["sweep"] / real}
            report[f"{path.name} {includes} {len(declared)}/{len(variants)}"] = row
    if options.json:
        print(json.dumps(report, indent=1))
        return
    for name, row in report.items():
        cells = [
            f"{key} {value:.3f}" if key == "ratio" else f"{key} {value * 1e3:.3f} ms" for key, value in row.items()
        ]
        print(f"{name:44}", "  ".join(cells))


if __name__ == "__main__":
    main()
