"""The value of a macro, fully expanded: expandMacroValue of ggml's preprocessor, without its recursion.

Each macro is expanded once and the result used wherever it appears, so chains of any length and macros that double
each other cost what their result costs; a result beyond all reason is an error of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wgsl_ls.preprocess.dialect import IDENTIFIER

LONGEST_VALUE: Final = 1_000_000
"""Characters of one macro's expansion."""
MOST_CHARACTERS: Final = 32_000_000
"""Of all macros that one piece of code leads to."""


class ValueProblem(Exception):
    """A macro without an expansion. `code`: the rule, without its room."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Expanded(dict[str, str]):
    """Macros, fully expanded under one table. `length`: characters of all."""

    length = 0


def expand_value(name: str, table: Mapping[str, Any], done: Expanded | None = None) -> str:
    """Full expansion of macro `name`, which is in `table` (name -> value). `done`: expansions under the same table,
    read and added to. Raises ValueProblem when the macro leads back to itself or grows too long."""
    done = done if done is not None else Expanded()
    if name in done:
        return done[name]
    path: dict[str, Iterator[str]] = {name: iter(IDENTIFIER.findall(table[name]))}
    while path:
        current = next(reversed(path))
        for word in path[current]:
            if word in done or word not in table:
                continue
            if word in path:
                chain = list(path)
                chain = [*chain[chain.index(word) :], word]
                raise ValueProblem("recursive-macro", f"macro {word} is defined by itself ({_shown(chain)})")
            path[word] = iter(IDENTIFIER.findall(table[word]))
            break
        else:
            value = done[current] = _substitute(current, table[current], done)
            del path[current]
            done.length += len(value)
            if done.length > MOST_CHARACTERS:
                message = f"macro {name} and those beside it expand to more than {MOST_CHARACTERS:,} characters"
                raise ValueProblem("long-macro", message)
    return done[name]


def _substitute(name: str, value: str, done: dict[str, str]) -> str:
    parts: list[str] = []
    begin = length = 0
    for match in IDENTIFIER.finditer(value):
        text = done.get(match.group())
        if text is not None:
            parts += (value[begin : match.start()], text)
            length += match.start() - begin + len(text)
            begin = match.end()
            if length > LONGEST_VALUE:
                break
    length += len(value) - begin
    if length > LONGEST_VALUE:
        raise ValueProblem("long-macro", f"macro {name} expands to more than {LONGEST_VALUE:,} characters")
    return "".join([*parts, value[begin:]])


def _shown(chain: list[str]) -> str:
    return " -> ".join(chain if len(chain) <= 12 else [*chain[:6], "...", *chain[-5:]])
