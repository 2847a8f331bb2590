"""NameIndex: the uses of a WGSL name, each at its written place with the written place of what it means.

Kept by content: what an expanded text says about its names is read once, whatever edits move it about; and by view:
what a name is in a root is put together once, as long as nothing changes in the root. Which variants must be asked is
told by name_classes.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from sys import getsizeof
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.name_classes import users
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.picking import taken_greedily
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import Steps, finished, gathered
from wgsl_ls.wgsl.words import KEYWORDS

if TYPE_CHECKING:
    from wgsl_ls.wgsl.symbols import Occurrence

_MOST_BYTES = 16_000_000
"""Of the names of texts that are kept."""
_NAMES_KEPT = 200
"""Of each root."""


@dataclass(frozen=True, slots=True)
class Use:
    """One name in one variant. `location`: where it is literally spelled, in code or in the value of a #define; None
    when a value given from outside spells it. `site`: the place in code (of a name out of a macro: the macro's name).
    `target`: where what it means is spelled in its declaration; None: predeclared, unresolved, or from outside."""

    location: Location | None
    site: Location
    name: str
    target: Location | None
    kind: str
    is_declaration: bool
    foreign: bool = False
    """What it means is declared by a value given from outside."""

    def touches(self, path: str, offset: int) -> bool:
        return any(
            place is not None and place.path == path and place.span.touches(offset)
            for place in (self.location, self.site)
        )


Spelled = tuple[int, int, int, int, str, bool]
"""(start, end, start and end of the declared name or -1, kind, is declaration), in the expanded text."""


class _Names:
    """The uses of every name of a text, in plain numbers: a text has thousands, and hundreds of texts are kept."""

    __slots__ = ("_uses",)
    _KINDS: ClassVar[list[str]] = []

    def __init__(self, occurrences: Iterable[Occurrence]) -> None:
        self._uses: dict[str, array[int]] = {}
        for one in occurrences:
            symbol = one.symbol
            declared = (symbol.start, symbol.end) if symbol is not None and not symbol.is_predeclared else (-1, -1)
            kind = symbol.kind if symbol is not None else ""
            if kind not in self._KINDS:
                self._KINDS.append(kind)
            uses = self._uses.setdefault(sys.intern(one.name), array("l"))
            uses.extend((one.start, one.end, *declared, self._KINDS.index(kind), one.is_declaration))

    def __iter__(self) -> Iterator[str]:
        return iter(self._uses)

    @property
    def n_bytes(self) -> int:
        return getsizeof(self._uses) + sum(map(getsizeof, self._uses.values()))

    def of(self, name: str) -> Iterator[Spelled]:
        uses = iter(self._uses.get(name, ()))
        for start, end, declared_start, declared_end, kind, is_declaration in zip(*[uses] * 6, strict=True):
            yield start, end, declared_start, declared_end, self._KINDS[kind], bool(is_declaration)


class NameIndex:
    """One thread; lives as long as the session."""

    def __init__(self, front_end: FrontEnd) -> None:
        self.front_end = front_end
        self._texts: Memo[str, _Names] = Memo(_MOST_BYTES, attrgetter("n_bytes"))
        self._roots: WeakKeyDictionary[RootView, Memo[tuple[str, int], tuple[Use, ...]]] = WeakKeyDictionary()

    def _names(self, expansion: Expansion) -> _Names:
        return self._texts.get_or(expansion.digest, lambda: _Names(self.front_end.analysis(expansion).occurrences))

    def in_root(self, snapshot: Snapshot, view: RootView, name: str, first: int) -> Steps[tuple[Use, ...]]:
        """Every use of `name` in a root: those in the variant `first`, then the others."""
        if name in KEYWORDS:
            return ()
        kept = self._roots.setdefault(view, Memo(_NAMES_KEPT))
        known = kept.get((name, first))
        if known is None:
            yield from across_steps(view)
            found: dict[Use, None] = {}
            for variant in users(snapshot, view, [name], first):
                expansion = view.expansion(variant)
                if self._texts.get(expansion.digest) is None:
                    yield from self.front_end.analysis_steps(expansion)
                    yield
                found.update(dict.fromkeys(self.uses(view, variant, name)))
                yield
            known = kept.put((name, first), tuple(found))
        return known

    def uses(self, view: RootView, index: int, name: str) -> list[Use]:
        """Every use of `name` in one variant."""
        expansion = view.expansion(index)
        return list(_placed(expansion, name, self._names(expansion).of(name)))

    def uses_in(self, view: RootView, index: int, span: Span) -> list[Use]:
        """The uses of any name that lie in a span of the expanded text of one variant."""
        expansion = view.expansion(index)
        names = self._names(expansion)
        inside = {
            name: [one for one in names.of(name) if span.start <= one[0] and one[1] <= span.end] for name in names
        }
        return [use for name, spelled in inside.items() for use in _placed(expansion, name, spelled)]


def _placed(expansion: Expansion, name: str, spelled: Iterable[Spelled]) -> Iterator[Use]:
    targets: dict[tuple[int, int], Location | None] = {}
    for start, end, declared_start, declared_end, kind, is_declaration in spelled:
        origin = expansion.source_map.written(start, end)
        if origin is None:
            continue
        declared = (declared_start, declared_end)
        if declared_start >= 0 and declared not in targets:
            targets[declared] = expansion.spelled(declared_start, declared_end)
        target = targets.get(declared)
        foreign = declared_start >= 0 and target is None
        yield Use(expansion.spelled(start, end), origin.location, name, target, kind, is_declaration, foreign)


def covering_variants(view: RootView, first: int) -> list[int]:
    """See covering_steps."""
    return finished(covering_steps(view, first))


def covering_steps(view: RootView, first: int) -> Steps[list[int]]:
    """`first` and as few other variants as reach, together, every branch that any variant reaches. Greedy."""
    taken = yield from gathered(
        (expansion.taken_branches() if not expansion.failed else frozenset() for _, expansion in view.expansions()), 4
    )
    return [first, *taken_greedily([branches - taken[first] for branches in taken])]


def macro_words(text: str, name: str, start: int = 0) -> Iterator[Span]:
    """Where `name` stands as a whole word of [A-Za-z0-9_] in a text."""
    position = text.find(name, start)
    while position != -1:
        end = position + len(name)
        if not _is_word(text[position - 1 : position]) and not _is_word(text[end : end + 1]):
            yield Span(position, end)
        position = text.find(name, end)


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
