"""#if expressions: the grammar of the reference with its quirks, and what a condition says about itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.preprocess.conditions import evaluate, names_of_value, parse_condition
from wgsl_ls.preprocess.dialect import GGML, PRE_WGSL

INT_MIN = -(2**31)


def value(text: str, **macros: str) -> int:
    evaluation = evaluate(parse_condition(text), macros, GGML)
    assert evaluation.error is None, evaluation.error
    return evaluation.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("100 / 10 / 5", 2),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("7 % -3", 1),
        ("5 / 0", 0),
        ("5 % 0", 0),
        ("1 << 4 + 1", 32),
        ("1 << 33", 2),
        ("-16 >> 2", -4),
        ("1 < 2 == 1", 1),
        ("3 > 2 > 1", 0),
        ("1 == 1 && 2 == 3 || 1", 1),
        ("0 && 1 || 1", 1),
        ("2 && 3", 1),
        ("!0 + !5", 1),
        ("!!7", 1),
        ("- - 3", 3),
        ("-+-2", 2),
        ("- 2 * 3", -6),
        ("2147483647 + 1", INT_MIN),
        ("0 - 2147483647 - 1", INT_MIN),
        ("-(0 - 2147483647 - 1)", INT_MIN),
        ("65536 * 65536", 0),
        ("(0 - 2147483647 - 1) / -1", INT_MIN),
        ("(0 - 2147483647 - 1) % -1", 0),
        ("007", 7),
        ("0" * 5000 + "1", 1),
    ],
)
def test_arithmetic(text: str, expected: int) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("   ", 0),
        ("1 +", 1),
        ("* 3 + 2", 2),
        ("()", 0),
        ("() + 4", 4),
        ("1 2 3", 1),
        ("1 ! 2", 1),
        ("1 ? 5 : 6", 1),
        ("1 = 2", 1),
        ("1 & 0", 1),
        ("1u", 1),
        ("0x10", 0),
        ("1.5", 1),
        ("2 ) && 0", 2),
        ("é", 0),
        ("1\xa0+ 1", 1),
        ("1\v+\f1\r", 2),
        ("// 1", 0),
        ('"1"', 0),
    ],
)
def test_what_is_no_expression_ends_it_or_counts_as_zero(text: str, expected: int) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("defined(A)", 1),
        ("defined A", 1),
        ("defined ( A )", 1),
        ("defined(B)", 0),
        ("!defined(B) && A", 1),
        ("A", 5),
        ("B", 0),
        ("EMPTY", 1),
        ("BLANK", 0),
        ("NEXT", 5),
        ("SUM * 2", 14),
        ("SUFFIX", 3),
        ("TEST", 1),
        ("defined + 1", None),
    ],
)
def test_names(text: str, expected: int | None) -> None:
    macros = {
        "A": "5", "EMPTY": "", "BLANK": " ", "NEXT": "A", "SUM": "A + 2", "SUFFIX": "3u", "TEST": "defined(A)",
    }  # fmt: skip
    if expected is None:
        assert evaluate(parse_condition(text), macros, GGML).error
    else:
        assert value(text, **macros) == expected


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("(1 + 2", 0),
        ("1 + (2 * (3)", 4),
        ("2147483648", 0),
        ("1 + 99999999999999999999", 4),
        ("9" * 6000, 0),
        ("defined", 7),
        ("defined()", 8),
        ("defined(1)", 8),
        ("defined(A", 9),
        ("(1 @ 2)", 0),
    ],
)
def test_errors_have_a_place(text: str, at: int) -> None:
    condition = parse_condition(text)
    assert condition.error and condition.error_at == at
    assert evaluate(condition, {}, GGML).error == condition.error


def test_both_sides_are_evaluated() -> None:
    macros = {"R": "R"}
    for text in ("0 && R", "1 || R"):
        assert "R -> R" in str(evaluate(parse_condition(text), macros, GGML).error)


@pytest.mark.parametrize(
    ("body", "expected"),
    [("5", 5), (" -7x", -7), ("+3", 3), ("0x10", 0), ("1 + 1", 1), ("2147483648", None), ("x", None), ("- 3", None)],
)
def test_values_in_the_older_dialect_are_read_as_one_number(body: str, expected: int | None) -> None:
    evaluation = evaluate(parse_condition("A"), {"A": body}, PRE_WGSL)
    if expected is None:
        assert evaluation.error and "A" in evaluation.error
    else:
        assert (evaluation.value, evaluation.error) == (expected, None)


def test_an_error_in_a_value_names_the_macro() -> None:
    error = evaluate(parse_condition("A"), {"A": "(1"}, GGML).error
    assert error == "the value of A, '(1': missing ')'"


def test_macros_that_define_each_other() -> None:
    error = evaluate(parse_condition("1 + A"), {"A": "B", "B": "C + 1", "C": "B"}, GGML).error
    assert error == "macro B is defined by itself (B -> C -> B)"


def test_what_was_read_in_order() -> None:
    macros = {"A": "B + C", "B": "1"}
    assert evaluate(parse_condition("defined(X) || A && Y"), macros, GGML).reads == ("X", "A", "B", "C", "Y")


def test_what_a_condition_says_about_itself() -> None:
    text = "defined(A) && B == 2 || !B ) C"
    condition = parse_condition(text)
    assert condition.names == ("A", "B") and condition.valued == ("B",)
    assert [text[start:end] for _, start, end in condition.name_spans] == ["A", "B", "B"]
    assert text[: condition.used].rstrip() == "defined(A) && B == 2 || !B"
    assert names_of_value("A + defined(B)", GGML) == ("A", "B")
    assert names_of_value("A", PRE_WGSL) == () == names_of_value("", GGML)


def test_nesting_and_length_have_no_limit() -> None:
    assert value("(" * 50_000 + "1" + ")" * 50_000 + " + 1" * 50_000) == 50_001
    assert value("!" * 50_001 + "1") == 0
    chain = {f"M{index}": f"M{index + 1}" for index in range(20_000)} | {"M20000": "7"}
    assert value("M0", **chain) == 7
    doubling = {f"D{index}": f"D{index + 1} + D{index + 1}" for index in range(60)} | {"D60": "1"}
    assert value("D0", **doubling) == 0  # 2 ** 60 in 32 bits


@given(st.text(alphabet="()!+-*/%<>=&|AB01 \t@é", max_size=40), st.sampled_from([GGML, PRE_WGSL]))
def test_any_text_has_a_value_or_an_error(text: str, dialect: object) -> None:
    condition = parse_condition(text)
    for macros in ({}, {"A": "", "B": "2"}, {"A": "B", "B": "A"}):
        evaluation = evaluate(condition, macros, dialect)  # type: ignore[arg-type]
        assert INT_MIN <= evaluation.value < 2**31
        if condition.error is not None:
            assert evaluation.error == condition.error and 0 <= (condition.error_at or 0) <= len(text)


@given(st.recursive(st.integers(0, 99).map(str), lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
    lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"), max_leaves=12))  # fmt: skip
def test_sums_and_products_are_those_of_32_bits(text: str) -> None:
    expected = (eval(text) + 2**31) % 2**32 - 2**31
    assert value(text) == expected
