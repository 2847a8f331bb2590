"""The mini-language in which the builtin table writes overloads."""

from __future__ import annotations

import pytest

from wgsl_ls.wgsl.signatures import SignatureError, TypePattern, parse_overload, parse_type, with_sizes


def test_parts_of_an_overload() -> None:
    overload = parse_overload("fn ldexp(e1: vecN<T>, @const e2: vecN<I>) -> vecN<T> where T: f32|f16, I: i32")
    assert overload.name == "ldexp"
    assert overload.template == ()
    assert [parameter.name for parameter in overload.parameters] == ["e1", "e2"]
    assert [parameter.is_const for parameter in overload.parameters] == [False, True]
    assert overload.result == TypePattern("vecN", (TypePattern("T"),))
    assert overload.domains == (("T", (TypePattern("f32"), TypePattern("f16"))), ("I", (TypePattern("i32"),)))
    assert overload.size_letters == ("N",)
    assert overload.label == "ldexp(e1: vecN<T>, e2: vecN<I>) -> vecN<T>"


def test_templates_variadic_arguments_and_no_result() -> None:
    overload = parse_overload("fn array<T, N>(e...: T) -> array<T, N> where T: constructible, N: count")
    assert overload.template == ("T", "N")
    assert overload.parameters[0].is_variadic
    assert overload.label == "array<T, N>(e...: T) -> array<T, N>"
    assert parse_overload("fn storageBarrier()").result is None


def test_size_letters_of_matrices_and_hidden_results() -> None:
    transpose = parse_overload("fn transpose(e: matCxR<T>) -> matRxC<T> where T: f32")
    assert transpose.size_letters == ("C", "R")
    assert transpose.result is not None
    assert str(with_sizes(transpose.result, {"C": 2, "R": 4})) == "mat4x2<T>"
    frexp = parse_overload("fn frexp(e: vecN<T>) -> __frexp_result_vecN<T> where T: f32")
    assert frexp.result is not None
    assert str(with_sizes(frexp.result, {"N": 3})) == "__frexp_result_vec3<T>"
    assert parse_overload("fn f(a: vec3<f32>) -> f32").size_letters == ()


def test_a_type_prints_as_it_was_written() -> None:
    text = "ptr<AS, array<vec4<f16>, 8>, read_write>"
    assert str(parse_type(text)) == text


@pytest.mark.parametrize(
    "text", ["", "fn", "fn f", "fn f(", "fn f(a)", "fn f() ->", "fn f() where T", "fn f() extra", "fn f(a: vec3<f32)"]
)
def test_mistakes_raise(text: str) -> None:
    with pytest.raises(SignatureError):
        parse_overload(text)


@pytest.mark.parametrize("text", ["vec3<", "vec3<f32>>", "a b", "#"])
def test_mistakes_in_types_raise(text: str) -> None:
    with pytest.raises(SignatureError):
        parse_type(text)
