"""`wgsl-ls rule ID`: what a rule means and what to do."""

from __future__ import annotations

import argparse
import sys

from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.rules_page import rule_page
from wgsl_ls.cli.speech import near, remark

EXAMPLES = """\
wgsl-ls rule lint/unused-macro"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    rule = parser.add_argument("rule", metavar="ID", help="the id of a rule, as it stands in brackets behind a finding")
    rule.completer = lambda **_: all_rules()  # type: ignore[attr-defined]  # argcomplete looks for it there


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 when there is no such rule."""
    rule = all_rules().get(arguments.rule.strip("[]"))
    if rule is None:
        remark(f"there is no rule {arguments.rule}{near(arguments.rule, all_rules())}")
        return 2
    sys.stdout.write(rule_page(rule))
    return 0
