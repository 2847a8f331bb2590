"""`wgsl-ls diff`: what two variants give the compiler, compared; or what changes when one macro is flipped."""

from __future__ import annotations

import argparse
import difflib

from wgsl_ls.cli.composition import UserError, one_root, one_variant, open_session
from wgsl_ls.cli.numbers import at_least
from wgsl_ls.cli.speech import pass_on, remark

EXAMPLES = """\
wgsl-ls diff flash_attn.wgsl K_Q8_0 K_Q4_0         # two variants
wgsl-ls diff flash_attn.wgsl K_Q8_0 --flip MASK    # what one macro changes"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a shader")
    parser.add_argument("left", metavar="V1", help="a variant: its name, a glob for it, or its words")
    parser.add_argument("right", metavar="V2", nargs="?", help="left out with --flip")
    parser.add_argument("--flip", action="append", default=[], metavar="NAME[=VALUE]", help="V1 with a macro flipped")
    parser.add_argument(
        "--context", type=at_least(0), default=3, metavar="N", help="lines round a difference (default 3)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 when the texts are equal, 1 when they differ, 2 when that cannot be said."""
    try:
        session = open_session([arguments.file])
        view = one_root(session, arguments.file)
        left = one_variant(view, arguments.left)
        if arguments.flip:
            other = view.flipped(left, arguments.flip)
            other_name = f"{view.variants[left].name} with {', '.join(arguments.flip)} flipped"
        elif arguments.right is not None:
            right = one_variant(view, arguments.right)
            other, other_name = view.expansion(right), view.variants[right].name
        else:
            raise UserError("name a second variant, or flip a macro with --flip NAME")
    except UserError as problem:
        remark(str(problem))
        return 2
    lines = list(
        difflib.unified_diff(
            view.expansion(left).text.splitlines(keepends=True),
            other.text.splitlines(keepends=True),
            view.variants[left].name,
            other_name,
            n=arguments.context,
        )
    )
    pass_on("".join(lines))
    if not lines:
        remark(f"no difference between {view.variants[left].name} and {other_name}")
    return session.ended(1 if lines else 0)
