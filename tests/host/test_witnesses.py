"""Conditions that no value of a sample decides: a value that does is found, or it is said that none was looked for."""

from __future__ import annotations

import pytest

from tests.host.host_fixture import read, sets
from tests.steps import growth
from wgsl_ls.host.model import HostReading
from wgsl_ls.host.terms import Input, Term
from wgsl_ls.host.witnesses import witness


def reading(statements: str, before: str = "", after: str = "") -> HostReading:
    return read(
        f"""
        struct Node {{ std::string op; int n; unsigned u; float f; int64_t big; char c; bool fast; }};
        {before}
        struct Library {{
            pre::Preprocessor p;
            Pipeline make(const Node & node) {{
                std::vector<std::string> defs;
                {statements}
                return compile(p.preprocess(src_blur, defs), "blur");
            }}
        }};
        {after}
        """
    )


def test_what_many_gates_leave_is_looked_for_among_few_constants() -> None:
    """Each of n gates asks what those before it leave: the constants of all of them were gathered each time."""

    def ask(n: int) -> None:
        node = Input("n", (0, 1), limits=(0, 10**6))
        gates = [(Term("==", (node, number), (node,)), False) for number in range(100, 100 + n)]
        assert witness(Term("==", (node, 77), (node,)), True, node, gates) == 77

    first, _, third = growth(ask, 40)
    assert third < 5 * first


@pytest.mark.parametrize(
    "condition",
    [
        "helper(node.n)",
        "node.n > 777000",
        "node.n < 0",
        "node.n == -3",
        "node.n == VALUE",
        "node.big == 134217728",
        "node.u * 3 == 999",
        "node.n / 100 == 57",
        "(node.u >> 20) == 3",
        "node.n * 4 + 16 == 4016",
        "node.f > 2.5f",
        "node.f == 0.25f",
        "node.c == 'x'",
        'node.op == "gelu"',
        'node.op < "b"',
        "node.op.size() > 3",
        "node.op[0] == 'c'",
        'node.op.find("x") != std::string::npos',
        'node.op.rfind("wide_", 0) == 0',
        'node.op.compare("x") == 0',
        'node.op.compare(0, 2, "WG") == 0',
        'strcmp(node.op.c_str(), "x") == 0',
        "node.n > 900000 && node.n < 900002",
    ],
)
def test_a_condition_can_be_true_and_false(condition: str) -> None:
    found = reading(
        f'if ({condition}) {{ defs.push_back("G"); }}',
        "static constexpr int VALUE = 31 * 31; static bool helper(int n) { return n == 777; }",
    )
    assert (sets(found), found.gaps) == ({"", "G"}, ())


def test_what_narrowed_an_input_before_is_kept_in_mind() -> None:
    found = reading(
        'if (node.n < 900) { return {}; } if (node.n == 5123) { defs.push_back("A"); } if (node.n == 817) '
        '{ defs.push_back("NEVER"); }'
    )
    assert (sets(found), found.gaps) == ({"", "A"}, ())


def test_what_the_gate_asked_is_kept_in_mind() -> None:
    found = reading(
        'if (node.n == 500123) { defs.push_back("A"); } if (node.n == 400123) { defs.push_back("NEVER"); }',
        "bool may_supports_op(const Node & node) { return node.n > 500000 || node.n == 12; }",
        "Pipeline serve(Library & library, const Node & node) { return library.make(node); }",
    )
    assert (sets(found), found.gaps) == ({"", "A"}, ())


@pytest.mark.parametrize("condition", ["node.u < 0", "node.n > 5 && node.n < 5", "node.n * 2 == 77"])
def test_no_value_is_made_up(condition: str) -> None:
    assert sets(reading(f'if ({condition}) {{ defs.push_back("NEVER"); }}')) == {""}


def test_more_values_than_are_looked_at_are_told() -> None:
    asked = "".join(f"if (n == {100_000 + 7 * one}) {{ return {one}; }} " for one in range(60))
    found = reading(
        'if (asked(node.n) == 0) { defs.push_back("G"); }', f"static int asked(int n) {{ {asked} return -1; }}"
    )
    assert [one.what for one in found.gaps] == ["all values of node.n that decide something"]
