"""`wgsl-ls coverage`: which lines of the shaders some variant uses, and how many variants use each."""

from __future__ import annotations

import argparse
import html
import json
from contextlib import nullcontext

from wgsl_ls.analysis.presence import FileCoverage, coverage
from wgsl_ls.cli.composition import Session, UserError, chosen_roots, open_session
from wgsl_ls.cli.output import Output
from wgsl_ls.cli.shown_path import relative_path, shown_path
from wgsl_ls.cli.speech import pass_on, remark
from wgsl_ls.text.source_file import SourceFile

EXAMPLES = """\
wgsl-ls coverage shaders
wgsl-ls coverage shaders --format lcov"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: here)")
    parser.add_argument("--variant", metavar="V", help="only those of this name, a glob for names, or words of them")
    parser.add_argument("--format", choices=["human", "lcov", "json", "html"], default="human", help="(default: human)")
    parser.add_argument("--output", metavar="FILE", help="write it there instead of to standard output")


def run(arguments: argparse.Namespace) -> int:
    try:
        with Output(arguments.output) if arguments.output else nullcontext() as output:
            session = open_session(arguments.paths, variant_glob=arguments.variant)
            roots = chosen_roots(session, arguments.paths)
            lines = _count(session, roots)
            text = {"human": _human, "lcov": _lcov, "json": _json, "html": _html}[arguments.format](session, lines)
            if output is not None:
                output.write(text)
            else:
                pass_on(text)
    except UserError as problem:
        remark(str(problem))
        return 2
    return session.ended(0)


Counts = dict[str, list[int | None]]
"""Per file and line: how many variants (of all roots) use it; None for lines without code."""


def _count(session: Session, roots: list[str]) -> Counts:
    counts: Counts = {}
    for root in roots:
        with session.boundary(root):
            for view in session.snapshot.views([root]):
                for covered in coverage(session.snapshot, view):
                    _add(counts, covered)
    return counts


def _add(counts: Counts, covered: FileCoverage) -> None:
    known = counts.setdefault(covered.path, [None] * len(covered.lines))
    for line, variants in enumerate(covered.lines):
        if variants is not None:
            known[line] = (known[line] or 0) + variants.bit_count()


def _human(session: Session, counts: Counts) -> str:
    rows = []
    for path, lines in counts.items():
        code = [count for count in lines if count is not None]
        used = sum(1 for count in code if count)
        share = 100 * used / len(code) if code else 100.0
        rows.append(f"{share:6.1f} %  {used:5} of {len(code):5} lines  {shown_path(path)}")
        rows.extend(f"            never active: {first}-{last}" for first, last in _unused(lines))
    return "\n".join(rows) + "\n"


def _unused(lines: list[int | None]) -> list[tuple[int, int]]:
    """Ranges of lines (from 1) that no variant uses; lines without code join their neighbours."""
    ranges: list[tuple[int, int]] = []
    start = last = 0
    for number, count in enumerate(lines, start=1):
        if count == 0:
            start = start or number
            last = number
        elif count and start:
            ranges.append((start, last))
            start = 0
    if start:
        ranges.append((start, last))
    return ranges


def _lcov(session: Session, counts: Counts) -> str:
    parts = []
    for path, lines in counts.items():
        code = [(number, count) for number, count in enumerate(lines, start=1) if count is not None]
        parts.append(f"SF:{path}\n")
        parts.extend(f"DA:{number},{count}\n" for number, count in code)
        parts.append(f"LF:{len(code)}\nLH:{sum(1 for _, count in code if count)}\nend_of_record\n")
    return "".join(parts)


def _json(session: Session, counts: Counts) -> str:
    return json.dumps({"version": 1, "files": {relative_path(path): lines for path, lines in counts.items()}}) + "\n"


def _html(session: Session, counts: Counts) -> str:
    most = max((count or 1 for lines in counts.values() for count in lines), default=1)
    parts = [
        "<!doctype html><meta charset=utf-8><title>Variant coverage</title><style>"
        "body{font:14px system-ui;margin:2em}pre{line-height:1.35}"
        ".c{display:inline-block;width:4em;text-align:right;color:#777;margin-right:1em}"
        ".z{background:#ffd7d7}@media(prefers-color-scheme:dark){body{background:#1e1e1e;color:#ddd}.z{background:#5a1d1d}}"
        "</style><h1>Variant coverage</h1>"
    ]
    for path, lines in counts.items():
        source = session.snapshot.read(path)
        if not isinstance(source, SourceFile):
            continue
        parts.append(f"<h2>{html.escape(shown_path(path))}</h2><pre>")
        for line, count in enumerate(lines):
            text = html.escape(source.text[source.lines.line_start(line) : source.lines.line_end(line)])
            if count is None:
                parts.append(f"<span class=c></span>{text}\n")
            elif count:
                shade = 0.08 + 0.3 * count / most
                parts.append(
                    f'<span class=c>{count}</span><span style="background:rgba(80,170,90,{shade:.2f})">{text}</span>\n'
                )
            else:
                parts.append(f"<span class=c>0</span><span class=z>{text}</span>\n")
        parts.append("</pre>")
    return "".join(parts) + "\n"
