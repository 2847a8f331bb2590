"""Small projects as users have them, all checked in one run: what is said of each, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_validate import run

OUT = "@group(0) @binding(0) var<storage, read_write> r: array<u32>;\n"
MAIN = "@compute @workgroup_size(1)\nfn main() { r[0] = 1u; }\n"
SHADER = '[[shader]]\nfiles = ["a.wgsl"]\n'
ATTENTION = """defines = ["Q_F32", "DST_F32"]
rules = [
    { when = "K_Q4_0 || K_Q8_0", define = ["LOADERS_K"] },
    { when = "V_Q4_0 || V_Q8_0", define = ["LOADERS_V"] },
    { forbid = "K_DIRECT && !K_F16" },
    { forbid = "V_DIRECT && !V_F16" },
    { when = "SIZE == 8", define = ["KV_TILE=32"] },
    { when = "SIZE == 16", define = ["KV_TILE=64"] },
]
"""
ATTENTION_AXES = """K = ["K_F16", "K_F32", "K_Q4_0", "K_Q8_0"]
V = ["V_F16", "V_F32", "V_Q4_0", "V_Q8_0"]
MASK = [false, true]
SINKS = [false, true]
SOFTCAP = [false, true]
K_DIRECT = [false, true]
V_DIRECT = [false, true]
KV_OVERLAP = [false, true]
HEAD = [{ HEAD_QK = 64, HEAD_V = 64 }, { HEAD_QK = 128, HEAD_V = 128 }]
SG = [{ SIZE = 8 }, { SIZE = 16 }]
"""
ATTENTION_SHADER = (
    OUT
    + "#ifdef LOADERS_V\nfn word(i: u32) -> u32 { return V[i / 4u]; }\n#endif\n"
    + "#ifdef KV_OVERLAP\n#define V r\n#else\n"
    + "@group(0) @binding(1) var<storage, read_write> V: array<u32>;\n#endif\n"
    + "var<workgroup> tile: array<u32, KV_TILE>;\n"
    + "@compute @workgroup_size(32)\nfn main(@builtin(local_invocation_index) i: u32) {\n"
    + "#ifdef V_DIRECT\n    let one: f32 = V[i];\n#else\n    tile[i] = V[i];\n#endif\n    r[i] = tile[i];\n}\n"
)
PROJECTS = {
    # Nothing asks for anything from outside.
    "plain": {"a.wgsl": OUT + "@compute @workgroup_size(1)\nfn main() { r[0] = r[1] * 1.5; }\n"},
    # One macro of the host excuses nothing else.
    "host": {
        "a.wgsl": OUT
        + "@compute @workgroup_size(WG)\nfn main() {\n    r[0] = r[1] * 1.5;\n    mystery();\n    r[2] = 3u\n}\n",
    },
    "label": {"a.wgsl": OUT + "@compute @workgroup_size(1)\nfn main() { switch r[0] { case OP: { } default: { } } }\n"},
    # A macro that another root defines for the include is not given here.
    "roots": {
        "one.wgsl": '@group(0) @binding(0) var<storage, read_write> r: array<u32>;\n#include "h.tmpl"\n' + MAIN,
        "two.wgsl": '#define PACKED\nvar<private> r: array<f32, 4>;\n#include "h.tmpl"\n'
        "@compute @workgroup_size(1)\nfn main() { _ = first(); }\n",
        "h.tmpl": "fn first() -> f32 {\n#ifdef PACKED\n    return r[0];\n#else\n    return f32(r[0]);\n#endif\n}\n",
    },
    # One mistake of three roots.
    "shared": {
        **{f"{name}.wgsl": '#include "h.tmpl"\n' + OUT + MAIN for name in "abc"},
        "h.tmpl": "fn twice(v: f32) -> f32 {\n    return v * two;\n}\n",
    },
    # Left open at the end of an include.
    "open": {
        "a.wgsl": '#include "first.tmpl"\n#include "second.tmpl"\n' + OUT + MAIN,
        "first.tmpl": "const ALPHA = 1.0\n",
        "second.tmpl": "const BETA = 2.0;\n",
    },
    # A member and a local that are called like a macro: each place names it.
    "macro": {
        "a.wgsl": "#define lanes 4u\nstruct S { lanes: u32 }\n"
        "@group(0) @binding(0) var<storage, read_write> o: array<S>;\n"
        "@compute @workgroup_size(lanes)\nfn main() {\n    o[0].lanes = 1u;\n}\n",
    },
    # A mistake for some types; compilers say types in words.
    "words": {
        "wgsl-ls.toml": SHADER + 'axes = { T = [{ T = "u32" }, { T = "f32" }] }\n',
        "a.wgsl": OUT + "var<workgroup> rows: array<vec4<f32>, 4>;\nfn put(v: vec2<f32>) {\n"
        "    if any(v < vec2<T>(1, 2)) { rows[0] = vec4f(v, v); }\n}\n" + MAIN,
    },
    "pipeline": {
        "wgsl-ls.toml": SHADER + '[[shader.variant]]\nname = "eight"\noverrides = { N = 8 }\n'
        '[[shader.variant]]\nname = "none"\n',
        "a.wgsl": "override N: u32 = 0u;\n" + OUT + "@compute @workgroup_size(N)\nfn main() { r[0] = N; }\n",
    },
    # An engine lacks what the language has; nothing is wrong.
    "bits": {
        "wgsl-ls.toml": SHADER + 'axes = { P = ["", "PACKED"] }\n',
        "a.wgsl": "enable f16;\n" + OUT.replace("u32", "f32") + "#ifdef PACKED\nvar<private> word: u32;\n#else\n"
        "var<private> word: vec2<f16>;\n#endif\n@compute @workgroup_size(1)\nfn main() {\n"
        "    let halves = bitcast<vec2<f16>>(word);\n    r[0] = f32(halves.x);\n}\n",
    },
    # Two signs that meet by expansion.
    "minus": {
        "a.wgsl": "#define STEP -1\n@group(0) @binding(0) var<storage, read_write> r: array<i32>;\n"
        "@compute @workgroup_size(1)\nfn main() { r[0] = 3-STEP; }\n",
    },
    "crash": {
        "wgsl-ls.toml": SHADER + 'axes = { M = ["", "MEMBER"] }\n',
        "a.wgsl": OUT + "struct Pair { scale: f32, bits: u32 }\n"
        "fn low(word: ptr<function, u32>) -> u32 { return *word & 15u; }\n@compute @workgroup_size(1)\nfn main() {\n"
        "    var b = Pair(0.5, r[0]);\n#ifdef MEMBER\n    r[0] = low(&b.bits);\n#else\n    r[0] = b.bits;\n#endif\n}\n",
    },
    # The reason of a name without a meaning.
    "late": {
        "wgsl-ls.toml": SHADER + 'axes = { S = ["", "SHARED"] }\n',
        "a.wgsl": '#include "use.tmpl"\n#include "names.tmpl"\n' + OUT + MAIN,
        "use.tmpl": "fn first() -> u32 { return VALUES[0]; }\n",
        "names.tmpl": "#ifdef SHARED\n#define VALUES KEYS\nvar<private> KEYS: array<u32, 4>;\n#else\n"
        "var<private> VALUES: array<u32, 4>;\n#endif\n",
    },
    "suffix": {
        "a.wgsl": "#define TILE 8\n" + OUT + "@compute @workgroup_size(1)\nfn main() { r[0] = r[1] * TILEu; }\n"
    },
    "near": {
        "a.wgsl": "const TILE_ROWS = 8u;\n" + OUT + "@compute @workgroup_size(1)\nfn main() { r[0] = TILE_ROW; }\n"
    },
    "attributes": {
        "a.wgsl": OUT + "@compute @workgroup_size(1)\nfn main() @diagnostic(off, derivative_uniformity) {\n"
        "    r[0] = 1u;\n}\n",
    },
    # Regions and members that conditions choose, a directive on two lines: nothing is wrong.
    "regions": {
        "wgsl-ls.toml": SHADER + 'axes = { W = ["", "ONE", "TWO", "THREE"] }\n',
        "a.wgsl": OUT + "struct S {\n#ifdef ONE\n    one: u32,\n#elif defined(TWO)\n    two: u32,\n#else\n"
        "    rest: u32,\n#if defined(THREE)\n    three: u32,\n#endif\n#endif\n}\nvar<private> s: S;\n"
        "@compute @workgroup_size(1)\nfn main() {\n#ifdef \\\nONE\n    r[0] = s.one;\n#elif defined(TWO)\n"
        "    r[0] = s.two;\n#elif defined(THREE)\n    r[0] = s.three;\n#else\n    r[0] = s.rest;\n#endif\n}\n",
    },
    # Members of a uniform that are there in some variants, one is read where it is not.
    "members": {
        "wgsl-ls.toml": SHADER + 'axes = { S = ["", "SHIFT"], L = ["", "LIMIT"] }\n',
        "a.wgsl": "struct Options {\n    n: u32,\n#ifdef SHIFT\n    shift: u32,\n#else\n    scale: u32,\n#endif\n"
        "#if defined(LIMIT)\n    limit: u32,\n#endif\n}\n@group(0) @binding(1) var<uniform> options: Options;\n"
        + OUT
        + "@compute @workgroup_size(1)\nfn main() {\n#ifdef SHIFT\n    r[0] = options.shift;\n#else\n"
        "    r[0] = options.scale;\n#endif\n    r[1] = options.n;\n    r[2] = options.limit;\n}\n",
    },
    "inherited": {
        "a.wgsl": '#define tile 16u\n#include "h.tmpl"\n@compute @workgroup_size(tile)\n'
        "fn main() { r[0] = half_tile(); }\n",
        "h.tmpl": OUT + "fn half_tile() -> u32 { return tile / 2u; }\n",
    },
    "forms": {
        "a.wgsl": OUT + "#ifdef SLOW\n#elifdef FAST\n#endif\n#ifdef(FAST)\n#endif\n#if 16 >= 0x10\n#endif\n"
        "#if 16 == 16 ? 1 : 0\n#endif\n#if 3 & 1\n#endif\n#error no\n#pragma once\n# define SPACED 1\n#line 5\n" + MAIN,
    },
    # Uniform control flow, pointers into storage, types that a macro chooses, limits: in the variants that have it.
    "uniform": {
        "wgsl-ls.toml": SHADER + 'axes = { S = ["", "SUM"], Q = ["", "QUIET"] }\n',
        "a.wgsl": "#ifdef SUM\nenable subgroups;\n#ifdef QUIET\ndiagnostic(off, subgroup_uniformity);\n#endif\n#endif\n"
        + OUT
        + "@compute @workgroup_size(32)\nfn main() {\n    if r[0] > 1u {\n#ifdef SUM\n"
        "        r[1] = subgroupAdd(r[2]);\n#endif\n    }\n}\n",
    },
    "pointer": {
        "wgsl-ls.toml": SHADER + 'axes = { B = ["", "BYTES"] }\n',
        "a.wgsl": '#include "h.tmpl"\n' + OUT + "@compute @workgroup_size(1)\nfn main() {\n#ifdef BYTES\n"
        "    r[0] = first(&r);\n#endif\n}\n",
        "h.tmpl": "#ifdef BYTES\nfn first(p: ptr<storage, array<u32>, read_write>) -> u32 { return p[0]; }\n#endif\n",
    },
    "half": {
        "wgsl-ls.toml": SHADER + 'axes = { H = ["", "HALF"] }\n',
        "a.wgsl": "#ifdef HALF\nenable f16;\n#define Q f16\n#else\n#define Q f32\n#endif\n"
        + OUT.replace("u32", "f32")
        + "@compute @workgroup_size(1)\nfn main() {\n    r[0] = f32(Q(r[1]) * r[2]);\n}\n",
    },
    "limits": {
        "wgsl-ls.toml": 'profiles = ["webgpu-default"]\n' + SHADER + "axes = { N = [64, 288] }\n",
        "a.wgsl": "var<workgroup> tile: array<vec4<f32>, N * 4>;\n"
        + OUT
        + "@compute @workgroup_size(N)\nfn main() { r[0] = u32(tile[0].x); }\n",
    },
    # An entry point's parameters from a macro: uniform alone, not as members of a struct.
    "parameters": {
        "wgsl-ls.toml": SHADER + 'axes = { B = ["", "BUNDLE"] }\n',
        "a.wgsl": "enable subgroups;\n#ifdef BUNDLE\n"
        "struct In { @builtin(subgroup_size) n: u32, @builtin(local_invocation_index) i: u32 }\n"
        "#define GIVEN given: In\n#define COUNT given.n\n#else\n"
        "#define GIVEN @builtin(subgroup_size) n: u32, @builtin(local_invocation_index) i: u32\n"
        "#define COUNT n\n#endif\n"
        + OUT
        + "@compute @workgroup_size(32)\nfn main(GIVEN) {\n    for (var k = 0u; k < COUNT; k++) {\n"
        "        r[k] = subgroupAdd(r[k]);\n    }\n}\n",
    },
    # A limit of a profile of the project's own; who needs how much.
    "chip": {
        "wgsl-ls.toml": 'profiles = ["chip"]\n[profile.chip]\nextends = "webgpu-default"\nworkgroup-storage = 20000\n'
        + SHADER
        + 'axes = { N = [512, 1024], M = ["", "MASK"] }\n',
        "a.wgsl": "var<workgroup> tile: array<vec4<f32>, N>;\n#ifdef MASK\n"
        "var<workgroup> mask: array<vec4<f32>, N / 2>;\n#endif\n"
        + OUT
        + "@compute @workgroup_size(1)\nfn main() {\n    r[0] = u32(tile[0].x);\n#ifdef MASK\n"
        "    r[1] = u32(mask[0].x);\n"
        "#endif\n}\n",
    },
    # What engines can only see behind other mistakes of the same function, and outside of functions.
    "behind": {
        "wgsl-ls.toml": SHADER + 'axes = { A = ["", "FAST"], B = ["", "SYNC"] }\n',
        "a.wgsl": OUT
        + "@compute @workgroup_size(1)\nfn main() {\n#ifdef FAST\n    r[0] = nowhere;\n#endif\n#ifdef SYNC\n"
        "    if r[0] > 1u {\n        workgroupBarrier();\n    }\n#endif\n}\n",
    },
    # Of a sample (17 of 1,600 variants here) no condition is known; of all, it is exact.
    "sample": {
        "wgsl-ls.toml": SHADER + ATTENTION + 'pick = "pairwise"\n[shader.axes]\n' + ATTENTION_AXES,
        "a.wgsl": ATTENTION_SHADER,
    },
    "all of them": {
        "wgsl-ls.toml": SHADER + ATTENTION + "[shader.axes]\n" + ATTENTION_AXES,
        "a.wgsl": ATTENTION_SHADER,
    },
    # One mistake, and what a compiler says while it is lost behind it.
    "brace": {
        "a.wgsl": OUT
        + "@compute @workgroup_size(1)\nfn main() {\n    let a = r[0]; }\n    let b = 2u;\n    r[1] = b;\n}\n",
    },
    "group": {
        "wgsl-ls.toml": SHADER + "axes = { N = [0, 8] }\n",
        "a.wgsl": OUT + "@compute @workgroup_size(N)\nfn main() { r[0] = 1u; }\n",
    },
    "loop": {
        "a.wgsl": OUT + "@compute @workgroup_size(1)\nfn main() {\n    for (var i = 4u; i; i--) { r[i] = 0u; }\n}\n",
    },
    "call": {
        "a.wgsl": "#define FETCH(P) r[P]\n" + OUT + "@compute @workgroup_size(1)\nfn main() { r[0] = FETCH(1); }\n",
    },
    "builtin": {
        "a.wgsl": OUT
        + "@compute @workgroup_size(1)\nfn main(@builtin(global_invocation_index) i: u32) { r[i] = 1u; }\n",
    },
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("field")
    for project, files in PROJECTS.items():
        (folder / project).mkdir()
        for name, text in files.items():
            (folder / project / name).write_text(text, encoding="utf-8")
    found: dict[str, Any] = json.loads(run(folder, "validate", "--format", "json", code=1))
    return found


EXPECTED: dict[str, list[str]] = {
    "plain": ["a.wgsl:3 error wgsl/type"],
    "host": [
        "a.wgsl:2 information variants/undeclared",
        "a.wgsl:4 error wgsl/type",
        "a.wgsl:5 error wgsl/name",
        "a.wgsl:6 error wgsl/parse",
    ],
    "label": ["a.wgsl:3 information variants/undeclared"],
    "shared": ["h.tmpl:2 error wgsl/name"],
    "open": ["first.tmpl:1 error wgsl/parse"],
    "macro": ["a.wgsl:2 error wgsl/parse", "a.wgsl:6 error wgsl/parse"],
    "words": ["a.wgsl:4 error wgsl/type when T is u32"],
    "pipeline": ["a.wgsl:4 error wgsl/pipeline in none"],
    "members": ["a.wgsl:22 error wgsl/validation when !LIMIT"],
    "bits": ["a.wgsl:10 information portability/f16-bitcast when PACKED"],
    "minus": ["a.wgsl:4 error wgsl/parse"],
    "crash": ["a.wgsl:5 error engine/crashed when MEMBER"],
    "late": ["use.tmpl:1 error wgsl/name when SHARED"],
    "suffix": ["a.wgsl:4 error lint/glued-suffix"],
    "near": ["a.wgsl:4 error wgsl/name"],
    "attributes": ["a.wgsl:3 information portability/diagnostic-rule"],
    "forms": [
        *[f"a.wgsl:{line} error preprocess/unknown-directive" for line in (3, 5, 13, 14, 16)],
        *[f"a.wgsl:{line} warning lint/condition-rest" for line in (7, 9, 11)],
    ],
    "uniform": [
        "a.wgsl:2 information portability/enable when SUM",
        "a.wgsl:4 information portability/diagnostic-rule when SUM && QUIET",
        "a.wgsl:12 error wgsl/validation when SUM && !QUIET",
    ],
    "pointer": ["h.tmpl:2 error wgsl/validation when BYTES"],
    "half": ["a.wgsl:10 error wgsl/type when HALF"],
    "limits": [
        "a.wgsl:1 error profile/workgroup-storage when N == 288",
        "a.wgsl:4 error profile/invocations when N == 288",
        "a.wgsl:4 error profile/workgroup-size when N == 288",
    ],
    "parameters": [
        "a.wgsl:1 information portability/enable",
        "a.wgsl:14 error wgsl/validation when BUNDLE",
    ],
    "chip": ["a.wgsl:1 error profile/workgroup-storage when MASK && N == 1024"],
    "behind": ["a.wgsl:5 error wgsl/name when FAST", "a.wgsl:9 error wgsl/validation when SYNC"],
    "sample": ["a.wgsl:3 error wgsl/name", "a.wgsl:14 error wgsl/type"],
    "all of them": [
        "a.wgsl:3 error wgsl/name when LOADERS_V && KV_OVERLAP",
        "a.wgsl:14 error wgsl/type when V_DIRECT",
    ],
    "brace": ["a.wgsl:5 error wgsl/parse"],
    "group": ["a.wgsl:2 error wgsl/validation when N == 0"],
    "loop": ["a.wgsl:4 error wgsl/validation"],
    "call": ["a.wgsl:1 warning lint/function-like-macro", "a.wgsl:4 error wgsl/name"],
    "builtin": ["a.wgsl:3 error wgsl/name"],
}
WORDS = {
    "open": "expected ';'",
    "macro": "lanes is defined here as '4u'",
    "words": "'<' can't work with vec2<f32> and vec2<u32>",
    "minus": "STEP is defined here as '-1'",
    "crash": "is not cached!",
    "late": "VALUES becomes a macro only here, behind this use",
    "suffix": "TILE in it is not replaced",
    "near": "did you mean 'TILE_ROWS'?",
    "half": "Q is defined here as 'f16'",
    "chip": "mask: 8192 bytes",
    "loop": "naga (wgpu): Entry point main at Compute is invalid: The `if` condition is not a boolean scalar",
}


@pytest.mark.gpu
@pytest.mark.parametrize("project", PROJECTS)
def test_what_is_said(report: dict[str, Any], project: str) -> None:
    found = [one for one in report["findings"] if one["path"].startswith(f"{project}/")]
    said = [
        f"{one['path'].partition('/')[2]}:{one['range']['start']['line'] + 1} {one['severity']} {one['rule']}"
        + (f" when {one['condition']}" if one["condition"] else "")
        + (" in none" if one["variants"] == ["none"] else "")
        for one in found
    ]
    assert sorted(said) == sorted(EXPECTED.get(project, []))
    for one in found:
        words = [one["message"], *(place["message"] for place in one["related"])]
        assert one["severity"] != "error" or WORDS.get(project, "") in "\n".join(words)
        # An engine's own numbers for values and types, and what it happened to be doing, are nobody's words.
        assert not any(re.search(r"Null writer|type of \[\d", text) for text in words)
    if project == "shared":
        assert [one["path"] for one in found[0]["roots"]] == ["shared/a.wgsl", "shared/b.wgsl", "shared/c.wgsl"]
