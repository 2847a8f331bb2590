"""Taking typed values out of a Located table. Whatever is wrong becomes a diagnostic at its place, and the value counts
as absent, so that the rest of a configuration stays usable.

It knows the kinds of values that wgsl-ls.toml has; which keys there are is said by keys.py.
"""

from __future__ import annotations

import sys
from collections.abc import Collection

from wgsl_ls.project.keys import FILE, TableSpec
from wgsl_ls.project.macro_fields import check_macro_name, read_defines, read_expression
from wgsl_ls.project.model import Define, Expression, Pattern
from wgsl_ls.project.problems import Problems
from wgsl_ls.text.located import Located

_BUILD = (
    "a build of an engine is a program that is started, so only the user's own settings may name one (see CONFIG.md, "
    "'Another version of a compiler'), never a workspace"
)


class Table:
    """One table being read. `what`: as messages call it, when not by the title of its spec. `finish` reports what is
    no key of the spec. Raises KeyError for a key that is not in the spec, and RuntimeError for one of the spec that
    nobody read: both are mistakes of ours."""

    def __init__(self, problems: Problems, located: Located, spec: TableSpec, what: str = "") -> None:
        self.problems = problems
        self.located = located
        self.spec = spec
        self.what = what or spec.title
        self._taken: set[str] = set()

    def take(self, key: str) -> Located | None:
        if key not in self.spec.names:
            raise KeyError(key)
        self._taken.add(key)
        return self.located.get(key)

    def finish(self) -> None:
        names = self.spec.names
        if unread := [name for name in names if name not in self._taken]:
            raise RuntimeError(f"{self.what}: nobody reads {', '.join(unread)}")
        for key, item in self.located.entries():
            if key not in names:
                hint = self.problems.suggestion(key, names) or f"; known here: {', '.join(names)}"
                if key in FILE.names:
                    hint = ": it is a key of the whole file"
                self.problems.add(item.key_span, "unknown-key", f'unknown key "{key}" in {self.what}{hint}')

    def text(self, key: str) -> str | None:
        item = self.take(key)
        if item is None:
            return None
        if isinstance(item.value, str):
            return item.value
        self.problems.wrong_type(item, "a string")
        return None

    def choice(self, key: str, known: Collection[str] | None = None) -> str | None:
        """One of `known`, or of the choices that the spec lists."""
        value = self.text(key)
        item = self.take(key)
        known = self._choices(key) if known is None else known
        if value is None or item is None or value in known:
            return value
        self.problems.add(item.span, "value", _not_one_of(self.problems, value, known))
        return None

    def choices(self, key: str, known: Collection[str] | None = None) -> tuple[str, ...] | None:
        item = self.take(key)
        known = self._choices(key) if known is None else known
        if item is None:
            return None
        chosen: dict[str, None] = {}
        for element in self._elements(item, "a list of names"):
            if key == "engines" and element.is_table:
                self.problems.add(element.span, "value", _BUILD)
            elif not isinstance(element.value, str):
                self.problems.wrong_type(element, "a name")
            elif element.value not in known:
                self.problems.add(element.span, "value", _not_one_of(self.problems, element.value, known))
            else:
                chosen[element.value] = None
        return tuple(chosen)

    def strings(self, key: str) -> tuple[Pattern, ...] | None:
        """A list of strings (or one string) with their places."""
        item = self.take(key)
        if item is None:
            return None
        found = []
        for element in self._elements(item, "a list of strings"):
            if isinstance(element.value, str):
                found.append(Pattern(element.value, element.span))
            else:
                self.problems.wrong_type(element, "a string")
        return tuple(found)

    def integer(self, key: str, most: int | None = None) -> int | None:
        item = self.take(key)
        if item is None:
            return None
        value, least = item.value, next(one.least for one in self.spec if one.name == key)
        if isinstance(value, bool) or not isinstance(value, int):
            self.problems.wrong_type(item, "a whole number")
            return None
        if value < least:
            self.problems.add(item.span, "value", f"expected at least {least}, found {value}")
            return None
        if most is not None and value > most:
            self.problems.add(item.span, "value", f"expected at most {most:,}, found {value}; {most:,} is used")
            return most
        return value

    def integers(self, key: str, length: int) -> tuple[int, ...] | None:
        item = self.take(key)
        if item is None:
            return None
        values = [element.value for element in item.elements()]
        if len(values) != length or not all(type(value) is int and value >= 0 for value in values):
            self.problems.wrong_type(item, f"a list of {length} whole numbers")
            return None
        return tuple(values)

    def boolean(self, key: str) -> bool | None:
        item = self.take(key)
        if item is None:
            return None
        if isinstance(item.value, bool):
            return item.value
        self.problems.wrong_type(item, "true or false")
        return None

    def tables(self, key: str) -> tuple[Located, ...]:
        """The tables of a list of tables."""
        item = self.take(key)
        if item is None:
            return ()
        if item.is_table:
            self.problems.add(item.span, "type", f"expected a list of tables: write [[{self._path(key)}]]")
            return (item,)
        if not item.is_list:
            self.problems.wrong_type(item, "a list of tables")
            return ()
        found = []
        for element in item.elements():
            if element.is_table:
                found.append(element)
            else:
                self.problems.wrong_type(element, "a table")
        return tuple(found)

    def defines(self, key: str) -> tuple[tuple[Define, ...], tuple[str, ...]]:
        """Macros to define and to remove: a list of "NAME" / "NAME=VALUE", or a table of NAME = value."""
        item = self.take(key)
        return ((), ()) if item is None else read_defines(self.problems, item)

    def names(self, key: str) -> tuple[str, ...]:
        """A list of macro names."""
        names: dict[str, None] = {}
        for pattern in self.strings(key) or ():
            if check_macro_name(self.problems, pattern.text, pattern.span):
                names[pattern.text] = None
        return tuple(names)

    def expressions(self, key: str) -> tuple[Expression, ...]:
        """A list of `#if` expressions, or one."""
        item = self.take(key)
        if item is None:
            return ()
        found = []
        for element in self._elements(item, "an #if expression in a string"):
            expression = read_expression(self.problems, element)
            if expression is not None:
                found.append(expression)
        return tuple(found)

    def numbers(self, key: str) -> tuple[tuple[str, float], ...]:
        """A table of NAME = number or boolean."""
        item = self.take(key)
        if item is None:
            return ()
        if not item.is_table:
            self.problems.wrong_type(item, "a table of numbers")
            return ()
        found = []
        for name, element in item.entries():
            if isinstance(element.value, int | float) and abs(element.value) <= sys.float_info.max:
                found.append((name, float(element.value)))
            else:
                self.problems.wrong_type(element, "a number, true or false")
        return tuple(found)

    def _elements(self, item: Located, expected: str) -> tuple[Located, ...]:
        if item.is_list:
            return item.elements()
        if isinstance(item.value, str):
            return (item,)
        self.problems.wrong_type(item, expected)
        return ()

    def _choices(self, key: str) -> tuple[str, ...]:
        found = self.spec.get(key)
        return found.choices if found is not None else ()

    def _path(self, key: str) -> str:
        return key if self.spec is FILE else f"shader.{key}"


def _not_one_of(problems: Problems, value: str, known: Collection[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in known)
    hint = problems.suggestion(value, known)
    return f'"{value}" is not known here{hint}' if hint else f'"{value}" is not one of {listed}'
