"""Public fixes of ggml's WebGPU shaders, before and after: `python -m tests.bench.history CLONE [--only WORD]`, and
what Tint says of every version: `python -m tests.bench.history CLONE --search uniform`.

CLONE: a git repository of ggml (a bare one will do). Each pair is the commit that mended something and its parent, both
written to a temporary folder and asked the same with the command line: it must fail at the parent, for the reason
named, and pass at the commit. What ggml's history has no pair for is shown on a shader of our own. Exit code 1 when a
pair is not shown.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1]
BACKEND = "src/ggml-webgpu"
SHADERS = f"{BACKEND}/wgsl-shaders"
LANES = ["smoke", BACKEND, "--op", "FLASH_ATTN_EXT", "--verbose", "--deadline", "60", "--case"]


@dataclass(frozen=True, slots=True)
class Pair:
    """`words`: of the command line, at both versions; `says`: what it must say at the parent (an expression).
    `right`: the later version that passes, where the fix by itself does not."""

    what: str
    fix: str
    words: tuple[str, ...]
    says: str
    right: str = ""


NOT_UNIFORM = r"must only be called from (subgroup )?uniform control flow"
PAIRS = (
    Pair(
        "linear_indexing",
        "2e237bb4",
        ("validate", f"{SHADERS}/cpy.wgsl", "--engine", "dawn", "--profile", "safari-26", "--profile", "firefox-141"),
        r"safari-26 has no language feature linear_indexing",
    ),
    Pair(
        "invocations over 256",
        "859e4a33",
        ("validate", f"{SHADERS}/get_rows.wgsl", "--engine", "dawn"),
        r"main has 288 invocations in a workgroup; profile \S+ allows 256",
    ),
    Pair(
        "subgroups of 128",
        "7b6f40f2",
        (*LANES, "*d 128, 128, 2 queries, mask, subgroups of 128"),
        r"reference dst: .*",
        "d99724f2",
    ),
    Pair(
        "overlap, in place",
        "2cc869be",
        ("smoke", BACKEND, "--op", "RMS_NORM", "--case", "*into its operand*"),
        r"alias: .* overlap; dst is written at \S+; rn_src is read at \S+",
    ),
    Pair(
        "overlap, two sources in one buffer",
        "9b30b0a0",
        ("smoke", BACKEND, "--op", "SUB", "--case", "*with itself*"),
        r"alias: .* overlap.*",
    ),
)

SPLIT = Pair(
    "uniformity of subgroup functions",
    "3ccdf784",  # whose message has "disable uniformity check" among the commits that it was made of
    ("validate", "flash_attn_vec_split.wgsl", "--engine", "dawn"),
    rf"\S+ {NOT_UNIFORM}",
)
DIAGNOSTIC = "diagnostic(off, subgroup_uniformity);"
"""Came with the shader, so what was there before is the shader without it; one of its variants."""
SPLIT_CONFIG = """\
[[shader]]
files = ["*.wgsl"]
defines = ["BLK", "MASK", "HEAD_DIM_QK=64", "HEAD_DIM_V=64", "KV_TILE=32", "WG_SIZE=32"]
"""
OWN = Pair(
    "uniformity of a barrier", "", ("validate", "barrier_in_branch.wgsl", "--engine", "dawn"), rf"{NOT_UNIFORM}.*"
)
"""Shown on a shader of ours: of ggml's versions none is known that is refused for it (`--search uniform` looks)."""


UNREAD = "this is a template of ggml's former embed_wgsl.py"


def written(clone: Path, version: str, folder: Path) -> Path:
    """The files of a version that are read, below `folder`."""
    # Of the folder's tree: a clone without the rest of the project's files will do.
    command = ["git", "-C", str(clone), "archive", f"--prefix={BACKEND}/", f"{version}:{BACKEND}"]
    packed = subprocess.run(command, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def asked(folder: Path, words: tuple[str, ...]) -> tuple[int, str]:
    """Exit code and output of the command line in `folder`. What versions beside it share is compiled once."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent), "WGSL_LS_CACHE": str(folder.parent / "cache")}
    command = [sys.executable, "-m", "wgsl_ls", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def shown(pair: Pair, before: Path, after: Path) -> Iterator[str]:
    """The cells of the row: what is said before and after, and whether that shows the pair."""
    code, output = asked(before, pair.words)
    said = re.search(pair.says, output)
    fails = code == 1 and said is not None
    yield said[0] if said is not None else f"exit code {code}: {_end(output)}"
    code, output = asked(after, pair.words)
    yield "passes" if code == 0 else f"exit code {code}: {_end(output)}"
    yield "shown" if fails and code == 0 else "NOT SHOWN"


def _end(output: str) -> str:
    return next(reversed(output.strip().splitlines()), "nothing said")


def alone(folder: Path, name: str, before: str, after: str, config: str = "") -> tuple[Path, Path]:
    """A shader by itself, as it was and as it is."""
    sides = (folder / "before", folder / "after")
    for side, text in zip(sides, (before, after), strict=True):
        side.mkdir(parents=True)
        (side / name).write_text(text)
        (side / "wgsl-ls.toml").write_text(config)
    return sides


def own_pair(folder: Path) -> tuple[Path, Path]:
    """The shader of ours in which a barrier stands in a branch, and the one in which it stands behind."""
    text = (TESTS / "shaders/broken" / OWN.words[1]).read_text()
    return alone(folder, OWN.words[1], "#define STAGED\n" + text, text)


def split_pair(clone: Path, folder: Path) -> tuple[Path, Path]:
    text = (written(clone, SPLIT.fix, folder / "all") / SHADERS / SPLIT.words[1]).read_text()
    assert DIAGNOSTIC in text
    return alone(folder, SPLIT.words[1], text.replace(DIAGNOSTIC, ""), text, SPLIT_CONFIG)


def search(clone: Path, word: str, folder: Path) -> Iterator[str]:
    """Of every version of the shaders how many variants were judged, and what Tint says with `word` in it. Not asked
    are templates that ggml's build filled in until May 2026, and what follows the first mistake of a variant."""
    log = ["git", "-C", str(clone), "log", "--reverse", "--format=%h %as", "--", SHADERS]
    versions = subprocess.run(log, capture_output=True, text=True, check=True).stdout.splitlines()
    for version, date in (line.split() for line in versions):
        code, output = asked(written(clone, version, folder / version), ("validate", SHADERS, "--engine", "dawn"))
        found = sorted({line for line in output.splitlines() if "error" in line and word in line})
        n_unread = output.count(UNREAD)
        unread = f", {n_unread} of the shaders not asked: templates of a script" if n_unread else ""
        yield f"{version} {date} exit code {code}, {_end(output)}{unread}" + "".join(f"\n    {one}" for one in found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--only", default="", help="pairs whose name holds this")
    parser.add_argument("--search", default="", metavar="WORD", help="in what Tint refuses of every version")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        if arguments.search:
            for line in search(arguments.clone, arguments.search, Path(temporary)):
                print(line, flush=True)
            return 0
        print("| what | fix | before | after | |\n| --- | --- | --- | --- | --- |")
        for number, pair in enumerate((*PAIRS, SPLIT, OWN)):
            if arguments.only not in pair.what:
                continue
            folder = Path(temporary, str(number))
            if pair is OWN:
                sides = own_pair(folder)
            elif pair is SPLIT:
                sides = split_pair(arguments.clone, folder)
            else:
                names = ((f"{pair.fix}~1", "before"), (pair.right or pair.fix, "after"))
                before, after = (written(arguments.clone, version, folder / name) for version, name in names)
                sides = (before, after)
            which = " to ".join(filter(None, (pair.fix, pair.right))) or "our own shader"
            if pair is SPLIT:
                which += f" without `{DIAGNOSTIC}`"
            rows.append([pair.what, which, *shown(pair, *sides)])
            print(f"| {' | '.join(rows[-1])} |", flush=True)
    return int(any(row[-1] != "shown" for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
