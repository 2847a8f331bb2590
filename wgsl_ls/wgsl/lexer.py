"""Tokens of WGSL text as parallel lists, with the template lists already found.

One master regular expression splits the text; `<` and `>` around template arguments then get kinds of their own
by the algorithm of https://www.w3.org/TR/WGSL/#template-list-discovery, which also splits `>>`, `>=` and `>>=`
when their first `>` closes a list. The kind of a keyword or punctuation is its own text, so the parser compares
short strings. Nested block comments are no regular language: they are blanked first, offsets unchanged.

Not here: directives of any preprocessor; the text is expanded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.words import KEYWORDS, RESERVED_WORDS

IDENTIFIER = "identifier"
INTEGER = "integer"
FLOAT = "float"
RESERVED = "reserved"  # a reserved word, or a name that begins with two underscores
BAD = "bad"  # a character or number that WGSL does not know
END = "end"
TEMPLATE_OPEN = "<template"
TEMPLATE_CLOSE = "template>"

_BREAK = "\n\r\v\f\x85\u2028\u2029"
BLANK = f" \t{_BREAK}\u200e\u200f"
LINE_COMMENT = rf"//[^{_BREAK}]*+"
"""A pattern; for texts without block comments."""
_TRIVIA = rf"(?:[{BLANK}]++|{LINE_COMMENT})*+"
_NUMBER = (
    r"0[xX](?:[0-9a-fA-F]*\.[0-9a-fA-F]+(?:[pP][+-]?[0-9]+[fh]?)?|[0-9a-fA-F]+\.(?:[pP][+-]?[0-9]+[fh]?)?"
    r"|[0-9a-fA-F]+[pP][+-]?[0-9]+[fh]?|[0-9a-fA-F]+[iu]?)"
    r"|[0-9]+\.[0-9]*(?:[eE][+-]?[0-9]+)?[fh]?|\.[0-9]+(?:[eE][+-]?[0-9]+)?[fh]?"
    r"|[0-9]+[eE][+-]?[0-9]+[fh]?|[0-9]+[iufh]?"
)
_PUNCTUATION = r"<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||->|\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^=|[-+*/%&|^~!<>=(){}\[\],;:.@]"
_PAIR = re.compile(rf"({_TRIVIA})([^\W\d]\w*+|{_NUMBER}|{_PUNCTUATION}|.|)", re.DOTALL)
_TRIVIA_AT = re.compile(_TRIVIA)
_COMMENT_START = re.compile(rf"{LINE_COMMENT}|/\*")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_DECIMAL_LEADING_ZERO = re.compile(r"0[0-9]+[iufh]?\Z")
_INTEGER_TEXT = re.compile(r"(?:0[xX][0-9a-fA-F]+|[0-9]+)[iu]?\Z")


class _Kinds(dict[str, str]):
    """Token text -> kind, remembered; bounded because a long editing session invents ever new names."""

    limit = 65_536

    def __missing__(self, text: str) -> str:
        if len(self) > self.limit:
            self.clear()
        kind = self[text] = _classify(text)
        return kind


def _classify(text: str) -> str:
    first = text[:1]
    if not first:
        return END
    if text == "_" or text in KEYWORDS:
        return text
    if first.isdigit() or (first == "." and len(text) > 1):
        if not first.isascii() or _DECIMAL_LEADING_ZERO.match(text):
            return BAD
        return INTEGER if _INTEGER_TEXT.match(text) else FLOAT
    if first == "_" or first.isalpha():
        if text.startswith("__") or text in RESERVED_WORDS:
            return RESERVED
        return IDENTIFIER if text.isidentifier() else BAD
    if text.isidentifier():
        return IDENTIFIER
    return text if re.fullmatch(_PUNCTUATION, text) else BAD


_KINDS = _Kinds()


@dataclass(slots=True, eq=False)
class Tokens:
    """Parallel lists; the last token has kind END and lies at the end of the text. `comments`: spans of comments
    in text order, empty unless asked for."""

    kinds: list[str]
    texts: list[str]
    starts: list[int]
    comments: tuple[Span, ...] = ()

    def __len__(self) -> int:
        return len(self.kinds)


def tokenize(text: str, *, comments: bool = False) -> Tokens:
    """The tokens of `text`; never raises."""
    blanked, unterminated = blank_block_comments(text)
    tokens = tokenize_blanked(blanked)
    if unterminated is not None:
        tokens.kinds.insert(-1, BAD)
        tokens.texts.insert(-1, "/*")
        tokens.starts.insert(-1, unterminated)
    if comments:
        tokens.comments = tuple(comment_spans(text))
    return tokens


def tokenize_blanked(text: str) -> Tokens:
    """Like tokenize, for text without block comments."""
    pairs = _PAIR.findall(text)
    edges = list(accumulate(map(len, chain.from_iterable(pairs))))
    texts = [pair[1] for pair in pairs]
    starts = edges[0::2]
    # The empty alternative matches once behind trailing white space and once more at the very end.
    if len(texts) > 1 and not texts[-2]:
        texts.pop()
        starts.pop()
    kinds = list(map(_KINDS.__getitem__, texts))
    if "<" in kinds:
        _find_template_lists(kinds, texts, starts)
    return Tokens(kinds, texts, starts)


def _find_template_lists(kinds: list[str], texts: list[str], starts: list[int]) -> None:
    """Marks the angle brackets of template lists, in place; see the specification's algorithm of that name."""
    pending: list[tuple[int, int]] = []  # (index of "<", nesting depth there)
    depth = 0
    index = kinds.index("<") - 1
    # Before the first "<" only the nesting depth matters, and statements reset it; count from the beginning of
    # this statement to stay exact.
    for before in range(index, -1, -1):
        if kinds[before] in _RESETS:
            break
        if kinds[before] in ("(", "["):
            depth += 1
        elif kinds[before] in (")", "]"):
            depth -= 1
    depth = max(depth, 0)
    splits: list[tuple[int, int, list[tuple[str, str, int]]]] = []  # (index, tokens there, what they become)
    n_kinds = len(kinds)
    while index + 1 < n_kinds:
        index += 1
        kind = kinds[index]
        if kind not in _STRUCTURAL:
            continue
        if kind == "<":
            previous = kinds[index - 1] if index else ""
            if previous in _NAMES:
                pending.append((index, depth))
        elif kind in _CLOSERS:
            pieces: list[tuple[str, str, int]] = []
            rest, start, n_tokens = kind, starts[index], 1
            while rest in _CLOSERS and pending and pending[-1][1] == depth:
                kinds[pending.pop()[0]] = TEMPLATE_OPEN
                pieces.append((TEMPLATE_CLOSE, ">", start))
                rest, start = rest[1:], start + 1
            if pieces and rest == "=":
                if index + 1 < n_kinds and kinds[index + 1] == "=" and starts[index + 1] == start + 1:
                    rest, n_tokens = "==", 2
                else:
                    depth = 0
                    pending.clear()
            if kind == ">" and pieces:
                kinds[index] = TEMPLATE_CLOSE
            elif pieces:
                splits.append((index, n_tokens, [*pieces, (rest, rest, start)] if rest else pieces))
                index += n_tokens - 1
        elif kind in ("(", "["):
            depth += 1
        elif kind in (")", "]"):
            while pending and pending[-1][1] >= depth:
                pending.pop()
            depth = max(0, depth - 1)
        elif kind in ("&&", "||"):
            while pending and pending[-1][1] >= depth:
                pending.pop()
        else:
            depth = 0
            pending.clear()
    if splits:
        _split_tokens(kinds, 0, splits)
        _split_tokens(texts, 1, splits)
        _split_tokens(starts, 2, splits)


def _split_tokens(values: list[Any], column: int, splits: list[tuple[int, int, list[tuple[str, str, int]]]]) -> None:
    """All at once, in place: each alone would move what stands behind it."""
    made: list[Any] = []
    done = 0
    for index, n_tokens, pieces in splits:
        made += values[done:index]
        made += [piece[column] for piece in pieces]
        done = index + n_tokens
    made += values[done:]
    values[:] = made


_RESETS = frozenset((";", "{", ":", "="))
_NAMES = KEYWORDS | {IDENTIFIER, RESERVED}
_CLOSERS = frozenset((">", ">>", ">=", ">>="))
_STRUCTURAL = _RESETS | _CLOSERS | frozenset(("<", "(", "[", ")", "]", "&&", "||"))


def operand_end(text: str, start: int) -> int:
    """Where the operand that begins at `start` plausibly ends, also in a text that is no WGSL: its first token, with
    the template list, calls, indices and members that follow it. A bracket that nothing closes ends its line."""
    tokens = tokenize(text[start : start + _LONGEST_OPERAND])
    kinds, texts, starts = tokens.kinds, tokens.texts, tokens.starts
    index = 0
    while kinds[index] != END:
        if index and kinds[index] == "." and kinds[index + 1] == IDENTIFIER:
            index += 2
        elif kinds[index] in _OPENING and (index or kinds[index] == "("):
            closing = closing_bracket(kinds, index)
            if closing is None:
                line_end = text.find("\n", start + starts[index])
                return line_end if line_end >= 0 else len(text)
            index = closing + 1
        elif not index:
            index = 1
        else:
            break
    if not index:
        return min(start + 1, len(text))
    return start + starts[index - 1] + len(texts[index - 1])


def closing_bracket(kinds: list[str], opening: int) -> int | None:
    """Index of the token that closes the bracket or template list at `opening`."""
    depth = 0
    for index in range(opening, len(kinds)):
        if kinds[index] in _OPENING:
            depth += 1
        elif kinds[index] in _CLOSING:
            depth -= 1
            if not depth:
                return index
    return None


_LONGEST_OPERAND = 4000
_OPENING = frozenset(("(", "[", TEMPLATE_OPEN))
_CLOSING = frozenset((")", "]", TEMPLATE_CLOSE))


def trivia_end(text: str, start: int) -> int:
    """Offset of the first character at or behind `start` that is neither white space nor a line comment."""
    found = _TRIVIA_AT.match(text, start)
    return found.end() if found else start


def blank_block_comments(text: str) -> tuple[str, int | None]:
    """(`text` with every block comment replaced by as many spaces, start of an unterminated one or None). Line
    breaks inside stay."""
    if "/*" not in text:
        return text, None
    parts: list[str] = []
    done = 0
    for start, end, closed in _block_comments(text):
        parts.append(text[done:start])
        inside = text[start:end]
        parts.append("\n".join(" " * len(part) for part in inside.split("\n")))
        done = end
        if not closed:
            return "".join(parts), start
    parts.append(text[done:])
    return "".join(parts), None


def blank_comments(text: str) -> str:
    """`text` with every comment, line and block, replaced by as many spaces."""
    parts: list[str] = []
    done = 0
    for span in comment_spans(text):
        parts.append(text[done : span.start])
        parts.append("\n".join(" " * len(part) for part in text[span.start : span.end].split("\n")))
        done = span.end
    parts.append(text[done:])
    return "".join(parts)


def comment_spans(text: str) -> list[Span]:
    """Every comment, line and block, in text order."""
    spans: list[Span] = []
    if "//" in text or "/*" in text:
        _block_comments(text, spans)
    return spans


def _block_comments(text: str, collect: list[Span] | None = None) -> list[tuple[int, int, bool]]:
    """(start, end, closed) of the block comments; all comments are appended to `collect` if given."""
    found: list[tuple[int, int, bool]] = []
    match = _COMMENT_START.search(text)
    while match:
        start, end = match.span()
        if match.group() == "/*":
            depth = 1
            while depth:
                edge = _COMMENT_EDGE.search(text, end)
                if edge is None:
                    end = len(text)
                    break
                end = edge.end()
                depth += 1 if edge.group() == "/*" else -1
            found.append((start, end, depth == 0))
        if collect is not None:
            collect.append(Span(start, end))
        match = _COMMENT_START.search(text, end)
    return found
