"""Call hierarchy at `$0`: callers and callees, with the places of the calls."""

from __future__ import annotations

from tests.analysis.fixture import CONFIG, Project, absolute
from wgsl_ls.analysis.features.call_hierarchy import Calls, function_at, incoming, outgoing
from wgsl_ls.analysis.index import NameIndex
from wgsl_ls.text.span import Location

TEXT = {
    "a.wgsl": '#include "c.tmpl"\n'
    "fn twice$1() { load$0(); load(); }\n"
    "#ifdef A\nfn other() { READ(); }\n#endif\n"
    "fn idle() { let load = 1; _ = load; max(1, 2); }\n"
    "@compute @workgroup_size(1) fn main() { twice(); }\n",
    "b.wgsl": '#include "c.tmpl"\nfn far() { load(); }\n',
    "c.tmpl": "#define READ load\nfn load() {}\n",
}
VARIANTS = {"plain": [], "a": ["A"]}


def rows(project: Project, calls: list[Calls]) -> list[str]:
    """`other function: where it is declared; each call`."""

    def place(location: Location) -> str:
        return project.shown(location).partition(" ")[0]

    return [f"{one.item.name} {place(one.item.location)}: {', '.join(map(place, one.sites))}" for one in calls]


def test_who_calls_a_function_in_any_variant_and_root() -> None:
    project = Project.of(TEXT, VARIANTS)
    index = NameIndex(project.front_end)
    item = function_at(project.cursor(), index)
    assert item is not None and project.shown(item.location) == "c.tmpl:2:4 'load'"
    roots = project.snapshot.roots_of(item.location.path)
    assert rows(project, incoming(project.snapshot, index, item, roots)) == [
        "twice a.wgsl:2:4: a.wgsl:2:14, a.wgsl:2:22",
        "other a.wgsl:4:4: a.wgsl:4:14",
        "far b.wgsl:2:4: b.wgsl:2:12",
    ]
    assert outgoing(project.snapshot, index, item, roots) == []


def test_what_a_value_from_outside_spells_has_no_place() -> None:
    text = "fn load$0() {}\nfn OUTER() { load(); }\nfn two() { CALL(); load(); }\n"
    project = Project.of(text, {"v": ["OUTER=one", "CALL=load"]})
    index = NameIndex(project.front_end)
    item = function_at(project.cursor(), index)
    assert item is not None
    assert rows(project, incoming(project.snapshot, index, item, ["/p/a.wgsl"])) == [
        "one a.wgsl:2:4: a.wgsl:2:14", "two a.wgsl:3:4: a.wgsl:3:12, a.wgsl:3:20",
    ]  # fmt: skip


def test_whom_a_function_calls() -> None:
    project = Project.of(TEXT, VARIANTS)
    index = NameIndex(project.front_end)
    item = function_at(project.cursor(1), index)
    assert item is not None
    roots = ["/p/a.wgsl"]
    assert rows(project, outgoing(project.snapshot, index, item, roots)) == [
        "load c.tmpl:2:4: a.wgsl:2:14, a.wgsl:2:22"
    ]
    assert rows(project, incoming(project.snapshot, index, item, roots)) == ["main a.wgsl:7:32: a.wgsl:7:41"]


def test_of_two_functions_of_one_name_each_has_its_own_callers() -> None:
    text = "#ifdef A\nfn load$1() {}\nfn one() { load(); }\n#else\nfn load$0() {}\nfn two() { load(); }\n#endif\n"
    project = Project.of(text, VARIANTS)
    index = NameIndex(project.front_end)
    for variant, mark, caller in (("plain", 0, "two a.wgsl:6:4: a.wgsl:6:12"), ("a", 1, "one a.wgsl:3:4: a.wgsl:3:12")):
        project.choose(variant)
        item = function_at(project.cursor(mark), index)
        assert item is not None
        assert rows(project, incoming(project.snapshot, index, item, ["/p/a.wgsl"])) == [caller]


def test_what_is_no_function_has_no_calls() -> None:
    project = Project.of("const load$0 = 1;\n", {"v": []})
    assert function_at(project.cursor(), NameIndex(project.front_end)) is None


def test_a_caller_in_an_include_is_one_caller_however_many_roots_read_it() -> None:
    files = {
        "a.wgsl": '#include "c.tmpl"\nfn own() { inner(); }\n',
        "b.wgsl": '#include "c.tmpl"\n',
        "c.tmpl": "fn inner$0() { deep(); }\nfn deep() {}\nfn outer() { inner(); }\n",
    }
    project = Project.of(files)
    index = NameIndex(project.front_end)
    item = function_at(project.cursor(), index)
    assert item is not None
    roots = project.snapshot.roots_of(item.location.path)
    found = rows(project, incoming(project.snapshot, index, item, roots))
    assert found == ["outer c.tmpl:3:4: c.tmpl:3:14", "own a.wgsl:2:4: a.wgsl:2:12"]
    found = rows(project, outgoing(project.snapshot, index, item, roots))
    assert found == ["deep c.tmpl:2:4: c.tmpl:1:14"]


def test_a_root_without_variants_calls_nothing() -> None:
    files = {
        "a.wgsl": '#include "c.tmpl"\nfn own() { inner(); }\n',
        "b.wgsl": '#include "c.tmpl"\nfn far() { inner(); }\n',
        "c.tmpl": "fn inner$0() {}\n",
        CONFIG: '[[shader]]\nfiles = ["b.wgsl"]\naxes = { N = [{ N = 1 }] }\nforbid = "N == 1"\n',
    }
    project = Project.of(files)
    assert not project.view("b.wgsl").variants
    index = NameIndex(project.front_end)
    item = function_at(project.cursor(), index)
    assert item is not None
    found = rows(project, incoming(project.snapshot, index, item, [absolute("a.wgsl"), absolute("b.wgsl")]))
    assert found == ["own a.wgsl:2:4: a.wgsl:2:12"]
