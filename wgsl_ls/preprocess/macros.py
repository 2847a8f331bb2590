"""MacroDefinition and MacroTable: which macros hold at one place of one root in one variant, and where from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Literal

from wgsl_ls.preprocess.dialect import IDENTIFIER, Dialect
from wgsl_ls.preprocess.values import LONGEST_VALUE, Expanded, ValueProblem, expand_value
from wgsl_ls.text.span import Location, Span


@dataclass(frozen=True, slots=True)
class MacroDefinition:
    """`origin`: "variant" when given from outside (then locked, and `location` is None), "source" for a #define:
    `location` is the name in it, `value_location` its value, `through` the #include sites that led there, innermost
    first. `ignored`: a #define without effect because the macro is locked. `breaks`: of a value on several lines,
    (character of the value, where it is written) of the first character of each line."""

    name: str
    value: str
    origin: Literal["variant", "source"]
    location: Location | None = None
    value_location: Location | None = None
    through: tuple[Location, ...] = ()
    ignored: bool = False
    breaks: tuple[tuple[int, int], ...] = ()

    def place(self, start: int, end: int) -> Location | None:
        """Where characters of the value that stand on one line are written; None for a value given from outside."""
        if self.value_location is None:
            return None
        first, written = self.value_location.span.start, 0
        for at, where in self.breaks:
            if at <= start:
                written, first = at, where
        begin = first + start - written
        return Location(self.value_location.path, Span(begin, begin + end - start))

    @property
    def locked(self) -> bool:
        return self.origin == "variant"


@dataclass(frozen=True, slots=True)
class ExpansionStep:
    """One macro on the way from a written name to its text. `use`: where the name stands: in code for the first
    step, in the previous macro's value for the others (None when that value was given from outside). `inside`: which
    character of the definition's value."""

    definition: MacroDefinition
    use: Location | None
    inside: int = 0


Shadows = tuple[MacroDefinition, "Shadows | None"]
"""The newest definition that is hidden, and what it hid: tables of a text share the older ones."""
_Change = tuple[int, MacroDefinition | None, Shadows | None]
"""After how many #defines and #undefs; what has been in force since (None: no macro), and what that hides."""


class MacroHistory:
    """What the #defines and #undefs of one reading did to each macro, in order: what all its tables look up."""

    def __init__(self, given: Iterable[MacroDefinition], dialect: Dialect) -> None:
        self.dialect = dialect
        self._changes: dict[str, list[_Change]] = {one.name: [(0, one, None)] for one in given}

    def change(self, order: int, name: str, definition: MacroDefinition | None) -> None:
        """A #define, or with None an #undef, that was run as number `order`, counted from one."""
        changes = self._changes.setdefault(name, [])
        _, current, shadows = changes[-1] if changes else (0, None, None)
        if current is None:
            changes.append((order, definition, shadows))
        elif not current.locked:
            changes.append((order, definition, (current, shadows)))
        elif definition is not None:
            changes.append((order, current, (definition, shadows)))

    def at(self, name: str, order: int) -> tuple[MacroDefinition | None, Shadows | None]:
        """The definition after `order` of them, and what it hides."""
        changes = self._changes.get(name, ())
        index = bisect_right(changes, order, key=itemgetter(0))
        return changes[index - 1][1:] if index else (None, None)

    def names(self) -> Iterable[str]:
        return self._changes


class MacroTable(Mapping[str, MacroDefinition]):
    """name -> definition in force after `order` #defines and #undefs. `shadowed(name)`: what it hides, newest first:
    earlier values, ignored #defines."""

    def __init__(self, history: MacroHistory, order: int) -> None:
        self._history = history
        self._order = order
        self._expanded = Expanded()

    def __getitem__(self, name: str) -> MacroDefinition:
        definition = self._history.at(name, self._order)[0]
        if definition is None:
            raise KeyError(name)
        return definition

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._history.at(name, self._order)[0] is not None

    def __iter__(self) -> Iterator[str]:
        return filter(self.__contains__, self._history.names())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @cached_property
    def bodies(self) -> dict[str, str]:
        """name -> value, as conditions want it."""
        return {name: definition.value for name, definition in self.items()}

    def shadowed(self, name: str) -> tuple[MacroDefinition, ...]:
        found: list[MacroDefinition] = []
        rest = self._history.at(name, self._order)[1]
        while rest is not None:
            found.append(rest[0])
            rest = rest[1]
        return tuple(found)

    def expanded(self, name: str) -> str | None:
        """The text that a use of `name` becomes; None when it is no macro here or never ends."""
        if name not in self:
            return None
        if not self._history.dialect.recursive:
            return self[name].value
        if self._expanded.length > LONGEST_VALUE:
            self._expanded = Expanded()
        try:
            return expand_value(name, _Values(self), self._expanded)
        except ValueProblem:
            return None

    def steps(self, name: str, use: Location, offset: int = 0, most: int = 200) -> tuple[ExpansionStep, ...]:
        """The (first `most`) macros that led to character `offset` of the expansion of `name`, outermost first."""
        steps: list[ExpansionStep] = []
        at: Location | None = use
        while name in self and len(steps) < most:
            definition = self[name]
            inner, inside, offset = self._within(definition, offset)
            steps.append(ExpansionStep(definition, at, inside))
            if inner is None:
                break
            at = definition.place(inside, inside + len(inner))
            name = inner
        return tuple(steps)

    def _within(self, definition: MacroDefinition, offset: int) -> tuple[str | None, int, int]:
        """For character `offset` of what a definition expands to: the macro in the value that it comes out of (None:
        it stands in the value itself), where in the value, and which character of that macro's expansion."""
        expanded = done = 0
        for match in IDENTIFIER.finditer(definition.value):
            if offset < expanded + match.start() - done:
                break
            expanded += match.start() - done
            done = match.start()
            word = match.group()
            is_macro = self._history.dialect.recursive and word in self
            text = self.expanded(word) if is_macro else word
            if text is None:
                break
            if offset < expanded + len(text):
                return (word, done, offset - expanded) if is_macro else (None, done + offset - expanded, 0)
            expanded += len(text)
            done = match.end()
        return None, done + offset - expanded, 0


class _Values(Mapping[str, str]):
    """name -> value of a table, looked up when it is asked for."""

    def __init__(self, table: MacroTable) -> None:
        self._table = table

    def __getitem__(self, name: str) -> str:
        return self._table[name].value

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)
