"""`wgsl-ls rules`: what every rule means and what to do, the page RULES.md."""

from __future__ import annotations

import argparse
import sys

from wgsl_ls.analysis.rules_page import rules_page

EXAMPLES = """\
wgsl-ls rules"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(arguments: argparse.Namespace) -> int:
    sys.stdout.write(rules_page())
    return 0
