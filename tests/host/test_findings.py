"""What a reading alone shows to be wrong in a host: keys of its caches, and inputs that it takes and then ends at."""

from __future__ import annotations

import pytest

from tests.host.host_fixture import body, read

HEAD = """
struct Key { Kind kind; bool fast; int n; };
struct Narrow { Kind kind; };
std::unordered_map<Key, Pipeline, KeyHash> pipelines;
std::map<Narrow, Pipeline> narrow;
std::map<std::string, Pipeline> named;
std::map<int, Buffer> buffers;
bool verbose;
"""


def cached(make: str, defines: str, key: str = "key", member: str = "pipelines") -> str:
    """The body of a function that looks for `key` in a cache first."""
    return f"""
        {make}
        auto it = {member}.find({key});
        if (it != {member}.end()) {{ return it->second; }}
        {defines}
        auto text = p.preprocess(src_blur, defs);
        Pipeline made = compile(text, "blur");
        {member}[{key}] = made;
        return made;
    """


ALL = "Key key = {}; key.kind = kind; key.fast = fast; key.n = n;"
KEYS = {
    "all that decides is in the key": (cached(ALL, 'if (fast && kind == KIND_A) { defs.push_back("F"); }'), None),
    "a truth value that is left out": (
        cached("Key key = {}; key.kind = kind;", 'if (fast) { defs.push_back("F"); }'),
        "the macros are not (F and without)",
    ),
    "under a guard": (
        cached(
            "Narrow key = { kind };",
            'if (fast) { defs.push_back("F"); } else { defs.push_back("S"); }',
            "key",
            "narrow",
        ),
        "the macros are not (F and S)",
    ),
    "a number that is left out": (
        cached("Key key = {}; key.kind = kind;", 'defs.push_back("N=" + std::to_string(n));'),
        "two keys of pipelines are equal where the macros are not (N=",
    ),
    "a number of which the key has what matters": (
        cached("Key key = {}; key.n = n % 4;", 'if (n % 4 == 0) { defs.push_back("V"); }'),
        None,
    ),
    "a number of which the key has something else": (
        cached("Key key = {}; key.n = n / 4;", 'if (n % 4 == 0) { defs.push_back("V"); }'),
        "the macros are not (V and without)",
    ),
    "the key is negated": (cached("Key key = {}; key.fast = !fast;", 'if (fast) { defs.push_back("F"); }'), None),
    "the key is a text": (
        cached('std::string key = fast ? "f" : "s";', 'if (fast) { defs.push_back("F"); }', member="named"),
        None,
    ),
    "the key is a text that lacks something": (
        cached('std::string key = "n" + std::to_string(n);', 'if (fast) { defs.push_back("F"); }', member="named"),
        "two keys of named are equal",
    ),
    "what decides is the same for as long as the host runs": (
        cached(ALL, 'if (verbose) { defs.push_back("V"); } if (mystery()) { defs.push_back("M"); }'),
        None,
    ),
    "a map that keeps something else": (
        """auto it = buffers.find(n); if (it == buffers.end()) { buffers[n] = allocate(n); }
        if (fast) { defs.push_back("F"); }""",
        None,
    ),
    "a map of one call": (
        'std::map<int, Pipeline> mine; auto it = mine.find(n); if (fast) { defs.push_back("F"); }'
        ' mine[n] = compile(p.preprocess(src_blur, defs), "b");',
        None,
    ),
    "a static map": (
        'static std::map<int, Pipeline> mine; auto it = mine.find(n); if (fast) { defs.push_back("F"); }'
        ' mine[n] = compile(p.preprocess(src_blur, defs), "b");',
        "two keys of mine are equal",
    ),
    "emplace and contains": (
        "if (pipelines.contains(Key{ kind, true, n })) { return pipelines.at(Key{ kind, true, n }); }"
        ' if (fast) { defs.push_back("F"); }'
        ' pipelines.emplace(Key{ kind, true, n }, compile(p.preprocess(src_blur, defs), "b"));',
        "the macros are not (F and without)",
    ),
    "other shaders": (
        cached("Key key = {}; key.kind = kind;", "").replace("src_blur", "(fast ? src_blur : src_edge)"),
        "the shaders are blur and edge",
    ),
}


@pytest.mark.parametrize(("statements", "expected"), KEYS.values(), ids=KEYS)
def test_equal_keys(statements: str, expected: str | None) -> None:
    text = body(statements, before=HEAD)
    reading = read(text)
    assert reading.gaps == () and len(reading.variants) >= 1
    found = [one for one in reading.findings if one.kind == "equal-keys"]
    assert [expected is not None and expected in one.message for one in found] == [True] * (expected is not None)
    for one in found:
        span = one.location.span
        assert text[span.start : span.end].startswith(("pipelines.", "narrow.", "named.", "mine."))


def test_a_key_that_a_helper_makes_is_whole() -> None:
    """What only sets members that nothing reads is left out elsewhere."""
    before = (
        HEAD + "static Key key_of(Kind kind, bool fast) { Key key = {}; key.kind = kind; key.fast = fast; return key; }"
    )
    text = body(cached("Key key = key_of(kind, fast);", 'if (fast) { defs.push_back("F"); }'), before=before)
    assert [one.message for one in read(text).findings if one.kind == "equal-keys"] == []
    one_less = text.replace("key.fast = fast;", "")
    assert len([one for one in read(one_less).findings if one.kind == "equal-keys"]) == 1


def test_a_cache_around_the_function_that_asks() -> None:
    text = (
        body(
            'if (fast) { defs.push_back("F"); }',
            before=HEAD,
        )
        + """
    struct Other {
        pre::Preprocessor p;
        Pipeline edge() { std::vector<std::string> defs; return compile(p.preprocess(src_edge, defs), "e"); }
    };
    struct Shop {
        Other other;
        Library library;
        Pipeline get(int n, bool fast, Kind kind) {
            Narrow key = { kind };
            auto it = narrow.find(key);
            if (it == narrow.end()) { it = narrow.emplace(key, library.make(n, fast, kind)).first; }
            return it->second;
        }
        Pipeline get_other(Node * node) { return get(node->n, node->fast, node->kind); }
    };
    Result run(Shop & shop, Node * node) {
        switch (node->op) {
            case 1: shop.get(1, node->fast, KIND_A); break;
            case 2: shop.get_other(node); break;
            case 3: shop.other.edge(); break;
        }
    }
    """
    )
    found = [one for one in read(text).findings if one.kind == "equal-keys"]
    assert [one.message.partition(": ")[2] for one in found] == [
        "two keys of narrow are equal where the macros are not (F and without)"
    ]


OPERATIONS = """
enum Op { OP_ADD, OP_CAST };
enum Type { F32, F16, I32, Q4 };
struct Node { Op op; Type type; Type kind; Node * src[2]; int n; bool odd; };
bool device_supports_op(const Node * op) {
    switch (op->op) {
        case OP_ADD:
            if (op->kind == Q4 || op->kind != op->type) { return false; }
            return op->type == F32 || op->type == F16 || op->type == I32;
        case OP_CAST: return op->src[0]->type != Q4;
        default: return false;
    }
}
"""
SERVED = {
    "every value is served": ("if (op->type == Q4) { abort(); }", {}),
    "an abort in a branch": (
        "if (op->type == I32) { abort(); }",
        {"abort()": "OP_ADD with dst->type I32, which device_supports_op lets through"},
    ),
    "an abort behind other branches": (
        'if (op->type == F32) { defs.push_back("A"); } else if (op->type == F16) { defs.push_back("B"); }'
        " else { abort(); }",
        {"abort()": "OP_ADD with dst->type I32, which"},
    ),
    "a switch without them": (
        'switch (op->type) { case F32: defs.push_back("A"); break; default: abort(); }',
        {"abort()": "OP_ADD with dst->type F16, I32, which"},
    ),
    "a switch that falls through": (
        'switch (op->type) { case F32: defs.push_back("A"); case F16: defs.push_back("B"); break; default: abort(); }',
        {"abort()": "OP_ADD with dst->type I32, which"},
    ),
    "an assertion": (
        "assert(op->type == F32 || op->type == F16);",
        {"assert(op->type == F32 || op->type == F16)": "OP_ADD with dst->type I32, which"},
    ),
    "of what the gate compares with something that it asks about": (
        "if (op->kind == F16) { abort(); } if (op->kind == Q4) { abort(); }",
        {"abort()": "OP_ADD with dst->kind F16, which"},
    ),
    "of what the gate never asks about": ("assert(op->src[0]->type == F32);", {}),
    "of numbers and what is no enum": ("assert(op->n % 4 == 0); if (op->odd) { abort(); }", {}),
}


def hands_out(statements: str) -> str:
    return (
        OPERATIONS
        + """
        Result run(Context & ctx, Node * op) {
            switch (op->op) {
                case OP_ADD: ctx.lib->make(op); break;
                case OP_CAST: ctx.lib->cast(op); break;
                default: break;
            }
            return {};
        }
        """
        + body(statements, parameters="Node * op").replace(
            "Pipeline make(",
            "Pipeline cast(Node * op) { std::vector<std::string> defs;"
            ' return compile(p.preprocess(src_edge, defs), "e"); } Pipeline make(',
        )
    )


@pytest.mark.parametrize(("statements", "expected"), SERVED.values(), ids=SERVED)
def test_an_input_that_is_let_through_and_not_served(statements: str, expected: dict[str, str]) -> None:
    text = hands_out(statements)
    reading = read(text, same=(("op", "dst"),))
    assert reading.gaps == () and {one.shader for one in reading.variants} == {"blur", "edge"}
    found = {
        text[one.location.span.start : one.location.span.end].rstrip(";"): one
        for one in reading.findings
        if one.kind == "not-served"
    }
    assert found.keys() == expected.keys()
    for place, words in expected.items():
        assert found[place].message.startswith(f"the host ends here for {words}")
        assert found[place].shader == "blur"


def test_nothing_is_said_of_what_a_gate_lets_through_that_is_not_understood() -> None:
    statements = "if (op->type == I32) { abort(); }"
    text = hands_out(statements).replace("case OP_CAST: return", "case OP_CAST: goto end; return")
    reading = read(text, same=(("op", "dst"),))
    assert [one.kind for one in reading.findings if one.kind == "not-served"] == []
