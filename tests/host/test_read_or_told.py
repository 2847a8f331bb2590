"""Habits of C++ hosts: each is read right, or it is a gap that is told. Never a list that is wrong and says nothing."""

from __future__ import annotations

import pytest

from tests.host.host_fixture import read, sets

OPTIONS = "struct O { int w = 3; bool f = false; };"
MAKE_OPTIONS = 'defs.push_back("W=" + std::to_string(o.w)); if (o.f) { defs.push_back("F"); }'
HOSTS: dict[str, tuple[str, set[str] | str]] = {
    # a method of the struct that holds the preprocessor -> sets, or the gap's words
    "a call in a loop": (
        "void init() { for (int w : { 1, 2 }) {"
        ' compile(p.preprocess(src_blur, { "W=" + std::to_string(w) }), "b"); } }',
        {"W=1", "W=2"},
    ),
    "a loop with two variables": (
        "void init() { for (int a = 1, b = 2; a <= 2; a++, b--) {"
        ' compile(p.preprocess(src_blur, { "W=" + std::to_string(a) + "_" + std::to_string(b) }), "b"); } }',
        {"W=1_2", "W=2_1"},
    ),
    "a condition that changes what it asks": (
        "P make() { int n = 0, x = 32; while (x >>= 1) { n++; }"
        ' return compile(p.preprocess(src_blur, { "N=" + std::to_string(n) }), "b"); }',
        {"N=5"},
    ),
    "a loop over what nobody knows": (
        "P make(const std::vector<std::string> & more) { std::vector<std::string> defs;"
        ' for (const auto & s : more) { defs.push_back(s); } return compile(p.preprocess(src_blur, defs), "b"); }',
        "a loop over more, which is not known",
    ),
    "a text from outside": (
        'P make(const std::string & t) { return compile(p.preprocess(src_blur, { "T=" + t }), "b"); }',
        "a macro rests on t, which is not known",
    ),
    "a text written by printf": (
        'P make() { char b[32]; snprintf(b, sizeof(b), "T_%s=%du", "x", 4);'
        ' return compile(p.preprocess(src_blur, { b }), "b"); }',
        {"T_x=4u"},
    ),
    "a width of printf": (
        'P make() { char b[32]; sprintf(b, "W=%04x", 4); return compile(p.preprocess(src_blur, { b }), "b"); }',
        {"W=0004"},
    ),
    "a format of printf that is not read": (
        'P make() { char b[32]; sprintf(b, "W=%*d", 4, 4); return compile(p.preprocess(src_blur, { b }), "b"); }',
        "the format 'W=%*d'",
    ),
    "a function whose name looks harmless": (
        "P make() { std::vector<std::string> defs; add_to_catalog(defs);"
        ' return compile(p.preprocess(src_blur, defs), "b"); }',
        "a call that nothing is known of may change a list",
    ),
    "macros that the preprocessor object is told": (
        'P make() { pre::Preprocessor own; own.define("A"); return compile(own.preprocess(src_blur), "b"); }',
        "what a Preprocessor was told before it expands the shader",
    ),
    "whole numbers are cut towards zero": (
        'P make() { return compile(p.preprocess(src_blur, { "N=" + std::to_string(-7 / 2) }), "b"); }',
        {"N=-3"},
    ),
    "a small unsigned number goes round": (
        "P make() { uint8_t x = 300; uint8_t y = 0; y += 257;"
        ' return compile(p.preprocess(src_blur, { "N=" + std::to_string(x) + "_" + std::to_string(y) }), "b"); }',
        {"N=44_1"},
    ),
    "a variable that outlives the call": (
        "P make() { static int n = 0; n++;"
        ' return compile(p.preprocess(src_blur, { "N=" + std::to_string(n) }), "b"); }',
        "a static variable, which may change",
    ),
    "an optional number": (
        "P make(std::optional<int> w) {"
        ' return compile(p.preprocess(src_blur, { w ? "GIVEN" : "W=" + std::to_string(w.value_or(3)) }), "b"); }',
        {"GIVEN", "W=3"},
    ),
    "an entry under a key that nobody knows": (
        'P make() { std::map<std::string, std::string> defs; defs["A"] = "1"; defs[other()] = "2";'
        ' return compile(p.preprocess(src_blur, defs), "b"); }',
        "what rests on other(), which is not known",
    ),
    "what nothing declares is asked": (
        'P make() { std::vector<std::string> defs; if (IS_FAST) { defs.push_back("FAST"); }'
        ' return compile(p.preprocess(src_blur, defs), "b"); }',
        {"", "FAST"},
    ),
}
BEFORE: dict[str, tuple[str, str, set[str] | str]] = {
    # declarations / statements that fill defs -> sets, or the gap's words
    "constants of two classes": (
        "struct A { static constexpr int W = 4; }; struct B { static constexpr int W = 8; };",
        'defs = { "W=" + std::to_string(A::W), "V=" + std::to_string(B::W) };',
        {"W=4 V=8"},
    ),
    "constants of two namespaces": (
        "namespace a { constexpr int W = 4; } namespace b { constexpr int W = 8; }",
        'defs = { "W=" + std::to_string(a::W), "V=" + std::to_string(b::W) };',
        {"W=4 V=8"},
    ),
    "a constant that could be another": (
        "namespace a { constexpr int W = 4; } namespace b { constexpr int W = 8; } using namespace a;",
        'defs = { "W=" + std::to_string(W) };',
        "W has several values",
    ),
    "functions of two classes": (
        'struct A { static std::string n() { return "A"; } }; struct B { static std::string n() { return "B"; } };',
        "defs = { A::n(), B::n() };",
        {"A B"},
    ),
    "functions of two namespaces": (
        'namespace a { std::string n() { return "A"; } } namespace b { std::string n() { return "B"; } }',
        "defs = { a::n(), b::n() };",
        {"A B"},
    ),
    "a function that could be another": (
        'namespace a { std::string n() { return "A"; } } namespace b { std::string n() { return "B"; } }',
        "defs = { n() };",
        "several functions are called n",
    ),
    "two classes of one name": (
        "namespace a { struct Q { int w = 4; }; } namespace b { struct Q { int w = 8; }; }",
        'a::Q x; defs = { "W=" + std::to_string(x.w) };',
        "several classes are called Q",
    ),
    "a specialised template": (
        "template <typename T> struct N; template <> struct N<float> { static constexpr int v = 1; };"
        " template <> struct N<int> { static constexpr int v = 2; };",
        'defs = { "W=" + std::to_string(N<int>::v) };',
        {"W=2"},
    ),
    "a macro that writes its argument": (
        "#define ADD(n) defs.push_back(#n)\n",
        "ADD(A);",
        {"A"},
    ),
    "a macro with another number of arguments": (
        "#define ADD(n, m) defs.push_back(#n)\n",
        "ADD(A);",
        "the macro ADD",
    ),
    "a macro that is a statement": (
        '#define ADD defs.push_back("A");\n',
        'ADD defs.push_back("B");',
        {"A B"},
    ),
    "a branch by the value of a macro": (
        "#define ON 1\n",
        '\n#if ON\ndefs.push_back("A");\n#else\ndefs.push_back("B");\n#endif\n',
        {"A"},
    ),
    "a variable that another function sets": (
        "static int width = 8; void init() { width = 9; }",
        'defs = { width == 8 ? "A" : "B" };',
        {"A", "B"},
    ),
    "a variable that is counted up": (
        "static int width = 8;",
        'width++; defs = { width == 9 ? "A" : "B" };',
        {"A", "B"},
    ),
    "a variable that nobody sets": ("static int width = 8;", 'defs = { width == 8 ? "A" : "B" };', {"A"}),
    "a list of records": (
        'struct E { const char * n; int w; }; static const E table[] = { { "A", 1 }, { "B", 2 } };',
        'for (const E & e : table) { defs.push_back(std::string(e.n) + "=" + std::to_string(e.w)); }',
        {"A=1 B=2"},
    ),
    "how many a table has": (
        "static constexpr std::array<int, 2> sizes = { 4, 8 };",
        'for (size_t i = 0; i < sizes.size(); i++) { defs.push_back("W" + std::to_string(sizes[i])); }',
        {"W4 W8"},
    ),
}
CALLS: dict[str, tuple[str, set[str]]] = {
    # statements of the function that hands out -> sets of make(const O & o)
    "braces": ("l.make({ 1, true }); l.make({ 2 }); l.make({});", {"W=1 F", "W=2", "W=3"}),
    "braces with names": ("l.make({ .w = 7 }); l.make({ .f = true });", {"W=7", "W=3 F"}),
    "braces that a function gives": ("l.make(given(1)); l.make(given(2));", {"W=5 F", "W=3"}),
    "braces put into a list": (
        "std::vector<O> all; all.push_back({ 5, true }); all.emplace_back(O{ 6 });"
        " for (const O & o : all) { l.make(o); }",
        {"W=5 F", "W=6"},
    ),
    "numbers of a template": ("l.sized<4>(); l.sized<8>();", {"W=4", "W=8"}),
}


def _outcome(text: str, **table: object) -> set[str] | str:
    reading = read(text, **table)  # type: ignore[arg-type]
    if not reading.gaps:
        return sets(reading)
    status = {shader.stem: shader.status for shader in reading.shaders}
    assert status["blur"] == "incomplete"
    return reading.gaps[0].what


@pytest.mark.parametrize(("methods", "expected"), HOSTS.values(), ids=HOSTS)
def test_methods(methods: str, expected: set[str] | str) -> None:
    assert _outcome("struct L { pre::Preprocessor p; " + methods + " };") == expected


@pytest.mark.parametrize(("before", "statements", "expected"), BEFORE.values(), ids=BEFORE)
def test_what_is_declared_elsewhere(before: str, statements: str, expected: set[str] | str) -> None:
    method = (
        f'P make() {{ std::vector<std::string> defs; {statements} return compile(p.preprocess(src_blur, defs), "b"); }}'
    )
    assert _outcome(f"{before}\nstruct L {{ pre::Preprocessor p; {method} }};") == expected


@pytest.mark.parametrize(("calls", "expected"), CALLS.values(), ids=CALLS)
def test_what_calls_give(calls: str, expected: set[str]) -> None:
    body = f'std::vector<std::string> defs; {MAKE_OPTIONS} return compile(p.preprocess(src_blur, defs), "b");'
    text = (
        f"{OPTIONS} O given(int k) {{ if (k == 1) {{ return {{ 5, true }}; }} return {{}}; }}"
        f" struct L {{ pre::Preprocessor p; P make(const O & o) {{ {body} }}"
        f" template <int W> P sized() {{ return make({{ W }}); }} }}; void run(L & l) {{ {calls} }}"
    )
    assert _outcome(text, dispatch="run") == expected
