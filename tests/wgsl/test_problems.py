"""What the front end says is wrong, at once: texts with `«…»` around every place, and what must not be said."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from tests.wgsl.test_against_dawn import SAMPLES, Judge, judge, mutated
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.steps import finished
from wgsl_ls.wgsl.builtins import PREDECLARED
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.problems import Problem, problems
from wgsl_ls.wgsl.spelling import MOST_COMPARED
from wgsl_ls.wgsl.symbols import analyze, near_predeclared

__all__ = ["judge"]

_MARK = re.compile("«(.*?)»", re.DOTALL)
HEAD = """struct Block { scale: f32, words: array<u32, 4> }
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> table: array<u32>;
const WIDTH = 4u;
fn half(x: f32) -> f32 { return 0.5 * x; }
fn store(at: u32, values: vec4<f32>) { out[at] = values.x; }
"""


def found(text: str) -> list[Problem]:
    return problems(analyze(parse(text)))


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    plain, spans, position = "", [], 0
    for match in _MARK.finditer(text):
        plain += text[position : match.start()]
        spans.append((len(plain), len(plain) + len(match[1])))
        plain += match[1]
        position = match.end()
    return plain + text[position:], spans


def test_what_is_read_only_is_so_whatever_its_type_is() -> None:
    text = "@group(0) @binding(0) var<storage, read> a: array<NotDeclared>;\nfn f() { a[0] = 2u; }\n"
    told = [problem.message for problem in found(text) if problem.kind == "assignment"]
    assert told == ["'a' is in storage with access 'read' and cannot be written"]


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("let x = «hafl»(1.0);", "name", "'hafl' is declared nowhere; did you mean 'half'?"),
        ("let x = «nowhere»;", "name", "'nowhere' is declared nowhere"),
        ("const_assert «WIDTH > 5u»;", "constant", "this const_assert fails: its condition is false"),
        ("«loop» { let x = 1u; }", "flow", "this loop never ends: no break, no return"),
        ("«for» (var i = 0u; ; i++) { continue; }", "flow", "this loop never ends: no break, no return"),
        ("while true { «loop» { switch 1 { default: { break; } } } }", "flow", "this loop never ends"),
        ("let x = vec2u(1).«z»;", "selection", "'z' is no selection from a vec2"),
        ("let x = 1; let «x» = 2;", "redeclaration", "'x' is declared a second time in this scope"),
        ("let x = «half(1.0, 2.0)»;", "call", "'half' takes 1 argument, 2 given"),
        ("store(0u, «1.0»);", "type", "parameter 'values' of 'store' is vec4<f32>, this is an AbstractFloat"),
        ("let x = half(«2u»);", "type", "parameter 'x' of 'half' is f32, this is a u32"),
        ("let x = «max(1.0)»;", "few", "'max' takes 2 arguments, 1 given"),
        ("let x = «dot(vec2f(), vec3f())»;", "call", "there is no dot(vec2<f32>, vec3<f32>)"),
        ("let x = «vec4<f32>(1.0, 2.0)»;", "call", "there is no vec4<f32>(AbstractFloat, AbstractFloat)"),
        ("let x = «array<u32, 3>(1u, 2u)»;", "call", "array<u32, 3> has 3 elements, 2 given"),
        ("let x = Block(1.0, «array<u32, 2>()»);", "type", "member 'words' of Block is array<u32, 4>"),
        ("let x: u32 = «1.5»;", "type", "'x' is declared as u32, this is an AbstractFloat"),
        ("let x: u32 = «-1»;", "type", "-1 cannot be represented as u32"),
        ("var x = 1u; x = «2.5f»;", "type", "what it is assigned to is u32, this is a f32"),
        ("var x = 1u; «x += 1.5»;", "type", "there is no '+=' for u32 and AbstractFloat"),
        ("var x = 1.0; «x++»;", "type", "'++' needs an i32 or u32, this is a f32"),
        ("let x = 1u; «x» = 2u;", "assignment", "'x' is a 'let' and cannot be assigned to"),
        ("«table[0]» = 2u;", "assignment", "'table' is in storage with access 'read' and cannot be written"),
        ("«WIDTH» = 2u;", "assignment", "'WIDTH' is no variable (const) and cannot be assigned to"),
        ("let x = «g.x * 1.5»;", "type", "there is no '*' for u32 and AbstractFloat"),
        ("let x = «!g.x»;", "type", "there is no '!' for u32"),
        ("if «g.x» { }", "type", "a condition must be a bool, this is a u32"),
        ("while «1» { }", "type", "a condition must be a bool, this is an AbstractInt"),
        ("for (; «1u»; ) { }", "type", "a condition must be a bool, this is a u32"),
        ("switch «1.0» { default: { } }", "type", "a switch needs an i32 or u32, this is an AbstractFloat"),
        ("out[«1.5»] = 1.0;", "type", "an index must be an i32 or u32, this is an AbstractFloat"),
        ("let x = «g.x[0]»;", "type", "u32 cannot be indexed"),
        ("let x = g[«3»];", "type", "index 3 is outside of vec3<u32>: it has 3 elements"),
        ("while «(unknown + 1u)» { }", "condition", "a condition must be a bool, this is a number"),
        ("var v = 1u; const x = «v»;", "constant", "a 'const' needs a constant expression, 'v' is a var"),
        ("const x = 2.0 * half(f32(«g».x));", "constant", "a 'const' needs a constant expression, 'g' is a parameter"),
        ("let x = unknown; «x» = 2u;", "assignment", "'x' is a 'let' and cannot be assigned to"),
        ("let x = g.x << «32»;", "type", "a shift of u32 must be by 0 to 31, this is 32"),
        ("let b = Block(); let x = b.«scael»;", "member", "Block has no member 'scael'; did you mean 'scale'?"),
        ("let x = g.«w»;", "selection", "'w' is no selection from a vec3"),
        ("let x = g.x.«y»;", "member", "u32 has no members"),
        ("let x = «half»;", "type", "'half' is a function and no value"),
        ("let x = «WIDTH»(1);", "call", "'WIDTH' is no function"),
        ("var x: «WIDTH»;", "type", "'WIDTH' is no type but a const"),
        ("var x: array<u32, «1.5»>;", "type", "a count must be an i32 or u32, this is an AbstractFloat"),
        ("let x = «*g.x»;", "type", "'*' needs a pointer, this is a u32"),
        ("let v = 1u; let p = «&v»;", "type", "'v' is no variable and has no address"),
        ("let x = «workgroupBarrier()»;", "call", "'workgroupBarrier' returns no value"),
        ("storageBarrier(); let x = u32(«storageBarrier()»);", "call", "'storageBarrier' returns no value"),
        ("if true { return; «break»; }", "flow", "'break' stands in no loop and no switch"),
        ("switch 1 { default: { break; «continue»; } }", "flow", "'continue' stands in no loop"),
        ("loop { switch 1 { default: { } } break; continuing { loop { break; } «continue»; } }", "flow", "'conti"),
        ("loop { break; continuing { break if true; } } for (;;) { break; } while true { } «break»;", "flow", "'bre"),
        ("let x = «Block(1.0)»;", "few", "Block has more members than the 1 given"),
        ("switch g.x { case 1: { } case 2, «1u»: { } default: { } }", "type", "there is a case for 1 already"),
        ("«return 1.0»;", "type", "a function without a result type returns no value"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(body: str, kind: str, words: str) -> None:
    text, spans = marked(
        f"{HEAD}@compute @workgroup_size(1)\nfn main(@builtin(local_invocation_id) g: vec3u) {{ {body} }}\n"
    )
    told = found(text)
    told = [problem for problem in told if problem.kind != "name" or kind == "name"]
    if "return «" in body:
        told = [problem for problem in told if problem.kind == kind]
    assert [(problem.kind, problem.start, problem.end) for problem in told][:1] == [(kind, *spans[0])]
    assert told[0].message.startswith(words)
    assert len(told) == 1


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("fn f() -> u32 { if true { return 1; } «}»", "return", "'f' can end without returning a value"),
        ("fn f() -> u32 { «return»; }", "return", "a value must be returned (u32)"),
        ("fn f() {} fn «f»() {}", "redeclaration", "'f' is declared a second time"),
        ("fn f(a: u32, «a»: u32) {}", "redeclaration", "'a' is declared a second time in this scope"),
        ("struct S { a: u32, «a»: u32 }", "redeclaration", "'a' is declared a second time in this scope"),
        ("fn «f»() { g(); } fn g() { f(); }", "cycle", "this depends on itself: 'f' needs 'g' needs 'f'"),
        ("const «A» = B; const B = A;", "cycle", "this depends on itself: 'A' needs 'B' needs 'A'"),
        ("@compute @workgroup_size(«1.5») fn f() {}", "type", "'@workgroup_size' needs an i32 or u32"),
        ("var<workgroup> t: array<u32, «-1»>; fn f() { t[0] = 1u; }", "type", "a count must be at least 1, this is -1"),
        ("const_assert «1»;", "type", "a condition must be a bool"),
        ("const N = 4; const_assert «N == 5»;", "constant", "this const_assert fails: its condition is false"),
        ("@compute fn «f»() {}", "attribute", "'f' is a compute shader without @workgroup_size"),
        ("var<storage> «a»: array<u32>;", "attribute", "'a' is bound by the host and lacks @group and @binding"),
        (
            "@compute @workgroup_size(1) fn f(«@builtin(workgroup_id)» w: vec3f) {}",
            "type",
            "the builtin value 'workgroup_id' is a vec3<u32>, not a vec3<f32>",
        ),
        (
            "struct S { «@builtin(subgroup_size)» n: i32 }",
            "type",
            "the builtin value 'subgroup_size' is a u32, not an i32",
        ),
        (
            "@fragment fn f() -> «@builtin(frag_depth)» vec4f { return vec4f(); }",
            "type",
            "the builtin value 'frag_depth'",
        ),
        ("@group(0) var «a»: texture_2d<f32>;", "attribute", "'a' is bound by the host and lacks @binding"),
        (
            "@group(0) @binding(1) var<uniform> a: u32; const B = 1; @group(0) @binding(B) var<uniform> «b»: u32;"
            "fn g() -> u32 { return b; } @compute @workgroup_size(1) fn f() { _ = a + g(); }",
            "binding",
            "'b' is at @group(0) @binding(1) like 'a', and 'f' uses both",
        ),
    ],
)
def test_a_mistake_of_a_module_is_told_at_its_place(text: str, kind: str, words: str) -> None:
    plain, spans = marked(text)
    (problem,) = found(plain)
    assert (problem.kind, problem.start, problem.end) == (kind, *spans[0])
    assert problem.message.startswith(words)


@pytest.mark.parametrize(
    "text",
    [
        "override N: u32; var<workgroup> a: array<f32, N>; fn f(p: ptr<workgroup, array<f32, N>>) {} fn g() { f(&a); }",
        "struct S { a: Unknown, b: u32 } fn f(s: S) -> u32 { _ = s.a; return s.b; }",
        "fn f(x: Unknown) { let y = x + 1; if x { } let z = x.w[y]; }",
        "fn f() -> u32 { loop { return 1; } }",
        "fn f(x: u32) -> u32 { switch x { case 0: { return 1; } default: { return 2; } } }",
        "fn f() -> u32 { while true { } return 1; }",
        "fn f() { for (var i = 0; i < 2; i++) { let i = 1; _ = i; } }",
        "var<private> v: vec4f; fn f(p: ptr<private, vec4f>) { (*p).x = 1; p.y = 2; let q = p; *q = vec4f(); }",
        "fn f() { _ = false && (1 < 2u - 3u); _ = true || 4294967296 > 1i; }",
        "fn f() { var r = modf(1.5); const c = modf(2.5); r = c; }",
        "@group(0) @binding(1) var<uniform> a: u32; @group(0) @binding(1) var<uniform> b: u32; fn h() { _ = a; _ = b; }"
        "@compute @workgroup_size(1) fn f() { _ = a; } @compute @workgroup_size(1) fn g() { _ = b; }",
        "override N = 1; var<private> p: u32; @group(0) @binding(N) var<uniform> a: u32; const_assert 2 > 1;",
        "fn f(a: bool) { loop { if a { return; } } loop { continuing { break if a; } } for (; a; ) { } while a { } }",
        "fn f(a: u32) { loop { switch a { case 1u: { return; } default: { } } } for (;;) { if a > 1u { break; } } }",
        "fn f() { let two = 2; let one = 1; let x = two--one; }",
        "const A = 1; fn f() { let A = A; }",
        "alias V = vec3u; @vertex fn f(@builtin(vertex_index) w: T) {} fn g(@builtin(workgroup_id) v: V) {}",
    ],
)
def test_nothing_is_said_about_what_is_right_or_unknown(text: str) -> None:
    told = [problem for problem in found(text) if problem.kind != "name"]
    assert told == []
    assert parse(text).errors == []


def test_every_mistake_of_a_text_is_told_at_once() -> None:
    bodies = [
        "let a: u32 = 1.5;",
        "half(true);",
        "undeclared();",
        "let b = out.x;",
        "let c = 1u + 1i;",
        "if 1 { }",
        "let d = ",
    ]
    text = HEAD + "\n".join(f"fn f{index}() {{ {body} }}" for index, body in enumerate(bodies))
    lines = {text.count("\n", 0, problem.start) for problem in found(text)}
    first = HEAD.count("\n")
    assert lines == set(range(first, first + 6))
    assert [text.count("\n", 0, error.start) for error in parse(text).errors] == [first + 6]


@pytest.mark.parametrize(
    "head",
    [
        "for (vra i = 0u; i < 4u; i++) {",
        "for (i : u32 = 0u; i < 4u; i++) {",
        "for (u32 i = 0; i < 4u; i++) {",
        "for (var u32 i = 0; i < 4u; i++) {",
        "for i in range(4) {",
        "while (let i = out[0]) {",
    ],
)
def test_what_a_broken_head_seems_to_declare_is_not_missed(head: str) -> None:
    text = f"{HEAD}fn f() {{\n  {head}\n    out[i] = missing;\n  }}\n  out[0] = elsewhere;\n}}\n"
    told = FrontEnd().reading(SourceFile("", text)).problems
    assert [(one.kind, text[one.start : one.end]) for one in told if one.kind == "name"] == [
        ("name", "missing"),
        ("name", "elsewhere"),
    ]
    assert [one.kind for one in told].count("syntax") == 1


def test_what_is_found_in_a_declaration_is_kept_with_it() -> None:
    text = HEAD + "fn f() { let x: u32 = 1.5; }"
    first, second = found(text), found("\n\n" + text)
    assert [(one.start + 2, one.message) for one in first] == [(one.start, one.message) for one in second] != []


@pytest.mark.slow
def test_what_we_report_a_compiler_rejects(judge: Judge) -> None:
    """Precision 1.0: no problem in a text that is accepted; and how many of the rejected ones we report at all."""
    random_source = random.Random(3)
    texts = list(SAMPLES.values())
    for text in texts:
        assert found(text) == []
    n_rejected = n_reported = 0
    for _ in range(1200):
        text = mutated(random_source.choice(texts), random_source)
        answer = judge.ask(text)
        module = parse(text)
        told = problems(analyze(module))
        if answer["accepted"]:
            assert told == [], text
        elif not module.errors:
            n_rejected += 1
            n_reported += bool(told)
    assert n_rejected > 60
    assert n_reported >= 0.8 * n_rejected


def test_the_shader_family_has_no_problems() -> None:
    import wgsl_ls

    folder = Path(__file__).parents[1] / "shaders"
    expansion = wgsl_ls.expand(
        folder / "flash_attn_vec_reduce.wgsl", defines=["HEAD_DIM_V=64", "WG_SIZE=64", "DST_F32"]
    )
    assert not expansion.failed
    told = found(expansion.text)
    assert [problem for problem in told if problem.kind != "name"] == []


def test_names_declared_nowhere_are_compared_with_predeclared_ones_within_a_bound() -> None:
    near_predeclared.cache_clear()
    text = "".join(f"const c{index} = unheard{index};\n" for index in range(3000))
    reading = finished(FrontEnd().reading_steps(SourceFile("", text)))
    assert len(reading.problems) == 3000
    assert near_predeclared.cache_info().misses * len(PREDECLARED) <= MOST_COMPARED


def test_nothing_is_sure_of_a_text_that_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.wgsl.parser.LONGEST_READ", 60)
    reading = FrontEnd().reading(SourceFile("", "const a = b;\nconst a = 1;\nconst = 1;\n" + "const b = 2;\n" * 9))
    assert [(one.kind, one.start) for one in reading.problems] == [("unread", 50)]
