"""`pick` by what variants become: one of each structure, the fewest that take every branch, the one that takes most."""

from __future__ import annotations

import re
from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.host.model import HostDefine
from wgsl_ls.preprocess.expansion import Expander, Expansion
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.host_code import HostCode
from wgsl_ls.project.model import Pick
from wgsl_ls.project.picking import fewest, picked
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.project.variants import Variant
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.text.source_file import SourceFile

TEXT = """\
#if A
const a = 1;
#else
const a = 2.0;
#endif
#if B == 2
const b = 1;
#endif
const n = B;
"""
AXES = 'axes = { A = ["A=0", "A=1"], B = ["B=1", "B=2", "B=3"] }\n'
PICKED = {
    "all": ["A=0+B=1", "A=0+B=2", "A=0+B=3", "A=1+B=1", "A=1+B=2", "A=1+B=3"],
    "structures": ["A=0+B=1", "A=0+B=2", "A=1+B=1", "A=1+B=2"],
    "branches": ["A=0+B=2", "A=1+B=1"],
    "most-enabled": ["A=0+B=2"],
}


def settings(folder: Path, config: str, text: str = TEXT) -> RootSettings:
    (folder / "a.wgsl").write_text(text, encoding="utf-8")
    (folder / "wgsl-ls.toml").write_text(config, encoding="utf-8")
    files = FileSystem()
    return ProjectWorkspace(files, [str(folder)], host_code=HostCode(files)).settings(str(folder / "a.wgsl"))


def names(found: RootSettings) -> list[str]:
    return [variant.name for variant in found.variants]


@pytest.mark.parametrize("pick", PICKED)
def test_what_is_left_of_axes(pick: str, tmp_path: Path) -> None:
    found = settings(tmp_path, f'pick = "{pick}"\n[[shader]]\nfiles = ["a.wgsl"]\n{AXES}')
    assert names(found) == PICKED[pick]
    assert found.complete == (pick == "all"), "nobody says that these are all there are"
    # The word of a [[shader]] goes over the file's.
    assert (
        names(settings(tmp_path, f'pick = "all"\n[[shader]]\nfiles = ["a.wgsl"]\npick = "{pick}"\n{AXES}'))
        == (PICKED[pick])
    )


def test_what_is_left_of_a_list_and_of_a_host(tmp_path: Path) -> None:
    lines = [f'{{"shader": "a.wgsl", "name": "A={a}+B={b}", "defines": ["A={a}", "B={b}"]}}' for a, b in PAIRS]
    (tmp_path / "v.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert names(settings(tmp_path, 'import = ["v.jsonl"]\npick = "branches"\n')) == PICKED["branches"]
    (tmp_path / "host.cpp").write_text(HOST, encoding="utf-8")
    found = settings(tmp_path, 'pick = "structures"\n')
    assert [one.origin for one in found.variants] == ["host"] * 4
    assert all(isinstance(one.given("A") or one.given("B"), HostDefine) for one in found.variants)


PAIRS = list(product((0, 1), (1, 2, 3)))
HOST = """#include "kernels.h"
struct Library {
    pre::Preprocessor p;
    Pipeline make(bool fast, int kind) {
        std::vector<std::string> defs;
        if (fast) { defs.push_back("A"); }
        switch (kind) {
            case 1: defs.push_back("B=1"); break;
            case 2: defs.push_back("B=2"); break;
            case 3: defs.push_back("B=3"); break;
            default: return Pipeline();
        }
        return compile(p.preprocess(src_a, defs), "a");
    }
};
"""


def test_variants_that_fail_to_preprocess_are_not_left_out(tmp_path: Path) -> None:
    text = '#if A == 1 && B == 3\n#include "gone"\n#endif\n' + TEXT
    found = settings(tmp_path, f'pick = "most-enabled"\n[[shader]]\nfiles = ["a.wgsl"]\n{AXES}', text)
    assert "A=1+B=3" in names(found) and len(found.variants) == 2


def test_it_is_picked_again_when_a_directive_changes(tmp_path: Path) -> None:
    config = f'pick = "branches"\n[[shader]]\nfiles = ["a.wgsl"]\n{AXES}'
    (tmp_path / "wgsl-ls.toml").write_text(config, encoding="utf-8")
    root = str(tmp_path / "a.wgsl")
    files = FileSystem()
    workspace = ProjectWorkspace(files, [str(tmp_path)])
    found = []
    for text in (TEXT, TEXT.replace("n = B", "n = 7"), TEXT.replace("B == 2", "B == 3")):
        files.open_text(root, text)
        workspace.refresh()
        found.append(workspace.settings(root))
    assert found[0] is found[1] and names(found[2]) == ["A=0+B=3", "A=1+B=1"]


def test_the_fewest_sets_that_hold_everything() -> None:
    sets = [frozenset(one) for one in ("abcd", "abe", "cdf", "", "a")]
    assert fewest(sets) == [1, 2], "the largest is taken first, and is superfluous in the end"
    assert fewest([]) == [] and fewest([frozenset[str]()]) == []
    # Whoever takes the largest first ends with three, none of which is superfluous.
    assert fewest([frozenset(one) for one in ("abcdhijk", "eflm", "gn", "abcdefg", "hijklmn")]) == [3, 4]


@given(st.lists(st.frozensets(st.integers(0, 9), max_size=6), max_size=8))
def test_no_fewer_sets_hold_everything(sets: list[frozenset[int]]) -> None:
    everything = frozenset[int]().union(*sets)
    taken = [sets[index] for index in fewest(sets)]
    assert frozenset[int]().union(*taken) == everything
    assert len(taken) == next(
        n for n in range(9) if any(frozenset[int]().union(*some) == everything for some in combinations(sets, n))
    )


def test_very_many_sets_are_few_too() -> None:
    sets = [frozenset((n, n + 1)) for n in range(200)]
    taken = fewest(sets)
    assert frozenset[int]().union(*(sets[index] for index in taken)) == set(range(201)) and len(taken) == 101


CONDITIONS = ("A == 1", "defined(C)", "B > 1 && !defined(C)", "A == 0 || B == 3", "B == A")
blocks = st.recursive(
    st.sampled_from(["const x = A;\n", "const y = 2.0;\n", "const z = B + 1;\n", "#define C\n", "#error no\n"]),
    lambda inner: st.builds(
        "#if {0}\n{1}#elif {2}\n{3}#else\n{1}#endif\n".format,
        st.sampled_from(CONDITIONS),
        inner,
        st.sampled_from(CONDITIONS),
        inner,
    ),
    max_leaves=6,
)


@given(st.lists(blocks, min_size=1, max_size=4).map("".join))
@pytest.mark.slow
def test_what_is_picked_against_all_that_could_be(text: str) -> None:
    """By what a preprocessor makes of the text, on a space of twelve variants."""
    variants = [
        Variant(f"{a}{b}{c}", "a.wgsl", (("A", str(a)), ("B", str(b)), *((("C", ""),) if c else ())))
        for a, b, c in product((0, 1), (1, 2, 3), (False, True))
    ]
    # Each branch says in the text that it was taken.
    lines = iter(range(1000))
    marked = "".join(
        f"{line}\n@{next(lines)}@\n" if line.startswith(("#if", "#elif", "#else")) else f"{line}\n"
        for line in text.splitlines()
    )

    def expand(variant: Variant, of: str = text) -> Expansion:
        return Expander(lambda name: name).expand(SourceFile("a.wgsl", of), variant.defines, "a.wgsl")

    failed = {one.name for one in variants if expand(one).failed}
    others = [one for one in variants if one.name not in failed]
    texts = {one.name: re.sub(r"\b\d+\b(?!\.)", "#", " ".join(expand(one).text.split())) for one in others}
    taken = {one.name: frozenset(re.findall(r"@\d+@", expand(one, marked).text)) for one in others}
    found = {}
    picks: tuple[Pick, ...] = ("structures", "branches", "most-enabled")
    for pick in picks:
        chosen = [one.name for one in picked(pick, variants, expand)]
        assert failed <= set(chosen)
        found[pick] = [name for name in chosen if name not in failed]
    assert len(found["structures"]) == len(set(texts.values())) == len({texts[name] for name in found["structures"]})
    everything = frozenset[str]().union(*taken.values())
    assert frozenset[str]().union(*(taken[name] for name in found["branches"])) == everything
    assert len(found["branches"]) == next(
        n
        for n in range(min(1, len(others)), 13)
        if any(frozenset[str]().union(*some) == everything for some in combinations(taken.values(), n))
    )
    most = max(map(len, taken.values()), default=0)
    assert [len(taken[name]) for name in found["most-enabled"]] == [most] * bool(others)
