"""Algorithms of the standard library, on the interpreter's lists, maps and texts: <algorithm>, <numeric>, <iterator>.

Each forks where it rests on something that is not known. What is asked of a range that may lack elements settles
first which of them are there. Algorithms that are not here are calls that nothing is known of (machine.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any, Final

from wgsl_ls.host.effort import MOST_ITEMS
from wgsl_ls.host.evaluator import Evaluator
from wgsl_ls.host.machine import Frame, NotUnderstood, described
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import is_symbolic
from wgsl_ls.host.values import (
    UNSET,
    FunctionName,
    GlobalTable,
    ListValue,
    MapValue,
    Position,
    Ref,
    StructValue,
    TextPosition,
    copied_value,
    held,
)

FUNCTORS: Final = {
    "plus": "+", "minus": "-", "multiplies": "*", "less": "<", "greater": ">", "equal_to": "==", "logical_and": "&&",
    "logical_or": "||", "bit_or": "|", "bit_and": "&",
}  # fmt: skip  # a table


class Algorithms(Evaluator):
    def of_range(self, arguments: list[Any], node: Node, frame: Frame) -> tuple[ListValue, int, int, list[Any]]:
        """The list, where in it the range begins and ends, and the arguments behind it. `v.begin(), v.end()` is a
        range, and so is `v`."""
        values = [self._container(one, frame) for one in arguments]
        first: Any = values[0] if values else UNSET
        if isinstance(first, MapValue):
            return _Pairs(first, self.elements(first, node, frame)), 0, len(first.entries), arguments[1:]
        if isinstance(first, ListValue):
            first.settle(frame.machine.knowledge.decide)
            return first, 0, len(first.items), arguments[1:]
        last: Any = values[1] if len(values) > 1 else UNSET
        is_range = isinstance(first, Position) and isinstance(last, Position)
        if not is_range or first.of is not last.of or first.step < 0:
            raise NotUnderstood(node, f"a range of {described(first)}")
        if isinstance(first.of, MapValue):
            pairs = _Pairs(first.of, self.elements(first.of, node, frame))
            return pairs, first.index, max(first.index, last.index), arguments[2:]
        first.of.settle(frame.machine.knowledge.decide)
        return first.of, first.index, max(first.index, last.index), arguments[2:]

    def _container(self, argument: Any, frame: Frame) -> Any:
        value = held(argument)
        return self.rows(value, frame) if isinstance(value, GlobalTable) else value

    def asked(self, predicate: Any, arguments: list[Any], node: Node, frame: Frame) -> bool:
        """What a predicate says, decided."""
        machine = frame.machine
        return machine.knowledge.decide(self.truth(self.applied(predicate, arguments, node, frame), machine))

    def applied(self, function: Any, arguments: list[Any], node: Node, frame: Frame) -> Any:
        """The value of a function object for arguments."""
        function = held(function)
        if isinstance(function, StructValue) and (operator := FUNCTORS.get(function.type)) is not None:
            return self.combined(operator, arguments[0], arguments[1], node, frame)
        frame.machine.step()
        return self.call_value(function, arguments, node, frame)

    def is_same(self, a: Any, b: Any, node: Node, frame: Frame) -> bool:
        return frame.machine.knowledge.decide(self.combined("==", a, b, node, frame))

    def put(self, target: Any, given: ListValue, node: Node) -> Position:
        """Write elements where an output iterator stands; behind the last one they are added."""
        if not isinstance(target, Position) or not isinstance(target.of, ListValue) or target.step < 0:
            raise NotUnderstood(node, f"writing to {described(target)}")
        start = target.index
        target.of.replace(start, min(start + len(given.items), len(target.of.items)), given)
        return _at(target.of, start + len(given.items))

    def _std_find(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        return self._first(of, start, end, lambda one: self.is_same(one, rest[0], node, frame))

    def _std_find_if(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        return self._first(of, start, end, lambda one: self.asked(rest[0], [one], node, frame))

    def _std_find_if_not(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        return self._first(of, start, end, lambda one: not self.asked(rest[0], [one], node, frame))

    def _first(self, of: ListValue, start: int, end: int, is_wanted: Callable[[Any], bool]) -> Position:
        return _at(of, next((index for index in range(start, end) if is_wanted(Ref(of.items, index))), end))

    def _std_any_of(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        return any(self.asked(rest[0], [Ref(of.items, index)], node, frame) for index in range(start, end))

    def _std_none_of(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return not self._std_any_of(node, function, arguments, frame)

    def _std_all_of(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        return all(self.asked(rest[0], [Ref(of.items, index)], node, frame) for index in range(start, end))

    def _std_count(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        return sum(self.is_same(one, rest[0], node, frame) for one in of.items[start:end])

    def _std_count_if(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        return sum(self.asked(rest[0], [Ref(of.items, index)], node, frame) for index in range(start, end))

    def _std_contains(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._std_find(node, function, arguments, frame).key is not None

    def _std_equal(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        if len(rest) == 1:
            rest = [rest[0], Position(rest[0].of, None)] if isinstance(rest[0], Position) else rest
        other, other_start, other_end, _ = self.of_range(rest, node, frame)
        one, two = of.items[start:end], other.items[other_start:other_end]
        return len(one) == len(two) and all(self.is_same(a, b, node, frame) for a, b in zip(one, two, strict=True))

    def _extreme_element(self, operator: str, node: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        best = start
        for index in range(start + 1, end):
            pair = [of.items[index], of.items[best]] if operator == "<" else [of.items[best], of.items[index]]
            is_better = self.asked(rest[0], pair, node, frame) if rest else self.is_less(pair[0], pair[1], node, frame)
            best = index if is_better else best
        return _at(of, best)

    def _std_min_element(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._extreme_element("<", node, arguments, frame)

    def _std_max_element(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._extreme_element(">", node, arguments, frame)

    def _std_accumulate(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        total = copied_value(held(rest[0])) if rest else 0
        is_whole = isinstance(total, int)
        for one in of.items[start:end]:
            if len(rest) > 1:
                total = self.applied(rest[1], [total, one], node, frame)
            else:
                total = self.combined("+", total, one, node, frame)
            total = int(total) if is_whole and isinstance(total, float) else total
        return total

    _std_reduce = _std_accumulate

    def _std_for_each(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        for index in range(start, end):
            self.applied(rest[0], [Ref(of.items, index)], node, frame)
        return rest[0]

    def _std_remove(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        if isinstance(arguments[0], TextPosition):
            return self._changed_text(arguments, lambda text: text.replace(arguments[2], ""), node, frame)
        return self._without(arguments, lambda one, wanted: self.is_same(one, wanted, node, frame), node, frame)

    def _std_remove_if(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        if isinstance(arguments[0], TextPosition):
            return self._changed_text(
                arguments,
                lambda text: "".join(one for one in text if not self.asked(arguments[2], [one], node, frame)),
                node,
                frame,
            )
        return self._without(arguments, lambda one, wanted: self.asked(wanted, [one], node, frame), node, frame)

    def _std_erase(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """`std::erase(v, value)`; what is left behind is gone at once."""
        return self._shorter(self._std_remove, node, function, arguments, frame)

    def _std_erase_if(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._shorter(self._std_remove_if, node, function, arguments, frame)

    def _shorter(
        self, remove: Callable[..., Any], node: Node, function: Node, arguments: list[Any], frame: Frame
    ) -> int:
        of = held(arguments[0])
        if not isinstance(of, ListValue):
            raise NotUnderstood(node, f"erase of {described(of)}")
        of.settle(frame.machine.knowledge.decide)
        before = len(of.items)
        remove(node, function, [of, *arguments[1:]], frame)
        return before - len(of.items)

    def _without(
        self, arguments: list[Any], is_removed: Callable[[Any, Any], bool], node: Node, frame: Frame
    ) -> Position:
        """The elements that stay, moved to the front. What C++ leaves behind them, for an `erase` that follows, is gone
        here: that `erase` then finds nothing to do."""
        of, start, end, rest = self.of_range(arguments, node, frame)
        kept = [index for index in range(start, end) if not is_removed(Ref(of.items, index), rest[0])]
        of.arrange(start, end, kept)
        return _at(of, start + len(kept))

    def _std_unique(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, _ = self.of_range(arguments, node, frame)
        kept: list[int] = []
        for index in range(start, end):
            if not kept or not self.is_same(of.items[kept[-1]], of.items[index], node, frame):
                kept.append(index)
        of.arrange(start, end, kept)
        return _at(of, start + len(kept))

    def _std_replace(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        if isinstance(arguments[0], TextPosition):
            return self._changed_text(arguments, lambda text: text.replace(arguments[2], arguments[3]), node, frame)
        of, start, end, rest = self.of_range(arguments, node, frame)
        for index in range(start, end):
            if self.is_same(of.items[index], rest[0], node, frame):
                of.items[index] = copied_value(held(rest[1]))
        return UNSET

    def _std_reverse(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        if isinstance(arguments[0], TextPosition):
            return self._changed_text(arguments, lambda text: text[::-1], node, frame)
        of, start, end, _ = self.of_range(arguments, node, frame)
        of.arrange(start, end, range(start, end)[::-1])
        return UNSET

    def _std_sort(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """What is not known stays where it is: the order of macros has no say in what a shader becomes."""
        of, start, end, rest = self.of_range(arguments, node, frame)
        items = [frame.machine.scalar(one) for one in of.items[start:end]]
        if any(map(is_symbolic, items)) and not rest:
            return UNSET

        def compared(a: int, b: int) -> int:
            if rest:
                less = self.asked(rest[0], [of.items[a], of.items[b]], node, frame)
                return -1 if less else int(self.asked(rest[0], [of.items[b], of.items[a]], node, frame))
            return -1 if self.is_less(of.items[a], of.items[b], node, frame) else 1

        order = sorted(range(start, end), key=cmp_to_key(compared))
        of.arrange(start, end, order)
        return UNSET

    _std_stable_sort = _std_sort

    def is_less(self, a: Any, b: Any, node: Node, frame: Frame) -> bool:
        return frame.machine.knowledge.decide(self.combined("<", a, b, node, frame))

    def _std_fill(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        for index in range(start, end):
            of.items[index] = copied_value(held(rest[0]))
        return UNSET

    def _std_generate(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        for index in range(start, end):
            of.items[index] = copied_value(self.applied(rest[0], [], node, frame))
        return UNSET

    def _std_iota(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        value = frame.machine.scalar(rest[0])
        for index in range(start, end):
            of.items[index] = value
            value = self.combined("+", value, 1, node, frame)
        return UNSET

    def _std_back_inserter(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of = held(arguments[0])
        if isinstance(of, str):
            return TextPosition(arguments[0], True)
        if not isinstance(of, ListValue):
            raise NotUnderstood(node, f"adding to {described(of)}")
        return Position(of, None)

    def _std_copy(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        return self.put(rest[0], of.part(start, end), node)

    def _std_copy_if(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        of, start, end, rest = self.of_range(arguments, node, frame)
        target = rest[0]
        for index in range(start, end):
            if self.asked(rest[1], [Ref(of.items, index)], node, frame):
                target = self.put(target, of.part(index, index + 1), node)
        return target

    def _std_transform(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """Of a text, as `std::transform(s.begin(), s.end(), s.begin(), ::toupper)`; or of a list."""
        if isinstance(arguments[0], TextPosition):
            return self._transformed_text(arguments, node, frame)
        of, start, end, rest = self.of_range(arguments, node, frame)
        if len(rest) != 2:
            raise NotUnderstood(node, "std::transform of two ranges")
        target = rest[0]
        for index in range(start, end):
            made = self.applied(rest[1], [Ref(of.items, index)], node, frame)
            made = copied_value(held(made))
            here = (node.location, frame.machine.origin_text())
            target = self.put(target, ListValue([made], [here]), node)
        return target

    def _transformed_text(self, arguments: list[Any], node: Node, frame: Frame) -> Any:
        place, change = arguments[0].place, arguments[3] if len(arguments) == 4 else UNSET
        target = arguments[2] if len(arguments) > 2 else UNSET
        change = held(change)
        text = frame.machine.scalar(place)
        if isinstance(change, FunctionName) and change.name in ("toupper", "tolower"):
            changed = frame.machine.world.terms.apply(change.name[2:], text)
        else:
            text = frame.machine.concrete(text, node)
            if not isinstance(text, str) or change is UNSET:
                raise NotUnderstood(node, "std::transform of what is no string")
            parts = [frame.machine.scalar(self.applied(change, [one], node, frame)) for one in text]
            if not all(isinstance(one, str) for one in parts):
                raise NotUnderstood(node, "std::transform with this function")
            changed = "".join(parts)
        if isinstance(target, Position):
            raise NotUnderstood(node, "std::transform of a text into a list")
        place = target.place if isinstance(target, TextPosition) else place
        if not isinstance(place, Ref):
            raise NotUnderstood(node, "std::transform of what cannot be changed")
        if isinstance(target, TextPosition) and target.is_end:
            changed = frame.machine.world.terms.apply("+", frame.machine.scalar(place), changed)
        place.set(changed)
        return target

    def _changed_text(
        self, arguments: list[Any], change: Callable[[str], str], node: Node, frame: Frame
    ) -> TextPosition:
        """A whole text is changed."""
        first, last = arguments[0], arguments[1] if len(arguments) > 1 else UNSET
        is_whole = not first.is_end and isinstance(last, TextPosition) and last.is_end
        arguments[2:] = [frame.machine.scalar(one) for one in arguments[2:]]
        text = frame.machine.concrete(frame.machine.scalar(first.place), node)
        if not is_whole or not isinstance(text, str) or not isinstance(first.place, Ref):
            raise NotUnderstood(node, "a change of a part of a text")
        first.place.set(change(text))
        return TextPosition(first.place, True)

    def _std_begin(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        value = self._container(arguments[0], frame)
        if isinstance(value, (ListValue, MapValue)):
            return _at(value, 0)
        return TextPosition(arguments[0])

    def _std_end(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        value = self._container(arguments[0], frame)
        return Position(value, None) if isinstance(value, (ListValue, MapValue)) else TextPosition(arguments[0], True)

    _std_cbegin, _std_cend = _std_begin, _std_end

    def _std_size(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        _, start, end, _ = self.of_range(arguments, node, frame)
        return end - start

    _std_ssize = _std_size

    def _std_distance(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self.combined("-", arguments[1], arguments[0], node, frame)

    def _std_next(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self.combined("+", arguments[0], arguments[1] if len(arguments) > 1 else 1, node, frame)

    def _std_prev(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self.combined("-", arguments[0], arguments[1] if len(arguments) > 1 else 1, node, frame)


class _Pairs(ListValue):
    """What a range of a map holds: each key with the place of its value."""

    __slots__ = ("of",)

    def __init__(self, of: MapValue, pairs: list[Any]) -> None:
        super().__init__(pairs, [None] * len(pairs))
        self.of = of


def _at(of: ListValue | MapValue, index: int) -> Position:
    """Where so many elements stand before."""
    of = of.of if isinstance(of, _Pairs) else of
    if isinstance(of, MapValue):
        keys = of.in_order()
        return Position(of, keys[index] if index < len(keys) else None)
    return Position(of, index if index < min(len(of.items), MOST_ITEMS) else None)
