"""C++ text -> Node: a small view of tree-sitter's syntax tree, made on demand, with spans in code points.

The only file that knows tree-sitter. Comments are left out; a place that the grammar could not read is a node of
kind "ERROR", which is nobody's business until a path goes through it. Nothing here knows what C++ means.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import tree_sitter
import tree_sitter_cpp

from wgsl_ls.host.macros import ExpandedMacros
from wgsl_ls.text.span import Location, Span

_SPELLED: Final = {
    "and": "&&", "or": "||", "not": "!", "bitand": "&", "bitor": "|", "xor": "^", "compl": "~", "not_eq": "!=",
    "and_eq": "&=", "or_eq": "|=", "xor_eq": "^=",
}  # fmt: skip  # a table
_MOST_STEPS: Final = 20_000
"""Of a hundred tokens or so each; a tenth of a step for each byte comes on top. Programs take a hundredth of one."""
_PIECE: Final = 4096
_MOST_PIECES: Final = 1000
"""Of the text, handed out again and again; sixteen times each comes on top. Programs take each twice."""
_LANGUAGE: Final = tree_sitter.Language(tree_sitter_cpp.language())


class SourceTree:
    """One C++ file. `path`: the name it is known by; `written`: its text; `text`: with macros expanded, as `macros`
    says; `made_of`: for whoever expanded them, what that rests on."""

    def __init__(self, path: str, written: str, macros: ExpandedMacros | None = None) -> None:
        self.path = path
        self.written = written
        self.text = text = macros.text if macros is not None else written
        self.made_of: object = None
        self._macros = macros
        encoded = text.encode("utf-8", "surrogatepass")
        self._offsets = None if len(encoded) == len(text) else _code_points(encoded)
        tree = _parsed(encoded)
        self.is_read = tree is not None
        """Else too many readings are possible for too long, which no program is: nothing of it is known."""
        self._tree = tree if tree is not None else tree_sitter.Parser(_LANGUAGE).parse(b"")

    @cached_property
    def root(self) -> Node:
        return Node(self, self._tree.root_node)

    @cached_property
    def broken(self) -> tuple[Location, ...]:
        """Where the text is no C++: the innermost places that the grammar could not read, or missed something at."""
        found: list[Location] = []
        waiting = [self._tree.root_node] if self._tree.root_node.has_error else []
        while waiting:
            raw = waiting.pop()
            inner = [child for child in raw.children if child.has_error]
            waiting.extend(inner)
            if not inner:
                place = self.span(self.offset(raw.start_byte), self.offset(raw.end_byte))
                found.append(Location(self.path, place))
        return tuple(sorted(found))

    def span(self, start: int, end: int) -> Span:
        """Where a stretch of the text was written."""
        return Span(start, end) if self._macros is None else Span(*self._macros.written(start, end))

    def offset(self, byte: int) -> int:
        """Code point offset of a byte offset."""
        return byte if self._offsets is None else self._offsets[byte]


def _parsed(encoded: bytes) -> tree_sitter.Tree | None:
    """None when it takes more steps than any program: an ambiguous text costs more than its square."""
    n_steps = n_pieces = 0
    most_steps = _MOST_STEPS + len(encoded) // 10
    most_pieces = _MOST_PIECES + 16 * len(encoded) // _PIECE

    def piece(offset: int, place: object) -> bytes:
        nonlocal n_pieces
        n_pieces += 1
        return encoded[offset : offset + _PIECE]

    def is_enough(offset: int, has_error: bool) -> bool:
        nonlocal n_steps
        n_steps += 1
        return n_steps > most_steps or n_pieces > most_pieces

    try:
        # Only a text that is asked for in pieces may be left in the middle.
        return tree_sitter.Parser(_LANGUAGE).parse(piece, progress_callback=is_enough)
    except ValueError:
        return None


class Node:
    """A named node of the tree. `kind`: tree-sitter's name for it; `start`, `end`: code points in the
    tree's text;
    `operator`: the operator of a unary, binary, update or assignment expression, "." or "->" of a field access."""

    __slots__ = ("_children", "_fields", "_raw", "end", "kind", "start", "tree")

    def __init__(self, tree: SourceTree, raw: tree_sitter.Node) -> None:
        self.tree = tree
        self.kind = raw.type
        self.start = tree.offset(raw.start_byte)
        self.end = tree.offset(raw.end_byte)
        self._raw = raw
        self._children: tuple[Node, ...] | None = None
        self._fields: dict[str, list[Node]] | None = None

    @property
    def text(self) -> str:
        return self.tree.text[self.start : self.end]

    @property
    def location(self) -> Location:
        return Location(self.tree.path, self.tree.span(self.start, self.end))

    @property
    def children(self) -> tuple[Node, ...]:
        """Named children in order, without comments."""
        if self._children is None:
            self._load()
        assert self._children is not None
        return self._children

    def field(self, name: str) -> Node | None:
        found = self.fields(name)
        return found[0] if found else None

    def fields(self, name: str) -> list[Node]:
        if self._fields is None:
            self._load()
        assert self._fields is not None
        return self._fields.get(name, [])

    def child(self, kind: str) -> Node | None:
        return next((child for child in self.children if child.kind == kind), None)

    @property
    def operator(self) -> str:
        raw = self._raw.child_by_field_name("operator")
        return _SPELLED.get(raw.type, raw.type) if raw is not None else ""

    @property
    def is_prefix(self) -> bool:
        """Of an update expression: the operator stands before."""
        first = self._raw.child(0)
        return first is not None and not first.is_named

    def has_token(self, token: str) -> bool:
        """Is `token` one of the direct unnamed children?"""
        return any(not child.is_named and child.type == token for child in self._raw.children)

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, without recursion."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def _load(self) -> None:
        children: list[Node] = []
        fields: dict[str, list[Node]] = {}
        for index, raw in enumerate(self._raw.children):
            if not raw.is_named or raw.type == "comment":
                continue
            node = Node(self.tree, _without_attributes(raw))
            children.append(node)
            name = self._raw.field_name_for_child(index)
            if name is not None:
                fields.setdefault(name, []).append(node)
        self._children = tuple(children)
        self._fields = fields

    def __repr__(self) -> str:
        return f"Node({self.kind}, {self.text[:40]!r})"


def _without_attributes(raw: tree_sitter.Node) -> tree_sitter.Node:
    """The statement behind `[[likely]]` and its like, which change nothing of what it does."""
    while raw.type == "attributed_statement":
        raw = next(child for child in reversed(raw.named_children) if child.type != "comment")
    return raw


def _code_points(encoded: bytes) -> list[int]:
    """For every byte offset (the end included) the number of code points before it."""
    offsets = [0] * (len(encoded) + 1)
    count = 0
    for index, byte in enumerate(encoded):
        if byte & 0xC0 != 0x80:
            offsets[index] = count
            count += 1
        else:
            offsets[index] = count
    offsets[len(encoded)] = count
    return offsets
