"""MacroDefinition and MacroTable: which macros hold at one place of one root in one variant, and where from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
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


class MacroTable(Mapping[str, MacroDefinition]):
    """name -> definition in force. `shadowed(name)`: what it hides, newest first: earlier values, ignored #defines."""

    def __init__(
        self,
        definitions: dict[str, MacroDefinition],
        shadows: dict[str, Shadows],
        dialect: Dialect,
    ) -> None:
        self._definitions = definitions
        self._shadows = shadows
        self._dialect = dialect
        self._expanded = Expanded()

    def __getitem__(self, name: str) -> MacroDefinition:
        return self._definitions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)

    @cached_property
    def bodies(self) -> dict[str, str]:
        """name -> value, as conditions and expansion want it."""
        return {name: definition.value for name, definition in self._definitions.items()}

    def shadowed(self, name: str) -> tuple[MacroDefinition, ...]:
        found: list[MacroDefinition] = []
        rest = self._shadows.get(name)
        while rest is not None:
            found.append(rest[0])
            rest = rest[1]
        return tuple(found)

    def copied(self) -> tuple[dict[str, MacroDefinition], dict[str, Shadows]]:
        """What a table of a later place begins with."""
        return dict(self._definitions), dict(self._shadows)

    def expanded(self, name: str) -> str | None:
        """The text that a use of `name` becomes; None when it is no macro here or never ends."""
        if name not in self._definitions:
            return None
        if not self._dialect.recursive:
            return self._definitions[name].value
        if self._expanded.length > LONGEST_VALUE:
            self._expanded = Expanded()
        try:
            return expand_value(name, self.bodies, self._expanded)
        except ValueProblem:
            return None

    def steps(self, name: str, use: Location, offset: int = 0) -> tuple[ExpansionStep, ...]:
        """The macros that led to character `offset` of the expansion of `name`, outermost first."""
        steps: list[ExpansionStep] = []
        at: Location | None = use
        while name in self._definitions and len(steps) < 200:
            definition = self._definitions[name]
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
            is_macro = self._dialect.recursive and word in self._definitions
            text = self.expanded(word) if is_macro else word
            if text is None:
                break
            if offset < expanded + len(text):
                return (word, done, offset - expanded) if is_macro else (None, done + offset - expanded, 0)
            expanded += len(text)
            done = match.end()
        return None, done + offset - expanded, 0
