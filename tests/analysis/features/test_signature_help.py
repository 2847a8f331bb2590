"""Signature help at `$0`."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.features.signature_help import Signatures, signature_help
from wgsl_ls.wgsl.builtins import FUNCTIONS


def shown(found: Signatures | None) -> str:
    """The active signature with the active parameter in brackets."""
    if found is None:
        return ""
    signature = found.signatures[found.active]
    label = signature.label
    if found.parameter < len(signature.parameters):
        span = signature.parameters[found.parameter]
        return f"{label[: span.start]}[{label[span.start : span.end]}]{label[span.end :]}"
    return label


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fn f() { let a = max($0) }", "max([e1: T], e2: T) -> T"),
        ("fn f() { let a = max(1.0, $0 }", "max(e1: T, [e2: T]) -> T"),
        ("fn f(v: vec2f) { let a = max(v, v$0); }", "max(e1: vecN<T>, [e2: vecN<T>]) -> vecN<T>"),
        ("fn f() { let a = clamp(max(1, 2), $0\n let b = 1;\n}", "clamp(e: T, [low: T], high: T) -> T"),
        ("fn g(one: f32, two: u32) -> f32 {}\nfn f() { g(1.0, $0); }", "g(one: f32, [two: u32]) -> f32"),
        ("fn g(one: f32) {}\nfn f() { g(1.0, $0); }", "g(one: f32)"),
        ("struct S { a: f32, b: vec3f }\nfn f() { let s = S(1.0, $0); }", "S(a: f32, [b: vec3<f32>])"),
        ("alias V = vec2<f32>;\nfn f() { let s = V(1.0, $0); }", "vec2(x: T, [y: T]) -> vec2<T>"),
        ("fn f() { let s = vec3f(1.0, 2.0, $0); }", "vec3(x: T, y: T, [z: T]) -> vec3<T>"),
        ("#define CALL g\nfn g(one: f32, two: u32) {}\nfn f() { CALL(1.0, $0); }", "g(one: f32, [two: u32])"),
        ("#ifdef NO\nfn g(a: f32) {}\nfn f() { g($0) }\n#endif\n", "g([a: f32])"),
        ("fn f() { let a = array(1, 2, 3, $0); }", "array<T, N>([e...: T]) -> array<T, N>"),
        ("fn g(one: f32, two: u32) {}\nfn f() {\n  g(\n    1.0,\n    $0\n  );\n}\n", "g(one: f32, [two: u32])"),
        ("fn g(one: f32, two: u32) {}\nfn f() {\n  g(\n    1.0,\n    $0\n  let b = 1;\n}\n", "g(one: f32, [two: u32])"),
        ("fn g(one: f32, two: u32) {}\nfn f() {\n  g($0\n}\n", "g([one: f32], two: u32)"),
        (
            "fn g(one: f32, two: u32) {}\nfn f() {\n  g(\n    // first\n    1.0, // one\n\n    $0\n\n}\nfn h() {}\n",
            "g(one: f32, [two: u32])",
        ),
        (
            "fn g(one: f32, two: u32) {}\nfn f() {\n  g(\n#ifdef A\n    1.0,\n#else\n    2.0,\n#endif\n    $0);\n}\n",
            "g(one: f32, [two: u32])",
        ),
        ("fn f() { let s = vec2($0", "vec2([e: T]) -> vec2<T>"),
        ("fn f() { let a = (1 + $0); }", ""),
        ("fn f() { if ($0) {} }", ""),
        ("fn f() { max(1, 2)$0; }", ""),
        ("#if defined($0)\n#endif\n", ""),
        ("fn f() { unknown($0); }", ""),
        ("fn f(v: u32) { v($0); }", ""),
        ("alias A = unknown;\nfn f() { A($0); }", ""),
    ],
)
def test_signature_help(text: str, expected: str) -> None:
    found = shown(signature_help(Project.of(text).cursor()))
    assert found.replace("vec2<T>(", "vec2(").replace("vec3<T>(", "vec3(") == expected


def test_documentation_of_a_builtin_says_what_its_types_may_be_where_it_has_some() -> None:
    for name, kinds in (("dot4U8Packed", ""), ("sign", "`T`: f32, f16, i32, AbstractFloat, AbstractInt")):
        found = signature_help(Project.of(f"fn f() {{ let a = {name}($0); }}").cursor())
        assert found is not None
        assert found.signatures[0].documentation.partition("\n\n")[::2] == (FUNCTIONS[name].doc, kinds)


def test_documentation_is_that_of_the_declaration() -> None:
    project = Project.of("// Adds.\nfn g(one: f32) {}\nfn f() { g($0); }")
    found = signature_help(project.cursor())
    assert found is not None
    assert found.signatures[0].documentation == "Adds."
