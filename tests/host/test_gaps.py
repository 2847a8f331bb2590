"""What is not understood costs only its paths and is named; hostile C++ ends within the budget."""

from __future__ import annotations

import pytest

from tests.host.host_fixture import body, read, sets
from tests.steps import growth, is_linear, steps_of
from wgsl_ls.host.declarations import read_program
from wgsl_ls.host.model import HostReading
from wgsl_ls.host.reading import Budget

SMALL = Budget(steps=20_000, paths=500, variants=2_000)


def gap_texts(text: str, reading: HostReading) -> list[tuple[str, str]]:
    return [(text[gap.location.span.start : gap.location.span.end], gap.what) for gap in reading.gaps]


def test_a_gap_costs_only_its_own_paths() -> None:
    text = body('if (fast) { goto end; } defs.push_back("SLOW"); end:')
    reading = read(text)
    assert sets(reading) == {"SLOW"}
    assert [what for _, what in gap_texts(text, reading)] == ["statement goto statement"]
    (shader,) = (shader for shader in reading.shaders if shader.stem == "blur")
    assert shader.status == "incomplete"


def test_a_macro_that_rests_on_an_unknown_call_is_a_gap_at_the_call() -> None:
    text = body('defs.push_back("N=" + std::to_string(mystery(n)));')
    reading = read(text)
    assert sets(reading) == set()
    assert [place for place, _ in gap_texts(text, reading)] == ["mystery(n)"]


def test_an_unknown_call_in_a_condition_goes_both_ways() -> None:
    assert sets(read(body('if (mystery(n)) { defs.push_back("M"); }'))) == {"", "M"}


def test_what_is_read_before_it_is_set_is_a_gap() -> None:
    text = body('int k; if (fast) { k = 3; } defs.push_back("K=" + std::to_string(k));')
    reading = read(text)
    assert sets(reading) == {"K=3"}
    assert [what for _, what in gap_texts(text, reading)] == ["k is read before it has a value"]


@pytest.mark.parametrize(
    ("statements", "gap"),
    [
        ("complete(defs);", "a call that nothing is known of may change a list"),
        (
            "if (lib::tally(defs.begin(), defs.end(), k) > 0) { n = 1; }",
            "a call that nothing is known of may change a list",
        ),
        ("complete(&defs);", "a call that nothing is known of may change a list"),
        ('lib::visit(v.begin(), v.end(), [&](int i) { defs.push_back("X"); });', "with a lambda that it may run"),
        ('int k = 3; tune(n, k); defs.push_back("K=" + std::to_string(k));', "a macro rests on 3 after tune(n, 3)"),
        ('auto other = make(n); return compile(p.preprocess(src_blur, other), "b");', "with which macros"),
        ('give("FAST");', "give, of which nothing is known, with what may be a macro"),
        (
            'struct Own : public std::vector<std::string> { } own; own.push_back("A");'
            ' return compile(p.preprocess(src_blur, own), "b");',
            "with which macros the shader is expanded here",
        ),
    ],
    ids=[
        "a list",
        "an algorithm",
        "its address",
        "a lambda",
        "a number",
        "macros from elsewhere",
        "a macro",
        "no list",
    ],
)
def test_what_an_unknown_call_may_have_changed_is_a_gap(statements: str, gap: str) -> None:
    reading = read(body(statements))
    assert any(gap in one.what for one in reading.gaps)
    assert sets(reading) == set()


def test_a_call_that_only_says_something_changes_nothing() -> None:
    assert sets(read(body('int k = 3; log_number(k); defs.push_back("K=" + std::to_string(k));'))) == {"K=3"}


def test_a_struct_in_a_function_may_not_have_anothers_name() -> None:
    text = body(
        'struct Tile { int n = 3; } t; defs.push_back("N=" + std::to_string(t.n));',
        before="struct Tile { int n = 2; };",
    )
    assert [what for _, what in gap_texts(text, read(text))] == ["a struct in a function, with the name of another"]


DEAR = ("a map that is put into itself", "a record in itself, often")
HOSTILE = {
    "an endless loop": ("while (true) { n = n + 1; }", 1),
    "recursion without end": ("recurse(n);", 1),
    "two to the n paths": (
        "".join(f'if (q{index}()) {{ n = {index}; defs.push_back("Q{index}"); defs.clear(); }}' for index in range(40)),
        1,
    ),
    "a switch with many cases": (
        "switch (n) {"
        + "".join(f'case {index}: defs.push_back("C{index}"); n += 1; break;' for index in range(3000))
        + "}",
        0,
    ),
    "deep parentheses": (f"n = {'(' * 3000}n{')' * 3000};", 1),
    "deep blocks": ("{" * 2000 + "}" * 2000, 1),
    "an error of syntax": ("if (fast { defs.push_back( }", 0),
    "a loop that an unknown call drives": (
        'for (int i = 0; i < n; i++) { if (i % 2 == 0) continue; defs.push_back("L" + spell(i)); }',
        1,
    ),
    "a text that doubles": ('std::string s = "ab"; for (int i = 0; i < 60; i++) { s += s; } defs.push_back(s);', 1),
    "a list that doubles": (
        'defs.push_back("A"); for (int i = 0; i < 60; i++) { defs.insert(defs.end(), defs.begin(), defs.end()); }',
        1,
    ),
    "a name that doubles": ("auto a = lib.one; for (int i = 0; i < 60; i++) { a = fast_q() ? a.x : a.y; }", 0),
    "a number that doubles": (
        'int k = 3; for (int i = 0; i < 60; i++) { k = k * k; } defs.push_back("K=" + std::to_string(k));',
        0,
    ),
    "what is not known, doubled": (
        "int k = n * q; for (int i = 0; i < 300; i++) { k = k + k + n; } if (k > 3) { defs.clear(); }",
        1,
    ),
    "an operation on what has no value": ('defs.push_back("N=" + std::to_string(-recurse));', 1),
    "a map that is put into itself": (
        'std::map<std::string, Any> m; for (int i = 0; i < 60; i++) { m["a"] = m; m["b"] = m; }',
        1,
    ),
    "a list of a great size": ('std::vector<int> v(99999999999, 3); defs.push_back("A");', 1),
    "a great many put into a list": ('defs.insert(defs.end(), 99999999999, "A");', 1),
    "a record in itself, often": (
        "Bomb b; n = b.x0.x1.v;",
        1,
    ),
    "many variants of every path": (
        "".join(f'if (q{index}()) {{ defs.push_back("Q{index}"); }}' for index in range(40)),
        1,
    ),
}


@pytest.mark.parametrize(
    ("statements", "least_gaps"),
    [pytest.param(*row, id=name, marks=[pytest.mark.slow] if name in DEAR else []) for name, row in HOSTILE.items()],
)
def test_hostile_code_ends_in_a_named_gap(statements: str, least_gaps: int) -> None:
    bomb = "struct Bomb { int v; " + "".join(f"Bomb x{index}; " for index in range(40)) + "};"
    text = body(statements, before=f"int recurse(int n) {{ return recurse(n + 1); }} {bomb}")
    reading = read(text, budget=SMALL)
    assert len(reading.gaps) >= least_gaps
    assert all(gap.what for gap in reading.gaps)


@pytest.mark.parametrize("condition", ["ifdef A{0}", "if A{0}", "if unknown(A{0})", "ifndef B{0}"])
def test_many_conditionals_cost_what_they_are(condition: str) -> None:
    def text(n: int) -> str:
        return "".join(f"#{condition.format(i)}\n#define B{i} if (x) {{ }}\n#endif\n" for i in range(n))

    assert is_linear(growth(lambda n: read_program([("a.cpp", text(n))]), 250))


@pytest.mark.parametrize("size", [100, 200, 400])
def test_steps_grow_with_the_text(size: int) -> None:
    """Work for straight code is linear: a budget per statement is enough at n, 2n and 4n."""
    statements = "".join(f'if (fast) {{ defs.push_back("A{index}"); }}' for index in range(size))
    reading = read(body(statements), budget=Budget(steps=size * 12, paths=10, variants=10))
    assert reading.gaps == ()
    assert len(reading.variants) == 2


def test_too_many_variants_are_a_gap_and_what_was_found_stays() -> None:
    statements = "".join(f'if (q{index}()) {{ defs.push_back("Q{index}"); }}' for index in range(16))
    reading = read(body(statements), budget=Budget(variants=2_000))
    assert any("more than 2,000 variants" in gap.what for gap in reading.gaps)
    assert len(reading.variants) > 1_000


def test_all_functions_together_have_a_budget() -> None:
    """Each is within its own; those that were left out are named."""
    statements = "".join(f'if (q{index}()) {{ defs.push_back("Q{index}"); }}' for index in range(6))
    text = "".join(body(statements).replace("Library", f"Library{index}") for index in range(20))
    reading = read(text, budget=Budget(all_steps=2_000))
    assert 3 < len({gap.location for gap in reading.gaps}) < 20
    assert {gap.what for gap in reading.gaps} == {"more than 2,000 steps, over all functions"}
    assert read(text).gaps == ()


def test_a_gate_that_costs_too_much_lets_everything_through() -> None:
    gate = "bool supports(int n) { while (n != 3) { n = n + 1; } return n == 3 && false; }"
    statements = 'if (n > 3) { defs.push_back("BIG"); }'
    reading = read(body(statements, before=gate), budget=SMALL, gate="supports")
    assert sets(reading) == {"", "BIG"}
    (shader,) = (shader for shader in reading.shaders if shader.stem == "blur")
    assert shader.status == "over-approximate"
    assert shader.why.endswith("; supports was not understood in all its parts")


ENUMERATIONS = {
    "values that double": "enum E { E0=3, " + ", ".join(f"E{i}=E{i - 1}*E{i - 1}" for i in range(1, 200)) + " };",
    "shifts beyond all bits": "enum E { A = 1 << -1, B = 1 << 999999999, C = A >> -9, D = B << 63 << 63 };",
    "constants in a circle": "const int a = b; const int b = a; enum E { A = a };",
    "constants that double": "const int c0 = 1; "
    + "".join(f"const int c{i} = c{i - 1} + c{i - 1}; " for i in range(1, 60))
    + "enum E { A = c59 };",
    "a deep value": "enum E { A = " + "(" * 300 + "1" + ")" * 300 + " };",
}


@pytest.mark.parametrize("enumeration", ENUMERATIONS.values(), ids=ENUMERATIONS)
def test_enumerators_of_any_form_come_to_a_value(enumeration: str) -> None:
    text = body('defs.push_back("N=" + std::to_string(KIND_B));', before=enumeration)
    found: list[HostReading] = []
    assert steps_of(lambda: found.append(read(text)), 400_000) > 0
    assert sets(found[0]) == {"N=4"}


def test_a_function_that_gives_nothing_is_a_gap() -> None:
    """As where a macro that is not understood writes the elements of a table."""
    before = "static const char * names[] = {\n#define X(name) #name,\nMODES(X)\n#undef X\n};"
    reading = read(body('defs.push_back(std::string("M_") + names[n]);', before=before))
    assert [gap.what for gap in reading.gaps] == ["no path through it gives a variant"]
    assert {one.status for one in reading.shaders if one.stem == "blur"} == {"incomplete"}


CALL = "compile(p.preprocess(src_blur, defs));"


@pytest.mark.parametrize(
    ("statements", "is_told"),
    [
        ("({[" * 20 + CALL, True),
        (")}]" * 20 + CALL, True),
        ('defs.push_back(R"x(' + CALL, True),
        ("".join(f"#if A{n}\n" for n in range(20)) + CALL, True),
        ("({[" * 20, False),
        (CALL, False),
    ],
)
def test_a_call_behind_what_is_no_cpp_is_a_gap(statements: str, is_told: bool) -> None:
    reading = read(f"void make() {{ std::vector<std::string> defs;\n{statements} }}\n")
    assert ["is no C++ that can be read" in gap.what for gap in reading.gaps] == [True] * is_told
