"""`wgsl-ls identify FILE|-`: which shader, variant and written line a pasted error or dumped WGSL speaks of."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import nullcontext

from wgsl_ls.analysis.identify import Match, identify
from wgsl_ls.cli.composition import Session, UserError, chosen_roots, open_session
from wgsl_ls.cli.shown_path import shown_path
from wgsl_ls.cli.speech import remark, say
from wgsl_ls.text.harmless import one_line

_MOST_SHOWN = 8
_MOST_CHARACTERS = 64 << 20
EXAMPLES = """\
wgsl-ls identify error.txt .   # the variant and the written line of a compiler's message
wgsl-ls identify - .           # the same, pasted"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="FILE", help="the error, log or WGSL; '-': standard input")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders or shaders (default: this folder)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")


def run(arguments: argparse.Namespace) -> int:
    try:
        text = _text(arguments.text)
        session = open_session(arguments.paths)
        roots = chosen_roots(session, arguments.paths)
    except UserError as problem:
        remark(str(problem))
        return 2
    found = list(identify(session.snapshot.views(roots), text))
    if arguments.format == "json":
        print(json.dumps([_plain(session, match) for match in found], indent=1))
    else:
        together: dict[tuple[object, ...], list[Match]] = {}
        for match in found:
            together.setdefault((match.root, match.by, match.places), []).append(match)
        for (one, *_), names in ((matches, [match.variant for match in matches]) for matches in together.values()):
            places = ", ".join(session.shown_place(place) for place in one.places) or shown_path(one.root)
            how = " (the whole text)" if one.by == "text" else ""
            for name in names[:_MOST_SHOWN]:
                say(f"{places}: {one_line(name)}{how}")
            if len(names) > _MOST_SHOWN:
                say(f"{places}: and {len(names) - _MOST_SHOWN:,} more variants of {shown_path(one.root)}")
        if len(found) > 1:
            remark("more than one variant has this text: which of them it was cannot be told from it")
    if not found:
        remark("no variant of these shaders has this text, nor the lines that it quotes")
    return session.ended(0 if found else 1)


def _text(name: str) -> str:
    try:
        with nullcontext(sys.stdin) if name == "-" else open(name, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - of either
            text = file.read(_MOST_CHARACTERS + 1)
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror or error}") from error
    if len(text) > _MOST_CHARACTERS:
        raise UserError(f"{name} has more than {_MOST_CHARACTERS:,} characters; name a file with less of the log")
    return text


def _plain(session: Session, match: Match) -> dict[str, object]:
    return {
        "shader": shown_path(match.root),
        "variant": match.variant,
        "by": match.by,
        "places": [session.shown_place(place) for place in match.places],
    }
