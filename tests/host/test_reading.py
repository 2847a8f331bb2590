"""C++ texts and the define sets that they ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.host.host_fixture import DEVICE, NVIDIA, body, read, sets
from wgsl_ls.host.reading import Budget

CASES = {
    "nothing given": ("", {""}),
    "a pointer declared in a condition": (
        'auto pick = [](Kind k) -> const char * { switch (k) { case KIND_A: return "A"; default: return nullptr; } };'
        " if (const char * p = pick(kind)) { defs.push_back(p); }",
        {"A", ""},
    ),
    "a swap": (
        'std::string a = "A"; std::string b = "B"; if (fast) { std::swap(a, b); } defs.push_back(a + "_" + b);',
        {"A_B", "B_A"},
    ),
    "an exchange": (
        'int k = 3; int m = std::exchange(k, 5); defs.push_back("K=" + std::to_string(k * 10 + m));',
        {"K=53"},
    ),
    "a fraction is cut off": (
        'float f = fast ? 0.5f : 2.0f; defs.push_back("C=" + std::to_string((int) (f * 3)));',
        {"C=1", "C=6"},
    ),
    "unsigned numbers go round": (
        "uint32_t z = 0; z -= 1; size_t w = 0; --w;"
        ' defs.push_back("Z=" + std::to_string(z) + "_" + std::to_string(w));',
        {"Z=4294967295_18446744073709551615"},
    ),
    "places in a text that is not known": (
        'std::string t = fast ? "qa" : "b"; if (t.find("q") == 0) { defs.push_back("Q"); }'
        ' if (t.find("z") != std::string::npos) { defs.push_back("Z"); }'
        ' if (t.ends_with("a")) { defs.push_back("A"); }',
        {"Q A", ""},
    ),
    "appending again and again": (
        'std::string s = "A"; s.append("B").append("C"); defs.push_back(s);'
        ' defs.push_back(std::string("D").append("E"));',
        {"ABC DE"},
    ),
    "a search in a list": (
        'defs.push_back(fast ? "T=f16" : "T=f32");'
        ' if (std::find(defs.begin(), defs.end(), "T=f16") != defs.end()) { defs.push_back("HALF"); }',
        {"T=f16 HALF", "T=f32"},
    ),
    "a stream": (
        'std::ostringstream out; out << "N=" << 3 << "u"; if (fast) { out << "x"; } defs.push_back(out.str());',
        {"N=3u", "N=3ux"},
    ),
    "a list of pairs": (
        'std::vector<std::pair<std::string, bool>> flags = { { "F", fast }, { "G", true } };'
        " for (const auto & flag : flags) { if (flag.second) { defs.push_back(flag.first); } }",
        {"F G", "G"},
    ),
    "an element that is assigned is copied": (
        'std::vector<std::string> v = { "A", "B" }; std::string s; s = v.front(); v.front() = "C"; defs.push_back(s);',
        {"A"},
    ),
    "insertion into a text": ('std::string s = "B"; s.insert(0, "A_"); defs.push_back(s);', {"A_B"}),
    "a struct within the function, with a method": (
        'struct Local { int n = 3; std::string text() const { return "N=" + std::to_string(n); } } local;'
        " local.n = fast ? 4 : 5; defs.push_back(local.text());",
        {"N=4", "N=5"},
    ),
    "a literal": ('defs.push_back("FAST");', {"FAST"}),
    "both ways of a truth value": ('if (fast) { defs.push_back("FAST"); }', {"", "FAST"}),
    "else": ('if (fast) defs.push_back("F"); else defs.push_back("S");', {"F", "S"}),
    "a ternary": ('defs.push_back(fast ? "F" : "S");', {"F", "S"}),
    "the same question is asked once": (
        'if (fast) defs.push_back("A"); if (n == 3) { n = 4; } if (fast) defs.push_back("B");',
        {"A B", ""},
    ),
    "a switch over an enum": (
        'switch (kind) { case KIND_A: defs.push_back("A"); break; case KIND_B: defs.push_back("B"); break;'
        " default: abort(); }",
        {"A", "B"},
    ),
    "falling through": (
        'switch (kind) { case KIND_A: defs.push_back("A"); case KIND_B: defs.push_back("B"); break;'
        ' default: defs.push_back("C"); }',
        {"A B", "B", "C"},
    ),
    "one body for several labels": (
        'switch (kind) { case KIND_A: case KIND_C: { defs.push_back("AC"); break; } default: break; }',
        {"AC", ""},
    ),
    "comparison of a range of an enum": ('if (kind >= KIND_B) defs.push_back("HIGH");', {"HIGH", ""}),
    "assertions leave paths out": ('assert(kind == KIND_B); if (kind == KIND_A) defs.push_back("A");', {""}),
    "an early return": ('if (fast) { return {}; } defs.push_back("SLOW");', {"SLOW"}),
    "concatenation and to_string": (
        'const int k = 3; defs.push_back(std::string("K=") + std::to_string(k * 2 + 1) + "u");',
        {"K=7u"},
    ),
    "a loop is run": (
        'int wg = 1; while (wg * 2 <= 100) { wg *= 2; } defs.push_back("WG=" + std::to_string(wg));',
        {"WG=64"},
    ),
    "for, break and continue": (
        "int s = 0; for (int i = 0; i < 9; ++i) { if (i == 2) continue; if (i == 5) break; s += i; }"
        ' defs.push_back("S=" + std::to_string(s));',
        {"S=8"},
    ),
    "a lambda by reference": (
        'auto add = [&](const char * p, bool on) { if (on) { defs.push_back(std::string(p) + "_ON"); } };'
        ' add("A", true); add("B", fast);',
        {"A_ON", "A_ON B_ON"},
    ),
    "upper case": (
        'std::string t = "f16"; std::transform(t.begin(), t.end(), t.begin(), ::toupper); defs.push_back(t + "_T");',
        {"F16_T"},
    ),
    "rounds that only change a number do not fork, and every number that comes out is asked for": (
        "int g = 1; while (2 * g < n && g < 8) { g *= 2; } "
        'if (g > 1) { defs.push_back("SPLIT"); } defs.push_back("G=" + std::to_string(g));',
        {"G=1", "SPLIT G=2", "SPLIT G=4", "SPLIT G=8"},
    ),
    "what only sets what nothing reads is left out, what it feeds on too": (
        "Made m = prepare(n, fast); "
        'if (m.wide) { defs.push_back("WIDE"); } defs.push_back("N=" + std::to_string(m.count));',
        {"WIDE N=1", "N=1", "WIDE N=2", "N=2"},
    ),
    "an assertion that feeds on nothing stays": (
        'Made m = checked(n); defs.push_back("N=" + std::to_string(m.count));',
        {"N=2"},
    ),
    "min and max of what is known": (
        'defs.push_back("M=" + std::to_string(std::min(7u, std::max(3u, 5u))));',
        {"M=5"},
    ),
    "struct copies are copies": (
        'Options a = { .tile = 4 }; Options b = a; b.tile = 8; defs.push_back("T=" + std::to_string(a.tile));',
        {"T=4"},
    ),
    "a struct by reference": (
        'Options o = {}; fill(o, fast); if (o.wide) defs.push_back("WIDE");'
        ' defs.push_back("T=" + std::to_string(o.tile));',
        {"WIDE T=16", "T=16"},
    ),
    "and-assignment of truth values": (
        'bool both = fast; both &= kind == KIND_A; if (both) defs.push_back("BOTH");',
        {"BOTH", ""},
    ),
    "constants and macros": (
        'defs.push_back("A=" + std::to_string(TWICE(LIMIT))); defs.push_back("B=" + std::to_string(FACTOR));',
        {"A=200 B=3"},
    ),
    "numbers that are only compared": ('if (n % 4 == 0) defs.push_back("VEC4");', {"VEC4", ""}),
    "a number in a macro is chosen": ('defs.push_back("TILE=" + std::to_string(n));', {"TILE=32"}),
    "a chosen number agrees with what was asked": (
        'if (n > 100) { defs.push_back("TILE=" + std::to_string(n)); }',
        {"TILE=128", ""},
    ),
    "numbers derived from a chosen one": (
        'if (n > 4000) { defs.push_back("A=" + std::to_string(n)); defs.push_back("B=" + std::to_string(n / 2)); }',
        {"A=4096 B=2048", ""},
    ),
    "what cannot be is not asked": ('if (n == 3) { if (n == 4) { defs.push_back("NO"); } }', {""}),
    "a table of names": ('defs.push_back(std::string("T_") + kind_names[kind]);', {"T_a", "T_b", "T_c"}),
    "initialiser list and insert": (
        'std::vector<std::string> more = { "X", "Y=1" }; defs.insert(defs.end(), more.begin(), more.end());',
        {"X Y=1"},
    ),
    "the host's own cache misses": (
        'auto it = cache.find(kind); if (it != cache.end()) { return it->second; } defs.push_back("NEW");',
        {"NEW"},
    ),
    "conditional compilation": (
        '#ifdef NOT_DEFINED\n defs.push_back("NO");\n#else\n defs.push_back("YES");\n#endif\n',
        {"YES"},
    ),
    "shadowing": ('int v = 1; { int v = 2; v++; } defs.push_back("V=" + std::to_string(v));', {"V=1"}),
}
BEFORE = """
#define LIMIT 100u
#define TWICE(x) ((x) * 2)
constexpr int FACTOR = 3;
struct Options { int tile = 2; bool wide = false; };
static const char * const kind_names[] = { [KIND_A] = "a", [KIND_B] = "b", [KIND_C] = "c" };
static void fill(Options & o, bool fast) { o.tile = 16; o.wide = fast; }
std::unordered_map<int, Pipeline> cache;
struct Made { int count = 0; bool wide = false; int spare = 0; };
static int must(int n) { assert(n != 5); return n; }
static Made prepare(int n, bool fast) {
    Made m = {};
    float spare = 1.0f;
    if (n == 3) { spare /= 2.0f; }
    m.spare = (int) spare;
    m.count = fast ? 1 : 2;
    m.wide = n > 64;
    return m;
}
static Made checked(int n) {
    Made m = {};
    int unused = must(n);
    m.count = n == 5 ? 1 : 2;
    return m;
}
"""


@pytest.mark.parametrize(("statements", "expected"), CASES.values(), ids=CASES)
def test_define_sets(statements: str, expected: set[str]) -> None:
    reading = read(body(statements, before=BEFORE))
    assert reading.gaps == ()
    assert sets(reading) == expected


def test_what_decides_nothing_makes_no_paths() -> None:
    """Ten open conditions around what nothing reads, and a loop of eight open rounds: few paths."""
    dead = " ".join(f"if (odd_{number}()) {{ scale /= 2.0f; }}" for number in range(10))
    before = (
        "struct Made { bool wide = false; float spare = 0; }; static Made prepare(int n) "
        f"{{ Made m = {{}}; float scale = 1.0f; {dead} m.spare = scale; m.wide = n > 64; return m; }}"
    )
    statements = (
        'Made m = prepare(n); int g = 1; while (g < n && g < 256) { g *= 2; } if (m.wide) defs.push_back("WIDE");'
        ' if (g > 1) { defs.push_back("SPLIT"); }'
    )
    reading = read(body(statements, before=before), budget=Budget(paths=4))
    assert reading.gaps == ()
    assert sets(reading) == {"", "SPLIT", "WIDE SPLIT"}


def test_numbers_are_compared_with_each_other() -> None:
    statements = (
        'if (a < b) defs.push_back("A"); if (b < c) defs.push_back("B"); if (c < a) defs.push_back("C");'
        ' if (d < a) defs.push_back("D");'
    )
    reading = read(body(statements, parameters="int a, int b, int c, int d"))
    found = sets(reading)
    assert "A B C" not in found and "A B C D" not in found
    assert len(found) == 14
    assert not any("compared" in one.why for one in reading.shaders)


@pytest.mark.parametrize("ended", ["if (path == NONE) { GONE(); }", "CHECK(path != NONE);"])
def test_a_choice_by_more_numbers_than_can_be_combined_is_made_by_its_conditions(ended: str) -> None:
    """Taken as a whole, it would be one thing here and another there."""
    before = "enum Path { NONE, WHOLE, PARTS }; struct Found { Path path; int size; };"
    statements = f"""
        bool whole = a < 20 && b % 4 == 0 && c % 4 == 0 && d % 4 == 0 && e % 8 == 0;
        Found found = {{}};
        found.path = whole ? WHOLE : f > 3 && !(a > 100) ? PARTS : NONE;
        Path path = found.path;
        {ended}
        found.size = std::min(path == WHOLE ? 8 : 64, path == PARTS ? 32 : 16);
        int extra = 0;
        if (found.size > 8) {{ defs.push_back("LARGE"); }}
        if (found.size >= 9) {{ extra = 2; }}
        if (path == WHOLE) {{ defs.push_back("WHOLE"); }}
        defs.push_back("SIZE=" + std::to_string(found.size) + std::to_string(extra));
    """
    text = body(statements, parameters="int a, int b, int c, int d, int e, int f", before=before)
    reading = read(text, aborts=("GONE",), asserts=("CHECK",))
    assert reading.gaps == ()
    assert sets(reading) == {"WHOLE SIZE=80", "LARGE SIZE=322"}
    assert not any("compared" in one.why for one in reading.shaders if one.stem == "blur")


REQUIRED = """
    void open(Adapter & adapter) {{
        std::vector<wgpu::FeatureName> required = {{ {listed} }};
        {statements}
        wgpu::DeviceDescriptor wanted;
        wanted.requiredFeatures = required.data();
    }}
"""


@pytest.mark.parametrize(
    ("opening", "needs", "taken"),
    [
        ("", (), ["plain", "half"]),
        ("", ("f16",), ["half"]),
        (REQUIRED.format(listed="wgpu::FeatureName::ShaderF16", statements=""), (), ["half"]),
        (REQUIRED.format(listed="", statements="required.push_back(wgpu::FeatureName::ShaderF16);"), (), ["half"]),
        (
            REQUIRED.format(
                listed="", statements="if (adapter.good()) { required.push_back(wgpu::FeatureName::ShaderF16); }"
            ),
            ("f16",),
            ["plain", "half"],
        ),
    ],
    ids=["nothing said", "the table", "in the list", "added", "added on a condition: the text outweighs the table"],
)
def test_a_device_that_the_host_refuses_has_no_variants(opening: str, needs: tuple[str, ...], taken: list[str]) -> None:
    profiles = (replace(DEVICE, name="plain", f16=False), replace(DEVICE, name="half", f16=True))
    statements = 'if (limits.maxComputeInvocationsPerWorkgroup > 1) { defs.push_back("FAST"); }'
    reading = read(body(statements, "Limits limits", before=opening), profiles=profiles, needs=needs)
    assert [variant.profile for variant in reading.variants if variant.shader == "blur"] == taken
    assert reading.refused == tuple((one.name, "f16") for one in profiles if one.name not in taken)


def test_places_and_conditions_in_code_points() -> None:
    text = body('/* größer 𝛑 */ if (fast) { defs.push_back("FAST"); }', before="// äöü 𝛑𝛑\n")
    reading = read(text)
    (define,) = (define for variant in reading.variants for define in variant.defines)
    assert text[define.location.span.start : define.location.span.end] == '"FAST"'
    assert define.when == "fast"


def test_the_label_is_the_hosts_own() -> None:
    reading = read(
        body(
            'std::string label = "blur"; if (fast) { label += "_fast"; defs.push_back("FAST"); }'
            " return compile(p.preprocess(src_blur, defs), label);"
        )
    )
    assert {(one.label, *(each.text for each in one.defines)) for one in reading.variants} == {
        ("blur_fast", "FAST"),
        ("blur",),
    }


def test_inputs_say_what_a_variant_rests_on() -> None:
    reading = read(
        body(
            'Key key = {}; key.is_fast = fast; if (key.is_fast) defs.push_back("F");'
            ' defs.push_back("TILE=" + std::to_string(n));'
        )
    )
    found = {tuple((one.name, one.value, one.chosen) for one in variant.inputs) for variant in reading.variants}
    assert found == {
        (("is_fast", "true", False), ("n", "32", True)),
        (("is_fast", "false", False), ("n", "32", True)),
    }


def test_device_facts_come_from_profiles() -> None:
    text = body(
        'defs.push_back("WG=" + std::to_string(caps.max_wg_size)); if (caps.supports_subgroup_matrix)'
        ' { defs.push_back("M=" + std::to_string(caps.sg_mat_m) + "x" + std::to_string(caps.sg_mat_n)); }',
        parameters="const Caps & caps",
    )
    reading = read(text)
    assert sets(reading) == {"WG=256"}
    assert sets(read(text, profiles=(NVIDIA,))) == {"WG=1024 M=16x16", "WG=1024 M=16x8"}


def test_equal_parts_are_one_object() -> None:
    reading = read(
        body(
            'if (limits.maxComputeInvocationsPerWorkgroup > 1) defs.push_back("A"); if (fast) defs.push_back("B");',
            "Limits limits, bool fast",
        ),
        profiles=(NVIDIA, read.__kwdefaults__["profiles"][0]),
    )  # type: ignore[index]
    assert len(reading.variants) == 4
    assert len({id(define) for variant in reading.variants for define in variant.defines}) == 2
    assert len({id(variant.defines) for variant in reading.variants}) == 2


GATE = """
enum Op { OP_ADD, OP_MUL, OP_CAST };
struct Node { Op op; Kind type; Node * src[2]; };
bool device_supports_op(const Node * op) {
    switch (op->op) {
        case OP_ADD: case OP_MUL: return op->type == KIND_A || op->type == KIND_B;
        case OP_CAST: return op->type == KIND_C && op->src[0]->type != KIND_C;
        default: return false;
    }
}
Result run(Context & ctx, Node * op) {
    int wg = 2;
    bool same = overlaps(op->src[0], op->src[1]);
    switch (op->op) {
        case OP_ADD: case OP_MUL: log(op); ctx.lib->binary(op, same && op->type == KIND_A); break;
        case OP_CAST: ctx.lib->cast(op->src[0]->type); break;
        default: break;
    }
    return {};
}
"""
LIBRARY = (
    """
enum Kind { KIND_A, KIND_B, KIND_C };
static const char * names[] = { "a", "b", "c" };
static const char * op_names[] = { "ADD", "MUL", "CAST" };
"""
    + GATE
    + """
class Lib {
    pre::Preprocessor p;
  public:
    Pipeline binary(Node * op, bool same) {
        std::vector<std::string> d;
        d.push_back(op_names[op->op]);
        d.push_back(std::string("T=") + names[op->type]);
        if (same) { d.push_back("SAME"); }
        return compile(p.preprocess(src_blur, d), "binary");
    }
    Pipeline cast(Kind from) {
        std::vector<std::string> d;
        d.push_back(std::string("FROM=") + names[from]);
        return compile(p.preprocess(src_edge, d), "cast");
    }
};
"""
)


@pytest.mark.parametrize("same", [(), (("op", "dst"),)], ids=["case by case", "an operation's cases at once"])
def test_gate_and_dispatch_narrow_what_reaches_a_shader(same: tuple[tuple[str, str], ...]) -> None:
    reading = read(LIBRARY, opaque={"overlaps": "{0} overlaps {1}"}, same=same)
    assert reading.gaps == ()
    assert sets(reading) == {"ADD T=a", "ADD T=a SAME", "MUL T=a", "MUL T=a SAME", "ADD T=b", "MUL T=b"}
    assert sets(reading, "edge") == {"FROM=a", "FROM=b"}
    assert {shader.stem: shader.status for shader in reading.shaders} == {"blur": "exact", "edge": "exact"}


def test_a_macro_that_is_given_twice_is_what_it_was_given_last() -> None:
    reading = read(body('defs.push_back("A=1"); if (fast) defs.push_back("A=2"); defs.push_back("B");'))
    assert sets(reading) == {"A=1 B", "A=2 B"}


def test_a_function_that_nothing_hands_out_is_over_approximate() -> None:
    reading = read(body('if (fast) defs.push_back("FAST");'))
    (shader,) = (shader for shader in reading.shaders if shader.stem == "blur")
    assert (shader.status, shader.n_variants) == ("over-approximate", 2)


PLACES = {
    "a function": ('give(defs, "A");', '"A"'),
    "a function that hands on": ('give_both(defs, "A", "A");', '"A"'),
    "moved on the way": ('std::string a = "A"; give_moved(defs, std::move(a));', "std::move(a)"),
    "a lambda": ('auto add = [&](const char * name) { defs.push_back(name); }; add("A");', '"A"'),
    "a lambda that calls a function": ('auto add = [&](const char * name) { give(defs, name); }; add("A");', '"A"'),
    "a method": ('Defs all; all.add("A"); defs = all.list;', '"A"'),
    "an operator": ('Defs all; all << "A"; defs = all.list;', '"A"'),
    "its own text is written there": ("give_it(defs);", '"A"'),
    "its name is written here": ('give_named(defs, "A");', '"A"'),
    "its name and a number": ('give_number(defs, "A", 3);', '"A"'),
    "a part of its name is written there": ('give_wide(defs, "A");', 'name + "_WIDE"'),
}
GIVE = """
static void give(std::vector<std::string> & list, const std::string & text) { list.push_back(text); }
static void give_both(std::vector<std::string> & list, const char * a, const char * b) { give(list, a); give(list, b); }
static void give_moved(std::vector<std::string> & list, std::string text) { list.push_back(std::move(text)); }
static void give_it(std::vector<std::string> & list) { list.push_back("A"); }
static void give_number(std::vector<std::string> & list, const char * name, int n) {
    list.emplace_back(std::string(name) + "=" + std::to_string(n));
}
static void give_wide(std::vector<std::string> & list, std::string name) { list.push_back(name + "_WIDE"); }
static void give_named(std::vector<std::string> & list, std::string name) { list.push_back(name + std::string("=1")); }
struct Defs {
    std::vector<std::string> list;
    void add(std::string text) { list.push_back(text); }
    Defs & operator<<(const std::string & text) { list.push_back(text); return *this; }
};
"""


@pytest.mark.parametrize(("statements", "expected"), PLACES.values(), ids=PLACES)
def test_a_macro_stands_where_its_text_is_written(statements: str, expected: str) -> None:
    text = body(statements, before=GIVE)
    reading = read(text)
    assert reading.gaps == ()
    spans = {define.location.span for variant in reading.variants for define in variant.defines}
    assert {text[span.start : span.end] for span in spans} == {expected}


def test_findings_name_what_nobody_reads() -> None:
    reading = read(body('defs.push_back("FAST"); defs.push_back("UNREAD");'))
    assert [(one.kind, one.message) for one in reading.findings] == [
        ("define-not-read", "UNREAD is given to blur, where nothing reads it")
    ]


def test_a_variant_knows_where_the_gate_lets_its_operation_through() -> None:
    reading = read(LIBRARY, opaque={"overlaps": "{0} overlaps {1}"}, same=(("op", "dst"),))
    gates = {one.gate for one in reading.variants if one.op == "OP_CAST"}
    (gate,) = gates
    assert gate is not None and gate.function == "device_supports_op"
    start = LIBRARY.index("OP_CAST", LIBRARY.index("device_supports_op"))
    assert gate.location.span.start == start and LIBRARY[start:].startswith("OP_CAST")


def test_an_entry_of_a_table_is_told_in_the_hosts_words() -> None:
    reading = read(
        body(
            'if (sizes[kind] % 32 == 0) { defs.push_back("WHOLE"); }',
            before="static const int sizes[] = { 1, 2, 3, 4, 32, 64 };",
        )
    )
    names = {one.name for variant in reading.variants for one in variant.inputs}
    assert names == {"kind"}
    both = read(
        body(
            'if (sizes[kind] + n > 64) { defs.push_back("LARGE"); }',
            before="static const int sizes[] = { 1, 2, 3, 4, 32, 64 };",
        )
    )
    assert {one.name for variant in both.variants for one in variant.inputs} == {"(sizes[kind] + n) > 64"}


@pytest.mark.parametrize(
    ("condition", "numbers", "words"),
    [
        ("n == 3 || n == 48", {"3", "48"}, "numbers chosen for n"),
        ("n > 0 && n <= 5", {"1", "2", "3", "4", "5"}, "numbers chosen for n"),
        ("n > 0", {"64"}, "numbers chosen for n"),
        ("n % 32 == 0", {"64"}, "numbers chosen for n"),
    ],
)
def test_all_of_few_numbers_that_conditions_leave(condition: str, numbers: set[str], words: str) -> None:
    reading = read(
        body(f'if (!({condition})) {{ abort(); }} defs.push_back("WG=" + std::to_string(n));'), aborts=("abort",)
    )
    assert sets(reading) == {f"WG={number}" for number in numbers}
    assert next(one.why for one in reading.shaders if one.stem == "blur").endswith(words)


ENTRY = """
bool takes(int n) {{ return n == 3 || n == 5; }}
Pipeline get(Library & one, int n, bool fast, Kind kind) {{
    if (!takes(n)) {{ abort(); }}
    {then}
    return one.make(n, fast, kind);
}}
"""


@pytest.mark.parametrize(
    ("then", "numbers", "status"),
    [
        ("", {"3", "5"}, "exact"),
        ("if (n == 3) { return one.make(7, fast, kind); }", {"7", "5"}, "exact"),
        ("if (n == 3) { n = co_await one.ask(); }", {"5"}, "incomplete"),
    ],
)
def test_what_calls_is_read_where_nothing_hands_work_out(then: str, numbers: set[str], status: str) -> None:
    """Before, any number was one that the host may ask for; what is lost in a caller is a gap of what it calls."""
    text = body('defs.push_back("WG=" + std::to_string(n));') + ENTRY.format(then=then)
    reading = read(text, aborts=("abort",))
    assert sets(reading) == {f"WG={number}" for number in numbers}
    assert next(one.status for one in reading.shaders if one.stem == "blur") == status


def test_a_host_that_asks_nothing_of_a_device_has_its_variants_once() -> None:
    """It may know by other means which devices they are for: no profile speaks of them."""
    of_any = read(body('if (fast) { defs.push_back("T=f16"); }'), profiles=(DEVICE, NVIDIA))
    assert [(one.profile, one.define_set) for one in of_any.variants] == [("", {"T=f16"}), ("", set())]
    asking = read(
        body("if (limits.maxComputeInvocationsPerWorkgroup > 256) { abort(); }", "Limits limits"),
        profiles=(DEVICE, NVIDIA),
        aborts=("abort",),
    )
    assert {one.profile for one in asking.variants} == {"small"}
