"""Formatting that survives directives: indentation, spaces between tokens, trailing white space. Nothing else.

Line breaks and comments stay. Directives stand at the margin, as kernel authors write them; code is indented by its
braces, and each branch of a conditional begins with the nesting that its #if had, so that an `if (...) {` may be opened
in one branch and another in the next. Lines are treated one by one and their number never changes, so an edit is a
list of changed lines. Whoever applies it checks with `same_tokens` that no variant's tokens changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wgsl_ls.analysis.features.symbols import blanked
from wgsl_ls.preprocess.directives import DirectiveTree
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.span import Span
from wgsl_ls.text.steps import Steps
from wgsl_ls.wgsl.lexer import BAD, END, TEMPLATE_CLOSE, TEMPLATE_OPEN, tokenize

_OPENERS = {"(": ")", "[": "]", "{": "}"}
_CLOSERS = frozenset(_OPENERS.values())
_ASSIGNING = ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=")
_COMPARING = ("<", ">", "<=", ">=", "==", "!=", "&&", "||")
_BINARY = frozenset({"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "->", *_ASSIGNING, *_COMPARING})
_MAYBE_UNARY = frozenset({"-", "*", "&", "!", "~"})
_BEFORE_VALUES = frozenset({"if", "while", "switch", "return", "case", "const_assert"})
_BEFORE_UNARY = _BINARY | _BEFORE_VALUES | {"(", "[", "{", "}", ",", ";", ":", "!", "~", TEMPLATE_OPEN}
_SPACED_WORDS = frozenset({"if", "for", "while", "switch", "return", "case", "else"})
_ENDS_STATEMENT = frozenset({";", "{", "}", ":", ","})
_WIDEST = 1024
"""Characters of indentation: 127 blocks in each other are the most that WGSL allows
(https://www.w3.org/TR/WGSL/#limits)."""
_AT_ONCE = 64
_OPERATOR_CHARACTERS = frozenset("+-*/%&|^<>=!~@#")


@dataclass(frozen=True, slots=True)
class LineEdit:
    """Replace `span` (one line without its end) by `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class _Bracket:
    """An open bracket: the indentation of its line before and after formatting, and whether it ended that line."""

    text: str
    old_indent: int
    new_indent: int
    ends_line: bool


def format_steps(tree: DirectiveTree, lines: LineIndex, indent: int) -> Steps[list[LineEdit]]:
    """The lines that formatting changes, in order."""
    edits = []
    for line, new in enumerate((yield from _formatted(tree, lines, indent))):
        if not line % _AT_ONCE:
            yield
        span = Span(lines.line_start(line), lines.line_end(line))
        if new is not None and tree.text[span.start : span.end] != new:
            edits.append(LineEdit(span, new))
    return edits


def edited(text: str, edits: Sequence[LineEdit]) -> str:
    """`text` with edits made that are in order."""
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += [text[position : edit.span.start], edit.text]
        position = edit.span.end
    return "".join([*pieces, text[position:]])


def same_tokens(before: str, after: str) -> bool:
    """Do two expansions differ in white space alone?"""
    lines, others = before.split("\n"), after.split("\n")
    if len(lines) == len(others) and all(
        one == other or tokenize(one).texts == tokenize(other).texts for one, other in zip(lines, others, strict=True)
    ):
        return True  # most lines are what they were, and reading both texts takes long
    return tokenize(before).texts == tokenize(after).texts


def _formatted(tree: DirectiveTree, lines: LineIndex, indent: int) -> Steps[list[str | None]]:
    """Per line its new text; None for lines that stay as they are."""
    text = tree.text
    result: list[str | None] = [None] * lines.n_lines
    tokens = tokenize(blanked(tree), comments=True)
    by_line: dict[int, list[int]] = {}
    yield
    for index, start in enumerate(tokens.starts):
        if not index % 1024:
            yield
        if tokens.kinds[index] != END:
            by_line.setdefault(lines.line_of(start), []).append(index)
    comments: dict[int, list[Span]] = {}
    inside_comment: set[int] = set()
    for comment in tokens.comments:
        first, last = lines.line_of(comment.start), lines.line_of(max(comment.start, comment.end - 1))
        comments.setdefault(first, []).append(comment)
        inside_comment.update(range(first + 1, last + 1))
    directives = {lines.line_of(offset): directive for offset, directive in tree.directives()}

    stack: list[_Bracket] = []
    saved: list[list[_Bracket]] = []
    previous: int | None = None  # the last token before the line
    only_attributes = False
    base_old = base_new = 0  # indentation of the line on which the present statement began
    for line in range(lines.n_lines):
        if not line % _AT_ONCE:
            yield
        start, end = lines.line_start(line), lines.line_end(line)
        written = text[start:end]
        if line in directives:
            kind = directives[line].kind
            if kind in ("if", "ifdef", "ifndef"):
                saved.append(list(stack))
            elif kind in ("elif", "else") and saved:
                stack = list(saved[-1])
            elif kind == "endif" and saved:
                saved.pop()
            result[line] = written.strip(" \t\r") if "\\" not in written else None
            previous = None
            continue
        on_line = by_line.get(line, [])
        own_comments = comments.get(line, [])
        old_indent = len(written) - len(written.lstrip())
        if line in inside_comment or any(tokens.kinds[index] == BAD for index in on_line):
            _advance(stack, on_line, tokens.kinds, old_indent, old_indent)  # it stays where it is
            previous = on_line[-1] if on_line else previous
            continue
        if not on_line and own_comments and own_comments[-1].end > end:
            continue  # a comment of several lines keeps its shape, its first line too
        if not on_line and not own_comments:
            result[line] = "" if not written.strip() else None
            continue
        leading_closers = 0
        for index in on_line:
            if tokens.kinds[index] not in _CLOSERS:
                break
            leading_closers += 1
        in_list = _in_list(stack)
        ended = previous is None or tokens.kinds[previous] in _ENDS_STATEMENT
        continues = not in_list and not ended and not only_attributes
        new_indent = _indent(stack, leading_closers, old_indent, indent, continues, base_old, base_new)
        if on_line and not continues and not in_list:
            base_old, base_new = old_indent, new_indent
            # What follows attributes, or a macro that stands alone (a whole declaration, mostly), begins anew.
            alone = len(on_line) == 1 and tokens.kinds[on_line[0]] == "identifier"
            only_attributes = alone or tokens.kinds[on_line[0]] == "@"
        if new_indent > _WIDEST:  # nesting that no compiler takes
            result[line] = None
            _advance(stack, on_line, tokens.kinds, old_indent, old_indent)
            previous = on_line[-1] if on_line else previous
            continue
        body = _spaced(text, start, end, on_line, own_comments, tokens.kinds, tokens.starts, tokens.texts, previous)
        result[line] = " " * new_indent + body
        _advance(stack, on_line, tokens.kinds, old_indent, new_indent)
        previous = on_line[-1] if on_line else previous
    return result


def _in_list(stack: list[_Bracket]) -> bool:
    return bool(stack) and stack[-1].text != "{"


def _indent(
    stack: list[_Bracket], closers: int, old: int, indent: int, continues: bool, base_old: int, base_new: int
) -> int:
    if closers and stack:
        bracket = stack[max(0, len(stack) - closers)]
        return bracket.new_indent if bracket.ends_line or bracket.text == "{" else _moved(old, bracket)
    if continues:
        shift = old - base_old
        return base_new + (shift if shift > 0 else indent)
    if not stack:
        return 0
    bracket = stack[-1]
    return bracket.new_indent + indent if bracket.ends_line or bracket.text == "{" else _moved(old, bracket)


def _moved(old: int, bracket: _Bracket) -> int:
    """Aligned by hand: keep the distance to the line of the bracket."""
    return max(0, old + bracket.new_indent - bracket.old_indent)


def _advance(stack: list[_Bracket], on_line: list[int], kinds: list[str], old: int, new: int) -> None:
    for position, index in enumerate(on_line):
        kind = kinds[index]
        if kind in _OPENERS:
            ends_line = position == len(on_line) - 1
            stack.append(_Bracket(kind, old, new, ends_line))
        elif kind in _CLOSERS:
            while stack and _OPENERS[stack[-1].text] != kind and stack[-1].text != "{":
                stack.pop()
            if stack and _OPENERS[stack[-1].text] == kind:
                closed = stack.pop()
                old, new = closed.old_indent, closed.new_indent  # a block behind it belongs to where it was opened


def _spaced(
    text: str,
    start: int,
    end: int,
    on_line: list[int],
    own_comments: list[Span],
    kinds: list[str],
    starts: list[int],
    texts: list[str],
    previous: int | None,
) -> str:
    """The line without its indentation, with one way of spacing between tokens; comments keep their distance."""
    pieces = [(starts[index], starts[index] + len(texts[index]), index) for index in on_line]
    pieces += [(comment.start, min(comment.end, end), -1) for comment in own_comments]
    pieces.sort()
    parts: list[str] = []
    last_end = start
    last = -1
    before_last = previous
    for begin, stop, index in pieces:
        gap = text[last_end:begin]
        if parts:
            if index < 0 or last < 0:  # a comment
                parts.append(gap or " ")
            else:
                space = _gap(kinds, last, index, before_last, gap)
                if not space and gap and _would_join(text[last_end - 1], text[begin]):
                    space = " "
                aligned = space == " " and len(gap) > 1 and not gap.strip(" ")
                parts.append(gap if aligned else space)  # columns made by hand stay
        parts.append(text[begin:stop])
        if last >= 0:
            before_last = last
        last, last_end = index, stop
    return "".join(parts).rstrip()


def _gap(kinds: list[str], left: int, right: int, before_left: int | None, written: str) -> str:
    """The space between two tokens of one line."""
    a, b = kinds[left], kinds[right]
    if b in (",", ";", ")", "]") or a in ("(", "[", "@") or b == "." or a == ".":
        return ""
    if a in (",", ";"):
        return " "
    if a == TEMPLATE_OPEN or b in (TEMPLATE_OPEN, TEMPLATE_CLOSE):
        return ""
    if b == ":":
        return ""
    if a == ":":
        return " "
    if b in ("++", "--"):
        return ""
    if a in _MAYBE_UNARY and _is_unary(kinds, left, before_left):
        return ""
    if a in _BINARY:
        return " "
    if b == "(":
        if a in _SPACED_WORDS:
            return " "
        return "" if a == TEMPLATE_CLOSE or a == "identifier" or a == "reserved" or a.isidentifier() else written[:1]
    if b == "[":
        return ""
    return "" if a == "{" and b == "}" else " "


def _would_join(left: str, right: str) -> bool:
    """Might two tokens become one when nothing stands between them?"""
    if left == ".":
        return right.isdigit()
    if left in _OPERATOR_CHARACTERS:
        return right in _OPERATOR_CHARACTERS
    return (left.isalnum() or left == "_") and (right.isalnum() or right in "_.")


def _is_unary(kinds: list[str], index: int, before: int | None) -> bool:
    if kinds[index] in ("!", "~"):
        return True
    return before is None or kinds[before] in _BEFORE_UNARY
