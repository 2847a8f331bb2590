"""The signature mini-language of the builtin table, and its parser.

    fn NAME [<T, …>] ( [@const] name: TYPE, …  |  name...: TYPE ) [-> TYPE] [where VAR: ALT|ALT…, VAR: …]

`<T, …>`: template arguments that the caller writes (an overload without them infers). `@const`: must be a
const-expression. `e...`: one or more arguments of one type. A TYPE is a name with type arguments. A name
with a domain behind `where` is a variable, everywhere the same: one of the alternatives, which may contain
variables, or what one of these words says: `type` (any), `constructible` (and concrete), `host_shareable`,
`runtime_sized` (and host-shareable), `count` (a constant integer), `access` (a mode), `texel` (a texel
format), `texel_f32|texel_i32|texel_u32` (a format with that component).
In `vecN<T>`, `vecV<T>`, `matCxR<T>`, `matNxN<T>` a letter is a size 2, 3 or 4, one size in one overload.
Results that cannot be written begin with `__`; `AbstractInt` and `AbstractFloat` are the types of literals.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

_TEXEL_WORDS = ("texel", "texel_f32", "texel_i32", "texel_u32")
DOMAIN_WORDS = frozenset(("type", "constructible", "host_shareable", "runtime_sized", "count", "access", *_TEXEL_WORDS))

_TOKEN = re.compile(r"\s*(->|\.\.\.|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@<>(),:|])")
_VECTOR_SIZE = re.compile(r"(?<![a-z])vec([A-Z])(?![A-Za-z0-9])|_vec([A-Z])$")
_MATRIX_SIZE = re.compile(r"^mat([A-Z])x([A-Z])$")


@dataclass(frozen=True, slots=True)
class TypePattern:
    """A type or variable by name with its arguments: `ptr<AS, atomic<T>, read_write>`."""

    name: str
    arguments: tuple[TypePattern, ...] = ()

    def __str__(self) -> str:
        if not self.arguments:
            return self.name
        return f"{self.name}<{', '.join(map(str, self.arguments))}>"


@dataclass(frozen=True, slots=True)
class Parameter:
    """`is_const`: must be a const-expression. `is_variadic`: stands for one or more arguments."""

    name: str
    type: TypePattern
    is_const: bool = False
    is_variadic: bool = False


@dataclass(frozen=True, slots=True)
class Overload:
    """One parsed signature. `domains`: the alternatives of each variable, in the order written.
    `size_letters`: the letters of `vecN` and `matCxR` in it. `result` is None for a function without one."""

    name: str
    template: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    result: TypePattern | None
    domains: tuple[tuple[str, tuple[TypePattern, ...]], ...]
    size_letters: tuple[str, ...]

    @property
    def label(self) -> str:
        """As shown to people: without constraints and without `fn`."""
        template = f"<{', '.join(self.template)}>" if self.template else ""
        result = f" -> {self.result}" if self.result else ""
        return f"{self.name}{template}({', '.join(self.parameter_labels)}){result}"

    @property
    def parameter_labels(self) -> tuple[str, ...]:
        return tuple(
            f"{parameter.name}{'...' if parameter.is_variadic else ''}: {parameter.type}"
            for parameter in self.parameters
        )


class SignatureError(ValueError):
    """A text that is not in the mini-language: a mistake in the table, never in a user's shader."""


@cache
def parse_overload(text: str) -> Overload:
    """Parses one overload of the table; memoized. Raises SignatureError."""
    return _Parser(text).overload()


@cache
def parse_type(text: str) -> TypePattern:
    """Parses one TYPE, such as an alias' original `vec3<f32>`; memoized. Raises SignatureError."""
    parser = _Parser(text)
    pattern = parser.type_pattern()
    if parser.peek():
        raise SignatureError(f"unexpected {parser.peek()!r} in {text!r}")
    return pattern


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise SignatureError(f"unexpected {text[position:]!r} in {text!r}")
            self.tokens.append(match.group(1))
            position = match.end()
        self.next = 0

    def peek(self) -> str:
        return self.tokens[self.next] if self.next < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        token = self.peek()
        if not token or (expected is not None and token != expected):
            raise SignatureError(f"expected {expected or 'more'} instead of {token!r} in {self.text!r}")
        self.next += 1
        return token

    def accept(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self.next += 1
        return True

    def overload(self) -> Overload:
        self.take("fn")
        name = self.take()
        template: list[str] = []
        if self.accept("<"):
            template.append(self.take())
            while self.accept(","):
                template.append(self.take())
            self.take(">")
        self.take("(")
        parameters: list[Parameter] = []
        while not self.accept(")"):
            parameters.append(self.parameter())
            if self.peek() != ")":
                self.take(",")
        result = self.type_pattern() if self.accept("->") else None
        domains: list[tuple[str, tuple[TypePattern, ...]]] = []
        if self.accept("where"):
            domains.append(self.domain())
            while self.accept(","):
                domains.append(self.domain())
        if self.peek():
            raise SignatureError(f"unexpected {self.peek()!r} in {self.text!r}")
        patterns = [parameter.type for parameter in parameters]
        patterns += [result] if result else []
        patterns += itertools.chain.from_iterable(alternatives for _, alternatives in domains)
        letters = tuple(dict.fromkeys(itertools.chain.from_iterable(map(_letters, patterns))))
        return Overload(name, tuple(template), tuple(parameters), result, tuple(domains), letters)

    def parameter(self) -> Parameter:
        is_const = self.accept("@")
        if is_const:
            self.take("const")
        name = self.take()
        is_variadic = self.accept("...")
        self.take(":")
        return Parameter(name, self.type_pattern(), is_const, is_variadic)

    def type_pattern(self) -> TypePattern:
        name = self.take()
        arguments: list[TypePattern] = []
        if self.accept("<"):
            arguments.append(self.type_pattern())
            while self.accept(","):
                arguments.append(self.type_pattern())
            self.take(">")
        return TypePattern(name, tuple(arguments))

    def domain(self) -> tuple[str, tuple[TypePattern, ...]]:
        name = self.take()
        self.take(":")
        alternatives = [self.type_pattern()]
        while self.accept("|"):
            alternatives.append(self.type_pattern())
        return name, tuple(alternatives)


def _letters(pattern: TypePattern) -> Iterator[str]:
    """The size letters in a pattern's own name and in its arguments."""
    matrix = _MATRIX_SIZE.match(pattern.name)
    if matrix:
        yield from matrix.groups()
    vector = _VECTOR_SIZE.search(pattern.name)
    if vector:
        yield vector.group(1) or vector.group(2)
    for argument in pattern.arguments:
        yield from _letters(argument)


def with_sizes(pattern: TypePattern, sizes: dict[str, int]) -> TypePattern:
    """`pattern` with its size letters replaced: `vecN<T>` under `{"N": 3}` is `vec3<T>`."""
    name = pattern.name
    matrix = _MATRIX_SIZE.match(name)
    vector = _VECTOR_SIZE.search(name)
    if matrix:
        name = f"mat{sizes[matrix.group(1)]}x{sizes[matrix.group(2)]}"
    elif vector:
        letter = vector.group(1) or vector.group(2)
        name = f"{name[: name.rindex('vec') + 3]}{sizes[letter]}"
    return TypePattern(name, tuple(with_sizes(argument, sizes) for argument in pattern.arguments))
