"""`wgsl-ls cache`: where compile results are kept, how many, how to forget them and how to take over others."""

from __future__ import annotations

import argparse
from pathlib import Path

from wgsl_ls.cli.shown_path import shown_path
from wgsl_ls.cli.speech import remark, say
from wgsl_ls.project.cache import DiskCache

EXAMPLES = """\
wgsl-ls cache show
wgsl-ls cache clear
wgsl-ls cache add part-1 part-2         # folders that WGSL_LS_CACHE named elsewhere"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["show", "clear", "add"], nargs="?", default="show", help="(default: show)")
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="add: caches to take over, of other machines")


def run(arguments: argparse.Namespace) -> int:
    """Exit 2: the cache cannot be used, or a folder is none."""
    code = 0
    with DiskCache() as cache:
        if arguments.action == "clear":
            say(f"{cache.clear()} results forgotten ({cache.path})")
        elif arguments.action == "add":
            code = max([_add(cache, Path(folder)) for folder in arguments.folders], default=0)
        else:
            found = cache.statistics()
            say(f"{found.n_entries} results, {found.n_bytes / 1e6:.1f} MB in {cache.path}")
        if cache.problem and not code:
            remark(cache.problem)
            code = 2
    return code


def _add(cache: DiskCache, folder: Path) -> int:
    path = folder / cache.path.name
    try:
        say(f"{cache.add(path)} new results from {shown_path(str(path))}")
    except ValueError as problem:
        remark(f"{shown_path(str(path))} is no cache that could be taken over: {problem}")
        return 2
    return 0
