"""Evaluates the small expressions of a smoke configuration: sizes, strides, dispatch counts, inputs by index.

The syntax is Python's, read with `ast` and walked here: numbers, strings, names, + - * / // % **, comparisons,
and/or/not, `a if c else b`, and the functions of FUNCTIONS. Nothing else exists, so nothing else can happen.
Names may stand for arrays (the index arrays of an input); then everything works element by element.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

Value = Any
"""int, float, bool, str or a NumPy array of numbers."""

_LARGEST = 1 << 64
_DEEPEST: Final = 100
"""Macros that are asked for inside of each other."""
_SUFFIX = re.compile(r"\b(0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)[uifh]\b")


class ExpressionError(ValueError):
    """The expression is wrong, or a name in it has no value; `name` is that name."""

    def __init__(self, why: str, name: str = "") -> None:
        super().__init__(why)
        self.name = name


class Environment:
    """Names with their values. Macros are texts and evaluated when asked for, so that one that is no number
    hurts only those who use it."""

    def __init__(self, values: Mapping[str, Value] | None = None, macros: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})
        self._macros = dict(macros or {})
        self._open: set[str] = set()
        self._known: dict[str, Value] = {}
        """Values of macros, each worked out once: macros may double each other."""

    def with_values(self, values: Mapping[str, Value]) -> Environment:
        return Environment({**self._values, **values}, self._macros)

    def defined(self, name: str) -> bool:
        return name in self._macros

    def known(self, name: str) -> bool:
        return name in self._values or name in self._macros

    def lookup(self, name: str) -> Value:
        if name in self._values:
            return self._values[name]
        if name in self._macros:
            if name in self._known:
                return self._known[name]
            if len(self._open) >= _DEEPEST:
                raise ExpressionError(f"more than {_DEEPEST} macros in each other stand behind {name}", name)
            if name in self._open:
                raise ExpressionError(f"the macro {name} is defined by itself", name)
            self._open.add(name)
            try:
                body = self._macros[name].strip()
                # A macro without a value, as `-DMASK` gives it, counts as 1.
                value = self._known[name] = evaluate(_SUFFIX.sub(r"\1", body), self) if body else 1
                return value
            finally:
                self._open.discard(name)
        raise ExpressionError(f"{name} has no value here", name)


def evaluate(expression: str | int | float | bool, environment: Environment) -> Value:
    """The value; raises ExpressionError."""
    if not isinstance(expression, str):
        return expression
    return _evaluate(_parsed(expression), environment)


def evaluate_integer(expression: str | int | float, environment: Environment) -> int:
    """An integer, also from a float without a fraction; raises ExpressionError."""
    value = evaluate(expression, environment)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ExpressionError(f"{expression!r} is {value!r} and no integer")
    return value


def evaluate_integers(expressions: Sequence[str | int | float], environment: Environment) -> tuple[int, ...]:
    return tuple(evaluate_integer(expression, environment) for expression in expressions)


@lru_cache(maxsize=4096)
def _parsed(expression: str) -> ast.expr:
    if len(expression) > 2000:
        raise ExpressionError("the expression is too long")
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"{expression!r} is no expression: {error}") from error


def _evaluate(node: ast.expr, environment: Environment) -> Value:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return value
        case ast.Name(id=name):
            return environment.lookup(name)
        case ast.UnaryOp(op=operator, operand=operand):
            return _unary(operator, _evaluate(operand, environment))
        case ast.BinOp(left=left, op=operator, right=right):
            return _binary(operator, _evaluate(left, environment), _evaluate(right, environment))
        case ast.BoolOp(op=operator, values=values):
            return _boolean(operator, values, environment)
        case ast.Compare(left=left, ops=operators, comparators=comparators):
            return _compare(left, operators, comparators, environment)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            condition = _evaluate(test, environment)
            if isinstance(condition, np.ndarray):
                return np.where(condition, _evaluate(body, environment), _evaluate(orelse, environment))
            return _evaluate(body if condition else orelse, environment)
        case ast.Call(func=ast.Name(id="defined"), args=[argument], keywords=[]):
            name = argument.id if isinstance(argument, ast.Name) else _evaluate(argument, environment)
            return environment.defined(str(name))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return _call(name, [_evaluate(argument, environment) for argument in arguments])
    raise ExpressionError(f"not allowed in an expression: {ast.unparse(node)}")


def _unary(operator: ast.unaryop, value: Value) -> Value:
    _number(value)
    if isinstance(operator, ast.USub):
        return -value
    if isinstance(operator, ast.Not):
        return np.logical_not(value) if isinstance(value, np.ndarray) else not value
    if isinstance(operator, ast.UAdd):
        return value
    raise ExpressionError("the operator ~ is not allowed in an expression")


def _binary(operator: ast.operator, left: Value, right: Value) -> Value:
    _number(left)
    _number(right)
    try:
        match operator:
            case ast.Add():
                result = left + right
            case ast.Sub():
                result = left - right
            case ast.Mult():
                result = left * right
            case ast.Div():
                result = left / right
            case ast.FloorDiv():
                result = left // right
            case ast.Mod():
                result = left % right
            case ast.Pow():
                result = float(left) ** float(right) if _scalars(left, right) else np.power(left, right)
                # Integers are exact, and kept small, so that no expression can eat the memory.
                if isinstance(left, int) and isinstance(right, int) and right >= 0 and abs(result) < 2 * _LARGEST:
                    exact = left**right
                    result = exact if abs(exact) < _LARGEST else result
            case _:
                raise ExpressionError("this operator is not allowed in an expression")
    except OverflowError as error:
        raise ExpressionError("the value is too large") from error
    except (ZeroDivisionError, TypeError) as error:
        raise ExpressionError(str(error)) from error
    if isinstance(result, int) and abs(result) >= _LARGEST:
        raise ExpressionError("the value is too large")
    if isinstance(result, complex):
        raise ExpressionError("the value is no real number")
    return result


def _scalars(*values: Value) -> bool:
    return not any(isinstance(value, np.ndarray) for value in values)


def _number(value: Value) -> None:
    if isinstance(value, str):
        raise ExpressionError(f"{value!r} is a text and no number")


def _boolean(operator: ast.boolop, values: list[ast.expr], environment: Environment) -> Value:
    result: Value = None
    for node in values:
        value = _evaluate(node, environment)
        if isinstance(value, np.ndarray) or isinstance(result, np.ndarray):
            combine = np.logical_and if isinstance(operator, ast.And) else np.logical_or
            result = value if result is None else combine(result, value)
        else:
            result = bool(value)
            if result != isinstance(operator, ast.And):
                return result
    return result


def _compare(
    left: ast.expr, operators: list[ast.cmpop], comparators: list[ast.expr], environment: Environment
) -> Value:
    result: Value = True
    before = _evaluate(left, environment)
    for operator, node in zip(operators, comparators, strict=True):
        after = _evaluate(node, environment)
        match operator:
            case ast.Eq():
                outcome = before == after
            case ast.NotEq():
                outcome = before != after
            case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE():
                _number(before)
                _number(after)
                outcome = (
                    before < after
                    if isinstance(operator, ast.Lt)
                    else before <= after
                    if isinstance(operator, ast.LtE)
                    else before > after
                    if isinstance(operator, ast.Gt)
                    else before >= after
                )
            case _:
                raise ExpressionError("this comparison is not allowed in an expression")
        result = np.logical_and(result, outcome) if not _scalars(result, outcome) else result and outcome
        before = after
    return result


def _call(name: str, arguments: list[Value]) -> Value:
    for argument in arguments:
        _number(argument)
    try:
        return FUNCTIONS[name](*arguments)
    except (TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError) as error:
        raise ExpressionError(f"{name}: {error}") from error


def _elementwise(scalar: Callable[..., Value], array: Callable[..., Value]) -> Callable[..., Value]:
    def function(*arguments: Value) -> Value:
        return scalar(*arguments) if _scalars(*arguments) else array(*arguments)

    return function


def _minimum(*arguments: Value) -> Value:
    result = arguments[0]
    for argument in arguments[1:]:
        result = np.minimum(result, argument) if not _scalars(result, argument) else min(result, argument)
    return result


def _maximum(*arguments: Value) -> Value:
    result = arguments[0]
    for argument in arguments[1:]:
        result = np.maximum(result, argument) if not _scalars(result, argument) else max(result, argument)
    return result


def ceil_div(numerator: Value, denominator: Value) -> Value:
    return -(-numerator // denominator)


def align_up(value: Value, alignment: Value) -> Value:
    """The least multiple of `alignment` that is not below `value`."""
    return ceil_div(value, alignment) * alignment


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "min": _minimum,
    "max": _maximum,
    "abs": abs,
    "ceil_div": ceil_div,
    "align_up": align_up,
    "floor": _elementwise(math.floor, np.floor),
    "ceil": _elementwise(math.ceil, np.ceil),
    "sqrt": _elementwise(math.sqrt, np.sqrt),
    "log2": _elementwise(math.log2, np.log2),
    "exp": _elementwise(math.exp, np.exp),
    "sin": _elementwise(math.sin, np.sin),
    "cos": _elementwise(math.cos, np.cos),
    "int": _elementwise(int, np.trunc),
    "float": _elementwise(float, np.float64),
    "inf": lambda: math.inf,
}
