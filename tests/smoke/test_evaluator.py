"""Expressions: what they can say, and that nothing else gets in."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.smoke.evaluator import Environment, ExpressionError, evaluate, evaluate_integer

NAMES = Environment(
    {"n": 35, "x": 0.5, "text": "q8_0"}, {"TILE": "16u", "MASK": "", "TWICE": "(TILE * 2u)", "SELF": "SELF + 1"}
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("ceil_div(n, TILE)", 3),
        ("align_up(n, 32)", 64),
        ("TWICE", 32),
        ("-n // 4", -9),
        ("n % 4", 3),
        ("2 ** 10", 1024),
        ("3 ** 39", 4052555153018976267),  # beyond what a float holds exactly
        ("(-3) ** 39", -4052555153018976267),
        ("2 ** 64", 2.0**64),
        ("1 ** (2 ** 40)", 1),
        ("x * 4", 2.0),
        ("min(n, 8, TILE) + max(1, 2)", 10),
        ("7 if n > 30 and not n == 36 else 8", 7),
        ("1 < n <= 35", True),
        ("defined(MASK) + defined('NONE') + MASK", 2),
        ("log2(8) + floor(2.7) + sqrt(16.0) + abs(-1)", 10.0),
        ("text == 'q8_0'", True),
        ("'a' if 0 else 'b'", "b"),
        ("1e3", 1000.0),
    ],
)
def test_values(expression: str, value: object) -> None:
    assert evaluate(expression, NAMES) == value


@pytest.mark.parametrize(
    "expression",
    [
        "unknown",
        "SELF",
        "1 / 0",
        "__import__('os')",
        "().__class__",
        "n.real",
        "[1][0]",
        "lambda: 1",
        "min(*[1])",
        "min(n, key=1)",
        "10 ** 10 ** 10",
        "1 << 3",
        "'a' * 1000000000",
        "text + 1",
        "1 +",
        "(-8) ** 0.5",
        "sqrt(-1)",
        "min()",
        "~1",
        "1 in 2",
        "f'{n}'",
        "9" * 3000,
    ],
)
def test_everything_else_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, NAMES)


def test_a_number_beyond_all_is_said_to_be_too_large() -> None:
    with pytest.raises(ExpressionError, match="the value is too large"):
        evaluate("9**9**9", NAMES)


def test_integers_come_from_whole_floats_only() -> None:
    assert evaluate_integer("x * 4", NAMES) == 2
    for expression in ("x", "text", "n > 1"):
        with pytest.raises(ExpressionError):
            evaluate_integer(expression, NAMES)


def test_index_arrays_work_element_by_element() -> None:
    names = NAMES.with_values({"i0": np.arange(3)[:, None], "i1": np.arange(4)[None]})
    result = evaluate("0 if i1 <= i0 and i0 < 2 else -inf()", names)
    np.testing.assert_array_equal(result, [[0, -np.inf, -np.inf, -np.inf], [0, 0, -np.inf, -np.inf], [-np.inf] * 4])
    np.testing.assert_array_equal(evaluate("max(i0, i1) % 2 ** 1", names)[2], [0, 0, 0, 1])


@given(st.text(alphabet="n1+-*/%().,<>=!& 'ifelse[]{}_:@", max_size=30))
def test_no_text_does_more_than_fail(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        evaluate(text, NAMES)
