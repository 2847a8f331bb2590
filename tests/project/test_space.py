"""Counting, enumerating and sampling combinations, against brute force."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.project.config import load_config
from wgsl_ls.project.effort import Effort
from wgsl_ls.project.rules import allows, completed, constraints_of, rulebook
from wgsl_ls.project.space import Row, Space


def space_of(toml: str) -> Space:
    config, diagnostics = load_config("/p/wgsl-ls.toml", f"[[shader]]\nfiles = ['a']\n{toml}")
    assert [one for one in diagnostics if one.severity == 1] == []
    entry = config.shaders[0]
    return Space(dict(entry.define), entry.axes, entry.rules, GGML)


def brute_force(space: Space) -> list[Row]:
    """Every row whose completed macros keep every constraint, with no cleverness."""
    rows = []
    for row in product(*map(range, space.sizes)):
        macros, _ = completed(space.macros(row), rulebook(space.rules), GGML, Effort(1_000_000))
        if all(allows(one, macros, GGML) for one in constraints_of(space.rules)):
            rows.append(row)
    return rows


def pairs(rows: list[Row]) -> set[tuple[tuple[int, int], tuple[int, int]]]:
    return {pair for row in rows for pair in combinations(tuple(enumerate(row)), 2)}  # type: ignore[misc]


ATTENTION = """
axes = { K = ["K_F16", "K_Q8", "K_Q4"], MASK = ["", "MASK"], HEAD = [32, 64, 128], DIRECT = ["", "DIRECT"], X = [1, 2] }
locals = ["X"]
rules = [
  { when = "K_Q8 || K_Q4", define = ["QUANT"] },
  { compute = { TILE = "256 / HEAD" } },
  { when = "QUANT", forbid = "DIRECT", require = "HEAD > 32" },
]
require = "TILE > 2 || !MASK"
"""


def test_constraints_reach_through_rules_and_computed_macros() -> None:
    space = space_of(ATTENTION)
    rows = list(space.rows())
    assert rows == brute_force(space)
    assert space.count().value == len(rows) == 32
    assert space.count().exact


def test_a_count_needs_no_enumeration() -> None:
    axes = ", ".join(f"A{i} = ['', 'A{i}', 'B{i}']" for i in range(40))
    space = space_of(f"axes = {{ {axes} }}\nforbid = ['A0 && A1', 'A1 && B2', 'B2 && A3 || A39 && A38']")
    count = space.count()
    assert count.exact
    # Chain 0-1-2-3 with its three exclusions, times the pair (38, 39), times the 34 free axes.
    chain = sum(
        not ((a == 1 and b == 1) or (b == 1 and c == 2)) and not (c == 2 and d == 1)
        for a, b, c, d in product(range(3), repeat=4)
    )
    both = sum(
        not (c == 2 and d == 1) and not (a == 1 and b == 1) and not (b == 1 and c == 2) and not (x == y == 1)
        for a, b, c, d, x, y in product(range(3), repeat=6)
    )
    assert both == chain * 8
    assert count.value == both * 3**34


def test_a_constraint_over_too_many_axes_gives_an_upper_bound() -> None:
    axes = ", ".join(f"A{i} = ['', 'A{i}']" for i in range(20))
    names = " && ".join(f"A{i}" for i in range(20))
    space = space_of(f"axes = {{ {axes} }}\nforbid = '{names}'")
    assert (space.count().value, space.count().exact) == (2**20, False)
    assert str(space.count()) == "up to 1,048,576"
    assert next(space.rows()) == (0,) * 20


def test_no_axes_make_one_row() -> None:
    assert list(space_of("defines = ['A']").rows()) == [()]
    impossible = space_of("defines = ['A']\nforbid = 'A'")
    assert list(impossible.rows()) == []
    assert impossible.count().value == 0


def test_what_contradicts_is_named_without_what_does_not_matter() -> None:
    space = space_of("axes = { A = [1, 2], B = ['', 'B'] }\nforbid = ['A == 1', 'B']\nrequire = ['A < 2', '!B']")
    assert space.count().value == 0
    assert [one.text for one in space.contradiction()] == ['forbid "A == 1"', 'require "A < 2"']


def test_alternatives_that_no_row_has() -> None:
    space = space_of("axes = { A = [1, 2, 3], B = ['', 'B'] }\nforbid = ['A == 2', 'A == 3 && !B']\nrequire = 'B || A'")
    found = [(axis.name, one.label) for axis, one in space.impossible_alternatives()]
    assert found == [("A", "A=2")]


def test_all_possible_pairs_occur_despite_constraints() -> None:
    space = space_of(ATTENTION)
    rows = space.pairwise()
    everything = brute_force(space)
    assert set(rows) <= set(everything)
    assert pairs(rows) == pairs(everything)
    assert len(rows) < len(everything)


def test_a_sample_has_all_pairs_uses_alternatives_evenly_and_is_stable() -> None:
    axes = ", ".join(f"A{i} = [1, 2, 3, 4]" for i in range(8))
    space = space_of(f"axes = {{ {axes} }}\nforbid = 'A1 == A2'")
    rows = space.sample(200)
    assert rows == space_of(f"axes = {{ {axes} }}\nforbid = 'A1 == A2'").sample(200)
    assert len(set(rows)) == 200
    assert all(row[1] != row[2] for row in rows)
    missing = set(combinations(enumerate((0,) * 8), 2)) - pairs(rows)
    assert {((i, 0), (j, 0)) for (i, _), (j, _) in missing} == {((1, 0), (2, 0))}
    for axis in range(8):
        used = [sum(row[axis] == index for row in rows) for index in range(4)]
        assert max(used) - min(used) <= 12
    assert space.sample(10) == space.pairwise()[:10]


def test_a_sample_larger_than_the_space_is_the_space() -> None:
    space = space_of(ATTENTION)
    assert space.sample(1000) == brute_force(space)


CONDITIONS = st.recursive(
    st.sampled_from(["A", "B == 2", "C", "defined(D)", "E > F", "G", "B % 2", "!F", "H == 1"]),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||", "=="]), inner),
    max_leaves=3,
)
RULES = st.one_of(
    st.builds("{{ when = '{}', define = ['{}'] }}".format, CONDITIONS, st.sampled_from(["G", "H=1", "D", "B=3"])),
    st.builds("{{ when = '{}', undefine = ['{}'] }}".format, CONDITIONS, st.sampled_from(["C", "E", "A"])),
    st.builds("{{ compute = {{ H = '{}' }} }}".format, CONDITIONS),
    st.builds("{{ {} = '{}' }}".format, st.sampled_from(["forbid", "require"]), CONDITIONS),
    st.builds("{{ when = '{}', forbid = '{}' }}".format, CONDITIONS, CONDITIONS),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(RULES, max_size=5))
def test_counts_rows_and_pairs_agree_with_brute_force(rules: list[str]) -> None:
    space = space_of(
        "axes = { A = ['', 'A'], B = [1, 2, 3], C = ['', 'C'], D = ['', 'D', 'D=E'], EF = ['', ['E=2', 'F'], 'E'] }\n"
        f"rules = [{', '.join(rules)}]"
    )
    settled = all(
        not any(problem for problem in completed(space.macros(row), rulebook(space.rules), GGML, Effort(1_000_000))[1])
        for row in product(*map(range, space.sizes))
    )
    if not settled:
        return  # rules that undo each other are reported; which variants they leave is not promised
    everything = brute_force(space)
    assert list(space.rows()) == everything
    assert (space.count().value, space.count().exact) == (len(everything), True)
    assert pairs(space.pairwise()) == pairs(everything)
    assert set(space.sample(7)) <= set(everything)
    assert len(space.sample(7)) == min(7, len(everything)) or len(everything) < len(space.pairwise())
