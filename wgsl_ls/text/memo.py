"""Memo: answers kept by key, the least recently used ones forgotten. Pure functions of hashable arguments use
functools.lru_cache; this is for answers with an owner that can forget them all, and for those of different weight.
AboutLists: the same for what was found out about long lists, by their identity."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
V = TypeVar("V")

_MOST_ITEMS: Final = 50_000
_OF_A_LIST: Final = 250
"""What a list weighs beside its items, as so many of them."""


class Memo(Generic[K, V]):
    """Answers that weigh at most `limit` together, the latest in any case; without `weigh` each counts one. One
    thread."""

    def __init__(self, limit: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self._limit = limit
        self._weigh = weigh
        self._weight = 0
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: K, value: V) -> V:
        before = self._kept.pop(key, None)
        if before is not None:
            self._weight -= self._weigh(before)
        self._kept[key] = value
        self._weight += self._weigh(value)
        while self._weight > self._limit and len(self._kept) > 1:
            self._weight -= self._weigh(self._kept.popitem(last=False)[1])
        return value

    def get_or(self, key: K, make: Callable[[], V]) -> V:
        """The answer kept for `key`, else what `make` gives (not None)."""
        found = self.get(key)
        return found if found is not None else self.put(key, make())

    def clear(self) -> None:
        self._kept.clear()
        self._weight = 0

    def __len__(self) -> int:
        return len(self._kept)


class AboutLists(Generic[T, V]):
    """What was found out about long lists, by their identity: to compare thousands of items takes longer. The lists are
    kept alive meanwhile; at most `limit` items in all, the latest list in any case. `also`: what else it rests on."""

    def __init__(self, limit: int = _MOST_ITEMS) -> None:
        self._kept: Memo[tuple[int, Hashable], tuple[Sequence[T], V]] = Memo(
            limit, lambda kept: len(kept[0]) + _OF_A_LIST
        )

    def get(self, items: Sequence[T], also: Hashable = None) -> V | None:
        found = self._kept.get((id(items), also))
        return found[1] if found is not None else None

    def put(self, items: Sequence[T], value: V, also: Hashable = None) -> V:
        return self._kept.put((id(items), also), (items, value))[1]

    def get_or(self, items: Sequence[T], make: Callable[[], V], also: Hashable = None) -> V:
        found = self.get(items, also)
        return found if found is not None else self.put(items, make(), also)
