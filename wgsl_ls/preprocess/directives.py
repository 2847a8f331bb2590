"""DirectiveTree: one text as directives, the code between them, and its #if ... #endif groups.

Parsed once per text, without variants. Nodes know no absolute position: a child is (offset in its parent, node),
and equal source text gives the *same* node object as long as a NodeStore lives. So an edit renews only the nodes
on the way to it, and everything that was computed per node (resolution.py hangs its memo on them) stays valid.
Parsing never raises: what the reference preprocessor would stop at becomes a Problem, and reading goes on.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from operator import itemgetter
from sys import getsizeof, intern
from typing import Any, Final, Literal, final

from wgsl_ls.preprocess.conditions import Condition, parse_condition
from wgsl_ls.preprocess.dialect import IDENTIFIER, WHITE_SPACE, Dialect
from wgsl_ls.preprocess.node_store import NodeStore as NodeStore
from wgsl_ls.preprocess.node_store import Vocabulary
from wgsl_ls.text.span import Span

Kind = Literal["include", "define", "undef", "ifdef", "ifndef", "if", "elif", "else", "endif", "unknown"]

_DIRECTIVE_LINE = re.compile(r"^[ \t\v\f\r]*#[^\n]*", re.MULTILINE)
_NON_SPACE = re.compile(r"[^ \t\n\v\f\r]+")
_OLD_TEMPLATE: Final = re.compile(r"(?:define|end)\((?:VARIANTS|TEMPLATES|DECLS|SHADER)\)$|(?:end)?decl\(\w+\)$")
"""Lines of the script that cut ggml's templates before they were preprocessed (embed_wgsl.py until early 2026)."""
_OPENS: Final = frozenset({"if", "ifdef", "ifndef"})
_WORDS: Final = ("include", "define", "undef", "ifdef", "ifndef", "elif", "else", "endif")
MOST_PROBLEMS: Final = 1000
"""Of one text, which are told; one more says that there are others."""
MOST_DIRECTIVES: Final = 30_000
"""Of one text, which are read: one takes us as long as hundreds of characters of code."""
_NODE_IN_TREE: Final = 150
"""Bytes that a node takes in each tree that has it; a rough mean."""
_SHARED_NESTING: Final = 60
"""Conditionals nested deeper are not kept by their text: keeping n levels costs n times the text."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at `span`, relative to the node (or tree) that holds it. `fatal`: the reference fails too."""

    span: Span
    code: str
    message: str
    fatal: bool = True


@final
class CodeChunk:
    """Whole lines without directives, line ends included. `words`: all its distinct words."""

    __slots__ = ("epoch", "memo", "plan", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = frozenset(map(intern, IDENTIFIER.findall(text)))  # of thousands of chunks that have the same
        self.epoch = -1
        self.memo: Any = None
        self.plan: Any = None

    @property
    def length(self) -> int:
        return len(self.text)


@final
class Directive:
    """One `#` line with its continuation lines, its line end included.

    `logical` is the trimmed line after joining; `at(i)` gives where its character i stands, relative to the
    directive's start. `name`/`name_span`: the macro, or the included file without quotes. `value`/`value_start`:
    the macro's value and its offset in `logical`. `condition`: of #if and #elif.
    """

    __slots__ = (
        "breaks", "condition", "condition_start", "keyword", "keyword_span", "kind", "length", "logical",
        "name", "name_span", "text", "value", "value_start",
    )  # fmt: skip

    def __init__(self, text: str, logical: str, breaks: tuple[tuple[int, int], ...], dialect: Dialect) -> None:
        self.text = text
        self.length = len(text)
        self.logical = logical
        self.breaks = breaks
        words = _NON_SPACE.finditer(logical, 1)
        first = next(words, None)
        self.keyword = first.group() if first else ""
        self.keyword_span = self._span(0, first.end() if first else 1)
        self.kind: Kind = self.keyword if self.keyword in dialect.directives else "unknown"  # type: ignore[assignment]
        self.name = ""
        self.name_span: Span = Span(self.keyword_span.end, self.keyword_span.end)
        self.value = ""
        self.value_start = len(logical)
        self.condition: Condition | None = None
        self.condition_start = 0
        behind = first.end() if first else len(logical)
        if self.kind in ("if", "elif"):
            expression = logical[behind:].strip(WHITE_SPACE)
            self.condition_start = logical.index(expression, behind) if expression else behind
            self.condition = parse_condition(expression)
        elif self.kind not in ("else", "endif", "unknown"):
            second = next(words, None)
            if second is not None:
                self.name = second.group()
                start, end = second.span()
                if self.kind == "include" and len(self.name) >= 2 and self.name[0] == '"' == self.name[-1]:
                    self.name = self.name[1:-1]
                    start, end = start + 1, end - 1
                self.name_span = self._span(start, end)
                if self.kind == "define":
                    self.value = logical[second.end() :].strip(WHITE_SPACE)
                    self.value_start = logical.index(self.value, second.end()) if self.value else len(logical)

    def at(self, index: int) -> int:
        """Offset in the directive's own text of character `index` of `logical`."""
        return index + self.breaks[max(0, bisect_right(self.breaks, index, key=itemgetter(0)) - 1)][1]

    def _span(self, start: int, end: int) -> Span:
        return Span(self.at(start), self.at(end - 1) + 1 if end > start else self.at(start))

    @property
    def value_span(self) -> Span:
        """Where the macro's value stands, relative to the directive's start."""
        return self._span(self.value_start, self.value_start + len(self.value))

    @property
    def condition_span(self) -> Span:
        length = len(self.condition.text) if self.condition else 0
        return self._span(self.condition_start, self.condition_start + length)

    @property
    def head_start(self) -> int:
        """Where the `#` stands, relative to the directive's start."""
        return self.breaks[0][1]

    @property
    def head_span(self) -> Span:
        """The directive from its `#` to its last character, comments behind it included."""
        return self._span(0, len(self.logical))


@dataclass(frozen=True, slots=True)
class Branch:
    """`offset`: of its opening directive in the Conditional; `items`: what it guards, offsets in the Conditional."""

    directive: Directive
    offset: int
    items: tuple[Item, ...]


@final
class Conditional:
    """`#if` ... `#endif` with its branches. `endif` is None when the text ends first."""

    __slots__ = ("branches", "endif", "endif_offset", "epoch", "length", "memo")

    def __init__(self, branches: tuple[Branch, ...], endif: Directive | None, endif_offset: int, length: int) -> None:
        self.branches = branches
        self.endif = endif
        self.endif_offset = endif_offset
        self.length = length
        self.epoch = -1
        self.memo: Any = None


Node = CodeChunk | Directive | Conditional
Item = tuple[int, Node]


@final
class DirectiveTree:
    """A whole text. `problems` are positions in it, and hold in every variant that reads the text.
    `defined_names`: every macro that some #define in it may set. `words` and `bodies` are what its code and its
    #define values mention."""

    __slots__ = (
        "_directives", "bodies", "defined_names", "dialect", "epoch", "items", "known_to", "memo", "n_nodes",
        "problems", "text", "words",
    )  # fmt: skip

    def __init__(self, text: str, items: tuple[Item, ...], problems: tuple[Problem, ...], dialect: Dialect) -> None:
        self.text = text
        self.items = items
        self.problems = problems
        self.dialect = dialect
        self.epoch = -1
        self.memo: Any = None
        self.known_to: Vocabulary | None = None
        self._directives: list[tuple[int, Directive]] | None = None
        self.defined_names: set[str] = set()
        self.words: set[str] = set()
        self.bodies: set[str] = set()
        self.n_nodes = 0
        for _, node, _ in self.walk():
            self.n_nodes += 1
            if isinstance(node, CodeChunk):
                self.words |= node.words
            elif isinstance(node, Directive) and node.kind == "define":
                self.defined_names.add(node.name)
                self.bodies.add(node.value)

    @property
    def length(self) -> int:
        return len(self.text)

    def walk(self) -> Iterator[tuple[int, Node, int]]:
        """(absolute offset, node, nesting) of every node in reading order; a Conditional comes before its parts."""
        stack: list[Iterator[tuple[int, Node, int]]] = [((offset, node, 0) for offset, node in self.items)]
        while stack:
            entry = next(stack[-1], None)
            if entry is None:
                stack.pop()
                continue
            yield entry
            offset, node, depth = entry
            if isinstance(node, Conditional):
                stack.append(iter(list(_parts(node, offset, depth + 1))))

    def directives(self) -> list[tuple[int, Directive]]:
        """(absolute offset, directive) of all of them in reading order."""
        if self._directives is None:
            self._directives = [(offset, node) for offset, node, _ in self.walk() if isinstance(node, Directive)]
        return self._directives

    def directive_at(self, offset: int) -> Directive | None:
        """The one that the character at `offset` belongs to."""
        found = self.directives()
        index = bisect_right(found, offset, key=lambda one: one[0]) - 1
        start, directive = found[index] if index >= 0 else (0, None)
        return directive if directive is not None and offset < start + directive.length else None


def _parts(conditional: Conditional, base: int, depth: int) -> Iterator[tuple[int, Node, int]]:
    for branch in conditional.branches:
        yield base + branch.offset, branch.directive, depth
        for offset, node in branch.items:
            yield base + offset, node, depth
    if conditional.endif is not None:
        yield base + conditional.endif_offset, conditional.endif, depth


def parse_directives(text: str, dialect: Dialect, store: NodeStore | None = None) -> DirectiveTree:
    """Parse a whole text. Source of the line rules: processString and handleDirective of the reference."""
    store = store if store is not None else NodeStore()
    known = store.get("tree", dialect, text)
    if known is not None:
        tree: DirectiveTree = known
        return tree
    parser = _Parser(text, dialect, store)
    items = parser.parse()
    tree = DirectiveTree(text, items, tuple(parser.problems), dialect)
    more = getsizeof(tree.words) + getsizeof(tree.bodies) + _NODE_IN_TREE * tree.n_nodes
    store.put("tree", dialect, text, tree, more)
    return tree


@dataclass(slots=True)
class _Open:
    """A conditional whose #endif has not come yet, with absolute offsets."""

    start: int
    branches: list[tuple[Directive, int, list[Item]]]
    has_else: bool = False


class _Parser:
    def __init__(self, text: str, dialect: Dialect, store: NodeStore) -> None:
        self.text = text
        self.dialect = dialect
        self.store = store
        self.problems: list[Problem] = []
        self.meant: Counter[str] = Counter()
        """What misspelt directives were meant to be: that is said where they stand, and not again at its other end."""

    def parse(self) -> tuple[Item, ...]:
        text = self.text
        top: list[Item] = []
        current = top
        open_groups: list[_Open] = []
        position = 0
        is_cut = False
        for n_read in count():
            match = _DIRECTIVE_LINE.search(text, position)
            if match is not None and n_read == MOST_DIRECTIVES:
                is_cut = True
                self._report_rest(match)
                match = None
            start = match.start() if match else len(text)
            if start > position:
                current.append((position, self._chunk(text[position:start])))
            if match is None:
                break
            directive = self._directive(start, match.end())
            position = start + directive.length
            kind = directive.kind
            if kind in _OPENS:
                open_groups.append(_Open(start, [(directive, start, [])]))
                current = open_groups[-1].branches[-1][2]
            elif kind in ("elif", "else"):
                if not open_groups:
                    if not any(map(self.meant.__getitem__, _OPENS)):
                        self._report(start, directive, f"{kind}-without-if", f"#{kind} without #if")
                    current.append((start, directive))
                    continue
                group = open_groups[-1]
                if group.has_else:
                    message = f"#{kind} behind #else is never taken; the preprocessor does not complain"
                    self._report(start, directive, "branch-after-else", message, False)
                group.has_else = group.has_else or kind == "else"
                group.branches.append((directive, start, []))
                current = group.branches[-1][2]
            elif kind == "endif":
                if not open_groups:
                    if not any(map(self._meant, _OPENS)):
                        self._report(start, directive, "endif-without-if", "#endif without #if")
                    current.append((start, directive))
                    continue
                group = open_groups.pop()
                current = open_groups[-1].branches[-1][2] if open_groups else top
                current.append((group.start, self._conditional(group, directive, start, position, len(open_groups))))
            else:
                if kind == "unknown":
                    self._report_unknown(start, directive)
                current.append((start, directive))
        while open_groups:
            group = open_groups.pop()
            opener = group.branches[0][0]
            if not is_cut and not self._meant("endif"):
                self._report(group.start, opener, "unclosed-conditional", f"#{opener.kind} has no #endif")
            current = open_groups[-1].branches[-1][2] if open_groups else top
            current.append((group.start, self._conditional(group, None, len(text), len(text), len(open_groups))))
        return tuple(top)

    def _chunk(self, text: str) -> CodeChunk:
        chunk: CodeChunk | None = self.store.get("chunk", self.dialect, text)
        if chunk is None:
            chunk = CodeChunk(text)
            # Its plan has the text once more.
            self.store.put("chunk", self.dialect, text, chunk, len(text) + getsizeof(chunk.words))
        return chunk

    def _conditional(
        self, group: _Open, endif: Directive | None, endif_start: int, end: int, nesting: int
    ) -> Conditional:
        base = group.start
        shared = nesting < _SHARED_NESTING
        text = self.text[base:end] if shared else ""
        kind = "conditional" if endif is not None else "open conditional"
        known: Conditional | None = self.store.get(kind, self.dialect, text) if shared else None
        if known is not None:
            return known
        branches = tuple(
            Branch(directive, start - base, tuple((offset - base, node) for offset, node in items))
            for directive, start, items in group.branches
        )
        conditional = Conditional(branches, endif, endif_start - base, end - base)
        if shared:
            self.store.put(kind, self.dialect, text, conditional)
        return conditional

    def _directive(self, start: int, end: int) -> Directive:
        """The directive whose first line is text[start:end], with its continuation lines."""
        text = self.text
        pieces = [text[start:end]]  # of the logical line
        breaks = [(0, 0)]  # per piece: (where it begins in the logical line, how much further on in the text)
        while self.dialect.continuation and _strip_continuation(pieces, breaks):
            if end >= len(text) - 1:  # no further line: the last newline ends the text
                end = len(text)
                break
            newline = end
            found = text.find("\n", newline + 1)
            end = len(text) if found == -1 else found
            at = breaks[-1][0] + len(pieces[-1])
            pieces.append(text[newline:end])
            breaks.append((at, newline - start - at))
        whole = text[start : min(end + 1, len(text))]
        known: Directive | None = self.store.get("directive", self.dialect, whole)
        if known is not None:
            return known
        logical = "".join(pieces)
        trimmed = logical.strip(WHITE_SPACE)
        leading = logical.index("#")
        moved = tuple((max(0, at - leading), delta + leading) for at, delta in breaks)
        return self.store.put(  # type: ignore[no-any-return]
            "directive", self.dialect, whole, Directive(whole, trimmed, moved, self.dialect)
        )

    def _report(self, start: int, directive: Directive, code: str, message: str, fatal: bool = True) -> None:
        n_told = len(self.problems)
        if n_told > MOST_PROBLEMS:
            if fatal and not self.problems[-1].fatal:
                self.problems[-1] = replace(self.problems[-1], fatal=True)
            return
        if n_told == MOST_PROBLEMS:
            message += "; what is wrong behind this is not told"
        self.problems.append(Problem(directive.keyword_span.shifted(start), f"preprocess/{code}", message, fatal))

    def _report_rest(self, first: re.Match[str]) -> None:
        del self.problems[MOST_PROBLEMS - 1 :]
        message = f"a text with more than {MOST_DIRECTIVES:,} directives is not read from here on"
        self.problems.append(Problem(Span(*first.span()), "preprocess/text-too-long", message))

    def _meant(self, word: str) -> bool:
        """Whether a misspelt directive was meant to be this one; each counts once."""
        if self.meant[word]:
            self.meant[word] -= 1
            return True
        return False

    def _report_unknown(self, start: int, directive: Directive) -> None:
        word = directive.keyword
        if _OLD_TEMPLATE.match(word):
            if not any(problem.code == "preprocess/old-template" for problem in self.problems):
                message = (
                    f"this is a template of ggml's former embed_wgsl.py (#{word}), which no preprocessor reads; "
                    "its other lines of that kind are not reported"
                )
                self._report(start, directive, "old-template", message)
            return
        if word == "undef":
            message = "#undef does not exist in the pre-wgsl dialect (it does in ggml's)"
        elif (known := word.partition("(")[0]) in ("if", *_WORDS) and known != word:
            self.meant[known] += 1
            message = f"unknown directive #{word}: put a space between #{known} and '('"
        else:
            near = _near_directive(word)
            self.meant.update([near] if near else [])
            hint = f"; did you mean #{near}?" if near else ""
            message = f"unknown directive #{word}{hint}" if word else "a lone '#' is an unknown directive"
        self._report(start, directive, "unknown-directive", message)


@lru_cache(maxsize=1024)
def _near_directive(word: str) -> str:
    """The directive that a misspelt one was meant to be, or ""."""
    from difflib import get_close_matches

    near = get_close_matches(word, [one for one in _WORDS if one[0] == word[:1]], 1, 0.7)
    return "elif" if near == ["else"] and word.endswith("if") else "".join(near)


def _strip_continuation(pieces: list[str], breaks: list[tuple[int, int]]) -> bool:
    """Remove the backslash that ends the logical line, with the white space behind it; False when there is none.
    Source: endsWithContinuation and stripContinuation, which look at all lines joined so far: behind a double
    backslash an empty line goes on too."""
    last = len(pieces) - 1
    while last > 0 and not pieces[last].strip(WHITE_SPACE):
        last -= 1
    stripped = pieces[last].rstrip(WHITE_SPACE)
    if not stripped.endswith("\\"):
        return False
    del pieces[last + 1 :], breaks[last + 1 :]
    pieces[last] = stripped[:-1]
    return True
