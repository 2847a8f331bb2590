"""Aliases: bindings of one dispatch that lie over each other though the shader may write one of them, each with the two
written places that make it matter. Every runtime refuses them (https://www.w3.org/TR/webgpu/#encoder-bind-groups).

Told from what is bound, before anything runs. What must not overlap whatever is bound: wgsl/aliasing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from wgsl_ls.wgsl.memory_accesses import accesses
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.symbols import analyze


@dataclass(frozen=True, slots=True)
class Bound:
    """A storage variable and what is bound to it: `size` bytes at `offset` of `buffer`; `size` None: all of it."""

    name: str
    read_only: bool
    buffer: str
    offset: int
    size: int | None

    @property
    def words(self) -> str:
        return f"bytes {self.offset} to {self.offset + self.size}" if self.size is not None else "all bytes"


@dataclass(frozen=True, slots=True)
class Alias:
    """`first`: one that may be written. `why`: "overlap", or that one buffer is bound both ways, which is refused even
    for ranges apart. `places`: (start, end, what happens there) for each that the text reaches, its writes first."""

    first: Bound
    second: Bound
    why: str
    places: tuple[tuple[int, int, str], ...]

    @property
    def message(self) -> str:
        """With `{0}`, `{1}` for the places."""
        there = [f"{one.name} ({one.words})" for one in (self.first, self.second)]
        where = "".join(f"; {{{number}}}" for number in range(len(self.places)))
        return f"{' and '.join(there)} of {self.first.buffer} {self.why}{where}"


def aliases(text: str, bound: Iterable[Bound]) -> tuple[Alias, ...]:
    """`text`: of the shader; `bound`: its storage variables that the entry point uses."""
    found = []
    for pair in combinations(bound, 2):
        first, second = sorted(pair, key=lambda one: (one.read_only, not _is_written(text, one)))
        if first.buffer != second.buffer or first.read_only:
            continue
        overlap = _overlap(first, second)
        if overlap or second.read_only:
            why = "overlap" if overlap else "are one buffer, one of them read-only"
            found.append(Alias(first, second, why, tuple(_places(text, (first, second)))))
    return tuple(found)


def pairs(bound: Sequence[Bound]) -> int:
    """How many pairs of bindings there are that must not overlap."""
    return sum(not (one.read_only and other.read_only) for one, other in combinations(bound, 2))


def _is_written(text: str, bound: Bound) -> bool:
    return any(variable == bound.name and kind != "read" for variable, kind, _, _ in _accesses(text))


def _overlap(one: Bound, other: Bound) -> bool:
    if one.size is None or other.size is None:
        return True
    return one.offset < other.offset + other.size and other.offset < one.offset + one.size


def _places(text: str, both: Sequence[Bound]) -> Iterable[tuple[int, int, str]]:
    for bound in both:
        kinds = ("write", "update", "read")
        found = [one for kind in kinds for one in _accesses(text) if one[0] == bound.name and one[1] == kind]
        if found:
            _, kind, start, end = found[0]
            yield start, end, f"{bound.name} is {'read' if kind == 'read' else 'written'}"


@lru_cache(maxsize=64)
def _accesses(text: str) -> tuple[tuple[str, str, int, int], ...]:
    """(variable, kind, start, end) in text order."""
    return tuple(accesses(analyze(parse(text)), "storage").places)
