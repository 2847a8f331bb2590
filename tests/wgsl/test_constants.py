from __future__ import annotations

import pytest

from wgsl_ls.wgsl.parser import ParseCache, parse
from wgsl_ls.wgsl.symbols import analyze


def value_of(expression: str, declarations: str = "") -> str:
    symbol = analyze(parse(f"{declarations}\nconst asked = {expression};", ParseCache())).global_symbol("asked")
    assert symbol
    return str(symbol.value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("7 / 2 + 7 % 4", "6"),
        ("-7 / 2", "-3"),
        ("-7 % 3", "-1"),
        ("5.5 % 2", "1.5"),
        ("1 << 40", "1099511627776"),
        ("0u - 1u", "4294967295"),
        ("2147483647i + 1i", "-2147483648"),
        ("u32(-1i)", "4294967295"),
        ("i32(3.99)", "3"),
        ("u32(-3.5)", "0"),
        ("f32(0.1)", "0.10000000149011612"),
        ("true && !false", "true"),
        ("false && missing", "false"),
        ("3 > 2.5", "true"),
        ("min(3, max(1, 2))", "2"),
        ("clamp(-4, 0, 3)", "0"),
        ("select(1, 2, true)", "2"),
        ("(vec3(1, 2, 3) * 2).yz", "vec2<AbstractInt>(4, 6)"),
        ("array(1, 2, 3)[1]", "2"),
        ("mat2x2(1, 2, 3, 4)[1][0]", "3.0"),
        ("vec2<i32>(vec2(1, 2))[0]", "1"),
        ("dot(vec3(1, 2, 3), vec3(1))", "6"),
        ("bitcast<u32>(1.0f)", "1065353216"),
        ("bitcast<u32>(vec2<f16>(1, 0))", "15360"),
        ("round(2.5) + floor(-0.5)", "1.0"),
        ("0x10 | 3", "19"),
        ("A * A", "36"),
    ],
)
def test_known(expression: str, expected: str) -> None:
    assert value_of(expression, "const B: u32 = 3; const A = B * 2;") == expected


@pytest.mark.parametrize(
    "expression",
    ["1 / 0", "1 % 0", "9223372036854775807 + 1", "1u << 32u", "3u << 31u", "array(1, 2)[5]", "o + 1", "f()", "v",
     "1e30f * 1e30f", "clamp(1, 3, 2)", "sqrt(-1.0)", "missing", "-1u"],
)  # fmt: skip
def test_unknown(expression: str) -> None:
    declarations = "override o = 1; var<private> v = 1; fn f() -> i32 { return 1; }"
    assert value_of(expression, declarations) == "None"


def test_locals_are_constants_too() -> None:
    analysis = analyze(parse("fn f() { const n = 3; const m = n * 2; var a: array<f32, m>; }", ParseCache()))
    assert [str(symbol.type) for symbol in analysis.locals] == ["AbstractInt", "AbstractInt", "array<f32, 6>"]
