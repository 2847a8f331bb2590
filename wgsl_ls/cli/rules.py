"""`wgsl-ls rules`: what each rule means and what to do, one rule or the page RULES.md."""

from __future__ import annotations

import argparse
import sys
from difflib import get_close_matches

from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.rules_page import rule_section, rules_page


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", nargs="?", help="the id of one rule, such as lint/unused-macro; all without")


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 when there is no such rule."""
    if arguments.rule is None:
        sys.stdout.write(rules_page())
        return 0
    rule = all_rules().get(arguments.rule)
    if rule is None:
        near = get_close_matches(arguments.rule, all_rules(), 1, 0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        print(f"wgsl-ls: there is no rule {arguments.rule}{hint}", file=sys.stderr)
        return 2
    sys.stdout.write(rule_section(rule))
    return 0
