"""Taking typed values out of a Located table. Whatever is wrong becomes a diagnostic at its place, and the
value counts as absent, so that the rest of a configuration stays usable.

It knows the kinds of values that wgsl-ls.toml has (macro definitions, `#if` expressions), not its keys.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from wgsl_ls.preprocess.conditions import parse_condition
from wgsl_ls.project.model import Define, Expression, Pattern
from wgsl_ls.text.diagnostic import Diagnostic, Related, Severity
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Location, Span

MACRO_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_TOKEN = re.compile(r"\s*(?:(\d+|[A-Za-z_]\w*)|(==|!=|<=|>=|&&|\|\||<<|>>|[-+*/%<>!])|(\()|(\)))", re.ASCII)


class Problems:
    """Collects the diagnostics of one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.diagnostics: list[Diagnostic] = []

    def add(
        self,
        span: Span,
        code: str,
        message: str,
        severity: Severity = Severity.ERROR,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        places = tuple(Related(Location(self.path, place), text) for place, text in related)
        self.diagnostics.append(Diagnostic(self.path, span, severity, f"config/{code}", message, related=places))

    def wrong_type(self, item: Located, expected: str) -> None:
        self.add(item.span, "type", f"expected {expected}, found {kind_of(item)}")


def kind_of(item: Located) -> str:
    value = item.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the string "{value if len(value) <= 40 else value[:37] + "..."}"'
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, tuple):
        return "a list"
    return "a date or time"


def suggestion(word: str, known: Collection[str]) -> str:
    """` (did you mean "x"?)` when something close to `word` is known, else nothing."""
    folded = {name.lower().replace("_", "-"): name for name in known}
    close = get_close_matches(word.lower().replace("_", "-"), folded, n=1, cutoff=0.6)
    return f' (did you mean "{folded[close[0]]}"?)' if close else ""


class Table:
    """One table being read. Each key is taken once; `finish` reports those that nobody took."""

    def __init__(self, problems: Problems, located: Located, what: str) -> None:
        self.problems = problems
        self.located = located
        self.what = what
        self._known: dict[str, None] = {}

    def take(self, key: str) -> Located | None:
        self._known[key] = None
        return self.located.get(key)

    def finish(self) -> None:
        for key, item in self.located.entries():
            if key not in self._known:
                hint = suggestion(key, self._known)
                if not hint:
                    hint = f"; known here: {', '.join(self._known)}"
                self.problems.add(item.key_span, "unknown-key", f'unknown key "{key}" in {self.what}{hint}')

    def text(self, key: str) -> str | None:
        item = self.take(key)
        if item is None:
            return None
        if isinstance(item.value, str):
            return item.value
        self.problems.wrong_type(item, "a string")
        return None

    def choice(self, key: str, known: Collection[str]) -> str | None:
        value = self.text(key)
        item = self.take(key)
        if value is None or item is None or value in known:
            return value
        self.problems.add(item.span, "value", _not_one_of(value, known))
        return None

    def choices(self, key: str, known: Collection[str]) -> tuple[str, ...] | None:
        item = self.take(key)
        if item is None:
            return None
        chosen: dict[str, None] = {}
        for element in self._elements(item, "a list of names"):
            if not isinstance(element.value, str):
                self.problems.wrong_type(element, "a name")
            elif element.value not in known:
                self.problems.add(element.span, "value", _not_one_of(element.value, known))
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

    def integer(self, key: str, least: int = 0) -> int | None:
        item = self.take(key)
        if item is None:
            return None
        value = item.value
        if isinstance(value, bool) or not isinstance(value, int):
            self.problems.wrong_type(item, "a whole number")
            return None
        if value < least:
            self.problems.add(item.span, "value", f"expected at least {least}, found {value}")
            return None
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
            if isinstance(element.value, int | float):
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

    def _path(self, key: str) -> str:
        return key if self.what == "wgsl-ls.toml" else f"shader.{key}"


def _not_one_of(value: str, known: Collection[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in known)
    hint = suggestion(value, known)
    return f'"{value}" is not known here{hint}' if hint else f'"{value}" is not one of {listed}'


def check_macro_name(problems: Problems, name: str, span: Span) -> bool:
    if MACRO_NAME.fullmatch(name):
        return True
    problems.add(span, "define", f'"{name}" is not the name of a macro')
    return False


def read_define(problems: Problems, item: Located) -> Define | None:
    """`"NAME"` or `"NAME=VALUE"`, trimmed as the reference preprocessor trims its options."""
    text: str = item.value
    name, _, value = text.partition("=")
    start = len(name) - len(name.lstrip())
    place = item.span_of(start, max(start, len(name.rstrip()))) if name.strip() else item.span
    return (name.strip(), value.strip()) if check_macro_name(problems, name.strip(), place) else None


def read_define_value(problems: Problems, item: Located) -> str | bool | None:
    """The value of `NAME = value`: True stands for defined without a value, False for not defined."""
    value = item.value
    if isinstance(value, bool | str):
        return value.strip() if isinstance(value, str) else value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    problems.wrong_type(item, "a macro's value (a string, a number, true or false)")
    return None


def read_defines(problems: Problems, item: Located) -> tuple[tuple[Define, ...], tuple[str, ...]]:
    define: dict[str, str] = {}
    undefine: dict[str, None] = {}
    if item.is_table:
        for name, element in item.entries():
            if not check_macro_name(problems, name, element.key_span):
                continue
            value = read_define_value(problems, element)
            if value is False:
                undefine[name] = None
            elif value is not None:
                define[name] = "" if value is True else str(value)
    elif item.is_list or isinstance(item.value, str):
        for element in item.elements() or ((item,) if isinstance(item.value, str) else ()):
            if not isinstance(element.value, str):
                problems.wrong_type(element, 'a macro as "NAME" or "NAME=VALUE"')
                continue
            pair = read_define(problems, element)
            if pair is not None:
                if define.get(pair[0], pair[1]) != pair[1]:
                    problems.add(
                        element.span,
                        "define",
                        f"{pair[0]} is already defined as {define[pair[0]] or 'empty'} in this list",
                        Severity.WARNING,
                    )
                define[pair[0]] = pair[1]
    else:
        problems.wrong_type(item, 'a list of macros ("NAME", "NAME=VALUE") or a table of them')
    return tuple(define.items()), tuple(undefine)


def read_expression(problems: Problems, item: Located) -> Expression | None:
    """An `#if` expression. Stricter than the reference, which reads a missing operand as 0 and ignores what
    follows a complete expression: in a configuration both are slips of the pen."""
    if not isinstance(item.value, str):
        problems.wrong_type(item, "an #if expression in a string")
        return None
    condition = parse_condition(item.value)
    if condition.error is not None:
        problem: tuple[int, str] | None = (condition.error_at or 0, condition.error)
    else:
        problem = _slip(item.value)
    if problem is None:
        return Expression(condition, item)
    start, message = problem
    end = min(start + 1, len(item.value))
    problems.add(item.span_of(start, end), "expression", f"this #if expression does not parse: {message}")
    return None


def _slip(text: str) -> tuple[int, str] | None:
    """(offset, message) of the first missing operand or stray token that the reference would let pass."""
    position = 0
    want_operand = True
    depth = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            rest = text[position:]
            place = position + len(rest) - len(rest.lstrip())
            if rest.strip():
                return place, f"unexpected '{rest.strip()[0]}'"
            return (len(text.rstrip()), "an operand is missing at the end") if want_operand else None
        word, operator, opening, closing = match.groups()
        start = match.end() - len(match.group().strip())
        if word is not None:
            if not want_operand:
                return start, f"expected an operator before '{word}'"
            if word == "defined":
                after = re.compile(r"\s*(?:\(\s*\w+\s*\)|\w+)").match(text, match.end())
                position = after.end() if after else match.end()
                want_operand = False
                continue
            want_operand = False
        elif operator is not None:
            if want_operand and operator not in ("!", "-", "+"):
                return start, f"an operand is missing before '{operator}'"
            if not want_operand and operator == "!":
                return start, "expected an operator before '!'"
            want_operand = True
        elif opening is not None:
            if not want_operand:
                return start, "expected an operator before '('"
            depth += 1
        elif closing is not None:
            if want_operand:
                return start, "an operand is missing before ')'"
            depth -= 1
            if depth < 0:
                return start, "this ')' closes nothing"
        position = match.end()
