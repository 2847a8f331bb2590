from __future__ import annotations

from pathlib import Path

import pytest

from wgsl_ls.wgsl.overloads import overloads_of
from wgsl_ls.wgsl.parser import ParseCache, parse
from wgsl_ls.wgsl.symbols import Analysis, Symbol, analyze

SAMPLES = {path.name: path.read_text() for path in sorted((Path(__file__).parent / "samples").glob("*.wgsl"))}


def analyzed(text: str) -> Analysis:
    return analyze(parse(text, ParseCache()))


def at_cursor(marked: str) -> tuple[Analysis, int]:
    """`$0` marks the place asked about."""
    offset = marked.index("$0")
    return analyzed(marked.replace("$0", "")), offset


def symbol_at(marked: str) -> Symbol:
    analysis, offset = at_cursor(marked)
    symbol = analysis.symbol_at(offset)
    assert symbol is not None
    return symbol


@pytest.mark.parametrize("name", SAMPLES)
def test_every_name_of_the_samples_is_resolved_and_typed(name: str) -> None:
    analysis = analyzed(SAMPLES[name])
    assert analysis.unresolved == []
    assert [symbol.name for symbol in analysis.locals if symbol.type is None] == []
    for occurrence in analysis.occurrences:
        assert SAMPLES[name][occurrence.start : occurrence.end] == occurrence.name


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1", "i32"),
        ("1.5", "f32"),
        ("0x1p2", "f32"),
        ("1 + 2.0", "f32"),
        ("half * 2", "f16"),
        ("select(0.0, 1.0, flag)", "f32"),
        ("1 << count", "i32"),
        ("count << 2", "u32"),
        ("array(1, 2, 3)[count]", "i32"),
        ("array(1, 2.5, 3)", "array<f32, 3>"),
        ("vec3(1, 2, 3)", "vec3<i32>"),
        ("vec3(half)", "vec3<f16>"),
        ("vec4<f32>(1).xy", "vec2<f32>"),
        ("item.position.zyx", "vec3<f32>"),
        ("item.weights[1]", "f16"),
        ("&item", "ptr<function, Item>"),
        ("&shared_items[0].position", "ptr<workgroup, vec3<f32>>"),
        ("&data[1]", "ptr<storage, u32, read_write>"),
        ("(*slot).position", "vec3<f32>"),
        ("slot.weights", "array<f16, 2>"),
        ("-vec2(1, 2)", "vec2<i32>"),
        ("!(count < 2)", "bool"),
        ("matrix * vec2(1, 2)", "vec3<f32>"),
        ("matrix[1].x", "f32"),
        ("helper(1)", "vec2<f32>"),
        ("Item()", "Item"),
        ("Short(1, 2)", "vec2<f16>"),
        ("bitcast<vec2<f16>>(count)", "vec2<f16>"),
        ("atomicAdd(&hits, 1)", "u32"),
        ("atomicCompareExchangeWeak(&hits, 1, 2).old_value", "u32"),
        ("modf(1.5).fract", "f32"),
        ("frexp(half).exp", "i32"),
        ("arrayLength(&data)", "u32"),
        ("workgroupUniformLoad(&shared_count)", "i32"),
        ("SIZE", "i32"),
        ("RATE", "f32"),
        ("all(vec2(flag)) && flag", "bool"),
        ("max(count, 1)", "u32"),
        ("f32(count) * 0.5", "f32"),
        ("mat2x2(1, 2, 3, 4)", "mat2x2<f32>"),
        ("vec2<bool>()", "vec2<bool>"),
    ],
)
def test_inferred_types(expression: str, expected: str) -> None:
    text = f"""
    enable f16;
    struct Item {{ position: vec3<f32>, weights: array<f16, 2> }}
    alias Short = vec2<f16>;
    const SIZE = 4;
    const RATE = SIZE * 0.5;
    @group(0) @binding(0) var<storage, read_write> data: array<u32>;
    var<workgroup> shared_items: array<Item, SIZE>;
    var<workgroup> shared_count: i32;
    var<workgroup> hits: atomic<u32>;
    fn helper(x: f32) -> vec2f {{ return vec2(x); }}
    fn f(slot: ptr<function, Item>, half: f16, count: u32, flag: bool, matrix: mat2x3<f32>) {{
        var item: Item;
        let asked = {expression};
    }}
    """
    analysis = analyzed(text)
    assert analysis.unresolved == []
    (asked,) = (symbol for symbol in analysis.locals if symbol.name == "asked")
    assert str(asked.type) == expected


def test_constants_stay_abstract_and_have_values() -> None:
    analysis = analyzed("const A = 3 * 2; fn f() { const b = A + 0.5; let c = b; }")
    found = {symbol.name: (str(symbol.type), str(symbol.value)) for symbol in analysis.locals}
    assert found == {"b": ("AbstractFloat", "6.5"), "c": ("f32", "None")}
    assert str(analysis.global_symbol("A").value) == "6"  # type: ignore[union-attr]


def test_inner_declarations_shadow_outer_ones() -> None:
    text = "const x = 1; fn f(x: f32) { { let x = x > 1; _ = x; } let y = x; } fn g() { _ = x; }"
    analysis = analyzed(text)
    places = [index + 4 for index in range(len(text)) if text.startswith("_ = x", index)]
    kinds = [analysis.symbol_at(place).kind for place in places]  # type: ignore[union-attr]
    assert kinds == ["let", "const"]
    inner = analysis.symbol_at(text.index("x > 1"))
    assert inner and inner.kind == "parameter"


def test_a_name_means_itself_only_behind_its_declaration() -> None:
    assert symbol_at("const a = 1; fn f() { let a = $0a + 1; }").kind == "const"
    assert symbol_at("fn f() { for (var i = 0; $0i < 3; i++) { } }").kind == "var"
    assert symbol_at("fn f() { loop { let a = 1; continuing { break if $0a > 0; } } }").kind == "let"


def test_members_belong_to_their_struct() -> None:
    text = "struct A { v: B } struct B { n: u32 } fn f(a: ptr<function, A>) -> u32 { return a.v.$0n + (*a).v.n; }"
    symbol = symbol_at(text)
    assert (symbol.kind, symbol.owner, str(symbol.type)) == ("member", "B", "u32")
    analysis = analyzed(text.replace("$0", ""))
    assert len([use for use in analysis.occurrences if use.symbol == symbol]) == 3


def test_uses_are_found_across_declarations() -> None:
    text = "const N = 4; var<private> a: array<f32, N>; fn f() { let N = 1; _ = N; } fn g() -> i32 { return N; }"
    analysis = analyzed(text)
    symbol = analysis.global_symbol("N")
    assert symbol
    uses = [use.start for use in analysis.occurrences if use.symbol == symbol and not use.is_declaration]
    assert uses == [text.index("N>"), text.rindex("N")]


def test_unresolved_names_come_with_candidates() -> None:
    analysis = analyzed("var<private> scale: f32; fn f() { let sclae2 = scal * clmp(1, 2, 3); } fn g() -> vec3u { }")
    assert [(unknown.name, unknown.candidates[0]) for unknown in analysis.unresolved] == [
        ("scal", "scale"),
        ("clmp", "clamp"),
    ]


def test_names_of_attributes_are_not_variables() -> None:
    text = "@fragment fn f(@builtin(position) p: vec4f, @location(0) @interpolate(flat) i: u32) { }"
    assert analyzed(text).unresolved == []


def test_scope_lists_inner_names_first() -> None:
    analysis, offset = at_cursor("const g = 1; fn f(p: i32) { let a = 1; { let b = 2; $0 } let c = 3; }")
    assert [symbol.name for symbol in analysis.scope_at(offset)] == ["b", "a", "p", "g", "f"]


def test_the_call_around_a_place() -> None:
    analysis, offset = at_cursor("fn g(a: f32, b: f32) { } fn f() { g(max(1, 2), $0 ")
    found = analysis.call_at(offset)
    assert found and (found[0].name, found[1]) == ("g", 1)
    analysis, offset = at_cursor("fn f() { let a = max(1, min($02, 3)); }")
    found = analysis.call_at(offset)
    assert found and (found[0].name, found[1], str(found[0].type)) == ("min", 0, "AbstractInt")


def test_type_of_the_innermost_expression() -> None:
    analysis, offset = at_cursor("fn f(v: vec3<f32>) { let a = v.x * $0v.y; }")
    found = analysis.type_at(offset)
    assert found and str(found[1]) == "vec3<f32>"


def test_half_written_code_keeps_its_meaning() -> None:
    analysis, _ = at_cursor("struct S { a: f32, b: u32 } fn f(s: S) { let x = s.$0\n let y = x; }")
    assert [symbol.name for symbol in analysis.locals] == ["s", "x", "y"]


def test_cycles_end() -> None:
    analysis = analyzed("const a = b; const b = a; struct S { t: T } struct T { s: S } fn f() { f(); }")
    assert analysis.unresolved == [] and analysis.global_symbol("a") is not None


def test_redeclared_globals_are_named() -> None:
    analysis = analyzed("const a = 1; fn a() { }")
    assert [(occurrence.name, occurrence.start) for occurrence in analysis.redeclared] == [("a", 16)]


def test_only_what_depends_on_a_change_is_analysed_again() -> None:
    cache = ParseCache()
    text = SAMPLES["tile.wgsl"]
    first = analyze(parse(text, cache))
    assert first.globals.n_analyzed > 10
    again = analyze(parse("// a comment\n" + text, cache))
    assert again.globals.n_analyzed == 0
    body = analyze(parse(text.replace("sizes.scale > 0.0", "sizes.scale > 1.0"), cache))
    assert body.globals.n_analyzed == 2  # its signature and its body; the callers see no difference
    # TILE is used by WIDTH, `scores` and main; what only uses WIDTH's type stays.
    constant = analyze(parse(text.replace("const TILE = 8u;", "const TILE = 16u;"), cache))
    assert 4 <= constant.globals.n_analyzed <= 6
    scores = constant.global_symbol("scores")
    assert scores and str(scores.type) == "array<f32, 1024>"


def test_symbols_move_with_their_text() -> None:
    cache = ParseCache()
    before = analyze(parse(SAMPLES["tile.wgsl"], cache)).global_symbol("main")
    after = analyze(parse("const extra = 1;\n" + SAMPLES["tile.wgsl"], cache)).global_symbol("main")
    assert before and after and after.start == before.start + len("const extra = 1;\n")


def test_long_and_deep_expressions_end_in_answers() -> None:
    long_sum = " + ".join(["1"] * 5000)
    deep = "(" * 300 + "1" + ")" * 300
    text = f"const a = {long_sum}; fn f(p: array<f32, {long_sum}>) {{ let b = a; let c = {deep}; }} const d = 1;"
    analysis = analyzed(text)
    assert [str(symbol.type) for symbol in analysis.locals[1:]] == ["i32", "i32"]
    assert analysis.global_symbol("d") is not None


def test_long_chains_of_constants_never_raise() -> None:
    text = "const a0 = 1;" + "".join(f"const a{number} = a{number - 1} + 1;" for number in range(1, 1500))
    forwards = analyzed(text).global_symbol("a1499")
    assert forwards and str(forwards.value) == "1500"
    backwards = analyzed("\n".join(reversed(text.split(";"))).replace("\n", ";") + ";")
    assert backwards.global_symbol("a0") is not None


def test_a_call_knows_its_overload() -> None:
    analysis = analyzed("fn f(a: vec2<f32>) { let x = max(a, vec2(1)); let y = max(1, ); let z = vec3(a, 1); }")
    labels = [
        overloads_of(call.name)[call.overload].parameter_labels if call.overload is not None else ()
        for call in analysis.calls
    ]
    assert labels == [
        ("e1: vecN<T>", "e2: vecN<T>"),
        ("e: T",),
        (),
        ("xy: vec2<T>", "z: T"),
    ]
