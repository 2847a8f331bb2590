"""What stands in for a macro of the host is chosen by place, and makes the rest of a text compile."""

from __future__ import annotations

import pytest

from wgsl_ls.analysis.stand_ins import rests_on, stand_ins
from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.problems import problems
from wgsl_ls.wgsl.symbols import analyze

TEXT = """@group(0) @binding(0) var<storage, read_write> out: array<DST_TYPE>;
var<workgroup> tile: array<vec4<KV_TYPE>, TILE * 2>;
fn scaled(x: DST_TYPE, p: ptr<function, P_TYPE>) -> R_TYPE { return R_TYPE(x) * SCALE; }
@compute @workgroup_size(WG_SIZE)
fn main(@builtin(local_invocation_index) i: u32) {
  var p = P_TYPE(1);
  for (var k = i; k < LIMIT; k += WG_SIZE) { out[k] = scaled(DST_TYPE(k), &p); }
  switch i { case OP_ADD: { } case OP_MUL, 3: { } default: { } }
  tile[i / TILE] = vec4<KV_TYPE>();
}
"""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DST_TYPE", "f32"), ("KV_TYPE", "f32"), ("P_TYPE", "f32"), ("R_TYPE", "f32"), ("TILE", "8"), ("SCALE", "8"),
        ("WG_SIZE", "8"), ("LIMIT", "8"), ("OP_ADD", "1001"), ("OP_MUL", "1002"),
    ],
)  # fmt: skip
def test_the_value_is_chosen_by_the_place(name: str, value: str) -> None:
    analysis = analyze(parse(TEXT))
    assert dict(stand_ins(analysis, [one.name for one in analysis.unresolved]).defines)[name] == value


def test_with_stand_ins_nothing_is_left_to_complain_about() -> None:
    analysis = analyze(parse(TEXT))
    found = stand_ins(analysis, [one.name for one in analysis.unresolved])
    assert [TEXT[place.start : place.end] for place in found.places] == [one.name for one in analysis.unresolved]
    text = TEXT
    values = dict(found.defines)
    for place in reversed(found.places):
        text = text[: place.start] + values[text[place.start : place.end]] + text[place.end :]
    module = parse(text)
    assert module.errors == []
    assert problems(analyze(module)) == []


def test_only_what_is_asked_for_gets_a_value() -> None:
    found = stand_ins(analyze(parse(TEXT)), ["TILE", "NOT_THERE"])
    assert found.defines == (("TILE", "8"), ("NOT_THERE", "8"))
    assert {TEXT[place.start : place.end] for place in found.places} == {"TILE"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("fn f(p: ptr<A, B, C>) {}", {"A": "function", "B": "f32", "C": "read"}),
        ("var<A> x: u32; var<storage, B> y: C;", {"A": "private", "B": "read", "C": "f32"}),
        ("fn f(t: texture_storage_2d<A, B>) {}", {"A": "rgba8unorm", "B": "read"}),
        ("var<workgroup> n: atomic<A>; var<workgroup> m: array<B, C>;", {"A": "u32", "B": "f32", "C": "8"}),
        ("fn f() { let v: A<u32> = A<u32>(1); }", {"A": "vec2"}),
        ("fn f() { A(1u); B = 2u; _ = C[0]; _ = D.x; }", {"A": "_ = u32", "B": "_", "C": "vec4(8)", "D": "vec4(8)"}),
        ("const_assert(A); fn f() { if (B) { } else if C { } while D { } for (; E; ) { } }",
         {"A": "true", "B": "false", "C": "false", "D": "false", "E": "false"}),
        ("fn f() { loop { continuing { break if A; } } let x = !B; let y = C && (D); }",
         {"A": "false", "B": "false", "C": "false", "D": "false"}),
        ("alias X = A; fn f(p: B) -> C { var v: D; } struct S { m: E }",
         {"A": "f32", "B": "f32", "C": "f32", "D": "f32", "E": "f32"}),
        # Of a name that stands in several places one value has to do.
        ("fn f() { if (A) { let x = A + 1; } }", {"A": "8"}),
        ("const_assert A; fn f() { if (A) { } }", {"A": "true"}),
    ],
)  # fmt: skip
def test_every_kind_of_place_has_its_own_value(text: str, values: dict[str, str]) -> None:
    assert dict(stand_ins(analyze(parse(text)), values).defines) == values


def test_a_member_of_that_name_is_one_of_its_places() -> None:
    text = "fn f(p: P) { let x = p.MORE + MORE; }\n"
    found = stand_ins(analyze(parse(text)), ["MORE"])
    assert [place.start for place in found.places] == [text.index("MORE"), text.rindex("MORE")]


def test_what_is_no_declaration_may_rest_on_anything() -> None:
    rests = rests_on(analyze(parse("}}}\nconst a = 1;\nconst b = N;\n")), ["N"])
    assert [rests(Span(at, at + 1)) for at in (0, 10, 23)] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "rests_there"),
    [
        # A parameter is what it is, whatever else the head says.
        ("fn f(v: vec3f @, w: N) -> N { }", False),
        ("fn f(v: vec3f, w: N @) { }", True),
        ("fn f(v: vec3f) -> N @ { }", True),
        ("fn f @(v: N) { }", True),
        # A local of another function, and a member, may have the name of what rests on one.
        ("fn f() { let m = N; }\nfn g(p: P) { let k = p.m @; }", False),
        ("fn f() { let m = N; }\nfn g() { let m = 1; let k = m @; }", False),
        ("fn f() { let m = N; let k = m @; }", True),
        ("const m = N;\nfn g() { let k = m @; }", True),
        ("const m = N;\nfn g(m: u32) { let k = m @; }", False),
        ("struct P { m: N }\nfn g(p: P) { let k = p.m @; }", True),
        ("struct P { m: u32, n: N }\nfn g(p: P) { let k = p.m @; }", False),
        ("fn g(m: N) { let k = m @; }", True),
        # A member depends on what it is chosen from, and on nothing beside it.
        ("fn g(p: P) { let k = N + p.mm @; }", True),
        ("fn g(p: P) { let k = N + p.@m; }", False),
        ("fn g(p: P) { let m = N; let k = m.@m; }", True),
        # What is missing may be anything of that name.
        ("fn g(p: P) { let k = p.N @; }", True),
    ],
)
def test_names_are_told_apart_by_their_scopes(text: str, rests_there: bool) -> None:
    at = text.index("@") - (2 if " @" in text else 0)
    text = text.replace(" @", "").replace("@", "")
    assert rests_on(analyze(parse(text)), ["N"])(Span(at, at + 1)) == rests_there
