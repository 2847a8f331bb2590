"""`wgsl-ls schema`: the JSON schema of wgsl-ls.toml, for editors that check TOML by one."""

from __future__ import annotations

import argparse
import sys

from wgsl_ls.project.config_page import schema_text

EXAMPLES = """\
wgsl-ls schema    # for `#:schema ./wgsl-ls.schema.json` at the top of wgsl-ls.toml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(arguments: argparse.Namespace) -> int:
    sys.stdout.write(schema_text())
    return 0
