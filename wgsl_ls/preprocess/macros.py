"""MacroDefinition and MacroTable: which macros hold at one place of one root in one variant, and where from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from wgsl_ls.preprocess.dialect import IDENTIFIER, Dialect
from wgsl_ls.preprocess.values import ValueProblem, expand_value
from wgsl_ls.text.span import Location, Span


@dataclass(frozen=True, slots=True)
class MacroDefinition:
    """`origin`: "variant" when given from outside (then locked, and `location` is None), "source" for a #define:
    `location` is the name in it, `value_location` its value, `through` the #include sites that led there, innermost
    first. `ignored`: a #define without effect because the macro is locked."""

    name: str
    value: str
    origin: Literal["variant", "source"]
    location: Location | None = None
    value_location: Location | None = None
    through: tuple[Location, ...] = ()
    ignored: bool = False

    @property
    def locked(self) -> bool:
        return self.origin == "variant"


@dataclass(frozen=True, slots=True)
class ExpansionStep:
    """One macro on the way from a written name to its text. `use`: where the name stands: in code for the first
    step, in the previous macro's value for the others (None when that value was given from outside)."""

    definition: MacroDefinition
    use: Location | None


class MacroTable(Mapping[str, MacroDefinition]):
    """name -> definition in force. `shadowed(name)`: what it hides, newest first: earlier values, ignored #defines."""

    def __init__(
        self,
        definitions: dict[str, MacroDefinition],
        shadows: dict[str, tuple[MacroDefinition, ...]],
        dialect: Dialect,
    ) -> None:
        self._definitions = definitions
        self._shadows = shadows
        self._dialect = dialect

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
        return self._shadows.get(name, ())

    def expanded(self, name: str) -> str | None:
        """The text that a use of `name` becomes; None when it is no macro here or never ends."""
        if name not in self._definitions:
            return None
        if not self._dialect.recursive:
            return self._definitions[name].value
        try:
            return expand_value(name, self.bodies)
        except ValueProblem:
            return None

    def steps(self, name: str, use: Location, offset: int = 0) -> tuple[ExpansionStep, ...]:
        """The macros that led to character `offset` of the expansion of `name`, outermost first."""
        steps: list[ExpansionStep] = []
        at: Location | None = use
        while name in self._definitions and len(steps) < 200:
            definition = self._definitions[name]
            steps.append(ExpansionStep(definition, at))
            if not self._dialect.recursive:
                break
            length = 0
            inner: str | None = None
            done = 0
            for match in IDENTIFIER.finditer(definition.value):
                length += match.start() - done
                done = match.end()
                if offset < length:
                    break
                text = self.expanded(match.group()) if match.group() in self._definitions else match.group()
                if text is None:
                    break
                if offset < length + len(text):
                    if match.group() in self._definitions:
                        inner = match.group()
                        offset -= length
                        at = _inside(definition, match.start(), match.end())
                    break
                length += len(text)
            if inner is None:
                break
            name = inner
        return tuple(steps)


def _inside(definition: MacroDefinition, start: int, end: int) -> Location | None:
    """Where characters of a macro's value were written; the whole value when it spans several lines."""
    location = definition.value_location
    if location is None:
        return None
    if len(location.span) != len(definition.value):
        return location
    return Location(location.path, Span(location.span.start + start, location.span.start + end))
