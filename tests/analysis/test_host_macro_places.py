"""A macro of the host may stand anywhere in a text: nothing is wrong there, and the rest of the file is judged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.analysis.test_guesses import HEAD, said, stops_at_the_first_error_of_syntax
from wgsl_ls.wire.jobs import Accepted, Bridged, CompileJob, CompileResult

REST = "\nfn rest() { let z: i32 = 3u; }\n"
WRONG_IN_THE_REST = ("wgsl/type", "3u")

AT_MODULE_SCOPE = """
enable MORE; | enable f16, MORE; | enable MORE, f16; | requires MORE; | diagnostic(MORE, derivative_uniformity);
diagnostic(off, MORE); | diagnostic(off, derivative_uniformity) MORE;
MORE enable f16; | MORE; | MORE | MORE MORE2 | MORE; MORE2; | var<workgroup> MORE; | var<workgroup> MORE
var<MORE> x: u32; | var<MORE> y: array<u32, 4>; | var MORE x: u32; | var<workgroup> x MORE; | var<workgroup> x: MORE;
var<workgroup> x: u32 MORE; | var<private> x = MORE; | var MORE; | var MORE | MORE x: u32;
MORE var<workgroup> x: u32; | @group(0) @binding(1) MORE; | @group(0) @binding(1) MORE
@group(MORE) @binding(MORE2) var<storage> x: u32; | @MORE var<private> x: u32; | @MORE(1) var<private> x: u32;
@group(0) MORE var<storage> x: u32; | @group(0) @binding MORE var<storage> x: u32;
const x = MORE; | const x: MORE = 1u; | const MORE; | const MORE | const x MORE; | const x = 1u MORE;
const x = 1u MORE 2u; | const x MORE 1u; | MORE x = 1u; | MORE const x = 1u; | override MORE;
override x: u32 = MORE; | override x MORE; | @id(MORE) override x: u32; | @MORE override x: u32; | alias T = MORE;
alias MORE; | alias T MORE; | const_assert MORE; | const_assert MORE > 1; | const_assert(MORE); | MORE(1);
struct P MORE | struct P { MORE } | struct P { MORE, } | struct P { MORE a: u32 } | struct P { a: u32, MORE }
struct P { MORE, a: u32 } | struct P { a: u32 MORE } | struct P { a: u32 MORE, b: u32 }
struct P { a: u32, MORE b: u32 } | struct P { a: MORE } | struct P { a MORE } | struct P { @MORE a: u32 }
struct P { @align(MORE) a: u32 } | struct P { @size(MORE) a: u32 } | struct MORE | MORE struct P { a: u32 }
struct P { a: array<u32, MORE> } | struct P { MORE MORE2 } | struct P { @MORE(4) a: u32 }
struct P { a: u32, MORE, b: u32 }
fn f MORE { } | fn f() MORE { } | fn f() -> MORE { return MORE(1); } | fn f() MORE u32 { return 1u; }
fn f() -> u32 MORE { return 1u; } | fn f() -> @MORE u32 { return 1u; } | fn f() MORE | fn MORE | fn MORE { }
MORE fn f() { } | MORE f() { } | @MORE fn f() { } | @compute MORE fn f() { } | @compute @MORE fn f() { }
@compute @workgroup_size(MORE) fn f() { } | @compute @workgroup_size(1, MORE, MORE2) fn f() { }
@compute @workgroup_size MORE fn f() { } | @MORE @workgroup_size(1) fn f() { } | @workgroup_size(1) MORE fn f() { }
@compute @workgroup_size(1) MORE | @MORE(1) fn f() { } | @MORE(1, 2) fn f() { }
fn f(MORE) { } | fn f(MORE,) { } | fn f(a: u32, MORE) { } | fn f(MORE, a: u32) { } | fn f(a: u32 MORE) { }
fn f(MORE a: u32) { } | fn f(a: u32, MORE b: u32) { } | fn f(a: MORE) { } | fn f(a MORE) { } | fn f(@MORE a: u32) { }
fn f(@builtin(MORE) a: vec3<u32>) { } | fn f(@location(MORE) a: u32) { } | fn f(a: ptr<function, MORE>) { }
fn f(a: ptr<MORE, u32>) { } | fn f(a: ptr<storage, u32, MORE>) { } | fn f(a: MORE<u32>) { } | fn f(a: vec4<MORE>) { }
fn f(a: vec4 MORE) { } | fn f(a: array<u32, MORE>) { } | fn f(a: array<MORE, 4>) { } | fn f(a: array<MORE>) { }
fn f(a: atomic<MORE>) { } | fn f(a: texture_storage_2d<MORE, write>) { }
fn f(a: texture_storage_2d<r32float, MORE>) { } | fn f(a: texture_2d<MORE>) { } | fn f(a: array<vec4<MORE>, 4>) { }
fn f(a: vec4<u32, MORE>) { } | fn f(a: array<u32 MORE>) { } | fn f(a: mat4x4<MORE>) { }
fn f(a: ptr<function MORE>) { }
"""

IN_A_FUNCTION = """
MORE; | MORE | MORE MORE2 | MORE MORE2; | MORE { r[0] = 1u; } | if (MORE) { } | if MORE { } | if (r[0] == 1u MORE) { }
if (r[0] MORE 1u) { } | if (MORE r[0] == 1u) { } | if r[0] == 1u MORE | if (r[0] == 1u) MORE
if (r[0] == 1u) { } MORE | if (r[0] == 1u) { } else MORE | if (r[0] == 1u) { } else MORE { }
if (r[0] == 1u) { } else if MORE { } | if (r[0] == 1u) { } MORE { } | MORE if (r[0] == 1u) { }
for (MORE) { } | for MORE { } | for (MORE; r[0] < 4u; ) { } | for (var i = 0u; MORE; i++) { }
for (var i = 0u; i < 4u; MORE) { } | for (var MORE; r[0] < 4u; ) { } | for (var i = 0u; i < MORE; i++) { }
for (var i = 0u; i < 4u; i++) MORE | for (var i = 0u; i MORE; i++) { } | for (var i = 0u MORE i++) { }
for (var i = 0u; i < 4u; i MORE) { } | for (var i = 0u; i < 4u MORE; i++) { } | for (MORE i < 4u; i++) { }
while (MORE) { } | while MORE { } | while (r[0] == 1u) MORE | while (r[0] MORE) { } | loop { MORE } | loop { MORE; }
loop MORE | loop { break; continuing { MORE } } | loop { continuing { break if MORE; } }
loop { break; continuing MORE } | loop { continuing { MORE if r[0] == 1u; } }
loop { if (r[0] == 1u) { MORE } break; } | loop { if (r[0] == 1u) { break; } MORE }
switch (MORE) { default: { } } | switch MORE { default: { } } | switch r[0] { MORE }
switch r[0] { MORE default: { } } | switch r[0] { case MORE: { } default: { } }
switch r[0] { case MORE { } default: { } } | switch r[0] { case 1u, MORE: { } default: { } }
switch r[0] { case MORE, MORE2: { } default: { } } | switch r[0] { MORE: { } default: { } }
switch r[0] { MORE { } default: { } } | switch r[0] { case 1u: MORE default: { } } | switch r[0] { default: MORE }
switch r[0] { case 1u MORE: { } default: { } } | switch r[0] MORE | switch r[0] { case 1u: { MORE } default: { } }
switch r[0] { default: { } MORE } | switch r[0] { case 1u: { } MORE: { } default: { } }
switch r[0] { case MORE + 1: { } default: { } } | switch r[0] { case (MORE): { } default: { } }
return MORE; | MORE return; | let x = MORE; | let x: MORE = MORE(1); | let MORE; | let MORE | let x MORE;
let x MORE 1u; | MORE x = 1u; | MORE x: u32 = 1u; | MORE let x = 1u; | var MORE; | var MORE | var x MORE;
var x: MORE; | var x: array<MORE, 4>; | var x: array<u32, MORE>; | var<MORE> x = 1u; | var MORE x = 1u;
var x = 1u MORE; | const x = MORE; | const MORE;
r[0] MORE r[1]; | r[0] MORE= r[1]; | r[0] = MORE r[1]; | r[0] = r[1] MORE; | r[0] = r[1] MORE r[2]; | r[0] MORE = 1u;
MORE r[0] = 1u; | r[0] MORE; | r MORE = 1u; | r[MORE] = 1u; | r[0 MORE] = 1u; | r[MORE 0] = 1u; | r[0] = MORE;
r[0] = (MORE); | r[0] = -MORE; | r[0] = MORE + 1u; | r[0] = 1u + MORE; | r[0] = MORE(1); | r[0] = MORE(r[1]);
r[0] = MORE<u32>(r[1]); | r[0] = MORE[0]; | r[0] = MORE.x; | r[0] = MORE MORE2; | r[0] = MORE r[1] MORE2; | MORE = 4u;
MORE += 4u; | MORE++; | MORE[0] = 1u; | MORE.x = 1u; | *MORE = 1u; | _ = MORE; | _ MORE; | MORE(1u); | MORE();
g(MORE); | g(1u MORE); | g(MORE 1u); | g MORE; | MORE g(1u); | g(1u) MORE; | g(1u) MORE | r[0] = g MORE;
r[0] = vec2<u32>(1u, 2u).MORE; | r[0] = vec2<u32>(1u, 2u) MORE; | r[0] = bitcast<MORE>(1u);
r[0] = array<u32, MORE>()[0]; | r[0] = array<MORE, 2>()[0]; | r[0] = array(MORE)[0]; | r[0] = vec2(MORE).x;
r[0] = vec2<MORE>(1, 1).x; | r[0] = select(1u, 2u, MORE); | r[0] = select(1u, 2u MORE); | r[0] = min(MORE, 1u);
r[0] = r[1] + MORE r[2]; | r[0] = (r[1] MORE); | r[0] = (MORE r[1]); | r[0] = !MORE; | r[0] = &MORE;
const_assert MORE; | const_assert 1 MORE; | @MORE { } | @MORE if (r[0] == 1u) { } | { MORE } | { MORE; } | MORE { }
discard MORE; | r[0] += MORE; | r[0] <<= MORE; | r[0] = r[1] << MORE; | r[0] = 1 MORE; | MORE MORE2 MORE3;
if (r[0] == 1u) { MORE } else { MORE2 } | MORE: u32 = 1u; | let x: u32 MORE; | let x: u32 = MORE r[1] + 1u;
"""


def texts() -> Iterator[str]:
    for one in AT_MODULE_SCOPE.replace("\n", " | ").strip(" |").split(" | "):
        is_directive = one.startswith(("enable", "requires", "diagnostic", "MORE enable"))
        yield one + "\n" + HEAD if is_directive else HEAD + one + "\n"
    for one in IN_A_FUNCTION.replace("\n", " | ").strip(" |").split(" | "):
        yield f"{HEAD}fn g(a: u32) -> u32 {{ return a; }}\nfn main() {{\n  {one}\n}}\n"


@pytest.mark.parametrize("text", list(texts()))
def test_wherever_it_stands_only_the_rest_is_wrong(text: str) -> None:
    (first, _), *others = said(text + REST, stops_at_the_first_error_of_syntax)
    assert (first, others) == ("variants/undeclared", [WRONG_IN_THE_REST])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What is declared is no macro.
        (HEAD + "var<private> MORE: u32;", []),
        (HEAD + "const MORE = 1u;", []),
        (HEAD + "struct MORE { a: u32 }", []),
        (HEAD + "fn f(MORE: u32) { }", []),
        # A `;` is missing more often than a macro brings it.
        ("enable MORE\n" + HEAD, [("variants/undeclared", "MORE"), ("wgsl/syntax", "MORE")]),
        (HEAD + "fn f() -> u32 { return MORE }", [("variants/undeclared", "MORE"), ("wgsl/parse", "}")]),
        (HEAD + "fn f() { let x = MORE }", [("variants/undeclared", "MORE"), ("wgsl/parse", "}")]),
        # Nor does one take an argument away.
        (HEAD + "fn g(a: u32) { }\nfn f() { g(1u, MORE); }",
         [("variants/undeclared", "MORE"), ("wgsl/type", "g(1u, MORE)")]),
        # An override needs a type or a value, whatever its name is.
        (HEAD + "override tile;", [("wgsl/parse", ";")]),
    ],
)  # fmt: skip
def test_what_is_declared_or_half_written_is_no_macro(text: str, expected: list[tuple[str, str]]) -> None:
    assert said(text, stops_at_the_first_error_of_syntax) == expected


def test_what_an_engine_does_not_know_of_our_own_stand_in_is_not_told() -> None:
    def bridges(job: CompileJob) -> CompileResult:
        at = job.text.index("diagnostic")
        known = job.text.index("requires")
        return Accepted(
            bridged=(Bridged("diagnostic-rule", at, at + 10, "refused"), Bridged("enable", known, known + 8, "refused"))
        )

    text = "requires pointer_composite_access;\n" + HEAD + "fn f() { @MORE { } }\n"
    assert said(text, bridges) == [("portability/enable", "requires"), ("variants/undeclared", "MORE")]
