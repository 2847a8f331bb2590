"""Folding ranges of one file: conditionals by branch, braces, comments, runs of directives, `#region` comments.

Told from the written text alone, so that inactive code folds like active code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from wgsl_ls.analysis.features.symbols import blanked
from wgsl_ls.preprocess.directives import Conditional, Directive, DirectiveTree
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.wgsl.lexer import blank_comments, comment_spans

_BRACE = re.compile(r"[{}]")
_REGION = re.compile(r"//\s*#?(region|endregion)\b")


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines from 0, both folded into the first."""

    start_line: int
    end_line: int
    kind: Literal["", "comment", "imports", "region"] = ""


def folding_ranges(tree: DirectiveTree, lines: LineIndex) -> list[Fold]:
    folds = [*_conditionals(tree, lines), *_code(tree, lines), *_runs(tree, lines)]
    distinct = dict.fromkeys(fold for fold in folds if fold.end_line > fold.start_line)
    return sorted(distinct, key=lambda fold: (fold.start_line, -fold.end_line))


def _conditionals(tree: DirectiveTree, lines: LineIndex) -> Iterator[Fold]:
    for offset, node, _ in tree.walk():
        if not isinstance(node, Conditional):
            continue
        starts = [offset + branch.offset for branch in node.branches]
        end = offset + (node.endif_offset if node.endif is not None else node.length)
        for start, stop in zip(starts, [*starts[1:], end], strict=True):
            last = lines.line_of(stop) - (1 if stop < tree.length or node.endif is not None else 0)
            yield Fold(lines.line_of(start), last, "region")


def _code(tree: DirectiveTree, lines: LineIndex) -> Iterator[Fold]:
    """Braces and comments. Each branch of a conditional begins with the braces that are open in front of it, and the
    last one's stay open behind it."""
    text = blanked(tree)
    yield from _comments(text, lines)
    braces = [(match.start(), match[0]) for match in _BRACE.finditer(blank_comments(text))]
    directives = [(offset, directive.kind) for offset, directive in tree.directives()]
    opened: list[int] = []
    at_openers: list[list[int]] = []
    paired: set[int] = set()
    for at, what in sorted([*braces, *directives]):
        if what == "{":
            opened.append(at)
        elif what == "}" and opened:
            start = opened.pop()
            if start not in paired:  # by an earlier branch
                paired.add(start)
                yield Fold(lines.line_of(start), lines.line_of(at) - 1)
        elif what in ("if", "ifdef", "ifndef"):
            at_openers.append(opened.copy())
        elif what in ("elif", "else") and at_openers:
            opened = at_openers[-1].copy()
        elif what == "endif" and at_openers:
            at_openers.pop()


def _comments(text: str, lines: LineIndex) -> Iterator[Fold]:
    """Block comments, runs of line comments that stand alone, and `#region` comments."""
    regions: list[int] = []
    run: tuple[int, int] | None = None
    for comment in comment_spans(text):
        line = lines.line_of(comment.start)
        if text.startswith("/*", comment.start):
            yield Fold(line, lines.line_of(comment.end - 1), "comment")
            continue
        region = _REGION.match(text, comment.start)
        if region is not None and region[1] == "region":
            regions.append(line)
        elif region is not None and regions:
            yield Fold(regions.pop(), line, "region")
        alone = region is None and not text[lines.line_start(line) : comment.start].strip()
        if alone and run is not None and run[1] == line - 1:
            run = (run[0], line)
            continue
        if run is not None:
            yield Fold(*run, "comment")
        run = (line, line) if alone else None
    if run is not None:
        yield Fold(*run, "comment")


def _runs(tree: DirectiveTree, lines: LineIndex) -> Iterator[Fold]:
    """Directly following #include or #define lines."""
    run: tuple[int, int, str] | None = None
    for offset, node, _ in tree.walk():
        kind = node.kind if isinstance(node, Directive) else ""
        if kind in ("include", "define"):
            line, last = lines.line_of(offset), lines.line_of(offset + max(0, node.length - 1))
            if run is not None and run[2] == kind and run[1] == line - 1:
                run = (run[0], last, kind)
                continue
            if run is not None:
                yield Fold(run[0], run[1], "imports" if run[2] == "include" else "region")
            run = (line, last, kind)
    if run is not None:
        yield Fold(run[0], run[1], "imports" if run[2] == "include" else "region")
