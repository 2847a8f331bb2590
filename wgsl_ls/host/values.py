"""Values that the interpreter has besides plain ones and terms: structs, lists, maps, pointers, references,
lambdas, things from outside, shaders and what a preprocessor made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from wgsl_ls.host.cpp_types import CppType, order_of
from wgsl_ls.host.effort import LONGEST_NAME, MOST_COPIED, MOST_ITEMS, BadValue
from wgsl_ls.host.program import Function, Parameter
from wgsl_ls.text.source_file import text_digest
from wgsl_ls.text.span import Location

GivenAt = tuple[Location, str]
"""Where an element of a list was given, and under which conditions."""


class Outside:
    """An object that the host got from elsewhere, known by the expression that leads to it."""

    __slots__ = ("path", "type")

    def __init__(self, path: str, type_: CppType | None) -> None:
        self.path = path if len(path) <= LONGEST_NAME else short_name(path)
        self.type = type_

    def __repr__(self) -> str:
        return f"Outside({self.path})"


class StructValue:
    __slots__ = ("fields", "type")

    def __init__(self, type_: str, fields: dict[str, Any]) -> None:
        self.type = type_
        self.fields = fields

    def copy(self, copying: Copying | None = None) -> StructValue:
        copying = copying or Copying(len(self.fields))
        return StructValue(self.type, {name: copying.of(value) for name, value in self.fields.items()})


class ListValue:
    """`guards`: by index, under which condition an element is there, for elements that may be missing; `element`: of
    which type they are, where that is known; `kind`: "set" (in order) or "unordered_set" where each is there once."""

    __slots__ = ("element", "guards", "items", "kind", "origins")

    def __init__(
        self,
        items: list[Any],
        origins: list[GivenAt | None],
        guards: dict[int, object] | None = None,
        element: CppType | None = None,
        kind: str = "",
    ) -> None:
        self.items = items
        self.origins = origins
        self.guards: dict[int, object] = guards or {}
        self.element = element
        self.kind = kind

    def copy(self, copying: Copying | None = None) -> ListValue:
        copying = copying or Copying(len(self.items))
        items = [copying.of(item) for item in self.items]
        return ListValue(items, list(self.origins), dict(self.guards), self.element, self.kind)

    def part(self, start: int, end: int) -> ListValue:
        """A copy of some elements; no guard may be left."""
        return ListValue([copied_value(one) for one in self.items[start:end]], self.origins[start:end])

    def replace(self, start: int, end: int, other: ListValue) -> None:
        """Put the elements of `other` where those between `start` and `end` are; no guard may be left."""
        if len(self.items) - (end - start) + len(other.items) > MOST_ITEMS:
            raise BadValue(f"a list of more than {MOST_ITEMS:,} elements")
        self.items[start:end] = [copied_value(one) for one in other.items]
        self.origins[start:end] = other.origins

    def arrange(self, start: int, end: int, order: Sequence[int]) -> None:
        """Put the elements at the places `order` where those between `start` and `end` are; no guard may be left."""
        self.items[start:end] = [self.items[index] for index in order]
        self.origins[start:end] = [self.origins[index] for index in order]

    def extend(self, other: ListValue) -> None:
        n_items = len(self.items)
        if n_items + len(other.items) > MOST_ITEMS:
            raise BadValue(f"a list of more than {MOST_ITEMS:,} elements")
        self.items.extend([copied_value(item) for item in other.items])  # which may be this list
        self.origins.extend(other.origins)
        self.guards.update({n_items + index: guard for index, guard in other.guards.items()})

    def settle(self, decide: Callable[[object], bool]) -> None:
        """Leave out what is not there, so that no guard is left."""
        if self.guards:
            kept = [index for index in range(len(self.items)) if decide(self.guards.get(index, True))]
            self.items[:] = [self.items[index] for index in kept]
            self.origins[:] = [self.origins[index] for index in kept]
            self.guards.clear()
            # What was put into a set under conditions was put behind the others.
            if self.kind == "set" and all(isinstance(one, str) for one in self.items):
                order = sorted(range(len(self.items)), key=self.items.__getitem__)
                self.arrange(0, len(self.items), order)


class MapValue:
    """`member`: the name of the member variable it is, "" for others; `path`: what leads to it (not of a copy); keys
    are frozen (see `frozen_key`); `type`: as it was declared, where that is known."""

    __slots__ = ("entries", "keys", "member", "origins", "path", "type")

    def __init__(self, member: str = "", type_: CppType | None = None) -> None:
        self.entries: dict[object, Any] = {}
        self.keys: dict[object, Any] = {}
        self.origins: dict[object, GivenAt | None] = {}
        self.member = member
        self.path = ""
        self.type = type_

    def in_order(self) -> list[Any]:
        """The keys in the order in which C++ comes to them, as far as there is one."""
        if self.type is not None and self.type.name in ("map", "multimap"):
            is_backwards = order_of(self.type, 2) == "greater"
            try:
                return sorted(self.entries, reverse=is_backwards)  # keys of one type can be compared, or cannot
            except TypeError:
                pass
        return list(self.entries)

    def copy(self, copying: Copying | None = None) -> MapValue:
        copying = copying or Copying(len(self.entries))
        copied = MapValue(self.member, self.type)
        copied.entries = {key: copying.of(value) for key, value in self.entries.items()}
        copied.keys = dict(self.keys)
        copied.origins = dict(self.origins)
        return copied


class OptionalValue:
    """A std::optional; `box` holds its value, or nothing."""

    __slots__ = ("box",)

    def __init__(self, *value: Any) -> None:
        self.box: list[Any] = list(value)

    def copy(self, copying: Copying | None = None) -> OptionalValue:
        copying = copying or Copying(len(self.box))
        return OptionalValue(*map(copying.of, self.box))


@dataclass(frozen=True, slots=True)
class Position:
    """An iterator: `key` None is the end. `step`: -1 for one that goes backwards."""

    of: ListValue | MapValue
    key: Any | None
    step: int = 1

    @property
    def index(self) -> int:
        """How many elements stand before it (for one that goes backwards: behind it)."""
        count = len(self.of.items) if isinstance(self.of, ListValue) else len(self.of.entries)
        if self.key is None:
            return count
        index = self.key if isinstance(self.of, ListValue) else self.of.in_order().index(self.key)
        return int(index) if self.step > 0 else count - 1 - int(index)

    def moved(self, by: int) -> Position | None:
        """The position that many elements further on; None outside of the container."""
        keys = range(len(self.of.items)) if isinstance(self.of, ListValue) else self.of.in_order()
        index = self.index + by
        if not 0 <= index <= len(keys):
            return None
        key = None if index == len(keys) else keys[index if self.step > 0 else len(keys) - 1 - index]
        return Position(self.of, key, self.step)


@dataclass(frozen=True, slots=True)
class TextPosition:
    """The beginning of the text at `place`, or its end."""

    place: Any
    is_end: bool = False


class Pointer:
    __slots__ = ("target",)

    def __init__(self, target: Any) -> None:
        self.target = target


class Ref:
    """A place: `holder[key]`, of a dict or list."""

    __slots__ = ("holder", "key")

    def __init__(self, holder: Any, key: Any) -> None:
        self.holder = holder
        self.key = key

    def get(self) -> Any:
        return held(self.holder[self.key])

    def set(self, value: Any) -> None:
        old = self.holder.get(self.key) if isinstance(self.holder, dict) else self.holder[self.key]
        if isinstance(old, Ref):
            old.set(value)
        else:
            self.holder[self.key] = value


def held(value: Any) -> Any:
    """What a place holds; any other value as it is."""
    return value.get() if isinstance(value, Ref) else value


def reached(value: Any) -> Any:
    """What places and pointers lead to."""
    while isinstance(value, (Ref, Pointer)):
        value = value.get() if isinstance(value, Ref) else value.target
    return value


class EntryRef(Ref):
    """The place of a map's entry."""

    __slots__ = ("of",)

    def __init__(self, of: MapValue, key: object) -> None:
        super().__init__(of.entries, key)
        self.of = of


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A lambda; it sees the variables of `frame`, the machine.Frame it was made in. `has_own`: or one with variables of
    its own, which a copy has too."""

    parameters: tuple[Parameter, ...]
    run: Callable[[Any], Any]
    frame: Any
    returns: CppType
    has_own: bool = False

    def copy(self, copying: Copying | None = None) -> Closure:
        return replace(self, frame=self.frame.copied()) if self.has_own else self


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A function named as a value, such as `::toupper`."""

    name: str
    overloads: tuple[Function, ...] = ()


@dataclass(frozen=True, slots=True)
class Shader:
    """The text of the shader file `stem`."""

    stem: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """That the map `member` was asked at `location` for a key that is made of `leaves`; `decided`: what was known by
    then."""

    member: str
    location: Location
    leaves: tuple[object, ...]
    decided: frozenset[object]


@dataclass(frozen=True, slots=True)
class GlobalRow:
    """One entry of a global table, chosen by a value that is not known."""

    table: GlobalTable
    index: object


@dataclass(slots=True, eq=False)
class GlobalTable:
    """A global constant array: rows by index; a row is a plain value or a dict of fields. `rests_on`: functions that
    were called for it."""

    name: str
    rows: dict[object, Any]
    columns: dict[str, Any]
    rests_on: frozenset[Function] = frozenset()


@dataclass(slots=True, eq=False)
class Expanded:
    """What a call of the preprocessor gave. `defines`: text (or term), origin, and under which condition it is
    given; `lookups`: keys under which a host looked for what it makes of it."""

    shader: Shader
    defines: tuple[tuple[Any, GivenAt, object], ...]
    location: Location
    function: Function
    lookups: tuple[Lookup, ...] = ()
    sent: bool = False


class CharRef(Ref):
    """The place of one character of the text at `holder`, a Ref."""

    __slots__ = ()

    def get(self) -> Any:
        return self.holder.get()[self.key]

    def set(self, value: Any) -> None:
        text = self.holder.get()
        self.holder.set(text[: self.key] + value + text[self.key + 1 :])


class _Unset:
    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset()
"""The value of a variable before it gets one."""


def short_name(text: str) -> str:
    """A name that stays one of a kind when it is cut: names made of names would grow without end."""
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}... {text_digest(text)[:12]}"


def n_elements(value: Any) -> int:
    """How much there is to copy."""
    if isinstance(value, StructValue):
        return sum(map(n_elements, value.fields.values()))
    return (
        len(value.items) if isinstance(value, ListValue) else len(value.entries) if isinstance(value, MapValue) else 0
    )


def copied_value(value: Any) -> Any:
    """A value as C++ copies it: containers and structs anew, pointers shared."""
    return value.copy() if isinstance(value, (StructValue, ListValue, MapValue, OptionalValue, Closure)) else value


class Copying:
    """One copy of a value with all that is in it. `n_elements`: counted so far; a value that is put into itself doubles
    each time."""

    __slots__ = ("n_elements",)

    def __init__(self, n_elements: int) -> None:
        self.n_elements = n_elements

    def of(self, value: Any) -> Any:
        """Raises BadValue."""
        if not isinstance(value, (StructValue, ListValue, MapValue, OptionalValue)):
            return value
        self.n_elements += len(value.fields) if isinstance(value, StructValue) else n_elements(value)
        if self.n_elements > MOST_COPIED:
            raise BadValue(f"a value of more than {MOST_COPIED:,} elements")
        return value.copy(self)


def frozen_key(value: Any) -> object:
    """A value as a key of a map: structs by their fields."""
    if isinstance(value, StructValue):
        return (value.type, *((name, frozen_key(one)) for name, one in value.fields.items()))
    if isinstance(value, ListValue):
        return tuple(frozen_key(one) for one in value.items)
    if isinstance(value, OptionalValue):
        return ("optional", *map(frozen_key, value.box))
    if isinstance(value, Outside):
        return ("outside", value.path)
    return value
