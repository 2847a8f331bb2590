"""Methods of strings, vectors and maps, on the interpreter's values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from wgsl_ls.host.cpp_types import CppType
from wgsl_ls.host.effort import MOST_ITEMS, BadValue
from wgsl_ls.host.evaluator import Evaluator
from wgsl_ls.host.machine import Frame, Machine, NotUnderstood, bits_of, described, item_place
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import NO_POSITION, is_symbolic
from wgsl_ls.host.values import (
    UNSET,
    CharRef,
    GivenAt,
    ListValue,
    MapValue,
    Outside,
    Pointer,
    Position,
    Ref,
    StructValue,
    TextPosition,
    copied_value,
    frozen_key,
    held,
    short_name,
)

_TEXT_METHODS: Final = (
    "size length empty c_str data append push_back resize substr begin end str back pop_back clear find rfind "
    "starts_with ends_with insert erase replace assign front at compare contains find_first_of find_last_of "
    "find_first_not_of find_last_not_of "
)
_TEXT_QUESTIONS: Final = "size length empty find rfind starts_with ends_with compare contains"


def _replaced(text: str, start: int, length: int, other: str) -> str:
    return text[:start] + other + text[start + length :]


def _repeated(count: int | str, char: str | int) -> str:
    """`(3, 'x')`, or `("text", 2)`: the first two characters."""
    return str(char) * count if isinstance(count, int) else count[: int(char)]


_CHANGED: Final[dict[str, Callable[..., str]]] = {
    "replace": _replaced,
    "erase": lambda text, start=0, length=None: text[:start] + (text[start + length :] if length is not None else ""),
    "insert": lambda text, at, other: text[:at] + other + text[at:],
    "append": lambda text, *rest: text + (rest[0][rest[1] : rest[1] + rest[2]] if len(rest) == 3 else _repeated(*rest)),
    "assign": lambda text, *rest: _repeated(*rest),
    "resize": lambda text, length, char="\0": text[:length] + char * (length - len(text)),
}
_SEARCHES: Final[dict[str, Callable[..., int]]] = {
    "find": lambda text, part, start=0: text.find(part, start),
    "rfind": lambda text, part, start: text.rfind(part, 0, start + len(part)),
    "find_first_of": lambda text, any_of, start=0: _first(range(start, len(text)), lambda at: text[at] in any_of),
    "find_last_of": lambda text, any_of: _first(range(len(text) - 1, -1, -1), lambda at: text[at] in any_of),
    "find_first_not_of": lambda text, none, start=0: _first(range(start, len(text)), lambda at: text[at] not in none),
    "find_last_not_of": lambda text, none: _first(range(len(text) - 1, -1, -1), lambda at: text[at] not in none),
}


def _first(indices: Iterable[int], is_wanted: Callable[[int], bool]) -> int:
    return next((at for at in indices if is_wanted(at)), -1)


class Methods(Evaluator):
    text_methods: Final = frozenset(_TEXT_METHODS.split())
    text_questions: Final = frozenset(_TEXT_QUESTIONS.split())

    def text_method(self, name: str, place: Any, value: Any, arguments: list[Any], node: Node, frame: Frame) -> Any:
        machine = frame.machine
        terms = machine.world.terms
        plain = [machine.scalar(argument) for argument in arguments if not isinstance(argument, TextPosition)]
        if name in ("c_str", "data", "str"):
            return value
        if name in ("begin", "end"):
            return TextPosition(place, name == "end")
        if name in ("size", "length"):
            return terms.apply("len", value)
        if name == "empty":
            return terms.apply("==", terms.apply("len", value), 0)
        changed: Any = UNSET
        if name in ("append", "push_back") and len(plain) == 1:
            changed = terms.apply("+", value, plain[0])
        elif name == "resize" and len(plain) == 1:
            changed = terms.apply("prefix", value, plain[0])
        elif name == "pop_back":
            changed = terms.apply("prefix", value, terms.apply("-", terms.apply("len", value), 1))
        elif name == "clear":
            changed = ""
        elif name == "erase" and len(arguments) == 1 and len(plain) == 1:
            changed = terms.apply("prefix", value, plain[0])
        elif name == "erase" and len(arguments) == 2 and not plain and all(one.is_end for one in arguments):
            return place
        elif name == "assign" and len(plain) == 1 and not isinstance(plain[0], int):
            changed = plain[0]
        elif name == "insert" and len(plain) == 2 and isinstance(plain[0], int):
            before, behind = terms.apply("prefix", value, plain[0]), terms.apply("from", value, plain[0])
            changed = terms.apply("+", terms.apply("+", before, plain[1]), behind)
        if changed is not UNSET:
            if not isinstance(place, Ref):
                return changed  # of a text that no variable holds
            place.set(changed)
            return place
        if name == "substr" and len(plain) in (1, 2):
            rest = terms.apply("from", value, plain[0])
            return terms.apply("prefix", rest, plain[1]) if len(plain) == 2 else rest
        if name in ("find", "rfind", "starts_with", "ends_with") and len(plain) == 1:
            return terms.apply(name, value, plain[0])
        if name == "rfind" and len(plain) == 2 and plain[1] == 0:
            return terms.apply("?:", terms.apply("starts_with", value, plain[0]), 0, NO_POSITION)
        if name == "contains" and len(plain) == 1:
            return terms.apply("!=", terms.apply("find", value, plain[0]), NO_POSITION)
        if name == "compare" and len(plain) in (1, 3):
            if len(plain) == 3:
                value = terms.apply("prefix", terms.apply("from", value, plain[0]), plain[1])
            return terms.order(value, plain[-1])
        if len(plain) == len(arguments):
            return self._plain_text_method(name, place, value, plain, node, frame)
        raise NotUnderstood(node, f"{name} of a string")

    def _plain_text_method(
        self, name: str, place: Any, value: Any, arguments: list[Any], node: Node, frame: Frame
    ) -> Any:
        """A method for which the text itself has to be known; forks over all that it may be."""
        text = frame.machine.concrete(value, node)
        given = [frame.machine.concrete(one, node) for one in arguments]
        if not isinstance(text, str) or not all(isinstance(one, (str, int)) for one in given):
            raise NotUnderstood(node, f"{name} of a string")
        if name in ("front", "back", "at") and text:
            index = 0 if name == "front" else len(text) - 1 if name == "back" else given[0] if given else -1
            if isinstance(index, int) and 0 <= index < len(text):
                if not isinstance(place, Ref):
                    return text[index]
                if is_symbolic(value):
                    place.set(text)
                return CharRef(place, index)
        if name in _SEARCHES and given:
            found = _SEARCHES[name](text, *given)
            return found if found >= 0 else NO_POSITION
        try:
            changed = _CHANGED[name](text, *given)
        except (KeyError, TypeError, IndexError):
            raise NotUnderstood(node, f"{name} of a string") from None
        if not isinstance(place, Ref):
            return changed
        place.set(changed)
        return place

    def list_method(
        self, name: str, value: ListValue, arguments: list[Any], listed: list[Node], node: Node, frame: Frame
    ) -> Any:
        if name in ("push_back", "emplace_back", "insert", "push_front", "emplace", "append"):
            return self._added(name, value, arguments, listed, node, frame)
        machine = frame.machine
        if name not in ("begin", "end", "cbegin", "cend", "reserve", "data", "clear") or value.kind == "set":
            value.settle(machine.knowledge.decide)
        if name in ("size", "length"):
            return len(value.items)
        if name == "empty":
            return not value.items
        if name in ("begin", "cbegin"):
            return Position(value, 0 if value.items else None)
        if name in ("end", "cend"):
            return Position(value, None)
        if name in ("rbegin", "crbegin"):
            return Position(value, len(value.items) - 1 if value.items else None, -1)
        if name in ("rend", "crend"):
            return Position(value, None, -1)
        if name == "clear":
            value.items.clear()
            value.origins.clear()
            value.guards.clear()
            return UNSET
        if name in ("reserve", "shrink_to_fit", "data"):
            return UNSET if name != "data" else value
        if name in ("pop_back", "pop_front") and value.items:
            index = -1 if name == "pop_back" else 0
            value.items.pop(index)
            value.origins.pop(index)
            return UNSET
        if name in ("front", "back") and value.items:
            return item_place(value, 0 if name == "front" else len(value.items) - 1)
        if name == "at" and len(arguments) == 1:
            place = machine.concrete(machine.scalar(arguments[0]), node)
            if isinstance(place, int) and 0 <= place < len(value.items):
                return item_place(value, place)
        if name == "erase" and arguments:
            return self._erased(value, arguments, node, frame)
        if name in ("find", "count", "contains") and value.kind and len(arguments) == 1:
            found = next(
                (index for index, one in enumerate(value.items) if self.is_same(one, arguments[0], node, frame)), None
            )
            return (
                Position(value, found)
                if name == "find"
                else found is not None
                if name == "contains"
                else int(found is not None)
            )
        if name == "swap" and len(arguments) == 1:
            other = held(arguments[0])
            if isinstance(other, ListValue):
                other.settle(machine.knowledge.decide)
                before = value.copy()
                value.replace(0, len(value.items), other)
                other.replace(0, len(other.items), before)
                return UNSET
        if name in ("remove", "remove_if", "unique", "reverse", "sort"):
            of_range = getattr(self, f"_std_{name}")
            return of_range(node, node, [value, *arguments], frame)
        if name in ("resize", "assign", "fill") and arguments:
            return self._sized(name, value, arguments, node, frame)
        raise NotUnderstood(node, f"{name} of a list")

    def _erased(self, value: ListValue, arguments: list[Any], node: Node, frame: Frame) -> Any:
        places = [held(one) for one in arguments]
        first = places[0]
        if value.kind and not isinstance(first, Position):
            found = [index for index, one in enumerate(value.items) if self.is_same(one, first, node, frame)]
            for index in reversed(found):
                value.replace(index, index + 1, ListValue([], []))
            return len(found)
        last = places[1] if len(places) > 1 else None
        if not isinstance(first, Position) or first.of is not value or first.step < 0:
            raise NotUnderstood(node, f"erase of {described(first)}")
        start, end = first.index, last.index if isinstance(last, Position) else first.index + 1
        if last is None and first.key is None:
            raise NotUnderstood(node, "erase of the end of a list")
        value.replace(start, end, ListValue([], []))
        return Position(value, start if start < len(value.items) else None)

    def _sized(self, name: str, value: ListValue, arguments: list[Any], node: Node, frame: Frame) -> Any:
        """`resize`, and `assign` or `fill` of equal elements, or of a range."""
        machine = frame.machine
        given = [held(one) for one in arguments]
        here: GivenAt = (node.location, machine.origin_text())
        if name == "assign" and isinstance(given[0], (ListValue, Position)):
            of, start, end, _ = self.of_range(arguments, node, frame)
            value.replace(0, len(value.items), of.part(start, end))
            return UNSET
        count = len(value.items) if name == "fill" else machine.concrete(machine.scalar(given[0]), node)
        if not isinstance(count, int) or not 0 <= count <= MOST_ITEMS:
            raise NotUnderstood(node, f"{name} of a list")
        n_kept = min(count, len(value.items)) if name == "resize" else 0
        filler = given[-1] if name == "fill" or len(given) > 1 else self.zero(value.element or CppType("auto"), frame)
        new = ListValue([filler] * (count - n_kept), [here] * (count - n_kept))
        value.replace(n_kept, len(value.items), new)
        return UNSET

    def _added(
        self, name: str, value: ListValue, arguments: list[Any], listed: list[Node], node: Node, frame: Frame
    ) -> Any:
        machine = frame.machine
        values = [held(one) for one in arguments]
        is_range = name in ("append", "append_range") or (name == "insert" and len(arguments) == 3)
        if is_range or (name == "insert" and len(values) == 2 and isinstance(values[0], Position) and value.kind):
            return self._added_range(name, value, values, node, frame)
        at: int | None = None
        given, place = values, listed
        if name in ("insert", "emplace") and values and isinstance(values[0], Position):
            position = values[0]
            if position.of is not value or position.step < 0:
                raise NotUnderstood(node, f"{name} into another list")
            at = None if position.key is None else position.index
            given, place = values[1:], listed[1:]
        elif name == "push_front" or name == "emplace_front":
            at = 0
        here: GivenAt = (machine.written_at(place[0]) if place else node.location, machine.origin_text())
        is_braced = bool(place) and place[0].kind == "initializer_list"
        if name == "insert" and len(given) == 1 and isinstance(given[0], ListValue) and is_braced:
            new = given[0]
            new.items[:] = [self.shaped(value.element, one, frame) for one in new.items]
        else:
            new = ListValue([self._element(name, value, given, is_braced, node, frame)], [here])
            source = self.moved(place[0]) if len(place) == 1 else None
            if source is not None:
                self.emptied(source(frame))
        if value.kind:
            return self._added_to_set(value, new, node, frame)
        if at is not None:
            value.settle(machine.knowledge.decide)
            value.replace(at, at, new)
            return Position(value, at)
        if machine.guard is not None:
            value.guards[len(value.items)] = machine.guard
        n_items = len(value.items)
        value.extend(new)
        return Ref(value.items, n_items) if name != "insert" else Position(value, n_items)

    def _element(self, name: str, of: ListValue, given: list[Any], is_braced: bool, node: Node, frame: Frame) -> Any:
        """What is put into a list: a copy, or what is made in its place."""
        values = [copied_value(one) for one in given]
        if len(values) == 1:
            item = values[0]
            if isinstance(item, Outside):
                item = frame.machine.scalar(item) if item.type is not None and not item.type.is_pointer else item
            is_number = isinstance(item, (int, float)) or is_symbolic(item)
            if of.element is not None and is_number and not of.element.is_pointer:
                bits = bits_of(of.element.name, -64 if isinstance(item, int) else 0)
                item = frame.machine.narrowed(item, bits) if bits else item
            return self.shaped(of.element, item, frame) if is_braced else item
        if not values:
            return "" if of.element is None else self.zero(of.element, frame)
        if of.element is not None and of.element.name == "string":
            return self.text_of(values, node, frame)
        if of.element is None or of.element.name in ("auto", ""):
            return ListValue(values, [None] * len(values))
        return self.shaped(of.element, ListValue(values, [None] * len(values)), frame)

    def _added_range(self, name: str, value: ListValue, values: list[Any], node: Node, frame: Frame) -> Any:
        position = values[0] if name == "insert" and len(values) == 3 else Position(value, None)
        rest = values[1:] if len(values) == 3 else values
        if not isinstance(position, Position) or position.of is not value:
            raise NotUnderstood(node, f"{name} into {described(position)}")
        if len(rest) == 2 and isinstance(rest[0], int):
            count, item = rest
            if not 0 <= count <= MOST_ITEMS:
                raise NotUnderstood(node, f"{name} of {count:,} elements")
            new = ListValue([item] * count, [(node.location, frame.machine.origin_text())] * count)
        elif (
            len(rest) == 2
            and isinstance(rest[0], Position)
            and isinstance(rest[0].of, ListValue)
            and rest[0].key in (0, None)
            and isinstance(rest[1], Position)
            and rest[1].key is None
            and position.key is None
            and not value.kind
        ):
            value.extend(rest[0].of)  # all of it: what may be missing may be missing here
            return UNSET
        else:
            of, start, end, _ = self.of_range(rest, node, frame)
            new = of.part(start, end)
        if value.kind:
            return self._added_to_set(value, new, node, frame)
        value.settle(frame.machine.knowledge.decide)
        value.replace(position.index, position.index, new)
        return UNSET

    def _added_to_set(self, value: ListValue, new: ListValue, node: Node, frame: Frame) -> StructValue:
        guard = frame.machine.guard
        plain = all(isinstance(one, (str, int)) or is_symbolic(one) for one in (*new.items, *value.items))
        if (guard is not None or value.guards) and plain:
            for item, origin in zip(new.items, new.origins, strict=True):
                self._added_to_some(value, item, origin, True if guard is None else guard, frame)
            return StructValue("pair", {})
        if guard is not None:
            raise NotUnderstood(node, "a set that is filled on one path only")
        value.settle(frame.machine.knowledge.decide)
        is_new = False
        found = 0
        for item, origin in zip(new.items, new.origins, strict=True):
            same = (index for index, one in enumerate(value.items) if self.is_same(one, item, node, frame))
            found = next(same, -1)
            is_new = found < 0
            if is_new:
                found = len(value.items)
                if value.kind == "set" and not any(is_symbolic(one) for one in (item, *value.items)):
                    found = sum(self.is_less(one, item, node, frame) for one in value.items)
                value.replace(found, found, ListValue([item], [origin]))
        return StructValue("pair", {"first": Position(value, found), "second": is_new})

    def _added_to_some(self, value: ListValue, item: Any, origin: GivenAt | None, guard: object, frame: Frame) -> None:
        """Put something into a set of which elements may be missing, where `guard` holds."""
        index = next((at for at, one in enumerate(value.items) if one is item or one == item), None)
        if index is None:
            index = len(value.items)
            value.replace(index, index, ListValue([item], [origin]))
        elif index in value.guards:
            guard = frame.machine.world.terms.apply("||", value.guards[index], guard)
        else:
            return  # it is there whatever holds
        if guard is True:
            value.guards.pop(index, None)
        else:
            value.guards[index] = guard

    def map_method(
        self, name: str, value: MapValue, arguments: list[Any], listed: list[Node], node: Node, frame: Frame
    ) -> Any:
        machine = frame.machine
        if value.path and name not in ("find", "count", "contains", "at", "end", "emplace", "insert"):
            machine.changed()
        if machine.guard is not None and name not in ("find", "count", "contains", "at", "end", "size", "empty"):
            raise NotUnderstood(node, "a map that is changed on one path only")
        if name in ("end", "cend"):
            return Position(value, None)
        if name in ("begin", "cbegin", "rbegin", "crbegin"):
            self.order(value, node, frame)
        if name in ("begin", "cbegin"):
            return Position(value, next(iter(value.in_order()), None))
        if name in ("rbegin", "rend", "crbegin", "crend"):
            keys = value.in_order()
            return Position(value, keys[-1] if keys and "begin" in name else None, -1)
        if name == "size":
            return len(value.entries)
        if name == "empty":
            return not value.entries
        if name == "clear":
            value.entries.clear()
            return UNSET
        if name == "reserve":
            return UNSET
        if not arguments:
            raise NotUnderstood(node, f"{name} of a map")
        if name == "insert" and len(arguments) == 2 and isinstance(arguments[0], Position):
            if value.path:
                machine.changed()
            source = arguments[0].of
            if isinstance(source, MapValue):
                for key, item in source.entries.items():
                    if key not in value.entries:
                        self._put(value, key, source.keys[key], item, source.origins.get(key), False)
                return UNSET
        first = held(arguments[0])
        if name == "erase" and isinstance(first, Position) and first.of is value and len(arguments) == 1:
            behind = first.moved(1)
            value.entries.pop(first.key, None)
            return behind
        if name == "swap" and isinstance(first, MapValue):
            for part in ("entries", "keys", "origins"):
                mine, other = getattr(value, part), getattr(first, part)
                setattr(value, part, other)
                setattr(first, part, mine)
            return UNSET
        here: GivenAt = (node.location, machine.origin_text())
        if name in ("emplace", "try_emplace", "insert", "insert_or_assign"):
            if len(arguments) > 1 or not isinstance(first, (StructValue, ListValue)):
                pairs = [[held(one) for one in arguments]]
            elif isinstance(first, StructValue):
                pairs = [list(first.fields.values())]
            elif _is_list_of_pairs(first):
                pairs = [list(held(one).items) for one in first.items]
            else:
                pairs = [first.items]
            put: Any = UNSET
            for parts in pairs:
                if len(parts) == 1:
                    parts.append("")
                if len(parts) != 2:
                    raise NotUnderstood(node, f"{name} of a map with {len(parts)} parts")
                key = machine.scalar(held(parts[0]))
                frozen = self.met_key(value, key, frame)
                machine.reaches(value, frozen)
                item = self.shaped(self.value_type(value.type), held(parts[1]), frame) if value.type else parts[1]
                is_new: object = frozen not in value.entries
                if is_new and self.is_filled_elsewhere(value):
                    is_new = machine.world.terms.apply("!", self._has(value, key, machine))
                self._put(value, frozen, key, item, here, name == "insert_or_assign")
                put = StructValue("pair", {"first": Position(value, frozen), "second": is_new})
            return put if len(pairs) == 1 else UNSET
        key = machine.scalar(first)
        frozen = frozen_key(key)
        if is_symbolic(key) and value.entries and frozen not in value.entries and not value.member:
            key = machine.concrete(key, node)
            frozen = frozen_key(key)
        frozen = self.met_key(value, key, frame)
        present = frozen in value.entries
        if present:
            machine.reaches(value, frozen)
        is_asked = not present and name in ("find", "count", "contains", "at") and self.is_filled_elsewhere(value)
        if is_asked and (name == "at" or machine.knowledge.decide(self._has(value, key, machine))):
            machine.reaches(value, frozen)
            value.keys[frozen] = key
            value.entries[frozen] = machine.call_unknown(f"{value.member}.at", [key], node)
            value.origins[frozen] = None
            present = True
        if name == "find":
            return Position(value, frozen if present else None)
        if name in ("count", "contains"):
            return present if name == "contains" else int(present)
        if name == "at" and present:
            return Ref(value.entries, frozen)
        if name == "erase":
            value.entries.pop(frozen, None)
            return int(present)
        raise NotUnderstood(node, f"{name} of a map")

    def settled_key(self, value: Any, frame: Frame) -> object:
        """A key with what is outside as inputs."""
        value = held(value)
        if isinstance(value, StructValue):
            return (value.type, *((name, self.settled_key(one, frame)) for name, one in value.fields.items()))
        return frozen_key(frame.machine.scalar(value))

    def is_filled_elsewhere(self, value: MapValue) -> bool:
        """Is it a map outside of functions, and none in which made pipelines are kept? (Those are asked for what is
        not there yet.)"""
        return bool(value.member) and self.caches is not None and value.member not in self.caches.names

    def _has(self, value: MapValue, key: Any, machine: Machine) -> Any:
        """Has somebody else put that into a map outside of functions?"""
        return machine.truth(short_name(f"{value.member} has {described(key)}"))

    def order(self, value: MapValue, node: Node, frame: Frame) -> None:
        """Have an order of the keys that C++ puts in order, each of which is known then."""
        if value.type is None or value.type.name == "unordered_map" or len(value.entries) < 2:
            return
        for frozen in [one for one in value.entries if is_symbolic(value.keys[one])]:
            known = frame.machine.concrete(value.keys[frozen], node)
            for part in (value.entries, value.keys, value.origins):
                part[frozen_key(known)] = part.pop(frozen)
            value.keys[frozen_key(known)] = known

    def met_key(self, value: MapValue, key: Any, frame: Frame) -> object:
        """Under which key something is in a map: it may have been put there under one that is not known."""
        frozen = frozen_key(key)
        if frozen in value.entries or value.member:
            return frozen
        terms, decide = frame.machine.world.terms, frame.machine.knowledge.decide
        others = [(one, value.keys[one]) for one in value.entries if is_symbolic(key) or is_symbolic(value.keys[one])]
        return next((one for one, other in others if decide(terms.apply("==", other, key))), frozen)

    def _put(self, value: MapValue, frozen: object, key: Any, item: Any, origin: GivenAt | None, replace: bool) -> None:
        if frozen in value.entries and not replace:
            if value.type is not None and value.type.name == "multimap":
                raise BadValue("a second entry of a multimap under one key", is_size=False)
            return
        value.keys[frozen] = key
        value.entries[frozen] = copied_value(item.target if isinstance(item, Pointer) else item)
        value.origins[frozen] = origin


def _is_list_of_pairs(value: ListValue) -> bool:
    """Is `{ { a, b }, { c, d } }` given, and not `{ a, b }`? (A key that is written in braces itself is not known.)"""
    return all(isinstance(one, ListValue) and len(one.items) == 2 for one in map(held, value.items))
