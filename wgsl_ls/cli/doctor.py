"""`wgsl-ls doctor`: versions, adapters and features of this machine, what is missing and how to get it."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from wgsl_ls.project.cache import default_cache_path
from wgsl_ls.workers.examine import as_text, examine

EXAMPLES = """\
wgsl-ls doctor"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the same as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 when every engine can run, 1 when one cannot, 2 when none can."""
    found = asyncio.run(examine()) | {"cache": str(default_cache_path())}
    if arguments.json:
        print(json.dumps(found, indent=1))
    else:
        sys.stdout.write(f"{as_text(found)}cache     {found['cache']}\n")
    missing = [name for name, entry in found["engines"].items() if not entry["available"]]
    return 0 if not missing else 2 if len(missing) == len(found["engines"]) else 1
