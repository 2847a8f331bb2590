"""Declarations that ask for each other in long chains, in whatever order they stand."""

from __future__ import annotations

import pytest

from tests.steps import growth, is_linear
from wgsl_ls.analysis.front_end import FrontEnd


def chain(n: int, kind: str, backwards: bool) -> str:
    lines = {
        "const": [f"const c{i} = c{i - 1} + 1;" for i in range(1, n)] and
        ["const c0 = 1;", *(f"const c{i} = c{i - 1} + 1;" for i in range(1, n))],
        "alias": ["alias c0 = u32;", *(f"alias c{i} = c{i - 1};" for i in range(1, n))],
        "struct": ["struct c0 { a: u32 }", *(f"struct c{i} {{ a: c{i - 1} }}" for i in range(1, n))],
        "circle": [f"const c{i} = c{(i + 1) % n} + 1;" for i in range(n)],
    }[kind]  # fmt: skip
    return "\n".join(reversed(lines) if backwards else lines) + "\n"


@pytest.mark.parametrize("kind", ["const", "alias", "struct", "circle"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_thousands_is_followed(kind: str, backwards: bool) -> None:
    analysis = FrontEnd().analyse_text(chain(2000, kind, backwards))
    assert len(analysis.global_symbols) == 2000
    assert not analysis.unresolved


@pytest.mark.parametrize("kind", ["const", "alias", "circle"])
def test_a_chain_costs_linear_steps(kind: str) -> None:
    steps = growth(lambda n: FrontEnd().analyse_text(chain(n, kind, True)), 100)
    assert is_linear(steps), steps


def test_the_end_of_a_chain_has_its_value() -> None:
    text = chain(500, "const", True)
    analysis = FrontEnd().analyse_text(text + "var<workgroup> a: array<u32, c499>;\n")
    array = next(one for one in analysis.global_symbols if one.name == "a")
    assert "500" in str(array.type)
