"""Numbers that decide: put into the FlashAttention family at every kind of place where a compiler looks at numbers,
they part the variants, and what a representative got is what each variant gets from the compiler itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.analysis.fixture import Project
from tests.analysis.test_structures_dawn import verdict
from tests.wgsl.test_against_dawn import Judge, running_judge
from wgsl_ls.analysis.structures import structures

pytestmark = pytest.mark.slow

SHADERS = Path(__file__).parents[1] / "shaders"
NUMBERS = (0, 1, 2, 3, 4, 8, 31, 32, 33, 64, 100)

MODULE: dict[str, str] = {
    "an assertion": "const_assert N < 33;",
    "an assertion about equality": "const_assert N != 8;",
    "an assertion through constants": "const half = N / 2; const whole = half * 2; const_assert whole == N;",
    "an array's length": "var<private> probe: array<f32, N - 3>;",
    "an array's length by division": "var<private> probe: array<f32, 64 / max(N, 1) - 1>;",
    "a product that is too large": "const probe: i32 = N * 67108864;",
    "an abstract product that is too large": "const probe = N * 1152921504606846976;",
    "a negative number for u32": "const probe: u32 = N - 3;",
    "a division": "const probe = 7 / (N - 8);",
    "a remainder": "const probe = 7 % (N - 8);",
    "a division in a vector": "const probe = vec2(7, 7) / vec2(N - 8, 1);",
    "a shift of an abstract number": "const probe: i32 = 1 << N;",
    "a shift": "const probe = 1u << u32(N);",
    "an index of a constant array": "const probe = array(1, 2, 3, 4)[N];",
    "an index out of a calculation": "const probe = array(1, 2, 3, 4)[min(N, 33) / 8];",
    "an index that may be negative": "const probe = array(1, 2, 3, 4)[2 - min(N, 4)];",
    "a choice": "const probe = array(1, 2, 3)[select(0, 7, N > 8)];",
    "an index of a constant vector": "const probe = vec3(1, 2, 3)[N];",
    "an index of a constant matrix": "const probe = mat2x2f()[N];",
    "a number in an array in a division": "const few = array(N, 8); const probe = 1 / (few[0] - few[1]);",
    "an override's division": "override probe: u32 = 7u / (u32(N) - min(u32(N), 8u));",
    "an alignment": "struct Probe { @align(N) a: u32 }\nvar<private> probe: Probe;",
    "a size": "struct Probe { @size(N) a: vec4u }\nvar<private> probe: Probe;",
    "an exponential": "const probe = exp2(f32(N) * 2.0);",
    "a root": "const probe = sqrt(f32(8 - N));",
    "an arc": "const probe = acos(f32(N) / 8.0);",
    "limits of a clamp": "const probe = clamp(1, N, 8);",
    "a float that is too large": "const probe = f32(N) * 1.0e37;",
    "a half float that is too large": "const probe = quantizeToF16(f32(N) * 1000.0);",
}
BODY: dict[str, str] = {
    "an index of a variable's array": "var probe: array<u32, 8>; probe[N] = 1u; _ = probe[0];",
    "an index below a length": "var probe: array<u32, N + 1>; probe[8] = 1u; _ = probe[0];",
    "an index of a variable vector": "var probe = vec4f(); probe[N] = 1.0; _ = probe;",
    "an index of a let": "let probe = vec4f(); _ = probe[N];",
    "types of arrays": "let probe: array<u32, N + 1> = array<u32, 9>();",
    "types of arrays of arrays": "let probe: array<array<u32, N + 1>, 2> = array<array<u32, 9>, 2>();",
    "types of arrays in an assignment": "var probe: array<u32, N + 1>; probe = array<u32, 9>(); _ = probe[0];",
    "a shift at run time": "let probe = 1u << (thread & 1u); _ = probe << u32(N);",
    "a shift to the right": "let probe = thread; _ = probe >> u32(N);",
    "a division at run time": "let probe = i32(thread); _ = probe / (N - 8);",
    "a remainder at run time": "let probe = thread; _ = probe % u32(N);",
    "cases of a switch": "switch (thread) { case u32(N), 8u: {} default: {} }",
    "bits that are read": "_ = extractBits(thread, u32(N), 2u);",
    "an array with too many values": "_ = array<u32, N + 1>(1u, 2u, 3u);",
}
SIZES: dict[str, str] = {
    "a workgroup's size": "N * 8",
    "a workgroup's size of nothing": "N",
    "a workgroup's size that is negative": "N - 3",
    "a workgroup's size by an override": "wide",
}
STORAGE: dict[str, str] = {
    "workgroup storage of nothing": "var<workgroup> probe: array<vec4f, N>;",
    "workgroup storage by an override": (
        "override n_probes: u32 = u32(N);\nvar<workgroup> probe: array<vec4f, n_probes>;"
    ),
}


def with_injected(text: str, what: str) -> str:
    if what in MODULE:
        return f"{text}\n{MODULE[what]}\n"
    if what in BODY:
        return re.sub(r"fn main\([^{]*\{", lambda match: f"{match[0]}\n{BODY[what]}\n", text, count=1)
    if what in SIZES:
        text = re.sub(r"@workgroup_size\([^)]*\)", f"@workgroup_size({SIZES[what]})", text)
        return f"{text}\noverride wide: u32 = N * 8;\n" if "override" in what else text
    text = re.sub(r"fn main\([^{]*\{", lambda match: f"{match[0]}\nprobe[0] = vec4f();\n", text, count=1)
    return f"{text}\n{STORAGE[what]}\n"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    yield from running_judge()


@pytest.mark.parametrize("name", ["flash_attn_tile.wgsl", "flash_attn_vec_split.wgsl"])
@pytest.mark.parametrize("what", [*MODULE, *BODY, *SIZES, *STORAGE])
def test_each_variant_gets_what_its_text_would_get(judge: Judge, what: str, name: str) -> None:
    files = {path.name: path.read_text() for path in SHADERS.glob("*.tmpl")}
    files["a.wgsl"] = with_injected((SHADERS / name).read_text(), what)
    variants = {
        f"{kind} {number}": [kind, f"N={number}", f"WG_SIZE={32 if number % 2 else 64}"]
        for kind in ("MASK", "SINKS")
        for number in NUMBERS
    }
    project = Project.of(files, variants=variants)
    view = project.view()
    found = structures(view, project.front_end)
    # What exceeds the limits of this machine is no finding.
    said = [
        verdict(judge, view.expansion(index).text, "main").replace("limit", "") for index in range(len(view.variants))
    ]
    assert len(set(said)) > 1, "the numbers decide"
    wrong = {
        (view.variants[index].name, said[index], said[first])
        for index in range(len(said))
        if said[first := found.representative(index)] != said[index]
    }
    assert not wrong
