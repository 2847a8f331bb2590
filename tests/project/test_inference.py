"""Inferred variants: every branch that can be reached is reached, by few sets of macros, always the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.preprocess.expansion import Expander, IncludeMode
from wgsl_ls.project.branches import Loader, branches_of, infer_for, taken_branches
from wgsl_ls.project.inference import BranchGoal, Defines, infer_variants
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.steps import finished


def loader_of(files: dict[str, str]) -> Loader:
    def load(name: str) -> SourceFile | str:
        return SourceFile(f"/p/{name}", files[name]) if name in files else "no such file"

    return load


def infer(
    text: str, files: dict[str, str] | None = None, includes: IncludeMode = "native"
) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """The define sets, after checking that they really reach what they are said to reach."""
    load = loader_of(files or {})
    expander = Expander(load, GGML, includes)
    root = SourceFile("/p/main.wgsl", text)
    found = finished(infer_for(expander, load, root))
    branches, *_ = branches_of(expander.parse, load, root)
    reached: set[str] = set()
    for defines in ((), *found.define_sets):
        reached |= taken_branches(expander.expand(root, defines))
    assert {branch.id for branch in branches} - reached == set(found.unreached)
    return [dict(defines) for defines in found.define_sets], found.unreached


def test_each_type_gets_its_variant() -> None:
    sets, unreached = infer("#ifdef K_F32\na\n#elif defined(K_Q4) || defined(K_Q8)\nb\n#else\nc\n#endif\n")
    assert unreached == ()
    assert sets == [{"K_F32": ""}, {"K_Q4": ""}]


def test_independent_options_share_a_variant() -> None:
    sets, unreached = infer("#ifdef MASK\na\n#endif\n#ifdef SINKS\nb\n#endif\n#ifndef PLAIN\nc\n#endif\n")
    assert unreached == ()
    assert sets == [{"MASK": "", "SINKS": ""}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What the text defines whatever is given, before anything asks for it, is asked of nobody.
        ("#define MODE 2\n#if MODE == 2\na\n#else\nb\n#endif\n", []),
        ("#define TWO 2\n#define MODE TWO\n#if MODE == 3\na\n#endif\n", []),
        ("#define MODE N\n#if MODE == 2\na\n#endif\n", [{"MODE": "2"}]),
        ("#define MODE 2\n#if MODE == 2 && defined(A)\na\n#endif\n", [{"A": ""}]),
        ("#ifndef MODE\n#define MODE 2\n#endif\n#if MODE == 3\na\n#endif\n", [{"MODE": "3"}]),
        ("#if MODE == 3\na\n#endif\n#define MODE 2\n", [{"MODE": "3"}]),
        ("#define MODE 2\n#undef MODE\n#if MODE == 3\na\n#endif\n", [{"MODE": "3"}]),
    ],
)
def test_what_the_text_defines_itself(text: str, expected: list[dict[str, str]]) -> None:
    assert infer(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#if HEAD > 64\na\n#else\nb\n#endif\n", {"HEAD": "65"}),
        ("#if HEAD >= 64 && HEAD % 32 == 0\na\n#endif\n", {"HEAD": "64"}),
        ("#if A && !B && C == 3\na\n#endif\n", {"A": "", "C": "3"}),
        ("#if defined(A) && (N == 4 || N == 8) && M < N && M > 2\na\n#endif\n", {"A": "", "M": "3", "N": "4"}),
        ("#ifndef A\n#else\n#ifdef B\nx\n#endif\n#endif\n", {"A": "", "B": ""}),
        (
            "#ifdef A\n#ifdef B\n#if C == 2\n#ifdef D\nx\n#endif\n#endif\n#endif\n#endif\n",
            {"A": "", "B": "", "C": "2", "D": ""},
        ),
        ("#define TILE (HEAD / 4)\n#if TILE == 16\na\n#endif\n", {"TILE": "16"}),
        ("#ifdef A\n#define LOCAL\n#endif\n#ifdef LOCAL\nx\n#endif\n", None),
    ],
)
def test_values_are_found(text: str, expected: dict[str, str] | None) -> None:
    sets, unreached = infer(text)
    assert unreached == ()
    if expected is not None:
        merged = {name for one in sets for name in one}
        assert len(sets) == 1
        assert merged == set(expected) or text.startswith("#define TILE")
        assert sets == [expected] or "TILE" in expected


def test_a_chain_of_values_has_a_variant_each() -> None:
    sets, unreached = infer("#if N == 1\na\n#elif N == 2\nb\n#elif N > 7\nc\n#else\nd\n#endif\n")
    assert unreached == ()
    assert sorted(one["N"] for one in sets) == ["1", "2", "8"]


@pytest.mark.parametrize("includes", ["native", "textual"])
def test_branches_inside_includes_count(includes: IncludeMode) -> None:
    files = {"h.tmpl": '#ifdef DEEP\nx\n#else\ny\n#endif\n#include "g.tmpl"\n', "g.tmpl": "#ifdef G\n#endif\n"}
    sets, unreached = infer(
        '#ifdef USE\n#include "h.tmpl"\n#endif\n#ifdef USE\n#include "h.tmpl"\n#endif\n', files, includes
    )
    assert unreached == ()
    names = {name for one in sets for name in one}
    assert names == {"USE", "DEEP", "G"}


def test_what_no_macros_reach_is_named() -> None:
    sets, unreached = infer("#define ON\n#ifndef ON\ndead\n#endif\n#if 0\ndead\n#endif\n#if A && !A\ndead\n#endif\n")
    assert len(unreached) == 3
    assert sets == []


def test_a_broken_shader_is_no_obstacle() -> None:
    sets, _ = infer('#if (\n#endif\n#include "missing"\n#ifdef A\nx\n#endif\n#endif\n#else\n#ifdef B\n')
    assert {name for one in sets for name in one} == {"A", "B"}


def test_the_number_of_resolutions_is_bounded() -> None:
    calls: list[Defines] = []

    def reached(defines: Defines) -> frozenset[str]:
        calls.append(defines)
        return frozenset()

    branches = [BranchGoal(str(index), f"A{index} == {index} && B > {index}") for index in range(50)]
    found = finished(infer_variants(branches, reached, GGML, max_resolutions=30))
    assert len(calls) == found.n_resolutions <= 30
    assert len(found.unreached) == 50


CONDITIONS = st.sampled_from(
    ["ifdef A", "ifndef A", "if B == 2", "if B > 3 && A", "ifdef C", "if C || D", "if D % 4 == 0 && D", "if E < B"]
)
TREES = st.recursive(
    st.just("x\n"),
    lambda inner: st.one_of(
        st.builds("#{}\n{}#endif\n".format, CONDITIONS, inner),
        st.builds("#{}\n{}#elif defined(E)\n{}#else\n{}#endif\n".format, CONDITIONS, inner, inner, inner),
        st.builds("{}{}".format, inner, inner),
        st.builds("#define {}\n{}".format, st.sampled_from(["A", "B 2", "C"]), inner),
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_what_is_said_to_be_reached_is_reached_and_the_answer_is_stable(text: str) -> None:
    assert infer(text) == infer(text)


def test_names_of_branches_are_places() -> None:
    load = loader_of({})
    expander = Expander(load)
    root = SourceFile("/p/m.wgsl", "code\n#ifdef A\n#ifdef B\n#endif\n#else\n#endif\n")
    branches, bodies, _ = branches_of(expander.parse, load, root)
    assert [(one.id, one.condition, one.earlier, one.parent) for one in branches] == [
        ("/p/m.wgsl:5", "defined(A)", (), None),
        ("/p/m.wgsl:14", "defined(B)", (), "/p/m.wgsl:5"),
        ("/p/m.wgsl:30", "1", ("/p/m.wgsl:5",), None),
    ]
    assert bodies == {}
    taken = taken_branches(expander.expand(root, (("A", ""), ("B", ""))))
    assert taken == {"/p/m.wgsl:5", "/p/m.wgsl:14"}
