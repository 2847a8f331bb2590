"""parse: expanded WGSL text -> Module. Never raises.

The text is cut into top-level declarations by a cheap scan of braces and semicolons; only declarations whose text
was not seen before are parsed (ParseCache), so a keystroke costs the one function it falls into. When the braces
do not balance, a slower scan also cuts at keywords that never stand inside a function, so that one missing brace
does not swallow the rest of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from wgsl_ls.text.steps import Steps, finished
from wgsl_ls.wgsl.declaration_parser import DeclarationParser
from wgsl_ls.wgsl.expression_parser import SyntaxProblem
from wgsl_ls.wgsl.lexer import LINE_COMMENT, blank_block_comments, trivia_end
from wgsl_ls.wgsl.module import Chunk, Module, Placed
from wgsl_ls.wgsl.syntax import Declaration, DiagnosticDirective, ModuleDirective

_EDGES = re.compile(rf"{LINE_COMMENT}|[;{{}}]")
_DECLARATION = (
    r"(?<![\w.])(?:fn|struct|alias|override|enable|requires)(?!\w)(?=\s+[^\W\d])"
    r"|(?<![\w.])var\s*<\s*(?:storage|uniform|workgroup|private)(?!\w)"
)
_BEGINS = re.compile(r"@|(?:fn|struct|alias|override|enable|requires|diagnostic|const_assert|const)(?!\w)|var\s*<")
_EDGES_AND_DECLARATIONS = re.compile(rf"{LINE_COMMENT}|[;{{}}]|{_DECLARATION}")

LONGEST_READ: Final = 500_000
"""Characters of a text, up to where its declarations are read: some ten seconds' work at worst, and several times what
any shader has."""
TOO_LONG: Final = (
    f"not judged by our own front end: a text is read up to {LONGEST_READ:,} characters; compilers read on"
)
TOO_DEEP: Final = "not judged by our own front end: this is nested too deeply to be read; compilers may read it"


class ParseCache:
    """Declaration text -> Chunk, bounded by the characters of the texts it keeps (a tree with what analysis found
    takes some 70 bytes per character). Two generations: what the younger one asks of the older moves over, and
    when the younger is full the older is dropped, so an editing session stays flat."""

    def __init__(self, limit: int = 1_000_000) -> None:
        self._limit = limit
        self._young: dict[str, Chunk] = {}
        self._old: dict[str, Chunk] = {}
        self._n_characters = 0
        self.n_parsed = 0

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())

    def chunk(self, text: str) -> Chunk:
        found = self._young.get(text)
        if found is None:
            found = self._old.get(text)
            if found is None:
                found = parse_chunk(text)
                self.n_parsed += 1
            self._n_characters += len(text)
            if self._n_characters > self._limit // 2:
                self._old, self._young = self._young, {}
                self._n_characters = len(text)
            self._young[text] = found
        return found


PARSED = ParseCache()
"""What the whole process shares."""


def parse(text: str, cache: ParseCache | None = None) -> Module:
    """The module in `text`; `cache`: PARSED by default."""
    return finished(parse_steps(text, cache))


def parse_steps(text: str, cache: ParseCache | None = None) -> Steps[Module]:
    """`parse` with a pause behind each declaration."""
    blanked, unterminated = blank_block_comments(text)
    placed: list[Placed] = []
    for one in _placed(blanked, cache if cache is not None else PARSED):
        placed.append(one)
        yield
    extra: list[SyntaxProblem] = []
    if unterminated is not None:
        extra.append(SyntaxProblem(unterminated, unterminated + 2, "unterminated block comment"))
    extra.extend(_misplaced_directives(placed))
    return Module(text, tuple(placed), tuple(extra))


def _placed(blanked: str, cache: ParseCache) -> Iterator[Placed]:
    """The declarations of a text without block comments, each parsed when it is asked for. What lies beyond our limits
    is one that cannot be read."""
    for start, end in split(blanked):
        if end > LONGEST_READ:
            line_end = blanked.find("\n", start, start + 80)
            told = SyntaxProblem(
                0, (line_end if line_end > start else min(end, start + 80)) - start, TOO_LONG, "unread"
            )
            yield Placed(start, Chunk(blanked[start:], None, (told,)))
            return
        yield Placed(start, cache.chunk(blanked[start:end]))


def outline(text: str, cache: ParseCache | None = None, *, word: str = "") -> Module:
    """As `parse`, with empty function bodies: what stands at module scope, for a fraction of the cost. Functions that
    contain `word` keep theirs. Problems of the text are not looked for."""
    if cache is None:
        cache = PARSED
    blanked, _ = blank_block_comments(text)
    placed: list[Placed] = []
    for start, end in split(blanked):
        if end > LONGEST_READ:
            break
        piece = blanked[start:end]
        if piece.startswith(("@", "fn")) and not (word and word in piece):
            brace = next((match for match in _EDGES.finditer(piece) if match[0] == "{"), None)
            if brace is not None:
                piece = piece[: brace.start()] + "{}"
        placed.append(Placed(start, cache.chunk(piece)))
    return Module(text, tuple(placed))


def split(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the top-level declarations of a text without block comments."""
    pieces = _split_by_braces(text)
    return iter(_split_by_declarations(text) if pieces is None else pieces)


def _split_by_braces(text: str) -> list[tuple[int, int]] | None:
    """None when the braces do not balance."""
    pieces: list[tuple[int, int]] = []
    depth = 0
    start = trivia_end(text, 0)
    for match in _EDGES.finditer(text, start):
        edge = match[0]
        if edge == "{":
            depth += 1
        elif edge == "}":
            depth -= 1
            if depth < 0:
                return None
            if not depth:
                end = match.end()
                pieces.append((start, end))
                start = trivia_end(text, end)
        elif edge == ";" and not depth:
            end = match.end()
            if pieces and text[start:end] == ";" and pieces[-1][1] <= start:
                # The optional `;` behind a struct or function, a declaration of its own, says nothing.
                start = trivia_end(text, end)
                continue
            pieces.append((start, end))
            start = trivia_end(text, end)
    if depth:
        return None
    if start < len(text):
        pieces.append((start, len(text)))
    return pieces


def _split_by_declarations(text: str) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    depth = 0
    start = trivia_end(text, 0)
    boundary = start  # behind the last `;`, `{` or `}`: attributes of a declaration begin there
    is_open = False  # the current piece already holds the declaration it was cut for
    for match in _EDGES_AND_DECLARATIONS.finditer(text, start):
        edge = match[0]
        if edge.startswith("//"):
            continue
        if edge == "{":
            depth += 1
            boundary = match.end()
        elif edge == "}" or edge == ";":
            if edge == "}":
                depth = max(0, depth - 1)
            boundary = match.end()
            if not depth and _may_begin(text, trivia_end(text, boundary), start):
                pieces.append((start, boundary))
                start = trivia_end(text, boundary)
                is_open = False
        elif depth or is_open:
            cut = trivia_end(text, boundary) if depth else match.start()
            if cut > start:
                pieces.append((start, _rstrip(text, start, cut)))
                start = cut
            depth = 0
            is_open = True
        else:
            is_open = edge.startswith(("fn", "struct"))
    if start < len(text):
        pieces.append((start, len(text)))
    return pieces


def _may_begin(text: str, at: int, before: int) -> bool:
    """May a declaration begin at `at`, behind the one at `before`? What cannot be one (a statement, a brace too many)
    is the rest of a declaration whose braces are wrong; so is a constant that is indented more."""
    found = _BEGINS.match(text, at)
    if found is not None and found[0].startswith("const"):
        return _column(text, at) <= _column(text, before)
    return found is not None or at == len(text)


def _column(text: str, at: int) -> int:
    return at - text.rfind("\n", 0, at)


def _rstrip(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def parse_chunk(text: str) -> Chunk:
    """Parses the text of one declaration, without any cache."""
    try:
        parser = DeclarationParser(text)
        node = parser.chunk()
    except RecursionError:
        return Chunk(text, None, (SyntaxProblem(0, len(text), TOO_DEEP, "unread"),))
    return Chunk(text, node, tuple(parser.problems))


def _misplaced_directives(placed: Iterable[Placed]) -> Iterator[SyntaxProblem]:
    """Directives stand before every declaration: https://www.w3.org/TR/WGSL/#directives."""
    declared = False
    for item in placed:
        node = item.chunk.node
        if isinstance(node, ModuleDirective):
            if declared:
                keyword = "diagnostic" if isinstance(node, DiagnosticDirective) else node.keyword
                start = item.start + node.start
                message = f"'{keyword}' directives must stand before all declarations"
                yield SyntaxProblem(start, start + len(keyword), message, "order")
        elif isinstance(node, Declaration) or item.chunk.text == ";":
            declared = True
