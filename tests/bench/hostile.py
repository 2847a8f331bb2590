"""How many seconds hostile inputs take at the largest sizes that are read, each in a process of its own. The tests
count steps at small sizes; what a step takes, and what no step is (patterns, tree-sitter), shows here.

    python -m tests.bench.hostile [--kind PART OF A NAME] [--sizes 125000,250000,500000,8000000] [--workers 2]

For each kind and size: how long opening, checking and the dearest requests of the editor and each command took, where
it was more than a second; `!!` where it was more than ten, `..` where it had not ended after a minute, and `??` where
it ended otherwise than it may.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.server.hostile_texts import HOSTS, LISTS, SETTINGS, TEXTS

LIMIT = 60.0
COMMANDS = {
    "validate": ["validate", "."],
    "expand": ["expand", "a.wgsl"],
    "explain": ["explain", "a.wgsl:1"],
    "format": ["format", "--check", "a.wgsl"],
    "identify": ["identify", "a.wgsl"],
    "impact": ["impact", "a.wgsl"],
    "variants": ["variants", "."],
    "host": ["host", "."],
    "coverage": ["coverage", "."],
}
PLAIN = "@compute @workgroup_size(1) fn main() { }\n"
Make = Callable[[int], dict[str, str]]


def kinds() -> dict[str, tuple[Make, int]]:
    """What each makes of a number, and the largest size that is read."""
    found: dict[str, tuple[Make, int]] = {}
    for name, text in TEXTS.items():
        found[f"text: {name}"] = (lambda n, text=text: {"a.wgsl": text(n)}, 8_000_000)  # type: ignore[misc]
    for name, text in SETTINGS.items():
        found[f"settings: {name}"] = (lambda n, text=text: {"a.wgsl": PLAIN, "wgsl-ls.toml": text(n)}, 8_000_000)  # type: ignore[misc]
    for name, text in HOSTS.items():
        found[f"host: {name}"] = (lambda n, text=text: {"a.wgsl": PLAIN, "host.cpp": text(n)}, 8_000_000)  # type: ignore[misc]
    for name, text in LISTS.items():
        config = "[[shader]]\nfiles = ['a.wgsl']\nimport = ['v.jsonl']\n"
        found[f"list: {name}"] = (  # type: ignore[assignment]
            lambda n, text=text, config=config: {"a.wgsl": PLAIN, "wgsl-ls.toml": config, "v.jsonl": text(n)},  # type: ignore[misc]
            64_000_000,
        )
    return found


def sized(make: Make, size: int) -> dict[str, str]:
    """The files of the largest number whose texts have at most `size` characters."""

    def length(n: int) -> int:
        return sum(map(len, make(n).values()))

    n = 1
    while length(2 * n) <= size and n < 1 << 26:
        n *= 2
    for step in (n // 2, n // 4, n // 8):
        n += step if length(n + step) <= size else 0
    return make(n)


def in_editor(folder: Path) -> Iterator[tuple[str, float]]:
    from tests.server.in_process import Desk
    from tests.server.test_hostile_texts import requests

    loop = asyncio.new_event_loop()
    desk = Desk(folder, {})
    begun = time.monotonic()
    desk.open()
    yield "open", time.monotonic() - begun
    begun = time.monotonic()
    loop.run_until_complete(desk.check())
    yield "check", time.monotonic() - begun
    for method, params in requests(desk):
        begun = time.monotonic()
        try:
            answer = desk.server.protocol.fm.features[method](params)
            if inspect.isawaitable(answer):
                loop.run_until_complete(answer)
        except Exception as refused:  # noqa: BLE001
            if type(refused).__name__ != "RequestFailed":
                yield f"{method}: {type(refused).__name__} {str(refused)[:100]}", LIMIT
        yield method, time.monotonic() - begun
    begun = time.monotonic()
    desk.change(desk.text() + "// more\n")
    yield "change", time.monotonic() - begun
    print("END", flush=True)
    os._exit(0)


def measured(name: str, size: int, what: str, scratch: Path, end: float) -> tuple[str, int, str, dict[str, float], str]:
    if time.monotonic() > end:
        return name, size, what, {}, "not begun"
    place = scratch / f"{abs(hash((name, size, what)))}"
    place.mkdir()
    for file, text in sized(kinds()[name][0], size).items():
        (place / file).write_text(text)
    here = [sys.executable, "-m", "tests.bench.hostile", "--one", str(place)]
    command = here if what == "editor" else [sys.executable, "-m", "wgsl_ls", *COMMANDS[what]]
    search = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", ""))))
    environment = {**os.environ, "WGSL_LS_CACHE": str(place / "cache"), "PYTHONPATH": search}
    begun = time.monotonic()
    with (place / "out").open("w") as out:
        process = subprocess.Popen(command, cwd=place, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    seconds = time.monotonic() - begun
    said = (place / "out").read_text(errors="replace")
    for file in place.glob("*.*"):
        file.unlink()
    took: dict[str, float] = {}
    words = f"exit {process.returncode}"
    if what == "editor":
        for line in said.splitlines():
            if line.startswith("TOOK "):
                _, spent, method = line.split(" ", 2)
                took[method] = max(took.get(method, 0.0), float(spent))
        if "\nEND" not in said:
            took["…not ended"] = seconds
            words += " Traceback " + said[-300:]
    else:
        took[what] = seconds
        if "Traceback" in said or process.returncode not in (0, 1, 2):
            words += " Traceback " + said[-300:]
    return name, size, what, took, words


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", default="")
    parser.add_argument("--what", default="editor,validate", help=f"of editor, {', '.join(COMMANDS)}")
    parser.add_argument("--sizes", default="125000,250000,500000")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1e9, help="after which none is begun")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        for what, seconds in in_editor(arguments.one):
            print(f"TOOK {seconds:.3f} {what}", flush=True)
        return 0
    jobs = [
        (name, min(size, most), what)
        for size in map(int, arguments.sizes.split(","))
        for name, (_, most) in kinds().items()
        if arguments.kind in name
        for what in arguments.what.split(",")
    ]
    end = time.monotonic() + arguments.seconds
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(arguments.workers) as pool:
        for done in as_completed([pool.submit(measured, *job, Path(scratch), end) for job in dict.fromkeys(jobs)]):
            name, size, what, took, words = done.result()
            dear = sorted(((spent, one) for one, spent in took.items() if spent > 1), reverse=True)[:6]
            longest = dear[0][0] if dear else 0
            mark = "??" if not re.match(r"not begun$|exit ([012]|-9)\b", words) or "Traceback" in words else "  "
            mark = ".." if longest > LIMIT - 2 else "!!" if longest > 10 else mark
            told = "; ".join(f"{one} {spent:.1f}" for spent, one in dear)
            print(f"{mark} {name} ({size:,}) {what}: {told} {json.dumps(words)}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
