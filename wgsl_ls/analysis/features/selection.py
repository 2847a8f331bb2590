"""Selection ranges: ever larger spans round a place: word, expression, brackets, line, statement, block, branch,
conditional, file.

From the written text and its directives, so that it works in inactive code and in half-written code. Of each
conditional one branch is read, that round the place, so that blocks which branches open or close in common have an end.
"""

from __future__ import annotations

import re

from wgsl_ls.analysis.features.symbols import blanked
from wgsl_ls.preprocess.directives import CodeChunk, Conditional, Directive, DirectiveTree
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.span import Span
from wgsl_ls.text.words import word_at
from wgsl_ls.wgsl.lexer import comment_spans
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.syntax import walk

_VISIBLE = re.compile(r"\S")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CLOSERS = {close: opener for opener, close in _PAIRS.items()}


def selection_spans(tree: DirectiveTree, lines: LineIndex, offset: int) -> list[Span]:
    """Distinct spans that contain `offset`, from the smallest to the whole file, each inside the next."""
    text = tree.text
    word = word_at(text, offset)
    found = [word] if word else []
    line = lines.line_of(offset)
    line_span = Span(lines.line_start(line), lines.line_end(line))
    content = text[line_span.start : line_span.end]
    left = len(content) - len(content.lstrip())
    lines_too = [Span(line_span.start + left, line_span.start + len(content.rstrip()))] if content.strip() else []
    code = _one_reading(tree, offset)
    found.extend(_bracket_spans(code, offset))
    found.extend(_expression_spans(code, offset))
    # Where a block crosses a line or a conditional, the block is what is selected.
    others = [*lines_too, line_span, *_directive_spans(tree, offset)]
    found.extend([one for one in others if not any(map(one.crosses, found))])
    found.append(Span(0, len(text)))
    nested: list[Span] = []
    for span in sorted(set(found), key=lambda span: (len(span), span.start)):
        if span.touches(offset) and (not nested or span.covers(nested[-1])):
            nested.append(span)
    return nested


def _directive_spans(tree: DirectiveTree, offset: int) -> list[Span]:
    spans: list[Span] = []
    for start, node, _ in tree.walk():
        if isinstance(node, Directive) and start <= offset < start + node.length:
            spans.append(node.head_span.shifted(start))
            for inner in (node.value_span if node.value else None, node.condition_span if node.condition else None):
                if inner is not None and inner.shifted(start).touches(offset):
                    spans.append(inner.shifted(start))
        elif isinstance(node, Conditional) and start <= offset <= start + node.length:
            spans.append(Span(start, start + node.length))
            heads = [start + branch.offset for branch in node.branches]
            ends = [*heads[1:], start + node.endif_offset]
            for branch, head, end in zip(node.branches, heads, ends, strict=True):
                if head <= offset < end:
                    spans.append(Span(head, end))
                    spans.append(Span(head + branch.directive.length, end))
        elif isinstance(node, CodeChunk) and start <= offset <= start + node.length:
            spans.append(Span(start, start + node.length))
    return spans


def _one_reading(tree: DirectiveTree, offset: int) -> str:
    """The file's code with one branch of each conditional: that with `offset`, else the first."""
    left_out: list[tuple[int, int]] = []
    for start, node, _ in tree.walk():
        if isinstance(node, Conditional):
            heads = [start + branch.offset for branch in node.branches]
            ends = [*heads[1:], start + node.endif_offset]
            kept = next((at for at, end in enumerate(ends) if heads[at] <= offset < end), 0)
            for number, (head, end) in enumerate(zip(heads, ends, strict=True)):
                if number != kept:
                    left_out.append((head, end))
    text = blanked(tree)
    pieces: list[str] = []
    position = 0
    for head, end in sorted(left_out):  # one may lie in another
        if end > position:
            head = max(head, position)
            pieces += [text[position:head], _VISIBLE.sub(" ", text[head:end])]
            position = end
    return "".join([*pieces, text[position:]])


def _expression_spans(text: str, offset: int) -> list[Span]:
    """Each expression and statement round `offset`."""
    for start, declaration in parse(text).declarations:
        if start <= offset <= start + declaration.end:
            around = (node for node in walk(declaration) if start + node.start <= offset <= start + node.end)
            return [Span(start + node.start, start + node.end) for node in around]
    return []


def _bracket_spans(text: str, offset: int) -> list[Span]:
    """Inside and round each pair of brackets that encloses `offset`, comments left out."""
    skipped = [(comment.start, comment.end) for comment in comment_spans(text)]
    spans: list[Span] = []
    stack: list[tuple[str, int]] = []
    position = 0
    for low, high in [*skipped, (len(text), len(text))]:
        for index in range(position, low):
            character = text[index]
            if character in _PAIRS:
                stack.append((character, index))
            elif character in _CLOSERS:
                while stack and stack[-1][0] != _CLOSERS[character]:
                    stack.pop()
                if stack:
                    opener, start = stack.pop()
                    if start < offset <= index or start == offset:
                        spans.append(Span(start + 1, index))
                        spans.append(Span(start, index + 1))
                        if opener == "{":
                            spans.append(Span(_head_of_block(text, start), index + 1))
        position = high
    return spans


def _head_of_block(text: str, brace: int) -> int:
    """Start of the statement or declaration whose block begins at `brace`."""
    start = brace
    depth = 0
    while start > 0:
        character = text[start - 1]
        if character == ")":
            depth += 1
        elif character == "(":
            depth -= 1
        elif depth == 0 and character in ";{}":
            break
        start -= 1
    position = start
    for line in text[start:brace].splitlines(keepends=True):
        position += len(line)
        if line.lstrip().startswith(("#", "//")) and position <= brace:
            start = position
    head = text[start:brace]
    return start + len(head) - len(head.lstrip())
