"""One declaration in several texts is read once: which of the numbers are its own is another question in each."""

from __future__ import annotations

import pytest

from wgsl_ls.wgsl.number_model import NumberModel
from wgsl_ls.wgsl.parser import ParseCache, parse
from wgsl_ls.wgsl.symbols import Analysis, analyze

FUNCTION = "fn f(a: u32) -> u32 { return a / 7u + (a << 3u); }\n"


def model(text: str, cache: ParseCache, *numbers: str) -> tuple[Analysis, NumberModel]:
    """`numbers`: literals, the first of them number 0."""
    analysis = analyze(parse(text, cache))
    return analysis, NumberModel(analysis, {text.index(one): number for number, one in enumerate(numbers)})


@pytest.mark.parametrize("order", [("7u", "3u"), ("3u", "7u")])
def test_numbers_of_a_declaration_that_was_read_in_another_text(order: tuple[str, str]) -> None:
    cache = ParseCache()
    before, _ = model(FUNCTION, cache, "7u", "3u")
    now, found = model("const n = 1;\n" + FUNCTION, cache, "1;", *order)
    assert now.entries[1][2] is before.entries[0][2]  # else nothing is shared
    for divisor, shift, is_promised in ((7, 3, True), (0, 3, False), (7, 32, False), (31, 31, True), (32, 0, True)):
        given = {"7u": divisor, "3u": shift}
        assert (found.facts([1, *(given[one] for one in order)]) is not None) == is_promised


def test_a_constant_of_others_is_asked_in_each_text() -> None:
    cache = ParseCache()
    function = "fn f(a: u32) -> u32 { return a / N; }\n"
    for name, value in (("const N = 7u;\n", "7u"), ("const M = 1u;\nconst N = M + 5u;\n", "5u")):
        _, found = model(name + function, cache, value)
        assert found.facts([1]) is not None
        assert (found.facts([0]) is not None) == ("M" in name)
