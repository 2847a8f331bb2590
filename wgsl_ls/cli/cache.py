"""`wgsl-ls cache`: where compile results are kept, how many, and how to forget them."""

from __future__ import annotations

import argparse

from wgsl_ls.project.cache import DiskCache

EXAMPLES = """\
wgsl-ls cache show
wgsl-ls cache clear"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["show", "clear"], nargs="?", default="show")


def run(arguments: argparse.Namespace) -> int:
    with DiskCache() as cache:
        if arguments.action == "clear":
            print(f"{cache.clear()} results forgotten ({cache.path})")
            return 0
        statistics = cache.statistics()
        print(f"{statistics.n_entries} results, {statistics.n_bytes / 1e6:.1f} MB in {cache.path}")
        if statistics.problem:
            print(f"problem: {statistics.problem}")
    return 0
