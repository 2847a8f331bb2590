"""Fractions: numbers of the C++ types `float` and `double`. A double is Python's float; a Single is a `float`, with
which C++ computes in 32 bits: what comes of two of them, or of one and a whole number, is rounded to such a one again.

Rounding what was computed with 64 bits gives what 32 bits give for + - * / and roots; a logarithm or a power may
differ in its last bit from what a C++ library's own function says.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from wgsl_ls.host.effort import BadValue

_Operation = Callable[[Any, Any], Any]


class Single(float):
    """A value of the type `float`; from one that is too large comes an infinite one."""

    __slots__ = ()

    def __new__(cls, value: float) -> Single:
        return super().__new__(cls, _rounded(value))

    def _with(self, operation: _Operation, other: object) -> Any:
        if isinstance(other, int):
            other = Single(other)
        found = operation(self, other)
        return Single(found) if isinstance(other, Single) and found is not NotImplemented else found

    def __add__(self, other: object) -> Any:
        return self._with(float.__add__, other)

    def __radd__(self, other: object) -> Any:
        return self._with(float.__radd__, other)

    def __sub__(self, other: object) -> Any:
        return self._with(float.__sub__, other)

    def __rsub__(self, other: object) -> Any:
        return self._with(float.__rsub__, other)

    def __mul__(self, other: object) -> Any:
        return self._with(float.__mul__, other)

    def __rmul__(self, other: object) -> Any:
        return self._with(float.__rmul__, other)

    def __truediv__(self, other: object) -> Any:
        return self._with(float.__truediv__, other)

    def __rtruediv__(self, other: object) -> Any:
        return self._with(float.__rtruediv__, other)

    def __neg__(self) -> Single:
        return Single(super().__neg__())

    def __abs__(self) -> Single:
        return Single(super().__abs__())

    def _compared(self, operation: _Operation, other: object) -> Any:
        return operation(self, Single(other) if isinstance(other, int) else other)

    def __eq__(self, other: object) -> Any:
        return self._compared(float.__eq__, other)

    def __ne__(self, other: object) -> Any:
        return self._compared(float.__ne__, other)

    def __lt__(self, other: object) -> Any:
        return self._compared(float.__lt__, other)

    def __le__(self, other: object) -> Any:
        return self._compared(float.__le__, other)

    def __gt__(self, other: object) -> Any:
        return self._compared(float.__gt__, other)

    def __ge__(self, other: object) -> Any:
        return self._compared(float.__ge__, other)

    __hash__ = float.__hash__


def _rounded(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def whole(value: float) -> int:
    """A fraction as a whole number of C++. Raises BadValue for one that is none."""
    if not math.isfinite(value):
        raise BadValue("a whole number of what is infinite", is_size=False)
    return int(value)


def _power_of_two(value: int) -> int:
    return 1 << max(value - 1, 0).bit_length()


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "ceil": lambda x: float(math.ceil(x)), "floor": lambda x: float(math.floor(x)), "trunc": lambda x: float(int(x)),
    "round": lambda x: float(math.floor(abs(x) + 0.5)) * (-1 if x < 0 else 1), "lround": lambda x: int(x + 0.5),
    "sqrt": math.sqrt, "sqrtf": math.sqrt, "ceilf": lambda x: float(math.ceil(x)), "pow": math.pow, "powf": math.pow,
    "floorf": lambda x: float(math.floor(x)), "log2": math.log2, "log2f": math.log2, "exp2": lambda x: 2.0**x,
    "log": math.log, "exp": math.exp, "fabs": abs, "fmod": math.fmod, "gcd": math.gcd, "lcm": math.lcm,
    "popcount": lambda x: bin(x & (2**64 - 1)).count("1"), "bit_ceil": _power_of_two,
    "bit_width": lambda x: x.bit_length(), "bit_floor": lambda x: 1 << (x.bit_length() - 1) if x else 0,
    "has_single_bit": lambda x: x > 0 and x & (x - 1) == 0, "countr_zero": lambda x: (x & -x).bit_length() - 1,
    "__builtin_popcount": lambda x: bin(x & (2**32 - 1)).count("1"), "__builtin_clz": lambda x: 32 - x.bit_length(),
    "__builtin_ctz": lambda x: (x & -x).bit_length() - 1,
}  # fmt: skip  # a table
_SINGLES: Final = frozenset(("sqrtf", "ceilf", "powf", "floorf", "log2f"))


def computed(name: str, *given: Any) -> Any:
    """What a function of <cmath>, <numeric> or <bit> says of numbers: a `float` where all that it is given are such,
    else a `double` or a whole number."""
    found = _FUNCTIONS[name](*given)
    is_single = name in _SINGLES or all(isinstance(one, Single) for one in given)
    return Single(found) if is_single and isinstance(found, float) else found


MATHEMATICS: Final = {name: partial(computed, name) for name in _FUNCTIONS}
FRACTIONAL: Final = frozenset(MATHEMATICS) - {
    "lround", "gcd", "lcm", "popcount", "bit_ceil", "bit_width", "bit_floor", "has_single_bit", "countr_zero",
    "__builtin_popcount", "__builtin_clz", "__builtin_ctz",
}  # fmt: skip  # a table
"""Those that say a fraction."""
