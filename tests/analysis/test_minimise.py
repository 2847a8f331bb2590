"""The shortest condition: exact over what the variants can tell apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import compress, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.analysis.minimise import Minimiser, list_facts, minimiser_steps
from wgsl_ls.preprocess.conditions import evaluate, parse_condition
from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.steps import finished

VARIANTS = [
    {**({"K_Q4_0": ""} if quantised else {"K_F16": ""}), **({"K_DIRECT": ""} if direct else {}), "HEAD_DIM": head}
    for quantised, direct, head in product([0, 1], [0, 1], ["64", "128", "256"])
]


def minimiser(variants: Sequence[Mapping[str, str]]) -> Minimiser:
    return finished(minimiser_steps([tuple(one.items()) for one in variants], GGML))


def shortest_condition(
    variants: Sequence[Mapping[str, str]], members: Collection[int], unknown: Collection[int] = ()
) -> str | None:
    """`members`: where something holds; `unknown`: where nobody knows."""
    found = minimiser(variants)
    return found.condition(sum(1 << index for index in members), free=sum(1 << index for index in unknown))


def failing(condition: str) -> list[int]:
    parsed = parse_condition(condition)
    return [index for index, macros in enumerate(VARIANTS) if evaluate(parsed, macros, GGML).value]


@pytest.mark.parametrize(
    ("members", "condition"),
    [
        ([0], "N == 1"), ([0, 1], "N <= 2"), ([0, 1, 2, 3], "N <= 4"), ([3, 4], "N >= 4"),
        ([1, 2, 3, 4], "N >= 2"), ([0, 1, 3, 4], "N != 3"),
        ([0, 1, 2], "N <= 3"), ([4], "N == 5"), ([1, 2], "N <= 3 && N >= 2"),
    ],
)  # fmt: skip
def test_the_shortest_words_for_numbers(members: list[int], condition: str) -> None:
    assert shortest_condition([{"N": str(number)} for number in range(1, 6)], members) == condition


def test_all_and_none() -> None:
    assert shortest_condition(VARIANTS, range(len(VARIANTS))) == ""
    assert shortest_condition(VARIANTS, []) is None


def test_one_literal() -> None:
    assert shortest_condition(VARIANTS, failing("K_Q4_0")) in ("K_Q4_0", "!K_F16")
    assert shortest_condition(VARIANTS, failing("!K_DIRECT")) == "!K_DIRECT"
    assert shortest_condition(VARIANTS, failing("HEAD_DIM == 128")) == "HEAD_DIM == 128"
    assert shortest_condition(VARIANTS, failing("HEAD_DIM >= 128")) in ("HEAD_DIM >= 128", "HEAD_DIM != 64")


def test_conjunction_and_disjunction() -> None:
    assert shortest_condition(VARIANTS, failing("K_Q4_0 && !defined(K_DIRECT)")) == "K_Q4_0 && !K_DIRECT"
    assert shortest_condition(VARIANTS, failing("K_DIRECT || HEAD_DIM == 64")) == "K_DIRECT || HEAD_DIM == 64"
    three = shortest_condition(VARIANTS, failing("K_Q4_0 && K_DIRECT && HEAD_DIM == 64"))
    assert three == "K_Q4_0 && K_DIRECT && HEAD_DIM == 64"


FIVE = [dict.fromkeys(compress("ABCDE", bits), "") for bits in product([1, 0], repeat=5)]


@pytest.mark.parametrize(
    ("holds", "condition"),
    [
        ("A && B && C && D", "A && B && C && D"),
        ("A && !B && C && !D && E", "A && C && E && !B && !D"),
        ("A && !C && (D || E) && B", None),
        ("A && B && (C || D)", "(A && B && C) || (A && B && D)"),
    ],
)
def test_longer_conjunctions(holds: str, condition: str | None) -> None:
    parsed = parse_condition(holds)
    members = [index for index, macros in enumerate(FIVE) if evaluate(parsed, macros, GGML).value]
    assert shortest_condition(FIVE, members) == condition


def test_a_long_conjunction_says_nothing_twice() -> None:
    """X leaves the fewest others at first, and is of no use when the rest is there."""
    variants = [dict.fromkeys("ABCDX", "")]
    for name in "ABCD":
        variants += [
            dict.fromkeys(sorted(set("ABCDX") - {name}), ""),
            *[dict.fromkeys(sorted(set("ABCD") - {name}), "")] * 2,
        ]
    assert shortest_condition(variants, [0]) == "A && B && C && D"


@given(st.sets(st.integers(0, len(VARIANTS) - 1), min_size=1))
def test_what_it_says_is_true_for_exactly_the_members(members: set[int]) -> None:
    condition = shortest_condition(VARIANTS, members)
    if condition is None:
        return  # no short one: allowed
    if condition == "":
        assert len(members) == len(VARIANTS)
        return
    assert set(failing(condition)) == members


def test_the_plainest_conjunction_even_when_there_is_little_time() -> None:
    variants = [{"A": "", "N": "1"}, {"A": "", "C": "", "N": "2"}, {"B": "", "C": "", "N": "1"},
                {"A": "", "B": "", "N": "2"}, {"A": "", "N": "3"}]  # fmt: skip
    for thorough in (True, False):
        found = minimiser(variants).condition(0b10001, thorough=thorough)
        assert found == "!B && !C", "not A && N != 2, which is as true"


def test_variants_that_cannot_be_told_apart_give_no_condition() -> None:
    assert shortest_condition([{"A": ""}, {"A": ""}], [0]) is None


@pytest.mark.parametrize(
    ("members", "unknown", "condition"),
    [
        ({1}, {3}, "B"),
        ({1}, {0, 2, 3}, ""),
        ({1, 2}, {3}, "A || B"),
        ({3}, {0, 1}, "B"),
        ({3}, {2, 0}, "A"),
        ({0, 3}, {1}, None),
        (set(), {0}, None),
    ],
)
def test_what_is_unknown_may_hold_or_not(members: set[int], unknown: set[int], condition: str | None) -> None:
    variants: list[dict[str, str]] = [{}, {"B": ""}, {"A": ""}, {"A": "", "B": ""}]
    found = shortest_condition(variants, members, unknown)
    if condition is None and members:
        assert found is None or all(
            _holds(found, defines) == (index in members)
            for index, defines in enumerate(variants)
            if index not in unknown
        )
    else:
        assert found == condition


def _holds(condition: str, defines: dict[str, str]) -> bool:
    return any(
        all((word[1:] not in defines) if word.startswith("!") else word in defines for word in term.split(" && "))
        for term in condition.replace("(", "").replace(")", "").split(" || ")
    )


TILES = [{"TILE": tile, "WG": wg, "FAST": ""} | ({"K": ""} if wg == "64" else {}) for tile, wg in
         (("8", "64"), ("16", "32"), ("029", "32"))]  # fmt: skip


@pytest.mark.parametrize(
    ("members", "prefer", "without", "expected"),
    [
        (0b001, (), "", "K"),
        (0b001, (frozenset({"WG"}),), "", "WG == 64"),
        (0b001, (frozenset({"OTHER"}), frozenset({"TILE"})), "", "TILE == 8"),
        (0b001, (frozenset({"TILE"}),), "TILE", "K"),
        (0b010, (), "TILE", None),
        (0b100, (), "", "TILE == 29"),
    ],
)
def test_macros_that_are_preferred_and_one_that_is_not_spoken_of(
    members: int, prefer: tuple[frozenset[str], ...], without: str, expected: str | None
) -> None:
    found = minimiser(TILES)
    assert found.condition(members, prefer=prefer, without=without) == expected


@pytest.mark.parametrize("members", [(1, 4, 6, 9, 11), (0, 3, 7, 11), (0, 5, 7, 11)])
def test_a_set_without_a_short_condition_has_a_long_one_where_that_is_asked_for(members: tuple[int, ...]) -> None:
    variants = [{"N": str(number), "M": str(number % 5)} for number in range(20)]
    found = minimiser(variants)
    mask = sum(1 << number for number in members)
    assert found.condition(mask, thorough=False) is None
    long = found.condition(mask, thorough=True)
    assert long is not None
    parsed = parse_condition(long)
    assert tuple(index for index, one in enumerate(variants) if evaluate(parsed, one, GGML).value) == members, long


def test_many_variants_take_steps_in_proportion() -> None:
    """A conjunction of three among so many literals is looked for in pieces, and not piece by piece."""
    variants = [{f"M{n}": "" for n in range(24) if (number * 7 + n) % 5 and number % (n + 2)} for number in range(60)]
    found = minimiser(variants)
    n_steps = sum(1 for _ in found.condition_steps(0b1011, thorough=True))
    assert 10 < n_steps < 400


def test_what_is_known_of_a_list_is_kept_with_it() -> None:
    lists = [tuple(Variant(f"v{n}", "/a.wgsl", (("N", str(n)),)) for n in range(length)) for length in (1, 2)]
    kept = [finished(list_facts(one, GGML)) is finished(list_facts(one, GGML)) for one in lists]
    assert kept == [False, True], "a list of one has nothing to be told apart, and there are many of them"


def test_what_no_if_can_compare_is_told_in_words() -> None:
    variants = [{"T": "f32"}, {"T": "f16"}, {"T": "u32"}]
    assert shortest_condition(variants, [1]) == "T is f16"
    assert shortest_condition(variants, [0, 2]) == "T is not f16"


def test_numbers_compare_as_the_dialect_compares_them() -> None:
    variants = [{"N": "4"}, {"N": "4u"}, {"N": "8"}, {}]
    for members in ([0, 1], [2], [0, 1, 3]):
        condition = shortest_condition(variants, members)
        if condition is not None and "defined" not in condition:
            parsed = parse_condition(condition)
            holds = [index for index, one in enumerate(variants) if evaluate(parsed, one, GGML).value]
            assert holds == members, condition
