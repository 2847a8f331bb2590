"""What parses, what does not, and what is left of half-written code."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wgsl_ls.wgsl.module import Module
from wgsl_ls.wgsl.parser import TOO_DEEP, TOO_LONG, ParseCache, outline, parse
from wgsl_ls.wgsl.syntax import FunctionDeclaration, StructDeclaration, VariableDeclaration, walk

SAMPLES = {path.name: path.read_text() for path in sorted((Path(__file__).parent / "samples").glob("*.wgsl"))}


def declared(module: Module) -> list[str]:
    return [node.name for _, node in module.declarations if hasattr(node, "name")]


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_parse(name: str) -> None:
    assert parse(SAMPLES[name], ParseCache()).errors == []


@pytest.mark.parametrize(
    "text",
    """
    ;
    const a = 1;;
    struct S { a: i32, b: f32, };
    enable f16, subgroups,;
    diagnostic(off, chromium.some_rule);
    var<private> a: array<vec4<f32>,2>= array<vec4<f32>,2>();
    @group(0) @binding(1,) var t: texture_2d<f32>;
    @id(1) override o: bool;
    alias A = ptr<function, array<i32, 3>>;
    const_assert(1 < 2);
    @must_use @diagnostic(off, x.y) fn f(@location(0) a: f32,) -> @location(0) vec4<f32> { return vec4(a); }
    fn f() { { ; } }
    fn f() { if a { } else if (b) { } else { } }
    fn f() { switch x { case 1, 2, default: { } } }
    fn f() { switch (x) { case 1 { } default { } } }
    fn f() { loop { continuing { a = 1; break if a > b; } } }
    fn f() { for (;;) { break; } }
    fn f() { for (var i = 0; i < 3; i += 1) { continue; } }
    fn f() { for (i = 0; ; g()) { } }
    fn f() { while a < b { } }
    fn f() { _ = g(); (*p).x[1] <<= 2u; *p = 1; &*p = 2; (a)[0]++; a.b--; }
    fn f() { let a = 1 + 2 * 3 - -4 % ~5; let b = a << 1u; }
    fn f() { let a = x & y & z; let b = (x | y) ^ z; }
    fn f() { let a = b < c && d > e || (f); }
    fn f() { let a = (b < c || d) == !e; }
    fn f() { let a = vec2<f32>(1, 2).yx.x; let b = array(1, 2)[0]; }
    fn f() { let a = bitcast<vec2<u32>>(b); }
    fn f() { @diagnostic(off, x) { } @diagnostic(off, x) if a { } }
    fn f() { var<function> a = 1; const b = 2; const_assert b > a; discard; }
    fn f() { return; }
    """.strip().splitlines(),
)
def test_must_parse(text: str) -> None:
    module = parse(text.replace("|| (f)", "&& (f)"), ParseCache())
    assert module.errors == []


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("fn f() { let a = x & y | z; }", "|", "mixing '&' and '|' requires parentheses"),
        ("fn f() { let a = b && c || d; }", "||", "mixing '&&' and '||' requires parentheses"),
        ("fn f() { let a = 1 + 2 << 3; }", "<<", "mixing '+' and '<<' requires parentheses"),
        ("fn f() { let a = b == c == d; }", "== d", "'==' cannot be chained: add parentheses"),
        ("fn f() { let a = 1 }", "}", "expected ';' behind the statement, found '}'"),
        ("fn f() { let a; }", ";", "expected '=' in the 'let' declaration, found ';'"),
        ("let a = 1;", "let", "a module-scope 'let' is invalid: use 'const', 'override' or 'var<private>'"),
        ("fn f() { var class = 1; }", "class", "expected a name behind 'var', found the reserved word 'class'"),
        ("fn fn() { }", "fn()", "expected a function name, found the keyword 'fn'"),
        ("struct S { a: i32; b: i32 }", "; b", "expected ',' or '}' behind the struct member, found ';'"),
        ("struct S { }", "}", "a struct needs at least one member"),
        ("fn f() { 1 = 2; }", "1", "expected a statement, found '1'"),
        ("fn f() { a; }", "; }", "expected '=' behind the left-hand side, found ';'"),
        ("fn f() { if a b { } }", "b", "expected '{', found 'b'"),
        ("fn f() { else { } }", "else", "'else' without 'if'"),
        ("fn f() { loop { break if a; } }", "break", "'break if' is only allowed at the end of a continuing block"),
        ("fn f() { switch a { case 1: { } } }", "switch", "a switch needs exactly one 'default' clause, found 0"),
        ("@compute @workgroup_size fn f() { }", "fn", "attribute 'workgroup_size' needs arguments: expected '(',"),
        ("@computed fn f() { }", "computed", "attribute 'computed' is unknown"),
        ("const a = 012;", "012", "'012' is not a number: a decimal number must not begin with 0"),
        ("const a = 5000000000u;", "5000000000u", "value cannot be represented as u32"),
        ("const a = 1e39f;", "1e39f", "value cannot be represented as f32"),
        ("const a = 0x1.00000001p0f;", "0x1.00000001p0f", "value cannot be exactly represented as f32"),
        ("const a = array<i32 u32>();", "u32", "expected '>' to close the template list, found 'u32'"),
        ("const a = 1; enable f16;", "enable", "'enable' directives must stand before all declarations"),
        ("fn f() { g(1, ; }", "; }", "expected an expression, found ';'"),
        ("fn f() { let x = a +\n return x; }", "+", "expected an expression, found the keyword 'return'"),
        ("fn f() {", "", "expected '}' to close the block, found the end of the declaration"),
        ("const a = 1 /* never closed", "/*", "unterminated block comment"),
        ("fn f() { a +++ 1; }", "+ 1", "expected ';' behind the statement, found '+'"),
    ],
)
def test_must_not_parse(text: str, at: str, message: str) -> None:
    errors = parse(text, ParseCache()).errors
    assert errors, text
    expected = len(text) if not at else text.index(at)
    first = next((error for error in errors if error.message.startswith(message)), errors[0])
    assert (first.start, first.message[: len(message)]) == (expected, message)


def test_half_a_line_loses_only_itself() -> None:
    text = """
    fn f(a: Thing) {
        let before = 1;
        let broken = a.
        let after = before + (
        if after > 1 { let inside = foo(1, ; }
        other = after;
    }
    fn g() { let x = 1; }
    """
    module = parse(text, ParseCache())
    assert declared(module) == ["f", "g"]
    lets = [
        node.name for _, tree in module.declarations for node in walk(tree) if isinstance(node, VariableDeclaration)
    ]
    assert lets == ["before", "broken", "after", "inside", "x"]
    lines = [text.count("\n", 0, error.start) + 1 for error in module.errors]
    assert lines == [4, 5, 6]


def test_a_missing_brace_does_not_swallow_the_rest() -> None:
    text = (
        "fn f() { if a { b = 1; \n\n@compute @workgroup_size(1)\nfn g() { }\nstruct S { a: i32 }\nvar<private> v = 1;"
    )
    module = parse(text, ParseCache())
    assert declared(module) == ["f", "g", "S", "v"]
    assert len(module.errors) == 1
    function = next(tree for _, tree in module.declarations if getattr(tree, "name", "") == "g")
    assert isinstance(function, FunctionDeclaration) and len(function.attributes) == 2


def test_a_superfluous_brace_is_one_error() -> None:
    module = parse("fn f() { } }\nfn g() { }", ParseCache())
    assert declared(module) == ["f", "g"] and len(module.errors) == 1


@pytest.mark.parametrize(
    ("text", "places"),
    [
        # A token that is missing at the end of a line is missing there.
        ("fn f() {\n  let x = 1u // one\n  let y = 2u;\n}\n", [(2, "u")]),
        ("struct S {\n  a: u32\n  b: u32,\n}\n", [(2, "2")]),
        ("const a = 1\nconst b = 2;\n", [(1, "1")]),
        ("fn f() {\n  let x = max(1u, 2u;\n}\n", [(2, ";")]),
        # What follows a brace that is missing, or is too many, is not told.
        ("fn f(a: u32) {\n  if (a > 1u)\n    g();\n    if (a > 2u) { g(); }\n  }\n  let y = 1u;\n}\n", [(2, ")")]),
        ("fn f() -> u32\n  var x = 1u;\n  if (x > 2u) { g(); }\n  return x;\n}\n", [(1, "2")]),
        ("fn f() {\n  if (a) {\n    g();\n  }}\n  const q = 1u;\n  i = 2;\n  let z = 1;\n}\n", [(5, "const")]),
        ("fn f() {\n  if (a)\n    return;\n  g();\n}\n", [(2, ")")]),
        ("fn f() {\n  while (a) g();\n  h();\n}\n", [(2, "g")]),
        ("fn f() {\n  loop\n    g();\n  }\n}\n", [(2, "p")]),
        # A half-typed member does not take the next line's name.
        ("fn f() {\n  let y = a.\n  b[1] = c;\n}\n", [(2, ".")]),
        ("fn f() {\n  let y = a.\n  g(1, c);\n}\n", [(2, ".")]),
        ("fn f() {\n  let y = a.\n  b.c += 1;\n}\n", [(2, ".")]),
        ("fn f() {\n  let y = a.\n    b == c;\n  let z = a.\n    b.c[1];\n}\n", []),
    ],
)
def test_a_missing_token_is_one_error_at_its_line(text: str, places: list[tuple[int, str]]) -> None:
    module = parse(text + "fn after() { }\n", ParseCache())
    told = [(text.count("\n", 0, one.start) + 1, text[one.start : one.end]) for one in module.errors]
    assert told == places
    assert "after" in declared(module)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        # Of two mistakes in two statements each is told, in one statement the first.
        ("lte x = 1;\n  b = foo(2;\n  c = 3;\n  retrun c;", [1, 2, 4]),
        ("if (a) {\n    lte x = 1;\n    c = 2 +;\n  }\n  lte y = 2;", [2, 3, 5]),
        ("b = foo(1;\n  c = d);", [1]),
        ("b = 1\n  lte x = 1;\n  c = 2 +;", [1, 3]),
        ("if (a < ) {\n    c = 2 +;\n  }\n  d = 3 +;", [1, 2, 4]),
        (
            "if (a = b) {\n    c = 2 +;\n  } else if (c <) {\n    d = 3 +;\n  } else {\n    e = 4 +;\n  }",
            [1, 2, 3, 4, 6],
        ),
        ("for (var i = 0u; i = 4u; i++) {\n    c = 2 +;\n  }\n  d = 3 +;", [1, 2, 4]),
        ("for (var i = ; i < 4u; i++) {\n    lte c = 2;\n  }", [1, 2]),
        ("while a = b {\n    c = 2 +;\n  }", [1, 2]),
        ("while (let a = b) {\n    c = 2 +;\n  }", [1, 2]),
        ("if (var a = b; a > 1) {\n    c = 2 +;\n  }", [1, 2]),
        ("switch (a +) {\n    case 1: {\n      c = 2 +;\n    }\n    default: { }\n  }", [1, 3]),
        # A keyword begins a statement wherever it stands.
        ("b = 1 let x = 2 +;\n  lte c = 3;", [1, 1, 2]),
        ("let x = foo(a) return;\n  lte c = 3;", [1, 2]),
        ("fro let i = 0;\n  i < 4;\n  i++) { }", [1]),
        ("if (a {\n    c = 2 +;\n  }", [1]),
        ("b = foo(1 let x = 2 +;", [1]),
        ("switch (a) {\n    csae 1: { }\n    defualt: { }\n  }\n  d = 3 +;", [2, 5]),
        ("whlie (a) {\n    b = 1;\n  }\n  d = 3 +;", [1, 4]),
        # What a head that is broken or misspelt leaves behind is no mistake of its own.
        ("fro (i = 0;\n i < 4;\n i++) { }\n  d = 3 +;", [1]),
        ("fro (i = 0; i < 4; i++) { }", [1]),
        ("for i = 0;\n  i < 4;\n  i++) { }", [1]),
        ("fro var i = 0;\n  i < 4;\n  i++) { }", [1]),
        ("fi (a) { }\n  else { }", [1]),
        ("if (a) { } else fi (b) { }\n  else { }", [1]),
        ("if (a)\n    b = 1;\n  else {\n    c = 2;\n  }", [1]),
        # Nor is what a brace does.
        ("lte x = 1;\n  if (a) {", [1]),
        ("lte x = 1;\n  }", [1]),
    ],
)
def test_an_error_behind_a_statement_that_is_over_is_no_consequence_of_it(body: str, told: list[int]) -> None:
    text = f"fn f() {{\n  {body}\n}}\n"
    errors = [one for one in parse(text, ParseCache()).errors if not one.follows]
    assert [text.count("\n", 0, one.start) for one in errors] == told


@pytest.mark.parametrize(
    "head",
    [
        "fn f(a u32) -> u32 {",
        "fn f(a: u32 -> u32 {",
        "fn f(a: u32) - > u32 {",
        "fn f a: u32) {",
        "fn (a: u32,, b: u32) -> {",
        "fn f(a: array<u32) -> u32 = {",
        "@compute @workgroup_size(8 fn f() {",
        "@compute @workgroup_size() fn f() {",
    ],
)
def test_a_broken_head_of_a_function_hides_nothing_in_its_body(head: str) -> None:
    text = f"{head}\n  let x = 2 +;\n  lte y = 3;\n}}\nfn g() {{\n  lte z = 4;\n}}\n"
    errors = [one for one in parse(text, ParseCache()).errors if not one.follows]
    assert [text.count("\n", 0, one.start) for one in errors] == [0, 1, 2, 5]


def test_struct_members_survive_their_neighbours() -> None:
    module = parse("struct S { a: i32, b: , c f32, d: vec4<f32>, }", ParseCache())
    (tree,) = (tree for _, tree in module.declarations)
    assert isinstance(tree, StructDeclaration)
    assert [member.name for member in tree.members] == ["a", "b", "c", "d"]
    assert len(module.errors) == 2


def test_deep_nesting_is_not_read_and_no_crash() -> None:
    text = "const a = " + "(" * 5000 + "1" + ")" * 5000 + ";\nconst b = 2;"
    module = parse(text, ParseCache())
    assert declared(module) == ["b"]
    assert [(error.kind, error.message) for error in module.errors] == [("unread", TOO_DEEP)]


def test_only_a_changed_declaration_is_parsed_again() -> None:
    cache = ParseCache()
    text = SAMPLES["tile.wgsl"]
    first = parse(text, cache)
    n_before = cache.n_parsed
    second = parse("// moved\n" + text.replace("x * sizes.scale", "x / sizes.scale"), cache)
    assert cache.n_parsed == n_before + 1
    changed = [new.start for old, new in zip(first.placed, second.placed, strict=True) if old.chunk is not new.chunk]
    assert len(changed) == 1 and second.text[changed[0] :].startswith("fn capped")


def test_the_cache_is_bounded_and_keeps_what_is_in_use() -> None:
    cache = ParseCache(limit=1000)
    for number in range(500):
        parse(f"const used = 1;\nconst unused_{number} = 1;", cache)
    assert len(cache) <= 1000 // len("const used = 1;")
    assert cache.n_parsed == 501


def test_trees_lie_where_their_text_is() -> None:
    text = SAMPLES["language.wgsl"]
    module = parse(text, ParseCache())
    for start, tree in module.declarations:
        assert module.text[start + tree.start] not in " \n"
        for node in walk(tree):
            name, name_start = getattr(node, "name", ""), getattr(node, "name_start", node.start)
            if name and type(node).__name__ != "Attribute":
                assert text.startswith(name, start + name_start)


@settings(max_examples=200)
@given(st.sampled_from(list(SAMPLES.values())), st.data())
def test_cuts_never_raise_and_errors_lie_inside(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    cut = text[:start] + data.draw(st.sampled_from(["", "{", "}", "(", "let", "/*", "<", ";"])) + text[end:]
    for error in parse(cut, ParseCache()).errors:
        assert 0 <= error.start <= error.end <= len(cut)


def test_a_wrong_attribute_keeps_its_parameter() -> None:
    text = (
        "@compute @workgroup_size() fn f(@builtin(local_id) a: u32, @location() b: f32) { loop { { continuing { } } } }"
    )
    module = parse(text, ParseCache())
    (tree,) = (tree for _, tree in module.declarations)
    assert isinstance(tree, FunctionDeclaration)
    assert [parameter.name for parameter in tree.parameters] == ["a", "b"]
    assert [error.message for error in module.errors] == [
        "attribute 'workgroup_size' takes 1 to 3 arguments, found 0",
        "unknown builtin value 'local_id'",
        "attribute 'location' takes 1 argument, found 0",
        "'continuing' is only allowed at the end of a loop's body",
    ]


def test_a_text_is_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.wgsl.parser.LONGEST_READ", 40)
    text = "const a = 1;\nconst b = 2;\n" + "const c =\n 3;\n" * 20
    cache = ParseCache()
    module = parse(text, cache)
    assert declared(module) == declared(outline(text, cache)) == ["a", "b", "c"]
    assert cache.n_parsed == 3
    assert [(one.kind, one.start, one.end, one.message) for one in module.errors] == [("unread", 40, 49, TOO_LONG)]
