"""NodeStore: the nodes of directive trees by their source text, and what is known about all of them together.

Equal text is one node object, so whatever is computed per node (the memo of resolution.py) survives edits elsewhere
and serves every Expander that shares the store. Memory is bounded by weight: a store that has grown too heavy is
emptied whole and begins anew, which costs one cold run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from sys import getsizeof
from typing import Any, Final

from wgsl_ls.preprocess.dialect import IDENTIFIER, Dialect

_WEIGHT_LIMIT: Final = 64_000_000
_NODE_WEIGHT: Final = 400
"""Bytes that a node, or an outcome in its memo, takes beside its text; a rough mean."""


class Vocabulary:
    """Which names can be macros, and in which texts they could matter, over all nodes of one dialect.

    A memo says "this outcome, given the values of these names". It holds as long as no other word of the same node
    becomes a macro name; when one does, `epoch` moves on and memos of older epochs are void."""

    __slots__ = ("_bodies", "_words", "epoch", "macro_names")

    def __init__(self) -> None:
        self.epoch = 0
        self.macro_names: set[str] = set()
        self._words: set[str] = set()
        self._bodies: dict[str, tuple[str, ...]] = {}

    def begin_anew(self) -> None:
        """The nodes are forgotten; those that are still in use drop their memos too, and tell their words when they run
        again."""
        self.epoch += 1
        self._bodies.clear()
        self._words.clear()

    def learn_names(self, names: Iterable[str]) -> None:
        """These names are macros in some variant or file."""
        new = set(names) - self.macro_names
        if new:
            self.macro_names |= new
            if not new.isdisjoint(self._words):
                self.epoch += 1

    def learn_words(self, words: Iterable[str]) -> None:
        """Code with these words is about to be run; it has no memo of this epoch yet."""
        self._words.update(words)

    def learn_body(self, body: str) -> None:
        """A macro has this value."""
        self.words_of(body)

    def words_of(self, body: str) -> tuple[str, ...]:
        """The words of a macro's value."""
        words = self._bodies.get(body)
        if words is None:
            words = self._bodies[body] = tuple(IDENTIFIER.findall(body))
            self._words.update(words)
        return words

    def mentions_macros(self, body: str) -> bool:
        """True when expanding this value may change it."""
        return not self.macro_names.isdisjoint(self.words_of(body))


@dataclass(slots=True)
class NodeStore:
    """`limit`: in bytes, roughly."""

    limit: int = _WEIGHT_LIMIT
    weight: int = 0
    _nodes: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _vocabularies: dict[str, Vocabulary] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._nodes)

    def get(self, kind: str, dialect: Dialect, text: str) -> Any:
        return self._nodes.get((kind, dialect.name, text))

    def put(self, kind: str, dialect: Dialect, text: str, node: Any, more: int = 0) -> Any:
        """`more`: bytes that hang on the node beside its text. One that is more than the limit stays until the next is
        too much: it is asked for again at once."""
        self.add_weight(getsizeof(text) + more)
        self._nodes[kind, dialect.name, text] = node
        return node

    def add_weight(self, weight: int) -> None:
        """Something of this many bytes now hangs on the store's nodes."""
        self.weight += weight + _NODE_WEIGHT
        if self.weight > self.limit:
            self.weight = 0
            self._nodes.clear()
            for vocabulary in self._vocabularies.values():
                vocabulary.begin_anew()

    def vocabulary(self, dialect: Dialect) -> Vocabulary:
        return self._vocabularies.setdefault(dialect.name, Vocabulary())
