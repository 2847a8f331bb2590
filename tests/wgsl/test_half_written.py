"""Whatever reads a module reads what nobody has finished, and what a program wrote: every call, type and attribute with
any number of arguments, and chains of thousands of links."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.fuzz import TARGETS
from wgsl_ls.wgsl.builtins import ATTRIBUTES, FUNCTIONS, TYPES

HEAD = """enable f16; enable subgroups; enable chromium_experimental_subgroup_matrix;
@group(0) @binding(0) var<storage, read_write> data: array<f32>;
@group(0) @binding(1) var t: texture_2d<f32>;
var<workgroup> tile: array<atomic<u32>, 4>;
alias M = subgroup_matrix_result<f32, 8, 8>;
"""
ARGUMENTS = ("&data", "0u", "M()", "false", "8u", "data[0]")


def texts() -> Iterator[tuple[str, str]]:
    for first in range(3):
        arguments = (*ARGUMENTS[first:], *ARGUMENTS[:first])
        for n in range(len(arguments) + 1):
            listed = ", ".join(arguments[:n])
            calls = "".join(f"    _ = {name}({listed});\n    {name}({listed});\n" for name in FUNCTIONS)
            yield f"{n} arguments from {arguments[0]}", f"{HEAD}@compute @workgroup_size(1) fn main() {{\n{calls}}}\n"
    for n, listed in enumerate(("<>", "<f32>", "<f32, 8>", "<f32, 8, 8>", "<storage, f32, read, 8>", "<M, 0, 0>")):
        called = "".join(f"    let v{i} = {name}{listed}();\n" for i, name in enumerate(TYPES))
        declared = "".join(f"var<private> w{i}: {name}{listed};\n" for i, name in enumerate(TYPES))
        yield f"types with list {n}", f"{HEAD}{declared}@compute @workgroup_size(1) fn main() {{\n{called}}}\n"
    for listed in ("", "()", "(1, 2, 3, 4)", "(x)", "(-1)", "(vertex_index)", "(position, 1.5f)"):
        each = " ".join(f"@{name}{listed}" for name in ATTRIBUTES)
        on = "".join(
            f"@{name}{listed} var<storage> v{i}: f32;\n@{name}{listed} fn f{i}(@{name}{listed} p: f32) {{ }}\n"
            f"struct S{i} {{ @{name}{listed} m: f32 }}\n@{name}{listed} override o{i}: u32;\n"
            for i, name in enumerate(ATTRIBUTES)
        )
        yield f"attributes {listed}", f"{HEAD}{on}{each} fn main({each} p: u32) {{ }}\n"


@pytest.mark.parametrize(("text"), [pytest.param(text, id=name) for name, text in texts()])
def test_every_reader_bears_any_number_of_arguments(text: str) -> None:
    TARGETS["wgsl"]()(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "fn f() { let y = " + "x + " * 3000 + "x; }",
        "const a = " + "1 + " * 3000 + "1;\n@compute @workgroup_size(a) fn f() { data[a] = f32(a); }",
        "fn f() { data[" + "0u + " * 3000 + "0u] = 1.0; }",
        "fn f() { " + "if (data[0] > 1.0) { " * 400 + "data[0] = 2.0;" + " }" * 400 + " }",
        "fn f() { _ = " + "-" * 3000 + "data[0]; }",
        "fn f() { _ = " + "max(data[0], " * 400 + "1.0" + ")" * 400 + "; }",
        "struct S { a: " + "array<" * 400 + "f32" + ", 2>" * 400 + " }\n@group(0) @binding(2) var<storage> s: S;",
        "".join(f"fn f{i}() {{ f{i + 1}(); }}\n" for i in range(2000)) + "fn f2000() { data[0] = 1.0; }",
        "".join(f"const c{i} = c{i + 1} + 1;\n" for i in range(2000)) + "const c2000 = 1;",
        "fn f() { " + "data[0]" + ".x" * 3000 + " = 1.0; }",
    ],
    ids=["sum", "constant sum", "index", "ifs", "signs", "calls", "types", "functions", "constants", "members"],
)
def test_every_reader_bears_long_chains(text: str) -> None:
    TARGETS["wgsl"]()((HEAD + text + "\n@compute @workgroup_size(1) fn main() { f(); }\n").encode())
