"""Device profiles: each limit at its edge. What is at the limit fits, one more does not; carets say where it stands."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import CONFIG, Project
from wgsl_ls.analysis.limit_facts import LimitFacts, limit_facts
from wgsl_ls.text.diagnostic import Severity

SHADER = '[[shader]]\nfiles = ["a.wgsl"]\nprofiles = ["p"]\n[profile.p]\n'
MATRIX = """\
enable chromium_experimental_subgroup_matrix;
fn f() {{
  var l: subgroup_matrix_left<{left}>;
  var r: subgroup_matrix_right<{right}>;
  let x = subgroupMatrixMultiply<{result}>(l, r);
{caret}
}}
@compute @workgroup_size(1) fn main() {{ f(); }}
"""


def main(size: str = "1", body: str = "", caret: str = "") -> str:
    return f"@compute @workgroup_size({size})\nfn main() {{ {body} }}\n{caret}"


def buffers(n_buffers: int) -> str:
    return "".join(f"@group(0) @binding({n}) var<storage> b{n}: array<u32>;\n" for n in range(n_buffers))


def reading(n_buffers: int, caret: str = "") -> str:
    return buffers(4) + main(body=" ".join(f"_ = b{n}[0];" for n in range(n_buffers)), caret=caret)


NAME = "// ^^^^ "
SIDE = f"{NAME}profile/workgroup-size main: workgroup size "
TILES = "var<workgroup> a: array<u32, 4>;\n  var<workgroup> b: array<u32, {n}>;\n{caret}\n"
WRITE = "a[0] = 1u; b[0] = 1u;"
USED = main(body=WRITE)


def matrix(m: int, n: int, k: int, component: str, result: str, caret: str = "") -> str:
    left, right = f"{component}, {k}, {m}", f"{component}, {n}, {k}"
    return MATRIX.format(left=left, right=right, result=result, caret=caret)


SHAPE = "//        ^^^^^^^^^^^^^^^^^^^^^^ profile/subgroup-matrix "
OFFERED = 'subgroup-matrix = ["16x8x4 f16 f32"]\n'
CASES: dict[str, tuple[str, str]] = {
    # The largest variable is marked; each counts rounded up to 16.
    "storage fits": ("workgroup-storage = 48\n", TILES.format(n=8, caret="") + USED),
    "storage": (
        "workgroup-storage = 48\n",
        TILES.format(
            n=9,
            caret="//               ^ profile/workgroup-storage main uses 64 bytes of workgroup storage (b alone 36); "
            "this exceeds profile p (48 bytes) by 16 bytes",
        )
        + USED,
    ),
    "storage by one": (
        "workgroup-storage = 47\n",
        TILES.format(n=8, caret="//               ^ profile/workgroup-storage by 1 bytes") + USED,
    ),
    "storage that is not used": ("workgroup-storage = 16\n", TILES.format(n=9, caret="") + main()),
    "invocations fit": ("invocations = 24\n", main("2, 3, 4")),
    "invocations": (
        "invocations = 23\n",
        main("2, 3, 4", caret=f"{NAME}profile/invocations has 24 invocations in a workgroup; profile p allows 23"),
    ),
    "what is guaranteed everywhere fits": (
        'extends = "webgpu-core"\n',
        TILES.format(n=4092, caret="") + main("256", WRITE),
    ),
    "more than is guaranteed anywhere": (
        'extends = "webgpu-core"\n',
        TILES.format(n=4093, caret="//               ^ profile/workgroup-storage by 16 bytes")
        + main("288", WRITE, f"{NAME}profile/invocations has 288 invocations\n{SIDE}288 in x; profile p allows 256"),
    ),
    "each side fits": ("workgroup-size = [4, 3, 2]\n", main("4, 3, 2")),
    "x": ("workgroup-size = [3, 3, 3]\n", main("4, 3, 3", caret=f"{SIDE}4 in x; profile p allows 3")),
    "y": ("workgroup-size = [3, 3, 3]\n", main("3, 4, 3", caret=f"{SIDE}4 in y")),
    "z": ("workgroup-size = [3, 3, 2]\n", main("3, 3, 3", caret=f"{SIDE}3 in z; profile p allows 2")),
    "storage buffers fit": ("storage-buffers = 3\n", reading(3)),
    "storage buffers": (
        "storage-buffers = 2\n",
        reading(3, caret=f"{NAME}profile/storage-buffers main binds 3 storage buffers; profile p allows 2"),
    ),
    "a shape that is offered": (OFFERED, matrix(16, 8, 4, "f16", "f32")),
    "another shape": (
        OFFERED,
        matrix(8, 16, 4, "f16", "f32", f"{SHAPE}8x16x4 f16 f32 (M x N x K, operands, result); it has: 16x8x4"),
    ),
    "another depth": (OFFERED, matrix(16, 8, 8, "f16", "f32", f"{SHAPE}16x8x8")),
    "other operands": (OFFERED, matrix(16, 8, 4, "f32", "f32", f"{SHAPE}16x8x4 f32 f32")),
    "another result": (OFFERED, matrix(16, 8, 4, "f16", "f16", f"{SHAPE}16x8x4 f16 f16")),
    "no shapes at all": ("subgroup-matrix = []\n", matrix(16, 8, 4, "f16", "f32", f"{SHAPE}it has: none")),
    "f16": (
        "f16 = false\n",
        "// f16 here\nenable f16;\n//     ^^^ profile/f16 this needs 16-bit floats; profile p has none\n" + main(),
    ),
    "f16 is there": ("f16 = true\n", "enable f16;\n" + main()),
    "subgroups": (
        "subgroups = false\n",
        "enable subgroups;\n//     ^^^^^^^^^ profile/subgroups this needs subgroups; profile p has none\n" + main(),
    ),
    "a language feature that is lacked": (
        'lacks = ["linear_indexing"]\n',
        "@compute @workgroup_size(1) fn main(@builtin(global_invocation_index) i: u32) { _ = i; }\n"
        "//                                           ^^^^^^^^^^^^^^^^^^^^^^^ profile/language-feature p has no "
        "language feature linear_indexing, which @builtin(global_invocation_index) needs\n",
    ),
    "an extension that is lacked": (
        'lacks = ["f16"]\n', "enable f16;\n//     ^^^ profile/extension p has no WGSL extension f16\n" + main(),
    ),
    "another one is lacked": ('lacks = ["subgroups"]\n', "enable f16;\n" + main()),
    "a baseline, extended": (
        'extends = "safari-26"\nlacks = ["f16"]\n',
        "enable f16;\n//     ^^^ profile/extension p has no WGSL extension f16\n"
        "requires unrestricted_pointer_parameters;\n"
        "//       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ profile/not-known not known whether p has the language feature "
        "unrestricted_pointer_parameters (not confirmed: WebKit's\n" + main(),
    ),
    "what a runtime refuses though it can do it": (
        'extends = "wgpu-native"\n',
        "enable f16;\nenable subgroups;\n//     ^^^^^^^^^ profile/refused p refuses enable subgroups (tried with\n"
        "fn f(x: u32) -> f16 { return bitcast<vec2<f16>>(x).x + bitcast<vec2<f16>>(x).y; }\n"
        "//                           ^^^^^^^^^^^^^^^^^^ profile/refused p refuses a bitcast from u32 to vec2<f16>\n"
        + main(),
    ),
    "what nobody knows is no error": (
        'extends = "firefox-161"\n',
        "enable subgroups;\n//     ^^^^^^^^^ profile/not-known not known whether p has the WGSL extension subgroups\n"
        + main(),
    ),
    "nothing is known of the device": (
        "", "enable f16;\nenable subgroups;\n" + TILES.format(n=99999, caret="") + main("999, 999", "a[0] = b[0];"),
    ),
    "nothing is known of one side": ("invocations = 1\n", "override n = 2u;\n" + main("2, m")),
    "a shape of two entry points": (
        OFFERED,
        matrix(16, 8, 8, "f16", "f32", f"{SHAPE}16x8x8") + "@compute @workgroup_size(1) fn other() { f(); }\n",
    ),
    "nothing is known of the size": ("invocations = 1\n", "override n = 2u;\n" + main("m")),
}  # fmt: skip


@pytest.mark.parametrize(("limits", "text"), CASES.values(), ids=CASES)
def test_limit(limits: str, text: str) -> None:
    project = Project.of({"a.wgsl": text, CONFIG: SHADER + limits})
    project.check_carets()
    report = project.report()
    assert report.verdicts[0].n_errors == sum(one.severity == Severity.ERROR for one in report.diagnostics)


def test_the_other_variables_are_related_places() -> None:
    project = Project.of({"a.wgsl": TILES.format(n=9, caret="") + USED, CONFIG: f"{SHADER}workgroup-storage = 16\n"})
    (item,) = project.check().diagnostics
    assert [(project.shown(one.location), one.message) for one in item.related] == [("a.wgsl:1:16 'a'", "a: 16 bytes")]


def test_places_of_what_is_refused_are_named_up_to_a_number() -> None:
    text = "".join(f"fn f{n}(x: u32) -> f16 {{ return bitcast<vec2<f16>>(x).x; }}\n" for n in range(9))
    config = f'{SHADER}extends = "wgpu-native"\n'
    report = Project.of({"a.wgsl": f"enable f16;\n{text}{main()}", CONFIG: config}).check()
    (item,) = [one for one in report.diagnostics if one.code == "profile/refused"]
    assert [one.message for one in item.related] == ["here, too"] * 5


def test_only_the_profiles_that_a_variant_must_pass_judge_it() -> None:
    config = (
        '[profile.p]\nf16 = false\n[[shader]]\nfiles = ["a.wgsl"]\n'
        '[[shader.variant]]\nname = "here"\nprofiles = ["p"]\n[[shader.variant]]\nname = "there"\ndefines = ["THERE"]\n'
    )
    text = "enable f16;\n//     ^^^ [here] profile/f16\n" + main()
    project = Project.of({"a.wgsl": text, CONFIG: config})
    project.check_carets()
    assert [entry.state for entry in project.report().verdicts] == ["fail", "pass"]


def test_an_override_of_the_variant_counts() -> None:
    config = '[profile.p]\ninvocations = 8\n[[shader]]\nfiles = ["a.wgsl"]\nprofiles = ["p"]\noverrides = { n = 9 }\n'
    text = "override n = 2u;\n" + main("n", caret=f"{NAME}profile/invocations has 9 invocations")
    Project.of({"a.wgsl": text, CONFIG: config}).check_carets()


def test_the_largest_variable_is_that_of_each_variant() -> None:
    """Though one text speaks for both."""
    config = '[profile.p]\nworkgroup-storage = 16\n[[shader]]\nfiles = ["a.wgsl"]\nprofiles = ["p"]\n'
    config += "".join(
        f'[[shader.variant]]\nname = "{name}"\ndefines = ["N={n}", "M={m}"]\n'
        for name, n, m in (("two", 64, 4), ("one", 4, 64))
    )
    text = (
        "var<workgroup> a: array<u32, N>;\n//             ^ [two] profile/workgroup-storage (a alone 256)\n"
        "var<workgroup> b: array<u32, M>;\n//             ^ [one] profile/workgroup-storage (b alone 256)\n"
    )
    Project.of({"a.wgsl": text + USED, CONFIG: config}).check_carets()


def test_an_include_is_named_where_the_limit_is_exceeded() -> None:
    files = {"a.wgsl": '#include "m.tmpl"\n', "m.tmpl": main("9"), CONFIG: f"{SHADER}invocations = 8\n"}
    project = Project.of(files)
    (item,) = project.check().diagnostics
    assert project.shown(item.location) == "m.tmpl:2:4 'main'"
    assert [(project.shown(one.location), one.message) for one in item.related] == [
        ("a.wgsl:1:11 'm.tmpl'", "m.tmpl is included here")
    ]


def test_facts_outlive_the_process() -> None:
    other = matrix(16, 8, 4, "f16", "f32").replace("main", "other")
    project = Project.of(reading(2) + TILES.format(n=9, caret="") + other)
    expansion = project.view().expansion(0)
    facts = limit_facts(project.front_end.reflection(expansion, ()), project.front_end.feature_uses(expansion))
    assert len(facts.entry_points) == 2 and facts.enabled and facts.uses
    assert LimitFacts.from_json(facts.as_json()) == facts
    with pytest.raises((TypeError, ValueError, IndexError)):
        LimitFacts.from_json([[["main", 1]], []])


def test_what_is_not_known_of_a_language_feature_is_said_once_and_an_extension_s_everywhere() -> None:
    config = '[[shader]]\nfiles = ["a.wgsl"]\nprofiles = ["firefox-161"]\n'
    text = "{}@compute @workgroup_size(1) fn main(@builtin(subgroup_id) i: u32) {{}}\n"
    named = Project.of({"a.wgsl": text.format("requires subgroup_id;\nenable subgroups;\n"), CONFIG: config})
    assert [(named.shown(one.location), one.message) for one in named.check().diagnostics] == [
        ("a.wgsl:1:10 'subgroup_id'", "not known whether firefox-161 has the language feature subgroup_id"),
        ("a.wgsl:2:8 'subgroups'", "not known whether firefox-161 has the WGSL extension subgroups"),
    ]
    used = Project.of({"a.wgsl": text.format("enable subgroups;\n"), CONFIG: config})
    assert [one.message for one in used.check().diagnostics][1:] == [
        "not known whether firefox-161 has the language feature subgroup_id, which @builtin(subgroup_id) needs"
    ]


@pytest.mark.parametrize(("profile", "state"), [("firefox-161", "pass"), ("firefox-141", "fail")])
def test_what_nobody_knows_fails_nobody(profile: str, state: str) -> None:
    config = f'[[shader]]\nfiles = ["a.wgsl"]\nprofiles = ["{profile}"]\n'
    project = Project.of({"a.wgsl": "enable subgroups;\n" + main(), CONFIG: config})
    project.check()
    assert [entry.state for entry in project.report().verdicts] == [state]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('lacks = ["f16"]\n', ["p has no WGSL extension f16"]),
        (
            'extends = "safari-26"\n',
            [
                "p has no WGSL extension subgroups (MDN's browser-compat-data 8.1.9, 2026-11)",
            ],
        ),
        (
            'extends = "firefox-161"\n',
            [
                "not known whether p has the WGSL extension f16 (not confirmed: Firefox' dom/webgpu/Adapter.cpp "
                "offers it, not so MDN's browser-compat-data 8.1.9, 2026-11)",
                "not known whether p has the WGSL extension subgroups",
            ],
        ),
        ('extends = "wgpu-native"\n', ["p refuses enable subgroups (tried with wgpu-native 29.0.1.1, 2026-11)"]),
    ],
)
def test_where_a_profile_has_it_from_is_told_where_it_has_it_from_somewhere(config: str, said: list[str]) -> None:
    project = Project.of({"a.wgsl": "enable f16;\nenable subgroups;\n" + main(), CONFIG: SHADER + config})
    assert [one.message for one in project.check().diagnostics] == said
