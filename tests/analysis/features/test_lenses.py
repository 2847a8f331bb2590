"""Code lenses: what stands above a root and above its entry points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.analysis.fixture import CONFIG, Project, absolute, refusing
from wgsl_ls.analysis.features.lenses import entry_point_lenses, root_lenses
from wgsl_ls.text.span import Span
from wgsl_ls.wire.jobs import CompileJob, CompileResult, Unsupported

# The first and the last are the same text, which is compiled once.
FOUR = {"one": [], "two": ["BAD"], "three": ["BAD", "N=1"], "four": ["N=2"]}
TEXT = "#ifdef BAD\nconst wrong = 1;\n#endif\nconst n = 1;\n"


def titles(project: Project, name: str = "a.wgsl") -> list[str]:
    context = project.snapshot.context(absolute(name))
    assert context is not None
    view = project.snapshot.root(context.root)
    assert view is not None
    return [lens.title for lens in entry_point_lenses(view, project.front_end, context, absolute(name))]


def above(project: Project, judged: Sequence[str] | None = None) -> list[str]:
    """Of the root, after these variants (None: nobody) were judged."""
    view = project.view()
    report = project.check(only=judged) if judged is not None else None
    found = root_lenses(view, report, project.host.active_variant(view))
    assert {lens.span for lens in found} == {Span(0, 0)}
    return [lens.title for lens in found]


@pytest.mark.parametrize(
    ("variants", "judged", "title"),
    [
        (FOUR, None, "4 variants · not checked yet"),
        (FOUR, ["one"], "4 variants · 2 structures · checking, 2 done · 2 pass"),
        (FOUR, ["one", "two", "three", "four"], "4 variants · 2 structures · 2 pass · 2 fail: two and 1 more"),
        (
            {"one": [], "two": ["BAD"], "three": ["N=1"]},
            ["one", "two"],
            "3 variants · 2 structures · 2 pass · 1 fails: two",
        ),
        ({"one": [], "two": ["BAD"]}, ["one", "two"], "2 variants · 1 pass · 1 fails: two"),
        ({"one": []}, ["one"], "1 variant · 1 pass"),
        (
            {n: ["BAD"] for n in ("one", "b", "c")},
            ["one", "b", "c"],
            "3 variants · 1 structure · 0 pass · 3 fail: one and 2 more",
        ),
        (
            {n: ["BAD"] for n in ("one", "b", "c", "d")},
            ["one", "b", "c", "d"],
            "4 variants · 1 structure · 0 pass · 4 fail",
        ),
    ],
)
def test_above_a_root(variants: Mapping[str, Sequence[str]], judged: Sequence[str] | None, title: str) -> None:
    project = Project.of(TEXT, variants, compile=refusing("wrong"))
    assert above(project, judged) == [title, "show expansion of one"]


def test_what_nobody_judged_is_said_and_so_is_that_nobody_declared_it() -> None:
    def lacks(job: CompileJob) -> CompileResult:
        return Unsupported("it")

    assert above(Project.of(TEXT, {"v": []}, compile=lacks), ["v"])[0] == "1 variant · 0 pass · 1 not judged"
    guessed = {"v": [], "w": ["A"]}
    assert above(Project.of("const n = 1;\n", guessed, origin="inferred"))[0] == "2 inferred variants · not checked yet"
    view = Project.of("const n = 1;\n", guessed, origin="inferred").view()
    reading = root_lenses(view, None, 0, is_reading=True)[0].title
    assert reading == "reading the host's code · until then 2 inferred variants · not checked yet"
    declared = Project.of("const n = 1;\n", guessed).view()
    assert root_lenses(declared, None, 0, is_reading=True)[0].title == "2 variants · not checked yet"
    nothing = Project.of("const n = 1;\n", origin="default")
    assert above(nothing)[0] == "1 variant (nothing declared) · not checked yet"


def test_a_variant_that_is_no_more_is_called_by_its_name() -> None:
    report = Project.of(TEXT, {"gone": ["BAD"]}, compile=refusing("wrong")).check()
    title = root_lenses(Project.of(TEXT, {"v": []}).view(), report, 0)[0].title
    assert title == "1 variant · 0 pass · 1 fails: gone"


ENTRY = """\
@group(0) @binding(3) var<storage, read_write> dst: array<f32>;
@group(0) @binding(1) var<storage> src: array<f32>;
@group(0) @binding(2) var<storage> unused: array<f32>;
var<workgroup> tile: array<f32, TILE>;
@compute @workgroup_size(1) fn main() { tile[0] = src[0]; dst[0] = tile[0]; }
"""
PROFILES = """\
[profile.small]
workgroup-storage = 4096
[profile.large]
workgroup-storage = 65536
[profile.elsewhere]
workgroup-storage = 16
[[shader]]
files = ["a.wgsl"]
defines = ["TILE=1024"]
profiles = ["large", "small"]
"""


def test_above_an_entry_point() -> None:
    assert titles(Project.of(ENTRY, {"v": ["TILE=1024"]})) == [
        "▶ smoke run",
        "4,096 bytes of workgroup storage",
        "bindings: @1 src, @3 dst",
    ]


def test_storage_is_compared_with_the_smallest_device_that_the_variant_must_pass() -> None:
    assert titles(Project.of({"a.wgsl": ENTRY, CONFIG: PROFILES}))[1] == (
        "4,096 bytes of workgroup storage of 4,096 (small)"
    )
    assert titles(Project.of(ENTRY.replace("TILE>", "later>").replace("var<w", "override later: u32;\nvar<w")))[1] == (
        "workgroup storage: unknown"
    )


def test_profiles_of_other_variants_and_those_without_such_a_limit_do_not_count() -> None:
    config = PROFILES.partition("[[shader]]")[0] + (
        '[profile.none]\nstorage-buffers = 8\n[[shader]]\nfiles = ["a.wgsl"]\ndefines = ["TILE=1024"]\n'
        '[[shader.variant]]\nname = "v"\nprofiles = ["large", "none"]\n'
        '[[shader.variant]]\nname = "w"\ndefines = ["W"]\nprofiles = ["elsewhere"]\n'
    )
    assert (
        titles(Project.of({"a.wgsl": ENTRY, CONFIG: config}))[1] == "4,096 bytes of workgroup storage of 65,536 (large)"
    )


def test_many_bindings_are_counted() -> None:
    buffers = "".join(f"@group(0) @binding({n}) var<storage> b{n}: array<f32>;\n" for n in range(10))
    uses = " + ".join(f"b{n}[0]" for n in range(10))
    shown = titles(Project.of(f"{buffers}@fragment fn main() {{ _ = {uses}; }}\n", {"v": []}))
    assert shown == ["bindings: @0 b0, @1 b1, @2 b2, @3 b3, @4 b4, @5 b5, @6 b6, @7 b7 and 2 more"]


def test_an_entry_point_has_its_lenses_where_it_is_written() -> None:
    files = {"a.wgsl": '#include "main.tmpl"\n', "main.tmpl": "@compute @workgroup_size(1) fn main() {}\n"}
    project = Project.of(files, {"v": []})
    assert titles(project) == []
    assert titles(project, "main.tmpl") == ["▶ smoke run", "0 bytes of workgroup storage"]
