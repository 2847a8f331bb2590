"""Witnesses: values that make a condition true (or false) where no value of a sample does.

An input of which nobody knows the values stands for all of them by a sample (`Input.chosen`). A condition that is the
same for all of the sample may still be another for a value that it lacks: `n == 777`, `n < 0`, `name == "fast"`. Here
such a value is looked for, among the constants of the condition and what simple arithmetic makes of them, so that the
sample can be made wider. Not a solver: what it does not find may exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Final

from wgsl_ls.host.effort import BadValue
from wgsl_ls.host.fractions import Single
from wgsl_ls.host.terms import Input, Term, Undefined, evaluate

Limits = tuple[int, int] | type
"""What a sampled input may be: the least and the largest whole number, `Single`, `float` or `str`."""
Answer = tuple[object, bool]
"""A condition, and what was assumed of it."""

_MOST_CONSTANTS: Final = 6
_LONGEST: Final = 64


def witness(value: object, wanted: bool, one: Input, answers: Sequence[Answer]) -> object | None:
    """A value of `one`, none of its domain, with which `value` is as wanted and all the `answers` hold; None: not
    found."""
    conditions = [(value, wanted), *answers]
    constants = _first(_MOST_CONSTANTS, (one for condition, _ in conditions for one in _constants(condition)))
    for candidate in _candidates(constants, tuple(map(type, constants)), one.limits):
        if candidate in one.bits:
            continue
        try:
            if all(bool(evaluate(condition, {one: candidate})) is answer for condition, answer in conditions):
                return candidate
        except (Undefined, BadValue, TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
            continue
    return None


@lru_cache(maxsize=256)
def _candidates(constants: tuple[object, ...], types: tuple[type, ...], limits: Limits | None) -> tuple[object, ...]:
    """`types`: of the constants, for 1 and 1.0 are equal."""
    return tuple(_made_of(constants, limits))


def _made_of(constants: tuple[object, ...], limits: Limits | None) -> Iterator[object]:
    if limits is str:
        yield from _texts(constants)
        return
    numbers = [one for one in constants if isinstance(one, (int, float))]
    if not isinstance(limits, tuple):
        made = Single if limits is Single else float
        yield from (made(one + by) for one in (*numbers, 0) for by in (0, 1, -1, 0.5, -0.5))
        yield from (made(one * by) for one in numbers for by in (-1, 2, 0.5))
        return
    least, most = limits
    whole = [one for one in numbers if isinstance(one, int)]
    found = dict.fromkeys(whole)
    for _ in range(2):
        for a, b in product(list(found), whole):
            found.update(dict.fromkeys((a * b, a + b, a - b, a // b if b else a, a << b if 0 <= b < 32 else a)))
    near = dict.fromkeys(one + by for one in (*found, *(-one for one in whole), 0) for by in (0, 1, -1))
    yield from (one for one in near if least <= one <= most)


def _first(n_most: int, items: Iterable[object]) -> tuple[object, ...]:
    """The first ones that differ; no more are made."""
    found: dict[object, None] = {}
    for one in items:
        found[one] = None
        if len(found) == n_most:
            break
    return tuple(found)


def _texts(constants: Iterable[object]) -> Iterator[str]:
    for one in constants:
        if isinstance(one, str):
            yield from (one, f"{one}_", f"_{one}", f"_{one}_", f"{one}{one}")
        elif isinstance(one, int):
            yield from ("x" * size for size in (one, one + 1, one - 1) if 0 < size <= _LONGEST)
    yield "x"


def _constants(value: object) -> Iterator[object]:
    if isinstance(value, Term):
        for arg in value.args:
            yield from _constants(arg)
    elif isinstance(value, (tuple, frozenset)):
        yield from sorted((one for one in value if isinstance(one, (int, float, str))), key=str)
    elif isinstance(value, (int, float, str)) and not isinstance(value, bool):
        yield value
