"""Across against Replay: the same answers, variant by variant, and sets for small cases."""

from __future__ import annotations

import itertools

import pytest

from tests.analysis.fixture import Project, absolute
from wgsl_ls.analysis.across import Across, across, indices

SHADER = {
    "a.wgsl": (
        "#define SIZE 4\n"
        '#include "b.tmpl"\n'
        "#if defined(A) && SIZE > 4\n"
        "const one = SIZE;\n"
        "#elif B == 2\n"
        '#include "b.tmpl"\n'
        "const two = SIZE;\n"
        "#ifdef NEVER\n"
        "#ifdef DEEPER\n"
        "const never = 0;\n"
        "#endif\n"
        "#endif\n"
        "#else\n"
        "const three = SIZE;\n"
        "#endif\n"
        "#undef SIZE\n"
        "const last = 1;\n"
    ),
    "b.tmpl": "#ifdef B\n#define SIZE 8\n#else\nconst b = 1;\n#endif\nconst c = SIZE;\n",
}
VARIANTS = {
    "none": [],
    "a": ["A"],
    "b": ["B=1"],
    "b2": ["B=2"],
    "ab": ["A", "B=1"],
    "given": ["SIZE=16", "A"],
    "low": ["SIZE=2", "B=2"],
}


def project(includes: str) -> Project:
    plain = f'includes = "{includes}"\n'
    for name, defines in VARIANTS.items():
        plain += f'[[shader]]\nfiles = ["a.wgsl"]\nname = "{name}"\ndefines = {list(defines)}\n'.replace("'", '"')
    return Project({**SHADER, "wgsl-ls.toml": plain})


@pytest.mark.parametrize("includes", ["native", "textual"])
def test_activity_is_that_of_the_replays(includes: str) -> None:
    view = project(includes).view()
    assert len(view.variants) == len(VARIANTS)
    found = across(view)
    for index, path in itertools.product(range(len(view.variants)), (absolute("a.wgsl"), absolute("b.tmpl"))):
        replay = view.replay(index)
        instances = [one.index for one in replay.instances if one.path == path]
        text = SHADER[path.rsplit("/", 1)[-1]]
        for offset in range(len(text) + 1):
            at = min(offset, len(text) - 1)  # the end belongs to what stands before it
            active = any(
                not any(e.instance == one and e.location.span.contains(at) for e in replay.inactive)
                for one in instances
            )
            assert bool(found.active(path, offset) >> index & 1) == active, (index, path, offset)


@pytest.mark.parametrize("includes", ["native", "textual"])
def test_branches_are_those_of_the_replays(includes: str) -> None:
    view = project(includes).view()
    found = across(view)
    for index in range(len(view.variants)):
        states: dict[tuple[str, int], set[str]] = {}
        for decision in view.replay(index).decisions:
            states.setdefault((decision.location.path, decision.location.span.start), set()).add(decision.state)
        for (path, offset), expected in states.items():
            fact = found.branch_at(path, offset)
            assert fact is not None
            bit = 1 << index
            assert bool(fact.taken & bit) == ("taken" in expected)
            assert bool(fact.reached & bit) == (expected != {"inactive"})
            assert bool(fact.skipped & bit) == ("skipped" in expected)


@pytest.mark.parametrize("includes", ["native", "textual"])
def test_values_are_those_of_the_tables(includes: str) -> None:
    view = project(includes).view()
    found = across(view)
    text = SHADER["a.wgsl"]
    signs = [at + behind for at, letter in enumerate(text) if letter == "#" for behind in range(3)]
    for name, offset in itertools.product(("SIZE", "A", "B", "MISSING"), [*range(0, len(text), 7), *signs]):
        values = found.values(absolute("a.wgsl"), offset, name)
        for index in range(len(view.variants)):
            definition = view.replay(index).table_at(0, offset).get(name)
            (mine,) = [one for one in values if one.variants >> index & 1]
            assert mine.value == (definition.value if definition else None), (name, offset, index)
            assert mine.location == (definition.location if definition else None)


def test_values_of_most_variants_come_first_then_as_they_are_read_and_none_last() -> None:
    variants = {"x": ["N=b"], "y": [], "z": ["N=a"], "w": ["N=c"], "c": ["N=c"]}
    found = across(Project.of("const a = N;\n", variants).view()).values(absolute("a.wgsl"), 10, "N")
    assert [one.value for one in found] == ["c", "a", "b", None]


def test_a_branch_no_variant_reaches_is_known() -> None:
    view = project("native").view()
    fact = across(view).branch_at(absolute("a.wgsl"), SHADER["a.wgsl"].index("#ifdef DEEPER"))
    assert fact is not None
    assert (fact.reached, fact.taken) == (0, 0)


def test_include_sites_count_where_they_are_active() -> None:
    for includes in ("native", "textual"):
        view = project(includes).view()
        sites = {site.span.start: mask for site, mask in across(view).sites.items()}
        text = SHADER["a.wgsl"]
        first, second = text.index("b.tmpl"), text.rindex("b.tmpl")
        assert sites[first].bit_count() == len(VARIANTS)
        names = [list(VARIANTS)[index] for index in indices(sites[second])]
        assert sorted(names) == ["b2", "low"]


def test_macros_are_those_that_variants_give_and_those_that_are_defined() -> None:
    assert across(Project.of("#define M 1\n#ifdef NEVER\n#define N\n#endif\n", {"v": ["A"]}).view()).macro_names() == {
        "M",
        "A",
    }


def test_many_variants_take_steps_in_proportion() -> None:
    view = Project.of("#if N > 20\nconst a = 1;\n#endif\n", {f"v{n}": [f"N={n}"] for n in range(40)}).view()
    assert 10 <= sum(1 for _ in Across(view).steps()) <= 20


def test_the_work_can_be_done_in_steps() -> None:
    view = project("native").view()
    found = Across(view)
    assert sum(1 for _ in found.steps()) >= 2
    assert found.is_ready
