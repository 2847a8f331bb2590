"""Front end speed: `python tests/bench/front_end.py [--json]`.

Text: our samples, repeated with renamed declarations up to 20 and 100 KB. Each figure is the least CPU time of
several runs, and its ratio to one pass of a trivial regular expression over the same text on the same machine, so
that runs on different machines compare.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from wgsl_ls.wgsl.lexer import tokenize
from wgsl_ls.wgsl.parser import ParseCache, parse
from wgsl_ls.wgsl.reflection import reflect
from wgsl_ls.wgsl.symbols import analyze

SAMPLES = Path(__file__).parents[1] / "wgsl" / "samples"
RUNS = 15


def shader(n_characters: int) -> str:
    """Copies of the tile and language samples with every global renamed, so that no two declarations are equal."""
    pieces: list[str] = []
    number = 0
    while sum(map(len, pieces)) < n_characters:
        text = (SAMPLES / ("tile.wgsl" if number % 2 == 0 else "language.wgsl")).read_text()
        names = [symbol.name for symbol in analyze(parse(text, ParseCache())).global_symbols]
        for name in names:
            text = re.sub(rf"(?<![.\w]){name}\b", f"{name}_{number}", text)
        if number:
            text = re.sub(r"(?m)^(enable|requires|diagnostic)[^;]*;", "", text)
        pieces.append(text)
        number += 1
    return "\n".join(pieces)


def least_time(action: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(RUNS):
        before = time.process_time()
        action()
        best = min(best, time.process_time() - before)
    return best


def figures(text: str) -> dict[str, float]:
    """Case -> seconds."""
    cold = parse(text, ParseCache())
    cache = ParseCache()
    analyze(parse(text, cache))
    edit = text.index("let sum = subgroupAdd")
    count = iter(range(10**6))

    def keystroke() -> None:
        edited = f"{text[:edit]}_ = {next(count)};{text[edit:]}"
        analyze(parse(edited, cache))

    def fresh_analysis() -> None:
        for placed in cold.placed:
            placed.chunk.memo.clear()
        analyze(cold)

    warm = analyze(cold)
    return {
        "one trivial regular expression": least_time(lambda: re.findall(r"\w+|[^\w\s]", text)),
        "tokens": least_time(lambda: tokenize(text)),
        "tokens and tree": least_time(lambda: parse(text, ParseCache())),
        "analysis": least_time(fresh_analysis),
        "nothing changed": least_time(lambda: analyze(parse(text, cache))),
        "keystroke in a function": least_time(keystroke),
        "reflection": least_time(lambda: reflect(warm)),
    }


def main() -> None:
    found = {f"{len(text) / 1000:.0f} KB": figures(text) for text in (shader(18_500), shader(98_000))}
    if "--json" in sys.argv:
        print(json.dumps(found, indent=1))
        return
    for size, cases in found.items():
        unit = cases["one trivial regular expression"]
        for case, seconds in cases.items():
            print(f"{size:>7}  {case:32} {seconds * 1000:8.2f} ms  {seconds / unit:6.1f}x")


if __name__ == "__main__":
    main()
